//! A program in a pseudo-terminal: keys go in, a model of the screen and every byte come out.
//!
//! Nothing sleeps: who waits for the screen is woken by the reader of the terminal, and gives up with a picture of what was
//! there instead.
#![expect(clippy::disallowed_methods, reason = "a harness waits, and starts threads of its own")]

use std::ffi::OsStr;
use std::fmt::Debug;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use filedescriptor::FileDescriptor;
use portable_pty::{ChildKiller, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, kill_process};
use vt100::{MouseProtocolMode, Screen};

/// Long enough for a loaded machine; nobody waits for it when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A program in a terminal of its own. It is killed when this is dropped.
pub(crate) struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    seen: Arc<Seen>,
    wake: PipeWriter,
    reader: Option<std::thread::JoinHandle<()>>,
    ended: Receiver<(ExitStatus, Instant)>,
    killer: Box<dyn ChildKiller + Send + Sync>,
    /// The process that was started.
    pub(crate) process: Pid,
    size: (u16, u16),
}

/// What the program wrote, and who waits for it.
struct Seen {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    reading: Reading,
    /// Nobody has the terminal open any more.
    over: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Reading {
    On,
    /// As a terminal that stopped taking output.
    Paused,
    Off,
}

/// How a program is started.
pub(crate) struct Setup {
    command: CommandBuilder,
    size: (u16, u16),
}

impl Setup {
    /// This program, with an environment that holds nothing of the machine but its `PATH`.
    pub(crate) fn new(program: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        Self { command, size: (80, 24) }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn size(mut self, width: u16, height: u16) -> Self {
        self.size = (width, height);
        self
    }

    pub(crate) fn start(self) -> Pty {
        let pair = native_pty_system().openpty(pty_size(self.size)).unwrap();
        Pty::start(pair, self)
    }
}

impl Pty {
    fn start(pair: portable_pty::PtyPair, setup: Setup) -> Self {
        let mut child = pair.slave.spawn_command(setup.command).unwrap();
        drop(pair.slave);
        let (width, height) = setup.size;
        let parser = vt100::Parser::new(whole(height), whole(width), 0);
        let state = State { parser, bytes: Vec::new(), reading: Reading::On, over: false };
        let seen = Arc::new(Seen { state: Mutex::new(state), changed: Condvar::new() });
        let terminal = FileDescriptor::dup(&pair.master.as_raw_fd().unwrap()).unwrap();
        let (woken, wake) = std::io::pipe().unwrap();
        let seen_by_reader = Arc::clone(&seen);
        let reader = std::thread::spawn(move || seen_by_reader.read(&terminal, woken));
        let killer = child.clone_killer();
        let process = Pid::from_raw(i32::try_from(child.process_id().unwrap()).unwrap()).unwrap();
        let (end, ended) = channel();
        std::thread::spawn(move || {
            let status = child.wait().unwrap();
            let _ = end.send((status, Instant::now()));
        });
        let writer = Some(pair.master.take_writer().unwrap());
        Self { master: Some(pair.master), writer, seen, wake, reader: Some(reader), ended, killer, process, size: setup.size }
    }

    /// Types.
    pub(crate) fn type_keys(&mut self, keys: impl AsRef<[u8]>) {
        self.writer.as_mut().unwrap().write_all(keys.as_ref()).unwrap();
    }

    /// Types, then waits for the screen.
    #[track_caller]
    pub(crate) fn type_and_see(&mut self, keys: impl AsRef<[u8]>, text: &str) {
        self.type_keys(keys);
        self.see(text);
    }

    /// Waits until this text is on the screen.
    #[track_caller]
    pub(crate) fn see(&self, text: &str) {
        self.wait_for(&format!("{text:?} on the screen"), |screen| screen.contents().contains(text));
    }

    /// Whether this text goes from the screen within a time.
    pub(crate) fn loses_within(&self, text: &str, longest: Duration) -> bool {
        let lost = |state: &State| !state.parser.screen().contents().contains(text);
        lost(&self.wait_within(longest, lost))
    }

    /// Waits until the screen is so.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, so: impl Fn(&Screen) -> bool) {
        let state = self.wait_within(PATIENCE, |state| so(state.parser.screen()));
        assert!(so(state.parser.screen()), "waited in vain for {what}; instead:\n{}", picture(&state));
    }

    /// Waits until the state is so or the time is over.
    fn wait_within(&self, longest: Duration, so: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.seen.lock();
        self.seen.changed.wait_timeout_while(state, longest, |state| !so(state) && !state.over).unwrap_or_else(PoisonError::into_inner).0
    }

    /// The text on the screen.
    pub(crate) fn text(&self) -> String {
        self.seen.lock().parser.screen().contents()
    }

    /// Everything that the program wrote.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.seen.lock().bytes.clone()
    }

    /// What the program wrote beyond this length within a time.
    pub(crate) fn bytes_after(&self, length: usize, longest: Duration) -> Vec<u8> {
        self.wait_within(longest, |state| state.bytes.len() > length).bytes[length..].to_vec()
    }

    /// Changes the size, as a window does.
    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
        self.seen.lock().parser.set_size(whole(height), whole(width));
        self.master.as_ref().unwrap().resize(pty_size(self.size)).unwrap();
    }

    /// The terminal's attributes, to be compared.
    pub(crate) fn attributes(&self) -> impl PartialEq + Debug + use<> {
        self.master.as_ref().unwrap().get_termios().unwrap()
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.process, signal).unwrap();
    }

    /// Stops taking output, as a terminal does whose user pressed Ctrl-S or whose line is cut.
    pub(crate) fn stop_reading(&mut self) {
        self.set_reading(Reading::Paused);
    }

    fn set_reading(&mut self, reading: Reading) {
        self.seen.lock().reading = reading;
        // The reader may have ended with the terminal.
        let _ = self.wake.write_all(b"!");
    }

    /// Takes the terminal away, as a closed window or a lost connection does.
    pub(crate) fn hang_up(&mut self) {
        self.set_reading(Reading::Off);
        self.reader.take().unwrap().join().unwrap();
        drop((self.writer.take(), self.master.take()));
    }

    /// Waits for the end of the process and for its last output; its exit code.
    #[track_caller]
    pub(crate) fn exit_code(&mut self) -> u32 {
        let (status, _) = self.end();
        status.exit_code()
    }

    /// How long from now until the process has ended, and its exit code.
    #[track_caller]
    pub(crate) fn time_to_end(&mut self) -> (Duration, u32) {
        let begun = Instant::now();
        let (status, at) = self.end();
        (at.saturating_duration_since(begun), status.exit_code())
    }

    #[track_caller]
    fn end(&mut self) -> (ExitStatus, Instant) {
        let Ok(end) = self.ended.recv_timeout(PATIENCE) else {
            panic!("the program did not end; its screen:\n{}", picture(&self.seen.lock()));
        };
        if self.seen.lock().reading == Reading::On {
            drop(self.wait_within(PATIENCE, |state| state.over));
        }
        end
    }

    /// Whether every mode of a full-screen program is on.
    pub(crate) fn is_taken(&self) -> bool {
        self.modes() == [true; 4]
    }

    /// Whether every mode of a full-screen program is off.
    pub(crate) fn is_given_back(&self) -> bool {
        self.modes() == [false; 4]
    }

    /// Alternate screen, hidden cursor, bracketed paste, mouse.
    fn modes(&self) -> [bool; 4] {
        modes(self.seen.lock().parser.screen())
    }

    /// Waits until the program has given the terminal back, or taken it.
    #[track_caller]
    pub(crate) fn wait_for_modes(&self, on: Modes) {
        let wanted = [on == Modes::Taken; 4];
        self.wait_for(&format!("{on:?}"), |screen| modes(screen) == wanted);
    }
}

/// Of a full-screen program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Modes {
    Taken,
    GivenBack,
}

fn modes(screen: &Screen) -> [bool; 4] {
    let mouse = screen.mouse_protocol_mode() != MouseProtocolMode::None;
    [screen.alternate_screen(), screen.hide_cursor(), screen.bracketed_paste(), mouse]
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.killer.kill();
        if self.reader.is_some() {
            self.set_reading(Reading::Off);
        }
    }
}

impl Seen {
    /// A test that failed under the lock says enough by itself.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, terminal: &FileDescriptor, mut woken: PipeReader) {
        let mut buffer = [0; 65_536];
        loop {
            let reading = self.lock().reading;
            if reading == Reading::Off {
                return;
            }
            let mut waiting = vec![PollFd::new(&woken, PollFlags::IN)];
            if reading == Reading::On {
                waiting.push(PollFd::new(terminal, PollFlags::IN));
            }
            poll(&mut waiting, None).unwrap();
            let happened: Vec<bool> = waiting.iter().map(|one| !one.revents().is_empty()).collect();
            if happened[0] {
                // At its end the harness is gone, and so is its terminal.
                if woken.read_exact(&mut [0]).is_err() {
                    return;
                }
            } else if !self.take(rustix::io::read(terminal, &mut buffer).ok().map(|length| &buffer[..length])) {
                return;
            }
        }
    }

    /// Notes what was read; whether there may be more.
    fn take(&self, bytes: Option<&[u8]>) -> bool {
        let mut state = self.lock();
        match bytes {
            Some(bytes) if !bytes.is_empty() => {
                state.parser.process(bytes);
                state.bytes.extend_from_slice(bytes);
            }
            // Linux answers EIO, others end of file, once no process has the terminal open.
            _ => state.over = true,
        }
        self.changed.notify_all();
        !state.over
    }
}

fn picture(state: &State) -> String {
    let screen = state.parser.screen();
    let tail = String::from_utf8_lossy(&state.bytes[state.bytes.len().saturating_sub(300)..]).escape_debug().to_string();
    format!("{}\n--- modes {:?}, over {}, last bytes: {tail}", screen.contents(), modes(screen), state.over)
}

fn whole(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap_or(NonZeroU16::MIN)
}

fn pty_size((width, height): (u16, u16)) -> PtySize {
    PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 }
}

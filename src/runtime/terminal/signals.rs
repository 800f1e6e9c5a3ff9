//! The thread that answers signals, whatever the rest of the program is waiting for.
//!
//! SIGINT, SIGQUIT, SIGTERM, SIGHUP: the console is asked to end and has a short time for it (see [`last_call`]). SIGTSTP: the
//! terminal is given back before the process stops, and taken again when it goes on. SIGCONT after a stop that nobody
//! announced (SIGSTOP): the shell has used the terminal meanwhile, so everything is set and painted anew. SIGWINCH: the new
//! size.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, getpgid, getpgrp, getpid, getppid, getsid, kill_process};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;
use tokio::sync::mpsc::UnboundedSender;

use super::ended::Ended;
use super::last_call;
use super::tty::{Size, Tty, Use, in_background};
use crate::app::Msg;

/// How many tenths of a second a stop waits for a writer that is busy.
const PATIENCE: u32 = 10;

/// Starts the thread. From here on these signals do nothing else than what it does; it ends with the process.
pub(super) fn start(tty: Arc<Tty>, messages: UnboundedSender<Msg>, size: Size) -> io::Result<()> {
    let signals = Signals::new([SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH])?;
    let desk = Desk { tty, messages, size, signals };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || desk.answer())?;
    Ok(())
}

struct Desk {
    tty: Arc<Tty>,
    messages: UnboundedSender<Msg>,
    /// As the console knows it.
    size: Size,
    signals: Signals,
}

impl Desk {
    fn answer(mut self) {
        // A change between the first measurement and the registration of SIGWINCH came without a signal.
        self.measure();
        loop {
            let batch: Vec<i32> = self.signals.wait().collect();
            if let Some(why) = batch.iter().find_map(|number| Ended::from_number(*number)) {
                self.end(why);
            } else if batch.contains(&SIGCONT) {
                // With a SIGTSTP in the same batch: stopped and resumed before anyone noticed.
                self.take_again();
            } else if batch.contains(&SIGTSTP) {
                self.stop();
            }
            if batch.contains(&SIGWINCH) {
                self.measure();
            }
        }
    }

    fn end(&self, why: Ended) {
        if *self.tty.turn_within(0).as_deref().unwrap_or(&Use::Open) == Use::Closed {
            // The console has left; whatever the process still does, it was asked to stop doing it.
            last_call::end_now(&self.tty, why);
        }
        last_call::call(&self.tty, why, &self.messages);
    }

    /// Gives the terminal back, stops, and takes it again.
    fn stop(&mut self) {
        if nobody_would_resume() {
            return;
        }
        let tty = Arc::clone(&self.tty);
        let turn = tty.turn_within(PATIENCE);
        tty.give_back();
        let _ = kill_process(getpid(), Signal::STOP);
        let ended = self.wait_until_resumed();
        self.resume(turn.as_deref().copied().unwrap_or(Use::Open), ended);
    }

    /// Somebody stopped and resumed us, or only resumed.
    fn take_again(&mut self) {
        let tty = Arc::clone(&self.tty);
        let turn = tty.turn_within(PATIENCE);
        let ended = if in_background() { self.stop_again() } else { None };
        self.resume(turn.as_deref().copied().unwrap_or(Use::Open), ended);
    }

    /// The stop reaches some thread of the process soon, not necessarily this one at once: only SIGCONT says that it is over.
    fn wait_until_resumed(&mut self) -> Option<Ended> {
        loop {
            let batch: Vec<i32> = self.signals.wait().collect();
            if let Some(why) = batch.iter().find_map(|number| Ended::from_number(*number)) {
                return Some(why);
            }
            if batch.contains(&SIGCONT) {
                return if in_background() { self.stop_again() } else { None };
            }
        }
    }

    /// Resumed in the background (`bg`): without a terminal there is nothing to do, and touching it is not ours.
    ///
    /// A shell's `kill %1` sends SIGTERM and SIGCONT at once, and each may be taken by another thread: whoever stopped upon the
    /// second before the first was told would sleep for good, with nobody left to wake it.
    fn stop_again(&mut self) -> Option<Ended> {
        settle();
        if let Some(why) = self.signals.pending().find_map(Ended::from_number) {
            return Some(why);
        }
        let _ = kill_process(getpid(), Signal::STOP);
        self.wait_until_resumed()
    }

    fn resume(&mut self, usage: Use, ended: Option<Ended>) {
        match (usage, ended) {
            (_, Some(why)) => last_call::call(&self.tty, why, &self.messages),
            (Use::Closed, None) => {}
            (Use::Open, None) => {
                // An error means that the terminal is gone; the watchdog says so.
                let _ = self.tty.apply();
                self.tell_size();
            }
        }
    }

    fn measure(&mut self) {
        if self.tty.size().is_ok_and(|size| size != self.size) {
            self.tell_size();
        }
    }

    /// Also asks the console for a frame.
    fn tell_size(&mut self) {
        self.size = self.tty.size().unwrap_or(self.size);
        let Size { width, height } = self.size;
        let _ = self.messages.send(Msg::Resized { width, height });
    }
}

/// Lets the handlers of signals that were sent together come to their end.
#[expect(clippy::disallowed_methods, reason = "this thread has nothing else to do")]
fn settle() {
    std::thread::sleep(Duration::from_millis(50));
}

/// Whether our process group is orphaned: no shell with job control would ever say `fg`. The kernel drops SIGTSTP for such
/// groups; we must do so too, or Ctrl-Z would freeze a console that a terminal emulator or ssh started directly.
fn nobody_would_resume() -> bool {
    let (group, session) = (getpgrp(), getsid(None).ok());
    if session == Some(group) {
        return true;
    }
    let leads = group == getpid();
    leads && !getppid().is_some_and(|parent| is_shell_of(parent, group, session))
}

fn is_shell_of(parent: Pid, group: Pid, session: Option<Pid>) -> bool {
    getsid(Some(parent)).ok() == session && getpgid(Some(parent)).is_ok_and(|other| other != group)
}

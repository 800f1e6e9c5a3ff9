//! The terminal is as before, after every way out (P26, P27, P28; G1 to G6, G11).
//!
//! The program under test is this test binary itself, which runs [`child_console`]: a small console on the real
//! [`Terminal`], which shows what it heard.

mod console;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ratatui::widgets::Paragraph;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::sync::mpsc::unbounded_channel;
use whopays::app::{Key, KeyCode, Msg};
use whopays::runtime::terminal::{Terminal, look};

use crate::support::child;
use crate::support::pty::{Modes, PATIENCE, Pty, Setup};

/// Runs only as a child of the other tests.
#[test]
#[expect(clippy::exit, reason = "its parent looks at the exit code")]
fn child_console() {
    if std::env::var_os(child::VARIABLE).is_none() {
        return;
    }
    let (messages, mut received) = unbounded_channel();
    let mut terminal = match Terminal::enter(messages) {
        Ok(terminal) => terminal,
        Err(error) => {
            println!("refused: {error} ({})", error.kind().as_str());
            std::process::exit(i32::from(error.kind().exit_code()));
        }
    };
    let mut heard = Heard::default();
    while let Some(message) = received.blocking_recv() {
        match message {
            Msg::Terminate => break,
            Msg::Key(key) => heard.key(key, &mut terminal),
            Msg::Resized { width, height } => heard.size = (width, height),
            Msg::Paste(text) => heard.pasted = text.len(),
            Msg::Mouse(mouse) => heard.last = format!("{:?} at {},{}", mouse.kind, mouse.column, mouse.row),
            _ => {}
        }
        if heard.quit {
            break;
        }
        heard.draw(&mut terminal);
    }
    let ended = terminal.leave();
    if let Some(ended) = ended {
        // The terminal may be gone; `println` would panic.
        let _ = writeln!(std::io::stdout(), "farewell: {ended}");
    }
    std::process::exit(ended.map_or(0, |ended| i32::from(ended.exit_code())));
}

/// What the child shows.
#[derive(Default)]
struct Heard {
    size: (u16, u16),
    keys: usize,
    last: String,
    pasted: usize,
    quit: bool,
}

impl Heard {
    fn key(&mut self, key: Key, terminal: &mut Terminal) {
        self.keys += 1;
        self.last = format!("{:?}{}", key.code, if key.ctrl { " with ctrl" } else { "" });
        match key.code {
            KeyCode::Char('z') if key.ctrl => terminal.suspend().unwrap(),
            KeyCode::Char('q') => self.quit = true,
            KeyCode::Char('p') => panic!("the frame is broken"),
            KeyCode::Char('t') => drop(std::thread::spawn(|| panic!("a task is broken")).join()),
            KeyCode::Char('y') => terminal.copy("s3://colorpictures").unwrap(),
            KeyCode::Char('c') => drop(std::panic::catch_unwind(|| panic!("caught in time"))),
            KeyCode::Char('w') => {
                self.draw(terminal);
                loop {
                    std::thread::park();
                }
            }
            KeyCode::Char('f') => loop {
                self.keys += 1;
                self.draw(terminal);
            },
            _ => {}
        }
    }

    fn draw(&self, terminal: &mut Terminal) {
        let Self { size: (width, height), keys, last, pasted, .. } = self;
        let filler = format!("{}\n", char::from(b'A' + (keys % 26) as u8).to_string().repeat(60)).repeat(10);
        let text = format!("console {} {width}x{height}\nkeys {keys}, last {last}\npasted {pasted}\n{filler}", std::process::id());
        // At hang-up this fails, and Msg::Terminate comes.
        let _ = terminal.draw(|frame| frame.render_widget(Paragraph::new(text), frame.area()));
    }
}

fn console() -> Setup {
    Setup::new(std::env::current_exe().unwrap(), &child::arguments("pty::child_console")).env(child::VARIABLE, "")
}

/// The child's command line for a shell.
fn console_command() -> String {
    format!("{} {}", std::env::current_exe().unwrap().display(), child::arguments("pty::child_console").join(" "))
}

/// The process id that the child shows.
fn process_of_child(pty: &Pty) -> Pid {
    let text = pty.text();
    let word = text.split("console ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    Pid::from_raw(word.parse().unwrap()).unwrap()
}

#[derive(Debug)]
enum WayOut {
    Key(&'static str),
    Signal(Signal),
}

/// G1
#[test]
fn every_way_out_gives_the_terminal_back() {
    let table = [
        (WayOut::Key("q"), 0, ""),
        (WayOut::Key("p"), 101, "the frame is broken"),
        (WayOut::Signal(Signal::INT), 130, "farewell: ended by SIGINT"),
        (WayOut::Signal(Signal::TERM), 143, "farewell: ended by SIGTERM"),
        (WayOut::Signal(Signal::QUIT), 131, "farewell: ended by SIGQUIT"),
        (WayOut::Signal(Signal::HUP), 129, "farewell: ended because the terminal went away (SIGHUP)"),
    ];
    for (way, code, last_words) in table {
        let before = pristine();
        let mut pty = console().start();
        pty.see("80x24");
        assert!(pty.is_taken(), "{way:?}");
        assert_ne!(before, format!("{:?}", pty.attributes()), "raw: {way:?}");
        match way {
            WayOut::Key(key) => pty.type_keys(key),
            WayOut::Signal(signal) => pty.signal(signal),
        }
        assert_eq!(pty.exit_code(), code, "{way:?}:\n{}", pty.text());
        assert!(pty.is_given_back(), "{way:?}");
        assert_eq!(before, format!("{:?}", pty.attributes()), "{way:?}");
        assert!(pty.text().replace('\n', "").contains(last_words), "after the restoration: {way:?}:\n{}", pty.text());
    }
}

/// The attributes of a terminal that nobody touched.
fn pristine() -> String {
    let mut pty = Setup::new("true", &[]).start();
    pty.exit_code();
    format!("{:?}", pty.attributes())
}

#[test]
fn keys_pastes_and_clicks_arrive() {
    let mut pty = console().start();
    pty.see("80x24");
    pty.type_and_see("\x1b[A", "last Up");
    pty.type_and_see("\x03", "last Char('c') with ctrl");
    pty.type_and_see("\x1b[<0;7;3M", "last Click at 6,2");
    // G6: 'q' and 'p' in a paste are text.
    let text = format!("qp\r\n\x1b{}", "q".repeat(9_995));
    pty.type_and_see(format!("\x1b[200~{text}\x1b[201~"), "pasted 10000");
    pty.type_keys("y");
    let sequence = b"\x1b]52;c;czM6Ly9jb2xvcnBpY3R1cmVz\x07";
    pty.wait_for("a drawn key", |screen| screen.contents().contains("last Char('y')"));
    assert!(pty.bytes().windows(sequence.len()).any(|window| window == sequence));
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

/// G9: a lone Esc is a key, and a cut sequence is one too.
#[test]
fn a_cut_sequence_is_one_key() {
    let mut pty = console().start();
    pty.see("80x24");
    pty.type_and_see("\x1b", "keys 1, last Esc");
    for piece in ["\x1b[", "1;", "5"] {
        pty.type_keys(piece);
        assert_eq!(pty.bytes_after(pty.bytes().len(), Duration::from_millis(150)), b"", "{piece:?}");
    }
    pty.type_keys("B");
    pty.see("keys 2, last Down with ctrl");
}

/// C5: one dead task is no dead program, and its message does not spoil the frame.
#[test]
fn a_panic_elsewhere_leaves_the_frame_alone() {
    let mut pty = console().start();
    pty.see("80x24");
    pty.type_and_see("t", "last Char('t')");
    assert!(pty.is_taken());
    assert!(!String::from_utf8_lossy(&pty.bytes()).contains("a task is broken"));
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

/// A panic in the thread that draws, caught by a task's boundary: the console goes on with a whole frame.
#[test]
fn a_caught_panic_takes_the_terminal_again() {
    let mut pty = console().start();
    pty.see("80x24");
    pty.type_and_see("c", "last Char('c')");
    pty.see("80x24");
    assert!(pty.is_taken());
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
    assert!(pty.is_given_back());
}

/// A console that hangs is ended all the same.
#[test]
fn a_stuck_console_ends_within_two_seconds() {
    let before = pristine();
    let mut pty = console().start();
    pty.see("80x24");
    pty.type_and_see("w", "last Char('w')");
    pty.signal(Signal::TERM);
    let (time, code) = pty.time_to_end();
    assert_eq!(code, 143);
    assert!((Duration::from_secs(1)..Duration::from_secs(2)).contains(&time), "time for the last journal line, then the end: {time:?}");
    assert!(pty.is_given_back());
    assert_eq!(before, format!("{:?}", pty.attributes()));
    assert!(pty.text().contains("whopays: ended by SIGTERM"), "{}", pty.text());
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut pty = console().start();
    pty.see("80x24");
    pty.type_and_see("w", "last Char('w')");
    let begun = Instant::now();
    // Signals of one kind merge until they are noticed, so it is sent until it has worked.
    while kill_process(pty.process, Signal::INT).is_ok() && begun.elapsed() < Duration::from_millis(1_200) {
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let (_, code) = pty.time_to_end();
    assert!(begun.elapsed() < Duration::from_millis(1_200), "{:?}", begun.elapsed());
    assert_eq!(code, 130);
    assert!(pty.is_given_back());
}

/// G11: the terminal takes no output; the program stays killable.
#[test]
fn a_blocked_terminal_does_not_keep_the_program() {
    let mut pty = console().start();
    pty.see("80x24");
    pty.stop_reading();
    pty.type_keys("f");
    std::thread::park_timeout(Duration::from_millis(300));
    pty.signal(Signal::TERM);
    let (time, code) = pty.time_to_end();
    assert_eq!(code, 143);
    assert!(time < Duration::from_secs(2), "{time:?}");
}

/// G3: the terminal goes away, the program is its session's leader.
#[test]
fn a_hang_up_ends_the_session_leader() {
    for stuck in [false, true] {
        let mut pty = console().start();
        pty.see("80x24");
        if stuck {
            pty.type_and_see("w", "last Char('w')");
        }
        pty.hang_up();
        let (time, code) = pty.time_to_end();
        assert_eq!(code, 129, "stuck {stuck}");
        assert!(time < Duration::from_secs(2), "{time:?}");
    }
}

/// G3, M17: nobody passes SIGHUP on. With the console stuck, the process lives for its last 1.7 s: it must not spin.
#[test]
fn a_hang_up_that_nobody_tells_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let times = folder.path().join("times");
    let script = format!("trap '' HUP; {}; code=$?; times > \"$TIMES\"; exit $code", console_command());
    for (keys, text) in [("x", "last Char('x')"), ("w", "last Char('w')")] {
        let mut pty = Setup::new("sh", &["-c", &script]).env(child::VARIABLE, "").env("TIMES", &times).start();
        pty.see("80x24");
        pty.type_and_see(keys, text);
        pty.hang_up();
        let (time, code) = pty.time_to_end();
        assert_eq!(code, 129);
        assert!(time < Duration::from_secs(2), "{time:?}");
        let spent = processor_seconds(&std::fs::read_to_string(&times).unwrap());
        assert!(spent < 0.5, "start and end included: {spent} s of processor");
    }
}

/// The second line of `times`: user and system time of the children, `0m0.010000s 0m0.000000s`.
fn processor_seconds(times: &str) -> f64 {
    let parts = times.lines().nth(1).unwrap().split_whitespace();
    parts
        .map(|part| {
            let (minutes, seconds) = part.trim_end_matches('s').split_once('m').unwrap();
            minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
        })
        .sum()
}

/// P3, goal 10: nothing goes to an idle terminal, and no processor time is used.
#[test]
#[cfg(target_os = "linux")]
fn idling_costs_nothing() {
    let pty = console().start();
    pty.see("80x24");
    let written = pty.bytes().len();
    // The threads that were started last find their beds.
    pty.bytes_after(written, Duration::from_millis(500));
    let ticks = ticks_of(pty.process);
    assert_eq!(pty.bytes_after(written, Duration::from_secs(2)), b"");
    assert_eq!(ticks_of(pty.process), ticks);
}

/// User and system time of a process, in ticks, and how often its threads gave up the processor.
#[cfg(target_os = "linux")]
fn ticks_of(process: Pid) -> (String, String, Vec<String>) {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let switches = std::fs::read_dir(format!("/proc/{}/task", process.as_raw_nonzero()))
        .unwrap()
        .map(|task| std::fs::read_to_string(task.unwrap().path().join("status")).unwrap())
        .flat_map(|status| status.lines().filter(|line| line.contains("voluntary_ctxt")).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    (fields[11].to_owned(), fields[12].to_owned(), switches)
}

/// Waits until the kernel says that a process is stopped.
#[cfg(target_os = "linux")]
#[track_caller]
fn wait_until_stopped(process: Pid) {
    let begun = Instant::now();
    let state = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap();
        stat.rsplit(')').next().unwrap().split_whitespace().next().unwrap().to_owned()
    };
    while state() != "T" {
        assert!(begun.elapsed() < PATIENCE, "it still runs");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// G4
#[test]
fn a_resize_storm_ends_in_a_right_frame() {
    let mut pty = console().start();
    pty.see("80x24");
    let mut random = fastrand::Rng::with_seed(20_261_121);
    for _ in 0..1_000 {
        pty.resize(random.u16(1..=300), random.u16(1..=100));
    }
    pty.resize(0, 0);
    pty.resize(1, 1);
    pty.resize(300, 100);
    pty.see("300x100");
    pty.resize(40, 10);
    pty.see("40x10");
    pty.wait_for("a clean frame", |screen| screen.contents().lines().nth(3).is_some_and(|line| line == "A".repeat(40)));
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

/// P28: a terminal that does not know its size.
#[test]
fn a_terminal_without_a_size_is_taken_for_the_usual_one() {
    let mut pty = console().size(0, 0).start();
    pty.wait_for("the first frame", |screen| screen.alternate_screen());
    pty.resize(60, 20);
    pty.see("60x20");
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

/// A shell with job control, without line editing, so that it changes nothing about the terminal itself.
fn shell() -> Pty {
    let pty = Setup::new("sh", &["-i"]).env(child::VARIABLE, "").env("PS1", "shell> ").env("ENV", "").size(120, 24).start();
    pty.see("shell> ");
    pty
}

#[track_caller]
fn wait_for_prompt(pty: &Pty) {
    pty.wait_for_modes(Modes::GivenBack);
    pty.wait_for("the shell's prompt", |screen| screen.contents().trim_end().ends_with("shell>"));
}

/// After the program has stopped: the shell has its terminal, and every byte that is typed.
#[track_caller]
fn expect_the_shell(pty: &mut Pty, before: &str) {
    wait_for_prompt(pty);
    pty.type_and_see("echo it is $((40+2))\r", "it is 42");
    assert_eq!(before, format!("{:?}", pty.attributes()));
    pty.type_keys("clear\r");
    pty.wait_for("a clear screen", |screen| !screen.contents().contains("42"));
}

#[track_caller]
fn expect_a_good_end(pty: &mut Pty) {
    pty.type_keys("q");
    wait_for_prompt(pty);
    pty.type_and_see("echo the code is $?\r", "the code is 0");
}

/// G2: the key, the signal from outside, and the stop that cannot be noticed.
#[test]
fn stopping_and_resuming() {
    let mut pty = shell();
    let before = format!("{:?}", pty.attributes());
    pty.type_and_see(format!("{}\r", console_command()), "120x24");
    let process = process_of_child(&pty);
    let taken = format!("{:?}", pty.attributes());
    for (key, signal) in [("\x1a", None), ("", Some(Signal::TSTP)), ("\x1a", None)] {
        pty.type_keys(key);
        if let Some(signal) = signal {
            kill_process(process, signal).unwrap();
        }
        expect_the_shell(&mut pty, &before);
        pty.type_keys("fg\r");
        pty.wait_for_modes(Modes::Taken);
        pty.see(&format!("console {} 120x24", process.as_raw_nonzero()));
        assert_eq!(taken, format!("{:?}", pty.attributes()));
        pty.type_and_see("x", "last Char('x')");
    }
    expect_a_good_end(&mut pty);
}

/// G2: SIGSTOP cannot be answered, but on SIGCONT everything is set and painted anew.
#[test]
fn a_stop_without_notice_is_repaired() {
    let mut pty = shell();
    pty.type_and_see(format!("{}\r", console_command()), "120x24");
    let process = process_of_child(&pty);
    let taken = format!("{:?}", pty.attributes());
    kill_process(process, Signal::STOP).unwrap();
    // The shell takes the terminal, whatever it looks like by then: Enter is still a line feed there.
    pty.wait_for("the shell's prompt", |screen| screen.contents().contains("shell> "));
    pty.type_keys("stty sane; printf '\\033[?1049l\\033[2J\\033[?1000l'; echo 'it is' spoilt\n");
    pty.see("it is spoilt");
    pty.type_keys("fg\r");
    pty.wait_for_modes(Modes::Taken);
    pty.see(&format!("console {} 120x24", process.as_raw_nonzero()));
    assert_eq!(taken, format!("{:?}", pty.attributes()));
    expect_a_good_end(&mut pty);
}

/// G2: resumed in the background it leaves the terminal alone, until `fg`.
#[test]
fn in_the_background_it_stops_again() {
    let mut pty = shell();
    let before = format!("{:?}", pty.attributes());
    pty.type_and_see(format!("{}\r", console_command()), "120x24");
    let process = process_of_child(&pty);
    pty.type_keys("\x1a");
    expect_the_shell(&mut pty, &before);
    kill_process(process, Signal::CONT).unwrap();
    pty.type_keys("bg\r");
    expect_the_shell(&mut pty, &before);
    // On a busy machine `fg` would come before it has stopped again, and be answered by that stop.
    #[cfg(target_os = "linux")]
    wait_until_stopped(process);
    pty.type_keys("fg\r");
    pty.wait_for_modes(Modes::Taken);
    expect_a_good_end(&mut pty);
}

/// Asked to end while it is stopped, it ends as soon as it may run, wherever it stands.
#[test]
fn a_stopped_program_can_be_ended_in_the_background() {
    let mut pty = shell();
    let before = format!("{:?}", pty.attributes());
    pty.type_and_see(format!("{}\r", console_command()), "120x24");
    let process = process_of_child(&pty);
    pty.type_keys("\x1a");
    expect_the_shell(&mut pty, &before);
    kill_process(process, Signal::CONT).unwrap();
    // It goes on, finds itself in the background, and stops again.
    #[cfg(target_os = "linux")]
    wait_until_stopped(process);
    kill_process(process, Signal::TERM).unwrap();
    kill_process(process, Signal::CONT).unwrap();
    pty.see("farewell: ended by SIGTERM");
    // A shell notices the end of a job when it comes to its next prompt.
    let begun = Instant::now();
    while test_kill_process(process).is_ok() {
        assert!(begun.elapsed() < PATIENCE, "it is still there");
        pty.type_keys("\r");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    assert_eq!(before, format!("{:?}", pty.attributes()));
}

/// A terminal emulator or ssh started it directly: nobody could say `fg`, so Ctrl-Z does nothing.
#[test]
fn without_a_shell_it_does_not_stop() {
    let mut pty = console().start();
    pty.see("80x24");
    pty.type_and_see("\x1a", "last Char('z') with ctrl");
    // Long enough for a stop to happen, if it does.
    assert_eq!(pty.bytes_after(pty.bytes().len(), Duration::from_millis(300)), b"");
    pty.signal(Signal::TSTP);
    assert_eq!(pty.bytes_after(pty.bytes().len(), Duration::from_millis(300)), b"");
    pty.type_and_see("x", "keys 2, last Char('x')");
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

/// G5
#[test]
fn a_terminal_that_cannot_be_drawn_on_is_refused() {
    for (setup, why) in [
        (console().env("TERM", "dumb"), "refused: the console cannot draw on a terminal of the kind: dumb (usage)"),
        (console().without_env("TERM"), "refused: the console needs a terminal of a known kind: `TERM` is not set (usage)"),
    ] {
        let mut pty = setup.start();
        assert_eq!(pty.exit_code(), 2);
        assert!(pty.text().replace('\n', "").contains(why), "{}", pty.text());
        assert!(!pty.bytes().contains(&0x1b), "not one sequence");
    }
}

/// G5: in a pipe.
#[test]
fn without_a_terminal_it_is_refused() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(child::arguments("pty::child_console"))
        .env(child::VARIABLE, "")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("refused: the console needs a terminal: standard input is none (usage)"), "{text}");
}

/// The look comes from this process' own environment; the table of cases stands beside the code.
#[test]
fn the_look_is_read_without_a_terminal() {
    let _ = look();
}

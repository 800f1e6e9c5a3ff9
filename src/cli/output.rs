//! The one place that prints: results on stdout, everything else on stderr.
//!
//! A reader that goes away (`| head`) is no error: the rest of the output is dropped, and a command that changes something finishes
//! its work. One that only reads asks no store for what nobody will see ([`Output::is_read`]). Any other failure to write is kept
//! and reported at the end ([`Output::finish`]).

use std::cell::RefCell;
use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

use crate::domain::escape::is_shown;
use crate::domain::{Error, ErrorKind, Result};
use crate::runtime::terminal;

use super::args::Global;

/// How much of the result is handed over at once.
const BUFFER: usize = 64 << 10;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Aligned columns and sentences.
    Text(Colours),
    /// One JSON object per line.
    Json,
}

/// Whether escape sequences for colours are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    /// Yes: a terminal, and nobody asked for none.
    On,
    /// No.
    Off,
}

/// A style of text for people. The words carry the meaning; the colour only helps the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// As the terminal writes.
    Plain,
    /// Headings.
    Bold,
    /// What is of less interest.
    Faint,
    /// What costs someone else money: `Requester`.
    Notable,
    /// What went wrong.
    Wrong,
}

impl Ink {
    fn sequence(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\u{1b}[1m",
            Self::Faint => "\u{1b}[2m",
            Self::Notable => "\u{1b}[33m",
            Self::Wrong => "\u{1b}[31m",
        }
    }
}

/// Where a command writes.
pub(super) struct Output {
    form: Form,
    reasons: Reasons,
    progress: bool,
    stdout: RefCell<Stream>,
    stderr: RefCell<Stream>,
}

/// How much is said of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reasons {
    /// What happened, and the next step.
    Short,
    /// The diagnosis and what it rests on, too: `-v`.
    WithEvidence,
}

struct Stream {
    writer: Box<dyn Write>,
    state: StreamState,
    /// The line of JSON that is being made: a listing has a million of them.
    line: Vec<u8>,
}

enum StreamState {
    Open,
    /// The reader went away: what follows is dropped.
    Deserted,
    Broken(io::Error),
}

impl Stream {
    fn new(writer: impl Write + 'static) -> Self {
        Self { writer: Box::new(writer), state: StreamState::Open, line: Vec::new() }
    }

    fn attempt(&mut self, act: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if !matches!(self.state, StreamState::Open) {
            return;
        }
        if let Err(error) = act(&mut *self.writer) {
            self.state = if error.kind() == io::ErrorKind::BrokenPipe { StreamState::Deserted } else { StreamState::Broken(error) };
        }
    }

    fn object(&mut self, value: &impl Serialize) {
        let mut line = std::mem::take(&mut self.line);
        self.attempt(|out| {
            json_line(value, &mut line)?;
            line.push(b'\n');
            out.write_all(&line)
        });
        self.line = line;
    }
}

impl Output {
    /// The process's own stdout and stderr, as the options ask for.
    pub(super) fn of_process(global: &Global) -> Self {
        let form = if global.json { Form::Json } else { Form::Text(colours_of_stdout()) };
        let progress = !global.json && !global.no_progress && io::stderr().is_terminal();
        Self {
            form,
            reasons: if global.verbose > 0 { Reasons::WithEvidence } else { Reasons::Short },
            progress,
            stdout: RefCell::new(Stream::new(BufWriter::with_capacity(BUFFER, io::stdout()))),
            stderr: RefCell::new(Stream::new(io::stderr())),
        }
    }

    /// For errors in a command line that asked for JSON.
    pub(super) fn for_scripts() -> Self {
        Self {
            form: Form::Json,
            reasons: Reasons::Short,
            progress: false,
            stdout: RefCell::new(Stream::new(io::stdout())),
            stderr: RefCell::new(Stream::new(io::stderr())),
        }
    }

    /// How much is said of an error.
    pub(super) fn reasons(&self) -> Reasons {
        self.reasons
    }

    /// The same output, with the evidence of each error.
    #[cfg(test)]
    pub(super) fn with_evidence(self) -> Self {
        Self { reasons: Reasons::WithEvidence, ..self }
    }

    /// Whether scripts are reading.
    pub(super) fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    /// One line of result. The caller has escaped what came from outside.
    pub(super) fn line(&self, text: &str) {
        self.stdout.borrow_mut().attempt(|out| writeln!(out, "{text}"));
    }

    /// A ready text, as it is.
    pub(super) fn text(&self, text: &str) {
        self.stdout.borrow_mut().attempt(|out| out.write_all(text.as_bytes()));
    }

    /// Ready lines, as they are.
    pub(super) fn lines(&self, lines: &[u8]) {
        self.stdout.borrow_mut().attempt(|out| out.write_all(lines));
    }

    /// One object of result on one line.
    pub(super) fn object(&self, value: &impl Serialize) {
        self.stdout.borrow_mut().object(value);
    }

    /// One line beside the result: plans, warnings, errors; after everything of the result that came before it.
    pub(super) fn aside(&self, text: &str) {
        self.clear_progress();
        self.flush();
        self.stderr.borrow_mut().attempt(|out| writeln!(out, "{text}"));
    }

    /// A question without a line end, after everything before it has been shown.
    pub(super) fn question(&self, text: &str) {
        self.flush();
        self.stderr.borrow_mut().attempt(|out| write!(out, "{text}").and_then(|()| out.flush()));
    }

    /// One object beside the result: an error for scripts.
    pub(super) fn aside_object(&self, value: &impl Serialize) {
        self.stderr.borrow_mut().object(value);
    }

    /// How far a long command is; replaces the line that it wrote before. Only on a terminal.
    pub(super) fn progress(&self, text: &str) {
        if self.progress {
            self.stderr.borrow_mut().attempt(|out| write!(out, "\r\u{1b}[K{text}").and_then(|()| out.flush()));
        }
    }

    /// Takes the progress line away.
    pub(super) fn clear_progress(&self) {
        if self.progress {
            self.stderr.borrow_mut().attempt(|out| write!(out, "\r\u{1b}[K").and_then(|()| out.flush()));
        }
    }

    /// A text in an ink, where colours are on.
    pub(super) fn inked(&self, ink: Ink, text: &str) -> String {
        match (self.form, ink) {
            (Form::Text(Colours::On), Ink::Bold | Ink::Faint | Ink::Notable | Ink::Wrong) => {
                format!("{}{text}\u{1b}[0m", ink.sequence())
            }
            (Form::Text(Colours::On), Ink::Plain) | (Form::Text(Colours::Off) | Form::Json, _) => text.to_owned(),
        }
    }

    /// Whether the result still goes somewhere: not once its reader went away, or it could not be written. That shows when
    /// something is handed over.
    pub(super) fn is_read(&self) -> bool {
        matches!(self.stdout.borrow().state, StreamState::Open)
    }

    /// Hands over what was written so far.
    pub(super) fn flush(&self) {
        self.stdout.borrow_mut().attempt(|out| out.flush());
    }

    /// Hands over the rest, and says whether everything could be written.
    ///
    /// # Errors
    /// `Local` when stdout could not be written (a full disk, a closed file).
    pub(super) fn finish(&self) -> Result<()> {
        self.flush();
        match &self.stdout.borrow().state {
            StreamState::Open | StreamState::Deserted => Ok(()),
            StreamState::Broken(error) => Err(Error::new(ErrorKind::Local, format!("the output could not be written: {error}"))
                .hint("Make room, or send the output elsewhere.")),
        }
    }
}

fn colours_of_stdout() -> Colours {
    if io::stdout().is_terminal() && terminal::look().colours { Colours::On } else { Colours::Off }
}

/// Makes one line of JSON in which no character acts on a terminal: what is not [shown](is_shown) is written as `\uXXXX`, which
/// readers of JSON turn back into the same text.
fn json_line(value: &impl Serialize, line: &mut Vec<u8>) -> io::Result<()> {
    line.clear();
    serde_json::to_writer(&mut *line, value)?;
    // By blocks without a way out, which the compiler turns into a few instructions for each.
    let is_plain = |block: &[u8]| block.iter().fold(true, |plain, byte| plain & (0x20..0x7f).contains(byte));
    if !line.chunks(64).all(is_plain) {
        *line = escaped(std::str::from_utf8(line).map_err(io::Error::other)?).into_bytes();
    }
    Ok(())
}

fn escaped(plain: &str) -> String {
    let mut line = String::with_capacity(plain.len() + 16);
    for character in plain.chars() {
        if is_shown(character) {
            line.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                line.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    line
}

/// Adds a text as a line of JSON would have it. Nearly all texts are ASCII that needs no escape.
pub(super) fn json_text(text: &str, line: &mut Vec<u8>) {
    if text.as_bytes().iter().all(|byte| PLAIN[usize::from(*byte)]) {
        line.push(b'"');
        line.extend_from_slice(text.as_bytes());
        line.push(b'"');
    } else {
        json_value(&text, line);
    }
}

/// Adds whatever is JSON as a line of it would have it.
pub(super) fn json_value(value: &impl Serialize, line: &mut Vec<u8>) {
    let mut made = Vec::new();
    // What is ours is always JSON, and memory is always written.
    let _made = json_line(value, &mut made);
    line.append(&mut made);
}

/// The bytes that stand for themselves in a text of JSON, and act on no terminal.
const PLAIN: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0x20);
    while byte < 0x7f {
        table[byte] = byte != b'"' as usize && byte != b'\\' as usize;
        byte += 1;
    }
    table
};

#[cfg(test)]
pub(super) mod recorded {
    //! An output that keeps what was written, for tests.

    use std::rc::Rc;

    use super::*;

    #[derive(Clone, Default)]
    pub(in crate::cli) struct Shelf(Rc<RefCell<Vec<u8>>>);

    impl Write for Shelf {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Shelf {
        pub(in crate::cli) fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).expect("UTF-8")
        }
    }

    /// The output, and what reached stdout and stderr.
    pub(in crate::cli) fn output(form: Form) -> (Output, Shelf, Shelf) {
        let (stdout, stderr) = (Shelf::default(), Shelf::default());
        let output = Output {
            form,
            reasons: Reasons::Short,
            progress: false,
            stdout: RefCell::new(Stream::new(stdout.clone())),
            stderr: RefCell::new(Stream::new(stderr.clone())),
        };
        (output, stdout, stderr)
    }

    pub(in crate::cli) fn text() -> (Output, Shelf, Shelf) {
        output(Form::Text(Colours::Off))
    }

    pub(in crate::cli) fn json() -> (Output, Shelf, Shelf) {
        output(Form::Json)
    }

    /// An output whose stdout fails in this way.
    pub(in crate::cli) fn failing(kind: io::ErrorKind) -> Output {
        struct Fails(io::ErrorKind);
        impl Write for Fails {
            fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut output = text().0;
        output.stdout = RefCell::new(Stream::new(Fails(kind)));
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_cannot_act_on_a_terminal_and_stay_the_same_text() {
        let name = "a\u{1b}[31m\u{202e}b\u{200b}\u{e0041}\\é\u{7f}";
        let mut line = b"an earlier line".to_vec();
        json_line(&name, &mut line).expect("a string");
        let line = String::from_utf8(line).expect("UTF-8");
        assert_eq!(line, "\"a\\u001b[31m\\u202eb\\u200b\\udb40\\udc41\\\\é\\u007f\"");
        assert_eq!(serde_json::from_str::<String>(&line).expect("JSON"), name);
    }

    #[test]
    fn a_text_is_written_as_a_serializer_writes_it() {
        for (text, wanted) in
            [("", "\"\""), ("a b~", "\"a b~\""), ("\\", "\"\\\\\""), ("\"", "\"\\\"\""), ("\u{7f}", "\"\\u007f\""), ("\n", "\"\\n\"")]
        {
            let mut line = b"before".to_vec();
            json_text(text, &mut line);
            assert_eq!(String::from_utf8(line).expect("UTF-8"), format!("before{wanted}"));
        }
        for byte in 0..0x80_u8 {
            let (text, mut line) = (char::from(byte).to_string(), Vec::new());
            json_text(&text, &mut line);
            assert!(line.iter().all(|byte| (0x20..0x7f).contains(byte)), "{byte}");
            assert_eq!(serde_json::from_slice::<String>(&line).expect("JSON"), text);
        }
    }

    #[test]
    fn colours_only_where_they_are_on() {
        let (on, ..) = recorded::output(Form::Text(Colours::On));
        assert_eq!(on.inked(Ink::Bold, "PAYER"), "\u{1b}[1mPAYER\u{1b}[0m");
        assert_eq!(on.inked(Ink::Plain, "x"), "x");
        assert_eq!(recorded::text().0.inked(Ink::Bold, "PAYER"), "PAYER");
        assert_eq!(recorded::json().0.inked(Ink::Wrong, "x"), "x");
    }

    #[test]
    fn a_reader_that_goes_away_is_no_error_but_a_full_disk_is() {
        let gone = recorded::failing(io::ErrorKind::BrokenPipe);
        assert!(gone.is_read());
        gone.line("x");
        assert!(gone.finish().is_ok() && !gone.is_read());
        let full = recorded::failing(io::ErrorKind::StorageFull);
        full.line("x");
        assert!(!full.is_read());
        assert_eq!(full.finish().expect_err("full").kind(), ErrorKind::Local);
    }
}

//! The terminal: raw mode and its restoration on every way out, input, signals, hang-up.
//!
//! Comes in: frames, texts for the clipboard. Goes out: keys, pastes, clicks, sizes and [`Msg::Terminate`], into the console's
//! channel. Four threads sleep until something happens: the reader of keys, the one that answers signals, the watchdog
//! for a terminal that went away, and, only while the process ends, the last call. None of them needs the async runtime,
//! so that a console whose loop is stuck in a slow write can still be ended.
//!
//! ```text
//!   quit, error      Terminal dropped: given back once
//!   panic            in the thread that draws: given back, then the message; elsewhere: a line in the log
//!   signal, hang-up  Msg::Terminate, 1.7 s for the last journal line, then the end by force
//!   Ctrl-Z, SIGTSTP  given back, stopped, taken again, painted anew
//! ```

mod clipboard;
mod decode;
mod ended;
mod input;
mod last_call;
mod look;
mod signals;
mod tty;
mod watchdog;

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, TerminalOptions, Viewport};
use rustix::process::{Signal, kill_current_process_group};
use rustix::stdio::{stdin, stdout};
use rustix::termios::isatty;
use tokio::sync::mpsc::UnboundedSender;

pub use ended::Ended;
pub use look::{Depth, Look, look};

use crate::app::Msg;
use crate::domain::{Error, ErrorKind, Result};
use clipboard::Between;
use tty::{Size, Tty, Use};

/// A terminal that understands it shows the frame at once; others ignore it. <https://contour-terminal.org/vt-extensions/synchronized-output/>
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";
const CLEAR: &[u8] = b"\x1b[0m\x1b[2J";

/// The signal thread and the panic hook stay until the process ends, so the terminal is taken once.
static TAKEN: AtomicBool = AtomicBool::new(false);

type Screen = ratatui::Terminal<CrosstermBackend<Page>>;

/// The terminal, ours until this is dropped.
pub struct Terminal {
    tty: Arc<Tty>,
    screen: Screen,
    page: Page,
    size: Size,
}

impl Terminal {
    /// Takes the terminal and starts to send what happens there. The first message is its size.
    ///
    /// Call it in the thread that will draw: a panic there gives the terminal back; one in another thread is logged.
    ///
    /// # Errors
    /// `Usage` where there is no terminal, or one that cannot be drawn on; `Local` when it refuses.
    pub fn enter(messages: UnboundedSender<Msg>) -> Result<Self> {
        refuse_unusable()?;
        if TAKEN.swap(true, Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Internal, "the terminal was taken twice"));
        }
        let tty = Arc::new(Tty::take().map_err(refused)?);
        let size = tty.size().map_err(refused)?;
        give_back_on_panic(&tty);
        // Before any thread can tell a newer size. The receiver is the caller's; if it is gone, nobody wants to know.
        let _ = messages.send(Msg::Resized { width: size.width, height: size.height });
        let started = Self::start_threads(&tty, &messages, size).and_then(|()| Self::with_page(&tty, size));
        if started.is_err() {
            tty.close();
        }
        started.map_err(refused)
    }

    fn start_threads(tty: &Arc<Tty>, messages: &UnboundedSender<Msg>, size: Size) -> io::Result<()> {
        signals::start(Arc::clone(tty), messages.clone(), size)?;
        watchdog::start(Arc::clone(tty), messages.clone())?;
        input::start(Arc::clone(tty), messages.clone())
    }

    fn with_page(tty: &Arc<Tty>, size: Size) -> io::Result<Self> {
        let page = Page::default();
        Ok(Self { tty: Arc::clone(tty), screen: blank(&page, size)?, page, size })
    }

    /// Draws a frame: what changed since the last one goes out in one write.
    ///
    /// # Errors
    /// `Local` when the terminal is gone; [`Msg::Terminate`] is on its way then.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> Result<()> {
        if !self.is_drawable().map_err(gone)? {
            return Ok(());
        }
        self.fit().map_err(gone)?;
        self.screen.draw(render).map_err(gone)?;
        let frame = self.page.take();
        let _turn = self.tty.turn();
        if !self.tty.is_ours() {
            // Given back meanwhile; whoever takes it again asks for a complete frame.
            return Ok(());
        }
        self.tty.write(&[BEGIN_FRAME, &frame, END_FRAME].concat()).map_err(gone)
    }

    /// Whether there is a screen to draw on. One that was given back because a task of this thread panicked is taken again if
    /// something caught the panic and the console goes on.
    fn is_drawable(&self) -> io::Result<bool> {
        let turn = self.tty.turn();
        if *turn == Use::Closed || (!self.tty.is_ours() && self.tty.ended().is_some()) {
            return Ok(false);
        }
        if !self.tty.is_ours() {
            self.tty.apply()?;
        }
        Ok(true)
    }

    /// Makes the frame as large as the terminal, and complete if the screen holds something else.
    fn fit(&mut self) -> io::Result<()> {
        let size = self.tty.size()?;
        // Asked before the size is compared: either way everything is painted.
        if self.tty.take_stale() || size != self.size {
            self.size = size;
            // Not `clear`: it asks the terminal for the cursor, and the answer would come as input.
            self.screen = blank(&self.page, size)?;
            self.page.take();
            self.page.write_all(CLEAR)?;
        }
        Ok(())
    }

    /// Stops the process as the terminal would have on Ctrl-Z: its whole group, so that a script around it stops too. The
    /// signal thread gives the terminal back first and takes it again when the process goes on; then a
    /// [`Msg::Resized`] asks for a frame. Without a shell that could resume it nothing happens.
    ///
    /// # Errors
    /// `Local` if the system refuses.
    pub fn suspend(&mut self) -> Result<()> {
        kill_current_process_group(Signal::TSTP)
            .map_err(|error| Error::new(ErrorKind::Local, "the process cannot be stopped").hint("Use another terminal.").source(error))
    }

    /// Puts a text on the clipboard, through the terminal.
    ///
    /// # Errors
    /// `Local` for a text that is too long, or when the terminal is gone.
    #[expect(clippy::disallowed_methods, reason = "whether tmux stands between us and the terminal is known from the environment only")]
    pub fn copy(&mut self, text: &str) -> Result<()> {
        let between = if std::env::var_os("TMUX").is_some() { Between::Tmux } else { Between::Nothing };
        let sequence = clipboard::sequence(text, between)?;
        let turn = self.tty.turn();
        if *turn == Use::Closed || !self.tty.is_ours() {
            return Ok(());
        }
        self.tty.write(&sequence).map_err(gone)
    }

    /// Gives the terminal back. What is returned says whether the process was asked to end from outside: say so on stderr
    /// now, and end with its exit code.
    pub fn leave(self) -> Option<Ended> {
        self.tty.close();
        self.tty.ended()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tty.close();
    }
}

/// What ratatui writes, kept until the frame is complete. Its many flushes do not reach the terminal.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A screen whose cells are all empty. Fixed: the size is ours to ask for, once a frame, without opening /dev/tty each time.
fn blank(page: &Page, size: Size) -> io::Result<Screen> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, size.width, size.height));
    Screen::with_options(CrosstermBackend::new(page.clone()), TerminalOptions { viewport })
}

/// The hook that was there prints the message, once the terminal can show it. A panic in another thread is that task's
/// end, not the program's: printed into the frame it would only spoil it.
fn give_back_on_panic(tty: &Arc<Tty>) {
    let (tty, before) = (Arc::clone(tty), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        if tty.is_ours() && !tty.is_owner() {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "a task panicked");
            return;
        }
        // Without the turn: the thread that panicked may have it.
        tty.give_back();
        before(info);
    }));
}

#[expect(clippy::disallowed_methods, reason = "the kind of the terminal is known from the environment only")]
fn refuse_unusable() -> Result<()> {
    let term = std::env::var("TERM").unwrap_or_default();
    let why = if !isatty(stdin()) {
        "the console needs a terminal: standard input is none".to_owned()
    } else if !isatty(stdout()) {
        "the console needs a terminal: standard output is none".to_owned()
    } else if term.is_empty() {
        "the console needs a terminal of a known kind: `TERM` is not set".to_owned()
    } else if matches!(term.as_str(), "dumb" | "unknown") {
        format!("the console cannot draw on a terminal of the kind: {term}")
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Usage, why)
        .hint("Run a command without a screen, such as `whopays buckets` (`--json` for scripts); `whopays help` lists them all."))
}

fn refused(error: io::Error) -> Error {
    Error::new(ErrorKind::Local, format!("the terminal cannot be used: {error}"))
        .hint("Run `whopays buckets` or another command without a screen.")
        .source(error)
}

fn gone(error: io::Error) -> Error {
    Error::new(ErrorKind::Local, format!("the terminal cannot be written to: {error}")).hint("Open another terminal.").source(error)
}

//! The terminal's modes: taken once, given back on every way out.
//!
//! [`Tty`] is shared by the threads that touch the terminal: the one that draws, the one that reads keys, the one that
//! answers signals, and the watchdog. Whoever holds its turn may read or write; the exception is a process that ends by force,
//! which must not wait for a writer that is stuck. That the modes are ours is one atomic flag, so that giving them back
//! happens once, whoever comes first.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread::ThreadId;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::stdio::{stderr, stdin, stdout};
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr};

use super::ended::Ended;

/// Alternate screen, bracketed paste, clicks and wheel (not motion: it floods slow lines) with wide coordinates, no cursor.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?1000h\x1b[?1006h\x1b[?25l\x1b[2J";
/// Ends a frame that was cut short too.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l";

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u16,
    pub(super) height: u16,
}

/// Whether the console still wants the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It draws and reads.
    Open,
    /// It has left for good: what is typed belongs to the shell.
    Closed,
}

/// The terminal of this process.
pub(super) struct Tty {
    /// As the shell had it.
    saved: Termios,
    /// Held by whoever reads or writes the terminal.
    turn: Mutex<Use>,
    /// Told when the modes become ours, or the use ends.
    changed: Condvar,
    /// The modes are ours now.
    ours: AtomicBool,
    /// The screen holds something else than the last frame.
    stale: AtomicBool,
    /// Why the process was asked to end from outside.
    ended: OnceLock<Ended>,
    /// The thread that draws; its panics end the console.
    owner: ThreadId,
}

impl Tty {
    /// Takes the terminal of stdin and stdout.
    pub(super) fn take() -> io::Result<Self> {
        let tty = Self {
            saved: tcgetattr(stdin())?,
            turn: Mutex::new(Use::Open),
            changed: Condvar::new(),
            ours: AtomicBool::new(false),
            stale: AtomicBool::new(false),
            ended: OnceLock::new(),
            owner: std::thread::current().id(),
        };
        tty.apply()?;
        Ok(tty)
    }

    /// Waits for the turn.
    pub(super) fn turn(&self) -> MutexGuard<'_, Use> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn, if it comes within this many tenths of a second.
    pub(super) fn turn_within(&self, tenths: u32) -> Option<MutexGuard<'_, Use>> {
        for _ in 0..=tenths {
            match self.turn.try_lock() {
                Ok(turn) => return Some(turn),
                Err(TryLockError::Poisoned(turn)) => return Some(turn.into_inner()),
                Err(TryLockError::WouldBlock) => std::thread::park_timeout(Duration::from_millis(100)),
            }
        }
        None
    }

    /// Waits until the modes are ours and it is this thread's turn; `None` once the use has ended.
    pub(super) fn turn_to_read(&self) -> Option<MutexGuard<'_, Use>> {
        let lent = |usage: &mut Use| *usage == Use::Open && !self.is_ours();
        let turn = self.changed.wait_while(self.turn(), lent).unwrap_or_else(PoisonError::into_inner);
        (*turn == Use::Open).then_some(turn)
    }

    /// Ends the use for good and gives the terminal back.
    pub(super) fn close(&self) {
        let mut turn = self.turn();
        self.give_back();
        *turn = Use::Closed;
        self.changed.notify_all();
    }

    /// Makes the modes ours (again) and the screen stale. The caller has the turn.
    pub(super) fn apply(&self) -> io::Result<()> {
        let mut raw = self.saved.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        self.ours.store(true, Ordering::SeqCst);
        self.stale.store(true, Ordering::SeqCst);
        self.changed.notify_all();
        write_all(stdout(), ENTER)
    }

    /// Gives the terminal back as the shell had it; does nothing the second time. Errors mean that there is no terminal
    /// any more, so that nothing is left to do about them.
    pub(super) fn give_back(&self) {
        if self.ours.swap(false, Ordering::SeqCst) {
            // The attributes first: who sees the shell's screen may type for the shell.
            self.restore_attributes();
            let _ = write_all(stdout(), LEAVE);
        }
    }

    /// Gives the terminal back without waiting for anyone, as a process does that is about to end.
    pub(super) fn give_back_by_force(&self) {
        if self.ours.swap(false, Ordering::SeqCst) {
            self.restore_attributes();
            // A terminal that stopped taking output would not take this either.
            let _ = tcflush(stdout(), QueueSelector::OFlush);
            write_if_possible(stdout(), LEAVE);
        }
    }

    /// Not from the background: there the shell has set its own attributes, and the attempt would stop the process (SIGTTOU).
    fn restore_attributes(&self) {
        if !in_background() {
            let _ = tcsetattr(stdin(), OptionalActions::Now, &self.saved);
        }
    }

    /// Whether the modes are ours.
    pub(super) fn is_ours(&self) -> bool {
        self.ours.load(Ordering::SeqCst)
    }

    /// Whether the screen must be painted anew; asks once.
    pub(super) fn take_stale(&self) -> bool {
        self.stale.swap(false, Ordering::SeqCst)
    }

    /// Whether this is the thread that draws.
    pub(super) fn is_owner(&self) -> bool {
        std::thread::current().id() == self.owner
    }

    /// Notes why the process is asked to end; `Err` if that was known already.
    pub(super) fn end(&self, why: Ended) -> Result<(), Ended> {
        self.ended.set(why)
    }

    /// Why the process was asked to end from outside.
    pub(super) fn ended(&self) -> Option<Ended> {
        self.ended.get().copied()
    }

    /// The terminal's size. One that does not know its size is taken for the usual one.
    pub(super) fn size(&self) -> io::Result<Size> {
        let size = tcgetwinsize(stdout())?;
        Ok(match (size.ws_col, size.ws_row) {
            (0, _) | (_, 0) => Size { width: 80, height: 24 },
            (width, height) => Size { width, height },
        })
    }

    /// Writes. The caller has the turn.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        write_all(stdout(), bytes)
    }
}

/// Whether the terminal belongs to another process group just now.
pub(super) fn in_background() -> bool {
    tcgetpgrp(stdin()).is_ok_and(|group| group != getpgrp())
}

/// Says a sentence on stderr, unless that would block.
pub(super) fn say_if_possible(sentence: &str) {
    write_if_possible(stderr(), format!("{sentence}\n").as_bytes());
}

fn write_if_possible(to: BorrowedFd<'_>, bytes: &[u8]) {
    if ready(to, PollFlags::OUT, Some(Duration::ZERO)).is_ok_and(|flags| flags.contains(PollFlags::OUT)) {
        let _ = rustix::io::write(to, bytes);
    }
}

fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(to, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            // Someone else made the terminal non-blocking; it is shared with the shell.
            Err(Errno::AGAIN) => drop(ready(to, PollFlags::OUT, None)?),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits for a descriptor; empty flags when the time is over. Blocks in poll(2): waiting costs nothing.
pub(super) fn ready(descriptor: BorrowedFd<'_>, flags: PollFlags, longest: Option<Duration>) -> io::Result<PollFlags> {
    let longest = longest.and_then(|longest| Timespec::try_from(longest).ok());
    let mut waiting = [PollFd::new(&descriptor, flags)];
    loop {
        match poll(&mut waiting, longest.as_ref()) {
            Ok(_) => return Ok(waiting[0].revents()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

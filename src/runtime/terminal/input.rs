//! The thread that reads keys.
//!
//! It sleeps in poll(2) and takes the terminal's turn before it reads, so that a byte typed after the terminal was given
//! back stays there for the shell: on suspension the signal thread holds the turn until the process goes on, and after the
//! console has left there is no turn to read any more. At hang-up it ends at once; reading on would spin.

use std::io;
use std::sync::Arc;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::stdio::stdin;
use tokio::sync::mpsc::UnboundedSender;

use super::decode::{Decoder, Input};
use super::tty::{Tty, ready};
use crate::app::Msg;

/// What one wait brought.
enum Came {
    Bytes(usize),
    Nothing,
    /// The terminal, or the console, is gone.
    End,
}

/// Starts the thread. It ends with the terminal, the console or the process.
pub(super) fn start(tty: Arc<Tty>, messages: UnboundedSender<Msg>) -> io::Result<()> {
    std::thread::Builder::new().name("input".to_owned()).spawn(move || read_keys(&tty, &messages))?;
    Ok(())
}

fn read_keys(tty: &Tty, messages: &UnboundedSender<Msg>) {
    let (mut decoder, mut inputs, mut buffer) = (Decoder::default(), Vec::<Input>::new(), [0; 4096]);
    loop {
        match wait_and_read(tty, &decoder, &mut buffer) {
            Came::Bytes(length) => decoder.feed(&buffer[..length], &mut inputs),
            Came::Nothing => decoder.lapse(&mut inputs),
            Came::End => return,
        }
        for input in inputs.drain(..) {
            if messages.send(input.into()).is_err() {
                return;
            }
        }
    }
}

fn wait_and_read(tty: &Tty, decoder: &Decoder, buffer: &mut [u8]) -> Came {
    match ready(stdin(), PollFlags::IN, decoder.patience()) {
        Ok(flags) if flags.is_empty() => return Came::Nothing,
        Ok(flags) if flags.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => return Came::End,
        Ok(_) => {}
        Err(_) => return Came::End,
    }
    let Some(_turn) = tty.turn_to_read() else { return Came::End };
    // Between the two polls the shell may have taken the bytes.
    match ready(stdin(), PollFlags::IN, Some(std::time::Duration::ZERO)) {
        Ok(flags) if flags.is_empty() => return Came::Bytes(0),
        Ok(_) => {}
        Err(_) => return Came::End,
    }
    match rustix::io::read(stdin(), buffer) {
        Ok(0) => Came::End,
        Ok(length) => Came::Bytes(length),
        Err(Errno::INTR | Errno::AGAIN) => Came::Bytes(0),
        Err(_) => Came::End,
    }
}

//! Notices that the terminal is gone, also where no SIGHUP comes.
//!
//! Measured: a process whose parent does not pass SIGHUP on keeps running, and readers spin on the dead terminal. poll(2) with
//! an empty event mask returns nothing while the terminal is open, and POLLHUP at once when its other end closes: it costs
//! one sleeping thread.

use std::io;
use std::sync::Arc;

use rustix::event::PollFlags;
use rustix::stdio::stdin;
use tokio::sync::mpsc::UnboundedSender;

use super::ended::Ended;
use super::last_call;
use super::tty::{Tty, ready};
use crate::app::Msg;

/// Starts the watchdog. It ends with the process.
pub(super) fn start(tty: Arc<Tty>, messages: UnboundedSender<Msg>) -> io::Result<()> {
    std::thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
        // Whatever ends the wait (POLLHUP, POLLERR, POLLNVAL, an error) says the same: there is no terminal to wait for.
        let _ = ready(stdin(), PollFlags::empty(), None);
        last_call::call(&tty, Ended::HungUp, &messages);
    })?;
    Ok(())
}

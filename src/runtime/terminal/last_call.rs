//! The last seconds of a process that was asked to end: time for one journal line, and an end in any case.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::ended::Ended;
use super::tty::{Tty, say_if_possible};
use crate::app::Msg;

/// P27: the process is gone within two seconds, whatever its other threads wait for.
const GRACE: Duration = Duration::from_millis(1_700);

/// Asks the console to end and sees to it that the process does. A second signal ends it at once; that the terminal went
/// away is usually told twice, by SIGHUP and by the watchdog, and is no second signal.
pub(super) fn call(tty: &Arc<Tty>, why: Ended, messages: &UnboundedSender<Msg>) {
    match (tty.end(why), why) {
        (Ok(()), _) => {}
        (Err(_), Ended::HungUp) => return,
        (Err(_), Ended::Interrupted | Ended::Quit | Ended::Terminated) => end_now(tty, why),
    }
    // A console that has left already is on its way out, and its channel is closed.
    let _ = messages.send(Msg::Terminate);
    let tty_of_waiter = Arc::clone(tty);
    let waiter = std::thread::Builder::new().name("last call".to_owned()).spawn(move || {
        wait();
        end_now(&tty_of_waiter, why);
    });
    if waiter.is_err() {
        end_now(tty, why);
    }
}

/// For the whole grace: a console that has left may still hang on its way out.
#[expect(clippy::disallowed_methods, reason = "this thread does nothing but wait")]
fn wait() {
    std::thread::sleep(GRACE);
}

/// Gives the terminal back, says why, and ends the process.
#[expect(clippy::exit, reason = "the rest of the process had its time; nothing that still runs may keep a dead terminal busy")]
pub(super) fn end_now(tty: &Tty, why: Ended) -> ! {
    tty.give_back_by_force();
    say_if_possible(&format!("whopays: {why}"));
    std::process::exit(i32::from(why.exit_code()))
}

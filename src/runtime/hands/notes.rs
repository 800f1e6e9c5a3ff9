//! Lines of the state database that nobody waits for while the console runs.
//!
//! Comes in: lines. Goes out: each of them written, one after the other in the order in which they were said, so that a word is never
//! written after it was taken back; a notice for each that could not be. Leaving waits for them.

use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::app::Msg;
use crate::domain::Result;
use crate::runtime::journal::Journal;
use crate::runtime::tasks::{died, in_background};

type Line = Box<dyn FnOnce(&Journal) -> Result<()> + Send>;

enum Order {
    Write(Journal, Line),
    /// Says how the last line ended, once all before are written.
    Tell(oneshot::Sender<Result<()>>),
}

/// Whoever says something that outlives the program says it here.
pub(super) struct Notes(UnboundedSender<Order>);

impl Notes {
    /// Written on a task of its own, which ends with this.
    pub(super) fn new(tasks: &Handle, messages: UnboundedSender<Msg>) -> Self {
        let (orders, coming) = unbounded_channel();
        tasks.spawn(write_all(coming, messages));
        Self(orders)
    }

    pub(super) fn write(&self, journal: Journal, line: impl FnOnce(&Journal) -> Result<()> + Send + 'static) {
        // The task ends only with this, or in a panic, which `written` tells.
        let _died = self.0.send(Order::Write(journal, Box::new(line)));
    }

    /// Waits until everything said so far is written.
    ///
    /// # Errors
    /// Why the last line could not be: its notice may not have been on the screen any more.
    pub(super) async fn written(&self) -> Result<()> {
        let (tell, told) = oneshot::channel();
        let _died = self.0.send(Order::Tell(tell));
        told.await.unwrap_or_else(|_| Err(died()))
    }
}

async fn write_all(mut orders: UnboundedReceiver<Order>, messages: UnboundedSender<Msg>) {
    let mut last = Ok(());
    while let Some(order) = orders.recv().await {
        match order {
            Order::Write(journal, line) => {
                last = in_background(move || line(&journal)).await.map_err(|error| {
                    let again = error.again();
                    let _gone = messages.send(Msg::Notice(error));
                    again
                });
            }
            Order::Tell(tell) => drop(tell.send(std::mem::replace(&mut last, Ok(())))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::domain::{Error, ErrorKind};

    fn failing(what: &'static str) -> impl FnOnce(&Journal) -> Result<()> + Send + 'static {
        move |_| Err(Error::new(ErrorKind::Local, what).hint("Do something."))
    }

    /// Each waits for the one before, however long that takes.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn lines_are_written_in_the_order_in_which_they_were_said() {
        let (messages, _told) = unbounded_channel();
        let (notes, journal, written) = (Notes::new(&Handle::current(), messages), Journal::in_memory().unwrap(), Arc::default());
        for line in 0..100 {
            let written: Arc<Mutex<Vec<u32>>> = Arc::clone(&written);
            notes.write(journal.clone(), move |_| {
                // Those said first would be the last ones, if they went side by side.
                (0..(100 - line) * 100).for_each(|_| std::thread::yield_now());
                written.lock().unwrap().push(line);
                Ok(())
            });
        }
        notes.written().await.unwrap();
        assert_eq!(*written.lock().unwrap(), (0..100).collect::<Vec<u32>>());
    }

    /// A panic is a line that could not be written, not the end of those after it.
    #[tokio::test]
    async fn what_could_not_be_written_is_told_and_told_again_to_whoever_leaves() {
        let (messages, mut told) = unbounded_channel();
        let (notes, journal) = (Notes::new(&Handle::current(), messages), Journal::in_memory().unwrap());
        notes.write(journal.clone(), failing("first"));
        notes.write(journal.clone(), |_| Ok(()));
        notes.written().await.expect("what was said last is written");
        notes.write(journal.clone(), |_| panic!("on purpose"));
        notes.write(journal, failing("last"));
        let error = notes.written().await.unwrap_err();
        assert_eq!((error.kind(), error.message(), error.hint_text()), (ErrorKind::Local, "last", Some("Do something.")));
        let mut notices = Vec::new();
        while let Ok(Msg::Notice(error)) = told.try_recv() {
            notices.push(error.message().to_owned());
        }
        assert_eq!(notices, ["first", "a task of this program died", "last"]);
        notes.written().await.expect("it was said");
    }
}

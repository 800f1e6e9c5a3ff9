//! The thread that writes: lines that a channel brings, many in one transaction.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::file::File;
use super::rows;
use crate::domain::Sent;
use crate::runtime::clock;

/// How long lines are gathered after the first one: a listing writes once, not once for each page.
const GATHER: Duration = Duration::from_millis(200);
/// How many lines are one transaction.
const BATCH: usize = 4096;
/// How many lines are kept while none can be written; later ones are lost then.
const KEPT: usize = 100_000;

/// Says to the thread what to do.
enum Order {
    Note(Box<Sent>),
    /// Write what is there, and say how many lines could not be written.
    Flush(SyncSender<u64>),
}

/// The thread's other end. Dropping it writes what is left.
pub(super) struct Writer {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn begin(file: Arc<File>) -> io::Result<Self> {
        let (orders, received) = channel();
        let thread = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || write_on(&file, &received))?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    pub(super) fn note(&self, sent: &Sent) {
        self.order(Order::Note(Box::new(sent.clone())));
    }

    /// Waits until all lines so far are written, and gives how many could not be.
    pub(super) fn flush(&self) -> u64 {
        let (tell, told) = sync_channel(1);
        self.order(Order::Flush(tell));
        // A thread that died has written what it could.
        told.recv().unwrap_or(1)
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            let _gone = orders.send(order);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _died = thread.join();
        }
    }
}

/// Until nobody can send any more.
fn write_on(file: &File, orders: &Receiver<Order>) {
    let mut round = Round::default();
    while let Ok(first) = orders.recv() {
        round.take(first);
        round.gather(orders);
        round.write(file);
    }
}

/// Lines that are not written yet, and who waits for them.
#[derive(Default)]
struct Round {
    lines: Vec<Sent>,
    lost: u64,
    waiting: Vec<SyncSender<u64>>,
}

impl Round {
    fn take(&mut self, order: Order) {
        match order {
            Order::Note(_) if self.lines.len() >= KEPT => self.lost += 1,
            Order::Note(line) => self.lines.push(*line),
            Order::Flush(tell) => self.waiting.push(tell),
        }
    }

    fn gather(&mut self, orders: &Receiver<Order>) {
        let end = clock::now() + GATHER;
        while self.waiting.is_empty() && self.lines.len() < BATCH {
            let left = Duration::try_from(end.duration_since(clock::now())).unwrap_or_default();
            match orders.recv_timeout(left) {
                Ok(order) => self.take(order),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn write(&mut self, file: &File) {
        while !self.lines.is_empty() {
            let batch = self.lines.len().min(BATCH);
            match file.with(|open| rows::write(open, &self.lines[..batch])) {
                Ok(()) => {
                    self.lines.drain(..batch);
                    file.can();
                }
                Err(error) => {
                    file.cannot(error);
                    break;
                }
            }
        }
        let left = self.lines.len() as u64 + self.lost;
        for tell in self.waiting.drain(..) {
            let _gone = tell.send(left);
        }
    }
}

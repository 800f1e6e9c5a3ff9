//! Where lines lie until the thread that writes takes them, and what this process has sent so far.
//!
//! Comes in: requests as they end. Goes out: lines, many at once, for the thread; sums for whoever asks. Forbidden here: the file.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::jotted::Jotted;
use super::session::{Session, Subject};
use crate::domain::{AccountName, Narrow, Sent, Share, Sum};
use crate::runtime::own::Each;

/// How long lines are gathered after the first one: a listing writes once, not once for each page.
const GATHER: Duration = Duration::from_millis(200);
/// How many lines are one transaction at most.
pub(super) const BATCH: usize = 4096;
/// How many lines are kept while none can be written, and of each thread while others are being tried; later ones are lost then.
const KEPT: usize = 100_000;

/// The tray.
#[derive(Default)]
pub(super) struct Tray {
    /// Of each thread that lays down lines: where all of them do, each finds the place changed by another core, and waits for that
    /// longer than for the rest. Locked after the others, where both are.
    piles: Each<Pile>,
    others: Mutex<Others>,
    news: Condvar,
    /// How many lines could not be written.
    left: AtomicUsize,
}

/// What one thread laid down since the thread that writes looked last.
#[derive(Default)]
struct Pile {
    /// In their order; the last one grows until it is full.
    batches: Vec<Jotted>,
    /// How many lines there are in all.
    lines: usize,
    /// For how many lines a batch has room from the start.
    room: usize,
}

#[derive(Default)]
struct Others {
    /// What could not be written.
    left: Vec<Jotted>,
    lost: u64,
    /// All requests but those of the piles.
    session: Session,
    /// Lines were laid down since the thread looked last: what could not be written waits for others.
    fresh: Fresh,
    /// Who waits until the lines so far are written, and hears how many could not be.
    waiting: Vec<SyncSender<u64>>,
    /// Nobody lays down anything any more.
    over: bool,
    /// The thread has ended, perhaps by a panic: nobody takes anything any more.
    gone: bool,
}

/// How much was laid down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Fresh {
    #[default]
    Nothing,
    Some,
    /// As much as is written at once.
    Enough,
}

/// What the thread has to do.
pub(super) struct Gathered {
    /// Lines: those of one thread in their order.
    pub(super) batches: Vec<Jotted>,
    /// Who waits until they are written.
    pub(super) waiting: Vec<SyncSender<u64>>,
    /// These are the last ones.
    pub(super) over: bool,
}

impl Tray {
    /// One more line. Whoever lays one down wakes the thread only if it sleeps: a thread that woke for each line would cost more than
    /// the lines.
    pub(super) fn lay(&self, sent: &Sent) {
        let Some(lines) = self.lay_down(sent) else {
            self.others().lost += 1;
            return self.count(sent);
        };
        let fresh = match lines {
            1 => Fresh::Some,
            BATCH => Fresh::Enough,
            _ => return,
        };
        let mut others = self.others();
        others.fresh = others.fresh.max(fresh);
        self.news.notify_one();
    }

    /// How many lines this thread has laid down; `None`: there is no room for more.
    fn lay_down(&self, sent: &Sent) -> Option<usize> {
        let mut pile = self.piles.get_or_default().lock();
        if pile.lines + self.left.load(Ordering::Relaxed) >= KEPT {
            return None;
        }
        pile.push(sent);
        Some(pile.lines)
    }

    /// A request whose line nobody will ever write.
    pub(super) fn count(&self, sent: &Sent) {
        self.others().session.count(sent);
    }

    /// All of what is meant, since this process began.
    pub(super) fn total(&self, narrow: &Narrow) -> Sum {
        let mut total = Sum::default();
        self.each_sum(|subject, sum| {
            if subject.is_in(narrow) {
                total.add(sum);
            }
        });
        total
    }

    /// What it cost, by account and bucket.
    pub(super) fn shares(&self) -> Vec<Share> {
        let mut sums: BTreeMap<(AccountName, Option<Arc<str>>), Sum> = BTreeMap::new();
        self.each_sum(|subject, sum| sums.entry((subject.account.clone(), subject.bucket.cloned())).or_default().add(sum));
        sums.into_iter().map(|((account, bucket), sum)| Share { account: account.shared(), bucket, cost: sum.cost }).collect()
    }

    /// Shows what this process has sent so far, in sums by account, bucket and operation: some of them have several.
    fn each_sum(&self, mut see: impl FnMut(&Subject<'_>, &Sum)) {
        // Held to the end: the thread that writes moves sums from the piles to the session.
        let others = self.others();
        others.session.each(&mut see);
        for pile in &self.piles {
            let pile = pile.lock();
            let fresh = pile.batches.iter().flat_map(Jotted::sums_of_kinds);
            fresh.for_each(|(kind, sum)| see(&Subject::of(kind), sum));
        }
    }

    /// Has it told when the lines so far are written, and how many could not be. `false`: nobody writes any more.
    pub(super) fn when_written(&self, tell: SyncSender<u64>) -> bool {
        let mut others = self.others();
        if others.gone {
            return false;
        }
        others.waiting.push(tell);
        self.news.notify_one();
        true
    }

    /// Nobody lays down anything any more.
    pub(super) fn end(&self) {
        self.others().over = true;
        self.news.notify_one();
    }

    /// Nobody takes anything any more.
    pub(super) fn abandon(&self) {
        let mut others = self.others();
        others.gone = true;
        others.waiting.clear();
    }

    /// Waits for a line, and a while for others.
    pub(super) fn gathered(&self) -> Gathered {
        let idle = |others: &mut Others| others.fresh == Fresh::Nothing && !others.cannot_wait();
        let few = |others: &mut Others| others.fresh < Fresh::Enough && !others.cannot_wait();
        let others = self.news.wait_while(self.others(), idle).unwrap_or_else(PoisonError::into_inner);
        let (mut others, _) = self.news.wait_timeout_while(others, GATHER, few).unwrap_or_else(PoisonError::into_inner);
        let mut all = std::mem::take(&mut others.left);
        for pile in &self.piles {
            let batches = pile.lock().taken();
            batches.iter().flat_map(Jotted::sums_of_kinds).for_each(|(kind, sum)| others.session.add(kind, sum));
            all.extend(batches);
        }
        others.fresh = Fresh::Nothing;
        self.left.store(0, Ordering::Relaxed);
        Gathered { batches: all, waiting: std::mem::take(&mut others.waiting), over: others.over }
    }

    /// Takes back what could not be written, and gives how many lines are missing.
    pub(super) fn give_back(&self, left: Vec<Jotted>) -> u64 {
        let count = left.iter().map(Jotted::len).sum();
        let mut others = self.others();
        self.left.store(count, Ordering::Relaxed);
        others.left = left;
        count as u64 + others.lost
    }

    fn others(&self) -> MutexGuard<'_, Others> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pile {
    fn push(&mut self, sent: &Sent) {
        if self.batches.last().is_none_or(|last| last.len() >= BATCH) {
            self.batches.push(Jotted::with_room(self.room));
        }
        if let Some(last) = self.batches.last_mut() {
            last.push(sent);
            self.lines += 1;
        }
    }

    fn taken(&mut self) -> Vec<Jotted> {
        // As many may come again: what grows is copied.
        self.room = self.lines.min(BATCH);
        self.lines = 0;
        std::mem::take(&mut self.batches)
    }
}

impl Others {
    fn cannot_wait(&self) -> bool {
        self.over || !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(batches: &[Jotted]) -> Vec<usize> {
        batches.iter().map(Jotted::len).collect()
    }

    /// What nobody could write is given back and comes first again; what does not fit is lost and said, and every request counts once.
    #[test]
    fn what_cannot_be_written_is_kept_up_to_a_limit() {
        let (tray, sent) = (Tray::default(), Sent::example());
        let lay = |times: usize| (0..times).for_each(|_| tray.lay(&sent));
        let counted = || tray.total(&Narrow::default()).requests;
        lay(60_000);
        let first = tray.gathered();
        assert_eq!((lines(&first.batches), first.waiting.len(), first.over), ([vec![4096; 14], vec![2656]].concat(), 0, false));
        lay(10);
        assert_eq!((tray.give_back(first.batches), counted()), (60_000, 60_010));
        lay(40_000);
        assert_eq!(counted(), 100_010);
        let second = tray.gathered().batches;
        // The 60,000, then 10 and 39,990: the last ten found no room.
        assert_eq!(lines(&second), [vec![4096; 14], vec![2656], vec![4096; 9], vec![3136]].concat());
        assert_eq!((tray.give_back(second), counted()), (100_010, 100_010));
        tray.count(&sent);
        assert_eq!(counted(), 100_011);
    }

    #[test]
    fn who_waits_is_told_unless_nobody_writes() {
        let tray = Tray::default();
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        assert!(tray.when_written(tell.clone()));
        let Gathered { batches, waiting, over } = tray.gathered();
        assert_eq!((batches.len(), waiting.len(), over), (0, 1, false));
        drop((waiting, tell));
        assert!(told.recv().is_err(), "a thread that died tells nobody, and nobody waits for it");
        tray.end();
        assert!(tray.gathered().over);
        tray.abandon();
        assert!(!tray.when_written(std::sync::mpsc::sync_channel(1).0));
    }
}

//! The ledger beside the store's own log: every request that one has the other has, equal in all that both know.
//!
//! The rule for what the two can see differently: a request counts once its first byte may have left. One whose connection was
//! refused is in neither. One that we broke off ourselves is in both, and says what had left and come until then, though the store may
//! have read a little more; where it broke before the store had read its head, the ledger alone has it, without a status: a bill is
//! never shown smaller than it is.

use std::collections::{BTreeMap, BTreeSet};

use whopays::demo::Received;
use whopays::domain::{By, Narrow, Op, PayerSent, SaidCharged, Sent, Sum};
use whopays::runtime::ledger::Ledger;

/// What both sides say of one request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    method: String,
    path: String,
    op: Op,
    bucket: String,
    payer: bool,
    status: Option<u16>,
    request_id: Option<String>,
    charged: bool,
    up: u64,
    down: u64,
}

impl Told {
    fn noted(sent: &Sent) -> Self {
        Self {
            method: sent.kind.method.to_string(),
            path: sent.path.to_string(),
            op: sent.kind.op,
            bucket: sent.kind.bucket.as_deref().unwrap_or_default().to_owned(),
            payer: sent.payer == PayerSent::Yes,
            status: sent.status,
            request_id: sent.request_id.as_deref().map(str::to_owned),
            charged: sent.charged == SaidCharged::Yes,
            up: sent.up,
            down: sent.down,
        }
    }

    /// What never went out, nobody can have heard.
    fn received(entry: &Received) -> Self {
        assert!(entry.payer.len() <= 1, "{entry:?}");
        Self {
            method: entry.method.clone(),
            path: entry.target.split('?').next().unwrap_or_default().to_owned(),
            op: entry.op.unwrap_or_else(|| panic!("{entry:?}")),
            bucket: entry.bucket.clone(),
            payer: !entry.payer.is_empty(),
            status: entry.status.filter(|_| entry.answered),
            request_id: entry.request_id.clone().filter(|_| entry.answered),
            charged: entry.charged && entry.answered,
            up: entry.bytes_in,
            down: entry.bytes_out,
        }
    }

    /// Whether this line is that request, broken off by us.
    fn is_broken_off(&self, received: &Self) -> bool {
        let same = (&self.method, &self.path, self.op, &self.bucket, self.payer)
            == (&received.method, &received.path, received.op, &received.bucket, received.payer);
        let heard = self.status.is_none() || (self.status == received.status && self.request_id == received.request_id);
        same && heard && self.down <= received.down
    }
}

/// What stood against what.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// The lines of the ledger.
    pub(super) lines: Vec<Sent>,
    /// Requests that we broke off, and that the store has too.
    pub(super) broken_off: usize,
    /// Requests that broke off before the store had read their head.
    pub(super) unseen: usize,
}

/// Compares all that either side has; the store must not be asked anything meanwhile.
#[track_caller]
pub(super) fn compare(ledger: &Ledger, log: &[Received], what: &str) -> Compared {
    ledger.flush().unwrap_or_else(|error| panic!("{what}: {error}"));
    let lines: Vec<Sent> = ledger.requests(&Narrow::default(), None, usize::MAX).unwrap().into_iter().map(|(_, sent)| sent).collect();
    let mut rest: BTreeMap<Told, usize> = BTreeMap::new();
    lines.iter().for_each(|sent| *rest.entry(Told::noted(sent)).or_default() += 1);
    let mut missing = Vec::new();
    for told in log.iter().map(Told::received) {
        if !take(&mut rest, &told) {
            missing.push(told);
        }
    }
    let mut compared = Compared { lines, ..Compared::default() };
    for told in missing {
        let line = rest.keys().find(|line| line.is_broken_off(&told)).cloned();
        let line = line.unwrap_or_else(|| panic!("{what}: the ledger lacks {told:#?}\nit has {:#?}", near(&rest, &told)));
        take(&mut rest, &line);
        compared.broken_off += 1;
    }
    for (line, count) in rest {
        assert!(line.status.is_none() && line.down == 0, "{what}: the store never saw {line:#?}");
        compared.unseen += count;
    }
    sums(ledger, &compared.lines, what);
    attempts(&compared.lines, what);
    compared
}

fn take(rest: &mut BTreeMap<Told, usize>, told: &Told) -> bool {
    let Some(count) = rest.get_mut(told) else { return false };
    *count -= 1;
    if *count == 0 {
        rest.remove(told);
    }
    true
}

fn near<'a>(rest: &'a BTreeMap<Told, usize>, told: &Told) -> Vec<&'a Told> {
    rest.keys().filter(|line| (line.op, &line.path) == (told.op, &told.path)).collect()
}

/// Every sum that is kept is the sum of the lines, whatever it is grouped by.
#[track_caller]
fn sums(ledger: &Ledger, lines: &[Sent], what: &str) {
    let name = |by, sent: &Sent| match by {
        By::Day => sent.at.to_string()[..10].to_owned(),
        By::Account => sent.kind.account.as_str().to_owned(),
        By::Bucket => {
            sent.kind.bucket.as_ref().map_or(sent.kind.account.as_str().to_owned(), |bucket| format!("{}:{bucket}", sent.kind.account))
        }
        By::Operation => sent.kind.op.row().name.to_owned(),
    };
    let mut all = Sum::default();
    lines.iter().for_each(|sent| all.count(sent));
    for by in [By::Day, By::Account, By::Bucket, By::Operation] {
        let mut counted: BTreeMap<String, Sum> = BTreeMap::new();
        for sent in lines {
            let name = name(by, sent);
            counted.entry(name.clone()).or_insert_with(|| Sum { name, ..Sum::default() }).count(sent);
        }
        let mut kept = ledger.sums(&Narrow::default(), by).unwrap();
        kept.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(kept, counted.into_values().collect::<Vec<_>>(), "{what}: {by:?}");
    }
    assert_eq!(ledger.total(&Narrow::default()), all, "{what}: what this process sent");
}

/// A second attempt follows a first one of the same request, and a third one a second.
#[track_caller]
fn attempts(lines: &[Sent], what: &str) {
    let known: BTreeSet<(&str, Op, &str, u32)> =
        lines.iter().map(|sent| (sent.kind.account.as_str(), sent.kind.op, &*sent.path, sent.attempt)).collect();
    for sent in lines.iter().filter(|sent| sent.attempt > 1) {
        assert!(sent.attempt <= 3, "{what}: {sent:?}");
        let before = (sent.kind.account.as_str(), sent.kind.op, &*sent.path, sent.attempt - 1);
        // A correction asks for the bucket's place with the number of the attempt that it corrects.
        assert!(known.contains(&before) || sent.kind.op == Op::GetBucketLocation, "{what}: {sent:?}");
    }
}

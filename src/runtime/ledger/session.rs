//! What this process has sent so far, by account, bucket and operation: counted as requests end, for the header line of the screen
//! and for budgets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::domain::{AccountName, Kind, Narrow, Op, Sent, Share, Sum};

/// Sums by their subjects.
#[derive(Default)]
pub(super) struct Session {
    /// That of the last request, whose kind most likely is the next one's.
    open: Option<(Arc<Kind>, Subject, Sum)>,
    sums: HashMap<Subject, Sum>,
}

/// What the sums are kept by.
#[derive(PartialEq, Eq, Hash)]
struct Subject {
    account: AccountName,
    bucket: Option<Arc<str>>,
    op: Op,
}

impl Session {
    /// One request more.
    pub(super) fn count(&mut self, sent: &Sent) {
        match &mut self.open {
            Some((kind, _, sum)) if Arc::ptr_eq(kind, &sent.kind) => sum.count(&sent.figures()),
            Some(_) | None => self.begin(sent),
        }
    }

    fn begin(&mut self, sent: &Sent) {
        let Kind { account, bucket, op, .. } = &*sent.kind;
        let subject = Subject { account: account.clone(), bucket: bucket.clone(), op: *op };
        if let Some((_, earlier, sum)) = self.open.take() {
            self.sums.insert(earlier, sum);
        }
        let mut sum = self.sums.remove(&subject).unwrap_or_default();
        sum.count(&sent.figures());
        self.open = Some((sent.kind.clone(), subject, sum));
    }

    fn all(&self) -> impl Iterator<Item = (&Subject, &Sum)> {
        self.open.iter().map(|(_, subject, sum)| (subject, sum)).chain(&self.sums)
    }

    /// All of what is meant; days do not count here.
    pub(super) fn total(&self, narrow: &Narrow) -> Sum {
        let is = |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|wanted| Some(wanted) == found);
        let meant = self.all().filter(|(subject, _)| {
            is(&narrow.account, Some(subject.account.as_str()))
                && is(&narrow.bucket, subject.bucket.as_deref())
                && is(&narrow.op, Some(subject.op.row().name))
        });
        meant.fold(Sum::default(), |mut total, (_, sum)| {
            total.add(sum);
            total
        })
    }

    /// What it cost, by account and bucket.
    pub(super) fn shares(&self) -> Vec<Share> {
        let mut sums: BTreeMap<(&AccountName, &Option<Arc<str>>), Sum> = BTreeMap::new();
        self.all().for_each(|(subject, sum)| sums.entry((&subject.account, &subject.bucket)).or_default().add(sum));
        let share = |((account, bucket), sum): ((&AccountName, &Option<Arc<str>>), Sum)| Share {
            account: account.shared(),
            bucket: bucket.clone(),
            cost: sum.cost,
        };
        sums.into_iter().map(share).collect()
    }
}

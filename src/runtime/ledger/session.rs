//! What this process has sent so far, by account, bucket and operation: for the header line of the screen and for budgets.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{AccountName, Kind, Narrow, Op, Sent, Sum};

/// Sums of what is no fresh line any more.
#[derive(Default)]
pub(super) struct Session {
    sums: HashMap<(AccountName, Option<Arc<str>>, Op), Sum>,
}

/// What a sum is of.
pub(super) struct Subject<'a> {
    pub(super) account: &'a AccountName,
    pub(super) bucket: Option<&'a Arc<str>>,
    op: Op,
}

impl<'a> Subject<'a> {
    /// That of a kind.
    pub(super) fn of(kind: &'a Kind) -> Self {
        Self { account: &kind.account, bucket: kind.bucket.as_ref(), op: kind.op }
    }

    /// Whether it is meant; days do not count here.
    pub(super) fn is_in(&self, narrow: &Narrow) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|wanted| Some(wanted) == found);
        is(&narrow.account, Some(self.account.as_str()))
            && is(&narrow.bucket, self.bucket.map(|bucket| &**bucket))
            && is(&narrow.op, Some(self.op.row().name))
    }
}

impl Session {
    /// One request more.
    pub(super) fn count(&mut self, sent: &Sent) {
        self.sum_of(&sent.kind).count(sent);
    }

    /// All of a sum more.
    pub(super) fn add(&mut self, kind: &Kind, sum: &Sum) {
        self.sum_of(kind).add(sum);
    }

    fn sum_of(&mut self, kind: &Kind) -> &mut Sum {
        self.sums.entry((kind.account.clone(), kind.bucket.clone(), kind.op)).or_default()
    }

    /// Shows every sum.
    pub(super) fn each(&self, see: &mut impl FnMut(&Subject<'_>, &Sum)) {
        self.sums.iter().for_each(|((account, bucket, op), sum)| see(&Subject { account, bucket: bucket.as_ref(), op: *op }, sum));
    }
}

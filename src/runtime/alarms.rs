//! The alarms' ears: every request that is over, and every payer that was read.
//!
//! Goes out: [`Alarm`]s, as soon as there is one. Forbidden here: holding anybody up. A state database that is locked, read-only,
//! damaged or not there costs the alarm and nothing else.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::clock;
use super::journal::Journal;
use super::journal::seen::Sighted;
use super::slip::Listener;
use super::tasks::in_background;
use crate::alarms::{Alarm, Seen, Turned, Watch};
use crate::domain::probe::{Proof, Report};
use crate::domain::{BucketId, Error, Payer, Site};

/// How long the reading of a payer waits for what was seen before.
const PATIENCE: Duration = Duration::from_millis(500);

/// Hears of alarms. It must not wait.
type Telling = Arc<dyn Fn(Alarm) + Send + Sync>;

/// Compares what comes with what was seen, and tells.
#[derive(Clone)]
pub(super) struct Alarms {
    shared: Arc<Shared>,
}

struct Shared {
    journal: Journal,
    /// The state database could not be used: it is not tried again.
    broken: AtomicBool,
    /// What stands since this session, or an earlier one, has found it.
    standing: Mutex<HashMap<BucketId, Turned>>,
    tell: Telling,
}

impl Alarms {
    /// Remembers payers in this journal.
    pub(super) fn new(journal: Journal, tell: Telling) -> Self {
        Self { shared: Arc::new(Shared { journal, broken: AtomicBool::new(false), standing: Mutex::default(), tell }) }
    }

    /// Hears requests that are over.
    pub(super) fn listener(&self) -> Listener {
        let (watch, tell) = (Mutex::new(Watch::default()), Arc::clone(&self.shared.tell));
        Arc::new(move |sent| {
            if Watch::concerns(sent) {
                watch.lock().unwrap_or_else(PoisonError::into_inner).hear(sent, |alarm| tell(alarm));
            }
        })
    }

    /// A store said who pays. Returns once that is compared with what was seen, or after a moment: then the alarm comes later.
    pub(super) async fn payer_read(&self, site: &Site, id: &BucketId, payer: &Payer, at: Timestamp) {
        if self.shared.broken.load(Ordering::Relaxed) {
            return;
        }
        let (shared, bucket, payer) = (Arc::clone(&self.shared), sighted(site, id), payer.clone());
        let compared = in_background(move || {
            shared.compare(&bucket, &payer, at);
            Ok(())
        });
        tokio::select! {
            _compared = compared => {}
            () = clock::sleep(PATIENCE) => {}
        }
    }

    /// What stands of a bucket.
    pub(super) fn turned(&self, id: &BucketId) -> Option<Turned> {
        self.shared.standing.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// The payer as it was last seen, by this session or an earlier one.
    pub(super) async fn seen(&self, site: &Site, id: &BucketId) -> Option<Seen> {
        let (journal, bucket) = (self.shared.journal.clone(), sighted(site, id));
        in_background(move || journal.seen(&bucket)).await.ok().flatten()
    }

    /// A probe has ended: what it proved is kept, as long as nothing newer says otherwise.
    pub(super) async fn proved(&self, site: &Site, id: &BucketId, report: &Report, at: Timestamp) {
        let Some(proof) = Proof::of(report, at) else { return };
        let (shared, bucket) = (Arc::clone(&self.shared), sighted(site, id));
        let kept = in_background(move || {
            if let Err(error) = shared.journal.keep_proof(&bucket, &proof) {
                tracing::warn!(error = error.message(), "what a probe proved is not kept");
            }
            Ok(())
        });
        tokio::select! {
            _kept = kept => {}
            () = clock::sleep(PATIENCE) => {}
        }
    }

    /// Whether this is to be told to the user now, or was some days ago. Without a state database it is told.
    pub(super) fn tell_once(&self, what: &str) -> bool {
        self.shared.journal.tell_once(what, clock::now()).unwrap_or(true)
    }
}

impl Shared {
    fn compare(&self, bucket: &Sighted, payer: &Payer, at: Timestamp) {
        match self.journal.note_payer(bucket, payer, at) {
            Ok((seen, found)) => self.take(&bucket.id, seen.turned(found)),
            Err(error) => self.give_up(&error),
        }
    }

    fn give_up(&self, error: &Error) {
        if !self.broken.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = error.message(), "payers are not compared with what was seen before");
        }
    }

    fn take(&self, id: &BucketId, turned: Option<Turned>) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        match turned {
            None => {
                if standing.remove(id).is_some() {
                    (self.tell)(Alarm::Settled(id.clone()));
                }
            }
            Some(turned) => {
                let same = standing.get(id).is_some_and(|known| known.since == turned.since && known.now == turned.now);
                if !same {
                    standing.insert(id.clone(), turned.clone());
                    (self.tell)(Alarm::Turned(id.clone(), turned));
                }
            }
        }
    }
}

fn sighted(site: &Site, id: &BucketId) -> Sighted {
    Sighted { store: store_of(site), provider: site.provider, id: id.clone() }
}

/// By which the state database knows a store: the same names elsewhere are other buckets.
pub(super) fn store_of(site: &Site) -> String {
    let endpoint = site.endpoint.as_deref().map(|endpoint| format!(" {endpoint}")).unwrap_or_default();
    format!("{}{endpoint}", site.provider)
}

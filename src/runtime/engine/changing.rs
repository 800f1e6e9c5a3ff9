//! A change of a bucket's payer: a journal line, the PUT, and reading back until the store answers the new value.

use std::time::Duration;

use super::{Engine, caused};
use crate::app::{Changed, PayerChange, PayerFact};
use crate::audit::{Change, Outcome};
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Keys, Payer, Provider, Result};
use crate::runtime::clock;
use crate::runtime::desked::Desked;
use crate::runtime::http::{Failed, Judged};
use crate::runtime::retry::Reached;
use crate::runtime::tasks::in_background;
use crate::wire::Call;

/// How many of them a change gets whose PUT broke off: it may have arrived, and may still be applied after the last.
const BROKEN_READINGS: usize = 6;

/// How often a changed payer is read back, and how long before each reading: S3 needs "up to minutes" to apply it. Five minutes
/// and fourteen requests, and then the store has said no: nobody asks for ever.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysExamples.html>
pub(super) const READ_BACK: [Duration; 14] = {
    let ms = Duration::from_millis;
    let (half, minute) = (ms(30_000), ms(60_000));
    [ms(0), ms(250), ms(500), ms(1000), ms(2000), ms(4000), ms(8000), ms(15_000), half, half, half, minute, minute, minute]
};

impl Engine {
    /// Changes the payer: journal line, PUT, reading back until the store agrees or gives up, outcome in the journal.
    /// Without a journal line nothing is sent.
    ///
    /// Dropping the future ends it where it stands: a line that says `sent` stays in the journal, since the PUT may have left.
    pub async fn change_payer(&self, change: &PayerChange, accepted: impl FnOnce() + Send) -> Changed {
        self.change_payer_until(change, accepted, std::future::pending()).await
    }

    /// The same, but reading back ends as soon as `enough` does. What was read until then is the outcome, in the journal too.
    pub async fn change_payer_until(
        &self,
        change: &PayerChange,
        accepted: impl FnOnce() + Send,
        enough: impl Future<Output = ()> + Send,
    ) -> Changed {
        let desked = match self.shared.door.desked(&change.place.id.account) {
            Ok(desked) => desked,
            Err(error) => return failed(error),
        };
        let mut line = Change { identity: who(desked, change).await, ..intent(change, desked.account.site.provider) };
        let journal = self.shared.journal.clone();
        let begun = line.clone();
        match in_background(move || journal.begin(&begun)).await {
            Ok(id) => line.id = id,
            Err(error) => return failed(nothing_sent(error)),
        }
        tell_begin(change);
        let changed = self.put_and_read_back(desked, change, accepted, enough).await;
        let changed = self.finish(line, changed).await;
        tell_end(change, &changed);
        changed
    }

    async fn finish(&self, line: Change, mut changed: Changed) -> Changed {
        let line = Change {
            after: changed.after.as_ref().map(|fact| fact.payer.clone()),
            outcome: changed.outcome,
            request_id: changed.request_id.clone(),
            error: changed.error.as_ref().map(|error| error.message().to_owned()),
            ..line
        };
        let journal = self.shared.journal.clone();
        if let Err(error) = in_background(move || journal.finish(&line)).await {
            let lost = Error::new(ErrorKind::Local, format!("the outcome could not be written to the journal: {error}"))
                .hint("The change itself is as shown. Repair the state folder.");
            match changed.error {
                None => changed.error = Some(lost),
                Some(_) => self.shared.door.tell(lost),
            }
        }
        changed
    }

    async fn put_and_read_back(
        &self,
        desked: &Desked,
        change: &PayerChange,
        accepted: impl FnOnce() + Send,
        enough: impl Future<Output = ()> + Send,
    ) -> Changed {
        let call = Call::PutBucketRequestPayment { bucket: change.place.id.bucket.clone(), payer: change.to.clone(), checksum: None };
        match self.exchange(desked, &change.place, &call, &self.shared.door.books(None)).await {
            Ok(exchanged) => {
                accepted();
                let request_id = exchanged.request_id.as_deref().map(str::to_owned);
                Changed { request_id, ..self.read_back(change, None, enough).await }
            }
            Err(Failed { error, reached: Reached::Perhaps }) if is_ambiguous(&error) => {
                let request_id = error.request_id().map(str::to_owned);
                Changed { request_id, ..self.read_back(change, Some(error), enough).await }
            }
            Err(Failed { error, .. }) => failed(error),
        }
    }

    /// Reads until the store answers the new value, or nobody wants to know any more. `broken` is the error of a PUT whose
    /// outcome nobody knows; then the first [`BROKEN_READINGS`] must do.
    async fn read_back(&self, change: &PayerChange, broken: Option<Error>, enough: impl Future<Output = ()> + Send) -> Changed {
        let readings = if broken.is_some() { BROKEN_READINGS } else { self.shared.read_back.len() };
        let mut last = Err(Error::new(ErrorKind::Interrupted, "its answer was not waited for"));
        tokio::select! {
            () = self.read_until_new(change, readings, &mut last) => {}
            () = enough => {}
        }
        match last {
            Ok(fact) if fact.payer == change.to => Changed { outcome: Outcome::Verified, after: Some(fact), request_id: None, error: None },
            last => settle(change, last, broken),
        }
    }

    /// Reads at most so often, with longer and longer pauses. `last` holds the newest answer at any time.
    async fn read_until_new(&self, change: &PayerChange, readings: usize, last: &mut Result<PayerFact>) {
        for pause in self.shared.read_back.iter().take(readings) {
            clock::sleep(*pause).await;
            // What a change that has left has come to is read whatever it costs.
            *last = self.ask_payer(&change.place, Judged::Before).await;
            match last {
                Ok(fact) if fact.payer == change.to => return,
                Ok(_) => {}
                Err(error) if error.kind().retryable() => {}
                Err(_) => return,
            }
        }
    }
}

/// Under which name the log has changes: whoever looks for them in it knows this one.
const TARGET: &str = "whopays::runtime::engine";

/// What the log says of a change before anything is sent.
fn tell_begin(change: &PayerChange) {
    let (account, bucket) = (change.place.id.account.as_str(), change.place.id.bucket.as_str());
    let before = change.before.as_ref().map(Payer::as_str);
    tracing::info!(target: TARGET, account, bucket, before, to = change.to.as_str(), "a payer change begins");
}

/// What the log says of a change after it ended.
fn tell_end(change: &PayerChange, changed: &Changed) {
    let (account, bucket) = (change.place.id.account.as_str(), change.place.id.bucket.as_str());
    let after = changed.after.as_ref().map(|fact| fact.payer.as_str());
    let (request_id, error) = (changed.request_id.as_deref(), changed.error.as_ref().map(Error::message));
    tracing::info!(target: TARGET, account, bucket, outcome = changed.outcome.as_str(), after, request_id, error, "a payer change ended");
}

/// What the journal lacks, and that nothing has happened yet.
fn nothing_sent(error: Error) -> Error {
    let repair = error.hint_text().unwrap_or("Make room or repair the state folder.").to_owned();
    error.hint(format!("{repair} Nothing was sent: a change without a journal line is not made."))
}

fn failed(error: Error) -> Changed {
    Changed { outcome: Outcome::Failed, after: None, request_id: error.request_id().map(str::to_owned), error: Some(error) }
}

/// Whom the journal names: the caller's identity, else the shortened id of the key that signs.
async fn who(desked: &Desked, change: &PayerChange) -> Option<String> {
    if change.identity.is_some() {
        return change.identity.clone();
    }
    match desked.loader.load(clock::now()).await {
        Ok(Keys::Signed(keys)) => Some(keys.short_id()),
        // Without keys the PUT will say why.
        Ok(Keys::Anonymous) | Err(_) => None,
    }
}

fn intent(change: &PayerChange, provider: Provider) -> Change {
    Change {
        id: 0,
        at: clock::now(),
        bucket: change.place.id.clone(),
        provider,
        identity: None,
        before: change.before.clone(),
        asked: change.to.clone(),
        after: None,
        outcome: Outcome::Sent,
        request_id: None,
        error: None,
    }
}

/// Whether a failed PUT may have worked nevertheless.
fn is_ambiguous(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Server | ErrorKind::Timeout | ErrorKind::InvalidReply | ErrorKind::Network => true,
        ErrorKind::Usage
        | ErrorKind::Config
        | ErrorKind::Credentials
        | ErrorKind::Denied
        | ErrorKind::NotFound
        | ErrorKind::Unsupported
        | ErrorKind::WrongRegion
        | ErrorKind::ClockSkew
        | ErrorKind::Throttled
        | ErrorKind::Conflict
        | ErrorKind::Tls
        | ErrorKind::Refused
        | ErrorKind::Partial
        | ErrorKind::Interrupted
        | ErrorKind::Local
        | ErrorKind::Internal => false,
    }
}

/// What to say when the store did not answer the new value.
fn settle(change: &PayerChange, last: Result<PayerFact>, broken: Option<Error>) -> Changed {
    let name = &change.place.id.bucket;
    let ended = |outcome, after, error: Error| Changed { outcome, after, request_id: None, error: Some(error) };
    match (last, broken) {
        (Ok(fact), None) => {
            let message = format!("bucket \"{name}\": the store accepted the change but still answers {}", shown(&fact.payer));
            let error = Error::new(ErrorKind::Conflict, message)
                .hint("Refresh the row in a few minutes: a change can take that long, or somebody else changed it meanwhile.");
            ended(Outcome::NotApplied, Some(fact), error)
        }
        (Ok(fact), Some(cause)) => {
            let message = format!(
                "bucket \"{name}\": nobody knows whether the change arrived, the store still answers {} ({cause})",
                shown(&fact.payer)
            );
            let error = Error::new(cause.kind(), message).hint("Refresh the row in a few minutes, before you repeat the change.");
            ended(Outcome::Unknown, Some(fact), caused(error, cause))
        }
        (Err(cause), None) => {
            let message = format!("bucket \"{name}\": the store accepted the change, but the new value cannot be read back ({cause})");
            let error = Error::new(cause.kind(), message).hint("Refresh the row later; until then the journal says that nobody knows.");
            ended(Outcome::Unknown, None, caused(error, cause))
        }
        (Err(_), Some(cause)) => {
            let message = format!("bucket \"{name}\": nobody knows whether the change was made ({cause})");
            let error = Error::new(cause.kind(), message)
                .hint("Refresh the row when the store answers again; until then the journal says that nobody knows.");
            ended(Outcome::Unknown, None, caused(error, cause))
        }
    }
}

fn shown(payer: &Payer) -> String {
    visible(payer.as_str()).into_owned()
}

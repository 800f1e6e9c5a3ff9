//! What an account's requests have in common, made once for thousands of them.
//!
//! Comes in: what is asked of a store. Goes out: its [`Heading`], the same handle as long as nothing is different.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::own::Each;
use super::slip::{Accounting, Heading};
use crate::domain::op::PriceClass;
use crate::domain::{AccountName, BucketName, Kind, Network, Op, Provider};

/// The kinds of one account's requests.
pub(super) struct Kinds {
    account: AccountName,
    provider: Provider,
    /// Over which network they go by the vendor's price list; `None`: no list has prices for its store. A region changes neither.
    network: Option<Network>,
    /// Who its keys are, since STS said so.
    caller: Mutex<Option<Arc<str>>>,
    /// That of the last request of each operation. Each thread has its own: what two cores change in turn, a lock or the counter of a
    /// handle, costs them more than the rest of a line.
    last: Each<Vec<(Op, Arc<Heading>)>>,
}

/// What makes a request's kind beside its account.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The operation.
    pub(super) op: Op,
    /// The bucket, for requests that have one.
    pub(super) bucket: Option<&'a BucketName>,
    /// As it is signed for.
    pub(super) region: &'a str,
    /// As it is sent.
    pub(super) method: &'a http::Method,
    /// Host and port.
    pub(super) host: &'a str,
}

impl Kinds {
    /// Of an account that nobody knows yet.
    pub(super) fn of_account(account: AccountName, provider: Provider, network: Option<Network>) -> Self {
        Self { account, provider, network, caller: Mutex::default(), last: Each::new() }
    }

    /// Remembers who its keys are.
    pub(super) fn is_known_as(&self, caller: &str) {
        *lock(&self.caller) = Some(Arc::from(caller));
        // Nobody can have made one with the old caller that is not seen here.
        self.last.iter().for_each(|last| last.lock().clear());
    }

    /// Other listeners and other prices hold from now on.
    pub(super) fn forget(&mut self) {
        self.last.clear();
    }

    /// What a request is told and booked under: as the last one of this operation, if nothing is different.
    pub(super) fn of(&self, asked: &Asked<'_>, accounting: &Arc<Accounting>) -> Arc<Heading> {
        let mut last = self.last.get_or_default().lock();
        let place = last.iter().position(|(op, _)| *op == asked.op);
        if let Some((_, heading)) = place.and_then(|place| last.get(place)).filter(|(_, heading)| asked.is(&heading.kind)) {
            return heading.clone();
        }
        let heading = Arc::new(Heading::new(Arc::new(self.made(asked)), self.network, accounting.clone()));
        match place {
            Some(place) => last[place].1 = heading.clone(),
            None => last.push((asked.op, heading.clone())),
        }
        heading
    }

    fn made(&self, asked: &Asked<'_>) -> Kind {
        Kind {
            account: self.account.clone(),
            caller: lock(&self.caller).clone(),
            provider: self.provider,
            region: Arc::from(asked.region),
            bucket: asked.bucket.map(BucketName::shared),
            op: asked.op,
            class: asked.op.cell(self.provider).map_or(PriceClass::Free, |cell| cell.price),
            method: word(asked.method),
            host: Arc::from(asked.host),
        }
    }
}

impl Asked<'_> {
    fn is(&self, kind: &Kind) -> bool {
        kind.bucket.as_deref() == self.bucket.map(BucketName::as_str)
            && *kind.region == *self.region
            && kind.method == self.method.as_str()
            && *kind.host == *self.host
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The method's word.
fn word(method: &http::Method) -> Cow<'static, str> {
    let known = ["GET", "PUT", "POST", "HEAD", "DELETE"].into_iter().find(|known| method == known);
    known.map_or_else(|| Cow::Owned(method.as_str().to_owned()), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn a_kind_is_kept_until_something_is_different() {
        let tiles = BucketName::parse(Provider::S3, "tiles").unwrap();
        let runs = BucketName::parse(Provider::S3, "runs").unwrap();
        let (get, head, patch) = (http::Method::GET, http::Method::HEAD, http::Method::PATCH);
        let asked = Asked { op: Op::GetObject, bucket: Some(&tiles), region: "eu-west-1", method: &get, host: "tiles.example" };
        let (kinds, accounting) = (Kinds::of_account(AccountName::new("research"), Provider::S3, None), Arc::default());
        let of = |asked: &Asked<'_>| kinds.of(asked, &accounting).kind.clone();
        let first = of(&asked);
        let wanted = Kind {
            account: AccountName::new("research"),
            caller: None,
            provider: Provider::S3,
            region: Arc::from("eu-west-1"),
            bucket: Some(Arc::from("tiles")),
            op: Op::GetObject,
            class: PriceClass::Tier2,
            method: "GET".into(),
            host: Arc::from("tiles.example"),
        };
        assert_eq!(*first, wanted);
        // Another operation between them changes nothing.
        let named = of(&Asked { op: Op::HeadObject, method: &head, ..asked });
        assert_eq!((named.op, &*named.method), (Op::HeadObject, "HEAD"));
        assert!(Arc::ptr_eq(&of(&asked), &first), "one for both");
        for (other, wanted) in [
            (Asked { bucket: Some(&runs), ..asked }, Kind { bucket: Some(Arc::from("runs")), ..wanted.clone() }),
            (Asked { bucket: None, ..asked }, Kind { bucket: None, ..wanted.clone() }),
            (Asked { region: "eu-west-12", ..asked }, Kind { region: Arc::from("eu-west-12"), ..wanted.clone() }),
            (Asked { method: &patch, ..asked }, Kind { method: "PATCH".into(), ..wanted.clone() }),
            (Asked { host: "tiles.example:9000", ..asked }, Kind { host: Arc::from("tiles.example:9000"), ..wanted.clone() }),
        ] {
            assert_eq!(*of(&other), wanted);
            assert_eq!(*of(&asked), *first, "and the first again, as after a correction of the region");
        }
        kinds.is_known_as("arn:aws:iam::111122223333:user/ada");
        assert_eq!(*of(&asked), Kind { caller: Some(Arc::from("arn:aws:iam::111122223333:user/ada")), ..wanted });
    }

    /// Each thread has its own handles, and all of them learn who the keys are.
    #[test]
    fn what_is_learnt_holds_on_every_thread() {
        let tiles = BucketName::parse(Provider::S3, "tiles").unwrap();
        let (op, method) = (Op::GetObject, http::Method::GET);
        let asked = Asked { op, bucket: Some(&tiles), region: "eu-west-1", method: &method, host: "tiles.example" };
        let mut kinds = Kinds::of_account(AccountName::new("research"), Provider::S3, None);
        let (accounting, meet) = (Arc::default(), Barrier::new(2));
        let here = kinds.of(&asked, &accounting);
        let (there, learnt) = std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let before = kinds.of(&asked, &accounting);
                meet.wait();
                meet.wait();
                (before, kinds.of(&asked, &accounting))
            });
            meet.wait();
            kinds.is_known_as("arn:aws:iam::111122223333:user/ada");
            meet.wait();
            other.join().unwrap()
        });
        assert!(!Arc::ptr_eq(&here, &there), "a handle of its own");
        assert_eq!(here.kind, there.kind);
        let known = kinds.of(&asked, &accounting);
        assert_eq!([&learnt, &known].map(|heading| heading.kind.caller.as_deref()), [Some("arn:aws:iam::111122223333:user/ada"); 2]);
        kinds.forget();
        assert!(!Arc::ptr_eq(&kinds.of(&asked, &accounting), &known), "as it has to be once somebody else listens");
    }
}

//! What an account's requests have in common, made once for thousands of them.
//!
//! Comes in: what is asked of a store. Goes out: its [`Kind`], the same handle as long as nothing is different.

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::op::PriceClass;
use crate::domain::{AccountName, BucketName, Kind, Op, Provider};

/// The kinds of one account's requests.
pub(super) struct Kinds {
    account: AccountName,
    provider: Provider,
    /// Who its keys are, since STS said so.
    caller: Option<Arc<str>>,
    /// That of the last request of each operation.
    last: Vec<Arc<Kind>>,
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
    pub(super) fn of_account(account: AccountName, provider: Provider) -> Self {
        Self { account, provider, caller: None, last: Vec::new() }
    }

    /// Remembers who its keys are.
    pub(super) fn is_known_as(&mut self, caller: &str) {
        self.caller = Some(Arc::from(caller));
        self.last.clear();
    }

    /// The kind of a request: that of the last one of this operation, if nothing is different.
    pub(super) fn of(&mut self, asked: &Asked<'_>) -> Arc<Kind> {
        let last = self.last.iter().position(|kind| kind.op == asked.op);
        if let Some(kind) = last.and_then(|place| self.last.get(place)).filter(|kind| asked.is(kind)) {
            return kind.clone();
        }
        let kind = Arc::new(self.made(asked));
        match last {
            Some(place) => self.last[place] = kind.clone(),
            None => self.last.push(kind.clone()),
        }
        kind
    }

    fn made(&self, asked: &Asked<'_>) -> Kind {
        Kind {
            account: self.account.clone(),
            caller: self.caller.clone(),
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

/// The method's word.
fn word(method: &http::Method) -> Cow<'static, str> {
    let known = ["GET", "PUT", "POST", "HEAD", "DELETE"].into_iter().find(|known| method == known);
    known.map_or_else(|| Cow::Owned(method.as_str().to_owned()), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_kept_until_something_is_different() {
        let tiles = BucketName::parse(Provider::S3, "tiles").unwrap();
        let runs = BucketName::parse(Provider::S3, "runs").unwrap();
        let (get, head, patch) = (http::Method::GET, http::Method::HEAD, http::Method::PATCH);
        let asked = Asked { op: Op::GetObject, bucket: Some(&tiles), region: "eu-west-1", method: &get, host: "tiles.example" };
        let mut kinds = Kinds::of_account(AccountName::new("research"), Provider::S3);
        let first = kinds.of(&asked);
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
        let named = kinds.of(&Asked { op: Op::HeadObject, method: &head, ..asked });
        assert_eq!((named.op, &*named.method), (Op::HeadObject, "HEAD"));
        assert!(Arc::ptr_eq(&kinds.of(&asked), &first), "one for both");
        for (other, wanted) in [
            (Asked { bucket: Some(&runs), ..asked }, Kind { bucket: Some(Arc::from("runs")), ..wanted.clone() }),
            (Asked { bucket: None, ..asked }, Kind { bucket: None, ..wanted.clone() }),
            (Asked { region: "eu-west-12", ..asked }, Kind { region: Arc::from("eu-west-12"), ..wanted.clone() }),
            (Asked { method: &patch, ..asked }, Kind { method: "PATCH".into(), ..wanted.clone() }),
            (Asked { host: "tiles.example:9000", ..asked }, Kind { host: Arc::from("tiles.example:9000"), ..wanted.clone() }),
        ] {
            assert_eq!(*kinds.of(&other), wanted);
            assert_eq!(*kinds.of(&asked), *first, "and the first again, as after a correction of the region");
        }
        kinds.is_known_as("arn:aws:iam::111122223333:user/ada");
        assert_eq!(*kinds.of(&asked), Kind { caller: Some(Arc::from("arn:aws:iam::111122223333:user/ada")), ..wanted });
    }
}

//! What is asked of a store, as its bill sees it.

use jiff::Timestamp;

use super::fee::Count;
use crate::domain::op::PriceClass;
use crate::domain::{Network, Op, Provider};

pub use super::places::Where;

/// Requests of one price class, and the bytes of their answers.
#[derive(Clone, Copy, Debug)]
pub struct Used<'a> {
    /// Whose store.
    pub provider: Provider,
    /// Where the bucket is; empty for a store that is not the vendor's own, whose prices no list knows.
    pub region: &'a str,
    /// Over which network.
    pub network: Network,
    /// The price class.
    pub class: PriceClass,
    /// How many requests.
    pub requests: u64,
    /// Bytes of the answers' bodies. (What is sent costs nothing at either vendor.)
    pub down: u64,
    /// Bytes that the store reads to copy them: they cost what their retrieval costs, and no transfer.
    pub taken: u64,
    /// The storage class of the objects, in the vendor's own word; `None`: the standard class, or the request is about none.
    pub storage: Option<&'a str>,
    /// When; `None`: some day or other.
    pub at: Option<Timestamp>,
}

impl<'a> Used<'a> {
    /// So many requests of an operation. `None`: this provider has no such operation.
    pub fn of(place: &Where<'a>, op: Op, requests: u64) -> Option<Self> {
        let class = op.cell(place.provider)?.price;
        let Where { provider, region, network } = *place;
        Some(Self { provider, region, network, class, requests, down: 0, taken: 0, storage: None, at: None })
    }

    /// The same with so many bytes in the answers.
    #[must_use]
    pub fn down(self, bytes: u64) -> Self {
        Self { down: bytes, ..self }
    }

    /// The same with so many bytes that the store reads to copy them.
    #[must_use]
    pub fn taken(self, bytes: u64) -> Self {
        Self { taken: bytes, ..self }
    }

    /// How much of it there is.
    pub(super) fn count(&self) -> Count {
        Count { requests: self.requests, down: self.down, taken: self.taken, at: self.at }
    }

    /// Whether there is anything in it that can have a price.
    pub(super) fn costs_something(&self) -> bool {
        let standard = super::row::standard(self.provider);
        let retrieved = self.taken > 0 && !self.storage.unwrap_or(standard).eq_ignore_ascii_case(standard);
        self.requests > 0 || self.down > 0 || retrieved
    }

    /// The same about objects of a storage class.
    #[must_use]
    pub fn stored(self, storage: Option<&'a str>) -> Self {
        Self { storage, ..self }
    }

    /// The same at a time.
    #[must_use]
    pub fn at(self, time: Timestamp) -> Self {
        Self { at: Some(time), ..self }
    }
}

/// Whether a request with this outcome is on anybody's bill: S3 bills refusals too and its own failures (5xx) not; OSS bills what
/// succeeded. Without an answer (`None`) it may be.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorCodeBilling.html>
pub fn is_billed(provider: Provider, status: Option<u16>) -> bool {
    match (provider, status) {
        (Provider::S3, Some(status)) => status < 500,
        (Provider::Oss, Some(status)) => status < 400,
        (Provider::S3 | Provider::Oss, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_billed() {
        let billed = |provider| [Some(200), Some(304), Some(403), Some(404), Some(500), Some(503), None].map(|s| is_billed(provider, s));
        assert_eq!(billed(Provider::S3), [true, true, true, true, false, false, true]);
        assert_eq!(billed(Provider::Oss), [true, true, false, false, false, false, true]);
    }

    #[test]
    fn classes_come_from_the_table_of_operations() {
        let class = |provider, op| Used::of(&Where { provider, region: "x", network: Network::Public }, op, 1).map(|used| used.class);
        assert_eq!(class(Provider::S3, Op::ListObjectsV2), Some(PriceClass::Tier1));
        assert_eq!(class(Provider::S3, Op::DeleteObject), Some(PriceClass::Free));
        assert_eq!(class(Provider::Oss, Op::DeleteObject), Some(PriceClass::PutType));
        assert_eq!(class(Provider::Oss, Op::GetObject), Some(PriceClass::GetType));
        assert_eq!(class(Provider::Oss, Op::HeadBucket), None);
    }
}

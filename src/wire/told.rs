//! What the head of an answer tells of the request itself, whatever was asked: read in one go over its headers, since it is read of
//! every answer.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue};

use super::{error, objects};
use crate::domain::object::Charged;
use crate::domain::{Op, Provider};

/// What an answer says beside its reply.
#[derive(Debug)]
pub struct Told<'a> {
    /// Who was charged.
    pub charged: Charged,
    /// By which the store's operators find the request.
    pub request_id: Option<Cow<'a, str>>,
    /// The second id of S3.
    pub host_id: Option<&'a str>,
    /// The storage class of the object, in the vendor's own word.
    pub storage: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// Of an answer to this operation.
    pub fn of(provider: Provider, op: Op, headers: &'a HeaderMap) -> Self {
        let (mut charged, mut request_id, mut host_id, mut storage) = (None, None, None, None);
        for (name, value) in headers {
            match (provider, name.as_str()) {
                (Provider::S3, "x-amz-request-charged") | (Provider::Oss, "x-oss-request-charged") => charged = charged.or(Some(value)),
                (Provider::S3, "x-amz-request-id") | (Provider::Oss, "x-oss-request-id") => request_id = request_id.or(Some(value)),
                (Provider::S3, "x-amz-storage-class") | (Provider::Oss, "x-oss-storage-class") => storage = storage.or(Some(value)),
                (_, "x-amz-id-2") => host_id = host_id.or(Some(value)),
                (Provider::S3 | Provider::Oss, _) => {}
            }
        }
        Self {
            charged: objects::charged_as(provider, op, charged),
            request_id: request_id.map(error::id_of).or_else(|| error::request_id(headers)),
            host_id: host_id.and_then(ascii),
            storage: storage.and_then(ascii),
        }
    }
}

/// A header's value, if it is plain text.
fn ascii(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok().filter(|text| text.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs =
            of.iter().map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        pairs.collect()
    }

    #[test]
    fn each_provider_says_it_in_its_own_words() {
        let all = headers(&[
            ("date", "Sun, 22 Nov 2026 05:00:00 GMT"),
            ("x-amz-request-charged", "requester"),
            ("x-amz-request-id", "R-amz"),
            ("x-amz-id-2", "H2"),
            ("x-amz-storage-class", "GLACIER"),
            ("x-oss-request-id", "R-oss"),
            ("x-oss-storage-class", "IA"),
        ]);
        let told = Told::of(Provider::S3, Op::GetObject, &all);
        assert_eq!((told.charged, told.request_id.as_deref()), (Charged::Yes, Some("R-amz")));
        assert_eq!((told.host_id, told.storage), (Some("H2"), Some("GLACIER")));
        let told = Told::of(Provider::Oss, Op::HeadObject, &all);
        assert_eq!((told.charged, told.request_id.as_deref(), told.storage), (Charged::No, Some("R-oss"), Some("IA")));
    }

    #[test]
    fn what_is_not_there_or_no_text_is_not_told() {
        assert_eq!(Told::of(Provider::S3, Op::GetObject, &headers(&[("x-amz-id-2", "é")])).host_id, None);
        let sts = headers(&[("x-amzn-requestid", "S")]);
        assert_eq!(Told::of(Provider::S3, Op::GetCallerIdentity, &sts).request_id.as_deref(), Some("S"));
        let none = HeaderMap::new();
        let told = Told::of(Provider::S3, Op::GetObject, &none);
        assert_eq!((told.charged, told.request_id, told.host_id, told.storage), (Charged::No, None, None, None));
    }
}

//! The address of a request, taken apart: for the HTTP client, the ledger and the log.
//!
//! Comes in: an address as text. Goes out: its pieces, as they stand in it. Forbidden here: changing one.

use std::sync::Arc;

/// The pieces of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// Scheme, host and port.
    pub(super) origin: &'a str,
    /// Host and port.
    pub(super) host: &'a str,
    /// As it is sent; `/` where there is none.
    pub(super) path: &'a str,
    /// What follows `?`.
    pub(super) query: Option<&'a str>,
}

impl<'a> Address<'a> {
    /// Byte by byte, since it is asked of every request: a search for text prepares itself longer than an address is.
    pub(super) fn of(text: &'a str) -> Self {
        let known = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = known.unwrap_or_else(|| text.split_once("://").map_or(text, |(_, rest)| rest));
        let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
        let (host, rest) = rest.split_at(end);
        let (path, query) = match rest.bytes().position(|byte| byte == b'?') {
            Some(place) => (&rest[..place], Some(&rest[place + 1..])),
            None => (rest, None),
        };
        Self { origin: &text[..text.len() - rest.len()], host, path: if path.is_empty() { "/" } else { path }, query }
    }
}

/// The names of a query's items, between `&`. The values stay behind: tokens, markers and signatures are among them.
pub(super) fn query_names(query: &str) -> Arc<str> {
    let names: Vec<&str> = query.split('&').map(|item| item.split('=').next().unwrap_or_default()).collect();
    Arc::from(names.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        for (text, origin, host, path, query) in [
            (
                "https://b.s3.us-east-1.amazonaws.com/a%2Fb?partNumber=1&X-Amz-Signature=f00",
                "https://b.s3.us-east-1.amazonaws.com",
                "b.s3.us-east-1.amazonaws.com",
                "/a%2Fb",
                Some("partNumber=1&X-Amz-Signature=f00"),
            ),
            ("http://127.0.0.1:9000/b/?list-type=2", "http://127.0.0.1:9000", "127.0.0.1:9000", "/b/", Some("list-type=2")),
            ("https://sts.example?Action=GetCallerIdentity", "https://sts.example", "sts.example", "/", Some("Action=GetCallerIdentity")),
            ("https://sts.example", "https://sts.example", "sts.example", "/", None),
            ("http://b.example?x=/y?z", "http://b.example", "b.example", "/", Some("x=/y?z")),
            ("http://b.example/?", "http://b.example", "b.example", "/", Some("")),
            ("sts.example/a", "sts.example", "sts.example", "/a", None),
        ] {
            assert_eq!(Address::of(text), Address { origin, host, path, query }, "{text}");
        }
    }

    #[test]
    fn of_a_query_the_names_stay() {
        for (query, names) in [
            ("uploadId=SECRET&partNumber=2", "uploadId&partNumber"),
            ("requestPayment", "requestPayment"),
            ("x=1=2?3&X-Amz-Signature=f00", "x&X-Amz-Signature"),
        ] {
            assert_eq!(&*query_names(query), names, "{query}");
        }
    }
}

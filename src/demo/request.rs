//! A request as it came off the wire, and what it names.
//!
//! Comes in: method, request target, headers, body. Goes out: decoded query, bucket and key. The raw bytes are kept,
//! since signatures are checked against them.

use std::net::{Ipv4Addr, Ipv6Addr};

use bytes::Bytes;
use jiff::Timestamp;

use super::codec;
use crate::domain::few::sort_few;

/// A request, read to its end.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    /// `GET`, `PUT`, …
    pub(super) method: String,
    /// Path and query exactly as on the request line.
    pub(super) target: String,
    /// Names in lower case, in wire order.
    pub(super) headers: Vec<(String, String)>,
    /// The body as sent, `aws-chunked` framing included.
    pub(super) body: Bytes,
    /// When it came, by the store's clock.
    pub(super) now: Timestamp,
}

impl Incoming {
    /// The path as sent.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query's items, decoded, in wire order; `name` and `name=` are the same.
    pub(super) fn query(&self) -> Vec<(String, String)> {
        let Some((_, query)) = self.target.split_once('?') else { return Vec::new() };
        let text = |part: &str| String::from_utf8_lossy(&codec::decode_query(part)).into_owned();
        query
            .split('&')
            .filter(|item| !item.is_empty())
            .map(|item| item.split_once('=').map_or((text(item), String::new()), |(name, value)| (text(name), text(value))))
            .collect()
    }

    /// The first header of that name (lower case).
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// `name:value` lines of the headers that `wanted` names, sorted by name, as both OSS signatures take them.
    pub(super) fn header_lines(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut headers: Vec<&(String, String)> = self.headers.iter().filter(|(name, _)| wanted(name)).collect();
        sort_few(&mut headers);
        headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect()
    }

    /// Every header of that name (lower case).
    pub(super) fn headers_named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(each, _)| each == name).map(|(_, value)| value.as_str())
    }
}

/// What a request names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resource {
    /// The bucket, empty for service requests.
    pub(super) bucket: String,
    /// The key, empty for bucket requests.
    pub(super) key: String,
}

/// A key that is not UTF-8 names nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotUtf8;

/// Reads bucket and key from host and path: virtual-host style where the host name holds a bucket, else path style.
pub(super) fn locate(host: &str, path: &str) -> Result<Resource, NotUtf8> {
    let decoded = String::from_utf8(codec::decode(path)).map_err(|_| NotUtf8)?;
    let rest = decoded.strip_prefix('/').unwrap_or(&decoded);
    if let Some(bucket) = bucket_of_host(host) {
        return Ok(Resource { bucket, key: rest.to_owned() });
    }
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    Ok(Resource { bucket: bucket.to_owned(), key: key.to_owned() })
}

/// `NAME.localhost`, `NAME.s3.region.…`, `NAME.oss-region.…`; any other host name's first label. An address, `localhost`
/// and the service's own names hold no bucket.
fn bucket_of_host(host: &str) -> Option<String> {
    let name = without_port(host).to_ascii_lowercase();
    let address = name.parse::<Ipv4Addr>().is_ok() || name.trim_matches(['[', ']']).parse::<Ipv6Addr>().is_ok();
    if address || name.is_empty() || !name.contains('.') || is_service(&name) {
        return None;
    }
    if let Some(bucket) = name.strip_suffix(".localhost") {
        return Some(bucket.to_owned());
    }
    let labels: Vec<&str> = name.split('.').collect();
    let service = (1..labels.len()).find(|place| is_service(&labels[*place..].join("."))).unwrap_or(1);
    Some(labels[..service].join("."))
}

/// Whether a host name begins with the service itself.
fn is_service(name: &str) -> bool {
    let mut labels = name.split('.');
    let first = labels.next().unwrap_or_default();
    // OSS's dual-stack endpoints are `REGION.oss.aliyuncs.com`.
    labels.next() == Some("oss")
        || name == "localhost"
        || first == "s3"
        || first == "sts"
        || first.starts_with("s3-")
        || first == "oss"
        || first.starts_with("oss-")
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(host: &str, path: &str) -> (String, String) {
        let resource = locate(host, path).unwrap();
        (resource.bucket, resource.key)
    }

    fn pair(bucket: &str, key: &str) -> (String, String) {
        (bucket.to_owned(), key.to_owned())
    }

    #[test]
    fn path_style_is_for_addresses_and_service_names() {
        assert_eq!(found("127.0.0.1:9000", "/"), pair("", ""));
        assert_eq!(found("127.0.0.1:9000", "/photos"), pair("photos", ""));
        assert_eq!(found("127.0.0.1:9000", "/photos/a%2F..%2Fb"), pair("photos", "a/../b"));
        assert_eq!(found("[::1]:9000", "/photos//x"), pair("photos", "/x"));
        assert_eq!(found("localhost:9000", "/photos/x/"), pair("photos", "x/"));
        assert_eq!(found("s3.us-west-2.amazonaws.com", "/photos/x"), pair("photos", "x"));
        assert_eq!(found("oss-cn-hangzhou.aliyuncs.com", "/photos/"), pair("photos", ""));
    }

    #[test]
    fn virtual_host_style_takes_the_bucket_from_the_host() {
        assert_eq!(found("photos.localhost:9000", "/x"), pair("photos", "x"));
        assert_eq!(found("my.photos.localhost", "/"), pair("my.photos", ""));
        assert_eq!(found("my.photos.s3.us-west-2.amazonaws.com", "/x"), pair("my.photos", "x"));
        assert_eq!(found("photos.oss-cn-hangzhou.aliyuncs.com", "/x/y"), pair("photos", "x/y"));
        assert_eq!(found("photos.store.example", "//x"), pair("photos", "/x"));
    }
}

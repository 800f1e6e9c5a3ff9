//! What may stand as an endpoint: `scheme://host[:port][/base]`, and which cloud a host belongs to.

use std::net::{IpAddr, Ipv6Addr};

use crate::domain::{Error, ErrorKind, Provider};

/// An endpoint that passed every check.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// `scheme://host[:port][/base]`, scheme and host in lower case, no slash at the end.
    pub(super) text: String,
    /// The host alone.
    pub(super) host: String,
    /// Whether it is plain http to another machine.
    pub(super) in_clear: bool,
    /// Whether it is plain http at all.
    pub(super) http: bool,
}

/// An endpoint from the command line that passed every check.
#[derive(Debug, PartialEq, Eq)]
pub struct CheckedEndpoint(Endpoint);

impl CheckedEndpoint {
    /// `scheme://host[:port][/base]`.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether it is plain http to another machine.
    pub fn in_clear(&self) -> bool {
        self.0.in_clear
    }

    /// Whether the host is not the other cloud's.
    pub fn fits(&self, provider: Provider) -> bool {
        cloud_of(&self.0.host).provider().is_none_or(|native| native == provider)
    }
}

/// Checks an endpoint that did not come from a file.
///
/// # Errors
/// `Usage`, without the value: it may hold a password.
pub fn check_endpoint(value: &str) -> Result<CheckedEndpoint, Error> {
    parse(value.trim()).map(CheckedEndpoint).map_err(|(what, hint)| Error::new(ErrorKind::Usage, format!("--endpoint {what}")).hint(hint))
}

/// What is wrong and what to do; neither holds anything of the value, which may have a password inside.
pub(super) type Fault = (&'static str, &'static str);

/// Checks an endpoint's form.
pub(super) fn parse(value: &str) -> Result<Endpoint, Fault> {
    let Some((scheme, rest)) = value.split_once("://") else {
        return Err(("has no scheme", "Write it as https://HOST, or https://HOST:PORT."));
    };
    let http = match scheme.to_ascii_lowercase().as_str() {
        "https" => false,
        "http" => true,
        _ => return Err(("has a scheme that is not https or http", "Write it as https://HOST.")),
    };
    if rest.contains('@') {
        return Err(("holds a user name or password", "Leave out everything up to the @; keys belong to `credentials`."));
    }
    if rest.contains(['?', '#']) {
        return Err(("has a query or a fragment", "Leave out everything from the ? or # on."));
    }
    let (authority, base) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = split_port(authority)?;
    let host = host.to_ascii_lowercase();
    check_host(&host)?;
    let base = check_base(base)?;
    let port = port.map_or(String::new(), |port| format!(":{port}"));
    let slash = if base.is_empty() { "" } else { "/" };
    let scheme = if http { "http" } else { "https" };
    let in_clear = http && !is_loopback(&host);
    Ok(Endpoint { text: format!("{scheme}://{host}{port}{slash}{base}"), host, in_clear, http })
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), Fault> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(_) => {
            let end = authority.find(']').ok_or(("has an IPv6 address that is not closed", "Write it as https://[ADDRESS]:PORT."))?;
            let (host, rest) = authority.split_at(end + 1);
            match rest.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if rest.is_empty() => (host, None),
                None => return Err(BAD_HOST),
            }
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let Some(port) = port else { return Ok((host, None)) };
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(number) if number > 0 && digits => Ok((host, Some(number))),
        _ => Err(("has a port that is not a number from 1 to 65535", "Correct the port, or leave it out.")),
    }
}

const BAD_HOST: Fault = ("has a host name that is not valid", "Use letters, digits, hyphens and dots, or an IPv6 address in brackets.");

fn check_host(host: &str) -> Result<(), Fault> {
    if !host.is_ascii() {
        return Err(("has a host name with letters outside ASCII", "Write the host name in its xn-- form."));
    }
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        return address.parse::<Ipv6Addr>().map(|_| ()).map_err(|_| BAD_HOST);
    }
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.len() > 253 || !host.split('.').all(label_ok) {
        return Err(BAD_HOST);
    }
    let numeric = host.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    if numeric && host.parse::<IpAddr>().is_err() {
        return Err(BAD_HOST);
    }
    Ok(())
}

fn check_base(base: &str) -> Result<&str, Fault> {
    let base = base.trim_end_matches('/');
    let segment_ok = |segment: &str| {
        !matches!(segment, "" | "." | "..") && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    if base.is_empty() || base.split('/').all(segment_ok) {
        Ok(base)
    } else {
        Err(("has a path that is not plain", "Use letters, digits, and - . _ ~ between single slashes, or leave the path out."))
    }
}

/// This machine: what is said to it in clear stays here.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.ends_with(".localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The cloud that a host name belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cloud {
    /// `*.amazonaws.com`, with the region and the labels before the service's name (a bucket, if there are any).
    Aws { region: Option<String>, before: String },
    /// `*.aliyuncs.com`, likewise; `speaks_s3` for the S3 interface of OSS.
    Aliyun { region: Option<String>, before: String, speaks_s3: bool },
    /// Anything else.
    Other,
}

impl Cloud {
    /// The provider whose protocol the host speaks natively.
    pub(super) fn provider(&self) -> Option<Provider> {
        match self {
            Self::Aws { .. } => Some(Provider::S3),
            Self::Aliyun { speaks_s3, .. } => Some(if *speaks_s3 { Provider::S3 } else { Provider::Oss }),
            Self::Other => None,
        }
    }

    /// The region in the host name.
    pub(super) fn region(&self) -> Option<&str> {
        match self {
            Self::Aws { region, .. } | Self::Aliyun { region, .. } => region.as_deref(),
            Self::Other => None,
        }
    }

    /// What stands before the service's own name: the bucket.
    pub(super) fn bucket(&self) -> Option<&str> {
        match self {
            Self::Aws { before, .. } | Self::Aliyun { before, .. } => Some(before.as_str()).filter(|before| !before.is_empty()),
            Self::Other => None,
        }
    }
}

/// Which cloud a host belongs to.
pub(super) fn cloud_of(host: &str) -> Cloud {
    if let Some(labels) = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn")) {
        return aws(labels);
    }
    match host.strip_suffix(".aliyuncs.com") {
        Some(labels) => aliyun(labels),
        None => Cloud::Other,
    }
}

/// `[BUCKET.]s3[.dualstack].REGION`, `s3-fips.…`, `s3-REGION`, `s3-accelerate`, `s3`.
fn aws(labels: &str) -> Cloud {
    let labels: Vec<&str> = labels.split('.').collect();
    let Some(service) = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-")) else {
        return Cloud::Aws { region: None, before: String::new() };
    };
    let after = labels[service + 1..].iter().find(|label| **label != "dualstack");
    let old_form = labels[service].strip_prefix("s3-").filter(|rest| !matches!(*rest, "fips" | "accelerate" | "global"));
    let region = after.copied().or(old_form).map(str::to_owned);
    Cloud::Aws { region, before: labels[..service].join(".") }
}

/// `[BUCKET.][s3.]oss-REGION[-internal]`, `REGION.oss` (dual stack), `oss-accelerate[-overseas]`.
fn aliyun(labels: &str) -> Cloud {
    let mut labels: Vec<&str> = labels.split('.').collect();
    let last = labels.pop().unwrap_or_default();
    let region = if last == "oss" { labels.pop() } else { last.strip_prefix("oss-") };
    let region = region.map(|region| region.strip_suffix("-internal").unwrap_or(region)).filter(|region| !region.starts_with("accelerate"));
    let speaks_s3 = labels.last() == Some(&"s3");
    if speaks_s3 {
        labels.pop();
    }
    Cloud::Aliyun { region: region.map(str::to_owned), before: labels.join("."), speaks_s3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loopback_stays_here() {
        for host in ["127.0.0.1", "127.9.9.9", "[::1]", "localhost", "bucket.localhost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["10.0.0.1", "localhost.example", "example"] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn regions_and_buckets_are_read_from_host_names() {
        let region = |host: &str| cloud_of(host).region().map(str::to_owned);
        assert_eq!(region("s3.us-west-2.amazonaws.com").as_deref(), Some("us-west-2"));
        assert_eq!(region("s3.dualstack.eu-west-1.amazonaws.com").as_deref(), Some("eu-west-1"));
        assert_eq!(region("s3-us-west-2.amazonaws.com").as_deref(), Some("us-west-2"));
        assert_eq!(region("s3-fips.us-east-1.amazonaws.com").as_deref(), Some("us-east-1"));
        assert_eq!(region("s3.cn-north-1.amazonaws.com.cn").as_deref(), Some("cn-north-1"));
        assert_eq!(region("s3.amazonaws.com"), None);
        assert_eq!(region("s3-accelerate.amazonaws.com"), None);
        assert_eq!(region("oss-cn-hangzhou.aliyuncs.com").as_deref(), Some("cn-hangzhou"));
        assert_eq!(region("oss-cn-hangzhou-internal.aliyuncs.com").as_deref(), Some("cn-hangzhou"));
        assert_eq!(region("cn-hangzhou.oss.aliyuncs.com").as_deref(), Some("cn-hangzhou"));
        assert_eq!(region("oss-accelerate.aliyuncs.com"), None);
        assert_eq!(cloud_of("arxiv.s3.us-east-1.amazonaws.com").bucket(), Some("arxiv"));
        assert_eq!(cloud_of("data.oss-cn-beijing.aliyuncs.com").bucket(), Some("data"));
        assert_eq!(cloud_of("s3.oss-cn-beijing.aliyuncs.com").provider(), Some(Provider::S3));
        assert_eq!(cloud_of("oss-cn-beijing.aliyuncs.com").provider(), Some(Provider::Oss));
        assert_eq!(cloud_of("minio.example"), Cloud::Other);
    }

    #[test]
    fn forms_are_made_uniform() {
        let text = |value: &str| parse(value).map(|endpoint| endpoint.text);
        assert_eq!(text("HTTPS://S3.Example/"), Ok("https://s3.example".to_owned()));
        assert_eq!(text("http://127.0.0.1:9000"), Ok("http://127.0.0.1:9000".to_owned()));
        assert_eq!(text("http://[::1]:9000/base/"), Ok("http://[::1]:9000/base".to_owned()));
        assert!(!parse("http://[::1]:9000").expect("loopback").in_clear);
        assert!(parse("http://store.example").expect("plain").in_clear);
        for bad in ["https://", "https://a..b", "https://256.1.1.1", "https://[::1", "https://[::1]x", "https://h:0", "https://h:+1"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

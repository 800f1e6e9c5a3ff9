//! Where a request goes: scheme, host and path from site, bucket and key.
//!
//! Comes in: a [`Site`], and the names a request is about. Goes out: a [`Place`]. Forbidden here: signatures, headers.
//!
//! <https://docs.aws.amazon.com/general/latest/gr/s3.html>,
//! <https://www.alibabacloud.com/help/en/oss/regions-and-endpoints>

use super::percent;
use crate::domain::escape::visible;
use crate::domain::{Addressing, Error, ErrorKind, Network, Provider, Result, Site};

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Host with port; a default port is left out.
    pub host: String,
    /// The path, percent-encoded.
    pub path: String,
}

/// `scheme://host[:port][/base]`, checked and in one spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Host in lower case, with the port unless it is the scheme's own.
    pub host: String,
    /// The path in front of every request's path: empty, or `/base` without a slash at its end.
    pub base: String,
    /// Whether a bucket's name can stand in front of the host.
    kind: HostKind,
}

impl Endpoint {
    /// Whether the host is an address, `localhost` or a name without a dot: nothing that a cloud would answer.
    pub(super) fn is_local(&self) -> bool {
        matches!(self.kind, HostKind::Address | HostKind::Local)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HostKind {
    /// An IP address: nothing can stand in front of it.
    Address,
    /// `localhost` and names without a dot: nobody resolves names below them.
    Local,
    /// Any other name.
    Name,
}

impl Endpoint {
    /// Reads an endpoint. Without a scheme, `https` is meant.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for user names, queries, fragments, other schemes, port 0 and hosts that are not plain ASCII
    /// names or addresses. The text is not repeated where it may hold a password.
    pub fn parse(text: &str) -> Result<Self> {
        let (scheme, rest) = scheme_of(text)?;
        let split = rest.find('/').unwrap_or(rest.len());
        let (authority, base) = rest.split_at(split);
        if authority.contains('@') {
            return Err(unusable("it contains a user name").hint("Remove `user:password@`; `credentials` names the source of keys."));
        }
        if text.bytes().any(|byte| matches!(byte, b'?' | b'#')) {
            return Err(unusable("it has a query or a fragment").hint("Write `scheme://host[:port][/base]`."));
        }
        let (name, port) = split_port(authority)?;
        let kind = host_kind(&name)?;
        let base = base.trim_end_matches('/');
        if !base.bytes().all(|byte| percent::unreserved(byte) || byte == b'/') || has_dot_segment(base) {
            return Err(
                unusable("its path has characters that would have to be encoded").hint("Use letters, digits, `-`, `_` and `.` only.")
            );
        }
        let host = match port {
            Some(port) if Some(port) != default_port(scheme) => format!("{name}:{port}"),
            Some(_) | None => name,
        };
        Ok(Self { scheme, host, base: base.to_owned(), kind })
    }
}

fn scheme_of(text: &str) -> Result<(&'static str, &str)> {
    // A search for three characters prepares itself longer than an endpoint is, and it is read for every request.
    match text.split_once(':').and_then(|(scheme, rest)| Some((scheme, rest.strip_prefix("//")?))) {
        None => Ok(("https", text)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Ok(("https", rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => Ok(("http", rest)),
        Some((scheme, _)) => {
            Err(unusable(&format!("its scheme is \"{}\"", visible(scheme)))
                .hint("Use an endpoint that begins with `https://` or `http://`."))
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

fn split_port(authority: &str) -> Result<(String, Option<u16>)> {
    let end_of_address = authority.rfind(']').map_or(0, |at| at + 1);
    let (name, port) = match authority[end_of_address..].split_once(':') {
        None => (authority, None),
        Some((name, port)) => (&authority[..end_of_address + name.len()], Some(port)),
    };
    let port = match port {
        None => None,
        Some(digits) => match digits.parse::<u16>() {
            Ok(port) if port > 0 && digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(port),
            Ok(_) | Err(_) => {
                return Err(unusable("its port is not a number from 1 to 65535").hint("Write a port such as `:9000`, or none."));
            }
        },
    };
    Ok((name.to_ascii_lowercase(), port))
}

fn host_kind(name: &str) -> Result<HostKind> {
    if let Some(inner) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match inner.parse::<std::net::Ipv6Addr>() {
            // The URL type writes addresses in their shortest form; another spelling would be signed and not sent.
            Ok(address) if address.to_string() == inner => Ok(HostKind::Address),
            Ok(address) => Err(unusable("its IPv6 address is not in its shortest form").hint(format!("Write `[{address}]`."))),
            Err(_) => Err(unusable("its IPv6 address is not valid").hint("Write an address such as `[::1]`.")),
        };
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if name.is_empty() || !name.bytes().all(plain) || name.starts_with('.') || name.as_bytes().windows(2).any(|pair| pair == b"..") {
        return Err(unusable("its host name is not valid").hint("Write the host in plain letters, digits, `-` and `.` (IDN as `xn--…`)."));
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Ok(HostKind::Address);
    }
    let last = name.trim_end_matches('.').rsplit('.').next().unwrap_or(name);
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        // The URL type reads such names as numbers: `127.1` becomes `127.0.0.1`.
        return Err(unusable("its host is an incomplete IP address").hint("Write all four numbers of the address."));
    }
    Ok(if last == "localhost" || !name.contains('.') { HostKind::Local } else { HostKind::Name })
}

fn unusable(why: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("the endpoint cannot be used: {why}"))
}

/// Whether a path has a segment that a URL type would fold: `.` or `..`, also written `%2e`.
pub(super) fn has_dot_segment(path: &str) -> bool {
    path.split('/').any(|segment| (1..=2).contains(&dots(segment.as_bytes())))
}

/// Of how many dots a segment consists; 0: it has something else.
fn dots(mut segment: &[u8]) -> usize {
    let mut count = 0;
    while let [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] = segment {
        (segment, count) = (rest, count + 1);
    }
    if segment.is_empty() { count } else { 0 }
}

/// The endpoint of a site for requests to one bucket, or (`None`) to the service.
///
/// # Errors
/// [`ErrorKind::Usage`] for an endpoint or a region that cannot be used, and for a network that the cloud does not have.
pub fn endpoint(site: &Site, bucket: Option<&str>) -> Result<Endpoint> {
    check_region(&site.region)?;
    let host = match (&site.endpoint, site.provider) {
        (Some(text), _) => return Endpoint::parse(text),
        (None, Provider::S3) => s3_host(site, bucket)?,
        (None, Provider::Oss) => oss_host(site, bucket)?,
    };
    Ok(Endpoint { scheme: "https", host, base: String::new(), kind: HostKind::Name })
}

/// A region becomes part of a host name and of a signature's scope, and it may come from a server's answer.
fn check_region(region: &str) -> Result<()> {
    if is_region(region) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, format!("region \"{}\" is not valid", visible(region)))
        .hint("Write a region such as `us-west-2` or `cn-hangzhou`."))
}

/// Whether a text can be a region: letters, digits, hyphens and underscores, not too many.
pub(super) fn is_region(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The domain below which a region of AWS lives.
pub(super) fn aws_suffix(region: &str) -> &'static str {
    const PARTITIONS: [(&str, &str); 5] = [
        ("cn-", "amazonaws.com.cn"),
        ("us-iso-", "c2s.ic.gov"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("eusc-", "amazonaws.eu"),
        ("us-isof-", "csp.hci.ic.gov"),
    ];
    PARTITIONS.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("amazonaws.com", |(_, suffix)| suffix)
}

fn s3_host(site: &Site, bucket: Option<&str>) -> Result<String> {
    let region = site.region.as_str();
    let suffix = aws_suffix(region);
    match site.network {
        // As the official SDKs do: the old global name for us-east-1, which every bucket of that region answers.
        Network::Public if region == "us-east-1" => Ok("s3.amazonaws.com".to_owned()),
        Network::Public => Ok(format!("s3.{region}.{suffix}")),
        Network::Dualstack => Ok(format!("s3.dualstack.{region}.{suffix}")),
        Network::Fips => Ok(format!("s3-fips.{region}.{suffix}")),
        // Service calls do not exist on the acceleration endpoint.
        Network::Accelerate if bucket.is_none() => s3_host(&Site { network: Network::Public, ..site.clone() }, None),
        Network::Accelerate => Ok(format!("s3-accelerate.{suffix}")),
        Network::Internal => Err(no_network("S3", "internal", "`public`, `accelerate`, `dualstack` or `fips`")),
    }
}

fn oss_host(site: &Site, bucket: Option<&str>) -> Result<String> {
    let region = site.region.as_str();
    match site.network {
        Network::Public => Ok(format!("oss-{region}.aliyuncs.com")),
        Network::Internal => Ok(format!("oss-{region}-internal.aliyuncs.com")),
        Network::Dualstack => Ok(format!("{region}.oss.aliyuncs.com")),
        Network::Accelerate if bucket.is_none() => Ok(format!("oss-{region}.aliyuncs.com")),
        Network::Accelerate => Ok("oss-accelerate.aliyuncs.com".to_owned()),
        Network::Fips => Err(no_network("OSS", "fips", "`public`, `internal`, `accelerate` or `dualstack`")),
    }
}

fn no_network(cloud: &str, network: &str, others: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("{cloud} has no network \"{network}\"")).hint(format!("Set `network` to {others}."))
}

/// Where a request to a bucket or a key goes.
///
/// # Errors
/// As [`endpoint`]; also when the bucket's name cannot stand where the site's addressing wants it.
pub fn place(site: &Site, bucket: &str, key: &str) -> Result<Place> {
    let endpoint = endpoint(site, Some(bucket))?;
    let style = style(site, &endpoint, bucket)?;
    let mut path = endpoint.base;
    let host = match style {
        Style::Virtual => format!("{bucket}.{}", endpoint.host),
        Style::Cname => endpoint.host,
        Style::Path => {
            path.push('/');
            percent::push_path(&mut path, bucket);
            endpoint.host
        }
    };
    // The bucket's root in path style is `/bucket` on S3 and `/bucket/` on OSS.
    if !(style == Style::Path && key.is_empty() && site.provider == Provider::S3) {
        path.push('/');
    }
    percent::push_path(&mut path, key);
    Ok(Place { scheme: endpoint.scheme, host, path })
}

/// Where a request to the service goes.
///
/// # Errors
/// As [`endpoint`].
pub fn service(site: &Site) -> Result<Place> {
    let endpoint = endpoint(site, None)?;
    Ok(Place { scheme: endpoint.scheme, host: endpoint.host, path: format!("{}/", endpoint.base) })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Virtual,
    Path,
    Cname,
}

fn style(site: &Site, endpoint: &Endpoint, bucket: &str) -> Result<Style> {
    if site.addressing == Addressing::Cname {
        // Without a host that means the bucket, the request would be about the service.
        let bound = site.endpoint.is_some().then_some(Style::Cname);
        return bound.ok_or_else(|| {
            Error::new(ErrorKind::Usage, "a custom domain needs an endpoint")
                .hint("Set `endpoint` to the domain that is bound to the bucket.")
        });
    }
    if endpoint.host.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('.')) {
        return Err(unusable("the bucket's name is already in its host")
            .hint("Remove the bucket's name from `endpoint`: it is added to each request."));
    }
    let fits = fits_host(bucket) && (endpoint.scheme == "http" || !bucket.contains('.'));
    if site.endpoint.is_none() && site.network == Network::Accelerate && site.provider == Provider::S3 && !fits {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("bucket \"{}\" cannot be reached through transfer acceleration", visible(bucket)),
        )
        .hint("Use another `network`: acceleration needs a name in lower case without dots."));
    }
    Ok(match (site.addressing, endpoint.kind) {
        (Addressing::Path, _) | (_, HostKind::Address) | (Addressing::Auto, HostKind::Local) => Style::Path,
        _ if fits => Style::Virtual,
        _ => Style::Path,
    })
}

fn fits_host(bucket: &str) -> bool {
    bucket.len() <= 63
        && bucket.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
        && !bucket.contains(".-")
        && !bucket.contains("-.")
}

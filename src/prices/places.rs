//! Where a request is billed: whether the vendor's list prices hold there at all.

use crate::domain::{Network, Provider, Site};

/// Provider, region and network of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Where<'a> {
    /// Whose store.
    pub provider: Provider,
    /// Where the bucket is; empty: no list has prices for this store.
    pub region: &'a str,
    /// Over which network.
    pub network: Network,
}

impl<'a> Where<'a> {
    /// An account's site, for a bucket of this region (`None`: the account's own). A store at an endpoint that is not the vendor's
    /// gets no region: what its owner takes for a request stands in no list. The embedded store counts as the vendor's.
    pub fn of(site: &'a Site, region: Option<&'a str>) -> Self {
        let named = region.unwrap_or(&site.region);
        match site.endpoint.as_deref() {
            None => Self { provider: site.provider, region: named, network: site.network },
            Some(endpoint) => {
                let host = host(endpoint);
                let region = if is_vendors(site.provider, host) { named } else { "" };
                Self { provider: site.provider, region, network: network(host) }
            }
        }
    }
}

/// Whether the vendor's list prices hold at this host (with or without a port).
pub fn is_listed(provider: Provider, authority: &str) -> bool {
    is_vendors(provider, host(authority))
}

/// The host of `[scheme://]host[:port][/base]`.
fn host(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_vendors(provider: Provider, host: &str) -> bool {
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    let vendors = match provider {
        Provider::S3 => below("amazonaws.com") || below("amazonaws.com.cn"),
        Provider::Oss => below("aliyuncs.com"),
    };
    vendors || host == "localhost" || host == "::1" || host.starts_with("127.")
}

/// The network that a written endpoint leads over.
fn network(host: &str) -> Network {
    if host.contains("-internal.") {
        Network::Internal
    } else if host.contains("accelerate") {
        Network::Accelerate
    } else {
        Network::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Addressing, OssSignature};

    fn site(provider: Provider, endpoint: Option<&str>) -> Site {
        Site {
            provider,
            region: "r-1".to_owned(),
            endpoint: endpoint.map(str::to_owned),
            sts_endpoint: None,
            network: Network::Dualstack,
            addressing: Addressing::Auto,
            signature: OssSignature::V4,
        }
    }

    #[test]
    fn list_prices_hold_at_the_vendors_own_stores() {
        for (provider, endpoint, region, network) in [
            (Provider::S3, None, "r-1", Network::Dualstack),
            (Provider::S3, Some("https://s3.us-west-2.amazonaws.com"), "r-1", Network::Public),
            (Provider::S3, Some("https://s3-accelerate.amazonaws.com"), "r-1", Network::Accelerate),
            (Provider::S3, Some("http://127.0.0.1:9000/base"), "r-1", Network::Public),
            (Provider::S3, Some("http://[::1]:9000"), "r-1", Network::Public),
            (Provider::S3, Some("https://s3.ceph.example"), "", Network::Public),
            (Provider::S3, Some("https://amazonaws.com.evil.example"), "", Network::Public),
            (Provider::S3, Some("https://notamazonaws.com"), "", Network::Public),
            (Provider::S3, Some("https://oss-cn-hangzhou.aliyuncs.com"), "", Network::Public),
            (Provider::Oss, Some("https://oss-cn-hangzhou-internal.aliyuncs.com:443"), "r-1", Network::Internal),
            (Provider::Oss, Some("https://files.example"), "", Network::Public),
        ] {
            let site = site(provider, endpoint);
            assert_eq!(Where::of(&site, None), Where { provider, region, network }, "{endpoint:?}");
        }
        assert_eq!(Where::of(&site(Provider::S3, None), Some("eu-west-1")).region, "eu-west-1");
    }
}

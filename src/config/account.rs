//! `[accounts.NAME]` and its `[[buckets]]`.

use std::path::PathBuf;

use super::document::{Table, Text};
use super::endpoint::{self, Cloud, Endpoint};
use super::{Account, ForeignBucket, LiteralSecrets, ProfileRegions, Source, source};
use crate::domain::escape::visible;
use crate::domain::{
    Access, AccountName, Addressing, BucketName, Consent, Error, ErrorKind, Network, OssSignature, Provider, Result, Site,
};

/// What reading an account needs besides its table.
pub(super) struct Reading<'r> {
    pub(super) literal: LiteralSecrets,
    pub(super) regions: ProfileRegions<'r>,
    pub(super) warnings: Vec<String>,
}

/// Reads one account.
pub(super) fn read(name: &str, table: &Table<'_, '_>, reading: &mut Reading<'_>) -> Result<Account> {
    check_name(name, table)?;
    let provider = provider(table)?;
    let credentials = source::read(table, provider, reading.literal)?;
    let site = site(table, provider, &credentials, reading)?;
    let own_cloud = site
        .endpoint
        .as_deref()
        .is_none_or(|text| endpoint::parse(text).is_ok_and(|parsed| endpoint::cloud_of(&parsed.host) != Cloud::Other));
    let accesses = [("normal", Access::Normal), ("protected", Access::Protected), ("read-only", Access::ReadOnly)];
    let account = Account {
        name: AccountName::new(name),
        credentials,
        account_id: owner(table, "account_id", provider, own_cloud)?,
        ca_file: ca_file(table, &site)?,
        access: table.choice("access", &accesses)?.map_or(Access::Normal, |(access, _)| access),
        budget: table.money("budget")?,
        buckets: buckets(table, provider, own_cloud, reading)?,
        site,
    };
    table.no_other_keys()?;
    Ok(account)
}

fn check_name(name: &str, table: &Table<'_, '_>) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(plain) {
        return Ok(());
    }
    let wrong = table.wrong_table("has a name that does not work in ACCOUNT:BUCKET");
    Err(wrong.hint("Use 1 to 64 letters, digits, hyphens, underscores and dots."))
}

fn provider(table: &Table<'_, '_>) -> Result<Provider> {
    let providers = [("s3", Provider::S3), ("oss", Provider::Oss)];
    match table.choice("provider", &providers)? {
        Some((provider, _)) => Ok(provider),
        None => Err(table.wrong_table("has no provider").hint("Add provider = \"s3\" or provider = \"oss\".")),
    }
}

fn site(table: &Table<'_, '_>, provider: Provider, credentials: &Source, reading: &mut Reading<'_>) -> Result<Site> {
    let endpoint = endpoint(table, "endpoint", reading)?;
    if let Some((endpoint, offset)) = &endpoint {
        check_cloud(table, provider, endpoint, *offset)?;
    }
    let sts_endpoint = self::endpoint(table, "sts_endpoint", reading)?;
    let region = region(table, provider, credentials, endpoint.as_ref().map(|(endpoint, _)| endpoint), reading)?;
    let network = network(table, provider, endpoint.is_some(), reading)?;
    let addressing = addressing(table, endpoint.is_some())?;
    let signature = signature(table, provider)?;
    Ok(Site {
        provider,
        region,
        endpoint: endpoint.map(|(endpoint, _)| endpoint.text),
        sts_endpoint: sts_endpoint.map(|(endpoint, _)| endpoint.text),
        network,
        addressing,
        signature,
    })
}

fn endpoint(table: &Table<'_, '_>, key: &'static str, reading: &mut Reading<'_>) -> Result<Option<(Endpoint, usize)>> {
    let Some(text) = table.word(key)? else { return Ok(None) };
    let endpoint = endpoint::parse(text.value).map_err(|(what, hint)| table.wrong(key, text.offset, what).hint(hint))?;
    if endpoint.in_clear {
        reading.warnings.push(table.warning(key, text.offset, "is plain http to another machine: anyone on the way reads what you send"));
    }
    Ok(Some((endpoint, text.offset)))
}

/// A host of the other cloud, or one with a bucket's name in it.
fn check_cloud(table: &Table<'_, '_>, provider: Provider, endpoint: &Endpoint, offset: usize) -> Result<()> {
    let cloud = endpoint::cloud_of(&endpoint.host);
    let wrong = |what: &str| table.wrong("endpoint", offset, what);
    match (provider, cloud.provider()) {
        (Provider::Oss, Some(Provider::S3)) => {
            return Err(wrong("speaks S3, but the account's provider is oss")
                .hint("Write provider = \"s3\", or an endpoint like https://oss-REGION.aliyuncs.com."));
        }
        (Provider::S3, Some(Provider::Oss)) => {
            return Err(wrong("speaks OSS, but the account's provider is s3")
                .hint("Write provider = \"oss\", or an endpoint like https://s3.REGION.amazonaws.com."));
        }
        (Provider::S3, Some(Provider::S3) | None) | (Provider::Oss, Some(Provider::Oss) | None) => {}
    }
    match cloud.bucket() {
        Some(_) if cname_asked(table) => Ok(()),
        Some(_) => {
            Err(wrong("has a bucket's name in the host").hint("Leave the bucket out: one endpoint serves all buckets of the account."))
        }
        None => Ok(()),
    }
}

fn cname_asked(table: &Table<'_, '_>) -> bool {
    table.word("addressing").ok().flatten().is_some_and(|text| text.value == "cname")
}

fn region(
    table: &Table<'_, '_>,
    provider: Provider,
    credentials: &Source,
    endpoint: Option<&Endpoint>,
    reading: &mut Reading<'_>,
) -> Result<String> {
    let cloud = endpoint.map_or(Cloud::Other, |endpoint| endpoint::cloud_of(&endpoint.host));
    if let Some(text) = table.word("region")? {
        let region = written_region(table, provider, &text, reading)?;
        if cloud.region().is_some_and(|named| named != region) {
            reading.warnings.push(table.warning("region", text.offset, "differs from the region in the endpoint's host name"));
        } else if endpoint.is_none() && !looks_known(provider, &region) {
            reading.warnings.push(table.warning("region", text.offset, "does not look like a region of this provider"));
        }
        return Ok(region);
    }
    if let Some(region) = cloud.region() {
        return Ok(region.to_owned());
    }
    // The usual chain reads the usual profile, which has no name here.
    let profile = if matches!(credentials, Source::Default) { Some("") } else { credentials.profile() };
    let of_profile = profile.and_then(|profile| (reading.regions)(provider, profile));
    if let Some(region) = of_profile.filter(|region| region_letters(region)) {
        return Ok(region);
    }
    match provider {
        Provider::Oss => Err(table
            .wrong_table("has no region")
            .hint("Add region = \"cn-hangzhou\" (or where the buckets are), or an endpoint like https://oss-REGION.aliyuncs.com.")),
        Provider::S3 => {
            if endpoint.is_none() {
                reading.warnings.push(table.warning("region", table.offset(), "is not set: us-east-1 is used"));
            }
            Ok("us-east-1".to_owned())
        }
    }
}

fn written_region(table: &Table<'_, '_>, provider: Provider, text: &Text<'_>, reading: &mut Reading<'_>) -> Result<String> {
    if !region_letters(text.value) {
        let hint = "Write it like us-west-2 or cn-hangzhou: lower-case letters, digits and hyphens.";
        return Err(table.wrong(text.key, text.offset, "is not a region").hint(hint));
    }
    match text.value.strip_prefix("oss-") {
        Some(bare) if provider == Provider::Oss => {
            reading.warnings.push(table.warning(
                text.key,
                text.offset,
                "is written with `oss-`, which belongs to the host name: it is left out",
            ));
            Ok(bare.to_owned())
        }
        _ => Ok(text.value.to_owned()),
    }
}

/// Checks a region that did not come from a file.
///
/// # Errors
/// `Usage`.
pub fn check_region(region: &str) -> Result<String> {
    if region_letters(region) {
        return Ok(region.to_owned());
    }
    let hint = "Write it like us-west-2 or cn-hangzhou: lower-case letters, digits and hyphens.";
    Err(Error::new(ErrorKind::Usage, "--region is not a region").hint(hint))
}

/// Letters that are safe in a host name and in a signature's scope.
fn region_letters(region: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&region.len()) && region.bytes().all(plain) && !region.starts_with('-') && !region.ends_with('-')
}

/// `us-west-2`, `us-gov-east-1`; `cn-hangzhou`, `ap-southeast-1`, `cn-hangzhou-finance`.
fn looks_known(provider: Provider, region: &str) -> bool {
    let parts: Vec<&str> = region.split('-').collect();
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let begins = parts.len() >= 2 && (2..=4).contains(&parts[0].len()) && letters(parts[0]) && letters(parts[1]);
    match provider {
        Provider::S3 => begins && parts.len() >= 3 && parts.last().is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit())),
        Provider::Oss => begins,
    }
}

fn network(table: &Table<'_, '_>, provider: Provider, has_endpoint: bool, reading: &mut Reading<'_>) -> Result<Network> {
    let networks = [
        ("public", Network::Public),
        ("internal", Network::Internal),
        ("accelerate", Network::Accelerate),
        ("dualstack", Network::Dualstack),
        ("fips", Network::Fips),
    ];
    let Some((network, offset)) = table.choice("network", &networks)? else { return Ok(Network::Public) };
    match (provider, network) {
        (Provider::S3, Network::Internal) => {
            return Err(table
                .wrong("network", offset, "names a network that S3 does not have")
                .hint("Use public, accelerate, dualstack or fips."));
        }
        (Provider::Oss, Network::Fips) => {
            return Err(table
                .wrong("network", offset, "names a network that OSS does not have")
                .hint("Use public, internal, accelerate or dualstack."));
        }
        _ => {}
    }
    if has_endpoint {
        reading.warnings.push(table.warning("network", offset, "has no effect, because the account has an endpoint of its own"));
    }
    Ok(network)
}

fn addressing(table: &Table<'_, '_>, has_endpoint: bool) -> Result<Addressing> {
    let styles = [("auto", Addressing::Auto), ("virtual", Addressing::Virtual), ("path", Addressing::Path), ("cname", Addressing::Cname)];
    match table.choice("addressing", &styles)? {
        Some((Addressing::Cname, offset)) if !has_endpoint => Err(table
            .wrong("addressing", offset, "is cname, but there is no endpoint that could be a bucket's own domain")
            .hint("Add endpoint = \"https://YOUR-DOMAIN\", or use auto.")),
        Some((style, _)) => Ok(style),
        None => Ok(Addressing::Auto),
    }
}

fn signature(table: &Table<'_, '_>, provider: Provider) -> Result<OssSignature> {
    match table.choice("signature", &[("v4", OssSignature::V4), ("v1", OssSignature::V1)])? {
        Some((OssSignature::V1, offset)) if provider == Provider::S3 => Err(table
            .wrong("signature", offset, "is v1, which S3 does not take")
            .hint("Remove the line: S3 is always signed with Signature V4.")),
        Some((signature, _)) => Ok(signature),
        None => Ok(OssSignature::V4),
    }
}

/// An account id of the cloud; a store of its own may name owners as it likes.
fn owner(table: &Table<'_, '_>, key: &'static str, provider: Provider, own_cloud: bool) -> Result<Option<String>> {
    let Some(text) = table.word(key)? else { return Ok(None) };
    let digits = text.value.bytes().all(|byte| byte.is_ascii_digit());
    let fits = match provider {
        Provider::S3 if own_cloud => digits && text.value.len() == 12,
        Provider::Oss if own_cloud => digits && text.value.len() <= 20,
        Provider::S3 | Provider::Oss => text.value.len() <= 128 && text.value.bytes().all(|byte| byte.is_ascii_graphic()),
    };
    if fits {
        return Ok(Some(text.value.to_owned()));
    }
    let hint = match provider {
        Provider::S3 => "Write the 12 digits of the AWS account, in quotes and without hyphens.",
        Provider::Oss => "Write the digits of the Alibaba Cloud account, in quotes.",
    };
    Err(table.wrong(key, text.offset, "is not an account id").hint(hint))
}

fn ca_file(table: &Table<'_, '_>, site: &Site) -> Result<Option<PathBuf>> {
    let Some(text) = table.text("ca_file")? else { return Ok(None) };
    if site.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://")) {
        return Err(table
            .wrong("ca_file", text.offset, "has no effect on a plain http endpoint")
            .hint("Write the endpoint with https://, or remove this line."));
    }
    Ok(Some(PathBuf::from(text.value)))
}

fn buckets(table: &Table<'_, '_>, provider: Provider, own_cloud: bool, reading: &mut Reading<'_>) -> Result<Vec<ForeignBucket>> {
    let mut buckets: Vec<ForeignBucket> = Vec::new();
    for entry in table.list("buckets")? {
        let bucket = bucket(&entry, provider, own_cloud, reading)?;
        if buckets.iter().any(|earlier| earlier.name == bucket.name) {
            let what = format!("names the bucket {} for the second time", visible(bucket.name.as_str()));
            return Err(entry.wrong("name", entry.offset(), &what).hint("Keep one of the two."));
        }
        buckets.push(bucket);
    }
    Ok(buckets)
}

fn bucket(entry: &Table<'_, '_>, provider: Provider, own_cloud: bool, reading: &mut Reading<'_>) -> Result<ForeignBucket> {
    let Some(name) = entry.word("name")? else {
        return Err(entry.wrong_table("has no name").hint("Add name = \"BUCKET\"."));
    };
    let checked = BucketName::parse(provider, name.value).map_err(|error| {
        entry.wrong("name", name.offset, "is not a valid bucket name").hint(error.hint_text().unwrap_or("Correct the name.").to_owned())
    })?;
    let region = match entry.word("region")? {
        Some(text) => Some(written_region(entry, provider, &text, reading)?),
        None => None,
    };
    let consents = [("ask", Consent::Silent), ("requester", Consent::Given), ("never", Consent::Refused)];
    let bucket = ForeignBucket {
        name: checked,
        region,
        owner_id: owner(entry, "owner_id", provider, own_cloud)?,
        consent: entry.choice("request_payer", &consents)?.map_or(Consent::Silent, |(consent, _)| consent),
        budget: entry.money("budget")?,
    };
    entry.no_other_keys()?;
    Ok(bucket)
}

//! Reading the answer to a call: the root element first, then the fields.
//!
//! Comes in: a call and what came back. Goes out: a reply, or an error that says what the store said. Forbidden here:
//! defaults for what is missing, and taking a status of 200 for an answer.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Answer, BucketPage, Call, Reply, dialect, error, settings, xml};
use crate::domain::{BucketName, BucketRecord, CallerIdentity, Error, ErrorKind, Ownership, Payer, Provider, Result, Site};

/// Reads the answer to a call.
pub(super) fn decode(site: &Site, call: &Call, answer: &Answer) -> Result<Reply> {
    // A setting that is not there is answered with 404, and is an answer.
    if !(200..300).contains(&answer.status) && !matches!(call, Call::GetBucketSetting { .. }) {
        return Err(error::from_answer(site, call, answer));
    }
    match call {
        Call::ListBuckets { page } => buckets(site, call, answer, page.as_deref()).map(Reply::Buckets),
        Call::GetBucketLocation { .. } => location(site, call, answer).map(Reply::Location),
        Call::GetBucketRequestPayment { .. } => payment(site, call, answer).map(Reply::Payment),
        Call::PutBucketRequestPayment { .. } => done(site, call, answer).map(|()| Reply::Done),
        Call::GetBucketSetting { setting, .. } => settings::decode(site, call, *setting, answer).map(Reply::Setting),
        Call::GetCallerIdentity => identity(site, call, answer).map(Reply::Identity),
    }
}

/// Reads a document whose root must be `root`; the fields of other documents are never looked at.
pub(super) fn fields(site: &Site, call: &Call, answer: &Answer, root: &str, mut on_close: impl FnMut(&[&str], &str)) -> Result<()> {
    let mut found = String::new();
    let read = xml::read(&answer.body, |path, text| match path {
        [name] => {
            (*name).clone_into(&mut found);
            on_close(path, xml::trimmed(text));
        }
        [name, ..] if *name == root => on_close(path, xml::trimmed(text)),
        _ => {}
    });
    match read {
        Err(fault) => Err(error::invalid_reply(call, answer, fault.0)),
        Ok(()) if found == root => Ok(()),
        Ok(()) => Err(wrong_root(site, call, answer, &found)),
    }
}

/// A document that is not the expected one: an error document with status 200, a listing where a payer was asked for, or
/// something else.
fn wrong_root(site: &Site, call: &Call, answer: &Answer, found: &str) -> Error {
    if matches!(found, "Error" | "ErrorResponse") {
        return error::from_answer(site, call, answer);
    }
    if call.is_payment() && matches!(found, "ListBucketResult" | "ListAllMyBucketsResult" | "ListVersionsResult") {
        return error::no_request_payment(call, answer);
    }
    if matches!(call, Call::GetBucketSetting { .. })
        && matches!(found, "ListBucketResult" | "ListAllMyBucketsResult" | "ListVersionsResult")
    {
        return error::no_such_setting(site, call, answer);
    }
    error::invalid_reply(call, answer, "its root element is another one")
}

fn missing(call: &Call, answer: &Answer, field: &str) -> Error {
    error::invalid_reply(call, answer, &format!("`{field}` is missing"))
}

fn payment(site: &Site, call: &Call, answer: &Answer) -> Result<Payer> {
    let mut payer = None;
    fields(site, call, answer, "RequestPaymentConfiguration", |path, text| {
        if let [_, "Payer"] = path {
            payer = Some(Payer::from_wire(text));
        }
    })?;
    payer.ok_or_else(|| missing(call, answer, "Payer"))
}

/// A change is done when the store answers nothing, or the setting itself. A listing or a page of a portal is no success.
fn done(site: &Site, call: &Call, answer: &Answer) -> Result<()> {
    if answer.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    fields(site, call, answer, "RequestPaymentConfiguration", |_, _| {})
}

fn location(site: &Site, call: &Call, answer: &Answer) -> Result<String> {
    let mut constraint = None;
    fields(site, call, answer, "LocationConstraint", |path, text| {
        // S3 has the region in the root; some stores repeat the element inside of it.
        if path.last() == Some(&"LocationConstraint") && (constraint.is_none() || path.len() == 1) {
            let text = text.to_owned();
            constraint = Some(constraint.take().filter(|_| text.is_empty()).unwrap_or(text));
        }
    })?;
    let constraint = constraint.ok_or_else(|| missing(call, answer, "LocationConstraint"))?;
    if constraint.is_empty() && site.provider == Provider::Oss {
        return Err(missing(call, answer, "LocationConstraint"));
    }
    let region = dialect::of(site.provider).location(&constraint);
    if super::address::is_region(&region) {
        return Ok(region);
    }
    Err(error::invalid_reply(call, answer, "`LocationConstraint` is not a region"))
}

/// What a listing says, before it is judged.
#[derive(Default)]
pub(super) struct Listing {
    owner_id: Option<String>,
    owner_name: Option<String>,
    rows: Vec<ListedBucket>,
    row: ListedBucket,
    /// OSS: `true` if there is another page.
    pub(super) is_truncated: Option<String>,
    /// OSS: where it begins.
    pub(super) next_marker: Option<String>,
    /// S3: where the next page begins.
    pub(super) continuation_token: Option<String>,
}

#[derive(Default)]
struct ListedBucket {
    name: Option<String>,
    created: Option<Timestamp>,
    region: Option<String>,
    location: Option<String>,
}

impl Listing {
    fn take(&mut self, path: &[&str], text: &str) {
        let own = || Some(text.to_owned());
        match path {
            [_, "Buckets", "Bucket"] => self.rows.push(std::mem::take(&mut self.row)),
            [_, "Buckets", "Bucket", "Name"] => self.row.name = own(),
            [_, "Buckets", "Bucket", "CreationDate"] => self.row.created = text.parse().ok(),
            [_, "Buckets", "Bucket", "BucketRegion" | "Region"] => self.row.region = own(),
            [_, "Buckets", "Bucket", "Location"] => self.row.location = own(),
            [_, "Owner", "ID"] => self.owner_id = own(),
            [_, "Owner", "DisplayName"] => self.owner_name = own(),
            [_, "IsTruncated"] => self.is_truncated = own(),
            [_, "NextMarker"] => self.next_marker = own(),
            [_, "ContinuationToken"] => self.continuation_token = own(),
            _ => {}
        }
    }
}

fn buckets(site: &Site, call: &Call, answer: &Answer, asked: Option<&str>) -> Result<BucketPage> {
    let mut listing = Listing::default();
    fields(site, call, answer, "ListAllMyBucketsResult", |path, text| listing.take(path, text))?;
    let next = dialect::of(site.provider).next_page(&listing);
    match next.as_deref() {
        // A listing that names the page it was asked for, or none, would never end.
        Some("") => return Err(missing(call, answer, "NextMarker")),
        Some(next) if Some(next) == asked => return Err(error::invalid_reply(call, answer, "its next page is the same page")),
        Some(_) | None => {}
    }
    let owner = listing.owner_id.take().or(listing.owner_name.take()).filter(|owner| !owner.is_empty()).map(Arc::<str>::from);
    let mut regions: Vec<Arc<str>> = Vec::new();
    let mut page = BucketPage { buckets: Vec::with_capacity(listing.rows.len()), next, odd_names: Vec::new() };
    for row in listing.rows {
        let name = row.name.ok_or_else(|| missing(call, answer, "Name"))?;
        match BucketName::parse(site.provider, &name) {
            Err(_) => page.odd_names.push(name),
            Ok(name) => page.buckets.push(BucketRecord {
                name,
                region: region_of(site, row.region, row.location).map(|region| shared(&mut regions, region)),
                created: row.created,
                ownership: Ownership::Owned,
                owner: owner.clone(),
            }),
        }
    }
    Ok(page)
}

/// One copy of a region's name for all buckets of a page.
fn shared(known: &mut Vec<Arc<str>>, region: String) -> Arc<str> {
    if let Some(same) = known.iter().find(|same| ***same == *region) {
        return same.clone();
    }
    let new: Arc<str> = region.into();
    known.push(new.clone());
    new
}

/// A listed region: only text that can be one, since it becomes part of a host name.
fn region_of(site: &Site, region: Option<String>, location: Option<String>) -> Option<String> {
    let text = region.or(location).filter(|text| !text.is_empty())?;
    Some(dialect::of(site.provider).location(&text)).filter(|region| super::address::is_region(region))
}

fn identity(site: &Site, call: &Call, answer: &Answer) -> Result<CallerIdentity> {
    let mut found: Vec<(String, String)> = Vec::new();
    if let Some(members) = error::json_members(&answer.body) {
        found = members;
    } else {
        fields(site, call, answer, "GetCallerIdentityResponse", |path, text| {
            if let Some(name) = path.last() {
                found.push(((*name).to_owned(), text.to_owned()));
            }
        })?;
    }
    // Alibaba Cloud names the role instead of the user where a role acts.
    let one_of = |names: &[&str]| {
        names
            .iter()
            .find_map(|wanted| found.iter().find(|(name, value)| name == wanted && !value.is_empty()))
            .map(|(_, value)| value.clone())
    };
    let required = |names: &[&str]| one_of(names).ok_or_else(|| missing(call, answer, names[0]));
    match site.provider {
        Provider::S3 => {
            Ok(CallerIdentity { account_id: required(&["Account"])?, arn: required(&["Arn"])?, user_id: required(&["UserId"])? })
        }
        Provider::Oss => Ok(CallerIdentity {
            account_id: required(&["AccountId"])?,
            arn: required(&["Arn"])?,
            user_id: required(&["UserId", "RoleId", "PrincipalId"])?,
        }),
    }
}

impl Call {
    /// Whether the call is about the payer.
    pub(super) fn is_payment(&self) -> bool {
        match self {
            Self::GetBucketRequestPayment { .. } | Self::PutBucketRequestPayment { .. } => true,
            Self::ListBuckets { .. } | Self::GetBucketLocation { .. } | Self::GetBucketSetting { .. } | Self::GetCallerIdentity => false,
        }
    }
}

/// What the answer to a call that went wrong is about, for messages: `bucket "colorpictures"`.
pub(super) fn subject(call: &Call) -> String {
    match call {
        Call::ListBuckets { .. } => "list of buckets".to_owned(),
        Call::GetCallerIdentity => "caller identity".to_owned(),
        Call::GetBucketLocation { bucket }
        | Call::GetBucketRequestPayment { bucket }
        | Call::PutBucketRequestPayment { bucket, .. }
        | Call::GetBucketSetting { bucket, .. } => format!("bucket \"{bucket}\""),
    }
}

/// The kind of a 2xx that cannot be used.
pub(super) const NOT_AN_ANSWER: ErrorKind = ErrorKind::InvalidReply;

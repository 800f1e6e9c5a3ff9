//! Operations on the service and on buckets.
//!
//! Comes in: a bucket (or all of an account's), a body. Goes out: the document of the cloud that is played.

use super::answer::{Answer, Fault, S3_NAMESPACE, not_implemented};
use super::codec;
use super::listing::{self, invalid};
use super::mood::Mood;
use super::state::{Bucket, State};
use super::uploads_lists::weight;
use super::verify::item;
use super::world::{Account, Habit, OWNER, REQUESTER, Share};
use super::xml::{self, Document, Element};
use crate::domain::Provider;
use jiff::Timestamp;

/// ListBuckets.
pub(super) fn list(state: &State, account: &Account, query: &[(String, String)]) -> Result<Answer, Fault> {
    match account.cloud {
        Provider::S3 => list_s3(state, account, query),
        Provider::Oss => list_oss(state, account, query),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
fn list_s3(state: &State, account: &Account, query: &[(String, String)]) -> Result<Answer, Fault> {
    let text = |name| item(query, name).unwrap_or_default();
    let most = match text("max-buckets") {
        "" => 10_000,
        digits => digits.parse().ok().filter(|most| (1..=10_000).contains(most)).ok_or_else(|| invalid("max-buckets", digits))?,
    };
    let after = match text("continuation-token") {
        "" => String::new(),
        token => listing::untoken(token).ok_or_else(|| invalid("continuation-token", token))?,
    };
    let region = text("bucket-region");
    let fits =
        |bucket: &&Bucket| bucket.name > after && bucket.name.starts_with(text("prefix")) && (region.is_empty() || bucket.region == region);
    let mut buckets: Vec<&Bucket> = state.owned_by(account.name).filter(fits).take(most + 1).collect();
    let more = buckets.len() > most;
    buckets.truncate(most);
    let mut document = Document::new("ListAllMyBucketsResult", Some(S3_NAMESPACE));
    document.inside("Owner", |owner| {
        owner.leaf("ID", &listing::account_owner_id(Provider::S3, account.id));
    });
    document.inside("Buckets", |all| {
        for bucket in &buckets {
            all.inside("Bucket", |one| {
                one.leaf("Name", &bucket.name)
                    .leaf("CreationDate", &codec::iso_millis(bucket.created))
                    .leaf("BucketRegion", bucket.region)
                    .leaf("BucketArn", &format!("arn:aws:s3:::{}", bucket.name));
            });
        }
    });
    let next = buckets.last().filter(|_| more).map(|bucket| listing::token(&bucket.name));
    document.leaf_if("ContinuationToken", next.as_deref()).leaf_if("Prefix", item(query, "prefix"));
    Ok(Answer::xml(200, document.end()))
}

/// <https://www.alibabacloud.com/help/en/oss/developer-reference/listbuckets>
fn list_oss(state: &State, account: &Account, query: &[(String, String)]) -> Result<Answer, Fault> {
    let text = |name| item(query, name).unwrap_or_default();
    let most = match text("max-keys") {
        "" => 100,
        digits => digits.parse().ok().filter(|most| (1..=1_000).contains(most)).ok_or_else(|| invalid("max-keys", digits))?,
    };
    let fits = |bucket: &&Bucket| bucket.name.as_str() > text("marker") && bucket.name.starts_with(text("prefix"));
    let mut buckets: Vec<&Bucket> = state.owned_by(account.name).filter(fits).take(most + 1).collect();
    let more = buckets.len() > most;
    buckets.truncate(most);
    let mut document = Document::new("ListAllMyBucketsResult", None);
    if let Some(last) = buckets.last().filter(|_| more) {
        document
            .leaf("Prefix", text("prefix"))
            .leaf("Marker", text("marker"))
            .leaf("MaxKeys", &most.to_string())
            .leaf("IsTruncated", "true")
            .leaf("NextMarker", &last.name);
    }
    document.inside("Owner", |owner| {
        owner.leaf("ID", account.id).leaf("DisplayName", account.id);
    });
    document.inside("Buckets", |all| {
        for bucket in &buckets {
            all.inside("Bucket", |one| describe(one, bucket));
        }
    });
    Ok(Answer::xml(200, document.end()))
}

/// What OSS says of a bucket wherever it describes one.
fn describe(document: &mut Document, bucket: &Bucket) {
    let region = bucket.region;
    document
        .leaf("CreationDate", &codec::iso_millis(bucket.created))
        .leaf("ExtranetEndpoint", &format!("oss-{region}.aliyuncs.com"))
        .leaf("IntranetEndpoint", &format!("oss-{region}-internal.aliyuncs.com"))
        .leaf("Location", &format!("oss-{region}"))
        .leaf("Name", &bucket.name)
        .leaf("Region", region)
        .leaf("StorageClass", "Standard");
}

/// GetBucketLocation. S3 says nothing for us-east-1, and OSS puts `oss-` before the region.
pub(super) fn location(bucket: &Bucket) -> Answer {
    let (namespace, region) = match bucket.owner.cloud {
        Provider::S3 if bucket.region == "us-east-1" => (Some(S3_NAMESPACE), String::new()),
        Provider::S3 => (Some(S3_NAMESPACE), bucket.region.to_owned()),
        Provider::Oss => (None, format!("oss-{}", bucket.region)),
    };
    let mut document = Document::new("LocationConstraint", namespace);
    document.text(&region);
    Answer::xml(200, document.end())
}

/// GetBucketInfo of OSS.
pub(super) fn info(bucket: &Bucket) -> Answer {
    let grant = match bucket.share {
        Share::PublicRead => "public-read",
        Share::Private | Share::With(_) => "private",
    };
    let mut document = Document::new("BucketInfo", None);
    document.inside("Bucket", |one| {
        describe(one, bucket);
        one.inside("Owner", |owner| {
            owner.leaf("ID", bucket.owner.id).leaf("DisplayName", bucket.owner.id);
        });
        one.inside("AccessControlList", |list| {
            list.leaf("Grant", grant);
        });
        one.leaf("DataRedundancyType", "LRS").leaf("AccessMonitor", "Disabled");
    });
    Answer::xml(200, document.end())
}

/// GetBucketStat of OSS.
pub(super) fn stat(bucket: &Bucket, now: Timestamp) -> Answer {
    let (count, bytes) = bucket.shelf.sizes();
    let (uploads, _) = weight(bucket);
    let mut document = Document::new("BucketStat", None);
    document
        .leaf("Storage", &bytes.to_string())
        .leaf("ObjectCount", &count.to_string())
        .leaf("MultipartUploadCount", &uploads.to_string())
        .leaf("LiveChannelCount", "0")
        .leaf("LastModifiedTime", &now.as_second().to_string())
        .leaf("StandardStorage", &bytes.to_string())
        .leaf("StandardObjectCount", &count.to_string());
    Answer::xml(200, document.end())
}

/// GetBucketRequestPayment.
pub(super) fn payer(bucket: &Bucket, now: Timestamp) -> Result<Answer, Fault> {
    let cloud = bucket.owner.cloud;
    if bucket.habit == Habit::Lacks || bucket.mood == Mood::Lacking {
        return Err(not_implemented(cloud));
    }
    if bucket.mood == Mood::Lying {
        return Ok(looking_away(bucket));
    }
    let mut document = Document::new("RequestPaymentConfiguration", (cloud == Provider::S3).then_some(S3_NAMESPACE));
    document.leaf("Payer", bucket.payer(now));
    Ok(Answer::xml(200, document.end()))
}

/// What a store answers that looks at the path alone.
fn looking_away(bucket: &Bucket) -> Answer {
    let mut document = Document::new("ListBucketResult", namespace(bucket.owner.cloud));
    document.leaf("Name", &bucket.name).leaf("Prefix", "").leaf("MaxKeys", "1000").leaf("IsTruncated", "false");
    Answer::xml(200, document.end())
}

/// PutBucketRequestPayment.
pub(super) fn set_payer(bucket: &mut Bucket, body: &[u8], now: Timestamp) -> Result<Answer, Fault> {
    let cloud = bucket.owner.cloud;
    if bucket.habit == Habit::Lacks || bucket.mood == Mood::Lacking {
        return Err(not_implemented(cloud));
    }
    let root = xml::read(body).filter(|root| root.name == "RequestPaymentConfiguration").ok_or_else(|| malformed(cloud))?;
    let payer = chosen(cloud, &root)?;
    bucket.set_payer(payer, now);
    Ok(Answer::empty(200))
}

fn chosen(cloud: Provider, root: &Element) -> Result<&'static str, Fault> {
    match (root.child("Payer").map(str::trim), cloud) {
        (Some("Requester"), _) => Ok(REQUESTER),
        (Some("BucketOwner"), _) => Ok(OWNER),
        (Some(other), Provider::Oss) => Err(Fault::new(400, "InvalidArgument", "The Payer is invalid.")
            .detail("ArgumentName", "Payer")
            .detail("ArgumentValue", other)
            .ec("0035-00000002")),
        (Some(_) | None, _) => Err(malformed(cloud)),
    }
}

/// The namespace of a cloud's documents: OSS has none.
pub(super) fn namespace(cloud: Provider) -> Option<&'static str> {
    match cloud {
        Provider::S3 => Some(S3_NAMESPACE),
        Provider::Oss => None,
    }
}

/// A body that is not the document that was expected.
pub(super) fn malformed(cloud: Provider) -> Fault {
    let s3 = "The XML you provided was not well-formed or did not validate against our published schema";
    match cloud {
        Provider::S3 => Fault::new(400, "MalformedXML", s3),
        Provider::Oss => {
            Fault::new(400, "MalformedXML", "The XML you provided was not well-formed or did not validate.").ec("0035-00000001")
        }
    }
}

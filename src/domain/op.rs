//! The operation table: one row per operation of either cloud.
//!
//! Header, retry, ledger, confirmation, demo and tests all ask this table; no operation decides by itself. The payer columns
//! follow the service model of botocore 1.44.5 (34 operations take the header, 30 answer *charged*) and the request
//! models of Alibaba's v2 SDKs; `tests/it/op_table.rs` compares them with the recorded lists.

use super::account::Provider;

/// Whether an operation takes the payer header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayerHeader {
    /// With consent, exactly one signed header.
    Takes,
    /// Never, whatever the user said.
    Never,
}

/// Whether the answer can say *charged* (`x-amz-request-charged`, `x-oss-request-charged`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charged {
    /// Its absence means that the requester was not charged.
    Answered,
    /// Its absence means nothing.
    NotSaid,
}

/// What a request is billed as, in the vendor's own classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceClass {
    /// Thawing an archived object: neither cloud bills it as any other request. What it costs depends on the class of the object, on how
    /// fast it is wanted, and on its bytes.
    Restore,
    /// S3: PUT, COPY, POST, LIST.
    Tier1,
    /// S3: GET and all others.
    Tier2,
    /// OSS: Put-type requests, which include every list.
    PutType,
    /// OSS: Get-type requests.
    GetType,
    /// Not billed (S3 DELETE and CANCEL, STS).
    Free,
}

/// What may be done when the outcome of a request is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Sending it again does no harm.
    Freely,
    /// Look at the store first: the first try may have worked. A clear refusal that asks for a repeat may be followed.
    AfterReading,
    /// A second one would do something else.
    Never,
}

/// Who may call it at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Whoever has the permission.
    AnyCaller,
    /// The bucket's owner (or whom the owner's account lets act for it): a 403 for others is normal.
    OwnerOnly,
}

/// Whether it changes something at the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It reads.
    Reads,
    /// It changes: confirmed, audited.
    Changes,
}

/// One cloud's columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The payer header.
    pub payer: PayerHeader,
    /// The *charged* answer.
    pub charged: Charged,
    /// The price class.
    pub price: PriceClass,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The operation.
    pub op: Op,
    /// Its name in the S3 API, or in the OSS API where S3 has none.
    pub name: &'static str,
    /// Its name in the OSS API, where OSS has it.
    pub oss_name: Option<&'static str>,
    /// S3's columns; `None`: S3 has no such operation.
    pub s3: Option<Cell>,
    /// OSS's columns; `None`: OSS has no such operation.
    pub oss: Option<Cell>,
    /// Reads or changes.
    pub effect: Effect,
    /// What may follow an unknown outcome.
    pub repeat: Repeat,
    /// Who may call it.
    pub caller: Caller,
}

impl Op {
    /// The operation's row.
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The operation's columns for a cloud; `None` where that cloud has no such operation.
    pub fn cell(self, provider: Provider) -> Option<&'static Cell> {
        match provider {
            Provider::S3 => self.row().s3.as_ref(),
            Provider::Oss => self.row().oss.as_ref(),
        }
    }

    /// Whether the operation takes the payer header on that cloud.
    pub fn takes_payer(self, provider: Provider) -> bool {
        self.cell(provider).is_some_and(|cell| cell.payer == PayerHeader::Takes)
    }

    /// The name in the provider's own API.
    pub fn name(self, provider: Provider) -> &'static str {
        let row = self.row();
        match provider {
            Provider::S3 => row.name,
            Provider::Oss => row.oss_name.unwrap_or(row.name),
        }
    }
}

/// An operation of either cloud, by its S3 name where S3 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// The account's own buckets.
    ListBuckets,
    /// Whether a bucket exists and may be used.
    HeadBucket,
    /// A new bucket.
    CreateBucket,
    /// Removes an empty bucket.
    DeleteBucket,
    /// A bucket's region.
    GetBucketLocation,
    /// Region, owner, endpoints and settings of a bucket.
    GetBucketInfo,
    /// Size and count of a bucket.
    GetBucketStat,
    /// Who pays for a bucket.
    GetBucketRequestPayment,
    /// Changes who pays for a bucket.
    PutBucketRequestPayment,
    /// Whether transfer acceleration is on.
    GetBucketAccelerateConfiguration,
    /// Whom a bucket's access list lets in.
    GetBucketAcl,
    /// A bucket's policy.
    GetBucketPolicy,
    /// Whether a bucket's policy is public.
    GetBucketPolicyStatus,
    /// Whether public access to a bucket is blocked.
    GetPublicAccessBlock,
    /// A bucket's static website.
    GetBucketWebsite,
    /// Where a bucket's access logs go.
    GetBucketLogging,
    /// Where a bucket's new objects are copied to.
    GetBucketReplication,
    /// Which web pages may embed a bucket's objects.
    GetBucketReferer,
    /// The owner's domain names that lead to a bucket.
    ListCname,
    /// A bucket's object lock.
    PutObjectLockConfiguration,
    /// A page of keys, first version.
    ListObjects,
    /// A page of keys.
    ListObjectsV2,
    /// A page of versions and delete markers.
    ListObjectVersions,
    /// An object's headers.
    HeadObject,
    /// An object or a range of it.
    GetObject,
    /// Size, parts and checksums of an object.
    GetObjectAttributes,
    /// A few headers of an object.
    GetObjectMeta,
    /// A torrent file.
    GetObjectTorrent,
    /// Writes an object in one request.
    PutObject,
    /// Appends to an appendable object.
    AppendObject,
    /// Ends an appendable object.
    SealAppendObject,
    /// Copies an object inside the provider.
    CopyObject,
    /// Renames an object of a directory bucket.
    RenameObject,
    /// Deletes an object or one version.
    DeleteObject,
    /// Deletes up to 1,000 keys.
    DeleteObjects,
    /// Thaws an archived object.
    RestoreObject,
    /// Ends a restore early.
    CleanRestoredObject,
    /// Begins a multipart upload.
    CreateMultipartUpload,
    /// One part of a multipart upload.
    UploadPart,
    /// One part, copied from an object.
    UploadPartCopy,
    /// The parts of an upload.
    ListParts,
    /// Unfinished uploads.
    ListMultipartUploads,
    /// Joins the parts to an object.
    CompleteMultipartUpload,
    /// Gives an upload up.
    AbortMultipartUpload,
    /// Who may read an object.
    GetObjectAcl,
    /// Changes who may read an object.
    PutObjectAcl,
    /// An object's tags.
    GetObjectTagging,
    /// Replaces an object's tags.
    PutObjectTagging,
    /// Removes an object's tags; takes the payer on OSS only.
    DeleteObjectTagging,
    /// An object's legal hold.
    GetObjectLegalHold,
    /// Sets or lifts a legal hold.
    PutObjectLegalHold,
    /// An object's retention.
    GetObjectRetention,
    /// Sets an object's retention.
    PutObjectRetention,
    /// Changes an object's encryption key.
    UpdateObjectEncryption,
    /// An object's annotation.
    GetObjectAnnotation,
    /// Sets an object's annotation.
    PutObjectAnnotation,
    /// Removes an object's annotation.
    DeleteObjectAnnotation,
    /// An object's annotations.
    ListObjectAnnotations,
    /// A query over one object.
    SelectObjectContent,
    /// Where a symbolic link points.
    GetSymlink,
    /// Makes a symbolic link.
    PutSymlink,
    /// Processes an object (images, documents).
    ProcessObject,
    /// Processes an object later (media).
    AsyncProcessObject,
    /// Who the keys belong to (STS).
    GetCallerIdentity,
}

/// The cloud has no such operation.
const NONE: Option<Cell> = None;
const NEVER_FREE: Option<Cell> = Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Free });
const NEVER_GET: Option<Cell> = Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::GetType });
const NEVER_PUT: Option<Cell> = Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::PutType });
const NEVER_TIER1: Option<Cell> = Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier1 });
const NEVER_TIER2: Option<Cell> = Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier2 });
const TAKES_ANSWERS_FREE: Option<Cell> = Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Free });
const TAKES_ANSWERS_GET: Option<Cell> = Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::GetType });
const TAKES_ANSWERS_TIER1: Option<Cell> = Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 });
const TAKES_ANSWERS_TIER2: Option<Cell> = Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier2 });
const TAKES_ANSWERS_RESTORE: Option<Cell> =
    Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Restore });
const TAKES_RESTORE: Option<Cell> = Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::Restore });
const TAKES_GET: Option<Cell> = Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::GetType });
const TAKES_PUT: Option<Cell> = Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType });
const TAKES_TIER1: Option<Cell> = Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::Tier1 });
const TAKES_TIER2: Option<Cell> = Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::Tier2 });

const READS: Effect = Effect::Reads;
const CHANGES: Effect = Effect::Changes;
const FREELY: Repeat = Repeat::Freely;
const AFTER_READING: Repeat = Repeat::AfterReading;
const NEVER_AGAIN: Repeat = Repeat::Never;
const ANYBODY: Caller = Caller::AnyCaller;
const OWNER: Caller = Caller::OwnerOnly;

/// A row in the order of its columns, so that each stands on a line of its own.
#[expect(clippy::too_many_arguments, reason = "these are the columns of a table")]
const fn row(
    op: Op,
    name: &'static str,
    oss_name: Option<&'static str>,
    s3: Option<Cell>,
    oss: Option<Cell>,
    effect: Effect,
    repeat: Repeat,
    caller: Caller,
) -> Row {
    Row { op, name, oss_name, s3, oss, effect, repeat, caller }
}

/// The table, in the order of [`Op`].
#[rustfmt::skip]
pub static ROWS: &[Row] = &[
    row(Op::ListBuckets, "ListBuckets", Some("ListBuckets"), NEVER_TIER1, NEVER_PUT, READS, FREELY, OWNER),
    row(Op::HeadBucket, "HeadBucket", None, NEVER_TIER2, NONE, READS, FREELY, ANYBODY),
    row(Op::CreateBucket, "CreateBucket", Some("PutBucket"), NEVER_TIER1, NEVER_PUT, CHANGES, AFTER_READING, OWNER),
    row(Op::DeleteBucket, "DeleteBucket", Some("DeleteBucket"), NEVER_FREE, NEVER_PUT, CHANGES, AFTER_READING, OWNER),
    row(Op::GetBucketLocation, "GetBucketLocation", Some("GetBucketLocation"), NEVER_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketInfo, "GetBucketInfo", Some("GetBucketInfo"), NONE, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketStat, "GetBucketStat", Some("GetBucketStat"), NONE, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketRequestPayment, "GetBucketRequestPayment", Some("GetBucketRequestPayment"), NEVER_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::PutBucketRequestPayment, "PutBucketRequestPayment", Some("PutBucketRequestPayment"), NEVER_TIER1, NEVER_PUT, CHANGES, AFTER_READING, OWNER),
    row(Op::GetBucketAccelerateConfiguration, "GetBucketAccelerateConfiguration", Some("GetBucketTransferAcceleration"), TAKES_ANSWERS_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketAcl, "GetBucketAcl", Some("GetBucketAcl"), NEVER_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketPolicy, "GetBucketPolicy", Some("GetBucketPolicy"), NEVER_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketPolicyStatus, "GetBucketPolicyStatus", Some("GetBucketPolicyStatus"), NEVER_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetPublicAccessBlock, "GetPublicAccessBlock", Some("GetBucketPublicAccessBlock"), NEVER_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketWebsite, "GetBucketWebsite", Some("GetBucketWebsite"), NEVER_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketLogging, "GetBucketLogging", Some("GetBucketLogging"), NEVER_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketReplication, "GetBucketReplication", Some("GetBucketReplication"), NEVER_TIER2, NEVER_GET, READS, FREELY, OWNER),
    row(Op::GetBucketReferer, "GetBucketReferer", Some("GetBucketReferer"), NONE, NEVER_GET, READS, FREELY, OWNER),
    row(Op::ListCname, "ListCname", Some("ListCname"), NONE, NEVER_PUT, READS, FREELY, OWNER),
    row(Op::PutObjectLockConfiguration, "PutObjectLockConfiguration", None, TAKES_ANSWERS_TIER1, NONE, CHANGES, AFTER_READING, OWNER),
    row(Op::ListObjects, "ListObjects", Some("ListObjects"), TAKES_ANSWERS_TIER1, TAKES_PUT, READS, FREELY, ANYBODY),
    row(Op::ListObjectsV2, "ListObjectsV2", Some("ListObjectsV2"), TAKES_ANSWERS_TIER1, TAKES_PUT, READS, FREELY, ANYBODY),
    row(Op::ListObjectVersions, "ListObjectVersions", Some("ListObjectVersions"), TAKES_ANSWERS_TIER1, TAKES_PUT, READS, FREELY, ANYBODY),
    row(Op::HeadObject, "HeadObject", Some("HeadObject"), TAKES_ANSWERS_TIER2, TAKES_ANSWERS_GET, READS, FREELY, ANYBODY),
    row(Op::GetObject, "GetObject", Some("GetObject"), TAKES_ANSWERS_TIER2, TAKES_GET, READS, FREELY, ANYBODY),
    row(Op::GetObjectAttributes, "GetObjectAttributes", None, TAKES_ANSWERS_TIER2, NONE, READS, FREELY, ANYBODY),
    row(Op::GetObjectMeta, "GetObjectMeta", Some("GetObjectMeta"), NONE, TAKES_GET, READS, FREELY, ANYBODY),
    row(Op::GetObjectTorrent, "GetObjectTorrent", None, TAKES_ANSWERS_TIER2, NONE, READS, FREELY, ANYBODY),
    row(Op::PutObject, "PutObject", Some("PutObject"), TAKES_ANSWERS_TIER1, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::AppendObject, "AppendObject", Some("AppendObject"), NONE, TAKES_PUT, CHANGES, NEVER_AGAIN, ANYBODY),
    row(Op::SealAppendObject, "SealAppendObject", Some("SealAppendObject"), NONE, NEVER_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::CopyObject, "CopyObject", Some("CopyObject"), TAKES_ANSWERS_TIER1, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::RenameObject, "RenameObject", None, NEVER_TIER1, NONE, CHANGES, AFTER_READING, ANYBODY),
    row(Op::DeleteObject, "DeleteObject", Some("DeleteObject"), TAKES_ANSWERS_FREE, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::DeleteObjects, "DeleteObjects", Some("DeleteMultipleObjects"), TAKES_ANSWERS_FREE, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::RestoreObject, "RestoreObject", Some("RestoreObject"), TAKES_ANSWERS_RESTORE, TAKES_RESTORE, CHANGES, AFTER_READING, ANYBODY),
    row(Op::CleanRestoredObject, "CleanRestoredObject", Some("CleanRestoredObject"), NONE, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::CreateMultipartUpload, "CreateMultipartUpload", Some("InitiateMultipartUpload"), TAKES_ANSWERS_TIER1, TAKES_PUT, CHANGES, NEVER_AGAIN, ANYBODY),
    row(Op::UploadPart, "UploadPart", Some("UploadPart"), TAKES_ANSWERS_TIER1, TAKES_PUT, CHANGES, FREELY, ANYBODY),
    row(Op::UploadPartCopy, "UploadPartCopy", Some("UploadPartCopy"), TAKES_ANSWERS_TIER1, TAKES_PUT, CHANGES, FREELY, ANYBODY),
    row(Op::ListParts, "ListParts", Some("ListParts"), TAKES_ANSWERS_TIER1, TAKES_PUT, READS, FREELY, ANYBODY),
    row(Op::ListMultipartUploads, "ListMultipartUploads", Some("ListMultipartUploads"), TAKES_ANSWERS_TIER1, TAKES_PUT, READS, FREELY, ANYBODY),
    row(Op::CompleteMultipartUpload, "CompleteMultipartUpload", Some("CompleteMultipartUpload"), TAKES_ANSWERS_TIER1, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::AbortMultipartUpload, "AbortMultipartUpload", Some("AbortMultipartUpload"), TAKES_ANSWERS_FREE, TAKES_PUT, CHANGES, FREELY, ANYBODY),
    row(Op::GetObjectAcl, "GetObjectAcl", Some("GetObjectAcl"), TAKES_ANSWERS_TIER2, TAKES_GET, READS, FREELY, ANYBODY),
    row(Op::PutObjectAcl, "PutObjectAcl", Some("PutObjectAcl"), TAKES_ANSWERS_TIER1, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::GetObjectTagging, "GetObjectTagging", Some("GetObjectTagging"), TAKES_TIER2, TAKES_GET, READS, FREELY, ANYBODY),
    row(Op::PutObjectTagging, "PutObjectTagging", Some("PutObjectTagging"), TAKES_TIER1, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::DeleteObjectTagging, "DeleteObjectTagging", Some("DeleteObjectTagging"), NEVER_FREE, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::GetObjectLegalHold, "GetObjectLegalHold", Some("GetObjectLegalHold"), TAKES_TIER2, NEVER_GET, READS, FREELY, ANYBODY),
    row(Op::PutObjectLegalHold, "PutObjectLegalHold", Some("PutObjectLegalHold"), TAKES_ANSWERS_TIER1, NEVER_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::GetObjectRetention, "GetObjectRetention", Some("GetObjectRetention"), TAKES_TIER2, NEVER_GET, READS, FREELY, ANYBODY),
    row(Op::PutObjectRetention, "PutObjectRetention", Some("PutObjectRetention"), TAKES_ANSWERS_TIER1, NEVER_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::UpdateObjectEncryption, "UpdateObjectEncryption", None, TAKES_ANSWERS_TIER1, NONE, CHANGES, AFTER_READING, ANYBODY),
    row(Op::GetObjectAnnotation, "GetObjectAnnotation", None, TAKES_ANSWERS_TIER2, NONE, READS, FREELY, ANYBODY),
    row(Op::PutObjectAnnotation, "PutObjectAnnotation", None, TAKES_ANSWERS_TIER1, NONE, CHANGES, AFTER_READING, ANYBODY),
    row(Op::DeleteObjectAnnotation, "DeleteObjectAnnotation", None, TAKES_ANSWERS_FREE, NONE, CHANGES, AFTER_READING, ANYBODY),
    row(Op::ListObjectAnnotations, "ListObjectAnnotations", None, TAKES_ANSWERS_TIER1, NONE, READS, FREELY, ANYBODY),
    row(Op::SelectObjectContent, "SelectObjectContent", Some("SelectObject"), NEVER_TIER2, NEVER_GET, READS, FREELY, ANYBODY),
    row(Op::GetSymlink, "GetSymlink", Some("GetSymlink"), NONE, TAKES_GET, READS, FREELY, ANYBODY),
    row(Op::PutSymlink, "PutSymlink", Some("PutSymlink"), NONE, TAKES_PUT, CHANGES, AFTER_READING, ANYBODY),
    row(Op::ProcessObject, "ProcessObject", Some("ProcessObject"), NONE, TAKES_PUT, CHANGES, NEVER_AGAIN, ANYBODY),
    row(Op::AsyncProcessObject, "AsyncProcessObject", Some("AsyncProcessObject"), NONE, TAKES_PUT, CHANGES, NEVER_AGAIN, ANYBODY),
    row(Op::GetCallerIdentity, "GetCallerIdentity", Some("GetCallerIdentity"), NEVER_FREE, NEVER_FREE, READS, FREELY, ANYBODY),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (place, row) in ROWS.iter().enumerate() {
            assert_eq!(row.op as usize, place, "{}", row.name);
        }
    }
}

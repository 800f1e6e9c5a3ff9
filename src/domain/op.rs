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

/// The table, in the order of [`Op`].
pub static ROWS: &[Row] = &[
    Row {
        op: Op::ListBuckets,
        name: "ListBuckets",
        oss_name: Some("ListBuckets"),
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::HeadBucket,
        name: "HeadBucket",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier2 }),
        oss: None,
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::CreateBucket,
        name: "CreateBucket",
        oss_name: Some("PutBucket"),
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::DeleteBucket,
        name: "DeleteBucket",
        oss_name: Some("DeleteBucket"),
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Free }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::GetBucketLocation,
        name: "GetBucketLocation",
        oss_name: Some("GetBucketLocation"),
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier2 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::GetBucketInfo,
        name: "GetBucketInfo",
        oss_name: Some("GetBucketInfo"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::GetBucketStat,
        name: "GetBucketStat",
        oss_name: Some("GetBucketStat"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::GetBucketRequestPayment,
        name: "GetBucketRequestPayment",
        oss_name: Some("GetBucketRequestPayment"),
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier2 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::PutBucketRequestPayment,
        name: "PutBucketRequestPayment",
        oss_name: Some("PutBucketRequestPayment"),
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::GetBucketAccelerateConfiguration,
        name: "GetBucketAccelerateConfiguration",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier2 }),
        oss: None,
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::PutObjectLockConfiguration,
        name: "PutObjectLockConfiguration",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: None,
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::OwnerOnly,
    },
    Row {
        op: Op::ListObjects,
        name: "ListObjects",
        oss_name: Some("ListObjects"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::ListObjectsV2,
        name: "ListObjectsV2",
        oss_name: Some("ListObjectsV2"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::ListObjectVersions,
        name: "ListObjectVersions",
        oss_name: Some("ListObjectVersions"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::HeadObject,
        name: "HeadObject",
        oss_name: Some("HeadObject"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier2 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetObject,
        name: "GetObject",
        oss_name: Some("GetObject"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier2 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetObjectAttributes,
        name: "GetObjectAttributes",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier2 }),
        oss: None,
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetObjectMeta,
        name: "GetObjectMeta",
        oss_name: Some("GetObjectMeta"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetObjectTorrent,
        name: "GetObjectTorrent",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier2 }),
        oss: None,
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::PutObject,
        name: "PutObject",
        oss_name: Some("PutObject"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::AppendObject,
        name: "AppendObject",
        oss_name: Some("AppendObject"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::Never,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::SealAppendObject,
        name: "SealAppendObject",
        oss_name: Some("SealAppendObject"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::CopyObject,
        name: "CopyObject",
        oss_name: Some("CopyObject"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::RenameObject,
        name: "RenameObject",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier1 }),
        oss: None,
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::DeleteObject,
        name: "DeleteObject",
        oss_name: Some("DeleteObject"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Free }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::DeleteObjects,
        name: "DeleteObjects",
        oss_name: Some("DeleteMultipleObjects"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Free }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::RestoreObject,
        name: "RestoreObject",
        oss_name: Some("RestoreObject"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::CleanRestoredObject,
        name: "CleanRestoredObject",
        oss_name: Some("CleanRestoredObject"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::CreateMultipartUpload,
        name: "CreateMultipartUpload",
        oss_name: Some("InitiateMultipartUpload"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::Never,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::UploadPart,
        name: "UploadPart",
        oss_name: Some("UploadPart"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::UploadPartCopy,
        name: "UploadPartCopy",
        oss_name: Some("UploadPartCopy"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::ListParts,
        name: "ListParts",
        oss_name: Some("ListParts"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::ListMultipartUploads,
        name: "ListMultipartUploads",
        oss_name: Some("ListMultipartUploads"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::CompleteMultipartUpload,
        name: "CompleteMultipartUpload",
        oss_name: Some("CompleteMultipartUpload"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::AbortMultipartUpload,
        name: "AbortMultipartUpload",
        oss_name: Some("AbortMultipartUpload"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Free }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetObjectAcl,
        name: "GetObjectAcl",
        oss_name: Some("GetObjectAcl"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier2 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::PutObjectAcl,
        name: "PutObjectAcl",
        oss_name: Some("PutObjectAcl"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetObjectTagging,
        name: "GetObjectTagging",
        oss_name: Some("GetObjectTagging"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::Tier2 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::PutObjectTagging,
        name: "PutObjectTagging",
        oss_name: Some("PutObjectTagging"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::DeleteObjectTagging,
        name: "DeleteObjectTagging",
        oss_name: Some("DeleteObjectTagging"),
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Free }),
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetObjectLegalHold,
        name: "GetObjectLegalHold",
        oss_name: Some("GetObjectLegalHold"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::Tier2 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::PutObjectLegalHold,
        name: "PutObjectLegalHold",
        oss_name: Some("PutObjectLegalHold"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetObjectRetention,
        name: "GetObjectRetention",
        oss_name: Some("GetObjectRetention"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::Tier2 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::PutObjectRetention,
        name: "PutObjectRetention",
        oss_name: Some("PutObjectRetention"),
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::UpdateObjectEncryption,
        name: "UpdateObjectEncryption",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: None,
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetObjectAnnotation,
        name: "GetObjectAnnotation",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier2 }),
        oss: None,
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::PutObjectAnnotation,
        name: "PutObjectAnnotation",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: None,
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::DeleteObjectAnnotation,
        name: "DeleteObjectAnnotation",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Free }),
        oss: None,
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::ListObjectAnnotations,
        name: "ListObjectAnnotations",
        oss_name: None,
        s3: Some(Cell { payer: PayerHeader::Takes, charged: Charged::Answered, price: PriceClass::Tier1 }),
        oss: None,
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::SelectObjectContent,
        name: "SelectObjectContent",
        oss_name: Some("SelectObject"),
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Tier2 }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetSymlink,
        name: "GetSymlink",
        oss_name: Some("GetSymlink"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::GetType }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::PutSymlink,
        name: "PutSymlink",
        oss_name: Some("PutSymlink"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::AfterReading,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::ProcessObject,
        name: "ProcessObject",
        oss_name: Some("ProcessObject"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::Never,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::AsyncProcessObject,
        name: "AsyncProcessObject",
        oss_name: Some("AsyncProcessObject"),
        s3: None,
        oss: Some(Cell { payer: PayerHeader::Takes, charged: Charged::NotSaid, price: PriceClass::PutType }),
        effect: Effect::Changes,
        repeat: Repeat::Never,
        caller: Caller::AnyCaller,
    },
    Row {
        op: Op::GetCallerIdentity,
        name: "GetCallerIdentity",
        oss_name: Some("GetCallerIdentity"),
        s3: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Free }),
        oss: Some(Cell { payer: PayerHeader::Never, charged: Charged::NotSaid, price: PriceClass::Free }),
        effect: Effect::Reads,
        repeat: Repeat::Freely,
        caller: Caller::AnyCaller,
    },
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

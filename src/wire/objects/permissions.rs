//! What a call about objects is about, and which permission it needs, for messages and hints.
//!
//! Comes in: a call. Goes out: words. Forbidden here: decisions.

use super::super::asked::Asked;
use super::call::ObjectCall;
use crate::domain::{BucketName, Op, Provider};

impl Asked for ObjectCall {
    fn op(&self) -> Op {
        self.op()
    }

    fn bucket(&self) -> Option<&BucketName> {
        Some(self.bucket())
    }

    fn subject(&self) -> String {
        match self.key() {
            Some(key) => format!("object \"{key}\" in bucket \"{}\"", self.bucket()),
            None => format!("bucket \"{}\"", self.bucket()),
        }
    }

    fn action(&self, provider: Provider) -> &'static str {
        match provider {
            Provider::S3 => self.s3_action(),
            Provider::Oss => self.oss_action(),
        }
    }
}

impl ObjectCall {
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>
    fn s3_action(&self) -> &'static str {
        match self {
            Self::ListObjectsV2 { .. } => "s3:ListBucket",
            Self::ListObjectVersions { .. } => "s3:ListBucketVersions",
            Self::HeadObject { object, .. } | Self::GetObject { object, .. } if object.version.is_some() => "s3:GetObjectVersion",
            Self::HeadObject { .. } | Self::GetObject { .. } => "s3:GetObject",
            Self::GetObjectTagging { .. } => "s3:GetObjectTagging",
            Self::PutObjectTagging { .. } => "s3:PutObjectTagging",
            Self::GetObjectAcl { .. } => "s3:GetObjectAcl",
            Self::GetObjectAttributes { .. } => "s3:GetObjectAttributes",
            Self::DeleteObject { object } if object.version.is_some() => "s3:DeleteObjectVersion",
            Self::DeleteObject { .. } | Self::DeleteObjects { .. } => "s3:DeleteObject",
            Self::PutObject { .. }
            | Self::CopyObject { .. }
            | Self::CreateMultipartUpload { .. }
            | Self::UploadPart { .. }
            | Self::UploadPartCopy { .. }
            | Self::CompleteMultipartUpload { .. } => "s3:PutObject",
            Self::ListParts { .. } => "s3:ListMultipartUploadParts",
            Self::ListMultipartUploads { .. } => "s3:ListBucketMultipartUploads",
            Self::AbortMultipartUpload { .. } => "s3:AbortMultipartUpload",
        }
    }

    /// <https://www.alibabacloud.com/help/en/oss/user-guide/authorization-syntax-and-elements>
    fn oss_action(&self) -> &'static str {
        match self {
            Self::ListObjectsV2 { .. } => "oss:ListObjects",
            Self::ListObjectVersions { .. } => "oss:ListObjectVersions",
            Self::HeadObject { object, .. } | Self::GetObject { object, .. } if object.version.is_some() => "oss:GetObjectVersion",
            Self::HeadObject { .. } | Self::GetObject { .. } | Self::GetObjectAttributes { .. } => "oss:GetObject",
            Self::GetObjectTagging { .. } => "oss:GetObjectTagging",
            Self::PutObjectTagging { .. } => "oss:PutObjectTagging",
            Self::GetObjectAcl { .. } => "oss:GetObjectAcl",
            Self::DeleteObject { object } if object.version.is_some() => "oss:DeleteObjectVersion",
            Self::DeleteObject { .. } | Self::DeleteObjects { .. } => "oss:DeleteObject",
            Self::PutObject { .. }
            | Self::CopyObject { .. }
            | Self::CreateMultipartUpload { .. }
            | Self::UploadPart { .. }
            | Self::UploadPartCopy { .. }
            | Self::CompleteMultipartUpload { .. } => "oss:PutObject",
            Self::ListParts { .. } => "oss:ListParts",
            Self::ListMultipartUploads { .. } => "oss:ListMultipartUploads",
            Self::AbortMultipartUpload { .. } => "oss:AbortMultipartUpload",
        }
    }
}

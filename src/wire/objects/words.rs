//! How the two clouds spell the same things.
//!
//! Comes in: a provider. Goes out: names. Forbidden here: everything that both spell alike.

use super::super::{percent, s3};
use crate::domain::{Directive, ObjectRef, Provider};

/// One cloud's spellings for objects.
#[derive(Clone, Copy)]
pub(super) struct Words(Provider);

impl Words {
    /// The spellings of a provider.
    pub(super) fn of(provider: Provider) -> Self {
        Self(provider)
    }

    /// How the headers of the vendor's own begin.
    pub(super) fn prefix(self) -> &'static str {
        match self.0 {
            Provider::S3 => "x-amz-",
            Provider::Oss => "x-oss-",
        }
    }

    /// A header of the vendor's own.
    pub(super) fn own(self, name: &str) -> String {
        [self.prefix(), name].concat()
    }

    /// The header of a canned access list.
    pub(super) fn acl(self) -> &'static str {
        match self.0 {
            Provider::S3 => "x-amz-acl",
            Provider::Oss => "x-oss-object-acl",
        }
    }

    /// The header that makes the store refuse an existing object.
    pub(super) fn no_overwrite(self) -> (&'static str, &'static str) {
        match self.0 {
            Provider::S3 => ("if-none-match", "*"),
            Provider::Oss => ("x-oss-forbid-overwrite", "true"),
        }
    }

    /// The attribute of a body's root element.
    pub(super) fn namespace(self) -> String {
        match self.0 {
            Provider::S3 => format!(" xmlns=\"{}\"", s3::NAMESPACE),
            Provider::Oss => String::new(),
        }
    }

    /// The value of the directive about headers and metadata.
    pub(super) fn directive(self, directive: Directive) -> &'static str {
        match directive {
            Directive::Copy => "COPY",
            Directive::Replace => "REPLACE",
        }
    }

    /// The value of the directive about tags.
    pub(super) fn tags_replaced(self) -> &'static str {
        match self.0 {
            Provider::S3 => "REPLACE",
            Provider::Oss => "Replace",
        }
    }

    /// The value of the copy source header. The version's id stands in it as it came, as the official SDKs write it.
    pub(super) fn copy_source(self, object: &ObjectRef) -> String {
        let mut text = match self.0 {
            Provider::S3 => String::new(),
            Provider::Oss => "/".to_owned(),
        };
        percent::push_path(&mut text, object.bucket.as_str());
        text.push('/');
        percent::push_path(&mut text, object.key.as_str());
        if let Some(version) = &object.version {
            text.push_str("?versionId=");
            text.push_str(version.as_str());
        }
        text
    }

    /// What a `+` is in a key that came with `encoding-type=url`.
    pub(super) fn plus(self) -> u8 {
        match self.0 {
            Provider::S3 => b' ',
            Provider::Oss => b'+',
        }
    }

    /// A key of a listing that came with `encoding-type=url`. A `+` is a blank on S3, which encodes as HTML forms do, and a plus
    /// on OSS. `None`: it is not UTF-8.
    pub(super) fn decoded(self, text: &str) -> Option<String> {
        let bytes = match self.0 {
            Provider::S3 if text.contains('+') => percent::decoded(&text.replace('+', " ")),
            Provider::S3 | Provider::Oss => percent::decoded(text),
        };
        String::from_utf8(bytes).ok()
    }
}

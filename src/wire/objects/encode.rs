//! Calls about objects as drafts.
//!
//! Comes in: a site, a call, terms. Goes out: a draft without a signature. Forbidden here: the payer header; signing.

use std::borrow::Cow;

use super::super::{Draft, Payload, Resource, Terms, address, body, dialect, draft_at, payer, percent, push_item};
use super::arguments::{
    AskChecksums, AskOwner, Attribute, BodyChecksum, ByteRange, Content, CopySource, Integrity, KeysPage, PartRef, ResponseHeader,
    UploadsPage, VersionsPage, Wanted,
};
use super::call::ObjectCall;
use super::{bodies, words::Words};
use crate::domain::escape::visible;
use crate::domain::{Directive, Error, ErrorKind, ObjectSettings, Overwrite, Provider, Result, Site, UploadId, VersionId};

/// Builds the request for a call.
pub(super) fn encode(site: &Site, call: &ObjectCall, terms: &Terms) -> Result<Draft> {
    let op = call.op();
    if op.cell(site.provider).is_none() {
        return Err(Error::new(ErrorKind::Unsupported, format!("{} has no operation {}", site.provider, op.row().name))
            .hint("Do without it on this account."));
    }
    let key = call.key().map_or(Ok(""), |key| key.sendable())?;
    let bucket = call.bucket().as_str();
    let place = address::place(site, bucket, key)?;
    let draft = draft_at(place, op, Resource { bucket: bucket.to_owned(), key: key.to_owned() });
    let mut desk = Desk { provider: site.provider, words: Words::of(site.provider), draft };
    desk.fill(call)?;
    let mut draft = desk.draft;
    if let (Some(name), Some(owner)) = (dialect::of(site.provider).owner_guard(), &terms.expected_owner) {
        draft.headers.push((name.into(), owner.clone().into()));
    }
    payer::apply(site.provider, terms.consent, &mut draft);
    Ok(draft)
}

/// A draft that is being filled in.
struct Desk {
    provider: Provider,
    words: Words,
    draft: Draft,
}

impl Desk {
    fn fill(&mut self, call: &ObjectCall) -> Result<()> {
        match call {
            ObjectCall::ListObjectsV2 { page, .. } => self.keys_page(page),
            ObjectCall::ListObjectVersions { page, .. } => self.versions_page(page),
            ObjectCall::ListMultipartUploads { page, .. } => self.uploads_page(page),
            ObjectCall::HeadObject { object, checksums } => {
                self.draft.method = http::Method::HEAD;
                self.version(object.version.as_ref())?;
                self.ask_checksums(*checksums);
            }
            ObjectCall::GetObject { object, wanted } => {
                self.version(object.version.as_ref())?;
                self.wanted(wanted)?;
            }
            ObjectCall::GetObjectTagging { object } => self.subresource("tagging", object.version.as_ref())?,
            ObjectCall::GetObjectAcl { object } => self.subresource("acl", object.version.as_ref())?,
            ObjectCall::GetObjectAttributes { object, attributes } => {
                self.subresource("attributes", object.version.as_ref())?;
                self.attributes(attributes)?;
            }
            ObjectCall::PutObjectTagging { object, tags, checksum } => {
                self.subresource("tagging", object.version.as_ref())?;
                self.draft.method = http::Method::PUT;
                self.draft.body = bodies::tagging(self.words, tags);
                self.vouch(*checksum);
            }
            ObjectCall::DeleteObject { object } => {
                self.draft.method = http::Method::DELETE;
                self.version(object.version.as_ref())?;
            }
            ObjectCall::DeleteObjects { objects, verbosity, checksum, .. } => {
                self.draft.method = http::Method::POST;
                self.bare("delete");
                self.encoding_on_oss();
                self.draft.body = bodies::delete(self.words, self.provider, objects, *verbosity)?;
                self.vouch(*checksum);
            }
            ObjectCall::PutObject { content, settings, overwrite, integrity, .. } => {
                self.draft.method = http::Method::PUT;
                self.settings(settings)?;
                self.overwrite(*overwrite);
                self.content(content, integrity)?;
            }
            ObjectCall::CopyObject { source, metadata, settings, overwrite, .. } => self.copy(source, *metadata, settings, *overwrite)?,
            ObjectCall::CreateMultipartUpload { .. }
            | ObjectCall::UploadPart { .. }
            | ObjectCall::UploadPartCopy { .. }
            | ObjectCall::ListParts { .. }
            | ObjectCall::CompleteMultipartUpload { .. }
            | ObjectCall::AbortMultipartUpload { .. } => self.multipart(call)?,
        }
        Ok(())
    }

    /// What belongs to one multipart upload.
    fn multipart(&mut self, call: &ObjectCall) -> Result<()> {
        match call {
            ObjectCall::CreateMultipartUpload { settings, overwrite, checksum, .. } => {
                self.draft.method = http::Method::POST;
                self.bare("uploads");
                self.encoding_on_oss();
                self.settings(settings)?;
                match self.provider {
                    // S3 takes the condition with the completion only.
                    Provider::S3 => {}
                    Provider::Oss => self.overwrite(*overwrite),
                }
                if let Some(algorithm) = checksum {
                    self.only_s3()?;
                    self.header("x-amz-checksum-algorithm", body::checksum_names(*algorithm).1);
                }
            }
            ObjectCall::UploadPart { part, content, integrity } => {
                self.part(part)?;
                self.content(content, integrity)?;
            }
            ObjectCall::UploadPartCopy { part, source, range } => {
                self.part(part)?;
                self.source(source)?;
                if let Some((first, last)) = range {
                    if first > last {
                        return Err(empty_range());
                    }
                    let name = self.words.own("copy-source-range");
                    self.header(name, format!("bytes={first}-{last}"));
                }
            }
            ObjectCall::ListParts { upload, after, limit } => {
                self.upload(&upload.id)?;
                self.item("max-parts", limit.map(|limit| limit.to_string()));
                self.item("part-number-marker", after.map(|number| number.to_string()));
            }
            ObjectCall::CompleteMultipartUpload { upload, parts, overwrite, checksum } => {
                self.draft.method = http::Method::POST;
                self.upload(&upload.id)?;
                self.encoding_on_oss();
                self.overwrite(*overwrite);
                if parts.iter().any(|part| part.checksum.is_some()) {
                    self.only_s3()?;
                }
                if let Some(checksum) = checksum {
                    self.checksum(checksum)?;
                    self.header("x-amz-checksum-type", "FULL_OBJECT");
                }
                self.draft.body = bodies::complete(self.words, parts)?;
            }
            ObjectCall::AbortMultipartUpload { upload } => {
                self.draft.method = http::Method::DELETE;
                self.upload(&upload.id)?;
            }
            ObjectCall::ListObjectsV2 { .. }
            | ObjectCall::ListObjectVersions { .. }
            | ObjectCall::ListMultipartUploads { .. }
            | ObjectCall::HeadObject { .. }
            | ObjectCall::GetObject { .. }
            | ObjectCall::GetObjectTagging { .. }
            | ObjectCall::PutObjectTagging { .. }
            | ObjectCall::GetObjectAcl { .. }
            | ObjectCall::GetObjectAttributes { .. }
            | ObjectCall::PutObject { .. }
            | ObjectCall::CopyObject { .. }
            | ObjectCall::DeleteObject { .. }
            | ObjectCall::DeleteObjects { .. } => {}
        }
        Ok(())
    }

    fn header(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) {
        self.draft.headers.push((name.into(), value.into()));
    }

    fn bare(&mut self, name: &str) {
        self.draft.query.push((name.to_owned(), None));
    }

    fn item(&mut self, name: &str, value: Option<String>) {
        push_item(&mut self.draft.query, name, value);
    }

    /// An empty version would be read as the current one.
    fn version(&mut self, version: Option<&VersionId>) -> Result<()> {
        if version.is_some_and(|version| version.as_str().is_empty()) {
            return Err(empty_version());
        }
        self.item("versionId", version.map(|version| version.as_str().to_owned()));
        Ok(())
    }

    fn subresource(&mut self, name: &str, version: Option<&VersionId>) -> Result<()> {
        self.bare(name);
        self.version(version)
    }

    /// Keys in answers are always asked for encoded: XML cannot carry every character, and folds line ends.
    fn encoding(&mut self) {
        self.item("encoding-type", Some("url".to_owned()));
    }

    /// Answers about one key, or a batch: S3 knows no encoding there.
    fn encoding_on_oss(&mut self) {
        if self.provider == Provider::Oss {
            self.encoding();
        }
    }

    fn keys_page(&mut self, page: &KeysPage) {
        self.item("list-type", Some("2".to_owned()));
        self.encoding();
        self.item("prefix", page.prefix.clone());
        self.item("delimiter", page.delimiter.clone());
        self.item("continuation-token", page.continuation.clone());
        self.item("start-after", page.start_after.clone());
        self.item("max-keys", page.limit.map(|limit| limit.to_string()));
        self.item("fetch-owner", (page.owner == AskOwner::Asked).then(|| "true".to_owned()));
    }

    fn versions_page(&mut self, page: &VersionsPage) {
        self.bare("versions");
        self.encoding();
        self.item("prefix", page.prefix.clone());
        self.item("delimiter", page.delimiter.clone());
        self.item("max-keys", page.limit.map(|limit| limit.to_string()));
        if let Some(mark) = &page.after {
            self.item("key-marker", Some(mark.key.clone()));
            self.item("version-id-marker", mark.version.as_ref().map(|version| version.as_str().to_owned()));
        }
    }

    fn uploads_page(&mut self, page: &UploadsPage) {
        self.bare("uploads");
        self.encoding();
        self.item("prefix", page.prefix.clone());
        self.item("delimiter", page.delimiter.clone());
        self.item("max-uploads", page.limit.map(|limit| limit.to_string()));
        if let Some(mark) = &page.after {
            self.item("key-marker", Some(mark.key.clone()));
            self.item("upload-id-marker", mark.id.as_ref().map(|id| id.as_str().to_owned()));
        }
    }

    fn ask_checksums(&mut self, asked: AskChecksums) {
        match (asked, self.provider) {
            (AskChecksums::Asked, Provider::S3) => self.header("x-amz-checksum-mode", "ENABLED"),
            // OSS answers its checksum always.
            (AskChecksums::Asked, Provider::Oss) | (AskChecksums::Silent, _) => {}
        }
    }

    fn attributes(&mut self, attributes: &[Attribute]) -> Result<()> {
        if attributes.is_empty() {
            return Err(Error::new(ErrorKind::Usage, "no attribute is asked for").hint("Name at least one."));
        }
        let name = |attribute: &Attribute| match attribute {
            Attribute::ETag => "ETag",
            Attribute::Checksum => "Checksum",
            Attribute::ObjectParts => "ObjectParts",
            Attribute::StorageClass => "StorageClass",
            Attribute::ObjectSize => "ObjectSize",
        };
        let names: Vec<&str> = attributes.iter().map(name).collect();
        self.header("x-amz-object-attributes", names.join(","));
        Ok(())
    }

    fn wanted(&mut self, wanted: &Wanted) -> Result<()> {
        if let Some(range) = wanted.range {
            let text = match range {
                ByteRange::From(first) => format!("bytes={first}-"),
                ByteRange::Between(first, last) if first <= last => format!("bytes={first}-{last}"),
                ByteRange::Last(count) if count > 0 => format!("bytes=-{count}"),
                ByteRange::Between(..) | ByteRange::Last(_) => return Err(empty_range()),
            };
            self.header("range", text);
        }
        if let Some(etag) = &wanted.if_match {
            self.header("if-match", etag.as_str().to_owned());
        }
        self.ask_checksums(wanted.checksums);
        for (header, value) in &wanted.overrides {
            let name = match header {
                ResponseHeader::CacheControl => "response-cache-control",
                ResponseHeader::ContentDisposition => "response-content-disposition",
                ResponseHeader::ContentEncoding => "response-content-encoding",
                ResponseHeader::ContentLanguage => "response-content-language",
                ResponseHeader::ContentType => "response-content-type",
                ResponseHeader::Expires => "response-expires",
            };
            self.item(name, Some(value.clone()));
        }
        Ok(())
    }

    fn settings(&mut self, settings: &ObjectSettings) -> Result<()> {
        for (name, value) in [
            ("content-type", &settings.content_type),
            ("cache-control", &settings.cache_control),
            ("content-disposition", &settings.content_disposition),
            ("content-encoding", &settings.content_encoding),
            ("content-language", &settings.content_language),
            ("expires", &settings.expires),
            (self.words.acl(), &settings.acl),
        ] {
            if let Some(value) = value {
                self.header(name, value.clone());
            }
        }
        if let Some(class) = &settings.storage_class {
            let name = self.words.own("storage-class");
            self.header(name, class.as_str().to_owned());
        }
        if !settings.tags.is_empty() {
            let pairs: Vec<String> =
                settings.tags.iter().map(|tag| format!("{}={}", percent::encoded(&tag.key), percent::encoded(&tag.value))).collect();
            let name = self.words.own("tagging");
            self.header(name, pairs.join("&"));
        }
        self.metadata(&settings.metadata)
    }

    /// Metadata become headers: a name that is none, or the same twice, would say something else than was meant.
    fn metadata(&mut self, metadata: &[(String, String)]) -> Result<()> {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        for (name, value) in metadata {
            let header = self.words.own(&format!("meta-{}", name.to_ascii_lowercase()));
            if name.is_empty() || !name.bytes().all(token) {
                return Err(Error::new(ErrorKind::Usage, format!("metadata name \"{}\" cannot be part of a header", visible(name)))
                    .hint("Use letters, digits and hyphens."));
            }
            if self.draft.headers.iter().any(|(known, _)| *known == header) {
                return Err(Error::new(ErrorKind::Usage, format!("metadata name \"{}\" stands twice", visible(name)))
                    .hint("Name it once: upper and lower case are the same here."));
            }
            self.header(header, value.clone());
        }
        Ok(())
    }

    fn overwrite(&mut self, overwrite: Overwrite) {
        match overwrite {
            Overwrite::Allow => {}
            Overwrite::Refuse => {
                let (name, value) = self.words.no_overwrite();
                self.header(name, value);
            }
        }
    }

    fn content(&mut self, content: &Content, integrity: &Integrity) -> Result<()> {
        match content {
            Content::Inline(bytes) => self.draft.body = bytes.clone(),
            Content::Streamed(length) => self.draft.payload = Payload::Unsigned { length: *length },
        }
        if let Some(md5) = &integrity.content_md5 {
            self.header("content-md5", md5.clone());
        }
        if let Some(checksum) = &integrity.checksum {
            self.checksum(checksum)?;
        }
        Ok(())
    }

    fn only_s3(&self) -> Result<()> {
        match self.provider {
            Provider::S3 => Ok(()),
            Provider::Oss => Err(Error::new(ErrorKind::Unsupported, "OSS takes no checksum with a request")
                .hint("Send Content-MD5, or compare the CRC-64 that OSS answers.")),
        }
    }

    fn checksum(&mut self, checksum: &BodyChecksum) -> Result<()> {
        self.only_s3()?;
        let (header, name) = body::checksum_names(checksum.algorithm);
        self.header(header, checksum.value.clone());
        self.header(body::CHECKSUM_KIND, name);
        Ok(())
    }

    /// Both clouds want to know that a body of XML arrived whole.
    fn vouch(&mut self, checksum: Option<super::super::Checksum>) {
        self.draft.headers.push(body::content_md5(&self.draft.body));
        match (checksum, self.provider) {
            (Some(algorithm), Provider::S3) => self.draft.headers.extend(body::checksum(algorithm, &self.draft.body)),
            (Some(_), Provider::Oss) | (None, _) => {}
        }
    }

    fn source(&mut self, source: &CopySource) -> Result<()> {
        source.object.key.sendable()?;
        if source.object.version.as_ref().is_some_and(|version| version.as_str().is_empty()) {
            return Err(empty_version());
        }
        let name = self.words.own("copy-source");
        let value = self.words.copy_source(&source.object);
        self.header(name, value);
        if let Some(etag) = &source.if_match {
            let name = self.words.own("copy-source-if-match");
            self.header(name, etag.as_str().to_owned());
        }
        Ok(())
    }

    fn copy(&mut self, source: &CopySource, metadata: Directive, settings: &ObjectSettings, overwrite: Overwrite) -> Result<()> {
        self.draft.method = http::Method::PUT;
        self.source(source)?;
        self.settings(settings)?;
        self.overwrite(overwrite);
        if metadata == Directive::Replace {
            let name = self.words.own("metadata-directive");
            self.header(name, self.words.directive(metadata));
        }
        if !settings.tags.is_empty() {
            let name = self.words.own("tagging-directive");
            self.header(name, self.words.tags_replaced());
        }
        Ok(())
    }

    /// An empty id would make the request one about the object: aborting would delete it, a part would replace it.
    fn upload(&mut self, id: &UploadId) -> Result<()> {
        if id.as_str().is_empty() {
            return Err(Error::new(ErrorKind::Usage, "the upload's id is empty").hint("List the unfinished uploads, and name one of them."));
        }
        self.item("uploadId", Some(id.as_str().to_owned()));
        Ok(())
    }

    fn part(&mut self, part: &PartRef) -> Result<()> {
        if !(1..=10_000).contains(&part.number) {
            return Err(
                Error::new(ErrorKind::Usage, format!("part number {} is not one of 1 to 10,000", part.number)).hint("Choose larger parts.")
            );
        }
        self.draft.method = http::Method::PUT;
        self.upload(&part.upload.id)?;
        self.item("partNumber", Some(part.number.to_string()));
        Ok(())
    }
}

fn empty_range() -> Error {
    Error::new(ErrorKind::Usage, "the range has no bytes").hint("Ask for at least one byte.")
}

fn empty_version() -> Error {
    Error::new(ErrorKind::Usage, "the version's id is empty").hint("Name a version, or none: `null` is the one from before versioning.")
}

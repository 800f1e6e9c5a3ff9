//! A page of synthetic keys.
//!
//! Comes in: a query, a space of keys. Goes out: the bytes of the document, written without a value for each key, so that the
//! store is never what is measured.

use super::super::answer::{Fault, S3_NAMESPACE};
use super::super::codec;
use super::super::listing::{invalid, shown_text, token, untoken};
use super::super::verify::item;
use super::super::xml::Document;
use super::keys::Space;
use crate::domain::{Op, Provider};

/// When everything was written.
pub(super) const MODIFIED: &str = "2026-01-01T00:00:00.000Z";

/// What is asked for.
pub(super) struct Page<'a> {
    cloud: Provider,
    op: Op,
    query: &'a [(String, String)],
    prefix: &'a str,
    delimiter: &'a str,
    after: String,
    most: usize,
}

/// What a page shows: whole runs of keys, or folders.
enum Run {
    /// The keys from a number up to another.
    Keys(u64, u64),
    /// A folder.
    Folder(String),
}

/// Runs in order, and where the next page goes on.
struct Content {
    runs: Vec<Run>,
    count: usize,
    next: Option<String>,
}

impl<'a> Page<'a> {
    /// Reads the query.
    pub(super) fn read(cloud: Provider, op: Op, query: &'a [(String, String)]) -> Result<Self, Fault> {
        let text = |name| item(query, name).unwrap_or_default();
        let usual = match cloud {
            Provider::S3 => 1_000,
            Provider::Oss => 100,
        };
        let most = match text("max-keys") {
            "" => usual,
            digits => digits.parse::<usize>().map_err(|_| invalid("max-keys", digits))?.min(1_000),
        };
        let after = match (op, text("continuation-token")) {
            (Op::ListObjects, _) => text("marker").to_owned(),
            (_, "") => text("start-after").to_owned(),
            (_, word) => untoken(word).ok_or_else(|| invalid("continuation-token", word))?,
        };
        Ok(Self { cloud, op, query, prefix: text("prefix"), delimiter: text("delimiter"), after, most })
    }

    fn content(&self, space: &Space) -> Content {
        let prefix = self.prefix.as_bytes();
        let end = space.behind(prefix);
        let begins = space.first(|key| key < prefix);
        let goes_on = if self.after.is_empty() { 0 } else { space.first(|key| key <= self.after.as_bytes()) };
        let mut at = begins.max(goes_on);
        let mut content = Content { runs: Vec::new(), count: 0, next: None };
        while at < end {
            let (folder, until) = self.fold(space, at, end);
            // A page that begins behind a folder does not show it again.
            if folder.as_ref().is_some_and(|folder| *folder <= self.after) {
                at = until;
                continue;
            }
            let room = (self.most - content.count) as u64;
            if room == 0 {
                content.next = (self.most > 0).then(|| content.last(space));
                return content;
            }
            match folder {
                Some(folder) => {
                    content.count += 1;
                    content.runs.push(Run::Folder(folder));
                    at = until;
                }
                None => {
                    let last = until.min(at + room);
                    content.count += usize::try_from(last - at).unwrap_or(usize::MAX);
                    content.runs.push(Run::Keys(at, last));
                    at = last;
                }
            }
        }
        content
    }

    /// The folder that a key lies in, as far as the delimiter folds; and the first key behind it, or behind the keys beside it.
    fn fold(&self, space: &Space, at: u64, end: u64) -> (Option<String>, u64) {
        if self.delimiter.is_empty() {
            return (None, end);
        }
        let key = space.key(at);
        let key = String::from_utf8_lossy(&key);
        match key.get(self.prefix.len()..).and_then(|rest| rest.find(self.delimiter)) {
            None => (None, at + 1),
            Some(place) => {
                let folder = &key[..self.prefix.len() + place + self.delimiter.len()];
                (Some(folder.to_owned()), space.behind(folder.as_bytes()))
            }
        }
    }

    /// The document.
    pub(super) fn document(&self, bucket: &str, space: &Space, etag: &str, size: u64) -> Vec<u8> {
        let content = self.content(space);
        let mut document = Document::new("ListBucketResult", (self.cloud == Provider::S3).then_some(S3_NAMESPACE));
        document.leaf("Name", bucket).leaf("Prefix", &self.shown(self.prefix));
        self.head(&mut document, &content);
        document.leaf("MaxKeys", &self.most.to_string()).leaf("IsTruncated", if content.next.is_some() { "true" } else { "false" });
        document.leaf_if("Delimiter", Some(self.delimiter).filter(|text| !text.is_empty()).map(|text| self.shown(text)).as_deref());
        document.leaf_if("EncodingType", item(self.query, "encoding-type").filter(|word| !word.is_empty()));
        let whole = document.end();
        let head = whole.trim_end_matches("</ListBucketResult>");
        let mut out = Vec::with_capacity(head.len() + content.count * 280 + 32);
        out.extend_from_slice(head.as_bytes());
        let behind = self.behind_key(etag, size);
        let slash: &[u8] = if self.shown("/") == "/" { b"/" } else { b"%2F" };
        for run in &content.runs {
            match run {
                Run::Keys(from, to) => {
                    for number in *from..*to {
                        out.extend_from_slice(b"<Contents><Key>");
                        space.write(number, slash, &mut out);
                        out.extend_from_slice(behind.as_bytes());
                    }
                }
                Run::Folder(folder) => {
                    out.extend_from_slice(format!("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", self.shown(folder)).as_bytes());
                }
            }
        }
        out.extend_from_slice(b"</ListBucketResult>");
        out
    }

    fn head(&self, document: &mut Document, content: &Content) {
        let next = content.next.as_deref();
        if self.op == Op::ListObjects {
            document.leaf("Marker", &self.shown(&self.after));
            let says = self.cloud == Provider::Oss || !self.delimiter.is_empty();
            document.leaf_if("NextMarker", next.filter(|_| says).map(|next| self.shown(next)).as_deref());
            return;
        }
        document.leaf_if("StartAfter", item(self.query, "start-after").map(|text| self.shown(text)).as_deref());
        document.leaf_if("ContinuationToken", item(self.query, "continuation-token"));
        document.leaf_if("NextContinuationToken", next.map(token).as_deref());
        document.leaf("KeyCount", &content.count.to_string());
    }

    /// What stands behind every key.
    fn behind_key(&self, etag: &str, size: u64) -> String {
        let owner = match self.op == Op::ListObjects || item(self.query, "fetch-owner") == Some("true") {
            true => "<Owner><ID>999988887777</ID><DisplayName>synthetic</DisplayName></Owner>",
            false => "",
        };
        let class = match self.cloud {
            Provider::S3 => "<StorageClass>STANDARD</StorageClass>",
            Provider::Oss => "<Type>Normal</Type><StorageClass>Standard</StorageClass>",
        };
        format!("</Key><LastModified>{MODIFIED}</LastModified><ETag>&quot;{etag}&quot;</ETag><Size>{size}</Size>{class}{owner}</Contents>")
    }

    fn shown(&self, text: &str) -> String {
        shown_text(self.cloud, self.query, text)
    }
}

impl Content {
    /// The last name of the page.
    fn last(&self, space: &Space) -> String {
        match self.runs.last() {
            Some(Run::Folder(folder)) => folder.clone(),
            Some(Run::Keys(_, to)) => String::from_utf8_lossy(&space.key(to.saturating_sub(1))).into_owned(),
            None => String::new(),
        }
    }
}

/// When everything was written, as a header says it.
pub(super) fn modified_header() -> String {
    MODIFIED.parse().map(codec::http_date).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::keys::Shape;
    use super::*;

    fn page(shape: Shape, query: &[(&str, &str)]) -> (usize, Vec<String>, Option<String>) {
        let query: Vec<(String, String)> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let space = Space { shape, count: 1_000_000 };
        let text = Page::read(Provider::S3, Op::ListObjectsV2, &query).unwrap().document("b", &space, "e", 1);
        let text = String::from_utf8(text).unwrap();
        let names = |tag: &str| -> Vec<String> { text.split(tag).skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect() };
        let mut all = names("<Key>");
        all.extend(names("<CommonPrefixes><Prefix>"));
        (all.len(), all, names("<NextContinuationToken>").pop())
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_double() {
        let (mut seen, mut token) = (Vec::new(), None);
        for _ in 0..9 {
            let mut query = vec![("prefix", "key-000012"), ("max-keys", "1000")];
            query.extend(token.as_deref().map(|token: &str| ("continuation-token", token)));
            let (_, names, next) = page(Shape::Flat, &query);
            seen.extend(names);
            token = next;
        }
        assert_eq!(seen.len(), 9_000);
        assert!(seen.iter().enumerate().all(|(place, key)| *key == format!("key-000012{place:04}")));
        let (count, names, next) = page(Shape::Flat, &[("prefix", "key-00001"), ("start-after", "key-0000199997")]);
        assert_eq!((count, names, next), (2, vec!["key-0000199998".to_owned(), "key-0000199999".to_owned()], None));
        let (count, names, next) = page(Shape::Flat, &[]);
        assert_eq!((count, names[999].as_str(), next.is_some()), (1_000, "key-0000000999", true));
    }

    #[test]
    fn delimiters_fold() {
        let (_, names, next) = page(Shape::Folders, &[("delimiter", "/")]);
        assert_eq!((names.len(), names[9].as_str(), next), (10, "top-0009/", None));
        let (_, names, next) = page(Shape::Folders, &[("delimiter", "/"), ("prefix", "top-0003/"), ("max-keys", "60")]);
        assert_eq!((names.len(), names[59].as_str()), (60, "top-0003/sub-59/"));
        let (_, names, next) = page(Shape::Folders, &[("delimiter", "/"), ("prefix", "top-0003/"), ("continuation-token", &next.unwrap())]);
        assert_eq!((names.len(), names[0].as_str(), next), (40, "top-0003/sub-60/", None));
        let (_, names, next) = page(Shape::Folders, &[("delimiter", "/"), ("prefix", "top-0003/sub-07/")]);
        assert_eq!((names.len(), names[999].as_str(), next), (1_000, "top-0003/sub-07/file-999.bin", None));
    }
}

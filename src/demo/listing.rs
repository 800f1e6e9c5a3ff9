//! A page of keys, and its document in both clouds and both versions.
//!
//! Comes in: a shelf and the query. Goes out: keys and common prefixes in key order, never more than were asked for.

use std::ops::Bound;

use super::answer::{Answer, Fault, S3_NAMESPACE};
use super::codec::{self, Slash};
use super::object::Object;
use super::shelf::Shelf;
use super::state::Bucket;
use super::verify::item;
use super::xml::Document;
use crate::domain::{Op, Provider};

/// What a listing asks for.
pub(super) struct Wanted<'a> {
    cloud: Provider,
    op: Op,
    query: &'a [(String, String)],
    prefix: &'a str,
    delimiter: &'a str,
    /// Where the page begins: after this key, and after the common prefix that it is.
    after: String,
    most: usize,
}

/// One line of a page.
enum Line {
    Key(String, Box<Object>),
    Prefix(String),
}

impl Line {
    fn name(&self) -> &str {
        match self {
            Self::Key(key, _) => key,
            Self::Prefix(prefix) => prefix,
        }
    }
}

impl<'a> Wanted<'a> {
    /// Reads the query of a list request.
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
        if !matches!(text("encoding-type"), "" | "url") {
            return Err(invalid("encoding-type", text("encoding-type")));
        }
        let after = match (op, text("continuation-token")) {
            (Op::ListObjects, _) => text("marker").to_owned(),
            (_, "") => text("start-after").to_owned(),
            (_, token) => untoken(token).ok_or_else(|| invalid("continuation-token", token))?,
        };
        Ok(Self { cloud, op, query, prefix: text("prefix"), delimiter: text("delimiter"), after, most })
    }

    /// Lists a bucket.
    pub(super) fn answer(&self, bucket: &Bucket) -> Answer {
        let (lines, more) = self.lines(&bucket.shelf);
        let next = lines.last().filter(|_| more).map(|line| line.name().to_owned());
        let namespace = (self.cloud == Provider::S3).then_some(S3_NAMESPACE);
        let mut document = Document::new("ListBucketResult", namespace);
        document.leaf("Name", &bucket.name).leaf("Prefix", &self.shown(self.prefix));
        self.head(&mut document, lines.len(), next.as_deref());
        document.leaf("MaxKeys", &self.most.to_string()).leaf("IsTruncated", if more { "true" } else { "false" });
        document.leaf_if("Delimiter", Some(self.delimiter).filter(|text| !text.is_empty()).map(|text| self.shown(text)).as_deref());
        document.leaf_if("EncodingType", item(self.query, "encoding-type").filter(|word| !word.is_empty()));
        for line in &lines {
            self.line(&mut document, bucket, line);
        }
        Answer::xml(200, document.end())
    }

    fn head(&self, document: &mut Document, count: usize, next: Option<&str>) {
        if self.op == Op::ListObjects {
            document.leaf("Marker", &self.shown(&self.after));
            // S3 says where to go on only with a delimiter: without one it is the last key.
            let says = self.cloud == Provider::Oss || !self.delimiter.is_empty();
            document.leaf_if("NextMarker", next.filter(|_| says).map(|next| self.shown(next)).as_deref());
            return;
        }
        document.leaf_if("StartAfter", item(self.query, "start-after").map(|text| self.shown(text)).as_deref());
        document.leaf_if("ContinuationToken", item(self.query, "continuation-token"));
        document.leaf_if("NextContinuationToken", next.map(token).as_deref());
        document.leaf("KeyCount", &count.to_string());
    }

    fn line(&self, document: &mut Document, bucket: &Bucket, line: &Line) {
        match line {
            Line::Prefix(prefix) => {
                document.inside("CommonPrefixes", |inside| {
                    inside.leaf("Prefix", &self.shown(prefix));
                });
            }
            Line::Key(key, object) => {
                document.inside("Contents", |inside| self.contents(inside, bucket, key, object));
            }
        }
    }

    fn contents(&self, document: &mut Document, bucket: &Bucket, key: &str, object: &Object) {
        document
            .leaf("Key", &self.shown(key))
            .leaf("LastModified", &codec::iso_millis(object.modified))
            .leaf("ETag", &shown_etag(self.cloud, object));
        if let Some(sum) = &object.sum {
            document.leaf("ChecksumAlgorithm", &sum.algorithm.name()).leaf("ChecksumType", sum.scope.name());
        }
        document.leaf("Size", &object.body.len().to_string());
        if self.cloud == Provider::Oss {
            document.leaf("Type", if object.pieces.is_empty() { "Normal" } else { "Multipart" });
        }
        document.leaf("StorageClass", object.class(self.cloud));
        if self.op == Op::ListObjects || item(self.query, "fetch-owner") == Some("true") {
            document.inside("Owner", |inside| {
                inside.leaf("ID", &owner_id(bucket)).leaf("DisplayName", &owner_id(bucket));
            });
        }
    }

    /// The lines of the page, and whether there are more.
    fn lines(&self, shelf: &Shelf) -> (Vec<Line>, bool) {
        let mut lines: Vec<Line> = Vec::new();
        let goes_on = !self.after.is_empty() && self.after.as_str() >= self.prefix;
        let start = if goes_on { Bound::Excluded(self.after.as_str()) } else { Bound::Included(self.prefix) };
        let mut entries = shelf.from(start);
        while let Some((key, object)) = entries.next() {
            let Some(rest) = key.strip_prefix(self.prefix) else { break };
            let fold = rest.find(self.delimiter).filter(|_| !self.delimiter.is_empty());
            let folder = fold.map(|place| &key[..self.prefix.len() + place + self.delimiter.len()]);
            // A page that begins behind a folder does not show it again.
            let shown = folder.is_none_or(|folder| folder > self.after.as_str());
            if shown && lines.len() == self.most {
                return (lines, self.most > 0);
            }
            match folder {
                None => lines.push(Line::Key(key.to_string(), Box::new(object.into_owned()))),
                Some(folder) => {
                    if shown {
                        lines.push(Line::Prefix(folder.to_owned()));
                    }
                    entries = shelf.from(Bound::Excluded(&format!("{folder}\u{10ffff}")));
                }
            }
        }
        (lines, false)
    }

    fn shown(&self, text: &str) -> String {
        shown_text(self.cloud, self.query, text)
    }
}

/// A key as documents show it. With `encoding-type=url` S3 writes a space as `+` and keeps `/`; OSS encodes both.
pub(super) fn shown_text(cloud: Provider, query: &[(String, String)], text: &str) -> String {
    match (item(query, "encoding-type"), cloud) {
        (Some("url"), Provider::S3) => codec::encode(text.as_bytes(), Slash::Stays).replace("%20", "+"),
        (Some("url"), Provider::Oss) => codec::encode(text.as_bytes(), Slash::Encoded),
        (Some(_) | None, _) => text.to_owned(),
    }
}

/// The owner as each cloud's documents name it: a long id at S3, the account's id at OSS.
pub(super) fn owner_id(bucket: &Bucket) -> String {
    account_owner_id(bucket.owner.cloud, bucket.owner.id)
}

/// The same for an account.
pub(super) fn account_owner_id(cloud: Provider, id: &str) -> String {
    match cloud {
        Provider::S3 => codec::sha256_hex(id.as_bytes()),
        Provider::Oss => id.to_owned(),
    }
}

/// An object's ETag in quotes.
pub(super) fn shown_etag(cloud: Provider, object: &Object) -> String {
    quoted(cloud, &object.etag)
}

/// An ETag in quotes; OSS writes it in capitals.
pub(super) fn quoted(cloud: Provider, etag: &str) -> String {
    match cloud {
        Provider::S3 => format!("\"{etag}\""),
        Provider::Oss => format!("\"{}\"", etag.to_ascii_uppercase()),
    }
}

/// A refusal of one argument.
pub(super) fn invalid(name: &str, value: &str) -> Fault {
    Fault::new(400, "InvalidArgument", format!("Provided {name} is not valid")).detail("ArgumentName", name).detail("ArgumentValue", value)
}

/// A continuation token: opaque to clients, hex of the last name.
pub(super) fn token(last: &str) -> String {
    codec::hex(last.as_bytes())
}

/// A continuation token, read.
pub(super) fn untoken(token: &str) -> Option<String> {
    let digits = token.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    String::from_utf8(digits.collect::<Option<Vec<u8>>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::history::Versioning;
    use crate::demo::world::Goods;
    use jiff::Timestamp;

    fn page(goods: Goods, query: &[(&str, &str)]) -> (Vec<String>, bool) {
        let query: Vec<(String, String)> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let shelf = Shelf::new(Provider::S3, Versioning::Never, goods, Timestamp::UNIX_EPOCH);
        let (lines, more) = Wanted::read(Provider::S3, Op::ListObjectsV2, &query).unwrap().lines(&shelf);
        (lines.iter().map(|line| line.name().to_owned()).collect(), more)
    }

    const FEW: Goods = Goods::Few(&[("a", 1), ("b/1", 1), ("b/2", 1), ("b0", 1), ("c/d/e", 1), ("c/f", 1)]);

    #[test]
    fn delimiters_fold_and_pages_go_on_behind_a_folder() {
        let slash = ("delimiter", "/");
        assert_eq!(page(FEW, &[slash]), (["a", "b/", "b0", "c/"].map(str::to_owned).to_vec(), false));
        assert_eq!(page(FEW, &[slash, ("max-keys", "2")]), (["a", "b/"].map(str::to_owned).to_vec(), true));
        let token = token("b/");
        assert_eq!(page(FEW, &[slash, ("continuation-token", &token)]), (["b0", "c/"].map(str::to_owned).to_vec(), false));
        assert_eq!(page(FEW, &[slash, ("prefix", "c/")]), (["c/d/", "c/f"].map(str::to_owned).to_vec(), false));
        assert_eq!(page(FEW, &[("start-after", "b/1"), ("max-keys", "2")]), (["b/2", "b0"].map(str::to_owned).to_vec(), true));
        assert_eq!(page(FEW, &[("max-keys", "0")]), (vec![], false));
        assert_eq!(page(FEW, &[("prefix", "zz")]), (vec![], false));
    }

    #[test]
    fn a_hundred_thousand_objects_fold_into_folders() {
        let (lines, more) = page(Goods::Bulk(100_000), &[("delimiter", "/"), ("prefix", "readings/")]);
        assert_eq!((lines.len(), more, lines[99].as_str()), (100, false, "readings/099/"));
        let (lines, more) = page(Goods::Bulk(100_000), &[("start-after", "readings/050/050001.json")]);
        assert_eq!((lines.len(), more, lines[0].as_str()), (1_000, true, "readings/050/050002.json"));
    }
}

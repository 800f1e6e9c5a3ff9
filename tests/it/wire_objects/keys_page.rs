//! Pages of keys: read from borrowed texts, and nothing of them lost.

use whopays::domain::{ErrorKind, Leaf, Provider, RowKind, StorageClass};
use whopays::wire::objects::{KeysPage, Said};

use super::{list, refused, said};

const BOTH: [Provider; 2] = [Provider::S3, Provider::Oss];

fn page(provider: Provider, prefix: &str, body: &str) -> Leaf {
    let call = list(KeysPage { prefix: Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()), ..KeysPage::default() });
    let Said::Keys(leaf) = said(provider, &call, &[], body) else { panic!() };
    leaf
}

fn wrap(inner: &str) -> String {
    format!("<ListBucketResult>{inner}<IsTruncated>false</IsTruncated></ListBucketResult>")
}

fn keys(leaf: &Leaf) -> Vec<&str> {
    leaf.iter().map(|row| row.key).collect()
}

/// E8: a `+` is a blank on S3 and a plus on OSS; rows and prefixes mixed; the encoding told last.
#[test]
fn a_page_of_keys() {
    let body = "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>\
        <Contents><Key>p/a+b%2Bc</Key><LastModified>2026-03-01T12:00:00.000Z</LastModified>\
        <ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>5</Size>\
        <StorageClass>STANDARD</StorageClass></Contents>\
        <CommonPrefixes><Prefix>p/%E6%96%87/</Prefix></CommonPrefixes>\
        <Contents><Key>p/%01%0D%0A</Key><LastModified>2026-03-01T12:00:00.000Z</LastModified>\
        <ETag>\"D41D8CD98F00B204E9800998ECF8427E-2\"</ETag><Size>0</Size>\
        <StorageClass>STANDARD</StorageClass><Owner><ID>77</ID><DisplayName>me</DisplayName></Owner></Contents>\
        <CommonPrefixes><Prefix>p/x/</Prefix></CommonPrefixes><Contents><Key>p/%FF</Key><Size>1</Size></Contents>\
        <IsTruncated>true</IsTruncated><NextContinuationToken>100+/=</NextContinuationToken><EncodingType>url</EncodingType>\
        </ListBucketResult>";
    for (provider, plus) in [(Provider::S3, "p/a b+c"), (Provider::Oss, "p/a+b+c")] {
        let leaf = page(provider, "p/", body);
        let rows: Vec<(&str, RowKind)> = leaf.iter().map(|row| (row.key, row.kind)).collect();
        let wanted =
            [("p/\u{1}\r\n", RowKind::Object(0)), (plus, RowKind::Object(5)), ("p/x/", RowKind::Prefix), ("p/文/", RowKind::Prefix)];
        assert_eq!(rows, wanted);
        let tags: Vec<Option<String>> = leaf.iter().map(|row| row.etag().map(|tag| tag.as_str().to_owned())).collect();
        assert_eq!(tags[0].as_deref(), Some("\"D41D8CD98F00B204E9800998ECF8427E-2\""));
        assert_eq!(tags[1].as_deref(), Some("\"d41d8cd98f00b204e9800998ecf8427e\""));
        let time = leaf.row(1).and_then(|row| row.modified).map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some("2026-03-01T12:00:00Z"));
        assert_eq!(leaf.row(0).and_then(|row| row.class).map(StorageClass::as_str), Some("STANDARD"));
        assert_eq!((leaf.next.as_deref(), leaf.odd_keys.len(), &*leaf.odd_keys[0]), (Some("100+/="), 1, "p/%FF"));
    }
}

#[test]
fn what_is_not_encoded_is_taken_as_it_stands() {
    let plain = wrap("<Contents><Key> a+%20b </Key><Size>1</Size></Contents>");
    for provider in BOTH {
        let leaf = page(provider, "", &plain);
        assert_eq!((keys(&leaf), leaf.next.as_deref()), (vec![" a+%20b "], None));
    }
}

/// The last word on the encoding holds for all keys, also for those that were read before it.
#[test]
fn an_encoding_that_is_told_late() {
    let row = "<Contents><Key>%41</Key><Size>1</Size></Contents>";
    for (inner, key) in [
        (format!("{row}<EncodingType>url</EncodingType>"), "A"),
        (format!("<EncodingType>url</EncodingType>{row}"), "A"),
        (format!("<EncodingType>url</EncodingType>{row}<EncodingType/>"), "%41"),
        ("<CommonPrefixes><Prefix>%41</Prefix></CommonPrefixes><EncodingType> URL </EncodingType>".to_owned(), "A"),
    ] {
        assert_eq!(keys(&page(Provider::S3, "", &wrap(&inner))), [key], "{inner}");
    }
    let outside = "<Contents><Key>%70/a</Key><Size>1</Size></Contents><EncodingType>url</EncodingType>";
    let call = list(KeysPage { prefix: Some("%70".to_owned()), ..KeysPage::default() });
    let error = refused(Provider::S3, &call, 200, &[], &wrap(outside));
    assert!(error.message().contains("outside of the prefix"), "{error}");
}

/// A14: entities and CDATA come in pieces of their own, and every piece is part of the key.
#[test]
fn keys_in_pieces() {
    for (text, key) in [
        ("a&amp;b&lt;c&gt;&quot;&apos;", "a&b<c>\"'"),
        ("&#x41;&#66;c", "ABc"),
        ("&amp;", "&"),
        ("&amp;&amp;", "&&"),
        ("a<![CDATA[<b>&amp;]]>c", "a<b>&amp;c"),
        ("<![CDATA[x]]>", "x"),
        ("a<!-- no -->b<?no no?>c", "abc"),
        (" a\nb ", " a\nb "),
        ("a<Nested>no</Nested>b", "ab"),
        ("a\r\nb", "a\nb"),
    ] {
        let body = wrap(&format!("<Contents><Key>{text}</Key><Size>1</Size></Contents>"));
        assert_eq!(keys(&page(Provider::S3, "", &body)), [key], "{text}");
    }
}

/// A14: names by their local part, in any order; what stands elsewhere under the same name is another thing.
#[test]
fn fields_by_their_place() {
    let body = "\u{feff}<s3:ListBucketResult xmlns:s3=\"urn:x\" a=\"1\"><s3:IsTruncated>\n false </s3:IsTruncated>\
        <s3:Prefix>not-a-row</s3:Prefix><s3:Key>no</s3:Key><s3:Contents><s3:Size> 12 </s3:Size><s3:Owner><s3:Key>no</s3:Key></s3:Owner>\
        <s3:Key>k</s3:Key><s3:Unknown><s3:Size>99</s3:Size></s3:Unknown></s3:Contents></s3:ListBucketResult>";
    let leaf = page(Provider::S3, "", body);
    assert_eq!(leaf.iter().map(|row| (row.key, row.size())).collect::<Vec<_>>(), [("k", 12)]);
    let rows = wrap("<Contents><Key>a</Key><Size>1</Size><ETag/></Contents><Contents><Size>2</Size><Key>b</Key></Contents>");
    let leaf = page(Provider::S3, "", &rows);
    assert_eq!(leaf.iter().map(|row| (row.key, row.size(), row.etag())).collect::<Vec<_>>(), [("a", 1, None), ("b", 2, None)]);
}

/// M12, M14, P17: what is no listing, or has no end, is refused, however much of it was read.
#[test]
fn pages_that_are_none() {
    let row = "<Contents><Key>a</Key><Size>1</Size></Contents>";
    let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
    let many = "<a/>".repeat(500_001);
    let long = format!("<Contents><Key>{}</Key><Size>1</Size></Contents>", "k".repeat(65_537));
    let too_long = format!("<Contents><Key>{}</Key><Size>1</Size></Contents>", "k".repeat(65_536));
    for (body, words) in [
        (wrap(&format!("{row}<Contents><Key>&unknown;</Key></Contents>")), "unknown entity"),
        (wrap(&format!("{row}</Contents>")), "not well-formed"),
        (format!("<ListBucketResult>{row}"), "ends too early"),
        (format!("<!DOCTYPE x>{}", wrap(row)), "document type"),
        (wrap(row) + &wrap(row), "two documents"),
        (wrap(row) + "tail", "text outside of its root"),
        (wrap(&deep), "nested too deeply"),
        (wrap(&many), "too many elements"),
        (wrap(&long), "text that is too long"),
        (wrap(&too_long), "key that is too long"),
        (format!("<ListAllMyBucketsResult>{row}</ListAllMyBucketsResult>"), "another one"),
        (String::new(), "no element"),
    ] {
        let error = refused(Provider::Oss, &list(KeysPage::default()), 200, &[], &body);
        assert_eq!(error.kind(), ErrorKind::InvalidReply);
        assert!(error.message().contains(words), "{words} / {error}");
    }
    let body = "<Error><Code>InternalError</Code><Message>again</Message></Error>";
    let error = refused(Provider::S3, &list(KeysPage::default()), 200, &[], body);
    assert_eq!((error.kind(), error.code()), (ErrorKind::Server, Some("InternalError")));
}

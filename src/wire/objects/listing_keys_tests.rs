//! Dates, percent signs, and the two readers of a page beside each other.

use super::*;
use crate::domain::Provider;
use proptest::prelude::*;

/// What both clouds send.
const PLAIN: [&str; 9] = [
    "<Contents><Key>a</Key><LastModified>2026-03-01T12:00:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>1</Size></Contents>",
    "<Contents>\n <Key>b%41+</Key> <Size> 7 </Size><Owner><ID>1</ID><DisplayName>x</DisplayName></Owner><StorageClass>IA</StorageClass></Contents>",
    "<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>",
    "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>",
    "<IsTruncated>false</IsTruncated>",
    "<EncodingType>url</EncodingType>",
    "<Prefix/><Delimiter></Delimiter>",
    "<KeyCount>1</KeyCount>",
    "<Contents><Key/><Size>1</Size><ETag/></Contents>",
];

fn pieces() -> impl Strategy<Value = String> {
    let odd = [
        "<Contents><Key>a&amp;b</Key><Size>1</Size></Contents>",
        "<Contents><Key>a\r\nb</Key><Size>1</Size></Contents>",
        "<Contents><Key>a<!-- c -->b</Key><Size>1</Size></Contents>",
        "<Contents><Key>a<b>x</b>c</Key><Size>1</Size></Contents>",
        "<Contents><Key><![CDATA[<]]></Key><Size>1</Size></Contents>",
        "<Contents a=\"<\"><Key>z</Key><Size>1</Size></Contents >",
        "<x:Contents><x:Key>n</x:Key><x:Size>1</x:Size></x:Contents>",
        "<Contents><Size>1</Size></Contents>",
        "<Contents><Key>a</Key>",
        "</Contents>",
        "<Owner>a<ID>b</ID>c</Owner>",
        "<Contents/>",
        "<1a>x</1a>",
        "text ]]> ",
        "<Contents><Key>%FF</Key><Size>1</Size></Contents>",
    ];
    prop_oneof![
        4 => proptest::sample::select(PLAIN.to_vec()).prop_map(str::to_owned),
        1 => proptest::sample::select(odd.to_vec()).prop_map(str::to_owned),
        1 => "<[A-Z][a-z]{1,3}>[ a-z&;]{0,3}</[A-Z][a-z]{1,3}>",
    ]
}

fn beginnings() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "<ListBucketResult>",
        "<ListBucketResult>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
        "<ListBucketResult a=\"b>c\">",
        "<ListBucketResult a='b>'>",
        "<ListBucketResult/>",
        "<ListBucketResult a=\"/\"/>",
        "<?xml ?><!-- c --><ListBucketResult>",
        " <ListBucketResult >",
    ])
}

fn ends() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "</ListBucketResult>",
        "</ListBucketResult>",
        "</ListBucketResult>\n",
        "</ListBucketResult>x",
        "</ListBucketResult",
        "",
    ])
}

/// Dates that are typed here, and their seconds as `date -d ... +%s` gives them.
#[test]
fn dates_of_the_usual_form() {
    for (text, second) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-03-01T12:00:00.000Z", 1_772_366_400),
        ("2024-02-29T23:59:59.999Z", 1_709_251_199),
        ("2000-12-31T00:00:01Z", 978_220_801),
    ] {
        assert_eq!(fixed(text.as_bytes()), Some(second), "{text}");
    }
    for other in [
        "2023-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:60:00Z",
        "2026-03-01T12:00:60Z",
        "1969-12-31T23:59:59Z",
        "2026-03-01T12:00:00.Z",
        "2026-03-01T12:00:00+01:00",
        "2026-03-01 12:00:00Z",
        "2026-03-01T12:00:00",
        "",
    ] {
        assert_eq!(fixed(other.as_bytes()), None, "{other}");
    }
    let other = time(" 2026-03-01T12:00:00+01:00 ").expect("the general parser knows it");
    assert_eq!(other.as_second(), 1_772_362_800);
}

/// Rows that are written nearly alike, with texts that try to be more than a text.
fn rows_nearly_alike() -> impl Strategy<Value = String> {
    let texts = [
        "a",
        "b%41",
        "",
        " ",
        "7",
        "x\ry",
        "a&amp;b",
        "&quot;q&quot;",
        "&quot;&quot;",
        "&quot;&amp;&quot;",
        "<b/>",
        "]]>",
        "é",
        "/Key",
        "a>b",
    ];
    let text = || proptest::sample::select(texts.to_vec());
    let key = prop_oneof![12 => text().prop_map(|text| format!("<Key>{text}</Key>")), 1 => Just("<Key/>".to_owned()),
        1 => Just("<Key>a</Key><Key/>".to_owned()), 1 => Just("<Yek>q</Yek><Key>a</Key>".to_owned()), 1 => Just("<Key>a</Key><Yek>q</Yek>".to_owned())];
    let tag = prop_oneof![6 => Just("&quot;x&quot;"), 2 => text()].prop_map(|text| format!("<ETag>{text}</ETag>"));
    let size = prop_oneof![9 => Just("<Size>1</Size>"), 1 => Just("<Size/>"), 1 => Just("<Size>1</Size><Size>2</Size>"), 1 => Just("")];
    let owner = prop_oneof![
        5 => Just("<Owner><ID>1</ID></Owner>".to_owned()),
        1 => text().prop_map(|text| format!("<Owner>{text}<ID>1</ID></Owner>")),
        1 => text().prop_map(|text| format!("<Owner><ID>{text}</ID></Owner>")),
        1 => Just("<Owner/>".to_owned()),
        1 => Just("<Owner><ID/></Owner>".to_owned()),
    ];
    let blank = || prop_oneof![8 => Just(""), 1 => Just("\n "), 1 => Just("x"), 1 => Just("<!-- c -->")];
    (key, blank(), tag, size, owner, blank())
        .prop_map(|(key, before, tag, size, owner, behind)| format!("<Contents>{key}{before}{tag}{size}{owner}{behind}</Contents>"))
}

/// A page whose rows are read by the form of the row before, and one tag by tag.
#[test]
fn rows_of_one_form_are_read_by_it() {
    let row = |key: &str, tag: &str, size: &str| {
        format!("<Contents><Key>{key}</Key>\n<ETag>{tag}</ETag><Size>{size}</Size><Type>N</Type></Contents>")
    };
    let of = |rows: &[String]| {
        let text = format!("<ListBucketResult>{}<IsTruncated>false</IsTruncated></ListBucketResult>", rows.concat());
        let read = listing_strict::page(Read::new(Words::of(Provider::S3), "", Encoding::AsSaid), &text)?;
        let leaf = read.finish().ok()?;
        Some(leaf.iter().map(|row| (row.key.to_owned(), row.size(), row.etag().map(|tag| tag.as_str().to_owned()))).collect::<Vec<_>>())
    };
    let tag = "0123456789abcdef0123456789abcdef";
    let quoted = Some(format!("\"{tag}\""));
    let rows = [row("a", &format!("&quot;{tag}&quot;"), "1"), row("b c", tag, " 22 "), row("d", &format!("\"{tag}\""), "3")];
    let wanted = vec![("a".to_owned(), 1, quoted.clone()), ("b c".to_owned(), 22, None), ("d".to_owned(), 3, quoted)];
    assert_eq!(of(&rows), Some(wanted));
    // The same lengths, and another meaning; an element that is empty, and counts.
    for (before, after) in
        [("<Yek>q</Yek><Key>a</Key>", "<Key>a</Key><Yek>q</Yek>"), ("<Key>x</Key><Key>a</Key>", "<Key>b</Key><Key>a</Key>")]
    {
        let rows = [before, after, before].map(|keys| format!("<Contents>{keys}<Size>1</Size></Contents>"));
        let keys: Option<Vec<_>> = of(&rows).map(|rows| rows.into_iter().map(|(key, ..)| key).collect());
        assert_eq!(keys, Some(vec!["a".to_owned(); 3]), "{before}");
    }
    let rows = ["a", "b"].map(|key| format!("<Contents><Key>{key}</Key><Key/><Size>1</Size></Contents>"));
    assert_eq!(of(&rows), Some(vec![(String::new(), 1, None); 2]), "the last one counts");
    let first = row("a", tag, "1");
    assert_eq!(of(&[first.clone(), row("b", tag, "1")]).map(|rows| rows.len()), Some(2));
    for wrong in [
        row("b&amp;c", tag, "1"),
        row("b\rc", tag, "1"),
        row("b", tag, "-1"),
        row("b", "&quot;a&amp;b&quot;", "1"),
        row("b", tag, "1").replace("N<", "&lt;<"),
        row("b", tag, "1").replace("</Contents>", "<Key>c</Contents>"),
        row("b", tag, "1").replace("</Contents>", "</Contents "),
        // As long as what stood there in the row before, and something else.
        row("b", tag, "1").replace("</Contents>", "</Kontents>"),
        row("b", tag, "1").replace("</Type></Contents>", "</Contents></Type>"),
        row("b", tag, "1").replace("<Size>", "<Six1>"),
        "<Contents>".to_owned(),
    ] {
        assert_eq!(of(&[first.clone(), wrong.clone()]), None, "{wrong}");
    }
}

/// 500,000 elements, and 32 KiB of white space and texts that nobody asked for: rows count alike, however they are read.
#[test]
fn rows_of_one_form_have_the_same_limits() {
    let is_read = |rows: usize, inside: &str| {
        let row = format!("<Contents><Key>k</Key>{inside}<Size>1</Size></Contents>");
        let text = format!("<ListBucketResult>{}</ListBucketResult>", row.repeat(rows));
        listing_strict::page(Read::new(Words::of(Provider::S3), "", Encoding::AsSaid), &text).is_some()
    };
    assert!(is_read(166_666, "") && !is_read(166_667, ""));
    for inside in [" ".repeat(64), format!("<Type>{}</Type>", "t".repeat(64)), format!("  <Type>{}</Type>", "t".repeat(62))] {
        assert!(is_read(512, &inside) && !is_read(513, &inside), "{inside}");
    }
}

proptest! {
    /// What a row's form accepts, the general reader reads alike.
    #[test]
    fn rows_nearly_alike_are_read_alike(rows in proptest::collection::vec(rows_nearly_alike(), 1..7)) {
        let text = format!("<ListBucketResult>{}<IsTruncated>false</IsTruncated></ListBucketResult>", rows.concat());
        let fresh = || Read::new(Words::of(Provider::S3), "", Encoding::AsSaid);
        if let Some(strict) = listing_strict::page(fresh(), &text) {
            let general = fresh().document(&text).ok().and_then(|read| read.finish().ok());
            prop_assert_eq!(strict.finish().ok(), general, "{}", text);
        }
    }

    /// The fast form and the calendar's own parser agree.
    #[test]
    fn every_second_is_the_same(second in 0_i64..253_402_200_000) {
        let text = Timestamp::from_second(second).expect("in the calendar").to_string();
        prop_assert_eq!(fixed(text.as_bytes()), Some(second));
    }

    /// What the plain form accepts, the general reader accepts, and reads alike.
    #[test]
    fn both_readers_read_alike(pieces in proptest::collection::vec(pieces(), 0..10), end in ends(), begin in beginnings()) {
        let text = format!("{begin}{}{end}", pieces.concat());
        let fresh = || Read::new(Words::of(Provider::S3), "", Encoding::AsSaid);
        let strict = listing_strict::page(fresh(), &text);
        let general = fresh().document(&text);
        if let Some(strict) = strict {
            let general = general.ok();
            prop_assert!(general.is_some(), "{}", text);
            let (same, late) = general.map(|read| (read.late == strict.late && read.encoded == strict.encoded, read)).unwrap();
            prop_assert!(same, "{}", text);
            match (strict.finish(), late.finish()) {
                (Ok(strict), Ok(general)) => prop_assert_eq!(strict, general),
                (Err(Wrong::Is(strict)), Err(Wrong::Is(general))) => prop_assert_eq!(strict, general),
                (_, _) => prop_assert!(false, "{}", text),
            }
        } else if text.starts_with("<ListBucketResult>") && end == "</ListBucketResult>" && pieces.iter().all(|piece| PLAIN.contains(&piece.as_str())) {
            prop_assert!(general.is_err(), "the plain form was given up for nothing: {}", text);
        }
    }

    /// The decoder of this page and that of the others agree, whatever the text.
    #[test]
    fn keys_are_decoded_alike(text in "([a-c+%/]|%[0-9a-fA-F]{2}|\\PC){0,12}") {
        for provider in [Provider::S3, Provider::Oss] {
            let words = Words::of(provider);
            let mut scratch = Vec::new();
            prop_assert_eq!(decoded(words, true, &text, &mut scratch).map(str::to_owned), words.decoded(&text));
        }
    }
}

//! Costs typed by hand from the sources of the shipped book, and what is said of broken books.

use jiff::Timestamp;

use super::*;
use crate::domain::op::PriceClass;
use crate::domain::{Currency, Money, Network, Op, Provider};

const GIB: u64 = 1 << 30;
const GB: u64 = 1_000_000_000;

fn s3(region: &str, class: PriceClass, requests: u64, down: u64) -> Used<'_> {
    Used { provider: Provider::S3, region, network: Network::Public, class, requests, down, taken: 0, storage: None, at: None }
}

fn oss(region: &str, class: PriceClass, requests: u64, down: u64) -> Used<'_> {
    Used { provider: Provider::Oss, ..s3(region, class, requests, down) }
}

/// `LOW HIGH CURRENCY DATE`, or `none`.
fn cost(used: &Used<'_>) -> String {
    said(Book::shipped(), used)
}

fn said(book: &Book, used: &Used<'_>) -> String {
    book.cost(used).map_or("none".to_owned(), |Range { low, high, currency, as_of, .. }| format!("{low} {high} {currency} {as_of}"))
}

#[test]
fn the_shipped_book_is_whole() {
    let shipped = Book::check(include_str!("../../assets/prices.toml"), "prices.toml").unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    assert_eq!(&shipped, Book::shipped());
    assert_eq!(shipped.rows().filter(|row| row.provider == Provider::S3).count(), 20 + 2 * 32 + 1 + 25 + 6 * 32 + 5 + 3 * 23 + 1);
    assert_eq!(shipped.rows().filter(|row| row.provider == Provider::Oss).count(), 11 * (8 + 2 + 2) + 1);
    let doubtful = |row: &&Row| row.confidence == Confidence::Low;
    assert_eq!(shipped.rows().filter(doubtful).count(), 30, "what no vendor and no second source says");
}

#[test]
fn requests_by_class_and_region() {
    use PriceClass::{Free, GetType, PutType, Tier1, Tier2};
    assert_eq!(cost(&s3("us-east-1", Tier1, 1000, 0)), "0.005 0.005 USD 2026-07-28");
    assert_eq!(cost(&s3("us-east-1", Tier2, 1, 0)), "0.0000004 0.0000004 USD 2026-09-28");
    assert_eq!(cost(&s3("us-east-1", Tier2, 2_500_000, 0)), "1.00 1.00 USD 2026-09-28");
    assert_eq!(cost(&s3("us-west-1", Tier1, 1000, 0)), "0.0055 0.0055 USD 2026-07-14");
    assert_eq!(cost(&s3("us-west-1", Tier2, 10_000, 0)), "0.0044 0.0044 USD 2026-09-28");
    assert_eq!(cost(&s3("eu-west-3", Tier1, 1000, 0)), "0.0053 0.0053 USD 2026-07-08");
    assert_eq!(cost(&s3("eu-west-2", Tier2, 10_000, 0)), "0.0042 0.0042 USD 2026-09-28");
    assert_eq!(cost(&s3("eu-central-1", Tier1, 1000, 0)), "0.0054 0.0054 USD 2026-09-28");
    assert_eq!(cost(&s3("eu-central-1", Tier2, 10_000, 0)), "0.0043 0.0043 USD 2026-09-28");
    assert_eq!(cost(&s3("ap-northeast-1", Tier1, 1000, 0)), "0.0047 0.0047 USD 2026-09-28");
    assert_eq!(cost(&s3("ap-northeast-1", Tier2, 1000, 0)), "0.00037 0.00037 USD 2026-09-28");
    assert_eq!(cost(&s3("ap-northeast-2", Tier1, 1000, 0)), "0.0045 0.0045 USD 2026-08-07");
    assert_eq!(cost(&s3("ap-northeast-2", Tier2, 10_000, 0)), "0.0035 0.0035 USD 2026-09-28");
    assert_eq!(cost(&s3("sa-east-1", Tier1, 1000, 0)), "0.007 0.007 USD 2026-09-26");
    assert_eq!(cost(&s3("sa-east-1", Tier2, 10_000, 0)), "0.0056 0.0056 USD 2026-09-28");
    assert_eq!(cost(&s3("af-south-1", Tier2, 10_000, 0)), "0.004 0.004 USD 2026-09-28");
    assert_eq!(cost(&s3("eu-south-2", Free, 7, 0)), "0.00 0.00 USD 2026-10-03");
    assert_eq!(cost(&oss("cn-hangzhou", PutType, 10_000, 0)), "0.01 0.01 CNY 2026-10-08");
    assert_eq!(cost(&oss("cn-zhangjiakou", GetType, 1, 0)), "0.000001 0.000001 CNY 2026-10-08");
}

#[test]
fn what_the_book_does_not_know_has_no_price() {
    use PriceClass::{GetType, PutType, Tier1, Tier2};
    for used in [
        s3("af-south-1", Tier1, 1, 0),
        s3("us-gov-west-1", Tier2, 1, 0),
        s3("us-east-1", PutType, 1, 0),
        s3("", Tier1, 1, 0),
        s3("", PriceClass::Free, 1, 0),
        s3("mars-north-1", Tier2, 1, 1),
        s3("ap-southeast-5", Tier2, 1, GIB),
        oss("cn-hongkong", GetType, 1, 0),
        oss("ap-southeast-1", GetType, 1, 0),
        Used { network: Network::Accelerate, ..s3("us-west-2", Tier2, 1, 1) },
        Used { network: Network::Accelerate, ..oss("cn-hangzhou", GetType, 1, 1) },
        Used { storage: Some("GLACIER"), ..s3("us-west-2", Tier2, 1, 0) },
        Used { storage: Some("STANDARD_IA"), ..s3("us-east-2", Tier1, 1, 0) },
        Used { storage: Some("DeepColdArchive"), ..oss("cn-hangzhou", GetType, 1, 1) },
    ] {
        assert_eq!(cost(&used), "none", "{used:?}");
    }
    // No bytes, no fee of the network: the requests are known.
    assert_eq!(cost(&Used { network: Network::Accelerate, ..s3("us-west-2", Tier2, 1000, 0) }), "0.0004 0.0004 USD 2026-09-28");
}

#[test]
fn transfer_by_region_and_network() {
    use PriceClass::{GetType, Tier2};
    assert_eq!(cost(&s3("us-east-1", Tier2, 0, GIB)), "0.00 0.09 USD 2026-07-23");
    assert_eq!(cost(&s3("us-east-1", Tier2, 1000, 10 * GIB)), "0.0004 0.9004 USD 2026-07-23");
    assert_eq!(cost(&s3("us-east-1", Tier2, 0, 1)), "0.00 0.000000000084 USD 2026-07-23", "rounded up");
    assert_eq!(cost(&s3("sa-east-1", Tier2, 0, GIB)), "0.00 0.15 USD 2026-09-16");
    assert_eq!(cost(&s3("ap-south-1", Tier2, 0, 2 * GIB)), "0.00 0.2186 USD 2022-01-01");
    assert_eq!(cost(&Used { network: Network::Dualstack, ..s3("eu-west-3", Tier2, 0, GIB) }), "0.00 0.09 USD 2026-07-23");
    assert_eq!(cost(&Used { network: Network::Accelerate, ..s3("us-east-1", Tier2, 0, GIB) }), "0.00 0.13 USD 2026-10-03");
    assert_eq!(cost(&Used { network: Network::Internal, ..oss("cn-zhangjiakou", GetType, 0, GB) }), "0.00 0.00 CNY 2024-11-29");
    assert_eq!(cost(&Used { network: Network::Internal, ..oss("cn-shanghai", GetType, 10_000, GB) }), "0.01 0.01 CNY 2024-11-29");
}

#[test]
fn storage_classes_cost_extra() {
    let archive = Used { storage: Some("Archive"), ..oss("cn-hangzhou", PriceClass::GetType, 10_000, 2 * GB) };
    assert_eq!(cost(&archive), "none", "it may be read without a restore, and nobody says for how much");
    assert_eq!(cost(&Used { down: 0, ..archive }), "0.10 0.10 CNY 2026-11-01", "the requests alone");
    let infrequent = Used { storage: Some("ia"), ..oss("cn-hangzhou", PriceClass::GetType, 0, GB) };
    assert_eq!(cost(&infrequent), "0.2825 0.5325 CNY 2026-10-08");
    let cold = Used { storage: Some("ColdArchive"), ..oss("cn-shenzhen", PriceClass::GetType, 0, GB) };
    assert_eq!(cost(&cold), "0.28 0.56 CNY 2026-10-08", "0.25 + 0.03 to 0.50 + 0.06");
    let named = Used { storage: Some("STANDARD"), ..s3("us-east-1", PriceClass::Tier1, 1000, 0) };
    assert_eq!(cost(&named), "0.005 0.005 USD 2026-07-28");
    let s3 = |class, region, requests, down| cost(&Used { storage: Some(class), ..s3(region, PriceClass::Tier2, requests, down) });
    assert_eq!(s3("STANDARD_IA", "us-west-2", 1000, GIB), "0.011 0.101 USD 2026-07-23", "0.001 + 0.01 + (0 to 0.09)");
    assert_eq!(s3("ONEZONE_IA", "eu-west-1", 1000, 0), "0.001 0.001 USD 2026-09-28");
    assert_eq!(s3("GLACIER_IR", "eu-central-1", 1000, GIB), "0.04 0.13 USD 2026-07-23", "0.01 + 0.03 + (0 to 0.09)");
    assert_eq!(s3("INTELLIGENT_TIERING", "eu-west-2", 10_000, 0), "0.0042 0.0042 USD 2026-09-28");
    assert_eq!(s3("INTELLIGENT_TIERING", "ap-northeast-1", 0, GIB), "0.00 0.114 USD 2026-09-16");
    assert_eq!(s3("GLACIER", "ap-northeast-1", 1000, GIB), "0.00037 0.12537 USD 2026-08-18", "0.00037 + (0 to 0.011) + (0 to 0.114)");
    assert_eq!(s3("DEEP_ARCHIVE", "us-east-1", 1000, GIB), "0.0029 0.1104 USD 2026-07-23", "0.0004 + (0.0025 to 0.02) + (0 to 0.09)");
}

#[test]
fn writes_into_other_storage_classes() {
    let writes = |class, region| Used { storage: Some(class), ..s3(region, PriceClass::Tier1, 1000, 0) };
    assert_eq!(cost(&writes("STANDARD_IA", "us-west-2")), "0.01 0.01 USD 2026-08-28");
    assert_eq!(cost(&writes("INTELLIGENT_TIERING", "us-east-1")), "0.005 0.005 USD 2026-09-28");
    assert_eq!(cost(&writes("GLACIER_IR", "ap-northeast-1")), "0.02 0.02 USD 2026-08-18");
    assert_eq!(cost(&writes("GLACIER", "us-east-1")), "0.03 0.03 USD 2026-09-28");
    assert_eq!(cost(&writes("GLACIER", "ap-northeast-1")), "0.03426 0.03426 USD 2026-08-18");
    assert_eq!(cost(&writes("DEEP_ARCHIVE", "us-east-1")), "0.05 0.05 USD 2026-09-28");
    let cold = Used { storage: Some("ColdArchive"), ..oss("cn-beijing", PriceClass::PutType, 10_000, 0) };
    assert_eq!(cost(&cold), "0.10 0.10 CNY 2026-11-01");
    assert_eq!(Book::shipped().cost(&cold).map(|range| range.confidence), Some(Confidence::Low));
}

/// Midnight to eight in China is 16:00 to 24:00 UTC.
#[test]
fn hours_have_prices() {
    let at = |time: &str| cost(&oss("cn-shenzhen", PriceClass::GetType, 0, GB).at(time.parse::<Timestamp>().unwrap()));
    assert_eq!(at("2026-11-21T15:59:59Z"), "0.50 0.50 CNY 2026-10-08");
    assert_eq!(at("2026-11-21T16:00:00Z"), "0.25 0.25 CNY 2026-10-08");
    assert_eq!(at("2026-11-21T23:59:59Z"), "0.25 0.25 CNY 2026-10-08");
    assert_eq!(at("2026-11-22T00:00:00Z"), "0.50 0.50 CNY 2026-10-08");
    assert_eq!(at("1969-12-31T23:30:00Z"), "0.25 0.25 CNY 2026-10-08", "before the epoch too");
    assert_eq!(cost(&oss("cn-shenzhen", PriceClass::GetType, 0, GB)), "0.25 0.50 CNY 2026-10-08", "at any time");
}

const OWN: &str = r#"
[[request]]
provider = "s3"
regions = ["us-east-1", "us-gov-east-1"]
class = "tier2"
price = "0.0003 USD"
per = 1_000
as_of = 2026-10-01
source = "our contract"
"#;

#[test]
fn a_row_may_be_for_several_storage_classes() {
    let text = OWN.replace("price =", "storage = [\"STANDARD_IA\", \"GLACIER_IR\"]\nprice =");
    let book = Book::read(&text, "own.toml").unwrap();
    assert_eq!(book.rows().count(), 4);
    for (class, expected) in
        [("STANDARD_IA", "0.0003 0.0003 USD 2026-10-01"), ("GLACIER_IR", "0.0003 0.0003 USD 2026-10-01"), ("STANDARD", "none")]
    {
        let used = Used { storage: Some(class), ..s3("us-east-1", PriceClass::Tier2, 1000, 0) };
        assert_eq!(said(&book, &used), expected, "{class}");
    }
    let twice = Book::read(&text.replace("GLACIER_IR", "STANDARD_IA"), "own.toml").unwrap_err();
    assert_eq!(twice.message(), "own.toml:2: request 1 is the second row for the same thing in us-east-1");
}

#[test]
fn own_rows_replace_shipped_ones() {
    let own = Book::read(OWN, "own.toml").unwrap();
    assert_eq!(own.rows().count(), 2);
    let book = Book::shipped().with(&own);
    assert_eq!(book.rows().count(), Book::shipped().rows().count() + 1, "one replaced, one new");
    assert_eq!(said(&book, &s3("us-east-1", PriceClass::Tier2, 1000, 0)), "0.0003 0.0003 USD 2026-10-01");
    assert_eq!(said(&book, &s3("us-gov-east-1", PriceClass::Tier2, 1000, GIB)), "0.0003 0.1553 USD 2022-01-01");
    assert_eq!(said(&book, &s3("us-east-1", PriceClass::Tier1, 1000, 0)), "0.005 0.005 USD 2026-07-28");
    // Amounts of different currencies have no sum.
    let euros = Book::read(&OWN.replace("USD", "EUR"), "own.toml").unwrap();
    assert_eq!(said(&Book::shipped().with(&euros), &s3("us-east-1", PriceClass::Tier2, 1, GIB)), "none");
}

/// What is wrong with one line of [`OWN`], and what is said of it: without the file's name, and the beginning of the hint.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    ("provider = \"s3\"", "provider = \"gcs\"", "3: request 1: provider has a value that is not known", "Write one of: s3, oss."),
    ("provider = \"s3\"", "", "2: request 1: provider is missing", "Write provider"),
    ("[\"us-east-1\", \"us-gov-east-1\"]", "[]", "4: request 1: regions is empty", "Write it like"),
    ("[\"us-east-1\", \"us-gov-east-1\"]", "\"us-east-1\"", "4: request 1: regions is not a list", "Write it like"),
    ("us-gov-east-1", "US Gov", "4: request 1: regions holds \"US Gov\", which is not a region", "Write it like"),
    ("us-gov-east-1", "us-east-1", "2: request 1 is the second row for the same thing in us-east-1", "Keep one"),
    (
        "\"us-east-1\", \"us-gov-east-1\"",
        "\"z-1\", \"m-1\", \"a-1\", \"z-1\"",
        "2: request 1 is the second row for the same thing in z-1",
        "Keep one",
    ),
    ("\"tier2\"", "\"get\"", "5: request 1: class has a value that is not known", "Write one of: tier1, tier2, free."),
    ("0.0003 USD", "0.0003", "6: request 1: price is not an amount and a currency", "Write it as \"0.005 USD\"."),
    ("\"0.0003 USD\"", "0.0003", "6: request 1: price is not a text", "Write it as price"),
    ("1_000", "0", "7: request 1: per is out of range", "Write for how many requests"),
    ("1_000", "\"GB\"", "7: request 1: per is not what the price is for", "Write for how many requests"),
    ("2026-10-01", "\"last year\"", "8: request 1: as_of is not a day", "Write the day"),
    ("source = \"our contract\"", "", "2: request 1: source is missing", "Write where"),
    ("source =", "sauce =", "9: request 1: sauce is not known", "Remove it. Known here: provider,"),
    ("source =", "low = \"1 USD\"\nsource =", "9: request 1: low is above price", "Write the higher"),
    ("source =", "low = \"0 CNY\"\nsource =", "9: request 1: low is in another currency than price", "Give all prices"),
    ("source =", "idle = 5\nsource =", "9: request 1: idle is not a table", "Write it as idle"),
    (
        "source =",
        "idle = { hours = \"08-00\", utc = \"+08\", price = \"0 USD\" }\nsource =",
        "9: request 1: idle has hours that are none",
        "Write it as idle",
    ),
    (
        "source =",
        "idle = { hours = \"00-08\", utc = \"8\", price = \"0 USD\" }\nsource =",
        "9: request 1: idle has an utc that is no offset",
        "Write it as idle",
    ),
    ("source =", "confidence = \"high\"\nsource =", "9: request 1: confidence has a value that is not known", "Write one of: low, usual."),
    ("source =", "storage = []\nsource =", "9: request 1: storage is empty", "Write the storage class"),
    ("source =", "storage = [5]\nsource =", "9: request 1: storage is not a text", "Write the storage class"),
    ("[[request]]", "[[requests]]", "2: requests is not known", "Known here: [[request]]"),
    ("[[request]]", "[request]", "2: request is not a list of rows", "Write [[request]]"),
    ("[[request]]", "[[transfer]]", "2: transfer 1: networks is missing", "Write it like networks"),
    ("[[request]]", "[[retrieval]]", "2: retrieval 1: storage is missing", "Write the storage class"),
    ("regions = [", "regions = ", "4: is not valid TOML", "Correct the line."),
];

#[test]
fn every_mistake_has_its_place_and_remedy() {
    for (part, broken, message, hint) in BROKEN {
        assert!(OWN.contains(part), "{part}");
        let mistakes = Book::check(&OWN.replacen(part, broken, 1), "own.toml").expect_err(message);
        let fits = |error: &crate::domain::Error| {
            error.message().starts_with(&format!("own.toml:{message}")) && error.hint_text().is_some_and(|text| text.starts_with(hint))
        };
        assert!(mistakes.iter().any(fits), "{message}: {:?}", mistakes.iter().map(|e| (e.message(), e.hint_text())).collect::<Vec<_>>());
    }
}

#[test]
fn the_first_mistake_says_how_many_more_there_are() {
    let text = OWN.replace("0.0003 USD", "free").replace("1_000", "0").replace("tier2", "gold");
    let error = Book::read(&text, "own\u{1b}.toml").unwrap_err();
    assert_eq!(error.message(), "own\\u{1b}.toml:5: request 1: class has a value that is not known");
    assert_eq!(error.hint_text(), Some("Write one of: tier1, tier2, free. `whopays prices --validate FILE` lists 2 more mistakes."));
}

fn usd(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn place(provider: Provider, region: &str) -> Where<'_> {
    Where { provider, region, network: Network::Public }
}

#[test]
fn estimates_add_up() {
    let book = Book::shipped();
    let asked = [(Op::ListObjectsV2, 2), (Op::GetObject, 1000), (Op::DeleteObject, 5), (Op::GetObjectMeta, 9)];
    let mut estimate = Estimate::of(book, &place(Provider::S3, "us-east-1"), &asked, 0, 10 * GIB);
    assert_eq!(estimate.requests, [(PriceClass::Tier1, 2), (PriceClass::Tier2, 1000), (PriceClass::Free, 5)], "S3 has no GetObjectMeta");
    assert_eq!(
        words::sentence(&estimate, "you (research) pay"),
        "2 PUT/COPY/POST/LIST (Tier 1); 1,000 GET/other (Tier 2); 5 free, 10.0 GiB down; 0.00041 to 0.9005 USD (list prices of 2026-07-23), \
         you (research) pay"
    );
    assert_eq!(estimate.high(usd("0 USD").currency), usd("0.90041 USD").amount);
    estimate.plus(&Estimate::of(book, &place(Provider::Oss, "cn-hangzhou"), &[(Op::PutObject, 10_000)], 7, 0));
    assert_eq!(words::money(&estimate), "0.01 CNY and 0.00041 to 0.9005 USD (list prices of 2026-07-23)");
    assert_eq!(words::bytes(&estimate), "7 B up, 10.0 GiB down");
    assert!(estimate.is_complete());
}

#[test]
fn estimates_say_what_they_do_not_know() {
    let book = Book::shipped();
    let of = |provider, region, asked: &[(Op, u64)], down| Estimate::of(book, &place(provider, region), asked, 0, down);
    let list = of(Provider::S3, "us-east-1", &[(Op::ListObjectsV2, 1000)], 0);
    assert_eq!(
        words::sentence(&list, "you (research) pay"),
        "1,000 PUT/COPY/POST/LIST (Tier 1), 0 B; 0.005 USD (list prices of 2026-07-28), you (research) pay"
    );
    let unknown = of(Provider::Oss, "cn-hongkong", &[(Op::GetObject, 3)], 5);
    assert_eq!(words::money(&unknown), "no price known for oss cn-hongkong");
    assert_eq!((unknown.unpriced, unknown.down), (3, 5));
    let partly = of(Provider::S3, "us-gov-east-1", &[(Op::GetObject, 3), (Op::DeleteObject, 1)], 100 * GIB);
    assert_eq!(
        words::money(&partly),
        "0.00 to 15.50 USD for the transfer alone (list prices of 2022-01-01); 3 of 4 requests: no price known for s3 us-gov-east-1"
    );
    let own = of(Provider::S3, "", &[(Op::GetObject, 1)], 1);
    assert_eq!(words::money(&own), "no price known for s3 at its own endpoint");
    let free = of(Provider::S3, "us-west-2", &[(Op::DeleteObject, 1)], 0);
    assert_eq!(words::money(&free), "0.00 USD (list prices of 2026-10-03)");
    let bytes = of(Provider::S3, "us-west-2", &[], GIB);
    assert_eq!(
        words::sentence(&bytes, "the owner pays"),
        "no requests, 1.0 GiB down; 0.00 to 0.09 USD (list prices of 2026-07-23), the owner pays"
    );
    let doubtful = Book::read(&OWN.replace("source =", "confidence = \"low\"\nsource ="), "own.toml").unwrap();
    let asked = Estimate::of(&book.with(&doubtful), &place(Provider::S3, "us-east-1"), &[(Op::GetObject, 1000)], 0, 0);
    assert_eq!(words::money(&asked), "0.0003 USD (list prices of 2026-10-01, low confidence)");
}

#[test]
fn amounts_are_short_and_never_too_small() {
    let amount = |text: &str| crate::domain::Amount::parse(text).unwrap();
    for (exact, down, up) in [
        ("0", "0.00", "0.00"),
        ("0.000000000084", "0.000000000084", "0.000000000084"),
        ("0.90041", "0.9004", "0.9005"),
        ("12.345678", "12.34", "12.35"),
        ("1234567.891", "1234567.89", "1234567.90"),
        ("0.0000004", "0.0000004", "0.0000004"),
    ] {
        assert_eq!((words::down(amount(exact)).as_str(), words::up(amount(exact)).as_str()), (down, up), "{exact}");
    }
}

#[test]
fn budgets() {
    let book = Book::shipped();
    let list = |count| Estimate::of(book, &place(Provider::S3, "us-east-1"), &[(Op::ListObjectsV2, count)], 0, 0);
    let mut purse = Purse::new(usd("0.01 USD"));
    assert_eq!(purse.judge(&list(2000)), Verdict::Within, "exactly the limit");
    let passes = Verdict::Passes { after: usd("0.010005 USD"), limit: usd("0.01 USD") };
    assert_eq!(purse.judge(&list(2001)), passes);
    assert!(passes.asks());
    let mut moved = list(1990);
    moved.may_ask(book, &place(Provider::S3, "us-east-1"), Op::ListObjectsV2, 10);
    assert_eq!(purse.judge(&moved), Verdict::Within, "with all that may follow exactly the limit");
    moved.may_ask(book, &place(Provider::S3, "us-east-1"), Op::ListObjectsV2, 1);
    let perhaps = purse.judge(&moved);
    assert!(perhaps.asks() && perhaps.passes());
    assert_eq!(
        words::verdict(&perhaps, "this command").as_deref(),
        Some("up to 0.01001 USD may be spent then: that passes the budget of this command, 0.01 USD")
    );
    purse.spend(usd("0.006 USD"));
    purse.spend(usd("3.00 CNY"));
    assert_eq!((purse.judge(&list(800)), purse.spent()), (Verdict::Within, usd("0.006 USD")));
    assert_eq!(
        words::verdict(&purse.judge(&list(1000)), "account research").as_deref(),
        Some("0.011 USD would be spent then: that passes the budget of account research, 0.01 USD")
    );
    purse.settle(&[(Currency::parse("USD").unwrap(), usd("0.02 USD").amount)]);
    let free = Estimate::of(book, &place(Provider::S3, "us-east-1"), &[(Op::DeleteObject, 1)], 0, 0);
    assert_eq!(purse.judge(&free), Verdict::Within, "what costs nothing is not asked about");
}

#[test]
fn budgets_that_cannot_be_compared() {
    let book = Book::shipped();
    let purse = Purse::new(usd("5.00 USD"));
    let yuan = Estimate::of(book, &place(Provider::Oss, "cn-hangzhou"), &[(Op::GetObject, 1)], 0, 0);
    let verdict = purse.judge(&yuan);
    assert!(verdict.asks());
    assert_eq!(
        words::verdict(&verdict, "this session").as_deref(),
        Some("it costs CNY, which cannot be compared with the budget of this session, 5.00 USD")
    );
    let unknown = Estimate::of(book, &place(Provider::S3, "us-gov-east-1"), &[(Op::GetObject, 2)], 0, GIB);
    let verdict = purse.judge(&unknown);
    assert_eq!(verdict, Verdict::Unpriced { requests: 2, limit: usd("5.00 USD") });
    assert!(!verdict.asks());
    let large = Estimate::of(book, &place(Provider::S3, "us-gov-east-1"), &[(Op::GetObject, 2)], 0, 100 * GIB);
    assert!(purse.judge(&large).asks(), "the transfer alone passes it");
}

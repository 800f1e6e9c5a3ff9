//! Many lines in a row: packs, their borders, and files in which each line was a row.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;
use whopays::domain::op::PriceClass;
use whopays::domain::{AccountName, Aside, By, Kind, Money, Narrow, Op, PayerSent, Provider, SaidCharged, Sent};
use whopays::runtime::ledger::Ledger;

use super::sums::{any_narrow, any_sent, date, equal, fits, in_pages, kept};

/// Thousands at once and a few at a time: what is asked of them is what they say, whichever packs they are in.
#[test]
fn lines_are_found_across_the_borders_of_packs() {
    let mut chance = fastrand::Rng::with_seed(11);
    let (ledger, mut lines) = (Ledger::in_memory(), Vec::new());
    for many in [1, 2_500, 3, 1_024, 1] {
        for _ in 0..many {
            let sent = any_sent(&mut chance);
            ledger.note(&sent);
            lines.push(sent);
        }
        ledger.flush().unwrap();
    }
    let numbers: Vec<i64> = ledger.requests(&Narrow::default(), None, usize::MAX).unwrap().into_iter().map(|(id, _)| id).collect();
    assert_eq!(numbers, (1..=3_529).rev().collect::<Vec<i64>>());
    for size in [700, 1, 4_000] {
        for narrow in [Narrow::default(), any_narrow(&mut chance), any_narrow(&mut chance), any_narrow(&mut chance)] {
            let wanted: Vec<Sent> = lines.iter().rev().filter(|sent| fits(&narrow, sent)).map(kept).collect();
            if size == 1 {
                let page = ledger.requests(&narrow, Some(2_000), 1).unwrap();
                let newest = lines[..1_999].iter().rev().find(|sent| fits(&narrow, sent)).map(kept);
                assert_eq!(page.into_iter().next().map(|(_, sent)| sent), newest, "{narrow:?}");
            } else {
                assert!(in_pages(&ledger, &narrow, size) == wanted, "{narrow:?} in pages of {size}");
            }
        }
    }
}

/// Pruned in the middle of packs, and again: numbers stay, and each line is counted once.
#[test]
fn packs_are_cut_where_a_day_begins() {
    let mut chance = fastrand::Rng::with_seed(12);
    let (ledger, mut lines) = (Ledger::in_memory(), (0..3_000).map(|_| any_sent(&mut chance)).collect::<Vec<Sent>>());
    lines[1_500].at = "2026-11-04T00:00:00Z".parse().unwrap();
    lines[1_501].at = "2026-11-03T23:59:59.999Z".parse().unwrap();
    lines.iter().for_each(|sent| ledger.note(sent));
    for day in [2, 4, 5] {
        let before = Date::constant(2026, 11, day);
        let old = ledger.older_than(before).unwrap();
        assert!(old > 400, "{old} lines");
        assert_eq!(ledger.prune(before).unwrap(), old);
        let left = lines.iter().enumerate().rev().filter(|(_, sent)| date(sent) >= before);
        let left: Vec<(i64, Sent)> = left.map(|(place, sent)| (place as i64 + 1, kept(sent))).collect();
        assert!(ledger.requests(&Narrow::default(), None, usize::MAX).unwrap() == left, "from {before} on");
    }
    equal(&ledger, &lines, &Narrow::default());
    let narrow = Narrow { bucket: Some("tiles".to_owned()), ..Narrow::default() };
    let wanted: Vec<Sent> =
        lines.iter().rev().filter(|sent| fits(&narrow, sent) && date(sent) >= Date::constant(2026, 11, 5)).map(kept).collect();
    assert!(in_pages(&ledger, &narrow, 40) == wanted);
}

/// A file of version 1, as that version left it.
fn version_1(path: &Path) {
    Connection::open(path).unwrap().execute_batch(include_str!("version1.sql")).unwrap();
}

fn old_line() -> Sent {
    Sent {
        at: "2026-11-01T00:00:00Z".parse().unwrap(),
        kind: Arc::new(Kind {
            account: AccountName::new("research"),
            caller: None,
            provider: Provider::S3,
            region: Arc::from("us-west-2"),
            bucket: Some(Arc::from("tiles")),
            op: Op::GetObject,
            class: PriceClass::Tier2,
            method: "GET".into(),
            host: Arc::from("tiles.example"),
        }),
        path: Arc::from("/a"),
        attempt: 1,
        payer: PayerSent::Yes,
        status: Some(206),
        charged: SaidCharged::Yes,
        request_id: Some(Arc::from("R1")),
        up: 0,
        down: 4096,
        took: 40,
        cost: Money::parse("0.0000004 USD"),
        aside: Aside::default(),
    }
}

/// The three that it has.
fn old_lines() -> [Sent; 3] {
    let mut second = Sent {
        at: "2026-11-01T00:00:01Z".parse().unwrap(),
        path: Arc::from("/b"),
        attempt: 2,
        payer: PayerSent::No,
        status: Some(503),
        charged: SaidCharged::No,
        request_id: None,
        up: 9,
        down: 0,
        took: 41,
        cost: None,
        ..old_line()
    };
    let kind = Arc::make_mut(&mut second.kind);
    kind.caller = Some(Arc::from("arn:aws:iam::1:user/ines"));
    (kind.op, kind.class, kind.method) = (Op::PutObject, PriceClass::Tier1, "PUT".into());
    let third = Sent {
        at: "2026-11-02T00:00:00Z".parse().unwrap(),
        path: Arc::from("/c"),
        status: Some(200),
        charged: SaidCharged::NotSaid,
        request_id: Some(Arc::from("R3")),
        down: 5,
        took: 42,
        cost: Money::parse("1.000000000002 USD"),
        ..old_line()
    };
    [old_line(), second, third]
}

fn paths(ledger: &Ledger, narrow: &Narrow) -> Vec<(i64, String)> {
    ledger.requests(narrow, None, 100).unwrap().into_iter().map(|(id, sent)| (id, sent.path.to_string())).collect()
}

fn rows(of: &[(i64, &str)]) -> Vec<(i64, String)> {
    of.iter().map(|(id, path)| (*id, (*path).to_owned())).collect()
}

#[test]
fn what_an_earlier_version_wrote_is_read_with_what_came_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    version_1(&path);
    let ledger = Ledger::open(&path).unwrap();
    let [a, b, c] = old_lines();
    assert_eq!(ledger.requests(&Narrow::default(), None, 9).unwrap(), [(3, c.clone()), (2, b.clone()), (1, a.clone())]);
    let fourth = Sent { at: "2026-11-02T10:00:00Z".parse().unwrap(), path: Arc::from("/d"), ..c.clone() };
    ledger.note(&fourth);
    let all = [a, b, c, fourth];
    equal(&ledger, &all, &Narrow::default());
    for size in 1..5 {
        assert_eq!(in_pages(&ledger, &Narrow::default(), size), [&all[3], &all[2], &all[1], &all[0]].map(Sent::clone), "{size}");
    }
    let gets = Narrow { op: Some("GetObject".to_owned()), ..Narrow::default() };
    assert_eq!(paths(&ledger, &gets), rows(&[(4, "/d"), (3, "/c"), (1, "/a")]));
    assert_eq!(ledger.requests(&gets, Some(4), 1).unwrap()[0].0, 3);
    // Pruned are both kinds, and their sums stay.
    let second = Date::constant(2026, 11, 2);
    assert_eq!((ledger.older_than(second).unwrap(), ledger.prune(second).unwrap()), (2, 2));
    assert_eq!(paths(&ledger, &Narrow::default()), rows(&[(4, "/d"), (3, "/c")]));
    assert_eq!((ledger.older_than(second.tomorrow().unwrap()).unwrap(), ledger.prune(second.tomorrow().unwrap()).unwrap()), (2, 2));
    assert_eq!(paths(&ledger, &Narrow::default()), []);
    equal(&ledger, &all, &Narrow::default());
    // A number is never given twice.
    ledger.note(&Sent { at: Timestamp::now(), path: Arc::from("/e"), ..all[0].clone() });
    assert_eq!(paths(&ledger, &Narrow::default()), rows(&[(5, "/e")]));
}

/// A process of the earlier version may still be running: what it writes stands between what others do.
#[test]
fn an_earlier_version_may_write_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    version_1(&path);
    let ledger = Ledger::open(&path).unwrap();
    let note = |path: &str| {
        ledger.note(&Sent { at: "2026-11-02T10:00:00Z".parse().unwrap(), path: Arc::from(path), ..old_line() });
        ledger.flush().unwrap();
    };
    note("/d");
    let other = Connection::open(&path).unwrap();
    let beside = "INSERT INTO request (at, kind, attempt, payer, status, charged, up, down, took, currency, whole, parts, request_id, path)
         VALUES (1793577601000, 1, 1, 1, 200, 0, 0, 5, 42, NULL, 0, 0, NULL, '/e');
         UPDATE day SET last = 5 WHERE day = 20759";
    other.execute_batch(beside).unwrap();
    note("/f");
    assert_eq!(paths(&ledger, &Narrow::default()), rows(&[(6, "/f"), (5, "/e"), (4, "/d"), (3, "/c"), (2, "/b"), (1, "/a")]));
    let bucket = Narrow { bucket: Some("tiles".to_owned()), since: Some(Date::constant(2026, 11, 2)), ..Narrow::default() };
    assert_eq!(paths(&ledger, &bucket), rows(&[(6, "/f"), (5, "/e"), (4, "/d"), (3, "/c")]));
    let two = ledger.requests(&bucket, None, 2).unwrap();
    assert_eq!(two.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [6, 5]);
}

/// A pack that says nothing is damage, and named so.
#[test]
fn a_damaged_pack_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::open(&path).unwrap();
    ledger.note(&old_line());
    ledger.flush().unwrap();
    Connection::open(&path).unwrap().execute("UPDATE pack SET lines = x'ffffff'", []).unwrap();
    let error = ledger.requests(&Narrow::default(), None, 9).unwrap_err();
    assert!(error.message().contains("is damaged"), "{error}");
    assert_eq!(ledger.sums(&Narrow::default(), By::Day).unwrap()[0].requests, 1, "the sums are whole");
}

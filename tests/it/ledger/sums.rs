//! Sums against lines: whatever was written, in whatever batches, and whatever is asked of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use whopays::domain::{AccountName, Amount, Aside, By, Currency, Kind, Money, Narrow, Op, PayerSent, Provider, SaidCharged, Sent, Sum};
use whopays::runtime::ledger::Ledger;

/// The first day of those that lines are of.
const FIRST: &str = "2026-11-01T00:00:00Z";

pub(super) fn any_sent(chance: &mut fastrand::Rng) -> Sent {
    let provider = [Provider::S3, Provider::Oss][chance.usize(..2)];
    let op =
        [Op::GetObject, Op::ListObjectsV2, Op::PutObject, Op::DeleteObjects, Op::ListBuckets, Op::GetCallerIdentity][chance.usize(..6)];
    let begun: Timestamp = FIRST.parse().expect("a time");
    let at = Timestamp::from_millisecond(begun.as_millisecond() + chance.i64(0..5 * 86_400_000)).expect("a time");
    let bucket = (op != Op::ListBuckets && op != Op::GetCallerIdentity).then(|| Arc::from(["tiles", "runs", "a"][chance.usize(..3)]));
    let currency = ["USD", "CNY"][chance.usize(..2)];
    let amount = [0, 1, 999_999_999_999, 1_000_000_000_000, 400_000, 5_000_000_000_001, i128::from(chance.u64(..))][chance.usize(..7)];
    let cost = Money { amount: Amount::from_trillionths(amount), currency: Currency::parse(currency).expect("a code") };
    Sent {
        at,
        kind: Arc::new(Kind {
            account: AccountName::new(["research", "lab", "a"][chance.usize(..3)]),
            caller: [None, Some(Arc::from("arn:aws:iam::1:user/ines"))][chance.usize(..2)].clone(),
            provider,
            region: Arc::from(["us-west-2", "cn-hangzhou"][chance.usize(..2)]),
            bucket,
            op,
            class: op.cell(provider).expect("both have it").price,
            method: "GET".into(),
            host: Arc::from(["one.example", "two.example:9000"][chance.usize(..2)]),
        }),
        path: Arc::from(format!("/{}", chance.u16(..))),
        attempt: chance.u32(1..4),
        payer: [PayerSent::No, PayerSent::Yes][chance.usize(..2)],
        status: [None, Some(200), Some(206), Some(304), Some(403), Some(503)][chance.usize(..6)],
        charged: [SaidCharged::No, SaidCharged::Yes, SaidCharged::NotSaid][chance.usize(..3)],
        request_id: [None, Some(Arc::from("R1"))][chance.usize(..2)].clone(),
        up: chance.u64(..1 << 40),
        down: chance.u64(..1 << 40),
        took: chance.u64(..100_000),
        cost: chance.bool().then_some(cost),
        aside: Aside::default(),
    }
}

pub(super) fn any_narrow(chance: &mut fastrand::Rng) -> Narrow {
    let day = |chance: &mut fastrand::Rng| chance.bool().then(|| Date::constant(2026, 11, chance.i8(1..7)));
    let one = |chance: &mut fastrand::Rng, of: &[&str]| (chance.u8(..3) == 0).then(|| of[chance.usize(..of.len())].to_owned());
    Narrow {
        since: day(chance),
        until: day(chance),
        account: one(chance, &["research", "lab", "a", "nobody"]),
        bucket: one(chance, &["tiles", "runs", "a", "research"]),
        op: one(chance, &["GetObject", "ListBuckets", "DeleteObjects", "tiles"]),
    }
}

pub(super) fn date(sent: &Sent) -> Date {
    sent.at.to_string()[..10].parse().expect("a day")
}

pub(super) fn fits(narrow: &Narrow, sent: &Sent) -> bool {
    let is = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
    narrow.since.is_none_or(|since| date(sent) >= since)
        && narrow.until.is_none_or(|until| date(sent) <= until)
        && is(&narrow.account, Some(sent.kind.account.as_str()))
        && is(&narrow.bucket, sent.kind.bucket.as_deref())
        && is(&narrow.op, Some(sent.kind.op.row().name))
}

/// Counted one by one, as slowly and plainly as it goes.
fn plainly(lines: &[Sent], narrow: &Narrow, by: By) -> BTreeMap<String, Sum> {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for sent in lines.iter().filter(|sent| fits(narrow, sent)) {
        let name = match by {
            By::Day => date(sent).to_string(),
            By::Account => sent.kind.account.to_string(),
            By::Bucket => {
                sent.kind.bucket.as_ref().map_or(sent.kind.account.to_string(), |bucket| format!("{}:{bucket}", sent.kind.account))
            }
            By::Operation => sent.kind.op.row().name.to_owned(),
        };
        sums.entry(name.clone()).or_insert_with(|| Sum { name, ..Sum::default() }).count(sent);
    }
    sums
}

#[track_caller]
pub(super) fn equal(ledger: &Ledger, lines: &[Sent], narrow: &Narrow) {
    for by in [By::Day, By::Account, By::Bucket, By::Operation] {
        let kept = ledger.sums(narrow, by).unwrap();
        let order: Vec<&str> = kept.iter().map(|sum| sum.name.as_str()).collect();
        if by == By::Day {
            assert!(order.is_sorted_by(|a, b| a > b), "newest first: {order:?}");
        } else {
            assert!(kept.is_sorted_by(|a, b| a.requests >= b.requests), "most first: {order:?}");
        }
        let kept: BTreeMap<String, Sum> = kept.into_iter().map(|sum| (sum.name.clone(), sum)).collect();
        assert_eq!(kept, plainly(lines, narrow, by), "{narrow:?} {by:?}");
    }
}

/// All that fit, in pages of an odd size: newest first.
pub(super) fn in_pages(ledger: &Ledger, narrow: &Narrow, size: usize) -> Vec<Sent> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = ledger.requests(narrow, before, size).unwrap();
        assert!(page.len() <= size && page.is_sorted_by(|(a, _), (b, _)| a > b), "{narrow:?}");
        let Some((last, _)) = page.last() else { return all };
        before = Some(*last);
        all.extend(page.into_iter().map(|(_, sent)| sent));
    }
}

/// Lines keep milliseconds.
pub(super) fn kept(sent: &Sent) -> Sent {
    Sent { at: Timestamp::from_millisecond(sent.at.as_millisecond()).expect("a time"), ..sent.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_are_the_sums_of_their_lines(seed in any::<u64>()) {
        let mut chance = fastrand::Rng::with_seed(seed);
        let (ledger, mut lines) = (Ledger::in_memory(), Vec::new());
        for _ in 0..chance.usize(1..5) {
            for _ in 0..chance.usize(..60) {
                let sent = any_sent(&mut chance);
                ledger.note(&sent);
                lines.push(sent);
            }
            ledger.flush().unwrap();
        }
        equal(&ledger, &lines, &Narrow::default());
        for _ in 0..6 {
            let narrow = any_narrow(&mut chance);
            equal(&ledger, &lines, &narrow);
            let wanted: Vec<Sent> = lines.iter().rev().filter(|sent| fits(&narrow, sent)).map(kept).collect();
            prop_assert_eq!(in_pages(&ledger, &narrow, chance.usize(1..20)), wanted, "{:?}", narrow);
        }
    }

    #[test]
    fn pruning_keeps_every_sum_and_the_lines_after_it(seed in any::<u64>()) {
        let mut chance = fastrand::Rng::with_seed(seed);
        let ledger = Ledger::in_memory();
        let lines: Vec<Sent> = (0..120).map(|_| any_sent(&mut chance)).collect();
        lines.iter().for_each(|sent| ledger.note(sent));
        let before = Date::constant(2026, 11, chance.i8(1..8));
        let old = lines.iter().filter(|sent| date(sent) < before).count() as u64;
        ledger.flush().unwrap();
        prop_assert_eq!(ledger.older_than(before).unwrap(), old);
        prop_assert_eq!(ledger.prune(before).unwrap(), old);
        prop_assert_eq!((ledger.older_than(before).unwrap(), ledger.prune(before).unwrap()), (0, 0));
        equal(&ledger, &lines, &Narrow::default());
        let left: Vec<Sent> = lines.iter().rev().filter(|sent| date(sent) >= before).map(kept).collect();
        prop_assert_eq!(in_pages(&ledger, &Narrow::default(), 50), left);
        // What comes now, also of those days, is written as ever.
        let late = any_sent(&mut chance);
        ledger.note(&late);
        ledger.flush().unwrap();
        equal(&ledger, &[lines, vec![late.clone()]].concat(), &Narrow::default());
        prop_assert_eq!(&ledger.requests(&Narrow::default(), None, 1).unwrap()[0].1, &kept(&late));
    }
}

/// Three times a trillionth less than one, over and over: no digit is lost, and no column runs over.
#[test]
fn trillionths_carry_over() {
    let ledger = Ledger::in_memory();
    let mut sent = any_sent(&mut fastrand::Rng::with_seed(1));
    let kind = Arc::make_mut(&mut sent.kind);
    (kind.op, kind.bucket) = (Op::GetObject, Some(Arc::from("tiles")));
    let mut note = |cost: &str, times: usize| {
        sent.cost = Money::parse(cost);
        (0..times).for_each(|_| ledger.note(&sent));
        ledger.flush().unwrap();
    };
    let total = || {
        let sums = ledger.sums(&Narrow::default(), By::Operation).unwrap();
        sums[0].cost.iter().map(|(currency, amount)| format!("{amount} {currency}")).collect::<Vec<_>>().join(" and ")
    };
    note("0.999999999999 USD", 3);
    assert_eq!(total(), "2.999999999997 USD");
    note("0.000000000001 USD", 3);
    assert_eq!(total(), "3.00 USD");
    note("0.000000400084 USD", 2_500);
    assert_eq!(total(), "3.00100021 USD");
    note("0.000000000001 CNY", 1);
    assert_eq!(total(), "0.000000000001 CNY and 3.00100021 USD");
    note("4611686018427.5 USD", 1);
    assert_eq!(total(), "0.000000000001 CNY and 4611686018430.50100021 USD");
}

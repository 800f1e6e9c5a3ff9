//! What a plan foretells, what the ledger booked and what the store received: the same requests, bytes and money; and budgets that
//! hold while a command runs.

use std::collections::BTreeMap;

use whopays::demo::Act;
use whopays::domain::op::PriceClass;
use whopays::domain::{Amount, Narrow, Provider, Sent};
use whopays::runtime::ledger::Ledger;

use super::*;

/// Prices for the region of `studio`, which the shipped book has none for; typed by hand.
pub(super) const OWN: &str = "
[[request]]
provider = \"s3\"
regions = [\"us-west-2\"]
class = \"tier1\"
price = \"0.005 USD\"
per = 1000
as_of = \"2026-01-02\"
source = \"a test\"

[[request]]
provider = \"s3\"
regions = [\"us-west-2\"]
class = \"tier2\"
price = \"0.0004 USD\"
per = 1000
as_of = \"2026-01-02\"
source = \"a test\"
";

pub(super) fn bench() -> Bench {
    let bench = Bench::start();
    bench.file("prices.toml", OWN.as_bytes());
    bench
}

/// Requests by cloud and price class, and the bytes of objects.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    classes: BTreeMap<(Provider, PriceClass), u64>,
    up: u64,
    down: u64,
}

impl Sums {
    fn count(&mut self, provider: Provider, class: PriceClass, requests: u64) {
        *self.classes.entry((provider, class)).or_default() += requests;
    }
}

fn provider(account: &str) -> Provider {
    if ["lab", "partner"].contains(&account) { Provider::Oss } else { Provider::S3 }
}

fn class(words: &str) -> PriceClass {
    match words {
        "PUT, COPY, POST, LIST" => PriceClass::Tier1,
        "GET and other" => PriceClass::Tier2,
        "Put-type" => PriceClass::PutType,
        "Get-type" => PriceClass::GetType,
        "free" => PriceClass::Free,
        other => panic!("{other}"),
    }
}

/// What a dry run says; and the money by currency, from the best case to the list price.
fn foretold(lines: &[Value]) -> (Sums, BTreeMap<String, (Amount, Amount)>) {
    let (mut sums, mut money) = (Sums::default(), BTreeMap::<String, (Amount, Amount)>::new());
    for line in lines {
        let provider = provider(line["target"].as_str().unwrap().split(':').next().unwrap());
        for each in line["requests_by_price_class"].as_array().unwrap() {
            sums.count(provider, class(each["price_class"].as_str().unwrap()), each["requests"].as_u64().unwrap());
        }
        sums.up += line["bytes_up"].as_u64().unwrap();
        sums.down += line["bytes_down"].as_u64().unwrap();
        assert_eq!(line["estimate"]["unpriced_requests"], 0, "{line}");
        for range in line["estimate"]["money"].as_array().unwrap() {
            let amount = |name: &str| Amount::parse(range[name].as_str().unwrap()).unwrap();
            let (low, high) = money.entry(range["currency"].as_str().unwrap().to_owned()).or_default();
            (*low, *high) = (low.plus(amount("low")), high.plus(amount("high")));
        }
    }
    money.retain(|_, (_, high)| *high > Amount::ZERO);
    (sums, money)
}

fn booked(sent: &[Sent]) -> (Sums, BTreeMap<String, Amount>) {
    let (mut sums, mut money) = (Sums::default(), BTreeMap::<String, Amount>::new());
    for one in sent {
        assert_eq!((one.attempt, one.unpriced()), (1, false), "{one:?}");
        sums.count(one.provider, one.class, 1);
        sums.up += if matches!(one.op, Op::PutObject | Op::UploadPart) { one.up } else { 0 };
        sums.down += if one.op == Op::GetObject { one.down } else { 0 };
        let cost = one.cost.unwrap();
        let sum = money.entry(cost.currency.to_string()).or_default();
        *sum = sum.plus(cost.amount);
    }
    money.retain(|_, sum| *sum > Amount::ZERO);
    (sums, money)
}

fn received(entries: &[Received]) -> Sums {
    let mut sums = Sums::default();
    for entry in entries {
        let (op, provider) = (entry.op.unwrap(), provider(entry.account.unwrap()));
        sums.count(provider, op.cell(provider).unwrap().price, 1);
        sums.up += if matches!(op, Op::PutObject | Op::UploadPart) { entry.bytes_in } else { 0 };
        sums.down += if op == Op::GetObject { entry.bytes_out } else { 0 };
    }
    sums
}

/// Every line of the ledger, the newest first.
fn ledger(bench: &Bench) -> Vec<Sent> {
    let ledger = Ledger::open(&bench.path("state").join("ledger.sqlite")).unwrap();
    ledger.requests(&Narrow::default(), None, 100_000).unwrap().into_iter().map(|(_, sent)| sent).collect()
}

/// A command whose plan comes true: what it said, what was booked and what the store received are one.
#[track_caller]
fn comes_true(bench: &Bench, arguments: &[&str]) {
    let plan = bench.lines(&[arguments, &["--dry-run", "--yes"]].concat());
    let (before, mark) = (ledger(bench).len(), bench.mark());
    bench.lines(&[arguments, &["--yes"]].concat());
    let all = ledger(bench);
    let (foretold, range) = foretold(&plan);
    let (booked, money) = booked(&all[..all.len() - before]);
    assert_eq!(booked, received(&bench.since(mark)), "{arguments:?}: the ledger and the store");
    assert_eq!(foretold, booked, "{arguments:?}: the plan and the ledger");
    assert_eq!(range.keys().collect::<Vec<_>>(), money.keys().collect::<Vec<_>>(), "{arguments:?}");
    for (currency, (low, high)) in range {
        // Each line is rounded up to a trillionth.
        let spare = Amount::from_trillionths(i128::try_from(all.len() - before).unwrap());
        let booked = money[&currency];
        assert!(low <= booked && booked <= high.plus(spare), "{arguments:?}: {low} {booked} {high} {currency}");
        if currency == "USD" {
            assert!(high <= booked, "{arguments:?}: {booked} {high}");
        }
    }
}

#[test]
fn plans_come_true_for_every_kind_of_job_on_both_clouds() {
    let bench = bench();
    bench.file("small.bin", &noise(5, 9_000));
    bench.file("large.bin", &noise(6, 17 * MIB));
    bench.file("tree/a.txt", b"a");
    bench.file("tree/b/c.txt", b"");
    bench.file("tree/b/d.bin", &noise(7, 100_000));
    for (round, (own, other)) in
        [("studio:colorpictures", "lab:color-atlas"), ("lab:color-atlas", "studio:colorpictures")].into_iter().enumerate()
    {
        let at = |path: &str| format!("{own}/{path}");
        let (file, folder) = (format!("file-{round}"), format!("folder-{round}/"));
        comes_true(&bench, &["put", "small.bin", &at("x/small")]);
        comes_true(&bench, &["put", "large.bin", &at("x/large")]);
        comes_true(&bench, &["put", "-r", "tree", &at("x/")]);
        comes_true(&bench, &["get", &at("x/small"), &file]);
        comes_true(&bench, &["get", "-r", &at("x/"), &folder]);
        comes_true(&bench, &["cp", &at("x/small"), &at("y/small")]);
        comes_true(&bench, &["cp", "-r", &at("x/"), &at("z/")]);
        comes_true(&bench, &["cp", "-r", &at("x/"), &format!("{other}/w/")]);
        comes_true(&bench, &["cp", "--move", &at("y/small"), &at("y/moved")]);
        comes_true(&bench, &["rm", &at("y/moved")]);
        comes_true(&bench, &["rm", &at("x/small"), &at("x/large")]);
        comes_true(&bench, &["rm", "-r", &at("z/")]);
    }
}

#[test]
fn what_would_pass_a_budget_is_not_begun() {
    let bench = bench();
    bench.file("small.bin", &noise(5, 9_000));
    let put = ["put", "small.bin", "studio:colorpictures/budget", "--overwrite"];
    let with = |amount: &'static str| [&put[..], &["--budget", amount]].concat();
    let mark = bench.mark();
    let said = bench.ends(5, &with("0.000004 USD"));
    assert!(said.contains("0.000005 USD would be spent then: that passes the budget of this command, 0.000004 USD"), "{said}");
    assert!(said.contains("Nothing was done. To spend more, run it again with a larger `--budget`."), "{said}");
    let said = bench.ends(5, &with("1.00 CNY"));
    assert!(said.contains("it costs USD, which cannot be compared with the budget of this command, 1.00 CNY"), "{said}");
    let said = bench.ends(5, &[&with("0.000004 USD")[..], &["--dry-run"]].concat());
    assert!(said.contains("  costs     0.000005 USD (list prices of 2026-01-02)\n") && said.contains("passes the budget"), "{said}");
    assert_eq!(bench.mark(), mark, "nothing was sent");
    bench.ends(0, &with("0.000005 USD"));
    // A download is asked for its size first: what it weighs decides.
    let said = bench.ends(5, &["get", "studio:colorpictures/budget", "got", "--budget", "0.0000005 USD"]);
    assert!(said.contains("that passes the budget"), "{said}");
    assert_eq!(bench.ops(mark), [Op::PutObject, Op::HeadObject]);
    let said = bench.ends(5, &["cat", "studio:colorpictures/budget", "--budget", "0.0000005 USD"]);
    assert!(said.contains("that passes the budget"), "{said}");
    bench.ends(2, &with("five dollars"));
}

#[test]
fn budgets_of_the_config_hold_for_commands() {
    let bench = Bench::with(|text| text.replace("[accounts.lab]\n", "[accounts.lab]\nbudget = \"0.000001 CNY\"\n"));
    bench.file("prices.toml", OWN.as_bytes());
    bench.file("a.bin", b"a");
    bench.file("b.bin", b"b");
    let said = bench.ends(5, &["put", "a.bin", "b.bin", "lab:color-atlas/budget/"]);
    assert!(said.contains("0.000002 CNY would be spent then: that passes the budget of account lab, 0.000001 CNY"), "{said}");
    assert!(said.contains("edit its `budget` in the config file"), "{said}");
    bench.ends(0, &["put", "a.bin", "lab:color-atlas/budget/"]);
    bench.ends(0, &["put", "a.bin", "b.bin", "studio:colorpictures/budget/"]);
}

#[test]
fn what_passes_a_budget_while_it_runs_is_stopped() {
    let bench = bench();
    let mark = bench.mark();
    let said = bench.ends(5, &["ls", "-r", "studio:sensor-archive/", "--budget", "0.00005 USD"]);
    assert!(said.contains("0.000055 USD would be spent then: that passes the budget of this command, 0.00005 USD"), "{said}");
    assert_eq!(bench.ops(mark).len(), 10, "of 100 pages: as many as the budget pays for");
    // Two hundred files fit; with every other attempt in vain they do not.
    for number in 0..200 {
        bench.file(&format!("many/{number}"), b"x");
    }
    bench.store().script(Op::PutObject, (0..400).map(|number| if number % 2 == 0 { Act::Close } else { Act::Pass }));
    let mark = bench.mark();
    let put = ["put", "-r", "many/", "studio:colorpictures/many/"];
    let said = bench.ends(5, &[&put[..], &["--budget", "0.00101 USD"]].concat());
    assert!(said.contains("that passes the budget of this command, 0.00101 USD"), "{said}");
    assert!(said.contains("What is finished stays, and the same command goes on where this one stopped."), "{said}");
    let puts = bench.ops(mark).len();
    assert!((203..400).contains(&puts), "{puts} of 400 requests");
    // It goes on where it stood; what is left of the script makes single files fail.
    let again = [&put[..], &["--overwrite", "--budget", "1.00 USD"]].concat();
    assert!((0..20).any(|_| code(&bench.run(&again)) == 0));
    assert_eq!(bench.lines(&["ls", "studio:colorpictures/many/"]).len(), 200);
}

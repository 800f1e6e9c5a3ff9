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

/// Money by currency, from the best case to the list price.
type Range = BTreeMap<String, (Amount, Amount)>;

/// What a dry run says; what it says may follow; and the money.
fn foretold(lines: &[Value]) -> (Sums, Sums, Range) {
    let (mut sums, mut perhaps, mut money) = (Sums::default(), Sums::default(), Range::new());
    for line in lines {
        let provider = provider(line["target"].as_str().unwrap().split(':').next().unwrap());
        for (name, sums) in [("requests_by_price_class", &mut sums), ("perhaps", &mut perhaps)] {
            for each in line[name].as_array().unwrap() {
                sums.count(provider, class(each["price_class"].as_str().unwrap()), each["requests"].as_u64().unwrap());
            }
        }
        sums.up += line["bytes_up"].as_u64().unwrap();
        sums.down += line["bytes_down"].as_u64().unwrap();
        assert_eq!(line["estimate"]["unpriced_requests"], 0, "{line}");
        assert_eq!(line["estimate"]["no_price_for"], serde_json::json!([]), "{line}");
        for range in line["estimate"]["money"].as_array().unwrap() {
            let amount = |name: &str| Amount::parse(range[name].as_str().unwrap()).unwrap();
            let (low, high) = money.entry(range["currency"].as_str().unwrap().to_owned()).or_default();
            (*low, *high) = (low.plus(amount("low")), high.plus(amount("high")));
        }
    }
    money.retain(|_, (_, high)| *high > Amount::ZERO);
    (sums, perhaps, money)
}

fn booked(sent: &[Sent]) -> (Sums, BTreeMap<String, Amount>) {
    let (mut sums, mut money) = (Sums::default(), BTreeMap::<String, Amount>::new());
    for one in sent {
        assert_eq!((one.attempt, one.unpriced()), (1, false), "{one:?}");
        sums.count(one.kind.provider, one.kind.class, 1);
        sums.up += if matches!(one.kind.op, Op::PutObject | Op::UploadPart) { one.up } else { 0 };
        sums.down += if one.kind.op == Op::GetObject { one.down } else { 0 };
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
    comes_true_with(bench, arguments, Stdio::null);
}

/// The same with an input. What the plan says may follow lies between nothing and all of it; without such a perhaps, the plan is exact.
#[track_caller]
fn comes_true_with(bench: &Bench, arguments: &[&str], input: impl Fn() -> Stdio) -> Vec<Value> {
    let plan = bench.lines(&[arguments, &["--dry-run", "--yes"]].concat());
    let (before, mark) = (ledger(bench).len(), bench.mark());
    let output = bench.command(&[arguments, &["--yes", "--json"]].concat()).stdin(input()).output().unwrap();
    assert_eq!(code(&output), 0, "{arguments:?}: {}", said(&output));
    let all = ledger(bench);
    let (foretold, perhaps, range) = foretold(&plan);
    let (booked, money) = booked(&all[..all.len() - before]);
    assert_eq!(booked, received(&bench.since(mark)), "{arguments:?}: the ledger and the store");
    let open = !perhaps.classes.is_empty();
    if open {
        let all = foretold.classes.keys().chain(perhaps.classes.keys()).chain(booked.classes.keys());
        for class in all {
            let of = |sums: &Sums| sums.classes.get(class).copied().unwrap_or_default();
            let (least, came) = (of(&foretold), of(&booked));
            assert!((least..=least + of(&perhaps)).contains(&came), "{arguments:?}: {class:?} {came}: {foretold:?} {perhaps:?}");
        }
        assert_eq!(booked.down, foretold.down, "{arguments:?}");
    } else {
        assert_eq!(foretold, booked, "{arguments:?}: the plan and the ledger");
    }
    assert_eq!(range.keys().collect::<Vec<_>>(), money.keys().collect::<Vec<_>>(), "{arguments:?}");
    for (currency, (low, high)) in range {
        // Requests, transfer and retrieval of each line are rounded up to a trillionth.
        let spare = Amount::from_trillionths(3 * i128::try_from(all.len() - before).unwrap());
        let booked = money[&currency];
        assert!(low <= booked && booked <= high.plus(spare), "{arguments:?}: {low} {booked} {high} {currency}");
        if currency == "USD" && !open {
            assert!(high <= booked, "{arguments:?}: {booked} {high}");
        }
    }
    plan
}

/// What a plan takes for certain and perhaps, by the words of its classes: `Put-type 3, perhaps Get-type 1`.
fn asked(line: &Value) -> String {
    let of = |name: &str| {
        let each = |class: &Value| format!("{} {}", class["price_class"].as_str().unwrap(), class["requests"]);
        line[name].as_array().unwrap().iter().map(each).collect::<Vec<_>>().join(", ")
    };
    match of("perhaps").as_str() {
        "" => of("requests_by_price_class"),
        perhaps => format!("{}, perhaps {perhaps}", of("requests_by_price_class")),
    }
}

fn high(line: &Value) -> &str {
    line["estimate"]["money"][0]["high"].as_str().unwrap()
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

/// Objects that are dearer to read than others, on both clouds: read, copied by the store, copied through this machine, moved.
#[test]
fn estimates_know_storage_classes() {
    let bench = bench();
    bench.file("mib.bin", &noise(8, MIB));
    bench.file("small.bin", &noise(9, 1_000));
    for (round, (own, other, classes)) in [
        ("studio:colorpictures", "lab:color-atlas", &["STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "INTELLIGENT_TIERING"][..]),
        ("lab:color-atlas", "studio:colorpictures", &["IA"]),
    ]
    .into_iter()
    .enumerate()
    {
        let at = |path: &str| format!("{own}/{path}");
        bench.lines(&["put", "small.bin", &at("mixed/plain")]);
        for class in classes {
            bench.lines(&["put", "mib.bin", &at(&format!("mixed/{class}")), "--storage-class", class]);
            comes_true(&bench, &["get", &at(&format!("mixed/{class}")), &format!("one-{round}-{class}")]);
            comes_true(&bench, &["cp", &at(&format!("mixed/{class}")), &at(&format!("within/{class}"))]);
        }
        comes_true(&bench, &["get", "-r", &at("mixed/"), &format!("all-{round}/")]);
        comes_true(&bench, &["cp", "-r", &at("mixed/"), &at("within/"), "--overwrite"]);
        comes_true(&bench, &["cp", "-r", &at("mixed/"), &format!("{other}/across/")]);
        comes_true(&bench, &["cp", "-r", "--move", &at("mixed/"), &at("moved/")]);
    }
    // By hand: 0.001 USD for 1,000 reads; a MiB costs 0.09 / 1,024 to move and 0.01 / 1,024 to retrieve.
    bench.lines(&["put", "mib.bin", "studio:colorpictures/ia/1", "--storage-class", "STANDARD_IA"]);
    let plan = bench.lines(&["get", "-r", "studio:colorpictures/ia/", "ia", "--dry-run"]);
    assert_eq!(high(&plan[0]), "0.00010365625", "0.000005 for the list, 0.000001, 0.000087890625, 0.000009765625");
    let plan = bench.lines(&["cp", "-r", "studio:colorpictures/ia/", "studio:colorpictures/ib/", "--overwrite", "--dry-run"]);
    assert_eq!((high(&plan[0]), high(&plan[1])), ("0.000005", "0.000014765625"), "what is copied is retrieved, and not moved");
    // 0.01 CNY for 10,000 lists, 0.1 for 10,000 reads of this class; 0.50 and 0.0325 for a GB of 10^9 bytes.
    bench.lines(&["put", "mib.bin", "lab:color-atlas/ia/1", "--storage-class", "IA"]);
    let plan = bench.lines(&["get", "-r", "lab:color-atlas/ia/", "ia", "--dry-run"]);
    assert_eq!(high(&plan[0]), "0.00056936672", "0.000001, 0.00001, 0.000524288, 0.00003407872");
}

/// Nobody knows before which of many objects have tags; of one that is named, its headers say so.
#[test]
fn estimates_know_that_tags_may_follow() {
    let bench = bench();
    bench.file("small.bin", &noise(5, 900));
    for (own, other, get, put) in [
        ("studio:colorpictures", "lab:color-atlas", "GET and other", "Put-type"),
        ("lab:color-atlas", "studio:colorpictures", "Get-type", "PUT, COPY, POST, LIST"),
    ] {
        let at = |path: &str| format!("{own}/{path}");
        bench.lines(&["put", "small.bin", &at("tagged/a"), "--tag", "team=red", "--overwrite"]);
        bench.lines(&["put", "small.bin", &at("tagged/b"), "--overwrite"]);
        let across = format!("{other}/tagged/");
        let plan = comes_true_with(&bench, &["cp", "-r", &at("tagged/"), &across], Stdio::null);
        assert!(asked(&plan[0]).ends_with(&format!("{get} 2, perhaps {get} 2")), "{plan:?}");
        assert_eq!(asked(&plan[1]), format!("{put} 2"));
        let named = comes_true_with(&bench, &["cp", &at("tagged/a"), &format!("{other}/tagged-a")], Stdio::null);
        assert_eq!(asked(&named[0]), format!("{get} 3"), "its headers, its bytes, its tags");
        let bare = comes_true_with(&bench, &["cp", &at("tagged/b"), &format!("{other}/tagged-b")], Stdio::null);
        assert_eq!(asked(&bare[0]), format!("{get} 2"));
        // The store takes them along by itself, and whoever chooses settings leaves them.
        comes_true(&bench, &["cp", "-r", &at("tagged/"), &at("tagged-too/")]);
        let chosen = ["cp", "-r", &at("tagged/"), &format!("{other}/chosen/"), "--content-type", "text/plain"];
        assert!(!asked(&comes_true_with(&bench, &chosen, Stdio::null)[0]).contains("perhaps"));
        let said = bench.ends(0, &["cp", "-r", &at("tagged/"), &across, "--dry-run"]);
        assert!(said.contains(&format!("  perhaps   up to 2 {get} more: tags of objects that have some\n")), "{said}");
    }
}

/// A batch of deletes is written in XML, which has no way to name U+0001: such a key goes alone, and each of them is counted.
#[test]
fn estimates_know_keys_that_fit_no_batch() {
    let bench = bench();
    bench.file("small.bin", b"x");
    for own in ["studio:colorpictures", "lab:color-atlas"] {
        for key in ["a", "b", "c", "odd\u{1}1", "odd\u{1}2"] {
            bench.lines(&["put", "small.bin", &format!("{own}/doomed/{key}")]);
        }
        let plan = comes_true_with(&bench, &["rm", "-r", &format!("{own}/doomed/")], Stdio::null);
        assert_eq!(plan[0]["requests"], 1 + 1 + 2, "a page, a batch, two alone");
        assert!(bench.lines(&["ls", &format!("{own}/doomed/")]).is_empty());
        for key in ["a", "odd\u{1}1"] {
            bench.lines(&["put", "small.bin", &format!("{own}/doomed/{key}")]);
        }
        comes_true(&bench, &["rm", &format!("{own}/doomed/a"), &format!("{own}/doomed/odd\u{1}1")]);
    }
}

/// How long standard input is, nobody knows before: one request at least, and 10,002 at most.
#[test]
fn estimates_know_that_an_input_has_no_length() {
    let bench = bench();
    for (own, put, most) in [("studio:colorpictures", "PUT, COPY, POST, LIST", "0.05001"), ("lab:color-atlas", "Put-type", "0.010002")] {
        for (name, length) in [("empty", 0), ("short", 5_000), ("long", 20 * MIB)] {
            let path = bench.file(name, &noise(3, length));
            let target = format!("{own}/stream/{name}");
            let open = || Stdio::from(std::fs::File::open(&path).unwrap());
            let mark = bench.mark();
            let plan = comes_true_with(&bench, &["put", "-", &target], open);
            assert_eq!((asked(&plan[0]), high(&plan[0])), (format!("{put} 1, perhaps {put} 10001"), most));
            let puts = bench.ops(mark).into_iter().filter(|op| *op != Op::GetCallerIdentity).count();
            assert_eq!(puts, if name == "long" { 5 } else { 1 }, "{name}: begun, three parts, joined");
            assert_eq!(bench.lines(&["stat", &target])[0]["size"], length);
        }
        let said = bench.ends(0, &["put", "-", &format!("{own}/stream/x"), "--dry-run"]);
        assert!(said.contains(&format!("  perhaps   up to 10001 {put} more: the input's length is not known\n")), "{said}");
        // A budget has to hold all that may follow: without `--dry-run`, too, nothing is begun else.
        let (currency, less) = if put == "Put-type" { ("CNY", "0.01") } else { ("USD", "0.05") };
        let (target, mark) = (format!("{own}/stream/x"), bench.mark());
        let with = |amount: &str, more: &'static [&'static str]| {
            [&["put", "-", &target, "--budget", &format!("{amount} {currency}")], more].concat().into_iter().map(str::to_owned).collect()
        };
        for more in [&["--dry-run"][..], &[]] {
            let arguments: Vec<String> = with(less, more);
            let said = bench.ends(5, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
            let passes = format!("up to {} {currency} may be spent then: that passes the budget of this command", up(most));
            assert!(said.contains(&passes), "{passes}\n{said}");
        }
        assert!(!bench.ops(mark).iter().any(|op| *op != Op::GetCallerIdentity), "nothing was sent");
        let arguments: Vec<String> = with(most, &[]);
        bench.ends(0, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// As words round it.
fn up(most: &str) -> &str {
    if most == "0.010002" { "0.01001" } else { most }
}

/// Who pays is an account and whose keys it has: a plan asks that once for each account, and nothing else does.
#[test]
fn estimates_name_the_caller() {
    let bench = bench();
    bench.file("small.bin", &noise(5, 900));
    let asked = |mark: usize| bench.ops(mark).into_iter().filter(|op| *op == Op::GetCallerIdentity).count();
    const MARA: &str = "arn:aws:iam::111122223333:user/mara";
    let mark = bench.mark();
    bench.lines(&["put", "small.bin", "studio:colorpictures/caller"]);
    bench.lines(&["get", "studio:colorpictures/caller", "caller"]);
    assert_eq!(asked(mark), 0, "no plan is shown");
    for plan in [
        &["put", "small.bin", "studio:colorpictures/caller"][..],
        &["get", "studio:colorpictures/caller", "caller"],
        &["rm", "-r", "studio:colorpictures/call"],
        &["ls", "studio:colorpictures/"],
        &["cat", "studio:colorpictures/caller"],
        &["payer", "set", "requester", "studio:colorpictures"],
        &["probe", "studio:colorpictures/caller"],
        &["probe", "--conformance", "studio:colorpictures/conformance/"],
    ] {
        let (before, mark) = (ledger(&bench).len(), bench.mark());
        let lines = bench.lines(&[plan, &["--dry-run"]].concat());
        assert!(lines.iter().all(|line| line["caller"] == MARA), "{plan:?}: {lines:?}");
        assert_eq!(asked(mark), 1, "{plan:?}");
        let all = ledger(&bench);
        let booked: Vec<&Sent> = all[..all.len() - before].iter().filter(|sent| sent.kind.op == Op::GetCallerIdentity).collect();
        assert_eq!((booked.len(), booked[0].kind.class, booked[0].cost.map(|cost| cost.amount)), (1, PriceClass::Free, Some(Amount::ZERO)));
        let text = bench.ends(0, &[plan, &["--dry-run"]].concat());
        assert_eq!(text.matches(MARA).count(), 1, "{plan:?}: {text}");
    }
    let mark = bench.mark();
    let both = bench.lines(&["cp", "studio:colorpictures/caller", "lab:color-atlas/caller", "--dry-run"]);
    assert_eq!((both[0]["caller"].as_str(), asked(mark)), (Some(MARA), 2));
    assert!(both[1]["caller"].as_str().is_some_and(|caller| caller.starts_with("acs:ram::")), "{both:?}");
    let one = ["cp", "studio:colorpictures/caller", "studio:colorpictures/caller-too", "--dry-run"];
    let mark = bench.mark();
    bench.lines(&one);
    assert_eq!(asked(mark), 1, "one account, asked once");
}

/// Where STS cannot be reached, or takes a question and never answers it, a plan says what is known.
#[test]
fn estimates_do_without_the_caller() {
    let listens = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listens().local_addr().unwrap();
    alone(closed);
    let silent = listens();
    alone(silent.local_addr().unwrap());
}

fn alone(sts: SocketAddr) {
    let elsewhere =
        |line: &str| if line.starts_with("sts_endpoint") { format!("sts_endpoint = \"http://{sts}\"") } else { line.to_owned() };
    let bench = Bench::with(|text: String| text.lines().map(elsewhere).collect::<Vec<_>>().join("\n"));
    bench.file("prices.toml", OWN.as_bytes());
    bench.file("small.bin", b"x");
    let plan = bench.lines(&["put", "small.bin", "studio:colorpictures/alone", "--dry-run"]);
    assert_eq!((plan[0]["caller"].clone(), plan[0]["requests"].clone()), (Value::Null, 1.into()));
    let said = bench.ends(0, &["put", "small.bin", "studio:colorpictures/alone", "--dry-run"]);
    assert!(said.contains("  pays      ") && !said.contains("caller"), "{said}");
}

/// What leaves OSS has two prices a day, and the plan of a download says which holds.
#[test]
fn estimates_name_the_hours() {
    let bench = bench();
    bench.file("small.bin", &noise(5, 900));
    for target in ["lab:color-atlas/hours/a", "studio:colorpictures/hours/a"] {
        bench.lines(&["put", "small.bin", target]);
    }
    let hours = |arguments: &[&str]| {
        let said = bench.ends(0, &[arguments, &["--dry-run"]].concat());
        said.lines().filter(|line| line.starts_with("  hours     ")).map(str::to_owned).collect::<Vec<_>>()
    };
    for reading in [
        &["get", "-r", "lab:color-atlas/hours/", "hours"][..],
        &["cat", "lab:color-atlas/hours/a"],
        &["cp", "-r", "lab:color-atlas/hours/", "studio:colorpictures/hours/"],
    ] {
        let lines = hours(reading);
        assert!(
            lines.len() == 1 && lines[0].contains(" until ") && lines[0].contains(" your time: ") && lines[0].contains(" CNY a GB out, "),
            "{reading:?}: {lines:?}"
        );
    }
    for other in [
        &["put", "small.bin", "lab:color-atlas/hours/b"][..],
        &["rm", "-r", "lab:color-atlas/hours/"],
        &["ls", "lab:color-atlas/"],
        &["cp", "-r", "lab:color-atlas/hours/", "lab:color-atlas/hours-too/"],
        &["get", "-r", "studio:colorpictures/hours/", "hours"],
    ] {
        assert_eq!(hours(other), Vec::<String>::new(), "{other:?}");
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
    assert_eq!(bench.ops(mark), [Op::GetCallerIdentity], "nothing was sent but the question whose keys they are");
    bench.ends(0, &with("0.000005 USD"));
    // A download is asked for its size first: what it weighs decides.
    let said = bench.ends(5, &["get", "studio:colorpictures/budget", "got", "--budget", "0.0000005 USD"]);
    assert!(said.contains("that passes the budget"), "{said}");
    assert_eq!(bench.ops(mark), [Op::GetCallerIdentity, Op::PutObject, Op::HeadObject]);
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

/// A store that is not the vendor's own has no list prices, whatever its regions are called: no line of it is booked with one.
#[test]
fn a_store_without_list_prices_is_booked_with_none() {
    // The demo is taken for the vendor's at the addresses of this machine: not at the one that stands for all of them.
    let bench = Bench::with(|text| text.replace("//127.0.0.1:", "//0.0.0.0:"));
    for target in ["studio:colorpictures/", "lab:color-atlas/"] {
        bench.lines(&["ls", target]);
    }
    let lines = ledger(&bench);
    let booked: Vec<_> = lines.iter().map(|sent| (sent.kind.op, sent.status, &*sent.kind.region, sent.cost)).collect();
    let list = |region: &'static str| (Op::ListObjectsV2, Some(200), region, None);
    assert_eq!(booked, [list("cn-hangzhou"), list("us-west-2")]);
}

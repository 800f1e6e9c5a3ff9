//! Screen 4.

use std::sync::Arc;

use jiff::SignedDuration;
use whopays::app::{Clip, Effect, KeyCode, Mouse, MouseKind, Msg, Ticket};
use whopays::domain::op::PriceClass;
use whopays::domain::{
    AccountName, Amount, By, Currency, Error, ErrorKind, Kind, Money, Narrow, Op, PayerSent, Provider, SaidCharged, Sent, Sum,
};

use super::driver::{Console, noon, spending};

pub(crate) fn sum(name: &str, requests: u64, bytes: u64, cost: &str) -> Sum {
    let cost = cost.split(" and ").filter(|text| !text.is_empty()).map(|text| {
        let money = Money::parse(text).unwrap();
        (money.currency, money.amount)
    });
    Sum { name: name.to_owned(), requests, down: bytes, cost: cost.collect(), ..Sum::default() }
}

/// Accounts worth looking at: one with an alarm, one with two currencies, one without prices.
pub(crate) fn accounts() -> Vec<Sum> {
    let mut research = sum("research", 12_345, 3 << 30, "0.4242 USD");
    (research.retries, research.failed, research.payer, research.charged, research.uncharged) = (12, 4, 900, 896, 3);
    let mut lab = sum("lab", 210, 12 << 20, "0.03 CNY and 0.0042 USD");
    lab.unpriced = 2;
    let mut minio = sum("minio", 40, 100, "");
    minio.unpriced = 40;
    vec![lab, minio, research]
}

/// The last days: two of them without requests.
pub(crate) fn days() -> Vec<Sum> {
    vec![
        sum("2026-11-20", 12_000, 2 << 30, "0.40 USD"),
        sum("2026-11-19", 500, 1 << 30, "0.0242 USD"),
        sum("2026-11-16", 95, 12 << 20, "0.03 CNY and 0.0042 USD"),
        sum("2026-10-25", 1, 100, "0.0001 USD"),
    ]
}

/// The request with this number: newer ones have larger numbers.
pub(crate) fn sent(id: i64) -> (i64, Sent) {
    let sent = Sent {
        at: noon() - SignedDuration::from_secs(10_000 - id),
        kind: Arc::new(Kind {
            account: AccountName::new("research"),
            caller: Some("arn:aws:iam::111122223333:user/ada".into()),
            provider: Provider::S3,
            region: "us-east-1".into(),
            bucket: Some("arxiv".into()),
            op: Op::GetObject,
            class: PriceClass::Tier2,
            method: "GET".into(),
            host: "arxiv.s3.us-east-1.amazonaws.com".into(),
        }),
        path: format!("/pdf/{id}.pdf").into(),
        attempt: 1,
        payer: PayerSent::Yes,
        status: Some(200),
        charged: SaidCharged::Yes,
        request_id: Some(format!("REQ{id}").into()),
        up: 0,
        down: 1_258_291,
        took: 42,
        cost: Some(Money { amount: Amount::parse("0.0001059").unwrap(), currency: Currency::parse("USD").unwrap() }),
        aside: Default::default(),
    };
    (id, sent)
}

/// A hundred bytes of everything that can be in a request.
pub(crate) fn mixed() -> Vec<(i64, Sent)> {
    let mut rows: Vec<(i64, Sent)> = (4..9).rev().map(sent).collect();
    rows[1].1.charged = SaidCharged::No;
    (rows[2].1.status, rows[2].1.charged, rows[2].1.cost) = (Some(403), SaidCharged::No, None);
    (rows[3].1.status, rows[3].1.payer, rows[3].1.charged, rows[3].1.request_id) = (None, PayerSent::No, SaidCharged::NotSaid, None);
    let kind = Arc::make_mut(&mut rows[4].1.kind);
    (kind.op, kind.bucket) = (Op::ListBuckets, None);
    (rows[4].1.payer, rows[4].1.charged) = (PayerSent::No, SaidCharged::NotSaid);
    rows
}

pub(crate) fn groups(order: &Effect) -> Option<(Ticket, Narrow, By)> {
    match order {
        Effect::ReadLedger { ticket, narrow, by } => Some((*ticket, narrow.clone(), *by)),
        _ => None,
    }
}

pub(crate) fn pages(order: &Effect) -> Option<(Ticket, Narrow, Option<i64>, usize)> {
    match order {
        Effect::ReadRequests { ticket, narrow, before, limit } => Some((*ticket, narrow.clone(), *before, *limit)),
        _ => None,
    }
}

/// Answers what is asked of the ledger: days with days, everything else with accounts, requests with a few.
pub(crate) fn answer_all(console: &mut Console) {
    while !console.open(groups).is_empty() {
        let (ticket, _, by) = console.pick(groups);
        console.send(Msg::LedgerRead(ticket, Ok(if by == By::Day { days() } else { accounts() })));
    }
    while !console.open(pages).is_empty() {
        let (ticket, ..) = console.pick(pages);
        console.send(Msg::RequestsRead(ticket, Ok(mixed())));
    }
}

/// Screen 4 by account.
pub(crate) fn by_account(width: u16, height: u16) -> Console {
    let mut console = Console::board(width, height);
    console.keys("4");
    answer_all(&mut console);
    console.keys("\t");
    answer_all(&mut console);
    console
}

fn narrow(console: &Console) -> Narrow {
    console.open(pages).last().unwrap().1.clone()
}

fn row_of(screen: &str, text: &str) -> usize {
    screen.lines().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text}\n{screen}"))
}

#[test]
fn it_asks_the_ledger_and_no_store() {
    let mut console = Console::board(80, 24);
    let before = console.log.len();
    console.keys("4");
    assert!(console.draw().contains("reading the ledger…"));
    let asked: Vec<Effect> = console.log[before..].to_vec();
    let (_, narrow, by) = groups(&asked[0]).unwrap();
    assert_eq!((asked.len(), by), (1, By::Day));
    assert_eq!(narrow, Narrow { since: Some("2026-10-22".parse().unwrap()), ..Narrow::default() }, "30 days with today");
    answer_all(&mut console);
    console.keys("\t");
    let open = console.open(groups);
    assert_eq!(open.iter().map(|(_, _, by)| *by).collect::<Vec<_>>(), [By::Account, By::Day], "the groups, and the days of the chart");
    assert!(console.log[before..].iter().all(|order| groups(order).is_some()), "no other order");
}

#[test]
fn a_late_answer_changes_nothing() {
    let mut console = Console::board(80, 24);
    console.keys("4");
    let (old, ..) = console.open(groups)[0].clone();
    console.keys("r");
    assert!(console.log.contains(&Effect::Cancel(old)));
    console.send(Msg::LedgerRead(old, Ok(days())));
    assert!(console.draw().contains("reading the ledger…"));
    answer_all(&mut console);
    assert!(console.draw().contains("2026-11-19"));
}

#[test]
fn tab_goes_round_and_the_largest_comes_first() {
    let mut console = by_account(120, 40);
    let screen = console.draw();
    assert!(screen.contains("Day [Account] Bucket Operation · last 30 days"), "{screen}");
    assert!(row_of(&screen, "!research") < row_of(&screen, "0.03 CNY and 0.0042 USD"), "{screen}");
    for by in [By::Bucket, By::Operation, By::Day] {
        console.keys("\t");
        assert_eq!(console.open(groups)[0].2, by);
        answer_all(&mut console);
    }
    console.press(KeyCode::BackTab);
    assert_eq!(console.open(groups)[0].2, By::Operation);
}

#[test]
fn currencies_stay_apart_and_what_has_no_price_is_counted() {
    let mut console = by_account(120, 40);
    let screen = console.draw();
    let total = screen.lines().find(|line| line.contains("total of 3")).unwrap();
    assert!(total.contains("0.03 CNY and 0.43 USD") && total.contains("42 without price"), "{total}");
    let minio = screen.lines().find(|line| line.contains("minio")).unwrap();
    assert!(minio.contains("no price"), "{minio}");
    console.press(KeyCode::Down);
    assert!(console.draw().contains("0.03 CNY and 0.0042 USD; 2 without price, by list prices"));
}

#[test]
fn m_measures_each_currency_then_bytes_then_requests() {
    let mut console = by_account(120, 40);
    let chart = |console: &mut Console| {
        let screen = console.draw();
        ["CNY a day", "USD a day", "bytes a day", "requests a day"].into_iter().find(|text| screen.contains(text)).unwrap().to_owned()
    };
    let mut seen = vec![chart(&mut console)];
    for _ in 0..4 {
        console.keys("m");
        seen.push(chart(&mut console));
    }
    assert_eq!(seen, ["USD a day", "bytes a day", "requests a day", "CNY a day", "USD a day"]);
}

#[test]
fn t_looks_further_back_and_capital_t_less_far() {
    let mut console = by_account(80, 24);
    let since = |console: &Console| console.open(groups)[0].1.since.map(|day| day.to_string());
    console.keys("t");
    assert_eq!(since(&console), None);
    answer_all(&mut console);
    console.keys("t");
    assert_eq!(since(&console).as_deref(), Some("2026-11-20"));
    assert!(!console.draw().contains(" a day"), "one bar says nothing");
    console.keys("t");
    assert_eq!(since(&console).as_deref(), Some("2026-11-14"));
    console.keys("T");
    assert_eq!(since(&console).as_deref(), Some("2026-11-20"));
}

#[test]
fn enter_goes_down_to_one_request_and_back_again() {
    let mut console = by_account(80, 24);
    console.keys("jj\n");
    assert_eq!(narrow(&console).account.as_deref(), Some("minio"), "the group under the cursor");
    console.press(KeyCode::Backspace);
    console.keys("g\n");
    assert_eq!(narrow(&console).account.as_deref(), Some("research"));
    assert_eq!(narrow(&console).since, Some("2026-10-22".parse().unwrap()));
    answer_all(&mut console);
    console.keys("j\n");
    let screen = console.draw();
    for text in [
        "not charged: the payer header was sent",
        "your role lives in the owner's account",
        "GET arxiv.s3.us-east-1.amazonaws.com/pdf/7.pdf",
        "0.0001059 USD, by list prices",
        "S3 tier 2",
        "200, request id REQ7",
        "took 42 ms, attempt 1",
        "1.1 MiB (1,258,291 B) down",
        "user/ada",
    ] {
        assert!(screen.split_whitespace().collect::<Vec<_>>().join(" ").contains(text), "{text}\n{screen}");
    }
    console.keys("\u{1b}\u{1b}");
    assert!(console.draw().contains("[Account]"));
    console.keys("h");
    assert!(console.draw().contains("Buckets"));
}

#[test]
fn y_copies_the_request_id() {
    let mut console = by_account(80, 24);
    console.keys("y");
    assert!(!console.draw().contains("request id"), "a group has none");
    console.keys("\n");
    answer_all(&mut console);
    console.keys("y\n");
    assert_eq!(console.log.last(), Some(&Effect::Copy(Clip::new("REQ8"))));
}

#[test]
fn the_next_page_comes_as_the_cursor_nears_the_last_request() {
    let mut console = by_account(80, 24);
    console.keys("\n");
    let (ticket, _, before, limit) = console.pick(pages);
    assert_eq!(before, None);
    let all: Vec<(i64, Sent)> = (0..i64::try_from(limit).unwrap()).map(|n| sent(5_000 - n)).collect();
    console.send(Msg::RequestsRead(ticket, Ok(all)));
    assert_eq!(console.open(pages), [], "far from the end");
    console.press(KeyCode::Down);
    assert_eq!(console.open(pages), []);
    console.press(KeyCode::End);
    let (ticket, _, before, _) = console.pick(pages);
    assert_eq!(before, Some(4_801), "those older than the oldest");
    console.press(KeyCode::Down);
    assert_eq!(console.open(pages), [], "never two at once");
    console.send(Msg::RequestsRead(ticket, Ok(vec![sent(4_800), sent(4_799)])));
    console.press(KeyCode::End);
    assert_eq!(console.open(pages), [], "a short page is the last one");
    assert!(console.draw().contains("/pdf/4799.pdf"));
    assert!(console.draw().contains("202 requests ·"));
}

#[test]
fn a_ledger_that_cannot_be_read_says_why_and_keeps_what_was_on_screen() {
    let mut console = by_account(80, 24);
    console.keys("r");
    let (ticket, ..) = console.pick(groups);
    console.send(Msg::LedgerRead(ticket, Err(Error::new(ErrorKind::Local, "the ledger is locked").hint("Close the other program."))));
    let screen = console.draw();
    assert!(screen.contains("the ledger is locked. Close the other program.") && screen.contains("research"), "{screen}");
}

#[test]
fn an_empty_ledger_says_what_will_stand_there() {
    let mut console = Console::board(80, 24);
    console.keys("4");
    let (ticket, ..) = console.pick(groups);
    console.send(Msg::LedgerRead(ticket, Ok(Vec::new())));
    let screen = console.draw();
    let screen = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(screen.contains("no request in this time (last 30 days): t looks further back"), "{screen}");
    assert!(screen.contains("Every request that leaves"), "{screen}");
}

#[test]
fn requests_that_came_since_are_counted_and_nothing_is_read_by_itself() {
    let mut console = by_account(120, 40);
    let before = console.log.len();
    console.send(Msg::Spent(spending(20, "0.01")));
    assert!(console.draw().contains("12 newer: r"), "{}", console.draw());
    assert_eq!(console.log.len(), before);
    console.keys("r");
    answer_all(&mut console);
    assert!(!console.draw().contains("newer"));
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut console = by_account(80, 24);
    let screen = console.draw();
    let row = u16::try_from(row_of(&screen, "minio")).unwrap();
    let click = Msg::Mouse(Mouse { kind: MouseKind::Click, column: 5, row });
    console.send(click);
    assert!(console.draw().lines().nth(usize::from(row)).unwrap().starts_with('▸'));
    assert_eq!(console.open(pages), []);
    console.send(Msg::Mouse(Mouse { kind: MouseKind::Click, column: 5, row }));
    assert_eq!(narrow(&console).account.as_deref(), Some("minio"));
}

#[test]
fn the_wheel_moves_and_details_are_one_key_away() {
    let mut console = by_account(80, 24);
    console.send(Msg::Mouse(Mouse { kind: MouseKind::ScrollDown, column: 5, row: 5 }));
    let screen = console.draw();
    assert!(screen.lines().any(|line| line.starts_with("▸ minio")), "{screen}");
    console.press(KeyCode::Home);
    console.keys("i");
    assert!(console.draw().contains("3 requests carried the payer header and succeeded"), "{}", console.draw());
    console.keys("\t");
    assert!(console.draw().contains("[Account]"), "Tab leads back to the list, not to the next grouping");
}

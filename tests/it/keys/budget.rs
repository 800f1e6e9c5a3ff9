//! Budgets in the console: asked again before an action that would pass one, and when one is passed while transfers run.

use std::collections::HashSet;
use std::sync::Arc;

use whopays::app::{Begin, Effect, KeyCode, Msg, Origin, Ticket};
use whopays::config::{Config, Settings};
use whopays::domain::{Amount, Consent, Currency, Money, Provider, Share, Spending};
use whopays::transfer::{Progress, Rein};

use super::driver::{Console, account};
use super::shelf::{leaf, thousand};
use super::transfers::{download, left};

fn money(text: &str) -> Option<Money> {
    Some(Money::parse(text).unwrap())
}

/// An account of each cloud with this budget for the session; their lists are open.
pub(crate) fn accounts(budget: &str, width: u16, height: u16) -> Console {
    let settings = Settings { budget: money(budget), ..Settings::default() };
    let accounts = vec![account("research", Provider::S3, "us-east-1"), account("lab", Provider::Oss, "cn-hangzhou")];
    let mut console = Console::new(width, height);
    console.load(Config { settings, accounts, ..Config::default() }, Origin::File("/home/ada/config.toml".to_owned()));
    console
}

/// Inside of `lab-results` in Hangzhou, where a delete costs 0.000001 CNY, with this budget for the session.
pub(crate) fn tight(budget: &str, width: u16, height: u16) -> Console {
    let mut console = accounts(budget, width, height);
    console.list(0, &["maps"], "us-east-1");
    console.list(1, &["lab-results"], "cn-hangzhou");
    console.answer_reads(|_| Ok(whopays::domain::Payer::BucketOwner));
    console.go_to("lab-results");
    console.keys("\n");
    console.end_page(Ok(leaf(&["a.txt", "b.csv", "logs/"], None)));
    console
}

/// Two downloads of `research:maps` that run, under a budget of the account; screen 3 is open.
pub(crate) fn running(budget: &str, width: u16, height: u16) -> Console {
    let mut console = left_over(budget, width, height);
    for number in 1..=3 {
        console.keys("r");
        approve(&mut console, number);
        console.keys("j");
    }
    console.press(KeyCode::Home);
    console
}

/// Three downloads of `research:maps` that an earlier session has left, under a budget of the account; screen 3 is open.
fn left_over(budget: &str, width: u16, height: u16) -> Console {
    let mut research = account("research", Provider::S3, "us-east-1");
    research.budget = money(budget);
    let unfinished = (1..=3).map(|number| left(number, download(&format!("k{number}"), Consent::Silent))).collect();
    let mut console = Console::new(width, height);
    let config = Config { accounts: vec![research], ..Config::default() };
    console.load_with(config, Origin::File("/home/ada/config.toml".to_owned()), unfinished);
    console.list(0, &["maps"], "us-east-1");
    console.see();
    console.press(KeyCode::Esc);
    console.keys("3");
    console
}

/// The plan of the last start is complete, and its question is answered with yes.
fn approve(console: &mut Console, start: usize) {
    let plans = plans(console);
    assert_eq!(plans.len(), start, "what goes on is planned first");
    console.send(Msg::JobMoved(plans[start - 1], Progress { objects: 1, bytes: 10, counted: true, ..Progress::default() }));
    let screen = console.see();
    assert!(screen.contains("1 object, 10 B, would be"), "{screen}");
    console.keys("y");
}

/// The same, with half of a budget of 0.000001 CNY spent: nothing more fits.
pub(crate) fn half_spent(width: u16, height: u16) -> Console {
    let mut console = tight("0.000001 CNY", width, height);
    spent_in(&mut console, "CNY", "lab", "lab-results", "0.0000005");
    console
}

/// So much was spent on requests of an account to a bucket.
pub(crate) fn spent(console: &mut Console, account: &str, bucket: &str, dollars: &str) {
    spent_in(console, "USD", account, bucket, dollars);
}

fn spent_in(console: &mut Console, currency: &str, account: &str, bucket: &str, amount: &str) {
    let cost = vec![(Currency::parse(currency).unwrap(), Amount::parse(amount).unwrap())];
    let shares = vec![Share { account: Arc::from(account), bucket: Some(Arc::from(bucket)), cost: cost.clone() }];
    console.send(Msg::Spent(Spending { cost, shares, ..Spending::default() }));
}

fn all_reins(console: &Console) -> Vec<(u64, Rein)> {
    console.ever(|order| match order {
        Effect::Rein(Ticket(ticket), rein) => Some((*ticket, *rein)),
        _ => None,
    })
}

/// Behind the two that let the approved transfers go.
fn reins(console: &Console) -> Vec<(u64, Rein)> {
    all_reins(console)[2..].to_vec()
}

fn plans(console: &Console) -> Vec<Ticket> {
    console.ever(|order| match order {
        Effect::RunJob(ticket, _, _, Begin::AfterPlan) => Some(*ticket),
        _ => None,
    })
}

/// How many transfers were let go at least once.
fn starts(console: &Console) -> usize {
    let going: HashSet<u64> = all_reins(console).into_iter().filter(|(_, rein)| *rein == Rein::Go).map(|(ticket, _)| ticket).collect();
    going.len()
}

#[test]
fn an_action_that_fits_is_asked_once_and_says_what_it_costs() {
    let mut console = tight("0.000001 CNY", 80, 24);
    console.keys("x");
    let screen = console.see();
    for text in ["asks     1 request billed as OSS Put-type", "costs    0.000001 CNY (list prices of 2026-10-08)"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    assert!(!screen.contains("budget"), "{screen}");
    console.keys("y");
    assert_eq!(console.acting_jobs().len(), 1);
}

#[test]
fn an_action_that_passes_a_budget_wants_another_yes() {
    let mut console = half_spent(80, 24);
    console.keys("x");
    let screen = console.see();
    assert!(screen.contains("budget   0.0000015 CNY would be spent then: that passes the budget"), "{screen}");
    console.keys("y");
    assert!(console.acting_jobs().is_empty(), "the first yes is not enough");
    // Typed before the second question was seen: nothing.
    console.keys("y");
    assert!(console.acting_jobs().is_empty());
    let screen = console.see();
    assert!(screen.contains("Spend more than the budget?") && screen.contains("y: spend it, and delete"), "{screen}");
    console.keys("y");
    assert_eq!(console.acting_jobs().len(), 1);
    // The budget was raised to it: the same again passes it anew.
    console.keys("x");
    assert!(!console.see().contains("passes the budget"), "nothing of it is spent yet");
}

#[test]
fn enter_and_escape_mean_no_to_spending_more() {
    for no in ["\n", "\u{1b}", "n", "q"] {
        let mut console = half_spent(80, 24);
        console.keys("x");
        console.see();
        console.keys("y");
        console.see();
        console.keys(no);
        assert!(console.draw().contains("nothing was deleted"), "{no:?}");
        assert!(console.acting_jobs().is_empty(), "{no:?}");
    }
}

#[test]
fn another_currency_cannot_be_compared_and_is_asked_about() {
    let mut console = tight("5.00 USD", 80, 24);
    console.keys("x");
    let screen = console.see();
    assert!(screen.contains("it costs CNY, which cannot be compared with the"), "{screen}");
    console.keys("y");
    assert!(console.acting_jobs().is_empty());
    console.see();
    console.keys("y");
    assert_eq!(console.acting_jobs().len(), 1);
}

#[test]
fn a_passed_budget_pauses_its_transfers_and_asks() {
    let mut console = running("1.00 USD", 80, 24);
    assert_eq!(starts(&console), 2);
    spent(&mut console, "research", "maps", "1.00");
    assert!(reins(&console).is_empty(), "what is spent to the last cent is not passed");
    spent(&mut console, "research", "maps", "1.0104");
    assert_eq!(reins(&console).iter().map(|(_, rein)| *rein).collect::<Vec<_>>(), [Rein::Pause, Rein::Pause]);
    let screen = console.see();
    for text in ["The budget is passed: go on?", "2 transfers are paused", "y  go on, up to 2.00 USD"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("y");
    assert_eq!(reins(&console)[2..].iter().map(|(_, rein)| *rein).collect::<Vec<_>>(), [Rein::Go, Rein::Go]);
    spent(&mut console, "research", "maps", "1.99");
    assert_eq!(reins(&console).len(), 4, "the raised limit holds");
    spent(&mut console, "research", "maps", "2.01");
    assert_eq!(reins(&console).len(), 6);
    assert_eq!(starts(&console), 2, "the third never began");
}

#[test]
fn a_no_leaves_them_paused_and_nothing_new_begins() {
    let mut console = running("1.00 USD", 80, 24);
    spent(&mut console, "research", "maps", "1.01");
    // What was typed for the list is no answer.
    console.keys("y");
    assert_eq!(reins(&console).len(), 2);
    console.see();
    console.keys("n");
    assert_eq!((reins(&console).len(), starts(&console)), (2, 2));
    console.keys(" ");
    assert_eq!((reins(&console).len(), starts(&console)), (2, 2), "Space asks");
    let screen = console.see();
    assert!(screen.contains("The budget is passed: go on?") && screen.contains("1 transfer is paused"), "{screen}");
    console.keys("y");
    assert_eq!(reins(&console).last().map(|(_, rein)| *rein), Some(Rein::Go));
    assert_eq!(starts(&console), 3, "the one that waited takes the free place");
}

#[test]
fn what_goes_on_from_an_earlier_session_is_judged_before_it_does() {
    let mut console = left_over("0.00001 USD", 80, 24);
    spent(&mut console, "research", "maps", "0.0000098");
    console.keys("r");
    let plans = plans(&console);
    console.send(Msg::JobMoved(plans[0], Progress { objects: 1, bytes: 10, counted: true, ..Progress::default() }));
    let screen = console.see();
    assert!(screen.contains("0.00001021 USD would be spent then: that passes the budget"), "{screen}");
    assert!(screen.contains("leave it as it is"), "{screen}");
    assert!(all_reins(&console).is_empty());
    console.keys("n");
    assert_eq!(all_reins(&console), [(plans[0].0, Rein::Stop)], "what is there already is paid for");
}

#[test]
fn what_others_spend_is_not_theirs() {
    let mut console = running("1.00 USD", 80, 24);
    spent(&mut console, "lab", "maps", "9.00");
    assert!(reins(&console).is_empty());
}

#[test]
fn reading_on_stops_at_a_budget() {
    let mut console = tight("0.0001 USD", 80, 24);
    console.press(KeyCode::Backspace);
    console.go_to("maps");
    console.keys("\n");
    console.end_page(Ok(thousand(0, Some("t1"))));
    console.keys("G");
    let screen = console.see();
    assert!(
        screen.contains("Read all that is left?") && screen.contains("0.000495 USD would be spent then: that passes the budget"),
        "{screen}"
    );
    assert_eq!(console.listings(), 2, "one for each bucket");
    console.keys("y");
    assert_eq!(console.listings(), 3);
    spent(&mut console, "research", "maps", "1.00");
    let screen = console.see();
    assert!(screen.contains("Reading on was stopped."), "{screen}");
    assert!(console.pages().is_empty(), "the order was called off");
}

//! The look before a change, and the wait for the new value after it.

use whopays::app::{Effect, KeyCode, Msg, Origin, Ticket};
use whopays::audit::Outcome;
use whopays::config::{Config, PayerToggle};
use whopays::domain::preflight::Fact;
use whopays::domain::{Access, Payer, Provider, Seen, Setting};

use super::change::with;
use super::driver::{Console, account};

/// The countdown of a bucket is on screen.
fn counting(bucket: &str) -> Console {
    let mut console = Console::board(120, 40);
    console.go_to(bucket);
    console.keys("p");
    console.draw();
    console
}

fn is(setting: Setting, fact: Fact) -> (Setting, Seen) {
    (setting, Seen::Is(fact))
}

fn website() -> (Setting, Seen) {
    is(Setting::Website, Fact::default())
}

fn public() -> (Setting, Seen) {
    is(Setting::Acl, Fact { everyone: vec!["READ".to_owned()], ..Fact::default() })
}

fn ordered(console: &Console) -> usize {
    console.ever(|order| matches!(order, Effect::LookAtBucket(..)).then_some(())).len()
}

fn stopped(console: &Console) -> Vec<Ticket> {
    console.ever(|order| match order {
        Effect::StopWatching(ticket) => Some(*ticket),
        _ => None,
    })
}

#[test]
fn the_countdown_says_the_worst_and_i_says_all() {
    let mut console = counting("colorpictures");
    assert_eq!(console.looks().len(), 1);
    assert!(console.draw().contains("Requester in 5 s: anonymous access ends; callers must sign and pay"), "nothing has come yet");
    console.see_bucket("colorpictures", vec![public()], 7);
    assert!(console.draw().contains("Requester in 5 s: anonymous readers will be refused; i shows more"), "the first answer of eight");
    console.see_bucket("colorpictures", vec![public(), website()], 0);
    assert!(console.draw().contains("Requester in 5 s: website will stop for visitors, and 1 more: i"));
    console.keys("i");
    let screen = console.draw();
    for text in [
        "looked    at 14:02:11 for a change to Requester, with 8 requests",
        "breaks    The bucket is a static website: its website endpoint answers every visitor with 403 from then on.",
        "breaks    The access list lets everyone read: anonymous requests will be refused",
        "shifts    Links that you have signed, or will sign, stay on your bill, whoever opens them.",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
}

#[test]
fn nothing_found_and_nothing_readable_are_told_apart() {
    let mut console = counting("colorpictures");
    console.see_bucket("colorpictures", vec![(Setting::Acl, Seen::Nothing)], 0);
    assert!(console.draw().contains("callers must sign and pay; nothing else was found"));
    let mut console = counting("colorpictures");
    console.see_bucket("colorpictures", vec![(Setting::Policy, Seen::Unread("access denied".to_owned()))], 0);
    let screen = console.draw();
    assert!(screen.contains("could not be read: policy") && !screen.contains("nothing else was found"), "{screen}");
}

/// The owner's way back: other things shift, and anonymous readers return.
#[test]
fn a_change_to_bucketowner_says_what_comes_back() {
    let mut console = counting("maps");
    console.see_bucket("maps", vec![public()], 0);
    assert!(console.draw().contains("BucketOwner in 5 s: anonymous readers return, on your bill"));
}

#[test]
fn no_key_waits_for_an_answer() {
    let mut console = counting("colorpictures");
    console.pass(400);
    console.keys("\n");
    assert_eq!(console.sent().len(), 1, "Enter sends while the store is still asked");
    console.see_bucket("colorpictures", vec![website()], 0);
    assert!(console.draw().contains("changing → Requester"));

    let mut console = counting("colorpictures");
    (0..5).for_each(|_| console.second());
    assert_eq!(console.sent().len(), 1, "and so does the countdown");
}

#[test]
fn where_nobody_is_asked_nothing_is_looked_at() {
    let mut console = with(Access::Normal, PayerToggle::Immediate);
    console.keys("p");
    assert_eq!((console.sent().len(), ordered(&console)), (1, 0));
    // P3: neither is it while the cursor moves, or when details are opened.
    let mut console = Console::board(120, 40);
    console.keys("jjkiGg");
    console.draw();
    assert_eq!(ordered(&console), 0);
}

#[test]
fn a_look_is_good_for_a_minute_unless_something_could_not_be_read() {
    let mut console = counting("colorpictures");
    console.see_bucket("colorpictures", vec![website()], 0);
    console.keys("\u{1b}p");
    assert!(console.draw().contains("website will stop for visitors"), "known already");
    assert_eq!(ordered(&console), 1);
    console.keys("\u{1b}");
    console.pass(60_000);
    console.keys("p");
    assert_eq!(ordered(&console), 2, "a minute later");
    console.see_bucket("colorpictures", vec![(Setting::Acl, Seen::Unread("access denied".to_owned()))], 0);
    console.keys("\u{1b}p");
    assert_eq!(ordered(&console), 3, "perhaps it can be read now");
}

/// Whatever a store calls its domain names, the terminal is not told.
#[test]
fn names_of_the_store_cannot_act() {
    let mut console = counting("colorpictures");
    let names = vec!["evil\u{1b}[31m\u{202e}.example".to_owned()];
    console.see_bucket("colorpictures", vec![is(Setting::Domains, Fact { names, ..Fact::default() })], 0);
    console.keys("i");
    let screen = console.draw();
    assert!(screen.contains("evil\\u{1b}[31m\\u{202e}.example"), "{screen}");
}

#[test]
fn a_plan_shows_what_breaks_below_each_bucket() {
    let mut console = Console::board(120, 40);
    console.keys("*p");
    let mut looked: Vec<String> = console.looks().into_iter().map(|(_, bucket)| bucket).collect();
    looked.sort();
    assert_eq!(looked, ["climate-data", "colorpictures", "lab-results"], "what is skipped is not looked at");
    assert!(console.draw().contains("looking at what it breaks: 0 of 3 buckets"));
    console.see_bucket("colorpictures", vec![website(), public()], 0);
    console.see_bucket("climate-data", vec![(Setting::Acl, Seen::Unread("access denied".to_owned()))], 0);
    console.see_bucket("lab-results", vec![(Setting::Acl, Seen::Nothing)], 0);
    let screen = console.draw();
    let lines: Vec<&str> = screen.lines().map(|line| line.trim_matches([' ', '│', '─'])).collect();
    let at = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text}\n{screen}"));
    assert!(lines[at("research:colorpictures") + 1].contains("breaks: website will stop for visitors"));
    assert!(lines[at("research:colorpictures") + 2].contains("breaks: anonymous readers will be refused"));
    assert!(lines[at("research:climate-data") + 1].contains("could not be read: acl"), "{screen}");
    assert!(screen.contains("looked at what it breaks, with 24 requests, none for objects"), "{screen}");
}

/// A `y` on its way to a plan that has just become worse does not count; one that follows it does.
#[test]
fn what_breaks_is_seen_before_the_answer_counts() {
    let mut console = with(Access::Normal, PayerToggle::Confirm);
    console.keys("p");
    console.see();
    console.see_bucket("colorpictures", vec![website()], 7);
    console.keys("y");
    assert!(console.sent().is_empty());
    console.see();
    // What only shifts something is no reason to hold the answer up.
    let accelerated = is(Setting::Acceleration, Fact { on: true, ..Fact::default() });
    console.see_bucket("colorpictures", vec![website(), accelerated], 0);
    console.keys("y");
    assert_eq!(console.sent().len(), 1);
}

#[test]
fn a_protected_account_reads_the_findings_and_types_the_name() {
    let mut console = with(Access::Protected, PayerToggle::Grace);
    console.keys("p");
    console.see();
    console.keys("color");
    console.see_bucket("colorpictures", vec![website()], 0);
    let screen = console.see();
    assert!(screen.contains("breaks: website will stop for visitors"), "{screen}");
    assert!(screen.contains("protected: type `colorpictures`, then Enter") && screen.contains("color"), "what was typed stays\n{screen}");
    console.keys("y\n");
    assert!(console.sent().is_empty());
    console.press(KeyCode::Backspace);
    console.keys("pictures\n");
    assert_eq!(console.sent(), [("colorpictures".to_owned(), "Requester".to_owned())]);
}

/// Requests are money: four looks at once, fifty in a plan, none for a plan that was left.
#[test]
fn a_large_plan_is_looked_at_in_part() {
    let mut console = Console::new(120, 40);
    console.load(Config { accounts: vec![account("research", Provider::S3, "us-west-2")], ..Config::default() }, Origin::Demo);
    let names: Vec<String> = (0..70).map(|n| format!("bucket-{n:02}")).collect();
    console.list(0, &names.iter().map(String::as_str).collect::<Vec<_>>(), "us-west-2");
    console.keys("#");
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    console.keys("*p");
    for _ in 0..10 {
        assert_eq!(console.looks().len(), 4);
        let (_, bucket) = console.looks()[0].clone();
        console.see_bucket(&bucket, vec![(Setting::Policy, Seen::Unread("access denied".to_owned()))], 0);
    }
    assert!(console.draw().contains("looking at what it breaks: 10 of 50 buckets (the first 50 of 70)"));
    console.keys("\u{1b}");
    while let Some((_, bucket)) = console.looks().first().cloned() {
        console.see_bucket(&bucket, vec![], 0);
    }
    assert_eq!(ordered(&console), 14, "the rest was forgotten with the plan");
}

/// Each reading draws an open plan up anew; what was looked at a moment ago is not asked for again.
#[test]
fn readings_do_not_repeat_looks() {
    let mut console = Console::two_accounts(80, 24);
    console.list(0, &["a-set", "b-set", "c-set"], "us-west-2");
    let first = console.reads().into_iter().find(|(_, bucket)| bucket == "a-set").unwrap().0;
    console.answer_read(first, Ok(Payer::BucketOwner));
    console.go_to("a-set");
    console.keys("*p");
    assert_eq!(console.looks().iter().map(|(_, bucket)| bucket.as_str()).collect::<Vec<_>>(), ["a-set"]);
    console.see_bucket("a-set", vec![(Setting::Policy, Seen::Unread("access denied".to_owned()))], 0);
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    assert!(
        console
            .ever(|order| match order {
                Effect::LookAtBucket(_, place) if place.id.bucket.as_str() == "a-set" => Some(()),
                _ => None,
            })
            .len()
            == 1
    );
}

/// The store took the change, and is asked until it answers the new value.
fn watched(bucket: &str) -> (Console, Ticket) {
    let mut console = counting(bucket);
    console.answer_identify();
    console.pass(400);
    console.keys("\n");
    let (ticket, ..) = console.changes()[0].clone();
    console.send(Msg::PayerAccepted(ticket));
    (console, ticket)
}

#[test]
fn esc_ends_the_wait_and_the_last_answer_is_shown() {
    let (mut console, ticket) = watched("colorpictures");
    let screen = console.draw();
    assert!(screen.contains("accepted; asking since 14:02:11 until the store answers Requester (Esc stops)"), "{screen}");
    assert!(screen.contains("Esc stop asking"), "{screen}");
    console.keys("\u{1b}");
    assert_eq!(stopped(&console), [ticket]);
    console.keys("\u{1b}");
    assert_eq!(stopped(&console), [ticket], "once");
    assert!(console.draw().contains("no longer asking"));
    console.keys("p");
    assert_eq!(console.sent().len(), 1, "it has not ended yet");
    console.end_change(Outcome::NotApplied, Some(Payer::BucketOwner), None);
    let screen = console.draw();
    assert!(screen.contains("accepted, but the store still answers BucketOwner; it can take minutes, r reads again"), "{screen}");
    assert!(screen.lines().any(|line| line.contains("▸ research") && line.contains("BucketOwner")), "{screen}");
    console.keys("p");
    assert!(console.draw().contains("Requester in 5 s"), "free again");
}

#[test]
fn whoever_does_not_wait_for_the_first_answer_is_told_so() {
    let (mut console, _) = watched("colorpictures");
    console.keys("\u{1b}");
    console.end_change(Outcome::Unknown, None, None);
    let screen = console.draw();
    assert!(screen.contains("research:colorpictures: accepted, but not read back: press r to read it"), "{screen}");
    assert!(screen.lines().any(|line| line.contains("▸ research") && line.contains("failed")), "P8: no value that nobody said\n{screen}");
}

#[test]
fn before_the_store_took_it_esc_stops_nothing() {
    let mut console = counting("colorpictures");
    console.answer_identify();
    console.pass(400);
    console.keys("\n\u{1b}");
    assert_eq!((console.changes().len(), stopped(&console)), (1, Vec::new()));
}

#[test]
fn esc_elsewhere_ends_what_is_said_first_and_the_wait_last() {
    let (mut console, ticket) = watched("colorpictures");
    console.go_to("climate-data");
    console.keys("p\u{1b}");
    assert_eq!(stopped(&console), [], "the countdown under the cursor comes first");
    console.keys("\u{1b}");
    assert_eq!(stopped(&console), [ticket]);
}

#[test]
fn the_report_of_a_plan_stops_all_waits() {
    let mut console = Console::board(80, 24);
    console.keys("*p");
    console.see();
    console.keys("y");
    console.answer_identify();
    let tickets: Vec<Ticket> = console.changes().into_iter().map(|(ticket, ..)| ticket).collect();
    assert_eq!(tickets.len(), 3);
    for ticket in &tickets[..2] {
        console.send(Msg::PayerAccepted(*ticket));
    }
    console.keys("s");
    let mut ended = stopped(&console);
    ended.sort();
    assert_eq!(ended, tickets[..2], "the third was not taken yet");
}

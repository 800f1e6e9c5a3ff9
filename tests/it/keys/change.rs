//! The way of `p`.

use whopays::app::{Effect, KeyCode, Msg, Origin};
use whopays::audit::Outcome;
use whopays::config::{Config, PayerToggle, Settings};
use whopays::domain::{Access, Error, ErrorKind, Payer, Provider};

use super::driver::{Console, account};

fn on(bucket: &str) -> Console {
    let mut console = Console::board(80, 24);
    console.go_to(bucket);
    console.draw();
    console
}

/// A console whose only account has this access and toggle, with one bucket that its owner pays for.
pub(super) fn with(access: Access, payer_toggle: PayerToggle) -> Console {
    let mut console = Console::new(80, 24);
    let mut research = account("research", Provider::S3, "us-west-2");
    research.access = access;
    let settings = Settings { payer_toggle, ..Settings::default() };
    console.load(Config { accounts: vec![research], settings, ..Config::default() }, Origin::File("c".to_owned()));
    console.list(0, &["colorpictures", "maps"], "us-west-2");
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    console.draw();
    console
}

#[test]
fn p_waits_in_sight_then_sends_and_shows_what_the_store_answers() {
    let mut console = on("colorpictures");
    console.keys("p");
    let screen = console.draw();
    assert!(screen.contains("BucketOwner → Requester in 5 s"), "{screen}");
    assert!(screen.contains("anonymous access ends"), "J5: {screen}");
    console.answer_identify();
    for left in ["4 s", "3 s", "2 s", "1 s"] {
        console.second();
        assert!(console.sent().is_empty());
        assert!(console.draw().contains(&format!("BucketOwner → Requester in {left}")));
    }
    console.second();
    assert_eq!(console.sent(), [("colorpictures".to_owned(), "Requester".to_owned())]);
    assert!(console.draw().contains("changing → Requester"));
    let (ticket, ..) = console.changes()[0].clone();
    console.send(Msg::PayerAccepted(ticket));
    // P8: accepted is not applied; the store has not said so yet.
    assert!(!console.draw().lines().any(|line| line.contains("colorpictures") && line.contains(" Requester ")));
    console.end_change(Outcome::Verified, Some(Payer::Requester), None);
    let screen = console.draw();
    assert!(screen.contains("research:colorpictures has payer Requester: the store says so"), "{screen}");
    assert!(screen.lines().any(|line| line.contains("▸ research") && line.contains("Requester")), "{screen}");
}

#[test]
fn the_order_carries_place_before_and_identity() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.answer_identify();
    console.draw();
    (0..5).for_each(|_| console.second());
    let change = console.ever(|order| match order {
        Effect::ChangePayer(_, change) => Some(change.clone()),
        _ => None,
    });
    assert_eq!(change.len(), 1);
    assert_eq!(change[0].place.id.to_string(), "research:colorpictures");
    assert_eq!(change[0].place.region.as_deref(), Some("us-west-2"));
    assert_eq!(change[0].before, Some(Payer::BucketOwner));
    assert_eq!(change[0].to, Payer::Requester);
    assert_eq!(change[0].identity.as_deref(), Some("arn:aws:iam::111122223333:user/research"));
}

#[test]
fn the_change_waits_for_the_name_that_the_journal_writes_and_can_still_be_called_off() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.draw();
    (0..5).for_each(|_| console.second());
    assert!(console.sent_so_far().is_empty());
    assert!(console.draw().contains("asking whose keys these are"));
    console.keys("\u{1b}");
    console.answer_identify();
    assert!(console.sent().is_empty());
}

#[test]
fn a_failing_sts_does_not_stop_a_change() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.draw();
    let ticket = console.pick(|order| match order {
        Effect::Identify(ticket, _) => Some(*ticket),
        _ => None,
    });
    console.send(Msg::Identified(ticket, Err(Error::new(ErrorKind::Network, "no STS"))));
    (0..5).for_each(|_| console.second());
    assert_eq!(console.sent().len(), 1);
}

#[test]
fn esc_and_a_second_p_call_it_off() {
    for key in ["\u{1b}", "p"] {
        let mut console = on("colorpictures");
        console.keys("p");
        console.draw();
        console.keys(key);
        assert!(console.draw().contains("called off, nothing was sent"));
        (0..7).for_each(|_| console.second());
        assert!(console.sent().is_empty(), "I1");
        assert!(console.open(|order| matches!(order, Effect::Wait(..)).then_some(())).is_empty());
    }
}

#[test]
fn enter_sends_now_but_not_before_the_countdown_was_seen() {
    // G7: `p` and Enter typed ahead.
    let mut console = on("colorpictures");
    console.keys("p\n");
    console.answer_identify();
    assert!(console.sent().is_empty());
    console.draw();
    console.keys("\n");
    assert!(console.sent().is_empty(), "0 ms after the frame");
    console.pass(400);
    console.keys("\n");
    assert_eq!(console.sent().len(), 1);
    (0..6).for_each(|_| console.second());
    assert_eq!(console.sent().len(), 1);
}

#[test]
fn a_terminal_that_takes_no_frames_gets_no_change() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.answer_identify();
    (0..20).for_each(|_| console.second());
    assert!(console.sent().is_empty());
    console.draw();
    (0..5).for_each(|_| console.second());
    assert_eq!(console.sent().len(), 1);
}

#[test]
fn a_machine_that_slept_calls_it_off() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.draw();
    console.pass(600_000);
    console.second();
    assert!(console.draw().contains("called off"));
    (0..9).for_each(|_| console.second());
    assert!(console.sent().is_empty());
}

#[test]
fn moving_on_keeps_the_change_in_sight() {
    let mut console = on("colorpictures");
    console.keys("pG");
    let screen = console.draw();
    assert!(screen.contains("BucketOwner → Requester in 5 s"), "{screen}");
    assert!(screen.contains("research:colorpictures Requester in 5 s (Esc calls off)"), "{screen}");
    // Enter on another bucket opens it and sends nothing.
    console.pass(400);
    console.keys("\n");
    assert!(console.sent().is_empty());
    console.keys("5");
    assert!(console.draw().contains("research:colorpictures Requester in 5 s"));
    console.keys("\u{1b}");
    (0..7).for_each(|_| console.second());
    assert!(console.sent().is_empty());
}

#[test]
fn a_bucket_has_one_change_at_a_time() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.answer_identify();
    console.see();
    console.keys("\n");
    console.keys("pppp\nU");
    console.see();
    assert_eq!(console.sent().len(), 1, "I1");
    assert!(console.model.dirty() || console.draw().contains("changing"));
}

#[test]
fn not_applied_failed_and_unknown_say_so_and_show_the_store_s_value() {
    let change = |outcome, after, error| {
        let mut console = on("colorpictures");
        console.keys("p");
        console.answer_identify();
        console.see();
        console.keys("\n");
        console.pass(10_000);
        console.end_change(outcome, after, error);
        console.draw()
    };
    // D9
    let screen = change(Outcome::NotApplied, Some(Payer::BucketOwner), None);
    assert!(screen.contains("still answers BucketOwner"), "{screen}");
    assert!(screen.lines().any(|line| line.contains("▸ research") && line.contains("BucketOwner")), "{screen}");
    let error = Error::new(ErrorKind::Denied, "bucket \"colorpictures\": access denied").hint("Ask for s3:PutBucketRequestPayment.");
    let screen = change(Outcome::Failed, None, Some(error));
    assert!(screen.contains("not changed: bucket \"colorpictures\": access denied"), "{screen}");
    assert!(screen.contains("Ask for s3:PutBucketRequestPayment."), "{screen}");
    assert!(screen.lines().any(|line| line.contains("▸ research") && line.contains("BucketOwner")), "{screen}");
    let screen = change(Outcome::Unknown, None, Some(Error::new(ErrorKind::Network, "the connection broke")));
    assert!(screen.contains("nobody knows whether it was changed: press r"), "{screen}");
    // The old answer's time must not stand beside a value that the store never said.
    assert!(screen.contains("failed at 2026-11-20 14:02:21"), "{screen}");
    assert!(screen.lines().any(|line| line.contains("▸ research") && line.contains("failed")), "{screen}");
}

#[test]
fn revert_takes_back_the_last_verified_changes_one_by_one() {
    let mut console = Console::board(80, 24);
    for bucket in ["colorpictures", "climate-data"] {
        console.go_to(bucket);
        console.keys("p");
        console.answer_identify();
        console.see();
        console.keys("\n");
        console.end_change(Outcome::Verified, Some(Payer::Requester), None);
    }
    console.keys("U");
    let screen = console.see();
    assert!(screen.contains("Requester → BucketOwner in 5 s"), "{screen}");
    assert!(screen.contains("the owner pays for every reader's requests and traffic"), "J5: {screen}");
    (0..5).for_each(|_| console.second());
    console.end_change(Outcome::Verified, Some(Payer::BucketOwner), None);
    console.keys("U");
    console.see();
    (0..5).for_each(|_| console.second());
    console.end_change(Outcome::Verified, Some(Payer::BucketOwner), None);
    let reverted: Vec<(String, String)> = console.sent().split_off(2);
    assert_eq!(reverted, [("climate-data".to_owned(), "BucketOwner".to_owned()), ("colorpictures".to_owned(), "BucketOwner".to_owned())]);
    console.keys("U");
    assert!(console.draw().contains("no verified change of this session is left"));
}

#[test]
fn an_unread_payer_is_read_first_and_then_said() {
    let mut console = Console::two_accounts(80, 24);
    console.list(0, &["colorpictures"], "us-west-2");
    console.go_to("colorpictures");
    console.keys("p");
    assert!(console.draw().contains("reading the payer of research:colorpictures first"));
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    assert!(console.draw().contains("research:colorpictures has payer BucketOwner: press p to change it"));
    assert!(console.open(|order| matches!(order, Effect::Wait(..)).then_some(())).is_empty());
}

#[test]
fn foreign_denied_and_read_only_buckets_are_refused_with_a_reason() {
    let mut console = on("arxiv");
    console.keys("p");
    let screen = console.draw();
    assert!(screen.contains("research:arxiv is not this account's bucket. Only its owner may change who pays."), "{screen}");

    let mut console = with(Access::ReadOnly, PayerToggle::Grace);
    console.keys("p");
    assert!(console.draw().contains("account research is read-only"));

    let mut console = Console::two_accounts(80, 24);
    console.list(0, &["plain"], "us-west-2");
    console.answer_reads(|_| Err(Error::new(ErrorKind::Unsupported, "this store has no requester pays")));
    console.go_to("plain");
    console.keys("p");
    assert!(console.draw().contains("this store has no requester pays. Nothing can be changed here."));
}

#[test]
fn immediate_sends_at_once_and_confirm_asks() {
    let mut console = with(Access::Normal, PayerToggle::Immediate);
    console.keys("p");
    console.answer_identify();
    assert_eq!(console.sent().len(), 1);

    let mut console = with(Access::Normal, PayerToggle::Confirm);
    console.keys("p");
    assert!(console.see().contains("Change who pays for research:colorpictures?"));
    console.keys("y");
    console.answer_identify();
    assert_eq!(console.sent(), [("colorpictures".to_owned(), "Requester".to_owned())]);
}

#[test]
fn a_reading_during_the_grace_period_corrects_where_it_starts_from() {
    // I2: someone else has changed it meanwhile.
    let mut console = on("colorpictures");
    console.keys("pr");
    console.draw();
    console.answer_reads(|_| Ok(Payer::Requester));
    assert!(console.draw().contains("called off, the store says Requester already"));
    (0..6).for_each(|_| console.second());
    assert!(console.sent().is_empty());
}

#[test]
fn a_reading_under_way_is_dropped_when_the_change_is_sent() {
    let mut console = on("colorpictures");
    console.keys("r");
    let (late, _) = console.reads()[0].clone();
    console.keys("p");
    console.answer_identify();
    console.see();
    console.keys("\n");
    assert!(console.log.contains(&Effect::Cancel(late)));
    console.end_change(Outcome::Verified, Some(Payer::Requester), None);
    console.answer_read(late, Ok(Payer::BucketOwner));
    assert!(console.draw().lines().any(|line| line.contains("▸ research") && line.contains("Requester")));
}

#[test]
fn suspending_and_shrinking_call_off_what_nobody_would_see() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.draw();
    assert_eq!(console.control('z').last(), Some(&Effect::Suspend));
    (0..6).for_each(|_| console.second());
    assert!(console.sent().is_empty());

    console.keys("p");
    console.draw();
    console.resize(30, 6);
    console.resize(80, 24);
    console.draw();
    (0..6).for_each(|_| console.second());
    assert!(console.sent().is_empty());
}

#[test]
fn leaving_calls_off_what_waits_and_asks_while_changes_run() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.draw();
    assert_eq!(console.press(KeyCode::Char('q')).last(), Some(&Effect::Quit));
    (0..6).for_each(|_| console.second());
    assert!(console.sent().is_empty());

    let mut console = on("colorpictures");
    console.keys("p");
    console.answer_identify();
    console.see();
    console.keys("\nqy");
    assert!(!console.log.contains(&Effect::Quit), "typed ahead");
    assert!(console.see().contains("Leave while changes run?"));
    console.keys("\n");
    assert!(!console.log.contains(&Effect::Quit), "Enter alone is no");
    console.keys("q");
    console.see();
    console.keys("y");
    assert_eq!(console.log.last(), Some(&Effect::Quit));
}

#[test]
fn every_change_is_followed_by_a_look_into_the_journal() {
    let mut console = on("colorpictures");
    let reads = |console: &Console| console.ever(|order| matches!(order, Effect::ReadJournal(..)).then_some(())).len();
    let before = reads(&console);
    console.keys("p");
    console.answer_identify();
    console.see();
    console.keys("\n");
    console.end_change(Outcome::Verified, Some(Payer::Requester), None);
    assert_eq!(reads(&console), before + 1);
}

#[test]
fn keys_act_on_what_is_shown() {
    // Details of an account, and a line of the journal, are no place to change the bucket that stands behind them.
    for way in ["hji", "5", "5i"] {
        let mut console = on("colorpictures");
        console.keys(way);
        console.keys("pU");
        console.draw();
        (0..7).for_each(|_| console.second());
        assert!(console.sent().is_empty(), "{way}");
    }
}

#[test]
fn a_filter_being_typed_does_not_hide_the_countdown() {
    for (width, height) in [(80, 24), (120, 40), (40, 10)] {
        let mut console = Console::board(width, height);
        console.go_to("colorpictures");
        console.keys("p/nothing-matches-this");
        let screen = console.draw();
        assert!(screen.contains("/ nothing-matches-this") && screen.contains("in 5 s"), "{screen}");
    }
}

#[test]
fn leaving_while_the_name_is_still_asked_sends_nothing() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.see();
    console.keys("\nq");
    console.see();
    console.keys("y");
    assert_eq!(console.log.last(), Some(&Effect::Quit));
    console.answer_identify();
    assert!(console.sent().is_empty());
}

#[test]
fn help_and_palette_do_not_hide_the_countdown() {
    for (width, height) in [(80, 24), (40, 10)] {
        for way in ["?", ":", "o", "y"] {
            let mut console = Console::board(width, height);
            console.go_to("colorpictures");
            console.keys("p");
            console.keys(way);
            let screen = console.draw();
            assert!(screen.contains("Requester in 5 s"), "{way} {width}x{height}\n{screen}");
        }
    }
}

#[test]
fn two_changes_can_wait_at_once_and_both_are_told() {
    let mut console = on("colorpictures");
    console.keys("p");
    console.second();
    console.go_to("climate-data");
    console.keys("p");
    let screen = console.draw();
    assert!(screen.contains("2 changes wait; Requester in 5 s"), "{screen}");
    // Esc takes back the one under the cursor; the other goes on.
    console.keys("\u{1b}");
    (0..6).for_each(|_| console.second());
    assert_eq!(console.sent(), [("colorpictures".to_owned(), "Requester".to_owned())]);
}

#[test]
fn only_enter_sends_now_and_not_the_other_keys_that_open() {
    for code in [KeyCode::Char('l'), KeyCode::Right, KeyCode::Char('i'), KeyCode::Char('y')] {
        let mut console = on("colorpictures");
        console.keys("p");
        console.see();
        console.press(code);
        assert!(console.sent().is_empty(), "{code:?}");
    }
    // In the bucket's details Enter means the same as on its row.
    let mut console = on("colorpictures");
    console.keys("pi");
    console.see();
    console.keys("\n");
    assert_eq!(console.sent().len(), 1);
}

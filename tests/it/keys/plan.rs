//! Several buckets, protected accounts, confirmations.

use whopays::app::{Effect, KeyCode, Msg, Origin};
use whopays::audit::Outcome;
use whopays::config::{Config, PayerToggle};
use whopays::domain::{Access, Error, ErrorKind, Payer, Provider};

use super::change::with;
use super::driver::{Console, account};

fn all_marked() -> Console {
    let mut console = Console::board(80, 24);
    console.keys("*p");
    console
}

#[test]
fn marked_buckets_get_a_plan_with_consequences_and_reasons() {
    let mut console = all_marked();
    let screen = console.draw();
    for text in [
        "Change who pays for 3 buckets?",
        "to Requester: anonymous access ends",
        "research:climate-data   BucketOwner → Requester",
        "research:colorpictures  BucketOwner → Requester",
        "lab:lab-results         BucketOwner → Requester",
        "research:arxiv          skipped: is not this account's bucket",
        "research:maps           skipped: is Requester already",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("\t");
    let screen = console.draw();
    assert!(
        screen.contains("Change who pays for research:maps?") && screen.contains("research:maps           Requester → BucketOwner"),
        "{screen}"
    );
    assert!(screen.contains("anonymous readers included"), "J5: {screen}");
}

#[test]
fn enter_alone_escape_and_n_mean_no() {
    for key in ["\n", "\u{1b}", "n"] {
        let mut console = all_marked();
        console.see();
        console.keys(key);
        assert!(console.draw().contains("nothing was changed"), "{key:?}");
        console.keys("y");
        (0..9).for_each(|_| console.second());
        assert!(console.sent().is_empty(), "J6");
    }
}

#[test]
fn keys_typed_ahead_and_pasted_text_never_confirm() {
    // G7, G6
    let mut console = Console::board(80, 24);
    console.keys("*py\ny");
    assert!(console.sent().is_empty());
    console.draw();
    console.keys("y");
    assert!(console.sent().is_empty(), "within 300 ms of the frame");
    console.pass(400);
    console.send(Msg::Paste("y\ny\n".to_owned()));
    assert!(console.sent().is_empty());
    assert!(console.draw().contains("a paste does not confirm"));
}

#[test]
fn a_confirmed_plan_runs_eight_at_a_time_and_ends_in_a_report() {
    let mut console = Console::new(120, 40);
    let accounts = vec![account("research", Provider::S3, "us-west-2")];
    console.load(Config { accounts, ..Config::default() }, Origin::File("c".to_owned()));
    let names: Vec<String> = (0..20).map(|n| format!("bucket-{n:02}")).collect();
    console.list(0, &names.iter().map(String::as_str).collect::<Vec<_>>(), "us-west-2");
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    console.keys("*p");
    console.see();
    console.keys("y");
    console.answer_identify();
    assert_eq!(console.changes().len(), 8);
    assert!(console.draw().contains("0 of 20 done"));
    for n in 0..20 {
        assert!(console.changes().len() <= 8);
        if n == 3 {
            let error = Error::new(ErrorKind::Denied, "bucket \"bucket-03\": access denied").hint("Ask for s3:PutBucketRequestPayment.");
            console.end_change(Outcome::Failed, None, Some(error));
        } else {
            console.end_change(Outcome::Verified, Some(Payer::Requester), None);
        }
    }
    assert_eq!(console.sent().len(), 20);
    let screen = console.draw();
    assert!(screen.contains("19 of 20 verified"), "{screen}");
    assert!(screen.contains("failed") && screen.contains("access denied. Ask for s3:PutBucketRequestPayment."), "{screen}");
    console.keys("\u{1b}L");
    assert!(console.draw().contains("19 of 20 verified"));
}

#[test]
fn what_was_not_sent_yet_can_be_stopped() {
    let mut console = all_marked();
    console.see();
    console.keys("y");
    console.answer_identify();
    console.keys("s");
    let sent = console.sent().len();
    while !console.changes().is_empty() {
        console.end_change(Outcome::Verified, Some(Payer::Requester), None);
    }
    assert_eq!(console.sent().len(), sent);
}

#[test]
fn a_list_refresh_during_the_dialog_keeps_the_confirmed_buckets() {
    // I3, P5: identity, not line numbers.
    let mut console = Console::board(80, 24);
    console.press(KeyCode::Left);
    console.keys("jr");
    console.press(KeyCode::Enter);
    console.go_to("climate-data");
    console.keys("  ");
    console.keys("p");
    assert!(console.see().contains("Change who pays for 2 buckets?"));
    console.list(0, &["aaa-new", "bbb-new", "climate-data", "colorpictures", "maps"], "us-west-2");
    console.see();
    console.keys("y");
    console.answer_identify();
    let mut sent: Vec<String> = console.sent().into_iter().map(|(bucket, _)| bucket).collect();
    sent.sort();
    assert_eq!(sent, ["climate-data", "colorpictures"]);
}

#[test]
fn unread_payers_are_read_before_the_question_counts() {
    let mut console = Console::two_accounts(80, 24);
    console.list(0, &["colorpictures", "maps"], "us-west-2");
    let (ticket, _) = console.reads().into_iter().find(|(_, bucket)| bucket == "maps").unwrap();
    console.answer_read(ticket, Ok(Payer::BucketOwner));
    console.go_to("colorpictures");
    console.keys("  p");
    assert!(console.see().contains("reading its payer…"));
    console.keys("y");
    assert!(console.sent().is_empty());
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    // The lines have changed: what was seen before does not count.
    console.keys("y");
    assert!(console.sent().is_empty());
    console.see();
    console.keys("y");
    console.answer_identify();
    assert_eq!(console.sent().len(), 2);
}

#[test]
fn a_protected_account_wants_the_bucket_s_name() {
    let mut console = with(Access::Protected, PayerToggle::Immediate);
    console.keys("p");
    assert!(console.see().contains("protected: type `colorpictures`, then Enter"));
    console.keys("y\n");
    assert!(console.draw().contains("that is not the text to type"));
    console.pass(400);
    console.press(KeyCode::Backspace);
    console.keys("colorpictures");
    console.keys("\n");
    console.answer_identify();
    assert_eq!(console.sent(), [("colorpictures".to_owned(), "Requester".to_owned())]);
}

#[test]
fn several_buckets_of_a_protected_account_want_count_and_account() {
    let mut console = with(Access::Protected, PayerToggle::Grace);
    console.keys("*p");
    assert!(console.see().contains("protected: type `2 research`, then Enter"));
    console.keys("2 research\n");
    console.answer_identify();
    assert_eq!(console.sent().len(), 2);
}

#[test]
fn an_unknown_value_asks_which_one_to_set() {
    let mut console = Console::two_accounts(80, 24);
    console.list(0, &["colorpictures"], "us-west-2");
    console.answer_reads(|_| Ok(Payer::Other("Sponsor".to_owned())));
    console.go_to("colorpictures");
    console.keys("p");
    let screen = console.see();
    assert!(screen.contains("research:colorpictures  Sponsor? → Requester"), "{screen}");
    console.keys("\t");
    console.see();
    console.keys("y");
    console.answer_identify();
    assert_eq!(console.sent(), [("colorpictures".to_owned(), "BucketOwner".to_owned())]);
}

#[test]
fn a_countdown_never_goes_on_behind_the_plan() {
    let mut console = Console::board(80, 24);
    console.go_to("colorpictures");
    console.keys("p");
    console.draw();
    console.keys("*p");
    console.see();
    (0..9).for_each(|_| console.second());
    assert!(console.sent().is_empty());
    console.see();
    console.keys("y");
    console.answer_identify();
    let sent = console.sent();
    assert_eq!(sent.iter().filter(|(bucket, _)| bucket == "colorpictures").count(), 1, "I1");
    assert!(console.open(|order| matches!(order, Effect::Wait(..)).then_some(())).is_empty());
}

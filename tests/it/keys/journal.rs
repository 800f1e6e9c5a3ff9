//! Screen 5.

use whopays::app::{Clip, Effect, KeyCode, Msg, Ticket};
use whopays::audit::{Change, Outcome};
use whopays::domain::{AccountName, BucketId, BucketName, Error, ErrorKind, Payer, Provider};

use super::driver::{Console, noon};

fn line(id: i64, bucket: &str) -> Change {
    Change {
        id,
        at: noon(),
        bucket: BucketId { account: AccountName::new("research"), bucket: BucketName::parse(Provider::S3, bucket).unwrap() },
        provider: Provider::S3,
        identity: Some("arn:aws:iam::111122223333:user/ada".to_owned()),
        before: Some(Payer::BucketOwner),
        asked: Payer::Requester,
        after: Some(Payer::Requester),
        outcome: Outcome::Verified,
        request_id: Some(format!("REQ{id}")),
        error: None,
    }
}

fn open_read(console: &Console) -> Ticket {
    *console
        .open(|order| match order {
            Effect::ReadJournal(ticket, _) => Some(*ticket),
            _ => None,
        })
        .last()
        .unwrap()
}

fn journal() -> Console {
    let mut console = Console::board(80, 24);
    console.keys("5");
    let ticket = open_read(&console);
    console.send(Msg::JournalRead(ticket, Ok(vec![line(3, "maps"), line(2, "colorpictures"), line(1, "climate-data")])));
    console
}

#[test]
fn opening_it_reads_it_and_a_late_answer_changes_nothing() {
    let mut console = Console::board(80, 24);
    let old = open_read(&console);
    console.keys("5");
    assert!(console.log.contains(&Effect::Cancel(old)));
    console.send(Msg::JournalRead(old, Ok(vec![line(9, "ghost")])));
    assert!(console.draw().contains("reading the journal…"));
    let ticket = open_read(&console);
    console.send(Msg::JournalRead(ticket, Ok(Vec::new())));
    assert!(console.draw().contains("no payer was changed yet"));
}

#[test]
fn a_line_has_its_details_and_the_filter_narrows() {
    let mut console = journal();
    console.press(KeyCode::Down);
    let screen = console.draw();
    for text in ["Change 2", "research:colorpictures (s3)", "verified; the store answered Requester afterwards", "user/ada"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("/climate\n");
    let screen = console.draw();
    assert!(screen.contains("Journal  1 change") && screen.contains("Change 1") && !screen.contains("research:maps"), "{screen}");
    console.keys("\u{1b}1");
    assert!(console.draw().contains("BUCKET"));
    assert_eq!(console.model.shown(), 5, "the board's own filter was not touched");
}

#[test]
fn a_journal_that_cannot_be_read_keeps_what_was_on_screen() {
    let mut console = journal();
    console.keys("r");
    let ticket = open_read(&console);
    console.send(Msg::JournalRead(ticket, Err(Error::new(ErrorKind::Local, "the journal is locked").hint("Close the other program."))));
    let screen = console.draw();
    assert!(screen.contains("research:maps") && screen.contains("the journal is locked. Close the other program."), "{screen}");
}

#[test]
fn the_board_s_details_tell_the_last_change() {
    let mut console = journal();
    console.keys("1");
    console.go_to("colorpictures");
    console.keys("i");
    assert!(console.draw().contains("2026-11-20 14:02:11 BucketOwner → Requester, verified, by"));
}

#[test]
fn the_last_change_can_be_reverted_where_it_is_listed() {
    let mut console = Console::board(80, 24);
    console.go_to("colorpictures");
    console.keys("p");
    console.answer_identify();
    console.see();
    console.keys("\n");
    console.end_change(Outcome::Verified, Some(Payer::Requester), None);
    console.keys("5");
    assert!(console.draw().lines().last().unwrap().contains("U revert"));
    console.keys("U");
    let screen = console.see();
    assert!(screen.contains("research:colorpictures BucketOwner in 5 s (Esc calls off)"), "{screen}");
    console.keys("\u{1b}");
    assert!(console.draw().contains("called off, nothing was sent"));
}

#[test]
fn a_change_can_be_copied_in_the_words_of_other_tools() {
    let mut console = journal();
    for (line, text) in [
        (0, "research:maps"),
        (1, "whopays payer get research:maps"),
        (
            2,
            "aws s3api put-bucket-request-payment --bucket maps --request-payment-configuration Payer=Requester --region us-west-2 \
             --profile research",
        ),
        (4, "REQ3"),
    ] {
        console.keys("y");
        (0..line).for_each(|_| console.keys("j"));
        console.keys("\n");
        assert_eq!(console.log.last(), Some(&Effect::Copy(Clip::new(text))));
    }
}

//! Which payers are read, and when.

use std::collections::HashMap;

use whopays::app::{Effect, KeyCode, Msg, Origin, PayerFact, Ticket};
use whopays::config::Config;
use whopays::domain::{Error, ErrorKind, Payer, Provider, StoreAnswer};

use super::driver::{Console, Last, account, denied, record};

/// One account with this many buckets, none of whose payers is answered.
fn many(count: usize) -> Console {
    let mut console = Console::new(80, 24);
    let accounts = vec![account("research", Provider::S3, "us-west-2")];
    console.load(Config { accounts, ..Config::default() }, Origin::File("c".to_owned()));
    let names: Vec<String> = (0..count).map(|n| format!("bucket-{n:05}")).collect();
    let pages = names.chunks(1000).count();
    for (index, page) in names.chunks(1000).enumerate() {
        let last = if index + 1 == pages { Last::Yes } else { Last::No };
        console.page(0, page.iter().map(|name| record(name, "us-west-2")).collect(), last);
    }
    console
}

fn asked(console: &Console) -> HashMap<String, usize> {
    let mut asked = HashMap::new();
    for bucket in console.ever(|order| match order {
        Effect::ReadPayer(_, place) => Some(place.id.bucket.to_string()),
        _ => None,
    }) {
        *asked.entry(bucket).or_insert(0) += 1;
    }
    asked
}

#[test]
fn only_rows_in_sight_and_one_screen_beyond_are_read() {
    let mut console = many(1000);
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    // 24 lines: header, rule, heads, 13 rows, details of 5 lines, status of 2, footer; two screens are 26 rows.
    let screen = console.draw();
    let rows = screen.lines().filter(|line| line.contains("bucket-00")).count();
    assert_eq!(asked(&console).len(), 26, "{screen}");
    assert!(rows >= 13);
    console.press(KeyCode::PageDown);
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    assert!(asked(&console).len() > 26 && asked(&console).len() <= 39);
}

#[test]
fn ten_thousand_buckets_never_have_more_than_32_questions_under_way_and_each_is_asked_once() {
    let mut console = many(10_000);
    console.keys("#");
    assert!(console.draw().contains("reading 0 of 10,000 payers"));
    let mut most = 0;
    while let Some((ticket, _)) = console.reads().last().cloned() {
        most = most.max(console.reads().len());
        console.answer_read(ticket, Ok(Payer::Requester));
    }
    assert_eq!(most, 32);
    let asked = asked(&console);
    assert_eq!(asked.len(), 10_000);
    assert!(asked.values().all(|count| *count == 1));
    let screen = console.draw();
    assert!(screen.contains("10,000 · 10,000 Requester"), "{screen}");
    assert!(!screen.contains("reading"), "{screen}");
}

#[test]
fn escape_stops_reading_the_rest() {
    let mut console = many(1000);
    console.keys("#");
    console.keys("\u{1b}");
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    assert!(asked(&console).len() <= 32, "{}", asked(&console).len());
}

#[test]
fn sorting_and_filtering_by_payer_read_the_rest_and_words_do_not() {
    let mut console = many(100);
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    assert_eq!(asked(&console).len(), 26);
    console.keys("/bucket-0009\n");
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    assert_eq!(asked(&console).len(), 36);
    console.keys("\u{1b}/payer:requester");
    assert!(console.draw().contains("no bucket matches") || !console.reads().is_empty());
    console.answer_reads(|bucket| if bucket == "bucket-00077" { Ok(Payer::Requester) } else { Ok(Payer::BucketOwner) });
    assert_eq!(asked(&console).len(), 100);
    let screen = console.draw();
    assert!(screen.contains("bucket-00077") && !screen.contains("bucket-00001"), "{screen}");

    let mut console = many(100);
    console.keys("sss");
    console.answer_reads(|bucket| if bucket == "bucket-00077" { Ok(Payer::Requester) } else { Ok(Payer::BucketOwner) });
    assert_eq!(asked(&console).len(), 100);
    let screen = console.draw();
    let first = screen.lines().nth(3).unwrap();
    assert!(first.contains("bucket-00077"), "{screen}");
}

#[test]
fn a_stale_answer_changes_nothing() {
    let mut console = many(3);
    let (ticket, _) = console.reads()[0].clone();
    let fact = || PayerFact { payer: Payer::Requester, at: console_now(), region: None, request_id: None };
    let before = console.model.generation();
    console.send(Msg::PayerRead(Ticket(9999), Ok(fact())));
    console.send(Msg::PayerAccepted(ticket));
    console.send(Msg::Elapsed(ticket));
    assert_eq!(console.model.generation(), before);
    assert!(!console.draw().contains("Requester"));
    // The right answer still counts, but only once (I5: to its own bucket).
    console.answer_read(ticket, Ok(Payer::Requester));
    let generation = console.model.generation();
    console.send(Msg::PayerRead(ticket, Ok(fact())));
    assert_eq!(console.model.generation(), generation);
    assert_eq!(console.draw().lines().filter(|line| line.contains("bucket-") && line.contains("Requester")).count(), 1);
}

fn console_now() -> jiff::Timestamp {
    super::driver::noon()
}

#[test]
fn refresh_asks_again_and_a_broken_line_does_not_lose_what_was_known() {
    let mut console = Console::board(80, 24);
    console.go_to("maps");
    console.keys("r");
    let (ticket, bucket) = console.reads()[0].clone();
    assert_eq!(bucket, "maps");
    let error = Error::new(ErrorKind::Network, "no connection to s3.us-west-2.amazonaws.com").hint("Check the network.");
    console.answer_read(ticket, Err(error));
    let screen = console.draw();
    let row = screen
        .lines()
        .find(|line| line.contains("▸research"))
        .unwrap_or_else(|| screen.lines().find(|line| line.contains("maps  ")).unwrap());
    assert!(row.contains("Requester") || screen.contains("Requester"), "{screen}");
    assert!(screen.contains("no connection to s3"), "{screen}");
    // A refusal is an answer: it replaces the old value.
    console.keys("r");
    let (ticket, _) = console.reads()[0].clone();
    console.answer_read(ticket, Err(denied("maps")));
    assert!(console.draw().lines().any(|line| line.contains("maps") && line.contains("denied")));
}

#[test]
fn marked_rows_are_refreshed_together() {
    let mut console = Console::board(80, 24);
    console.go_to("climate-data");
    console.keys("  r");
    let mut buckets: Vec<String> = console.reads().into_iter().map(|(_, bucket)| bucket).collect();
    buckets.sort();
    assert_eq!(buckets, ["climate-data", "colorpictures"]);
}

#[test]
fn an_unknown_value_is_shown_and_never_mapped() {
    // A13
    let mut console = many(1);
    console.answer_reads(|_| Ok(Payer::Other("Sponsor".to_owned())));
    let screen = console.draw();
    assert!(screen.contains("Sponsor?"), "{screen}");
    assert!(screen.contains("1 other"), "{screen}");
}

#[test]
fn a_hanging_account_leaves_room_for_the_others() {
    let mut console = Console::two_accounts(80, 60);
    let names: Vec<String> = (0..60).map(|n| format!("slow-{n:02}")).collect();
    console.page(0, names.iter().map(|name| record(name, "us-west-2")).collect(), Last::Yes);
    console.list(1, &["lab-results"], "cn-hangzhou");
    console.keys("#");
    let open: Vec<String> = console.reads().into_iter().map(|(_, bucket)| bucket).collect();
    assert!(open.contains(&"lab-results".to_owned()), "{open:?}");
    assert!(open.len() <= 32);
}

#[test]
fn what_is_not_read_stays_below_in_both_directions() {
    let mut console = many(3);
    console.keys("sss");
    let reads = console.reads();
    console.answer_read(reads[0].0, Ok(Payer::BucketOwner));
    console.answer_read(reads[1].0, Ok(Payer::Requester));
    let order = |console: &mut Console| -> Vec<String> {
        console.draw().lines().skip(3).take(3).map(|line| line.split("bucket-0000").nth(1).unwrap()[..1].to_owned()).collect()
    };
    assert_eq!(order(&mut console), ["1", "0", "2"]);
    console.keys("S");
    assert_eq!(order(&mut console), ["0", "1", "2"]);
}

#[test]
fn a_refusal_tells_the_region_of_a_foreign_bucket_and_owners_of_their_policies() {
    let refused = |bucket: &str| {
        let answer = StoreAnswer { status: 403, region: Some("eu-west-3".to_owned()), ..StoreAnswer::default() };
        Error::new(ErrorKind::Denied, format!("bucket \"{bucket}\": access denied")).hint("Ask the owner.").answer(answer)
    };
    let mut console = Console::two_accounts(120, 40);
    console.list(0, &["colorpictures"], "us-west-2");
    console.keys("oresearch:elsewhere\n");
    console.answer_reads(|bucket| Err(refused(bucket)));
    console.go_to("elsewhere");
    let screen = console.draw();
    assert!(screen.contains("region eu-west-3") && screen.contains("Ask the owner: only"), "{screen}");
    // The listing knows better than an error document, and nobody is told to ask himself.
    console.go_to("colorpictures");
    let screen = console.draw();
    assert!(screen.contains("s3, region us-west-2"), "{screen}");
    assert!(screen.contains("the bucket is this account's own") && screen.contains("`s3:GetBucketRequestPayment`"), "{screen}");
}

#[test]
fn the_details_of_a_row_that_is_being_read_say_so() {
    let mut console = Console::two_accounts(80, 24);
    console.list(0, &["colorpictures"], "us-west-2");
    console.go_to("colorpictures");
    let screen = console.draw();
    assert!(screen.contains("reading…") && screen.contains("the store is being asked"), "{screen}");
}

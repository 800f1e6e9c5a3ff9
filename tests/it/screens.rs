//! How the console looks: cells at fixed sizes, hostile texts, every size.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test picks the one order that it is about")]

mod acts;
mod alarms;
mod doctor;
mod ledger;
mod objects;
mod picture;
mod preflight;
mod probe;
mod sizes;
mod texts;
mod transfers;

use jiff::SignedDuration;
use whopays::app::{Effect, KeyCode, Msg, Origin};
use whopays::audit::{Change, Outcome};
use whopays::config::Config;
use whopays::domain::{AccountName, BucketId, BucketName, Error, ErrorKind, Payer, Provider};

use super::keys::driver::{Console, account, noon};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 10)];

/// A snapshot per size, named after the screen.
fn at_every_size(name: &str, prepare: impl Fn(&mut Console)) {
    for (width, height) in SIZES {
        let mut console = Console::board(width, height);
        prepare(&mut console);
        let screen = console.draw();
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen);
        });
    }
}

/// Brings the cursor to a bucket where the size allows it.
fn go(console: &mut Console, bucket: &str) {
    console.press(KeyCode::Home);
    for _ in 0..console.model.shown() {
        if console.model.selected().is_some_and(|id| id.bucket.as_str() == bucket) {
            return;
        }
        console.press(KeyCode::Down);
    }
}

#[test]
fn board() {
    at_every_size("board", |console| go(console, "colorpictures"));
}

#[test]
fn too_small() {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("too_small_30x6", Console::board(30, 6).draw());
    });
}

#[test]
fn countdown() {
    at_every_size("countdown", |console| {
        go(console, "colorpictures");
        console.keys("p");
    });
}

#[test]
fn changing() {
    at_every_size("changing", |console| {
        go(console, "colorpictures");
        console.keys("p");
        console.answer_identify();
        console.see();
        console.keys("\n");
    });
}

#[test]
fn details_of_a_denied_bucket() {
    at_every_size("details", |console| {
        go(console, "arxiv");
        console.keys("i");
    });
}

#[test]
fn account_that_failed() {
    at_every_size("account", |console| {
        console.press(KeyCode::Left);
        console.keys("jjr");
        if let Some(ticket) = console
            .open(|order| match order {
                Effect::ListBuckets(ticket, _) => Some(*ticket),
                _ => None,
            })
            .first()
            .copied()
        {
            let error = Error::new(ErrorKind::Credentials, "account lab: profile \"lab\" has no keys")
                .hint("Run `aliyun configure --profile lab`.");
            console.send(Msg::Listed(ticket, Err(error)));
        }
    });
}

#[test]
fn plan() {
    at_every_size("plan", |console| console.keys("*p"));
}

#[test]
fn report() {
    at_every_size("report", |console| {
        console.keys("*p");
        console.see();
        console.keys("y");
        console.answer_identify();
        if !console.changes().is_empty() {
            let error =
                Error::new(ErrorKind::Denied, "bucket \"colorpictures\": access denied").hint("Ask for s3:PutBucketRequestPayment.");
            console.end_change(Outcome::Failed, None, Some(error));
            console.end_change(Outcome::Verified, Some(Payer::Requester), None);
        }
    });
}

#[test]
fn help() {
    at_every_size("help", |console| console.keys("?"));
}

#[test]
fn palette() {
    at_every_size("palette", |console| console.keys(":ref"));
}

#[test]
fn copy() {
    at_every_size("copy", |console| {
        go(console, "maps");
        console.keys("y");
    });
}

#[test]
fn filter() {
    at_every_size("filter", |console| console.keys("/region:west ma"));
}

#[test]
fn open_by_name() {
    at_every_size("open", |console| console.keys("onobody:x\n"));
}

fn journal_lines() -> Vec<Change> {
    let line = |id, seconds, bucket: &str, outcome| Change {
        id,
        at: noon() - SignedDuration::from_secs(seconds),
        bucket: BucketId { account: AccountName::new("research"), bucket: BucketName::parse(Provider::S3, bucket).unwrap() },
        provider: Provider::S3,
        identity: Some("arn:aws:iam::111122223333:user/ada".to_owned()),
        before: Some(Payer::BucketOwner),
        asked: Payer::Requester,
        after: (outcome == Outcome::Verified).then_some(Payer::Requester),
        outcome,
        request_id: Some(format!("REQ{id}")),
        error: (outcome == Outcome::Failed).then(|| "bucket \"maps\": access denied".to_owned()),
    };
    vec![
        line(3, 60, "colorpictures", Outcome::Verified),
        line(2, 3600, "maps", Outcome::Failed),
        line(1, 200_000, "climate-data", Outcome::NotApplied),
    ]
}

#[test]
fn journal() {
    at_every_size("journal", |console| {
        console.keys("5");
        if let Some(ticket) = console
            .open(|order| match order {
                Effect::ReadJournal(ticket, _) => Some(*ticket),
                _ => None,
            })
            .last()
            .copied()
        {
            console.send(Msg::JournalRead(ticket, Ok(journal_lines())));
        }
        console.keys("j");
    });
}

#[test]
fn first_frame_and_welcome() {
    for (width, height) in SIZES {
        let mut console = Console::new(width, height);
        let first = console.draw();
        let config = Config { accounts: Vec::new(), ..Config::default() };
        console.load(config, Origin::Nothing("/home/ada/.config/whopays/config.toml".to_owned()));
        let welcome = console.draw();
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("first_{width}x{height}"), first);
            insta::assert_snapshot!(format!("welcome_{width}x{height}"), welcome);
        });
    }
}

#[test]
fn demo_banner_and_picture() {
    let mut console = Console::new(80, 24);
    console.load(Config { accounts: vec![account("research", Provider::S3, "us-west-2")], ..Config::default() }, Origin::Demo);
    console.list(0, &["colorpictures"], "us-west-2");
    console.answer_reads(|_| Ok(Payer::Requester));
    let text = whopays::ui::board_text(&console.model, 80, 24);
    assert_eq!(text, console.draw());
    let svg = whopays::ui::board_svg(&console.model, 80, 24);
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.contains("colorpictures") && svg.contains(">DEMO<"));
    // The requester's colour is told apart in the picture too.
    assert!(svg.lines().any(|line| line.contains("Requester") && line.contains("#c792ea")), "{svg}");
}

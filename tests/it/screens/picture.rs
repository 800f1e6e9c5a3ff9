//! The picture of the README: a board worth looking at, drawn by the program, compared with `assets/board.svg`.

use jiff::tz::TimeZone;
use whopays::app::{Listing, Model, Msg, Origin, Start};
use whopays::config::{Account, Config};
use whopays::domain::{Access, BucketName, BucketRecord, Error, ErrorKind, Ownership, Payer, Provider, StoreAnswer};
use whopays::ui::{self, Terminal};

use crate::keys::driver::{Console, account, foreign, noon, spending};

const WIDTH: u16 = 100;
const HEIGHT: u16 = 30;

const STUDIO: [(&str, &str); 8] = [
    ("aerial-tiles", "us-west-2"),
    ("brand-assets", "us-west-2"),
    ("colorpictures", "us-west-2"),
    ("geo.open-data", "us-west-2"),
    ("legacy-gateway", "us-west-2"),
    ("paris-renders", "eu-west-3"),
    ("sensor-archive", "us-west-2"),
    ("website-static", "us-west-2"),
];
const ARCHIVE: [(&str, &str); 3] = [("deep-freeze", "eu-central-1"), ("library-scans", "eu-central-1"), ("masters-backup", "eu-central-1")];
const LAB: [(&str, &str); 5] = [
    ("color-atlas", "cn-hangzhou"),
    ("lab-microscopy", "cn-hangzhou"),
    ("lab-raw-frames", "cn-hangzhou"),
    ("lab-shanghai", "cn-shanghai"),
    ("telescope-feed", "cn-hangzhou"),
];

fn accounts() -> Vec<Account> {
    let mut archive = account("archive", Provider::S3, "eu-central-1");
    archive.access = Access::Protected;
    let mut research = account("research", Provider::S3, "us-east-1");
    research.buckets.push(foreign("arxiv", "444455556666"));
    vec![
        account("studio", Provider::S3, "us-west-2"),
        research,
        archive,
        account("lab", Provider::Oss, "cn-hangzhou"),
        account("partner", Provider::Oss, "ap-southeast-1"),
    ]
}

fn listed(console: &mut Console, name: &str, provider: Provider, buckets: &[(&str, &str)]) {
    let record = |(bucket, region): &(&str, &str)| BucketRecord {
        name: BucketName::parse(provider, bucket).unwrap(),
        region: Some((*region).into()),
        created: Some("2024-05-01T10:00:00Z".parse().unwrap()),
        ownership: Ownership::Owned,
        owner: Some("111122223333".into()),
    };
    let ticket = console.listing(name);
    let buckets = buckets.iter().map(record).collect();
    console.send(Msg::Listed(ticket, Ok(Listing { buckets, more: false, at: noon() })));
}

fn refused(kind: ErrorKind, status: u16, code: &str) -> Error {
    let answer = StoreAnswer { status, code: code.to_owned(), request_id: Some("7F0A11".to_owned()), ..StoreAnswer::default() };
    Error::new(kind, "refused").answer(answer)
}

/// Both clouds, both payers, a foreign bucket, one that has no such setting, an account whose keys are wrong, and `p` pressed.
fn worth_looking_at() -> Console {
    let mut console = Console::with(Model::new(Start::Config, TimeZone::UTC), Terminal::default(), WIDTH, HEIGHT);
    console.load(Config { accounts: accounts(), ..Config::default() }, Origin::Demo);
    listed(&mut console, "studio", Provider::S3, &STUDIO);
    listed(&mut console, "research", Provider::S3, &[("genome-results", "us-east-1")]);
    listed(&mut console, "archive", Provider::S3, &ARCHIVE);
    listed(&mut console, "lab", Provider::Oss, &LAB);
    let ticket = console.listing("partner");
    console.send(Msg::Listed(ticket, Err(Error::new(ErrorKind::Credentials, "account partner: the token has expired").hint("Renew it."))));
    console.answer_reads(|bucket| match bucket {
        "aerial-tiles" | "geo.open-data" | "sensor-archive" | "genome-results" | "library-scans" | "lab-microscopy" | "telescope-feed" => {
            Ok(Payer::Requester)
        }
        "legacy-gateway" => Err(refused(ErrorKind::Unsupported, 501, "NotImplemented")),
        "arxiv" => Err(refused(ErrorKind::Denied, 403, "AccessDenied")),
        _ => Ok(Payer::BucketOwner),
    });
    console.answer_identify();
    console.send(Msg::Spent(spending(26, "0.0000208")));
    console.go_to("colorpictures");
    console.keys("p");
    console.see();
    console
}

/// `UPDATE=1` draws it anew.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads and writes the repository's own file")]
fn the_picture_of_the_readme_is_what_the_program_draws() {
    let console = worth_looking_at();
    let text = ui::board_text(&console.model, WIDTH, HEIGHT);
    for words in ["BucketOwner → Requester in 5 s", "telescope-feed", "unsupported", "denied", "failed", " DEMO "] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let svg = ui::board_svg(&console.model, WIDTH, HEIGHT);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/board.svg");
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(path, svg).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == svg, "assets/board.svg is behind the program: run the test with UPDATE=1\n{text}");
}

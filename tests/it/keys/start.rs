//! From nothing to a board.

use std::time::Duration;

use jiff::tz::TimeZone;
use whopays::app::{Effect, KeyCode, Loaded, Model, Msg, Origin, Start, Ticket};
use whopays::config::Config;
use whopays::domain::{Error, ErrorKind, Provider, Target};
use whopays::ui::Terminal;

use super::driver::{Console, Last, account, denied, noon, record};

fn load_ticket(console: &mut Console) -> (Ticket, Start) {
    console.pick(|order| match order {
        Effect::Load(ticket, start) => Some((*ticket, *start)),
        _ => None,
    })
}

#[test]
fn the_first_frame_is_there_before_anything_was_answered() {
    let mut console = Console::new(80, 24);
    assert_eq!(console.log, vec![Effect::Load(Ticket(1), Start::Config)]);
    assert!(console.draw().contains("reading accounts…"));
    assert!(!console.model.dirty());
}

#[test]
fn every_account_is_listed_at_once_and_nothing_else_is_asked() {
    // J1: only ListBuckets; payers come with the rows in sight; nobody is identified.
    let console = Console::two_accounts(80, 24);
    let kinds: Vec<&str> = console
        .log
        .iter()
        .map(|order| match order {
            Effect::Load(..) => "load",
            Effect::ListBuckets(..) => "list",
            Effect::ReadJournal(..) => "journal",
            Effect::ReadPayer(..) => "payer",
            _ => "other",
        })
        .collect();
    // The foreign bucket of the config is on the board from the start, so its payer is asked too.
    assert_eq!(kinds, ["load", "list", "list", "journal", "payer"]);
}

#[test]
fn pages_stream_in_and_a_failing_account_leaves_the_others_alone() {
    let mut console = Console::two_accounts(80, 24);
    console.page(0, vec![record("maps", "us-west-2")], Last::No);
    assert!(console.draw().contains("maps"));
    let lab = console.listing("lab");
    console.send(Msg::Listed(lab, Err(denied("lab"))));
    console.page(0, vec![record("zoo", "us-west-2")], Last::Yes);
    let screen = console.draw();
    assert!(screen.contains("maps") && screen.contains("zoo") && screen.contains("arxiv"), "{screen}");
    assert!(screen.lines().any(|line| line.contains("lab") && line.contains("failed")), "{screen}");
    // Cause and next step stand in the account's details.
    console.press(KeyCode::Left);
    console.keys("jj");
    let screen = console.draw();
    assert!(screen.contains("access denied") && screen.contains("403 AccessDenied") && screen.contains("7F0A11"), "{screen}");
}

#[test]
fn a_late_page_of_a_listing_that_was_asked_again_changes_nothing() {
    let mut console = Console::two_accounts(80, 24);
    let old = console.listing("lab");
    console.press(KeyCode::Left);
    console.keys("jjr");
    assert!(console.log.contains(&Effect::Cancel(old)));
    let before = console.model.generation();
    console.send(Msg::Listed(old, Ok(whopays::app::Listing { buckets: vec![record("ghost", "x")], more: false, at: noon() })));
    assert_eq!(console.model.generation(), before);
    assert!(!console.draw().contains("ghost"));
}

#[test]
fn a_bucket_that_a_new_listing_no_longer_shows_leaves_the_board() {
    let mut console = Console::board(80, 24);
    console.press(KeyCode::Left);
    console.keys("jr");
    console.list(0, &["colorpictures"], "us-west-2");
    let screen = console.draw();
    assert!(screen.contains("colorpictures") && screen.contains("arxiv"), "{screen}");
    assert!(!screen.contains("maps") && !screen.contains("climate"), "{screen}");
}

#[test]
fn a_config_that_cannot_be_used_says_why_and_can_be_read_again() {
    let mut console = Console::new(80, 24);
    let (ticket, _) = load_ticket(&mut console);
    let error = Error::new(ErrorKind::Config, "config.toml, line 3: `provider` is missing").hint("Add `provider = \"s3\"`.");
    console.send(Msg::Loaded(ticket, Err(error)));
    let screen = console.draw();
    assert!(screen.contains("line 3") && screen.contains("Add `provider"), "{screen}");
    console.keys("r");
    assert_eq!(load_ticket(&mut console).1, Start::Config);
}

#[test]
fn the_welcome_leads_to_the_demo_to_a_config_and_out() {
    let welcome = || {
        let mut console = Console::new(80, 24);
        let (ticket, _) = load_ticket(&mut console);
        let origin = Origin::Nothing("/home/ada/.config/whopays/config.toml".to_owned());
        console.send(Msg::Loaded(
            ticket,
            Ok(Loaded {
                config: Config::default(),
                origin,
                credential_origins: Vec::new(),
                consents: Vec::new(),
                looked: Vec::new(),
                proofs: Vec::new(),
                unfinished: Vec::new(),
                own_prices: None,
            }),
        ));
        console
    };
    let mut console = welcome();
    assert!(console.draw().contains("/home/ada/.config/whopays/config.toml"));
    console.keys("\n");
    assert_eq!(load_ticket(&mut console).1, Start::Demo);

    let mut console = welcome();
    console.keys("j\n");
    let ticket = console.pick(|order| match order {
        Effect::WriteConfig(ticket) => Some(*ticket),
        _ => None,
    });
    console.send(Msg::ConfigWritten(ticket, Ok("/home/ada/.config/whopays/config.toml".to_owned())));
    assert!(console.draw().contains("written: /home/ada"));
    console.keys("\n");
    assert_eq!(load_ticket(&mut console).1, Start::Config);

    let mut console = welcome();
    console.keys("q");
    assert_eq!(console.log.last(), Some(&Effect::Quit));
}

#[test]
fn a_config_without_accounts_is_no_dead_end() {
    let mut console = Console::new(80, 24);
    console.load(Config::default(), Origin::File("/home/ada/c.toml".to_owned()));
    let screen = console.draw();
    assert!(screen.contains("The config file has no account yet: /home/ada/c.toml"), "{screen}");
    assert!(screen.contains("then press r"), "{screen}");
    console.keys("r");
    let config = Config { accounts: vec![account("research", Provider::S3, "us-west-2")], ..Config::default() };
    console.load(config, Origin::File("/home/ada/c.toml".to_owned()));
    assert!(console.draw().contains(" research "));
}

#[test]
fn found_accounts_are_announced_and_the_demo_says_that_it_is_one() {
    let config = || Config { accounts: vec![account("research", Provider::S3, "us-west-2")], ..Config::default() };
    let mut console = Console::new(80, 24);
    console.load(config(), Origin::Found);
    assert!(console.draw().contains("whopays config init"));
    let mut console = Console::new(80, 24);
    console.load(config(), Origin::Demo);
    assert!(console.draw().starts_with(" DEMO "));
}

#[test]
fn the_bucket_of_the_command_line_gets_the_cursor() {
    let start = |target: &str| {
        let model = Model::new(Start::Config, TimeZone::UTC).opening(Target::parse(target).unwrap());
        let mut console = Console::with(model, Terminal::default(), 80, 24);
        let accounts = vec![account("research", Provider::S3, "us-west-2"), account("lab", Provider::Oss, "cn-hangzhou")];
        console.load(Config { accounts, ..Config::default() }, Origin::File("c".to_owned()));
        console.list(0, &["colorpictures", "maps"], "us-west-2");
        console.model.selected().map(|id| id.to_string())
    };
    assert_eq!(start("research:maps").as_deref(), Some("research:maps"));
    assert_eq!(start("s3://maps").as_deref(), Some("research:maps"));
    // No listing shows it: it is someone else's.
    assert_eq!(start("research:foreign-one").as_deref(), Some("research:foreign-one"));
}

#[test]
fn a_clock_and_an_idle_console_cause_nothing() {
    // P3: nothing polls; without a message there is no order, and nothing waits.
    let console = Console::board(80, 24);
    assert_eq!(
        console.open(|order| match order {
            Effect::Wait(_, time) => Some(*time),
            _ => None,
        }),
        Vec::<Duration>::new()
    );
    assert!(!console.model.dirty());
}

#[test]
fn terminate_leaves_at_once() {
    let mut console = Console::board(80, 24);
    assert_eq!(console.send(Msg::Terminate), vec![Effect::Quit]);
    assert_eq!(console.press(KeyCode::Char('p')), vec![]);
}

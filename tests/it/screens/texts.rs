//! P25, E4-E6, M15: texts from outside; themes, glyphs, colours.

use jiff::tz::TimeZone;
use ratatui::Terminal as Screen;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};
use whopays::app::{Model, Msg, Origin, Start};
use whopays::config::{Config, Theme};
use whopays::domain::{AccountName, Error, ErrorKind, Payer, Provider, StoreAnswer};
use whopays::ui::{self, Background, Cache, Colours, Glyphs, Look, Terminal};

use crate::keys::driver::{Console, account, record};

const HOSTILE: &str = "a\u{1b}]52;c;ZXZpbA==\u{7}\u{202e}b\u{200b}c\u{9b}2J\r\nd\u{2067}\u{e0041}";

fn hostile_console(terminal: Terminal) -> Console {
    let mut console = Console::with(Model::new(Start::Config, TimeZone::UTC), terminal, 120, 40);
    let mut evil = account("research", Provider::S3, "us-west-2");
    evil.name = AccountName::new(HOSTILE);
    evil.site.endpoint = Some(HOSTILE.to_owned());
    console.load(Config { accounts: vec![evil], warnings: vec![HOSTILE.to_owned()], ..Config::default() }, Origin::File("c".to_owned()));
    let mut bucket = record("colorpictures", HOSTILE);
    bucket.owner = Some(HOSTILE.into());
    let ticket = console.listing(HOSTILE);
    let at = console.now;
    console.send(Msg::Listed(ticket, Ok(whopays::app::Listing { buckets: vec![bucket, record("maps", HOSTILE)], more: false, at })));
    console.answer_reads(|bucket| {
        if bucket == "maps" {
            return Ok(Payer::Other(HOSTILE.to_owned()));
        }
        Err(Error::new(ErrorKind::Denied, HOSTILE).hint(HOSTILE).answer(StoreAnswer {
            status: 403,
            code: HOSTILE.to_owned(),
            message: HOSTILE.to_owned(),
            request_id: Some(HOSTILE.to_owned()),
            host_id: Some(HOSTILE.to_owned()),
            ec: Some(HOSTILE.to_owned()),
            denied_detail: vec![(HOSTILE.to_owned(), HOSTILE.to_owned())],
            endpoint: Some(HOSTILE.to_owned()),
            region: Some(HOSTILE.to_owned()),
            ..StoreAnswer::default()
        }))
    });
    console
}

fn forbidden(c: char) -> bool {
    c.is_control() && c != '\n' || matches!(u32::from(c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2066..=0x2069 | 0xe0000..=0xe007f)
}

#[test]
fn nothing_from_outside_reaches_the_terminal_unescaped() {
    for way in ["", "\n", "h", "hji", "*p", "y", ":", "o\u{202e}x", "/\u{202e}", "5", "p", "Gp", "Gi"] {
        let mut console = hostile_console(Terminal::default());
        console.keys(way);
        let screen = console.draw();
        let found: Vec<char> = screen.chars().filter(|c| forbidden(*c)).collect();
        assert!(found.is_empty(), "{way:?}: {found:?}\n{screen}");
        let svg = ui::board_svg(&console.model, 120, 40);
        assert!(!svg.chars().any(forbidden), "{way:?}");
    }
    let mut console = hostile_console(Terminal::default());
    console.keys("i");
    assert!(console.draw().contains("a\\u{1b}]52;c;"), "shown, not dropped");
}

#[test]
fn names_that_differ_only_in_what_cannot_be_seen_look_different() {
    let shown = |owner: &str| {
        let mut console = Console::two_accounts(80, 24);
        let mut bucket = record("colorpictures", "us-west-2");
        bucket.region = Some(owner.into());
        let ticket = console.listing("research");
        let at = console.now;
        console.send(Msg::Listed(ticket, Ok(whopays::app::Listing { buckets: vec![bucket], more: false, at })));
        console.draw()
    };
    assert_ne!(shown("ab"), shown("a\u{200b}b"));
}

#[test]
fn a_locale_without_utf_8_gets_ascii_only() {
    for way in ["", "p", "*p", "?", ":", "i", "y"] {
        let mut console = hostile_console(Terminal { glyphs: Glyphs::Ascii, ..Terminal::default() });
        console.send(Msg::Spent(crate::keys::driver::spending(12, "0.01")));
        console.keys(way);
        let screen = console.draw();
        assert!(screen.is_ascii(), "{way:?}\n{screen}");
    }
    let mut console = Console::board(80, 24);
    console.go_to("colorpictures");
    console.keys("p");
    let mut cache = Cache::new(Terminal { glyphs: Glyphs::Ascii, ..Terminal::default() });
    let mut screen = Screen::new(TestBackend::new(80, 24)).unwrap();
    screen.draw(|frame| ui::draw(&console.model, &mut cache, frame)).unwrap();
    assert!(format!("{}", screen.backend()).contains("BucketOwner > Requester in 5 s"));
}

/// Every colour and modifier on the screen.
fn styles(console: &Console, terminal: Terminal) -> (Vec<Color>, Modifier) {
    let mut cache = Cache::new(terminal);
    let mut screen = Screen::new(TestBackend::new(80, 24)).unwrap();
    screen.draw(|frame| ui::draw(&console.model, &mut cache, frame)).unwrap();
    let cells = &screen.backend().buffer().content;
    let mut colours: Vec<Color> = cells.iter().flat_map(|cell| [cell.fg, cell.bg]).filter(|colour| *colour != Color::Reset).collect();
    colours.dedup();
    (colours, cells.iter().fold(Modifier::empty(), |all, cell| all | cell.modifier))
}

#[test]
fn without_colours_the_cursor_and_the_payer_can_still_be_told() {
    let mut console = Console::board(80, 24);
    console.go_to("maps");
    let (colours, modifiers) = styles(&console, Terminal { colours: Colours::None, ..Terminal::default() });
    assert_eq!(colours, vec![]);
    assert!(modifiers.contains(Modifier::REVERSED | Modifier::BOLD));
    // The same words and signs stand there: text is equal with and without colours.
    assert!(console.draw().lines().any(|line| line.contains("▸ research") && line.contains("Requester")));
}

#[test]
fn only_the_sixteen_colours_are_used_on_dark_and_light() {
    let console = Console::board(80, 24);
    for background in [Background::Dark, Background::Light] {
        let (colours, _) = styles(&console, Terminal { background, ..Terminal::default() });
        assert!(!colours.is_empty());
        assert!(!colours.iter().any(|colour| matches!(colour, Color::Rgb(..) | Color::Indexed(_))), "{colours:?}");
    }
}

#[test]
fn a_theme_file_sets_roles_and_says_what_is_wrong() {
    let terminal = Terminal::default();
    let look = Look::parse("sea.toml", "base = \"dark\"\naccent = \"#00aaff\"\ncursor = \"black on light green\"\n", terminal).unwrap();
    assert_ne!(look, Look::new(&Theme::Dark, terminal));
    for (text, complaint) in [
        ("accent = ", "theme file sea.toml: it is not valid TOML"),
        ("base = \"pink\"", "theme file sea.toml: `base` is not \"dark\", \"light\" or \"mono\""),
        ("shadow = \"red\"", "theme file sea.toml: `shadow` is not a role"),
        ("accent = \"reddish\"", "theme file sea.toml: `accent` is not a colour"),
        ("accent = 3", "theme file sea.toml: `accent` is not a colour"),
    ] {
        let error = Look::parse("sea.toml", text, terminal).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Config, complaint));
        assert!(error.hint_text().is_some());
    }
    // NO_COLOR wins over a theme file.
    let mono = Terminal { colours: Colours::None, ..terminal };
    assert_eq!(Look::parse("sea.toml", "accent = \"red\"", mono).unwrap(), Look::new(&Theme::Mono, mono));
}

/// The list is narrow at 80 columns, and what helps stands at the end of the sentence.
#[test]
fn a_board_where_nothing_could_be_listed_says_where_the_reasons_are() {
    let mut console = Console::with(Model::new(Start::Config, TimeZone::UTC), Terminal::default(), 80, 24);
    let accounts = vec![account("research", Provider::S3, "us-west-2"), account("studio", Provider::Oss, "cn-hangzhou")];
    console.load(Config { accounts, ..Config::default() }, Origin::File("c".to_owned()));
    for name in ["research", "studio"] {
        let ticket = console.listing(name);
        console.send(Msg::Listed(ticket, Err(Error::new(ErrorKind::Network, "no connection"))));
    }
    let screen = console.draw();
    let told: Vec<&str> = screen.lines().filter_map(|line| line.split_once('│')).map(|(_, list)| list.trim()).collect();
    assert_eq!(told[3..5], ["no bucket could be listed: choose an account at the left to", "see why"], "{screen}");
}

#[test]
fn the_header_names_account_and_bucket_before_it_notes_the_access() {
    let header = |width, height| {
        let mut console = Console::new(width, height);
        let mut archive = account("archive", Provider::S3, "eu-west-1");
        archive.access = whopays::domain::Access::Protected;
        console.load(Config { accounts: vec![archive], ..Config::default() }, Origin::Demo);
        let ticket = console.listing("archive");
        let at = console.now;
        let buckets = vec![record("deep-freeze", "eu-west-1")];
        console.send(Msg::Listed(ticket, Ok(whopays::app::Listing { buckets, more: false, at })));
        console.draw().lines().next().unwrap().to_owned()
    };
    assert!(header(80, 24).starts_with(" DEMO  archive:deep-freeze (protected)  "), "{}", header(80, 24));
    assert!(header(40, 10).starts_with(" DEMO  archive:dee"), "{}", header(40, 10));
}

//! Alarms on the screen: said once, and then standing in the details for as long as they hold.

use jiff::Timestamp;
use whopays::alarms::{Alarm, Found, Turned, Unpriced};
use whopays::app::{Effect, Msg, Origin};
use whopays::config::Config;
use whopays::domain::op::PriceClass;
use whopays::domain::{AccountName, BucketId, BucketName, Payer, Provider};

use super::driver::{Console, account, denied};
use super::shelf::leaf;

pub(crate) fn bucket(account: &str, name: &str) -> BucketId {
    BucketId { account: AccountName::new(account), bucket: BucketName::parse(Provider::S3, name).unwrap() }
}

pub(crate) fn uncharged(account: &str, name: &str, provider: Provider) -> Msg {
    Msg::Alarm(Alarm::Uncharged { bucket: bucket(account, name), provider })
}

pub(crate) fn turned(name: &str, found: Found) -> Msg {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let turned = Turned {
        was: Payer::Requester,
        was_at: at("2026-11-02T09:00:00Z"),
        now: Payer::BucketOwner,
        since: at("2026-11-20T14:02:11Z"),
        found,
    };
    Msg::Alarm(Alarm::Turned(bucket("research", name), turned))
}

pub(crate) fn unpriced(provider: Provider, region: &str, class: PriceClass) -> Msg {
    Msg::Alarm(Alarm::Unpriced(Unpriced { provider, region: region.into(), class }))
}

/// The screen as one line of words, so that wrapping and columns do not matter.
fn words(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn status(console: &mut Console) -> String {
    let screen = console.draw();
    let lines: Vec<&str> = screen.lines().collect();
    // Two lines of status stand above the one of keys.
    words(&lines[lines.len() - 3..lines.len() - 1].join(" "))
}

/// A wide board with the cursor on this bucket.
fn board_on(name: &str) -> Console {
    let mut console = Console::board(160, 40);
    console.go_to(name);
    console
}

#[test]
fn what_was_not_charged_is_said_once_and_stays_in_the_details() {
    let mut console = board_on("colorpictures");
    assert!(!console.draw().contains("alarm"));
    console.send(uncharged("research", "colorpictures", Provider::S3));
    let said = "research:colorpictures: the payer header was sent, but the answer does not say charged: you own the bucket";
    assert!(status(&mut console).contains(said), "{}", console.draw());
    console.keys("jk");
    assert!(!status(&mut console).contains("payer header"), "a key wipes the status line");
    let details = words(&console.draw());
    assert!(details.contains("alarm the payer header was sent"), "{details}");
    console.send(uncharged("research", "colorpictures", Provider::S3));
    assert!(!status(&mut console).contains("payer header"), "once in a session");
    console.send(Msg::Alarm(Alarm::Charged(bucket("research", "colorpictures"))));
    assert!(!console.draw().contains("alarm"), "the store charges again");
    console.send(uncharged("research", "maps", Provider::S3));
    assert!(status(&mut console).contains("research:maps: the payer header was sent"), "another bucket is another alarm");
    assert!(!words(&console.draw()).contains("alarm the payer header"), "and stands in its own details");
}

/// The line of the board about a bucket.
fn row(console: &mut Console, name: &str) -> String {
    let screen = console.draw();
    screen.lines().find(|line| line.contains(&format!("s3  {name}"))).map(str::to_owned).unwrap_or(screen)
}

/// A sign stands in the row until the bucket's details were looked at, and not longer; a new alarm is a new sign.
#[test]
fn a_badge_stands_until_it_was_looked_at() {
    for (alarm, words) in [
        (turned("colorpictures", Found::Now), "! payer changed"),
        (turned("colorpictures", Found::Earlier), "! payer changed"),
        (uncharged("research", "colorpictures", Provider::S3), "! not charged"),
    ] {
        let mut console = board_on("colorpictures");
        assert!(!row(&mut console, "colorpictures").contains('!'));
        console.send(alarm);
        assert!(row(&mut console, "colorpictures").contains(words), "{}", console.draw());
        assert!(!row(&mut console, "maps").contains('!'));
        console.keys("jk");
        console.draw();
        assert!(row(&mut console, "colorpictures").contains(words), "the cursor alone looks at nothing");
        assert!(words_of(&console.draw()).contains("! alarm"), "{}", console.draw());
        console.keys("i");
        console.draw();
        let after = console.draw();
        assert!(!row(&mut console, "colorpictures").contains('!'), "{after}");
        assert!(words_of(&after).contains(" alarm ") && !after.contains("! alarm"), "the sentence stays\n{after}");
    }
}

fn words_of(screen: &str) -> String {
    words(screen)
}

/// What was looked at is remembered with its day; the next change of the same bucket is another one.
#[test]
fn a_badge_does_not_come_back_with_the_next_start() {
    let mut console = board_on("colorpictures");
    console.send(turned("colorpictures", Found::Now));
    console.keys("i");
    console.draw();
    let remembered = console.ever(|order| match order {
        Effect::Remember(name) => Some(name.clone()),
        _ => None,
    });
    assert_eq!(remembered, ["looked at payer of research:colorpictures since 2026-11-20T14:02:11Z"]);
    let mut console = Console::new(160, 40);
    console.looked = remembered;
    let config = Config { accounts: vec![account("research", Provider::S3, "us-west-2")], ..Config::default() };
    console.load(config, Origin::Demo);
    console.list(0, &["colorpictures", "maps"], "us-west-2");
    console.send(turned("colorpictures", Found::Earlier));
    console.send(turned("maps", Found::Earlier));
    assert!(!row(&mut console, "colorpictures").contains('!') && row(&mut console, "maps").contains("! payer changed"));
}

/// Beside the word on paying, and where a name leaves no room: a sign that needs no colour.
#[test]
fn badges_share_the_row() {
    let mut console = board_on("arxiv");
    console.keys("R");
    console.see();
    console.keys("s");
    console.send(uncharged("research", "arxiv", Provider::S3));
    assert!(row(&mut console, "arxiv").contains("! not charged  you pay"), "{}", console.draw());
    console.resize(80, 24);
    assert!(row(&mut console, "arxiv").contains("! you pay"), "{}", console.draw());
    console.resize(60, 24);
    assert!(row(&mut console, "arxiv").contains("! $"), "{}", console.draw());
    console.send(turned("arxiv", Found::Now));
    console.resize(160, 40);
    assert!(row(&mut console, "arxiv").contains("! payer changed  you pay"), "the worse one: {}", console.draw());
}

#[test]
fn the_header_line_says_who_pays_in_truth() {
    let mut console = Console::inside("arxiv", 120, 40);
    console.end_page(Err(denied("arxiv")));
    console.see();
    console.keys("s");
    console.answer_page(leaf(&["a"], None), whopays::domain::Charged::No);
    let first = |console: &mut Console| console.draw().lines().next().unwrap().to_owned();
    assert!(first(&mut console).contains("you pay (research)"), "{}", first(&mut console));
    console.send(uncharged("research", "arxiv", Provider::S3));
    assert!(first(&mut console).contains("owner pays: you would"), "{}", first(&mut console));
    let details = words(&console.draw());
    let why = "the owner pays, because its payer is BucketOwner, or these keys are of the owner's account (a role there bills it)";
    assert!(details.contains(why), "{details}");
    console.send(Msg::Alarm(Alarm::Charged(bucket("research", "arxiv"))));
    assert!(first(&mut console).contains("you pay (research)"), "{}", first(&mut console));
    // Without the word on paying no header goes out, whatever was answered before.
    console.send(uncharged("research", "arxiv", Provider::S3));
    console.keys("R");
    assert!(first(&mut console).contains("owner pays, unless requester-pays"), "{}", first(&mut console));
}

#[test]
fn oss_speaks_of_its_own_answer_and_account() {
    let mut console = Console::board(160, 40);
    console.keys("o");
    console.keys("lab:shared\n");
    console.draw();
    console.send(uncharged("lab", "shared", Provider::Oss));
    let status = status(&mut console);
    let said = "lab:shared: the payer header was sent, but the answer to HeadObject does not say charged: the owner pays";
    assert!(status.contains(said), "{status}");
}

#[test]
fn a_payer_that_turned_is_said_when_it_is_found() {
    let sentence = "since 2026-11-20 the owner pays: on 2026-11-02 the payer was still Requester, and nobody changed it from here";
    let mut console = board_on("colorpictures");
    console.send(turned("colorpictures", Found::Now));
    assert!(status(&mut console).contains(&format!("research:colorpictures: {sentence}")), "{}", console.draw());
    console.keys("jk");
    assert!(words(&console.draw()).contains(&format!("alarm {sentence}")), "{}", console.draw());
    console.send(Msg::Alarm(Alarm::Settled(bucket("research", "colorpictures"))));
    assert!(!console.draw().contains("alarm"));

    let mut console = board_on("colorpictures");
    console.send(turned("colorpictures", Found::Earlier));
    assert!(!status(&mut console).contains("since 2026-11-20"), "an earlier session has said it");
    assert!(words(&console.draw()).contains(&format!("alarm {sentence}")), "{}", console.draw());
}

#[test]
fn missing_prices_are_said_once_for_a_region_and_over_nothing_else() {
    let mut console = board_on("colorpictures");
    console.keys("jk");
    console.send(unpriced(Provider::S3, "us-west-2", PriceClass::Tier2));
    let first = "no price known for GET/other (Tier 2) requests in s3 us-west-2: estimates and budgets leave them out";
    assert!(status(&mut console).contains(first), "{}", console.draw());
    console.keys("jk");
    console.send(unpriced(Provider::S3, "us-west-2", PriceClass::Tier1));
    assert!(!status(&mut console).contains("no price known"), "the second class of a region is for the details");
    let both = "alarm no price known for GET/other (Tier 2) and PUT/COPY/POST/LIST (Tier 1) requests in s3 us-west-2: \
                estimates and budgets leave them out; write their price into `prices.toml` beside the config file";
    assert!(words(&console.draw()).contains(both), "{}", console.draw());
    console.send(turned("colorpictures", Found::Now));
    console.send(unpriced(Provider::Oss, "cn-hangzhou", PriceClass::PutType));
    assert!(status(&mut console).contains("since 2026-11-20 the owner pays"), "money comes second: {}", console.draw());
    console.go_to("lab-results");
    assert!(words(&console.draw()).contains("alarm no price known for Put-type requests in oss cn-hangzhou"), "{}", console.draw());
}

#[test]
fn alarms_about_what_is_not_on_the_board_do_no_harm() {
    let mut console = Console::board(80, 24);
    console.send(uncharged("research", "nowhere", Provider::S3));
    assert!(status(&mut console).contains("research:nowhere: the payer header was sent"));
    console.send(uncharged("nobody", "nowhere", Provider::Oss));
    console.send(Msg::Alarm(Alarm::Settled(bucket("nobody", "nowhere"))));
    console.send(Msg::Alarm(Alarm::Charged(bucket("nobody", "nowhere"))));
    console.draw();
}

#[test]
fn the_dialog_of_a_link_says_who_will_pay_before_it_is_made() {
    for (name, payer, said) in [
        (
            "maps",
            Some(Payer::Requester),
            "Account \"research\" pays each time somebody uses this link, as the bucket's owner: also if the bucket is requester-pays.",
        ),
        ("arxiv", None, "The bucket's owner pays each time somebody uses this link; if the bucket is requester-pays, it is refused"),
        ("arxiv", Some(Payer::BucketOwner), "The bucket's owner pays each time somebody uses this link: its payer is BucketOwner."),
        (
            "arxiv",
            Some(Payer::Requester),
            "This link will be refused: the bucket is requester-pays, and the link has no payer. To make one that works, agree to pay first: Esc, R.",
        ),
    ] {
        let mut console = Console::two_accounts(120, 40);
        console.list(0, &["maps"], "us-west-2");
        console.answer_reads(|bucket| payer.clone().filter(|_| bucket == name).ok_or_else(|| denied(bucket)));
        console.go_to(name);
        console.keys("\n");
        console.answer_page(leaf(&["a.txt"], None), whopays::domain::Charged::NotSaid);
        console.keys("P");
        let screen = words(&console.draw().replace('│', " "));
        assert!(screen.contains(said), "{said}\n{}", console.draw());
    }
}

/// Busy and idle hours stand in the details of a bucket whose price follows the clock.
#[test]
fn the_details_of_a_bucket_say_which_hours_it_is() {
    let mut console = Console::board(120, 60);
    console.go_to("lab-results");
    let screen = console.see();
    assert!(screen.contains("busy until 16:00 your time: 0.50 CNY a GB out, idle hours 0.25"), "{screen}");
    console.go_to("maps");
    let screen = console.see();
    assert!(!screen.contains("hours"), "S3 has one price all day: {screen}");
}

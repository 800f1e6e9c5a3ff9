//! P1, P2 at the screen: whose word stands, how it is asked for, how it is taken back.

use whopays::app::{Clip, Effect, KeyCode, Loaded, Msg, Origin};
use whopays::config::Config;
use whopays::domain::probe::Proof;
use whopays::domain::{AccountName, BucketId, BucketName, Charged, Consent, Payer, Provider};

use super::driver::{Console, account, denied, foreign};
use super::shelf::leaf;

fn arxiv() -> BucketId {
    BucketId { account: AccountName::new("research"), bucket: BucketName::parse(Provider::S3, "arxiv").unwrap() }
}

fn refused() -> Console {
    let mut console = Console::inside("arxiv", 80, 24);
    console.end_page(Err(denied("arxiv")));
    console
}

/// A console whose config says this of `arxiv`, with consents that were kept.
pub(super) fn with(consent: Consent, kept: Vec<BucketId>) -> Console {
    with_proofs(consent, kept, Vec::new())
}

/// The same, and what earlier probes proved.
pub(super) fn with_proofs(consent: Consent, kept: Vec<BucketId>, proofs: Vec<(BucketId, Proof)>) -> Console {
    let mut console = Console::new(80, 24);
    let mut research = account("research", Provider::S3, "us-west-2");
    let mut bucket = foreign("arxiv", "444455556666");
    bucket.consent = consent;
    research.buckets.push(bucket);
    let ticket = console.pick(|order| match order {
        Effect::Load(ticket, _) => Some(*ticket),
        _ => None,
    });
    let config = Config { accounts: vec![research], ..Config::default() };
    console.send(Msg::Loaded(
        ticket,
        Ok(Loaded {
            config,
            origin: Origin::Demo,
            credential_origins: vec![],
            consents: kept,
            unfinished: vec![],
            looked: vec![],
            proofs,
            own_prices: None,
        }),
    ));
    console.list(0, &["maps"], "us-west-2");
    console.answer_reads(|_| Err(denied("arxiv")));
    console.go_to("arxiv");
    console
}

#[test]
fn a_refusal_asks_and_sends_nothing_again_by_itself() {
    let mut console = refused();
    assert_eq!(console.listings(), 1);
    let screen = console.see();
    for words in [
        "Pay as research",
        "for requests in arxiv?",
        "403 AccessDenied: Access Denied",
        "It belongs to 444455556666; its payer is not known.",
        "1 request",
        "; 0.000005 USD (list",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    console.keys("\n");
    assert_eq!(console.listings(), 1, "Enter alone means no");
    let screen = console.draw();
    assert!(screen.contains("Press R to be") && screen.contains("owner pays, or it is refused"), "{screen}");
    console.keys("jjj");
    console.keys("R");
    console.see();
    console.keys("s");
    let order = console.pages()[0].clone();
    assert_eq!((order.acting.consent, order.acting.place.id), (Consent::Given, arxiv()));
    assert!(console.draw().lines().next().unwrap().contains("you pay (research)"), "{}", console.draw());
    console.answer_page(leaf(&["a"], None), Charged::Yes);
    let screen = console.draw();
    assert!(screen.contains("you pay ·") && screen.contains("charged to you"), "{screen}");
    assert!(console.ever(|order| matches!(order, Effect::KeepConsent(_)).then_some(())).is_empty());
}

#[test]
fn type_ahead_never_confirms() {
    for keys in ["s", "a", "y", "ssss", "as\nRs"] {
        let mut console = refused();
        console.keys(keys);
        console.send(Msg::Paste("s".to_owned()));
        console.draw();
        console.keys(keys);
        assert_eq!(console.listings(), 1, "{keys:?}");
        assert!(console.draw().contains("Who pays?"), "{keys:?}: keys for the list are no answer");
        console.pass(400);
        console.press(KeyCode::Esc);
        assert_eq!(console.listings(), 1);
    }
}

#[test]
fn always_is_kept_until_it_is_taken_back() {
    let mut console = refused();
    console.see();
    console.keys("a");
    assert!(console.log.contains(&Effect::KeepConsent(arxiv())));
    console.end_page(Ok(leaf(&["a"], None)));
    assert!(console.draw().contains("you pay*"));
    console.keys("1");
    assert!(console.draw().lines().any(|line| line.contains("arxiv") && line.contains("you pay*")), "{}", console.draw());
    console.keys("2R");
    assert_eq!(console.log.last(), Some(&Effect::ForgetConsent(arxiv())));
    console.keys("r");
    assert_eq!(console.pages()[0].acting.consent, Consent::Silent);
    // What was kept stands again at the next start.
    let mut console = with(Consent::Silent, vec![arxiv()]);
    console.keys("\n");
    assert_eq!(console.pages()[0].acting.consent, Consent::Given);
    console.keys("R");
    assert_eq!(console.log.last(), Some(&Effect::ForgetConsent(arxiv())));
}

#[test]
fn it_is_not_carried_to_another_bucket() {
    let mut console = refused();
    console.see();
    console.keys("s");
    console.end_page(Ok(leaf(&["a"], None)));
    console.keys("oresearch:nasa-nex/\n");
    assert_eq!(console.model.selected().unwrap().bucket.as_str(), "nasa-nex");
    console.keys("\n");
    assert_eq!(console.pages()[0].acting.consent, Consent::Silent);
    console.end_page(Err(denied("nasa-nex")));
    assert!(console.see().contains("for requests in nasa-nex?"));
    console.keys("n1");
    console.go_to("arxiv");
    console.keys("\nr");
    assert_eq!(console.pages()[0].acting.consent, Consent::Given, "and it stays where it was given");
    // The same bucket seen by another account is another one.
    console.keys("1olab:arxiv\n");
    console.keys("\n");
    let order = console.pages().last().unwrap().clone();
    assert_eq!((order.acting.place.id.account.as_str(), order.acting.consent), ("lab", Consent::Silent));
}

#[test]
fn never_in_the_config_is_no_question() {
    let mut console = with(Consent::Refused, vec![arxiv()]);
    assert!(console.draw().lines().any(|line| line.contains("arxiv") && line.contains("never")), "{}", console.draw());
    console.keys("\n");
    assert_eq!(console.pages()[0].acting.consent, Consent::Refused, "it stands above what was kept");
    console.end_page(Err(denied("arxiv")));
    let screen = console.draw();
    assert!(!screen.contains("Who pays?") && screen.contains("request_payer"), "{screen}");
    console.keys("R");
    assert!(!console.draw().contains("Who pays?"));
    assert_eq!(console.listings(), 1);
}

#[test]
fn a_word_of_the_config_counts_and_can_be_taken_back_for_the_session() {
    let mut console = with(Consent::Given, vec![]);
    console.keys("\n");
    assert_eq!(console.pages()[0].acting.consent, Consent::Given);
    // Refused all the same: it is a matter of permissions then.
    console.end_page(Err(denied("arxiv")));
    let screen = console.draw();
    assert!(!screen.contains("Who pays?") && screen.contains("the payer header was sent"), "{screen}");
    console.keys("Rr");
    assert_eq!(console.pages()[0].acting.consent, Consent::Silent);
    assert!(console.ever(|order| matches!(order, Effect::ForgetConsent(_)).then_some(())).is_empty());
}

#[test]
fn no_question_where_paying_cannot_help() {
    // Its own bucket: a policy stands in the way.
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Err(denied("maps")));
    assert!(!console.draw().contains("Who pays?"));
    // A foreign bucket whose owner is known to pay.
    let mut console = Console::board(80, 24);
    console.go_to("arxiv");
    console.keys("r");
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    console.keys("\n");
    assert!(console.draw().lines().next().unwrap().contains("bucket's owner pays"), "{}", console.draw());
    console.end_page(Err(denied("arxiv")));
    assert!(!console.draw().contains("Who pays?"));
}

#[test]
fn the_question_never_takes_the_keys_of_something_else() {
    for (open, close) in [(":", "\u{1b}"), ("/a", "\u{1b}"), ("?", "\u{1b}")] {
        let mut console = Console::inside("arxiv", 80, 24);
        console.keys(open);
        console.end_page(Err(denied("arxiv")));
        assert!(!console.see().contains("Who pays?"), "{open}");
        console.keys("sa");
        console.keys(close);
        assert_eq!(console.listings(), 1, "{open}");
        assert!(console.draw().contains("Press R to be"), "{open}\n{}", console.draw());
    }
}

#[test]
fn copied_commands_carry_the_payer_where_consent_is_given() {
    let mut console = refused();
    console.see();
    console.keys("s");
    console.end_page(Ok(leaf(&["a.tar"], None)));
    console.keys("yjjj\n");
    let wanted = "aws s3api get-object --bucket arxiv --key=a.tar --request-payer requester --region us-east-1 --profile research ./a.tar";
    assert_eq!(console.log.last(), Some(&Effect::Copy(Clip::new(wanted))));
}

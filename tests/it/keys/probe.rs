//! `b`: nothing leaves before an answer, the header only on a yes to it, and what was proved stands in the payer column.

use whopays::app::{Effect, KeyCode, Msg, Ticket};
use whopays::domain::probe::{Asking, Because, CanSign, Errand, Leg, Observation, Proof, Report, Seen, Verdict, Why};
use whopays::domain::{Charged, Consent, Error, ErrorKind, ObjectKey, Ownership, Payer};

use super::alarms::bucket;
use super::consent::with_proofs;
use super::driver::{Console, denied};
use super::shelf::leaf;

impl Console {
    /// Every probe that was ever ordered.
    pub(crate) fn probes(&self) -> Vec<Errand> {
        self.ever(|order| match order {
            Effect::Probe(_, errand) => Some(errand.clone()),
            _ => None,
        })
    }

    fn probing(&mut self) -> (Ticket, Errand) {
        self.pick(|order| match order {
            Effect::Probe(ticket, errand) => Some((*ticket, errand.clone())),
            _ => None,
        })
    }

    /// Ends the open probe with what its legs showed; those that were not to be sent are left out by their plan.
    pub(crate) fn end_probe(&mut self, seen: [Seen; 4]) {
        let (ticket, errand) = self.probing();
        let observe = |(leg, seen): (Leg, Seen)| {
            let seen = errand.plan.left_out(leg).map_or(seen, Seen::NotSent);
            Observation { leg, op: leg.op(&errand.plan.asking), seen }
        };
        let observations = Leg::ALL.into_iter().zip(seen).map(observe).collect();
        self.send(Msg::Probed(ticket, Ok(Report::of(&errand.plan, errand.ownership, observations))));
    }

    /// Ends whatever probe is open as a foreign requester-pays bucket does.
    pub(crate) fn end_probes(&mut self) {
        if !self.open(|order| matches!(order, Effect::Probe(..)).then_some(())).is_empty() {
            self.end_probe(enforced());
        }
    }

    /// The line of the board about a bucket.
    fn row(&mut self, bucket: &str) -> String {
        let screen = self.draw();
        screen.lines().find(|line| line.contains(&format!("s3  {bucket}"))).map(str::to_owned).unwrap_or(screen)
    }
}

pub(crate) fn refused(because: Because) -> Seen {
    Seen::Refused { status: 403, code: "AccessDenied".to_owned(), ec: None, because }
}

pub(crate) fn served(charged: Charged) -> Seen {
    Seen::Served { status: 200, code: String::new(), charged }
}

/// A foreign requester-pays bucket, as S3 answers about it.
pub(crate) fn enforced() -> [Seen; 4] {
    [refused(Because::Unsaid), refused(Because::Payer), refused(Because::Unsaid), served(Charged::Yes)]
}

/// A foreign bucket that others may read.
fn owner_pays() -> [Seen; 4] {
    [refused(Because::Unsaid), refused(Because::Unsaid), served(Charged::No), served(Charged::No)]
}

fn asked() -> Console {
    let mut console = Console::board(120, 40);
    console.go_to("arxiv");
    console.keys("b");
    console
}

#[test]
fn it_says_what_it_sends_and_what_that_costs_before_anything_leaves() {
    let mut console = asked();
    let screen = console.see();
    for words in [
        "Probe research:arxiv: who pays?",
        "4 requests at most, each once: 0.0000154 USD (list prices of 2026-07-28)",
        "1  signed GetBucketRequestPayment",
        "2  anonymous ListObjectsV2 of one key",
        "3  signed ListObjectsV2 of one key without the header",
        "4  signed ListObjectsV2 of one key with the header",
        "3 PUT/COPY/POST/LIST (Tier 1); 1 GET/other (Tier 2), 0 B; account research pays for",
        "the one with the header; refusals may be the owner's",
        "y  send all, and pay for the last",
        "w  leave the last one out",
        "any other key  send nothing",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert_eq!(console.probes(), []);
    console.keys("\n");
    assert_eq!(console.probes(), [], "Enter alone means no");
    assert!(!console.draw().contains("who pays?"));
}

#[test]
fn type_ahead_and_paste_send_nothing() {
    for keys in ["y", "w", "yyyy", "wy\nyb"] {
        let mut console = asked();
        console.keys(keys);
        console.send(Msg::Paste("y".to_owned()));
        console.draw();
        console.keys(keys);
        assert_eq!(console.probes(), [], "{keys:?}");
        console.pass(400);
        console.press(KeyCode::Esc);
        console.keys("y");
        assert_eq!(console.probes(), [], "{keys:?}");
    }
}

#[test]
fn the_header_leaves_on_a_yes_to_it_alone_and_that_word_is_for_this_probe() {
    for (key, consent) in [("y", Consent::Given), ("w", Consent::Silent)] {
        let mut console = asked();
        console.see();
        console.keys(key);
        let (_, errand) = console.probing();
        assert_eq!((errand.plan.consent, &errand.plan.asking), (consent, &Asking::FirstKey(String::new())), "{key}");
        assert_eq!((errand.place.id.bucket.as_str(), errand.ownership), ("arxiv", Some(Ownership::Foreign)));
        assert_eq!(errand.plan.left_out(Leg::Paying), (key == "w").then_some(Why::NoConsent));
        console.press(KeyCode::Enter);
        console.keys("\n");
        assert_eq!(console.pages()[0].acting.consent, Consent::Silent, "{key}: listings still go out without");
        assert!(console.ever(|order| matches!(order, Effect::KeepConsent(_)).then_some(())).is_empty());
    }
}

#[test]
fn what_was_proved_stands_in_the_payer_column_and_in_the_details() {
    let mut console = asked();
    assert!(console.row("arxiv").contains("denied"));
    console.see();
    console.keys("y");
    let screen = console.draw();
    assert!(screen.contains("requests are under way"), "{screen}");
    console.pass(2_000);
    console.end_probe(enforced());
    let screen = console.draw();
    for words in [
        "At 2026-11-20 14:02:13: requester pays, and the store enforces it.",
        "signed GetBucketRequestPayment → 403 AccessDenied",
        "anonymous ListObjectsV2 → 403 AccessDenied: the store names requester pays",
        "signed ListObjectsV2 without the header → 403 AccessDenied",
        "signed ListObjectsV2 with the header → 200, charged",
        "research:arxiv: requester pays, and the store enforces it",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    console.press(KeyCode::Esc);
    assert!(console.row("arxiv").contains("Requester (inferred)"), "{}", console.draw());
    console.keys("i");
    let screen = console.draw();
    for words in ["Requester (inferred)", "probed at 2026-11-20 14:02:13", "with the header → 200, charged"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert!(!screen.contains("Only the bucket owner may read who pays"), "the refusal is no trouble any more: {screen}");
}

#[test]
fn a_refresh_that_is_refused_keeps_what_was_proved_and_one_that_is_answered_replaces_it() {
    let mut console = asked();
    console.see();
    console.keys("y");
    console.end_probe(owner_pays());
    console.press(KeyCode::Esc);
    assert!(console.row("arxiv").contains("BucketOwner (inferred)"));
    console.keys("r");
    console.answer_reads(|_| Err(denied("arxiv")));
    assert!(console.row("arxiv").contains("BucketOwner (inferred)"), "{}", console.draw());
    console.keys("r");
    console.answer_reads(|_| Ok(Payer::Requester));
    let row = console.row("arxiv");
    assert!(row.contains("Requester") && !row.contains("(inferred)"), "{row}");
}

#[test]
fn what_proves_nothing_says_why_and_leaves_the_column_as_it_was() {
    let mut console = asked();
    console.see();
    console.keys("w");
    console.end_probe([refused(Because::Unsaid), refused(Because::Unsaid), refused(Because::Unsaid), served(Charged::Yes)]);
    let screen = console.draw();
    for words in ["cannot tell", "and was not sent with it", "Consent to pay for one request", "not sent: nobody consented to pay"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    console.press(KeyCode::Esc);
    assert!(console.row("arxiv").contains("denied"));
    // The answer is shown again, without a request; `r` asks anew.
    console.keys("b");
    assert!(console.draw().contains("not sent: nobody consented to pay"));
    console.keys("r");
    assert!(console.see().contains("any other key  send nothing"));
    assert_eq!(console.probes().len(), 1);
    console.keys("y");
    assert_eq!(console.probes().len(), 2);
    let (ticket, _) = console.probing();
    console.send(Msg::Probed(ticket, Err(Error::new(ErrorKind::Usage, "no such account"))));
    assert!(console.draw().contains("the probe failed: no such account"));
}

#[test]
fn an_owned_bucket_keeps_its_own_answer() {
    let mut console = Console::board(120, 40);
    console.go_to("maps");
    console.keys("b");
    console.see();
    console.keys("w");
    let setting = Seen::Setting(Payer::Requester);
    console.end_probe([setting, refused(Because::Payer), served(Charged::NotSaid), served(Charged::NotSaid)]);
    assert!(console.draw().contains("requester pays, and the store enforces it"));
    console.press(KeyCode::Esc);
    let row = console.row("maps");
    assert!(row.contains("Requester") && !row.contains("(inferred)"), "{row}");
}

#[test]
fn esc_calls_it_off_and_a_late_answer_changes_nothing() {
    let mut console = asked();
    console.see();
    console.keys("y");
    let (ticket, errand) = console.probing();
    console.press(KeyCode::Esc);
    assert_eq!(console.log.last(), Some(&Effect::Cancel(ticket)));
    assert!(console.draw().contains("called off"), "{}", console.draw());
    let observations = Leg::ALL.into_iter().zip(enforced());
    let observations = observations.map(|(leg, seen)| Observation { leg, op: leg.op(&errand.plan.asking), seen }).collect();
    console.send(Msg::Probed(ticket, Ok(Report::of(&errand.plan, errand.ownership, observations))));
    assert!(console.row("arxiv").contains("denied"), "{}", console.draw());
}

#[test]
fn a_hidden_probe_goes_on_and_is_not_sent_twice() {
    let mut console = asked();
    console.see();
    console.keys("y\n");
    assert!(!console.draw().contains("requests are under way"));
    console.keys("b");
    assert!(console.draw().contains("requests are under way"), "the one that runs, and no second question");
    console.press(KeyCode::Enter);
    console.end_probe(enforced());
    let screen = console.draw();
    assert!(screen.contains("research:arxiv: requester pays, and the store enforces it"), "{screen}");
    assert!(console.row("arxiv").contains("Requester (inferred)"));
    assert_eq!(console.probes().len(), 1);
}

#[test]
fn never_in_the_config_offers_no_header() {
    let mut console = super::consent::with(Consent::Refused, vec![]);
    console.keys("b");
    let screen = console.see();
    assert!(screen.contains("3 requests at most") && screen.contains("the config says never to pay here"), "{screen}");
    assert!(!screen.contains("4  signed"), "{screen}");
    console.keys("w");
    assert_eq!(console.probes(), [], "there is nothing to leave out");
    console.keys("b");
    console.see();
    console.keys("y");
    assert_eq!(console.probing().1.plan.left_out(Leg::Paying), Some(Why::NeverPay));
}

#[test]
fn an_account_without_keys_is_asked_about_one_request() {
    use whopays::app::Origin;
    use whopays::config::{Config, Source};
    use whopays::domain::Provider;

    let mut console = Console::new(120, 40);
    let mut account = super::driver::account("nobody", Provider::S3, "us-east-1");
    account.credentials = Source::Anonymous;
    account.buckets.push(super::driver::foreign("arxiv", "444455556666"));
    console.load(Config { accounts: vec![account], ..Config::default() }, Origin::Demo);
    console.go_to("arxiv");
    console.keys("b");
    let screen = console.see();
    assert!(screen.contains("1 request, once") && screen.contains("account nobody has no keys: nothing is billed"), "{screen}");
    console.keys("y");
    let (_, errand) = console.probing();
    assert_eq!((errand.plan.can_sign, errand.plan.steps().len()), (CanSign::No, 1));
}

#[test]
fn inside_a_bucket_it_asks_about_the_object_or_prefix_that_is_shown() {
    let mut console = Console::inside("arxiv", 120, 40);
    console.end_page(Ok(leaf(&["a.tar", "src/"], None)));
    console.keys("b");
    let screen = console.see();
    assert!(screen.contains("signed GetObject of one byte with the header"), "{screen}");
    assert!(screen.contains("4 GET/other (Tier 2), 3 B down"), "{screen}");
    console.keys("y");
    assert_eq!(console.probing().1.plan.asking, Asking::FirstByte(ObjectKey::new("a.tar")));
}

/// What an earlier session proved stands in the column with its age, until something newer is observed.
#[test]
fn proofs_of_earlier_sessions_stand_with_their_age() {
    let evidence = vec!["signed ListObjectsV2 with the header → 200, charged".to_owned()];
    let proof = Proof { verdict: Verdict::Enforced, evidence, at: "2026-11-01T14:02:11Z".parse().unwrap() };
    let opened = || {
        let mut console = with_proofs(Consent::Silent, Vec::new(), vec![(bucket("research", "arxiv"), proof.clone())]);
        console.resize(120, 40);
        console.go_to("arxiv");
        console
    };
    let mut console = opened();
    assert!(console.row("arxiv").contains("Requester (inferred)"), "{}", console.draw());
    let screen = console.draw();
    for text in ["probed at 2026-11-01 14:02:11, 19 d ago", "signed ListObjectsV2 with the header → 200, charged"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    // The store's own answer is newer, and so is another probe.
    console.keys("r");
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    let screen = console.draw();
    assert!(console.row("arxiv").contains("BucketOwner") && !screen.contains("19 d ago"), "{screen}");
    let mut console = opened();
    console.keys("b");
    console.see();
    console.keys("y");
    console.end_probe(owner_pays());
    console.press(KeyCode::Esc);
    let screen = console.draw();
    assert!(console.row("arxiv").contains("BucketOwner (inferred)") && !screen.contains("d ago"), "{screen}");
    // A probe that proves nothing takes nothing away.
    let mut console = opened();
    console.keys("b");
    console.see();
    console.keys("y");
    console.end_probe([refused(Because::Unsaid), refused(Because::Unsaid), refused(Because::Unsaid), refused(Because::Unsaid)]);
    console.press(KeyCode::Esc);
    assert!(console.row("arxiv").contains("Requester (inferred)"), "{}", console.draw());
}

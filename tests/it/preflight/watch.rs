//! Reading a changed payer back until the store agrees, or until nobody wants to know any more.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use whopays::app::PayerChange;
use whopays::audit::Outcome;
use whopays::config::{self, LiteralSecrets};
use whopays::demo::{Act, Options, Prepared, Store};
use whopays::domain::{Consent, ErrorKind, Op, Payer};
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::journal::Journal;

use crate::support::store::acting;
use crate::support::wait;

/// A store that takes changes of the payer and forgets them, an engine that asks twice and then pauses for an hour, its journal.
async fn forgetful() -> (Store, Engine, Journal) {
    let store = Store::start(Options::default()).await.expect("a store");
    store.script(Op::PutBucketRequestPayment, [Act::Answer(Prepared::new(200, "application/xml", ""))]);
    let config = config::parse("demo.toml", &store.config(), LiteralSecrets::Allowed).expect("a good config");
    let journal = Journal::in_memory().expect("memory");
    let engine = Engine::new(&config, journal.clone(), Arc::new(Desk::default()), Box::new(|_| ())).expect("an engine");
    let pauses = [0, 0, 3_600].map(Duration::from_secs);
    (store, engine.with_read_back(pauses), journal)
}

fn change(target: &str) -> PayerChange {
    let place = acting(target, Consent::Silent).place;
    PayerChange { place, before: Some(Payer::BucketOwner), to: Payer::Requester, identity: Some("somebody".to_owned()) }
}

fn readings(store: &Store) -> usize {
    store.log().iter().filter(|entry| entry.op == Some(Op::GetBucketRequestPayment)).count()
}

#[tokio::test]
async fn what_was_read_until_then_is_the_outcome() {
    for target in ["studio:colorpictures", "lab:color-atlas"] {
        let (store, engine, journal) = forgetful().await;
        let accepted = Mutex::new(false);
        // The second question leaves when the first answer has come.
        let enough = wait::until("a second reading", || readings(&store) >= 2);
        let accept = || *accepted.lock().expect("ours") = true;
        let changed = engine.change_payer_until(&change(target), accept, enough).await;
        assert_eq!((changed.outcome, *accepted.lock().expect("ours")), (Outcome::NotApplied, true), "{target}");
        assert_eq!(changed.after.expect("read").payer, Payer::BucketOwner);
        let bucket = target.split(':').nth(1).expect("a name");
        let error = changed.error.expect("why");
        assert_eq!(error.message(), format!("bucket \"{bucket}\": the store accepted the change but still answers BucketOwner"));
        let line = &journal.newest(1).expect("readable")[0];
        assert_eq!((line.outcome, &line.after), (Outcome::NotApplied, &Some(Payer::BucketOwner)));
        assert_eq!(readings(&store), 2);
    }
}

#[tokio::test]
async fn whoever_does_not_wait_at_all_knows_nothing() {
    let (_store, engine, journal) = forgetful().await;
    let changed = engine.change_payer_until(&change("studio:colorpictures"), || (), async {}).await;
    assert_eq!((changed.outcome, changed.after.is_none()), (Outcome::Unknown, true));
    let error = changed.error.expect("why");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(
        error.message(),
        "bucket \"colorpictures\": the store accepted the change, but the new value cannot be read back (its answer was not waited for)"
    );
    assert_eq!(journal.newest(1).expect("readable")[0].outcome, Outcome::Unknown);
}

//! The hands: a look is told as it comes, and whoever does not want to wait for a new payer has an end and a journal line at once.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use whopays::app::{Changed, Effect, Msg, PayerChange, Start, Ticket};
use whopays::audit::Outcome;
use whopays::demo::Options;
use whopays::domain::{Consent, Payer};
use whopays::runtime::desk::Desk;
use whopays::runtime::hands::Hands;
use whopays::runtime::startup::CliOverrides;

use crate::support::store::acting;
use crate::support::wait;

/// Hands on an embedded store of their own, loaded.
async fn hands() -> (Hands, UnboundedReceiver<Msg>) {
    let (sender, mut messages) = unbounded_channel();
    let handle = tokio::runtime::Handle::current();
    let mut hands = Hands::new(handle, sender, CliOverrides::default(), Options::default(), Arc::new(Desk::default()));
    hands.carry_out(Effect::Load(Ticket(1), Start::Demo));
    while !matches!(wait::next(&mut messages).await, Msg::Loaded(Ticket(1), Ok(_))) {}
    (hands, messages)
}

async fn ended(messages: &mut UnboundedReceiver<Msg>) -> Changed {
    loop {
        if let Msg::PayerChanged(Ticket(2), changed) = wait::next(messages).await {
            return changed;
        }
    }
}

#[tokio::test]
async fn a_look_is_told_in_pieces() {
    let (mut hands, mut messages) = hands().await;
    for (target, settings) in [("studio:website-static", 8), ("lab:color-atlas", 10)] {
        hands.carry_out(Effect::LookAtBucket(Ticket(3), acting(target, Consent::Silent).place));
        let mut told = Vec::new();
        while told.last().is_none_or(|open| *open > 0) {
            if let Msg::BucketSeen(Ticket(3), look) = wait::next(&mut messages).await {
                told.push(look.open);
            }
        }
        assert_eq!(told, (0..settings).rev().collect::<Vec<usize>>(), "{target}");
    }
}

/// The demo's slow bucket answers the old value for a second and a half after a change, and then the new one.
fn slow() -> PayerChange {
    let place = acting("studio:slow-turning", Consent::Silent).place;
    PayerChange { place, before: Some(Payer::BucketOwner), to: Payer::Requester, identity: Some("somebody".to_owned()) }
}

#[tokio::test]
async fn a_watch_that_is_stopped_ends_with_what_was_read() {
    let (mut hands, mut messages) = hands().await;
    hands.carry_out(Effect::ChangePayer(Ticket(2), slow()));
    while !matches!(wait::next(&mut messages).await, Msg::PayerAccepted(Ticket(2))) {}
    hands.carry_out(Effect::StopWatching(Ticket(2)));
    let changed = ended(&mut messages).await;
    // Whether the first answer came before it is not ours to say.
    assert!(matches!(changed.outcome, Outcome::NotApplied | Outcome::Unknown), "{:?}", changed.outcome);
    hands.carry_out(Effect::ReadJournal(Ticket(4), 1));
    let Msg::JournalRead(Ticket(4), Ok(lines)) = wait::next(&mut messages).await else { panic!("the journal was asked") };
    assert_eq!((lines[0].outcome, lines[0].request_id.is_some()), (changed.outcome, true));
}

#[tokio::test]
async fn a_watch_that_is_left_alone_sees_the_new_value() {
    let (mut hands, mut messages) = hands().await;
    hands.carry_out(Effect::StopWatching(Ticket(9)));
    hands.carry_out(Effect::ChangePayer(Ticket(2), slow()));
    assert_eq!(ended(&mut messages).await.outcome, Outcome::Verified);
}

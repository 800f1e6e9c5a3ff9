//! The look before a change of the payer, and the wait after it.

use whopays::app::Msg;
use whopays::domain::preflight::Fact;
use whopays::domain::{Seen, Setting};

use super::{Console, at_every_size, go};

/// What a look at a public website finds, of which the policy cannot be read.
fn seen() -> Vec<(Setting, Seen)> {
    let everyone = Fact { everyone: vec!["READ".to_owned()], ..Fact::default() };
    let logs = Fact { names: vec!["colorpictures".to_owned()], ..Fact::default() };
    let domains = Fact { names: vec!["atlas.lab.example".to_owned(), "evil\u{202e}\u{1b}[2J.example".to_owned()], ..Fact::default() };
    vec![
        (Setting::Acl, Seen::Is(everyone)),
        (Setting::Website, Seen::Is(Fact::default())),
        (Setting::Logging, Seen::Is(logs)),
        (Setting::Domains, Seen::Is(domains)),
        (Setting::Acceleration, Seen::Is(Fact { on: true, ..Fact::default() })),
        (Setting::Policy, Seen::Unread("access denied".to_owned())),
    ]
}

#[test]
fn countdown_with_findings() {
    at_every_size("findings", |console| {
        go(console, "colorpictures");
        console.keys("p");
        console.see_bucket("colorpictures", seen(), 0);
    });
}

#[test]
fn details_with_findings() {
    at_every_size("findings_details", |console| {
        go(console, "colorpictures");
        console.keys("p");
        console.see_bucket("colorpictures", seen(), 0);
        console.keys("i");
    });
}

#[test]
fn plan_with_findings() {
    at_every_size("findings_plan", |console| {
        console.keys("*p");
        // A small screen shows fewer buckets, not fewer looks.
        for (_, bucket) in console.looks() {
            let (open, found) = if bucket == "lab-results" { (3, Vec::new()) } else { (0, seen()) };
            console.see_bucket(&bucket, if bucket == "climate-data" { Vec::new() } else { found }, open);
        }
    });
}

fn accept(console: &mut Console) {
    go(console, "colorpictures");
    console.keys("p");
    console.answer_identify();
    console.see();
    console.keys("\n");
    let (ticket, ..) = console.changes()[0].clone();
    console.send(Msg::PayerAccepted(ticket));
}

#[test]
fn waiting_for_the_new_value() {
    at_every_size("watching", accept);
}

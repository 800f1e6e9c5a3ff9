//! Ctrl-C while a changed payer is read back: the journal says what was read until then, and not that nobody knows whether it was sent.

use rustix::process::{Pid, Signal, kill_process};
use whopays::demo::{Act, Prepared};

use super::*;

/// Sends a change, waits until it was read back so often, and interrupts. What it said, and its line in the journal.
fn interrupted(bench: &Bench, bucket: &str, readings: usize) -> (String, Value) {
    let mark = bench.mark();
    let child = bench.begin(&["payer", "set", "requester", bucket, "--yes"]);
    bench.wait_for(Op::PutBucketRequestPayment, mark, 1);
    // The first reading comes before the change.
    bench.wait_for(Op::GetBucketRequestPayment, mark, 1 + readings);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", said(&output));
    (said(&output), bench.lines(&["journal"]).swap_remove(0))
}

#[test]
fn the_journal_ends_with_what_was_read_until_then() {
    for bucket in ["studio:colorpictures", "lab:color-atlas"] {
        let bench = Bench::start();
        // The store answers the first reading after the change, and then hangs: the change was answered, its reading back is cut.
        bench.store().script(Op::GetBucketRequestPayment, [Act::Pass, Act::Silence]);
        let (told, line) = interrupted(&bench, bucket, 1);
        assert!(told.contains("accepted by the store, not read back"), "{bucket}: {told}");
        assert_eq!((&line["outcome"], &line["after"]), (&Value::from("unknown"), &Value::Null), "{line}");
        let why = line["error"].as_str().unwrap();
        assert!(
            why.contains("the store accepted the change, but the new value cannot be read back (its answer was not waited for)"),
            "{why}"
        );
        assert!(line["request_id"].is_string(), "the id of the PUT that was answered: {line}");
    }
}

#[test]
fn a_store_that_still_answers_the_old_value_is_quoted() {
    let bench = Bench::start();
    let old = "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>";
    let still = Act::Answer(Prepared::new(200, "application/xml", old));
    bench.store().script(Op::GetBucketRequestPayment, [Act::Pass, still, Act::Silence]);
    let (told, line) = interrupted(&bench, "studio:colorpictures", 2);
    assert!(told.contains("not applied"), "{told}");
    assert_eq!((&line["outcome"], &line["after"]), (&Value::from("not applied"), &Value::from("BucketOwner")), "{line}");
    assert!(line["error"].as_str().unwrap().contains("the store accepted the change but still answers BucketOwner"), "{line}");
}

/// The list of a pipeline comes on standard input.
#[test]
fn a_list_on_standard_input() {
    let bench = Bench::start();
    let list = "[[bucket]]\ntarget = \"studio:colorpictures\"\npayer = \"requester\"\n";
    let with = |arguments: &[&str], text: &str| {
        let mut child = bench.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let plan = with(&["payer", "plan", "-", "--json"], list);
    assert_eq!(code(&plan), 7, "{}", said(&plan));
    assert!(said(&plan).contains("1 of 1 bucket differ from standard input"), "{}", said(&plan));
    let unasked = with(&["payer", "apply", "-"], list);
    assert_eq!(code(&unasked), 5, "the list is no answer to a question: {}", said(&unasked));
    assert_eq!(code(&with(&["payer", "apply", "-", "--yes"], list)), 0);
    assert_eq!(code(&with(&["payer", "plan", "-"], list)), 0);
    let wrong = with(&["payer", "plan", "-"], "[[bucket]]\ntarget = \"studio:colorpictures\"\n");
    assert_eq!(code(&wrong), 2);
    assert!(said(&wrong).contains("standard input:1: bucket has no `payer`"), "{}", said(&wrong));
    assert_eq!(code(&with(&["payer", "plan", "-"], "")), 2);
}

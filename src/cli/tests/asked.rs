//! Who is asked before a payer changes, and what an interruption leaves.

use super::*;

#[test]
fn a_person_is_asked_and_enter_alone_is_no() {
    for (typed, expected) in [(vec!["y"], 0), (vec!["yes"], 0), (vec![""], 5), (vec!["n"], 5), (vec![], 5)] {
        let world = two_accounts();
        let (output, _, stderr) = recorded::text();
        let asked = Set { answers: Answers::Person, types: typed.clone(), ..set(Payer::Requester, &["lab:apple"]) };
        assert_eq!(run_set(&world, asked, &output), expected, "{typed:?}");
        assert_eq!(world.requests("PUT").len(), usize::from(expected == 0), "{typed:?}");
        assert!(stderr.text().contains("  lab:apple  BucketOwner → Requester\n"), "{}", stderr.text());
        assert!(stderr.text().contains("Change the payer of 1 bucket? [y/N] "), "{}", stderr.text());
    }
}

#[test]
fn nobody_is_asked_where_nothing_changes() {
    let world = two_accounts();
    let (output, _, stderr) = recorded::text();
    let asked = Set { answers: Answers::Person, ..set(Payer::Requester, &["lab:zebra"]) };
    assert_eq!(run_set(&world, asked, &output), 0);
    assert_eq!(stderr.text(), "");
}

#[test]
fn a_protected_account_wants_the_buckets_name() {
    for (typed, expected) in [(vec!["safe"], 0), (vec!["y"], 5), (vec!["Safe"], 5)] {
        let world = World::default().with_payer("vault:safe", Payer::BucketOwner);
        let (output, _, stderr) = recorded::text();
        let asked = Set { answers: Answers::Person, types: typed.clone(), ..set(Payer::Requester, &["vault:safe"]) };
        assert_eq!(run_set(&world, asked, &output), expected, "{typed:?}");
        assert!(stderr.text().contains("Account vault is protected. Type safe to confirm: "), "{}", stderr.text());
    }
    let world = World::default().with_payer("vault:safe", Payer::BucketOwner);
    assert_eq!(run_set(&world, set(Payer::Requester, &["vault:safe"]), &recorded::text().0), 0, "--yes confirms it");
}

#[test]
fn an_interrupted_change_says_what_was_sent() {
    let world = two_accounts();
    world.0.borrow_mut().hanging = true;
    let sent = world.clone();
    let stop = async move {
        while sent.requests("PUT").is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let (output, stdout, stderr) = recorded::text();
    assert_eq!(run_set_until(&world, set(Payer::Requester, &["lab:apple", "lab:zebra"]), stop, &output), 130);
    assert!(stdout.text().contains("accepted by the store, not read back"), "{}", stdout.text());
    assert!(stdout.text().contains("lab:zebra  Requester    Requester  unchanged"), "{}", stdout.text());
    assert!(stderr.text().contains("error: interrupted\n"), "{}", stderr.text());
}

#[test]
fn interrupted_before_anything_was_sent() {
    let world = two_accounts();
    let (output, stdout, _) = recorded::text();
    assert_eq!(run_set_until(&world, set(Payer::Requester, &["lab:apple"]), std::future::ready(()), &output), 130);
    assert!(world.requests("PUT").is_empty());
    assert_eq!(stdout.text(), "");
}

#[test]
fn interrupted_while_the_identity_is_asked_for() {
    let world = two_accounts();
    world.0.borrow_mut().silent = true;
    let asked = world.clone();
    let stop = async move {
        while asked.requests("IDENTIFY").is_empty() {
            tokio::task::yield_now().await;
        }
        asked.0.borrow_mut().silent = false;
    };
    let (output, _, stderr) = recorded::text();
    assert_eq!(run_set_until(&world, set(Payer::Requester, &["lab:apple"]), stop, &output), 130);
    assert!(world.requests("PUT").is_empty());
    assert_eq!(stderr.text(), "error: interrupted\n  hint: Nothing was sent.\n");
}

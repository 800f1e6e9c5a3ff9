//! Payers as a file declares them: `payer plan` and `payer apply`.

use super::*;

/// Runs `payer plan` or `payer apply` on the text of a file.
fn run_file(world: &World, text: &str, how: Option<(Rehearsal, Answers)>, output: &Output) -> u8 {
    let config = config();
    let ended = crate::config::declared("list.toml", text)
        .and_then(|entries| payer_plan::resolved(&config, None, &entries))
        .map_err(Failure::from)
        .and_then(|wanted| match how {
            None => tasks::wait_for(payer_plan::run(world, &wanted, "list.toml", output)),
            Some((rehearsal, answers)) => {
                let stop = std::future::pending::<()>();
                tasks::wait_for(payer_set::carry_out(world, &wanted, rehearsal, answers, &mut Types(vec![]), stop, output))
            }
        });
    code(ended, output)
}

const LIST: &str = "# who pays\n[[bucket]]\ntarget = \"lab:zebra\"\npayer = \"requester\"\n\n\
                    [[bucket]]\ntarget = \"lab:apple\" # ours\npayer = \"Requester\"\n\n\
                    [[bucket]]\ntarget = \"research:papers\"\npayer = \"owner\"\n";

#[test]
fn a_plan_lists_every_bucket_and_its_code_says_whether_they_are_as_declared() {
    let world = two_accounts();
    let (output, stdout, stderr) = recorded::text();
    assert_eq!(run_file(&world, LIST, None, &output), 7);
    assert_eq!(
        stdout.text(),
        "TARGET           PAYER        DECLARED     STATE\n\
         lab:zebra        Requester    Requester    same\n\
         lab:apple        BucketOwner  Requester    drift\n\
         research:papers  Nobody       BucketOwner  drift\n"
    );
    assert_eq!(stderr.text(), "error: 2 of 3 buckets differ from list.toml\n  hint: Make them as declared: `whopays payer apply FILE`.\n");
    assert!(world.requests("PUT").is_empty() && world.requests("LOOK").is_empty());
    let equal = "[[bucket]]\ntarget = \"lab:zebra\"\npayer = \"requester\"\n";
    assert_eq!(run_file(&world, equal, None, &recorded::text().0), 0);
    let denied = "[[bucket]]\ntarget = \"research:arxiv\"\npayer = \"requester\"\n";
    assert_eq!(run_file(&world, denied, None, &recorded::text().0), 3, "nothing could be compared");
    let (output, stdout, stderr) = recorded::json();
    assert_eq!(run_file(&world, &format!("{equal}{denied}"), None, &output), 7, "what could not be read is not as declared");
    assert_eq!(
        stdout.text(),
        "{\"target\":\"lab:zebra\",\"payer\":\"Requester\",\"declared\":\"Requester\",\"state\":\"same\",\"request_id\":\"R-get\"}\n\
         {\"target\":\"research:arxiv\",\"payer\":null,\"declared\":\"Requester\",\"state\":\"unknown\",\"request_id\":\"R-fail\"}\n"
    );
    assert!(stderr.text().contains("\"target\":\"research:arxiv\""), "{}", stderr.text());
}

#[test]
fn apply_makes_it_so_once() {
    let world = two_accounts();
    let (output, stdout, _) = recorded::json();
    let yes = Some((Rehearsal::Real, Answers::Yes));
    assert_eq!(run_file(&world, LIST, yes, &output), 0);
    assert_eq!(
        world.requests("PUT"),
        ["lab:apple Requester by LTAI…0002", "research:papers BucketOwner by arn:aws:iam::111122223333:user/ana"]
    );
    assert_eq!(stdout.text().lines().count(), 3);
    assert_eq!(run_file(&world, LIST, yes, &recorded::text().0), 0);
    assert_eq!(world.requests("PUT").len(), 2, "what is so already is not sent");
    assert_eq!(run_file(&world, LIST, None, &recorded::text().0), 0, "and the plan agrees");
    assert_eq!(run_file(&world, LIST, Some((Rehearsal::Real, Answers::Nobody)), &recorded::text().0), 5);
}

#[test]
fn apply_says_what_failed_and_what_did_not() {
    let world = two_accounts().with_failure("research:papers", ErrorKind::Denied);
    let (output, stdout, _) = recorded::text();
    assert_eq!(run_file(&world, LIST, Some((Rehearsal::Real, Answers::Yes)), &output), 7);
    assert!(stdout.text().contains("lab:apple        BucketOwner  Requester  changed, read back"), "{}", stdout.text());
    assert!(stdout.text().contains("research:papers  -            -          not read, not changed"), "{}", stdout.text());
}

#[test]
fn a_read_only_account_is_refused_only_if_it_would_be_changed() {
    let list = "[[bucket]]\ntarget = \"museum:art\"\npayer = \"requester\"\n[[bucket]]\ntarget = \"lab:apple\"\npayer = \"requester\"\n";
    let yes = Some((Rehearsal::Real, Answers::Yes));
    let world = two_accounts().with_payer("museum:art", Payer::Requester);
    assert_eq!(run_file(&world, list, yes, &recorded::text().0), 0);
    let world = two_accounts().with_payer("museum:art", Payer::BucketOwner);
    let (output, _, stderr) = recorded::text();
    assert_eq!(run_file(&world, list, yes, &output), 5);
    assert!(stderr.text().contains("museum:art: account museum is read-only"), "{}", stderr.text());
    assert!(world.requests("PUT").is_empty(), "nothing at all is sent");
    assert_eq!(run_file(&world, list, None, &recorded::text().0), 7, "looking is allowed");
}

#[test]
fn a_broken_list_is_told_with_its_line_and_nothing_is_asked() {
    let entry = |target: &str| format!("[[bucket]]\ntarget = \"{target}\"\npayer = \"owner\"\n");
    for (text, wanted) in [
        ("", "list.toml: declares no bucket"),
        ("# nothing\n", "list.toml: declares no bucket"),
        ("[[bucket]]\npayer = \"owner\"\n", "list.toml:1: bucket has no `target`"),
        ("\n[[bucket]]\ntarget = \"lab:apple\"\n", "list.toml:2: bucket has no `payer`"),
        ("[[bucket]]\ntarget = \"lab:apple\"\npayer = \"me\"\n", "list.toml:3: bucket.payer has a value that is not known"),
        ("[[bucket]]\ntarget = \"lab:apple\"\npayers = \"owner\"\n", "list.toml:3: bucket.payers is not known"),
        ("[[buckets]]\n", "list.toml:1: buckets is not known"),
        ("[bucket]\ntarget = \"lab:apple\"\n", "list.toml:1: bucket is not a list of tables"),
        ("[[bucket]]\ntarget = lab\n", "list.toml:2: target has a value without quotes"),
        (&entry("nobody:apple"), "list.toml:2: there is no account \"nobody\""),
        (&entry("lab:apple/key"), "list.toml:2: target \"lab:apple/key\" names a key, but the payer belongs to the whole bucket"),
        (&format!("{}{}", entry("lab:apple"), entry("lab:apple")), "list.toml:5: lab:apple is declared twice, first at list.toml:2"),
    ] {
        let world = two_accounts();
        let (output, _, stderr) = recorded::text();
        assert_eq!(run_file(&world, text, None, &output), 2, "{text}");
        assert!(stderr.text().starts_with(&format!("error: {wanted}\n  hint: ")), "{wanted}\n{}", stderr.text());
        assert!(world.0.borrow().requests.is_empty());
    }
}

//! `x`

use whopays::app::{Begin, Effect, KeyCode, Msg};
use whopays::domain::{Access, Charged, Error, ErrorKind};
use whopays::transfer::{Delete, Ending, Job, Progress, Rein, Selection, Versions};

use super::super::driver::Console;
use super::super::shelf::leaf;
use super::{foreign_shelf, shelf, shelf_of};

fn keys_of(job: &Job) -> Vec<String> {
    let Job::Delete(Delete { what: Selection::Picked(picks), .. }) = job else { panic!("{job:?}") };
    picks.iter().map(|pick| pick.key.as_str().to_owned()).collect()
}

fn go(console: &Console) -> usize {
    console.ever(|effect| matches!(effect, Effect::Rein(_, Rein::Go)).then_some(())).len()
}

#[test]
fn one_object_is_named_with_account_bucket_and_key_and_goes_after_y() {
    let mut console = shelf(80, 24);
    console.keys("x");
    let screen = console.see();
    for text in ["Delete?", "research:maps/a.txt", "1 object, 5 B", "pays     you (research)", "1 request not billed", "y: delete    Enter"]
    {
        let text = text.replace("    Enter", "   Enter");
        assert!(screen.contains(&text), "{text}\n{screen}");
    }
    assert!(console.acting_jobs().is_empty());
    console.keys("y");
    let jobs = console.acting_jobs();
    assert_eq!(jobs.len(), 1);
    assert_eq!(keys_of(&jobs[0]), ["a.txt"]);
    let Job::Delete(delete) = &jobs[0] else { panic!("{jobs:?}") };
    assert_eq!((delete.within.place.id.to_string().as_str(), delete.versions), ("research:maps", Versions::Current));
    assert!(console.draw().contains("the list says what is gone"));
}

#[test]
fn a_key_of_spaces_is_told_from_the_bucket() {
    let mut console = Console::inside("maps", 80, 24);
    console.answer_page(leaf(&["   "], None), Charged::No);
    assert!(console.draw().contains("key       \\u{20}\\u{20}\\u{20}"), "{}", console.draw());
    console.keys("x");
    let screen = console.see();
    assert!(screen.contains("what     research:maps/\\u{20}\\u{20}\\u{20}"), "{screen}");
    assert!(screen.contains("1 request not billed") && !screen.contains("no price known"), "{screen}");
}

#[test]
fn on_a_low_screen_it_says_what_goes() {
    let mut console = shelf(40, 10);
    console.keys("x");
    let screen = console.see();
    assert!(screen.contains("research:maps/a.txt") && screen.contains("1 object, 5 B"), "{screen}");
}

#[test]
fn enter_alone_escape_and_everything_else_mean_no() {
    for no in ["\n", "\u{1b}", "n", "q"] {
        let mut console = shelf(80, 24);
        console.keys("x");
        console.see();
        console.keys(no);
        assert!(console.draw().contains("nothing was deleted"), "{no:?}");
        console.keys("y\u{1b}");
        assert!(console.acting_jobs().is_empty(), "{no:?}");
    }
}

#[test]
fn what_was_typed_ahead_or_pasted_does_not_count() {
    let mut console = shelf(80, 24);
    console.keys("xy\n");
    assert!(console.acting_jobs().is_empty(), "G7: before any frame");
    console.draw();
    console.keys("yyyy\n");
    assert!(console.acting_jobs().is_empty(), "within the moment that a person needs");
    console.send(Msg::Paste("y\ny\n".to_owned()));
    assert!(console.see().contains("a paste does not confirm"));
    assert!(console.acting_jobs().is_empty());
    console.keys("y");
    assert_eq!(console.acting_jobs().len(), 1);
}

#[test]
fn what_goes_is_what_was_shown_even_if_the_listing_changes() {
    // Sorted by size, biggest last: the page that comes puts other rows where the named one stood.
    let mut console = Console::inside("maps", 80, 24);
    console.answer_page(leaf(&["a.txt", "b.csv"], Some("next")), Charged::No);
    console.keys("G");
    console.keys("gx");
    console.see();
    console.end_page(Ok(leaf(&["c", "d"], None)));
    let screen = console.see();
    assert!(screen.contains("research:maps/a.txt"), "{screen}");
    console.keys("y");
    assert_eq!(keys_of(&console.acting_jobs()[0]), ["a.txt"], "by identity");
    // And a row that is gone, with another one in its place.
    let mut console = shelf(80, 24);
    console.keys("x");
    console.see();
    let shown = console.model.picked();
    console.keys("n");
    console.keys("r");
    console.end_page(Ok(leaf(&["0-new.txt", "b.csv"], None)));
    assert_ne!(console.model.picked(), shown);
    console.keys("x");
    assert!(console.see().contains("research:maps/0-new.txt"), "a new question names what is there now");
}

#[test]
fn what_is_marked_is_listed_and_counted() {
    let mut console = shelf(80, 24);
    console.keys("  gx");
    let screen = console.see();
    for text in ["2 objects in research:maps", "2 objects, 10 B", "  a.txt", "  b.csv", "1 request not billed"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("y");
    assert_eq!(keys_of(&console.acting_jobs()[0]), ["a.txt", "b.csv"]);
    assert_eq!(console.model.marked(), (Vec::new(), Vec::new()), "what was acted on is marked no more");
}

#[test]
fn a_prefix_is_counted_first_and_the_counting_is_asked_for() {
    let mut console = shelf(80, 24);
    console.keys("Gx");
    let screen = console.see();
    for text in [
        "Count it first?",
        "research:maps/logs/ and everything below",
        "listed first: 1 request for each",
        "1,000 keys, billed as S3 PUT, COPY, POST, LIST",
        "y: count",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    assert!(console.plans().is_empty(), "nothing is asked of the store before that");
    console.keys("y");
    let plan = console.plans().pop().unwrap();
    let Job::Delete(Delete { what: Selection::Below { prefix, rules }, .. }) = &plan.job else { panic!("{plan:?}") };
    assert_eq!((prefix.as_str(), rules.len(), plan.begin), ("logs/", 0, Begin::AfterPlan), "P6: the slash belongs to it");
    console.see();
    console.keys("y\n");
    assert!(console.draw().contains("Counting"), "a yes counts only once the size is known");
    assert_eq!(go(&console), 0);
    console.counted(12, 34_000);
    console.keys("y");
    assert_eq!(go(&console), 0, "nor before that was seen");
    let screen = console.see();
    assert!(screen.contains("12 objects, 33.2 KiB (found with 1 request)"), "{screen}");
    console.keys("y");
    assert_eq!(go(&console), 1);
    assert_eq!(console.plans().len(), 1, "what was counted is what is deleted: no second listing");
}

#[test]
fn a_plan_names_the_first_keys_visibly_and_says_how_many_more() {
    let mut console = shelf(80, 24);
    console.keys("Gx");
    console.see();
    console.keys("y");
    let ticket = console.plans()[0].ticket;
    let names = ["logs/2024.txt", "logs/b\u{202e}gpj.exe", "logs/ "].map(str::to_owned).to_vec();
    console.send(Msg::JobNamed(ticket, names));
    console.counted(1_234, 5);
    let screen = console.see();
    for text in ["  logs/2024.txt", "  logs/b\\u{202e}gpj.exe", "  logs/\\u{20}", "  and 1,231 more"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("\u{1b}");
    // As many as a plan shows can be read to the last one, and what was asked stays in sight.
    for (width, height) in [(80, 24), (40, 10)] {
        let mut console = shelf(width, height);
        console.keys("Gx");
        console.see();
        console.keys("y");
        let ticket = console.plans()[0].ticket;
        console.send(Msg::JobNamed(ticket, (0..100).map(|number| format!("logs/{number:03}")).collect()));
        console.counted(101, 5);
        (0..200).for_each(|_| drop(console.press(KeyCode::Down)));
        let screen = console.see();
        assert!(screen.contains("logs/099") && screen.contains("and 1 more") && screen.contains("y: delete"), "{screen}");
    }
}

#[test]
fn marked_prefixes_alone_are_what_is_meant() {
    let mut console = shelf(80, 24);
    console.keys("G gx");
    let screen = console.see();
    assert!(screen.contains("research:maps/logs/ and everything below") && !screen.contains("research:maps/a.txt"), "{screen}");
}

#[test]
fn a_plan_is_called_off_by_escape_and_by_a_failure() {
    let mut console = shelf(80, 24);
    console.keys("Gx");
    console.see();
    console.keys("y");
    console.keys("\u{1b}");
    let given_up = |console: &Console| console.ever(|effect| matches!(effect, Effect::Rein(_, Rein::GiveUp)).then_some(())).len();
    assert_eq!(given_up(&console), 1);
    console.counted(12, 34_000);
    console.see();
    console.keys("y\ny");
    assert_eq!(go(&console), 0, "a plan that was called off and reports late");

    let mut console = shelf(80, 24);
    console.keys("Gx");
    console.see();
    console.keys("y");
    let ticket = console.plans()[0].ticket;
    let error = Error::new(ErrorKind::Denied, "bucket \"maps\": access denied").hint("Ask for s3:ListBucket.");
    console.send(Msg::JobEnded(ticket, Progress::default(), Ending::Failed(error)));
    let screen = console.see();
    assert!(screen.contains("It could not be found out") && screen.contains("Ask for s3:ListBucket."), "P7\n{screen}");
    console.keys("y\n");
    assert!(console.acting_jobs().is_empty());
}

#[test]
fn protected_accounts_and_many_objects_type_the_name() {
    let mut console = shelf_of(Access::Protected);
    console.keys("x");
    assert!(console.see().contains("type `maps`, then Enter"));
    console.keys("y\n");
    assert!(console.draw().contains("that is not the text to type"));
    console.press(KeyCode::Backspace);
    console.send(Msg::Paste("maps".to_owned()));
    console.keys("\n");
    assert!(console.acting_jobs().is_empty(), "a paste is no word, and an empty word is no");
    console.keys("x");
    console.see();
    console.keys("maps\n");
    assert_eq!(console.acting_jobs().len(), 1);

    for (objects, typed) in [(1_000, false), (1_001, true)] {
        let mut console = shelf(80, 24);
        console.keys("Gx");
        console.see();
        console.keys("y");
        console.counted(objects, 1);
        console.see();
        console.keys("y");
        assert_eq!(go(&console), usize::from(!typed), "{objects}");
        if typed {
            console.press(KeyCode::Backspace);
            console.keys("maps\n");
            assert_eq!(go(&console), 1);
        }
    }
}

#[test]
fn a_plan_left_waiting_asks_for_the_same_word_again() {
    let mut console = shelf_of(Access::Protected);
    console.keys("Gx");
    console.see();
    console.keys("y");
    console.control('c');
    console.see();
    console.keys("n");
    console.counted(3, 30);
    console.keys("3 ");
    let screen = console.see();
    assert!(screen.contains("type `maps`, then Enter") || screen.contains("Screen 3") || go(&console) == 0, "{screen}");
    console.keys("y");
    assert_eq!(go(&console), 0, "a protected account is never answered by one key");
}

#[test]
fn read_only_accounts_refuse_in_a_line() {
    let mut console = shelf_of(Access::ReadOnly);
    for key in ["x", "Gx", "u"] {
        console.keys(key);
        let screen = console.see();
        assert!(screen.contains("account research is read-only"), "{screen}");
        console.keys("y\n");
    }
    assert!(console.ever(super::run_of).is_empty());
}

#[test]
fn someone_elses_bucket_asks_who_pays_first() {
    let mut console = foreign_shelf();
    console.keys("x");
    let screen = console.see();
    for text in ["Who pays?", "research:arxiv is someone else's", "s: pay, this session"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("y");
    assert!(console.acting_jobs().is_empty());
    console.keys("s");
    let screen = console.see();
    assert!(screen.contains("Delete?") && screen.contains("you (research)"), "{screen}");
    console.keys("y");
    let jobs = console.acting_jobs();
    let Job::Delete(delete) = &jobs[0] else { panic!("{jobs:?}") };
    assert_eq!(delete.within.consent, whopays::domain::Consent::Given);

    let mut console = foreign_shelf();
    console.keys("x");
    console.see();
    console.keys("w");
    assert!(console.see().contains("the bucket's owner; a requester-pays bucket refuses"));
    console.keys("y");
    assert_eq!(console.acting_jobs()[0].acting().consent, whopays::domain::Consent::Silent, "no word, no payer header");
}

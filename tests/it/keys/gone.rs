//! What jobs did to the lists that are on screen: said at the row, or as the list's age, and never asked of the store again.

use whopays::app::{Effect, KeyCode, Msg, Ticket};
use whopays::domain::{Error, ErrorKind, ObjectKey, VersionId, VersionKind, VersionRow};
use whopays::transfer::{Ending, Job, Progress, Rein, Selection};

use super::acts::{run_of, shelf};
use super::driver::Console;
use super::shelf::{leaf, thousand};

/// The ticket of the job that was ordered last.
fn job(console: &Console) -> Ticket {
    console.ever(run_of).last().expect("a job was ordered").ticket
}

fn delete(console: &mut Console) -> Ticket {
    console.keys("x");
    console.see();
    console.keys("y");
    job(console)
}

fn took(console: &mut Console, ticket: Ticket, keys: &[&str]) {
    console.send(Msg::JobTook(ticket, keys.iter().map(|key| (*key).to_owned()).collect()));
}

fn end(console: &mut Console, ticket: Ticket, ended: u64, failed: u64) {
    let progress = Progress { objects: ended, counted: true, ended, failed, ..Progress::default() };
    console.send(Msg::JobEnded(ticket, progress, if failed > 0 { Ending::Partly } else { Ending::Done }));
}

/// The line of the list that has this name.
fn row(console: &mut Console, name: &str) -> String {
    let screen = console.draw();
    screen.lines().skip(3).find(|line| line.contains(name)).unwrap_or_default().to_owned()
}

fn title(console: &mut Console) -> String {
    console.draw().lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_deleted_row_says_so_stays_where_it_is_and_is_not_acted_on() {
    let mut console = shelf(80, 24);
    let ticket = delete(&mut console);
    assert!(!row(&mut console, "a.txt").contains("gone"), "before the store has said so");
    took(&mut console, ticket, &["a.txt"]);
    end(&mut console, ticket, 1, 0);
    assert!(row(&mut console, "a.txt").contains(" gone"), "{}", row(&mut console, "a.txt"));
    assert!(!row(&mut console, "b.csv").contains("gone"));
    let head = title(&mut console);
    assert!(head.contains("1 gone: r") && !head.contains("changed since"), "{head}");
    assert!(console.draw().contains("a transfer of this session has removed it"), "the details");
    assert_eq!(console.names()[..2], ["a.txt", "b.csv"], "nothing moved under the cursor");
    assert_eq!(console.model.picked(), None);
    for key in ["x", "d", "c", "v", "P"] {
        console.keys(key);
        assert!(console.draw().contains("it is gone: a transfer of this session has removed it; r reads"), "{key}");
    }
    assert_eq!(console.ever(|effect| matches!(effect, Effect::InspectObject(..) | Effect::Preview(..)).then_some(())).len(), 0);
    assert_eq!((console.ever(run_of).len(), console.listings()), (1, 1), "no request for it");
    console.keys("1\n ");
    assert_eq!(console.model.marked().0.len(), 0, "Space marks nothing there");
    console.keys("g*");
    let (picks, prefixes) = console.model.marked();
    assert_eq!((picks.len(), picks[0].key.as_str(), prefixes.len()), (1, "b.csv", 1), "nor does *");
    console.keys("*");
    assert_eq!(console.model.marked(), (Vec::new(), Vec::new()), "all that is left was marked");
    console.keys("r");
    console.end_page(Ok(leaf(&["b.csv", "logs/"], None)));
    assert!(!title(&mut console).contains("gone"));
}

#[test]
fn marks_of_rows_that_go_are_gone_too() {
    let mut console = shelf(80, 24);
    let ticket = delete(&mut console);
    console.keys("g ");
    assert_eq!(console.model.marked().0.len(), 1);
    took(&mut console, ticket, &["a.txt"]);
    assert_eq!(console.model.marked(), (Vec::new(), Vec::new()));
    assert!(!title(&mut console).contains("marked"));
}

#[test]
fn a_filtered_and_a_sorted_list_say_it_too() {
    let mut console = shelf(80, 24);
    let ticket = delete(&mut console);
    console.keys("sS");
    console.arrange();
    took(&mut console, ticket, &["a.txt"]);
    assert!(row(&mut console, "a.txt").contains(" gone"));
    console.keys("*");
    assert_eq!(console.model.marked().0.iter().map(|pick| pick.key.as_str()).collect::<Vec<_>>(), ["b.csv"]);
}

#[test]
fn a_deleted_prefix_is_gone_above_and_inside_once_all_of_it_is() {
    let mut console = shelf(80, 24);
    console.keys("Gl");
    console.end_page(Ok(leaf(&["logs/a", "logs/b", "logs/deep/"], None)));
    console.keys("h");
    console.keys("x");
    console.see();
    console.keys("y");
    console.counted(3, 3);
    console.see();
    console.keys("y");
    let ticket = job(&console);
    took(&mut console, ticket, &["logs/deep/x", "logs/a"]);
    let head = title(&mut console);
    assert!(!row(&mut console, "logs/").contains("gone") && !head.contains("gone") && !head.contains("changed"), "not all of it: {head}");
    took(&mut console, ticket, &["logs/b"]);
    end(&mut console, ticket, 3, 0);
    assert!(row(&mut console, "logs/").contains(" gone"));
    assert!(!row(&mut console, "a.txt").contains("gone") && title(&mut console).contains("1 gone: r"));
    console.keys("\n");
    assert!(title(&mut console).contains("3 gone: r"), "{}", title(&mut console));
    assert_eq!(console.listings(), 2, "nothing was asked again");
}

#[test]
fn a_prefix_that_went_in_part_is_older_than_that() {
    for ending in [Ending::Partly, Ending::Stopped, Ending::Failed(Error::new(ErrorKind::Network, "connection refused"))] {
        let mut console = shelf(80, 24);
        console.keys("Gx");
        console.see();
        console.keys("y");
        console.counted(3, 3);
        console.see();
        console.keys("y");
        let ticket = job(&console);
        took(&mut console, ticket, &["logs/a"]);
        let progress = Progress { objects: 3, counted: true, ended: 2, failed: 1, ..Progress::default() };
        console.send(Msg::JobEnded(ticket, progress, ending));
        assert!(!row(&mut console, "logs/").contains("gone"));
        assert!(title(&mut console).contains("changed since: r"), "{}", title(&mut console));
    }
}

#[test]
fn the_last_object_of_a_prefix_makes_the_list_above_older() {
    let mut console = shelf(80, 24);
    console.keys("Gl");
    console.end_page(Ok(leaf(&["logs/a"], None)));
    let ticket = delete(&mut console);
    took(&mut console, ticket, &["logs/a"]);
    end(&mut console, ticket, 1, 0);
    assert!(title(&mut console).contains("1 gone: r"));
    console.keys("h");
    let head = title(&mut console);
    assert!(head.contains("changed since: r"), "nobody knows whether the prefix has more: {head}");
    assert!(!row(&mut console, "logs/").contains("gone"));
}

#[test]
fn keys_that_were_not_named_make_the_list_older() {
    let mut console = shelf(80, 24);
    console.keys("  g");
    let ticket = delete(&mut console);
    took(&mut console, ticket, &["a.txt"]);
    end(&mut console, ticket, 2, 0);
    assert!(title(&mut console).contains("changed since: r"), "{}", title(&mut console));
}

#[test]
fn failed_keys_stay() {
    let mut console = shelf(80, 24);
    console.keys("  g");
    let ticket = delete(&mut console);
    took(&mut console, ticket, &["b.csv"]);
    end(&mut console, ticket, 2, 1);
    assert!(!row(&mut console, "a.txt").contains("gone") && row(&mut console, "b.csv").contains(" gone"));
    assert!(!title(&mut console).contains("changed since"));
}

#[test]
fn what_was_moved_is_gone_and_where_it_went_is_older() {
    let mut console = shelf(80, 24);
    console.keys("Gl");
    console.end_page(Ok(leaf(&["logs/a"], None)));
    console.keys("hg");
    console.keys("c");
    console.control('u');
    console.keys("research:maps/logs/");
    console.press(KeyCode::Down);
    console.keys(" \n");
    assert!(console.see().contains("Move?"));
    console.keys("y");
    let ticket = job(&console);
    took(&mut console, ticket, &["a.txt"]);
    end(&mut console, ticket, 1, 0);
    assert!(row(&mut console, "a.txt").contains(" gone"));
    let head = title(&mut console);
    assert!(head.contains("changed since: r"), "the prefix that it went to is in this list: {head}");
    console.keys("G\n");
    assert!(title(&mut console).contains("changed since: r"));
    assert_eq!(console.listings(), 2);
}

#[test]
fn an_upload_makes_older_what_it_could_be_seen_in_and_nothing_else_while_it_runs() {
    let mut console = shelf(80, 24);
    console.keys("Gl");
    console.end_page(Ok(leaf(&["logs/a"], None)));
    console.keys("h");
    console.keys("u");
    super::acts::folder(&mut console, "/home/ada", whopays::app::Presence::There, &["a.csv"]);
    console.keys("\n");
    console.keys("new/\n");
    console.counted(5, 50);
    console.see();
    console.keys("y");
    let ticket = job(&console);
    let reins = console.ever(|effect| matches!(effect, Effect::Rein(_, Rein::Go)).then_some(()));
    assert_eq!(reins.len(), 1);
    let progress = Progress { objects: 5, bytes: 50, counted: true, ..Progress::default() };
    console.send(Msg::JobMoved(ticket, progress.clone()));
    assert!(!title(&mut console).contains("changed since"), "nothing has come yet");
    console.send(Msg::JobMoved(ticket, Progress { ended: 1, moved: 10, ..progress.clone() }));
    assert!(title(&mut console).contains("changed since: r"));
    console.keys("Gl");
    assert!(!title(&mut console).contains("changed since"), "nothing new can be below logs/: {}", title(&mut console));
    console.keys("hr");
    console.end_page(Ok(leaf(&["a.txt", "new/"], None)));
    assert!(!title(&mut console).contains("changed since"), "read after the first object");
    console.send(Msg::JobMoved(ticket, Progress { ended: 2, moved: 20, ..progress }));
    assert!(title(&mut console).contains("changed since: r"), "and older than the second");
}

#[test]
fn a_delete_in_one_bucket_changes_nothing_in_another() {
    let mut console = shelf(80, 24);
    let ticket = delete(&mut console);
    console.keys("h");
    console.go_to("climate-data");
    console.keys("\n");
    console.end_page(Ok(leaf(&["a.txt"], None)));
    took(&mut console, ticket, &["a.txt"]);
    end(&mut console, ticket, 1, 0);
    assert!(!row(&mut console, "a.txt").contains("gone") && !title(&mut console).contains("changed"));
    // And what nobody waits for changes nothing at all.
    took(&mut console, Ticket(99_999), &["a.txt"]);
    assert!(!row(&mut console, "a.txt").contains("gone"));
}

#[test]
fn of_many_rows_only_those_that_went_are_looked_for() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(thousand(0, Some("t1"))));
    console.keys("G");
    for page in 1..20 {
        console.answer_page(
            thousand(page * 1000, (page < 19).then_some("next").map(|_| format!("t{}", page + 1)).as_deref()),
            whopays::domain::Charged::No,
        );
    }
    console.keys("g");
    let ticket = delete(&mut console);
    took(&mut console, ticket, &["0012345", "0000000", "0019999"]);
    assert!(row(&mut console, "0000000").contains(" gone"));
    console.keys("G");
    assert!(row(&mut console, "0019999").contains(" gone") && !row(&mut console, "0019998").contains("gone"));
    assert!(title(&mut console).contains("3 gone: r"), "{}", title(&mut console));
}

fn version(id: &str, latest: bool, kind: VersionKind) -> VersionRow {
    VersionRow { key: ObjectKey::new("a.txt"), version: VersionId::new(id), latest, modified: None, owner: None, kind }
}

/// What is on screen, without its line ends.
fn flat(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn content() -> VersionKind {
    VersionKind::Object { size: 7, etag: None, class: None }
}

/// The row of an object that is gone leads to its versions: without the delete marker on top of them, it is back.
#[test]
fn a_deleted_object_comes_back_from_its_versions() {
    let mut console = shelf(80, 24);
    let ticket = delete(&mut console);
    took(&mut console, ticket, &["a.txt"]);
    end(&mut console, ticket, 1, 0);
    let details = flat(&console.draw());
    assert!(details.contains("i lists its versions, with 1 request, and x on a delete marker there brings it back"), "{details}");
    for (rows, brings) in [
        (vec![version("m", true, VersionKind::DeleteMarker), version("v1", false, content())], "the object is back, as the"),
        (vec![version("m", true, VersionKind::DeleteMarker)], "the object stays deleted, as no"),
        (
            vec![version("m", true, VersionKind::DeleteMarker), version("n", false, VersionKind::DeleteMarker)],
            "the object stays deleted, as another",
        ),
        (vec![version("m", false, VersionKind::DeleteMarker), version("v1", false, content())], "nothing changes for readers, as"),
    ] {
        console.keys("i");
        assert!(console.draw().contains("asking the store"));
        let asked = console.ever(|effect| match effect {
            Effect::ListVersions(ticket, acting, key) => Some((*ticket, format!("{}/{key}", acting.place.id))),
            _ => None,
        });
        let (asked, key) = asked.last().expect("asked").clone();
        assert_eq!(key, "research:maps/a.txt");
        console.send(Msg::VersionsListed(asked, Ok(rows)));
        let screen = console.draw();
        assert!(screen.contains("deleted here") && screen.contains("remove the delete marker"), "{screen}");
        console.keys("d");
        assert!(flat(&console.draw()).contains("a delete marker has no content. x removes it"), "{}", console.draw());
        console.keys("x");
        let screen = console.see();
        for text in ["Remove the delete marker?", "the delete marker m of research:maps/a.txt", "1 delete marker, no bytes", brings] {
            assert!(flat(&screen.replace('│', " ")).contains(text), "{text}\n{screen}");
        }
        console.keys("n");
        assert!(console.draw().contains("the delete marker stays"));
    }
    console.keys("i");
    let asked = console.ever(|effect| if let Effect::ListVersions(ticket, ..) = effect { Some(*ticket) } else { None });
    let rows = vec![version("m", true, VersionKind::DeleteMarker), version("v1", false, content())];
    console.send(Msg::VersionsListed(*asked.last().expect("asked"), Ok(rows)));
    console.keys("x");
    console.see();
    console.keys("y");
    let Some(Job::Delete(job)) = console.acting_jobs().pop() else { panic!("a delete") };
    let Selection::Picked(picks) = &job.what else { panic!("{job:?}") };
    assert_eq!((picks.len(), picks[0].version.as_ref().map(VersionId::as_str)), (1, Some("m")), "the marker, and nothing else");
}

/// A bucket that keeps no versions, a refusal, and an answer that nobody waits for.
#[test]
fn versions_of_what_is_gone_may_not_be_there() {
    let mut console = shelf(80, 24);
    let ticket = delete(&mut console);
    took(&mut console, ticket, &["a.txt"]);
    end(&mut console, ticket, 1, 0);
    let error = || Error::new(ErrorKind::Denied, "bucket \"maps\": access denied").hint("Ask its owner.");
    for (answer, said) in [
        (Ok(Vec::new()), "in a bucket without versions, what is deleted is gone for ever"),
        (Err(error()), "versions: bucket \"maps\": access denied. Ask its owner."),
    ] {
        console.keys("i");
        let asked = console.ever(|effect| if let Effect::ListVersions(ticket, ..) = effect { Some(*ticket) } else { None });
        console.send(Msg::VersionsListed(*asked.last().expect("asked"), answer));
        let screen = flat(&console.draw());
        assert!(screen.contains(said) && !screen.contains("Versions of"), "{screen}");
    }
    console.keys("i\u{1b}");
    let asked = console.ever(|effect| if let Effect::ListVersions(ticket, ..) = effect { Some(*ticket) } else { None });
    let last = *asked.last().expect("asked");
    assert_eq!(console.ever(|effect| (matches!(effect, Effect::Cancel(ticket) if *ticket == last)).then_some(())).len(), 1);
    console.send(Msg::VersionsListed(last, Ok(vec![version("m", true, VersionKind::DeleteMarker)])));
    assert!(!console.draw().contains("Versions of"));
}

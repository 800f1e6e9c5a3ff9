//! The hands behind screens 2 and 3, against the embedded store over real HTTP: each order is done, and answered with what it asked for.

use std::path::Path;
use std::sync::Arc;

use whopays::app::{AtDoor, Begin, Effect, EntryKind, Looking, Msg, PageFact, Presence, PreviewAsk, Previewed, Thorough, Ticket};
use whopays::domain::{
    Acting, Amount, Begin as From, Charged, Consent, Depth, ErrorKind, LinkAsk, LinkVerb, ObjectKey, Op, Overwrite, PageAsk, UploadRef,
};
use whopays::preview::{Mode, View};
use whopays::prices::Scope;
use whopays::runtime::hands::Hands;
use whopays::runtime::startup::CliOverrides;
use whopays::transfer::{
    Arranging, Column, Delete, Direction, Ending, Job, JobId, Pick, Pointer, Rein, Selection, Source, Upload, Versions,
};

use crate::jobs::{Mail, hands, hands_with};
use crate::support::store::acting;
use crate::support::wait;

fn own() -> Acting {
    acting("studio:colorpictures", Consent::Silent)
}

/// The first message that is meant.
async fn answer<T>(mail: &mut Mail, mut wanted: impl FnMut(Msg) -> Option<T>) -> T {
    loop {
        if let Some(found) = wanted(wait::next(mail).await) {
            return found;
        }
    }
}

fn upload(path: &Path, key: &str) -> Job {
    Job::Upload(Upload {
        from: Source::File(path.to_owned()),
        to: own(),
        key: Pointer::Key(ObjectKey::new(key)),
        settings: Default::default(),
        overwrite: Overwrite::Refuse,
    })
}

async fn run(hands: &mut Hands, mail: &mut Mail, job: Job, resumed: Option<JobId>) -> (Option<JobId>, Ending) {
    hands.carry_out(Effect::RunJob(Ticket(9), job, resumed, Begin::AtOnce));
    let mut number = None;
    let ending = answer(mail, |message| match message {
        Msg::JobBegun(Ticket(9), begun) => {
            number = Some(begun);
            None
        }
        Msg::JobEnded(Ticket(9), _, ending) => Some(ending),
        _ => None,
    });
    let ending = ending.await;
    (number, ending)
}

/// An object of these bytes.
async fn put(hands: &mut Hands, mail: &mut Mail, key: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(key);
    std::fs::write(&path, bytes).unwrap();
    let (_, ending) = run(hands, mail, upload(&path, key), None).await;
    assert!(matches!(ending, Ending::Done), "{ending:?}");
}

async fn page(mail: &mut Mail, ticket: Ticket) -> PageFact {
    answer(mail, |message| match message {
        Msg::PageListed(answered, page) if answered == ticket => Some(page.unwrap()),
        _ => None,
    })
    .await
}

fn ask(prefix: &str, depth: Depth) -> PageAsk {
    PageAsk { prefix: prefix.to_owned(), depth, begin: From::Start }
}

#[tokio::test]
async fn pages_come_as_many_as_were_ordered_each_for_one_request_and_are_arranged_beside() {
    let (mut hands, mut mail) = hands().await;
    let archive = acting("studio:sensor-archive", Consent::Silent);
    let before = hands.spent().tally.requests;
    hands.carry_out(Effect::ListObjects(Ticket(3), archive.clone(), ask("readings/", Depth::Everything), 3));
    let mut leaves = Vec::new();
    for number in 0..3 {
        let fact = page(&mut mail, Ticket(3)).await;
        assert_eq!(fact.leaf.row(0).unwrap().key, format!("readings/{number:03}/{number:03}000.json"));
        assert_eq!((fact.leaf.len(), fact.leaf.next.is_some(), fact.charged), (1_000, true, Charged::No));
        leaves.push(fact.leaf);
    }
    assert_eq!(hands.spent().tally.requests - before, 3);
    hands.carry_out(Effect::ListObjects(Ticket(4), archive, ask("readings/", Depth::Folder), 99));
    let fact = page(&mut mail, Ticket(4)).await;
    assert_eq!((fact.leaf.len(), fact.leaf.next.clone()), (100, None), "and no more than there are");
    assert_eq!(hands.spent().tally.requests - before, 4);

    let wish = Arranging { sort: Column::Name, order: Direction::Backward, filter: "002999".to_owned(), below: "readings/".len() };
    hands.carry_out(Effect::Arrange(Ticket(5), leaves.clone(), 500, wish));
    let rows = answer(&mut mail, |message| match message {
        Msg::Arranged(Ticket(5), rows) => Some(rows),
        _ => None,
    });
    assert_eq!(rows.await, [500 + 2_999]);
}

#[tokio::test]
async fn what_was_called_off_is_not_answered() {
    let (mut hands, mut mail) = hands().await;
    let archive = acting("studio:sensor-archive", Consent::Silent);
    hands.carry_out(Effect::ListObjects(Ticket(3), archive.clone(), ask("", Depth::Everything), 50));
    hands.carry_out(Effect::Cancel(Ticket(3)));
    hands.carry_out(Effect::ListObjects(Ticket(4), archive, ask("", Depth::Everything), 5));
    for _ in 0..5 {
        let late = answer(&mut mail, |message| match message {
            Msg::PageListed(Ticket(3), _) => Some(true),
            Msg::PageListed(Ticket(4), _) => Some(false),
            _ => None,
        });
        assert!(!late.await, "it went on");
    }
    assert!(hands.spent().tally.requests <= 6, "{:?}", hands.spent().tally);
}

fn previewed(ticket: Ticket) -> impl FnMut(Msg) -> Option<Previewed> {
    move |message| match message {
        Msg::Previewed(answered, seen) if answered == ticket => Some(seen.unwrap()),
        _ => None,
    }
}

fn lines(view: &View) -> usize {
    match view {
        View::Text(text) => text.lines.len(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_piece_is_one_request_and_stands_behind_the_one_that_it_continues() {
    let (mut hands, mut mail) = hands().await;
    let whole: Vec<u8> = (0..100).flat_map(|line| format!("line {line:04}\n").into_bytes()).collect();
    put(&mut hands, &mut mail, "lines.txt", &whole).await;
    let pick = Pick::named(ObjectKey::new("lines.txt"));
    let before = hands.spent().tally.requests;
    let first = PreviewAsk { offset: 0, length: 100, mode: Mode::Auto, behind: None };
    hands.carry_out(Effect::Preview(Ticket(3), own(), pick.clone(), first));
    let first = answer(&mut mail, previewed(Ticket(3))).await;
    assert_eq!((first.piece.bytes.len(), first.piece.total, lines(&first.shown.view)), (100, Some(1_000), 10));
    let more = PreviewAsk { offset: 100, length: 100, mode: Mode::Auto, behind: Some(first.piece.clone()) };
    hands.carry_out(Effect::Preview(Ticket(4), own(), pick.clone(), more));
    let both = answer(&mut mail, previewed(Ticket(4))).await;
    assert_eq!((both.piece.offset, both.piece.bytes.as_slice(), lines(&both.shown.view)), (0, &whole[..200], 20));
    // What does not continue it stands for itself.
    let apart = PreviewAsk { offset: 500, length: 100, mode: Mode::Auto, behind: Some(first.piece.clone()) };
    hands.carry_out(Effect::Preview(Ticket(5), own(), pick, apart));
    let apart = answer(&mut mail, previewed(Ticket(5))).await;
    assert_eq!((apart.piece.offset, apart.piece.bytes.as_slice()), (500, &whole[500..600]));
    assert_eq!(hands.spent().tally.requests - before, 3);

    hands.carry_out(Effect::LookAgain(Ticket(6), ObjectKey::new("lines.txt"), Looking { piece: both.piece, mode: Mode::Hex }));
    let shown = answer(&mut mail, |message| match message {
        Msg::Looked(Ticket(6), shown) => Some(shown),
        _ => None,
    });
    assert!(matches!(shown.await.view, View::Hex(_)));
    assert_eq!(hands.spent().tally.requests - before, 3, "looking in another way asks for nothing");
}

#[tokio::test]
async fn headers_are_one_request_and_everything_a_few_more() {
    let (mut hands, mut mail) = hands().await;
    put(&mut hands, &mut mail, "seen.json", b"{}").await;
    let pick = Pick::named(ObjectKey::new("seen.json"));
    for (ticket, thorough, most) in [(Ticket(3), Thorough::Headers, 1), (Ticket(4), Thorough::Everything, 5)] {
        let before = hands.spent().tally.requests;
        hands.carry_out(Effect::InspectObject(ticket, own(), pick.clone(), thorough));
        let known = answer(&mut mail, |message| match message {
            Msg::Inspected(answered, known) if answered == ticket => Some(known.unwrap()),
            _ => None,
        });
        let known = known.await;
        assert_eq!((known.head.size, known.head.content_type.as_deref()), (Some(2), Some("application/json")));
        assert_eq!(known.more.is_some(), thorough == Thorough::Everything);
        let asked = hands.spent().tally.requests - before;
        assert!(asked <= most && (asked > 1) == (most > 1), "{asked} requests");
    }
    hands.carry_out(Effect::InspectObject(Ticket(5), own(), Pick::named(ObjectKey::new("nothing")), Thorough::Headers));
    let refused = answer(&mut mail, |message| match message {
        Msg::Inspected(Ticket(5), known) => Some(known.unwrap_err()),
        _ => None,
    });
    assert_eq!(refused.await.kind(), ErrorKind::NotFound);
    let before = hands.spent().tally.requests;
    hands.carry_out(Effect::ListVersions(Ticket(6), own(), ObjectKey::new("seen.json")));
    let rows = answer(&mut mail, |message| match message {
        Msg::VersionsListed(Ticket(6), rows) => Some(rows.unwrap()),
        _ => None,
    });
    assert_eq!((rows.await.len(), hands.spent().tally.requests - before), (1, 1));
}

#[tokio::test]
async fn a_link_is_made_without_a_request() {
    let (mut hands, mut mail) = hands().await;
    let before = hands.spent().tally.requests;
    let wanted = LinkAsk { verb: LinkVerb::Get, key: ObjectKey::new("a b.txt"), version: None, seconds: 90 };
    hands.carry_out(Effect::Presign(Ticket(3), own(), wanted));
    let link = answer(&mut mail, |message| match message {
        Msg::Presigned(Ticket(3), link) => Some(link.unwrap()),
        _ => None,
    });
    let link = link.await;
    let url = link.url.expose();
    assert!(url.contains("/a%20b.txt?") && url.contains("X-Amz-Expires=90") && url.contains("X-Amz-Signature="), "{url}");
    assert_eq!(hands.spent().tally.requests, before);
}

#[tokio::test]
async fn a_folder_is_read_with_what_can_be_taken_from_it() {
    let (mut hands, mut mail) = hands().await;
    let home = tempfile::tempdir().unwrap();
    for name in ["b.csv", "a.csv", ".hidden"] {
        std::fs::write(home.path().join(name), [7; 10]).unwrap();
    }
    std::fs::create_dir(home.path().join("z")).unwrap();
    std::os::unix::fs::symlink(home.path().join("z"), home.path().join("link")).unwrap();
    std::os::unix::fs::symlink(home.path().join("nowhere"), home.path().join("broken")).unwrap();
    std::fs::write(home.path().join(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff")), b"").unwrap();
    let mut read = async |path: std::path::PathBuf, ticket| {
        hands.carry_out(Effect::ReadFolder(ticket, path));
        answer(&mut mail, |message| match message {
            Msg::FolderRead(answered, folder) if answered == ticket => Some(folder),
            _ => None,
        })
        .await
    };
    let folder = read(home.path().join("z/../."), Ticket(3)).await.unwrap();
    assert_eq!((folder.path.as_path(), folder.presence, folder.left_out), (home.path(), Presence::There, 1));
    let entries: Vec<_> = folder.entries.iter().map(|entry| (entry.name.as_str(), entry.kind, entry.size)).collect();
    let (folders, files) = ([("link", EntryKind::Folder, 0), ("z", EntryKind::Folder, 0)], [("a.csv", 10), ("b.csv", 10)]);
    assert_eq!(entries[..2], folders, "folders first, and a link is what it leads to");
    assert_eq!(entries[2..4], [(".hidden", EntryKind::File, 10), ("a.csv", EntryKind::File, files[0].1)]);
    assert_eq!(entries[4..], [("b.csv", EntryKind::File, files[1].1), ("broken", EntryKind::Other, 0)]);
    assert_eq!(read(home.path().join("missing"), Ticket(4)).await.unwrap().presence, Presence::Missing);
    let refused = read(home.path().join("a.csv"), Ticket(5)).await.unwrap_err();
    assert_eq!((refused.kind(), refused.hint_text()), (ErrorKind::Usage, Some("Choose a folder.")));
    let home_folder = read("~/no such folder of mine".into(), Ticket(6)).await.unwrap();
    assert!(home_folder.path.is_absolute() && !home_folder.path.to_string_lossy().contains('~'), "{:?}", home_folder.path);
}

async fn uploads(hands: &mut Hands, mail: &mut Mail) -> Vec<UploadRef> {
    hands.carry_out(Effect::ListUploads(Ticket(7), own(), "half/".to_owned()));
    let found = answer(mail, |message| match message {
        Msg::UploadsListed(Ticket(7), found) => Some(found.unwrap()),
        _ => None,
    });
    let reference =
        |row: &whopays::domain::UploadRow| UploadRef { bucket: own().place.id.bucket, key: row.key.clone(), id: row.id.clone() };
    found.await.iter().map(|upload| reference(&upload.row)).collect()
}

/// Begins an upload in parts, and stops it once parts are under way: its number.
async fn half(hands: &mut Hands, mail: &mut Mail, folder: &Path, key: &str) -> JobId {
    let path = folder.join("large.bin");
    std::fs::write(&path, vec![7; 64 << 20]).unwrap();
    hands.carry_out(Effect::LimitBandwidth(Some(4 << 20)));
    hands.carry_out(Effect::RunJob(Ticket(8), upload(&path, key), None, Begin::AtOnce));
    let mut number = None;
    let moving = answer(mail, |message| match message {
        Msg::JobBegun(Ticket(8), begun) => {
            number = Some(begun);
            None
        }
        // The first request begins the upload, the second one is a part.
        Msg::JobMoved(Ticket(8), progress) => (progress.tally.requests >= 2).then_some(()),
        Msg::JobEnded(Ticket(8), ..) => panic!("it has ended"),
        _ => None,
    });
    moving.await;
    hands.carry_out(Effect::Rein(Ticket(8), Rein::Stop));
    let ending = answer(mail, |message| match message {
        Msg::JobEnded(Ticket(8), _, ending) => Some(ending),
        _ => None,
    });
    assert!(matches!(ending.await, Ending::Stopped));
    hands.carry_out(Effect::LimitBandwidth(None));
    number.unwrap()
}

#[tokio::test]
async fn a_stopped_upload_is_given_up_or_aborted_and_nothing_stays_billed() {
    let (mut hands, mut mail) = hands().await;
    let folder = tempfile::tempdir().unwrap();
    let number = half(&mut hands, &mut mail, folder.path(), "half/one").await;
    assert_eq!(uploads(&mut hands, &mut mail).await.len(), 1);
    hands.carry_out(Effect::GiveUpJob(Ticket(3), number));
    let given_up = answer(&mut mail, |message| match message {
        Msg::JobGivenUp(Ticket(3), answer) => Some(answer),
        _ => None,
    });
    given_up.await.unwrap();
    assert_eq!(uploads(&mut hands, &mut mail).await, []);

    half(&mut hands, &mut mail, folder.path(), "half/two").await;
    let found = uploads(&mut hands, &mut mail).await;
    assert_eq!(found.iter().map(|upload| upload.key.as_str()).collect::<Vec<_>>(), ["half/two"]);
    hands.carry_out(Effect::AbortUploads(Ticket(4), own(), found));
    let failed = answer(&mut mail, |message| match message {
        Msg::UploadsAborted(Ticket(4), failed) => Some(failed),
        _ => None,
    });
    assert!(failed.await.is_empty());
    assert_eq!(uploads(&mut hands, &mut mail).await, []);
}

#[tokio::test]
async fn a_job_that_had_not_begun_is_written_down_and_can_be_gone_on_with() {
    let (mut hands, mut mail) = hands().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, b"later").unwrap();
    let job = upload(&path, "later");
    hands.carry_out(Effect::KeepJob(job.clone()));
    hands.farewell().await.unwrap();
    let (begun, ending) = run(&mut hands, &mut mail, job.clone(), Some(JobId(2))).await;
    assert!(begun.is_none() && matches!(ending, Ending::Failed(_)), "no other job was written down: {ending:?}");
    let (begun, ending) = run(&mut hands, &mut mail, job, Some(JobId(1))).await;
    assert!(begun == Some(JobId(1)) && matches!(ending, Ending::Done), "{begun:?} {ending:?}");
}

#[tokio::test]
async fn without_a_config_nothing_is_asked_and_jobs_say_so() {
    let (sender, mut mail) = tokio::sync::mpsc::unbounded_channel();
    let handle = tokio::runtime::Handle::current();
    let mut hands = Hands::new(handle, sender, Default::default(), Default::default(), Arc::default());
    let (begun, ending) = run(&mut hands, &mut mail, upload(Path::new("/nowhere"), "x"), None).await;
    assert!(begun.is_none() && matches!(ending, Ending::Failed(error) if error.kind() == ErrorKind::Internal));
    assert_eq!(hands.spent().tally.requests, 0);
}

/// A request that waits at the door under a budget of the session.
async fn stopped(mail: &mut Mail) -> AtDoor {
    answer(mail, |message| match message {
        Msg::StoppedAtDoor(at) => Some(at),
        _ => None,
    })
    .await
}

/// A plan under a budget for two and a half pages: the third one waits, and not one more request leaves before it has an answer. Whoever
/// gives the plan up is not waited for any more.
#[tokio::test]
async fn a_page_of_a_plan_waits_at_the_door() {
    let budget = Some("0.0000125 USD".to_owned());
    let (mut hands, mut mail) = hands_with(CliOverrides { budget, ..CliOverrides::default() }).await;
    let plan = |below: &str| {
        Job::Delete(Delete {
            within: acting("studio:sensor-archive", Consent::Silent),
            what: Selection::Below { prefix: below.to_owned(), rules: Vec::new() },
            versions: Versions::Current,
        })
    };
    hands.carry_out(Effect::RunJob(Ticket(9), plan(""), None, Begin::AfterPlan));
    let at = stopped(&mut mail).await;
    assert_eq!((at.op, &*at.toll.account, at.toll.bucket.as_deref()), (Op::ListObjectsV2, "studio", Some("sensor-archive")));
    assert_eq!(hands.spent().tally.requests, 2);
    // It goes on; the limit is as it was, and the next page waits.
    hands.carry_out(Effect::LetPass(at.clone()));
    let next = stopped(&mut mail).await;
    assert_ne!(next.pass, at.pass);
    assert_eq!(hands.spent().tally.requests, 3);
    // Under a raised limit two more fit.
    hands.carry_out(Effect::RaiseBudget(Scope::Session, Amount::parse("0.000025").unwrap()));
    hands.carry_out(Effect::LetPass(next));
    let last = stopped(&mut mail).await;
    assert_eq!(hands.spent().tally.requests, 5);
    hands.carry_out(Effect::Rein(Ticket(9), Rein::GiveUp));
    let mut left = None;
    let ending = answer(&mut mail, |message| match message {
        Msg::LeftDoor(pass) => {
            left = Some(pass);
            None
        }
        Msg::JobEnded(Ticket(9), _, ending) => Some(ending),
        _ => None,
    });
    let ending = ending.await;
    assert!(matches!(ending, Ending::Stopped), "{ending:?}");
    assert_eq!(left, Some(last.pass), "before the job's end is told");
    // A no ends the plan with the reason.
    hands.carry_out(Effect::RunJob(Ticket(10), plan("readings/"), None, Begin::AfterPlan));
    let at = stopped(&mut mail).await;
    hands.carry_out(Effect::TurnBack(at.pass, "that is too much".to_owned()));
    let ending = answer(&mut mail, |message| match message {
        Msg::JobEnded(Ticket(10), _, ending) => Some(ending),
        _ => None,
    });
    let Ending::Failed(error) = ending.await else { panic!("it failed") };
    assert_eq!((error.kind(), error.message()), (ErrorKind::Refused, "not sent: that is too much"));
    // Leaving turns back what waits, and does not wait for a person.
    hands.carry_out(Effect::RunJob(Ticket(11), plan(""), None, Begin::AfterPlan));
    stopped(&mut mail).await;
    hands.farewell().await.expect("nothing is left behind");
    assert_eq!(hands.spent().tally.requests, 5);
}

/// A list of unfinished uploads that is closed while a request of it waits takes that along.
#[tokio::test]
async fn what_is_called_off_does_not_wait_at_the_door() {
    let budget = Some("0.000001 USD".to_owned());
    let (mut hands, mut mail) = hands_with(CliOverrides { budget, ..CliOverrides::default() }).await;
    hands.carry_out(Effect::ListUploads(Ticket(3), own(), String::new()));
    let at = stopped(&mut mail).await;
    assert_eq!(at.op, Op::ListMultipartUploads);
    hands.carry_out(Effect::Cancel(Ticket(3)));
    let left = answer(&mut mail, |message| match message {
        Msg::LeftDoor(pass) => Some(pass),
        _ => None,
    });
    assert_eq!(left.await, at.pass);
    hands.carry_out(Effect::LetPass(at));
    assert_eq!(hands.spent().tally.requests, 0);
}

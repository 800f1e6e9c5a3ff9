//! The payer matrix: every operation of the table × every word of the user × first try, retry, second page, part n and abort × both
//! clouds, judged by what the embedded store received (P1, P2, J2).
//!
//! The table itself is enumerated: a new operation fails this test until somebody lets the engine send it here, or writes down why
//! it is never sent.

mod cells;
mod senders;

use std::collections::BTreeSet;

use whopays::app::{PayerChange, Thorough};
use whopays::demo::{Act, Prepared, Received};
use whopays::domain::op::ROWS;
use whopays::domain::{Acting, Consent, ObjectKey, Op, Overwrite, Payer, Provider};
use whopays::runtime::engine::CopyLimits;
use whopays::transfer::{Copy, Delete, Job, Original, Pick, Pointer, Progress, Rein, Route, Selection, Versions};

use self::cells::{ABSENT, Moment, UNSENT, moments, sent};
use crate::support::store::{World, acting, listening};

const MIB: usize = 1 << 20;

/// One cell that was seen in a log.
type Cell = (Provider, Op, u8, Moment);

/// A cloud on the user's word.
#[derive(Clone, Copy)]
struct Corner {
    provider: Provider,
    consent: Consent,
}

impl Corner {
    /// A bucket of someone else's that is requester-pays, with consent; else one of the account's own.
    fn at(self) -> Acting {
        acting(
            self.pick("research:aerial-tiles", "research:simulation-runs", "partner:lab-microscopy", "partner:partner-landing"),
            self.consent,
        )
    }

    /// A bucket with thousands of keys.
    fn large(self) -> Acting {
        acting(self.pick("research:sensor-archive", "studio:sensor-archive", "partner:telescope-feed", "lab:telescope-feed"), self.consent)
    }

    /// A bucket of the other cloud, for which nobody said anything.
    fn beyond(self) -> Acting {
        acting(
            self.pick("partner:partner-landing", "partner:partner-landing", "research:upload-inbox", "research:upload-inbox"),
            Consent::Silent,
        )
    }

    fn pick(self, s3_given: &'static str, s3_own: &'static str, oss_given: &'static str, oss_own: &'static str) -> &'static str {
        match (self.provider, self.consent) {
            (Provider::S3, Consent::Given) => s3_given,
            (Provider::S3, Consent::Silent | Consent::Refused) => s3_own,
            (Provider::Oss, Consent::Given) => oss_given,
            (Provider::Oss, Consent::Silent | Consent::Refused) => oss_own,
        }
    }

    /// What must stand in a request about one of its buckets, typed by hand.
    fn wanted(self, op: Op) -> Vec<String> {
        match (self.consent, op.takes_payer(self.provider), self.provider) {
            // The owner asks for it before a change of the payer, and owners need not say that they pay.
            _ if op == Op::GetBucketAccelerateConfiguration => Vec::new(),
            (Consent::Given, true, Provider::S3) => vec!["x-amz-request-payer: requester".to_owned()],
            (Consent::Given, true, Provider::Oss) => vec!["x-oss-request-payer: requester".to_owned()],
            (Consent::Given, false, _) | (Consent::Silent | Consent::Refused, _, _) => Vec::new(),
        }
    }
}

fn target(acting: &Acting) -> String {
    acting.place.id.to_string()
}

fn picked(keys: &[&str]) -> Selection {
    Selection::Picked(keys.iter().map(|key| Pick::named(ObjectKey::new(*key))).collect())
}

fn copy(from: &Acting, to: &Acting, key: &str, target: &str) -> Job {
    Job::Copy(Copy {
        from: from.clone(),
        what: picked(&[key]),
        to: to.clone(),
        key: Pointer::Key(ObjectKey::new(target)),
        settings: None,
        overwrite: Overwrite::Allow,
        original: Original::Stays,
        route: Route::Shortest,
    })
}

fn delete(within: &Acting, keys: &[&str]) -> Job {
    Job::Delete(Delete { within: within.clone(), what: picked(keys), versions: Versions::Current })
}

fn all_below(within: &Acting, versions: Versions) -> Job {
    let what = Selection::Below { prefix: "readings/00".to_owned(), rules: Vec::new() };
    Job::Delete(Delete { within: within.clone(), what, versions })
}

/// Everything that the engine does with objects, once.
async fn scenes(world: &World, corner: Corner) {
    let (at, large, beyond) = (corner.at(), corner.large(), corner.beyond());
    let small = Pick::named(ObjectKey::new("small"));
    world.engine.inspect(&at, &small, Thorough::Everything).await.expect("inspected");
    world.engine.preview(&at, &small, 0, 4).await.expect("a piece");
    for job in [
        copy(&at, &at, "small", "small-2"),
        copy(&at, &at, "film", "film-2"),
        copy(&at, &beyond, "film", "film"),
        copy(&beyond, &at, "film", "film-3"),
        copy(&beyond, &at, "small", "small-3"),
        delete(&at, &["small-2"]),
        delete(&at, &["small-3", "film-3"]),
    ] {
        let ended = world.run(job.clone()).await;
        assert!(ended.all_done(), "{:?} {:?}: {job:?} {:?}", corner.provider, corner.consent, ended.said());
    }
    world.store.script(Op::ListMultipartUploads, [first_page(UPLOADS)]);
    world.store.script(Op::ListParts, [first_page(PARTS)]);
    world.engine.list_uploads(&at, "", None).await.expect("unfinished uploads");
    for versions in [Versions::Current, Versions::All] {
        let (_, control) = listening(Rein::Go);
        let two_pages = |progress: Progress| {
            if progress.objects > 1_000 {
                control.pull(Rein::Stop)
            }
        };
        world.engine.count(&all_below(&large, versions), two_pages, &control).await.expect_err("stopped");
    }
}

/// First pages with one row, after which another page is asked for: the clouds give a thousand rows on one.
const UPLOADS: &str = "<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>gone</UploadId>\
    <Initiated>2026-11-20T00:00:00.000Z</Initiated></Upload><NextKeyMarker>k</NextKeyMarker>\
    <NextUploadIdMarker>gone</NextUploadIdMarker><IsTruncated>true</IsTruncated></ListMultipartUploadsResult>";
const PARTS: &str = "<ListPartsResult><UploadId>gone</UploadId><Part><PartNumber>1</PartNumber><ETag>\"e\"</ETag><Size>1</Size></Part>\
    <NextPartNumberMarker>1</NextPartNumberMarker><IsTruncated>true</IsTruncated></ListPartsResult>";
const BUCKETS: &str = "<ListAllMyBucketsResult><Owner><ID>1</ID></Owner><Buckets></Buckets><IsTruncated>true</IsTruncated>\
    <NextMarker>a</NextMarker><ContinuationToken>a</ContinuationToken></ListAllMyBucketsResult>";

fn first_page(body: &str) -> Act {
    Act::Answer(Prepared::new(200, "application/xml", body))
}

/// A part is refused; an answer to the completion is lost; a region is asked for.
async fn mishaps(world: &World, corner: Corner) {
    let at = corner.at();
    let refusal = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    world.store.script(Op::UploadPartCopy, [Act::Pass, Act::Answer(Prepared::new(403, "application/xml", refusal))]);
    assert!(!world.run(copy(&at, &at, "film", "film-4")).await.all_done());
    world.store.script(Op::CompleteMultipartUpload, [Act::Close]);
    world.store.script(Op::ListParts, [busy(Op::ListParts)]);
    assert!(!world.run(copy(&at, &at, "film", "film-5")).await.all_done());
    let moved = Prepared::new(301, "application/xml", "<Error><Code>PermanentRedirect</Code></Error>");
    let moved = moved.with("x-amz-request-id", "1").with("x-oss-request-id", "1");
    world.store.script(Op::GetObject, [Act::Answer(moved)]);
    world.engine.preview(&at, &Pick::named(ObjectKey::new("small")), 0, 4).await.expect_err("elsewhere");
}

/// What never takes the header, asked while other buckets may be paid for.
async fn buckets(world: &World, corner: Corner) {
    let at = corner.at();
    world.engine.list_buckets(&at.place.id.account, |_| ()).await.expect("listed");
    world.store.script(Op::ListBuckets, [first_page(BUCKETS)]);
    let _a_token_of_nobody = world.engine.list_buckets(&at.place.id.account, |_| ()).await;
    world.engine.identify(&at.place.id.account).await.expect("identified");
    let _denied_for_others = world.engine.read_payer(&at.place).await;
    let _denied_for_others = world.engine.preflight(&at.place, |_| ()).await;
    let change = PayerChange { place: at.place.clone(), before: None, to: Payer::Requester, identity: Some("somebody".to_owned()) };
    let _denied_for_others = world.engine.change_payer(&change, || ()).await;
}

fn busy(op: Op) -> Act {
    use whopays::domain::op::Repeat;
    // Throttling may be followed by a repeat of everything; it is slow, so that reads get the quicker fault.
    let body = match op.row().repeat {
        Repeat::Freely => "",
        Repeat::AfterReading | Repeat::Never => "<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>",
    };
    Act::Answer(Prepared::new(503, "application/xml", body))
}

/// Plays a corner, judges every request, and says which cells it saw.
async fn play(corner: Corner) -> BTreeSet<Cell> {
    let limits = CopyLimits { whole: 4 * MIB as u64, part: 5 * MIB as u64 };
    let world = World::with(|text| text, |engine| engine.with_copy_limits(limits)).await;
    let film: Vec<u8> = vec![7; 5 * MIB + 1_000];
    for place in [corner.at(), corner.beyond()] {
        world.put(&target(&place), "film", &film).await;
        world.put(&target(&place), "small", b"a few bytes").await;
    }
    let mut seen = BTreeSet::new();
    let start = world.store.log().len();
    scenes(&world, corner).await;
    seen.extend(judge(corner, &world.since(start), None));
    for op in sent() {
        let place = if op == Op::ListObjectsV2 { corner.large() } else { corner.at() };
        let of_no_bucket = matches!(op, Op::ListBuckets | Op::GetCallerIdentity);
        world.store.script_where(op, if of_no_bucket { "" } else { place.place.id.bucket.as_str() }, [busy(op)]);
    }
    let start = world.store.log().len();
    scenes(&world, corner).await;
    seen.extend(judge(corner, &world.since(start), Some(Moment::Retry)));
    // Acts that found no request of theirs wait for the mishaps.
    let start = world.store.log().len();
    mishaps(&world, corner).await;
    buckets(&world, corner).await;
    seen.extend(judge(corner, &world.since(start), Some(Moment::Abort)));
    seen
}

/// Holds every request to the rule, and sorts it into its cell.
fn judge(corner: Corner, log: &[Received], scene: Option<Moment>) -> BTreeSet<Cell> {
    let beyond = corner.beyond().place.id.bucket;
    let mut seen = BTreeSet::new();
    for (place, entry) in log.iter().enumerate() {
        let op = entry.op.unwrap_or_else(|| panic!("{} is known to the store", entry.target));
        let other_side = entry.bucket == beyond.as_str();
        let wanted = if other_side { Vec::new() } else { corner.wanted(op) };
        assert_eq!(entry.payer, wanted, "{:?} {:?} {op:?} {} {}", corner.provider, corner.consent, entry.method, entry.target);
        if other_side {
            continue;
        }
        let before = || log[..place].iter().filter(|each| each.op == Some(op) && each.bucket == entry.bucket);
        let repeats = before().any(|each| each.status == Some(503) && each.target == entry.target);
        let later_page = ["continuation-token=", "marker="].iter().any(|item| entry.target.contains(item));
        let moments = [
            (true, Moment::First),
            (repeats, Moment::Retry),
            (later_page, Moment::PageTwo),
            (entry.part.is_some_and(|part| part > 1), Moment::PartN),
            // Ranges look alike in the log: the second one of the same object is another part of it.
            (op == Op::GetObject && before().filter(|each| each.key == "film" && entry.key == "film").count() > 0, Moment::PartN),
            (op == Op::AbortMultipartUpload && scene == Some(Moment::Abort), Moment::Abort),
        ];
        seen.extend(moments.into_iter().filter(|(is, _)| *is).map(|(_, moment)| (corner.provider, op, corner.consent as u8, moment)));
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_on_every_word() {
    let mut corners = tokio::task::JoinSet::new();
    for provider in [Provider::S3, Provider::Oss] {
        for consent in [Consent::Silent, Consent::Given, Consent::Refused] {
            corners.spawn(play(Corner { provider, consent }));
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(cells) = corners.join_next().await {
        seen.extend(cells.expect("a corner that keeps to the rule"));
    }
    let mut wanted = BTreeSet::new();
    for op in sent() {
        for provider in [Provider::S3, Provider::Oss].into_iter().filter(|provider| op.cell(*provider).is_some()) {
            for consent in [Consent::Silent, Consent::Given, Consent::Refused] {
                wanted.extend(moments(op).map(|moment| (provider, op, consent as u8, moment)));
            }
        }
    }
    let missing: Vec<&Cell> = wanted.difference(&seen).collect();
    assert!(missing.is_empty(), "not seen: {missing:#?}");
    let never = |(_, op, _, moment): &&Cell| {
        UNSENT.iter().any(|(unsent, _)| unsent == op) || ABSENT.iter().any(|(other, absent, _)| (other, absent) == (op, moment))
    };
    let impossible: Vec<&Cell> = seen.iter().filter(never).collect();
    assert!(impossible.is_empty(), "written down as never sent: {impossible:#?}");
    println!("payer matrix: {} cells seen, {} of them wanted, {} operations never sent", seen.len(), wanted.len(), UNSENT.len());
}

#[test]
fn what_is_never_sent_is_written_down_once() {
    for (place, (op, why)) in UNSENT.iter().enumerate() {
        assert!(!why.is_empty() && UNSENT[..place].iter().all(|(other, _)| other != op), "{op:?}");
    }
    assert!(ABSENT.iter().all(|(op, moment, why)| !why.is_empty() && sent().any(|sent| sent == *op) && *moment != Moment::First));
    assert_eq!(ROWS.len(), sent().count() + UNSENT.len());
}

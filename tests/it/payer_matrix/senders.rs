//! Uploads, downloads and listings as senders: each of their requests on every word of the user, on both clouds.

use std::sync::Arc;

use whopays::domain::{Begin, Depth, ObjectSettings, PageAsk};
use whopays::transfer::{Download, Ending, Existing, ItemEnd, Landing, Source, Upload};

use super::*;

fn upload(path: &std::path::Path, to: &Acting, key: &str) -> Job {
    Job::Upload(Upload {
        from: Source::File(path.to_owned()),
        to: to.clone(),
        key: Pointer::Key(ObjectKey::new(key)),
        settings: ObjectSettings::default(),
        overwrite: Overwrite::Allow,
    })
}

fn download(from: &Acting, key: &str, to: &std::path::Path) -> Job {
    Job::Download(Download { from: from.clone(), what: picked(&[key]), to: Landing::File(to.to_owned()), existing: Existing::Replace })
}

/// Runs a job that is written down, or goes on with it.
async fn kept(world: &World, job: &Job) -> (Ending, Vec<ItemEnd>) {
    let (items, control) = listening(Rein::Go);
    let before = world.engine.unfinished_job(job).await.expect("a journal").map(|found| found.id);
    let ending = world.engine.run_kept_job(job, before, Arc::clone(&control), |_| {}).await;
    let items = std::mem::take(&mut *items.lock().expect("no panic holds it"));
    (ending, items)
}

/// What each scene must have sent, in order, but for parts, whose order is theirs.
async fn scene(world: &World, corner: Corner, job: &Job, wanted: &[(Op, Option<u32>)], ends: Result<(), ()>) {
    let start = world.store.log().len();
    let (ending, items) = kept(world, job).await;
    assert_eq!(matches!(ending, Ending::Done), ends.is_ok(), "{job:?} {ending:?} {items:?}");
    let log = world.since(start);
    let mut sent: Vec<(Op, Option<u32>)> = log.iter().map(|entry| (entry.op.expect("known"), entry.part)).collect();
    sent.sort();
    let mut wanted = wanted.to_vec();
    wanted.sort();
    assert_eq!(sent, wanted, "{:?} {:?}", corner.provider, corner.consent);
    for entry in &log {
        let op = entry.op.expect("known");
        assert_eq!(entry.payer, corner.wanted(op), "{:?} {:?} {op:?} {}", corner.provider, corner.consent, entry.target);
    }
}

fn refused() -> Act {
    Act::Answer(Prepared::new(403, "application/xml", "<Error><Code>AccessDenied</Code><Message>m</Message></Error>"))
}

async fn send(corner: Corner) -> usize {
    let world = World::with(|text| text, |engine| engine.with_part_size(5 * MIB as u64)).await;
    // One part at a time would hide nothing, but the refusal below has to come after the others.
    let (at, folder) = (corner.at(), tempfile::tempdir().expect("a folder"));
    let [small, large, back] = ["small", "large", "back"].map(|name| folder.path().join(name));
    std::fs::write(&small, b"a few bytes").expect("written");
    std::fs::write(&large, vec![7; 20 * MIB]).expect("written");
    let start = world.store.log().len();
    let one = |op| (op, None);
    let part = |number| (Op::UploadPart, Some(number));

    // A single PUT, once more after a 503.
    world.store.script(Op::PutObject, [busy(Op::PutObject)]);
    scene(&world, corner, &upload(&small, &at, "small"), &[one(Op::PutObject); 2], Ok(())).await;
    // Parts, of which one is sent again, and the beginning and the completion too.
    world.store.script(Op::CreateMultipartUpload, [busy(Op::CreateMultipartUpload)]);
    world.store.script_where(Op::UploadPart, "partNumber=2", [busy(Op::UploadPart)]);
    world.store.script(Op::CompleteMultipartUpload, [busy(Op::CompleteMultipartUpload)]);
    let parts = [one(Op::CreateMultipartUpload), one(Op::CreateMultipartUpload), part(1), part(2), part(2), part(3), part(4)];
    let wanted = [&parts[..], &[one(Op::CompleteMultipartUpload); 2]].concat();
    scene(&world, corner, &upload(&large, &at, "large"), &wanted, Ok(())).await;
    // A completion that is refused: given up.
    world.store.script(Op::CompleteMultipartUpload, [refused()]);
    let parts = [one(Op::CreateMultipartUpload), part(1), part(2), part(3), part(4)];
    let wanted = [&parts[..], &[one(Op::CompleteMultipartUpload), one(Op::AbortMultipartUpload)]].concat();
    scene(&world, corner, &upload(&large, &at, "given-up"), &wanted, Err(())).await;
    // A completion that the store's troubles stop: gone on with, after a look at the parts.
    let job = upload(&large, &at, "resumed");
    world.store.script(
        Op::CompleteMultipartUpload,
        [busy(Op::CompleteMultipartUpload), busy(Op::CompleteMultipartUpload), busy(Op::CompleteMultipartUpload)],
    );
    let wanted = [&parts[..], &[one(Op::CompleteMultipartUpload); 3]].concat();
    scene(&world, corner, &job, &wanted, Err(())).await;
    // It gives the parts on two pages, and says of the first that it is another one: that is sent again.
    world.store.script(Op::ListParts, [busy(Op::ListParts), first_page(PARTS)]);
    let wanted = [&[one(Op::ListParts); 3][..], &[part(1), one(Op::CompleteMultipartUpload)]].concat();
    scene(&world, corner, &job, &wanted, Ok(())).await;
    // A lost answer is looked up.
    world.store.script(Op::PutObject, [Act::CarryOutAndClose]);
    scene(&world, corner, &upload(&small, &at, "looked-up"), &[one(Op::PutObject), one(Op::HeadObject)], Ok(())).await;

    // A download, once more after a 503, and from where it broke.
    world.store.script(Op::GetObject, [busy(Op::GetObject), Act::CarryOutAndCut(MIB)]);
    scene(&world, corner, &download(&at, "large", &back), &[one(Op::GetObject); 3], Ok(())).await;
    assert!(std::fs::read(&back).expect("a file") == vec![7; 20 * MIB]);
    listings(&world, corner, &at).await;
    world.store.log().len() - start
}

/// A prefix, one below it, and the first again, with another bucket in between (J10).
async fn listings(world: &World, corner: Corner, at: &Acting) {
    let start = world.store.log().len();
    for (place, prefix) in [(at, ""), (at, "deeper/"), (&corner.beyond(), ""), (at, ""), (&corner.beyond(), "deeper/")] {
        let ask = PageAsk { prefix: prefix.to_owned(), depth: Depth::Folder, begin: Begin::Start };
        world.engine.list_page(place, &ask, None).await.expect("a page");
    }
    let payers: Vec<Vec<String>> = world.since(start).into_iter().map(|entry| entry.payer).collect();
    let here = corner.wanted(Op::ListObjectsV2);
    assert_eq!(payers, [here.clone(), here.clone(), Vec::new(), here, Vec::new()], "{:?} {:?}", corner.provider, corner.consent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_downloads_and_listings_carry_it_through() {
    let mut corners = tokio::task::JoinSet::new();
    for provider in [Provider::S3, Provider::Oss] {
        for consent in [Consent::Silent, Consent::Given, Consent::Refused] {
            corners.spawn(send(Corner { provider, consent }));
        }
    }
    let mut requests = 0;
    while let Some(sent) = corners.join_next().await {
        requests += sent.expect("a corner that keeps to the rule");
    }
    println!("senders: {requests} requests judged");
    assert!(requests > 200, "{requests}");
}

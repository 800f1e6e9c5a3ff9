//! Downloads over real HTTP: against the embedded store, whose log is counted, and against a server of raw bytes that cuts, lies
//! and changes its mind.

mod breaks;
mod origin;
mod resume;
mod store;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use whopays::domain::{AccountName, Acting, BucketId, BucketName, Consent, ObjectKey, Place, Provider};
use whopays::runtime::engine::Engine;
use whopays::runtime::jobs::Control;
use whopays::transfer::{Download, Ending, Existing, Fate, ItemEnd, Job, JobId, Landing, Pick, Progress, Rule, Selection};

/// A run of a job, and what it had to say.
pub(super) struct Told {
    pub(super) ending: Ending,
    pub(super) ends: Vec<ItemEnd>,
    pub(super) progress: Progress,
}

impl Told {
    /// How the only object ended, in a word, with the kind of its error.
    #[track_caller]
    pub(super) fn only(&self) -> String {
        assert_eq!(self.ends.len(), 1, "{:?}", self.ends);
        fate_word(&self.ends[0].fate)
    }
}

pub(super) fn fate_word(fate: &Fate) -> String {
    match fate {
        Fate::Done(None) => "done".to_owned(),
        Fate::Done(Some(remark)) => format!("done: {remark}"),
        Fate::Exists => "exists".to_owned(),
        Fate::LeftOut(why) => format!("left out: {why}"),
        Fate::Failed(error) => format!("failed: {}", error.kind().as_str()),
    }
}

pub(super) fn listening() -> (Arc<Control>, Arc<Mutex<Vec<ItemEnd>>>) {
    let ends = Arc::new(Mutex::new(Vec::new()));
    let heard = ends.clone();
    (Control::new(Box::new(move |end| heard.lock().unwrap().push(end))), ends)
}

pub(super) async fn run(engine: &Engine, download: Download, id: Option<JobId>) -> Told {
    let (control, ends) = listening();
    let ending = engine.run_job(&Job::Download(download), id, control.clone()).await;
    let ends = std::mem::take(&mut *ends.lock().unwrap());
    Told { ending, ends, progress: control.progress() }
}

pub(super) fn acting(target: &str, consent: Consent) -> Acting {
    let (account, bucket) = target.split_once(':').unwrap();
    let id = BucketId { account: AccountName::new(account), bucket: BucketName::parse(Provider::S3, bucket).unwrap() };
    Acting { place: Place { id, region: None, expected_owner: None }, consent }
}

pub(super) fn pick(key: &str) -> Pick {
    Pick::named(ObjectKey::new(key))
}

pub(super) fn one(from: &Acting, pick: Pick, to: &Path) -> Download {
    let what = Selection::Picked(vec![pick]);
    Download { from: from.clone(), what, to: Landing::File(to.to_owned()), existing: Existing::Keep }
}

pub(super) fn below(from: &Acting, prefix: &str, rules: Vec<Rule>, to: &Path) -> Download {
    let what = Selection::Below { prefix: prefix.to_owned(), rules };
    Download { from: from.clone(), what, to: Landing::Folder(to.to_owned()), existing: Existing::Keep }
}

/// All files below a folder with their sizes, folders with a slash, sorted.
pub(super) fn tree(folder: &Path) -> Vec<(String, u64)> {
    fn walk(root: &Path, folder: &Path, rows: &mut Vec<(String, u64)>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if kind.is_dir() {
                rows.push((format!("{name}/"), 0));
                walk(root, &path, rows);
            } else {
                rows.push((name, entry.metadata().unwrap().len()));
            }
        }
    }
    let mut rows = Vec::new();
    walk(folder, folder, &mut rows);
    rows.sort();
    rows
}

pub(super) fn names(folder: &Path) -> Vec<String> {
    tree(folder).into_iter().map(|(name, _)| name).collect()
}

pub(super) fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

//! The upload job: local bytes become objects.
//!
//! Comes in: files, folders, standard input. Goes out: objects that the store has proved to have, or the reason why not. Forbidden
//! here: replacing what nobody said may be replaced, and calling done what was only sent.
//!
//! ```text
//!  walk ──► crew ──┬─► single      up to 16 MiB: one request, its checksum in a header
//!                  └─► multipart   above: begun, filled by `part`, joined; `resume` and `settle` see to what is left open
//!  stream ─────────┴─► the same from an input that can be read once
//!                      parcel      what is said to the store about one object;  vouch   checksums
//! ```

mod crew;
mod multipart;
mod parcel;
mod part;
mod resume;
mod settle;
mod single;
mod stream;
mod vouch;

use std::collections::HashSet;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;

pub(in crate::runtime) use self::parcel::is_gone;
pub(in crate::runtime::jobs) use self::parcel::{TRIES, pause};
pub(in crate::runtime::jobs) use self::settle::{kept, left_open, may_pass};
use super::{Control, Run};
use crate::domain::{Error, ErrorKind, Provider, Result};
use crate::runtime::engine::Engine;
use crate::runtime::journal::jobs::DoneName;
use crate::runtime::source::{self, Findings, Found, Roots, findings};
use crate::runtime::tasks::in_background;
use crate::runtime::workbench::Workbench;
use crate::transfer::outcome::Item;
use crate::transfer::parts::SINGLE;
use crate::transfer::pattern::Patterns;
use crate::transfer::{Ending, Fate, Pointer, Rein, Source, Upload};

/// How much of small files is in memory at once.
const MEMORY: u64 = 24 << 20;

/// What a small file takes of it at least.
const UNIT: u64 = 64 << 10;

/// What all tasks of one job share.
pub(super) struct Shared {
    run: Run,
    upload: Upload,
    provider: Provider,
    memory: Arc<Semaphore>,
    parts: Arc<Semaphore>,
    /// Where small files are read.
    bench: Workbench,
    /// What an earlier run of the job has finished.
    earlier: HashSet<DoneName>,
    /// Whether there was one that came far enough to leave a trace.
    resumed: bool,
}

/// How an object ended, or did not.
enum End {
    /// It did.
    Fate(Fate),
    /// The job was stopped before.
    Stopped,
}

/// Runs it.
pub(super) async fn run(run: &Run, upload: &Upload) -> Ending {
    match &upload.from {
        Source::Stdin => stream::run(run, upload, Box::new(std::io::stdin())).await,
        Source::File(path) => settled(files(run, upload, path.clone()).await),
        Source::Paths { paths, rules } => {
            let named = named(upload, paths).and_then(|prefix| {
                let patterns = Patterns::parse(rules.iter().cloned())?;
                Ok(Roots { paths: paths.clone(), patterns, prefix })
            });
            match named {
                Ok(roots) if matches!(upload.key, Pointer::Below(_)) => settled(walked(run, upload, roots).await),
                Ok(Roots { mut paths, .. }) => settled(files(run, upload, paths.swap_remove(0)).await),
                Err(error) => Ending::Failed(error),
            }
        }
    }
}

impl Engine {
    /// Uploads what a reader gives, to its end: for an input of unknown length that can be read once.
    pub async fn upload_from(&self, upload: &Upload, input: Box<dyn Read + Send>, control: Arc<Control>) -> Ending {
        stream::run(&Run { engine: self.clone(), id: None, control }, upload, input).await
    }
}

fn settled(ended: Result<Ending>) -> Ending {
    ended.unwrap_or_else(Ending::Failed)
}

/// What stands before each name; a key of its own is for one file.
fn named(upload: &Upload, paths: &[PathBuf]) -> Result<String> {
    match &upload.key {
        Pointer::Below(prefix) => Ok(prefix.clone()),
        Pointer::Key(_) => source::only_file(paths).map(|_| String::new()),
    }
}

/// One file.
async fn files(run: &Run, upload: &Upload, path: PathBuf) -> Result<Ending> {
    let mark = in_background({
        let path = path.clone();
        move || source::look(&path)
    })
    .await?;
    let key = match &upload.key {
        Pointer::Key(key) => key.clone(),
        Pointer::Below(prefix) => {
            let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
                Error::new(ErrorKind::Usage, format!("{} has a name that is not UTF-8, so it cannot be a key", source::shown(&path)))
                    .hint("Name the key, not only a prefix.")
            })?;
            crate::transfer::local::key_of(prefix, &[name])
        }
    };
    key.sendable()?;
    let control = &run.control;
    control.found_each([Item::local(mark.size)].into_iter());
    control.counted();
    if control.approved().await.is_err() {
        return Ok(Ending::Stopped);
    }
    let shared = shared(run, upload).await?;
    let found = Findings::of(Found::File { path, key, size: mark.size });
    Ok(crew::work(shared, found, crew::Counting::Counted).await)
}

/// Files and folders. A job that is planned is walked twice: first to count, then, with leave, to act.
async fn walked(run: &Run, upload: &Upload, roots: Roots) -> Result<Ending> {
    let roots = Arc::new(roots);
    let control = &run.control;
    let mut counting = crew::Counting::AsFound;
    if control.rein() == Rein::Plan {
        counting = crew::Counting::Counted;
        let mut found = walk(&roots);
        while let Some(found) = tokio::select! { found = found.next() => found, _ = control.stopped() => None } {
            match found {
                Found::File { size, .. } => control.found_each([Item::local(size)].into_iter()),
                Found::LeftOut(..) | Found::Failed(..) => control.found(1, 0),
            }
        }
        control.counted();
    }
    if control.approved().await.is_err() {
        return Ok(Ending::Stopped);
    }
    let shared = shared(run, upload).await?;
    Ok(crew::work(shared, walk(&roots), counting).await)
}

/// Walks on a thread of its own.
fn walk(roots: &Arc<Roots>) -> Findings {
    let (teller, findings) = findings();
    let roots = roots.clone();
    tokio::task::spawn_blocking(move || roots.walk(teller));
    findings
}

async fn shared(run: &Run, upload: &Upload) -> Result<Arc<Shared>> {
    let provider = run.engine.door().desked(&upload.to.place.id.account)?.account.site.provider;
    let (earlier, items) = match run.id {
        None => (HashSet::new(), Vec::new()),
        Some(id) => {
            let journal = run.engine.journal().clone();
            in_background(move || Ok((journal.done(id)?, journal.items(id)?))).await?
        }
    };
    let resumed = !earlier.is_empty() || !items.is_empty();
    let units = usize::try_from(MEMORY / UNIT).unwrap_or(1);
    Ok(Arc::new(Shared {
        run: run.clone(),
        upload: upload.clone(),
        provider,
        memory: Arc::new(Semaphore::new(units)),
        parts: Arc::new(Semaphore::new(multipart::PARTS_AT_ONCE)),
        bench: Workbench::default(),
        earlier,
        resumed,
    }))
}

/// How many units of memory a small file takes.
fn units(size: u64) -> u32 {
    u32::try_from(size.min(SINGLE).div_ceil(UNIT).max(1)).unwrap_or(1)
}

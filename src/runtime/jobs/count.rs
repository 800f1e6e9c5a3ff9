//! What belongs to a job, without doing it: for the plan that people see first.
//!
//! Comes in: a job. Goes out: objects, bytes, and what will be asked of the stores. A prefix is listed for it, which costs: each page is
//! told, and can be the last. Forbidden here: changing anything.

use super::Control;
use super::copy::{Way, way};
use super::delete;
use super::gather::{Halt, Pages, admits};
use crate::domain::{Acting, Error, ErrorKind, Op, Result};
use crate::runtime::engine::Engine;
use crate::runtime::source::{self, Found, Roots};
use crate::runtime::tasks::in_background;
use crate::transfer::need::Needs;
use crate::transfer::pattern::Patterns;
use crate::transfer::{Copy, Delete, Job, Original, Pick, Progress, Selection, Source, Upload, Versions};

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Objects and bytes, and what finding them has taken.
    pub progress: Progress,
    /// What doing it will take. Of objects whose size nobody knows, their bytes are missing.
    pub needs: Needs,
}

impl Engine {
    /// Counts what belongs to a job. `told` hears of each page, and at last with `counted`.
    ///
    /// # Errors
    /// Whatever the store refuses; `Interrupted` if it was stopped; `Usage` for patterns that are none; `Local` for files.
    pub async fn count(&self, job: &Job, told: impl FnMut(Progress), control: &Control) -> Result<Progress> {
        self.count_needs(job, told, control).await.map(|counted| counted.progress)
    }

    /// The same, with what doing it will take.
    ///
    /// # Errors
    /// As [`Engine::count`].
    pub async fn count_needs(&self, job: &Job, mut told: impl FnMut(Progress), control: &Control) -> Result<Counted> {
        let mut tally = Tallying { counted: Counted::default(), control, told: &mut told };
        let done = match job {
            Job::Upload(upload) => tally.upload(upload).await.map_err(Halt::Failed),
            Job::Download(download) => tally.objects(self, &download.from, &download.what, |needs, size| needs.download(size)).await,
            Job::Copy(copy) => self.count_copy(copy, &mut tally).await,
            Job::Delete(delete) => self.count_delete(delete, &mut tally).await,
        };
        match done {
            Ok(()) => Ok(tally.end()),
            Err(Halt::Failed(error)) => Err(error),
            Err(Halt::Stopped) => {
                Err(Error::new(ErrorKind::Interrupted, "the count was stopped").hint("Count again: nothing was changed."))
            }
        }
    }

    async fn count_copy<T: FnMut(Progress)>(&self, copy: &Copy, tally: &mut Tallying<'_, T>) -> std::result::Result<(), Halt> {
        let provider = self.door().desked(&copy.to.place.id.account)?.account.site.provider;
        let way = way(copy, provider);
        let each = |needs: &mut Needs, size| {
            match way {
                Way::Within => needs.copy_within(provider, copy.overwrite, size),
                Way::Across => needs.copy_across(copy.overwrite, size),
            }
            match copy.original {
                Original::Stays => {}
                Original::Goes => needs.original_goes(),
            }
        };
        tally.objects(self, &copy.from, &copy.what, each).await
    }

    async fn count_delete<T: FnMut(Progress)>(&self, job: &Delete, tally: &mut Tallying<'_, T>) -> std::result::Result<(), Halt> {
        let (control, told) = (tally.control, &mut tally.told);
        let plan = delete::plan(self, control, job, |roll| {
            told(Progress { objects: roll.len() as u64, bytes: roll.bytes(), tally: control.tally(), ..Progress::default() });
        })
        .await?;
        let Counted { progress, needs } = &mut tally.counted;
        (progress.objects, progress.bytes) = (plan.roll.len() as u64, plan.roll.bytes());
        needs.delete(progress.objects);
        match (&job.what, job.versions) {
            (Selection::Picked(_), Versions::Current) => {}
            (Selection::Picked(picks), Versions::All) => needs.reading.ask(Op::ListObjectVersions, picks.len() as u64),
            (Selection::Below { .. }, Versions::Current) => needs.listing(Op::ListObjectsV2, progress.objects),
            (Selection::Below { .. }, Versions::All) => needs.listing(Op::ListObjectVersions, progress.objects),
        }
        Ok(())
    }
}

/// A count under way.
struct Tallying<'a, T> {
    counted: Counted,
    control: &'a Control,
    told: &'a mut T,
}

impl<T: FnMut(Progress)> Tallying<'_, T> {
    fn add(&mut self, size: Option<u64>, need: &impl Fn(&mut Needs, u64)) {
        let Counted { progress, needs } = &mut self.counted;
        progress.objects += 1;
        progress.bytes = progress.bytes.saturating_add(size.unwrap_or(0));
        need(needs, size.unwrap_or(0));
    }

    fn tell(&mut self) {
        self.counted.progress.tally = self.control.tally();
        (self.told)(self.counted.progress);
    }

    fn end(mut self) -> Counted {
        self.counted.progress.counted = true;
        self.tell();
        self.counted
    }

    async fn objects(
        &mut self,
        engine: &Engine,
        from: &Acting,
        what: &Selection,
        need: impl Fn(&mut Needs, u64),
    ) -> std::result::Result<(), Halt> {
        match what {
            Selection::Picked(picks) => picks.iter().for_each(|Pick { size, .. }| self.add(*size, &need)),
            Selection::Below { prefix, rules } => {
                let patterns = Patterns::parse(rules.iter().cloned())?;
                let mut pages = Pages::new(engine, self.control, from, prefix);
                while let Some(leaf) = pages.next().await? {
                    leaf.iter().filter(|row| admits(&patterns, prefix, row.key)).for_each(|row| self.add(Some(row.size()), &need));
                    self.counted.needs.reading.ask(Op::ListObjectsV2, 1);
                    self.tell();
                }
            }
        }
        Ok(())
    }

    async fn upload(&mut self, upload: &Upload) -> Result<()> {
        let sizes = match &upload.from {
            Source::Stdin => vec![None],
            Source::File(path) => {
                let path = path.clone();
                in_background(move || Ok(vec![Some(source::look(&path)?.size)])).await?
            }
            Source::Paths { paths, rules } => {
                let patterns = Patterns::parse(rules.iter().cloned())?;
                sizes_below(Roots { paths: paths.clone(), patterns, prefix: String::new() }).await?
            }
        };
        sizes.into_iter().for_each(|size| self.add(size, &Needs::upload));
        Ok(())
    }
}

/// What a walk of local files finds, as an upload would take it.
async fn sizes_below(roots: Roots) -> Result<Vec<Option<u64>>> {
    let (sender, mut found) = tokio::sync::mpsc::channel(256);
    let walking = in_background(move || {
        roots.walk(&sender);
        Ok(())
    });
    let collecting = async {
        let mut sizes = Vec::new();
        while let Some(found) = found.recv().await {
            match found {
                Found::File { size, .. } => sizes.push(Some(size)),
                // They become no objects; the upload says why.
                Found::LeftOut(..) | Found::Failed(..) => {}
            }
        }
        sizes
    };
    let (walked, sizes) = tokio::join!(walking, collecting);
    walked.map(|()| sizes)
}

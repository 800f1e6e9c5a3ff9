//! What belongs to a job, without doing it: for the plan that people see first.
//!
//! Comes in: a job. Goes out: objects, bytes, and what will be asked of the stores. A prefix is listed for it, which costs: each page is
//! told, and can be the last. Forbidden here: changing anything.

use super::Control;
use super::delete;
use super::gather::{Halt, Pages, admits};
use crate::domain::{Acting, Error, ErrorKind, Result};
use crate::runtime::engine::Engine;
use crate::runtime::source::{self, Found, Roots};
use crate::runtime::tasks::in_background;
use crate::transfer::need::Needs;
use crate::transfer::outcome::Item;
use crate::transfer::pattern::Patterns;
use crate::transfer::treatment::{Copying, Treatment, found_with};
use crate::transfer::{Delete, Job, Progress, Selection, Source, Upload};

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
        let treatment = self.treatment(job)?;
        control.treats(treatment);
        let mut tally = Tallying { planned: None, control, told: &mut told };
        let done = match job {
            Job::Upload(upload) => tally.upload(upload).await.map_err(Halt::Failed),
            Job::Download(download) => tally.objects(self, &download.from, &download.what).await,
            Job::Copy(copy) => tally.objects(self, &copy.from, &copy.what).await,
            Job::Delete(delete) => tally.delete(self, delete).await,
        };
        match done {
            Ok(()) => Ok(tally.end(job, treatment)),
            Err(Halt::Failed(error)) => Err(error),
            Err(Halt::Stopped) => {
                Err(Error::new(ErrorKind::Interrupted, "the count was stopped").hint("Count again: nothing was changed."))
            }
        }
    }

    /// What a job that has found so much will take from here on.
    ///
    /// # Errors
    /// `Usage` when an account is not configured.
    pub fn needs_of(&self, job: &Job, found: &Progress) -> Result<Needs> {
        Ok(self.treatment(job)?.needs(found))
    }

    /// What a job does with each of its objects.
    ///
    /// # Errors
    /// `Usage` when an account is not configured.
    pub(in crate::runtime) fn treatment(&self, job: &Job) -> Result<Treatment> {
        let site = &self.door().desked(&job.acting().place.id.account)?.account.site;
        Ok(match (Treatment::of(job, site.provider, site.endpoint.as_deref()), self.copy_limits()) {
            (Treatment::Upload(_), _) => Treatment::Upload(self.part_size()),
            (Treatment::Within(copying), Some(limits)) => {
                Treatment::Within(Copying { largest: limits.whole, part: Some(limits.part), ..copying })
            }
            (Treatment::Across(copying), Some(limits)) => {
                Treatment::Across(Copying { largest: limits.part, part: Some(limits.part), ..copying })
            }
            (other, _) => other,
        })
    }
}

/// A count under way.
struct Tallying<'a, T> {
    /// Of a delete, how much its plan holds: it is known as a whole.
    planned: Option<Progress>,
    control: &'a Control,
    told: &'a mut T,
}

impl<T: FnMut(Progress)> Tallying<'_, T> {
    fn tell(&mut self) {
        (self.told)(self.planned.clone().unwrap_or_else(|| self.control.progress()));
    }

    fn end(mut self, job: &Job, treatment: Treatment) -> Counted {
        self.control.counted();
        if let Some(progress) = &mut self.planned {
            (progress.counted, progress.tally) = (true, self.control.tally());
        }
        self.tell();
        let progress = self.planned.unwrap_or_else(|| self.control.progress());
        let mut needs = treatment.needs(&progress);
        if let Some((op, count)) = found_with(job, progress.objects) {
            // As many pages as were read, which patterns have left more of than objects.
            needs.reading.ask(op, count.max(progress.tally.requests.saturating_sub(progress.tally.retries)));
        }
        Counted { progress, needs }
    }

    async fn objects(&mut self, engine: &Engine, from: &Acting, what: &Selection) -> std::result::Result<(), Halt> {
        match what {
            Selection::Picked(picks) => self.control.found_each(picks.iter().map(Item::from)),
            Selection::Below { prefix, rules } => {
                let patterns = Patterns::parse(rules.iter().cloned())?;
                let mut pages = Pages::new(engine, self.control, from, prefix);
                while let Some(leaf) = pages.next().await? {
                    let meant = leaf.iter().filter(|row| admits(&patterns, prefix, row.key));
                    self.control.found_each(meant.map(Item::listed));
                    self.tell();
                }
            }
        }
        Ok(())
    }

    async fn delete(&mut self, engine: &Engine, job: &Delete) -> std::result::Result<(), Halt> {
        let (control, told) = (self.control, &mut self.told);
        let so_far = |plan: &delete::Plan| Progress { tally: control.tally(), ..plan.found() };
        let plan = delete::plan(engine, control, job, |plan| told(so_far(plan))).await?;
        self.planned = Some(so_far(&plan));
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
        self.control.found_each(sizes.into_iter().map(|size| Item::local(size.unwrap_or(0))));
        Ok(())
    }
}

/// What a walk of local files finds, as an upload would take it.
async fn sizes_below(roots: Roots) -> Result<Vec<Option<u64>>> {
    let (teller, mut found) = source::findings();
    let walking = in_background(move || {
        roots.walk(teller);
        Ok(())
    });
    let collecting = async {
        let mut sizes = Vec::new();
        while let Some(found) = found.next().await {
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

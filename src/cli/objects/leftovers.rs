//! `journal --unfinished` and `journal --give-up`: transfers that an earlier command or console left unfinished.

use jiff::Timestamp;
use serde::Serialize;

use super::{Desk, numbers, run};
use crate::cli::args::{Global, JournalLines};
use crate::cli::confirm::{self, Answers};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::session::{Keeps, Session};
use crate::cli::table::{self, Cell};
use crate::domain::{Acting, Error, ErrorKind, Result};
use crate::transfer::{Copy, Delete, Download, Job, JobId, Landing, Pointer, Selection, Source, Unfinished};

/// `journal --unfinished --json`.
#[derive(Serialize)]
struct Line<'a> {
    transfer: i64,
    kind: &'static str,
    source: &'a str,
    target: &'a str,
    begun_at: Timestamp,
    objects: u64,
    bytes: u64,
    moved: u64,
}

/// Lists what is unfinished, or gives one up: its parts are aborted, its temporary files removed.
///
/// # Errors
/// `NotFound` for a number that is no unfinished transfer; `Refused` without a confirmation; what could not be aborted.
pub(in crate::cli) fn run(global: &Global, asked: &JournalLines, output: &Output) -> std::result::Result<(), Failure> {
    let desk = Desk { session: Session::open(global, Keeps::Changes, output)?, global, output };
    desk.wait(async {
        let found = desk.session.engine.unfinished_jobs().await?;
        match asked.give_up {
            None => list(&found, output),
            Some(number) => give_up(&desk, &found, number).await?,
        }
        Ok(())
    })
}

async fn give_up(desk: &Desk<'_>, found: &[Unfinished], number: i64) -> Result<()> {
    let Some(chosen) = found.iter().find(|left| left.id == JobId(number)) else {
        return Err(Error::new(ErrorKind::NotFound, format!("there is no unfinished transfer {number}"))
            .hint("Look at `whopays journal --unfinished`."));
    };
    list(std::slice::from_ref(chosen), desk.output);
    if desk.global.dry_run {
        return Ok(());
    }
    match Answers::of_process(desk.global.yes) {
        Answers::Yes => {}
        Answers::Nobody => return Err(run::unconfirmed(&format!("giving up transfer {number}"))),
        Answers::Person => {
            let question = format!("Give up transfer {number}? What was moved of unfinished objects is lost{}.", sought(chosen.sought));
            confirm::yes(&mut confirm::Terminal, &question, desk.output).await?;
        }
    }
    let acting = chosen.job.acting();
    let account = desk.session.config.accounts.iter().find(|account| account.name == acting.place.id.account);
    desk.ask_for_keys(&account.into_iter().collect::<Vec<_>>())?;
    desk.session.engine.give_up_job(chosen.id).await
}

fn list(found: &[Unfinished], output: &Output) {
    if output.is_json() {
        for left in found {
            let (kind, source, target) = sides(&left.job);
            let (begun_at, progress) = (left.begun_at, &left.progress);
            let (objects, bytes, moved) = (progress.objects, progress.bytes, progress.moved);
            output.object(&Line { transfer: left.id.0, kind, source: &source, target: &target, begun_at, objects, bytes, moved });
        }
        return;
    }
    if found.is_empty() {
        output.aside("no unfinished transfer");
        return;
    }
    let rows: Vec<Vec<Cell>> = found.iter().map(row).collect();
    table::print(output, &["TRANSFER", "BEGUN (UTC)", "KIND", "FROM", "TO", "MOVED", "OF"], &rows);
}

fn row(left: &Unfinished) -> Vec<Cell> {
    let (kind, source, target) = sides(&left.job);
    vec![
        Cell::new(&left.id.0.to_string()),
        Cell::new(&left.begun_at.strftime("%Y-%m-%d %H:%M").to_string()),
        Cell::new(kind),
        Cell::new(&source),
        Cell::new(&target),
        Cell::new(&numbers::size(left.progress.moved)),
        Cell::new(&numbers::size(left.progress.bytes)),
    ]
}

/// That uploads are looked for whose ids were lost; empty where none was.
pub(super) fn sought(count: u64) -> String {
    match count {
        0 => String::new(),
        1 => "; an upload whose id did not come is looked for, with up to 3 requests".to_owned(),
        count => format!("; {count} uploads whose ids did not come are looked for, with up to 3 requests each"),
    }
}

/// What is done, from where, to where.
fn sides(job: &Job) -> (&'static str, String, String) {
    match job {
        Job::Upload(upload) => ("upload", local(&upload.from), stored(&upload.to, &upload.key)),
        Job::Download(Download { from, what, to, .. }) => {
            let (Landing::File(path) | Landing::Folder(path)) = to;
            ("download", chosen(from, what), path.to_string_lossy().into_owned())
        }
        Job::Copy(Copy { from, what, to, key, .. }) => ("copy", chosen(from, what), stored(to, key)),
        Job::Delete(Delete { within, what, .. }) => ("delete", chosen(within, what), String::new()),
    }
}

fn local(source: &Source) -> String {
    match source {
        Source::File(path) => path.to_string_lossy().into_owned(),
        Source::Paths { paths, .. } => paths.iter().map(|path| path.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" "),
        Source::Stdin => "-".to_owned(),
    }
}

fn stored(acting: &Acting, pointer: &Pointer) -> String {
    match pointer {
        Pointer::Key(key) => format!("{}/{key}", acting.place.id),
        Pointer::Below(prefix) => format!("{}/{prefix}", acting.place.id),
    }
}

fn chosen(acting: &Acting, what: &Selection) -> String {
    match what {
        Selection::Below { prefix, .. } => format!("{}/{prefix}", acting.place.id),
        Selection::Picked(picks) => match picks.as_slice() {
            [one] => format!("{}/{}", acting.place.id, one.key),
            several => format!("{} ({} objects)", acting.place.id, several.len()),
        },
    }
}

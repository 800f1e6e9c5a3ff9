//! `cp`: objects become other objects, within a provider by the store itself, else through this machine.

use super::acting::{Aim, who_pays};
use super::run::{self, Approval, Question};
use super::{Desk, plan, remove, settings};
use crate::cli::args::Cp;
use crate::cli::failure::Failure;
use crate::cli::words::counted;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, ObjectKey, Overwrite, Result, VersionId};
use crate::transfer::{Copy, Job, Original, Pick, Pointer, Progress, Route, Selection};

/// Copies or moves.
///
/// # Errors
/// `Refused` for read-only accounts and for a move that nobody confirmed; the sum of what failed.
pub(super) fn run(desk: &Desk<'_>, cp: &Cp) -> std::result::Result<(), Failure> {
    let (source, target) = (desk.aim(&cp.source)?, desk.aim(&cp.target)?);
    target.may_change()?;
    if cp.moves {
        source.may_change()?;
    }
    let job = Job::Copy(Copy {
        what: selection(&source, cp)?,
        key: pointer(&source, &target, cp)?,
        settings: settings::replacing(&cp.settings)?,
        overwrite: if cp.overwrite || desk.global.yes { Overwrite::Allow } else { Overwrite::Refuse },
        original: if cp.moves { Original::Goes } else { Original::Stays },
        route: if cp.stream { Route::Here } else { Route::Shortest },
        from: source.acting.clone(),
        to: target.acting.clone(),
    });
    desk.limit(cp.limit_rate.as_deref())?;
    desk.ask_for_keys(&[source.account, target.account])?;
    let pays = [who_pays(&source), who_pays(&target)];
    if desk.global.dry_run {
        return plan::show(desk, &job, &pays);
    }
    if !cp.moves && !target.is_protected() {
        return run::run(desk, &job, &Approval::NotNeeded);
    }
    run::someone_confirms(desk, if cp.moves { "moving" } else { "copying" }, &source)?;
    let question = |progress: &Progress| question(progress, cp, &source, &target, &pays);
    run::run(desk, &job, &Approval::Asked(&question))
}

/// What a person has to know and say before objects move, or are copied where every change is confirmed.
fn question(progress: &Progress, cp: &Cp, source: &Aim<'_>, target: &Aim<'_>, pays: &[String; 2]) -> Question {
    let mut plan = remove::plan_lines(progress, source, &pays[0]);
    plan.extend([format!("  to       {}", visible(&target.name())), format!("  pays     {}", pays[1])]);
    let objects = counted(progress.objects, "object");
    let (question, typed) = if cp.moves {
        let original = if progress.objects == 1 { "the original" } else { "the originals" };
        (format!("Move {objects}, and delete {original}?"), remove::to_type(source).or_else(|| remove::to_type(target)))
    } else {
        (format!("Copy {objects}?"), remove::to_type(target))
    };
    Question { plan, question, typed }
}

fn selection(source: &Aim<'_>, cp: &Cp) -> Result<Selection> {
    if cp.many.recursive {
        return Ok(Selection::Below { prefix: source.key.clone(), rules: cp.many.rules() });
    }
    let pick = Pick { version: cp.version_id.as_deref().map(VersionId::new), ..Pick::named(source.object()?) };
    Ok(Selection::Picked(vec![pick]))
}

fn pointer(source: &Aim<'_>, target: &Aim<'_>, cp: &Cp) -> Result<Pointer> {
    let below = target.key.is_empty() || target.key.ends_with('/');
    match (cp.many.recursive, below) {
        (true, false) => Err(Error::new(ErrorKind::Usage, format!("target \"{}\" is one key", visible(&target.name())))
            .hint("End it in `/`: everything below the source is put below it.")),
        (_, true) => Ok(Pointer::Below(target.key.clone())),
        (false, false) if source.acting.place.id == target.acting.place.id && source.key == target.key && cp.moves => {
            Err(Error::new(ErrorKind::Usage, "source and target are the same object").hint("Choose another key."))
        }
        (false, false) => Ok(Pointer::Key(ObjectKey::new(target.key.as_str()))),
    }
}

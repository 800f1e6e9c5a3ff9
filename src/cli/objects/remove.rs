//! `rm`: objects, versions and prefixes go away, after a plan and a confirmation.

use super::acting::{Aim, who_pays};
use super::run::{self, Approval, Question};
use super::{Desk, numbers, plan};
use crate::cli::args::Rm;
use crate::cli::failure::Failure;
use crate::cli::words::counted;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result, VersionId};
use crate::transfer::{Delete, Job, Pick, Progress, Selection, Versions};

/// Deletes.
///
/// # Errors
/// `Refused` for read-only accounts and without a confirmation, before anything is sent; the sum of what failed.
pub(super) fn run(desk: &Desk<'_>, rm: &Rm) -> std::result::Result<(), Failure> {
    let aims: Vec<Aim<'_>> = rm.targets.iter().map(|target| desk.aim(target)).collect::<Result<_>>()?;
    let first = aims.first().ok_or_else(|| Error::new(ErrorKind::Usage, "no target was named").hint("Name what is to be deleted."))?;
    aims.iter().try_for_each(Aim::may_change)?;
    let job = Job::Delete(Delete {
        within: first.acting.clone(),
        what: selection(&aims, rm)?,
        versions: if rm.versions { Versions::All } else { Versions::Current },
    });
    if !desk.global.dry_run {
        run::someone_confirms(desk, "deleting", first)?;
    }
    desk.ask_for_keys(&[first.account])?;
    let pays = who_pays(first);
    if desk.global.dry_run {
        return plan::show(desk, &job, &[pays]);
    }
    let for_ever = if rm.versions || rm.version_id.is_some() { " for ever" } else { "" };
    let question = |progress: &Progress| Question {
        plan: plan_lines(progress, first, &pays),
        question: format!("Delete {} of {}{for_ever}?", counted(progress.objects, "object"), visible(&first.acting.place.id.to_string())),
        typed: to_type(first),
    };
    run::run(desk, &job, &Approval::Asked(&question))
}

fn selection(aims: &[Aim<'_>], rm: &Rm) -> Result<Selection> {
    match aims {
        [one] if rm.many.recursive => Ok(Selection::Below { prefix: one.key.clone(), rules: rm.many.rules() }),
        [_, second, ..] if rm.many.recursive => {
            Err(Error::new(ErrorKind::Usage, "-r takes one prefix").hint("Delete one prefix after the other.").target(second.name()))
        }
        several => {
            if let Some(other) = several.iter().find(|aim| Some(&aim.acting) != several.first().map(|first| &first.acting)) {
                return Err(Error::new(ErrorKind::Usage, "the targets are in several buckets")
                    .hint("Delete in one bucket after the other.")
                    .target(other.name()));
            }
            let version = rm.version_id.as_deref().map(VersionId::new);
            let pick = |aim: &Aim<'_>| Ok(Pick { version: version.clone(), ..Pick::named(aim.object()?) });
            Ok(Selection::Picked(several.iter().map(pick).collect::<Result<_>>()?))
        }
    }
}

/// What a person has to know before saying yes.
pub(super) fn plan_lines(progress: &Progress, aim: &Aim<'_>, pays: &str) -> Vec<String> {
    let size = if progress.bytes > 0 { format!(", {}", numbers::size(progress.bytes)) } else { String::new() };
    vec![
        format!("  account  {}", visible(aim.account.name.as_str())),
        format!("  where    {}", visible(&aim.name())),
        format!("  what     {}{size}", counted(progress.objects, "object")),
        format!("  pays     {pays}"),
    ]
}

/// What has to be typed for a protected account.
pub(super) fn to_type(aim: &Aim<'_>) -> Option<String> {
    aim.is_protected().then(|| aim.acting.place.id.bucket.as_str().to_owned())
}

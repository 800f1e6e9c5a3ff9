//! `get`: objects become local files.

use std::path::{Path, PathBuf};

use super::acting::{Aim, who_pays};
use super::run::{self, Approval};
use super::{Desk, plan};
use crate::cli::args::Get;
use crate::cli::failure::Failure;
use crate::domain::{Result, VersionId};
use crate::runtime::paths;
use crate::transfer::{Download, Existing, Job, Landing, Pick, Selection};

/// Downloads.
///
/// # Errors
/// The sum of what failed.
pub(super) fn run(desk: &Desk<'_>, get: &Get) -> std::result::Result<(), Failure> {
    let aim = desk.aim(&get.target)?;
    let job = Job::Download(Download {
        what: selection(&aim, get)?,
        to: landing(get)?,
        existing: if get.overwrite || desk.global.yes { Existing::Replace } else { Existing::Keep },
        from: aim.acting.clone(),
    });
    desk.limit(get.limit_rate.as_deref())?;
    desk.ask_for_keys(&[aim.account])?;
    if desk.global.dry_run {
        return plan::show(desk, &job, &[who_pays(&aim)]);
    }
    run::run(desk, &job, &Approval::NotNeeded)
}

fn selection(aim: &Aim<'_>, get: &Get) -> Result<Selection> {
    if get.many.recursive {
        return Ok(Selection::Below { prefix: aim.key.clone(), rules: get.many.rules() });
    }
    let pick = Pick { version: get.version_id.as_deref().map(VersionId::new), ..Pick::named(aim.object()?) };
    Ok(Selection::Picked(vec![pick]))
}

/// A path that names a folder, by its end or because one is there, takes the objects' own names; another one is the file.
fn landing(get: &Get) -> Result<Landing> {
    let path = paths::absolute(get.path.as_deref().unwrap_or(Path::new(".")))?;
    let folder = get.many.recursive || ends_in_slash(get.path.as_ref()) || paths::is_folder(&path);
    Ok(if folder { Landing::Folder(path) } else { Landing::File(path) })
}

fn ends_in_slash(path: Option<&PathBuf>) -> bool {
    path.is_some_and(|path| path.as_os_str().as_encoded_bytes().ends_with(b"/"))
}

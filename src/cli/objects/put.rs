//! `put`: files, folders and standard input become objects.

use std::path::PathBuf;

use super::acting::who_pays;
use super::run::{self, Approval, Question};
use super::{Desk, plan, remove, settings};
use crate::cli::args::Put;
use crate::cli::failure::Failure;
use crate::cli::words::counted;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, ObjectKey, Overwrite, Result};
use crate::runtime::paths;
use crate::transfer::{Job, Pointer, Progress, Source, Upload};

/// Uploads.
///
/// # Errors
/// `Refused` for read-only accounts; the sum of what failed.
pub(super) fn run(desk: &Desk<'_>, put: &Put) -> std::result::Result<(), Failure> {
    let (target, paths) = put.paths.split_last().ok_or_else(no_target)?;
    let target = target.to_str().ok_or_else(no_target)?;
    let aim = desk.aim(target)?;
    aim.may_change()?;
    let from = source(paths, put)?;
    let job = Job::Upload(Upload {
        key: pointer(&aim.key, &from)?,
        from,
        to: aim.acting.clone(),
        settings: settings::read(&put.settings)?,
        overwrite: if put.overwrite || desk.global.yes { Overwrite::Allow } else { Overwrite::Refuse },
    });
    desk.limit(put.limit_rate.as_deref())?;
    desk.ask_for_keys(&[aim.account])?;
    if desk.global.dry_run {
        return plan::show(desk, &job, &[who_pays(&aim)]);
    }
    if !aim.is_protected() {
        return run::run(desk, &job, &Approval::NotNeeded);
    }
    run::someone_confirms(desk, "uploading", &aim)?;
    let question = |progress: &Progress| Question {
        plan: remove::plan_lines(progress, &aim, &who_pays(&aim)),
        question: format!("Upload {}?", counted(progress.objects, "object")),
        typed: remove::to_type(&aim),
    };
    run::run(desk, &job, &Approval::Asked(&question))
}

fn no_target() -> Error {
    Error::new(ErrorKind::Usage, "the last argument is not a target").hint("Write `whopays put PATH… ACCOUNT:BUCKET/KEY`.")
}

fn source(paths: &[PathBuf], put: &Put) -> Result<Source> {
    match paths {
        [one] if one.as_os_str() == "-" => Ok(Source::Stdin),
        [one] if !put.many.recursive && !paths::is_folder(one) => Ok(Source::File(paths::absolute(one)?)),
        several => {
            if let Some(folder) = several.iter().find(|path| !put.many.recursive && paths::is_folder(path)) {
                let message = format!("\"{}\" is a folder", visible(&folder.to_string_lossy()));
                return Err(Error::new(ErrorKind::Usage, message).hint("Add -r to upload everything below it."));
            }
            let paths = several.iter().map(|path| paths::absolute(path)).collect::<Result<_>>()?;
            Ok(Source::Paths { paths, rules: put.many.rules() })
        }
    }
}

/// A key that ends in `/`, or none, is where names are put below; any other is the object's own.
fn pointer(key: &str, from: &Source) -> Result<Pointer> {
    let below = key.is_empty() || key.ends_with('/');
    match from {
        Source::Stdin if below => {
            Err(Error::new(ErrorKind::Usage, "standard input has no name of its own").hint("Name the object: ACCOUNT:BUCKET/KEY."))
        }
        Source::Paths { .. } if !below => {
            Err(Error::new(ErrorKind::Usage, "several files do not fit into one key").hint("End the target in `/` to put them below it."))
        }
        Source::File(_) | Source::Paths { .. } if below => Ok(Pointer::Below(key.to_owned())),
        Source::Stdin | Source::File(_) | Source::Paths { .. } => Ok(Pointer::Key(ObjectKey::new(key))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_prefixes() {
        let file = Source::File(PathBuf::from("/tmp/a"));
        assert_eq!(pointer("x", &file).expect("a key"), Pointer::Key(ObjectKey::new("x")));
        assert_eq!(pointer("x/", &file).expect("a prefix"), Pointer::Below("x/".to_owned()));
        assert_eq!(pointer("", &file).expect("the bucket"), Pointer::Below(String::new()));
        assert_eq!(pointer("x", &Source::Stdin).expect("a key"), Pointer::Key(ObjectKey::new("x")));
        assert_eq!(pointer("x/", &Source::Stdin).expect_err("no name").kind(), ErrorKind::Usage);
        let many = Source::Paths { paths: Vec::new(), rules: Vec::new() };
        assert_eq!(pointer("x", &many).expect_err("one key").kind(), ErrorKind::Usage);
    }
}

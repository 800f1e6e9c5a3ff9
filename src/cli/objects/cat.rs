//! `cat`: an object's bytes on standard output, and nothing else there.

use super::Desk;
use super::acting::{Aim, payer_hint};
use super::costs::{self, Weight};
use crate::app::Thorough;
use crate::cli::args::Cat;
use crate::cli::failure::Failure;
use crate::cli::tasks;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Op, Result, VersionId};
use crate::runtime::jobs::{Control, Excerpt};
use crate::transfer::Pick;

/// Writes the object.
///
/// # Errors
/// Whatever the store refuses; also when the bytes do not have the checksum that the store keeps: then it is too late to take
/// them back, and the exit code says so.
pub(super) fn run(desk: &Desk<'_>, cat: &Cat) -> std::result::Result<(), Failure> {
    let aim = desk.aim(&cat.target)?;
    let pick = Pick { version: cat.version_id.as_deref().map(VersionId::new), ..Pick::named(aim.object()?) };
    let range = cat.range.as_deref().map(read_range).transpose()?;
    desk.ask_for_keys(&[aim.account])?;
    if desk.global.dry_run {
        return desk.wait(async {
            let weight = weigh(desk, &aim, &pick, range.as_ref()).await?;
            let (what, more) = (format!("read {}", aim.name()), "or more, if it breaks off");
            Ok(super::plan::requests(desk, &aim, Op::GetObject, &weight, &what, more).await?)
        });
    }
    let budget = &desk.session.budget;
    let ended = tasks::wait_on_threads(async {
        let stop = tasks::interrupted()?;
        if !budget.is_unlimited() {
            let weight = weigh(desk, &aim, &pick, range.as_ref()).await?;
            costs::allowed(desk, &aim, Op::GetObject, 1, &weight)?;
        }
        let control = Control::new(Box::new(|_| {}));
        tokio::select! {
            read = desk.session.engine.cat(&aim.acting, &pick, range, tokio::io::stdout(), &control) => {
                read.map(drop).or_else(unless_deserted).map_err(|error| payer_hint(error, aim.acting.consent))
            }
            () = stop => Err(tasks::stopped_by_user()),
            () = budget.passed() => Err(budget.why().unwrap_or_else(tasks::stopped_by_user)),
        }
    });
    desk.session.close(ended.map_err(Failure::from), desk.output)
}

/// How many bytes will come, and of which class: the object is asked for its size, as the range is cut to it.
async fn weigh(desk: &Desk<'_>, aim: &Aim<'_>, pick: &Pick, range: Option<&Excerpt>) -> Result<Weight> {
    let found = desk.session.engine.inspect(&aim.acting, pick, Thorough::Headers).await;
    let head = found.map_err(|error| payer_hint(error, aim.acting.consent))?.head;
    let size = head.size.unwrap_or(0);
    let down = range.map_or(size, |range| size.saturating_sub(range.from).min(range.length.unwrap_or(u64::MAX)));
    Ok(Weight { down, class: head.class })
}

/// A reader that goes away (`| head`) has what it wanted: the rest is not asked for, and that is no error.
fn unless_deserted(error: Error) -> Result<()> {
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    if cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe) { Ok(()) } else { Err(error) }
}

/// `FIRST-LAST` or `FIRST-`.
fn read_range(text: &str) -> Result<Excerpt> {
    let wrong = || {
        Error::new(ErrorKind::Usage, format!("--range \"{}\" is not understood", visible(text)))
            .hint("Write FIRST-LAST or FIRST-, in bytes counted from 0.")
    };
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    match (first, last) {
        (first, "") => Ok(Excerpt { from: number(first)?, length: None }),
        (first, last) => {
            let (from, last) = (number(first)?, number(last)?);
            let length = last.checked_sub(from).and_then(|length| length.checked_add(1)).ok_or_else(wrong)?;
            Ok(Excerpt { from, length: Some(length) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let excerpt = |text: &str| read_range(text).map(|excerpt| (excerpt.from, excerpt.length)).ok();
        assert_eq!(excerpt("0-99"), Some((0, Some(100))));
        assert_eq!(excerpt("100-"), Some((100, None)));
        for bad in ["", "5", "-", "-5", "9-1", "a-b", "1-2-3", "0-18446744073709551615"] {
            assert_eq!(read_range(bad).expect_err(bad).kind(), ErrorKind::Usage, "{bad}");
        }
    }
}

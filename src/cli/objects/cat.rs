//! `cat`: an object's bytes on standard output, and nothing else there.

use std::io::Write;

use super::Desk;
use super::acting::payer_hint;
use crate::cli::args::Cat;
use crate::cli::failure::Failure;
use crate::cli::tasks;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result, VersionId};
use crate::transfer::Pick;
use crate::wire::objects::ByteRange;

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
        desk.output.aside(&format!("would read {}: one GET; {}", visible(&aim.name()), super::acting::who_pays(&aim)));
        return Ok(());
    }
    let ended = tasks::wait_on_threads(async {
        let stop = tasks::interrupted()?;
        let mut stdout = std::io::stdout();
        let sink = |bytes: &[u8]| stdout.write_all(bytes);
        tokio::select! {
            read = desk.session.engine.cat(&aim.acting, &pick, range, sink) => read.map_err(|error| payer_hint(error, aim.acting.consent)),
            () = stop => Err(tasks::stopped_by_user()),
        }
    });
    desk.session.tell_notices(desk.output);
    Ok(ended?)
}

/// `FIRST-LAST`, `FIRST-` or `-LENGTH`.
fn read_range(text: &str) -> Result<ByteRange> {
    let wrong = || {
        Error::new(ErrorKind::Usage, format!("--range \"{}\" is not understood", visible(text)))
            .hint("Write FIRST-LAST, FIRST- or -LENGTH, in bytes counted from 0.")
    };
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    match (first, last) {
        ("", length) => Ok(ByteRange::Last(number(length).ok().filter(|length| *length > 0).ok_or_else(wrong)?)),
        (first, "") => Ok(ByteRange::From(number(first)?)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if first <= last { Ok(ByteRange::Between(first, last)) } else { Err(wrong()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(read_range("0-99").expect("both"), ByteRange::Between(0, 99));
        assert_eq!(read_range("100-").expect("open"), ByteRange::From(100));
        assert_eq!(read_range("-5").expect("tail"), ByteRange::Last(5));
        for bad in ["", "5", "-", "-0", "9-1", "a-b", "1-2-3"] {
            assert_eq!(read_range(bad).expect_err(bad).kind(), ErrorKind::Usage, "{bad}");
        }
    }
}

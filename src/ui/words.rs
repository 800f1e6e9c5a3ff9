//! Values as words: payers, times, counts.

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use crate::domain::figures::size;
use crate::domain::{Payer, PayerReading};

use super::look::Role;

/// A value as the store said it; one that no vendor documents gets a question mark.
pub(crate) fn payer(payer: &Payer) -> String {
    match payer {
        Payer::BucketOwner | Payer::Requester => payer.as_str().to_owned(),
        Payer::Other(text) if text.is_empty() => "(empty)?".to_owned(),
        Payer::Other(text) => format!("{text}?"),
    }
}

/// The payer column.
pub(crate) fn reading(reading: &PayerReading) -> (String, Role) {
    match reading {
        PayerReading::NotRead => ("not read".to_owned(), Role::Muted),
        PayerReading::Read(value) => (payer(value), role(value)),
        PayerReading::Inferred(value) => (format!("{} (probe)", payer(value)), role(value)),
        PayerReading::Changing { to, .. } => (format!("changing → {}", payer(to)), Role::Warning),
        PayerReading::Denied => ("denied".to_owned(), Role::Muted),
        PayerReading::Unsupported => ("unsupported".to_owned(), Role::Muted),
        PayerReading::Failed => ("failed".to_owned(), Role::Bad),
    }
}

fn role(value: &Payer) -> Role {
    match value {
        Payer::Requester => Role::Requester,
        Payer::BucketOwner => Role::Owner,
        Payer::Other(_) => Role::Warning,
    }
}

/// A clock time if it was today, else a date. No "3 seconds ago": an idle screen must not change.
pub(crate) fn time(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let format = if at.date() == now.date() { "%H:%M:%S" } else { "%Y-%m-%d" };
    at.strftime(format).to_string()
}

/// The same for narrow columns.
pub(crate) fn short_time(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let format = if at.date() == now.date() { "%H:%M" } else { "%m-%d" };
    at.strftime(format).to_string()
}

/// Date and time.
pub(crate) fn full_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `1 request`, `12 requests`.
pub(crate) fn requests(count: u64) -> String {
    let number = crate::app::grouped(usize::try_from(count).unwrap_or(usize::MAX));
    if count == 1 { "1 request".to_owned() } else { format!("{number} requests") }
}

/// `42 s`, `3 min`, `2 h`, `4 d`.
pub(crate) fn duration(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds @ 100..6_000 => format!("{} min", seconds.div_ceil(60)),
        seconds @ 6_000..172_800 => format!("{} h", seconds.div_ceil(3_600)),
        seconds => format!("{} d", seconds.div_ceil(86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let table = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_228_800, "1.1 MiB"),
            (102_399, "99.9 KiB"),
            (102_400, "100 KiB"),
            (1_048_575, "1023 KiB"),
            (5_497_558_138_880, "5.0 TiB"),
            (u64::MAX, "15.9 EiB"),
        ];
        for (bytes, text) in table {
            assert_eq!(size(bytes), text);
        }
    }
}

//! Sizes, rates and times as people write and read them.

use std::time::Duration;

use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Result};

pub(super) use crate::ui::size;

/// A time that is left: `12 s`, `3:05 min`, `2:10 h`.
pub(super) fn left(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => format!("{}:{:02} h", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Reads a rate or size: a number with `K`, `M`, `G` or `T` behind it, by 1,024.
///
/// # Errors
/// `Usage` for anything else, and for zero.
pub(super) fn read_size(option: &str, text: &str) -> Result<u64> {
    let wrong = || {
        Error::new(ErrorKind::Usage, format!("{option} \"{}\" is not understood", visible(text)))
            .hint("Write a number of bytes, as 500K, 10M or 1G.")
    };
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match text.get(digits.len()..).unwrap_or_default().to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        "T" | "TB" | "TIB" => 1_u64 << 40,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(factor).filter(|bytes| *bytes > 0).ok_or_else(wrong)
}

/// Reads a time: a number with `s`, `m`, `h` or `d` behind it; seconds if nothing is.
///
/// # Errors
/// `Usage` for anything else.
pub(super) fn read_seconds(option: &str, text: &str) -> Result<u32> {
    let wrong = || {
        Error::new(ErrorKind::Usage, format!("{option} \"{}\" is not understood", visible(text)))
            .hint("Write a time, as 90s, 15m, 12h or 7d.")
    };
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor: u32 = match text.get(digits.len()..).unwrap_or_default() {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u32 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(factor).filter(|seconds| *seconds > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (seconds, text) in [(0, "0 s"), (59, "59 s"), (185, "3:05 min"), (7800, "2:10 h")] {
            assert_eq!(left(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn what_people_write() {
        for (text, bytes) in [("1", 1), ("500K", 512_000), ("10m", 10 << 20), ("2GiB", 2 << 30)] {
            assert_eq!(read_size("--limit-rate", text).expect(text), bytes);
        }
        for (text, seconds) in [("90", 90), ("90s", 90), ("15m", 900), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(read_seconds("--expires", text).expect(text), seconds);
        }
        for bad in ["", "0", "-1", "1.5M", "M", "10X", "99999999999999999999", "18014398509481984K"] {
            assert_eq!(read_size("--limit-rate", bad).expect_err(bad).kind(), ErrorKind::Usage, "{bad}");
        }
        for bad in ["", "0", "1w", "h", "99999999999d"] {
            assert_eq!(read_seconds("--expires", bad).expect_err(bad).kind(), ErrorKind::Usage, "{bad}");
        }
    }
}

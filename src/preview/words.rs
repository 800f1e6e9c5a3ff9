//! What notes say of sizes and places.

use super::Sample;

const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// Which part of the object is shown; nothing if it is the whole.
pub(super) fn range(sample: &Sample<'_>) -> Option<String> {
    let length = sample.bytes.len() as u64;
    let end = sample.offset.saturating_add(length);
    match sample.total {
        Some(total) if sample.offset == 0 && total <= length => None,
        Some(total) if sample.offset == 0 => Some(format!("first {} of {}", size(length), size(total))),
        Some(total) => Some(format!("{} from byte {} on, of {}", size(length), sample.offset, size(total.max(end)))),
        None if sample.offset == 0 => None,
        None => Some(format!("{} from byte {} on", size(length), sample.offset)),
    }
}

/// A size in the unit in which it has few digits: `12 MiB`, `1.5 KiB`, `917 bytes`.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return counted(bytes, "byte");
    }
    let power = (bytes.ilog2() / 10).min(6);
    let unit = UNITS.get(power as usize - 1).copied().unwrap_or_default();
    let tenths = (u128::from(bytes) * 10) >> (10 * power);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {unit}"),
        (whole, tenth) => format!("{whole}.{tenth} {unit}"),
    }
}

/// `1 byte`, `2 bytes`.
pub(super) fn counted(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_few_digits() {
        let sizes = [0, 1, 1023, 1024, 1536, 64 << 10, 12 << 20, 1 << 40, u64::MAX].map(size);
        assert_eq!(sizes, ["0 bytes", "1 byte", "1023 bytes", "1 KiB", "1.5 KiB", "64 KiB", "12 MiB", "1 TiB", "15.9 EiB"]);
    }
}

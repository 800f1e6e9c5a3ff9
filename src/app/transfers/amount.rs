//! Bytes a second as a person types them.

const KIB: u64 = 1024;

/// `500K`, `10M`, `1.5G`, `1000`: bytes a second; `None` (nothing, `0`): as fast as it goes.
///
/// # Errors
/// What is wrong with the text, for the dialog.
pub(super) fn read(text: &str) -> Result<Option<u64>, String> {
    let complaint = || "type a number of bytes a second, such as 500K or 10M; nothing or 0 is no limit".to_owned();
    let text = text.trim().trim_end_matches("/s");
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let unit = text.get(digits.len()..).unwrap_or_default().trim().to_ascii_uppercase();
    let factor = match unit.as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => KIB,
        "M" | "MB" | "MIB" => KIB * KIB,
        "G" | "GB" | "GIB" => KIB * KIB * KIB,
        _ => return Err(complaint()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction_is_short = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let whole: u64 = whole.parse().map_err(|_| complaint())?;
    if !fraction_is_short {
        return Err(complaint());
    }
    let thousandths: u64 = format!("{fraction:0<3}").parse().map_err(|_| complaint())?;
    let bytes = whole.checked_mul(factor).and_then(|bytes| bytes.checked_add(thousandths * factor / 1000)).ok_or_else(complaint)?;
    Ok(Some(bytes).filter(|bytes| *bytes > 0))
}

/// A limit as it is typed.
pub(crate) fn shown(limit: u64) -> String {
    for (factor, unit) in [(KIB * KIB * KIB, "G"), (KIB * KIB, "M"), (KIB, "K")] {
        if limit.is_multiple_of(factor) && limit > 0 {
            return format!("{}{unit}", limit / factor);
        }
    }
    limit.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_as_people_type_them() {
        assert_eq!(read("500K"), Ok(Some(512_000)));
        assert_eq!(read("10M"), Ok(Some(10_485_760)));
        assert_eq!(read(" 1.5 MiB/s "), Ok(Some(1_572_864)));
        assert_eq!(read("1g"), Ok(Some(1_073_741_824)));
        assert_eq!(read("1000"), Ok(Some(1000)));
        for none in ["", "  ", "0", "0K", "0.0"] {
            assert_eq!(read(none), Ok(None), "{none:?}");
        }
        for wrong in ["fast", "-1", "1..5K", "10X", "K", "99999999999999999999", "18446744073709551615G", "1.0001K", "1e9", "٣"] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_limit_is_shown_as_it_can_be_typed() {
        for (limit, text) in [(512_000, "500K"), (10_485_760, "10M"), (1_073_741_824, "1G"), (1000, "1000")] {
            assert_eq!(shown(limit), text);
            assert_eq!(read(text), Ok(Some(limit)));
        }
    }
}

//! Values as words: payers, times, counts.

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use crate::domain::figures::size;
use crate::domain::{Amount, Currency, Payer, PayerReading};

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
        PayerReading::Inferred(value) => (format!("{} (inferred)", payer(value)), role(value)),
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

/// Below this, an amount is only said to be less.
const SMALLEST: i128 = 100_000_000;
/// Below this, an amount has four decimals, else two.
const SMALL: i128 = 10_000_000_000;
const UNIT: i128 = 1_000_000_000_000;

/// An amount for people: two decimals; small ones two digits that count, and less than a hundredth of a hundredth is said to be
/// less. The exact amount stands in details and in JSON.
pub(crate) fn money(amount: Amount, currency: Currency) -> String {
    let parts = amount.trillionths();
    if parts > 0 && parts < SMALLEST {
        return format!("< 0.0001 {currency}");
    }
    let step = if parts < SMALL { SMALLEST } else { SMALL };
    let rounded = parts.saturating_add(step / 2) / step * step;
    let text = Amount::from_trillionths(rounded).to_string();
    let decimals = text.split_once('.').map_or("00", |(_, decimals)| decimals);
    let whole = crate::app::grouped(usize::try_from(rounded / UNIT).unwrap_or(usize::MAX));
    format!("{whole}.{decimals} {currency}")
}

/// What something cost: `0.42 USD and 0.03 CNY`, or `0.00`, or `no price` where none is known.
pub(crate) fn cost(cost: &[(Currency, Amount)], unpriced: u64) -> String {
    match cost {
        [] if unpriced > 0 => "no price".to_owned(),
        [] => "0.00".to_owned(),
        amounts => amounts.iter().map(|(currency, amount)| money(*amount, *currency)).collect::<Vec<_>>().join(" and "),
    }
}

/// The same in the fewest cells, one text for each currency: `$0.42`, `<¥0.01`; from a hundred on without decimals.
pub(crate) fn signs(cost: &[(Currency, Amount)]) -> Vec<String> {
    let sign = |(currency, amount): &(Currency, Amount)| {
        let sign = match currency.as_str() {
            "USD" => "$",
            "CNY" => "¥",
            code => code,
        };
        let parts = amount.trillionths();
        let rounded = |step: i128| Amount::from_trillionths(parts.saturating_add(step / 2) / step * step);
        let number = |amount: Amount| money(amount, *currency).trim_end_matches(currency.as_str()).trim_end().to_owned();
        match parts {
            1..SMALL => format!("<{sign}0.01"),
            parts if parts >= 100 * UNIT => format!("{sign}{}", number(rounded(UNIT)).trim_end_matches("00").trim_end_matches('.')),
            _ => format!("{sign}{}", number(rounded(SMALL))),
        }
    };
    cost.iter().map(sign).collect()
}

/// `12,345`.
pub(crate) fn number(count: u64) -> String {
    crate::app::grouped(usize::try_from(count).unwrap_or(usize::MAX))
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
    fn money_for_people() {
        let usd = Currency::parse("USD").unwrap();
        let table = [
            ("0", "0.00 USD"),
            ("0.000000000001", "< 0.0001 USD"),
            ("0.000099999999", "< 0.0001 USD"),
            ("0.0001", "0.0001 USD"),
            ("0.00423", "0.0042 USD"),
            ("0.00996", "0.01 USD"),
            ("0.0099", "0.0099 USD"),
            ("0.01", "0.01 USD"),
            ("0.0149", "0.01 USD"),
            ("0.4249", "0.42 USD"),
            ("0.995", "1.00 USD"),
            ("12", "12.00 USD"),
            ("1234567.891", "1,234,567.89 USD"),
        ];
        for (amount, text) in table {
            assert_eq!(money(Amount::parse(amount).unwrap(), usd), text);
        }
        assert!(money(Amount::from_trillionths(i128::MAX), usd).ends_with(" USD"));
    }

    #[test]
    fn costs() {
        let amount = |text: &str, code: &str| (Currency::parse(code).unwrap(), Amount::parse(text).unwrap());
        assert_eq!(cost(&[amount("0.03", "CNY"), amount("0.42", "USD")], 0), "0.03 CNY and 0.42 USD");
        assert_eq!(cost(&[amount("0", "USD")], 3), "0.00 USD");
        assert_eq!(cost(&[], 3), "no price");
        assert_eq!(cost(&[], 0), "0.00");
    }

    #[test]
    fn costs_in_the_fewest_cells() {
        let amount = |text: &str, code: &str| (Currency::parse(code).unwrap(), Amount::parse(text).unwrap());
        let table = [
            ("0.0000064", "USD", "<$0.01"),
            ("0.0099", "CNY", "<¥0.01"),
            ("0.01", "CNY", "¥0.01"),
            ("0.0249", "USD", "$0.02"),
            ("0", "USD", "$0.00"),
            ("99.99", "USD", "$99.99"),
            ("1234.56", "CNY", "¥1,235"),
            ("1200", "USD", "$1,200"),
            ("3.1", "EUR", "EUR3.10"),
        ];
        for (text, code, shown) in table {
            assert_eq!(signs(&[amount(text, code)]), [shown]);
        }
        assert_eq!(signs(&[amount("0.1", "CNY"), amount("0.02", "USD")]), ["¥0.10", "$0.02"]);
    }

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

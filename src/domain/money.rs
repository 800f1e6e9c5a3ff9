//! Money: exact decimals with a currency. Nothing here is a float, and amounts of different currencies never meet.

use std::fmt;

/// How many parts a unit of currency has: list prices go down to a tenth of a billionth for one byte.
const PARTS: i128 = 1_000_000_000_000;
/// How many digits stand behind the point.
const DIGITS: usize = 12;

/// An exact amount, in trillionths of a unit of its currency. Arithmetic that would not fit stops at the largest amount: a bill
/// is never shown smaller than it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many trillionths of a unit.
    pub fn from_trillionths(parts: i128) -> Self {
        Self(parts)
    }

    /// The amount in trillionths of a unit.
    pub fn trillionths(self) -> i128 {
        self.0
    }

    /// Reads a plain decimal without sign: `0.0004`, `12`, `5.00`. `None`: it is none, or has more than twelve decimals.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(rest) || rest.len() > DIGITS {
            return None;
        }
        let whole: i128 = whole.parse().ok()?;
        let rest: i128 = format!("{rest:0<DIGITS$}").parse().ok()?;
        Some(Self(whole.checked_mul(PARTS)?.checked_add(rest)?))
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, not below nothing.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// This price, `count` times, where the price is for `per` of them; rounded up to the next trillionth.
    #[must_use]
    pub fn of(self, count: u64, per: u64) -> Self {
        // What fits a machine's word is nearly everything, and divided in a tenth of the time.
        if let Some(whole) = u64::try_from(self.0).ok().and_then(|price| price.checked_mul(count)) {
            return Self(i128::from(whole.div_ceil(per.max(1))));
        }
        let per = i128::from(per.max(1));
        let whole = self.0.saturating_mul(i128::from(count));
        Self(whole / per + i128::from(whole % per > 0))
    }
}

impl fmt::Display for Amount {
    /// All digits that count, at least two decimals: `0.0004`, `12.00`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0>DIGITS$}", (self.0 % PARTS).unsigned_abs());
        let shown = digits.trim_end_matches('0').len().max(2);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(formatter, "{sign}{}.{}", (self.0 / PARTS).unsigned_abs(), digits.get(..shown).unwrap_or(&digits))
    }
}

/// A currency's ISO 4217 code: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads a code. `None`: it is not three capital letters.
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        // Capital letters are text: the way round is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An amount of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// Reads `5.00 USD`. `None`: it is not an amount, a space and a currency.
    pub fn parse(text: &str) -> Option<Self> {
        let (amount, currency) = text.trim().split_once(' ')?;
        Some(Self { amount: Amount::parse(amount)?, currency: Currency::parse(currency.trim())? })
    }

    /// The sum. Nothing is nothing in every currency; amounts of different ones have no sum.
    pub fn plus(self, other: Self) -> Option<Self> {
        let currency = match (self.amount, other.amount) {
            _ if self.currency == other.currency => self.currency,
            (_, Amount::ZERO) => self.currency,
            (Amount::ZERO, _) => other.currency,
            (_, _) => return None,
        };
        Some(Self { amount: self.amount.plus(other.amount), currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.amount, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, shown) in
            [("0.0004", "0.0004"), ("12", "12.00"), ("5.00", "5.00"), ("0.000000000001", "0.000000000001"), ("007.10", "7.10")]
        {
            assert_eq!(Amount::parse(text).unwrap().to_string(), shown, "{text}");
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0.0000000000001", "٣"] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
        assert_eq!(Amount::from_trillionths(-1_500_000_000_000).to_string(), "-1.50");
    }

    #[test]
    fn prices_for_many() {
        let thousand = Amount::parse("0.0004").unwrap();
        assert_eq!(thousand.of(1, 1000).to_string(), "0.0000004");
        assert_eq!(thousand.of(2_500_000, 1000).to_string(), "1.00");
        assert_eq!(Amount::parse("0.09").unwrap().of(1, 1 << 30).to_string(), "0.000000000084", "rounded up");
        assert_eq!(Amount::parse("0.09").unwrap().of(10 << 30, 1 << 30).to_string(), "0.90");
        assert_eq!(Amount::from_trillionths(i128::MAX).of(2, 1), Amount::from_trillionths(i128::MAX));
        assert_eq!(Amount::parse("1").unwrap().minus(Amount::parse("2").unwrap()), Amount::ZERO);
    }

    #[test]
    fn currencies() {
        assert_eq!(Money::parse("5.00 USD").unwrap().to_string(), "5.00 USD");
        assert_eq!(Money::parse(" 0.5 CNY ").unwrap().to_string(), "0.50 CNY");
        for text in ["5.00", "USD 5", "5 usd", "5 DOLLARS", "5  U"] {
            assert_eq!(Money::parse(text), None, "{text}");
        }
    }
}

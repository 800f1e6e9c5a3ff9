//! How far back one looks, and by what one measures.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::{Currency, Narrow, Sum};

/// How far back the screen looks. Days are those of UTC, as the vendors' bills have them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    Today,
    Week,
    #[default]
    Month,
    All,
}

impl Reach {
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Today => Self::Week,
            Self::Week => Self::Month,
            Self::Month => Self::All,
            Self::All => Self::Today,
        }
    }

    pub(crate) fn previous(self) -> Self {
        match self {
            Self::Today => Self::All,
            Self::Week => Self::Today,
            Self::Month => Self::Week,
            Self::All => Self::Month,
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Today => "today (UTC)",
            Self::Week => "last 7 days",
            Self::Month => "last 30 days",
            Self::All => "all time",
        }
    }

    /// The requests within reach of this moment.
    pub(crate) fn narrow(self, now: Timestamp) -> Narrow {
        Narrow { since: self.first_day(day_of(now)), ..Narrow::default() }
    }

    /// The first day within reach of this one; `None`: all of them.
    pub(crate) fn first_day(self, day: Date) -> Option<Date> {
        day.checked_sub(jiff::Span::new().days(self.days()? - 1)).ok()
    }

    fn days(self) -> Option<i64> {
        match self {
            Self::Today => Some(1),
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::All => None,
        }
    }
}

/// The day of UTC.
pub(crate) fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// What chart, bars and the order of the groups measure. Amounts of different currencies never meet: each is a measure of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Spend(Currency),
    Bytes,
    Requests,
}

impl Measure {
    /// How much of it a line has: trillionths of the currency, bytes both ways, requests.
    pub(crate) fn of(self, sum: &Sum) -> u128 {
        match self {
            Self::Spend(currency) => {
                let amount = sum.cost.iter().find(|(other, _)| *other == currency).map_or(0, |(_, amount)| amount.trillionths());
                u128::try_from(amount).unwrap_or(0)
            }
            Self::Bytes => u128::from(sum.up) + u128::from(sum.down),
            Self::Requests => u128::from(sum.requests),
        }
    }

    /// The next one: each currency that there is, bytes, requests.
    pub(crate) fn next(self, currencies: &[Currency]) -> Self {
        let first = || currencies.first().map_or(Self::Bytes, |currency| Self::Spend(*currency));
        match self {
            Self::Spend(currency) => {
                let at = currencies.iter().position(|other| *other == currency);
                at.and_then(|at| currencies.get(at + 1)).map_or(Self::Bytes, |currency| Self::Spend(*currency))
            }
            Self::Bytes => Self::Requests,
            Self::Requests => first(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(reach: Reach, now: &str) -> Option<String> {
        reach.narrow(now.parse().unwrap()).since.map(|date| date.to_string())
    }

    #[test]
    fn days_are_counted_with_today_among_them() {
        let now = "2026-03-02T00:30:00Z";
        assert_eq!(since(Reach::Today, now).as_deref(), Some("2026-03-02"));
        assert_eq!(since(Reach::Week, now).as_deref(), Some("2026-02-24"));
        assert_eq!(since(Reach::Month, now).as_deref(), Some("2026-02-01"));
        assert_eq!(since(Reach::All, now), None);
        assert_eq!(since(Reach::Week, "-009999-01-02T02:00:00Z"), None, "before the first day there is none");
    }

    #[test]
    fn every_currency_is_a_measure_of_its_own() {
        let currencies = ["CNY", "USD"].map(|code| Currency::parse(code).unwrap());
        let mut measure = Measure::Requests;
        let mut seen = Vec::new();
        for _ in 0..4 {
            measure = measure.next(&currencies);
            seen.push(measure);
        }
        assert_eq!(seen, [Measure::Spend(currencies[0]), Measure::Spend(currencies[1]), Measure::Bytes, Measure::Requests]);
        assert_eq!(Measure::Requests.next(&[]), Measure::Bytes);
    }
}

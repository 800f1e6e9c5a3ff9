//! Prices that follow the clock: OSS takes less for transfer in idle hours, by the clock of the region's country.

use jiff::Timestamp;

use super::book::Book;
use super::row::What;
use super::used::Where;
use crate::domain::{Amount, Currency};

/// Which hours it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// Those of the list price.
    Busy,
    /// Those of the lower one.
    Idle,
}

/// The price of bytes that leave a place, now and in the other hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// Which hours it is.
    pub hours: Hours,
    /// When they end.
    pub until: Timestamp,
    /// The price now.
    pub now: Amount,
    /// The price in the other hours.
    pub other: Amount,
    /// The currency of both.
    pub currency: Currency,
    /// For how many bytes they are.
    pub per: u64,
    /// The first idle hour, by the clock that counts.
    pub from: u8,
    /// The hour at which idle hours end, by the clock that counts.
    pub to: u8,
    /// Hours by which that clock is east of UTC.
    pub east: i8,
}

impl Book {
    /// Which price transfer out of a place has now. `None`: it does not follow the clock, or no price is known.
    pub fn band(&self, place: &Where<'_>, at: Timestamp) -> Option<Band> {
        let transfer = |what: &What| matches!(what, What::Transfer { network } if *network == place.network);
        let row = self.row_for(place.provider, place.region, &transfer)?;
        let idle = row.idle.as_ref()?;
        let (hours, now, other) = if idle.holds(at) { (Hours::Idle, idle.price, row.price) } else { (Hours::Busy, row.price, idle.price) };
        let until = idle.turns(at)?;
        Some(Band { hours, until, now, other, currency: row.currency, per: row.per, from: idle.from, to: idle.until, east: idle.east })
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};

    use super::*;
    use crate::domain::{Network, Provider};
    use crate::prices::words;

    const HANGZHOU: Where<'static> = Where { provider: Provider::Oss, region: "cn-hangzhou", network: Network::Public };

    fn said(at: &str, zone: &TimeZone) -> String {
        words::band(Book::shipped(), &HANGZHOU, at.parse().unwrap(), zone).unwrap()
    }

    /// The region's clock is eight hours ahead of UTC: its midnight is 16:00 UTC, its eight o'clock is 00:00 UTC.
    #[test]
    fn hours_turn_at_midnight_and_at_eight_of_the_regions_clock() {
        for (at, hours, until) in [
            ("2026-11-21T15:59:59.999999999Z", Hours::Busy, "2026-11-21T16:00:00Z"),
            ("2026-11-21T16:00:00Z", Hours::Idle, "2026-11-22T00:00:00Z"),
            ("2026-11-21T23:59:59Z", Hours::Idle, "2026-11-22T00:00:00Z"),
            ("2026-11-21T23:59:59.5Z", Hours::Idle, "2026-11-22T00:00:00Z"),
            ("2026-11-22T00:00:00Z", Hours::Busy, "2026-11-22T16:00:00Z"),
            ("2026-12-31T16:00:00Z", Hours::Idle, "2027-01-01T00:00:00Z"),
            ("1969-12-31T15:59:59Z", Hours::Busy, "1969-12-31T16:00:00Z"),
        ] {
            let band = Book::shipped().band(&HANGZHOU, at.parse().unwrap()).unwrap();
            assert_eq!((band.hours, band.until), (hours, until.parse().unwrap()), "{at}");
        }
    }

    #[test]
    fn the_words_name_the_end_by_the_users_clock() {
        let rest = "for each GB that leaves; the";
        let idle = "(idle: 00-08 h at UTC+08)";
        let shanghai = TimeZone::fixed(Offset::constant(8));
        assert_eq!(
            said("2026-11-22T07:59:59+08", &shanghai),
            format!("idle hours until 08:00 your time: 0.25 CNY {rest} busy hours cost 0.50 CNY {idle}")
        );
        assert_eq!(
            said("2026-11-22T08:00:00+08", &shanghai),
            format!("busy hours until 00:00 your time: 0.50 CNY {rest} idle hours cost 0.25 CNY {idle}")
        );
        assert!(said("2026-11-22T00:00:00+08", &shanghai).starts_with("idle hours until 08:00 your time"));
        assert!(said("2026-11-22T08:00:00+08", &TimeZone::UTC).starts_with("busy hours until 16:00 your time"));
        let kolkata = TimeZone::fixed(Offset::from_seconds(19_800).unwrap());
        assert!(said("2026-11-22T08:00:00+08", &kolkata).starts_with("busy hours until 21:30 your time"));
        let new_york = TimeZone::fixed(Offset::constant(-5));
        assert!(said("2026-11-22T00:00:00+08", &new_york).starts_with("idle hours until 19:00 your time"));
    }

    #[test]
    fn the_same_in_few_words() {
        let said = |at: &str| words::hours(Book::shipped(), &HANGZHOU, at.parse().unwrap(), &TimeZone::UTC).unwrap();
        assert_eq!(said("2026-11-22T12:00:00+08"), "busy until 16:00 your time: 0.50 CNY a GB out, idle hours 0.25");
        assert_eq!(said("2026-11-22T02:00:00+08"), "idle until 00:00 your time: 0.25 CNY a GB out, busy hours 0.50");
    }

    #[test]
    fn where_no_clock_counts_nothing_is_said() {
        let at = "2026-11-22T00:00:00Z".parse().unwrap();
        for place in [
            Where { region: "ap-southeast-1", ..HANGZHOU },
            Where { region: "", ..HANGZHOU },
            Where { network: Network::Internal, ..HANGZHOU },
            Where { network: Network::Accelerate, ..HANGZHOU },
            Where { provider: Provider::S3, region: "us-east-1", network: Network::Public },
        ] {
            assert_eq!(words::band(Book::shipped(), &place, at, &TimeZone::UTC), None, "{place:?}");
            assert_eq!(words::hours(Book::shipped(), &place, at, &TimeZone::UTC), None, "{place:?}");
        }
    }

    #[test]
    fn bands_of_an_own_book() {
        let row = |idle: &str| {
            let text = format!(
                "[[transfer]]\nprovider = \"oss\"\nregions = [\"cn-hangzhou\"]\nnetworks = [\"public\"]\nprice = \"1.00 CNY\"\nidle = {idle}\nper = \"GiB\"\nas_of = \"2026-11-01\"\nsource = \"ours\"\n"
            );
            Book::read(&text, "own.toml").unwrap()
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let west = row("{ hours = \"20-24\", utc = \"-03\", price = \"0.10 CNY\" }");
        let band = |time: &str| west.band(&HANGZHOU, at(time)).map(|band| (band.hours, band.until));
        assert_eq!(band("2026-11-21T22:59:59Z"), Some((Hours::Busy, at("2026-11-21T23:00:00Z"))));
        assert_eq!(band("2026-11-21T23:00:00Z"), Some((Hours::Idle, at("2026-11-22T03:00:00Z"))));
        assert_eq!(band("2026-11-22T03:00:00Z"), Some((Hours::Busy, at("2026-11-22T23:00:00Z"))));
        let text = words::band(&west, &HANGZHOU, at("2026-11-21T23:00:00Z"), &TimeZone::UTC).unwrap();
        assert!(text.contains("0.10 CNY for each GiB") && text.ends_with("(idle: 20-24 h at UTC-03)"), "{text}");
        let always = row("{ hours = \"00-24\", utc = \"+08\", price = \"0.10 CNY\" }");
        assert_eq!(always.band(&HANGZHOU, at("2026-11-21T23:00:00Z")), None, "a price without an end is no band");
    }
}

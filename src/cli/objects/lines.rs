//! The rows of pages of keys as lines, for people and for scripts, and the objects of a job as lines for scripts.
//!
//! Comes in: rows. Goes out: their lines, many at once. Forbidden here: a value that is allocated for each row, and a serializer
//! that is asked for each field: a listing has a million rows.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::Offset;

use super::rows;
use crate::cli::failure::Fields;
use crate::cli::output::{Ink, Output, json_text, json_value};
use crate::domain::escape::visible;
use crate::domain::figures::Figure;
use crate::domain::{LeafRow, RowKind};

/// How much is handed over at once.
const PIECE: usize = 64 << 10;
/// The seconds of a day.
const DAY: i64 = 86_400;
/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;

/// Lines that are being made.
pub(super) struct Lines {
    bytes: Vec<u8>,
    day: Day,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(PIECE + (PIECE >> 4)), day: Day::of(0) }
    }

    /// Adds one row. For people, keys below a folder are shown without the prefix they share.
    pub(super) fn add(&mut self, row: &LeafRow<'_>, shared: &str, output: &Output) {
        if output.is_json() {
            self.object(row);
        } else {
            self.text(row, shared, output);
        }
        if self.bytes.len() >= PIECE {
            self.hand_over(output);
        }
    }

    /// Hands over what was added.
    pub(super) fn hand_over(&mut self, output: &Output) {
        output.lines(&self.bytes);
        self.bytes.clear();
    }

    /// `ls --json`. The names are promises.
    fn object(&mut self, row: &LeafRow<'_>) {
        let Self { bytes, day } = self;
        match row.kind {
            RowKind::Object(size) => {
                bytes.extend_from_slice(b"{\"type\":\"object\",\"key\":");
                json_text(row.key, bytes);
                bytes.extend_from_slice(b",\"size\":");
                push_number(size, bytes);
            }
            RowKind::Prefix => {
                bytes.extend_from_slice(b"{\"type\":\"prefix\",\"key\":");
                json_text(row.key, bytes);
                bytes.extend_from_slice(b",\"size\":null");
            }
        }
        bytes.extend_from_slice(b",\"last_modified\":");
        match row.modified {
            None => bytes.extend_from_slice(b"null"),
            Some(time) => {
                bytes.push(b'"');
                if day.push(time, b'T', bytes) {
                    bytes.push(b'Z');
                } else {
                    bytes.extend_from_slice(time.to_string().as_bytes());
                }
                bytes.push(b'"');
            }
        }
        bytes.extend_from_slice(b",\"etag\":");
        if row.has_etag() {
            bytes.extend_from_slice(b"\"\\\"");
            row.spell_etag(bytes);
            bytes.extend_from_slice(b"\\\"\"");
        } else {
            bytes.extend_from_slice(b"null");
        }
        bytes.extend_from_slice(b",\"storage_class\":");
        match row.class {
            Some(class) => json_text(class.as_str(), bytes),
            None => bytes.extend_from_slice(b"null"),
        }
        bytes.extend_from_slice(b"}\n");
    }

    fn text(&mut self, row: &LeafRow<'_>, shared: &str, output: &Output) {
        let Self { bytes, day } = self;
        let name = visible(row.key.strip_prefix(shared).filter(|rest| !rest.is_empty()).unwrap_or(row.key));
        match row.kind {
            RowKind::Prefix => {
                let name = output.inked(Ink::Bold, &name);
                bytes.extend_from_slice(format!("{:>10}  {:19}  {name}\n", "PREFIX", "").as_bytes());
            }
            RowKind::Object(size) => {
                push_size(size, bytes);
                bytes.extend_from_slice(b"  ");
                if !row.modified.is_some_and(|time| day.push(time, b' ', bytes)) {
                    bytes.extend_from_slice(format!("{:19}", rows::minute(row.modified)).as_bytes());
                }
                bytes.extend_from_slice(b"  ");
                bytes.extend_from_slice(name.as_bytes());
                bytes.push(b'\n');
            }
        }
    }
}

/// The day of the last time that was written: rows beside each other are often of one day.
struct Day {
    /// Days since 1970.
    number: i64,
    date: [u8; 10],
}

impl Day {
    /// Writes a time to the second; `false`: it is not one of whole seconds from 1970 to 9999, and nothing is written.
    fn push(&mut self, time: Timestamp, between: u8, out: &mut Vec<u8>) -> bool {
        let second = time.as_second();
        if !(0..=LAST).contains(&second) || time.subsec_nanosecond() != 0 {
            return false;
        }
        if second / DAY != self.number {
            *self = Self::of(second);
        }
        let second = (second % DAY) as u32;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        out.extend_from_slice(&self.date);
        let (h, m, s) = (two(hour), two(minute), two(second));
        out.extend_from_slice(&[between, h[0], h[1], b':', m[0], m[1], b':', s[0], s[1]]);
        true
    }

    fn of(second: i64) -> Self {
        let date = Timestamp::from_second(second).map(|time| Offset::UTC.to_datetime(time).date()).unwrap_or_default();
        let year = u32::from(date.year().unsigned_abs());
        let [month, day] = [date.month(), date.day()].map(|number| u32::from(number.unsigned_abs()));
        let (c, y, m, d) = (two(year / 100), two(year % 100), two(month), two(day));
        Self { number: second / DAY, date: [c[0], c[1], y[0], y[1], b'-', m[0], m[1], b'-', d[0], d[1]] }
    }
}

/// Two digits of a number below 100.
fn two(number: u32) -> [u8; 2] {
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}

/// `get`, `put`, `cp`, `rm`: one object. A request that many objects shared is counted for none of them.
pub(super) struct Done<'a> {
    pub(super) target: &'a str,
    pub(super) source: &'a str,
    pub(super) status: &'static str,
    pub(super) bytes: u64,
    pub(super) requests: Option<u64>,
    pub(super) charged: Option<bool>,
    /// Left out where there is none.
    pub(super) note: Option<&'a str>,
    pub(super) error: Option<Fields<'a>>,
}

impl Done<'_> {
    /// Its line for scripts. The names are promises.
    pub(super) fn push(&self, out: &mut Vec<u8>) {
        for (name, text) in [("{\"target\":", self.target), (",\"source\":", self.source), (",\"status\":", self.status)] {
            out.extend_from_slice(name.as_bytes());
            json_text(text, out);
        }
        out.extend_from_slice(b",\"bytes\":");
        push_number(self.bytes, out);
        out.extend_from_slice(b",\"requests\":");
        match self.requests {
            Some(requests) => push_number(requests, out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(match self.charged {
            Some(true) => b",\"charged\":true",
            Some(false) => b",\"charged\":false",
            None => b",\"charged\":null",
        });
        if let Some(note) = self.note {
            out.extend_from_slice(b",\"note\":");
            json_text(note, out);
        }
        out.extend_from_slice(b",\"error\":");
        match &self.error {
            Some(error) => json_value(error, out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b"}\n");
    }
}

/// A number's digits.
fn push_number(number: u64, out: &mut Vec<u8>) {
    // Memory is always written.
    let _made = write!(out, "{number}");
}

/// A size, as [`crate::domain::figures::size`] writes it, at the right of ten cells.
fn push_size(bytes: u64, out: &mut Vec<u8>) {
    let from = out.len();
    let _made = write!(out, "{}", Figure::of(bytes));
    let blank = 10_usize.saturating_sub(out.len() - from);
    out.resize(out.len() + blank, b' ');
    out[from..].rotate_right(blank);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::recorded;
    use crate::domain::figures;
    use crate::domain::leaf::Facts;
    use crate::domain::{Leaf, LeafBuilder};
    use proptest::prelude::*;

    fn leaf() -> Leaf {
        let mut page = LeafBuilder::default();
        let time = |text: &str| Some(text.parse().expect("a time"));
        let etag = Some("\"d41d8cd98f00b204e9800998ecf8427e-12\"");
        page.object("a/b", Facts { size: 0, modified: time("2026-11-21T08:09:07Z"), etag, class: Some("STANDARD") });
        page.object(
            "a/c\"\\\u{1b}\u{202e}\té长",
            Facts { size: u64::MAX, modified: time("1969-12-31T23:59:59Z"), etag: Some("x"), class: None },
        );
        page.object("a/d", Facts { size: 1024, modified: time("2024-02-29T23:59:59Z"), etag: None, class: Some("IA\n") });
        page.object("a/e", Facts { size: 1_047_552, ..Facts::default() });
        page.prefix("a/f/");
        page.finish(None, Vec::new())
    }

    fn lines(output: &Output) {
        let mut lines = Lines::new();
        leaf().iter().for_each(|row| lines.add(&row, "a/", output));
        lines.hand_over(output);
    }

    #[test]
    fn rows_for_scripts() {
        let (output, stdout, _) = recorded::json();
        lines(&output);
        let wanted = [
            r#"{"type":"object","key":"a/b","size":0,"last_modified":"2026-11-21T08:09:07Z","etag":"\"d41d8cd98f00b204e9800998ecf8427e-12\"","storage_class":"STANDARD"}"#,
            r#"{"type":"object","key":"a/c\"\\\u001b\u202e\té长","size":18446744073709551615,"last_modified":"1969-12-31T23:59:59Z","etag":null,"storage_class":null}"#,
            r#"{"type":"object","key":"a/d","size":1024,"last_modified":"2024-02-29T23:59:59Z","etag":null,"storage_class":"IA\n"}"#,
            r#"{"type":"object","key":"a/e","size":1047552,"last_modified":null,"etag":null,"storage_class":null}"#,
            r#"{"type":"prefix","key":"a/f/","size":null,"last_modified":null,"etag":null,"storage_class":null}"#,
        ];
        assert_eq!(stdout.text().lines().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn rows_for_people() {
        let (output, stdout, _) = recorded::text();
        lines(&output);
        let wanted = [
            "       0 B  2026-11-21 08:09:07  b",
            r#"  15.9 EiB  1969-12-31 23:59:59  c"\\\u{1b}\u{202e}\u{9}é长"#,
            "   1.0 KiB  2024-02-29 23:59:59  d",
            "  1023 KiB  -                    e",
            "    PREFIX                       f/",
        ];
        assert_eq!(stdout.text().lines().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn many_rows_are_handed_over_on_the_way() {
        let (output, stdout, _) = recorded::json();
        let (leaf, mut lines) = (leaf(), Lines::new());
        (0..500).for_each(|_| leaf.iter().for_each(|row| lines.add(&row, "", &output)));
        let sent = stdout.text().len();
        assert!(sent >= 4 * PIECE && lines.bytes.len() < PIECE, "{sent}");
        lines.hand_over(&output);
        assert_eq!(stdout.text().lines().count(), 2500);
    }

    #[test]
    fn times_that_are_not_of_this_calendar() {
        let (mut day, mut out) = (Day::of(0), Vec::new());
        for text in ["1969-12-31T23:59:59Z", "2026-01-01T00:00:00.5Z", "-000001-01-01T00:00:00Z"] {
            assert!(!day.push(text.parse().expect("a time"), b'T', &mut out) && out.is_empty(), "{text}");
        }
    }

    proptest! {
        /// The calendar's own writer agrees, also on days in turn.
        #[test]
        fn every_time_is_written_alike(seconds in proptest::collection::vec(0..=LAST, 1..4)) {
            let mut day = Day::of(0);
            for second in seconds {
                let (time, mut out) = (Timestamp::from_second(second).expect("in the calendar"), Vec::new());
                prop_assert!(day.push(time, b'T', &mut out));
                out.push(b'Z');
                prop_assert_eq!(String::from_utf8(out).expect("digits"), time.to_string());
            }
        }

        #[test]
        fn every_size_is_written_alike(size in any::<u64>(), shift in 0_u32..64) {
            let (mut out, mut digits) = (Vec::new(), Vec::new());
            push_size(size >> shift, &mut out);
            push_number(size >> shift, &mut digits);
            prop_assert_eq!(String::from_utf8(out).expect("text"), format!("{:>10}", figures::size(size >> shift)));
            prop_assert_eq!(String::from_utf8(digits).expect("digits"), (size >> shift).to_string());
        }
    }
}

//! Many requests as one row of bytes: for SQLite a row and its columns are more work than what stands in them.
//!
//! Comes in: lines with their numbers, in order. Goes out: bytes, and the lines again. A number is written seven bits a byte, the
//! lower ones first, the highest bit set where more follow; one that may be negative is folded before (0, -1, 1, -2, …). A line is
//! how much its number is above the last one's, how much its time is later, its kind, a byte of flags, what the flags say is there,
//! the bytes up and down, the milliseconds, the path. A text has its length in front. Forbidden here: the file.

use crate::domain::{Amount, Currency, Money, PayerSent, SaidCharged, Sent};

use super::rows::{joined, split};

/// It carried the payer header.
const PAYER: u8 = 1;
const SAID_NO: u8 = 1 << 1;
const SAID_YES: u8 = 1 << 2;
/// The number of the attempt follows; else it is the first.
const AGAIN: u8 = 1 << 3;
const STATUS: u8 = 1 << 4;
const COST: u8 = 1 << 5;
const REQUEST_ID: u8 = 1 << 6;

/// Lines on their way into the file.
pub(super) struct Pack {
    pub(super) bytes: Vec<u8>,
    pub(super) count: i64,
    /// Its number in the file: that of the first line it ever had.
    pub(super) first: i64,
    /// Number and time of the last line.
    pub(super) last: (i64, i64),
    /// The earliest and the latest time.
    pub(super) times: (i64, i64),
    /// Which kinds are in it, each once.
    pub(super) kinds: Vec<i64>,
}

/// One line, as far as it is not its kind's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) id: i64,
    /// In milliseconds.
    pub(super) at: i64,
    pub(super) kind: i64,
    pub(super) attempt: u32,
    pub(super) payer: PayerSent,
    pub(super) status: Option<u16>,
    pub(super) charged: SaidCharged,
    pub(super) up: u64,
    pub(super) down: u64,
    pub(super) took: u64,
    pub(super) cost: Option<Money>,
    pub(super) request_id: Option<&'a str>,
    pub(super) path: &'a str,
}

impl<'a> Line<'a> {
    /// Of a request that has no number yet, and its kind neither.
    pub(super) fn of(sent: &'a Sent) -> Self {
        Self {
            id: 0,
            at: sent.at.as_millisecond(),
            kind: 0,
            attempt: sent.attempt,
            payer: sent.payer,
            status: sent.status,
            charged: sent.charged,
            up: sent.up,
            down: sent.down,
            took: sent.took,
            cost: sent.cost,
            request_id: sent.request_id.as_deref(),
            path: &sent.path,
        }
    }

    fn flags(&self) -> u8 {
        let charged = match self.charged {
            SaidCharged::NotSaid => 0,
            SaidCharged::No => SAID_NO,
            SaidCharged::Yes => SAID_YES,
        };
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        charged
            | flag(self.payer == PayerSent::Yes, PAYER)
            | flag(self.attempt != 1, AGAIN)
            | flag(self.status.is_some(), STATUS)
            | flag(self.cost.is_some(), COST)
            | flag(self.request_id.is_some(), REQUEST_ID)
    }
}

impl Pack {
    /// An empty one with this number, and room for so many lines of the usual length.
    pub(super) fn new(first: i64, lines: usize) -> Self {
        let bytes = Vec::with_capacity(lines * 96);
        Self { bytes, count: 0, first, last: (first, 0), times: (i64::MAX, i64::MIN), kinds: Vec::new() }
    }

    /// One more line.
    pub(super) fn push(&mut self, line: &Line<'_>) {
        self.begin(line.id, line.at, line.kind);
        write_rest(&mut self.bytes, line);
    }

    /// One more line, of which all that follows its kind is written already.
    pub(super) fn push_written(&mut self, id: i64, at: i64, kind: i64, rest: &[u8]) {
        self.begin(id, at, kind);
        self.bytes.extend_from_slice(rest);
    }

    fn begin(&mut self, id: i64, at: i64, kind: i64) {
        self.times = (self.times.0.min(at), self.times.1.max(at));
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
        let last = std::mem::replace(&mut self.last, (id, at));
        self.count += 1;
        write_signed(&mut self.bytes, id.wrapping_sub(last.0));
        write_signed(&mut self.bytes, at.wrapping_sub(last.1));
        write_signed(&mut self.bytes, kind);
    }
}

/// What follows the kind.
pub(super) fn write_rest(out: &mut Vec<u8>, line: &Line<'_>) {
    out.push(line.flags());
    if line.attempt != 1 {
        write(out, u64::from(line.attempt));
    }
    if let Some(status) = line.status {
        write(out, u64::from(status));
    }
    if let Some(cost) = line.cost {
        let (whole, parts) = split(cost.amount);
        out.extend_from_slice(cost.currency.as_str().as_bytes());
        write_signed(out, whole);
        write_signed(out, parts);
    }
    if let Some(id) = line.request_id {
        write_text(out, id);
    }
    write(out, line.up);
    write(out, line.down);
    write(out, line.took);
    write_text(out, line.path);
}

fn write(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        // The highest bit: more follows.
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn write_signed(out: &mut Vec<u8>, number: i64) {
    write(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// The lines of a pack with this number, in order. `None`: this is none, or it is damaged.
pub(super) fn lines(first: i64, bytes: &[u8]) -> Option<Vec<Line<'_>>> {
    Lines::of(first, bytes).collect()
}

/// Reads the lines of a pack one by one; a line is `None` where it is damaged, and nothing behind it can be read.
pub(super) struct Lines<'a> {
    rest: Rest<'a>,
    id: i64,
    at: i64,
}

impl<'a> Lines<'a> {
    /// Of a pack with this number.
    pub(super) fn of(first: i64, bytes: &'a [u8]) -> Self {
        Self { rest: Rest(bytes), id: first, at: 0 }
    }

    fn line(&mut self) -> Option<Line<'a>> {
        self.id = self.id.wrapping_add(self.rest.signed()?);
        self.at = self.at.wrapping_add(self.rest.signed()?);
        self.rest.line(self.id, self.at)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Option<Line<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.0.is_empty() {
            return None;
        }
        let line = self.line();
        if line.is_none() {
            self.rest = Rest(&[]);
        }
        Some(line)
    }
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn line(&mut self, id: i64, at: i64) -> Option<Line<'a>> {
        let kind = self.signed()?;
        let flags = self.byte()?;
        let is = |flag: u8| flags & flag != 0;
        Some(Line {
            id,
            at,
            kind,
            payer: if is(PAYER) { PayerSent::Yes } else { PayerSent::No },
            charged: match (is(SAID_YES), is(SAID_NO)) {
                (true, _) => SaidCharged::Yes,
                (false, true) => SaidCharged::No,
                (false, false) => SaidCharged::NotSaid,
            },
            attempt: if is(AGAIN) { self.number()?.try_into().ok()? } else { 1 },
            status: if is(STATUS) { Some(self.number()?.try_into().ok()?) } else { None },
            cost: if is(COST) { Some(self.money()?) } else { None },
            request_id: if is(REQUEST_ID) { Some(self.text()?) } else { None },
            up: self.number()?,
            down: self.number()?,
            took: self.number()?,
            path: self.text()?,
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn money(&mut self) -> Option<Money> {
        let currency = Currency::parse(self.taken(3)?)?;
        let amount: Amount = joined(self.signed()?, self.signed()?);
        Some(Money { amount, currency })
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?.try_into().ok()?;
        self.taken(length)
    }

    fn taken(&mut self, length: usize) -> Option<&'a str> {
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: i64, at: i64) -> Line<'static> {
        Line {
            id,
            at,
            kind: 3,
            attempt: 1,
            payer: PayerSent::Yes,
            status: Some(206),
            charged: SaidCharged::Yes,
            up: 0,
            down: 4096,
            took: 40,
            cost: Money::parse("0.0000004 USD"),
            request_id: Some("4442587FB7D0A2F9"),
            path: "/runs/a%2Fb",
        }
    }

    #[test]
    fn a_line_is_these_bytes() {
        let mut pack = Pack::new(7, 1);
        pack.push(&Line { request_id: Some("R1"), path: "/a", ..line(7, 1000) });
        pack.push(&Line { cost: None, request_id: None, status: None, attempt: 3, payer: PayerSent::No, ..line(8, 999) });
        let first = b"\0\xd0\x0f\x06\x75\xce\x01USD\0\x80\xea\x30\x02R1\0\x80\x20\x28\x02/a";
        let second = b"\x02\x01\x06\x0c\x03\0\x80\x20\x28\x0b/runs/a%2Fb";
        assert_eq!(pack.bytes, [&first[..], &second[..]].concat());
        assert_eq!((pack.count, pack.last, pack.times, pack.kinds), (2, (8, 999), (999, 1000), vec![3]));
    }

    #[test]
    fn what_goes_in_comes_out() {
        let all = [
            line(5, 1_764_000_000_123),
            Line { status: None, cost: None, request_id: None, charged: SaidCharged::No, payer: PayerSent::No, ..line(6, -1) },
            Line {
                charged: SaidCharged::NotSaid,
                attempt: u32::MAX,
                up: u64::MAX,
                down: u64::MAX,
                took: u64::MAX,
                path: "",
                ..line(900, 0)
            },
            Line { kind: i64::MAX, path: "/ü", cost: Money::parse("4611686018427.500000000001 CNY"), ..line(i64::MAX, i64::MIN) },
        ];
        let mut pack = Pack::new(5, 4);
        all.iter().for_each(|line| pack.push(line));
        assert_eq!(lines(5, &pack.bytes).unwrap(), all);
        // Cut anywhere, it is fewer lines or none.
        for end in 0..pack.bytes.len() {
            if let Some(some) = lines(5, &pack.bytes[..end]) {
                assert_eq!(some, all[..some.len()], "{end}");
                assert!(some.len() < all.len());
            }
        }
    }

    #[test]
    fn what_is_no_pack_is_refused() {
        for bytes in [&[0xff; 40][..], &[0x80; 9], b"\0\0\x06\xff", b"\0\0\x06\0\0\0\0\x02\xff\xfe", b"\0\0\x06\x20\0\0\0usd\0\0\0"] {
            assert_eq!(lines(1, bytes), None, "{bytes:?}");
        }
    }
}

//! Numbers as people read them.

use std::fmt;

/// A size in a binary unit: four digits at most, and never rounded up to something larger than it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Whole units, below 1,024.
    pub whole: u64,
    /// The digit behind the point, where there is room for one.
    pub tenth: Option<u8>,
    /// The unit.
    pub unit: &'static str,
}

impl Figure {
    /// The figure of a size.
    pub fn of(bytes: u64) -> Self {
        const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let (mut whole, mut rest, mut unit) = (bytes, 0, 0);
        while whole >= 1024 {
            rest = whole % 1024;
            whole /= 1024;
            unit += 1;
        }
        let tenth = u8::try_from(rest * 10 / 1024).ok().filter(|_| unit > 0 && whole < 100);
        Self { whole, tenth, unit: UNITS.get(unit).copied().unwrap_or_default() }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tenth {
            Some(tenth) => write!(f, "{}.{tenth} {}", self.whole, self.unit),
            None => write!(f, "{} {}", self.whole, self.unit),
        }
    }
}

/// A size in binary units: see [`Figure`].
pub fn size(bytes: u64) -> String {
    Figure::of(bytes).to_string()
}

/// `12345` as `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 6);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

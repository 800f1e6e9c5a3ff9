//! CSV as RFC 4180 has it: a heading, CRLF, quotes where they are needed. Numbers and money are exact decimals.
//!
//! A spreadsheet takes a text that begins with `=`, `+`, `-`, `@` or a tab for a formula and computes it. Texts come from stores and
//! configs, so such a one gets an apostrophe in front, which spreadsheets hide. Numbers are written by us and never begin so.

use std::borrow::Cow;

use super::output::Output;
use crate::domain::escape::visible;

/// One line on its way.
#[derive(Default)]
pub(super) struct Record(String);

impl Record {
    /// A text from anywhere.
    #[must_use]
    pub(super) fn text(self, text: &str) -> Self {
        let shown = visible(text);
        let dangerous = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        self.field(&if dangerous { Cow::Owned(format!("'{shown}")) } else { shown })
    }

    /// A number, an amount or a word of ours; `None`: an empty field.
    #[must_use]
    pub(super) fn plain(self, value: Option<impl ToString>) -> Self {
        self.field(&value.map(|value| value.to_string()).unwrap_or_default())
    }

    fn field(mut self, text: &str) -> Self {
        if text.contains([',', '"', '\r', '\n']) {
            self.0.push('"');
            self.0.push_str(&text.replace('"', "\"\""));
            self.0.push('"');
        } else {
            self.0.push_str(text);
        }
        self.0.push(',');
        self
    }

    /// Writes the line.
    pub(super) fn print(self, output: &Output) {
        output.text(&format!("{}\r\n", self.0.strip_suffix(',').unwrap_or(&self.0)));
    }
}

/// Writes the heading.
pub(super) fn heading(names: &[&str], output: &Output) {
    names.iter().fold(Record::default(), |record, name| record.plain(Some(name))).print(output);
}

#[cfg(test)]
mod tests {
    use super::super::output::recorded;
    use super::*;

    #[test]
    fn quotes_only_where_they_are_needed_and_no_formulas() {
        let (output, stdout, _) = recorded::text();
        heading(&["a", "b"], &output);
        let record = ["a,b", "say \"x\"", "=1+1", "+1", "-1", "@x", "\tx", "", "ü'="].into_iter().fold(Record::default(), Record::text);
        record.plain(Some(-5)).plain(None::<u8>).print(&output);
        assert_eq!(stdout.text(), "a,b\r\n\"a,b\",\"say \"\"x\"\"\",'=1+1,'+1,'-1,'@x,'\\u{9}x,,ü'=,-5,\r\n");
    }
}

//! A request as evidence for others: one line of JSON, as `--trace` writes it.
//!
//! Comes in: a [`Sent`]. Goes out: a line of plain ASCII, so that it is one line for every reader and acts on no terminal. Secrets
//! cannot be in it, since a `Sent` holds none: no header, no value of the query, no key of an account.

use super::ledger::{PayerSent, SaidCharged, Sent};

/// The line, without its end.
pub fn line(sent: &Sent) -> String {
    let mut line = Line(String::with_capacity(480));
    line.text("time", &format!("{:.3}", sent.at));
    line.text("account", sent.kind.account.as_str());
    line.text("provider", sent.kind.provider.as_str());
    line.text("region", &sent.kind.region);
    line.text("operation", sent.kind.op.name(sent.kind.provider));
    line.text("method", &sent.kind.method);
    line.text("host", &sent.kind.host);
    line.text("path", &sent.path);
    line.names("query", sent.aside.query.as_deref().unwrap_or_default());
    line.maybe("bucket", sent.kind.bucket.as_deref());
    line.plain("payer_header", if sent.payer == PayerSent::Yes { "true" } else { "false" });
    line.plain("attempt", &sent.attempt.to_string());
    line.plain("status", &sent.status.map_or_else(|| "null".to_owned(), |status| status.to_string()));
    line.text("charged", charged(sent.charged));
    line.maybe("request_id", sent.request_id.as_deref());
    line.maybe("host_id", sent.aside.host_id.as_deref());
    line.maybe("error", sent.aside.failure.map(super::ErrorKind::as_str));
    line.plain("bytes_up", &sent.up.to_string());
    line.plain("bytes_down", &sent.down.to_string());
    line.plain("ms", &sent.took.to_string());
    line.0.push('}');
    line.0
}

/// The word for what an answer said of who was charged.
pub fn charged(said: SaidCharged) -> &'static str {
    match said {
        SaidCharged::Yes => "yes",
        SaidCharged::No => "no",
        SaidCharged::NotSaid => "not said",
    }
}

/// An object of JSON on its way.
struct Line(String);

impl Line {
    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.quoted(name);
        self.0.push(':');
    }

    fn plain(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.push_str(value);
    }

    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.quoted(value);
    }

    fn maybe(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.plain(name, "null"),
        }
    }

    /// A list of names that stand between `&`.
    fn names(&mut self, name: &str, names: &str) {
        self.plain(name, "[");
        for (place, item) in names.split('&').filter(|item| !item.is_empty()).enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            self.quoted(item);
        }
        self.0.push(']');
    }

    /// What is not plain ASCII is escaped: a name of an account or an id of a store may hold anything.
    fn quoted(&mut self, text: &str) {
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.0.extend(['\\', c]),
                ' '..='~' => self.0.push(c),
                _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| self.0.push_str(&format!("\\u{unit:04x}"))),
            }
        }
        self.0.push('"');
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::ledger::Aside;
    use crate::domain::{AccountName, ErrorKind, Op, Provider};

    fn sent() -> Sent {
        let sent = Sent {
            at: "2026-11-21T12:00:00.5Z".parse().unwrap(),
            path: Arc::from("/"),
            attempt: 2,
            request_id: Some(Arc::from("4442587FB7D0A2F9")),
            down: 1234,
            took: 56,
            aside: Aside { query: Some(Arc::from("list-type&prefix")), host_id: Some(Arc::from("vlR7+/=")), failure: None },
            ..Sent::example()
        };
        sent.of_kind(|kind| {
            (kind.op, kind.bucket) = (Op::ListObjectsV2, Some(Arc::from("arxiv")));
            kind.host = Arc::from("arxiv.s3.us-west-2.amazonaws.com");
        })
    }

    #[test]
    fn an_answered_request() {
        assert_eq!(
            line(&sent()),
            "{\"time\":\"2026-11-21T12:00:00.500Z\",\"account\":\"research\",\"provider\":\"s3\",\"region\":\"us-west-2\",\
             \"operation\":\"ListObjectsV2\",\"method\":\"GET\",\"host\":\"arxiv.s3.us-west-2.amazonaws.com\",\"path\":\"/\",\
             \"query\":[\"list-type\",\"prefix\"],\"bucket\":\"arxiv\",\"payer_header\":true,\"attempt\":2,\"status\":200,\
             \"charged\":\"yes\",\"request_id\":\"4442587FB7D0A2F9\",\"host_id\":\"vlR7+/=\",\"error\":null,\"bytes_up\":0,\
             \"bytes_down\":1234,\"ms\":56}"
        );
    }

    #[test]
    fn a_request_without_an_answer() {
        let lost = Sent {
            payer: PayerSent::No,
            status: None,
            charged: SaidCharged::NotSaid,
            request_id: None,
            aside: Aside { failure: Some(ErrorKind::Timeout), ..Aside::default() },
            ..sent()
        };
        let lost = lost.of_kind(|kind| (kind.provider, kind.op, kind.bucket) = (Provider::Oss, Op::CreateMultipartUpload, None));
        let line = line(&lost);
        for part in [
            "\"operation\":\"InitiateMultipartUpload\"",
            "\"query\":[],\"bucket\":null,\"payer_header\":false",
            "\"status\":null,\"charged\":\"not said\",\"request_id\":null,\"host_id\":null,\"error\":\"timeout\"",
        ] {
            assert!(line.contains(part), "{part}\n{line}");
        }
    }

    #[test]
    fn whatever_a_name_holds_it_is_one_line_of_ascii() {
        let odd = sent().of_kind(|kind| kind.account = AccountName::new("a\"b\\c\n\u{1b}]0;\u{202e}\u{1f600}ü"));
        let line = line(&odd);
        assert!(line.contains("\"account\":\"a\\\"b\\\\c\\u000a\\u001b]0;\\u202e\\ud83d\\ude00\\u00fc\""), "{line}");
        assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
    }
}

//! How a command fails: one error, or several with their sum; and how that is told to people and to scripts.

use serde::Serialize;

use crate::doctor::{self, Diagnosis, Evidence, Voice};
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind};

use super::output::{Ink, Output, Reasons};

/// Why a command did not end well.
#[derive(Debug)]
pub(super) struct Failure {
    /// What the exit code and `error` in JSON say.
    sum: Error,
    /// The failures behind the sum, where there was more than one thing to do.
    parts: Vec<Error>,
    /// The process's exit code.
    code: u8,
}

impl From<Error> for Failure {
    fn from(sum: Error) -> Self {
        Self { code: sum.exit_code(), sum, parts: Vec::new() }
    }
}

impl Failure {
    /// Several mistakes that one sentence sums up.
    pub(super) fn of_mistakes(sum: Error, parts: Vec<Error>) -> Self {
        Self { code: sum.exit_code(), sum, parts }
    }

    /// The verdict on many: nothing failed; all failed in the same way, which is that failure; or partly done.
    ///
    /// # Errors
    /// The sum of the failures, if there are any. `what` names the things in the plural.
    pub(super) fn of_many(what: &str, done: usize, mut failures: Vec<Error>) -> Result<(), Self> {
        let total = done + failures.len();
        let Some(first) = failures.first() else {
            return Ok(());
        };
        if total == 1 {
            return Err(failures.swap_remove(0).into());
        }
        let alike = done == 0 && failures.iter().all(|failure| failure.exit_code() == first.exit_code());
        let (kind, code) = if alike { (first.kind(), first.exit_code()) } else { (ErrorKind::Partial, ErrorKind::Partial.exit_code()) };
        let sum = Error::new(kind, format!("{} of {total} {what} failed", failures.len()))
            .hint("Look at each failure, mend it, and run the command again for what is missing.");
        Err(Self { sum, parts: failures, code })
    }

    /// A sum of its own, with the failures behind it.
    pub(super) fn summed(sum: Error, parts: Vec<Error>) -> Self {
        Self { code: sum.exit_code(), sum, parts }
    }

    /// The user stopped the command; these are the parts that did not end well.
    pub(super) fn stopped(parts: Vec<Error>) -> Self {
        Self::stopped_with(parts, "What was sent and what was not stands above, and in `whopays journal`.")
    }

    /// The same, with what to do next.
    pub(super) fn stopped_with(parts: Vec<Error>, hint: &str) -> Self {
        Self::because(super::tasks::stopped_by_user().hint(hint), parts)
    }

    /// Something else than the parts ended the command: it gives the exit code.
    pub(super) fn because(sum: Error, parts: Vec<Error>) -> Self {
        Self { code: sum.exit_code(), sum, parts }
    }

    /// The failures that have a target each, or the one that there is.
    pub(super) fn into_parts(self) -> Vec<Error> {
        if self.parts.is_empty() { vec![self.sum] } else { self.parts }
    }

    /// The process's exit code.
    pub(super) fn exit_code(&self) -> u8 {
        self.code
    }

    /// Says it on stderr.
    pub(super) fn tell(&self, output: &Output) {
        if output.is_json() {
            output.aside_object(&Document {
                error: Sum { sum: Fields::from(&self.sum), failures: self.parts.iter().map(Fields::from).collect() },
            });
            return;
        }
        for error in self.parts.iter().chain(std::iter::once(&self.sum)) {
            tell_people(output, error);
        }
    }
}

fn tell_people(output: &Output, error: &Error) {
    let code = error.code().map(|code| format!(" ({})", visible(code))).unwrap_or_default();
    let subject = error.target_text().filter(|target| !error.message().contains(*target));
    let subject = subject.map(|target| format!("{}: ", visible(target))).unwrap_or_default();
    output.aside(&format!("{} {subject}{}{code}", output.inked(Ink::Wrong, "error:"), visible_lines(error.message())));
    let diagnosis = diagnosis(error);
    if let Some(why) = diagnosis.as_ref().and_then(|diagnosis| diagnosis.beyond(error)) {
        output.aside(&format!("  why: {}", visible(why)));
    }
    if let Some(hint) = error.hint_text() {
        output.aside(&format!("  hint: {}", visible_lines(hint)));
    }
    if let Some(request_id) = error.request_id() {
        output.aside(&format!("  request id: {}", visible(request_id)));
    }
    match output.reasons() {
        Reasons::Short => {}
        Reasons::WithEvidence => tell_evidence(output, diagnosis),
    }
}

/// The doctor's word on what a store refused.
fn diagnosis(error: &Error) -> Option<Diagnosis> {
    error.store_answer().map(|_| doctor::diagnose(&Evidence::of(error, Voice::Command)))
}

/// What the diagnosis rests on, line by line; the request id was told already.
fn tell_evidence(output: &Output, diagnosis: Option<Diagnosis>) {
    let lines = diagnosis.into_iter().flat_map(|diagnosis| diagnosis.evidence);
    for (label, text) in lines.filter(|(label, _)| *label != "request id") {
        output.aside(&format!("    {label}: {text}"));
    }
}

/// Line ends stay, everything else is escaped: messages of ours may have several lines (a config mistake quotes its place).
fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n  ")
}

#[derive(Serialize)]
struct Document<'a> {
    error: Sum<'a>,
}

#[derive(Serialize)]
struct Sum<'a> {
    #[serde(flatten)]
    sum: Fields<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Fields<'a>>,
}

/// An error for scripts.
#[derive(Serialize)]
pub(super) struct Fields<'a> {
    kind: &'static str,
    code: Option<&'a str>,
    message: &'a str,
    /// Why the store refused, in one sentence; not there where no store answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    hint: Option<&'a str>,
    request_id: Option<&'a str>,
    target: Option<&'a str>,
}

impl<'a> From<&'a Error> for Fields<'a> {
    fn from(error: &'a Error) -> Self {
        Self {
            kind: error.kind().as_str(),
            code: error.code(),
            message: error.message(),
            why: diagnosis(error).map(|diagnosis| diagnosis.sentence),
            hint: error.hint_text(),
            request_id: error.request_id(),
            target: error.target_text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::output::recorded;
    use super::*;
    use crate::domain::StoreAnswer;

    fn denied(target: &str) -> Error {
        let answer =
            StoreAnswer { status: 403, code: "AccessDenied".to_owned(), request_id: Some("R1".to_owned()), ..StoreAnswer::default() };
        Error::new(ErrorKind::Denied, "access denied").hint("Ask the owner.").target(target).answer(answer)
    }

    #[test]
    fn one_error_for_people() {
        let (output, _, stderr) = recorded::text();
        Failure::from(denied("lab:x\u{1b}")).tell(&output);
        assert_eq!(
            stderr.text(),
            "error: lab:x\\u{1b}: access denied (AccessDenied)\n  why: The store does not say why: the bucket is requester-pays and the request had \
             no payer header, or the permission for it is missing.\n  hint: Ask the owner.\n  request id: R1\n"
        );
    }

    /// Why is always said; on what it rests, with `-v`.
    #[test]
    fn the_evidence_is_for_those_who_ask() {
        let (output, _, stderr) = recorded::text();
        Failure::from(denied("lab:x")).tell(&output.with_evidence());
        let told = stderr.text();
        let (short, evidence) = told.split_once("    cause: ").expect("evidence");
        assert!(short.contains("  why: The store does not say why: ") && short.ends_with("  request id: R1\n"), "{short}");
        let wanted = "consent to pay may be missing\n    store: 403 AccessDenied\n    again: no: the same request gets the same answer\n";
        assert_eq!(evidence, wanted, "the request id stands above already");
        let (output, _, stderr) = recorded::text();
        Failure::from(Error::new(ErrorKind::Usage, "no such option")).tell(&output.with_evidence());
        assert_eq!(stderr.text(), "error: no such option\n", "no store said that");
    }

    #[test]
    fn one_error_for_scripts() {
        let (output, _, stderr) = recorded::json();
        Failure::from(denied("lab:x")).tell(&output);
        assert_eq!(
            stderr.text(),
            "{\"error\":{\"kind\":\"denied\",\"code\":\"AccessDenied\",\"message\":\"access denied\",\"why\":\"The store \
             does not say why: the bucket is requester-pays and the request had no payer header, or the permission for it is missing.\",\"hint\":\"Ask the owner.\",\
             \"request_id\":\"R1\",\"target\":\"lab:x\"}}\n"
        );
    }

    #[test]
    fn several_failures_have_one_sum() {
        let timeout = || Error::new(ErrorKind::Timeout, "no answer");
        let network = || Error::new(ErrorKind::Network, "no connection");
        let code = |done, failures| Failure::of_many("targets", done, failures).err().map(|failure| failure.exit_code());
        assert_eq!(code(3, vec![]), None);
        assert_eq!(code(0, vec![denied("a")]), Some(3));
        assert_eq!(code(0, vec![denied("a"), denied("b")]), Some(3));
        assert_eq!(code(0, vec![timeout(), network()]), Some(6));
        assert_eq!(code(0, vec![denied("a"), timeout()]), Some(7));
        assert_eq!(code(1, vec![denied("a")]), Some(7));
    }

    #[test]
    fn the_parts_are_listed() {
        let (output, _, stderr) = recorded::json();
        Failure::of_many("targets", 1, vec![denied("lab:x")]).expect_err("one failed").tell(&output);
        let told: serde_json::Value = serde_json::from_str(&stderr.text()).expect("JSON");
        assert_eq!(told["error"]["kind"], "partial");
        assert_eq!(told["error"]["message"], "1 of 2 targets failed");
        assert_eq!(told["error"]["failures"][0]["target"], "lab:x");
    }
}

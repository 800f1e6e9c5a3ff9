//! Faults on order: the next requests of an operation get a prepared answer instead of the right one.
//!
//! Comes in: acts for an operation. Goes out: the act for a request, once. It is a table, so that a fault test is data.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::Op;

/// What happens to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// This answer, and nothing is done.
    Answer(Prepared),
    /// This answer, of which only the first bytes of the body arrive before the connection ends.
    Cut(Prepared, usize),
    /// The connection ends without an answer, and nothing is done.
    Close,
    /// The request is carried out, and then the connection ends without an answer.
    CarryOutAndClose,
    /// No answer, and the connection stays.
    Silence,
    /// The request is carried out, and no answer comes; the connection stays.
    CarryOutAndSilence,
    /// The right answer, that much later.
    Late(Duration),
    /// The right answer: for reaching the third request of an operation, or the fifth.
    Pass,
    /// The request is carried out, and only so many bytes of the answer's body arrive before the connection ends.
    CarryOutAndCut(usize),
    /// A batch refuses these keys with AccessDenied, and carries out the rest (DeleteObjects).
    Refuse(Vec<String>),
}

/// A prepared answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prepared {
    /// The status.
    pub status: u16,
    /// Headers; `content-length` is added.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Prepared {
    /// An answer with a body and its type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type".to_owned(), content_type.to_owned())], body: body.into() }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// An act that waits for its request.
#[derive(Debug)]
struct Line {
    op: Op,
    /// What the request's target must hold; empty: any will do.
    holding: String,
    act: Act,
}

/// Acts that wait for their requests.
#[derive(Debug, Default)]
pub(super) struct Script {
    lines: VecDeque<Line>,
}

impl Script {
    /// Puts acts behind those that wait already.
    pub(super) fn add(&mut self, op: Op, holding: &str, acts: impl IntoIterator<Item = Act>) {
        self.lines.extend(acts.into_iter().map(|act| Line { op, holding: holding.to_owned(), act }));
    }

    /// Takes the first act for a request.
    pub(super) fn take(&mut self, op: Option<Op>, target: &str) -> Option<Act> {
        let place = self.lines.iter().position(|line| Some(line.op) == op && target.contains(&line.holding))?;
        self.lines.remove(place).map(|line| line.act)
    }
}

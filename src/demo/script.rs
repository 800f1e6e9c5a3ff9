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
    /// The right answer, that much later.
    Late(Duration),
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

/// Acts that wait for their requests.
#[derive(Debug, Default)]
pub(super) struct Script {
    acts: VecDeque<(Op, Act)>,
}

impl Script {
    /// Puts acts behind those that wait already.
    pub(super) fn add(&mut self, op: Op, acts: impl IntoIterator<Item = Act>) {
        self.acts.extend(acts.into_iter().map(|act| (op, act)));
    }

    /// Takes the first act for an operation.
    pub(super) fn take(&mut self, op: Option<Op>) -> Option<Act> {
        let place = self.acts.iter().position(|(each, _)| Some(*each) == op)?;
        self.acts.remove(place).map(|(_, act)| act)
    }
}

//! The shipped book with the user's own in front of it, put together when somebody first looks.

use std::sync::{Arc, OnceLock};

use super::Book;

/// The prices that hold here.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    own: Option<Arc<Book>>,
    all: OnceLock<Book>,
}

impl Shelf {
    /// The shipped prices, and the user's own if there are any.
    pub fn of(own: Option<Arc<Book>>) -> Self {
        Self { own, all: OnceLock::new() }
    }

    /// The user's own alone.
    pub fn own(&self) -> Option<Arc<Book>> {
        self.own.clone()
    }

    /// All of them.
    pub fn book(&self) -> &Book {
        match &self.own {
            None => Book::shipped(),
            Some(own) => self.all.get_or_init(|| Book::shipped().with(own)),
        }
    }
}

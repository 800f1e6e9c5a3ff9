//! How far a listing is: where its next page begins, what is being read of it, what is being arranged.

use crate::app::Ticket;
use crate::transfer::{Arranging, Column, Direction};

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing was read yet.
    Begin,
    /// At the store's token.
    Token(Box<str>),
    /// There is none: everything was read.
    Complete,
}

/// Whether a listing may still be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// Nothing that this program knows of has changed the bucket since.
    Fresh,
    /// A transfer of this session has.
    Outdated,
}

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Still,
    /// One page.
    Page(Ticket),
    /// All that is left, as far as was consented to: so many pages more.
    Rest {
        ticket: Ticket,
        left: u64,
    },
}

impl Reading {
    pub(crate) fn ticket(self) -> Option<Ticket> {
        match self {
            Self::Still => None,
            Self::Page(ticket) | Self::Rest { ticket, .. } => Some(ticket),
        }
    }
}

/// What keys have asked for and nobody has ordered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    Nothing,
    /// The page behind the last row.
    Page,
    /// All that is left.
    Rest,
}

/// An arranging under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) ticket: Ticket,
    pub(crate) wish: Arranging,
    /// The first row it looks at, and the one behind its last.
    pub(crate) from: u32,
    pub(crate) upto: u32,
    pub(crate) extent: Extent,
}

/// What an arranging makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// A new index.
    Whole,
    /// More lines of the index that is there.
    More,
}

/// Whether more rows can be put behind those of an index without looking at them again.
pub(crate) fn keeps_order(wish: &Arranging) -> bool {
    wish.sort == Column::Name && wish.order == Direction::Forward && !wish.filter.starts_with('~')
}

//! The order in which rows of a listing are shown.

/// How rows are to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arranging {
    /// By what.
    pub sort: Column,
    /// From the end.
    pub order: Direction,
    /// Only rows whose name has this in it; empty for all.
    pub filter: String,
}

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The key: the store's own order.
    #[default]
    Name,
    /// The size.
    Size,
    /// When it was written.
    Modified,
    /// The storage class.
    Class,
}

/// From which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, oldest or first first.
    #[default]
    Forward,
    /// The other way round.
    Backward,
}

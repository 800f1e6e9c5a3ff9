//! The board's rows, in blocks: ten thousand of them come a thousand at a time, and one growing list would be copied, and its
//! old copies kept by the allocator, each time it doubles.

use super::board::{Row, RowId};

const BLOCK: usize = 1024;

/// Rows by their number, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    blocks: Vec<Vec<Row>>,
}

impl Rows {
    /// One more; its number is the count of those before it.
    pub(crate) fn push(&mut self, row: Row) {
        match self.blocks.last_mut().filter(|block| block.len() < BLOCK) {
            Some(block) => block.push(row),
            None => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(row);
                self.blocks.push(block);
            }
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.len())
    }

    pub(crate) fn get(&self, id: RowId) -> Option<&Row> {
        self.blocks.get(id.place() / BLOCK)?.get(id.place() % BLOCK)
    }

    pub(crate) fn get_mut(&mut self, id: RowId) -> Option<&mut Row> {
        self.blocks.get_mut(id.place() / BLOCK)?.get_mut(id.place() % BLOCK)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.blocks.iter().flatten()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.blocks.iter_mut().flatten()
    }
}

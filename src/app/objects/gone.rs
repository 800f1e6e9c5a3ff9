//! Rows whose object is gone: a transfer of this session said so. They stay where they are, so that nothing moves under the cursor, and
//! nothing acts on them; `r` reads the list anew.

use crate::domain::RowKind;

use super::Listing;
use super::state::Age;

impl Listing {
    /// These keys are gone; they are in the order of their bytes. A key that is no row here was one of a prefix, of which nobody knows
    /// whether anything is left: unless everything `below` a prefix goes, the list says that it is older.
    pub(super) fn lose(&mut self, keys: &[String], below: Option<&str>) {
        let here = keys.iter().filter(|key| key.starts_with(&self.prefix)).count();
        if here == 0 {
            return;
        }
        let mut found: Vec<(u32, RowKind)> = Vec::new();
        for (start, leaf) in &self.leaves {
            let Some((first, last)) = leaf.ends() else { continue };
            let (from, upto) = (keys.partition_point(|key| key.as_str() < first), keys.partition_point(|key| key.as_str() <= last));
            let Some(keys) = keys.get(from..upto).filter(|keys| !keys.is_empty()) else { continue };
            let objects = leaf.iter().zip(*start..).filter(|(row, _)| row.kind != RowKind::Prefix);
            let lost = objects.filter(|(row, _)| keys.binary_search_by(|key| key.as_str().cmp(row.key)).is_ok());
            found.extend(lost.map(|(row, number)| (number, row.kind)));
        }
        if found.len() < here && below.is_none() {
            self.age = Age::Outdated;
        }
        self.lose_rows(found);
    }

    /// Everything that begins so is gone.
    pub(super) fn lose_below(&mut self, prefix: &str) {
        let found =
            self.leaves.iter().filter(|(_, leaf)| leaf.ends().is_some_and(|(first, last)| last >= prefix && is_before(first, prefix)));
        let rows = found.flat_map(|(start, leaf)| leaf.iter().zip(*start..));
        let lost = rows.filter(|(row, _)| row.key.starts_with(prefix)).map(|(row, number)| (number, row.kind)).collect();
        self.lose_rows(lost);
    }

    fn lose_rows(&mut self, rows: Vec<(u32, RowKind)>) {
        for (number, kind) in rows {
            if self.gone.set(number, kind) {
                self.totals.take(kind);
                self.marks.clear(number, kind);
            }
        }
    }
}

/// Whether keys that begin with the prefix may stand at this key or behind it.
fn is_before(key: &str, prefix: &str) -> bool {
    key <= prefix || key.starts_with(prefix)
}

//! The plan of a delete, packed: what a listing found has to be known to its end before the first key goes.

use crate::domain::{Doomed, ObjectKey, VersionId};

/// Keys, with versions where they count, in the order in which they were found.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    text: String,
    rows: Vec<Row>,
}

/// A row: 24 bytes.
#[derive(Clone, Copy, Debug)]
struct Row {
    start: usize,
    size: u64,
    key: u32,
    version: u32,
}

impl Roll {
    /// One more. `false`: its key or version is longer than any store's, and it was left out.
    pub fn add(&mut self, key: &str, version: Option<&VersionId>, size: u64) -> bool {
        let version = version.map_or("", VersionId::as_str);
        let (Ok(key_length), Ok(version_length)) = (u32::try_from(key.len()), u32::try_from(version.len())) else { return false };
        self.rows.push(Row { start: self.text.len(), size, key: key_length, version: version_length });
        self.text.push_str(key);
        self.text.push_str(version);
        true
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.rows.iter().fold(0, |sum, row| sum.saturating_add(row.size))
    }

    /// Each with its size.
    pub fn iter(&self) -> impl Iterator<Item = (Doomed, u64)> {
        self.rows.iter().filter_map(|row| {
            let middle = row.start + row.key as usize;
            let key = self.text.get(row.start..middle)?;
            let version = self.text.get(middle..middle + row.version as usize)?;
            let version = Some(version).filter(|version| !version.is_empty()).map(VersionId::new);
            Some((Doomed { key: ObjectKey::new(key), version }, row.size))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let mut roll = Roll::default();
        assert!(roll.is_empty());
        let version = VersionId::new("v1");
        for (key, version, size) in [("a/ü", None, 3), ("a/ü", Some(&version), 4), ("", None, 0), ("..", None, 1)] {
            assert!(roll.add(key, version, size));
        }
        let rows: Vec<(String, Option<String>, u64)> = roll
            .iter()
            .map(|(doomed, size)| (doomed.key.as_str().to_owned(), doomed.version.map(|version| version.as_str().to_owned()), size))
            .collect();
        let row = |key: &str, version: Option<&str>, size| (key.to_owned(), version.map(str::to_owned), size);
        assert_eq!(rows, [row("a/ü", None, 3), row("a/ü", Some("v1"), 4), row("", None, 0), row("..", None, 1)]);
        assert_eq!((roll.len(), roll.bytes()), (4, 8));
    }
}

//! What rows and places are called: the key without the prefix that is listed, the prefix one step up, the steps of a prefix.

use crate::domain::{LeafRow, RowKind};

/// The prefix one step above: `a/b/` is below `a/`, `a//` is below `a/`, `a/b` too.
pub(crate) fn parent(prefix: &str) -> &str {
    let inner = prefix.strip_suffix('/').unwrap_or(prefix);
    inner.rfind('/').map_or("", |at| prefix.get(..=at).unwrap_or_default())
}

/// The part of a row's key that the prefix does not say. Of an object whose key ends in `/`, the last step stays, so that it has
/// a name even inside the prefix of that name.
pub(crate) fn name_below<'a>(row: &LeafRow<'a>, prefix: &str) -> &'a str {
    let below = row.key.strip_prefix(prefix).unwrap_or(row.key);
    match row.kind {
        RowKind::Object(_) if below.is_empty() => row.key.get(parent(row.key).len()..).unwrap_or(row.key),
        RowKind::Object(_) | RowKind::Prefix => below,
    }
}

/// One step of a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crumb<'a> {
    /// Text up to a `/`.
    Folder(&'a str),
    /// Nothing between two `/`.
    Empty,
    /// Text at the end without a `/`: keys that begin so.
    Beginning(&'a str),
}

/// The steps of a prefix.
pub(crate) fn crumbs(prefix: &str) -> Vec<Crumb<'_>> {
    let mut steps: Vec<Crumb<'_>> = prefix
        .split_inclusive('/')
        .map(|step| match step.strip_suffix('/') {
            Some("") => Crumb::Empty,
            Some(name) => Crumb::Folder(name),
            None => Crumb::Beginning(step),
        })
        .collect();
    steps.shrink_to_fit();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LeafBuilder;
    use crate::domain::leaf::Facts;

    #[test]
    fn one_step_up() {
        for (prefix, up) in [("a/", ""), ("a/b/", "a/"), ("a//", "a/"), ("/", ""), ("//", "/"), ("a/b", "a/"), ("a", ""), ("", "")] {
            assert_eq!(parent(prefix), up, "{prefix}");
        }
    }

    #[test]
    fn steps() {
        assert_eq!(crumbs("a//b"), [Crumb::Folder("a"), Crumb::Empty, Crumb::Beginning("b")]);
        assert_eq!(crumbs("/"), [Crumb::Empty]);
        assert_eq!(crumbs(""), []);
    }

    #[test]
    fn names() {
        let mut page = LeafBuilder::default();
        page.object("a/", Facts::default());
        page.object("a/b", Facts::default());
        page.prefix("a//");
        let leaf = page.finish(None, Vec::new());
        let names: Vec<&str> = leaf.iter().map(|row| name_below(&row, "a/")).collect();
        assert_eq!(names, ["a/", "/", "b"]);
    }
}

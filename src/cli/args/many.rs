//! Which of many objects are meant: `--recursive`, `--include` and `--exclude`, in the order in which they were written.

use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;

use crate::domain::few::sort_few_by_key;
use crate::transfer::Rule;

/// Which of many objects are meant, beside the prefix.
#[derive(Args, Debug, Default)]
pub(in crate::cli) struct Many {
    /// Everything below the prefix or folder, not one object
    #[arg(short, long)]
    pub(in crate::cli) recursive: bool,
    /// Only what fits, named from the prefix or folder on: `*` is any text, also with `/`. The last rule that fits decides
    #[arg(long, value_name = "GLOB", value_parser = Ranked::of)]
    pub(in crate::cli) include: Vec<Ranked>,
    /// Not what fits; see --include
    #[arg(long, value_name = "GLOB", value_parser = Ranked::of)]
    pub(in crate::cli) exclude: Vec<Ranked>,
}

impl Many {
    /// The rules in the order in which they were written: the last one that fits decides.
    pub(in crate::cli) fn rules(&self) -> Vec<Rule> {
        let include = self.include.iter().map(|ranked| (ranked.place, Rule::Include(ranked.text.clone())));
        let exclude = self.exclude.iter().map(|ranked| (ranked.place, Rule::Exclude(ranked.text.clone())));
        let mut rules: Vec<(usize, Rule)> = include.chain(exclude).collect();
        sort_few_by_key(&mut rules, |(place, _)| *place);
        rules.into_iter().map(|(_, rule)| rule).collect()
    }
}

/// A value that knows its place on the command line among the values of other options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Ranked {
    place: usize,
    text: String,
}

impl Ranked {
    /// Values are read in the order in which they were written.
    #[expect(clippy::unnecessary_wraps, reason = "it is a parser of values")]
    fn of(text: &str) -> Result<Self, String> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Ok(Self { place: NEXT.fetch_add(1, Ordering::Relaxed), text: text.to_owned() })
    }
}

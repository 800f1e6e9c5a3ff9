//! `ls`: a folder, everything below a prefix, or every version.
//!
//! Rows are printed as their pages come; nothing is kept. A folder that has more than one page is read to its end: the number of
//! requests is said beside the result. Once nobody reads the result (`| head`), no page is paid for any more.

use std::ops::ControlFlow;

use super::acting::{Aim, payer_hint};
use super::costs::Weight;
use super::lines::Lines;
use super::{Desk, rows};
use crate::cli::args::Ls;
use crate::cli::failure::Failure;
use crate::cli::output::{Ink, Output};
use crate::cli::words::counted;
use crate::domain::escape::visible;
use crate::domain::{Begin, Depth, Error, ErrorKind, Leaf, Op, PageAsk, VersionKind};
use crate::runtime::objects::walk::{Order, Walk};
use crate::transfer::pattern::Patterns;

/// How many pages may be on their way at once: they are paid for one by one, and asked for side by side.
const WIDTH: usize = 8;

/// Lists.
///
/// # Errors
/// Whatever the first failing page answered; the rows before it have been printed.
pub(super) fn run(desk: &Desk<'_>, ls: &Ls) -> Result<(), Failure> {
    let aim = desk.aim(&ls.target)?;
    desk.ask_for_keys(&[aim.account])?;
    let patterns = Patterns::parse(ls.many.rules().into_iter())?;
    let listing = Listing { desk, aim: &aim, patterns };
    desk.wait(async {
        if desk.global.dry_run {
            return Ok(listing.plan(ls).await?);
        }
        let ended = if ls.versions {
            listing.versions(ls.pages).await
        } else if ls.many.recursive {
            listing.everything(ls.pages).await
        } else {
            listing.folder(ls.pages).await
        };
        ended.map_err(|error| payer_hint(error, aim.acting.consent).into())
    })
}

struct Listing<'a> {
    desk: &'a Desk<'a>,
    aim: &'a Aim<'a>,
    patterns: Patterns,
}

/// What a listing cost and found.
#[derive(Default)]
struct Sum {
    rows: u64,
    bytes: u64,
    requests: u64,
    extra: u64,
    odd: u64,
}

impl Listing<'_> {
    async fn plan(&self, ls: &Ls) -> crate::domain::Result<()> {
        let what = match (ls.versions, ls.many.recursive) {
            (true, _) => "every version below",
            (false, true) => "everything below",
            (false, false) => "one folder:",
        };
        let what = format!("list {what} {}", self.aim.name());
        super::plan::requests(self.desk, self.aim, listed_with(ls), &Weight::default(), &what, "for each 1,000 rows").await
    }

    /// Whether one more page is asked for, if there is one.
    fn wants_more(&self, sum: &Sum, most: Option<u64>) -> bool {
        self.desk.output.is_read() && most.is_none_or(|most| sum.requests < most)
    }

    async fn folder(&self, most: Option<u64>) -> crate::domain::Result<()> {
        let (mut begin, mut sum, mut lines) = (Begin::Start, Sum::default(), Lines::new());
        let shared = folder_of(&self.aim.key);
        while self.wants_more(&sum, most) {
            let ask = PageAsk { prefix: self.aim.key.clone(), depth: Depth::Folder, begin };
            let page = self.desk.session.engine.list_page(&self.aim.acting, &ask, None).await?;
            sum.requests += 1;
            sum.take(&page.leaf, self, shared, &mut lines);
            match &page.leaf.next {
                Some(token) => begin = Begin::Token(token.clone()),
                None => return sum.end(self),
            }
        }
        sum.cut(self.desk.output);
        sum.end(self)
    }

    async fn everything(&self, most: Option<u64>) -> crate::domain::Result<()> {
        let walk = Walk { prefix: self.aim.key.clone(), from: None, order: Order::Keys, width: WIDTH, most_pages: most };
        let (mut sum, mut lines) = (Sum::default(), Lines::new());
        let walked = self
            .desk
            .session
            .engine
            .walk(&self.aim.acting, &walk, None, |leaf| {
                sum.take(&leaf, self, "", &mut lines);
                if self.desk.output.is_read() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
            .await?;
        (sum.requests, sum.extra) = (walked.requests, walked.extra);
        if !walked.complete {
            sum.cut(self.desk.output);
        }
        sum.end(self)
    }

    async fn versions(&self, most: Option<u64>) -> crate::domain::Result<()> {
        let (mut after, mut sum) = (None, Sum::default());
        while self.wants_more(&sum, most) {
            let page = self.desk.session.engine.versions_page(&self.aim.acting, &self.aim.key, after, None).await?;
            sum.requests += 1;
            for row in page.rows.iter().filter(|row| self.patterns.admits(relative(row.key.as_str(), &self.aim.key))) {
                sum.rows += 1;
                if let VersionKind::Object { size, .. } = &row.kind {
                    sum.bytes = sum.bytes.saturating_add(*size);
                }
                rows::print_version(row, "", self.desk.output);
            }
            sum.odd += page.odd_keys.len() as u64;
            self.desk.output.flush();
            match page.next {
                Some(next) => after = Some(next),
                None => return sum.end(self),
            }
        }
        sum.cut(self.desk.output);
        sum.end(self)
    }
}

impl Sum {
    fn take(&mut self, leaf: &Leaf, listing: &Listing<'_>, shared: &str, lines: &mut Lines) {
        let (patterns, output) = (&listing.patterns, listing.desk.output);
        self.odd += leaf.odd_keys.len() as u64;
        for row in leaf.iter() {
            if patterns.is_empty() || patterns.admits(relative(row.key, &listing.aim.key)) {
                self.rows += 1;
                self.bytes = self.bytes.saturating_add(row.size());
                lines.add(&row, shared, output);
            }
        }
        // Whoever reads a slow listing sees each page as it comes.
        lines.hand_over(output);
        output.flush();
    }

    fn cut(&self, output: &Output) {
        if !output.is_json() {
            // Whose reader went away may have come to the end all the same.
            let seen = output.is_read();
            output.aside(if seen { "there is more: --pages ended the listing" } else { "there may be more: nobody reads the listing" });
        }
    }

    /// The sum beside the rows; and an error where nothing stands under a key that looks like one object's, or where a key could
    /// not be shown.
    fn end(self, listing: &Listing<'_>) -> crate::domain::Result<()> {
        let (name, output) = (listing.aim.name(), listing.desk.output);
        if !output.is_json() {
            let extra = if self.extra > 0 { format!(", {} of them to split the listing", self.extra) } else { String::new() };
            let (rows, requests) = (counted(self.rows, "row"), counted(self.requests, "request"));
            let text = format!("{rows}, {}; {requests}{extra}", super::numbers::size(self.bytes));
            output.aside(&output.inked(Ink::Faint, &text));
        }
        if self.odd > 0 {
            let message = format!(
                "{} not UTF-8 and cannot be shown",
                if self.odd == 1 { "1 key is".to_owned() } else { format!("{} keys are", self.odd) }
            );
            return Err(Error::new(ErrorKind::Partial, message).hint("Look at them with another tool.").target(name));
        }
        if self.rows == 0 && listing.patterns.is_empty() && !listing.aim.key.is_empty() && !listing.aim.key.ends_with('/') {
            let message = format!("nothing begins with \"{}\"", visible(&name));
            return Err(Error::new(ErrorKind::NotFound, message).hint("Check the prefix: it is case-sensitive."));
        }
        Ok(())
    }
}

/// What a page is asked with.
fn listed_with(ls: &Ls) -> Op {
    if ls.versions { Op::ListObjectVersions } else { Op::ListObjectsV2 }
}

/// The part of a prefix up to its last `/`, which all of its rows share.
fn folder_of(prefix: &str) -> &str {
    prefix.rfind('/').map_or("", |place| &prefix[..=place])
}

/// A key as the patterns see it: what follows the prefix, or all of it.
fn relative<'k>(key: &'k str, prefix: &str) -> &'k str {
    key.strip_prefix(prefix).unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rows_share() {
        assert_eq!(folder_of("a/b/c"), "a/b/");
        assert_eq!(folder_of("a/b/"), "a/b/");
        assert_eq!(folder_of("abc"), "");
        assert_eq!(relative("a/b", "a/"), "b");
    }
}

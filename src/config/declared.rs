//! A declared list: which bucket is to have which payer. What `payer plan` and `payer apply` read.
//!
//! ```toml
//! [[bucket]]
//! target = "research:arxiv"   # ACCOUNT:BUCKET, s3://BUCKET or oss://BUCKET
//! payer = "requester"         # requester | owner
//! ```
//!
//! Comes in: text. Goes out: its entries, each with its place. Forbidden here: knowing which accounts exist, reading files.

use super::document::{Places, Table, parse};
use crate::domain::{Error, ErrorKind, Payer, Result};

/// One `[[bucket]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The bucket, as it is written.
    pub target: String,
    /// Who is to pay.
    pub payer: Payer,
    /// `FILE:LINE`, for messages.
    pub place: String,
}

/// The words for a payer: those of the command line, and those of the services.
const PAYERS: [(&str, Word); 4] =
    [("requester", Word::Requester), ("owner", Word::Owner), ("Requester", Word::Requester), ("BucketOwner", Word::Owner)];

#[derive(Clone, Copy)]
enum Word {
    Requester,
    Owner,
}

/// Reads a list. `name` is the file's name for messages.
///
/// # Errors
/// `Config` with file and line: for what is not TOML, for a key that is not known, for an entry without target or payer, for a
/// file without any entry.
pub fn declared(name: &str, text: &str) -> Result<Vec<Declared>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let places = Places::new(name, text);
    let parsed = parse(&places)?;
    let root = Table::new(&places, String::new(), 0, parsed.get_ref());
    let entries = root.list("bucket")?;
    root.no_other_keys()?;
    if entries.is_empty() {
        return Err(Error::new(ErrorKind::Config, format!("{}: declares no bucket", places.file()))
            .hint("Write [[bucket]] on a line of its own for each, with `target` and `payer` below it."));
    }
    entries.iter().map(entry).collect()
}

fn entry(table: &Table<'_, '_>) -> Result<Declared> {
    let target = table.word("target")?;
    let payer = table.choice("payer", &PAYERS)?;
    table.no_other_keys()?;
    let target = target.ok_or_else(|| table.wrong_table("has no `target`").hint("Write target = \"ACCOUNT:BUCKET\"."))?;
    let (payer, _) = payer.ok_or_else(|| table.wrong_table("has no `payer`").hint("Write payer = \"requester\" or payer = \"owner\"."))?;
    let payer = match payer {
        Word::Requester => Payer::Requester,
        Word::Owner => Payer::BucketOwner,
    };
    Ok(Declared { target: target.value.to_owned(), payer, place: table.places.at(target.offset) })
}

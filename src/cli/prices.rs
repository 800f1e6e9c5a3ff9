//! `prices`: the price book in force, row by row with its date and source; and whether an edited one is right.

use std::path::Path;

use serde::Serialize;

use super::args::{Global, PricesAsked, ProviderWord};
use super::failure::Failure;
use super::output::Output;
use super::table::{self, Cell};
use super::words::counted;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Provider, Result};
use crate::prices::{Book, Confidence, Row, What, words};
use crate::runtime::config_file;
use crate::runtime::prices::{self, Prices};

/// Shows the book, or checks a file.
///
/// # Errors
/// `Config` with file, line and field of every mistake.
pub(super) fn run(global: &Global, asked: &PricesAsked, output: &Output) -> std::result::Result<(), Failure> {
    match &asked.validate {
        Some(file) => validate(file, output),
        None => Ok(show(global, asked, output)?),
    }
}

/// `prices --validate --json`.
#[derive(Serialize)]
struct Valid<'a> {
    file: &'a str,
    rows: usize,
    valid: bool,
}

fn validate(file: &Path, output: &Output) -> std::result::Result<(), Failure> {
    let name = file.to_string_lossy();
    let Some(text) = prices::read(file)? else {
        let error = Error::new(ErrorKind::Config, format!("there is no file \"{}\"", visible(&name)));
        return Err(error.hint("Correct the path.").into());
    };
    match Book::check(&text, &name) {
        Ok(book) => {
            let rows = book.rows().count();
            if output.is_json() {
                output.object(&Valid { file: &name, rows, valid: true });
            } else {
                output.line(&format!("{}: {}, no mistake", visible(&name), counted(rows as u64, "row")));
            }
            Ok(())
        }
        Err(mistakes) => {
            let sum = Error::new(ErrorKind::Config, format!("{}: {}", visible(&name), counted(mistakes.len() as u64, "mistake")));
            Err(Failure::of_mistakes(sum.hint("Correct every line that is named; no row of this file counts before."), mistakes))
        }
    }
}

fn show(global: &Global, asked: &PricesAsked, output: &Output) -> Result<()> {
    let path = config_file::config_path(global.config.as_deref());
    let prices = path.as_deref().map_or_else(|_| Ok(Prices::default()), Prices::beside)?;
    let own = path.as_deref().ok().map(prices::book_path);
    let own_name = own.map(|path| visible(&path.to_string_lossy()).into_owned()).unwrap_or_default();
    let rows: Vec<&Row> = prices.book().rows().filter(|row| is_asked(prices.book(), row, asked)).collect();
    let own = prices.own();
    let origins = Origins { own: own.as_deref(), name: &own_name };
    if output.is_json() {
        rows.iter().for_each(|row| output.object(&Line::of(row, origins.of(row))));
    } else {
        people(&rows, &origins, output);
        tell_unknown(&rows, asked, output);
    }
    Ok(())
}

/// Which book a row is from.
struct Origins<'a> {
    own: Option<&'a Book>,
    name: &'a str,
}

impl<'a> Origins<'a> {
    fn of(&self, row: &Row) -> &'a str {
        if self.own.is_some_and(|own| own.rows().any(|own| own == row)) { self.name } else { "shipped" }
    }
}

/// In a region its own rows hold, and those for everywhere that none of its own replaces.
fn is_asked(book: &Book, row: &Row, asked: &PricesAsked) -> bool {
    let provider = asked.provider.is_none_or(|word| word.provider() == row.provider);
    let region = asked.in_region.as_deref().is_none_or(|region| {
        let own = |other: &Row| *other.region == *region && other.provider == row.provider && other.is_for(row);
        *row.region == *region || (row.is_everywhere() && !book.rows().any(own))
    });
    provider && region
}

fn tell_unknown(rows: &[&Row], asked: &PricesAsked, output: &Output) {
    if let Some(region) = asked.in_region.as_deref().filter(|region| rows.iter().all(|row| *row.region != **region)) {
        let region = visible(region);
        output.aside(&format!("no price is known for {region} but those for everywhere: requests and bytes are counted without money"));
    }
}

fn people(rows: &[&Row], origins: &Origins<'_>, output: &Output) {
    let mut sources: Vec<&str> = Vec::new();
    let mut number = |source| match sources.iter().position(|known| *known == source) {
        Some(place) => place + 1,
        None => {
            sources.push(source);
            sources.len()
        }
    };
    let lines: Vec<Vec<Cell>> = rows.iter().map(|row| line(row, origins.of(row), number(&row.source))).collect();
    table::print(output, &["PROVIDER", "REGION", "FOR", "PRICE", "BEST CASE", "AS OF", "CONFIDENCE", "BOOK", "SOURCE"], &lines);
    for (place, source) in sources.iter().enumerate() {
        output.line(&format!("[{}] {}", place + 1, visible(source)));
    }
}

fn line(row: &Row, origin: &str, source: usize) -> Vec<Cell> {
    vec![
        Cell::new(row.provider.as_str()),
        Cell::new(&row.region),
        Cell::new(&thing(row)),
        Cell::new(&format!("{} {} per {}", row.price, row.currency, unit(row))),
        Cell::optional(best(row).as_deref()),
        Cell::new(&row.as_of.to_string()),
        Cell::new(confidence(row)),
        Cell::new(origin),
        Cell::new(&format!("[{source}]")),
    ]
}

/// `requests tier1, GLACIER`, `transfer over public`, `retrieval IA`.
fn thing(row: &Row) -> String {
    match &row.what {
        What::Request { class, storage } => format!("requests {}, {storage}", words::class_code(*class)),
        What::Transfer { network } => format!("transfer over {}", words::network(*network)),
        What::Retrieval { storage } => format!("retrieval {storage}"),
    }
}

fn unit(row: &Row) -> String {
    match (&row.what, row.per) {
        (What::Request { .. }, 1) => "request".to_owned(),
        (What::Request { .. }, many) => format!("{many} requests"),
        (What::Transfer { .. } | What::Retrieval { .. }, per) if per == 1 << 30 => "GiB".to_owned(),
        (What::Transfer { .. } | What::Retrieval { .. }, 1_000_000_000) => "GB".to_owned(),
        (What::Transfer { .. } | What::Retrieval { .. }, per) => format!("{per} bytes"),
    }
}

/// What it may come down to, and when.
fn best(row: &Row) -> Option<String> {
    let low = row.low.map(|low| format!("{low} {}", row.currency));
    let idle = row
        .idle
        .as_ref()
        .map(|idle| format!("{} {} at {:02}-{:02} h UTC{:+03}", idle.price, row.currency, idle.from, idle.until, idle.east));
    let both: Vec<String> = low.into_iter().chain(idle).collect();
    (!both.is_empty()).then(|| both.join("; "))
}

fn confidence(row: &Row) -> &'static str {
    match row.confidence {
        Confidence::Usual => "usual",
        Confidence::Low => "low",
    }
}

/// `prices --json`. Amounts are texts: a number would be a float for most readers.
#[derive(Serialize)]
struct Line<'a> {
    provider: &'static str,
    region: &'a str,
    kind: &'static str,
    price_class: Option<&'static str>,
    storage_class: Option<&'a str>,
    network: Option<&'static str>,
    price: String,
    currency: &'a str,
    per: u64,
    low: Option<String>,
    idle_price: Option<String>,
    idle_hours: Option<String>,
    as_of: String,
    confidence: &'static str,
    book: &'a str,
    source: &'a str,
}

impl<'a> Line<'a> {
    fn of(row: &'a Row, book: &'a str) -> Self {
        let (kind, price_class, storage_class, network) = match &row.what {
            What::Request { class, storage } => ("request", Some(words::class_code(*class)), Some(&**storage), None),
            What::Transfer { network } => ("transfer", None, None, Some(words::network(*network))),
            What::Retrieval { storage } => ("retrieval", None, Some(&**storage), None),
        };
        let idle = row.idle.as_ref();
        Self {
            provider: row.provider.as_str(),
            region: &row.region,
            kind,
            price_class,
            storage_class,
            network,
            price: row.price.to_string(),
            currency: row.currency.as_str(),
            per: row.per,
            low: row.low.map(|low| low.to_string()),
            idle_price: idle.map(|idle| idle.price.to_string()),
            idle_hours: idle.map(|idle| format!("{:02}-{:02} UTC{:+03}", idle.from, idle.until, idle.east)),
            as_of: row.as_of.to_string(),
            confidence: confidence(row),
            book,
            source: &row.source,
        }
    }
}

impl ProviderWord {
    fn provider(self) -> Provider {
        match self {
            Self::S3 => Provider::S3,
            Self::Oss => Provider::Oss,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::output::recorded;
    use super::*;

    const OWN: &str = "[[request]]\nprovider = \"s3\"\nregions = [\"us-east-1\"]\nclass = \"tier1\"\nprice = \"0.004 EUR\"\nper = 1000\n\
                       as_of = \"2026-01-02\"\nsource = \"a contract\"\n";

    fn asked(provider: Option<ProviderWord>, region: Option<&str>) -> PricesAsked {
        PricesAsked { provider, in_region: region.map(str::to_owned), validate: None }
    }

    fn shown(book: &Book, asked: &PricesAsked) -> Vec<String> {
        let rows = book.rows().filter(|row| is_asked(book, row, asked));
        rows.map(|row| format!("{} {} {}", row.provider.as_str(), row.region, thing(row))).collect()
    }

    #[test]
    fn a_region_has_its_own_rows_and_those_for_everywhere() {
        let book = Book::shipped();
        let here = shown(book, &asked(Some(ProviderWord::S3), Some("us-east-1")));
        assert!(here.contains(&"s3 us-east-1 requests tier1, STANDARD".to_owned()), "{here:?}");
        assert!(here.contains(&"s3 * requests free, STANDARD".to_owned()) && !here.iter().any(|row| row.contains("eu-")), "{here:?}");
        let nowhere = shown(book, &asked(Some(ProviderWord::S3), Some("nowhere-1")));
        assert!(nowhere.iter().all(|row| row.starts_with("s3 * ")) && !nowhere.is_empty(), "{nowhere:?}");
        assert_eq!(shown(book, &asked(None, None)).len(), book.rows().count());
    }

    #[test]
    fn each_row_says_which_book_it_is_from() {
        let own = Book::read(OWN, "prices.toml").unwrap();
        let all = Book::shipped().with(&own);
        let rows: Vec<&Row> = all.rows().filter(|row| is_asked(&all, row, &asked(None, Some("us-east-1")))).collect();
        let (output, stdout, _) = recorded::text();
        people(&rows, &Origins { own: Some(&own), name: "mine" }, &output);
        let text = stdout.text();
        let lines: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let tier1 = lines.iter().filter(|line| line.contains("s3 us-east-1 requests tier1, STANDARD ")).collect::<Vec<_>>();
        assert_eq!(tier1.len(), 1, "{text}");
        assert!(
            tier1[0].starts_with("s3 us-east-1 requests tier1, STANDARD 0.004 EUR per 1000 requests - 2026-01-02 usual mine ["),
            "{text}"
        );
        assert!(lines.iter().any(|line| line.ends_with("] a contract")), "{text}");
        assert!(
            lines.iter().any(|line| line.starts_with("s3 us-east-1 requests tier2, STANDARD 0.0004 USD") && line.contains(" shipped "))
        );
        let (output, stdout, _) = recorded::json();
        output.object(&Line::of(own.rows().next().unwrap(), "mine"));
        assert_eq!(
            stdout.text(),
            "{\"provider\":\"s3\",\"region\":\"us-east-1\",\"kind\":\"request\",\"price_class\":\"tier1\",\"storage_class\":\"STANDARD\",\
             \"network\":null,\"price\":\"0.004\",\"currency\":\"EUR\",\"per\":1000,\"low\":null,\"idle_price\":null,\"idle_hours\":null,\
             \"as_of\":\"2026-01-02\",\"confidence\":\"usual\",\"book\":\"mine\",\"source\":\"a contract\"}\n"
        );
    }
}

//! From the text of a book to its rows, with every mistake and its place.

use std::cell::RefCell;
use std::sync::Arc;

use jiff::civil::Date;
use toml::de::{DeArray, DeTable, DeValue};

use super::book::Book;
use super::row::{Confidence, EVERYWHERE, Idle, Row, What, standard};
use crate::domain::escape::visible;
use crate::domain::op::PriceClass;
use crate::domain::{Error, ErrorKind, Money, Network, Provider, Result};

/// The kinds of rows, each with the field that only it has.
const KINDS: [&str; 3] = ["request", "transfer", "retrieval"];
/// The most requests that a price may be for.
const MOST: u64 = 1_000_000_000;
const STORAGE: &str = "Write the storage class in the vendor's word, as storage = \"IA\", or several as a list.";

impl Book {
    /// Reads a book's text; `name` is its file's name for messages.
    ///
    /// # Errors
    /// `Config` with file, line, row and field of the first mistake, and how many more there are.
    pub fn read(text: &str, name: &str) -> Result<Self> {
        Self::check(text, name).map_err(|mistakes| {
            let more = mistakes.len().saturating_sub(1);
            let hint = |first: &Error| match more {
                0 => first.hint_text().unwrap_or_default().to_owned(),
                more => format!(
                    "{} `whopays prices --validate FILE` lists {more} more {}.",
                    first.hint_text().unwrap_or_default(),
                    if more == 1 { "mistake" } else { "mistakes" }
                ),
            };
            mistakes.first().map_or_else(
                || Error::new(ErrorKind::Config, format!("{}: cannot be read", visible(name))),
                |first| Error::new(ErrorKind::Config, first.message()).hint(hint(first)),
            )
        })
    }

    /// The same, with every mistake.
    ///
    /// # Errors
    /// Each mistake, in the order of the file: none of them is left out.
    pub fn check(text: &str, name: &str) -> std::result::Result<Self, Vec<Error>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file = File { name, text, mistakes: RefCell::default() };
        let book = match DeTable::parse(text) {
            Ok(parsed) => file.book(parsed.get_ref()),
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                file.wrong(offset, &format!("is not valid TOML: {}", visible(error.message())), "Correct the line.");
                Self::default()
            }
        };
        let mut mistakes = file.mistakes.into_inner();
        if mistakes.is_empty() {
            return Ok(book);
        }
        mistakes.sort_unstable_by_key(|(offset, _)| *offset);
        Err(mistakes.into_iter().map(|(_, error)| error).collect())
    }
}

/// A file that is being read.
struct File<'t> {
    name: &'t str,
    text: &'t str,
    mistakes: RefCell<Vec<(usize, Error)>>,
}

impl File<'_> {
    fn wrong(&self, offset: usize, what: &str, hint: &str) {
        let line = self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
        let error = Error::new(ErrorKind::Config, format!("{}:{line}: {what}", visible(self.name))).hint(hint);
        self.mistakes.borrow_mut().push((offset, error));
    }

    fn book(&self, root: &DeTable<'_>) -> Book {
        let mut book = Book::default();
        for (key, value) in root {
            let Some(kind) = KINDS.into_iter().find(|kind| *kind == key.get_ref().as_ref()) else {
                let what = format!("{} is not known", visible(key.get_ref()));
                self.wrong(key.span().start, &what, "Known here: [[request]], [[transfer]], [[retrieval]].");
                continue;
            };
            if let DeValue::Array(items) = value.get_ref() {
                self.list(kind, items, &mut book);
            } else {
                let hint = format!("Write [[{kind}]] on a line of its own before each row.");
                self.wrong(key.span().start, &format!("{kind} is not a list of rows"), &hint);
            }
        }
        book
    }

    fn list(&self, kind: &'static str, items: &DeArray<'_>, book: &mut Book) {
        for (place, item) in items.iter().enumerate() {
            let DeValue::Table(table) = item.get_ref() else {
                let hint = format!("Write [[{kind}]] on a line of its own before each row.");
                self.wrong(item.span().start, &format!("{kind} {} is not a row", place + 1), &hint);
                continue;
            };
            let entry = Entry { file: self, kind, number: place + 1, start: item.span().start, table, asked: RefCell::default() };
            for row in entry.rows() {
                if let Err(row) = book.add(row) {
                    let what = format!("is the second row for the same thing in {}", row.region);
                    entry.wrong_row(&what, "Keep one of the two.");
                }
            }
        }
    }
}

/// One row of the file; it remembers which fields were asked for.
struct Entry<'e, 't> {
    file: &'e File<'t>,
    kind: &'static str,
    number: usize,
    start: usize,
    table: &'e DeTable<'e>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'e> Entry<'e, '_> {
    fn wrong_row(&self, what: &str, hint: &str) {
        self.file.wrong(self.start, &format!("{} {} {what}", self.kind, self.number), hint);
    }

    /// Tells of a mistake in a field; gives nothing, so that it can end a reading.
    fn wrong<T>(&self, field: &str, what: &str, hint: &str) -> Option<T> {
        let offset = self.field(field).map_or(self.start, |(offset, _)| offset);
        self.file.wrong(offset, &format!("{} {}: {field} {what}", self.kind, self.number), hint);
        None
    }

    fn field(&self, name: &str) -> Option<(usize, &'e DeValue<'e>)> {
        self.table.get_key_value(name).map(|(key, value)| (key.span().start, value.get_ref()))
    }

    fn ask(&self, name: &'static str) -> Option<&'e DeValue<'e>> {
        self.asked.borrow_mut().push(name);
        self.field(name).map(|(_, value)| value)
    }

    /// The rows that this entry stands for, one for each region and network; none after a mistake.
    fn rows(&self) -> Vec<Row> {
        let rows = self.read_rows();
        let asked = self.asked.borrow();
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if !asked.contains(&name) {
                let shown = visible(name);
                let hint = format!("Remove it. Known here: {}.", asked.join(", "));
                self.file.wrong(key.span().start, &format!("{} {}: {shown} is not known", self.kind, self.number), &hint);
            }
        }
        rows.unwrap_or_default()
    }

    fn read_rows(&self) -> Option<Vec<Row>> {
        // Each is read before the first mistake ends it, so that all mistakes of a row are told at once.
        let provider = self.provider();
        let regions = self.regions();
        let whats = self.whats(provider);
        let price = self.price();
        let (low, idle) = (self.low(price), self.idle(price));
        let per = self.per();
        let (as_of, source, confidence) = (self.as_of(), self.source(), self.confidence());
        let (provider, regions, whats, price) = (provider?, regions?, whats?, price?);
        let (low, idle, per, as_of, source, confidence) = (low?, idle?, per?, as_of?, source?, confidence?);
        let row = |region: &Arc<str>, what: &What| Row {
            provider,
            region: Arc::clone(region),
            what: what.clone(),
            price: price.amount,
            low: low.map(|low| low.amount),
            idle,
            per,
            currency: price.currency,
            as_of,
            source: Arc::clone(&source),
            confidence,
        };
        Some(
            regions
                .iter()
                .flat_map(|region| whats.iter().map(move |what| (region, what)))
                .map(|(region, what)| row(region, what))
                .collect(),
        )
    }

    fn text_of(&self, field: &'static str, value: &'e DeValue<'e>, hint: &str) -> Option<&'e str> {
        if let DeValue::String(text) = value
            && !text.trim().is_empty()
            && (text.as_bytes().iter().all(|byte| matches!(byte, b' '..=b'~')) || !text.chars().any(char::is_control))
        {
            return Some(text.as_ref());
        }
        self.wrong(field, "is not a text", hint)
    }

    /// A field that must be there.
    fn needed(&self, field: &'static str, hint: &str) -> Option<&'e DeValue<'e>> {
        let value = self.ask(field);
        if value.is_none() { self.wrong(field, "is missing", hint) } else { value }
    }

    fn choice<T: Copy>(&self, field: &'static str, text: &str, choices: &[(&str, T)]) -> Option<T> {
        match choices.iter().find(|(word, _)| *word == text) {
            Some((_, meaning)) => Some(*meaning),
            None => {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                self.wrong(field, "has a value that is not known", &format!("Write one of: {}.", words.join(", ")))
            }
        }
    }

    fn provider(&self) -> Option<Provider> {
        let hint = "Write provider = \"s3\" or provider = \"oss\".";
        let text = self.text_of("provider", self.needed("provider", hint)?, hint)?;
        self.choice("provider", text, &[("s3", Provider::S3), ("oss", Provider::Oss)])
    }

    /// A list of texts, not empty.
    fn texts(&self, field: &'static str, hint: &str) -> Option<Vec<&'e str>> {
        let DeValue::Array(items) = self.needed(field, hint)? else { return self.wrong(field, "is not a list", hint) };
        let texts: Option<Vec<&str>> = items.iter().map(|item| self.text_of(field, item.get_ref(), hint)).collect();
        let texts = texts?;
        if texts.is_empty() { self.wrong(field, "is empty", hint) } else { Some(texts) }
    }

    fn regions(&self) -> Option<Vec<Arc<str>>> {
        let hint = "Write it like regions = [\"us-east-1\", \"us-east-2\"], or [\"*\"] for wherever no other row stands.";
        let plain = |region: &str| region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let regions = self.texts("regions", hint)?;
        match regions.iter().find(|region| **region != EVERYWHERE && (!plain(region) || region.starts_with("oss-"))) {
            Some(wrong) => self.wrong("regions", &format!("holds \"{}\", which is not a region", visible(wrong)), hint),
            None => Some(regions.into_iter().map(Arc::from).collect()),
        }
    }

    /// What the row is for: each of its storage classes, or a transfer over each of its networks.
    fn whats(&self, provider: Option<Provider>) -> Option<Vec<What>> {
        match self.kind {
            "request" => {
                let (class, storages) = (self.class(provider), self.storages(provider));
                let class = class?;
                Some(storages?.into_iter().map(|storage| What::Request { class, storage }).collect())
            }
            "transfer" => Some(self.networks(provider)?.into_iter().map(|network| What::Transfer { network }).collect()),
            _ => {
                self.needed("storage", STORAGE)?;
                Some(self.storages(provider)?.into_iter().map(|storage| What::Retrieval { storage }).collect())
            }
        }
    }

    fn class(&self, provider: Option<Provider>) -> Option<PriceClass> {
        let classes: &[(&str, PriceClass)] = match provider {
            Some(Provider::S3) => &[("tier1", PriceClass::Tier1), ("tier2", PriceClass::Tier2), ("free", PriceClass::Free)],
            Some(Provider::Oss) => &[("put", PriceClass::PutType), ("get", PriceClass::GetType), ("free", PriceClass::Free)],
            None => return self.ask("class").and(None),
        };
        let hint = "Write a price class of the provider: tier1, tier2 or free for s3, put, get or free for oss.";
        let text = self.text_of("class", self.needed("class", hint)?, hint)?;
        self.choice("class", text, classes)
    }

    /// One storage class or a list of them; left out: the standard one.
    fn storages(&self, provider: Option<Provider>) -> Option<Vec<Arc<str>>> {
        let texts = match self.ask("storage") {
            None => vec![standard(provider?)],
            Some(DeValue::Array(_)) => self.texts("storage", STORAGE)?,
            Some(value) => vec![self.text_of("storage", value, STORAGE)?],
        };
        Some(texts.into_iter().map(Arc::from).collect())
    }

    fn networks(&self, provider: Option<Provider>) -> Option<Vec<Network>> {
        const PUBLIC: (&str, Network) = ("public", Network::Public);
        const DUALSTACK: (&str, Network) = ("dualstack", Network::Dualstack);
        const ACCELERATE: (&str, Network) = ("accelerate", Network::Accelerate);
        let known = match provider {
            Some(Provider::S3) => [PUBLIC, DUALSTACK, ACCELERATE, ("fips", Network::Fips)],
            Some(Provider::Oss) => [PUBLIC, DUALSTACK, ACCELERATE, ("internal", Network::Internal)],
            None => return self.ask("networks").and(None),
        };
        let texts = self.texts("networks", "Write it like networks = [\"public\", \"dualstack\"].")?;
        texts.iter().map(|text| self.choice("networks", text, &known)).collect()
    }

    fn money(&self, field: &'static str, text: &str) -> Option<Money> {
        let money = Money::parse(text);
        if money.is_none() { self.wrong(field, "is not an amount and a currency", "Write it as \"0.005 USD\".") } else { money }
    }

    fn price(&self) -> Option<Money> {
        let hint = "Write it as price = \"0.005 USD\".";
        self.money("price", self.text_of("price", self.needed("price", hint)?, hint)?)
    }

    /// The outer `None` is a mistake, the inner one an absent field.
    fn low(&self, price: Option<Money>) -> Option<Option<Money>> {
        let Some(value) = self.ask("low") else { return Some(None) };
        let low = self.money("low", self.text_of("low", value, "Write it as low = \"0.00 USD\".")?)?;
        self.below("low", low, price?).map(Some)
    }

    /// A price that must not be above the list price.
    fn below(&self, field: &'static str, lower: Money, price: Money) -> Option<Money> {
        if lower.currency != price.currency {
            return self.wrong(field, "is in another currency than price", "Give all prices of a row in one currency.");
        }
        if lower.amount > price.amount {
            return self.wrong(field, "is above price", "Write the higher of the two as price.");
        }
        Some(lower)
    }

    fn idle(&self, price: Option<Money>) -> Option<Option<Idle>> {
        let hint = "Write it as idle = { hours = \"00-08\", utc = \"+08\", price = \"0.25 CNY\" }.";
        let Some(value) = self.ask("idle") else { return Some(None) };
        let DeValue::Table(table) = value else { return self.wrong("idle", "is not a table", hint) };
        let part = |name: &str| match table.iter().find(|(key, _)| key.get_ref().as_ref() == name).map(|(_, value)| value.get_ref()) {
            Some(DeValue::String(text)) => Some(text.as_ref()),
            _ => None,
        };
        let (Some(hours), Some(utc), Some(lower), 3) = (part("hours"), part("utc"), part("price"), table.len()) else {
            return self.wrong("idle", "does not have exactly hours, utc and price", hint);
        };
        let Some((from, until)) = band(hours) else { return self.wrong("idle", "has hours that are none", hint) };
        let Some(east) = offset(utc) else { return self.wrong("idle", "has an utc that is no offset", hint) };
        let lower = self.below("idle", self.money("idle", lower)?, price?)?;
        Some(Some(Idle { from, until, east, price: lower.amount }))
    }

    fn per(&self) -> Option<u64> {
        let hint = match self.kind {
            "request" => "Write for how many requests the price is, as per = 1000.",
            _ => "Write per = \"GiB\" (1,073,741,824 bytes) or per = \"GB\" (1,000,000,000 bytes).",
        };
        match (self.kind, self.needed("per", hint)?) {
            ("request", DeValue::Integer(number)) => {
                let count = u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok();
                let count = count.filter(|count| (1..=MOST).contains(count));
                if count.is_none() { self.wrong("per", "is out of range", hint) } else { count }
            }
            ("transfer" | "retrieval", DeValue::String(text)) if text.as_ref() == "GiB" => Some(1 << 30),
            ("transfer" | "retrieval", DeValue::String(text)) if text.as_ref() == "GB" => Some(1_000_000_000),
            _ => self.wrong("per", "is not what the price is for", hint),
        }
    }

    fn as_of(&self) -> Option<Date> {
        let hint = "Write the day of the price list as as_of = \"2025-08-29\".";
        let value = self.needed("as_of", hint)?;
        let text = if let DeValue::Datetime(date) = value { date.to_string() } else { self.text_of("as_of", value, hint)?.to_owned() };
        let date = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
        if date.is_none() { self.wrong("as_of", "is not a day", hint) } else { date }
    }

    fn source(&self) -> Option<Arc<str>> {
        let hint = "Write where the price stands, as source = \"https://…\".";
        self.text_of("source", self.needed("source", hint)?, hint).map(Arc::from)
    }

    fn confidence(&self) -> Option<Confidence> {
        let Some(value) = self.ask("confidence") else { return Some(Confidence::Usual) };
        let text = self.text_of("confidence", value, "Write confidence = \"low\", or leave it out.")?;
        self.choice("confidence", text, &[("low", Confidence::Low), ("usual", Confidence::Usual)])
    }
}

/// `00-08`: from midnight to eight.
fn band(text: &str) -> Option<(u8, u8)> {
    let (from, until) = text.split_once('-')?;
    let hour = |text: &str| (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u8>().ok())?;
    let (from, until) = (hour(from)?, hour(until)?);
    (from < until && until <= 24).then_some((from, until))
}

/// `+08`: eight hours east of UTC.
fn offset(text: &str) -> Option<i8> {
    let (sign, hours) = (text.get(..1)?, text.get(1..)?);
    let fits = hours.len() == 2 && hours.bytes().all(|byte| byte.is_ascii_digit());
    let hours = fits.then(|| hours.parse::<i8>().ok())?.filter(|hours| *hours <= 14)?;
    match sign {
        "+" => Some(hours),
        "-" => Some(-hours),
        _ => None,
    }
}

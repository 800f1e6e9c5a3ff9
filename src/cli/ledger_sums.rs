//! Sums of the ledger: a table with its total, JSON, CSV.

use serde::Serialize;

use super::ledger::{Form, total};
use super::ledger_csv::{self, Record};
use super::output::{Ink, Output};
use super::table::{self, Cell};
use crate::domain::figures::{grouped, size};
use crate::domain::{Amount, By, Currency, Sum};
use crate::prices::words;

/// Prints them.
pub(super) fn print(sums: &[Sum], by: By, form: Form, output: &Output) {
    match form {
        Form::Table => people(sums, by, output),
        Form::Json => sums.iter().for_each(|sum| output.object(&Line::of(sum, by))),
        Form::Csv => csv(sums, by, output),
    }
}

fn people(sums: &[Sum], by: By, output: &Output) {
    if sums.is_empty() {
        return;
    }
    let total = Sum { name: "total".to_owned(), ..total(sums) };
    let heading = [title(by), "REQUESTS", "RETRIES", "FAILED", "UP", "DOWN", "PAYER HEADER", "CHARGED", "ESTIMATE"];
    let rows: Vec<Vec<Cell>> = sums.iter().map(|sum| row(sum, Ink::Plain)).chain([row(&total, Ink::Bold)]).collect();
    table::print(output, &heading, &rows);
    if total.uncharged > 0 {
        let count = grouped(total.uncharged);
        output.aside(&format!(
            "{count} sent with the payer header and not charged: you are the owner, or your role lives in the owner's account, so the owner pays"
        ));
    }
    output.aside("the estimate is at list prices, before free tiers and discounts; `whopays prices` shows them");
}

fn title(by: By) -> &'static str {
    match by {
        By::Day => "DAY (UTC)",
        By::Account => "ACCOUNT",
        By::Bucket => "BUCKET",
        By::Operation => "OPERATION",
    }
}

fn row(sum: &Sum, ink: Ink) -> Vec<Cell> {
    let counts = [sum.requests, sum.retries, sum.failed].map(grouped);
    let charged = match sum.uncharged {
        0 => grouped(sum.charged),
        some => format!("{} ({} not)", grouped(sum.charged), grouped(some)),
    };
    let texts = [sum.name.clone()].into_iter().chain(counts).chain([size(sum.up), size(sum.down), grouped(sum.payer), charged, money(sum)]);
    texts.map(|text| Cell::inked(ink, &text)).collect()
}

/// `0.0042 USD and 0.01 CNY, 3 without price`
pub(super) fn money(sum: &Sum) -> String {
    let known = sum.cost.iter().map(|(currency, amount)| format!("{} {currency}", words::up(*amount))).collect::<Vec<_>>().join(" and ");
    match (known.is_empty(), sum.unpriced) {
        (true, 0) => "nothing".to_owned(),
        (true, _) => "no price known".to_owned(),
        (false, 0) => known,
        (false, some) => format!("{known}, {} without price", grouped(some)),
    }
}

/// One line of JSON. Amounts are texts: a number would be a float for most readers.
#[derive(Serialize)]
struct Line<'a> {
    by: &'static str,
    name: &'a str,
    requests: u64,
    retries: u64,
    failed: u64,
    bytes_up: u64,
    bytes_down: u64,
    payer_header: u64,
    charged: u64,
    not_charged: u64,
    cost: Vec<Cost<'a>>,
    unpriced: u64,
}

#[derive(Serialize)]
struct Cost<'a> {
    currency: &'a str,
    amount: String,
}

impl<'a> Line<'a> {
    fn of(sum: &'a Sum, by: By) -> Self {
        Self {
            by: word(by),
            name: &sum.name,
            requests: sum.requests,
            retries: sum.retries,
            failed: sum.failed,
            bytes_up: sum.up,
            bytes_down: sum.down,
            payer_header: sum.payer,
            charged: sum.charged,
            not_charged: sum.uncharged,
            cost: sum.cost.iter().map(|(currency, amount)| Cost { currency: currency.as_str(), amount: amount.to_string() }).collect(),
            unpriced: sum.unpriced,
        }
    }
}

fn word(by: By) -> &'static str {
    match by {
        By::Day => "day",
        By::Account => "account",
        By::Bucket => "bucket",
        By::Operation => "operation",
    }
}

/// One column of money for each currency that occurs.
fn csv(sums: &[Sum], by: By, output: &Output) {
    const COUNTS: [&str; 9] =
        ["requests", "retries", "failed", "bytes_up", "bytes_down", "payer_header", "charged", "not_charged", "unpriced"];
    let currencies: Vec<Currency> = total(sums).cost.iter().map(|(currency, _)| *currency).collect();
    let columns: Vec<String> = currencies.iter().map(|currency| format!("cost_{currency}")).collect();
    let names = [word(by)].into_iter().chain(COUNTS);
    ledger_csv::heading(&names.chain(columns.iter().map(String::as_str)).collect::<Vec<_>>(), output);
    for sum in sums {
        let counts =
            [sum.requests, sum.retries, sum.failed, sum.up, sum.down, sum.payer, sum.charged, sum.uncharged, sum.unpriced].map(Some);
        let record = counts.into_iter().fold(Record::default().text(&sum.name), Record::plain);
        currencies.iter().fold(record, |record, currency| record.plain(Some(amount(sum, *currency)))).print(output);
    }
}

fn amount(sum: &Sum, currency: Currency) -> Amount {
    sum.cost.iter().find(|(known, _)| *known == currency).map_or(Amount::ZERO, |(_, amount)| *amount)
}

#[cfg(test)]
mod tests {
    use super::super::output::recorded;
    use super::*;

    fn cost(text: &str) -> (Currency, Amount) {
        let (amount, currency) = text.split_once(' ').unwrap();
        (Currency::parse(currency).unwrap(), Amount::parse(amount).unwrap())
    }

    fn sums() -> [Sum; 2] {
        let one = Sum {
            name: "research:arxiv".to_owned(),
            requests: 1_204,
            retries: 3,
            failed: 2,
            up: 0,
            down: 5_368_709_120,
            payer: 1_204,
            charged: 1_200,
            uncharged: 2,
            cost: vec![cost("0.01 CNY"), cost("0.450000000001 USD")],
            unpriced: 4,
        };
        [one, Sum { name: "=cmd,x".to_owned(), requests: 1, unpriced: 1, ..Sum::default() }]
    }

    #[test]
    fn for_people() {
        let (output, stdout, stderr) = recorded::text();
        print(&sums(), By::Bucket, Form::Table, &output);
        let lines: Vec<String> = stdout.text().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            lines,
            [
                "BUCKET REQUESTS RETRIES FAILED UP DOWN PAYER HEADER CHARGED ESTIMATE",
                "research:arxiv 1,204 3 2 0 B 5.0 GiB 1,204 1,200 (2 not) 0.01 CNY and 0.4501 USD, 4 without price",
                "=cmd,x 1 0 0 0 B 0 B 0 0 no price known",
                "total 1,205 3 2 0 B 5.0 GiB 1,204 1,200 (2 not) 0.01 CNY and 0.4501 USD, 5 without price",
            ]
        );
        assert!(stderr.text().starts_with("2 sent with the payer header and not charged: "), "{}", stderr.text());
    }

    #[test]
    fn for_scripts_every_digit_stays() {
        let (output, stdout, _) = recorded::json();
        print(&sums()[..1], By::Bucket, Form::Json, &output);
        assert_eq!(
            stdout.text(),
            "{\"by\":\"bucket\",\"name\":\"research:arxiv\",\"requests\":1204,\"retries\":3,\"failed\":2,\"bytes_up\":0,\
             \"bytes_down\":5368709120,\"payer_header\":1204,\"charged\":1200,\"not_charged\":2,\
             \"cost\":[{\"currency\":\"CNY\",\"amount\":\"0.01\"},{\"currency\":\"USD\",\"amount\":\"0.450000000001\"}],\"unpriced\":4}\n"
        );
        let (output, stdout, _) = recorded::text();
        print(&sums(), By::Bucket, Form::Csv, &output);
        assert_eq!(
            stdout.text(),
            "bucket,requests,retries,failed,bytes_up,bytes_down,payer_header,charged,not_charged,unpriced,cost_CNY,cost_USD\r\n\
             research:arxiv,1204,3,2,0,5368709120,1204,1200,2,4,0.01,0.450000000001\r\n\
             \"'=cmd,x\",1,0,0,0,0,0,0,0,1,0.00,0.00\r\n"
        );
    }
}

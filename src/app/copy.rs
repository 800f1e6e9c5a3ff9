//! What `y` can copy: the address, and the commands of the vendors' own tools that do the same.

use crate::domain::{Payer, Provider};

use super::Model;
use super::accounts::AccountState;
use super::board::{Row, RowId};

/// Label and text of each choice.
pub(crate) fn choices(model: &Model, id: RowId) -> Vec<(&'static str, String)> {
    let (Some(row), Some(account)) = (model.board.row(id), model.account_of(id)) else { return Vec::new() };
    let opposite = row.reading.payer().and_then(Payer::toggled).unwrap_or(Payer::Requester);
    let (scheme, get, set) = match account.provider {
        Provider::S3 => ("s3", aws(account, row, "get-bucket-request-payment", ""), aws_put(account, row, &opposite)),
        Provider::Oss => ("oss", ossutil(account, row, "get-bucket-request-payment", ""), ossutil_put(account, row, &opposite)),
    };
    vec![
        ("address", model.name_of(id)),
        ("URL", format!("{scheme}://{}", row.name)),
        ("command that reads the payer", get),
        ("command that changes the payer", set),
        ("whopays command", format!("whopays payer get {}", quoted(&model.name_of(id)))),
    ]
}

fn aws_put(account: &AccountState, row: &Row, to: &Payer) -> String {
    aws(account, row, "put-bucket-request-payment", &format!(" --request-payment-configuration Payer={to}"))
}

fn aws(account: &AccountState, row: &Row, operation: &str, more: &str) -> String {
    format!("aws s3api {operation} --bucket {}{more}{}", row.name, common(account, row))
}

fn ossutil_put(account: &AccountState, row: &Row, to: &Payer) -> String {
    ossutil(account, row, "put-bucket-request-payment", &format!(" --request-payment-configuration '{{\"Payer\":\"{to}\"}}'"))
}

fn ossutil(account: &AccountState, row: &Row, operation: &str, more: &str) -> String {
    format!("ossutil api {operation} --bucket {}{more}{}", row.name, common(account, row))
}

fn common(account: &AccountState, row: &Row) -> String {
    let flag = match account.provider {
        Provider::S3 => "--endpoint-url",
        Provider::Oss => "--endpoint",
    };
    let mut text = format!(" --region {}", quoted(row.region.as_deref().unwrap_or(&account.region)));
    if let Some(endpoint) = &account.endpoint {
        text.push_str(&format!(" {flag} {}", quoted(endpoint)));
    }
    if let Some(profile) = &account.profile {
        text.push_str(&format!(" --profile {}", quoted(profile)));
    }
    text
}

/// Quotes for a shell what a shell would read; a pasted line must do what it shows.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", text.replace('\'', "'\\''"))
}

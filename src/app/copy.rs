//! What `y` can copy: the address, and the commands of the vendors' own tools that do the same.

use crate::domain::{Consent, LeafRow, Payer, Provider, RowKind, Sent};

use super::accounts::AccountState;
use super::board::{Row, RowId};
use super::{Model, Requests, Screen, consent, objects};

/// Label and text of each choice.
pub(crate) type Choices = Vec<(&'static str, String)>;

/// What can be copied of what is under the cursor.
pub(crate) fn choices(model: &Model) -> Choices {
    if model.screen == Screen::Ledger {
        return model.ledger.requests.as_ref().and_then(Requests::selected).map(of_request).unwrap_or_default();
    }
    let Some(bucket) = model.bucket_here() else { return Vec::new() };
    match (model.screen, model.objects.selected()) {
        (Screen::Objects, Some(row)) => of_row(model, bucket, &row),
        (Screen::Objects, None) | (Screen::Buckets | Screen::Transfers | Screen::Ledger | Screen::Journal, _) => of_bucket(model, bucket),
    }
}

/// A request of the ledger: by its id the store's operators find it.
fn of_request(sent: &Sent) -> Choices {
    let id = sent.request_id.as_deref().filter(|id| !id.chars().any(char::is_control));
    let id = id.map(|id| ("request id", id.to_owned()));
    id.into_iter().chain([("host and path", format!("{}{}", sent.host, sent.path))]).collect()
}

fn of_bucket(model: &Model, id: RowId) -> Choices {
    let (Some(row), Some(account)) = (model.board.row(id), model.account_of(id)) else { return Vec::new() };
    let opposite = row.reading.payer().and_then(Payer::toggled).unwrap_or(Payer::Requester);
    let (get, set) = match account.provider {
        Provider::S3 => (aws(account, row, "get-bucket-request-payment", ""), aws_put(account, row, &opposite)),
        Provider::Oss => (ossutil(account, row, "get-bucket-request-payment", ""), ossutil_put(account, row, &opposite)),
    };
    vec![
        ("address", model.name_of(id)),
        ("URL", format!("{}://{}", account.provider, row.name)),
        ("command that reads the payer", get),
        ("command that changes the payer", set),
        ("whopays command", format!("whopays payer get {}", quoted(&model.name_of(id)))),
    ]
}

/// An object or a prefix. The payer is in the commands where the user's word is given, as it is in the console's own requests.
/// A key with control characters cannot stand in a line of a shell as it is: of such a one, no command is offered.
fn of_row(model: &Model, id: RowId, row: &LeafRow<'_>) -> Choices {
    let (Some(bucket), Some(account)) = (model.board.row(id), model.account_of(id)) else { return Vec::new() };
    let address = format!("{}/{}", model.name_of(id), row.key);
    if row.key.chars().any(char::is_control) {
        return Vec::new();
    }
    let payer = match consent::of(model, id) {
        Consent::Given => " --request-payer requester",
        Consent::Silent | Consent::Refused => "",
    };
    let key = quoted(row.key);
    let whole = quoted(&address);
    let url = format!("{}://{}/{}", account.provider, bucket.name, row.key);
    let (theirs, ours) = match (row.kind, account.provider) {
        (RowKind::Object(_), Provider::S3) => {
            let file = quoted(&local_name(row));
            (aws(account, bucket, "get-object", &format!(" --key={key}{payer}")) + " " + &file, format!("whopays get{payer} {whole}"))
        }
        (RowKind::Object(_), Provider::Oss) => {
            (ossutil(account, bucket, "get-object", &format!(" --key={key}{payer}")), format!("whopays get{payer} {whole}"))
        }
        (RowKind::Prefix, Provider::S3) => (
            aws(account, bucket, "list-objects-v2", &format!(" --prefix={key} --delimiter=/{payer}")),
            format!("whopays ls{payer} {whole}"),
        ),
        (RowKind::Prefix, Provider::Oss) => (
            ossutil(account, bucket, "list-objects-v2", &format!(" --prefix={key} --delimiter=/{payer}")),
            format!("whopays ls{payer} {whole}"),
        ),
    };
    let label = match row.kind {
        RowKind::Object(_) => "command that gets the object",
        RowKind::Prefix => "command that lists the prefix",
    };
    vec![("address", address), ("URL", url), ("key", row.key.to_owned()), (label, theirs), ("whopays command", ours)]
}

/// A name for the file in the current folder: never a way out of it, never an option.
fn local_name(row: &LeafRow<'_>) -> String {
    let name = objects::name_below(row, objects::parent(row.key)).trim_end_matches('/');
    match name {
        "" | "." | ".." => "object".to_owned(),
        name => format!("./{name}"),
    }
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

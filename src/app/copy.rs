//! What `y` can copy: the address, and what the vendors' own tools would be told to do the same.

use crate::audit::Change;
use crate::domain::{Consent, LeafRow, Payer, RowKind, Secret, Sent, UploadRow};

use super::board::RowId;
use super::equivalent::{Equivalent, quoted};
use super::{Model, Requests, Screen, consent, objects};

/// A text for the clipboard. It may be a presigned link, which is as good as a key until it expires: it cannot be printed by accident,
/// and is wiped when it is gone.
#[derive(Clone)]
pub struct Clip(Secret);

impl Clip {
    /// A text to copy.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text.into()))
    }

    /// The text, for the terminal.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl PartialEq for Clip {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl std::fmt::Debug for Clip {
    /// How long it is, and nothing of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clip({} bytes)", self.expose().len())
    }
}

/// Label and text of each choice.
pub(crate) type Choices = Vec<(&'static str, String)>;

/// What can be copied of what is under the cursor.
pub(crate) fn choices(model: &Model) -> Choices {
    match model.screen {
        Screen::Ledger => model.ledger.requests.as_ref().and_then(Requests::selected).map_or_else(Vec::new, of_request),
        Screen::Journal => model.journal.selected().map_or_else(Vec::new, |change| of_change(model, change)),
        Screen::Objects => match (model.bucket_here(), model.objects.selected()) {
            (Some(bucket), Some(row)) => of_row(model, bucket, &row),
            (Some(bucket), None) => of_bucket(model, bucket),
            (None, _) => Vec::new(),
        },
        Screen::Buckets | Screen::Transfers => model.bucket_here().map_or_else(Vec::new, |bucket| of_bucket(model, bucket)),
    }
}

/// A request of the ledger: by its id the store's operators find it.
fn of_request(sent: &Sent) -> Choices {
    let id = sent.request_id.as_deref().filter(|id| !id.chars().any(char::is_control));
    let id = id.map(|id| ("request id", id.to_owned()));
    id.into_iter().chain([("host and path", format!("{}{}", sent.kind.host, sent.path))]).collect()
}

/// The bucket in the words of other tools; no request about a bucket itself says who pays.
fn equivalent(model: &Model, id: RowId) -> Option<Equivalent<'_>> {
    let (row, account) = (model.board.row(id)?, model.account_of(id)?);
    Some(Equivalent {
        provider: account.provider,
        bucket: row.name.as_str(),
        region: row.region.as_deref().unwrap_or(&account.region),
        endpoint: account.endpoint.as_deref(),
        profile: account.profile.as_deref(),
        consent: consent::of(model, id),
    })
}

fn of_bucket(model: &Model, id: RowId) -> Choices {
    let (Some(row), Some(tool)) = (model.board.row(id), equivalent(model, id)) else { return Vec::new() };
    let known = row.reading.payer().filter(|payer| payer.toggled().is_some());
    let other = known.and_then(Payer::toggled).unwrap_or(Payer::Requester);
    let mut choices = vec![
        ("address", model.name_of(id)),
        ("URL", format!("{}://{}", tool.provider, tool.bucket)),
        ("command that reads the payer", tool.read_payer()),
        ("command that changes the payer", tool.change_payer(&other)),
    ];
    choices.extend(known.map(|payer| ("Terraform block with the payer as it is", tool.terraform(payer))));
    choices.push(("Terraform block that changes the payer", tool.terraform(&other)));
    choices.push(("whopays command", format!("whopays payer get {}", quoted(&model.name_of(id)))));
    choices
}

/// A change that the journal holds: the bucket may be gone from the board, the words of the journal stay.
fn of_change(model: &Model, change: &Change) -> Choices {
    let address = change.bucket.to_string();
    let mut choices = vec![("address", address.clone()), ("whopays command", format!("whopays payer get {}", quoted(&address)))];
    if let Some(tool) = model.row_of(&change.bucket).and_then(|id| equivalent(model, id)) {
        choices.push(("command that makes this change", tool.change_payer(&change.asked)));
        choices.push(("Terraform block with this change", tool.terraform(&change.asked)));
    }
    choices.extend(change.request_id.iter().map(|id| ("request id", id.clone())));
    choices
}

/// An object or a prefix. A key with control characters cannot stand in a line of a shell as it is: of such a one, no command is
/// offered.
fn of_row(model: &Model, id: RowId, row: &LeafRow<'_>) -> Choices {
    let Some(tool) = equivalent(model, id) else { return Vec::new() };
    if row.key.chars().any(char::is_control) {
        return Vec::new();
    }
    let address = format!("{}/{}", model.name_of(id), row.key);
    let whole = quoted(&address);
    let payer = match tool.consent {
        Consent::Given => " --request-payer requester",
        Consent::Silent | Consent::Refused => "",
    };
    let (label, theirs, ours) = match row.kind {
        RowKind::Object(_) => ("command that gets the object", tool.get(row.key, &local_name(row)), format!("whopays get{payer} {whole}")),
        RowKind::Prefix => ("command that lists the prefix", tool.list(row.key), format!("whopays ls{payer} {whole}")),
    };
    let url = format!("{}://{}/{}", tool.provider, tool.bucket, row.key);
    vec![("address", address), ("URL", url), ("key", row.key.to_owned()), (label, theirs), ("whopays command", ours)]
}

/// An unfinished multipart upload of a bucket.
pub(crate) fn of_upload(model: &Model, id: RowId, upload: &UploadRow) -> Choices {
    let Some(tool) = equivalent(model, id) else { return Vec::new() };
    let (key, upload_id) = (upload.key.as_str(), upload.id.as_str());
    let mut choices = vec![("upload id", upload_id.to_owned())];
    if key.chars().chain(upload_id.chars()).any(char::is_control) {
        return choices;
    }
    choices.push(("address of the key", format!("{}/{key}", model.name_of(id))));
    choices.extend(tool.abort(key, upload_id).map(|command| ("command that aborts the upload", command)));
    choices
}

/// A name for the file in the current folder: never a way out of it, never an option.
fn local_name(row: &LeafRow<'_>) -> String {
    let name = objects::name_below(row, objects::parent(row.key)).trim_end_matches('/');
    match name {
        "" | "." | ".." => "object".to_owned(),
        name => format!("./{name}"),
    }
}

//! The action table: one row per action, read by dispatch, footer, help, command palette, README and tests.
//!
//! A new action is a row here and an arm in `keys::run`.

use super::{Key, KeyCode};

/// What a key can do, verb and noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table below documents each one")]
pub enum Action {
    MoveDown,
    MoveUp,
    PageDown,
    PageUp,
    GoTop,
    GoBottom,
    Open,
    Back,
    NextPane,
    PreviousPane,
    NextGroup,
    PreviousGroup,
    LongerReach,
    ShorterReach,
    NextMeasure,
    Mark,
    MarkAll,
    TogglePayer,
    ToggleRequester,
    Probe,
    RevertPayer,
    ShowReport,
    EditFilter,
    SortNext,
    SortReverse,
    Refresh,
    ReadAll,
    OpenBucket,
    JumpTo,
    Inspect,
    Upload,
    Download,
    CopyObjects,
    DeleteObjects,
    Preview,
    Link,
    CopyText,
    ShowBuckets,
    ShowTransfers,
    ShowLedger,
    ShowObjects,
    ShowJournal,
    ShowPalette,
    ShowHelp,
    CallOff,
    PauseTransfer,
    CancelTransfer,
    RetryTransfer,
    MoveEarlier,
    MoveLater,
    MoreAtOnce,
    FewerAtOnce,
    LimitBandwidth,
    ClearEnded,
    ShowUploads,
    Suspend,
    Quit,
}

/// A place of the console in which keys have a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The accounts at the left.
    Accounts,
    /// The payer board.
    Board,
    /// The details of one bucket or account.
    Details,
    /// Screen 3.
    Transfers,
    /// Screen 2, the keys of a bucket or the details of one.
    Objects,
    /// Screen 4, groups and requests alike.
    Ledger,
    /// Screen 5.
    Journal,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 7] = [Self::Accounts, Self::Board, Self::Details, Self::Objects, Self::Transfers, Self::Ledger, Self::Journal];
}

/// One row of the table.
#[derive(Debug)]
pub struct Entry {
    /// What it does.
    pub action: Action,
    /// The default keys; the first one is shown in the footer.
    pub keys: &'static [Key],
    /// The short word in footer and palette.
    pub label: &'static str,
    /// One sentence for help and README.
    pub help: &'static str,
    /// Where it works.
    pub places: &'static [Place],
    /// Its rank in the footer, 1 first; 0 keeps it out.
    pub footer: u8,
}

const fn key(code: KeyCode) -> Key {
    Key { code, ctrl: false, alt: false }
}

const fn letter(c: char) -> Key {
    key(KeyCode::Char(c))
}

const fn control(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: true, alt: false }
}

const ANYWHERE: &[Place] = &Place::ALL;
const BOARD: &[Place] = &[Place::Board];
/// Lists that a store or the journal fills.
const LISTS: &[Place] = &[Place::Accounts, Place::Board, Place::Details, Place::Objects, Place::Journal];
const REFRESHED: &[Place] = &[Place::Accounts, Place::Board, Place::Details, Place::Objects, Place::Ledger, Place::Journal];
/// Where Tab goes to the next pane; in the ledger it goes to the next grouping.
const PANES: &[Place] = &[Place::Accounts, Place::Board, Place::Details, Place::Objects, Place::Transfers, Place::Journal];
const TRANSFERS: &[Place] = &[Place::Transfers];
const LEDGER: &[Place] = &[Place::Ledger];
const BUCKET: &[Place] = &[Place::Board, Place::Details];
const OBJECTS: &[Place] = &[Place::Objects];
const ROWS: &[Place] = &[Place::Board, Place::Objects];
const BUCKET_OR_OBJECTS: &[Place] = &[Place::Board, Place::Details, Place::Objects];
const COPIED: &[Place] = &[Place::Board, Place::Details, Place::Objects, Place::Ledger, Place::Journal];

const fn row(action: Action, keys: &'static [Key], label: &'static str, help: &'static str, places: &'static [Place], footer: u8) -> Entry {
    Entry { action, keys, label, help, places, footer }
}

/// The table. What a newcomer looks for stands first: help shows it from the top.
pub static TABLE: &[Entry] = &[
    row(
        Action::TogglePayer,
        &[letter('p')],
        "payer",
        "Change who pays for the bucket, or for the marked ones: a visible grace period, or a plan to confirm.",
        BUCKET,
        1,
    ),
    row(
        Action::Open,
        &[key(KeyCode::Enter), letter('l'), key(KeyCode::Right)],
        "open",
        "Open what is under the cursor: a bucket, a prefix, an object's details, a line of the ledger; on a bucket whose change is waiting, Enter sends it now.",
        ANYWHERE,
        2,
    ),
    row(
        Action::CallOff,
        &[key(KeyCode::Esc)],
        "call off",
        "Call off the waiting change; else stop reading, or waiting for a new payer; else clear the filter; else clear the marks.",
        ANYWHERE,
        0,
    ),
    row(
        Action::Back,
        &[key(KeyCode::Backspace), letter('h'), key(KeyCode::Left)],
        "back",
        "Go back: one pane, one prefix up, or from requests to their group.",
        ANYWHERE,
        3,
    ),
    row(Action::Mark, &[letter(' ')], "mark", "Mark the row, or take the mark away.", ROWS, 4),
    row(Action::MarkAll, &[letter('*')], "mark all", "Mark every row shown, or take all marks away.", ROWS, 0),
    row(
        Action::EditFilter,
        &[letter('/')],
        "filter",
        "Filter the list: words, or `payer:`, `account:`, `region:`, `provider:`; of objects a part of the name, behind `~` letters in their order.",
        LISTS,
        3,
    ),
    row(Action::SortNext, &[letter('s')], "sort", "Sort by the next column.", ROWS, 6),
    row(Action::SortReverse, &[letter('S')], "reverse", "Reverse the order.", ROWS, 0),
    row(
        Action::Refresh,
        &[letter('r')],
        "refresh",
        "Ask the store again: the payer of the bucket or of the marked ones; in the accounts, the list of buckets; of objects, the prefix from its first page on; journal and ledger are read again from this machine.",
        REFRESHED,
        7,
    ),
    row(Action::ReadAll, &[letter('#')], "count payers", "Read the payer of every bucket shown, and count.", BOARD, 0),
    row(Action::RevertPayer, &[letter('U')], "revert", "Set the payer back to what it was before the last verified change.", ANYWHERE, 5),
    row(
        Action::ToggleRequester,
        &[letter('R')],
        "pay",
        "Pay as this account for requests in this bucket: asks first, for this session or for good; again takes it back.",
        BUCKET_OR_OBJECTS,
        5,
    ),
    row(
        Action::Probe,
        &[letter('b')],
        "probe",
        "Prove who pays for the bucket: unsigned, signed, and, if you agree, signed with the payer header; says first what it sends.",
        BUCKET_OR_OBJECTS,
        0,
    ),
    row(Action::ShowReport, &[letter('L')], "report", "Show the progress or the report of the last plan again.", BUCKET, 0),
    row(
        Action::OpenBucket,
        &[letter('o')],
        "open by name",
        "Open a bucket of someone else by its name, or a prefix in it.",
        &[Place::Accounts, Place::Board, Place::Objects],
        8,
    ),
    row(
        Action::JumpTo,
        &[letter('J')],
        "jump",
        "Go to a prefix (a text that ends in `/`), or to the keys behind any other text; Tab completes.",
        OBJECTS,
        9,
    ),
    row(
        Action::Inspect,
        &[letter('i')],
        "details",
        "Show everything known of the bucket, account or change; on an error, why, the next step and the evidence; of an object, ask for its headers, again for tags, permissions and versions; of a row that is gone, for its versions, to bring it back.",
        ANYWHERE,
        0,
    ),
    row(Action::Preview, &[letter('v')], "preview", "Look at the first 64 KiB of the object: text, table, picture or bytes.", OBJECTS, 2),
    row(Action::Download, &[letter('d')], "download", "Download the object or prefix under the cursor, or what is marked.", OBJECTS, 3),
    row(Action::Upload, &[letter('u')], "upload", "Upload files and folders to the prefix that is shown.", OBJECTS, 4),
    row(Action::CopyObjects, &[letter('c')], "copy to", "Copy or move to another key, bucket or account.", OBJECTS, 5),
    row(
        Action::DeleteObjects,
        &[letter('x')],
        "delete",
        "Delete the object or prefix under the cursor, or what is marked: always asks.",
        OBJECTS,
        6,
    ),
    row(Action::Link, &[letter('P')], "link", "Make a presigned link, with the payer in it.", OBJECTS, 0),
    row(
        Action::CopyText,
        &[letter('y')],
        "copy",
        "Copy the address, or what `aws`, `ossutil` or Terraform would be told to do the same; of a request in the ledger, its id.",
        COPIED,
        0,
    ),
    row(Action::ShowBuckets, &[letter('1')], "buckets", "Screen 1: the payer board of all accounts.", ANYWHERE, 6),
    row(
        Action::ShowTransfers,
        &[letter('3')],
        "transfers",
        "Screen 3: what moves or removes objects, how far it is, and who pays.",
        ANYWHERE,
        9,
    ),
    row(Action::PauseTransfer, &[letter(' ')], "pause, go on", "Pause the transfer, or let it go on.", TRANSFERS, 1),
    row(
        Action::CancelTransfer,
        &[letter('x')],
        "cancel",
        "Cancel the transfer: asks whether to keep it for resuming or to give it up.",
        TRANSFERS,
        2,
    ),
    row(
        Action::RetryTransfer,
        &[letter('r')],
        "retry",
        "Try again what failed in a transfer that ended, or go on with an unfinished one.",
        TRANSFERS,
        3,
    ),
    row(Action::MoveEarlier, &[letter('K'), letter('<')], "earlier", "Move the transfer up in the queue.", TRANSFERS, 6),
    row(Action::MoveLater, &[letter('J'), letter('>')], "later", "Move the transfer down in the queue.", TRANSFERS, 7),
    row(Action::MoreAtOnce, &[letter('+')], "more at once", "Run one more transfer at a time, at most eight.", TRANSFERS, 0),
    row(Action::FewerAtOnce, &[letter('-')], "fewer at once", "Run one transfer fewer at a time, at least one.", TRANSFERS, 0),
    row(Action::LimitBandwidth, &[letter('w')], "bandwidth", "Limit the bytes a second of all transfers together.", TRANSFERS, 5),
    row(Action::ClearEnded, &[letter('C')], "clear", "Clear ended transfers off the list.", TRANSFERS, 8),
    row(
        Action::ShowUploads,
        &[letter('M')],
        "unfinished uploads",
        "List the bucket's unfinished multipart uploads, which are billed, and abort them.",
        BUCKET_OR_OBJECTS,
        0,
    ),
    row(
        Action::ShowLedger,
        &[letter('4')],
        "ledger",
        "Screen 4: what was sent, to whom, what it cost about, and who was charged; down to single requests.",
        ANYWHERE,
        10,
    ),
    row(
        Action::NextGroup,
        &[key(KeyCode::Tab)],
        "next grouping",
        "Ledger: by day, by account, by bucket, by operation; from details, back to the list.",
        LEDGER,
        1,
    ),
    row(Action::PreviousGroup, &[key(KeyCode::BackTab)], "previous grouping", "Ledger: the groupings the other way round.", LEDGER, 0),
    row(Action::LongerReach, &[letter('t')], "time", "Ledger: look further back: today, 7 days, 30 days, all.", LEDGER, 4),
    row(Action::ShorterReach, &[letter('T')], "less time", "Ledger: look less far back.", LEDGER, 0),
    row(Action::NextMeasure, &[letter('m')], "measure", "Ledger: chart and bars show money, bytes or requests.", LEDGER, 5),
    row(Action::ShowObjects, &[letter('2')], "objects", "Screen 2: the keys of a bucket, as they were left.", ANYWHERE, 0),
    row(Action::ShowJournal, &[letter('5')], "journal", "Screen 5: every change of a payer, and how it ended.", ANYWHERE, 10),
    row(Action::ShowPalette, &[letter(':')], "palette", "Find an action by its name.", ANYWHERE, 0),
    row(Action::ShowHelp, &[letter('?'), key(KeyCode::Function(1))], "help", "Show all keys.", ANYWHERE, 11),
    row(Action::MoveDown, &[key(KeyCode::Down), letter('j')], "down", "Move down one line.", ANYWHERE, 0),
    row(Action::MoveUp, &[key(KeyCode::Up), letter('k')], "up", "Move up one line.", ANYWHERE, 0),
    row(Action::PageDown, &[key(KeyCode::PageDown), control('d')], "page down", "Move down one page.", ANYWHERE, 0),
    row(Action::PageUp, &[key(KeyCode::PageUp), control('u')], "page up", "Move up one page.", ANYWHERE, 0),
    row(Action::GoTop, &[letter('g'), key(KeyCode::Home)], "first", "Go to the first line.", ANYWHERE, 0),
    row(
        Action::GoBottom,
        &[letter('G'), key(KeyCode::End)],
        "last",
        "Go to the last line; of objects, read all that is left (asks at a hundred pages).",
        ANYWHERE,
        0,
    ),
    row(Action::NextPane, &[key(KeyCode::Tab)], "pane", "Go to the next pane.", PANES, 9),
    row(Action::PreviousPane, &[key(KeyCode::BackTab)], "previous pane", "Go to the previous pane.", PANES, 0),
    row(Action::Suspend, &[control('z')], "suspend", "Give the terminal back; `fg` returns. Waiting changes are called off.", ANYWHERE, 0),
    row(Action::Quit, &[letter('q'), control('c')], "quit", "Leave. Asks while changes or transfers run.", ANYWHERE, 12),
];

/// The action that a key has in a place.
pub fn find(key: Key, place: Place) -> Option<Action> {
    TABLE.iter().find(|entry| entry.places.contains(&place) && entry.keys.contains(&key)).map(|entry| entry.action)
}

/// The row of an action; every action has one, which a test proves.
pub fn entry(action: Action) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.action == action)
}

/// A key as footer, help and README write it.
pub fn key_name(key: Key) -> String {
    let name = match key.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(c) if key.ctrl => c.to_ascii_uppercase().to_string(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "Enter".to_owned(),
        KeyCode::Esc => "Esc".to_owned(),
        KeyCode::Backspace => "Backspace".to_owned(),
        KeyCode::Delete => "Delete".to_owned(),
        KeyCode::Tab => "Tab".to_owned(),
        KeyCode::BackTab => "Shift-Tab".to_owned(),
        KeyCode::Up => "Up".to_owned(),
        KeyCode::Down => "Down".to_owned(),
        KeyCode::Left => "Left".to_owned(),
        KeyCode::Right => "Right".to_owned(),
        KeyCode::PageUp => "PgUp".to_owned(),
        KeyCode::PageDown => "PgDn".to_owned(),
        KeyCode::Home => "Home".to_owned(),
        KeyCode::End => "End".to_owned(),
        KeyCode::Function(n) => format!("F{n}"),
    };
    match (key.ctrl, key.alt) {
        (true, _) => format!("Ctrl-{name}"),
        (false, true) => format!("Alt-{name}"),
        (false, false) => name,
    }
}

/// All keys of a row, as help and README write them.
pub fn key_names(entry: &Entry) -> String {
    entry.keys.iter().map(|key| key_name(*key)).collect::<Vec<_>>().join(" ")
}

/// The table of keys as the README prints it.
pub fn markdown() -> String {
    let mut text = String::from("| key | does |\n|---|---|\n");
    for entry in TABLE {
        let keys = entry.keys.iter().map(|key| format!("`{}`", key_name(*key))).collect::<Vec<_>>().join(" ");
        text.push_str(&format!("| {keys} | {} |\n", entry.help));
    }
    text
}

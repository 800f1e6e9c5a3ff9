//! What happens next: `update(&mut Model, now, Msg) -> Vec<Effect>`.
//!
//! Comes in: facts ([`Msg`]). Goes out: orders ([`Effect`]), which `runtime` carries out and answers with facts. It never waits,
//! reads a clock or draws. Forbidden here: tokio, ratatui, crossterm, wire.

pub mod action;

mod accounts;
mod acts;
mod alarms;
pub(crate) mod bill;
mod board;
mod budget;
mod change;
mod consent;
mod copy;
mod diagnosis;
mod dialog;
mod ending;
mod equivalent;
pub(crate) mod estimate;
mod field;
mod filter;
mod filter_line;
mod journal;
mod keys;
mod layout;
mod ledger;
mod model;
mod mouse;
mod objects;
mod order;
mod palette;
mod plan;
mod preflight;
mod probe;
mod reading;
mod rows;
mod start;
mod status;
mod toll;
mod transfers;
mod update;

pub use copy::Clip;
pub use model::Model;
pub use transfers::{EntryId, enqueue};
pub use update::update;

// What `ui` looks at. Nothing outside these two rooms needs it.
pub(crate) use accounts::{AccountState, IdentityState, ListState};
pub(crate) use acts::confirm::{
    Answer, COUNTED_WITH, Confirm, Stage, Verb, buckets as buckets_of_job, provider, sides as sides_of, total as total_of,
};
pub(crate) use acts::form::{Form, Row as FormRow, Value};
pub(crate) use acts::inspect::{Asking as Inspecting, Inspect, cost as inspect_cost, of_selected as inspected};
pub(crate) use acts::linking::{LinkState, Linking};
pub(crate) use acts::picker::{Hidden, Picker, PickerFocus};
pub(crate) use acts::preview::{Found as SearchEnd, Preview, area as preview_area};
pub(crate) use acts::versions::Versions;
pub(crate) use acts::{Act, FormDialog, Purpose, Subject};
pub(crate) use alarms::{badge as alarm_badge, lines as alarm_lines, link_pays};
pub(crate) use bill::{next_request, payer};
pub(crate) use board::{Asked, Row, RowId};
pub(crate) use budget::{
    Question as BudgetQuestion, choices as budget_choices, costs as costs_of, judge, lines as budget_lines, title as budget_title,
};
pub(crate) use change::{Flow, Watch, consequence};
pub(crate) use consent::{Question as ConsentQuestion, lines as consent_lines, of as consent_of, word as consent_word};
pub(crate) use diagnosis::{Examined, asks_again};
pub(crate) use dialog::{Dialog, OpenBucket};
pub(crate) use estimate::{hours as hours_of, hours_at, of_side as estimate_of, side as side_of};
pub(crate) use field::Field;
pub(crate) use journal::JournalState;
pub(crate) use keys::is_useful;
pub(crate) use layout::{Area, Panes};
pub(crate) use ledger::{Fetch, GROUPINGS, LedgerView, Measure, Reach, Requests, State as LedgerReading, is_uncharged};
pub(crate) use model::{ConfigFile, Pane, Phase, Screen, Size, Tone, Welcome};
pub(crate) use objects::jump::Jump;
pub(crate) use objects::pages::{RestQuestion, price as rest_price};
pub(crate) use objects::{Age, Crumb, Listing as KeyListing, Next, Reading, crumbs, name_below};
pub(crate) use order::Column;
pub(crate) use palette::Palette;
pub(crate) use plan::{Confirmation, Plan, PlanState, Rollout, RolloutState};
pub(crate) use preflight::{Brief, MOST_OF_PLAN, Sight, briefs, sight};
pub(crate) use probe::{
    Probed, Probing, Stage as ProbeStage, choices as probe_choices, earlier as proved_earlier, estimate as probe_estimate,
    offered as probe_offer,
};
pub(crate) use start::CHOICES as WELCOME_CHOICES;
pub(crate) use status::{grouped, line as status_line};
pub(crate) use toll::holds;
pub(crate) use transfers::Entry as Transfer;
pub(crate) use transfers::{Asking, Cancelling, End, Found, Question, State, Turn, Uploads, UploadsState};
pub(crate) use transfers::{cancelling, leftovers, limit_text, outcome, remain, sides as sides_of_transfer, total};

pub(crate) use crate::audit::{Change, Outcome};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::alarms::Alarm;
use crate::config::Config;
use crate::domain::probe::{Errand, Proof, Report};
use crate::domain::{
    AccountName, Acting, Amount, BucketId, BucketRecord, By, CallerIdentity, Charged, Error, Inspection, Leaf, Link, LinkAsk, Look, Narrow,
    ObjectKey, Op, PageAsk, Payer, Piece, Place, Result, Sent, Spending, Sum, UploadFound, UploadRef, VersionRow,
};
use crate::preview::{Mode, Shown};
use crate::prices::{Book, Scope, Toll, Verdict};
use crate::transfer::{Arranging, Ending, ItemEnd, Job, JobId, Pick, Progress, Rein, Unfinished};

/// Names one wait. A reply whose ticket is no longer expected changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Names a request that is stopped at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pass(pub u64);

/// A request that would pass a budget: it waits at the door until somebody says yes or no.
#[derive(Clone, Debug, PartialEq)]
pub struct AtDoor {
    /// For the answer.
    pub pass: Pass,
    /// What it asks.
    pub op: Op,
    /// What it costs, and whom.
    pub toll: Toll,
    /// The budget that it would pass, and what that says with all that is under way: more than the model can know.
    pub shut: (Scope, Verdict),
}

/// A fact that reached the program.
pub enum Msg {
    /// A key was pressed (never a release or a repeat of one).
    Key(Key),
    /// Text was pasted (bracketed paste).
    Paste(String),
    /// The mouse did something.
    Mouse(Mouse),
    /// The terminal has this many columns and rows now. Also the first message.
    Resized {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The frame that shows the model's current dialog has reached the terminal. A confirmation counts keys only after it.
    Drawn,
    /// [`Effect::Load`] was done.
    Loaded(Ticket, Result<Loaded>),
    /// One page of [`Effect::ListBuckets`].
    Listed(Ticket, Result<Listing>),
    /// [`Effect::Identify`] was done.
    Identified(Ticket, Result<Identified>),
    /// [`Effect::ReadPayer`] was done.
    PayerRead(Ticket, Result<PayerFact>),
    /// [`Effect::LookAtBucket`]: what was seen so far. The last one has no answers open.
    BucketSeen(Ticket, Look),
    /// [`Effect::ChangePayer`]: the store accepted the PUT; it is being read back.
    PayerAccepted(Ticket),
    /// [`Effect::ChangePayer`] has ended, well or not; the journal has its line.
    PayerChanged(Ticket, Changed),
    /// [`Effect::ReadJournal`] was done; newest first.
    JournalRead(Ticket, Result<Vec<Change>>),
    /// [`Effect::ReadLedger`] was done.
    LedgerRead(Ticket, Result<Vec<Sum>>),
    /// [`Effect::ReadRequests`] was done: each with its number in the ledger, newest first.
    RequestsRead(Ticket, Result<Vec<(i64, Sent)>>),
    /// [`Effect::Wait`] is over.
    Elapsed(Ticket),
    /// [`Effect::WriteConfig`] was done: the file's path.
    ConfigWritten(Ticket, Result<String>),
    /// What this session has asked of stores and STS so far, retries included, and what it cost.
    Spent(Spending),
    /// One page of [`Effect::ListObjects`]; another follows if it has a token and more were ordered.
    PageListed(Ticket, Result<PageFact>),
    /// [`Effect::Arrange`] was done: row numbers in their new order.
    Arranged(Ticket, Vec<u32>),
    /// [`Effect::ListVersions`] was done.
    VersionsListed(Ticket, Result<Vec<VersionRow>>),
    /// [`Effect::InspectObject`] was done.
    Inspected(Ticket, Result<Inspection>),
    /// [`Effect::Preview`] was done.
    Previewed(Ticket, Result<Previewed>),
    /// [`Effect::LookAgain`] was done.
    Looked(Ticket, Box<Shown>),
    /// [`Effect::ReadFolder`] was done.
    FolderRead(Ticket, Result<Folder>),
    /// [`Effect::Probe`] was done.
    Probed(Ticket, Result<Report>),
    /// [`Effect::Presign`] was done.
    Presigned(Ticket, Result<Link>),
    /// [`Effect::RunJob`] has its number in the state database.
    JobBegun(Ticket, JobId),
    /// How far the job of [`Effect::RunJob`] is: a few times in a second while it moves.
    JobMoved(Ticket, Progress),
    /// One object of it has ended.
    JobItem(Ticket, ItemEnd),
    /// Keys that belong to it, behind those that were named before: the first ones, before anything is done with them.
    JobNamed(Ticket, Vec<String>),
    /// Keys that it has removed since it last said so. Of very many at once some are missing; its counts have all.
    JobTook(Ticket, Vec<String>),
    /// It has ended.
    JobEnded(Ticket, Progress, Ending),
    /// [`Effect::GiveUpJob`] was done: what was under way is aborted and removed.
    JobGivenUp(Ticket, Result<()>),
    /// [`Effect::ListUploads`] was done.
    UploadsListed(Ticket, Result<Vec<UploadFound>>),
    /// [`Effect::AbortUploads`] was done: the uploads that could not be aborted, with the reason.
    UploadsAborted(Ticket, Vec<(UploadRef, Error)>),
    /// A request of something that is under way is stopped at the door. Answer: [`Effect::LetPass`] or [`Effect::TurnBack`].
    StoppedAtDoor(AtDoor),
    /// Nobody waits for its answer any more.
    LeftDoor(Pass),
    /// Something that the user should know happened outside any wait (a dead task, a corrected clock, a lost journal).
    Notice(Error),
    /// Something about who pays that the user should know, or that it is over.
    Alarm(Alarm),
    /// The process was asked to end from outside (SIGTERM), or the terminal is gone.
    Terminate,
}

/// What the program starts with.
pub struct Loaded {
    /// The config, from the file, from found profiles, or of the demo.
    pub config: Config,
    /// Where it came from.
    pub origin: Origin,
    /// For each account in the config's order: where its credentials come from, for people.
    pub credential_origins: Vec<String>,
    /// For which buckets the user has consented to be billed, until it is taken back.
    pub consents: Vec<BucketId>,
    /// Names of alarms that somebody has looked at.
    pub looked: Vec<String>,
    /// What probes of earlier sessions proved, and still holds.
    pub proofs: Vec<(BucketId, Proof)>,
    /// Jobs that an earlier start has left unfinished.
    pub unfinished: Vec<Unfinished>,
    /// The user's own prices, which stand in front of the shipped ones.
    pub own_prices: Option<Arc<Book>>,
}

/// One page of keys.
#[derive(Clone, Debug)]
pub struct PageFact {
    /// The rows.
    pub leaf: Arc<Leaf>,
    /// Who was charged, as far as the store says.
    pub charged: Charged,
    /// When it came.
    pub at: Timestamp,
}

/// A piece of an object, and what it turned out to be. Finding that out is work for a thread of its own: it is done before this.
#[derive(Clone, Debug)]
pub struct Previewed {
    /// The bytes: those that were asked for, behind those that they continue.
    pub piece: Arc<Piece>,
    /// What can be drawn.
    pub shown: Box<Shown>,
}

/// What a local folder holds, for the file picker.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Where it is, absolute; `~` is resolved.
    pub path: PathBuf,
    /// Whether it is there.
    pub presence: Presence,
    /// Its entries: folders first, each kind by name.
    pub entries: Vec<FolderEntry>,
    /// How many entries were left out: names that are not UTF-8, and those beyond a bound.
    pub left_out: u64,
}

/// Whether a local folder is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    There,
    /// Nothing has this name.
    Missing,
}

/// How much of an object is read for a preview, and how it is looked at.
#[derive(Clone, Debug)]
pub struct PreviewAsk {
    /// The first byte.
    pub offset: u64,
    /// How many bytes, at most.
    pub length: u64,
    /// How they are shown.
    pub mode: Mode,
    /// What was read before and ends at the offset: both are looked at as one. `None`: the piece stands for itself.
    pub behind: Option<Arc<Piece>>,
}

impl PartialEq for PreviewAsk {
    /// By what is asked of the store.
    fn eq(&self, other: &Self) -> bool {
        (self.offset, self.length, self.mode) == (other.offset, other.length, other.mode)
    }
}

/// One entry of a local folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name; what is not UTF-8 is left out.
    pub name: String,
    /// Whether it can be opened.
    pub kind: EntryKind,
    /// Its size in bytes; 0 for folders.
    pub size: u64,
}

/// What an entry of a local folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// Anything else: it cannot be uploaded.
    Other,
}

/// Where the accounts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A config file; its path as shown.
    File(String),
    /// No config file, but profiles or environment variables of other tools.
    Found,
    /// The embedded store.
    Demo,
    /// Nothing at all: the welcome leads to the demo or to `config init`. Holds the path where a config would stand.
    Nothing(String),
}

/// One page of an account's buckets.
pub struct Listing {
    /// The page's buckets, in the store's order.
    pub buckets: Vec<BucketRecord>,
    /// Whether another page follows under the same ticket.
    pub more: bool,
    /// When it came.
    pub at: Timestamp,
}

/// Who an account's keys belong to.
#[derive(Clone, Debug)]
pub struct Identified {
    /// STS's answer; `None`: the store has no STS, or the account is anonymous.
    pub identity: Option<CallerIdentity>,
    /// The shortened key id; `None` for anonymous.
    pub key_id: Option<String>,
}

/// What a store answered to GetBucketRequestPayment.
#[derive(Clone, Debug)]
pub struct PayerFact {
    /// The payer.
    pub payer: Payer,
    /// When it was read.
    pub at: Timestamp,
    /// The region in which the bucket was found, if the answer taught us.
    pub region: Option<String>,
    /// The request id.
    pub request_id: Option<String>,
}

/// How a change ended.
pub struct Changed {
    /// How.
    pub outcome: Outcome,
    /// What the store answered at the last reading.
    pub after: Option<PayerFact>,
    /// The request id of the PUT.
    pub request_id: Option<String>,
    /// Why, unless verified.
    pub error: Option<Error>,
}

/// An order to `runtime`.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read the config, or what other tools left, or start the demo. Answer: [`Msg::Loaded`].
    Load(Ticket, Start),
    /// All pages of an account's buckets. Answers: [`Msg::Listed`] until `more` is false.
    ListBuckets(Ticket, AccountName),
    /// Whose keys an account has. Answer: [`Msg::Identified`].
    Identify(Ticket, AccountName),
    /// GetBucketRequestPayment, once. Answer: [`Msg::PayerRead`].
    ReadPayer(Ticket, Place),
    /// Ask for the settings of a bucket that a change of its payer may break. Answers: [`Msg::BucketSeen`], until none is open.
    LookAtBucket(Ticket, Place),
    /// Journal the intent, PUT, read back until the store agrees or gives up, journal the outcome.
    /// Answers: [`Msg::PayerAccepted`], [`Msg::PayerChanged`].
    ChangePayer(Ticket, PayerChange),
    /// The change under this ticket is no longer read back: it ends with what was read until now.
    StopWatching(Ticket),
    /// The newest lines of the journal. Answer: [`Msg::JournalRead`].
    ReadJournal(Ticket, usize),
    /// Lines of the ledger, summed up. Answer: [`Msg::LedgerRead`].
    ReadLedger {
        /// For the answer.
        ticket: Ticket,
        /// Which requests are meant.
        narrow: Narrow,
        /// One line for each of these.
        by: By,
    },
    /// Single requests of the ledger. Answer: [`Msg::RequestsRead`]; fewer than `limit` are the last ones.
    ReadRequests {
        /// For the answer.
        ticket: Ticket,
        /// Which requests are meant.
        narrow: Narrow,
        /// Only those older than the one with this number.
        before: Option<i64>,
        /// How many, at most.
        limit: usize,
    },
    /// Pages of keys, one after the other, at most so many. Answers: [`Msg::PageListed`].
    ListObjects(Ticket, Acting, PageAsk, u64),
    /// Filter and sort rows beside the event loop: the leaves, the number of the first row, the wish. Answer: [`Msg::Arranged`].
    Arrange(Ticket, Vec<Arc<Leaf>>, u32, Arranging),
    /// Keep the user's consent for a bucket until it is taken back.
    KeepConsent(BucketId),
    /// Take a kept consent back.
    ForgetConsent(BucketId),
    /// Remember that the alarm of this name was looked at.
    Remember(String),
    /// Versions and delete markers of one key, newest first. Answer: [`Msg::VersionsListed`].
    ListVersions(Ticket, Acting, ObjectKey),
    /// The headers of one object, and with [`Beside`](crate::domain::Beside) what lies beside them. Answer: [`Msg::Inspected`].
    InspectObject(Ticket, Acting, Pick, Thorough),
    /// A piece of one object, with one request. Answer: [`Msg::Previewed`].
    Preview(Ticket, Acting, Pick, PreviewAsk),
    /// Look at a piece that is here in another way: no request. Answer: [`Msg::Looked`].
    LookAgain(Ticket, ObjectKey, Looking),
    /// What a local folder holds; `~` stands for the home folder. A folder that is not there is an answer, too.
    /// Answer: [`Msg::FolderRead`].
    ReadFolder(Ticket, PathBuf),
    /// Prove who pays for a bucket, on the word that the errand carries. Answer: [`Msg::Probed`].
    Probe(Ticket, Errand),
    /// A presigned link. Answer: [`Msg::Presigned`].
    Presign(Ticket, Acting, LinkAsk),
    /// Do a job; or go on with one of an earlier start. Answers: [`Msg::JobBegun`], [`Msg::JobMoved`], [`Msg::JobItem`], [`Msg::JobEnded`].
    RunJob(Ticket, Job, Option<JobId>, Begin),
    /// Write a job down that has not begun, so that the next start offers it.
    KeepJob(Job),
    /// Pause, go on with, or end the job of this ticket.
    Rein(Ticket, Rein),
    /// At most so many bytes in a second for all jobs together; `None`: as fast as it goes.
    LimitBandwidth(Option<u64>),
    /// Abort and remove what an unfinished job of an earlier start has under way. Answer: [`Msg::JobGivenUp`].
    GiveUpJob(Ticket, JobId),
    /// Unfinished multipart uploads below a prefix, each with its parts. Answer: [`Msg::UploadsListed`].
    ListUploads(Ticket, Acting, String),
    /// Abort multipart uploads. Answer: [`Msg::UploadsAborted`].
    AbortUploads(Ticket, Acting, Vec<UploadRef>),
    /// Let a request leave that is stopped at the door.
    LetPass(AtDoor),
    /// It does not leave, for this reason: whatever it belongs to fails.
    TurnBack(Pass, String),
    /// The limit of a budget is this from now on, if it was lower.
    RaiseBudget(Scope, Amount),
    /// Answer with [`Msg::Elapsed`] after this long.
    Wait(Ticket, Duration),
    /// Stop working on a ticket; no answer is expected any more.
    Cancel(Ticket),
    /// Write the commented default config if no file stands there. Answer: [`Msg::ConfigWritten`].
    WriteConfig(Ticket),
    /// Put a text on the clipboard (OSC 52).
    Copy(Clip),
    /// Give the terminal back and stop the process (Ctrl-Z).
    Suspend,
    /// Leave, once every change under way has its journal line.
    Quit,
}

/// A piece, and how it is to be looked at.
#[derive(Clone, Debug)]
pub struct Looking {
    /// The bytes.
    pub piece: Arc<Piece>,
    /// How.
    pub mode: Mode,
}

impl PartialEq for Looking {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.piece, &other.piece) && self.mode == other.mode
    }
}

/// How much is asked of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thorough {
    /// Its headers: one request.
    Headers,
    /// Tags, permissions, versions and attributes besides: up to four requests more.
    Everything,
}

/// How a job begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// It acts at once.
    AtOnce,
    /// It finds out what belongs to it, and waits for [`Rein::Go`] before it moves or removes anything.
    AfterPlan,
}

/// What to start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The config file, else what is found.
    Config,
    /// The embedded store.
    Demo,
}

/// One change of a payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayerChange {
    /// Where.
    pub place: Place,
    /// What the store answered before, if it was read.
    pub before: Option<Payer>,
    /// What is asked for.
    pub to: Payer,
    /// Whom the keys belong to, for the journal.
    pub identity: Option<String>,
}

/// A key with its modifiers; `runtime` translates from the terminal's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Ctrl was held.
    pub ctrl: bool,
    /// Alt was held.
    pub alt: bool,
}

/// Which key. Shift is in the character itself (`G`), except for [`KeyCode::BackTab`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the keys' own")]
pub enum KeyCode {
    Char(char),
    Enter,
    Esc,
    Backspace,
    Delete,
    Tab,
    BackTab,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Function(u8),
}

/// What the mouse did, in cells from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub kind: MouseKind,
    /// Column.
    pub column: u16,
    /// Row.
    pub row: u16,
}

/// Kinds of mouse events that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Click,
    /// One notch up.
    ScrollUp,
    /// One notch down.
    ScrollDown,
}

//! Everything the console knows. `update` changes it, `ui` looks at it.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::Settings;
use crate::domain::probe::Proof;
use crate::domain::{BucketId, Error, Target};
use crate::prices::{Purses, Shelf};

use super::accounts::AccountState;
use super::action::Place;
use super::acts::Acts;
use super::alarms::Alarms;
use super::board::{Board, RowId};
use super::change::Flow;
use super::consent::Words;
use super::dialog::Dialog;
use super::ending::Undo;
use super::field::Field;
use super::journal::JournalView;
use super::layout::{Panes, list_lines};
use super::ledger::LedgerView;
use super::objects::Objects;
use super::plan::Rollout;
use super::preflight::Sights;
use super::probe::Probes;
use super::reading::Reads;
use super::toll::Tolls;
use super::transfers::{EntryId, Transfers};
use super::{Origin, Start, Ticket};

/// The console's state.
pub struct Model {
    pub(crate) start: Start,
    /// The bucket that the command line asked for, until it is on the board.
    pub(crate) target: Option<Target>,
    /// In which displayed times are.
    pub(crate) zone: TimeZone,
    /// The time of the current message.
    pub(crate) now: Timestamp,
    pub(crate) size: Size,
    pub(crate) phase: Phase,
    pub(crate) origin: Option<Origin>,
    pub(crate) settings: Settings,
    pub(crate) warnings: Vec<String>,
    pub(crate) accounts: Vec<AccountState>,
    pub(crate) board: Board,
    pub(crate) objects: Objects,
    /// For which buckets the user has said yes or no to paying.
    pub(crate) words: Words,
    pub(crate) journal: JournalView,
    pub(crate) ledger: LedgerView,
    pub(crate) transfers: Transfers,
    pub(crate) acts: Acts,
    pub(crate) alarms: Alarms,
    pub(crate) screen: Screen,
    pub(crate) focus: Pane,
    /// Whose details are shown: the account's or the list's line.
    pub(crate) subject: Pane,
    pub(crate) details_top: u16,
    pub(crate) dialog: Option<Dialog>,
    /// Which page of the open dialog's text is shown, where it has more than fits: counted on and on, the view begins again after the last.
    pub(crate) dialog_page: i32,
    /// The filter line while it is edited.
    pub(crate) editing: Option<Field>,
    pub(crate) status: Option<Status>,
    /// Changes that wait or are under way, by bucket: never two for one.
    pub(crate) flows: BTreeMap<RowId, Flow>,
    pub(crate) undo: Vec<Undo>,
    pub(crate) rollout: Option<Rollout>,
    pub(crate) reads: Reads,
    pub(crate) sights: Sights,
    /// What probes proved in this session.
    pub(crate) probes: Probes,
    /// What probes of earlier sessions proved.
    pub(crate) proofs: HashMap<BucketId, Proof>,
    /// What this session asked of stores, and what it cost, as runtime counts it.
    pub(crate) spent: crate::domain::Spending,
    /// What requests cost.
    pub(crate) prices: Shelf,
    /// What may be spent in this session, and what was.
    pub(crate) purses: Purses,
    /// Single requests that the budgets hold back.
    pub(crate) tolls: Tolls,
    pub(crate) waits: HashMap<Ticket, Wait>,
    pub(crate) leaving: bool,
    tickets: u64,
    generation: u64,
    drawn: u64,
}

/// How far the start is.
#[derive(Debug)]
pub(crate) enum Phase {
    /// The terminal's size is not known yet.
    Blank,
    /// The config is being read; the frame is drawn already.
    Starting,
    /// No config, nothing found.
    Welcome(Welcome),
    /// The config could not be used.
    Broken(Error),
    /// Accounts are there.
    Ready,
}

/// The first screen of a machine without config.
#[derive(Debug)]
pub(crate) struct Welcome {
    /// Where a config would stand.
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) file: ConfigFile,
}

/// What stands at the welcome's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConfigFile {
    Missing,
    /// As `config init` writes it: comments, and no account yet.
    WithoutAccounts,
}

/// The terminal's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u16,
    pub(crate) height: u16,
}

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    Buckets,
    Objects,
    Transfers,
    Ledger,
    Journal,
}

/// A pane of a screen; the list is the board, the keys or the journal's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    Accounts,
    List,
    Details,
}

/// What the status line says, and how it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

/// How a text is meant; shown by a word or sign and by colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Warning,
    Bad,
}

/// What a ticket waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Load,
    List(usize),
    Identify(usize),
    Payer(RowId),
    Grace(RowId),
    Change(RowId),
    /// The look at a bucket before a change.
    Look(RowId),
    Journal,
    /// Groups of the ledger.
    Sums,
    /// Days of the ledger, for its chart.
    Days,
    /// Single requests of the ledger.
    Requests,
    WriteConfig,
    /// A job that runs.
    Job(EntryId),
    /// A kept job that is given up.
    GiveUp(EntryId),
    Uploads,
    /// So many uploads being aborted.
    AbortUploads(usize),
    /// What is asked of one object.
    Inspect,
    /// The versions of one key.
    Versions,
    /// A piece of an object, or another look at it.
    Preview,
    /// A local folder.
    Folder,
    /// A presigned link.
    Link,
    /// A probe of a bucket.
    Probe(RowId),
    /// Pages of keys.
    Keys,
    /// Sort and filter.
    Arrange,
    /// The pause between two arrangings.
    Rearrange,
}

impl Model {
    /// A console that starts with this. The first message is [`super::Msg::Resized`]; it orders the load.
    pub fn new(start: Start, zone: TimeZone) -> Self {
        Self {
            start,
            target: None,
            zone,
            now: Timestamp::UNIX_EPOCH,
            size: Size::default(),
            phase: Phase::Blank,
            origin: None,
            settings: Settings::default(),
            warnings: Vec::new(),
            accounts: Vec::new(),
            board: Board::default(),
            objects: Objects::default(),
            words: Words::default(),
            journal: JournalView::default(),
            ledger: LedgerView::default(),
            transfers: Transfers::default(),
            acts: Acts::default(),
            alarms: Alarms::default(),
            screen: Screen::Buckets,
            focus: Pane::List,
            subject: Pane::List,
            details_top: 0,
            dialog: None,
            dialog_page: 0,
            editing: None,
            status: None,
            flows: BTreeMap::new(),
            undo: Vec::new(),
            rollout: None,
            reads: Reads::default(),
            sights: Sights::default(),
            probes: Probes::default(),
            proofs: HashMap::new(),
            spent: crate::domain::Spending::default(),
            prices: Shelf::default(),
            purses: Purses::default(),
            tolls: Tolls::default(),
            waits: HashMap::new(),
            leaving: false,
            tickets: 0,
            generation: 0,
            drawn: 0,
        }
    }

    /// Opens with the cursor on this bucket (the command line's TARGET).
    #[must_use]
    pub fn opening(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Shows times in this zone from now on.
    pub fn use_zone(&mut self, zone: TimeZone) {
        self.zone = zone;
    }

    /// Counts the messages that may have changed what is seen.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether something changed since [`super::Msg::Drawn`].
    pub fn dirty(&self) -> bool {
        self.generation != self.drawn
    }

    /// The config's theme, once it is loaded.
    pub fn theme(&self) -> &crate::config::Theme {
        &self.settings.theme
    }

    /// The bucket under the cursor.
    pub fn selected(&self) -> Option<BucketId> {
        self.bucket_id(self.board.selected?)
    }

    /// How many buckets the board shows.
    pub fn shown(&self) -> usize {
        self.board.order.len()
    }

    /// Whether a change waits in sight.
    pub(crate) fn has_countdown(&self) -> bool {
        self.flows.values().any(|flow| !flow.is_under_way())
    }

    pub(crate) fn touch(&mut self) {
        self.generation += 1;
    }

    pub(crate) fn note_drawn(&mut self) {
        self.drawn = self.generation;
    }

    /// A new ticket for a wait.
    pub(crate) fn wait(&mut self, wait: Wait) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.waits.insert(ticket, wait);
        ticket
    }

    pub(crate) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.status = Some(Status { text: text.into(), tone });
    }

    pub(crate) fn panes(&self) -> Option<Panes> {
        Panes::cut(self.size, self.screen, self.focus)
    }

    /// Which keys have a meaning now.
    pub(crate) fn place(&self) -> Place {
        match (self.screen, self.focus, self.subject) {
            // Keys act on what is shown: details of an account or of a journal line are no place to change a bucket.
            (Screen::Journal, _, _) => Place::Journal,
            (Screen::Transfers, _, _) => Place::Transfers,
            (Screen::Ledger, _, _) => Place::Ledger,
            (Screen::Objects, _, _) => Place::Objects,
            (Screen::Buckets, Pane::Accounts, _) | (Screen::Buckets, Pane::Details, Pane::Accounts) => Place::Accounts,
            (Screen::Buckets, Pane::Details, _) => Place::Details,
            (Screen::Buckets, Pane::List, _) => Place::Board,
        }
    }

    /// Whether screen 4 shows single requests.
    pub(crate) fn ledger_has_requests(&self) -> bool {
        self.screen == Screen::Ledger && self.ledger.requests.is_some()
    }

    pub(crate) fn account_of(&self, id: RowId) -> Option<&AccountState> {
        self.accounts.get(usize::from(self.board.row(id)?.account))
    }

    pub(crate) fn bucket_id(&self, id: RowId) -> Option<BucketId> {
        let row = self.board.row(id)?;
        Some(BucketId { account: self.account_of(id)?.name.clone(), bucket: row.name.clone() })
    }

    /// The row of a bucket, if it is on the board.
    pub(crate) fn row_of(&self, bucket: &BucketId) -> Option<RowId> {
        let account = self.accounts.iter().position(|account| account.name == bucket.account)?;
        self.board.find(account, &bucket.bucket)
    }

    /// `ACCOUNT:BUCKET`, as status lines name it.
    pub(crate) fn name_of(&self, id: RowId) -> String {
        self.bucket_id(id).map(|id| id.to_string()).unwrap_or_default()
    }

    /// Everything that `runtime` needs to reach a bucket.
    pub(crate) fn place_of(&self, id: RowId) -> Option<super::Place> {
        let row = self.board.row(id)?;
        let owned = row.ownership == crate::domain::Ownership::Owned;
        let guard = if owned { self.account_of(id)?.account_id.as_ref() } else { row.guard.as_ref() };
        Some(super::Place {
            id: self.bucket_id(id)?,
            region: row.region.as_deref().map(str::to_owned),
            expected_owner: guard.map(|text| text.to_string()),
        })
    }

    /// After the size, the screen or the focus changed: how many lines lists have.
    pub(crate) fn refit(&mut self) {
        // The page of the board does not depend on whether it is hidden behind another single pane.
        let focus = if self.focus == Pane::Accounts { Pane::List } else { self.focus };
        let lists = Panes::cut(self.size, self.screen, focus).and_then(|panes| panes.list);
        if let Some(area) = lists {
            match self.screen {
                Screen::Buckets => self.board.page = usize::from(list_lines(area)),
                Screen::Objects => self.objects.page = usize::from(list_lines(area)),
                Screen::Journal => self.journal.page = usize::from(list_lines(area)),
                Screen::Transfers => self.transfers.page = usize::from(list_lines(area)),
                Screen::Ledger => self.ledger.fit(area.height),
            }
        }
        self.board.keep_in_view();
        self.journal.keep_in_view();
        self.transfers.keep_in_view();
        self.ledger.keep_in_view();
        if let Some(listing) = &mut self.objects.listing {
            listing.keep_in_view(self.objects.page);
        }
    }
}

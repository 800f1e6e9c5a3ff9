//! A console without a runtime: a model, the orders it gave, and a terminal of cells.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal as Screen;
use ratatui::backend::TestBackend;
use whopays::app::{Changed, Effect, Identified, Key, KeyCode, Listing, Loaded, Model, Msg, Origin, PayerFact, Start, Ticket, update};
use whopays::audit::Outcome;
use whopays::config::{Account, Config, ForeignBucket, Source};
use whopays::domain::{
    Access, AccountName, Addressing, Amount, BucketName, BucketRecord, CallerIdentity, Consent, Currency, Error, ErrorKind, Look, Network,
    OssSignature, Ownership, Payer, Provider, Seen, Setting, Site, Spending, StoreAnswer, Tally,
};
use whopays::transfer::Unfinished;
use whopays::ui::{self, Cache, Terminal};

/// 2026-11-20 14:02:11 UTC.
pub(crate) fn noon() -> Timestamp {
    "2026-11-20T14:02:11Z".parse().unwrap()
}

pub(crate) fn account(name: &str, provider: Provider, region: &str) -> Account {
    Account {
        name: AccountName::new(name),
        site: Site {
            provider,
            region: region.to_owned(),
            endpoint: None,
            sts_endpoint: None,
            network: Network::Public,
            addressing: Addressing::Auto,
            signature: OssSignature::V4,
        },
        credentials: Source::Profile(name.to_owned()),
        account_id: None,
        ca_file: None,
        access: Access::Normal,
        budget: None,
        buckets: Vec::new(),
    }
}

pub(crate) fn foreign(name: &str, owner: &str) -> ForeignBucket {
    ForeignBucket {
        name: BucketName::parse(Provider::S3, name).unwrap(),
        region: Some("us-east-1".to_owned()),
        owner_id: Some(owner.to_owned()),
        consent: Consent::Silent,
        budget: None,
    }
}

pub(crate) fn record(name: &str, region: &str) -> BucketRecord {
    BucketRecord {
        name: BucketName::parse(Provider::S3, name).unwrap(),
        region: Some(region.into()),
        created: Some("2024-05-01T10:00:00Z".parse().unwrap()),
        ownership: Ownership::Owned,
        owner: Some("111122223333".into()),
    }
}

pub(crate) fn denied(bucket: &str) -> Error {
    Error::new(ErrorKind::Denied, format!("bucket \"{bucket}\": access denied"))
        .hint("Only the bucket owner may read who pays; ask the owner.")
        .answer(StoreAnswer {
            status: 403,
            code: "AccessDenied".to_owned(),
            message: "Access Denied".to_owned(),
            request_id: Some("7F0A11".to_owned()),
            ..StoreAnswer::default()
        })
}

/// A console under test.
pub(crate) struct Console {
    pub(crate) model: Model,
    pub(crate) now: Timestamp,
    /// Orders that nobody has answered yet.
    pub(crate) orders: Vec<Effect>,
    /// Every order ever given.
    pub(crate) log: Vec<Effect>,
    /// Names of alarms that an earlier session has looked at.
    pub(crate) looked: Vec<String>,
    cache: Cache,
    size: (u16, u16),
}

impl Console {
    /// A console at this size that has ordered its load.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        Self::with(Model::new(Start::Config, TimeZone::UTC), Terminal::default(), width, height)
    }

    pub(crate) fn with(model: Model, terminal: Terminal, width: u16, height: u16) -> Self {
        let mut console = Self {
            model,
            now: noon(),
            orders: Vec::new(),
            log: Vec::new(),
            looked: Vec::new(),
            cache: Cache::new(terminal),
            size: (width, height),
        };
        console.send(Msg::Resized { width, height });
        console
    }

    /// A console with two accounts, whose listings are open.
    pub(crate) fn two_accounts(width: u16, height: u16) -> Self {
        let mut research = account("research", Provider::S3, "us-west-2");
        research.buckets.push(foreign("arxiv", "444455556666"));
        let config = Config { accounts: vec![research, account("lab", Provider::Oss, "cn-hangzhou")], ..Config::default() };
        let mut console = Self::new(width, height);
        console.load(config, Origin::File("/home/ada/config.toml".to_owned()));
        console
    }

    /// A console with a board: three buckets and a foreign one of `research`, one of `lab`, all payers read.
    pub(crate) fn board(width: u16, height: u16) -> Self {
        let mut console = Self::two_accounts(width, height);
        console.list(0, &["colorpictures", "maps", "climate-data"], "us-west-2");
        console.list(1, &["lab-results"], "cn-hangzhou");
        console.answer_reads(|bucket| match bucket {
            "arxiv" => Err(denied("arxiv")),
            "maps" => Ok(Payer::Requester),
            _ => Ok(Payer::BucketOwner),
        });
        console.answer_identify();
        console.send(Msg::Spent(spending(8, "0.0000064")));
        console.draw();
        console
    }

    pub(crate) fn load(&mut self, config: Config, origin: Origin) {
        self.load_with(config, origin, Vec::new());
    }

    pub(crate) fn load_with(&mut self, config: Config, origin: Origin, unfinished: Vec<Unfinished>) {
        let ticket = self.pick(|order| match order {
            Effect::Load(ticket, _) => Some(*ticket),
            _ => None,
        });
        let credential_origins = config.accounts.iter().map(|account| format!("profile {}", account.name)).collect();
        self.send(Msg::Loaded(
            ticket,
            Ok(Loaded {
                config,
                origin,
                credential_origins,
                consents: Vec::new(),
                looked: self.looked.clone(),
                proofs: Vec::new(),
                unfinished,
                own_prices: None,
            }),
        ));
    }

    pub(crate) fn send(&mut self, msg: Msg) -> Vec<Effect> {
        let orders = update(&mut self.model, self.now, msg);
        for order in &orders {
            if let Effect::Cancel(ticket) = order {
                self.orders.retain(|other| ticket_of(other) != Some(*ticket));
            }
        }
        self.orders.extend(orders.iter().filter(|order| ticket_of(order).is_some()).cloned());
        self.log.extend(orders.iter().cloned());
        orders
    }

    /// Takes one open order.
    pub(crate) fn pick<T>(&mut self, wanted: impl Fn(&Effect) -> Option<T>) -> T {
        let at = self.orders.iter().position(|order| wanted(order).is_some()).expect("the order was given");
        wanted(&self.orders.remove(at)).unwrap()
    }

    pub(crate) fn open<T>(&self, wanted: impl Fn(&Effect) -> Option<T>) -> Vec<T> {
        self.orders.iter().filter_map(wanted).collect()
    }

    pub(crate) fn ever<T>(&self, wanted: impl Fn(&Effect) -> Option<T>) -> Vec<T> {
        self.log.iter().filter_map(wanted).collect()
    }

    /// One complete listing of the account with this place in the config.
    pub(crate) fn list(&mut self, account: usize, buckets: &[&str], region: &str) {
        let records = buckets.iter().map(|name| record(name, region)).collect();
        self.page(account, records, Last::Yes);
    }

    pub(crate) fn page(&mut self, account: usize, buckets: Vec<BucketRecord>, last: Last) {
        let name = ["research", "lab"][account];
        let ticket = self.listing(name);
        if last == Last::Yes {
            self.orders.retain(|order| ticket_of(order) != Some(ticket));
        }
        let at = self.now;
        self.send(Msg::Listed(ticket, Ok(Listing { buckets, more: last == Last::No, at })));
    }

    pub(crate) fn listing(&self, account: &str) -> Ticket {
        *self
            .open(|order| match order {
                Effect::ListBuckets(ticket, name) if name.as_str() == account => Some(*ticket),
                _ => None,
            })
            .first()
            .expect("the listing is open")
    }

    pub(crate) fn reads(&self) -> Vec<(Ticket, String)> {
        self.open(|order| match order {
            Effect::ReadPayer(ticket, place) => Some((*ticket, place.id.bucket.to_string())),
            _ => None,
        })
    }

    pub(crate) fn answer_reads(&mut self, answer: impl Fn(&str) -> Result<Payer, Error>) {
        while let Some((ticket, bucket)) = self.reads().first().cloned() {
            self.answer_read(ticket, answer(&bucket));
        }
    }

    pub(crate) fn answer_read(&mut self, ticket: Ticket, answer: Result<Payer, Error>) {
        self.orders.retain(|order| ticket_of(order) != Some(ticket));
        let answer = answer.map(|payer| self.fact(payer));
        self.send(Msg::PayerRead(ticket, answer));
    }

    pub(crate) fn fact(&self, payer: Payer) -> PayerFact {
        PayerFact { payer, at: self.now, region: None, request_id: Some("REQ1".to_owned()) }
    }

    pub(crate) fn answer_identify(&mut self) {
        let asked = self.open(|order| match order {
            Effect::Identify(ticket, name) => Some((*ticket, name.clone())),
            _ => None,
        });
        for (ticket, name) in asked {
            self.orders.retain(|order| ticket_of(order) != Some(ticket));
            let identity = CallerIdentity {
                account_id: "111122223333".to_owned(),
                arn: format!("arn:aws:iam::111122223333:user/{name}"),
                user_id: "AIDA".to_owned(),
            };
            self.send(Msg::Identified(ticket, Ok(Identified { identity: Some(identity), key_id: Some("AKIA…WXYZ".to_owned()) })));
        }
    }

    /// Open changes: ticket, bucket, asked value.
    pub(crate) fn changes(&self) -> Vec<(Ticket, String, String)> {
        self.open(change_of)
    }

    /// Every change that was ever ordered: bucket and value. Names that changes wait for are answered first, so that a change
    /// which was decided shows.
    pub(crate) fn sent(&mut self) -> Vec<(String, String)> {
        self.answer_identify();
        self.sent_so_far()
    }

    /// The same, while names may still be asked.
    pub(crate) fn sent_so_far(&self) -> Vec<(String, String)> {
        self.ever(change_of).into_iter().map(|(_, bucket, to)| (bucket, to)).collect()
    }

    /// Open looks at buckets, in the order of their orders.
    pub(crate) fn looks(&self) -> Vec<(Ticket, String)> {
        self.open(|order| match order {
            Effect::LookAtBucket(ticket, place) => Some((*ticket, place.id.bucket.to_string())),
            _ => None,
        })
    }

    /// Answers the open look at a bucket, with so many settings still to come; the last answer has none.
    pub(crate) fn see_bucket(&mut self, bucket: &str, seen: Vec<(Setting, Seen)>, open: usize) {
        let (ticket, _) = self.looks().into_iter().find(|(_, name)| name == bucket).expect("a look is open");
        if open == 0 {
            self.orders.retain(|order| ticket_of(order) != Some(ticket));
        }
        let (provider, bucket, at) = (Provider::S3, bucket.to_owned(), self.now);
        self.send(Msg::BucketSeen(ticket, Look { provider, bucket, owner: None, seen, open, requests: 8, at }));
    }

    pub(crate) fn end_change(&mut self, outcome: Outcome, after: Option<Payer>, error: Option<Error>) {
        let (ticket, _, _) = self.pick(change_of);
        let after = after.map(|payer| self.fact(payer));
        self.send(Msg::PayerChanged(ticket, Changed { outcome, after, request_id: Some("PUT1".to_owned()), error }));
    }

    /// A second of every open wait.
    pub(crate) fn second(&mut self) {
        self.now += SignedDuration::from_secs(1);
        let waits = self.open(|order| match order {
            // The pause between two arrangings is another wait.
            Effect::Wait(ticket, time) if *time != Duration::from_millis(500) => Some((*ticket, *time)),
            _ => None,
        });
        for (ticket, time) in waits {
            assert_eq!(time, Duration::from_secs(1));
            self.orders.retain(|order| ticket_of(order) != Some(ticket));
            self.send(Msg::Elapsed(ticket));
        }
    }

    pub(crate) fn pass(&mut self, milliseconds: i64) {
        self.now += SignedDuration::from_millis(milliseconds);
    }

    /// Characters as keys; `\n` is Enter, `\t` is Tab.
    pub(crate) fn keys(&mut self, text: &str) {
        for c in text.chars() {
            let code = match c {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                '\u{1b}' => KeyCode::Esc,
                c => KeyCode::Char(c),
            };
            self.press(code);
        }
    }

    pub(crate) fn press(&mut self, code: KeyCode) -> Vec<Effect> {
        self.send(Msg::Key(Key { code, ctrl: false, alt: false }))
    }

    pub(crate) fn control(&mut self, c: char) -> Vec<Effect> {
        self.send(Msg::Key(Key { code: KeyCode::Char(c), ctrl: true, alt: false }))
    }

    /// Draws a frame as runtime would, reports it, and returns what is on the terminal.
    pub(crate) fn draw(&mut self) -> String {
        let mut screen = Screen::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        screen.draw(|frame| ui::draw(&self.model, &mut self.cache, frame)).unwrap();
        let text = text_of(screen.backend().buffer());
        self.send(Msg::Drawn);
        text
    }

    /// A frame that a person has had time to see.
    pub(crate) fn see(&mut self) -> String {
        let text = self.draw();
        self.pass(400);
        text
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
        self.send(Msg::Resized { width, height });
    }

    /// Puts the cursor on a bucket of the board.
    pub(crate) fn go_to(&mut self, bucket: &str) {
        self.press(KeyCode::Home);
        for _ in 0..self.model.shown() {
            if self.model.selected().is_some_and(|id| id.bucket.as_str() == bucket) {
                return;
            }
            self.press(KeyCode::Down);
        }
        panic!("{bucket} is not on the board");
    }
}

/// What a session has cost: so many requests, all of them priced.
pub(crate) fn spending(requests: u64, dollars: &str) -> Spending {
    let cost = vec![(Currency::parse("USD").unwrap(), Amount::parse(dollars).unwrap())];
    Spending { tally: Tally { requests, ..Tally::default() }, cost, unpriced: 0, shares: Vec::new() }
}

/// Whether a page is the last one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    Yes,
    No,
}

pub(crate) fn change_of(order: &Effect) -> Option<(Ticket, String, String)> {
    match order {
        Effect::ChangePayer(ticket, change) => Some((*ticket, change.place.id.bucket.to_string(), change.to.to_string())),
        _ => None,
    }
}

pub(crate) fn ticket_of(order: &Effect) -> Option<Ticket> {
    match order {
        Effect::Load(ticket, _)
        | Effect::ListBuckets(ticket, _)
        | Effect::Identify(ticket, _)
        | Effect::ReadPayer(ticket, _)
        | Effect::ChangePayer(ticket, _)
        | Effect::LookAtBucket(ticket, _)
        | Effect::ReadJournal(ticket, _)
        | Effect::Wait(ticket, _)
        | Effect::ListObjects(ticket, ..)
        | Effect::Arrange(ticket, ..)
        | Effect::InspectObject(ticket, ..)
        | Effect::ListVersions(ticket, ..)
        | Effect::Preview(ticket, ..)
        | Effect::LookAgain(ticket, ..)
        | Effect::ReadFolder(ticket, _)
        | Effect::Probe(ticket, _)
        | Effect::Presign(ticket, ..)
        | Effect::RunJob(ticket, ..)
        | Effect::Rein(ticket, _)
        | Effect::GiveUpJob(ticket, _)
        | Effect::ListUploads(ticket, ..)
        | Effect::AbortUploads(ticket, ..)
        | Effect::WriteConfig(ticket)
        | Effect::ReadLedger { ticket, .. }
        | Effect::ReadRequests { ticket, .. } => Some(*ticket),
        Effect::KeepJob(_)
        | Effect::KeepConsent(_)
        | Effect::ForgetConsent(_)
        | Effect::LimitBandwidth(_)
        | Effect::StopWatching(_)
        | Effect::Cancel(_)
        | Effect::Copy(_)
        | Effect::Suspend
        | Effect::Remember(_)
        | Effect::LetPass(_)
        | Effect::TurnBack(..)
        | Effect::RaiseBudget(..)
        | Effect::Quit => None,
    }
}

pub(crate) fn text_of(buffer: &ratatui::buffer::Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area().height {
        let line: String = (0..buffer.area().width).map(|x| buffer.cell((x, y)).map_or(" ", |cell| cell.symbol())).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

//! One attempt while it is under way: what the ledger keeps of it, and the trace writes.
//!
//! Comes in: a request that is about to leave, what is answered, how many bytes come. Goes out: one [`Sent`] to everyone who
//! listens, when the attempt is over, however it ends: its body was read or dropped, no answer came, or whoever waited for it
//! stopped waiting. Forbidden here: waiting. A listener that has much to do does it elsewhere.

use std::any::Any;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::clock;
use super::http::Pulse;
use super::prices::Prices;
use crate::domain::{Charged, ErrorKind, Kind, Money, Network, Op, PayerSent, Provider, Result, SaidCharged, Sent};
use crate::prices::{Fee, Toll, Where};
use crate::wire::{self, Told, payer};

/// Hears of every attempt that left, once it is over.
pub type Listener = Arc<dyn Fn(&Sent) + Send + Sync>;

/// Says whether a single request may leave, by what it costs. What it gives is kept until the attempt is over and everyone who listens
/// has heard of it. Whoever drops the answer before it is there does not want it any more.
pub type Gate = Arc<dyn Fn(Op, Toll) -> Admission + Send + Sync>;

/// The answer of a gate, which may take as long as a person does.
pub type Admission = Pin<Box<dyn Future<Output = Result<Pledge>> + Send>>;

/// What a gate holds while a request is under way.
pub type Pledge = Box<dyn Any + Send + Sync>;

/// The line of one attempt. Dropping it is the attempt's end.
pub(super) struct Slip {
    sent: Sent,
    billing: Billing,
    up: Pulse,
    leaving: Leaving,
    heading: Arc<Heading>,
    /// Dropped last: what was set aside for the attempt is let go once its cost is told.
    pledge: Option<Pledge>,
}

/// Under what attempts of one kind are told and booked: made once for thousands of them. Not in a cache line with the counter of its
/// handles, which another core may just have changed.
#[repr(align(64))]
pub(super) struct Heading {
    pub(super) kind: Arc<Kind>,
    /// By which of the vendor's prices; `None`: they do not hold at this store.
    network: Option<Network>,
    /// What such an attempt costs where no storage class is named; looked up when the first one is over.
    fee: OnceLock<Fee>,
    accounting: Arc<Accounting>,
}

/// Who hears of every attempt, and by which prices it is booked. In a cache line of its own, for the same reason.
#[derive(Clone, Default)]
#[repr(align(64))]
pub(super) struct Accounting {
    /// With nobody here, nothing is kept of any attempt.
    listeners: Vec<Listener>,
    /// Whether one of them wants what only a trace tells.
    asides: bool,
    /// The prices of requests.
    pub(super) prices: Arc<Prices>,
}

/// How much of an attempt a listener wants to hear.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// What the ledger keeps: a listener may hear more.
    Line,
    /// What a trace tells, too.
    Aside,
}

/// Whether there is anything to tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// It has not begun to leave, or no connection was made.
    Not,
    /// The store may have seen it.
    Perhaps,
}

impl Accounting {
    /// One more hears of every attempt.
    pub(super) fn listen(&mut self, listener: Listener, detail: Detail) {
        self.listeners.push(listener);
        self.asides |= detail == Detail::Aside;
    }

    /// Whether nobody does.
    pub(super) fn is_unheard(&self) -> bool {
        self.listeners.is_empty()
    }

    /// What a trace tells, if there is one: thousands of small requests shall not pay for texts that nobody reads.
    pub(super) fn aside(&self, text: impl FnOnce() -> Option<Arc<str>>) -> Option<Arc<str>> {
        if self.asides { text() } else { None }
    }
}

impl Slip {
    /// For a request that may leave soon. Nothing is told unless it does.
    pub(super) fn new(sent: Sent, billing: Billing, heading: Arc<Heading>) -> Self {
        Self { sent, billing, up: Pulse::default(), leaving: Leaving::Not, heading, pledge: None }
    }

    /// Keeps what a gate gave for it.
    pub(super) fn keep(&mut self, pledge: Option<Pledge>) {
        self.pledge = pledge;
    }

    /// Counts the bytes of its body that leave.
    pub(super) fn pulse(&self) -> Pulse {
        self.up.clone()
    }

    /// It leaves now. If whoever waits for it goes away before a connection stands, it counts all the same: a bill is never shown
    /// smaller than it is.
    pub(super) fn leaves(&mut self) {
        self.leaving = Leaving::Perhaps;
    }

    /// No connection was made: the store has seen nothing, and nobody is billed.
    pub(super) fn never_left(&mut self) {
        self.leaving = Leaving::Not;
    }

    /// The head of its answer.
    pub(super) fn answered(&mut self, status: u16, told: &Told<'_>, request_id: Option<Arc<str>>) {
        let sent = &mut self.sent;
        sent.status = Some(status);
        sent.charged = match told.charged {
            Charged::Yes => SaidCharged::Yes,
            Charged::No => SaidCharged::No,
            Charged::NotSaid => SaidCharged::NotSaid,
        };
        sent.request_id = request_id;
        sent.aside.host_id = self.heading.accounting.aside(|| told.host_id.map(Arc::from));
        if let Some(class) = told.storage {
            self.billing.storage = Some(Box::from(class));
        }
    }

    /// No answer came, or it broke off.
    pub(super) fn failed(&mut self, why: ErrorKind) {
        self.sent.aside.failure = Some(why);
    }

    /// So many bytes of the answer's body came.
    pub(super) fn came(&mut self, bytes: u64) {
        self.sent.down += bytes;
    }
}

impl Drop for Slip {
    fn drop(&mut self) {
        if self.leaving == Leaving::Not {
            return;
        }
        let sent = &mut self.sent;
        sent.up = self.up.count();
        sent.took = milliseconds_since(sent.at);
        sent.cost = self.heading.cost(&self.billing, sent);
        for listener in &self.heading.accounting.listeners {
            listener(&self.sent);
        }
    }
}

impl Heading {
    /// For requests of a kind over this network of the vendor's; `None`: to a store that is not its own.
    pub(super) fn new(kind: Arc<Kind>, network: Option<Network>, accounting: Arc<Accounting>) -> Self {
        Self { kind, network, fee: OnceLock::new(), accounting }
    }

    fn cost(&self, billing: &Billing, sent: &Sent) -> Option<Money> {
        let network = self.network?;
        let place = || Where { provider: self.kind.provider, region: &self.kind.region, network };
        let book = || self.accounting.prices.book();
        match billing {
            Billing { storage: None, taken: None } => self.fee.get_or_init(|| book().fee(&place(), self.kind.class, None)).booked(sent),
            Billing { storage, taken } => {
                let taken = taken.as_ref().map(|(class, bytes)| (&**class, *bytes));
                book().booked(&place(), sent, storage.as_deref(), taken)
            }
        }
    }
}

/// What an attempt's price depends on beside its kind and its outcome.
pub(super) struct Billing {
    /// The storage class that request or answer named.
    storage: Option<Box<str>>,
    /// Of what storage class the store reads how many bytes to carry it out.
    taken: Option<(Box<str>, u64)>,
}

impl Billing {
    /// Of a request.
    pub(super) fn of(provider: Provider, request: &wire::Request) -> Self {
        let header = storage_header(provider);
        let storage = request.headers.iter().find(|(name, _)| name == header).map(|(_, value)| Box::from(&**value));
        Self { storage, taken: None }
    }

    /// The same where the store reads bytes that do not come here.
    pub(super) fn taking(self, taken: Option<(&str, u64)>) -> Self {
        Self { taken: taken.map(|(class, bytes)| (Box::from(class), bytes)), ..self }
    }
}

fn storage_header(provider: Provider) -> &'static str {
    match provider {
        Provider::S3 => "x-amz-storage-class",
        Provider::Oss => "x-oss-storage-class",
    }
}

/// What the request's own headers say of the payer.
pub(super) fn payer_sent(provider: Provider, request: &wire::Request) -> PayerSent {
    let name = payer::header_name(provider);
    if request.headers.iter().any(|(header, _)| header == name) { PayerSent::Yes } else { PayerSent::No }
}

/// A clock that was set back meanwhile gives none.
fn milliseconds_since(begun: Timestamp) -> u64 {
    u64::try_from(clock::now().as_millisecond() - begun.as_millisecond()).unwrap_or(0)
}

//! One attempt while it is under way: what the ledger keeps of it, and the trace writes.
//!
//! Comes in: a request that is about to leave, what is answered, how many bytes come. Goes out: one [`Sent`] to everyone who
//! listens, when the attempt is over, however it ends: its body was read or dropped, no answer came, or whoever waited for it
//! stopped waiting. Forbidden here: waiting. A listener that has much to do does it elsewhere.

use std::any::Any;
use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;

use super::clock;
use super::http::Pulse;
use super::prices::Prices;
use crate::domain::{Charged, ErrorKind, Money, Network, Op, PayerSent, Provider, Result, SaidCharged, Sent};
use crate::prices::{Toll, Where};
use crate::wire::{self, Told, payer};

/// Hears of every attempt that left, once it is over. Who keeps it keeps a handle, and no copy.
pub type Listener = Arc<dyn Fn(&Arc<Sent>) + Send + Sync>;

/// Says whether a single request may leave, by what it costs. What it gives is kept until the attempt is over and everyone who listens
/// has heard of it. Whoever drops the answer before it is there does not want it any more.
pub type Gate = Arc<dyn Fn(Op, Toll) -> Admission + Send + Sync>;

/// The answer of a gate, which may take as long as a person does.
pub type Admission = Pin<Box<dyn Future<Output = Result<Pledge>> + Send>>;

/// What a gate holds while a request is under way.
pub type Pledge = Box<dyn Any + Send + Sync>;

/// The line of one attempt. Dropping it is the attempt's end.
pub(super) struct Slip {
    /// Nobody else has it before the end.
    sent: Arc<Sent>,
    billing: Billing,
    up: Pulse,
    leaving: Leaving,
    listeners: Arc<[Listener]>,
    /// Dropped last: what was set aside for the attempt is let go once its cost is told.
    pledge: Option<Pledge>,
}

/// Whether there is anything to tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// It has not begun to leave, or no connection was made.
    Not,
    /// The store may have seen it.
    Perhaps,
}

impl Slip {
    /// For a request that may leave soon. Nothing is told unless it does.
    pub(super) fn new(sent: Sent, billing: Billing, listeners: Arc<[Listener]>) -> Self {
        Self { sent: Arc::new(sent), billing, up: Pulse::default(), leaving: Leaving::Not, listeners, pledge: None }
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
        let sent = Arc::make_mut(&mut self.sent);
        sent.status = Some(status);
        sent.charged = match told.charged {
            Charged::Yes => SaidCharged::Yes,
            Charged::No => SaidCharged::No,
            Charged::NotSaid => SaidCharged::NotSaid,
        };
        sent.request_id = request_id;
        sent.aside.host_id = told.host_id.map(Arc::from);
        if let Some(class) = told.storage {
            self.billing.storage = Some(Box::from(class));
        }
    }

    /// No answer came, or it broke off.
    pub(super) fn failed(&mut self, why: ErrorKind) {
        Arc::make_mut(&mut self.sent).aside.failure = Some(why);
    }

    /// So many bytes of the answer's body came.
    pub(super) fn came(&mut self, bytes: u64) {
        Arc::make_mut(&mut self.sent).down += bytes;
    }
}

impl Drop for Slip {
    fn drop(&mut self) {
        if self.leaving == Leaving::Not {
            return;
        }
        let sent = Arc::make_mut(&mut self.sent);
        sent.up = self.up.count();
        sent.took = milliseconds_since(sent.at);
        sent.cost = self.billing.cost(sent);
        for listener in self.listeners.iter() {
            listener(&self.sent);
        }
    }
}

/// By which prices an attempt is booked.
pub(super) struct Billing {
    prices: Arc<Prices>,
    /// `None`: the vendor's list prices do not hold at this store.
    network: Option<Network>,
    /// The storage class that request or answer named.
    storage: Option<Box<str>>,
    /// Of what storage class the store reads how many bytes to carry it out.
    taken: Option<(Box<str>, u64)>,
}

impl Billing {
    /// Of a request over this network of the vendor's; `None`: to a store that is not its own.
    pub(super) fn of(network: Option<Network>, provider: Provider, request: &wire::Request, prices: Arc<Prices>) -> Self {
        let header = storage_header(provider);
        let storage = request.headers.iter().find(|(name, _)| name == header).map(|(_, value)| Box::from(value.as_str()));
        Self { prices, network, storage, taken: None }
    }

    /// The same where the store reads bytes that do not come here.
    pub(super) fn taking(self, taken: Option<(&str, u64)>) -> Self {
        Self { taken: taken.map(|(class, bytes)| (Box::from(class), bytes)), ..self }
    }

    fn cost(&self, sent: &Sent) -> Option<Money> {
        let place = Where { provider: sent.provider, region: &sent.region, network: self.network? };
        let taken = self.taken.as_ref().map(|(class, bytes)| (&**class, *bytes));
        self.prices.book().booked(&place, sent, self.storage.as_deref(), taken)
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

/// Host and port of an address, its path as it is sent, and its query if it has one. It is taken apart for every request, byte by
/// byte: a search for text prepares itself longer than an address is.
pub(super) fn taken_apart(url: &str) -> (&str, &str, Option<&str>) {
    let known = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let rest = known.unwrap_or_else(|| url.split_once("://").map_or(url, |(_, rest)| rest));
    let (rest, query) = match rest.bytes().position(|byte| byte == b'?') {
        Some(place) => (&rest[..place], Some(&rest[place + 1..])),
        None => (rest, None),
    };
    let (host, path) = rest.split_at(rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len()));
    (host, if path.is_empty() { "/" } else { path }, query)
}

/// The names of a query's items, between `&`. The values stay behind: tokens, markers and signatures are among them.
pub(super) fn query_names(query: &str) -> Arc<str> {
    let names: Vec<&str> = query.split('&').map(|item| item.split('=').next().unwrap_or_default()).collect();
    Arc::from(names.join("&"))
}

/// The method's word.
pub(super) fn method(method: &http::Method) -> Cow<'static, str> {
    let known = ["GET", "PUT", "POST", "HEAD", "DELETE"].into_iter().find(|known| method == known);
    known.map_or_else(|| Cow::Owned(method.as_str().to_owned()), Cow::Borrowed)
}

/// A clock that was set back meanwhile gives none.
fn milliseconds_since(begun: Timestamp) -> u64 {
    u64::try_from(clock::now().as_millisecond() - begun.as_millisecond()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart_without_their_query() {
        for (url, host, path) in [
            ("https://b.s3.us-east-1.amazonaws.com/a%2Fb?partNumber=1&X-Amz-Signature=f00", "b.s3.us-east-1.amazonaws.com", "/a%2Fb"),
            ("http://127.0.0.1:9000/b/?list-type=2", "127.0.0.1:9000", "/b/"),
            ("https://sts.example?Action=GetCallerIdentity", "sts.example", "/"),
            ("https://sts.example", "sts.example", "/"),
            ("http://b.example?x=/y", "b.example", "/"),
            ("sts.example/a", "sts.example", "/a"),
        ] {
            let (found, rest, _) = taken_apart(url);
            assert_eq!((found, rest), (host, path), "{url}");
        }
    }

    #[test]
    fn of_a_query_the_names_stay() {
        for (url, names) in [
            ("https://b.example/a?uploadId=SECRET&partNumber=2", "uploadId&partNumber"),
            ("https://b.example/?requestPayment", "requestPayment"),
            ("https://b.example/a?x=1=2?3&X-Amz-Signature=f00", "x&X-Amz-Signature"),
        ] {
            assert_eq!(taken_apart(url).2.map(query_names).as_deref(), Some(names), "{url}");
        }
        assert_eq!(taken_apart("https://b.example/a").2, None);
    }
}

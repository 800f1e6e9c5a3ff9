//! The store without its socket: one request in, one answer out.
//!
//! Comes in: a request as it came off the wire. Goes out: an answer, and the line for the log. The order is that of the
//! clouds: what is named, who signed, which bucket, which region, who may, who pays, what is done.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::access::{self, Standing, Visit};
use super::answer::{Answer, Exchange, Fault, not_implemented};
use tokio::sync::mpsc::UnboundedSender;

use super::log::{Log, Received};
use super::request::{self, Incoming, Resource};
use super::script::{Act, Script};
use super::state::{Bucket, State};
use super::verify::{self, Key, Keyring, Proof, Refusal, Scheme, Service};
use super::world::{self, Account, Habit, Life};
use super::{body, buckets, listing, objects, refusal, route, sts};
use crate::domain::op::Charged;
use crate::domain::{Op, Provider};

/// The keys of the demo world.
struct Ring;

impl Keyring for Ring {
    fn key(&self, id: &str) -> Option<Key> {
        let account = world::account_of_key(id)?;
        let expired = account.life == Life::Expired;
        Some(Key { secret: account.secret.to_owned(), token: account.token.map(str::to_owned), expired })
    }
}

/// Everything behind the socket.
pub(super) struct Door {
    state: Mutex<State>,
    log: Mutex<Log>,
    script: Mutex<Script>,
    number: std::sync::atomic::AtomicU64,
}

/// A request that was looked at, but not yet answered.
pub(super) struct Visitor {
    request: Incoming,
    cloud: Provider,
    resource: Result<Resource, request::NotUtf8>,
    op: Option<Op>,
    number: u64,
}

impl Door {
    /// The demo world, with that many extra buckets.
    pub(super) fn new(began: Timestamp, extra: usize) -> Self {
        Self {
            state: Mutex::new(State::new(began, extra)),
            log: Mutex::default(),
            script: Mutex::default(),
            number: std::sync::atomic::AtomicU64::new(1),
        }
    }

    /// Who hears of every entry from now on.
    pub(super) fn tell(&self, listener: UnboundedSender<Received>) {
        locked(&self.log).tell(listener);
    }

    /// The log's entries.
    pub(super) fn log(&self) -> Vec<Received> {
        locked(&self.log).all()
    }

    /// Puts acts into the script.
    pub(super) fn script(&self, op: Op, acts: impl IntoIterator<Item = Act>) {
        locked(&self.script).add(op, acts);
    }

    /// The payer that a bucket has at that time.
    pub(super) fn payer(&self, bucket: &str, now: Timestamp) -> Option<String> {
        locked(&self.state).buckets.get(bucket).map(|bucket| bucket.payer(now).to_owned())
    }

    /// Looks at a request, and at the script for it.
    pub(super) fn receive(&self, request: Incoming) -> (Visitor, Option<Act>) {
        let resource = request::locate(request.header("host").unwrap_or_default(), request.path());
        let cloud = self.cloud(&request, resource.as_ref().ok());
        let op = resource.as_ref().ok().and_then(|resource| route::operation(cloud, &request, resource));
        let number = self.number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let act = locked(&self.script).take(op);
        (Visitor { request, cloud, resource, op, number }, act)
    }

    /// Which cloud is meant: the signature says it; without one, the bucket's owner does.
    fn cloud(&self, request: &Incoming, resource: Option<&Resource>) -> Provider {
        match Scheme::of(request) {
            Scheme::S3Header | Scheme::S3Query => return Provider::S3,
            Scheme::OssV4Header | Scheme::OssV4Query | Scheme::OssV1Header | Scheme::OssV1Query | Scheme::Acs3 => return Provider::Oss,
            Scheme::Anonymous | Scheme::Unknown => {}
        }
        let state = locked(&self.state);
        let bucket = resource.and_then(|resource| state.buckets.get(&resource.bucket));
        let host = request.header("host").unwrap_or_default();
        let looks_oss = request.headers.iter().any(|(name, _)| name.starts_with("x-oss-") || name.starts_with("x-acs-"))
            || host.starts_with("oss")
            || host.contains(".oss-");
        match bucket {
            Some(bucket) => bucket.owner.cloud,
            None if looks_oss => Provider::Oss,
            None => Provider::S3,
        }
    }

    /// Answers a request.
    pub(super) fn answer(&self, visitor: &Visitor) -> Answer {
        let exchange = visitor.exchange();
        let mut account = None;
        let answer = self.decide(visitor, &exchange, &mut account);
        let answer = exchange.seal(answer);
        self.note(visitor, account, Some(&answer));
        answer
    }

    /// Writes a request into the log that a script answered.
    pub(super) fn note_scripted(&self, visitor: &Visitor, status: Option<u16>) {
        self.note(visitor, None, status.map(Answer::empty).as_ref());
    }

    fn note(&self, visitor: &Visitor, account: Option<&'static Account>, answer: Option<&Answer>) {
        let charged = |answer: &Answer| answer.headers.iter().any(|(name, _)| name.ends_with("-request-charged"));
        locked(&self.log).add(Received {
            method: visitor.request.method.clone(),
            target: visitor.request.target.clone(),
            op: visitor.op,
            bucket: visitor.resource.as_ref().map(|resource| resource.bucket.clone()).unwrap_or_default(),
            account: account.map(|account| account.name),
            payer: access::markers(&visitor.request).into_iter().map(|(name, value)| format!("{name}: {value}")).collect(),
            status: answer.map(|answer| answer.status),
            charged: answer.is_some_and(charged),
        });
    }

    fn decide(&self, visitor: &Visitor, exchange: &Exchange<'_>, account: &mut Option<&'static Account>) -> Answer {
        let Ok(resource) = &visitor.resource else {
            return exchange.refuse(&Fault::new(400, "InvalidURI", "Couldn't parse the specified URI."));
        };
        let verdict = verify::verify(&visitor.request, resource, &Ring);
        let proof = match verdict {
            Ok(proof) => proof,
            Err(refused) => return visitor.refused(exchange, refused),
        };
        let wanted = if visitor.op == Some(Op::GetCallerIdentity) { Service::Sts } else { Service::Store };
        if proof.as_ref().is_some_and(|proof| proof.service != wanted) {
            return visitor.refused(exchange, Refusal::Malformed("the signature is scoped to another service"));
        }
        *account = proof.as_ref().and_then(|proof| world::account_of_key(&proof.key_id));
        if visitor.op == Some(Op::GetCallerIdentity) {
            return match account {
                Some(account) => sts::identity(exchange, account),
                None => sts::refuse(exchange, &Fault::denied("Request is missing Authentication Token"), None),
            };
        }
        let served = self.serve(visitor, resource, proof.as_ref(), *account);
        served.unwrap_or_else(|fault| exchange.refuse(&fault))
    }

    fn serve(
        &self,
        visitor: &Visitor,
        resource: &Resource,
        proof: Option<&Proof>,
        account: Option<&'static Account>,
    ) -> Result<Answer, Fault> {
        let op = visitor.op.ok_or_else(|| not_implemented(visitor.cloud))?;
        let mut state = locked(&self.state);
        if op == Op::ListBuckets {
            let nobody = || Fault::denied("Anonymous access is forbidden for this operation");
            return buckets::list(&state, account.ok_or_else(nobody)?, &visitor.request.query());
        }
        let found = state.buckets.get_mut(&resource.bucket).filter(|bucket| bucket.owner.cloud == visitor.cloud);
        let bucket = found.ok_or_else(|| no_such_bucket(visitor.cloud, &resource.bucket))?;
        let served = region(visitor.cloud, op, proof, bucket).and_then(|()| visitor.at(op, resource, account, bucket));
        // S3 says the region of a bucket even to those whom it refuses.
        match (served, visitor.cloud) {
            (Err(fault), Provider::S3) => Err(fault.with("x-amz-bucket-region", bucket.region)),
            (served, _) => served,
        }
    }
}

impl Visitor {
    fn exchange(&self) -> Exchange<'_> {
        Exchange { cloud: self.cloud, number: self.number, request: &self.request }
    }

    fn refused(&self, exchange: &Exchange<'_>, refused: Refusal) -> Answer {
        let fault = refusal::fault(self.cloud, &self.request, refused.clone());
        if self.op == Some(Op::GetCallerIdentity) {
            return sts::refuse(exchange, &fault, Some(&refused));
        }
        exchange.refuse(&fault)
    }

    fn at(&self, op: Op, resource: &Resource, account: Option<&'static Account>, bucket: &mut Bucket) -> Result<Answer, Fault> {
        let visit = Visit { cloud: self.cloud, op, account, request: &self.request, bucket };
        let standing = visit.standing()?;
        let body = body::read(self.cloud, op, &self.request)?;
        let answer = self.carry_out(op, resource, bucket, body)?;
        let says = op.cell(self.cloud).is_some_and(|cell| cell.charged == Charged::Answered);
        if standing != Standing::RequesterPays || !says {
            return Ok(answer);
        }
        Ok(match self.cloud {
            Provider::S3 => answer.with("x-amz-request-charged", "requester"),
            Provider::Oss => answer.with("x-oss-request-charged", "requester"),
        })
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the router lets through what stands here; a new row of the table is not offered by itself"
    )]
    fn carry_out(&self, op: Op, resource: &Resource, bucket: &mut Bucket, body: bytes::Bytes) -> Result<Answer, Fault> {
        let (request, key, now) = (&self.request, resource.key.as_str(), self.request.now);
        match op {
            Op::HeadBucket => Ok(Answer::empty(200).with("x-amz-bucket-region", bucket.region)),
            Op::GetBucketLocation => Ok(buckets::location(bucket)),
            Op::GetBucketInfo => Ok(buckets::info(bucket)),
            Op::GetBucketStat => Ok(buckets::stat(bucket, now)),
            Op::GetBucketRequestPayment => buckets::payer(bucket, now),
            Op::PutBucketRequestPayment => buckets::set_payer(bucket, &body, now),
            Op::ListObjects | Op::ListObjectsV2 => Ok(listing::Wanted::read(self.cloud, op, &request.query())?.answer(bucket)),
            Op::HeadObject | Op::GetObject => objects::get(bucket, key, request),
            Op::GetObjectMeta => objects::meta(bucket, key),
            Op::PutObject => objects::put(bucket, key, request, body),
            Op::DeleteObject => Ok(objects::delete(bucket, key)),
            Op::DeleteObjects => objects::delete_many(bucket, &request.query(), &body),
            _ => Err(not_implemented(self.cloud)),
        }
    }
}

/// The region that was signed for must be the bucket's. S3 asks for the right one; a bucket's location is answered to
/// requests that are signed for us-east-1, too.
fn region(cloud: Provider, op: Op, proof: Option<&Proof>, bucket: &Bucket) -> Result<(), Fault> {
    let Some(signed) = proof.and_then(|proof| proof.region.as_deref()) else { return Ok(()) };
    if signed == bucket.region || (op == Op::GetBucketLocation && signed == "us-east-1") {
        return Ok(());
    }
    let right = bucket.region;
    Err(match cloud {
        Provider::S3 if bucket.habit == Habit::Redirects => Fault::new(
            301,
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
        )
        .detail("Endpoint", format!("{}.s3.{right}.amazonaws.com", bucket.name))
        .detail("Bucket", bucket.name.as_str()),
        Provider::S3 => Fault::new(
            400,
            "AuthorizationHeaderMalformed",
            format!("The authorization header is malformed; the region '{signed}' is wrong; expecting '{right}'"),
        )
        .detail("Region", right),
        Provider::Oss => Fault::denied(
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
        )
        .detail("Bucket", bucket.name.as_str())
        .detail("Endpoint", format!("oss-{right}.aliyuncs.com"))
        .ec("0003-00001403"),
    })
}

fn no_such_bucket(cloud: Provider, name: &str) -> Fault {
    let fault = Fault::new(404, "NoSuchBucket", "The specified bucket does not exist").detail("BucketName", name);
    match cloud {
        Provider::S3 => fault,
        Provider::Oss => fault.ec("0015-00000101"),
    }
}

/// A lock whose holder panicked still guards usable data: each request changes at most one thing.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The store without its socket: one request in, one answer out.
//!
//! Comes in: a request as it came off the wire. Goes out: an answer, and the line for the log. The order is that of the
//! clouds: what is named, who signed, which bucket, which region, who may, who pays, what is done.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::access::{self, Standing, Visit};
use super::answer::{Answer, Exchange, Fault, not_implemented};

use super::body::Payload;
use super::copy::Source;
use super::job::Job;
use super::log::{Listener, Log, Received};
use super::mood::Mood;
use super::object::own;
use super::request::{self, Incoming, Resource};
use super::script::{Act, Script};
use super::state::{Bucket, State};
use super::verify::{self, Key, Keyring, Proof, Refusal, Scheme, Service};
use super::world::{self, Account, Habit, Life};
use super::{batch, body, buckets, copy, details, listing, multipart, objects, refusal, route, settings, sts, uploads_lists, versions};
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
    query: Vec<(String, String)>,
    /// Keys that a script lets a batch refuse.
    refused: Vec<String>,
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
    pub(super) fn tell(&self, listener: Listener) {
        locked(&self.log).tell(listener);
    }

    /// The log's entries.
    pub(super) fn log(&self) -> Vec<Received> {
        locked(&self.log).all()
    }

    /// Puts acts into the script.
    pub(super) fn script(&self, op: Op, holding: &str, acts: impl IntoIterator<Item = Act>) {
        locked(&self.script).add(op, holding, acts);
    }

    /// The payer that a bucket has at that time.
    pub(super) fn payer(&self, bucket: &str, now: Timestamp) -> Option<String> {
        locked(&self.state).buckets.get(bucket).map(|bucket| bucket.payer(now).to_owned())
    }

    /// Every bucket takes requester-pays so.
    pub(super) fn set_mood(&self, mood: Mood) {
        locked(&self.state).buckets.values_mut().for_each(|bucket| bucket.mood = mood);
    }

    /// Looks at a request, and at the script for it.
    pub(super) fn receive(&self, request: Incoming) -> (Visitor, Option<Act>) {
        let resource = request::locate(request.header("host").unwrap_or_default(), request.path());
        let cloud = self.cloud(&request, resource.as_ref().ok());
        let op = resource.as_ref().ok().and_then(|resource| route::operation(cloud, &request, resource));
        let number = self.number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (refused, act) = match locked(&self.script).take(op, &request.target) {
            Some(Act::Refuse(keys)) => (keys, None),
            Some(Act::Pass) | None => (Vec::new(), None),
            act => (Vec::new(), act),
        };
        let query = request.query();
        (Visitor { request, cloud, resource, op, number, query, refused }, act)
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
        self.answer_up_to(visitor, usize::MAX)
    }

    /// The same, of which no more than so many bytes of the body will be sent.
    pub(super) fn answer_up_to(&self, visitor: &Visitor, kept: usize) -> Answer {
        let exchange = visitor.exchange();
        let mut account = None;
        let answer = self.decide(visitor, &exchange, &mut account);
        let answer = exchange.seal(answer);
        self.note(visitor, account, Some(&answer), answer.body.len().min(kept));
        answer
    }

    /// Writes a request into the log that a script answered, with the bytes of the body that go out.
    pub(super) fn note_scripted(&self, visitor: &Visitor, status: Option<u16>, sent: usize) {
        self.note(visitor, None, status.map(Answer::empty).as_ref(), sent);
    }

    fn note(&self, visitor: &Visitor, account: Option<&'static Account>, answer: Option<&Answer>, sent: usize) {
        let charged = |answer: &Answer| answer.headers.iter().any(|(name, _)| name.ends_with("-request-charged"));
        let resource = visitor.resource.as_ref().ok();
        let item = |name| verify::item(&visitor.query, name);
        locked(&self.log).add(Received {
            method: visitor.request.method.clone(),
            target: visitor.request.target.clone(),
            op: visitor.op,
            bucket: resource.map(|resource| resource.bucket.clone()).unwrap_or_default(),
            key: resource.map(|resource| resource.key.clone()).unwrap_or_default(),
            upload: item("uploadId").map(str::to_owned),
            part: item("partNumber").and_then(|digits| digits.parse().ok()),
            account: account.map(|account| account.name),
            signed: Scheme::of(&visitor.request) != Scheme::Anonymous,
            payer: access::markers(&visitor.request).into_iter().map(|(name, value)| format!("{name}: {value}")).collect(),
            status: answer.map(|answer| answer.status),
            charged: answer.is_some_and(charged),
            bytes_in: visitor.request.body.len() as u64,
            bytes_out: sent as u64,
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
        // Digests of large bodies are made before the door is locked; what they say comes after who may and who pays.
        let payload = body::read(visitor.cloud, op, &visitor.request);
        let mut state = locked(&self.state);
        if op == Op::ListBuckets {
            let nobody = || Fault::denied("Anonymous access is forbidden for this operation");
            return buckets::list(&state, account.ok_or_else(nobody)?, &visitor.query);
        }
        let source = copy::source(visitor.cloud, op, &visitor.request, account, &state, &resource.bucket);
        let found = state.buckets.get_mut(&resource.bucket).filter(|bucket| bucket.owner.cloud == visitor.cloud);
        let bucket = found.ok_or_else(|| no_such_bucket(visitor.cloud, &resource.bucket))?;
        let served = region(visitor.cloud, op, proof, bucket).and_then(|()| {
            let visit = Visit { cloud: visitor.cloud, op, account, request: &visitor.request, bucket };
            let standing = visit.standing()?;
            let source = source?;
            let standing = standing.with(source.as_ref().map(|source| source.standing));
            let job = visitor.job(op, resource, account, payload?, source);
            Ok(visitor.say_charged(op, standing, carry_out(&job, bucket)?))
        });
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

    fn job<'a>(
        &'a self,
        op: Op,
        resource: &'a Resource,
        account: Option<&'static Account>,
        payload: Payload,
        source: Option<Source>,
    ) -> Job<'a> {
        let (cloud, request, query) = (self.cloud, &self.request, self.query.as_slice());
        Job { cloud, op, request, query, key: &resource.key, account, payload, source, refused: &self.refused }
    }

    /// Says *charged*, where the operation can.
    fn say_charged(&self, op: Op, standing: Standing, answer: Answer) -> Answer {
        let says = op.cell(self.cloud).is_some_and(|cell| cell.charged == Charged::Answered);
        match standing {
            Standing::RequesterPays if says => answer.with(&own(self.cloud, "request-charged"), "requester"),
            Standing::RequesterPays | Standing::OwnerPays => answer,
        }
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a row of the table that stands nowhere here is not offered, and a new one is not by itself"
)]
fn carry_out(job: &Job<'_>, bucket: &mut Bucket) -> Result<Answer, Fault> {
    match job.op {
        Op::HeadBucket => Ok(Answer::empty(200).with("x-amz-bucket-region", bucket.region)),
        Op::GetBucketLocation => Ok(buckets::location(bucket)),
        Op::GetBucketInfo => Ok(buckets::info(bucket)),
        Op::GetBucketStat => Ok(buckets::stat(bucket, job.now())),
        Op::GetBucketRequestPayment => buckets::payer(bucket, job.now()),
        Op::PutBucketRequestPayment => buckets::set_payer(bucket, &job.payload.bytes, job.now()),
        Op::GetBucketAcl
        | Op::GetBucketPolicy
        | Op::GetBucketPolicyStatus
        | Op::GetPublicAccessBlock
        | Op::GetBucketWebsite
        | Op::GetBucketLogging
        | Op::GetBucketReplication
        | Op::GetBucketAccelerateConfiguration
        | Op::GetBucketReferer
        | Op::ListCname => settings::read(job.op, bucket),
        Op::ListObjects | Op::ListObjectsV2 => Ok(listing::Wanted::read(job.cloud, job.op, job.query)?.answer(bucket)),
        Op::ListObjectVersions => versions::list(job, bucket),
        Op::HeadObject | Op::GetObject => objects::get(job, bucket),
        Op::GetObjectMeta => objects::meta(job, bucket),
        Op::PutObject => objects::put(job, bucket),
        Op::CopyObject => copy::object(job, bucket),
        Op::DeleteObject => Ok(objects::delete(job, bucket)),
        Op::DeleteObjects => batch::delete(job, bucket),
        Op::CreateMultipartUpload => multipart::create(job, bucket),
        Op::UploadPart => multipart::part(job, bucket),
        Op::UploadPartCopy => multipart::part_copy(job, bucket),
        Op::CompleteMultipartUpload => multipart::complete(job, bucket),
        Op::AbortMultipartUpload => multipart::abort(job, bucket),
        Op::ListParts => uploads_lists::parts(job, bucket),
        Op::ListMultipartUploads => uploads_lists::uploads(job, bucket),
        Op::GetObjectTagging => details::tags(job, bucket),
        Op::PutObjectTagging => details::set_tags(job, bucket),
        Op::DeleteObjectTagging => details::drop_tags(job, bucket),
        Op::GetObjectAcl => details::acl(job, bucket),
        Op::PutObjectAcl => details::set_acl(job, bucket),
        Op::GetObjectAttributes => details::attributes(job, bucket),
        Op::RestoreObject => details::restore(job, bucket),
        _ => Err(not_implemented(job.cloud)),
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

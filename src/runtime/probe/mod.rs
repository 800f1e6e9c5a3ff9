//! The probe: sends what a plan says, and writes down what came.
//!
//! Comes in: an [`Errand`] with the user's word in its plan. Goes out: a [`Report`]. Forbidden here: a payer header that the plan
//! does not have, a second try of what was refused, and any way to a store but the door.

mod conformance;

use super::door::{Exchanged, Question, Signing, Take};
use super::engine::Engine;
use super::objects::error_of;
use crate::domain::probe::{Asking, Errand, Leg, Observation, Report, Seen, Why};
use crate::domain::{Acting, BucketName, Consent, Error, ObjectRef, Op, Place, Result, Site, Span};
use crate::wire::objects::{AskChecksums, ByteRange, KeysPage, ObjectCall, ObjectReply, Said, Wanted};
use crate::wire::{Answer, Draft, Terms};

impl Engine {
    /// Probes a bucket, one request after the other. What fails is part of the report.
    pub async fn probe(&self, errand: &Errand) -> Report {
        let Errand { plan, ownership, .. } = errand;
        let (mut place, mut over, mut observations) = (errand.place.clone(), false, Vec::with_capacity(Leg::ALL.len()));
        for leg in Leg::ALL {
            let seen = match plan.left_out(leg) {
                Some(why) => Seen::NotSent(why),
                None if over => Seen::NotSent(Why::Pointless),
                None => match self.leg(&mut place, &plan.asking, leg).await {
                    Ok(seen) => seen,
                    Err(error) => {
                        learn(&mut place, &error);
                        Seen::of_error(leg, &error)
                    }
                },
            };
            over |= seen.ends(leg);
            observations.push(Observation { leg, op: leg.op(&plan.asking), seen });
        }
        let report = Report::of(plan, *ownership, observations);
        self.keep_proof(&errand.place, &report).await;
        report
    }

    async fn leg(&self, place: &mut Place, asking: &Asking, leg: Leg) -> Result<Seen> {
        let acting = |consent| Acting { place: place.clone(), consent };
        let call = call(asking, &place.id.bucket);
        match leg {
            Leg::Setting => {
                let fact = self.read_payer(place).await?;
                place.region = fact.region.or(place.region.take());
                Ok(Seen::Setting(fact.payer))
            }
            // As a stranger would send it: without the guard, too.
            Leg::Anonymous => {
                let place = Place { expected_owner: None, ..place.clone() };
                self.serve(&Acting { place, consent: Consent::Silent }, &Unsigned(call)).await
            }
            Leg::Silent => self.serve(&acting(Consent::Silent), &call).await,
            Leg::Paying => self.serve(&acting(Consent::Given), &call).await,
        }
    }

    /// Asks, and reads no more of the answer than was asked for.
    async fn serve<Q: Question<Reply = ObjectReply>>(&self, acting: &Acting, question: &Q) -> Result<Seen> {
        let take = if question.op() == Op::GetObject { Take::Head } else { Take::Whole };
        let exchanged = error_of(self.question(acting, question, &self.door().books(None), None, take).await)?;
        let Exchanged { reply: ObjectReply { charged, said }, body, .. } = exchanged;
        let partial = matches!(&said, Said::Head(head) if matches!(head.span, Span::Part { .. }));
        // One byte is read to its end. A store that answers a range with everything is left at its first byte.
        if let (true, Some(mut body)) = (partial, body) {
            while error_of(body.chunk().await)?.is_some() {}
        }
        Ok(Seen::Served { status: if partial { 206 } else { 200 }, code: String::new(), charged })
    }
}

/// S3 says a bucket's region even to those whom it refuses.
fn learn(place: &mut Place, error: &Error) {
    if let Some(region) = error.store_answer().and_then(|answer| answer.region.clone()) {
        place.region = Some(region);
    }
}

fn call(asking: &Asking, bucket: &BucketName) -> ObjectCall {
    match asking {
        Asking::FirstKey(prefix) => {
            let prefix = Some(prefix.clone()).filter(|prefix| !prefix.is_empty());
            ObjectCall::ListObjectsV2 { bucket: bucket.clone(), page: KeysPage { prefix, limit: Some(1), ..KeysPage::default() } }
        }
        Asking::FirstByte(key) => ObjectCall::GetObject {
            object: ObjectRef { bucket: bucket.clone(), key: key.clone(), version: None },
            wanted: Wanted {
                range: Some(ByteRange::Between(0, 0)),
                if_match: None,
                checksums: AskChecksums::Silent,
                overrides: Vec::new(),
            },
        },
    }
}

/// A question that is sent without a signature, whatever keys the account has.
struct Unsigned(ObjectCall);

impl Question for Unsigned {
    type Reply = ObjectReply;

    fn op(&self) -> Op {
        self.0.op()
    }

    fn bucket(&self) -> Option<&BucketName> {
        Some(self.0.bucket())
    }

    fn encode(&self, site: &Site, terms: &Terms) -> Result<Draft> {
        Question::encode(&self.0, site, terms)
    }

    fn decode(&self, site: &Site, answer: &Answer) -> Result<ObjectReply> {
        Question::decode(&self.0, site, answer)
    }

    fn signing(&self) -> Signing {
        Signing::Anonymous
    }
}

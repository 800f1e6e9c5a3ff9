//! Copies in parts: what is larger than one request copies.
//!
//! Comes in: an object, its headers. Goes out: the copy with the source's headers, metadata and tags, which a multipart upload does
//! not take over by itself. Forbidden here: asking for many parts before it is known that they can become an object.

use super::filling::{self, Joined, Making, Open, Picked, Sent, Trouble};
use super::left::{Filling, Left};
use super::within::{doubt_of_size, out_of_reach};
use super::{Facts, Landed, Leg, Missed, Porter, Way};
use crate::domain::{Error, ObjectHead, ObjectSettings, Overwrite, UploadRef};
use crate::runtime::objects::{error_of, unexpected};
use crate::transfer::Original;
use crate::transfer::parts::Part;
use crate::wire::objects::{CopySource, ObjectCall, PartRef, Said};

/// How many parts of one object are under way.
const ABREAST: usize = 4;

/// Copies one object in parts.
pub(super) async fn copy(porter: &Porter, leg: &Leg, facts: Facts, left: Option<Left>) -> Result<Landed, Missed> {
    let (mut open, facts) = match filling::picked_up(porter, leg, left, (&facts, Way::Within)).await? {
        Picked::Open(open) => (open, facts),
        Picked::Joined(landed) => return Ok(landed),
        Picked::Nothing => begun(porter, leg, facts).await?,
    };
    let source = porter.copied(leg, &facts);
    match filled(porter, leg, &mut open, source).await {
        Ok((written, remark)) => {
            let copy = written.map(|written| written.etag);
            let doubt = match open.filling.doubt {
                None if porter.copy.original == Original::Goes => doubt_of_size(porter, leg, facts.size).await,
                doubt => doubt,
            };
            let remark = remark.or_else(|| doubt.clone());
            Ok(Landed { size: facts.size, source: facts.etag, copy, remark, doubt, item: open.item })
        }
        Err(trouble) => Err(filling::settled(porter, leg, &open, trouble).await),
    }
}

async fn begun(porter: &Porter, leg: &Leg, facts: Facts) -> Result<(Open, Facts), Missed> {
    let plan = porter.plan(facts.size)?;
    // Many parts in vain are more than one look.
    if porter.copy.overwrite == Overwrite::Refuse {
        porter.must_be_free(leg).await?;
    }
    let facts = match facts.head {
        Some(_) => facts,
        None => porter.read_facts(leg).await?,
    };
    let Dress { settings, doubt } = Dress::of(porter, leg, facts.head.as_deref()).await;
    let filling = Filling { way: Way::Within, claim: None, doubt };
    let open = filling::begun(porter, leg, (plan, &facts.etag), (settings, None), filling).await?;
    Ok((open, facts))
}

async fn filled(porter: &Porter, leg: &Leg, open: &mut Open, source: CopySource) -> Result<Joined, Trouble> {
    let (with, along, upload) = (porter.clone(), leg.clone(), open.upload.clone());
    let make = move |part| -> Making { Box::pin(copy_part(with.clone(), along.clone(), upload.clone(), source.clone(), part)) };
    open.fill(porter, ABREAST, &make).await?;
    open.join(porter, leg, |_| None, None).await
}

/// What a copy that is written anew is stored with.
pub(super) struct Dress {
    /// The settings.
    pub(super) settings: ObjectSettings,
    /// What of the source could not be taken over.
    pub(super) doubt: Option<String>,
}

impl Dress {
    /// Those that were asked for, else the source's: its headers and metadata, and its tags if it has any.
    pub(super) async fn of(porter: &Porter, leg: &Leg, head: Option<&ObjectHead>) -> Self {
        let plain = |settings| Self { settings, doubt: None };
        let (Some(head), None) = (head, &porter.copy.settings) else {
            return plain(porter.copy.settings.clone().unwrap_or_default());
        };
        let settings = taken_over(head);
        if !head.has_tags() {
            return plain(settings);
        }
        match porter.run.engine.tags(&porter.copy.from, &porter.source(leg), &leg.books).await {
            Ok(tags) => plain(ObjectSettings { tags, ..settings }),
            Err(error) => Self { settings, doubt: Some(format!("its tags could not be read ({error})")) },
        }
    }
}

fn taken_over(head: &ObjectHead) -> ObjectSettings {
    let header = |name: &str| head.headers.get(name).map(str::to_owned);
    ObjectSettings {
        content_type: head.content_type.clone(),
        cache_control: header("cache-control"),
        content_disposition: header("content-disposition"),
        content_encoding: header("content-encoding"),
        content_language: header("content-language"),
        expires: header("expires"),
        metadata: head.metadata.clone(),
        ..ObjectSettings::default()
    }
}

async fn copy_part(porter: Porter, leg: Leg, upload: UploadRef, source: CopySource, part: Part) -> Result<Sent, Error> {
    let call =
        ObjectCall::UploadPartCopy { part: PartRef { upload, number: part.number }, source, range: Some((part.offset, part.end() - 1)) };
    let reply =
        error_of(porter.run.engine.ask(&porter.both, &call, &leg.books).await).map_err(|error| out_of_reach(&porter, &leg, error))?;
    let Said::Copied(copied) = reply.said else { return Err(unexpected()) };
    Ok(Sent { etag: copied.etag, length: part.length, written: None, read: None })
}

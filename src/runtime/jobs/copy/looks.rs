//! What is known of a source, and of what stands under the target's name.
//!
//! Comes in: an object and where it goes. Goes out: its size and entity tag; whether the target is free. Forbidden here: taking
//! something that stands there for the copy because of its size.

use super::{Landed, Leg, Missed, Porter};
use crate::domain::{ETag, Error, ErrorKind, ObjectHead, ObjectKey, ObjectRef, Overwrite, StorageClass};
use crate::runtime::objects::error_of;
use crate::transfer::{Fate, treatment};
use crate::wire::objects::CopySource;

/// What is known of a source before it is copied.
pub(super) struct Facts {
    /// Its size.
    pub(super) size: u64,
    /// Its entity tag: guards every request against a change.
    pub(super) etag: ETag,
    /// Its storage class, where the store named one.
    pub(super) class: Option<StorageClass>,
    /// Its headers, if they had to be asked for.
    pub(super) head: Option<Box<ObjectHead>>,
}

impl Porter {
    /// Size and entity tag of a source: from the listing, else by its headers.
    pub(super) async fn facts(&self, leg: &Leg) -> Result<Facts, Missed> {
        if let (Some(size), Some(etag)) = (leg.pick.size, &leg.pick.etag) {
            return Ok(Facts { size, etag: etag.clone(), class: leg.pick.class.clone(), head: None });
        }
        self.read_facts(leg).await
    }

    /// The same by its headers.
    pub(super) async fn read_facts(&self, leg: &Leg) -> Result<Facts, Missed> {
        let head = error_of(self.run.engine.head(&self.copy.from, &self.source(leg), &leg.books).await)?;
        let (Some(size), Some(etag)) = (head.size, head.etag.clone()) else {
            let error = Error::new(ErrorKind::InvalidReply, format!("key \"{}\": the store says neither size nor ETag", leg.pick.key));
            return Err(error.hint("Download it, and upload it again: a change under way could not be noticed.").into());
        };
        if leg.pick.etag.as_ref().is_some_and(|picked| *picked != etag) {
            return Err(changed(&leg.pick.key).into());
        }
        Ok(Facts { size, etag, class: head.class.clone(), head: Some(head) })
    }

    /// The source as a copy by the store names it.
    pub(super) fn copied(&self, leg: &Leg, facts: &Facts) -> CopySource {
        let taken_from = facts.class.clone().map(|class| (class, facts.size));
        CopySource { object: self.source(leg), if_match: Some(facts.etag.clone()), taken_from }
    }

    /// The source as a request names it.
    pub(super) fn source(&self, leg: &Leg) -> ObjectRef {
        ObjectRef { bucket: self.copy.from.place.id.bucket.clone(), key: leg.pick.key.clone(), version: leg.pick.version.clone() }
    }

    /// The headers of what stands under the target's name; `None`: nothing.
    pub(super) async fn standing(&self, leg: &Leg) -> Result<Option<Box<ObjectHead>>, Error> {
        let object = ObjectRef { bucket: self.copy.to.place.id.bucket.clone(), key: leg.target.clone(), version: None };
        match error_of(self.run.engine.head(&self.copy.to, &object, &leg.books).await) {
            Ok(head) => Ok(Some(head)),
            Err(error) if error.kind() == ErrorKind::NotFound && error.code() != Some("NoSuchBucket") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks first where nobody said that an object may be replaced and the condition of a copy may be unknown to the store: Amazon
    /// has it since October 2025, others may not.
    pub(super) async fn look_first(&self, leg: &Leg) -> Result<(), Missed> {
        let trusted = treatment::knows_conditions(self.site.provider, self.site.endpoint.as_deref());
        if self.copy.overwrite == Overwrite::Allow || trusted {
            return Ok(());
        }
        self.must_be_free(leg).await
    }

    /// An object under the target's name ends the copy.
    pub(super) async fn must_be_free(&self, leg: &Leg) -> Result<(), Missed> {
        match self.standing(leg).await? {
            None => Ok(()),
            Some(head) => Err(self.taken(leg, &head).await),
        }
    }

    /// What stands under the target's name: something of somebody, or what an earlier run of this job did not live to write down. That
    /// can be told where source and copy have one entity tag.
    async fn taken(&self, leg: &Leg, head: &ObjectHead) -> Missed {
        if !self.earlier.is_resumed() {
            return Missed::As(Fate::Exists);
        }
        let facts = match self.facts(leg).await {
            Ok(facts) => facts,
            Err(missed) => return missed,
        };
        let same = head.size == Some(facts.size) && head.etag.as_ref().is_some_and(|etag| bare(etag) == bare(&facts.etag));
        if !same {
            return Missed::As(Fate::Exists);
        }
        self.run.control.moved(facts.size);
        let remark = Some("an earlier run had copied it".to_owned());
        Missed::Made(Landed { size: facts.size, source: facts.etag, copy: head.etag.clone(), remark, doubt: None, item: None })
    }

    /// What a refusal means: something stands there, or the source is another one now.
    pub(super) async fn refused(&self, leg: &Leg, error: Error) -> Missed {
        let said_so = error.code() == Some("FileAlreadyExists");
        if !said_so && error.store_answer().is_none_or(|answer| answer.status != 412) {
            return error.into();
        }
        if said_so && !self.earlier.is_resumed() {
            return Missed::As(Fate::Exists);
        }
        if (said_so || self.copy.overwrite == Overwrite::Refuse)
            && let Ok(Some(head)) = self.standing(leg).await
        {
            return self.taken(leg, &head).await;
        }
        if said_so { Missed::As(Fate::Exists) } else { changed(&leg.pick.key).source(error).into() }
    }
}

/// An entity tag as it is compared: the clouds differ in quotes and in the case of digits.
pub(super) fn bare(etag: &ETag) -> String {
    etag.as_str().trim_matches('"').to_ascii_lowercase()
}

/// What is said of a source that is no longer the one that was meant.
pub(super) fn changed(key: &ObjectKey) -> Error {
    Error::new(ErrorKind::Conflict, format!("key \"{key}\" changed meanwhile")).hint("Refresh the list, then decide again.")
}

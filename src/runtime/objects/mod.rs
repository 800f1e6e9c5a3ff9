//! What can be asked about objects, for console, commands and jobs alike: the three ways through the door.
//!
//! Comes in: an [`Acting`] and a call. Goes out: what the store said. Forbidden here: consent that did not come in with the
//! question, and a second try with another consent.

pub mod inspect;
pub mod link;
pub mod list;
mod pages;
pub mod preview;
mod range;
pub mod uploads;
pub mod versions;
pub mod walk;
mod walking;

use super::door::{Errand, Exchanged, Question, Take};
use super::engine::Engine;
use super::http::{Arriving, Books, Failed, Outgoing};
use crate::domain::{Acting, Charged, Error, ErrorKind, ObjectHead, Result};
use crate::wire::Terms;
use crate::wire::objects::{ObjectCall, ObjectReply, Said};

/// An object whose head has come, and whose bytes are on their way.
pub(super) struct Opened {
    /// Its headers.
    pub(super) head: Box<ObjectHead>,
    /// Who was charged, as far as the store says.
    pub(super) charged: Charged,
    /// Its bytes.
    pub(super) body: Box<Arriving>,
}

impl Engine {
    /// Asks, and reads the whole answer.
    ///
    /// # Errors
    /// Whatever the store refuses, with the bucket or object as target; and whether the store may have seen it.
    pub(super) async fn ask(&self, acting: &Acting, call: &ObjectCall, books: &Books) -> std::result::Result<ObjectReply, Failed> {
        self.exchange_object(acting, call, books, None, Take::Whole).await.map(|exchanged| exchanged.reply)
    }

    /// Asks with a body that is streamed.
    ///
    /// # Errors
    /// As [`Engine::ask`].
    pub(super) async fn send(
        &self,
        acting: &Acting,
        call: &ObjectCall,
        body: &dyn Outgoing,
        books: &Books,
    ) -> std::result::Result<ObjectReply, Failed> {
        self.exchange_object(acting, call, books, Some(body), Take::Whole).await.map(|exchanged| exchanged.reply)
    }

    /// Asks for an object's bytes. The door repeats the request until the answer begins; from then on it is the caller's to ask
    /// for what is missing.
    ///
    /// # Errors
    /// As [`Engine::ask`].
    pub(super) async fn open(&self, acting: &Acting, call: &ObjectCall, books: &Books) -> std::result::Result<Opened, Failed> {
        let exchanged = self.exchange_object(acting, call, books, None, Take::Head).await?;
        match (exchanged.reply, exchanged.body) {
            (ObjectReply { said: Said::Head(head), charged }, Some(body)) => Ok(Opened { head, charged, body }),
            (_, _) => Err(Failed { error: unexpected(), reached: super::retry::Reached::Perhaps }),
        }
    }

    async fn exchange_object(
        &self,
        acting: &Acting,
        call: &ObjectCall,
        books: &Books,
        body: Option<&dyn Outgoing>,
        take: Take,
    ) -> std::result::Result<Exchanged<ObjectReply>, Failed> {
        let target = || match call.key() {
            Some(key) => format!("{}/{}", acting.place.id, key.as_str()),
            None => acting.place.id.to_string(),
        };
        let exchanged = self.question(acting, call, books, body, take).await;
        exchanged.map_err(|Failed { error, reached }| Failed { error: error.target(target()), reached })
    }

    /// Any question about objects of a bucket, on the word that came with it.
    pub(super) async fn question<Q: Question>(
        &self,
        acting: &Acting,
        question: &Q,
        books: &Books,
        body: Option<&dyn Outgoing>,
        take: Take,
    ) -> std::result::Result<Exchanged<Q::Reply>, Failed> {
        let place = &acting.place;
        let door = self.door();
        let nothing = |error| Failed { error, reached: super::retry::Reached::Nothing };
        let desked = door.desked(&place.id.account).map_err(nothing)?;
        if question.bucket() != Some(&place.id.bucket) {
            return Err(nothing(unexpected()));
        }
        let terms = Terms { consent: acting.consent, expected_owner: place.expected_owner.clone() };
        let errand = Errand { desked, region: place.region.as_deref(), terms: &terms, books, body, take };
        door.exchange(&errand, question).await.map_err(|Failed { error, reached }| {
            let error = super::engine::name_guard(error, desked.account.site.provider, place);
            Failed { error, reached }
        })
    }
}

/// What is said when an answer is not the one that its question has.
pub(super) fn unexpected() -> Error {
    Error::new(ErrorKind::Internal, "the answer belongs to another question").hint("Report this with the request id.")
}

/// A failed exchange of which only the error matters.
pub(super) fn error_of<T>(ended: std::result::Result<T, Failed>) -> Result<T> {
    ended.map_err(|failed| failed.error)
}

//! Pages of keys for a walk: asked for here, read where nobody who presses a key waits for it.
//!
//! Comes in: where a page begins. Goes out: its bytes, and then its rows. Forbidden here: knowing in which order pages are asked
//! for.

use std::sync::Arc;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

use super::super::door::{Question, Take};
use super::super::tally::Counters;
use super::super::tasks::in_background;
use super::list::keys_page;
use super::{error_of, unexpected};
use crate::domain::{Acting, Begin, BucketName, Depth, Leaf, Op, PageAsk, Provider, Result, Site};
use crate::runtime::engine::Engine;
use crate::wire::objects::{self, Glance, ObjectCall, ObjectReply, Said};
use crate::wire::{Answer, Draft, Terms};

/// How many pages are read at the same time. One thread reads faster than any network brings pages; each more would hold memory.
const READERS: usize = 1;

/// Everything below a prefix of one bucket, on one word about paying.
#[derive(Clone)]
pub(super) struct Pages {
    engine: Engine,
    acting: Arc<Acting>,
    prefix: Arc<str>,
    job: Option<Arc<Counters>>,
    /// Who may read a page now.
    readers: Arc<Semaphore>,
}

impl Pages {
    pub(super) fn new(engine: &Engine, acting: &Acting, prefix: &str, job: Option<Arc<Counters>>) -> Self {
        Self {
            engine: engine.clone(),
            acting: Arc::new(acting.clone()),
            prefix: prefix.into(),
            job,
            readers: Arc::new(Semaphore::new(READERS)),
        }
    }

    /// The rows of a page. A command that lists on one thread reads them there: what one thread takes from the allocator and
    /// another one gives back lies about for a while, a page's worth each time, and many pages come at once.
    pub(super) async fn rows(&self, raw: Unread) -> Result<Leaf> {
        if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            return raw.read();
        }
        // It is never closed.
        let _turn = self.readers.acquire().await.ok();
        in_background(move || raw.read()).await
    }

    /// Asks for one page. Every page, also one that is begun at a guess, passes the door with the same word on paying.
    pub(super) async fn page(&self, begin: Begin) -> Result<Unread> {
        let page = PageAsk { prefix: self.prefix.to_string(), depth: Depth::Everything, begin };
        let question = Keys { call: ObjectCall::ListObjectsV2 { bucket: self.acting.place.id.bucket.clone(), page: keys_page(&page) } };
        let books = self.engine.door().books(self.job.clone());
        error_of(self.engine.question(&self.acting, &question, &books, None, Take::Whole).await).map(|exchanged| exchanged.reply)
    }
}

/// ListObjectsV2, whose answer is kept as it came.
struct Keys {
    call: ObjectCall,
}

impl Question for Keys {
    type Reply = Unread;

    fn op(&self) -> Op {
        self.call.op()
    }

    fn bucket(&self) -> Option<&BucketName> {
        Some(self.call.bucket())
    }

    fn encode(&self, site: &Site, terms: &Terms) -> Result<Draft> {
        objects::encode_object(site, &self.call, terms)
    }

    /// Whatever does not begin as a page is read here and now: it may be worth another attempt.
    fn decode(&self, site: &Site, answer: &Answer) -> Result<Unread> {
        if !objects::begins_as_keys(answer) {
            objects::decode_object(site, &self.call, answer)?;
        }
        Ok(Unread { site: site.clone(), call: self.call.clone(), answer: answer.clone() })
    }
}

/// A page that has come.
pub(super) struct Unread {
    site: Site,
    call: ObjectCall,
    answer: Answer,
}

impl Unread {
    /// What its ends show.
    pub(super) fn glance(&self) -> Option<Glance> {
        let provider: Provider = self.site.provider;
        objects::glance(provider, &self.answer)
    }

    /// How many bytes it holds.
    pub(super) fn weight(&self) -> usize {
        self.answer.body.len()
    }

    /// Its rows.
    fn read(self) -> Result<Leaf> {
        let ObjectReply { said, .. } = objects::decode_object(&self.site, &self.call, &self.answer)?;
        if let Said::Keys(leaf) = said { Ok(leaf) } else { Err(unexpected()) }
    }
}

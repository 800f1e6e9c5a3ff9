//! The look at a bucket before its payer changes.
//!
//! Comes in: a place. Goes out: what its store says of each setting that matters, as the answers come. Forbidden here: touching an
//! object, offering to pay (the owner asks about the owner's bucket), judging what is seen.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::clock;
use super::engine::Engine;
use super::tally::Counters;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Look, Place, Provider, Seen, Setting};
use crate::wire::{Call, Reply};

impl Engine {
    /// Asks for every setting at the same time, one request each, and tells of each answer but the last, which ends it. It has no errors: what could not be
    /// read is said in place of the setting. Dropping the future ends the requests.
    pub async fn preflight(&self, place: &Place, mut told: impl FnMut(&Look) + Send) -> Look {
        let mut look = Look {
            provider: Provider::S3,
            bucket: place.id.bucket.to_string(),
            owner: place.expected_owner.clone(),
            seen: Vec::new(),
            open: 0,
            requests: 0,
            at: clock::now(),
        };
        let site = match self.door().desked(&place.id.account) {
            Ok(desked) => desked.account.site.clone(),
            Err(error) => {
                look.seen.push((Setting::Acl, unread(&error)));
                return look;
            }
        };
        look.provider = site.provider;
        let settings = Setting::of(&site);
        look.open = settings.len();
        let counters = Arc::new(Counters::default());
        let mut asked = JoinSet::new();
        for setting in settings {
            let (engine, place, counters) = (self.clone(), place.clone(), counters.clone());
            asked.spawn(async move { (*setting, engine.see(&place, *setting, counters).await) });
        }
        while let Some(answer) = asked.join_next().await {
            look.open -= 1;
            look.at = clock::now();
            look.requests = counters.read().requests;
            look.seen.extend(answer.ok());
            if look.open > 0 {
                told(&look);
            }
        }
        // A task that died told nothing: what it asked for was not read.
        for setting in settings {
            if look.get(*setting).is_none() {
                look.seen.push((*setting, unread(&super::tasks::died())));
            }
        }
        look
    }

    async fn see(&self, place: &Place, setting: Setting, counters: Arc<Counters>) -> Seen {
        let desked = match self.door().desked(&place.id.account) {
            Ok(desked) => desked,
            Err(error) => return unread(&error),
        };
        let call = Call::GetBucketSetting { bucket: place.id.bucket.clone(), setting };
        let books = self.door().books(Some(counters));
        match self.exchange(desked, place, &call, &books).await.map(|exchanged| exchanged.reply) {
            Ok(Reply::Setting(Some(fact))) => Seen::Is(fact),
            Ok(Reply::Setting(None)) => Seen::Nothing,
            Ok(Reply::Buckets(_) | Reply::Location(_) | Reply::Payment(_) | Reply::Done | Reply::Identity(_)) => {
                unread(&super::objects::unexpected())
            }
            Err(failed) if failed.error.kind() == ErrorKind::Unsupported => Seen::NoSuchSetting,
            Err(failed) => unread(&failed.error),
        }
    }
}

/// Why a setting is not known, in a few words: the bucket's name stands beside it.
fn unread(error: &Error) -> Seen {
    let message = error.message();
    let words = message.strip_prefix("bucket \"").and_then(|rest| rest.split_once("\": ")).map_or(message, |(_, words)| words);
    Seen::Unread(visible(words).into_owned())
}

//! What changes while the store runs: payers, objects, the log.
//!
//! Comes in: the tables of the world. Goes out: buckets by name, as they are at a given time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::history::Versioning;
use super::mood::Mood;
use super::shelf::Shelf;
use super::uploads::Uploads;
use super::world::{self, Account, BUCKETS, Goods, Habit, OWNER, REQUESTER, Share, Use};

/// A bucket as it is now.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    /// Its name.
    pub(super) name: String,
    /// Whose it is.
    pub(super) owner: &'static Account,
    /// Its region.
    pub(super) region: &'static str,
    /// Who else may use it.
    pub(super) share: Share,
    /// How its store takes requester-pays.
    pub(super) mood: Mood,
    /// How it treats requests about its payer.
    pub(super) habit: Habit,
    /// What else it is used for.
    pub(super) uses: &'static [Use],
    /// When it was made.
    pub(super) created: Timestamp,
    /// Its objects.
    pub(super) shelf: Shelf,
    /// Its unfinished uploads.
    pub(super) uploads: Uploads,
    payer: String,
    coming: Option<(String, Timestamp)>,
}

impl Bucket {
    /// The payer at that time.
    pub(super) fn payer(&self, now: Timestamp) -> &str {
        match &self.coming {
            Some((payer, from)) if now >= *from => payer,
            Some(_) | None => &self.payer,
        }
    }

    /// Changes the payer, at once or, as the real clouds may, a while later.
    pub(super) fn set_payer(&mut self, payer: &str, now: Timestamp) {
        self.payer = self.payer(now).to_owned();
        self.coming = None;
        match self.habit {
            Habit::Slow(milliseconds) => {
                let from = now.checked_add(SignedDuration::from_millis(milliseconds)).unwrap_or(now);
                self.coming = Some((payer.to_owned(), from));
            }
            Habit::Prompt | Habit::Denies | Habit::Lacks | Habit::Redirects => self.payer = payer.to_owned(),
        }
    }
}

/// All buckets, by name.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The buckets.
    pub(super) buckets: BTreeMap<String, Bucket>,
}

impl State {
    /// The demo world at its start, with that many extra buckets for benchmarks.
    pub(super) fn new(began: Timestamp, extra: usize) -> Self {
        let mut state = Self::default();
        for (place, seed) in BUCKETS.iter().enumerate() {
            let Some(owner) = world::account(seed.owner) else { continue };
            let age = SignedDuration::from_hours(24 * 37 * (1 + i64::try_from(place).unwrap_or(0)));
            let bucket = Bucket {
                name: seed.name.to_owned(),
                owner,
                region: seed.region,
                share: seed.share,
                mood: Mood::default(),
                habit: seed.habit,
                uses: seed.uses,
                created: began.checked_sub(age).unwrap_or(began),
                shelf: Shelf::new(owner.cloud, seed.versioning, seed.goods, began),
                uploads: Uploads::default(),
                payer: seed.payer.to_owned(),
                coming: None,
            };
            state.buckets.insert(bucket.name.clone(), bucket);
        }
        for number in 0..extra {
            state.add_extra(number, began);
        }
        state
    }

    fn add_extra(&mut self, number: usize, began: Timestamp) {
        let Some(owner) = world::account("crowd") else { return };
        let bucket = Bucket {
            name: format!("crowd-{number:06}"),
            owner,
            region: owner.region,
            share: Share::Private,
            mood: Mood::default(),
            habit: Habit::Prompt,
            uses: &[],
            created: began,
            shelf: Shelf::new(owner.cloud, Versioning::Never, Goods::Empty, began),
            uploads: Uploads::default(),
            payer: if number.is_multiple_of(3) { REQUESTER } else { OWNER }.to_owned(),
            coming: None,
        };
        self.buckets.insert(bucket.name.clone(), bucket);
    }

    /// The buckets of an account, in the order of their names.
    pub(super) fn owned_by(&self, account: &str) -> impl Iterator<Item = &Bucket> {
        self.buckets.values().filter(move |bucket| bucket.owner.name == account)
    }
}

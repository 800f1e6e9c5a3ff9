//! What stands of alarms: each is said once on the status line, and then stays in the details of its bucket for as long as it holds. Its
//! sign stands in the bucket's row until somebody has looked at it there.

use std::collections::{HashMap, HashSet};

use crate::alarms::link::{self, Pays};
use crate::alarms::{Alarm, Found, Known, Turned, Unpriced, turned, uncharged, unpriced};
use crate::domain::op::PriceClass;
use crate::domain::{BucketId, Ownership, Provider};
use crate::prices::is_listed;

use super::board::RowId;
use super::model::{Pane, Screen, Tone};
use super::{Effect, Model, consent};

/// Everything that stands.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    /// Buckets whose last answer, of those that could, did not say *charged*.
    uncharged: HashMap<BucketId, Provider>,
    turned: HashMap<BucketId, Turned>,
    unpriced: Vec<Unpriced>,
    /// Buckets of which the status line said in this session that nothing was charged.
    told: HashSet<BucketId>,
    /// Of those, the ones whose details somebody has looked at.
    looked: HashSet<BucketId>,
    /// Turned payers that somebody has looked at, in this session or an earlier one, by name.
    known: HashSet<String>,
}

/// The sign of what stands and nobody has looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Badge {
    Turned,
    Uncharged,
}

impl Badge {
    /// In words, for a row that has room for them.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Turned => "! payer changed",
            Self::Uncharged => "! not charged",
        }
    }
}

/// Takes the names of what was looked at in earlier sessions.
pub(crate) fn remember(model: &mut Model, names: Vec<String>) {
    model.alarms.known.extend(names);
}

/// The sign of a bucket: the worst that nobody has looked at.
pub(crate) fn badge(model: &Model, id: RowId) -> Option<Badge> {
    let (bucket, alarms) = (model.bucket_id(id)?, &model.alarms);
    let turned = alarms.turned.get(&bucket).is_some_and(|turned| !alarms.known.contains(&turned::name(&bucket, turned)));
    let uncharged = || alarms.uncharged.contains_key(&bucket) && !alarms.looked.contains(&bucket);
    if turned { Some(Badge::Turned) } else { uncharged().then_some(Badge::Uncharged) }
}

/// The details of a bucket are on screen, and a key went there: what stands in them is known from now on.
pub(crate) fn note_drawn(model: &mut Model, out: &mut Vec<Effect>) {
    let there = model.screen == Screen::Buckets && model.focus == Pane::Details && model.subject != Pane::Accounts;
    let looked_at = model.board.selected.filter(|_| there && model.dialog.is_none());
    let Some(id) = looked_at.filter(|id| badge(model, *id).is_some()) else { return };
    let Some(bucket) = model.bucket_id(id) else { return };
    if let Some(turned) = model.alarms.turned.get(&bucket) {
        let name = turned::name(&bucket, turned);
        if model.alarms.known.insert(name.clone()) {
            out.push(Effect::Remember(name));
        }
    }
    if model.alarms.uncharged.contains_key(&bucket) {
        model.alarms.looked.insert(bucket);
    }
    model.touch();
}

/// One alarm, or the end of one.
pub(crate) fn take(model: &mut Model, alarm: Alarm) {
    match alarm {
        Alarm::Uncharged { bucket, provider } => {
            model.alarms.uncharged.insert(bucket.clone(), provider);
            if model.alarms.told.insert(bucket.clone()) {
                let sentence = uncharged::sentence(provider, &known_of(model, &bucket));
                model.say(Tone::Warning, format!("{bucket}: {sentence}"));
            }
        }
        Alarm::Charged(bucket) => drop(model.alarms.uncharged.remove(&bucket)),
        Alarm::Turned(bucket, turned) => {
            if turned.found == Found::Now {
                let sentence = turned::sentence(&turned, &model.zone);
                model.say(Tone::Warning, format!("{bucket}: {sentence}"));
            }
            model.alarms.turned.insert(bucket, turned);
        }
        Alarm::Settled(bucket) => drop(model.alarms.turned.remove(&bucket)),
        Alarm::Unpriced(unpriced) => without_price(model, unpriced),
    }
}

/// Said once for each region, and not over something else: nothing is lost by reading it later, in the details.
fn without_price(model: &mut Model, new: Unpriced) {
    let first = model.alarms.unpriced.iter().all(|known| (known.provider, &known.region) != (new.provider, &new.region));
    if first && model.status.is_none() {
        let sentence = unpriced::sentence(new.provider, &new.region, &[new.class]);
        model.say(Tone::Plain, sentence);
    }
    model.alarms.unpriced.push(new);
}

/// What stands of a bucket, in sentences: the worst first.
pub(crate) fn lines(model: &Model, id: RowId) -> Vec<String> {
    let Some(bucket) = model.bucket_id(id) else { return Vec::new() };
    let turned = model.alarms.turned.get(&bucket).map(|turned| turned::sentence(turned, &model.zone));
    let uncharged = model.alarms.uncharged.get(&bucket).map(|provider| uncharged::sentence(*provider, &known(model, id)));
    turned.into_iter().chain(uncharged).chain(unpriced_at(model, id)).collect()
}

fn unpriced_at(model: &Model, id: RowId) -> Option<String> {
    let (row, account) = (model.board.row(id)?, model.account_of(id)?);
    // The same region at an endpoint of its own is another place.
    if account.endpoint.as_deref().is_some_and(|endpoint| !is_listed(account.provider, endpoint)) {
        return None;
    }
    let region = row.region.as_deref().unwrap_or(&account.region);
    let here = model.alarms.unpriced.iter().filter(|place| place.provider == account.provider && *place.region == *region);
    let classes: Vec<PriceClass> = here.map(|place| place.class).collect();
    (!classes.is_empty()).then(|| unpriced::sentence(account.provider, region, &classes))
}

/// Whether someone else's bucket takes the payer header and charges nobody for it.
pub(crate) fn pays_in_vain(model: &Model, id: RowId) -> bool {
    let foreign = model.board.row(id).is_some_and(|row| row.ownership == Ownership::Foreign);
    foreign && model.bucket_id(id).is_some_and(|bucket| model.alarms.uncharged.contains_key(&bucket))
}

/// Who pays when somebody uses a link to an object of this bucket.
pub(crate) fn link_pays(model: &Model, id: RowId) -> Option<Pays> {
    let account = model.account_of(id)?;
    Some(link::pays(account.name.as_str(), consent::of(model, id), &known(model, id)))
}

fn known(model: &Model, id: RowId) -> Known<'_> {
    let row = model.board.row(id);
    Known { ownership: row.map(|row| row.ownership), payer: row.and_then(|row| row.reading.payer()) }
}

fn known_of<'m>(model: &'m Model, bucket: &BucketId) -> Known<'m> {
    model.row_of(bucket).map(|id| known(model, id)).unwrap_or_default()
}

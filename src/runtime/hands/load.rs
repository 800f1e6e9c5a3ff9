//! The hands' part of loading: a config, and what stands on it: engine, journal, ledger, gate.
//!
//! Comes in: what to start with. Goes out: the world that later orders act on, and what the app begins with. Forbidden here: a request.

use std::sync::{Arc, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

use super::gate::Gate;
use super::{Standing, World};
use crate::alarms::turned::LOOKED_AT;
use crate::app::{Loaded, Msg, Start};
use crate::config::Config;
use crate::demo;
use crate::domain::Result;
use crate::runtime::alarms::store_of;
use crate::runtime::config_file;
use crate::runtime::engine::Engine;
use crate::runtime::journal::Journal;
use crate::runtime::journal::seen::Sighted;
use crate::runtime::ledger::Ledger;
use crate::runtime::startup;
use crate::runtime::tasks::in_background;

/// Loads, and makes the engine of what was loaded the one that later orders act on.
pub(super) async fn load(world: &Arc<World>, start: Start, messages: UnboundedSender<Msg>) -> Result<Loaded> {
    let (startup, store) = match start {
        Start::Demo => {
            let store = demo::Store::start(world.demo.clone()).await?;
            (startup::from_demo_config(&store.config(), &world.overrides)?, Some(Arc::new(store)))
        }
        Start::Config => {
            let overrides = world.overrides.clone();
            (in_background(move || startup::load(&overrides)).await?, None)
        }
    };
    let journal = match &store {
        Some(_) => Journal::in_memory()?,
        None => Journal::open(&config_file::journal_path()?)?,
    };
    let ledger = match &store {
        Some(_) => Ledger::in_memory(),
        None => Ledger::open(&config_file::ledger_path()?)?,
    };
    let (torn, full, alarmed) = (messages.clone(), messages.clone(), messages.clone());
    let gate = Gate::of(&startup.config, messages.clone());
    let ledger = ledger.telling(move |error| drop(full.send(Msg::Notice(error))));
    let notice = Box::new(move |error| drop(messages.send(Msg::Notice(error))));
    let own_prices = startup.prices.own();
    let engine = Engine::new(&startup.config, journal.clone(), world.desk.clone(), notice)?
        .with_prices(startup.prices)
        .with_ledger(ledger)
        .with_alarms(journal.clone(), move |alarm| drop(alarmed.send(Msg::Alarm(alarm))))
        .with_trace(world.trace.clone(), move |error| drop(torn.send(Msg::Notice(error))));
    let engine = gate.before(engine);
    let credential_origins = engine.credential_origins();
    let kept = journal.clone();
    let read = move || Ok((kept.consents()?, kept.unfinished_jobs()?, kept.proofs()?, kept.told_so(LOOKED_AT)?));
    let (consents, unfinished, proofs, looked) = in_background(read).await?;
    let proofs = proofs.into_iter().filter(|(bucket, _)| is_of(&startup.config, bucket)).map(|(bucket, proof)| (bucket.id, proof));
    let proofs = proofs.collect();
    let standing = Standing { engine, journal, gate, _store: store };
    *world.loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
    Ok(Loaded { config: startup.config, origin: startup.origin, credential_origins, consents, looked, proofs, unfinished, own_prices })
}

/// Whether a bucket is at the store that an account of this name speaks to now.
fn is_of(config: &Config, bucket: &Sighted) -> bool {
    config.accounts.iter().any(|account| account.name == bucket.id.account && store_of(&account.site) == bucket.store)
}

/// Writes the commented default config, if no file stands there.
pub(super) fn write_config(world: &World) -> Result<String> {
    let path = config_file::config_path(world.overrides.config.as_deref())?;
    config_file::write_default(&path)?;
    Ok(path.display().to_string())
}

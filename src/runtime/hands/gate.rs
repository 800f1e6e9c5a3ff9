//! The console's gate: whatever nobody could judge with its order is judged here, request by request, before it leaves.
//!
//! ```text
//! request ──(fits)──────────────────────> leaves; its cost counts as spent until it is over
//!    └──(would pass a budget)──> waits ──> Msg::StoppedAtDoor ──> Effect::LetPass ──> leaves
//!                                  │                          └─> Effect::TurnBack ─> fails, nothing was sent
//!                                  └──(nobody wants it any more)──> Msg::LeftDoor
//! ```
//! Comes in: what each request costs, answers. Goes out: leave to go, or none. Forbidden here: deciding what is over a budget; that is
//! for [`Turnstile`] and for whoever is asked.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot::{self, Sender};

use crate::app::{AtDoor, Msg, Pass, estimate};
use crate::config::Config;
use crate::domain::{Amount, Error, ErrorKind, Op, Result};
use crate::prices::{Scope, Toll, Turn, Turnstile};
use crate::runtime::engine::Engine;
use crate::runtime::slip::{Admission, Pledge};

/// The gate of one loaded config.
pub(super) struct Gate {
    state: Mutex<State>,
    messages: UnboundedSender<Msg>,
}

struct State {
    turnstile: Turnstile,
    waiting: HashMap<Pass, Sender<Result<()>>>,
    number: u64,
    asks: Asks,
}

/// Whether anybody is there who can be asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Somebody,
    Nobody,
}

/// A place before the gate. Dropping it says that nobody waits there any more.
struct Place {
    gate: Arc<Gate>,
    pass: Pass,
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.gate.lock().waiting.remove(&self.pass).is_some() {
            let _gone = self.gate.messages.send(Msg::LeftDoor(self.pass));
        }
    }
}

/// What counts as spent while a request is under way.
struct Aside {
    gate: Arc<Gate>,
    number: u64,
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.gate.lock().turnstile.leave(self.number);
    }
}

impl Gate {
    /// A gate with the budgets of a config.
    pub(super) fn of(config: &Config, messages: UnboundedSender<Msg>) -> Arc<Self> {
        let turnstile = Turnstile::new(estimate::budgets(Scope::Session, &config.settings, &config.accounts));
        let state = State { turnstile, waiting: HashMap::new(), number: 0, asks: Asks::Somebody };
        Arc::new(Self { state: Mutex::new(state), messages })
    }

    /// The engine behind this gate. Without a budget there is nothing to judge.
    pub(super) fn before(self: &Arc<Self>, engine: Engine) -> Engine {
        if self.lock().turnstile.purses().is_empty() {
            return engine;
        }
        let (heard, asked) = (self.clone(), self.clone());
        engine
            .with_listener(Arc::new(move |sent| heard.lock().turnstile.note(sent)))
            .with_gate(Arc::new(move |op, toll| asked.admit(op, toll)))
    }

    /// Judges a request that is about to leave; one that would pass a budget waits.
    fn admit(self: &Arc<Self>, op: Op, toll: Toll) -> Admission {
        let mut state = self.lock();
        match state.turnstile.turn(&toll) {
            Turn::Free(number, _) => Box::pin(ready(Ok(self.aside(number)))),
            Turn::Shut(..) if state.asks == Asks::Nobody => Box::pin(ready(Err(nobody_asked()))),
            Turn::Shut(scope, verdict) => {
                state.number += 1;
                let (pass, (answer, answered)) = (Pass(state.number), oneshot::channel());
                state.waiting.insert(pass, answer);
                let place = Place { gate: self.clone(), pass };
                let _gone = self.messages.send(Msg::StoppedAtDoor(AtDoor { pass, op, toll: toll.clone(), shut: (scope, verdict) }));
                Box::pin(async move {
                    answered.await.unwrap_or_else(|_| Err(nobody_asked()))?;
                    let number = place.gate.lock().turnstile.enter(toll);
                    Ok(place.gate.aside(number))
                })
            }
        }
    }

    /// A request may leave.
    pub(super) fn let_pass(&self, pass: Pass) {
        self.answer(pass, Ok(()));
    }

    /// A request does not leave.
    pub(super) fn turn_back(&self, pass: Pass, why: &str) {
        let hint = "What was sent before is paid for. Ask for it once more to be asked about the budget again.";
        self.answer(pass, Err(Error::new(ErrorKind::Refused, format!("not sent: {why}")).hint(hint)));
    }

    /// The limit of a budget is this from now on, if it was lower.
    pub(super) fn raise(&self, scope: &Scope, limit: Amount) {
        self.lock().turnstile.raise(scope, limit);
    }

    /// Nobody can be asked any more: whatever waits, and whatever comes, is refused if it would pass a budget.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.asks = Asks::Nobody;
        state.waiting.clear();
    }

    fn answer(&self, pass: Pass, answer: Result<()>) {
        let waiting = self.lock().waiting.remove(&pass);
        if let Some(waiting) = waiting {
            let _gone = waiting.send(answer);
        }
    }

    fn aside(self: &Arc<Self>, number: u64) -> Pledge {
        Box::new(Aside { gate: self.clone(), number })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nobody_asked() -> Error {
    Error::new(ErrorKind::Refused, "not sent: it would pass a budget, and nobody could be asked").hint("Start again to be asked.")
}

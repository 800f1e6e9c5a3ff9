//! Leaving while transfers run: they are kept for the next start, or given up.

use crate::transfer::Rein;

use super::super::{Effect, Model};
use super::{State, Turn};

/// How many jobs have not come to their end, and would be stopped by leaving.
pub(crate) fn remain(model: &Model) -> usize {
    model.transfers.count(|state| match state {
        State::Waiting(_) | State::Planning(_) | State::Planned(_) | State::Running(_) | State::Paused(_) => true,
        State::Stopping(..) | State::GivingUp => true,
        State::CalledOff(_) | State::Kept(_) | State::Ended(_) => false,
    })
}

/// Every job is told how to end. One that nobody has confirmed yet is not kept, unless an earlier run has left it; one that has not
/// begun is written down.
pub(crate) fn leave(model: &mut Model, rein: Rein, out: &mut Vec<Effect>) {
    for entry in &mut model.transfers.entries {
        match entry.state {
            State::Planning(_) | State::Planned(_) => entry.call_off(rein, out),
            State::Running(ticket) | State::Waiting(Turn::GoesOn(ticket)) | State::Paused(Turn::GoesOn(ticket)) => {
                entry.state = State::Stopping(ticket, rein);
                out.push(Effect::Rein(ticket, rein));
            }
            State::Waiting(Turn::Begins) | State::Paused(Turn::Begins) => {
                if entry.kept.is_none() && rein == Rein::Stop {
                    out.push(Effect::KeepJob(entry.job.clone()));
                }
                entry.state = State::Kept(None);
            }
            State::CalledOff(_) | State::Stopping(..) | State::Kept(_) | State::GivingUp | State::Ended(_) => {}
        }
    }
}

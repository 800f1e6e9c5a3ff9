//! `i`: what the store says of one object. The listing's own facts cost nothing; headers are one request, everything else four more,
//! and each step is a key of its own.

use crate::domain::{Error, Inspection, Op, Result};
use crate::transfer::Pick;

use super::super::board::RowId;
use super::super::model::{Pane, Tone, Wait};
use super::super::{Effect, Model, Thorough, Ticket, diagnosis, keys};
use super::{subject, versions};

/// What was asked of one object.
#[derive(Debug)]
pub(crate) struct Inspect {
    pub(crate) bucket: RowId,
    pub(crate) pick: Pick,
    pub(crate) known: Option<Inspection>,
    pub(crate) state: Asking,
}

/// How far the last question is.
#[derive(Debug)]
pub(crate) enum Asking {
    Waiting(Ticket),
    Answered,
    Failed(Error),
}

impl Inspect {
    /// What the next `i` asks for; `None`: everything is known.
    pub(crate) fn next(&self) -> Option<Thorough> {
        match &self.known {
            None => Some(Thorough::Headers),
            Some(Inspection { more: None, .. }) => Some(Thorough::Everything),
            Some(Inspection { more: Some(_), .. }) => None,
        }
    }
}

/// What is known of the object under the cursor beside its row.
pub(crate) fn of_selected(model: &Model) -> Option<&Inspect> {
    let pick = model.objects.selected_pick()?;
    let bucket = model.bucket_here()?;
    model.acts.inspect.as_ref().filter(|inspect| inspect.bucket == bucket && is_same(&inspect.pick, &pick))
}

/// By identity: an object that was written anew is another one.
fn is_same(one: &Pick, other: &Pick) -> bool {
    (&one.key, &one.version, &one.etag, one.modified) == (&other.key, &other.version, &other.etag, other.modified)
}

/// `i`, or Enter on an object: the first time its headers, again what lies beside them, and then its versions to choose from.
pub(crate) fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let asked_here = model.focus == Pane::Details;
    keys::focus(model, Pane::Details);
    if model.objects.is_gone_here() {
        return versions::of_gone(model, out);
    }
    let (Some(pick), Some(bucket)) = (model.objects.selected_pick(), model.bucket_here()) else { return };
    let next = match of_selected(model) {
        Some(Inspect { state: Asking::Waiting(_), .. }) => return,
        Some(inspect) => inspect.next(),
        None => Some(Thorough::Headers),
    };
    match next {
        Some(Thorough::Headers) => order(model, bucket, pick, Thorough::Headers, out),
        // Coming to the pane shows what is there; only a key in it asks for more.
        Some(Thorough::Everything) if asked_here => order(model, bucket, pick, Thorough::Everything, out),
        Some(Thorough::Everything) => {}
        None if asked_here => versions::open(model),
        None => {}
    }
}

/// What an order costs, said beside the key that gives it.
pub(crate) fn cost(thorough: Thorough) -> &'static str {
    match thorough {
        Thorough::Headers => "1 request",
        Thorough::Everything => "up to 5 requests: headers, tags, permissions, versions, attributes",
    }
}

fn order(model: &mut Model, bucket: RowId, pick: Pick, thorough: Thorough, out: &mut Vec<Effect>) {
    let Some(acting) = subject::acting(model, bucket) else { return };
    call_off(model, out);
    let ticket = model.wait(Wait::Inspect);
    let known = model.acts.inspect.take().filter(|old| old.bucket == bucket && is_same(&old.pick, &pick)).and_then(|old| old.known);
    model.acts.inspect = Some(Inspect { bucket, pick: pick.clone(), known, state: Asking::Waiting(ticket) });
    out.push(Effect::InspectObject(ticket, acting, pick, thorough));
}

/// Stops waiting for the last question. Says whether one was open.
pub(crate) fn call_off(model: &mut Model, out: &mut Vec<Effect>) -> bool {
    let Some(inspect) = &mut model.acts.inspect else { return false };
    let Asking::Waiting(ticket) = inspect.state else { return false };
    inspect.state = Asking::Answered;
    if inspect.known.is_none() {
        model.acts.inspect = None;
    }
    model.waits.remove(&ticket);
    out.push(Effect::Cancel(ticket));
    true
}

/// The answer came.
pub(super) fn take(model: &mut Model, ticket: Ticket, answer: Result<Inspection>) -> bool {
    let Some(inspect) = &mut model.acts.inspect else { return false };
    if !matches!(inspect.state, Asking::Waiting(waits) if waits == ticket) {
        return false;
    }
    match answer {
        Ok(known) => {
            inspect.known = Some(known);
            inspect.state = Asking::Answered;
        }
        Err(error) => {
            let bucket = inspect.bucket;
            let error = diagnosis::explained(model, bucket, Op::HeadObject, error);
            let text = format!("{} i for the evidence", diagnosis::of(model, bucket, Op::HeadObject, &error).sentence);
            if let Some(inspect) = &mut model.acts.inspect {
                inspect.state = Asking::Failed(error);
            }
            model.say(Tone::Bad, text);
        }
    }
    true
}

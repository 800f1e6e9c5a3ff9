//! `P`: a presigned link. It is made without a request, is as good as a key until it expires, and is gone from here when its dialog
//! closes.

use crate::domain::{Access, Error, Link, LinkAsk, LinkVerb, Result};
use crate::transfer::Pick;

use super::super::board::RowId;
use super::super::dialog::Dialog;
use super::super::model::{Tone, Wait};
use super::super::{Clip, Effect, Key, KeyCode, Model, Ticket};
use super::form::{Form, Pressed, Slot, choice, text};
use super::{Act, subject};

/// The dialog of a link.
#[derive(Debug)]
pub(crate) struct Linking {
    pub(crate) bucket: RowId,
    pub(crate) pick: Pick,
    pub(crate) form: Form,
    pub(crate) state: LinkState,
    /// The first line of a made link that is shown.
    pub(crate) top: usize,
}

/// How far the link is.
pub(crate) enum LinkState {
    Choosing,
    Signing(Ticket),
    Made(Box<Link>),
    Failed(Error),
}

impl std::fmt::Debug for LinkState {
    /// Without the link: it is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Choosing => "Choosing",
            Self::Signing(_) => "Signing",
            Self::Made(_) => "Made",
            Self::Failed(_) => "Failed",
        })
    }
}

/// Times that are offered, in the order of Tab.
const TIMES: [&str; 4] = ["1h", "15m", "12h", "7d"];

const VERBS: &[&str] = &["GET: whoever has it may download", "PUT: whoever has it may upload, and replace"];

/// Asks for what and how long.
pub(super) fn ask(model: &mut Model, bucket: RowId, pick: Pick) {
    let rows = vec![
        choice(Slot::Verb, "for", VERBS, "Space changes it"),
        text(Slot::Time, "works for", TIMES[0], "1 second to 7 days, such as 90s, 15m, 12h, 7d; Tab: the next of 1h, 15m, 12h, 7d"),
    ];
    let mut form = Form::new(rows);
    form.line = 1;
    if protected(model, bucket).is_some() {
        form.rows.push(text(Slot::Bucket, "bucket", "", "for PUT: the account is protected, so the bucket's name is typed"));
    }
    model.dialog = Some(Dialog::Act(Act::Link(Linking { bucket, pick, form, state: LinkState::Choosing, top: 0 })));
}

/// The bucket's name, if its account is protected: a link that writes confirms beforehand whatever is written with it.
fn protected(model: &Model, bucket: RowId) -> Option<String> {
    let id = model.bucket_id(bucket)?;
    (subject::access(model, &id) == Access::Protected).then(|| id.bucket.to_string())
}

fn linking(model: &mut Model) -> Option<&mut Linking> {
    match &mut model.dialog {
        Some(Dialog::Act(Act::Link(linking))) => Some(linking),
        _ => None,
    }
}

/// A key while the dialog is open.
pub(super) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(open) = linking(model) else { return };
    match &open.state {
        LinkState::Choosing | LinkState::Failed(_) => choose(model, key, out),
        LinkState::Signing(_) if key.code == KeyCode::Esc => close(model, out),
        LinkState::Signing(_) => {}
        LinkState::Made(_) => made_key(model, key, out),
    }
}

fn choose(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(open) = linking(model) else { return };
    open.state = LinkState::Choosing;
    match open.form.press(key) {
        Pressed::Nothing | Pressed::Changed => {}
        Pressed::Closed => model.dialog = None,
        Pressed::Complete(_) => {
            let at = TIMES.iter().position(|time| *time == open.form.text(Slot::Time)).map_or(0, |at| at + 1);
            open.form.set(Slot::Time, TIMES.get(at).unwrap_or(&TIMES[0]));
        }
        Pressed::Submitted => order(model, out),
    }
}

fn order(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(open) = linking(model) else { return };
    let verb = if open.form.chosen(Slot::Verb) == 0 { LinkVerb::Get } else { LinkVerb::Put };
    let seconds = match seconds(open.form.text(Slot::Time)) {
        Ok(seconds) => seconds,
        Err(complaint) => {
            open.form.complaint = Some(complaint.to_owned());
            return;
        }
    };
    if verb == LinkVerb::Put && open.pick.version.is_some() {
        open.form.complaint = Some("a version cannot be written: choose GET".to_owned());
        return;
    }
    let (bucket, pick) = (open.bucket, open.pick.clone());
    if verb == LinkVerb::Put && subject::refused(model, bucket) {
        model.dialog = None;
        return;
    }
    if verb == LinkVerb::Put
        && let Some(name) = protected(model, bucket)
        && let Some(open) = linking(model)
        && open.form.text(Slot::Bucket) != name
    {
        open.form.complaint = Some(format!("a link that writes: type `{name}` as the bucket first"));
        return;
    }
    let Some(acting) = subject::acting(model, bucket) else { return };
    let ticket = model.wait(Wait::Link);
    if let Some(open) = linking(model) {
        open.state = LinkState::Signing(ticket);
    }
    out.push(Effect::Presign(ticket, acting, LinkAsk { verb, key: pick.key, version: pick.version, seconds }));
}

/// `90s`, `15m`, `12h`, `7d`, `1h30m`; a bare number is seconds.
fn seconds(text: &str) -> std::result::Result<u32, &'static str> {
    const COMPLAINT: &str = "write a time such as 90s, 15m, 12h or 7d";
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(seconds);
    }
    let (mut all, mut number) = (0_u32, None::<u32>);
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            let grown = number.unwrap_or(0).checked_mul(10).and_then(|grown| grown.checked_add(digit));
            number = Some(grown.ok_or(COMPLAINT)?);
            continue;
        }
        let factor = match c {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(COMPLAINT),
        };
        let part = number.take().and_then(|number| number.checked_mul(factor)).ok_or(COMPLAINT)?;
        all = all.checked_add(part).ok_or(COMPLAINT)?;
    }
    match number {
        None if all > 0 => Ok(all),
        None | Some(_) => Err(COMPLAINT),
    }
}

/// The link was made, or not. One that comes after its dialog was closed is dropped.
pub(super) fn take(model: &mut Model, ticket: Ticket, answer: Result<Link>) -> bool {
    let Some(open) = linking(model) else { return false };
    if !matches!(open.state, LinkState::Signing(waits) if waits == ticket) {
        return false;
    }
    open.state = match answer {
        Ok(link) => LinkState::Made(Box::new(link)),
        Err(error) => LinkState::Failed(error),
    };
    true
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key means nothing here")]
fn made_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let width = usize::from(model.size.width.min(100)).saturating_sub(6).max(8);
    let Some(Linking { state: LinkState::Made(link), top, .. }) = linking(model) else { return };
    match key.code {
        KeyCode::Up | KeyCode::Char('k') => *top = top.saturating_sub(1),
        // The link, and at most so many lines that say what it does.
        KeyCode::Down | KeyCode::Char('j') => *top = (*top + 1).min(link.url.expose().len() / width + 12),
        KeyCode::Enter | KeyCode::Char('y') => {
            out.push(Effect::Copy(Clip::new(link.url.expose())));
            // It stays in sight: a terminal may not have taken it.
            model.say(Tone::Good, "copied the link: whoever has it may use it until it expires");
        }
        KeyCode::Esc | KeyCode::Char('q') => close(model, out),
        _ => {}
    }
}

fn close(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some(Linking { state: LinkState::Signing(ticket), .. }) = linking(model) {
        let ticket = *ticket;
        model.waits.remove(&ticket);
        out.push(Effect::Cancel(ticket));
    }
    model.dialog = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_type_them() {
        for (text, wanted) in [("1h", 3_600), ("15m", 900), ("12h", 43_200), ("7d", 604_800), ("90s", 90), (" 1h30m ", 5_400), ("60", 60)] {
            assert_eq!(seconds(text), Ok(wanted), "{text}");
        }
        for text in ["", "h", "1x", "1h30", "-1h", "99999999999d", "1.5h", "١h", "4294967295d"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}

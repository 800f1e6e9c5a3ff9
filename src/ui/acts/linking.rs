//! A presigned link: what for, how long, and then the link itself.
//!
//! ```text
//! ┌ Link to research:maps/a.csv ───────────────────┐
//! │ https://maps.s3.us-west-2.amazonaws.com/a.csv… │
//! │ works until 2026-11-20 15:02:11                │
//! │ Account "research" pays for the request …      │
//! └────────────────────────────────────────────────┘
//! ```

use crate::alarms::link::Tone;
use crate::app::{Area, LinkState, Linking, Model, estimate_of, link_pays, side_of};
use crate::domain::{Acting, Consent, Link, Op};
use crate::prices;

use super::super::canvas::{Canvas, wrap};
use super::super::details;
use super::super::dialogs::{Line, frame, put_lines, put_pages};
use super::super::look::Role;
use super::super::objects::ends_shown;
use super::super::words;
use super::{Keys, form};

/// Draws the dialog over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, open: &Linking) {
    let key = ends_shown(&canvas.safe(open.pick.key.as_str()));
    let title = format!("Link to {}/{key}", canvas.safe(&model.name_of(open.bucket)));
    let width = 100.min(model.size.width.saturating_sub(2));
    let room = usize::from(width.saturating_sub(4));
    match &open.state {
        LinkState::Made(link) => {
            let lines = made(canvas, model, open, link, room);
            let inner = frame(canvas, model.size, &title, width, lines.len());
            put_lines(canvas, inner, &lines, open.top);
        }
        LinkState::Choosing | LinkState::Signing(_) | LinkState::Failed(_) => {
            let lines = below(canvas, model, open, room);
            let inner = frame(canvas, model.size, &title, width, open.form.rows.len() + lines.len());
            let used = form::rows(canvas, inner, &open.form, lines.len());
            put_pages(canvas, Area { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner }, &lines, model.dialog_page);
        }
    }
}

fn below(canvas: &Canvas<'_>, model: &Model, open: &Linking, room: usize) -> Vec<Line> {
    let wrapped = |text: &str, role| wrap(&canvas.safe(text), room).into_iter().map(move |line| (line, role)).collect::<Vec<Line>>();
    match (&open.state, &open.form.complaint) {
        (LinkState::Failed(error), _) => {
            let facts = details::trouble(error);
            facts.into_iter().flat_map(|(label, text, role)| wrapped(&format!("{label}: {text}"), role)).collect()
        }
        (LinkState::Signing(_), _) => wrapped("signing…", Role::Muted),
        (LinkState::Choosing | LinkState::Made(_), Some(complaint)) => wrapped(complaint, Role::Bad),
        (LinkState::Choosing | LinkState::Made(_), None) => {
            let hint = open.form.rows.get(open.form.line).map(|row| row.hint).unwrap_or_default();
            let mut lines =
                wrapped(&format!("{hint}. Making it sends no request. A link is as good as a key until it expires."), Role::Muted);
            pays(model, open).into_iter().for_each(|(text, role)| lines.extend(wrapped(&text, role)));
            lines
        }
    }
}

/// What it costs each time.
fn each_use(model: &Model, open: &Linking, link: &Link) -> Option<String> {
    let acting = Acting { place: model.place_of(open.bucket)?, consent: Consent::Silent };
    let side = if link.method == "PUT" {
        side_of(acting, Op::PutObject, 1, 0)
    } else {
        side_of(acting, Op::GetObject, 1, open.pick.size.unwrap_or(0))
    };
    let estimate = estimate_of(model, &side);
    let bytes = if estimate.down > 0 { format!(", {}", prices::words::bytes(&estimate)) } else { String::new() };
    Some(format!("Each use: {}{bytes}; {}.", prices::words::requests(&estimate), prices::words::money(&estimate)))
}

/// Who pays when somebody uses the link, and what can be done about it.
fn pays(model: &Model, open: &Linking) -> Option<(String, Role)> {
    let pays = link_pays(model, open.bucket)?;
    Some(match pays.tone {
        Tone::Plain | Tone::OwnerPays => (pays.text, Role::Warning),
        Tone::Refused => (format!("{} To make one that works, agree to pay first: Esc, R.", pays.text), Role::Bad),
    })
}

fn made(canvas: &Canvas<'_>, model: &Model, open: &Linking, link: &Link, room: usize) -> Vec<Line> {
    let url = canvas.safe(link.url.expose());
    let mut lines: Vec<Line> = wrap(&url, room).into_iter().map(|line| (line, Role::Title)).collect();
    lines.push((String::new(), Role::Plain));
    let mut say = |text: String, role| lines.extend(wrap(&canvas.safe(&text), room).into_iter().map(|line| (line, role)));
    let cut = if link.cut_short { ": the credentials end then, before the time that was asked for" } else { "" };
    say(format!("{} works until {}{cut}", link.method, words::full_time(link.expires_at, &model.zone)), Role::Plain);
    pays(model, open).into_iter().for_each(|(text, role)| say(text, role));
    if let Some(each) = each_use(model, open, link) {
        say(each, Role::Plain);
    }
    for (name, value) in &link.must_send {
        say(format!("whoever uses it sends the header {name}: {value}"), Role::Warning);
    }
    lines
}

/// The footer's keys.
pub(super) fn keys(_model: &Model, open: &Linking) -> Keys {
    match open.state {
        LinkState::Made(_) => vec![("y Enter", "copy"), ("Esc", "close and forget"), ("Up Down", "scroll")],
        LinkState::Signing(_) => vec![("Esc", "close")],
        LinkState::Choosing | LinkState::Failed(_) => {
            vec![("Enter", "make the link"), ("Tab", "time"), ("Up Down", "fields"), ("Esc", "close")]
        }
    }
}

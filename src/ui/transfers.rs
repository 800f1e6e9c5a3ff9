//! Screen 3: the queue.
//!
//! ```text
//! ─▸Transfers  2 of at most 2 run · 1 waits · limit 10M/s ───────────────────────
//!   WHAT                   STATE    DONE            RATE     LEFT   PAYS
//! ▸ down research:maps/    running  ████░░░░░░ 41 % 12 MiB/s 9 s    you (research)
//! ```

use std::path::Path;

use crate::app::{Area, End, Model, Pane, State, Transfer, Turn, limit_text};
use crate::transfer::{Fate, Job, Pointer, Progress, Selection, Source};

use super::canvas::{Canvas, Focused, fit, fit_middle, wrap};
use super::look::Role;
use super::words;

/// Draws the list.
pub(crate) fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let queue = &model.transfers;
    let focused = Focused::when(model.focus == Pane::List);
    canvas.rule(area, &title(model), focused);
    let columns = Columns::of(area.width);
    let heads = ["WHAT", "STATE", "DONE", "SIZE", "RATE", "LEFT", "OBJECTS", "REQUESTS", "PAYS"].map(str::to_owned);
    line(canvas, area, area.y + 1, &columns, heads, [Role::Muted; COLUMNS]);
    if queue.entries.is_empty() {
        let text = "nothing is moved or removed: u uploads, d downloads, c copies, x deletes on screen 2";
        for (line, y) in wrap(text, usize::from(area.width.saturating_sub(4))).iter().zip(area.y + 3..area.y + area.height) {
            canvas.put(area.x + 2, y, area.width.saturating_sub(2), line, Role::Muted);
        }
    }
    let room = usize::from(area.height.saturating_sub(2));
    for (entry, y) in queue.entries.iter().skip(queue.top).take(room).zip(area.y + 2..) {
        row(canvas, model, area, y, &columns, entry);
        if Some(entry.id) == queue.selected {
            canvas.put(area.x, y, 1, "▸", Role::Plain);
            canvas.paint(Area { y, height: 1, ..area }, if focused == Focused::Yes { Role::Cursor } else { Role::Rest });
        }
    }
}

fn title(model: &Model) -> String {
    let queue = &model.transfers;
    let waiting = queue.count(|state| matches!(state, State::Waiting(_)));
    let kept = queue.count(|state| matches!(state, State::Kept(_)));
    let mut text = format!("Transfers  {} of at most {} run", queue.running(), queue.parallel);
    if waiting > 0 {
        text.push_str(&format!(" · {waiting} waiting"));
    }
    if kept > 0 {
        text.push_str(&format!(" · {kept} unfinished"));
    }
    if let Some(limit) = queue.limit {
        text.push_str(&format!(" · limit {}/s", limit_text(limit)));
    }
    text
}

const COLUMNS: usize = 9;

/// Widths; 0 leaves a column out.
struct Columns([u16; COLUMNS]);

impl Columns {
    fn of(width: u16) -> Self {
        let mut widths = match width {
            0..60 => [0, 8, 5, 0, 0, 0, 0, 0, 0],
            60..110 => [0, 8, 14, 0, 10, 6, 0, 0, 14],
            110..150 => [0, 8, 16, 15, 10, 6, 10, 0, 16],
            _ => [0, 10, 26, 17, 10, 6, 14, 9, 28],
        };
        let others: u16 = widths.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
        widths[0] = width.saturating_sub(others + 2);
        Self(widths)
    }
}

fn row(canvas: &mut Canvas<'_>, model: &Model, area: Area, y: u16, columns: &Columns, entry: &Transfer) {
    let (state, role) = state(entry);
    let progress = &entry.progress;
    let moves = matches!(entry.state, State::Running(_));
    let texts = [
        what(&entry.job),
        state.to_owned(),
        far(entry, columns.0[2]),
        size(&entry.job, progress),
        if moves { rate(entry.meter.rate()) } else { String::new() },
        left(entry).filter(|_| moves).unwrap_or_default(),
        objects(progress),
        progress.tally.requests.to_string(),
        entry.payer(model),
    ];
    let pays = if entry.pays_as_requester() { Role::Requester } else { Role::Owner };
    let failed = if progress.failed > 0 { Role::Bad } else { Role::Plain };
    let roles = [Role::Plain, role, Role::Plain, Role::Plain, Role::Plain, Role::Plain, failed, Role::Muted, pays];
    line(canvas, area, y, columns, texts, roles);
}

fn line(canvas: &mut Canvas<'_>, area: Area, y: u16, columns: &Columns, texts: [String; COLUMNS], roles: [Role; COLUMNS]) {
    let mut x = area.x + 2;
    for (index, ((width, text), role)) in columns.0.into_iter().zip(texts).zip(roles).enumerate().filter(|(_, ((width, _), _))| *width > 0)
    {
        // The bar is ours; names come from outside.
        let text = if index == 2 { text } else { canvas.safe(&text) };
        // Of what is moved, the end tells more than the middle: the keys of one bucket begin alike.
        let text = if index == 0 { fit_middle(&text, usize::from(width)) } else { fit(&text, usize::from(width)) };
        canvas.put(x, y, width, &text, role);
        x += width + 1;
    }
}

/// How much of all is done; what has moved, where all was not counted and nobody does.
fn far(entry: &Transfer, width: u16) -> String {
    let rests = matches!(entry.state, State::Kept(_) | State::GivingUp | State::Ended(_));
    match percent(&entry.progress) {
        None if rests && entry.progress.moved == 0 => String::new(),
        None if rests => words::size(entry.progress.moved),
        known => bar(known, width),
    }
}

/// `down research:maps/tiles/`.
fn what(job: &Job) -> String {
    let bucket = &job.acting().place.id;
    match job {
        Job::Upload(upload) => format!("up {} to {bucket}/{}", read(&upload.from), pointed(&upload.key)),
        Job::Download(download) => format!("down {bucket}/{}", chosen(&download.what)),
        Job::Copy(copy) => format!("copy {}/{} to {bucket}/{}", copy.from.place.id, chosen(&copy.what), pointed(&copy.key)),
        Job::Delete(delete) => format!("delete {}{bucket}/{}", version(&delete.what), chosen(&delete.what)),
    }
}

/// Whether a version goes, or a delete marker, and not the object.
fn version(what: &Selection) -> &'static str {
    match what {
        Selection::Picked(picks) if picks.iter().any(|pick| pick.version.is_some()) => "version of ",
        Selection::Picked(_) | Selection::Below { .. } => "",
    }
}

/// The name of the one file or folder, or how many there are.
fn read(from: &Source) -> String {
    match from {
        Source::File(path) => name(path),
        Source::Paths { paths, .. } => match paths.as_slice() {
            [one] => name(one),
            paths => format!("{} files", paths.len()),
        },
        Source::Stdin => "-".to_owned(),
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn pointed(pointer: &Pointer) -> &str {
    match pointer {
        Pointer::Key(key) => key.as_str(),
        Pointer::Below(prefix) => prefix,
    }
}

fn chosen(what: &Selection) -> &str {
    match what {
        Selection::Below { prefix, .. } => prefix,
        Selection::Picked(picks) => match picks.as_slice() {
            [only] => only.key.as_str(),
            _ => "…",
        },
    }
}

/// A state as a word.
pub(super) fn state(entry: &Transfer) -> (&'static str, Role) {
    match &entry.state {
        State::Waiting(_) => ("waits", Role::Muted),
        State::Planning(_) => ("counting", Role::Plain),
        State::Planned(_) => ("asks", Role::Warning),
        State::Running(_) => ("running", Role::Accent),
        State::Paused(Turn::Begins | Turn::GoesOn(_)) => ("paused", Role::Warning),
        State::CalledOff(_) | State::Stopping(..) => ("stopping", Role::Warning),
        State::Kept(None) => ("stopped", Role::Warning),
        State::Kept(Some(_)) => ("stopped!", Role::Bad),
        State::GivingUp => ("aborting", Role::Warning),
        State::Ended(End::Done) => ("done", Role::Good),
        State::Ended(End::Partly) if entry.progress.failed >= entry.progress.ended => nothing_done(entry),
        State::Ended(End::Partly) => ("partly", Role::Warning),
        State::Ended(End::Failed(_)) => ("failed", Role::Bad),
        State::Ended(End::GivenUp) => ("given up", Role::Muted),
    }
}

/// Every object failed; or was kept, since something of its name exists, which is no failure.
fn nothing_done(entry: &Transfer) -> (&'static str, Role) {
    let exists = !entry.failures.is_empty() && entry.failures.iter().all(|end| matches!(end.fate, Fate::Exists));
    if exists { ("exists", Role::Warning) } else { ("failed", Role::Bad) }
}

/// How much is done, in hundredths; `None` while nobody knows of how much.
pub(super) fn percent(progress: &Progress) -> Option<u64> {
    let (done, all) = if progress.bytes > 0 { (progress.moved, progress.bytes) } else { (progress.ended, progress.objects) };
    if !progress.counted || all == 0 {
        return None;
    }
    // Complete is what has ended, not what has moved.
    let complete = progress.ended >= progress.objects;
    // What an earlier start moved, or the store had already, is done without moving again.
    if complete && progress.failed == 0 {
        return Some(100);
    }
    let share = u128::from(done) * 100 / u128::from(all);
    Some(u64::try_from(share).unwrap_or(100).min(if complete { 100 } else { 99 }))
}

fn bar(percent: Option<u64>, width: u16) -> String {
    let Some(percent) = percent else { return if width < 8 { "…".to_owned() } else { "counting…".to_owned() } };
    if width < 8 {
        return format!("{percent} %");
    }
    let cells = usize::from(width - 6);
    let full = usize::try_from(percent).unwrap_or(100) * cells / 100;
    format!("{}{} {percent} %", "█".repeat(full), "░".repeat(cells - full))
}

fn size(job: &Job, progress: &Progress) -> String {
    if progress.bytes == 0 {
        return String::new();
    }
    if let Job::Delete(_) = job {
        return words::size(progress.bytes);
    }
    let (moved, all) = (words::size(progress.moved), words::size(progress.bytes));
    match (moved.rsplit_once(' '), all.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number}/{all}"),
        _ => format!("{moved}/{all}"),
    }
}

pub(super) fn rate(bytes: u64) -> String {
    format!("{}/s", words::size(bytes))
}

/// How long the rest takes.
pub(super) fn left(entry: &Transfer) -> Option<String> {
    entry.meter.left(entry.progress.bytes).filter(|_| entry.progress.counted && entry.progress.bytes > 0).map(words::duration)
}

fn objects(progress: &Progress) -> String {
    let done = progress.ended.saturating_sub(progress.failed);
    let failed = if progress.failed > 0 { format!(" !{}", progress.failed) } else { String::new() };
    format!("{done}/{}{failed}", progress.objects)
}

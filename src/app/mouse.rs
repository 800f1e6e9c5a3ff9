//! A click selects, a second one opens, a wheel moves; nothing is confirmed or changed with the mouse.

use jiff::SignedDuration;

use super::layout::Area;
use super::model::{Pane, Phase, Screen};
use super::{Dialog, Effect, Key, KeyCode, Model, Mouse, MouseKind, dialog, keys, ledger, objects};

/// How many lines a notch of the wheel moves.
const NOTCH: isize = 3;

/// Two clicks within this are one double click.
const DOUBLE: SignedDuration = SignedDuration::from_millis(400);

/// The mouse did something.
pub(crate) fn act(model: &mut Model, mouse: Mouse, out: &mut Vec<Effect>) {
    if model.dialog.is_some() {
        return scroll_dialog(model, mouse.kind, out);
    }
    let Some((pane, area)) = pane_at(model, mouse) else { return };
    if !matches!(model.phase, Phase::Ready) {
        return;
    }
    match mouse.kind {
        MouseKind::Click => click(model, pane, area, mouse, out),
        MouseKind::ScrollUp | MouseKind::ScrollDown => {
            let by = if mouse.kind == MouseKind::ScrollUp { -NOTCH } else { NOTCH };
            if pane != Pane::Accounts {
                keys::focus(model, pane);
                keys::step(model, by);
            }
        }
    }
}

/// The wheel moves what arrow keys move, and is never an answer.
fn scroll_dialog(model: &mut Model, kind: MouseKind, out: &mut Vec<Effect>) {
    let (by, code) = match kind {
        MouseKind::Click => return,
        MouseKind::ScrollUp => (-NOTCH, KeyCode::Up),
        MouseKind::ScrollDown => (NOTCH, KeyCode::Down),
    };
    let width = model.size.width;
    let has_lines = match &mut model.dialog {
        Some(Dialog::Help { top }) => return *top = top.saturating_add_signed(by).min(dialog::help_lines(width)),
        Some(Dialog::Report { top }) => return *top = top.saturating_add_signed(by),
        Some(Dialog::Diagnosis(examined)) => return examined.top = examined.top.saturating_add_signed(by).min(examined.lines(width)),
        Some(Dialog::Plan(plan)) => return plan.top = plan.top.saturating_add_signed(by).min(plan.lines.len().saturating_sub(1)),
        Some(Dialog::Probe(open)) => return open.scroll(by),
        Some(dialog) if dialog.has_pages() => return dialog::turn_page(model, if by < 0 { -1 } else { 1 }),
        Some(Dialog::Palette(_) | Dialog::Copy { .. }) => true,
        Some(Dialog::Transfers(question)) => question.has_lines(),
        Some(Dialog::Act(act)) => act.has_lines(),
        Some(Dialog::OpenBucket(_) | Dialog::Quit { .. } | Dialog::Consent(_)) => false,
        Some(Dialog::ReadRest(_) | Dialog::Budget(_) | Dialog::Jump(_)) | None => false,
    };
    if has_lines {
        (0..NOTCH).for_each(|_| dialog::press(model, Key { code, ctrl: false, alt: false }, out));
    }
}

fn pane_at(model: &Model, mouse: Mouse) -> Option<(Pane, Area)> {
    let panes = model.panes()?;
    [(Pane::Accounts, panes.accounts), (Pane::List, panes.list), (Pane::Details, panes.details)]
        .into_iter()
        .filter_map(|(pane, area)| Some((pane, area?)))
        .find(|(_, area)| area.contains(mouse.column, mouse.row))
}

fn click(model: &mut Model, pane: Pane, area: Area, mouse: Mouse, out: &mut Vec<Effect>) {
    let below = usize::from(mouse.row - area.y);
    keys::focus(model, pane);
    match (pane, model.screen) {
        (Pane::Accounts, _) => {
            if let Some(line) = below.checked_sub(1).filter(|line| *line <= model.accounts.len()) {
                keys::scope_to(model, line);
            }
        }
        (Pane::List, Screen::Buckets) => {
            if let Some(line) = below.checked_sub(2).map(|line| line + model.board.top).filter(|line| *line < model.board.order.len()) {
                model.board.select_line(line);
            }
        }
        (Pane::List, Screen::Objects) => {
            if let Some(line) = below.checked_sub(2) {
                click_row(model, line, out);
            }
        }
        (Pane::List, Screen::Journal) => {
            if let Some(line) = below.checked_sub(2).map(|line| line + model.journal.top).filter(|line| *line < model.journal.order.len()) {
                model.journal.select_line(line);
            }
        }
        (Pane::List, Screen::Transfers) => {
            if let Some(line) = below.checked_sub(2).map(|line| line + model.transfers.top) {
                model.transfers.select_line(line);
            }
        }
        (Pane::List, Screen::Ledger) => ledger::click(model, mouse.row - area.y, out),
        (Pane::Details, _) => {}
    }
}

/// A row of a listing: selected by the first click, opened by a second one soon after.
fn click_row(model: &mut Model, below: usize, out: &mut Vec<Effect>) {
    let (now, page) = (model.now, model.objects.page);
    let Some(listing) = &mut model.objects.listing else { return };
    let line = listing.top + below;
    if line >= listing.shown() || below >= page {
        return;
    }
    let before = listing.cursor();
    listing.select_line(line, page);
    let again = before == listing.cursor() && listing.clicked.is_some_and(|at| now.duration_since(at) <= DOUBLE);
    listing.clicked = Some(now);
    if again {
        objects::enter(model, out);
    }
}

//! From a key to an action, and what each action does.

use crate::domain::Acting;
use crate::transfer::Rein;

use super::action::{self, Action, Place};
use super::board::RowId;
use super::dialog::{Dialog, OpenBucket};
use super::model::{Pane, Phase, Screen, Tone};
use super::palette::Palette;
use super::{
    Effect, Key, KeyCode, Model, accounts, acts, change, consent, copy, diagnosis, dialog, ending, filter_line, journal, ledger, objects,
    probe, reading, start, toll, transfers,
};

/// A key was pressed.
pub(crate) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    if model.leaving {
        return;
    }
    model.status = None;
    if let Some(action @ (Action::Quit | Action::Suspend)) = action::find(key, Place::Board).filter(|_| key.ctrl) {
        return run(model, action, out);
    }
    if model.panes().is_none() {
        // Too small to show what a key would do.
        if key.code == KeyCode::Char('q') {
            quit(model, out);
        }
        return;
    }
    if model.dialog.is_some() {
        if !dialog::turns_page(model, key) {
            model.dialog_page = 0;
            dialog::press(model, key, out);
        }
        return;
    }
    model.dialog_page = 0;
    match &model.phase {
        Phase::Welcome(_) => start::welcome_key(model, key, out),
        Phase::Broken(_) => start::broken_key(model, key, out),
        Phase::Blank | Phase::Starting if key.code == KeyCode::Char('q') => leave(model, Rein::Stop, out),
        Phase::Blank | Phase::Starting => {}
        Phase::Ready if model.editing.is_some() => filter_line::press(model, key),
        Phase::Ready => {
            if sends_now(model, key, out) {
                return;
            }
            if let Some(action) = action::find(key, model.place()) {
                run(model, action, out);
            }
        }
    }
}

/// Text was pasted: never keys.
pub(crate) fn paste(model: &mut Model, text: &str) {
    if model.dialog.is_some() {
        dialog::paste(model, text);
    } else if let Some(field) = &mut model.editing {
        field.paste(text);
        filter_line::apply(model);
    }
}

/// Does an action.
pub(crate) fn run(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    if asks_again(model, action) {
        toll::reopen(model);
    }
    match action {
        Action::MoveDown => step(model, 1),
        Action::MoveUp => step(model, -1),
        Action::PageDown => leaf(model, page(model)),
        Action::PageUp => leaf(model, -page(model)),
        Action::GoTop => step(model, isize::MIN),
        Action::GoBottom => go_bottom(model),
        Action::Open => open(model, out),
        Action::Back => back(model, out),
        Action::NextGroup => ledger::turn(model, 1, out),
        Action::PreviousGroup => ledger::turn(model, ledger::GROUPINGS.len() - 1, out),
        Action::LongerReach => ledger::look(model, model.ledger.reach.next(), out),
        Action::ShorterReach => ledger::look(model, model.ledger.reach.previous(), out),
        Action::NextMeasure => ledger::measure_next(model),
        Action::NextPane => turn(model, 1),
        Action::PreviousPane => turn(model, 2),
        Action::Inspect => {
            if !diagnosis::open(model) || model.screen == Screen::Buckets {
                inspect(model, out);
            }
        }
        Action::Upload => acts::upload(model, out),
        Action::Download => acts::download(model),
        Action::CopyObjects => acts::copy(model),
        Action::DeleteObjects => acts::delete(model, out),
        Action::Preview => acts::preview(model, out),
        Action::Link => acts::link(model),
        Action::TogglePayer => change::toggle(model, out),
        Action::RevertPayer => ending::revert(model, out),
        Action::ShowReport if model.rollout.is_some() => model.dialog = Some(Dialog::Report { top: 0 }),
        Action::ShowReport => model.say(Tone::Plain, "no plan was confirmed in this session"),
        Action::Mark => mark(model),
        Action::MarkAll => mark_all(model),
        Action::EditFilter => filter_line::begin(model),
        Action::SortNext => filter_line::sort_next(model),
        Action::SortReverse => filter_line::reverse(model),
        Action::Refresh => refresh(model, out),
        Action::ReadAll => reading::ask_all(model),
        Action::OpenBucket => model.dialog = Some(Dialog::OpenBucket(OpenBucket::default())),
        Action::CopyText => {
            let choices = copy::choices(model);
            if !choices.is_empty() {
                model.dialog = Some(Dialog::Copy { choices, line: 0, behind: None });
            } else if model.screen == Screen::Objects {
                model.say(Tone::Warning, "this key has control characters: it cannot stand in a line of a shell, and is not copied");
            }
        }
        Action::ToggleRequester => consent::toggle(model, out),
        Action::Probe => probe::begin(model),
        Action::JumpTo => objects::jump::begin(model),
        Action::ShowBuckets => go(model, Screen::Buckets),
        Action::ShowObjects => objects::return_to(model, out),
        Action::ShowJournal => {
            go(model, Screen::Journal);
            journal::read(model, out);
        }
        Action::ShowTransfers => go(model, Screen::Transfers),
        Action::ShowLedger => ledger::enter(model, out),
        Action::PauseTransfer => transfers::pause(model, out),
        Action::CancelTransfer => transfers::cancel(model),
        Action::RetryTransfer => transfers::retry(model, out),
        Action::MoveEarlier => transfers::swap(model, -1),
        Action::MoveLater => transfers::swap(model, 1),
        Action::MoreAtOnce => transfers::more(model, out),
        Action::FewerAtOnce => transfers::fewer(model),
        Action::LimitBandwidth => transfers::limit(model),
        Action::ClearEnded => transfers::clear(model),
        Action::ShowUploads => show_uploads(model, out),
        Action::ShowPalette => model.dialog = Some(Dialog::Palette(Palette::new(model.place()))),
        Action::ShowHelp => model.dialog = Some(Dialog::Help { top: 0 }),
        Action::CallOff => call_off(model, out),
        Action::Suspend => suspend(model, out),
        Action::Quit => quit(model, out),
    }
}

/// Whether an action asks for what a no to a budget has kept back.
fn asks_again(model: &Model, action: Action) -> bool {
    let bottom = action == Action::GoBottom && model.screen == Screen::Objects;
    bottom || matches!(action, Action::Refresh | Action::ReadAll | Action::TogglePayer | Action::RevertPayer)
}

/// Whether an action would do something now, so that the footer shows it.
pub(crate) fn is_useful(model: &Model, action: Action) -> bool {
    match action {
        Action::RevertPayer => !model.undo.is_empty(),
        Action::ShowReport => model.rollout.is_some(),
        Action::TogglePayer => model.screen == Screen::Buckets && model.board.selected.is_some(),
        Action::CopyText | Action::Mark | Action::MarkAll => match model.screen {
            Screen::Buckets => model.board.selected.is_some(),
            Screen::Objects => model.objects.selected().is_some() && (action != Action::Mark || !model.objects.is_gone_here()),
            Screen::Ledger => model.ledger.requests.as_ref().is_some_and(|requests| requests.selected().is_some()),
            Screen::Journal | Screen::Transfers => false,
        },
        Action::ToggleRequester | Action::Probe | Action::Upload => model.bucket_here().is_some(),
        Action::Download | Action::CopyObjects | Action::DeleteObjects => model.objects.has_subject(),
        Action::Preview | Action::Link => model.objects.selected_pick().is_some(),
        Action::JumpTo => model.objects.listing.is_some(),
        Action::ShowJournal => model.screen != Screen::Journal,
        Action::ShowTransfers => model.screen != Screen::Transfers,
        Action::ShowLedger => model.screen != Screen::Ledger,
        Action::PauseTransfer => transfers::can(model, transfers::is_pausable),
        Action::CancelTransfer => transfers::can(model, transfers::is_cancellable),
        Action::RetryTransfer => transfers::can(model, transfers::is_retriable),
        Action::MoveEarlier | Action::MoveLater => model.transfers.entries.len() > 1,
        Action::ClearEnded => model.transfers.count(|state| matches!(state, super::State::Ended(_))) > 0,
        Action::ShowUploads => model.bucket_here().is_some(),
        Action::ShowBuckets => model.screen != Screen::Buckets,
        Action::ShowObjects => model.screen != Screen::Objects,
        Action::Open => model.focus != Pane::Details,
        Action::Back => model.focus == Pane::Details || model.screen == Screen::Objects || model.ledger_has_requests(),
        Action::MoveDown
        | Action::MoveUp
        | Action::PageDown
        | Action::PageUp
        | Action::GoTop
        | Action::GoBottom
        | Action::NextPane
        | Action::NextGroup
        | Action::PreviousGroup
        | Action::LongerReach
        | Action::ShorterReach
        | Action::NextMeasure
        | Action::PreviousPane
        | Action::Inspect
        | Action::EditFilter
        | Action::SortNext
        | Action::SortReverse
        | Action::Refresh
        | Action::ReadAll
        | Action::OpenBucket
        | Action::ShowPalette
        | Action::ShowHelp
        | Action::CallOff
        | Action::MoreAtOnce
        | Action::FewerAtOnce
        | Action::LimitBandwidth
        | Action::Suspend
        | Action::Quit => true,
    }
}

fn page(model: &Model) -> isize {
    let page = match model.screen {
        Screen::Buckets => model.board.page,
        Screen::Objects => model.objects.page,
        Screen::Journal => model.journal.page,
        Screen::Transfers => model.transfers.page,
        Screen::Ledger => model.ledger.page(),
    };
    isize::try_from(page.max(2) - 1).unwrap_or(1)
}

/// Moves a page: the lines in sight move with the cursor.
fn leaf(model: &mut Model, by: isize) {
    match (model.focus, model.screen) {
        (Pane::List, Screen::Buckets) => model.board.top = shift(model.board.top, by),
        (Pane::List, Screen::Objects) => {
            if let Some(listing) = &mut model.objects.listing {
                listing.top = shift(listing.top, by);
            }
        }
        (Pane::List, Screen::Journal) => model.journal.top = shift(model.journal.top, by),
        (Pane::List, Screen::Transfers) => model.transfers.top = shift(model.transfers.top, by),
        (Pane::List, Screen::Ledger) => {
            let top = model.ledger.top_mut();
            *top = shift(*top, by);
        }
        (Pane::Accounts | Pane::Details, _) => {}
    }
    step(model, by);
}

fn shift(line: usize, by: isize) -> usize {
    if by == isize::MAX { usize::MAX } else { line.saturating_add_signed(by) }
}

/// Moves in the pane that has the focus.
pub(crate) fn step(model: &mut Model, by: isize) {
    match (model.focus, model.screen) {
        (Pane::Accounts, _) => {
            let line = model.board.scope.map_or(0, |scope| usize::from(scope) + 1);
            scope_to(model, shift(line, by).min(model.accounts.len()));
        }
        (Pane::List, Screen::Buckets) => model.board.select_line(shift(model.board.line(), by)),
        (Pane::List, Screen::Objects) => objects::step(model, by),
        (Pane::List, Screen::Journal) => model.journal.select_line(shift(model.journal.line, by)),
        (Pane::List, Screen::Ledger) => model.ledger.select_line(shift(model.ledger.cursor(), by)),
        (Pane::List, Screen::Transfers) => transfers::step(model, shift(model.transfers.line(), by)),
        (Pane::Details, screen) => {
            // Failed objects of a transfer may be many.
            let most = if screen == Screen::Transfers { 2_000 } else { 40 };
            let top = shift(usize::from(model.details_top), by).min(most);
            model.details_top = u16::try_from(top).unwrap_or(0);
        }
    }
    if model.focus == Pane::List {
        model.details_top = 0;
    }
}

/// Line 0 of the accounts is all of them.
pub(crate) fn scope_to(model: &mut Model, line: usize) {
    let scope = line.checked_sub(1).and_then(|index| u16::try_from(index).ok());
    if model.board.scope != scope {
        model.board.scope = scope;
        model.board.touched = false;
        model.board.top = 0;
        model.board.arrange(&model.accounts);
        filter_line::ask_if_needed(model);
    }
    model.subject = Pane::Accounts;
    model.details_top = 0;
}

/// Of a list whose rows are read by pages, the last line is also where the rest is asked for.
fn go_bottom(model: &mut Model) {
    step(model, isize::MAX);
    if (model.screen, model.focus) == (Screen::Objects, Pane::List) {
        objects::pages::want_rest(model);
    }
}

fn open(model: &mut Model, out: &mut Vec<Effect>) {
    match (model.focus, model.screen) {
        (Pane::Accounts, _) => focus(model, Pane::List),
        (Pane::List, Screen::Buckets) => {
            if let Some(bucket) = model.board.selected {
                objects::open_bucket(model, bucket, out);
            }
        }
        (Pane::List, Screen::Objects) => {
            if !objects::enter(model, out) {
                inspect(model, out);
            }
        }
        (Pane::List, Screen::Journal | Screen::Transfers) => inspect(model, out),
        (Pane::List, Screen::Ledger) => ledger::open(model, out),
        (Pane::Details, Screen::Objects) => inspect(model, out),
        (Pane::Details, _) => {}
    }
}

/// Enter itself, and no other key that opens, sends the change that waits under the cursor. Says whether there was one.
fn sends_now(model: &mut Model, key: Key, out: &mut Vec<Effect>) -> bool {
    let enter = Key { code: KeyCode::Enter, ctrl: false, alt: false };
    match (model.place(), model.board.selected) {
        (Place::Board | Place::Details, Some(id)) if key == enter => change::send_now(model, id, out) || is_being_sent(model, id),
        _ => false,
    }
}

/// A second Enter, typed too fast, must not open the bucket: that is a request.
fn is_being_sent(model: &mut Model, id: RowId) -> bool {
    let sent = model.flows.get(&id).is_some_and(change::Flow::is_under_way);
    if sent {
        let name = model.name_of(id);
        model.say(Tone::Plain, format!("{name}: its change is under way; l opens the bucket"));
    }
    sent
}

fn back(model: &mut Model, out: &mut Vec<Effect>) {
    match (model.focus, model.screen) {
        (Pane::Details, _) => focus(model, model.subject),
        (Pane::List, Screen::Buckets) => focus(model, Pane::Accounts),
        (Pane::List, Screen::Objects) => objects::back(model, out),
        (Pane::List, Screen::Ledger) if ledger::back(model, out) => {}
        (Pane::List, Screen::Journal | Screen::Transfers | Screen::Ledger) => go(model, Screen::Buckets),
        (Pane::Accounts, _) => {}
    }
}

fn inspect(model: &mut Model, out: &mut Vec<Effect>) {
    if model.screen == Screen::Objects {
        return acts::inspect::ask(model, out);
    }
    if model.focus == Pane::Accounts
        && let Some(scope) = model.board.scope
    {
        accounts::identify(model, usize::from(scope), out);
    }
    focus(model, Pane::Details);
}

/// Gives a pane the focus; details keep their subject.
pub(crate) fn focus(model: &mut Model, pane: Pane) {
    if pane != Pane::Details {
        model.subject = pane;
        model.details_top = 0;
    }
    model.focus = pane;
    model.refit();
}

fn turn(model: &mut Model, steps: usize) {
    let panes: &[Pane] = match model.screen {
        Screen::Buckets => &[Pane::Accounts, Pane::List, Pane::Details],
        Screen::Objects | Screen::Journal | Screen::Transfers | Screen::Ledger => &[Pane::List, Pane::Details],
    };
    let steps = if steps == 1 { 1 } else { panes.len() - 1 };
    let at = panes.iter().position(|pane| *pane == model.focus).unwrap_or(0);
    if let Some(pane) = panes.get((at + steps) % panes.len()) {
        focus(model, *pane);
    }
}

pub(crate) fn go(model: &mut Model, screen: Screen) {
    model.screen = screen;
    focus(model, Pane::List);
}

fn mark(model: &mut Model) {
    if model.screen == Screen::Objects {
        return objects::mark(model);
    }
    if let Some(row) = model.board.selected.and_then(|id| model.board.row_mut(id)) {
        row.marked = !row.marked;
        model.board.select_line(model.board.line() + 1);
    }
}

fn mark_all(model: &mut Model) {
    if model.screen == Screen::Objects {
        return objects::mark_all(model);
    }
    let shown: Vec<RowId> = model.board.order.clone();
    let all = shown.iter().all(|id| model.board.row(*id).is_some_and(|row| row.marked));
    for id in shown {
        if let Some(row) = model.board.row_mut(id) {
            row.marked = !all;
        }
    }
}

fn clear_marks(model: &mut Model) {
    if let (Screen::Objects, Some(listing)) = (model.screen, &mut model.objects.listing) {
        return listing.marks.clear_all();
    }
    let marked: Vec<RowId> = model.board.ids().filter(|id| model.board.row(*id).is_some_and(|row| row.marked)).collect();
    for id in &marked {
        if let Some(row) = model.board.row_mut(*id) {
            row.marked = false;
        }
    }
}

fn refresh(model: &mut Model, out: &mut Vec<Effect>) {
    match (model.subject, model.screen) {
        (_, Screen::Journal) => journal::read(model, out),
        (_, Screen::Ledger) => ledger::refresh(model, out),
        (_, Screen::Transfers) => {}
        (_, Screen::Objects) => objects::refresh(model, out),
        (Pane::Accounts, Screen::Buckets) => match model.board.scope {
            Some(scope) => accounts::relist(model, usize::from(scope), out),
            None => (0..model.accounts.len()).for_each(|index| accounts::relist(model, index, out)),
        },
        (Pane::List | Pane::Details, Screen::Buckets) => {
            let marked = model.board.marked();
            let rows = if marked.is_empty() { model.board.selected.into_iter().collect() } else { marked };
            rows.into_iter().for_each(|id| reading::ask(model, id));
        }
    }
}

fn call_off(model: &mut Model, out: &mut Vec<Effect>) {
    let stopped =
        change::call_off_any(model, out) || model.screen == Screen::Objects && objects::pages::stop(model, out) || reading::stop_all(model);
    let stopped = stopped || acts::inspect::call_off(model, out) || change::stop_watching_any(model, out);
    if stopped {
        return;
    }
    match model.screen {
        Screen::Journal if !model.journal.filter.is_empty() => filter_line::clear(model),
        Screen::Buckets if !model.board.filter_text.is_empty() => filter_line::clear(model),
        Screen::Objects if model.objects.listing.as_ref().is_some_and(|listing| !listing.filter.is_empty()) => filter_line::clear(model),
        Screen::Ledger if model.focus == Pane::List => drop(ledger::back(model, out)),
        Screen::Journal | Screen::Objects | Screen::Buckets | Screen::Transfers | Screen::Ledger => {
            if model.focus == Pane::Details {
                back(model, out);
            } else {
                clear_marks(model);
            }
        }
    }
}

/// The unfinished multipart uploads of the bucket under the cursor.
fn show_uploads(model: &mut Model, out: &mut Vec<Effect>) {
    let here = model.bucket_here().and_then(|id| Some(Acting { place: model.place_of(id)?, consent: consent::of(model, id) }));
    match here {
        Some(acting) => transfers::ask_uploads(model, acting, out),
        None => model.say(Tone::Plain, "put the cursor on a bucket first"),
    }
}

fn suspend(model: &mut Model, out: &mut Vec<Effect>) {
    let stopped = change::call_off_all(model, out);
    if stopped > 0 {
        model.say(Tone::Warning, format!("{stopped} waiting changes were called off: nobody would have seen them"));
    }
    out.push(Effect::Suspend);
}

/// Leaves, after a question if changes run.
pub(crate) fn quit(model: &mut Model, out: &mut Vec<Effect>) {
    let asked = matches!(model.dialog, Some(Dialog::Quit { .. }));
    if is_anything_under_way(model) && !asked && model.panes().is_some() {
        model.dialog = Some(Dialog::Quit { shown: None });
        return;
    }
    leave(model, Rein::Stop, out);
}

/// Whether leaving now would cut something short.
fn is_anything_under_way(model: &Model) -> bool {
    let changes = model.flows.values().any(change::Flow::is_under_way) || model.rollout.as_ref().is_some_and(super::Rollout::is_running);
    changes || transfers::remain(model) > 0
}

/// The question at leaving goes with what it was about: how that ended is to be read before anybody leaves.
pub(crate) fn drop_question(model: &mut Model) {
    if matches!(model.dialog, Some(Dialog::Quit { .. })) && !is_anything_under_way(model) {
        model.dialog = None;
    }
}

/// Leaves now. What waits is never sent; what was sent ends in the journal; transfers end as `rein` says.
pub(crate) fn leave(model: &mut Model, rein: Rein, out: &mut Vec<Effect>) {
    transfers::leave(model, rein, out);
    super::plan::stop(model);
    for id in model.flows.keys().copied().collect::<Vec<RowId>>() {
        change::call_off(model, id, out);
    }
    model.leaving = true;
    out.push(Effect::Quit);
}

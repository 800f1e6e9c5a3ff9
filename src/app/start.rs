//! The start: config, welcome, and what to do when the config cannot be used.

use crate::domain::{BucketName, Result};
use crate::prices::{Scope, Shelf};

use super::model::{ConfigFile, Phase, Tone, Wait, Welcome};
use super::{Effect, Key, KeyCode, Loaded, Model, Origin, Start, accounts, alarms, consent, dialog, estimate, journal, transfers};

/// The choices of the welcome, in order: key and words.
pub(crate) const CHOICES: [(char, &str); 4] =
    [('d', "demo: no account, no network"), ('c', "write a commented config file"), ('r', "look for config and profiles"), ('q', "quit")];

/// Orders the load; the frame that says so is drawn before any answer.
pub(crate) fn load(model: &mut Model, start: Start, out: &mut Vec<Effect>) {
    model.start = start;
    model.phase = Phase::Starting;
    let ticket = model.wait(Wait::Load);
    out.push(Effect::Load(ticket, start));
}

/// The config came, or not.
pub(crate) fn loaded(model: &mut Model, answer: Result<Loaded>, out: &mut Vec<Effect>) {
    let loaded = match answer {
        Ok(loaded) => loaded,
        Err(error) => {
            model.phase = Phase::Broken(error);
            return;
        }
    };
    if let Origin::Nothing(path) = &loaded.origin {
        model.phase = Phase::Welcome(Welcome { path: path.clone(), line: 0, file: ConfigFile::Missing });
        model.origin = Some(loaded.origin);
        return;
    }
    // A board without accounts would be a dead end: the file as `config init` writes it names none yet.
    if let (Origin::File(path), true) = (&loaded.origin, loaded.config.accounts.is_empty()) {
        model.phase = Phase::Welcome(Welcome { path: path.clone(), line: 2, file: ConfigFile::WithoutAccounts });
        model.origin = Some(loaded.origin);
        return;
    }
    model.phase = Phase::Ready;
    model.prices = Shelf::of(loaded.own_prices);
    model.purses = estimate::budgets(Scope::Session, &loaded.config.settings, &loaded.config.accounts);
    model.settings = loaded.config.settings;
    model.warnings = loaded.config.warnings;
    if loaded.origin == Origin::Found {
        model.say(Tone::Plain, "no config file: these accounts were found; `whopays config init` writes one");
    } else if let Some(warning) = model.warnings.first().cloned() {
        model.say(Tone::Warning, warning);
    }
    model.origin = Some(loaded.origin);
    alarms::remember(model, loaded.looked);
    model.proofs = loaded.proofs.into_iter().collect();
    consent::take(model, &loaded.config.accounts, loaded.consents);
    accounts::take(model, &loaded.config.accounts, loaded.credential_origins, out);
    journal::read(model, out);
    reach_target(model, out);
    transfers::offer(model, loaded.unfinished);
}

/// The command line named a bucket: the cursor goes there as soon as its row exists. A name that no listing has shown when
/// its account's listing ended is a foreign bucket.
pub(crate) fn reach_target(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(target) = model.target.clone() else { return };
    let account = match dialog::account_for(model, &target) {
        Ok(account) => account,
        Err(complaint) => {
            model.target = None;
            model.say(Tone::Warning, complaint);
            return;
        }
    };
    let Some(state) = model.accounts.get(account) else { return };
    let listed = !matches!(state.listing, super::ListState::Reading(_));
    let found = BucketName::parse(state.provider, &target.bucket).ok().and_then(|name| model.board.find(account, &name));
    match found {
        Some(id) => {
            model.target = None;
            dialog::show(model, id);
            dialog::open_key_of(model, id, &target.key, out);
        }
        None if listed => {
            model.target = None;
            let text = format!("{}:{}/{}", state.name, target.bucket, target.key);
            if let Err(complaint) = dialog::open_bucket(model, &text, out) {
                model.say(Tone::Warning, complaint);
            }
        }
        None => {}
    }
}

/// A key on the welcome.
#[expect(clippy::wildcard_enum_match_arm, reason = "any other key means nothing here")]
pub(crate) fn welcome_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Phase::Welcome(welcome) = &mut model.phase else { return };
    match key.code {
        KeyCode::Up | KeyCode::Char('k') => welcome.line = welcome.line.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') | KeyCode::Tab => welcome.line = (welcome.line + 1).min(CHOICES.len() - 1),
        KeyCode::Enter => {
            let choice = CHOICES.get(welcome.line).map(|(choice, _)| *choice);
            choose(model, choice.unwrap_or('q'), out);
        }
        KeyCode::Char(c) => choose(model, c, out),
        _ => {}
    }
}

fn choose(model: &mut Model, choice: char, out: &mut Vec<Effect>) {
    match choice {
        'd' => load(model, Start::Demo, out),
        'c' => {
            let ticket = model.wait(Wait::WriteConfig);
            out.push(Effect::WriteConfig(ticket));
        }
        'r' => load(model, Start::Config, out),
        'q' => super::keys::leave(model, crate::transfer::Rein::Stop, out),
        _ => {}
    }
}

/// A key while the config cannot be used.
#[expect(clippy::wildcard_enum_match_arm, reason = "any other key means nothing here")]
pub(crate) fn broken_key(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    match key.code {
        KeyCode::Char(c @ ('d' | 'q')) => choose(model, c, out),
        KeyCode::Char('r') => {
            let start = model.start;
            load(model, start, out);
        }
        _ => {}
    }
}

/// The config file was written, or not.
pub(crate) fn config_written(model: &mut Model, answer: Result<String>) {
    match answer {
        Ok(path) => {
            model.say(Tone::Good, format!("written: {path}"));
            if let Phase::Welcome(welcome) = &mut model.phase {
                welcome.path = path;
                welcome.file = ConfigFile::WithoutAccounts;
                welcome.line = 2;
            }
        }
        Err(error) => model.say(Tone::Bad, format!("{}. {}", error.message(), error.hint_text().unwrap_or_default())),
    }
}

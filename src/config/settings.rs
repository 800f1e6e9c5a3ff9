//! `[settings]`.

use std::path::PathBuf;

use super::document::{Table, choice_hint};
use super::{PayerToggle, Settings, Theme};
use crate::domain::Result;

/// Reads `[settings]`; what is absent keeps its default.
pub(super) fn read(table: &Table<'_, '_>) -> Result<Settings> {
    let defaults = Settings::default();
    let toggles = [("grace", PayerToggle::Grace), ("confirm", PayerToggle::Confirm), ("immediate", PayerToggle::Immediate)];
    let settings = Settings {
        theme: theme(table)?,
        payer_toggle: table.choice("payer_toggle", &toggles)?.map_or(defaults.payer_toggle, |(toggle, _)| toggle),
        grace_seconds: table.number("grace_seconds", 1..=60)?.unwrap_or(defaults.grace_seconds),
        download_dir: table.text("download_dir")?.map(|text| PathBuf::from(text.value)),
        budget: budget(table)?,
    };
    table.no_other_keys()?;
    Ok(settings)
}

fn theme(table: &Table<'_, '_>) -> Result<Theme> {
    let Some(text) = table.word("theme")? else { return Ok(Theme::Auto) };
    match text.value {
        "auto" => Ok(Theme::Auto),
        "dark" => Ok(Theme::Dark),
        "light" => Ok(Theme::Light),
        "mono" => Ok(Theme::Mono),
        path if path.contains('/') || path.contains('\\') || path.ends_with(".toml") => Ok(Theme::File(PathBuf::from(path))),
        other => Err(table
            .wrong("theme", text.offset, "has a value that is not known")
            .hint(format!("{} A theme file ends in .toml.", choice_hint(other, &["auto", "dark", "light", "mono"])))),
    }
}

/// `AMOUNT CURRENCY`, kept as written: the ledger reads it as a decimal.
fn budget(table: &Table<'_, '_>) -> Result<Option<String>> {
    let Some(text) = table.word("budget")? else { return Ok(None) };
    let fits = text.value.split_once(' ').is_some_and(|(amount, currency)| is_amount(amount) && is_currency(currency));
    if fits {
        Ok(Some(text.value.to_owned()))
    } else {
        Err(table.wrong("budget", text.offset, "is not an amount and a currency").hint("Write it as \"5.00 USD\"."))
    }
}

fn is_amount(text: &str) -> bool {
    let digits = |part: &str, longest: usize| (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole, 9) && digits(fraction, 6),
        None => digits(text, 9),
    }
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

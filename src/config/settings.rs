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
        budget: table.money("budget")?,
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

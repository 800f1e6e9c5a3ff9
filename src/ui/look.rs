//! Colours and glyphs: what a terminal can show, and what the theme asks for.
//!
//! A role is never told by its colour alone: each has a word or a sign beside it on the screen.

use ratatui::style::{Color, Modifier, Style};

use crate::config::Theme;
use crate::domain::{Error, ErrorKind, Result};

/// What `runtime` knows of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Whether colours are wanted and possible (`NO_COLOR`, `TERM=dumb`).
    pub colours: Colours,
    /// Which characters the locale can show.
    pub glyphs: Glyphs,
    /// The background, where it is known.
    pub background: Background,
}

impl Default for Terminal {
    fn default() -> Self {
        Self { colours: Colours::Sixteen, glyphs: Glyphs::Unicode, background: Background::Dark }
    }
}

/// Colours of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// None: bold, reversed and underlined are left.
    None,
    /// The sixteen that every colour terminal has; theme files may name more.
    Sixteen,
    /// 256: enough for pictures.
    Palette,
    /// Red, green and blue by 256 steps each.
    Full,
}

/// Characters of a locale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// UTF-8.
    Unicode,
    /// Anything else: our own signs become ASCII, foreign text is escaped.
    Ascii,
}

/// The terminal's background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Dark, or not known.
    Dark,
    /// Light.
    Light,
}

/// What a text is, for its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    Title,
    Muted,
    Accent,
    Requester,
    Owner,
    Good,
    Warning,
    Bad,
    /// The line under the cursor in the pane with the focus.
    Cursor,
    /// The line under the cursor elsewhere.
    Rest,
    /// The demo's banner.
    Banner,
}

const ROLES: [(&str, Role); 12] = [
    ("plain", Role::Plain),
    ("title", Role::Title),
    ("muted", Role::Muted),
    ("accent", Role::Accent),
    ("requester", Role::Requester),
    ("owner", Role::Owner),
    ("good", Role::Good),
    ("warning", Role::Warning),
    ("bad", Role::Bad),
    ("cursor", Role::Cursor),
    ("rest", Role::Rest),
    ("banner", Role::Banner),
];

/// Styles by role, and the glyphs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    styles: [Style; ROLES.len()],
    glyphs: Glyphs,
    colours: Colours,
}

impl Look {
    /// The look of a theme. A theme file is read with [`Look::parse`]; until then it looks like `auto`.
    pub fn new(theme: &Theme, terminal: Terminal) -> Self {
        let base = match (terminal.colours, theme, terminal.background) {
            (Colours::None, _, _) | (_, Theme::Mono, _) => mono,
            (_, Theme::Dark, _) | (_, Theme::Auto | Theme::File(_), Background::Dark) => dark,
            (_, Theme::Light, _) | (_, Theme::Auto | Theme::File(_), Background::Light) => light,
        };
        Self { styles: ROLES.map(|(_, role)| base(role)), glyphs: terminal.glyphs, colours: terminal.colours }
    }

    /// Reads a theme file: `base = "dark"` (or `light`, `mono`), then `ROLE = "COLOUR"` or `ROLE = "COLOUR on COLOUR"`.
    /// Colours are the sixteen names, `default`, 0 to 255, or `#rrggbb`. Roles: plain, title, muted, accent, requester, owner,
    /// good, warning, bad, cursor, rest, banner.
    ///
    /// # Errors
    /// `Config` with file and key.
    pub fn parse(name: &str, text: &str, terminal: Terminal) -> Result<Self> {
        let table: toml::Table = text.parse().map_err(|_| broken(name, "it is not valid TOML"))?;
        let base = match table.get("base").map(toml::Value::as_str) {
            None => Theme::Auto,
            Some(Some("dark")) => Theme::Dark,
            Some(Some("light")) => Theme::Light,
            Some(Some("mono")) => Theme::Mono,
            Some(_) => return Err(broken(name, "`base` is not \"dark\", \"light\" or \"mono\"")),
        };
        let mut look = Self::new(&base, terminal);
        for (key, value) in table.iter().filter(|(key, _)| *key != "base") {
            let Some(index) = ROLES.iter().position(|(role, _)| role == key) else {
                return Err(broken(name, &format!("`{}` is not a role", crate::domain::escape::visible(key))));
            };
            let style = value.as_str().and_then(colours).ok_or_else(|| broken(name, &format!("`{key}` is not a colour")))?;
            if terminal.colours != Colours::None
                && let Some(slot) = look.styles.get_mut(index)
            {
                *slot = slot.patch(style);
            }
        }
        Ok(look)
    }

    pub(crate) fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// Which colours the terminal has, whatever the theme makes of them.
    pub(crate) fn colours(&self) -> Colours {
        self.colours
    }

    pub(crate) fn is_ascii(&self) -> bool {
        self.glyphs == Glyphs::Ascii
    }
}

fn broken(name: &str, what: &str) -> Error {
    Error::new(ErrorKind::Config, format!("theme file {}: {what}", crate::domain::escape::visible(name)))
        .hint("Write `ROLE = \"COLOUR\"` or `ROLE = \"COLOUR on COLOUR\"`, for example `accent = \"cyan\"`.")
}

fn colours(text: &str) -> Option<Style> {
    let colour = |text: &str| if text.trim() == "default" { Some(Color::Reset) } else { text.trim().parse::<Color>().ok() };
    match text.split_once(" on ") {
        Some((front, back)) => Some(Style::new().fg(colour(front)?).bg(colour(back)?)),
        None => Some(Style::new().fg(colour(text)?)),
    }
}

fn mono(role: Role) -> Style {
    match role {
        Role::Plain | Role::Muted | Role::Owner | Role::Good => Style::new(),
        Role::Title | Role::Accent | Role::Requester | Role::Warning | Role::Bad => Style::new().add_modifier(Modifier::BOLD),
        Role::Cursor | Role::Banner => Style::new().add_modifier(Modifier::REVERSED),
        Role::Rest => Style::new().add_modifier(Modifier::BOLD),
    }
}

fn dark(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Plain | Role::Owner => style,
        Role::Title => style.add_modifier(Modifier::BOLD),
        Role::Muted => style.fg(Color::DarkGray),
        Role::Accent => style.fg(Color::Cyan),
        Role::Requester => style.fg(Color::Magenta).add_modifier(Modifier::BOLD),
        Role::Good => style.fg(Color::Green),
        Role::Warning => style.fg(Color::Yellow),
        Role::Bad => style.fg(Color::LightRed),
        Role::Cursor => style.fg(Color::Black).bg(Color::Cyan),
        Role::Rest => style.add_modifier(Modifier::BOLD),
        Role::Banner => style.fg(Color::Black).bg(Color::Yellow),
    }
}

fn light(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Plain | Role::Owner => style,
        Role::Title => style.add_modifier(Modifier::BOLD),
        Role::Muted => style.fg(Color::DarkGray),
        Role::Accent => style.fg(Color::Blue),
        Role::Requester => style.fg(Color::Magenta).add_modifier(Modifier::BOLD),
        Role::Good => style.fg(Color::Green),
        Role::Warning | Role::Bad => style.fg(Color::Red).add_modifier(Modifier::BOLD),
        Role::Cursor => style.fg(Color::White).bg(Color::Blue),
        Role::Rest => style.add_modifier(Modifier::BOLD),
        Role::Banner => style.fg(Color::White).bg(Color::Magenta),
    }
}

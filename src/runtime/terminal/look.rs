//! What the terminal can show, as the environment says.

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Colours are wanted and possible.
    pub colours: bool,
    /// How many there are beyond the sixteen.
    pub depth: Depth,
    /// Characters beyond ASCII (lines, arrows) are shown as themselves.
    pub unicode: bool,
    /// The background is light; false where nothing says so.
    pub light_background: bool,
}

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Sixteen.
    Sixteen,
    /// 256.
    Palette,
    /// Red, green and blue by 256 steps each.
    Full,
}

/// What this process' environment says of its terminal.
#[expect(clippy::disallowed_methods, reason = "the terminal's part of the environment is read here, once")]
pub fn look() -> Look {
    Look::from_environment(|name| std::env::var(name).ok())
}

impl Look {
    /// Reads the variables that terminals and people use: `NO_COLOR` (<https://no-color.org>), `CLICOLOR`, `TERM`, `COLORTERM`, `COLORFGBG`, and
    /// the locale. A locale that nobody set says nothing about the terminal, and terminals have been UTF-8 for long.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let refused = set("NO_COLOR").is_some() || set("CLICOLOR").is_some_and(|value| value == "0");
        let plain =
            set("TERM").is_some_and(|term| term == "dumb" || term.ends_with("-m") || term.ends_with("-mono") || term.starts_with("vt"));
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let unicode = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        // `foreground;background`, sometimes with something between them: 7 and 15 are the whites.
        let light_background = set("COLORFGBG").is_some_and(|value| matches!(value.rsplit(';').next(), Some("7" | "15")));
        let full = set("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit"))
            || set("TERM").is_some_and(|term| term.ends_with("-direct"));
        let depth = match (full, set("TERM").is_some_and(|term| term.contains("256color"))) {
            (true, _) => Depth::Full,
            (false, true) => Depth::Palette,
            (false, false) => Depth::Sixteen,
        };
        Self { colours: !(refused || plain), depth, unicode, light_background }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backgrounds() {
        let light = |value: &str| Look::from_environment(|name| (name == "COLORFGBG").then(|| value.to_owned())).light_background;
        assert_eq!(["0;15", "0;default;7", "15;0", "", "12;8"].map(light), [true, true, false, false, false]);
    }

    #[test]
    fn depths() {
        let depth = |variables: &[(&str, &str)]| {
            Look::from_environment(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())).depth
        };
        assert_eq!(depth(&[("TERM", "xterm")]), Depth::Sixteen);
        assert_eq!(depth(&[("TERM", "screen-256color")]), Depth::Palette);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::Full);
        assert_eq!(depth(&[("TERM", "xterm"), ("COLORTERM", "24bit")]), Depth::Full);
        assert_eq!(depth(&[("TERM", "xterm-direct")]), Depth::Full);
        assert_eq!(depth(&[("TERM", "xterm"), ("COLORTERM", "yes")]), Depth::Sixteen);
    }

    fn look(variables: &[(&str, &str)]) -> (bool, bool) {
        let look = Look::from_environment(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()));
        (look.colours, look.unicode)
    }

    /// G5
    #[test]
    fn environments() {
        assert_eq!(look(&[("TERM", "xterm-256color"), ("LANG", "de_DE.UTF-8")]), (true, true));
        assert_eq!(look(&[]), (true, true));
        assert_eq!(look(&[("NO_COLOR", "1")]), (false, true));
        assert_eq!(look(&[("NO_COLOR", "")]), (true, true), "empty means unset");
        assert_eq!(look(&[("CLICOLOR", "0")]), (false, true));
        assert_eq!(look(&[("TERM", "xterm-mono")]), (false, true));
        assert_eq!(look(&[("TERM", "dumb")]), (false, true), "an editor's shell, a build's log");
        assert_eq!(look(&[("LANG", "C")]), (true, false));
        assert_eq!(look(&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")]), (true, false));
        assert_eq!(look(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]), (true, true));
        assert_eq!(look(&[("LANG", "en_US.ISO-8859-1")]), (true, false));
    }
}

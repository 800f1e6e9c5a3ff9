//! How the lines of the pane are given away: `update` (page, mouse) and `ui` (cells) share it.
//!
//! ```text
//! rule      1
//! chart     none on a low screen, else 4 to 9, the last of them its legend
//! heads     1
//! rows      what is left
//! total     1, below groups
//! ```

/// Lines of the pane; rule and heads take one each besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) chart: u16,
    pub(crate) rows: u16,
    pub(crate) total: u16,
}

/// What the pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// Groups, below a chart of their days.
    Chart,
    /// Groups of one day.
    Groups,
    /// Single requests.
    Requests,
}

impl Cut {
    pub(crate) fn of(height: u16, shows: Shows) -> Self {
        let chart = match (shows, height) {
            (Shows::Groups | Shows::Requests, _) | (Shows::Chart, 0..13) => 0,
            (Shows::Chart, 13..20) => 4,
            (Shows::Chart, 20..32) => 6,
            (Shows::Chart, _) => 9,
        };
        let total = match shows {
            Shows::Chart | Shows::Groups => u16::from(height >= 5),
            Shows::Requests => 0,
        };
        Self { chart, rows: height.saturating_sub(2 + chart + total), total }
    }

    /// How many lines stand above the first row.
    pub(crate) fn above(self) -> u16 {
        2 + self.chart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_given_away_once() {
        assert_eq!(Cut::of(6, Shows::Chart), Cut { chart: 0, rows: 3, total: 1 });
        assert_eq!(Cut::of(15, Shows::Chart), Cut { chart: 4, rows: 8, total: 1 });
        assert_eq!(Cut::of(15, Shows::Groups), Cut { chart: 0, rows: 12, total: 1 });
        assert_eq!(Cut::of(15, Shows::Requests), Cut { chart: 0, rows: 13, total: 0 });
        for height in 3..300 {
            for shows in [Shows::Chart, Shows::Groups, Shows::Requests] {
                let cut = Cut::of(height, shows);
                assert_eq!(cut.above() + cut.rows + cut.total, height, "{height} {shows:?}");
                assert!(cut.rows > 0);
            }
        }
    }
}

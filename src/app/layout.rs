//! Where the panes stand: arithmetic that `update` (page size, mouse) and `ui` (cells) share.
//!
//! ```text
//! 80x24                                             40x10: the pane that has the focus
//! header                                            header
//! ─ accounts ──────┬─ board ─────────────────────   ─ board ────────
//! all              │  ACCOUNT  BUCKET  …  PAYER     BUCKET     PAYER
//! research         │▸ research arxiv …              ▸ arxiv    denied
//! ─ details ───────┴─────────────────────────────   …
//! …                                                 status (2 lines)
//! status (2 lines)                                  footer
//! footer
//! ```

use super::model::{Pane, Screen, Size};

/// Below this size the console says that it needs more room, and takes no key but those that leave.
pub(crate) const SMALLEST: Size = Size { width: 40, height: 10 };

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) width: u16,
    pub(crate) height: u16,
}

impl Area {
    pub(crate) fn contains(self, column: u16, row: u16) -> bool {
        (self.x..self.x.saturating_add(self.width)).contains(&column) && (self.y..self.y.saturating_add(self.height)).contains(&row)
    }
}

/// The areas of one screen. The first line of each pane is its title rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panes {
    pub(crate) header: Area,
    pub(crate) accounts: Option<Area>,
    /// The board, the keys, or the lines of queue, ledger or journal.
    pub(crate) list: Option<Area>,
    pub(crate) details: Option<Area>,
    pub(crate) status: Area,
    pub(crate) footer: Area,
}

impl Panes {
    /// Cuts a terminal; `None` if it is too small.
    pub(crate) fn cut(size: Size, screen: Screen, focus: Pane) -> Option<Self> {
        if size.width < SMALLEST.width || size.height < SMALLEST.height {
            return None;
        }
        // Cause and next step seldom fit into one line; a countdown must be seen beside a filter being typed.
        let status_lines = 2;
        let body = Area { x: 0, y: 1, width: size.width, height: size.height - 2 - status_lines };
        let mut panes = Self {
            header: Area { x: 0, y: 0, width: size.width, height: 1 },
            accounts: None,
            list: None,
            details: None,
            status: Area { x: 0, y: size.height - 1 - status_lines, width: size.width, height: status_lines },
            footer: Area { x: 0, y: size.height - 1, width: size.width, height: 1 },
        };
        if size.width < 70 || size.height < 16 {
            panes.single(body, focus);
        } else {
            panes.many(body, screen, focus);
        }
        Some(panes)
    }

    fn single(&mut self, body: Area, focus: Pane) {
        match focus {
            Pane::Accounts => self.accounts = Some(body),
            Pane::List => self.list = Some(body),
            Pane::Details => self.details = Some(body),
        }
    }

    fn many(&mut self, body: Area, screen: Screen, focus: Pane) {
        let lines = details_lines(body.height, focus);
        let upper = Area { height: body.height - lines, ..body };
        self.details = Some(Area { y: body.y + upper.height, height: lines, ..body });
        match screen {
            Screen::Journal | Screen::Objects | Screen::Transfers | Screen::Ledger => self.list = Some(upper),
            Screen::Buckets => {
                let left = (body.width / 5).clamp(16, 30);
                self.accounts = Some(Area { width: left, ..upper });
                // One column between them belongs to the separator.
                self.list = Some(Area { x: left + 1, width: body.width - left - 1, ..upper });
            }
        }
    }
}

/// Details grow when they have the focus; else four lines at 24 rows and nine at 40.
fn details_lines(body: u16, focus: Pane) -> u16 {
    match focus {
        Pane::Details => body * 2 / 3,
        Pane::Accounts | Pane::List => (body / 4).clamp(5, 12),
    }
}

/// How many rows fit under a pane's title rule and, for lists, its column heads.
pub(crate) fn list_lines(area: Area) -> u16 {
    area.height.saturating_sub(2)
}

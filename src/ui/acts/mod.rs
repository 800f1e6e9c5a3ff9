//! What stands over the screen while something is done with objects.

mod confirm;
mod form;
mod linking;
mod picker;
mod preview;
mod versions;

use crate::app::{Act, Model};

use super::canvas::Canvas;

/// Keys of the footer: key and label.
pub(super) type Keys = Vec<(&'static str, &'static str)>;

/// Draws an open dialog.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, act: &Act) {
    match act {
        Act::Pick(picker) => picker::draw(canvas, model, picker),
        Act::Form(open) => form::draw(canvas, model, open),
        Act::Confirm(open) => confirm::draw(canvas, model, open),
        Act::Preview(open) => preview::draw(canvas, model, open),
        Act::Versions(versions) => versions::draw(canvas, model, versions),
        Act::Link(open) => linking::draw(canvas, model, open),
    }
}

/// The footer's keys.
pub(super) fn keys(model: &Model, act: &Act) -> Keys {
    match act {
        Act::Pick(picker) => picker::keys(picker),
        Act::Form(_) => vec![("Enter", "go on"), ("Tab Up Down", "fields"), ("Space", "choose"), ("Esc", "close")],
        Act::Confirm(open) => confirm::keys(open),
        Act::Preview(open) => preview::keys(open),
        Act::Versions(versions) if versions.waiting.is_some() => vec![("Esc", "close")],
        Act::Versions(versions) if versions::is_marker(versions) => {
            vec![("x", "remove the delete marker"), ("Up Down", "choose"), ("Esc", "close")]
        }
        Act::Versions(_) => {
            vec![("d", "download"), ("c", "bring back"), ("x", "delete"), ("v", "preview"), ("P", "link"), ("Esc", "close")]
        }
        Act::Link(open) => linking::keys(model, open),
    }
}

/// Whether the status line is needed for what the dialog has to say.
pub(super) fn covers_screen(act: &Act) -> bool {
    match act {
        Act::Preview(_) => true,
        Act::Pick(_) | Act::Form(_) | Act::Confirm(_) | Act::Versions(_) | Act::Link(_) => false,
    }
}

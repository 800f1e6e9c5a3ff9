//! The diagnosis of a refusal: sentence, next step, and the lines that both rest on.

use crate::app::{Examined, Model};

use super::canvas::{Canvas, wrap};
use super::dialogs::{Line, frame, put_lines};
use super::look::Role;

/// How wide labels are.
const LABEL: usize = 11;

/// Draws the dialog.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, examined: &Examined) {
    let width = model.size.width.saturating_sub(2).min(100);
    let room = usize::from(width.saturating_sub(4));
    let mut lines: Vec<Line> = Vec::new();
    let mut say = |text: &str, role| lines.extend(wrap(&canvas.safe(text), room).into_iter().map(|line| (line, role)));
    say(&examined.diagnosis.sentence, Role::Bad);
    if !examined.diagnosis.step.is_empty() {
        say(&examined.diagnosis.step, Role::Accent);
    }
    lines.push((String::new(), Role::Plain));
    for (label, text) in &examined.diagnosis.evidence {
        for (index, line) in wrap(&canvas.safe_again(text), room.saturating_sub(LABEL)).into_iter().enumerate() {
            let label = if index == 0 { *label } else { "" };
            lines.push((format!("{label:<LABEL$}{line}"), Role::Plain));
        }
    }
    let title = format!("Why: {}", canvas.safe(&examined.about));
    let inner = frame(canvas, model.size, &title, width, lines.len());
    put_lines(canvas, inner, &lines, examined.top);
}

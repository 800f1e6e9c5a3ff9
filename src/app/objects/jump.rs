//! `J`: to a prefix, or to the keys behind one, without the pages between.

use crate::app::dialog::Dialog;
use crate::app::field::Field;
use crate::app::{Effect, Key, KeyCode, Model};

use super::{open_at, parent};

/// The text being typed.
#[derive(Debug)]
pub(crate) struct Jump {
    pub(crate) field: Field,
}

/// Opens the field with the prefix that is shown.
pub(crate) fn begin(model: &mut Model) {
    if model.objects.listing.is_some() {
        model.dialog = Some(Dialog::Jump(Jump { field: Field::with(model.objects.prefix()) }));
    }
}

/// A key while the field is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits the text")]
pub(crate) fn press(model: &mut Model, key: Key, out: &mut Vec<Effect>) {
    let Some(Dialog::Jump(jump)) = &mut model.dialog else { return };
    match key.code {
        KeyCode::Esc => model.dialog = None,
        KeyCode::Tab => {
            let typed = jump.field.text().to_owned();
            let longer = completed(model, &typed);
            if let (Some(Dialog::Jump(jump)), Some(longer)) = (&mut model.dialog, longer) {
                jump.field = Field::with(&longer);
            }
        }
        KeyCode::Enter => {
            let text = jump.field.text().to_owned();
            model.dialog = None;
            go(model, &text, out);
        }
        _ => drop(jump.field.press(key)),
    }
}

/// A text that ends in `/` is a prefix; any other text is a key, and the keys behind it are listed.
fn go(model: &mut Model, text: &str, out: &mut Vec<Effect>) {
    let Some(bucket) = model.objects.listing.as_ref().map(|listing| listing.bucket) else { return };
    let is_prefix = text.is_empty() || text.ends_with('/');
    let (prefix, after) = if is_prefix { (text, None) } else { (parent(text), Some(text.to_owned())) };
    open_at(model, bucket, prefix, after, out);
}

/// What the keys in sight that begin so have in common; `None`: no more than was typed.
fn completed(model: &Model, typed: &str) -> Option<String> {
    let listing = model.objects.listing.as_ref()?;
    let lines = listing.top..listing.top + model.objects.page.max(1);
    let mut common: Option<String> = None;
    for row in lines.filter_map(|line| listing.row(listing.number_at(line)?)).filter(|row| row.key.starts_with(typed)) {
        let length = common.as_ref().map_or(row.key.len(), |common| shared(common, row.key));
        common = row.key.get(..length).map(str::to_owned);
    }
    common.filter(|common| common.len() > typed.len())
}

/// How many bytes two texts share at their beginning, in whole characters.
fn shared(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

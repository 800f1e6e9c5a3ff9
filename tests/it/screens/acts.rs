//! The dialogs of objects at the sizes that people have.

use whopays::app::{Effect, KeyCode, Msg, Presence};
use whopays::domain::Charged;

use super::super::keys::driver::Console;
use super::super::keys::shelf::leaf;
use super::SIZES;

/// A snapshot per size, inside of a bucket.
fn at_every_size(name: &str, prepare: impl Fn(&mut Console)) {
    for (width, height) in SIZES {
        let mut console = Console::inside("maps", width, height);
        console.answer_page(leaf(&["a.txt", "b\u{202e}gpj.csv", "logs/"], None), Charged::No);
        prepare(&mut console);
        let screen = console.draw();
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen);
        });
    }
}

#[test]
fn delete() {
    at_every_size("acts_delete", |console| console.keys("  gx"));
}

#[test]
fn delete_a_prefix() {
    at_every_size("acts_delete_prefix", |console| console.keys("Gx"));
}

#[test]
fn copy_form() {
    at_every_size("acts_copy", |console| console.keys("c"));
}

#[test]
fn picker() {
    at_every_size("acts_picker", |console| {
        console.keys("u");
        crate::keys::acts::folder(console, "/home/ada", Presence::There, &["runs/", "a\u{1b}[2J.csv"]);
        console.keys(" ");
    });
}

#[test]
fn upload_form() {
    at_every_size("acts_upload", |console| {
        console.keys("u");
        crate::keys::acts::folder(console, "/home/ada", Presence::There, &["a.csv"]);
        console.keys("\n");
    });
}

#[test]
fn link_form() {
    at_every_size("acts_link", |console| console.keys("P"));
}

#[test]
fn preview_waits() {
    at_every_size("acts_preview", |console| {
        console.keys("v");
        assert_eq!(console.ever(|effect| matches!(effect, Effect::Preview(..)).then_some(())).len(), 1);
        console.press(KeyCode::Down);
        console.send(Msg::Paste("y".to_owned()));
    });
}

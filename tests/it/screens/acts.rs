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

/// At 40x10, where not everything fits: every field that has the keys is in sight, and every word of the text below can be read.
fn through_all(name: &str, begin: impl Fn(&mut Console), labels: &[&str], words: &[&str]) {
    let mut console = Console::inside("maps", 40, 10);
    console.answer_page(leaf(&["a.txt", "b.csv", "logs/"], None), Charged::No);
    begin(&mut console);
    let mut seen = String::new();
    for (place, label) in labels.iter().enumerate() {
        let screen = console.draw();
        assert!(screen.contains(&format!("▸{label}")), "{label}\n{screen}");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("acts_{name}_field_{place}"), screen);
        });
        for _ in 0..6 {
            seen.push_str(&console.draw().replace('\n', " "));
            console.press(KeyCode::PageDown);
            assert!(console.draw().contains(&format!("▸{label}")), "a page is turned below the field");
        }
        console.press(KeyCode::Down);
    }
    assert!(console.draw().contains(&format!("▸{}", labels[0])), "and around again\n{}", console.draw());
    for word in words {
        assert!(seen.contains(word), "{word}\n{seen}");
    }
}

#[test]
fn every_field_is_in_sight_on_a_low_screen() {
    through_all(
        "copy_low",
        |console| console.keys("c"),
        &["to", "do", "replace", "way"],
        &["ACCOUNT:BUCKET/KEY", "account and bucket", "the transfer out is", "billed"],
    );
    // The second field has the keys at first.
    let link = |console: &mut Console| {
        console.keys("P");
        console.press(KeyCode::Up);
    };
    through_all("link_low", link, &["for", "works for"], &["Space changes it", "15m, 12h, 7d", "expires", "sends no", "pays each time"]);
    through_all("download_low", |console| console.keys("d"), &["folder", "existing"], &["Tab completes"]);
}

/// Texts under a single field, and questions: by `PgDn` and the wheel, which answer nothing.
#[test]
fn texts_are_read_page_by_page_on_a_low_screen() {
    for (keys, first, last) in [("o", "ACCOUNT:BUCKET, s3://BUCKET", "this session"), ("J", "A text that ends in /", "in sight")] {
        let mut console = Console::inside("maps", 40, 10);
        console.answer_page(leaf(&["a.txt"], None), Charged::No);
        console.keys(keys);
        let screen = console.draw();
        assert!(screen.contains(first), "{screen}");
        let pages = (0..8).map(|_| {
            console.press(KeyCode::PageDown);
            console.draw()
        });
        let read: Vec<String> = pages.collect();
        assert!(read.iter().any(|screen| screen.contains(last)), "{keys}: {read:?}");
        assert!(read.iter().any(|screen| screen.contains(first)), "after the last page comes the first");
        console.press(KeyCode::PageUp);
        console.keys("x");
        assert!(console.draw().contains(first) && console.draw().contains("x▏"), "another key begins anew: {}", console.draw());
    }
}

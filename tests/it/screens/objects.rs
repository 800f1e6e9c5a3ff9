//! Screen 2 at fixed sizes, and keys that would hide.

use whopays::app::KeyCode;
use whopays::domain::Charged;

use super::at_every_size;
use crate::keys::driver::{Console, denied, spending};
use crate::keys::shelf::{leaf, thousand};

fn open(console: &mut Console, bucket: &str) {
    super::go(console, bucket);
    console.keys("\n");
}

const KEYS: [&str; 9] = [
    "2024/",
    "2025/",
    "README.md",
    "a\u{202e}gpj.exe",
    "tab\there",
    "very/",
    "very-long-name-of-a-file-that-no-terminal-can-show-whole-because-it-goes-on-and-on-and-on-until-its-end.part-0001.tar.zst",
    "x y+%#?&",
    "//",
];

#[test]
fn objects() {
    at_every_size("objects", |console| {
        open(console, "maps");
        console.end_page(Ok(leaf(&KEYS, Some("t1"))));
        console.keys("jj \u{1b}");
    });
}

#[test]
fn inside_a_prefix() {
    at_every_size("prefix", |console| {
        open(console, "maps");
        console.end_page(Ok(leaf(&["very/"], None)));
        console.keys("l");
        console.end_page(Ok(leaf(&["very/deep/"], None)));
        console.keys("l");
        console.end_page(Ok(leaf(&["!very/deep/", "very/deep//", "very/deep/a", "!very/deep/b/", "very/deep/b/"], None)));
        console.keys("jji");
    });
}

#[test]
fn who_pays() {
    at_every_size("who_pays", |console| {
        open(console, "arxiv");
        console.end_page(Err(denied("arxiv")));
    });
}

#[test]
fn refused_and_no() {
    at_every_size("refused", |console| {
        open(console, "arxiv");
        console.end_page(Err(denied("arxiv")));
        console.see();
        console.keys("n");
    });
}

#[test]
fn paying() {
    at_every_size("paying", |console| {
        open(console, "arxiv");
        console.end_page(Err(denied("arxiv")));
        console.see();
        console.keys("a");
        console.answer_page(leaf(&["pdf/", "src/"], None), Charged::Yes);
        let mut spent = spending(10, "0.000041");
        (spent.tally.down, spent.tally.charged) = (1500, 1);
        console.send(whopays::app::Msg::Spent(spent));
    });
}

#[test]
fn the_rest_being_read() {
    at_every_size("rest", |console| {
        open(console, "maps");
        console.end_page(Ok(thousand(0, Some("t1"))));
        console.keys("G");
        for page in 1..12 {
            console.answer_page(thousand(page * 1000, Some(&format!("t{}", page + 1))), Charged::No);
        }
    });
}

#[test]
fn a_hundred_pages() {
    at_every_size("hundred", |console| {
        open(console, "maps");
        console.end_page(Ok(thousand(0, Some("t1"))));
        console.keys("G");
        for page in 1..99 {
            console.answer_page(thousand(page * 1000, Some(&format!("t{}", page + 1))), Charged::No);
        }
        console.end_page(Ok(thousand(99_000, Some("t100"))));
    });
}

#[test]
fn jump() {
    at_every_size("jump", |console| {
        open(console, "maps");
        console.end_page(Ok(leaf(&KEYS, None)));
        console.keys("J20\t");
    });
}

#[test]
fn nothing_hides_in_a_key() {
    let mut console = Console::inside("maps", 120, 40);
    console.end_page(Ok(leaf(&["a\u{200b}b", "ab", "c\u{1b}[2J", "d\r\n", "e\u{202e}f"], None)));
    for keys in ["", "j", "jj", "i", "y", "J\u{202e}", "\u{1b}/\u{200b}"] {
        console.keys(keys);
        let screen = console.draw();
        assert!(!screen.chars().any(|c| c.is_control() && c != '\n' || matches!(c, '\u{200b}' | '\u{202e}')), "{screen}");
    }
    console.press(KeyCode::Esc);
    console.keys("\u{1b}\u{1b}");
    assert_eq!(console.names(), ["ab", "a\\u{200b}b", "c\\u{1b}[2J", "d\\u{d}\\u{a}", "e\\u{202e}f"]);
}

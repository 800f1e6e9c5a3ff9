//! Screen 2: which request is sent when, and what is shown of the answers.

use whopays::app::{Effect, KeyCode, Mouse, MouseKind, Msg, PageFact, Ticket};
use whopays::domain::{Begin, Charged, Consent, Depth, Error, ErrorKind};

use super::driver::Console;
use super::shelf::{leaf, order_of, thousand};

fn here(console: &Console) -> String {
    console.model.picked().map(|pick| pick.key.as_str().to_owned()).unwrap_or_default()
}

fn title(console: &mut Console) -> String {
    console.draw().lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn enter_opens_a_bucket_with_one_request() {
    let mut console = Console::inside("maps", 80, 24);
    let orders = console.pages();
    assert_eq!(orders.len(), 1);
    let order = &orders[0];
    assert_eq!((order.ask.prefix.as_str(), order.ask.depth, &order.ask.begin, order.most), ("", Depth::Folder, &Begin::Start, 1));
    assert_eq!((order.acting.place.id.to_string().as_str(), order.acting.consent), ("research:maps", Consent::Silent));
    assert!(console.draw().contains("asking the store for the first keys"));
    console.end_page(Ok(leaf(&["src/", "a.txt", "b.txt"], None)));
    assert_eq!(console.names(), ["a.txt", "b.txt", "src/"]);
    assert!(title(&mut console).starts_with("─▸research:maps  3 rows · "), "{}", title(&mut console));
    // Whatever moves, is resized or looked up: nothing more is asked.
    console.keys("jjkkGgsSi?\u{1b}1212");
    console.resize(120, 40);
    console.press(KeyCode::PageDown);
    assert_eq!(console.listings(), 1);
}

#[test]
fn prefixes_are_opened_and_left_and_remembered() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(leaf(&["a/", "z"], None)));
    console.keys("l");
    assert_eq!(console.pages()[0].ask.prefix, "a/");
    console.end_page(Ok(leaf(&["a//", "a/b/", "!a/", "a/x"], None)));
    assert_eq!(console.names(), ["(folder marker) a/", "/", "b/", "x"]);
    assert!(title(&mut console).starts_with("─▸research:maps / a /  "));
    console.keys("jl");
    assert_eq!(console.pages()[0].ask.prefix, "a//", "an empty step is a step");
    console.end_page(Ok(leaf(&["a//y"], None)));
    assert!(title(&mut console).starts_with("─▸research:maps / a / (empty) /  "));
    assert_eq!(console.listings(), 3);
    console.press(KeyCode::Backspace);
    assert!(title(&mut console).starts_with("─▸research:maps / a /  4 rows"));
    console.press(KeyCode::Left);
    console.keys("j");
    assert_eq!(here(&console), "z", "the cursor came back to the prefix");
    console.keys("h");
    assert!(console.draw().contains("Buckets"));
    assert_eq!(console.model.selected().unwrap().bucket.as_str(), "maps");
    console.keys("\n2");
    assert_eq!(console.listings(), 3, "what was read is shown again with its time");
    assert!(title(&mut console).contains("14:02:11"));
    console.keys("r");
    assert_eq!(console.listings(), 4);
    assert_eq!(console.pages()[0].ask.begin, Begin::Start);
}

#[test]
fn enter_on_an_object_shows_its_details() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(leaf(&["a.txt"], None)));
    console.keys("\n");
    let screen = console.draw();
    for words in ["key       a.txt", "size      5 bytes, STANDARD, 2024-05-01 10:00:00", "d41d8cd98f00b204e9800998ecf8427e"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert_eq!(console.listings(), 1);
}

#[test]
fn the_next_page_is_read_near_the_last_row_and_not_before() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(thousand(0, Some("t1"))));
    assert!(title(&mut console).contains("more: G"));
    // 13 lines are in sight.
    for _ in 0..986 {
        console.press(KeyCode::Down);
    }
    assert_eq!((here(&console).as_str(), console.listings()), ("0000986", 1), "more than a screen is left");
    console.press(KeyCode::Down);
    assert_eq!(console.listings(), 2);
    let order = &console.pages()[0];
    assert_eq!((&order.ask.begin, order.most), (&Begin::Token("t1".into()), 1));
    (0..20).for_each(|_| drop(console.press(KeyCode::Down)));
    assert_eq!(console.listings(), 2, "one page ahead at most");
    console.end_page(Ok(thousand(1000, None)));
    console.press(KeyCode::PageDown);
    assert_eq!(console.listings(), 2, "a screen further, a page is not yet near its end");
    console.keys("G");
    assert_eq!((here(&console).as_str(), console.listings()), ("0001999", 2), "all is read");
}

#[test]
fn the_rest_is_read_on_request_and_escape_stops_it() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(thousand(0, Some("t1"))));
    console.keys("G");
    let order = console.pages()[0].clone();
    assert_eq!((&order.ask.begin, order.most), (&Begin::Token("t1".into()), 99));
    for page in 1..12 {
        console.answer_page(thousand(page * 1000, Some(&format!("t{}", page + 1))), Charged::No);
    }
    assert!(title(&mut console).contains("12,000 rows, 12 pages, 12 requests…"), "{}", title(&mut console));
    assert_eq!(here(&console), "0011999", "the cursor stays at the end");
    console.keys("k");
    console.answer_page(thousand(12_000, Some("t13")), Charged::No);
    assert_eq!(here(&console), "0011998", "unless it was moved");
    console.keys("\u{1b}");
    assert_eq!(console.log.last(), Some(&Effect::Cancel(order.ticket)));
    // What was on its way when it was called off changes nothing.
    let at = console.now;
    let late = PageFact { leaf: thousand(13_000, None), charged: Charged::No, at };
    assert!(console.send(Msg::PageListed(order.ticket, Ok(late))).is_empty());
    assert!(title(&mut console).contains("13,000 rows · more: G"), "{}", title(&mut console));
}

#[test]
fn a_hundred_pages_and_each_tenfold_ask() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(thousand(0, Some("t1"))));
    console.keys("G");
    for page in 1..99 {
        console.answer_page(thousand(page * 1000, Some(&format!("t{}", page + 1))), Charged::No);
    }
    console.end_page(Ok(thousand(99_000, Some("t100"))));
    console.keys("y");
    assert_eq!(console.pages().len(), 0, "typed ahead of the frame");
    let screen = console.draw();
    for words in
        ["research:maps: 100,000 rows so far, on 100 pages.", "900 requests more", "0.0045 USD (list prices of 2026-07-28)", "y  read on"]
    {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    console.keys("y");
    assert_eq!(console.pages().len(), 0, "0 ms after the frame");
    console.pass(400);
    console.keys("\n");
    assert_eq!(console.pages().len(), 0, "Enter alone means no");
    assert!(!console.draw().contains("read on"));
    console.keys("G");
    console.see();
    console.keys("y");
    assert_eq!(console.pages()[0].most, 900);
}

#[test]
fn a_late_answer_of_one_bucket_is_never_shown_in_another() {
    let mut console = Console::inside("maps", 80, 24);
    let late = console.pages()[0].ticket;
    console.keys("h");
    console.go_to("climate-data");
    console.keys("\n");
    assert!(console.log.contains(&Effect::Cancel(late)));
    let at = console.now;
    let fact = PageFact { leaf: leaf(&["of-maps"], None), charged: Charged::No, at };
    assert!(console.send(Msg::PageListed(late, Ok(fact.clone()))).is_empty());
    assert!(console.send(Msg::PageListed(Ticket(99_999), Ok(fact))).is_empty());
    assert!(console.send(Msg::Arranged(Ticket(99_998), vec![0])).is_empty());
    assert!(!console.draw().contains("of-maps"));
    console.end_page(Ok(leaf(&["of-climate"], None)));
    assert_eq!(console.names(), ["of-climate"]);
}

#[test]
fn a_failure_is_told_and_not_repeated_by_moving() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(thousand(0, Some("t1"))));
    console.keys("G");
    console.end_page(Err(Error::new(ErrorKind::Network, "bucket \"maps\": connection refused").hint("Look at the network.")));
    let screen = console.draw();
    assert!(screen.contains("cause     bucket \"maps\": connection refused") && screen.contains("failed"), "{screen}");
    (0..30).for_each(|_| drop(console.press(KeyCode::Down)));
    assert_eq!(console.pages().len(), 0);
    console.keys("G");
    assert_eq!(console.pages()[0].ask.begin, Begin::Token("t1".into()), "what was read stays");
}

#[test]
fn a_store_that_repeats_its_token_is_not_followed() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(thousand(0, Some("t1"))));
    console.keys("G");
    console.answer_page(thousand(1000, Some("t1")), Charged::No);
    assert!(console.draw().contains("same continuation token"));
    assert_eq!(console.pages().len(), 0);
}

#[test]
fn a_bucket_without_keys_says_so() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(leaf(&[], None)));
    assert!(console.draw().contains("the bucket is empty"));
    // An empty page with a token is no empty bucket.
    console.keys("r");
    console.end_page(Ok(leaf(&[], Some("t1"))));
    assert!(console.draw().contains("no keys on the pages so far"));
    console.keys("j");
    assert_eq!(console.pages()[0].ask.begin, Begin::Token("t1".into()));
}

#[test]
fn marks_and_their_totals() {
    let mut console = Console::inside("maps", 120, 40);
    console.end_page(Ok(leaf(&["a", "bb", "ccc", "d/"], Some("more"))));
    console.keys("  ");
    assert!(title(&mut console).contains("2 marked, 3 B ·"), "{}", title(&mut console));
    let keys = |console: &Console| console.model.marked().0.into_iter().map(|pick| pick.key.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(keys(&console), ["a", "bb"]);
    console.keys("*");
    assert!(title(&mut console).contains("3 marked, 6 B, and 1 prefix"), "{}", title(&mut console));
    assert_eq!((keys(&console).len(), console.model.marked().1), (3, vec!["d/".to_owned()]));
    assert!(console.draw().contains("marked: 4 of the rows that were read"));
    console.keys("*");
    assert_eq!(console.model.marked(), (vec![], vec![]));
    console.keys("\u{1b}/bb\n");
    console.arrange();
    console.keys("*");
    console.keys("\u{1b}");
    assert_eq!(keys(&console), ["bb"], "all that the filter shows, and nothing else");
    let picked = &console.model.marked().0[0];
    assert_eq!((picked.size, picked.etag.as_ref().map(|tag| tag.as_str().len())), (Some(2), Some(34)));
    console.keys("\u{1b}");
    assert_eq!(keys(&console), [""; 0]);
}

#[test]
fn a_list_that_is_read_again_keeps_its_filter_and_what_was_left_long_ago_is_let_go_first() {
    let mut console = Console::inside("maps", 80, 24);
    let prefixes: Vec<String> = (0..70).map(|number| format!("{number:02}/")).collect();
    let rows: Vec<&str> = prefixes.iter().map(String::as_str).collect();
    console.end_page(Ok(leaf(&rows, None)));
    for number in 0..70 {
        console.keys("g");
        (0..number).for_each(|_| drop(console.press(KeyCode::Down)));
        console.keys("l");
        console.end_page(Ok(leaf(&[&format!("{number:02}/x")], None)));
        console.keys("h");
    }
    assert_eq!(console.listings(), 71);
    console.keys("Gl");
    assert_eq!(console.listings(), 71, "the last one is still here");
    console.keys("hgl");
    assert_eq!(console.listings(), 72, "the first one is not");
    console.end_page(Ok(leaf(&["00/x"], None)));
    console.keys("h/6\n");
    console.arrange();
    console.keys("r");
    console.end_page(Ok(leaf(&["06/", "07/"], None)));
    while console.arrangings() > 0 {
        console.arrange();
    }
    assert_eq!(console.names(), ["06/"]);
}

#[test]
fn sort_and_filter_are_arranged_beside_and_the_cursor_stays() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(leaf(&["a", "bbbb", "cc", "p/"], None)));
    console.keys("j");
    console.keys("s");
    assert_eq!(console.arrangings(), 1);
    console.arrange();
    assert_eq!(console.names(), ["p/", "a", "cc", "bbbb"]);
    assert_eq!(here(&console), "bbbb");
    console.keys("S");
    console.arrange();
    assert_eq!(console.names(), ["p/", "bbbb", "cc", "a"]);
    assert_eq!(here(&console), "bbbb");
    console.keys("sssS");
    // Back at names: nothing to arrange.
    assert_eq!(console.arrangings(), 0, "an arranging that nobody waits for is called off");
    assert_eq!(console.names(), ["a", "bbbb", "cc", "p/"]);
    assert_eq!(here(&console), "bbbb");
    console.keys("S");
    assert_eq!((console.arrangings(), console.names()), (0, ["p/", "cc", "bbbb", "a"].map(str::to_owned).to_vec()));
    assert_eq!(console.listings(), 1);
}

#[test]
fn pages_that_come_while_a_filter_is_on_are_looked_at_for_themselves() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(leaf(&["a1", "b"], Some("t1"))));
    console.keys("G/a\n");
    console.arrange();
    console.answer_page(leaf(&["c", "da"], Some("t2")), Charged::No);
    let first = console.open(|effect| match effect {
        Effect::Arrange(_, leaves, first, _) => Some((leaves.len(), *first)),
        _ => None,
    });
    assert_eq!(first, [(1, 2)], "the new page only");
    console.arrange();
    assert_eq!(console.names(), ["a1", "da"]);
}

#[test]
fn a_sorted_listing_is_arranged_at_most_twice_a_second() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(thousand(0, Some("t1"))));
    console.keys("sG");
    console.arrange();
    for page in 1..20 {
        console.answer_page(thousand(page * 1000, Some(&format!("t{}", page + 1))), Charged::No);
    }
    assert_eq!(console.arrangings(), 0);
    console.pass(500);
    let (ticket, pause) = console.pick(|effect| match effect {
        Effect::Wait(ticket, pause) => Some((*ticket, *pause)),
        _ => None,
    });
    assert_eq!(pause, std::time::Duration::from_millis(500));
    console.send(Msg::Elapsed(ticket));
    assert_eq!(console.arrangings(), 1);
    console.arrange();
    assert!(title(&mut console).contains("20,000 rows"));
}

#[test]
fn a_jump_goes_to_a_prefix_or_behind_a_key() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(leaf(&["data/", "date/", "x"], None)));
    console.keys("Jd\t");
    assert!(console.draw().contains("│ dat▏"), "{}", console.draw());
    console.keys("a/\n");
    assert_eq!((console.pages()[0].ask.prefix.as_str(), &console.pages()[0].ask.begin), ("data/", &Begin::Start));
    console.end_page(Ok(leaf(&["data/1", "data/2"], None)));
    // The field begins with where one is.
    console.keys("J1\n");
    assert_eq!((console.pages()[0].ask.prefix.as_str(), &console.pages()[0].ask.begin), ("data/", &Begin::After("data/1".to_owned())));
    console.end_page(Ok(leaf(&["data/2"], None)));
    assert!(title(&mut console).starts_with("─▸research:maps / data / behind 1  1 row"), "{}", title(&mut console));
    console.keys("h");
    assert!(title(&mut console).starts_with("─▸research:maps / data /  2 rows"));
    assert_eq!(console.listings(), 3);
}

#[test]
fn a_bucket_by_its_name_may_have_a_prefix() {
    let mut console = Console::board(80, 24);
    console.keys("oresearch:maps/src/a.txt\n");
    assert_eq!(console.pages()[0].ask.prefix, "src/a.txt", "the keys that begin so: one request finds it");
    console.end_page(Ok(leaf(&["src/a.txt", "src/a.txt.old"], None)));
    assert!(title(&mut console).starts_with("─▸research:maps / src / a.txt…  2 rows"), "{}", title(&mut console));
    console.keys("h");
    assert_eq!(console.pages()[0].ask.prefix, "src/");
    console.keys("oresearch:maps\n");
    assert!(console.draw().contains("Buckets"), "a bucket alone is put on the board");
}

#[test]
fn a_second_click_opens() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(leaf(&["a/", "b/"], None)));
    let click = Msg::Mouse;
    let at = |row| Mouse { kind: MouseKind::Click, column: 10, row };
    console.send(click(at(4)));
    assert_eq!(console.listings(), 1);
    console.pass(1000);
    console.send(click(at(4)));
    assert_eq!(console.listings(), 1, "too late for a double click");
    console.pass(100);
    console.send(click(at(4)));
    assert_eq!(console.pages()[0].ask.prefix, "b/");
    console.end_page(Ok(thousand(0, Some("t"))));
    console.send(click(Mouse { kind: MouseKind::ScrollDown, column: 10, row: 6 }));
    assert_eq!(here(&console), "0000003");
}

/// Goal 11, as a count: no key and no frame looks at more rows than a few screens hold.
#[test]
fn a_key_among_a_million_rows_looks_at_a_few() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(thousand(0, Some("t0"))));
    console.keys("G");
    let page = thousand(1000, Some("t"));
    for number in 1..99 {
        console.answer_page(page_with_token(&page, number), Charged::No);
    }
    console.end_page(Ok(page_with_token(&page, 99)));
    console.see();
    console.keys("y");
    for number in 100..1000 {
        console.answer_page(page_with_token(&page, number), Charged::No);
    }
    assert!(title(&mut console).contains("1,000,000 rows"), "{}", title(&mut console));
    for key in ["j", "k", "g", "G", " ", "*", "*", "S", "S", "h", "2", "1", "2"] {
        let before = console.model.rows_looked_at();
        console.keys(key);
        console.draw();
        let looked = console.model.rows_looked_at().saturating_sub(before);
        assert!(looked <= 100, "{key:?}: {looked} rows");
    }
    assert_eq!(console.arrangings(), 0);
}

/// The same rows under another token: a leaf is shared, a token is not.
fn page_with_token(page: &std::sync::Arc<whopays::domain::Leaf>, number: u32) -> std::sync::Arc<whopays::domain::Leaf> {
    let mut leaf = whopays::domain::Leaf::clone(page);
    leaf.next = Some(format!("t{number}").into());
    std::sync::Arc::new(leaf)
}

#[test]
fn older_rows_are_let_go_beyond_a_million() {
    let mut console = Console::inside("maps", 120, 40);
    console.end_page(Ok(thousand(0, Some("t0"))));
    console.keys(" G");
    let page = thousand(1000, Some("t"));
    for number in 1..99 {
        console.answer_page(page_with_token(&page, number), Charged::No);
    }
    console.end_page(Ok(page_with_token(&page, 99)));
    console.see();
    console.keys("y");
    for number in 100..999 {
        console.answer_page(page_with_token(&page, number), Charged::No);
    }
    console.end_page(Ok(page_with_token(&page, 999)));
    console.see();
    assert_eq!(console.model.marked().0.len(), 1);
    console.keys("y");
    for number in 1000..1002 {
        console.answer_page(page_with_token(&page, number), Charged::No);
    }
    console.keys("\u{1b}");
    assert!(title(&mut console).contains("rows 2,001 to 1,002,000; r begins again"), "{}", title(&mut console));
    assert_eq!(console.model.marked().0.len(), 0, "a mark goes with its row");
}

#[test]
fn keys_to_copy_are_quoted_or_not_offered() {
    let mut console = Console::inside("maps", 80, 24);
    console.end_page(Ok(leaf(&["--x $(id)'\"", "bad\nkey"], None)));
    let copied = |console: &mut Console, line: usize| {
        console.keys("y");
        (0..line).for_each(|_| console.keys("j"));
        console.keys("\n");
        match console.log.last() {
            Some(Effect::Copy(text)) => text.expose().to_owned(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(copied(&mut console, 0), "research:maps/--x $(id)'\"");
    assert_eq!(
        copied(&mut console, 3),
        "aws s3api get-object --bucket maps --key='--x $(id)'\\''\"' --region us-west-2 --profile research './--x $(id)'\\''\"'"
    );
    assert_eq!(copied(&mut console, 4), "whopays get 'research:maps/--x $(id)'\\''\"'");
    console.keys("j");
    let before = console.log.len();
    console.keys("y");
    assert!(console.draw().contains("control characters"), "{}", console.draw());
    assert_eq!(console.log.len(), before);
}

#[test]
fn nothing_is_listed_by_looking_at_the_board() {
    let mut console = Console::board(80, 24);
    console.keys("jjkkGg*//x\u{1b}ssS515i?\u{1b}:\u{1b}hjjl");
    console.resize(120, 40);
    assert_eq!(console.ever(order_of).len(), 0);
}

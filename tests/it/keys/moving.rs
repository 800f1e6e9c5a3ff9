//! Cursor, filter, sort, panes, palette, copy, mouse, names.

use whopays::app::{Clip, Effect, KeyCode, Mouse, MouseKind, Msg};

use super::driver::Console;

fn here(console: &Console) -> String {
    console.model.selected().map(|id| id.to_string()).unwrap_or_default()
}

fn mouse(console: &mut Console, kind: MouseKind, column: u16, row: u16) {
    console.send(Msg::Mouse(Mouse { kind, column, row }));
}

#[test]
fn the_cursor_moves_and_stays_on_its_bucket_when_rows_come() {
    let mut console = Console::two_accounts(80, 24);
    console.list(1, &["lab-results", "lab-zoo"], "cn-hangzhou");
    console.keys("G");
    assert_eq!(here(&console), "lab:lab-zoo");
    console.list(0, &["aaa", "bbb", "ccc"], "us-west-2");
    assert_eq!(here(&console), "lab:lab-zoo");
    console.keys("kk");
    assert_eq!(here(&console), "research:ccc");
    console.keys("g");
    assert_eq!(here(&console), "research:aaa");
}

#[test]
fn a_cursor_that_nobody_moved_stays_at_the_top() {
    let mut console = Console::two_accounts(80, 24);
    console.list(1, &["lab-results"], "cn-hangzhou");
    console.list(0, &["aaa"], "us-west-2");
    assert_eq!(here(&console), "research:aaa");
}

#[test]
fn a_filter_narrows_and_escape_clears_it() {
    let mut console = Console::board(80, 24);
    console.keys("/LAB\n");
    assert_eq!(console.model.shown(), 1);
    console.keys("\u{1b}");
    assert_eq!(console.model.shown(), 5);
    console.keys("/account:research region:west\n");
    assert_eq!(console.model.shown(), 3);
    console.keys("/\u{1b}");
    assert_eq!(console.model.shown(), 5);
    console.keys("/provider:oss\n");
    assert_eq!(here(&console), "lab:lab-results");
}

#[test]
fn letters_in_the_filter_are_text_and_not_keys() {
    let mut console = Console::board(80, 24);
    console.keys("/pUq*");
    assert!(console.draw().contains("/ pUq*"));
    assert!(!console.log.contains(&Effect::Quit));
}

#[test]
fn pasted_text_goes_into_the_filter_once_and_elsewhere_nowhere() {
    // G6
    let mut console = Console::board(80, 24);
    console.send(Msg::Paste("q\npU*p\ny\ny".repeat(1000)));
    assert_eq!(console.model.shown(), 5);
    assert!(console.sent().is_empty() && !console.log.contains(&Effect::Quit));
    console.keys("/");
    console.send(Msg::Paste("ma\nps".to_owned()));
    assert_eq!(console.model.shown(), 1);
    assert_eq!(here(&console), "research:maps");
}

#[test]
fn sorting_goes_through_the_columns_and_turns() {
    let mut console = Console::board(80, 24);
    let first = |console: &mut Console| console.draw().lines().nth(3).unwrap().to_owned();
    console.keys("s");
    assert!(first(&mut console).contains("arxiv"));
    console.keys("S");
    assert!(first(&mut console).contains("maps"));
    assert!(console.draw().contains("BUCKET▼"));
}

#[test]
fn an_account_at_the_left_narrows_the_board() {
    let mut console = Console::board(80, 24);
    console.keys("h");
    console.keys("jj");
    assert_eq!(console.model.shown(), 1);
    console.keys("\n");
    assert_eq!(here(&console), "lab:lab-results");
    // The details of an account ask once whose keys it has.
    console.keys("hi");
    console.answer_identify();
    assert!(console.draw().contains("arn:aws:iam::111122223333:user/lab"));
    console.keys("hi");
    assert_eq!(console.ever(|order| matches!(order, Effect::Identify(..)).then_some(())).len(), 1);
}

#[test]
fn details_open_and_close() {
    let mut console = Console::board(40, 10);
    console.go_to("arxiv");
    console.keys("i");
    let screen = console.draw();
    assert!(screen.contains("Why: research:arxiv") && screen.contains("Only the bucket's owner may read"), "{screen}");
    console.press(KeyCode::Esc);
    let screen = console.draw();
    assert!(screen.contains("research:arxiv") && screen.contains("cause     bucket \"arxiv\": access"), "{screen}");
    console.press(KeyCode::Backspace);
    assert!(console.draw().contains("BUCKET"));
}

#[test]
fn a_bucket_is_opened_by_its_name() {
    let mut console = Console::board(80, 24);
    console.keys("o");
    console.keys("lab:shared-data\n");
    assert_eq!(here(&console), "lab:shared-data");
    assert!(console.reads().iter().any(|(_, bucket)| bucket == "shared-data"));
    // One account speaks each protocol here, so the scheme says which.
    console.keys("os3://nasa-nex\n");
    assert_eq!(here(&console), "research:nasa-nex");
    console.keys("ojust-a-name\n");
    assert_eq!(here(&console), "research:just-a-name");
    for (text, complaint) in
        [("nobody:x-bucket", "there is no account nobody"), ("lab:Bad_Name", "is not valid"), ("", "type ACCOUNT:BUCKET")]
    {
        console.keys("o");
        console.keys(text);
        console.keys("\n");
        let screen = console.draw();
        assert!(screen.contains(complaint), "{screen}");
        console.keys("\u{1b}");
    }
    // Names of buckets that are on the board already only move the cursor.
    let shown = console.model.shown();
    console.keys("oresearch:maps\n");
    assert_eq!((here(&console), console.model.shown()), ("research:maps".to_owned(), shown));
}

#[test]
fn the_palette_finds_and_runs_an_action() {
    let mut console = Console::board(80, 24);
    console.go_to("maps");
    console.keys(":");
    console.keys("copy\n");
    assert!(console.draw().contains("research:maps"));
    console.keys("\n");
    assert_eq!(console.log.last(), Some(&Effect::Copy(Clip::new("research:maps"))));
}

#[test]
fn equivalent_commands_are_those_of_the_vendors() {
    let mut console = Console::board(80, 24);
    let copied = |console: &mut Console, bucket: &str, line: usize| {
        console.go_to(bucket);
        console.keys("y");
        (0..line).for_each(|_| console.keys("j"));
        console.keys("\n");
        match console.log.last() {
            Some(Effect::Copy(text)) => text.expose().to_owned(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        copied(&mut console, "maps", 3),
        "aws s3api put-bucket-request-payment --bucket maps --request-payment-configuration Payer=BucketOwner --region us-west-2 --profile research"
    );
    assert_eq!(copied(&mut console, "lab-results", 1), "oss://lab-results");
    assert_eq!(
        copied(&mut console, "lab-results", 2),
        "ossutil api get-bucket-request-payment --bucket lab-results --region cn-hangzhou --profile lab"
    );
    assert_eq!(
        copied(&mut console, "lab-results", 4),
        "# provider: region cn-hangzhou, profile lab\nresource \"alicloud_oss_bucket_request_payment\" \"lab-results\" {\n  \
         bucket = \"lab-results\"\n  payer  = \"BucketOwner\"\n}\n"
    );
    assert!(console.draw().contains("copied the Terraform block with the payer as it is: # provider"));
    assert_eq!(
        copied(&mut console, "maps", 5),
        "# provider: region us-west-2, profile research\nresource \"aws_s3_bucket_request_payment_configuration\" \"maps\" {\n  \
         bucket = \"maps\"\n  payer  = \"BucketOwner\"\n}\n"
    );
    // Whose payer nobody could read: what it is, is not said.
    console.go_to("arxiv");
    console.keys("y");
    let screen = console.draw();
    assert!(screen.contains("Terraform block that changes the payer") && !screen.contains("as it is"), "{screen}");
}

#[test]
fn a_click_selects_and_a_wheel_moves_and_neither_changes_anything() {
    let mut console = Console::board(80, 24);
    console.draw();
    mouse(&mut console, MouseKind::Click, 30, 6);
    assert_eq!(here(&console), "research:maps");
    mouse(&mut console, MouseKind::ScrollUp, 30, 6);
    assert_eq!(here(&console), "research:arxiv");
    mouse(&mut console, MouseKind::Click, 3, 4);
    assert_eq!(console.model.shown(), 1);
    for row in 0..24 {
        for column in [0, 20, 50, 79] {
            mouse(&mut console, MouseKind::Click, column, row);
        }
    }
    assert!(console.sent().is_empty());
}

#[test]
fn marks_are_counted_and_cleared() {
    let mut console = Console::board(80, 24);
    console.keys("  ");
    assert!(console.draw().contains("2 marked"));
    console.keys("\u{1b}");
    assert!(!console.draw().contains("marked"));
}

#[test]
fn a_filter_is_typed_from_any_pane_and_no_letter_of_it_is_a_command() {
    for pane in ["", "h", "ji", "5", "5i"] {
        let mut console = Console::board(80, 24);
        console.keys(pane);
        console.keys("/*pqU");
        let screen = console.draw();
        assert!(screen.contains("/ *pqU"), "{pane:?}\n{screen}");
        // What it narrows has the focus, so that the arrows move there.
        assert!(screen.contains("─▸Buckets  0") || screen.contains("─▸Journal  0"), "{pane:?}\n{screen}");
        assert!(console.changes().is_empty() && !console.log.contains(&Effect::Quit), "{pane:?}");
    }
}

#[test]
fn the_palette_finds_labels_by_letters_and_help_by_words() {
    let mut console = Console::board(120, 40);
    console.keys(":rfsh");
    assert!(console.draw().contains("▸ refresh"));
    let mut console = Console::board(120, 40);
    console.keys(":reg");
    let screen = console.draw();
    // "the waiting change", "stop reading": the letters are there, the word is not.
    assert!(screen.contains("▸ filter") && !screen.contains("suspend") && !screen.contains("revert"), "{screen}");
}

#[test]
fn the_footer_of_the_journal_names_the_way_back() {
    let mut console = Console::board(80, 24);
    console.keys("5");
    assert!(console.draw().lines().last().unwrap().contains("1 buckets"));
    console.keys("1");
    let footer = console.draw().lines().last().unwrap().to_owned();
    assert!(!footer.contains("1 buckets"), "{footer}");
}

#[test]
fn a_bucket_opened_from_the_accounts_is_what_the_details_show() {
    let mut console = Console::board(80, 24);
    console.press(KeyCode::Left);
    console.keys("j");
    assert!(console.draw().contains("─ Account research"));
    console.keys("omaps\n");
    let screen = console.draw();
    assert!(screen.contains("─ research:maps ") && !screen.contains("Account research"), "{screen}");
}

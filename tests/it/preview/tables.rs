//! Comma- and tab-separated values.

use whopays::preview::{Align, Table};

use super::*;

fn table(sample: &Sample<'_>) -> Table {
    let shown = look(sample, Mode::Auto);
    match shown.view {
        View::Table(table) => table,
        other => panic!("no table: {other:?}"),
    }
}

#[test]
fn quotes_commas_and_line_ends_in_cells() {
    let table = table(&whole("a.csv", b"name,note,amount\r\n\"Doe, Jane\",\"said \"\"no\"\"\",12.50\r\n\"two\nlines\",,-3\r\n"));
    assert_eq!(table.columns, ["name", "note", "amount"]);
    assert_eq!(table.rows, [vec!["Doe, Jane", "said \"no\"", "12.50"], vec!["two\\u{a}lines", "", "-3"]]);
    assert_eq!(table.widths, [13, 9, 6]);
    assert_eq!(table.aligns, [Align::Left, Align::Left, Align::Right]);
    assert_eq!((table.delimiter, table.cut), (',', false));
}

#[test]
fn ragged_rows_stay_ragged() {
    let table = table(&whole("a.csv", b"a,b,c\n1\n1,2,3,4\n\n,\n"));
    assert_eq!(table.rows, [vec!["1"], vec!["1", "2", "3", "4"], vec!["", ""]]);
    assert_eq!(table.widths.len(), 4);
}

#[test]
fn the_delimiter_is_what_the_lines_agree_on() {
    assert_eq!(table(&whole("a.csv", "Ort;Betrag\nKöln;1,5\nBonn;2,25\n".as_bytes())).delimiter, ';');
    assert_eq!(table(&whole("a.tsv", b"a\tb\n1\t2\n")).delimiter, '\t');
    assert_eq!(table(&whole("noname", b"a|b\nc|d\ne|f\ng|h\n")).delimiter, '|');
    let typed = Sample { content_type: Some("text/csv; charset=utf-8"), ..whole("export", b"one\ntwo\n") };
    assert_eq!(table(&typed).rows, [vec!["two"]]);
}

#[test]
fn prose_and_source_are_no_tables() {
    let prose = b"Dear all, hello.\nWe met, as you know.\nBye, then.\nYours, me.\n";
    assert_eq!(text_lines(&whole("letter.txt", prose)).len(), 4);
    assert_eq!(text_lines(&whole("a.rs", b"f(a, b, c);\nf(a, b, c);\nf(a, b, c);\nf(a, b, c);\n")).len(), 4);
}

#[test]
fn a_first_row_of_data_is_no_head() {
    let table = table(&whole("a.csv", b"1,x\n2,y\n"));
    assert_eq!(table.columns, ["1", "2"]);
    assert_eq!(table.rows, [vec!["1", "x"], vec!["2", "y"]]);
}

#[test]
fn dates_are_words_and_numbers_lean_right() {
    let table = table(&whole("a.csv", b"day,sum,share,mixed\n2026-11-01,\"1,200.5\",5%,1\n2026-11-02,6e-3,7 %,none\n"));
    assert_eq!(table.aligns, [Align::Left, Align::Right, Align::Right, Align::Left]);
}

#[test]
fn cells_at_cut_edges_say_so() {
    let first = table(&first_of("a.csv", b"a,b\n1,2\n3,45", 900));
    assert!(first.cut);
    assert_eq!(first.rows, [vec!["1", "2"], vec!["3", "45…"]]);
    let later = table(&Sample { offset: 12, ..first_of("a.csv", b"67\n8,9\n", 19) });
    assert_eq!(later.columns, ["1", "2"]);
    assert_eq!(later.rows, [vec!["…67"], vec!["8", "9"]]);
}

#[test]
fn wide_and_long_tables_are_bounded() {
    let commas = ",".repeat(1 << 20);
    let wide = look(&whole("a.csv", commas.as_bytes()), Mode::Auto);
    assert_eq!(wide.notes, ["the first 256 of 1048577 columns are shown"]);
    let rows = "a,b\n".repeat(6_000);
    let long = look(&whole("a.csv", rows.as_bytes()), Mode::Auto);
    assert_eq!(long.notes, ["the first 5001 rows are shown"]);
    let View::Table(long) = long.view else { panic!() };
    assert_eq!((long.rows.len(), long.cut), (5_000, true));
    let cell = "é".repeat(500);
    assert_eq!(table(&whole("a.csv", format!("a,b\n{cell},1\n").as_bytes())).rows[0][0], format!("{}…", "é".repeat(200)));
}

//! A test that runs a part of itself as a process of its own, to be killed, stopped or left without a terminal.

use std::io::{BufRead, BufReader};
use std::process::Child;

/// Set for the child, empty or with what it needs to know; a child's test returns at once without it.
pub(crate) const VARIABLE: &str = "WHOPAYS_TEST_CHILD";

/// What makes this test binary run one test and nothing else.
pub(crate) fn arguments(test: &str) -> [&str; 5] {
    [test, "--exact", "--nocapture", "--test-threads", "1"]
}

/// Reads the child's output until a line ends with this text.
pub(crate) fn wait_for_line(child: &mut Child, text: &str) {
    let output = BufReader::new(child.stdout.take().unwrap());
    assert!(output.lines().map_while(Result::ok).any(|line| line.ends_with(text)), "the child ended without saying: {text}");
}

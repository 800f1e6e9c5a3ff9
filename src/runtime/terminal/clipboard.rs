//! The clipboard through the terminal (OSC 52): works over ssh, and needs no desktop.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::{Error, ErrorKind, Result};

/// What common terminals take in one sequence (xterm: 100,000 bytes).
const LIMIT: usize = 74_994;

/// What stands between the program and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    /// Nothing that interprets sequences.
    Nothing,
    /// tmux, which keeps OSC 52 to itself unless it is wrapped or told otherwise.
    Tmux,
}

/// The sequence that puts a text on the clipboard.
///
/// tmux gets it twice: plain for `set-clipboard on`, wrapped for `allow-passthrough on`. Whichever it does not take it drops.
///
/// # Errors
/// `Local` for a text that terminals would cut.
pub(super) fn sequence(text: &str, between: Between) -> Result<Vec<u8>> {
    if text.len() > LIMIT {
        return Err(Error::new(ErrorKind::Local, format!("text of {} bytes is too long for the clipboard", text.len()))
            .hint("Copy a shorter text."));
    }
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    Ok(match between {
        Between::Nothing => plain,
        Between::Tmux => format!("{plain}\x1bPtmux;\x1b{plain}\x1b\\"),
    }
    .into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_wrapped_so_that_none_of_their_bytes_acts() {
        assert_eq!(sequence("s3://arxiv", Between::Nothing).expect("short"), b"\x1b]52;c;czM6Ly9hcnhpdg==\x07");
        assert_eq!(sequence("\x1b[2J", Between::Nothing).expect("short"), b"\x1b]52;c;G1sySg==\x07");
        assert_eq!(sequence("hi", Between::Tmux).expect("short"), b"\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
        assert_eq!(sequence(&"x".repeat(80_000), Between::Nothing).expect_err("too long").kind(), ErrorKind::Local);
    }
}

//! What a probe proved outlives its process: a command probes, a later console shows it, and at another store it says nothing.

use super::*;
use crate::support::pty::Setup;

#[test]
fn a_later_console_shows_what_a_command_proved() {
    let bench = Bench::start();
    let console = |config: &Path| {
        let pty = Setup::new(env!("CARGO_BIN_EXE_whopays"), &["research:aerial-tiles", "--config", text(config)])
            .env("HOME", bench.home.path())
            .env("WHOPAYS_STATE_DIR", bench.path("state"))
            .size(120, 40)
            .start();
        pty.see("research:aerial-tiles is on the board");
        pty
    };
    let told = bench.lines(&["probe", "research:aerial-tiles", "--request-payer", "requester"]);
    assert_eq!(told[0]["verdict"], "requester_pays_enforced");
    let mut pty = console(&bench.config);
    pty.see("Requester (inferred)");
    pty.see("requester pays, and the store enforces it, probed at ");
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
    // The same names at another store are other buckets.
    let other = Bench::start();
    let mut pty = console(&other.config);
    pty.see("denied");
    assert!(!pty.text().contains("inferred"), "{}", pty.text());
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

//! `credentials = "prompt"`, with the real binary in a terminal: what is typed works, is not shown, and is kept nowhere.

use std::fs;
use std::path::Path;

use rustix::process::Signal;

use super::end_to_end::Demo;
use crate::support::pty::{Pty, Setup};

const ID: &str = "AKIADEMOSTUDIO000001";
const SECRET: &str = "demo-studio-secret/with+signs=and0123456";

/// The program with the demo's account `studio`, whose keys are to be typed.
fn asking(demo: &Demo, arguments: &[&str]) -> Setup {
    let config = fs::read_to_string(&demo.config).unwrap();
    let endpoint = config.lines().find_map(|line| line.strip_prefix("endpoint = ")).unwrap();
    let home = demo.home.path();
    let file = home.join("prompt.toml");
    let account = format!(
        "[accounts.typed]\nprovider = \"s3\"\nregion = \"us-west-2\"\naddressing = \"path\"\ncredentials = \"prompt\"\n\
         endpoint = {endpoint}\nsts_endpoint = {endpoint}\n"
    );
    fs::write(&file, account).unwrap();
    Setup::new(env!("CARGO_BIN_EXE_whopays"), arguments)
        .env("HOME", home)
        .env("WHOPAYS_STATE_DIR", home.join("state"))
        .env("WHOPAYS_CONFIG", file)
        .size(160, 30)
}

fn type_keys(pty: &mut Pty) {
    pty.see("Access key id for account typed: ");
    pty.type_and_see(format!("{ID}\r"), "Secret (not shown): ");
    pty.type_and_see(format!("{SECRET}\r"), "Session token (not shown, Enter for none): ");
    pty.type_keys("\r");
}

/// Neither on the screen nor in any file.
fn expect_no_secret(pty: &Pty, home: &Path) {
    assert!(!String::from_utf8_lossy(&pty.bytes()).contains(SECRET));
    for file in fs::read_dir(home.join("state")).into_iter().flatten() {
        let file = file.unwrap().path();
        // The demo's own config holds the secret, and stands elsewhere.
        assert!(!String::from_utf8_lossy(&fs::read(&file).unwrap()).contains(SECRET), "{file:?}");
    }
}

fn expect_terminal_as_before(pty: &Pty) {
    let modes = format!("{:?}", pty.attributes());
    assert!(["ECHO", "ICANON", "ISIG", "IEXTEN"].iter().all(|mode| modes.contains(mode)), "{modes}");
}

#[test]
fn a_command_acts_with_typed_keys() {
    let demo = Demo::start();
    let mut pty = asking(&demo, &["accounts", "-vv"]).start();
    type_keys(&mut pty);
    pty.see("arn:aws:iam::111122223333:user/mara");
    assert_eq!(pty.exit_code(), 0, "{}", pty.text());
    expect_terminal_as_before(&pty);
    expect_no_secret(&pty, demo.home.path());
}

#[test]
fn the_console_opens_with_typed_keys() {
    let demo = Demo::start();
    let mut pty = asking(&demo, &["-vv"]).start();
    type_keys(&mut pty);
    pty.see("colorpictures");
    pty.see("Requester");
    pty.type_keys("q");
    assert_eq!(pty.exit_code(), 0, "{}", pty.text());
    assert!(pty.is_given_back());
    expect_no_secret(&pty, demo.home.path());
}

#[test]
fn who_does_not_answer_gets_the_terminal_back() {
    let demo = Demo::start();
    type WayOut = fn(&mut Pty);
    let ways: [(&str, WayOut); 4] = [
        ("Ctrl-C", |pty| pty.type_keys("\x03")),
        ("Ctrl-D", |pty| pty.type_keys("\x04")),
        ("SIGTERM", |pty| pty.signal(Signal::TERM)),
        ("SIGINT", |pty| pty.signal(Signal::INT)),
    ];
    for (name, way_out) in ways {
        for arguments in [&["buckets"][..], &[]] {
            let mut pty = asking(&demo, arguments).start();
            pty.see("Access key id for account typed: ");
            pty.type_and_see(format!("{ID}\r"), "Secret (not shown): ");
            way_out(&mut pty);
            assert_eq!(pty.exit_code(), 130, "{name} {arguments:?}:\n{}", pty.text());
            pty.see("error: the question for keys was cancelled");
            expect_terminal_as_before(&pty);
        }
    }
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let demo = Demo::start();
    let config = demo.home.path().join("prompt.toml");
    fs::write(&config, "[accounts.typed]\nprovider = \"s3\"\nregion = \"us-west-2\"\ncredentials = \"prompt\"\n").unwrap();
    // A session without a controlling terminal, even where the tests run in one.
    let output = std::process::Command::new("setsid")
        .args(["--wait", env!("CARGO_BIN_EXE_whopays"), "buckets", "--json", "--config"])
        .arg(&config)
        .env_clear()
        .env("HOME", demo.home.path())
        .env("PATH", "/usr/bin:/bin")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(super::code(&output), 1, "{}", super::stderr(&output));
    let error = super::error(&output);
    assert_eq!(error["kind"], "credentials");
    assert!(error["message"].as_str().unwrap().ends_with("nobody was asked, because there is no terminal"), "{error}");
}

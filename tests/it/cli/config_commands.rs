//! `config init`, `config check`, `config path` in a home of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{code, error, run, stderr, stdout, whopays};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn init_writes_a_private_file_that_check_takes() {
    let home = tempfile::tempdir().unwrap();
    let place = run(home.path(), &["config", "path"]);
    assert_eq!(code(&place), 0, "{}", stderr(&place));
    let path = stdout(&place).trim_end().to_owned();
    assert!(path.starts_with(home.path().to_str().unwrap()) && path.ends_with("config.toml"), "{path}");

    let made = run(home.path(), &["config", "init"]);
    assert_eq!((code(&made), stdout(&made)), (0, format!("wrote {path}\n")), "{}", stderr(&made));
    assert_eq!(fs::read_to_string(&path).unwrap(), include_str!("../../../assets/config.toml"));
    assert_eq!(mode(path.as_ref()), 0o600);
    assert_eq!(mode(std::path::Path::new(&path).parent().unwrap()), 0o700);

    let checked = run(home.path(), &["config", "check"]);
    assert_eq!(code(&checked), 0, "{}", stderr(&checked));
    assert!(stdout(&checked).contains("0 accounts, 0 foreign buckets, 0 warnings"), "{}", stdout(&checked));
    assert_eq!(stderr(&checked), "No account yet: remove the # before the lines of an example and fill them in.\n");

    let listed = run(home.path(), &["buckets"]);
    assert_eq!((code(&listed), stdout(&listed).as_str()), (2, ""));
    assert!(stderr(&listed).contains("config.toml: there is no account in it yet\n  hint: Remove the # "), "{}", stderr(&listed));
}

#[test]
fn init_keeps_a_file_that_stands_there() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("mine.toml");
    fs::write(&file, "# mine\n").unwrap();
    let output = run(home.path(), &["config", "init", "--json", "--config", file.to_str().unwrap()]);
    assert_eq!(code(&output), 5);
    assert_eq!(error(&output)["kind"], "refused");
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
}

#[test]
fn a_rehearsal_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["config", "init", "--dry-run"]);
    assert_eq!(code(&output), 0);
    assert!(stdout(&output).starts_with("would write "), "{}", stdout(&output));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn the_option_wins_over_the_environment() {
    let home = tempfile::tempdir().unwrap();
    let by_environment = whopays(home.path()).env("WHOPAYS_CONFIG", "/a/b.toml").args(["config", "path"]).output().unwrap();
    assert_eq!(stdout(&by_environment), "/a/b.toml\n");
    let by_option =
        whopays(home.path()).env("WHOPAYS_CONFIG", "/a/b.toml").args(["config", "path", "--json", "--config", "/c.toml"]).output().unwrap();
    assert_eq!(stdout(&by_option), "{\"path\":\"/c.toml\",\"exists\":false}\n");
}

#[test]
fn a_mistake_names_file_line_and_key_and_no_secret() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("wrong.toml");
    fs::write(
        &file,
        "[accounts.lab]\nprovider = \"oss\"\nregion = 7\naccess_key_id = \"CANARY-ID\"\naccess_key_secret = \"CANARY-SECRET\"\n",
    )
    .unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let output = run(home.path(), &["config", "check", "--config", file.to_str().unwrap()]);
    assert_eq!(code(&output), 2);
    let told = stderr(&output);
    assert!(told.contains("wrong.toml:3: accounts.lab.region"), "{told}");
    assert!(!told.contains("CANARY"), "{told}");
}

#[test]
fn a_command_that_needs_accounts_leads_to_them() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["buckets", "--json"]);
    assert_eq!(code(&output), 2);
    let error = error(&output);
    assert_eq!(error["kind"], "config");
    assert!(error["hint"].as_str().unwrap().contains("whopays config init"), "{error}");
}

#[test]
fn a_config_that_cannot_be_read_says_why() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("latin1.toml"), b"# \xe9\n").unwrap();
    for (file, message) in [
        ("nosuch.toml", "nosuch.toml: there is no such file"),
        (".", ".: is not a regular file"),
        ("latin1.toml", "latin1.toml:1: is not UTF-8 text"),
    ] {
        let output = whopays(home.path()).current_dir(home.path()).args(["buckets", "--json", "--config", file]).output().unwrap();
        assert_eq!(code(&output), 2, "{file}");
        assert_eq!(error(&output)["message"], message);
        assert!(error(&output)["hint"].is_string(), "{file}");
    }
}

/// `/proc` takes no files, not even from root.
#[cfg(target_os = "linux")]
#[test]
fn a_home_that_cannot_be_written_keeps_reading_possible() {
    let home = std::path::Path::new("/proc/self");
    let made = run(home, &["config", "init"]);
    assert_eq!(code(&made), 1);
    assert!(stderr(&made).contains("hint: Name a file in a folder of your own with --config FILE."), "{}", stderr(&made));
    let listed = run(home, &["accounts"]);
    assert_eq!(code(&listed), 2, "no log, no complaint about it: {}", stderr(&listed));
    assert_eq!(code(&run(home, &["completions", "bash"])), 0);
    let journal = run(home, &["journal"]);
    assert_eq!(code(&journal), 1);
    assert!(stderr(&journal).contains("`WHOPAYS_STATE_DIR`"), "{}", stderr(&journal));
}

#[test]
fn without_home_the_users_own_is_used_or_it_is_said() {
    let home = tempfile::tempdir().unwrap();
    let place = whopays(home.path()).env_remove("HOME").args(["config", "path"]).output().unwrap();
    assert_eq!(code(&place), 0, "{}", stderr(&place));
    assert!(stdout(&place).starts_with('/') && stdout(&place).ends_with("/whopays/config.toml\n"), "{}", stdout(&place));
}

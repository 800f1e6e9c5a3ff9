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

//! The config's text: what is read, what is refused with which words, and what never appears in them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails here; it makes the files that it reads"
)]

use std::path::PathBuf;

use proptest::prelude::*;
use whopays::config::{self, Config, LiteralSecrets, PayerToggle, Source, Theme};
use whopays::domain::{Access, Addressing, Consent, ErrorKind, Money, Network, OssSignature, Provider};

const CANARY: &str = "CANARYwJalrXUtnFEMIbPxRfiCY9";

fn read(text: &str) -> Config {
    match config::parse("config.toml", text, LiteralSecrets::Allowed) {
        Ok(config) => config,
        Err(error) => panic!("{}: {:?}", error.message(), error.hint_text()),
    }
}

fn refuse(text: &str) -> (String, String) {
    refuse_as(text, LiteralSecrets::Allowed)
}

fn refuse_as(text: &str, literal: LiteralSecrets) -> (String, String) {
    let Err(error) = config::parse("config.toml", text, literal) else { panic!("was accepted:\n{text}") };
    assert_eq!(error.kind(), ErrorKind::Config);
    (error.message().to_owned(), error.hint_text().expect("every mistake has a remedy").to_owned())
}

const CONTRACT: &str = r#"
[settings]
theme = "auto"
payer_toggle = "grace"
grace_seconds = 5
download_dir = "~/Downloads"
budget = "5.00 USD"

[accounts.research]
provider = "s3"
region = "us-west-2"
credentials = "profile:research"
endpoint = "https://s3.example"
addressing = "auto"
account_id = "111122223333"
ca_file = "/etc/ssl/private-ca.pem"
access = "normal"
budget = "2.50 USD"

[[accounts.research.buckets]]
name = "arxiv"
region = "us-east-1"
owner_id = "444455556666"
request_payer = "ask"
budget = "0.10 USD"

[accounts.lab]
provider = "oss"
region = "cn-hangzhou"
network = "internal"
signature = "v1"
credentials = "env"
"#;

#[test]
fn the_example_of_the_contract_is_read() {
    let config = read(CONTRACT);
    assert_eq!(config.settings.theme, Theme::Auto);
    assert_eq!(config.settings.payer_toggle, PayerToggle::Grace);
    assert_eq!(config.settings.grace_seconds, 5);
    assert_eq!(config.settings.download_dir, Some(PathBuf::from("~/Downloads")));
    assert_eq!(config.settings.budget, Money::parse("5.00 USD"));
    let names: Vec<&str> = config.accounts.iter().map(|account| account.name.as_str()).collect();
    assert_eq!(names, ["research", "lab"], "in the order of the file");
    let research = &config.accounts[0];
    assert_eq!(research.site.provider, Provider::S3);
    assert_eq!(research.site.region, "us-west-2");
    assert_eq!(research.site.endpoint.as_deref(), Some("https://s3.example"));
    assert_eq!(research.site.addressing, Addressing::Auto);
    assert!(matches!(&research.credentials, Source::Profile(name) if name == "research"));
    assert_eq!(research.account_id.as_deref(), Some("111122223333"));
    assert_eq!(research.ca_file, Some(PathBuf::from("/etc/ssl/private-ca.pem")));
    assert_eq!(research.access, Access::Normal);
    assert_eq!(research.budget, Money::parse("2.50 USD"));
    let arxiv = &research.buckets[0];
    assert_eq!(arxiv.budget, Money::parse("0.10 USD"));
    assert_eq!((arxiv.name.as_str(), arxiv.region.as_deref()), ("arxiv", Some("us-east-1")));
    assert_eq!((arxiv.owner_id.as_deref(), arxiv.consent), (Some("444455556666"), Consent::Silent));
    let lab = &config.accounts[1];
    assert_eq!(lab.budget, None);
    assert_eq!((lab.site.provider, lab.site.network, lab.site.signature), (Provider::Oss, Network::Internal, OssSignature::V1));
    assert!(matches!(lab.credentials, Source::Env));
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn an_empty_file_and_the_default_file_have_no_accounts() {
    for text in ["", "\u{feff}", config::default_text()] {
        let config = read(text);
        assert!(config.accounts.is_empty());
        assert_eq!(config.settings, config::Settings::default());
        assert!(config.warnings.is_empty());
    }
}

#[test]
fn every_example_line_of_the_default_file_works_when_it_is_uncommented() {
    let uncommented: String = config::default_text()
        .lines()
        .map(|line| {
            line.strip_prefix("# ").filter(|rest| rest.starts_with('[') || rest.split(" = ").next().is_some_and(is_key)).unwrap_or(line)
        })
        .filter(|line| !line.starts_with("access_key") && !line.starts_with("session_token"))
        .map(|line| format!("{line}\n"))
        .collect();
    let config = read(&uncommented);
    assert_eq!(config.accounts.len(), 2);
    assert_eq!(config.accounts[0].buckets.len(), 1);
    assert_eq!(config.settings.budget, Money::parse("5.00 USD"));
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[test]
fn bom_and_crlf_change_nothing() {
    let windows = format!("\u{feff}{}", CONTRACT.replace('\n', "\r\n"));
    let config = read(&windows);
    assert_eq!(config.accounts.len(), 2);
    assert_eq!(config.accounts[0].site.region, "us-west-2");
    let (message, _) = refuse(&format!("\u{feff}{}", "[settings]\r\ngrace_seconds = 0\r\n"));
    assert_eq!(message, "config.toml:2: settings.grace_seconds is out of range");
}

#[test]
fn sources_are_read() {
    let source = |text: &str| {
        let config = read(&format!(
            "[accounts.base]\nprovider = \"s3\"\nregion = \"us-east-1\"\n[accounts.a]\nprovider = \"s3\"\nregion = \"us-east-1\"\n{text}\n"
        ));
        config.accounts[1].credentials.clone()
    };
    assert!(matches!(source(""), Source::Default));
    assert!(matches!(source("credentials = \"default\""), Source::Default));
    assert!(matches!(source("credentials = \"instance\""), Source::Instance));
    assert!(matches!(source("credentials = \"prompt\""), Source::Prompt));
    assert!(matches!(source("credentials = \"anonymous\""), Source::Anonymous));
    assert!(matches!(source("credentials = \"keyring:my oss\""), Source::Keyring(entry) if entry == "my oss"));
    assert!(
        matches!(source("credentials = \"process:vault read -x 'a b:c'\""), Source::Process(command) if command == "vault read -x 'a b:c'")
    );
    let role = source("credentials = \"role:arn:aws:iam::111122223333:role/team/Reader\"\nsource = \"base\"");
    assert!(
        matches!(role, Source::Role { arn, source } if arn == "arn:aws:iam::111122223333:role/team/Reader" && source.as_str() == "base")
    );
    let literal = source("access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\naccess_key_secret = \"s3cr3t\"\nsession_token = \"t0ken\"");
    let Source::Literal(keys) = literal else { panic!("not literal") };
    assert_eq!((keys.access_key_id.as_str(), keys.secret.expose()), ("AKIAIOSFODNN7EXAMPLE", "s3cr3t"));
    assert_eq!(keys.session_token.as_ref().map(|token| token.expose()), Some("t0ken"));
}

#[test]
fn regions_come_from_the_endpoint_the_profile_or_the_default() {
    let oss = read("[accounts.a]\nprovider = \"oss\"\nendpoint = \"https://oss-cn-beijing-internal.aliyuncs.com\"\n");
    assert_eq!(oss.accounts[0].site.region, "cn-beijing");
    let s3 = read("[accounts.a]\nprovider = \"s3\"\n");
    assert_eq!(s3.accounts[0].site.region, "us-east-1");
    assert_eq!(s3.warnings, ["config.toml:1: accounts.a.region is not set: us-east-1 is used"]);
    let store = read("[accounts.a]\nprovider = \"s3\"\nendpoint = \"http://127.0.0.1:9000\"\n");
    assert_eq!(store.accounts[0].site.region, "us-east-1");
    assert!(store.warnings.is_empty());
    let prefixed = read("[accounts.a]\nprovider = \"oss\"\nregion = \"oss-cn-hangzhou\"\n");
    assert_eq!(prefixed.accounts[0].site.region, "cn-hangzhou");
    let looked_up = config::parse_with_regions(
        "config.toml",
        "[accounts.a]\nprovider = \"s3\"\ncredentials = \"profile:research\"\n",
        LiteralSecrets::Refused,
        &|provider, profile| (provider == Provider::S3 && profile == "research").then(|| "eu-west-1".to_owned()),
    );
    assert_eq!(looked_up.unwrap_or_else(|error| panic!("{error}")).accounts[0].site.region, "eu-west-1");
}

#[test]
fn what_is_unwise_is_a_warning() {
    let warning = |text: &str| read(&format!("[accounts.a]\n{text}")).warnings.join("|");
    assert_eq!(
        warning("provider = \"s3\"\nregion = \"us-east-1\"\nendpoint = \"http://store.example\"\n"),
        "config.toml:4: accounts.a.endpoint is plain http to another machine: anyone on the way reads what you send"
    );
    assert_eq!(warning("provider = \"s3\"\nregion = \"us-east-1\"\nendpoint = \"http://localhost:9000\"\n"), "");
    assert_eq!(
        warning("provider = \"s3\"\nregion = \"us-west-2\"\nendpoint = \"https://s3.eu-west-1.amazonaws.com\"\n"),
        "config.toml:3: accounts.a.region differs from the region in the endpoint's host name"
    );
    assert_eq!(
        warning("provider = \"s3\"\nregion = \"hangzhou\"\n"),
        "config.toml:3: accounts.a.region does not look like a region of this provider"
    );
    assert_eq!(
        warning("provider = \"oss\"\nregion = \"cn-hangzhou\"\nnetwork = \"internal\"\nendpoint = \"https://oss.example\"\n"),
        "config.toml:4: accounts.a.network has no effect, because the account has an endpoint of its own"
    );
}

/// Text of an account, then message and beginning of the hint, typed by hand.
const ACCOUNT_MISTAKES: &[(&str, &str, &str)] = &[
    ("provider = \"s4\"", "config.toml:2: accounts.a.provider has a value that is not known", "Did you mean \"s3\"?"),
    ("region = \"us-east-1\"", "config.toml:1: accounts.a has no provider", "Add provider = \"s3\""),
    ("provider = 3", "config.toml:2: accounts.a.provider is not a text", "Write provider = \"…\", in quotes."),
    ("provider = \"\"", "config.toml:2: accounts.a.provider is empty", "Write a value, or remove the line."),
    ("provider = \" s3\"", "config.toml:2: accounts.a.provider has a space at its start or end", "Remove the space"),
    ("provider = \"s3\"\nregoin = \"us-east-1\"", "config.toml:3: accounts.a.regoin is not known", "Did you mean `region`?"),
    ("provider = \"s3\"\nzone = \"x\"", "config.toml:3: accounts.a.zone is not known", "Remove it. Known here: provider,"),
    ("provider = \"s3\"\nprovider = \"oss\"", "config.toml:3: provider stands here for the second time", "Keep one of the two."),
    ("provider = \"s3\"\nregion = \"us_east/1\"", "config.toml:3: accounts.a.region is not a region", "Write it like us-west-2"),
    ("provider = \"oss\"", "config.toml:1: accounts.a has no region", "Add region = \"cn-hangzhou\""),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\nnetwork = \"internal\"",
        "config.toml:4: accounts.a.network names a network that S3 does not have",
        "Use public",
    ),
    (
        "provider = \"oss\"\nregion = \"cn-hangzhou\"\nnetwork = \"fips\"",
        "config.toml:4: accounts.a.network names a network that OSS does not have",
        "Use public",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\nsignature = \"v1\"",
        "config.toml:4: accounts.a.signature is v1, which S3 does not take",
        "Remove the line",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\naccount_id = \"1111-2222-3333\"",
        "config.toml:4: accounts.a.account_id is not an account id",
        "Write the 12 digits",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\naccount_id = 111122223333",
        "config.toml:4: accounts.a.account_id is not a text",
        "Write account_id = \"…\", in quotes.",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\naccess = \"readonly\"",
        "config.toml:4: accounts.a.access has a value that is not known",
        "Did you mean \"read-only\"?",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\naddressing = \"cname\"",
        "config.toml:4: accounts.a.addressing is cname, but there is no endpoint",
        "Add endpoint",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\ncredentials = \"profil:x\"",
        "config.toml:4: accounts.a.credentials is not a source of credentials",
        "Did you mean \"profile\"?",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\ncredentials = \"profile:\"",
        "config.toml:4: accounts.a.credentials names no source",
        "Write something after `profile:`.",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\ncredentials = \"env:AWS\"",
        "config.toml:4: accounts.a.credentials has something after the name",
        "Write credentials = \"env\".",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\ncredentials = \"role:admin\"\nsource = \"b\"",
        "config.toml:4: accounts.a.credentials does not name a role of s3",
        "Write credentials = \"role:arn:aws:iam::ACCOUNT_ID:role/NAME\".",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\ncredentials = \"role:arn:aws:iam::111122223333:role/R\"",
        "config.toml:4: accounts.a.credentials names a role, but no account",
        "Add source = \"ACCOUNT\"",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\ncredentials = \"role:arn:aws:iam::111122223333:role/R\"\nsource = \"b\"",
        "config.toml:5: accounts.a.source names an account that is not in this file",
        "Did you mean \"a\"?",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\ncredentials = \"role:arn:aws:iam::111122223333:role/R\"\nsource = \"a\"",
        "config.toml:5: accounts.a.source goes in a circle through a",
        "Let the chain end",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\nsource = \"b\"",
        "config.toml:4: accounts.a.source has no role to be the source of",
        "Write credentials = \"role:ARN\"",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\naccess_key_id = \"AKIA\"",
        "config.toml:4: accounts.a.access_key_id stands without access_key_secret",
        "Add access_key_secret",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\naccess_key_id = \"A\"\naccess_key_secret = \"S\"\ncredentials = \"env\"",
        "config.toml:6: accounts.a.credentials stands beside keys",
        "Keep either",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\naccess_key_id = \"A\"\naccess_key_secret = 7",
        "config.toml:5: accounts.a.access_key_secret is not a text",
        "Write access_key_secret",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\nbuckets = \"arxiv\"",
        "config.toml:4: accounts.a.buckets is not a list of tables",
        "Write [[accounts.a.buckets]]",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\n[[accounts.a.buckets]]\nregion = \"us-east-1\"",
        "config.toml:4: accounts.a.buckets has no name",
        "Add name",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\n[[accounts.a.buckets]]\nname = \"../b\"",
        "config.toml:5: accounts.a.buckets.name is not a valid bucket name",
        "A bucket name has",
    ),
    (
        "provider = \"oss\"\nregion = \"cn-hangzhou\"\n[[accounts.a.buckets]]\nname = \"a.bc\"",
        "config.toml:5: accounts.a.buckets.name is not a valid bucket name",
        "A bucket name has",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\n[[accounts.a.buckets]]\nname = \"arxiv\"\nrequest_payer = \"yes\"",
        "config.toml:6: accounts.a.buckets.request_payer has a value that is not known",
        "Write one of: ask, requester, never.",
    ),
    (
        "provider = \"s3\"\nregion = \"us-east-1\"\n[[accounts.a.buckets]]\nname = \"arxiv\"\n[[accounts.a.buckets]]\nname = \"arxiv\"",
        "config.toml:6: accounts.a.buckets.name names the bucket arxiv for the second time",
        "Keep one",
    ),
];

#[test]
fn mistakes_in_an_account_name_file_line_key_and_remedy() {
    for (text, message, hint) in ACCOUNT_MISTAKES {
        let (said, remedy) = refuse(&format!("[accounts.a]\n{text}\n"));
        assert!(said.starts_with(message), "{text}\n  said: {said}\n  want: {message}");
        assert!(remedy.starts_with(hint), "{text}\n  said: {remedy}\n  want: {hint}");
    }
}

/// F3, F6: endpoints.
const ENDPOINT_MISTAKES: &[(&str, &str)] = &[
    ("s3.example", "has no scheme"),
    ("file:///etc/passwd", "has a scheme that is not https or http"),
    ("https://user:CANARYwJalrXUtnFEMIbPxRfiCY9@s3.example", "holds a user name or password"),
    ("https://s3.example?x=1", "has a query or a fragment"),
    ("https://s3.example/#top", "has a query or a fragment"),
    ("https://s3.example:0", "has a port that is not a number from 1 to 65535"),
    ("https://s3.example:99999", "has a port that is not a number from 1 to 65535"),
    ("https://bücher.example", "has a host name with letters outside ASCII"),
    ("https://s3 example", "has a host name that is not valid"),
    ("https://", "has a host name that is not valid"),
    ("https://s3.example/a/../b", "has a path that is not plain"),
    ("https://s3.example/%2e%2e", "has a path that is not plain"),
    ("https://arxiv.s3.us-east-1.amazonaws.com", "has a bucket's name in the host"),
    ("https://oss-cn-hangzhou.aliyuncs.com", "speaks OSS, but the account's provider is s3"),
];

#[test]
fn endpoints_are_checked_without_being_quoted() {
    for (endpoint, what) in ENDPOINT_MISTAKES {
        let text = format!("[accounts.a]\nprovider = \"s3\"\nregion = \"us-east-1\"\nendpoint = \"{endpoint}\"\n");
        let (message, hint) = refuse(&text);
        assert_eq!(message, format!("config.toml:4: accounts.a.endpoint {what}"), "{endpoint}");
        assert!(!hint.contains(CANARY) && !message.contains(CANARY));
    }
    let (message, hint) =
        refuse("[accounts.a]\nprovider = \"oss\"\nregion = \"cn-hangzhou\"\nendpoint = \"https://s3.us-east-1.amazonaws.com\"\n");
    assert_eq!(message, "config.toml:4: accounts.a.endpoint speaks S3, but the account's provider is oss");
    assert_eq!(hint, "Write provider = \"s3\", or an endpoint like https://oss-REGION.aliyuncs.com.");
    let compatible = read("[accounts.a]\nprovider = \"s3\"\nendpoint = \"https://s3.oss-cn-hangzhou.aliyuncs.com\"\n");
    assert_eq!(compatible.accounts[0].site.region, "cn-hangzhou", "the S3 interface of OSS is a store that speaks S3");
    let ipv6 = read("[accounts.a]\nprovider = \"s3\"\nendpoint = \"HTTP://[::1]:9000/\"\n");
    assert_eq!(ipv6.accounts[0].site.endpoint.as_deref(), Some("http://[::1]:9000"));
}

/// Whole files: message and beginning of the hint.
const FILE_MISTAKES: &[(&str, &str, &str)] = &[
    ("[setings]\n", "config.toml:1: setings is not known", "Did you mean `settings`?"),
    ("accounts = 3\n", "config.toml:1: accounts is not a table", "Write [accounts.NAME] on a line of its own for each account."),
    ("[[accounts]]\nname = \"a\"\n", "config.toml:1: accounts is not a table", "Write [accounts.NAME] on a line of its own"),
    ("[accounts]\na = 3\n", "config.toml:2: accounts.a is not a table", "Write [accounts.a] on a line"),
    ("[accounts.\"a:b\"]\n", "config.toml:1: accounts.a:b has a name that does not work in ACCOUNT:BUCKET", "Use 1 to 64 letters"),
    ("[accounts.\"\\u001b\"]\n", "config.toml:1: accounts.\\u{1b} has a name that does not work", "Use 1 to 64 letters"),
    ("[settings]\ngrace_seconds = 0\n", "config.toml:2: settings.grace_seconds is out of range", "Write a whole number from 1 to 60."),
    ("[settings]\ngrace_seconds = 61\n", "config.toml:2: settings.grace_seconds is out of range", "Write a whole number from 1 to 60."),
    (
        "[settings]\ngrace_seconds = \"5\"\n",
        "config.toml:2: settings.grace_seconds is not a whole number",
        "Write a whole number from 1 to 60.",
    ),
    (
        "[settings]\npayer_toggle = \"ask\"\n",
        "config.toml:2: settings.payer_toggle has a value that is not known",
        "Write one of: grace, confirm, immediate.",
    ),
    ("[settings]\ntheme = \"drak\"\n", "config.toml:2: settings.theme has a value that is not known", "Did you mean \"dark\"?"),
    ("[settings]\nbudget = \"5 dollars\"\n", "config.toml:2: settings.budget is not an amount and a currency", "Write it as \"5.00 USD\"."),
    ("[settings]\nbudget = \"-5.00 USD\"\n", "config.toml:2: settings.budget is not an amount and a currency", "Write it as \"5.00 USD\"."),
    (
        "[accounts.a]\nprovider = \"s3\"\nregion = \"us-east-1\"\nbudget = \"5 usd\"\n",
        "config.toml:4: accounts.a.budget is not an amount and a currency",
        "Write it as \"5.00 USD\".",
    ),
    (
        "[accounts.a]\nprovider = \"s3\"\nregion = \"us-east-1\"\n[[accounts.a.buckets]]\nname = \"arxiv\"\nbudget = \"1,5 USD\"\n",
        "config.toml:6: accounts.a.buckets.budget is not an amount and a currency",
        "Write it as \"5.00 USD\".",
    ),
    ("[settings]\nbudget = 5\n", "config.toml:2: settings.budget is not a text", "Write budget"),
    (
        "[accounts.a]\nprovider = \"s3\"\n[accounts.a]\nprovider = \"s3\"\n",
        "config.toml:3: [accounts.a] stands here for the second time",
        "Keep one of the two.",
    ),
    ("[settings]\ntheme = dark\n", "config.toml:2: theme has a value without quotes", "Write the value in double quotes."),
    ("[settings]\ntheme\n", "config.toml:2: theme has no value", "Write KEY = \"VALUE\"."),
    ("[settings\n", "config.toml:1: [settings] has a bracket that is not closed", "Close the bracket"),
    ("[settings]\ntheme = \"dark\n", "config.toml:2: theme has a text that is not closed", "Close the text"),
];

#[test]
fn mistakes_in_a_file_name_file_line_key_and_remedy() {
    for (text, message, hint) in FILE_MISTAKES {
        let (said, remedy) = refuse(text);
        assert!(said.starts_with(message), "{text}\n  said: {said}\n  want: {message}");
        assert!(remedy.starts_with(hint), "{text}\n  said: {remedy}\n  want: {hint}");
    }
}

#[test]
fn secrets_need_a_private_file() {
    let text =
        format!("[accounts.a]\nprovider = \"s3\"\nregion = \"us-east-1\"\naccess_key_id = \"AKIA\"\naccess_key_secret = \"{CANARY}\"\n");
    let (message, hint) = refuse_as(&text, LiteralSecrets::Refused);
    assert_eq!(message, "config.toml:4: accounts.a.access_key_id is a secret in a file that others can read");
    assert!(hint.starts_with("Run `chmod 600 config.toml`"), "{hint}");
    assert_eq!(read(&text).accounts.len(), 1);
}

/// M9, F1: the parser's own message quotes the line; ours must not.
#[test]
fn a_broken_secret_line_is_named_but_not_quoted() {
    let head = "[accounts.a]\nprovider = \"s3\"\nregion = \"us-east-1\"\naccess_key_id = \"AKIA\"\n";
    for line in [
        format!("access_key_secret = \"{CANARY}"),
        format!("access_key_secret = '{CANARY}"),
        format!("access_key_secret = {CANARY}"),
        format!("access_key_secret = [\"{CANARY}\"]"),
        format!("access_key_secret = \"{CANARY}\" x"),
        format!("access_key_secret = \"\\q{CANARY}\""),
        format!("access_key_secret \"{CANARY}\""),
        format!("access_key_secret = {{ {CANARY} = 1 }}"),
        format!("access_key_secret = \"{CANARY}\\n\""),
    ] {
        let (message, hint) = refuse(&format!("{head}{line}\n"));
        assert!(message.starts_with("config.toml:5: "), "{line}: {message}");
        assert!(!message.contains("CANARY") && !hint.contains("CANARY"), "{line}: {message} {hint}");
    }
    let head = "[accounts.a]\nprovider = \"s3\"\nregion = \"us-east-1\"\n\n";
    for line in [CANARY.to_owned(), format!("{CANARY}="), format!("{CANARY} = 1"), format!("\"{CANARY}\" = 1"), format!("[{CANARY}")] {
        let (message, hint) = refuse(&format!("{head}{line}\n"));
        assert!(message.starts_with("config.toml:5: "), "{line}: {message}");
        assert!(!message.contains("CANARY") && !hint.contains("CANARY"), "{line}: {message} {hint}");
    }
}

/// Every key of the contract is named when its line is broken; a name that is not a key is not.
#[test]
fn broken_lines_name_every_key_of_the_contract() {
    for key in [
        "provider",
        "region",
        "credentials",
        "source",
        "endpoint",
        "sts_endpoint",
        "network",
        "addressing",
        "signature",
        "account_id",
        "ca_file",
        "access",
        "access_key_id",
        "access_key_secret",
        "session_token",
        "name",
        "owner_id",
        "request_payer",
        "theme",
        "payer_toggle",
        "grace_seconds",
        "download_dir",
        "budget",
    ] {
        assert_eq!(refuse(&format!("[accounts.a]\n{key} = {CANARY}\n")).0, format!("config.toml:2: {key} has a value without quotes"));
    }
    assert_eq!(refuse(&format!("[accounts.a]\n{CANARY} = x\n")).0, "config.toml:2: this line has a value without quotes");
}

#[test]
fn deep_nesting_and_big_files_are_answered() {
    let deep = format!("[accounts.a]\nprovider = {}1{}\n", "[".repeat(5000), "]".repeat(5000));
    let (message, _) = refuse(&deep);
    assert!(message.starts_with("config.toml:2: provider"), "{message}");
    let big = "# a comment line that says nothing\n".repeat(200_000);
    assert!(read(&big).accounts.is_empty());
}

#[test]
fn the_summary_names_sources_without_arguments() {
    let config = read(&format!(
        "[accounts.a]\nprovider = \"s3\"\nregion = \"us-west-2\"\ncredentials = \"process:vault --token {CANARY}\"\naccess = \"protected\"\n\
         [[accounts.a.buckets]]\nname = \"arxiv\"\nrequest_payer = \"requester\"\n\
         [accounts.b]\nprovider = \"s3\"\nendpoint = \"http://store.example\"\n"
    ));
    assert_eq!(
        config::summary(&config),
        [
            "a: s3 us-west-2, credentials from process vault, protected, 1 foreign bucket (1 with consent to pay)",
            "b: s3 us-east-1 at http://store.example, credentials from the usual chain",
            "warning: config.toml:11: accounts.b.endpoint is plain http to another machine: anyone on the way reads what you send",
        ]
    );
}

fn with_canary() -> String {
    format!(
        "[settings]\ngrace_seconds = 5\n[accounts.a]\nprovider = \"s3\"\nregion = \"us-east-1\"\naccess_key_id = \"AKIA\"\naccess_key_secret = \"{CANARY}\"\nsession_token = \"{CANARY}\"\n\
         [[accounts.a.buckets]]\nname = \"arxiv\"\n"
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// F1 and fuzz target 6: a damaged config never panics the reader and never brings the secret into a message.
    #[test]
    fn damaged_configs_never_echo_the_secret(start in 0_usize..300, length in 0_usize..12, insert in "[\\[\\]\"'=#{}\n\\\\a.é-]{0,4}", allowed: bool) {
        let mut text: Vec<char> = with_canary().chars().collect();
        let start = start.min(text.len());
        let end = (start + length).min(text.len());
        text.splice(start..end, insert.chars());
        let text: String = text.into_iter().collect();
        let literal = if allowed { LiteralSecrets::Allowed } else { LiteralSecrets::Refused };
        match config::parse("config.toml", &text, literal) {
            Ok(config) => {
                let shown = config::summary(&config).join("\n");
                prop_assert!(!shown.contains("CANARY") && !shown.contains("XUtnFEMI"));
            }
            Err(error) => {
                let shown = format!("{error} {error:?} {:?}", error.hint_text());
                prop_assert!(!shown.contains("CANARY") && !shown.contains("XUtnFEMI"), "{shown}\n{text}");
                prop_assert!(shown.contains("config.toml:"), "{shown}");
                prop_assert!(error.hint_text().is_some());
            }
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        let _ = config::parse("config.toml", &text, LiteralSecrets::Refused);
    }
}

mod file {
    //! The file on disk: where it is, whether secrets may stand in it, how it is written.

    use std::ffi::OsString;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::{Path, PathBuf};

    use whopays::config::{self, LiteralSecrets};
    use whopays::domain::ErrorKind;
    use whopays::runtime::config_file::{choose_config, choose_state, expand_home, read, write_default};

    fn place(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    fn refused(path: &Path) -> (ErrorKind, String, String) {
        let Err(error) = read(path) else { panic!("was read") };
        let message = error.message().replace(path.to_str().unwrap(), "FILE");
        (error.kind(), message, error.hint_text().unwrap().to_owned())
    }

    #[test]
    fn the_option_comes_before_the_variable_before_the_usual_place() {
        let usual = || Some(PathBuf::from("/home/me/.config/whopays/config.toml"));
        let chosen = |option: Option<&str>, variable: Option<&str>, usual| {
            choose_config(option.map(Path::new), variable.map(OsString::from), usual).map(|path| path.to_string_lossy().into_owned())
        };
        assert_eq!(chosen(Some("a.toml"), Some("/b.toml"), usual()).unwrap(), "a.toml");
        assert_eq!(chosen(None, Some("/b.toml"), usual()).unwrap(), "/b.toml");
        assert_eq!(chosen(None, Some(""), usual()).unwrap(), "/home/me/.config/whopays/config.toml");
        let error = chosen(None, None, None).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Config, "the config file has no place: there is no home directory"));
        assert_eq!(error.hint_text(), Some("Set HOME, or name the file with --config FILE or WHOPAYS_CONFIG."));
        assert_eq!(choose_state(Some("/s".into()), None).unwrap(), PathBuf::from("/s"));
        assert_eq!(choose_state(None, None).unwrap_err().kind(), ErrorKind::Local);
        assert_eq!(expand_home(Path::new("~/Downloads"), Some(Path::new("/home/me"))), PathBuf::from("/home/me/Downloads"));
        assert_eq!(expand_home(Path::new("~other/x"), Some(Path::new("/home/me"))), PathBuf::from("~other/x"));
    }

    /// F5.
    #[test]
    fn only_a_private_file_may_hold_secrets() {
        for (mode, literal) in [
            (0o600, LiteralSecrets::Allowed),
            (0o400, LiteralSecrets::Allowed),
            (0o640, LiteralSecrets::Refused),
            (0o604, LiteralSecrets::Refused),
        ] {
            let (_folder, path) = place("# nothing\n", mode);
            let text = read(&path).unwrap().unwrap();
            assert_eq!(text.literal_secrets, literal, "{mode:o}");
            assert_eq!(text.text.as_str(), "# nothing\n");
            assert!(text.warnings.is_empty(), "{:?}", text.warnings);
        }
        let (_folder, path) = place("", 0o666);
        assert!(read(&path).unwrap().unwrap().warnings[0].contains("others can change this file"));
        let (folder, path) = place("", 0o600);
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(read(&path).unwrap().unwrap().warnings[0].contains("others can replace files in its folder"));
    }

    #[test]
    fn a_link_is_followed_and_its_target_checked() {
        let (folder, path) = place("", 0o644);
        let link = folder.path().join("link.toml");
        symlink(&path, &link).unwrap();
        assert_eq!(read(&link).unwrap().unwrap().literal_secrets, LiteralSecrets::Refused);
        let dangling = folder.path().join("dangling.toml");
        symlink(folder.path().join("gone"), &dangling).unwrap();
        assert!(read(&dangling).unwrap().is_none());
    }

    #[test]
    fn what_is_no_config_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(&folder.path().join("absent")).unwrap().is_none());
        assert_eq!(refused(folder.path()).1, "FILE: is not a regular file");
        let fifo = folder.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        assert_eq!(refused(&fifo), (ErrorKind::Config, "FILE: is not a regular file".into(), "Name a file with --config FILE.".into()));
        let large = folder.path().join("large");
        std::fs::File::create(&large).unwrap().set_len(10 * 1024 * 1024 + 1).unwrap();
        assert_eq!(refused(&large).1, "FILE: is larger than 10 MB");
        let binary = folder.path().join("binary");
        std::fs::write(&binary, b"[settings]\n\xff\xfe").unwrap();
        assert_eq!(refused(&binary), (ErrorKind::Config, "FILE:2: is not UTF-8 text".into(), "Save the file as UTF-8.".into()));
    }

    /// P22, C3.
    #[test]
    fn the_default_config_is_written_private_and_never_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/whopays/config.toml");
        write_default(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), config::default_text());
        std::fs::write(&path, "mine").unwrap();
        let error = write_default(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().ends_with("config.toml: exists already, and is left as it is"), "{}", error.message());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["config.toml"], "no draft is left behind");
        let below_a_file = path.join("config.toml");
        assert_eq!(write_default(&below_a_file).unwrap_err().kind(), ErrorKind::Local);
    }
}

mod start {
    //! From a command line and what other tools left to accounts.

    use std::path::PathBuf;

    use whopays::app::Origin;
    use whopays::config::{self, Source};
    use whopays::domain::{ErrorKind, Provider};
    use whopays::runtime::startup::{CliOverrides, Tools, discover, from_demo_config, load};

    const AWS_CONFIG: &str = "[default]\nregion = eu-west-1\n[profile lab]\nregion = us-west-2\nsso_session = corp\n[profile settings-only]\nregion = us-east-1\n[sso-session corp]\nsso_region = eu-west-1\n";
    const AWS_KEYS: &str = "[default]\naws_access_key_id = A\naws_secret_access_key = CANARY\n[team/one]\naws_access_key_id = B\naws_secret_access_key = CANARY\n";
    const ALIYUN: &str = r#"{"current": "lab", "profiles": [{"name": "lab", "mode": "AK", "access_key_id": "A", "access_key_secret": "CANARY", "region_id": "cn-beijing"},
        {"name": "default", "mode": "AK", "access_key_id": "", "region_id": ""}]}"#;
    const OSSUTIL: &str = "[Credentials]\naccessKeyID=A\naccessKeySecret=CANARY\nendpoint=https://oss-ap-southeast-1.aliyuncs.com\n";

    fn offered(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<String> {
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let tools = Tools::new(&variable, |path| files.iter().find(|(known, _)| *known == path).map(|(_, text)| (*text).to_owned()));
        let accounts = discover(&tools);
        accounts
            .iter()
            .map(|account| {
                format!("{} {} {} {}", account.name, account.site.provider, account.site.region, config::source_words(&account.credentials))
            })
            .collect()
    }

    #[test]
    fn profiles_and_variables_become_accounts() {
        let files = [
            ("~/.aws/config", AWS_CONFIG),
            ("~/.aws/credentials", AWS_KEYS),
            ("~/.aliyun/config.json", ALIYUN),
            ("~/.ossutilconfig", OSSUTIL),
        ];
        assert_eq!(
            offered(&[], &files),
            [
                "aws-lab s3 us-west-2 profile lab",
                "aws-default s3 eu-west-1 profile default",
                "team-one s3 us-east-1 profile team/one",
                "oss-lab oss cn-beijing profile lab",
                "oss-default oss ap-southeast-1 profile default",
            ]
        );
        let both = [
            ("AWS_ACCESS_KEY_ID", "A"),
            ("AWS_SECRET_ACCESS_KEY", "S"),
            ("AWS_REGION", "ap-south-1"),
            ("OSS_ACCESS_KEY_ID", "A"),
            ("OSS_ACCESS_KEY_SECRET", "S"),
        ];
        assert_eq!(offered(&both, &[]), ["aws-env s3 ap-south-1 the environment", "oss-env oss cn-hangzhou the environment"]);
        assert_eq!(offered(&both[..2], &[]), ["env s3 us-east-1 the environment"]);
        assert_eq!(offered(&[("AWS_ACCESS_KEY_ID", "A")], &[]), Vec::<String>::new());
        assert_eq!(offered(&[], &[]), Vec::<String>::new());
    }

    #[test]
    fn broken_files_of_other_tools_offer_nothing_and_break_nothing() {
        let files =
            [("~/.aws/config", "[[[\n=\n[profile \n"), ("~/.aliyun/config.json", "{\"profiles\": 3"), ("~/.ossutilconfig", "\u{0}\n")];
        assert_eq!(offered(&[], &files), Vec::<String>::new());
    }

    fn overrides(text: &[&str]) -> CliOverrides {
        let given = |index: usize| text.get(index).filter(|value| !value.is_empty()).map(|value| (*value).to_owned());
        CliOverrides { config: None, account: given(0), region: given(1), endpoint: given(2), ..CliOverrides::default() }
    }

    const DEMO: &str = "[accounts.one]\nprovider = \"s3\"\nregion = \"us-east-1\"\nendpoint = \"http://127.0.0.1:9\"\nsts_endpoint = \"http://127.0.0.1:9\"\naccess_key_id = \"A\"\naccess_key_secret = \"CANARYS\"\n\
        [accounts.two]\nprovider = \"oss\"\nregion = \"cn-hangzhou\"\n";

    #[test]
    fn overrides_touch_the_named_account_or_all_that_fit() {
        let startup = from_demo_config(DEMO, &overrides(&[])).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(startup.origin, Origin::Demo);
        assert!(matches!(startup.config.accounts[0].credentials, Source::Literal(_)));
        let all = from_demo_config(DEMO, &overrides(&["", "eu-west-1", "https://oss.example/"])).unwrap_or_else(|error| panic!("{error}"));
        for account in &all.config.accounts {
            assert_eq!((account.site.region.as_str(), account.site.endpoint.as_deref()), ("eu-west-1", Some("https://oss.example")));
            assert_eq!(account.site.sts_endpoint, None);
        }
        let one = from_demo_config(DEMO, &overrides(&["two", "cn-beijing"])).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(one.config.accounts[0].site.region, "us-east-1");
        assert_eq!(one.config.accounts[1].site.region, "cn-beijing");
        let fitting =
            from_demo_config(DEMO, &overrides(&["", "", "https://oss-cn-beijing.aliyuncs.com"])).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(fitting.config.accounts[0].site.endpoint.as_deref(), Some("http://127.0.0.1:9"));
        assert_eq!(fitting.config.accounts[1].site.provider, Provider::Oss);
        assert_eq!(fitting.config.accounts[1].site.endpoint.as_deref(), Some("https://oss-cn-beijing.aliyuncs.com"));
        let clear = from_demo_config(DEMO, &overrides(&["", "", "http://store.example"])).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(clear.config.warnings, ["--endpoint is plain http to another machine: anyone on the way reads what you send"]);
    }

    #[test]
    fn overrides_that_do_not_fit_are_usage_errors() {
        for (given, message, hint) in [
            (["three", "", ""], "account three is not configured", "Name one of: one, two."),
            (["onee", "", ""], "account onee is not configured", "Did you mean `one`?"),
            (
                ["", "US East", ""],
                "--region is not a region",
                "Write it like us-west-2 or cn-hangzhou: lower-case letters, digits and hyphens.",
            ),
            (
                ["", "", "https://me:CANARY@x"],
                "--endpoint holds a user name or password",
                "Leave out everything up to the @; keys belong to `credentials`.",
            ),
            (
                ["one", "", "https://oss-cn-beijing.aliyuncs.com"],
                "--endpoint belongs to the other cloud than account one",
                "Name an endpoint of the account's own provider, or another account.",
            ),
        ] {
            let error = from_demo_config(DEMO, &overrides(&given)).err().unwrap_or_else(|| panic!("{given:?} was accepted"));
            assert_eq!((error.kind(), error.message(), error.hint_text()), (ErrorKind::Usage, message, Some(hint)));
        }
    }

    #[test]
    fn a_named_file_is_read_and_a_missing_one_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.toml");
        let named = CliOverrides { config: Some(path.clone()), ..CliOverrides::default() };
        let error = load(&named).err().expect("nothing there");
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.message(), format!("{}: there is no such file", path.display()));
        std::fs::write(
            &path,
            "[settings]\ndownload_dir = \"/tmp/x\"\n[accounts.a]\nprovider = \"s3\"\nregion = \"us-east-1\"\nca_file = \"/etc/ca.pem\"\n",
        )
        .unwrap();
        let startup = load(&named).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(startup.origin, Origin::File(path.display().to_string()));
        assert_eq!(startup.config.settings.download_dir, Some(PathBuf::from("/tmp/x")));
        assert_eq!(startup.config.accounts.len(), 1);
    }
}

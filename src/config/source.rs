//! `credentials`, `source` and the three secret keys: where an account's keys come from.

use std::sync::Arc;

use super::document::{Table, Text};
use super::{Account, LiteralSecrets, Source};
use crate::domain::{AccountName, Credentials, Error, Provider, Result, Secret};

/// The forms of `credentials`, for hints.
pub(super) const FORMS: &str =
    "default, env, profile:NAME, process:COMMAND, role:ARN with source = \"ACCOUNT\", instance, keyring:ENTRY, prompt, anonymous";

/// Words that stand alone.
const WORDS: [&str; 9] = ["default", "env", "profile", "process", "role", "instance", "keyring", "prompt", "anonymous"];

/// Reads the account's source of keys.
pub(super) fn read(table: &Table<'_, '_>, provider: Provider, literal: LiteralSecrets) -> Result<Source> {
    let written = table.word("credentials")?;
    let role_source = table.word("source")?;
    if let Some(credentials) = literal_keys(table, literal)? {
        return match written.or(role_source) {
            Some(text) => Err(table
                .wrong(text.key, text.offset, "stands beside keys that are written in this file")
                .hint("Keep either `credentials`, or `access_key_id` and `access_key_secret`.")),
            None => Ok(Source::Literal(Arc::new(credentials))),
        };
    }
    let source = match &written {
        Some(text) => named(table, text, role_source.as_ref(), provider)?,
        None => Source::Default,
    };
    match (&source, role_source) {
        (Source::Role { .. }, _) | (_, None) => Ok(source),
        (_, Some(text)) => Err(table
            .wrong(text.key, text.offset, "has no role to be the source of")
            .hint("Write credentials = \"role:ARN\", or remove this line.")),
    }
}

fn named(table: &Table<'_, '_>, text: &Text<'_>, source: Option<&Text<'_>>, provider: Provider) -> Result<Source> {
    let (word, argument) = match text.value.split_once(':') {
        Some((word, argument)) => (word, Some(argument.trim())),
        None => (text.value, None),
    };
    match (word, argument.filter(|argument| !argument.is_empty())) {
        ("default", None) => Ok(Source::Default),
        ("env", None) => Ok(Source::Env),
        ("instance", None) => Ok(Source::Instance),
        ("prompt", None) => Ok(Source::Prompt),
        ("anonymous", None) => Ok(Source::Anonymous),
        ("profile", Some(name)) => Ok(Source::Profile(name.to_owned())),
        ("process", Some(command)) => Ok(Source::Process(command.to_owned())),
        ("keyring", Some(entry)) => Ok(Source::Keyring(entry.to_owned())),
        ("role", Some(arn)) => role(table, text, arn, source, provider),
        _ => Err(unknown(table, text, word)),
    }
}

fn unknown(table: &Table<'_, '_>, text: &Text<'_>, word: &str) -> Error {
    let wrong = |what: &str| table.wrong(text.key, text.offset, what);
    match word {
        "profile" | "process" | "role" | "keyring" => wrong("names no source").hint(format!("Write something after `{word}:`.")),
        "default" | "env" | "instance" | "prompt" | "anonymous" => {
            wrong("has something after the name of the source").hint(format!("Write credentials = \"{word}\"."))
        }
        _ => {
            let wrong = wrong("is not a source of credentials");
            match super::similar::closest(word, &WORDS) {
                Some(near) => wrong.hint(format!("Did you mean \"{near}\"? Known: {FORMS}.")),
                None => wrong.hint(format!("Write one of: {FORMS}. A key or a secret does not belong here.")),
            }
        }
    }
}

fn role(table: &Table<'_, '_>, text: &Text<'_>, arn: &str, source: Option<&Text<'_>>, provider: Provider) -> Result<Source> {
    let (fits, form) = match provider {
        Provider::S3 => (is_aws_role(arn), "arn:aws:iam::ACCOUNT_ID:role/NAME"),
        Provider::Oss => (is_aliyun_role(arn), "acs:ram::ACCOUNT_ID:role/NAME"),
    };
    if !fits {
        return Err(table
            .wrong(text.key, text.offset, &format!("does not name a role of {provider}"))
            .hint(format!("Write credentials = \"role:{form}\".")));
    }
    let Some(source) = source else {
        return Err(table
            .wrong(text.key, text.offset, "names a role, but no account whose keys assume it")
            .hint("Add source = \"ACCOUNT\", the name of another account of this file."));
    };
    Ok(Source::Role { arn: arn.to_owned(), source: AccountName::new(source.value) })
}

fn is_aws_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, "iam", "", account, resource]
        if partition.starts_with("aws") && is_number(account) && resource.strip_prefix("role/").is_some_and(is_role_name))
}

fn is_aliyun_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(5, ':').collect();
    matches!(parts.as_slice(), ["acs", "ram", "", account, resource]
        if is_number(account) && resource.strip_prefix("role/").is_some_and(is_role_name))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_role_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@-_/".contains(&byte))
}

/// The keys written in the file itself, if there are any and the file is private.
fn literal_keys(table: &Table<'_, '_>, literal: LiteralSecrets) -> Result<Option<Credentials>> {
    let id = table.word("access_key_id")?;
    let secret = table.word("access_key_secret")?;
    let token = table.word("session_token")?;
    let Some(first) = id.clone().or(secret.clone()).or(token.clone()) else { return Ok(None) };
    if literal == LiteralSecrets::Refused {
        let file = table.places.file();
        return Err(table
            .wrong(first.key, first.offset, "is a secret in a file that others can read")
            .hint(format!("Run `chmod 600 {file}`, and consider the key known to others; or use another source of credentials.")));
    }
    let missing = |key: &str| {
        table.wrong(first.key, first.offset, &format!("stands without {key}")).hint(format!("Add {key}, or use `credentials` instead."))
    };
    let id = id.ok_or_else(|| missing("access_key_id"))?;
    let secret = secret.ok_or_else(|| missing("access_key_secret"))?;
    Ok(Some(Credentials {
        access_key_id: id.value.to_owned(),
        secret: Secret::new(secret.value.to_owned()),
        session_token: token.map(|token| Secret::new(token.value.to_owned())),
        expires_at: None,
    }))
}

/// A role's source that cannot work: which account, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BrokenSource {
    /// The account whose `source` is wrong.
    pub(crate) account: AccountName,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do.
    pub(crate) hint: String,
}

/// Follows an account's role sources to their end.
pub(crate) fn check_chain(account: &Account, accounts: &[Account]) -> std::result::Result<(), BrokenSource> {
    let broken = |at: &Account, what: String, hint: &str| Err(BrokenSource { account: at.name.clone(), what, hint: hint.to_owned() });
    let mut visited = vec![&account.name];
    let mut current = account;
    while let Source::Role { source, .. } = &current.credentials {
        let shown = crate::domain::escape::visible(source.as_str());
        if visited.contains(&source) {
            return broken(
                current,
                format!("goes in a circle through {shown}"),
                "Let the chain end at an account that has keys of its own.",
            );
        }
        let Some(next) = accounts.iter().find(|candidate| candidate.name == *source) else {
            return broken(current, "names an account that is not in this file".to_owned(), &missing_hint(source, accounts));
        };
        if next.site.provider != current.site.provider {
            let what = format!("names an account of {}, whose keys {} does not know", next.site.provider, current.site.provider);
            return broken(current, what, "Name an account of the same provider.");
        }
        if matches!(next.credentials, Source::Anonymous) {
            return broken(current, "names an anonymous account".to_owned(), "Name an account that has keys.");
        }
        visited.push(source);
        current = next;
    }
    Ok(())
}

fn missing_hint(source: &AccountName, accounts: &[Account]) -> String {
    let names: Vec<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
    match super::similar::closest(source.as_str(), &names) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => "Add [accounts.NAME] for it, or name an account that is there.".to_owned(),
    }
}

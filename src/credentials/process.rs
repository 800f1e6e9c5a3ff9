//! `process:COMMAND`: a program that prints keys as JSON, run without a shell.

use jiff::Timestamp;
use reqsign_core::Context;
use serde::Deserialize;

use super::trouble::{Found, Trouble};
use crate::domain::escape::visible;
use crate::domain::{Credentials, Secret};

/// The output of both clouds' programs, and of the aliyun CLI's `External` mode. No `Debug`: it holds secrets.
#[derive(Deserialize)]
struct Output {
    #[serde(rename = "Version")]
    version: Option<u32>,
    #[serde(rename = "AccessKeyId", alias = "access_key_id")]
    access_key_id: String,
    #[serde(rename = "SecretAccessKey", alias = "AccessKeySecret", alias = "access_key_secret")]
    secret: String,
    #[serde(rename = "SessionToken", alias = "SecurityToken", alias = "sts_token", alias = "security_token")]
    token: Option<String>,
    #[serde(rename = "Expiration")]
    expiration: Option<String>,
}

/// Runs the command and reads its keys.
pub(super) async fn run(context: &Context, command: &str) -> Found<Credentials> {
    let words = split(command).ok_or_else(|| {
        Trouble::new("process: the command has a quote that is not closed", "Close the quote in the command of `credentials`.")
    })?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(Trouble::new("process: the command is empty", "Write credentials = \"process:COMMAND\"."));
    };
    let shown = visible(program).into_owned();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Neither the provider's error nor the program's own output is shown: both may hold what it was given or made.
    let output = context.command_execute(program, &arguments).await.map_err(|_| {
        Trouble::new(
            format!("process {shown}: could not be run, or did not end in time"),
            "Run the command by itself: the program must be in the PATH and must not ask anything.",
        )
    })?;
    let stdout = zeroize::Zeroizing::new(output.stdout);
    if output.status != 0 {
        return Err(Trouble::new(
            format!("process {shown}: ended with status {}", output.status),
            "Run the command by itself to see what it says.",
        ));
    }
    parse(&shown, &stdout)
}

fn parse(program: &str, stdout: &[u8]) -> Found<Credentials> {
    let unreadable = |what: &str| {
        Trouble::new(
            format!("process {program}: {what}"),
            "Let it print {\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …, \"SessionToken\": …, \"Expiration\": …}.",
        )
    };
    let output: Output = serde_json::from_slice(stdout).map_err(|_| unreadable("printed something that is not keys as JSON"))?;
    if output.version.is_some_and(|version| version != 1) {
        return Err(unreadable("printed a version that is not 1"));
    }
    if output.access_key_id.is_empty() || output.secret.is_empty() {
        return Err(unreadable("printed an empty key"));
    }
    let expires_at = match output.expiration {
        Some(text) => Some(text.parse::<Timestamp>().map_err(|_| unreadable("printed an expiration that is not a time"))?),
        None => None,
    };
    let session_token = output.token.filter(|token| !token.is_empty()).map(Secret::new);
    Ok(Credentials { access_key_id: output.access_key_id, secret: Secret::new(output.secret), session_token, expires_at })
}

/// Splits a command into words: spaces part them, single and double quotes keep them together, a backslash keeps the next
/// character outside single quotes. Nothing else is special: there is no shell. `None`: a quote is not closed.
pub(super) fn split(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut letters = command.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some('"') | None, '\\') if letters.peek().is_some_and(|next| quote.is_none() || matches!(next, '"' | '\\')) => {
                word.get_or_insert_default().extend(letters.next());
            }
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_quotes_and_backslashes() {
        let words = |text: &str| split(text).map(|words| words.join("|"));
        assert_eq!(words("vault read  secret/x").as_deref(), Some("vault|read|secret/x"));
        assert_eq!(words("a 'b c' \"d \\\" e\" f\\ g ''").as_deref(), Some("a|b c|d \" e|f g|"));
        assert_eq!(words("echo $HOME;rm `x` | y").as_deref(), Some("echo|$HOME;rm|`x`|||y"));
        assert_eq!(words("a 'b"), None);
        assert_eq!(words("  ").as_deref(), Some(""));
    }
}

//! What `config check` says of a config that is right.

use super::{Account, Config, Source};
use crate::domain::{Access, Consent};

/// One line for each account, then one for each warning.
pub fn summary(config: &Config) -> Vec<String> {
    let mut lines: Vec<String> = config.accounts.iter().map(account_line).collect();
    lines.extend(config.warnings.iter().map(|warning| format!("warning: {warning}")));
    lines
}

fn account_line(account: &Account) -> String {
    let site = &account.site;
    let place = site.endpoint.as_ref().map_or(String::new(), |endpoint| format!(" at {endpoint}"));
    let access = match account.access {
        Access::Normal => "",
        Access::Protected => ", protected",
        Access::ReadOnly => ", read-only",
    };
    let foreign = match account.buckets.len() {
        0 => String::new(),
        1 => ", 1 foreign bucket".to_owned(),
        many => format!(", {many} foreign buckets"),
    };
    let paid = account.buckets.iter().filter(|bucket| bucket.consent == Consent::Given).count();
    let paid = if paid == 0 { String::new() } else { format!(" ({paid} with consent to pay)") };
    let source = source_words(&account.credentials);
    format!("{}: {} {}{place}, credentials from {source}{access}{foreign}{paid}", account.name, site.provider, site.region)
}

/// A source in words, without anything secret.
pub fn source_words(source: &Source) -> String {
    use crate::domain::escape::visible;
    match source {
        Source::Default => "the usual chain".to_owned(),
        Source::Env => "the environment".to_owned(),
        Source::Profile(name) => format!("profile {}", visible(name)),
        // Arguments may hold a password: only the program is named.
        Source::Process(command) => format!("process {}", visible(command.split_whitespace().next().unwrap_or_default())),
        Source::Role { arn, source } => format!("role {} with the keys of {source}", visible(arn)),
        Source::Instance => "this machine's role".to_owned(),
        Source::Keyring(entry) => format!("keyring entry {}", visible(entry)),
        Source::Prompt => "the terminal, asked at start".to_owned(),
        Source::Anonymous => "nowhere: requests are not signed".to_owned(),
        Source::Literal(_) => "this file".to_owned(),
    }
}

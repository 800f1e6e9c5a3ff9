//! From what the user wrote to a place: which account acts, on which bucket, in which region.

use crate::config::{Account, Config};
use crate::domain::escape::visible;
use crate::domain::target::Who;
use crate::domain::{AccountName, BucketName, Error, ErrorKind, Place, Provider, Result, Target};

/// A bucket to act on, with the account that acts.
#[derive(Clone)]
pub(super) struct Resolved<'a> {
    /// The account.
    pub(super) account: &'a Account,
    /// The bucket, its region and its owner, as far as the config knows them.
    pub(super) place: Place,
}

/// The accounts that were named, in the config's order; all if none was.
///
/// # Errors
/// `Usage` for a name that the config does not have.
pub(super) fn accounts<'a>(config: &'a Config, named: &[String]) -> Result<Vec<&'a Account>> {
    for name in named {
        account(config, name)?;
    }
    Ok(config.accounts.iter().filter(|account| named.is_empty() || named.iter().any(|name| account.name.as_str() == name)).collect())
}

/// The buckets that were named, each once, in the order in which they were written.
///
/// # Errors
/// `Usage` for a target that has neither form, names no account that fits, or has a key.
pub(super) fn buckets<'a>(config: &'a Config, acting: Option<&str>, targets: &[String]) -> Result<Vec<Resolved<'a>>> {
    let mut resolved: Vec<Resolved<'a>> = Vec::with_capacity(targets.len());
    for text in targets {
        let next = bucket(config, acting, text)?;
        if resolved.iter().all(|known| known.place.id != next.place.id) {
            resolved.push(next);
        }
    }
    Ok(resolved)
}

/// One bucket that was named.
///
/// # Errors
/// As [`buckets`].
pub(super) fn bucket<'a>(config: &'a Config, acting: Option<&str>, text: &str) -> Result<Resolved<'a>> {
    if !Target::parse(text)?.key.is_empty() {
        return Err(usage(text, "names a key, but the payer belongs to the whole bucket").hint("Leave out what follows the bucket's name."));
    }
    object(config, acting, text)
}

/// The bucket that a target with or without a key names.
///
/// # Errors
/// `Usage` for a target that has neither form, or names no account that fits.
pub(super) fn object<'a>(config: &'a Config, acting: Option<&str>, text: &str) -> Result<Resolved<'a>> {
    let target = Target::parse(text)?;
    let account = acting_account(config, acting, &target, text)?;
    let name = BucketName::parse(account.site.provider, &target.bucket)?;
    Ok(Resolved { account, place: account.place(&name) })
}

fn acting_account<'a>(config: &'a Config, acting: Option<&str>, target: &Target, text: &str) -> Result<&'a Account> {
    let acting = acting.map(|name| account(config, name)).transpose()?;
    match (&target.who, acting) {
        (Who::Account(name), None) => account(config, name.as_str()),
        (Who::Account(name), Some(acting)) if *name == acting.name => Ok(acting),
        (Who::Account(_), Some(acting)) => {
            Err(usage(text, &format!("names another account than --account {}", acting.name)).hint("Leave out one of the two."))
        }
        (Who::Provider(provider), Some(acting)) if *provider == acting.site.provider => Ok(acting),
        (Who::Provider(_), Some(acting)) => {
            Err(usage(text, &format!("does not fit account {}, which speaks {}", acting.name, acting.site.provider))
                .hint("Choose an account of the other provider."))
        }
        (Who::Provider(provider), None) => only_fitting(config, *provider, target, text),
    }
}

/// The one account of the provider; where there are several, the one whose config names the bucket.
fn only_fitting<'a>(config: &'a Config, provider: Provider, target: &Target, text: &str) -> Result<&'a Account> {
    let fitting: Vec<&Account> = config.accounts.iter().filter(|account| account.site.provider == provider).collect();
    let naming: Vec<&Account> =
        fitting.iter().copied().filter(|account| account.buckets.iter().any(|foreign| foreign.name.as_str() == target.bucket)).collect();
    match (fitting.as_slice(), naming.as_slice()) {
        ([only], _) | (_, [only]) => Ok(only),
        ([], _) => Err(usage(text, &format!("needs an account of provider {provider}, and the config has none"))
            .hint("Add one to the config file: `whopays config path` says where it is.")),
        (several, _) => Err(usage(text, &format!("fits several accounts: {}", names(several.iter().map(|account| &account.name))))
            .hint("Say which one acts: --account NAME, or ACCOUNT:BUCKET.")),
    }
}

fn account<'a>(config: &'a Config, name: &str) -> Result<&'a Account> {
    config.accounts.iter().find(|account| account.name.as_str() == name).ok_or_else(|| {
        let known = names(config.accounts.iter().map(|account| &account.name));
        let hint = if known.is_empty() { "The config has no accounts: add one.".to_owned() } else { format!("Choose one of: {known}.") };
        Error::new(ErrorKind::Usage, format!("there is no account \"{}\"", visible(name))).hint(hint)
    })
}

fn names<'a>(names: impl Iterator<Item = &'a AccountName>) -> String {
    names.map(|name| visible(name.as_str())).collect::<Vec<_>>().join(", ")
}

fn usage(target: &str, what: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("target \"{}\" {what}", visible(target)))
}

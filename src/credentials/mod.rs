//! Which sources, in which order, for which account.
//!
//! Comes in: an account of the config and a context (files, environment, HTTP, processes) that `runtime` hands in. Goes
//! out: keys, refreshed before they expire, and a sentence on where they came from. Forbidden here: reading files or the
//! environment itself, one account's keys for another, a fallback nobody asked for.

mod aliyun;
mod aws;
mod aws_profile;
mod convert;
pub mod discovery;
mod environment;
mod ini;
mod keyring;
mod process;
mod sight;
mod sts;
mod trouble;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use reqsign_core::{BoxedFuture, Context};

use crate::config::{Account, Config, Source, source};
use crate::domain::escape::visible;
use crate::domain::{Credentials, Error, ErrorKind, Keys, Provider, Result};
use trouble::{Found, Trouble};

/// Keys are renewed this long before they expire.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

/// Keys that are short-lived from the start are not asked for again within this time.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// Gives one account's keys, and renews them. Each account has its own: nothing is shared between accounts but a role's source.
pub struct Loader {
    account: Account,
    /// The loader of the account whose keys assume the role; only for [`Source::Role`].
    role_source: Option<Box<Loader>>,
    context: Context,
    desk: Arc<dyn SecretDesk>,
    held: Mutex<Held>,
    /// Held while the source is asked, so that a hundred requests ask once.
    asking: tokio::sync::Mutex<()>,
}

/// What is in memory.
#[derive(Default)]
struct Held {
    keys: Option<Arc<Credentials>>,
    asked_at: Option<Timestamp>,
    origin: Option<String>,
    /// How often the source has answered, and what it lacked the last time: who waited for that answer gets it too.
    answers: u64,
    trouble: Option<Trouble>,
}

impl Held {
    /// The keys, if they need no renewal at this time.
    fn fresh(&self, now: Timestamp) -> Option<Arc<Credentials>> {
        let keys = self.keys.as_ref()?;
        let Some(expires_at) = keys.expires_at else { return Some(Arc::clone(keys)) };
        let left = expires_at.duration_since(now);
        let asked_lately = self.asked_at.is_some_and(|at| now.duration_since(at).abs() < PAUSE);
        (left > EARLY || (left > SignedDuration::ZERO && asked_lately)).then(|| Arc::clone(keys))
    }

    /// Drops such keys, and says whether they were there.
    fn drop_keys(&mut self, such: impl Fn(&Arc<Credentials>) -> bool) -> bool {
        let there = self.keys.as_ref().is_some_and(such);
        if there {
            self.keys = None;
            self.asked_at = None;
        }
        there
    }

    /// The keys, if they still work at this time.
    fn usable(&self, now: Timestamp) -> Option<Arc<Credentials>> {
        self.keys.as_ref().filter(|keys| keys.expires_at.is_none_or(|expires_at| expires_at > now)).map(Arc::clone)
    }
}

impl Loader {
    /// Prepares the account's source. Nothing is read or asked yet.
    ///
    /// # Errors
    /// `Config` when a role's source account is missing or the sources form a circle.
    pub fn new(account: &Account, config: &Config, context: Context, desk: Arc<dyn SecretDesk>) -> Result<Self> {
        source::check_chain(account, &config.accounts).map_err(|broken| {
            let message = format!("account {}: source {}", visible(broken.account.as_str()), broken.what);
            Error::new(ErrorKind::Config, message).hint(broken.hint)
        })?;
        Ok(Self::prepare(account, config, context, desk))
    }

    fn prepare(account: &Account, config: &Config, context: Context, desk: Arc<dyn SecretDesk>) -> Self {
        let role_source = match &account.credentials {
            Source::Role { source, .. } => config.accounts.iter().find(|candidate| candidate.name == *source),
            Source::Default
            | Source::Env
            | Source::Profile(_)
            | Source::Process(_)
            | Source::Instance
            | Source::Keyring(_)
            | Source::Prompt
            | Source::Anonymous
            | Source::Literal(_) => None,
        };
        let role_source = role_source.map(|source| Box::new(Self::prepare(source, config, context.clone(), Arc::clone(&desk))));
        let asking = tokio::sync::Mutex::new(());
        Self { account: account.clone(), role_source, context, desk, held: Mutex::default(), asking }
    }

    /// The account's keys, from memory while they are good for another five minutes.
    ///
    /// Many callers at once ask the source once, and hear of its trouble together. If it fails while the keys in memory still work,
    /// those are given.
    ///
    /// # Errors
    /// `Credentials`, saying which source was asked, what it lacked and what to do.
    pub async fn load(&self, now: Timestamp) -> Result<Keys> {
        if matches!(self.account.credentials, Source::Anonymous) {
            return Ok(Keys::Anonymous);
        }
        if let Some(keys) = self.held().fresh(now) {
            return Ok(Keys::Signed(keys));
        }
        let answers = self.held().answers;
        let _one_at_a_time = self.asking.lock().await;
        {
            let held = self.held();
            if let Some(keys) = held.fresh(now) {
                return Ok(Keys::Signed(keys));
            }
            if let Some(trouble) = held.trouble.as_ref().filter(|_| held.answers != answers) {
                return Err(trouble.clone().into_error(&self.account.name));
            }
        }
        let asked = self.ask(now).await.and_then(|(keys, origin)| not_expired(keys, now).map(|keys| (keys, origin)));
        let mut held = self.held();
        held.asked_at = Some(now);
        held.answers += 1;
        held.trouble = asked.as_ref().err().cloned();
        match asked {
            Ok((keys, origin)) => {
                let keys = Arc::new(keys);
                held.keys = Some(Arc::clone(&keys));
                held.origin = Some(origin);
                Ok(Keys::Signed(keys))
            }
            Err(trouble) => match held.usable(now) {
                Some(keys) => Ok(Keys::Signed(keys)),
                None => Err(trouble.into_error(&self.account.name)),
            },
        }
    }

    /// Forgets temporary keys that a store called expired. `true`: there were some, and the next [`Self::load`] may give others,
    /// either from the source or because another request forgot these before. Long-lived keys stay: the source would give the same.
    pub fn forget(&self, refused: &Keys) -> bool {
        let Keys::Signed(refused) = refused else { return false };
        if refused.session_token.is_none() {
            return false;
        }
        if self.held().drop_keys(|keys| Arc::ptr_eq(keys, refused))
            && let Some(source) = &self.role_source
        {
            source.held().drop_keys(|keys| keys.session_token.is_some());
        }
        true
    }

    /// Where the keys come from, for people: `profile research (~/.aws/config)`, `environment`, `keyring entry oss`.
    pub fn origin(&self) -> String {
        let found = self.held().origin.clone();
        found.unwrap_or_else(|| planned_origin(&self.account))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Every write is a whole assignment: a panic elsewhere leaves nothing half done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, now: Timestamp) -> Found<(Credentials, String)> {
        let provider = self.account.site.provider;
        let planned = |keys: Credentials| (keys, planned_origin(&self.account));
        match &self.account.credentials {
            Source::Default => self.chain(provider).await,
            Source::Env => environment::read(&self.context, provider)?.map(planned).ok_or_else(|| environment::absent(provider)),
            Source::Profile(name) => self.profile(provider, name).await,
            Source::Process(command) => process::run(&self.context, command).await.map(planned),
            Source::Role { arn, .. } => self.role(arn, now).await.map(planned),
            Source::Instance => match provider {
                Provider::S3 => aws::instance(&self.context).await,
                Provider::Oss => aliyun::instance(&self.context).await,
            },
            Source::Keyring(entry) => self.keyring(entry).await.map(planned),
            Source::Prompt => self.desk.prompted(&self.account.name).map(planned).map_err(|error| from_desk("prompt", &error)),
            Source::Literal(keys) => Ok(planned(keys.as_ref().clone())),
            // Answered before anything is asked; without keys there is nothing to sign with.
            Source::Anonymous => Err(Trouble::new("anonymous: has no keys", "Choose a source of credentials.")),
        }
    }

    async fn chain(&self, provider: Provider) -> Found<(Credentials, String)> {
        let found = match provider {
            Provider::S3 => aws::chain(&self.context).await?.ok_or_else(aws::nothing),
            Provider::Oss => aliyun::chain(&self.context).await?.ok_or_else(aliyun::nothing),
        };
        found.map(|(keys, origin)| (keys, format!("default chain: {origin}")))
    }

    async fn profile(&self, provider: Provider, name: &str) -> Found<(Credentials, String)> {
        match provider {
            Provider::S3 => match aws_profile::read(&self.context, name).await? {
                Some(found) => Ok(found),
                None => Err(aws_profile::absent(&self.context, name).await),
            },
            Provider::Oss => aliyun::profile(&self.context, name).await,
        }
    }

    /// Boxed, because the source may be a role itself.
    fn role<'a>(&'a self, arn: &'a str, now: Timestamp) -> BoxedFuture<'a, Found<Credentials>> {
        Box::pin(async move {
            let lacking = || Trouble::new("role: its source account has no keys", "Name an account with keys in `source`.");
            let source = self.role_source.as_ref().ok_or_else(lacking)?;
            let keys = match source.load(now).await {
                Ok(Keys::Signed(keys)) => keys,
                Ok(Keys::Anonymous) => return Err(lacking()),
                Err(error) => return Err(from_desk("role", &error)),
            };
            let site = &self.account.site;
            let own_store = site.endpoint.is_some() && !self.is_clouds_own();
            let endpoint = match (&site.sts_endpoint, site.provider) {
                (Some(endpoint), _) => endpoint.clone(),
                (None, _) if own_store => {
                    let what = "role: the account has an endpoint of its own, but no sts_endpoint where the role could be assumed";
                    return Err(Trouble::new(what, "Add sts_endpoint = \"https://…\" to the account."));
                }
                (None, Provider::S3) => sts::aws_endpoint(&site.region),
                (None, Provider::Oss) => aliyun::STS.to_owned(),
            };
            let role = sts::Role { arn: arn.to_owned(), ..sts::Role::default() };
            let context = sight::without_choices(&self.context);
            match site.provider {
                Provider::S3 => sts::assume_aws(&context, &endpoint, &site.region, &role, &keys).await,
                Provider::Oss => sts::assume_aliyun(&context, &endpoint, &role, &keys).await,
            }
        })
    }

    fn is_clouds_own(&self) -> bool {
        let endpoint = self.account.site.endpoint.as_deref().unwrap_or_default();
        let host = endpoint.split("://").nth(1).unwrap_or_default().split(['/', ':']).next().unwrap_or_default();
        [".amazonaws.com", ".amazonaws.com.cn", ".aliyuncs.com"].iter().any(|suffix| host.ends_with(suffix))
    }

    async fn keyring(&self, entry: &str) -> Found<Credentials> {
        let (desk, name) = (Arc::clone(&self.desk), entry.to_owned());
        // The keyring may open a dialog and wait for a person: not on a thread that serves everyone.
        let asked = tokio::task::spawn_blocking(move || desk.keyring(&name)).await;
        let stopped = || Trouble::new(format!("keyring entry {}: the question was cut short", visible(entry)), "Try again.");
        let text = asked.map_err(|_| stopped())?.map_err(|error| from_desk("", &error))?;
        keyring::parse(entry, &text)
    }
}

fn not_expired(keys: Credentials, now: Timestamp) -> Found<Credentials> {
    match keys.expires_at {
        Some(at) if at <= now => Err(Trouble::new(
            format!("the source gave keys that expired at {at}"),
            "Renew them at their source, and check this machine's clock.",
        )),
        _ => Ok(keys),
    }
}

/// An error of the desk or of the role's source becomes part of this account's.
fn from_desk(subject: &str, error: &Error) -> Trouble {
    let subject = if subject.is_empty() { String::new() } else { format!("{subject}: ") };
    Trouble::new(format!("{subject}{}", error.message()), error.hint_text().unwrap_or("Choose another source of credentials."))
}

/// Where the keys will be looked for.
fn planned_origin(account: &Account) -> String {
    let provider = account.site.provider;
    match &account.credentials {
        Source::Default => "default chain".to_owned(),
        Source::Env => "environment".to_owned(),
        Source::Profile(name) => {
            let file = match provider {
                Provider::S3 => "~/.aws/config",
                Provider::Oss => "~/.aliyun/config.json",
            };
            format!("profile {} ({file})", visible(name))
        }
        // Arguments may hold a password: only the program is named.
        Source::Process(command) => format!("process {}", visible(command.split_whitespace().next().unwrap_or_default())),
        Source::Role { arn, source } => format!("role {} with the keys of {}", visible(arn), visible(source.as_str())),
        Source::Instance => "instance role".to_owned(),
        Source::Keyring(entry) => format!("keyring entry {}", visible(entry)),
        Source::Prompt => "asked at start".to_owned(),
        Source::Anonymous => "anonymous".to_owned(),
        Source::Literal(_) => "config file".to_owned(),
    }
}

/// What only a running program can ask: the desktop's keyring and the person at the terminal. `runtime` implements it.
pub trait SecretDesk: Send + Sync {
    /// The text stored under an entry of the keyring (service `whopays`): a JSON object with `access_key_id`,
    /// `access_key_secret` and perhaps `session_token`. It may wait for a person, so it is called on a thread that may block.
    ///
    /// # Errors
    /// `Credentials` when there is no keyring or no such entry.
    fn keyring(&self, entry: &str) -> Result<crate::domain::Secret>;

    /// The keys that a person typed for an account at start.
    ///
    /// # Errors
    /// `Credentials` when nobody was asked, because there was no terminal.
    fn prompted(&self, account: &crate::domain::AccountName) -> Result<Credentials>;
}

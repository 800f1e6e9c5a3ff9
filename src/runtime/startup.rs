//! From a command line to accounts: config file, found profiles, or the embedded store.
//!
//! Comes in: what the command line says. Goes out: the accounts to work with and where they came from. Only names and regions
//! of other tools' profiles are read here; keys are asked for when a request needs them. Forbidden here: network.

#![expect(clippy::disallowed_methods, reason = "this is where runtime reads the environment and other tools' files at start")]

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config_file;
use super::prices::Prices;
use crate::app::Origin;
use crate::config::{self, Account, Config, LiteralSecrets, Source, Theme};
use crate::credentials::discovery::{self, Profile};
use crate::domain::escape::visible;
use crate::domain::{Access, AccountName, Addressing, Error, ErrorKind, Money, Network, OssSignature, Provider, Result, Site};

/// What the command line says about accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CliOverrides {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--account NAME`: it must exist; the other overrides then touch it alone.
    pub account: Option<String>,
    /// `--region REGION`.
    pub region: Option<String>,
    /// `--endpoint URL`.
    pub endpoint: Option<String>,
    /// `--budget AMOUNT`: in the place of the config's for a session.
    pub budget: Option<String>,
}

/// What the program starts with.
pub struct Startup {
    /// Settings and accounts.
    pub config: Config,
    /// Where they came from.
    pub origin: Origin,
    /// What requests cost.
    pub prices: Arc<Prices>,
}

/// Reads the config file; without one, offers what other tools left; with nothing found, says where a config would stand.
///
/// # Errors
/// `Config` for a file that is wrong, or that was named and is not there; `Usage` for overrides that do not fit.
pub fn load(overrides: &CliOverrides) -> Result<Startup> {
    let path = config_file::config_path(overrides.config.as_deref());
    let home = home();
    let tools = Tools::of_this_machine(home.as_deref());
    let prices = path.as_deref().map_or_else(|_| Ok(Prices::default()), Prices::beside)?;
    let startup = match path {
        Ok(path) => match config_file::read(&path)? {
            Some(read) => from_file(&path, read, &tools, home.as_deref())?,
            None if config_file::is_named(overrides.config.as_deref()) => return Err(not_there(&path)),
            None => from_tools(&tools, &path.to_string_lossy()),
        },
        // Without a home there may still be keys in the environment.
        Err(error) => match from_tools(&tools, "") {
            Startup { origin: Origin::Nothing(_), .. } => return Err(error),
            found => found,
        },
    };
    with_overrides(Startup { prices: Arc::new(prices), ..startup }, overrides)
}

/// The accounts of the embedded store, from the config it prints.
///
/// # Errors
/// `Config` if the text is not a config, `Usage` for overrides that do not fit.
pub fn from_demo_config(text: &str, overrides: &CliOverrides) -> Result<Startup> {
    let config = config::parse("demo", text, LiteralSecrets::Allowed)?;
    with_overrides(Startup { config, origin: Origin::Demo, prices: Arc::default() }, overrides)
}

fn home() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf())
}

fn not_there(path: &Path) -> Error {
    Error::new(ErrorKind::Config, format!("{}: there is no such file", visible(&path.to_string_lossy())))
        .hint("Correct the path, or write a config there with `whopays config init`.")
}

fn from_file(path: &Path, read: config_file::ConfigText, tools: &Tools<'_>, home: Option<&Path>) -> Result<Startup> {
    let name = path.to_string_lossy();
    let regions = |provider, profile: &str| tools.region(provider, profile);
    let mut config = config::parse_with_regions(&name, &read.text, read.literal_secrets, &regions)?;
    config.warnings.extend(read.warnings);
    expand_paths(&mut config, home);
    Ok(Startup { config, origin: Origin::File(visible(&name).into_owned()), prices: Arc::default() })
}

fn expand_paths(config: &mut Config, home: Option<&Path>) {
    let expand = |path: &mut PathBuf| *path = config_file::expand_home(path, home);
    config.settings.download_dir.as_mut().map(expand);
    if let Theme::File(path) = &mut config.settings.theme {
        expand(path);
    }
    config.accounts.iter_mut().filter_map(|account| account.ca_file.as_mut()).for_each(expand);
}

fn from_tools(tools: &Tools<'_>, place: &str) -> Startup {
    let accounts = discover(tools);
    let origin = if accounts.is_empty() { Origin::Nothing(visible(place).into_owned()) } else { Origin::Found };
    Startup { config: Config { accounts, ..Config::default() }, origin, prices: Arc::default() }
}

/// Gives the text behind a name: a variable's value, a file's content.
type Lookup<'t> = dyn Fn(&str) -> Option<String> + 't;

/// What other tools left on this machine: variables and files, each file read once and only if it is asked for.
pub struct Tools<'t> {
    variable: &'t Lookup<'t>,
    file: Box<Lookup<'t>>,
    aws_config: OnceCell<String>,
}

impl<'t> Tools<'t> {
    /// With surroundings as arguments: `file` is given paths like `~/.aws/config`.
    pub fn new(variable: &'t Lookup<'t>, file: impl Fn(&str) -> Option<String> + 't) -> Self {
        Self { variable, file: Box::new(file), aws_config: OnceCell::new() }
    }

    fn of_this_machine(home: Option<&Path>) -> Tools<'static> {
        let home = home.map(Path::to_path_buf);
        let read = move |path: &str| {
            let path = config_file::expand_home(Path::new(path), home.as_deref());
            let regular = std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= 1 << 20);
            regular.then(|| std::fs::read(&path).ok()).flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        Tools::new(&|name| std::env::var(name).ok(), read)
    }

    fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.trim().is_empty())
    }

    fn file_at(&self, variable: &str, usual: &str) -> String {
        (self.file)(&self.variable(variable).unwrap_or_else(|| usual.to_owned())).unwrap_or_default()
    }

    fn aws_config(&self) -> &str {
        self.aws_config.get_or_init(|| self.file_at("AWS_CONFIG_FILE", "~/.aws/config"))
    }

    /// The region that the provider's files name for a profile; `""`: for the default chain, where the environment counts too.
    pub fn region(&self, provider: Provider, profile: &str) -> Option<String> {
        let first = |names: &[&str]| names.iter().find_map(|name| self.variable(name));
        match (provider, profile) {
            (Provider::S3, "") => first(&["AWS_REGION", "AWS_DEFAULT_REGION"]).or_else(|| {
                let profile = self.variable("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
                discovery::aws_region(self.aws_config(), &profile)
            }),
            (Provider::S3, profile) => discovery::aws_region(self.aws_config(), profile),
            (Provider::Oss, "") => first(&["OSS_REGION", "ALIBABA_CLOUD_REGION_ID"]),
            (Provider::Oss, profile) => self.oss_profiles().into_iter().find(|found| found.name == profile)?.region,
        }
    }

    /// The aliyun CLI's profiles first: a name in both files means that one.
    fn oss_profiles(&self) -> Vec<Profile> {
        let mut profiles = discovery::aliyun_profiles(&self.file_at("ALIBABA_CLOUD_CONFIG_FILE", "~/.aliyun/config.json"));
        for profile in discovery::ossutil_profiles(&self.file_at("OSSUTIL_CONFIG_FILE", "~/.ossutilconfig")) {
            if profiles.iter().all(|earlier| earlier.name != profile.name) {
                profiles.push(profile);
            }
        }
        profiles
    }

    fn both(&self, one: &str, other: &str) -> bool {
        self.variable(one).is_some() && self.variable(other).is_some()
    }
}

/// An account that could be offered: its provider, wished name, region and source.
struct Offer {
    provider: Provider,
    name: String,
    region: Option<String>,
    source: Source,
}

/// The accounts to offer when there is no config: the environment's first, then the profiles in the order of their files. A name
/// that both clouds use gets `aws-` or `oss-` before it.
pub fn discover(tools: &Tools<'_>) -> Vec<Account> {
    let offers = offers(tools);
    let mut accounts: Vec<Account> = Vec::new();
    for offer in &offers {
        let clash = offers.iter().any(|other| other.provider != offer.provider && account_name(&other.name) == account_name(&offer.name));
        let prefix = match (clash, offer.provider) {
            (false, _) => "",
            (true, Provider::S3) => "aws-",
            (true, Provider::Oss) => "oss-",
        };
        let name = format!("{prefix}{}", account_name(&offer.name));
        if accounts.iter().all(|account| account.name.as_str() != name) {
            accounts.push(account(offer, &name));
        }
    }
    accounts
}

fn offers(tools: &Tools<'_>) -> Vec<Offer> {
    let mut offers = Vec::new();
    let mut environment = |provider, name: &str, source| {
        offers.push(Offer { provider, name: name.to_owned(), region: tools.region(provider, ""), source });
    };
    if tools.both("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") {
        environment(Provider::S3, "env", Source::Env);
    }
    if tools.both("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE") {
        environment(Provider::S3, "web-identity", Source::Default);
    }
    if ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"].iter().any(|name| tools.variable(name).is_some()) {
        environment(Provider::S3, "container", Source::Instance);
    }
    if tools.both("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET")
        || tools.both("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    {
        environment(Provider::Oss, "env", Source::Env);
    }
    let credentials = tools.file_at("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    let aws = discovery::aws_profiles(tools.aws_config(), &credentials);
    let oss = tools.oss_profiles();
    let profiles = aws.into_iter().map(|profile| (Provider::S3, profile)).chain(oss.into_iter().map(|profile| (Provider::Oss, profile)));
    offers.extend(profiles.map(|(provider, profile)| Offer {
        provider,
        source: Source::Profile(profile.name.clone()),
        name: profile.name,
        region: profile.region,
    }));
    offers
}

/// A profile's name as ACCOUNT:BUCKET can hold it.
fn account_name(profile: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    profile.chars().map(plain).take(56).collect()
}

fn account(offer: &Offer, name: &str) -> Account {
    let usual = match offer.provider {
        Provider::S3 => "us-east-1",
        Provider::Oss => "cn-hangzhou",
    };
    let region = offer.region.as_deref().filter(|region| config::check_region(region).is_ok()).unwrap_or(usual);
    Account {
        name: AccountName::new(name),
        site: Site {
            provider: offer.provider,
            region: region.to_owned(),
            endpoint: None,
            sts_endpoint: None,
            network: Network::Public,
            addressing: Addressing::Auto,
            signature: OssSignature::V4,
        },
        credentials: offer.source.clone(),
        account_id: None,
        ca_file: None,
        access: Access::Normal,
        budget: None,
        buckets: Vec::new(),
    }
}

/// Region and endpoint of the command line, for the named account or for every account that they fit.
fn with_overrides(mut startup: Startup, overrides: &CliOverrides) -> Result<Startup> {
    if let Some(name) = &overrides.account {
        check_account(name, &startup.config)?;
    }
    if let Some(text) = overrides.budget.as_deref() {
        startup.config.settings.budget = Some(check_budget(text)?);
    }
    let region = overrides.region.as_deref().map(config::check_region).transpose()?;
    let endpoint = overrides.endpoint.as_deref().map(config::check_endpoint).transpose()?;
    let named = |account: &Account| overrides.account.as_deref().is_none_or(|name| name == account.name.as_str());
    for account in startup.config.accounts.iter_mut().filter(|account| named(account)) {
        if let Some(region) = &region {
            account.site.region.clone_from(region);
        }
        match &endpoint {
            Some(endpoint) if endpoint.fits(account.site.provider) => {
                account.site.endpoint = Some(endpoint.text().to_owned());
                // Another store has another STS, if any: the account's keys are not sent to the configured one on its behalf.
                account.site.sts_endpoint = None;
            }
            Some(_) if overrides.account.is_some() => return Err(unfit_endpoint(account)),
            Some(_) | None => {}
        }
    }
    if endpoint.is_some_and(|endpoint| endpoint.in_clear()) {
        startup.config.warnings.push("--endpoint is plain http to another machine: anyone on the way reads what you send".to_owned());
    }
    Ok(startup)
}

fn check_budget(text: &str) -> Result<Money> {
    Money::parse(text).ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("--budget \"{}\" is not an amount", visible(text)))
            .hint("Write an amount and a currency, as `--budget \"5.00 USD\"`.")
    })
}

fn unfit_endpoint(account: &Account) -> Error {
    let message = format!("--endpoint belongs to the other cloud than account {}", visible(account.name.as_str()));
    Error::new(ErrorKind::Usage, message).hint("Name an endpoint of the account's own provider, or another account.")
}

fn check_account(name: &str, config: &Config) -> Result<()> {
    let names: Vec<&str> = config.accounts.iter().map(|account| account.name.as_str()).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let hint = match config::closest(name, &names) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if names.is_empty() => "Write a config with `whopays config init`, or try `whopays demo`.".to_owned(),
        None => format!("Name one of: {}.", names.join(", ")),
    };
    Err(Error::new(ErrorKind::Usage, format!("account {} is not configured", visible(name))).hint(hint))
}

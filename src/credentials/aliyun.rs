//! The sources of OSS accounts that are more than one variable: the usual chain, profiles, the machine's role.
//!
//! The library's profile providers let `ALIBABA_CLOUD_PROFILE` win over the profile that was asked for, and its chain goes on
//! after an error. So the files are read here, and the first source that is set up decides.

use std::collections::BTreeMap;

use reqsign_aliyun_oss::{AssumeRoleWithOidcCredentialProvider, CredentialsUriCredentialProvider, EcsRamRoleCredentialProvider};
use reqsign_core::{BoxedFuture, Context, ProvideCredential};
use serde::Deserialize;

use super::ini::{self, Section};
use super::sight::{file, variable, without_choices};
use super::sts::{self, Role};
use super::trouble::{Found, Trouble};
use super::{convert, environment, process};
use crate::config::closest;
use crate::domain::escape::visible;
use crate::domain::{Credentials, Provider, Secret};

/// Alibaba Cloud's own STS.
pub(super) const STS: &str = "https://sts.aliyuncs.com";

/// The usual chain: environment, OIDC, aliyun CLI, ossutil, shared credentials file, credentials URI, machine.
pub(super) async fn chain(context: &Context) -> Found<Option<(Credentials, String)>> {
    if let Some(keys) = environment::read(context, Provider::Oss)? {
        return Ok(Some((keys, "environment".to_owned())));
    }
    let oidc = AssumeRoleWithOidcCredentialProvider::new().provide_credential(context).await;
    let oidc = oidc.map_err(|error| {
        Trouble::from_provider("OIDC", &without_answer(&error), &[], "Check ALIBABA_CLOUD_OIDC_TOKEN_FILE and the two ARNs.")
    })?;
    if let Some(keys) = oidc {
        return Ok(Some((convert::from_aliyun(keys), "OIDC".to_owned())));
    }
    let files = Files::read(context).await?;
    let chosen = variable(context, "ALIBABA_CLOUD_PROFILE");
    if let Some(name) = chosen.clone().or_else(|| files.usual_profile()) {
        return resolve(&files, &name, &mut Vec::new()).await.map(Some);
    }
    let uri = CredentialsUriCredentialProvider::new().provide_credential(context).await;
    let uri = uri.map_err(|_| Trouble::new("credentials URI: gave no keys", "Check ALIBABA_CLOUD_CREDENTIALS_URI."))?;
    if let Some(keys) = uri {
        return Ok(Some((convert::from_aliyun(keys), "credentials URI".to_owned())));
    }
    // On a machine outside the cloud nobody answers here: that is not a mistake of the account.
    let machine = EcsRamRoleCredentialProvider::new().provide_credential(context).await.ok().flatten();
    Ok(machine.map(|keys| (convert::from_aliyun(keys), "instance role".to_owned())))
}

/// What to say when the chain found nothing.
pub(super) fn nothing() -> Trouble {
    Trouble::new(
        "default chain: no keys in the environment, in ~/.aliyun/config.json or in ~/.ossutilconfig, and no instance role",
        "Set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, run `aliyun configure`, or name a source in `credentials`.",
    )
}

/// The library's errors of STS quote the whole answer after a colon.
fn without_answer(error: &reqsign_core::Error) -> reqsign_core::Error {
    let text = error.to_string();
    let short = text.split(['{', '<']).next().unwrap_or_default().trim_end_matches([':', ' ']).to_owned();
    reqsign_core::Error::new(error.kind(), short)
}

/// The machine's RAM role.
pub(super) async fn instance(context: &Context) -> Found<(Credentials, String)> {
    ram_role(&without_choices(context), None).await.map(|keys| (keys, "instance role".to_owned()))
}

async fn ram_role(context: &Context, name: Option<&str>) -> Found<Credentials> {
    let mut provider = EcsRamRoleCredentialProvider::new();
    if let Some(name) = name {
        provider = provider.with_role_name(name);
    }
    let hint = "Check that this is an ECS instance with a RAM role.";
    match provider.provide_credential(context).await {
        Ok(Some(keys)) => Ok(convert::from_aliyun(keys)),
        Ok(None) => {
            Err(Trouble::new("instance: ALIBABA_CLOUD_ECS_METADATA_DISABLED is set", "Unset it, or choose another source of credentials."))
        }
        Err(error) => Err(Trouble::from_provider("instance role", &without_answer(&error), &[], hint)),
    }
}

/// `~/.aliyun/config.json`. No `Debug`: it holds secrets.
#[derive(Default, Deserialize)]
#[serde(default)]
struct CliConfig {
    current: String,
    profiles: Vec<CliProfile>,
}

/// One profile: its name and mode, and every text in it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct CliProfile {
    name: String,
    mode: String,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

impl CliProfile {
    fn get(&self, key: &str) -> Option<&str> {
        self.rest.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    fn keys(&self) -> Option<Credentials> {
        let token = self.get("sts_token").or_else(|| self.get("security_token"));
        Some(Credentials {
            access_key_id: self.get("access_key_id")?.to_owned(),
            secret: Secret::new(self.get("access_key_secret")?.to_owned()),
            session_token: token.map(|token| Secret::new(token.to_owned())),
            expires_at: None,
        })
    }
}

/// The three files, read at one moment, and what their profiles may see.
struct Files {
    context: Context,
    cli: CliConfig,
    ossutil: Vec<Section>,
    shared: Vec<Section>,
}

impl Files {
    async fn read(whole: &Context) -> Found<Self> {
        let context = without_choices(whole);
        let path = |name: &str, usual: &str| variable(&context, name).unwrap_or_else(|| usual.to_owned());
        let cli = match file(&context, &path("ALIBABA_CLOUD_CONFIG_FILE", "~/.aliyun/config.json")).await {
            Some(text) => serde_json::from_str(&text).map_err(|_| {
                Trouble::new("~/.aliyun/config.json: is not the JSON that the aliyun CLI writes", "Run `aliyun configure`.")
            })?,
            None => CliConfig::default(),
        };
        let sections = |text: Option<zeroize::Zeroizing<String>>| text.map(|text| ini::parse(&text)).unwrap_or_default();
        let ossutil = sections(file(&context, &path("OSSUTIL_CONFIG_FILE", "~/.ossutilconfig")).await);
        let shared = sections(file(&context, &path("ALIBABA_CLOUD_CREDENTIALS_FILE", "~/.alibabacloud/credentials.ini")).await);
        Ok(Self { context, cli, ossutil, shared })
    }

    fn cli(&self, name: &str) -> Option<&CliProfile> {
        self.cli.profiles.iter().find(|profile| profile.name == name)
    }

    fn ossutil(&self, name: &str) -> Option<&Section> {
        self.ossutil.iter().find(|section| ossutil_name(&section.name) == name)
    }

    fn shared(&self, name: &str) -> Option<&Section> {
        self.shared.iter().find(|section| section.name == name)
    }

    /// The profile that the clouds' tools use when nobody names one.
    fn usual_profile(&self) -> Option<String> {
        let current = Some(self.cli.current.as_str()).filter(|name| !name.is_empty()).unwrap_or("default");
        if self.cli(current).is_some_and(|profile| !is_blank(profile)) {
            return Some(current.to_owned());
        }
        let usable = |section: Option<&Section>| section.and_then(section_keys).is_some();
        (usable(self.ossutil("default")) || usable(self.shared("default"))).then(|| "default".to_owned())
    }

    fn names(&self) -> Vec<&str> {
        let cli = self.cli.profiles.iter().map(|profile| profile.name.as_str());
        let ossutil = self.ossutil.iter().map(|section| ossutil_name(&section.name));
        cli.chain(ossutil).chain(self.shared.iter().map(|section| section.name.as_str())).collect()
    }
}

/// The aliyun CLI writes an empty profile `default` on its first run.
fn is_blank(profile: &CliProfile) -> bool {
    matches!(profile.mode.as_str(), "" | "AK") && profile.keys().is_none()
}

/// `[Credentials]` of ossutil 1 is `default`; `[profile NAME]` of ossutil 2 is `NAME`.
pub(super) fn ossutil_name(section: &str) -> &str {
    match section {
        "Credentials" => "default",
        other => other.strip_prefix("profile ").unwrap_or(other),
    }
}

/// The keys of an INI section, in the spellings of ossutil and of the shared credentials file (keys are in lower case here).
fn section_keys(section: &Section) -> Option<Credentials> {
    let first = |names: &[&str]| names.iter().find_map(|name| section.get(name)).map(str::to_owned);
    Some(Credentials {
        access_key_id: first(&["accesskeyid", "access_key_id"])?,
        secret: Secret::new(first(&["accesskeysecret", "access_key_secret"])?),
        session_token: first(&["ststoken", "sts_token", "security_token"]).map(Secret::new),
        expires_at: None,
    })
}

/// The keys of a profile of any of the three files.
pub(super) async fn profile(context: &Context, name: &str) -> Found<(Credentials, String)> {
    let files = Files::read(context).await?;
    resolve(&files, name, &mut Vec::new()).await
}

fn resolve<'a>(files: &'a Files, name: &'a str, visited: &'a mut Vec<String>) -> BoxedFuture<'a, Found<(Credentials, String)>> {
    Box::pin(async move {
        let shown = visible(name);
        if let Some(profile) = files.cli(name).filter(|profile| !is_blank(profile)) {
            let keys = cli_keys(files, profile, visited).await?;
            return Ok((keys, format!("profile {shown} (~/.aliyun/config.json)")));
        }
        for (section, place) in [(files.ossutil(name), "~/.ossutilconfig"), (files.shared(name), "~/.alibabacloud/credentials.ini")] {
            if let Some(keys) = section.and_then(section_keys) {
                return Ok((keys, format!("profile {shown} ({place})")));
            }
        }
        Err(absent(files, name))
    })
}

fn absent(files: &Files, name: &str) -> Trouble {
    let shown = visible(name);
    let names = files.names();
    if names.contains(&name) {
        let hint = format!("Run `aliyun configure --profile {shown}`, or use credentials = \"process:COMMAND\".");
        return Trouble::new(format!("profile {shown}: has no access key id and secret"), hint);
    }
    let hint = match closest(name, &names) {
        Some(near) => format!("Did you mean `{}`?", visible(near)),
        None if names.is_empty() => "Run `aliyun configure`, or choose another source of credentials.".to_owned(),
        None => format!("Name one of: {}.", visible(&names.join(", "))),
    };
    Trouble::new(format!("profile {shown}: is not in ~/.aliyun/config.json or ~/.ossutilconfig"), hint)
}

async fn cli_keys(files: &Files, profile: &CliProfile, visited: &mut Vec<String>) -> Found<Credentials> {
    let shown = visible(&profile.name);
    let lacking = |what: &str| Trouble::new(format!("profile {shown}: {what}"), format!("Run `aliyun configure --profile {shown}`."));
    match profile.mode.as_str() {
        "" | "AK" | "StsToken" => profile.keys().ok_or_else(|| lacking("has no access key id and secret")),
        "RamRoleArn" => {
            let keys = profile.keys().ok_or_else(|| lacking("has no access key id and secret"))?;
            sts::assume_aliyun(&files.context, STS, &cli_role(profile).ok_or_else(|| lacking("has no ram_role_arn"))?, &keys).await
        }
        "ChainableRamRoleArn" => {
            if visited.contains(&profile.name) {
                return Err(lacking("its role chain goes in a circle"));
            }
            visited.push(profile.name.clone());
            let source = profile.get("source_profile").ok_or_else(|| lacking("has no source_profile"))?;
            let (keys, _) = resolve(files, source, visited).await?;
            sts::assume_aliyun(&files.context, STS, &cli_role(profile).ok_or_else(|| lacking("has no ram_role_arn"))?, &keys).await
        }
        "EcsRamRole" => ram_role(&files.context, profile.get("ram_role_name")).await,
        "External" => process::run(&files.context, profile.get("process_command").ok_or_else(|| lacking("has no process_command"))?).await,
        "OIDC" => oidc(files, profile).await,
        "CredentialsURI" => credentials_uri(files, profile).await,
        _ => Err(Trouble::new(
            format!("profile {shown}: its mode is not one that can be read here"),
            "Use credentials = \"process:COMMAND\" with a command that prints keys as JSON.",
        )),
    }
}

fn cli_role(profile: &CliProfile) -> Option<Role> {
    Some(Role {
        arn: profile.get("ram_role_arn")?.to_owned(),
        session_name: profile.get("ram_session_name").map(str::to_owned),
        external_id: profile.get("external_id").map(str::to_owned),
        duration_seconds: None,
    })
}

async fn oidc(files: &Files, profile: &CliProfile) -> Found<Credentials> {
    let subject = format!("profile {}: OIDC", visible(&profile.name));
    let hint = "Check ram_role_arn, oidc_provider_arn and oidc_token_file of the profile.";
    let parts = (profile.get("ram_role_arn"), profile.get("oidc_provider_arn"), profile.get("oidc_token_file"));
    let (Some(role), Some(provider), Some(token)) = parts else {
        return Err(Trouble::new(format!("{subject}: is not complete"), hint));
    };
    let asked = AssumeRoleWithOidcCredentialProvider::new()
        .with_role_arn(role)
        .with_oidc_provider_arn(provider)
        .with_oidc_token_file(files.context.expand_home_dir(token).unwrap_or_else(|| token.to_owned()))
        .with_role_session_name(profile.get("ram_session_name").unwrap_or("whopays"));
    match asked.provide_credential(&files.context).await {
        Ok(Some(keys)) => Ok(convert::from_aliyun(keys)),
        Ok(None) => Err(Trouble::new(format!("{subject}: no keys were given"), hint)),
        Err(error) => Err(Trouble::from_provider(&subject, &without_answer(&error), &[], hint)),
    }
}

async fn credentials_uri(files: &Files, profile: &CliProfile) -> Found<Credentials> {
    let trouble = || {
        Trouble::new(
            format!("profile {}: its credentials URI gave no keys", visible(&profile.name)),
            "Check credentials_uri of the profile.",
        )
    };
    let uri = profile.get("credentials_uri").ok_or_else(trouble)?;
    let given = CredentialsUriCredentialProvider::new().with_uri(uri).provide_credential(&files.context).await;
    given.ok().flatten().map(convert::from_aliyun).ok_or_else(trouble)
}

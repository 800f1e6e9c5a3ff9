//! `profile:NAME` of S3: the shared config and credentials files, with role chains, SSO, web identity and processes.
//!
//! The library's profile provider reads static keys only, so the files are read here, and its SSO and web identity
//! providers are given what they say. The environment decides nothing: only where the files are.

use std::path::PathBuf;

use reqsign_aws_v4::{AssumeRoleWithWebIdentityCredentialProvider, SSOCredentialProvider};
use reqsign_core::{BoxedFuture, Context, ProvideCredential};

use super::ini::{self, Section};
use super::sight::{file, variable, without_choices};
use super::sts::{self, Role};
use super::trouble::{Found, Trouble};
use super::{aws, convert, environment, process};
use crate::config::closest;
use crate::domain::escape::visible;
use crate::domain::{Credentials, Provider, Secret};

/// The two files, read at one moment.
struct Files {
    /// The whole environment: for the one setting that asks for it, `credential_source = Environment`.
    whole: Context,
    /// What everything else sees.
    context: Context,
    config: Vec<Section>,
    credentials: Vec<Section>,
}

impl Files {
    async fn read(whole: &Context) -> Self {
        let context = without_choices(whole);
        let path = |name: &str, usual: &str| variable(&context, name).unwrap_or_else(|| usual.to_owned());
        let config = file(&context, &path("AWS_CONFIG_FILE", "~/.aws/config")).await;
        let credentials = file(&context, &path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")).await;
        let sections = |text: Option<zeroize::Zeroizing<String>>| text.map(|text| ini::parse(&text)).unwrap_or_default();
        let (config, credentials) = (sections(config), sections(credentials));
        Self { whole: whole.clone(), context, config, credentials }
    }

    fn profile(&self, name: &str) -> Option<Profile<'_>> {
        let config = self.config.iter().rfind(|section| profile_name(&section.name) == Some(name));
        let credentials = self.credentials.iter().rfind(|section| section.name == name);
        (config.is_some() || credentials.is_some()).then_some(Profile { config, credentials })
    }

    fn session(&self, name: &str) -> Option<&Section> {
        self.config.iter().rfind(|section| section.name.strip_prefix("sso-session ") == Some(name))
    }

    fn names(&self) -> Vec<&str> {
        let config = self.config.iter().filter_map(|section| profile_name(&section.name));
        let mut names: Vec<&str> = config.chain(self.credentials.iter().map(|section| section.name.as_str())).collect();
        names.dedup();
        names
    }
}

/// `default` or `profile NAME`; other sections of the config file are no profiles.
pub(super) fn profile_name(section: &str) -> Option<&str> {
    if section == "default" { Some(section) } else { section.strip_prefix("profile ") }
}

/// One profile of both files; the credentials file wins.
struct Profile<'f> {
    config: Option<&'f Section>,
    credentials: Option<&'f Section>,
}

impl<'f> Profile<'f> {
    fn get(&self, key: &str) -> Option<&'f str> {
        self.credentials.and_then(|section| section.get(key)).or_else(|| self.config?.get(key))
    }

    /// Id, secret and token of one file, never mixed from both.
    fn static_keys(&self) -> Option<(Credentials, &'static str)> {
        let of = |section: Option<&Section>| {
            let section = section?;
            Some(Credentials {
                access_key_id: section.get("aws_access_key_id")?.to_owned(),
                secret: Secret::new(section.get("aws_secret_access_key")?.to_owned()),
                session_token: section.get("aws_session_token").map(|token| Secret::new(token.to_owned())),
                expires_at: None,
            })
        };
        let from_credentials = of(self.credentials).map(|keys| (keys, "~/.aws/credentials"));
        from_credentials.or_else(|| of(self.config).map(|keys| (keys, "~/.aws/config")))
    }
}

/// The keys of a profile and where they came from; `None` if no file has the profile.
pub(super) async fn read(context: &Context, name: &str) -> Found<Option<(Credentials, String)>> {
    let files = Files::read(context).await;
    let mut visited = Vec::new();
    match files.profile(name) {
        Some(_) => resolve(&files, name, &mut visited).await.map(Some),
        None => Ok(None),
    }
}

/// What to say when no file has the profile.
pub(super) async fn absent(context: &Context, name: &str) -> Trouble {
    let files = Files::read(context).await;
    absent_from(&files, name)
}

fn absent_from(files: &Files, name: &str) -> Trouble {
    let names = files.names();
    let hint = match closest(name, &names) {
        Some(near) => format!("Did you mean `{}`?", visible(near)),
        None if names.is_empty() => "Run `aws configure`, or choose another source of credentials.".to_owned(),
        None => format!("Name one of: {}.", visible(&names.join(", "))),
    };
    Trouble::new(format!("profile {}: is not in ~/.aws/config or ~/.aws/credentials", visible(name)), hint)
}

/// Boxed, because a role's source is resolved the same way.
fn resolve<'a>(files: &'a Files, name: &'a str, visited: &'a mut Vec<String>) -> BoxedFuture<'a, Found<(Credentials, String)>> {
    Box::pin(async move {
        let Some(profile) = files.profile(name) else { return Err(absent_from(files, name)) };
        let shown = visible(name);
        if profile.get("role_arn").is_some() && !visited.iter().any(|earlier| earlier == name) {
            visited.push(name.to_owned());
            let keys = role(files, name, &profile, visited).await?;
            return Ok((keys, format!("profile {shown} (~/.aws/config, role)")));
        }
        if let Some((keys, place)) = profile.static_keys() {
            return Ok((keys, format!("profile {shown} ({place})")));
        }
        if profile.get("role_arn").is_some() {
            return Err(Trouble::new(
                format!("profile {shown}: its role chain goes in a circle"),
                "Let the last source_profile be a profile with keys.",
            ));
        }
        if profile.get("sso_session").is_some() || profile.get("sso_account_id").is_some() {
            let keys = sso(files, name, &profile).await?;
            return Ok((keys, format!("profile {shown} (~/.aws/config, SSO)")));
        }
        if let Some(command) = profile.get("credential_process") {
            let keys = process::run(&files.context, command).await?;
            return Ok((keys, format!("profile {shown} (~/.aws/config, process)")));
        }
        Err(Trouble::new(
            format!("profile {shown}: has no keys, role, SSO or credential_process"),
            format!("Run `aws configure --profile {shown}` or `aws configure sso`."),
        ))
    })
}

async fn role(files: &Files, name: &str, profile: &Profile<'_>, visited: &mut Vec<String>) -> Found<Credentials> {
    let arn = profile.get("role_arn").unwrap_or_default().to_owned();
    if let Some(token_file) = profile.get("web_identity_token_file") {
        return web_identity(&files.context, name, profile, arn, token_file).await;
    }
    if profile.get("mfa_serial").is_some() {
        return Err(Trouble::new(
            format!("profile {}: its role asks for an MFA code", visible(name)),
            "Get a session with your usual tool, and use credentials = \"process:COMMAND\" or `env`.",
        ));
    }
    let source = source_keys(files, name, profile, visited).await?;
    let role = Role {
        arn,
        session_name: profile.get("role_session_name").map(str::to_owned),
        external_id: profile.get("external_id").map(str::to_owned),
        duration_seconds: profile.get("duration_seconds").map(str::to_owned),
    };
    let region = profile.get("region").filter(|region| is_region(region)).unwrap_or("us-east-1");
    sts::assume_aws(&files.context, &sts::aws_endpoint(region), region, &role, &source).await
}

fn is_region(region: &str) -> bool {
    region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

async fn source_keys(files: &Files, name: &str, profile: &Profile<'_>, visited: &mut Vec<String>) -> Found<Credentials> {
    if let Some(source) = profile.get("source_profile") {
        return resolve(files, source, visited).await.map(|(keys, _)| keys);
    }
    let subject = format!("profile {}", visible(name));
    let lacking = |what: &str| Trouble::new(format!("{subject}: {what}"), "Add source_profile or credential_source to the profile.");
    let given = match profile.get("credential_source") {
        Some("Environment") => environment::read(&files.whole, Provider::S3)?,
        Some("Ec2InstanceMetadata") => aws::machine(&files.context).await?,
        Some("EcsContainer") => aws::container(&files.context).await?,
        Some(_) => return Err(lacking("has a credential_source that is not known")),
        None => return Err(lacking("has a role, but no source for its keys")),
    };
    given.ok_or_else(|| lacking("its credential_source has no keys"))
}

async fn web_identity(context: &Context, name: &str, profile: &Profile<'_>, arn: String, token_file: &str) -> Found<Credentials> {
    let path = context.expand_home_dir(token_file).unwrap_or_else(|| token_file.to_owned());
    let mut provider = AssumeRoleWithWebIdentityCredentialProvider::with_config(arn, PathBuf::from(path))
        .with_role_session_name(profile.get("role_session_name").unwrap_or("whopays").to_owned());
    if let Some(region) = profile.get("region").filter(|region| is_region(region)) {
        provider = provider.with_region(region.to_owned()).with_regional_sts_endpoint();
    }
    let subject = format!("profile {}: web identity", visible(name));
    let none = || Trouble::new(format!("{subject}: no keys were given"), "Check web_identity_token_file and role_arn.");
    match provider.provide_credential(context).await {
        Ok(keys) => keys.map(convert::from_aws).ok_or_else(none),
        Err(error) => Err(Trouble::from_provider(&subject, &error, &[], "Check web_identity_token_file and role_arn.")),
    }
}

/// SSO, in its new form (`sso_session`) and its old one.
///
/// The library looks for the token under the SHA-1 of the start URL; with a session the AWS CLI stores it under the SHA-1 of
/// the session's name, so the name is given in its place.
async fn sso(files: &Files, name: &str, profile: &Profile<'_>) -> Found<Credentials> {
    let shown = visible(name);
    let incomplete = |key: &str| {
        Trouble::new(format!("profile {shown}: its SSO settings lack {key}"), format!("Run `aws configure sso --profile {shown}`."))
    };
    let session = match profile.get("sso_session") {
        Some(session) => Some((session, files.session(session).ok_or_else(|| incomplete(&format!("[sso-session {}]", visible(session))))?)),
        None => None,
    };
    let region = session.and_then(|(_, section)| section.get("sso_region")).or_else(|| profile.get("sso_region"));
    let region = region.filter(|region| is_region(region)).ok_or_else(|| incomplete("sso_region"))?;
    let cached_as = session.map(|(name, _)| name).or_else(|| profile.get("sso_start_url")).ok_or_else(|| incomplete("sso_start_url"))?;
    let account = profile.get("sso_account_id").ok_or_else(|| incomplete("sso_account_id"))?;
    let role = profile.get("sso_role_name").ok_or_else(|| incomplete("sso_role_name"))?;
    let mut provider =
        SSOCredentialProvider::new().with_account_id(account).with_region(region).with_role_name(role).with_start_url(cached_as);
    if region.starts_with("cn-") {
        provider = provider.with_endpoint(format!("https://portal.sso.{region}.amazonaws.com.cn/federation/credentials"));
    }
    let hint = format!("Run `aws sso login --profile {shown}`.");
    let subject = format!("profile {shown}: SSO");
    match provider.provide_credential(&files.context).await {
        Ok(Some(keys)) => Ok(convert::from_aws(keys)),
        Ok(None) => Err(Trouble::new(format!("{subject}: no keys were given"), hint)),
        Err(error) => Err(Trouble::from_provider(&subject, &error, &[], hint)),
    }
}

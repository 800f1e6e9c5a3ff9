//! What other tools left: names of profiles and their regions, for a first start without a config.
//!
//! Comes in: the texts of their files. Goes out: names and regions. No key leaves this module.

use serde::Deserialize;

use super::{aliyun, aws_profile, ini};

/// A profile that could become an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name in its own file.
    pub name: String,
    /// The region it names, as written there.
    pub region: Option<String>,
}

/// The profiles of `~/.aws/config` and `~/.aws/credentials`, each once, in file order. Profiles that only hold settings (no
/// keys, role, SSO or process) are left out.
pub fn aws_profiles(config: &str, credentials: &str) -> Vec<Profile> {
    let config = ini::parse(config);
    let credentials = ini::parse(credentials);
    let regions = |name: &str| {
        let section = config.iter().rfind(|section| aws_profile::profile_name(&section.name) == Some(name));
        section.and_then(|section| section.get("region")).map(str::to_owned)
    };
    let sources = ["aws_access_key_id", "role_arn", "sso_session", "sso_account_id", "credential_process"];
    let usable = config.iter().filter(|section| sources.iter().any(|key| section.get(key).is_some()));
    let names = usable.filter_map(|section| aws_profile::profile_name(&section.name));
    let with_keys = credentials.iter().filter(|section| section.get("aws_access_key_id").is_some());
    let mut profiles: Vec<Profile> = Vec::new();
    for name in names.chain(with_keys.map(|section| section.name.as_str())) {
        if profiles.iter().all(|profile| profile.name != name) {
            profiles.push(Profile { name: name.to_owned(), region: regions(name) });
        }
    }
    profiles
}

/// The region of one profile of `~/.aws/config`.
pub fn aws_region(config: &str, profile: &str) -> Option<String> {
    let sections = ini::parse(config);
    let section = sections.iter().rfind(|section| aws_profile::profile_name(&section.name) == Some(profile))?;
    section.get("region").map(str::to_owned)
}

/// The names and regions of `~/.aliyun/config.json`; nothing else of it is kept.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Cli {
    profiles: Vec<CliProfile>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CliProfile {
    name: String,
    mode: String,
    region_id: String,
    access_key_id: String,
}

/// The profiles of `~/.aliyun/config.json`, without the blank one that the CLI writes on its first run.
pub fn aliyun_profiles(json: &str) -> Vec<Profile> {
    let cli: Cli = serde_json::from_str(json).unwrap_or_default();
    let usable = cli.profiles.into_iter().filter(|profile| !profile.name.is_empty());
    let usable = usable.filter(|profile| !profile.access_key_id.is_empty() || !matches!(profile.mode.as_str(), "" | "AK" | "StsToken"));
    usable.map(|profile| Profile { name: profile.name, region: Some(profile.region_id).filter(|region| !region.is_empty()) }).collect()
}

/// The profiles of `~/.ossutilconfig`; the region from `region`, else from the endpoint's host name.
pub fn ossutil_profiles(text: &str) -> Vec<Profile> {
    let sections = ini::parse(text);
    let usable = sections.iter().filter(|section| section.get("accesskeyid").is_some());
    usable
        .map(|section| {
            let endpoint = section.get("endpoint").and_then(|endpoint| {
                let host = endpoint.split("://").last().unwrap_or_default().split(['/', ':']).next().unwrap_or_default();
                let region = host.strip_prefix("oss-")?.strip_suffix(".aliyuncs.com")?;
                Some(region.strip_suffix("-internal").unwrap_or(region))
            });
            let region = section.get("region").or(endpoint).map(str::to_owned);
            Profile { name: aliyun::ossutil_name(&section.name).to_owned(), region }
        })
        .collect()
}

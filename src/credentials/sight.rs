//! Contexts that see less: a source that was chosen by name must not be led elsewhere by the environment.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use reqsign_core::{Context, Env};

/// The variables that say where files are, not whose keys to use.
const PLACES: [&str; 5] = [
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_CONFIG_FILE",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "OSSUTIL_CONFIG_FILE",
];

/// The variables of a machine's or container's own role, without any that hold keys.
const MACHINE: [&str; 11] = [
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "ALIBABA_CLOUD_ECS_METADATA",
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    "ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT",
    "ALIBABA_CLOUD_IMDSV1_DISABLED",
    "AWS_STS_REGIONAL_ENDPOINTS",
];

/// An environment of which only some names are seen.
struct Part {
    whole: Context,
    names: Vec<&'static str>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Env for Part {
    fn var(&self, key: &str) -> Option<String> {
        self.names.contains(&key).then(|| self.whole.env_var(key)).flatten()
    }

    fn vars(&self) -> HashMap<String, String> {
        self.names.iter().filter_map(|name| Some(((*name).to_owned(), self.whole.env_var(name)?))).collect()
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.whole.home_dir()
    }
}

/// The same context, with only the places of files and the machine's own role in its environment.
pub(super) fn without_choices(context: &Context) -> Context {
    let names = PLACES.into_iter().chain(MACHINE).collect();
    context.clone().with_env(Part { whole: context.clone(), names })
}

/// A variable that is set and not empty.
pub(super) fn variable(context: &Context, name: &str) -> Option<String> {
    context.env_var(name).filter(|value| !value.trim().is_empty())
}

/// The text of a file of the user's; `None` if it is not there or cannot be read. `~/` is the home directory.
pub(super) async fn file(context: &Context, path: &str) -> Option<zeroize::Zeroizing<String>> {
    let path = context.expand_home_dir(path)?;
    let bytes = context.file_read(&path).await.ok()?;
    Some(zeroize::Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
}

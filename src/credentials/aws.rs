//! The sources of S3 accounts that are more than one variable: the usual chain, the machine's role.

use reqsign_aws_v4::{AssumeRoleWithWebIdentityCredentialProvider, ECSCredentialProvider, IMDSv2CredentialProvider};
use reqsign_core::{Context, ProvideCredential};

use super::sight::{variable, without_choices};
use super::trouble::{Found, Trouble};
use super::{aws_profile, convert, environment};
use crate::domain::{Credentials, Provider};

/// The usual chain: environment, web identity, the profile of `AWS_PROFILE` (else `default`), container, machine.
///
/// The library's own chain goes on after an error, and so would reach the machine's role when a profile is broken. Here the
/// first source that is set up decides, well or not.
pub(super) async fn chain(context: &Context) -> Found<Option<(Credentials, String)>> {
    if let Some(keys) = environment::read(context, Provider::S3)? {
        return Ok(Some((keys, "environment".to_owned())));
    }
    if let Some(keys) = web_identity(context).await? {
        return Ok(Some((keys, "web identity".to_owned())));
    }
    let chosen = variable(context, "AWS_PROFILE");
    let profile = chosen.clone().unwrap_or_else(|| "default".to_owned());
    if let Some(found) = aws_profile::read(context, &profile).await? {
        return Ok(Some(found));
    }
    if chosen.is_some() {
        return Err(aws_profile::absent(context, &profile).await);
    }
    if let Some(keys) = container(context).await? {
        return Ok(Some((keys, "container role".to_owned())));
    }
    // On a machine outside the cloud nobody answers here: that is not a mistake of the account.
    let machine = machine(context).await.ok().flatten();
    Ok(machine.map(|keys| (keys, "instance role".to_owned())))
}

/// What to say when the chain found nothing.
pub(super) fn nothing() -> Trouble {
    Trouble::new(
        "default chain: no keys in the environment, no profile `default`, no container or instance role",
        "Set AWS_PROFILE or run `aws configure`, or name a source in `credentials`.",
    )
}

async fn web_identity(context: &Context) -> Found<Option<Credentials>> {
    let given = AssumeRoleWithWebIdentityCredentialProvider::new().provide_credential(context).await;
    given
        .map(|keys| keys.map(convert::from_aws))
        .map_err(|error| Trouble::from_provider("web identity", &error, &[], "Check AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE."))
}

/// The role of the container, else of the machine.
pub(super) async fn instance(context: &Context) -> Found<(Credentials, String)> {
    let context = without_choices(context);
    if let Some(keys) = container(&context).await? {
        return Ok((keys, "container role".to_owned()));
    }
    match machine(&context).await? {
        Some(keys) => Ok((keys, "instance role".to_owned())),
        None => Err(Trouble::new("instance: AWS_EC2_METADATA_DISABLED is set", "Unset it, or choose another source of credentials.")),
    }
}

/// The container's role (ECS, EKS pod identity), if the environment names its endpoint.
pub(super) async fn container(context: &Context) -> Found<Option<Credentials>> {
    if let Some(uri) = variable(context, "AWS_CONTAINER_CREDENTIALS_FULL_URI") {
        check_container_host(&uri)?;
    }
    let given = ECSCredentialProvider::new().provide_credential(context).await;
    given.map(|keys| keys.map(convert::from_aws)).map_err(|error| {
        Trouble::from_provider("container role", &error, &[], "Check that this task or pod has a role, and AWS_CONTAINER_CREDENTIALS_*.")
    })
}

/// The token goes only where AWS's own tools send it: https, this machine, or the two link-local addresses.
fn check_container_host(uri: &str) -> Found<()> {
    let parsed: Option<http::Uri> = uri.parse().ok();
    let host = parsed.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let scheme = parsed.as_ref().and_then(http::Uri::scheme_str).unwrap_or_default();
    let near = crate::config::is_loopback(host) || matches!(host, "169.254.170.2" | "169.254.170.23" | "[fd00:ec2::23]");
    if scheme == "https" || (scheme == "http" && near) {
        return Ok(());
    }
    Err(Trouble::new(
        "container role: AWS_CONTAINER_CREDENTIALS_FULL_URI names a host that is not this machine or container service",
        "Use an https address, or one of the container service's own addresses.",
    ))
}

/// The machine's role, IMDSv2.
pub(super) async fn machine(context: &Context) -> Found<Option<Credentials>> {
    let given = IMDSv2CredentialProvider::new().provide_credential(context).await;
    given.map(|keys| keys.map(convert::from_aws)).map_err(|error| {
        Trouble::from_provider("instance role", &error, &[], "Check that this is an EC2 instance with a role and IMDSv2 allowed.")
    })
}

//! `env`: the provider's variables, and nothing else.

use reqsign_core::Context;

use super::sight::variable;
use super::trouble::{Found, Trouble};
use crate::domain::{Credentials, Provider, Secret};

/// The names of one set of variables.
struct Names {
    id: &'static str,
    secret: &'static str,
    tokens: &'static [&'static str],
    expiration: Option<&'static str>,
}

const AWS: [Names; 1] = [Names {
    id: "AWS_ACCESS_KEY_ID",
    secret: "AWS_SECRET_ACCESS_KEY",
    tokens: &["AWS_SESSION_TOKEN"],
    expiration: Some("AWS_CREDENTIAL_EXPIRATION"),
}];

/// The names of the OSS tools first: whoever sets them means OSS.
const ALIYUN: [Names; 2] = [
    Names { id: "OSS_ACCESS_KEY_ID", secret: "OSS_ACCESS_KEY_SECRET", tokens: &["OSS_SESSION_TOKEN"], expiration: None },
    Names {
        id: "ALIBABA_CLOUD_ACCESS_KEY_ID",
        secret: "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        tokens: &["ALIBABA_CLOUD_SECURITY_TOKEN"],
        expiration: None,
    },
];

/// The keys in the environment; `None` if no variable of any set is there. A set is never completed from another one.
pub(super) fn read(context: &Context, provider: Provider) -> Found<Option<Credentials>> {
    let sets: &[Names] = match provider {
        Provider::S3 => &AWS,
        Provider::Oss => &ALIYUN,
    };
    for names in sets {
        match (variable(context, names.id), variable(context, names.secret)) {
            (Some(id), Some(secret)) => return Ok(Some(complete(context, names, id, secret))),
            (Some(_), None) => return Err(half(names.secret, names.id)),
            (None, Some(_)) => return Err(half(names.id, names.secret)),
            (None, None) => {}
        }
    }
    Ok(None)
}

fn complete(context: &Context, names: &Names, id: String, secret: String) -> Credentials {
    let session_token = names.tokens.iter().find_map(|name| variable(context, name)).map(|token| Secret::new(token.trim().to_owned()));
    let expires_at = names.expiration.and_then(|name| variable(context, name)).and_then(|text| text.parse().ok());
    Credentials { access_key_id: id.trim().to_owned(), secret: Secret::new(secret.trim().to_owned()), session_token, expires_at }
}

fn half(missing: &str, set: &str) -> Trouble {
    Trouble::new(format!("environment: {missing} is not set, although {set} is"), format!("Set {missing}, or unset {set}."))
}

/// What to say when nothing is set.
pub(super) fn absent(provider: Provider) -> Trouble {
    let (names, hint) = match provider {
        Provider::S3 => ("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are", "Set both, or choose another source of credentials."),
        Provider::Oss => (
            "neither OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET nor ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are",
            "Set one pair, or choose another source of credentials.",
        ),
    };
    let negation = match provider {
        Provider::S3 => "not set",
        Provider::Oss => "set",
    };
    Trouble::new(format!("environment: {names} {negation}"), hint)
}

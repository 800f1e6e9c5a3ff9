//! Between the providers' credentials and ours. Texts are moved, not copied, where they come in.

use jiff::Timestamp;

use crate::domain::{Credentials, Secret};

pub(super) fn from_aws(given: reqsign_aws_v4::Credential) -> Credentials {
    Credentials {
        access_key_id: given.access_key_id,
        secret: Secret::new(given.secret_access_key),
        session_token: given.session_token.filter(|token| !token.is_empty()).map(Secret::new),
        expires_at: given.expires_in.and_then(time),
    }
}

pub(super) fn from_aliyun(given: reqsign_aliyun_oss::Credential) -> Credentials {
    Credentials {
        access_key_id: given.access_key_id,
        secret: Secret::new(given.access_key_secret),
        session_token: given.security_token.filter(|token| !token.is_empty()).map(Secret::new),
        expires_at: given.expires_in.and_then(time),
    }
}

/// For the signer of STS requests, which drops it at once. The expiry stays with us: its clock is not ours.
pub(super) fn to_aws(keys: &Credentials) -> reqsign_aws_v4::Credential {
    reqsign_aws_v4::Credential {
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret.expose().to_owned(),
        session_token: keys.session_token.as_ref().map(|token| token.expose().to_owned()),
        expires_in: None,
    }
}

fn time(time: reqsign_core::time::Timestamp) -> Option<Timestamp> {
    Timestamp::from_second(time.as_second()).ok()
}

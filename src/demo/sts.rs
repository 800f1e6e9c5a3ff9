//! STS GetCallerIdentity of both clouds.
//!
//! Comes in: who signed, or why the signature was refused. Goes out: AWS's query-protocol XML, Alibaba Cloud's RPC JSON.

use super::answer::{Answer, Exchange, Fault};
use super::verify::Refusal;
use super::world::Account;
use super::xml::Document;
use crate::domain::Provider;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Who the keys belong to.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>,
/// <https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity>
pub(super) fn identity(exchange: &Exchange<'_>, account: &Account) -> Answer {
    let user = user_id(account);
    match exchange.cloud {
        Provider::S3 => {
            let mut document = Document::new("GetCallerIdentityResponse", Some(NAMESPACE));
            document.inside("GetCallerIdentityResult", |result| {
                result.leaf("Arn", account.arn).leaf("UserId", &user).leaf("Account", account.id);
            });
            document.inside("ResponseMetadata", |metadata| {
                metadata.leaf("RequestId", &exchange.request_id());
            });
            Answer::xml(200, document.end())
        }
        Provider::Oss => {
            let kind = if account.arn.contains(":assumed-role/") { "AssumedRoleUser" } else { "RAMUser" };
            json(
                200,
                &[
                    ("IdentityType", kind),
                    ("RequestId", &exchange.request_id()),
                    ("AccountId", account.id),
                    ("PrincipalId", &user),
                    ("UserId", &user),
                    ("Arn", account.arn),
                ],
            )
        }
    }
}

/// The id of the user, or of the role with its session.
fn user_id(account: &Account) -> String {
    let session = account.arn.split('/').nth(2).map(|session| format!(":{session}")).unwrap_or_default();
    match account.cloud {
        Provider::S3 if session.is_empty() => format!("AIDADEMO{}", account.id),
        Provider::S3 => format!("AROADEMO{}{session}", account.id),
        Provider::Oss => format!("3{}{session}", &account.id[..8]),
    }
}

/// A refusal in STS's own form.
pub(super) fn refuse(exchange: &Exchange<'_>, fault: &Fault, refusal: Option<&Refusal>) -> Answer {
    match exchange.cloud {
        Provider::S3 => {
            let (status, code) = match refusal {
                Some(Refusal::UnknownKey(_) | Refusal::WrongToken(_) | Refusal::TokenForLongLivedKey(_)) => (403, "InvalidClientTokenId"),
                Some(Refusal::ExpiredToken(_)) => (403, "ExpiredToken"),
                Some(Refusal::Skewed(_)) => (403, "SignatureDoesNotMatch"),
                None => (403, "MissingAuthenticationToken"),
                Some(_) => (fault.status, fault.code),
            };
            let mut document = Document::new("ErrorResponse", Some(NAMESPACE));
            document.inside("Error", |error| {
                error.leaf("Type", "Sender").leaf("Code", code).leaf("Message", &fault.message);
            });
            document.leaf("RequestId", &exchange.request_id());
            Answer { headers: vec![("content-type".to_owned(), "text/xml".to_owned())], ..Answer::xml(status, document.end()) }
        }
        Provider::Oss => {
            let (status, code) = match refusal {
                Some(Refusal::UnknownKey(_) | Refusal::TokenForLongLivedKey(_)) => (404, "InvalidAccessKeyId.NotFound"),
                Some(Refusal::WrongToken(_)) => (400, "InvalidSecurityToken.Malformed"),
                Some(Refusal::ExpiredToken(_)) => (400, "InvalidSecurityToken.Expired"),
                Some(Refusal::Skewed(_)) => (400, "InvalidTimeStamp.Expired"),
                Some(Refusal::Mismatch(_)) => (400, "SignatureDoesNotMatch"),
                None => (400, "MissingAccessKeyId"),
                Some(_) => (400, fault.code),
            };
            json(status, &[("RequestId", &exchange.request_id()), ("Code", code), ("Message", &fault.message)])
        }
    }
}

fn json(status: u16, pairs: &[(&str, &str)]) -> Answer {
    let object: serde_json::Map<String, serde_json::Value> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), serde_json::Value::from(*value))).collect();
    let headers = vec![("content-type".to_owned(), "application/json;charset=utf-8".to_owned())];
    Answer { status, headers, body: serde_json::Value::Object(object).to_string().into() }
}

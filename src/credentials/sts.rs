//! AssumeRole on both clouds, with the keys of another account.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use quick_xml::Reader;
use quick_xml::events::Event;
use reqsign_aliyun_oss::{AssumeRoleCredentialProvider, StaticCredentialProvider};
use reqsign_aws_v4::RequestSigner;
use reqsign_core::hash::hex_sha256;
use reqsign_core::{Context, ProvideCredential, SignRequest};

use super::convert;
use super::trouble::{Found, Trouble, said, secrets_of};
use crate::domain::{Credentials, Secret};

/// How a role is assumed, beside its name.
#[derive(Clone, Default)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session_name: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) duration_seconds: Option<String>,
}

/// The name of our sessions, which the cloud's audit log shows.
const SESSION: &str = "whopays";

/// AssumeRole at AWS or at a store that speaks its STS. `endpoint` is `scheme://host[:port][/base]`.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(super) async fn assume_aws(context: &Context, endpoint: &str, region: &str, role: &Role, keys: &Credentials) -> Found<Credentials> {
    let subject = format!("role {}", said(&role.arn, &[]));
    let request = aws_request(context, endpoint, region, role, keys).await.map_err(|error| {
        Trouble::from_provider(&subject, &error, &secrets_of(keys), "Check the role's ARN, the region and `sts_endpoint`.")
    })?;
    let response = context.http_send(request).await.map_err(|error| {
        Trouble::from_provider(&format!("{subject}: STS"), &error, &secrets_of(keys), "Check the network, and `sts_endpoint` if it is set.")
    })?;
    let elements = elements(response.body());
    let element = |name: &str| elements.iter().find(|(element, _)| element == name).map(|(_, text)| text.as_str());
    if response.status() != StatusCode::OK {
        let code = element("Code").unwrap_or("no code");
        let what = format!("{code}: {}", element("Message").unwrap_or("no message"));
        return Err(Trouble::new(
            format!("{subject}: STS answered {} {}", response.status().as_u16(), said(&what, &secrets_of(keys))),
            refusal_hint(code),
        ));
    }
    let missing = || Trouble::new(format!("{subject}: the answer of STS holds no keys"), "Check that `sts_endpoint` is an STS.");
    let is_answer = elements.first().is_some_and(|(root, _)| root == "AssumeRoleResponse");
    let id = element("AccessKeyId").filter(|id| is_answer && !id.is_empty()).ok_or_else(missing)?;
    let secret = element("SecretAccessKey").filter(|secret| !secret.is_empty()).ok_or_else(missing)?;
    let token = element("SessionToken").filter(|token| !token.is_empty()).ok_or_else(missing)?;
    let expires_at = element("Expiration").and_then(|text| text.parse().ok()).ok_or_else(missing)?;
    Ok(Credentials {
        access_key_id: id.to_owned(),
        secret: Secret::new(secret.to_owned()),
        session_token: Some(Secret::new(token.to_owned())),
        expires_at: Some(expires_at),
    })
}

fn refusal_hint(code: &str) -> &'static str {
    match code {
        "AccessDenied" | "NoPermission" => {
            "Let the role's trust policy name the source account's user, and that user may call sts:AssumeRole."
        }
        "ExpiredToken" | "ExpiredTokenException" | "InvalidSecurityToken.Expired" => "Renew the keys of the source account.",
        "InvalidClientTokenId" | "InvalidAccessKeyId.NotFound" => "Check the keys of the source account: STS does not know them.",
        "SignatureDoesNotMatch" => "Check the secret of the source account and this machine's clock.",
        "EntityNotExist.Role" => "Check the role's ARN: there is no such role.",
        _ => "Check the role's ARN, its trust policy and the keys of the source account.",
    }
}

async fn aws_request(
    context: &Context,
    endpoint: &str,
    region: &str,
    role: &Role,
    keys: &Credentials,
) -> reqsign_core::Result<Request<Bytes>> {
    let duration = role.duration_seconds.as_deref().unwrap_or("3600");
    let mut form = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleArn={}&RoleSessionName={}&DurationSeconds={}",
        encode(&role.arn),
        encode(role.session_name.as_deref().unwrap_or(SESSION)),
        encode(duration)
    );
    if let Some(external_id) = &role.external_id {
        form.push_str(&format!("&ExternalId={}", encode(external_id)));
    }
    let body = Bytes::from(form);
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("{}/", endpoint.trim_end_matches('/')))
        .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("x-amz-content-sha256", hex_sha256(&body))
        .body(body)?;
    let (mut head, body) = request.into_parts();
    let keys = convert::to_aws(keys);
    RequestSigner::new("sts", region).sign_request(context, &mut head, Some(&keys), None).await?;
    Ok(Request::from_parts(head, body))
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// AWS's own STS for a region.
pub(super) fn aws_endpoint(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://sts.{region}.{suffix}")
}

/// AssumeRole at Alibaba Cloud.
///
/// <https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole>
pub(super) async fn assume_aliyun(context: &Context, endpoint: &str, role: &Role, keys: &Credentials) -> Found<Credentials> {
    let subject = format!("role {}", said(&role.arn, &[]));
    let mut base = StaticCredentialProvider::new(&keys.access_key_id, keys.secret.expose());
    if let Some(token) = &keys.session_token {
        base = base.with_security_token(token.expose());
    }
    let mut provider = AssumeRoleCredentialProvider::new()
        .with_base_provider(base)
        .with_role_arn(role.arn.as_str())
        .with_role_session_name(role.session_name.as_deref().unwrap_or(SESSION))
        .with_sts_endpoint(endpoint);
    if let Some(external_id) = &role.external_id {
        provider = provider.with_external_id(external_id.as_str());
    }
    match provider.provide_credential(context).await {
        Ok(Some(given)) if !given.access_key_id.is_empty() && !given.access_key_secret.is_empty() => Ok(convert::from_aliyun(given)),
        Ok(_) => Err(Trouble::new(format!("{subject}: the answer of STS holds no keys"), "Check that `sts_endpoint` is an STS.")),
        Err(error) => Err(aliyun_refusal(&subject, &error, keys)),
    }
}

/// The provider's error quotes the whole answer; only its code and message are shown.
fn aliyun_refusal(subject: &str, error: &reqsign_core::Error, keys: &Credentials) -> Trouble {
    let text = error.to_string();
    let answer = text.find('{').and_then(|start| serde_json::from_str::<serde_json::Value>(&text[start..]).ok());
    let field = |name: &str| answer.as_ref()?.get(name)?.as_str().map(str::to_owned);
    match (field("Code"), field("Message")) {
        (Some(code), message) => {
            let what = format!("{code}: {}", message.unwrap_or_default());
            Trouble::new(format!("{subject}: STS answered {}", said(&what, &secrets_of(keys))), refusal_hint(&code))
        }
        (None, _) => {
            let short = text.split(['{', '<']).next().unwrap_or_default().trim_end_matches([':', ' ']).to_owned();
            let what = format!("{subject}: {}", said(&short, &secrets_of(keys)));
            Trouble::new(what, "Check the network, and `sts_endpoint` if it is set.")
        }
    }
}

/// Every element's local name with its text, in document order: the root first.
fn elements(body: &[u8]) -> Vec<(String, zeroize::Zeroizing<String>)> {
    let mut reader = Reader::from_reader(body);
    let mut elements: Vec<(String, zeroize::Zeroizing<String>)> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut buffer = Vec::new();
    while elements.len() < 100 {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) => {
                open.push(elements.len());
                elements.push((start.local_name().as_ref().to_owned(), String::new().into()));
            }
            Ok(Event::End(_)) => drop(open.pop()),
            Ok(Event::Text(text)) => {
                if let Some(element) = open.last().and_then(|index| elements.get_mut(*index)) {
                    element.1.push_str(text.trim());
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        buffer.clear();
    }
    elements
}

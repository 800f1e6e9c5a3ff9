//! Answers that refuse: error documents of both clouds, answers without a body, and answers that are none.
//!
//! Comes in: status, headers, body. Goes out: an [`Error`] with everything an operator needs. Forbidden here: copying what
//! echoes a request (StringToSign, CanonicalRequest, tokens): only the elements named below are read.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::address::is_region;
use super::asked::Asked;
use super::catalogue::{self, Meaning};
use super::{Answer, dialect, xml};
use crate::doctor::redact::without_secrets;
use crate::domain::escape::visible;
use crate::domain::{Error, ErrorKind, Provider, Refused, Site, StoreAnswer};

/// How much of a text from a store is kept.
const LONGEST_MESSAGE: usize = 600;
const LONGEST_FIELD: usize = 300;
/// How many fields of a denial are kept: there are five.
const MOST_DETAILS: usize = 12;

/// What a store said, and the names that only choose the hint.
#[derive(Default)]
pub(super) struct Told {
    /// Everything that is shown.
    pub(super) answer: StoreAnswer,
    /// `BucketName` of the document: some stores put the host name there when they do not know it as their own.
    pub(super) bucket_name: Option<String>,
    /// The media type, for answers that were not written by a store.
    pub(super) content_type: String,
}

/// The error for an answer that refuses.
pub(super) fn from_answer(site: &Site, call: &dyn Asked, answer: &Answer) -> Error {
    let told = read(site.provider, answer);
    let Meaning { kind, text, hint } = catalogue::meaning(site, call, &told);
    let mut error = Error::new(kind, format!("{}: {text}", call.subject())).answer(told.answer);
    if !hint.is_empty() {
        error = error.hint(hint);
    }
    error
}

/// The request that an answer is about.
pub(super) fn refused(site: &Site, call: &dyn Asked) -> Refused {
    Refused {
        provider: site.provider,
        op: call.op(),
        action: call.action(site.provider),
        subject: call.subject(),
        region: site.region.clone(),
        endpoint: site.endpoint.clone(),
        sender: None,
    }
}

/// The error for a 2xx answer that is not the expected document.
pub(super) fn invalid_reply(call: &dyn Asked, answer: &Answer, why: &str) -> Error {
    let content_type = header(&answer.headers, "content-type").unwrap_or_else(|| "no content type".to_owned());
    let start = beginning(&answer.body);
    let why = if is_web_page(&content_type, &start) { "it is a web page" } else { why };
    let body = if start.is_empty() { "an empty body".to_owned() } else { format!("it begins with \"{start}\"") };
    let message = format!("{}: the answer is not what the protocol promises: {why}; {}, {body}", call.subject(), visible(&content_type));
    Error::new(super::answer::NOT_AN_ANSWER, message)
        .hint("Check `endpoint`, and whether a proxy or a login page answers in place of the store.")
        .answer(read_headers(answer))
}

/// The error for a store that answers `?requestPayment` with something else.
pub(super) fn no_request_payment(call: &dyn Asked, answer: &Answer) -> Error {
    Error::new(ErrorKind::Unsupported, format!("{}: this store does not implement request payment", call.subject()))
        .hint("Treat the bucket as one whose owner pays: the store ignores the setting.")
        .answer(read_headers(answer))
}

/// The error for a store that answers a question about a setting with something else: it ignores the question.
pub(super) fn no_such_setting(site: &Site, call: &dyn Asked, answer: &Answer) -> Error {
    let name = call.op().name(site.provider);
    Error::new(ErrorKind::Unsupported, format!("{}: this store does not answer {name}", call.subject()))
        .hint("Do without it here: this store does not implement it.")
        .answer(read_headers(answer))
}

/// What portals, login pages and proxies answer.
fn is_web_page(content_type: &str, start: &str) -> bool {
    let start = start.to_ascii_lowercase();
    content_type.starts_with("text/html") || start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// The first characters of a body, escaped.
fn beginning(body: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(&body[..body.len().min(240)]).chars().take(60).collect();
    visible(text.trim()).into_owned()
}

/// Reads what the store said, from document and headers.
pub(super) fn read(provider: Provider, answer: &Answer) -> Told {
    let mut told = Told { answer: read_headers(answer), ..Told::default() };
    told.content_type = header(&answer.headers, "content-type").unwrap_or_default();
    let hidden = header(&answer.headers, "x-oss-err").and_then(|text| STANDARD.decode(text).ok());
    let body: &[u8] = if answer.body.is_empty() { hidden.as_deref().unwrap_or_default() } else { &answer.body };
    if let Some(members) = json_members(body) {
        for (name, value) in &members {
            told.take(&[name], value);
        }
    } else {
        // A document that breaks off still tells what stood before the break.
        let _ = xml::read(body, |path, text| {
            if let ["Error" | "ErrorResponse", fields @ ..] = path {
                told.take(fields, xml::trimmed(text));
            }
        });
    }
    told.finish(provider);
    told
}

impl Told {
    fn take(&mut self, path: &[&str], text: &str) {
        let text = without_secrets(text);
        let text = text.as_str();
        let path = path.strip_prefix(&["Error"]).unwrap_or(path);
        let field = || Some(cut(text, LONGEST_FIELD));
        match path {
            ["Code"] => self.answer.code = cut(text, LONGEST_FIELD),
            ["Message"] => self.answer.message = cut(text, LONGEST_MESSAGE),
            ["RequestId" | "RequestID"] => self.answer.request_id = field(),
            ["HostId"] => self.answer.host_id = field(),
            ["EC"] => self.answer.ec = field(),
            ["Endpoint"] => self.answer.endpoint = field(),
            ["Region"] => self.answer.region = field(),
            ["ServerTime"] => self.answer.server_time = text.parse().ok().or(self.answer.server_time),
            ["BucketName" | "Bucket"] => self.bucket_name = field(),
            ["RecommendDoc"] => self.answer.advice_host = host(text),
            // An encoded message that only its own account can read says nothing here.
            ["AccessDeniedDetail", "EncodedDiagnosticMessage"] => {}
            ["AccessDeniedDetail", name] if self.answer.denied_detail.len() < MOST_DETAILS => {
                self.answer.denied_detail.push((cut(name, 60), cut(text, LONGEST_FIELD)))
            }
            _ => {}
        }
    }

    /// Regions in one spelling, and only such as can be part of a host name.
    fn finish(&mut self, provider: Provider) {
        let spelled = |text: &str| Some(dialect::of(provider).location(text)).filter(|region| is_region(region));
        let from_endpoint = self.answer.endpoint.as_deref().and_then(|endpoint| region_in(provider, endpoint));
        self.answer.region = self.answer.region.as_deref().filter(|text| !text.is_empty()).and_then(spelled).or(from_endpoint);
    }
}

/// The region in the endpoint that an answer names: `oss-cn-beijing-internal.aliyuncs.com`, `b.s3.eu-west-1.amazonaws.com`.
fn region_in(provider: Provider, endpoint: &str) -> Option<String> {
    let labels: Vec<&str> = endpoint.split('.').collect();
    let region = match provider {
        Provider::Oss => {
            let label = labels.iter().rev().find_map(|label| label.strip_prefix("oss-"))?;
            label.strip_suffix("-internal").unwrap_or(label)
        }
        Provider::S3 => {
            let at = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-"))?;
            match labels[at].strip_prefix("s3-") {
                Some(region) => region,
                None => labels.get(at + 1).copied().filter(|next| next.contains('-'))?,
            }
        }
    };
    Some(region.to_owned()).filter(|region| is_region(region) && region != "accelerate" && !region.starts_with("accelerate-"))
}

/// What the headers alone say: all there is for an answer without a body.
fn read_headers(answer: &Answer) -> StoreAnswer {
    let headers = &answer.headers;
    let first = |names: &[&str]| names.iter().find_map(|name| header(headers, name)).map(|text| cut(&text, LONGEST_FIELD));
    let server_time = header(headers, "date").and_then(|text| http_time(&text));
    StoreAnswer {
        status: answer.status,
        request_id: request_id(headers).map(Cow::into_owned),
        host_id: first(&["x-amz-id-2"]),
        ec: first(&["x-oss-ec"]),
        region: first(&["x-amz-bucket-region", "x-oss-bucket-region"]).filter(|region| is_region(region)),
        retry_after_ms: retry_after(headers, server_time),
        server_time,
        ..StoreAnswer::default()
    }
}

/// The request id of either cloud's stores and STS.
pub(super) fn request_id(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    // Names that need not be made of a text for every answer.
    static NAMES: [HeaderName; 4] = [
        HeaderName::from_static("x-amz-request-id"),
        HeaderName::from_static("x-oss-request-id"),
        HeaderName::from_static("x-acs-request-id"),
        HeaderName::from_static("x-amzn-requestid"),
    ];
    NAMES.iter().find_map(|name| headers.get(name)).map(id_of)
}

/// An id as it is shown and kept.
pub(super) fn id_of(value: &HeaderValue) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(value.as_bytes());
    if text.len() <= LONGEST_FIELD { text } else { Cow::Owned(cut(&text, LONGEST_FIELD)) }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The host of an address that an answer recommends. Its path and query may hold anything.
fn host(address: &str) -> Option<String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    Some(host.to_owned()).filter(|host| !host.is_empty() && host.len() <= 253 && host.chars().all(fits))
}

fn http_time(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// How long the store asks to wait. Nonsense and times that are past ask for nothing.
fn retry_after(headers: &HeaderMap, server_time: Option<Timestamp>) -> Option<u64> {
    if let Some(milliseconds) = header(headers, "x-amz-retry-after").and_then(|text| text.trim().parse::<u64>().ok()) {
        return Some(milliseconds);
    }
    let text = header(headers, "retry-after")?;
    if let Ok(seconds) = text.trim().parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let wait = http_time(&text)?.as_millisecond().saturating_sub(server_time?.as_millisecond());
    u64::try_from(wait).ok()
}

/// The texts of a JSON object, one level deep: how Alibaba Cloud's STS answers.
pub(super) fn json_members(body: &[u8]) -> Option<Vec<(String, String)>> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return None;
    }
    let members: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
    Some(members.into_iter().filter_map(|(name, value)| value.as_str().map(|text| (name, text.to_owned()))).collect())
}

/// A text of at most that many bytes, cut between characters.
fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", &text[..end])
}

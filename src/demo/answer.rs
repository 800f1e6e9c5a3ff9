//! Answers, and refusals in each cloud's own words.
//!
//! Comes in: what an operation found, or a [`Fault`]. Goes out: status, headers, body, with the request ids and the error
//! document of the cloud that is being played.

use bytes::Bytes;

use super::codec;
use super::request::Incoming;
use super::xml::Document;
use crate::domain::Provider;

/// S3's XML namespace. OSS has none.
pub(super) const S3_NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// What goes back.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// Headers, names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// The body. For HEAD it is left out, and its length is said all the same.
    pub(super) body: Bytes,
}

impl Answer {
    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// An XML document.
    pub(super) fn xml(status: u16, document: String) -> Self {
        Self { status, headers: vec![("content-type".to_owned(), "application/xml".to_owned())], body: Bytes::from(document) }
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// A refusal, before it is put into a cloud's form.
#[derive(Clone, Debug)]
pub(super) struct Fault(Box<Told>);

/// What a refusal says.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// The status.
    pub(super) status: u16,
    /// The code.
    pub(super) code: &'static str,
    /// The message.
    pub(super) message: String,
    /// More elements of the error document.
    details: Vec<(&'static str, String)>,
    /// OSS's `EC`.
    ec: Option<&'static str>,
    /// More headers.
    headers: Vec<(String, String)>,
    /// `AccessDeniedDetail` of OSS: action and kind of denial.
    denied: Option<(String, &'static str)>,
}

impl std::ops::Deref for Fault {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

impl Fault {
    /// A refusal.
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Told { status, code, message: message.into(), ..Told::default() }))
    }

    /// S3's and OSS's `AccessDenied`.
    pub(super) fn denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    /// The same with one more element.
    pub(super) fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.details.push((name, value.into()));
        self
    }

    /// The same with OSS's machine code.
    pub(super) fn ec(mut self, ec: &'static str) -> Self {
        self.0.ec = Some(ec);
        self
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with OSS's reason for a denial.
    pub(super) fn because(mut self, action: String, kind: &'static str) -> Self {
        self.0.denied = Some((action, kind));
        self
    }
}

/// Neither cloud's store offers everything; this one offers less.
pub(super) fn not_implemented(cloud: Provider) -> Fault {
    match cloud {
        Provider::S3 => Fault::new(501, "NotImplemented", "A header you provided implies functionality that is not implemented."),
        Provider::Oss => Fault::new(501, "NotImplemented", "The operation is not implemented.").ec("0017-00000001"),
    }
}

/// Ids of one exchange: counted, in each cloud's form.
#[derive(Clone, Copy)]
pub(super) struct Exchange<'a> {
    /// The cloud that answers.
    pub(super) cloud: Provider,
    /// The how-manieth request this is.
    pub(super) number: u64,
    /// What came.
    pub(super) request: &'a Incoming,
}

impl Exchange<'_> {
    /// The request id as the cloud would write it.
    pub(super) fn request_id(&self) -> String {
        match self.cloud {
            Provider::S3 => format!("DEMO{:012X}", self.number),
            Provider::Oss => format!("65D3{:020X}", self.number),
        }
    }

    fn host_id(&self) -> String {
        match self.cloud {
            Provider::S3 => codec::base64(format!("whopays demo store, answer number {:012}", self.number).as_bytes()),
            Provider::Oss => self.request.header("host").unwrap_or_default().to_owned(),
        }
    }

    /// Puts a refusal into the cloud's form.
    pub(super) fn refuse(&self, fault: &Fault) -> Answer {
        let document = self.document(fault);
        let mut answer = Answer::xml(fault.status, document.clone());
        answer.headers.extend(fault.headers.iter().cloned());
        if let (Provider::Oss, Some(ec)) = (self.cloud, fault.ec) {
            answer = answer.with("x-oss-ec", ec);
            if self.request.method == "HEAD" {
                answer = answer.with("x-oss-err", codec::base64(document.as_bytes()));
            }
        }
        answer
    }

    fn document(&self, fault: &Fault) -> String {
        let mut document = Document::new("Error", None);
        document.leaf("Code", fault.code).leaf("Message", &fault.message);
        for (name, value) in &fault.details {
            document.leaf(name, value);
        }
        document.leaf("RequestId", &self.request_id()).leaf("HostId", &self.host_id());
        if let (Provider::Oss, Some((action, kind))) = (self.cloud, &fault.denied) {
            document.inside("AccessDeniedDetail", |inside| {
                inside.leaf("AuthAction", action).leaf("NoPermissionType", kind);
            });
        }
        if let (Provider::Oss, Some(ec)) = (self.cloud, fault.ec) {
            document.leaf("EC", ec).leaf("RecommendDoc", &format!("https://api.alibabacloud.com/troubleshoot?q={ec}"));
        }
        document.end()
    }

    /// Adds what every answer carries, and takes the body off a HEAD (its length stays).
    pub(super) fn seal(&self, mut answer: Answer) -> Answer {
        let (id, server) = match self.cloud {
            Provider::S3 => ("x-amz-request-id", "AmazonS3"),
            Provider::Oss => ("x-oss-request-id", "AliyunOSS"),
        };
        answer = answer.with(id, self.request_id()).with("server", server).with("date", codec::http_date(self.request.now));
        if self.cloud == Provider::S3 {
            answer = answer.with("x-amz-id-2", self.host_id());
        }
        if self.request.method == "HEAD" {
            // An error's document is not announced: its length would be that of a body nobody may send.
            let length = if answer.status < 300 { answer.body.len() } else { 0 };
            answer.headers.retain(|(name, _)| answer.status < 300 || name != "content-type");
            answer.body = Bytes::new();
            return answer.with("content-length", length.to_string());
        }
        let length = answer.body.len();
        if matches!(answer.status, 204 | 304) { answer } else { answer.with("content-length", length.to_string()) }
    }
}

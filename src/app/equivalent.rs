//! What the vendors' own tools would be told: a command of `aws` or `ossutil`, or a block of Terraform.
//!
//! Comes in: a bucket as an account sees it. Goes out: text to paste. A pasted line does what it shows, whatever a key holds: every
//! word is quoted for a shell, no key can be taken for an option or for the name of a file to read.

use crate::domain::{Consent, Payer, Provider};

/// A bucket, and how its account comes to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Equivalent<'a> {
    pub(crate) provider: Provider,
    pub(crate) bucket: &'a str,
    pub(crate) region: &'a str,
    /// Of a store of one's own.
    pub(crate) endpoint: Option<&'a str>,
    /// Of the tool's own files, where the account's keys come from there.
    pub(crate) profile: Option<&'a str>,
    /// The payer is in the commands where the user's word is given, as it is in the console's own requests.
    pub(crate) consent: Consent,
}

impl Equivalent<'_> {
    /// Reads the payer.
    pub(crate) fn read_payer(&self) -> String {
        self.api("get-bucket-request-payment", "")
    }

    /// Changes the payer.
    pub(crate) fn change_payer(&self, to: &Payer) -> String {
        let value = match self.provider {
            Provider::S3 => format!("Payer={to}"),
            Provider::Oss => format!("{{\"Payer\":\"{to}\"}}"),
        };
        self.api("put-bucket-request-payment", &format!(" --request-payment-configuration {}", quoted(&value)))
    }

    /// Gets an object; `aws` puts it into this file.
    pub(crate) fn get(&self, key: &str, file: &str) -> String {
        if reads_a_file(key) {
            return self.high("cp", key, &format!(" {}", quoted(file)));
        }
        match self.provider {
            Provider::S3 => self.api("get-object", &format!(" --key={}{}", quoted(key), self.payer())) + " " + &quoted(file),
            Provider::Oss => self.api("get-object", &format!(" --key={}{}", quoted(key), self.payer())),
        }
    }

    /// Lists a prefix.
    pub(crate) fn list(&self, prefix: &str) -> String {
        if reads_a_file(prefix) {
            return self.high("ls", prefix, "");
        }
        self.api("list-objects-v2", &format!(" --prefix={} --delimiter=/{}", quoted(prefix), self.payer()))
    }

    /// Aborts a multipart upload; `None` where the key cannot be said.
    pub(crate) fn abort(&self, key: &str, upload: &str) -> Option<String> {
        if reads_a_file(key) || reads_a_file(upload) {
            return None;
        }
        let more = format!(" --key={} --upload-id={}{}", quoted(key), quoted(upload), self.payer());
        Some(self.api("abort-multipart-upload", &more))
    }

    /// The bucket's payer, declared.
    pub(crate) fn terraform(&self, payer: &Payer) -> String {
        let resource = match self.provider {
            Provider::S3 => "aws_s3_bucket_request_payment_configuration",
            Provider::Oss => "alicloud_oss_bucket_request_payment",
        };
        let (name, bucket) = (identifier(self.bucket), self.bucket);
        let mut about = format!("# provider: region {}", self.region);
        for (word, value) in [("endpoint", self.endpoint), ("profile", self.profile)] {
            value.into_iter().for_each(|value| about.push_str(&format!(", {word} {value}")));
        }
        let about: String = about.chars().filter(|c| !c.is_control()).collect();
        format!("{about}\nresource \"{resource}\" \"{name}\" {{\n  bucket = \"{bucket}\"\n  payer  = \"{payer}\"\n}}\n")
    }

    fn payer(&self) -> &'static str {
        match self.consent {
            Consent::Given => " --request-payer requester",
            Consent::Silent | Consent::Refused => "",
        }
    }

    /// A command of the tool's lower half, one request each.
    fn api(&self, operation: &str, more: &str) -> String {
        let tool = match self.provider {
            Provider::S3 => "aws s3api",
            Provider::Oss => "ossutil api",
        };
        format!("{tool} {operation} --bucket {}{more}{}", self.bucket, self.way())
    }

    /// A command of the tool's upper half, in which a key never stands alone.
    fn high(&self, verb: &str, key: &str, more: &str) -> String {
        let (tool, scheme) = match self.provider {
            Provider::S3 => ("aws s3", "s3"),
            Provider::Oss => ("ossutil", "oss"),
        };
        format!("{tool} {verb} {}{more}{}{}", quoted(&format!("{scheme}://{}/{key}", self.bucket)), self.payer(), self.way())
    }

    fn way(&self) -> String {
        let endpoint = match self.provider {
            Provider::S3 => "--endpoint-url",
            Provider::Oss => "--endpoint",
        };
        let mut text = format!(" --region {}", quoted(self.region));
        for (flag, value) in [(endpoint, self.endpoint), ("--profile", self.profile)] {
            value.into_iter().for_each(|value| text.push_str(&format!(" {flag} {}", quoted(value))));
        }
        text
    }
}

/// Both tools take a value that begins like this for the name of a local file, and send what the file holds. The first version of
/// `aws` asks the web for the others.
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html>
fn reads_a_file(value: &str) -> bool {
    ["file://", "fileb://", "http://", "https://"].iter().any(|scheme| value.starts_with(scheme))
}

/// Terraform's names have letters, digits, `_` and `-`, and begin with a letter.
fn identifier(bucket: &str) -> String {
    let name = bucket.replace('.', "_");
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("bucket_{name}") }
}

/// Quotes for a shell what a shell would read; a pasted line must do what it shows.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
#[path = "equivalent_tests.rs"]
mod tests;

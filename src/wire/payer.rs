//! The payer header: the one place that adds it.
//!
//! Comes in: a draft and the user's word. Goes out: the draft, with exactly one payer header if the user consented and the
//! operation takes it. Forbidden here: asking anything but the operation table.

use super::Draft;
use crate::domain::{Consent, Provider};

/// The header's only legal value.
const VALUE: &str = "requester";

/// The header's name at a provider: header of a request, query item of a presigned URL.
pub fn header_name(provider: Provider) -> &'static str {
    match provider {
        Provider::S3 => "x-amz-request-payer",
        Provider::Oss => "x-oss-request-payer",
    }
}

/// Adds the payer header to a draft, with consent, for operations that take it.
pub fn apply(provider: Provider, consent: Consent, draft: &mut Draft) {
    let name = header_name(provider);
    draft.headers.retain(|(header, _)| header != name);
    match consent {
        Consent::Given if draft.op.takes_payer(provider) => draft.headers.push((name.into(), VALUE.into())),
        Consent::Given | Consent::Silent | Consent::Refused => {}
    }
}

//! Where something is done, and on whose word.

use serde::{Deserialize, Serialize};

use super::{BucketId, Consent};

/// A bucket and the region it is thought to be in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The bucket, seen from its account.
    pub id: BucketId,
    /// Its region, where known.
    pub region: Option<String>,
    /// Its owner's account id as the config names it: guards the request.
    pub expected_owner: Option<String>,
}

/// A bucket to act on, and the user's word on paying for it: what every request about objects needs beside its arguments.
///
/// The word belongs to this bucket alone: whoever goes on to another one makes another of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acting {
    /// Where.
    pub place: Place,
    /// On whose word.
    pub consent: Consent,
}

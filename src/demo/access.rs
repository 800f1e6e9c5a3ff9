//! Who may do what, and who pays for it.
//!
//! Comes in: the operation, the bucket, who asks, whether the payer marker came. Goes out: a [`Standing`], or the refusal in
//! the cloud's own words. The rules are those of the vendors' pages on requester-pays buckets:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html>,
//! <https://www.alibabacloud.com/help/en/oss/user-guide/pay-by-requester>

use super::answer::Fault;
use super::mood::{Mood, Rule};
use super::request::Incoming;
use super::state::Bucket;
use super::verify::Scheme;
use super::world::{Account, Habit, REQUESTER, Share};
use crate::domain::op::{Caller, Effect};
use crate::domain::{Op, Provider};

/// How a request is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The owner asks, or pays.
    OwnerPays,
    /// The requester said that they pay, and does.
    RequesterPays,
}

impl Standing {
    /// One request at two buckets: it is the requester's if one side is.
    pub(super) fn with(self, other: Option<Self>) -> Self {
        match (self, other) {
            (Self::RequesterPays, _) | (_, Some(Self::RequesterPays)) => Self::RequesterPays,
            (Self::OwnerPays, Some(Self::OwnerPays) | None) => Self::OwnerPays,
        }
    }
}

/// A request before a bucket's door.
pub(super) struct Visit<'a> {
    /// The cloud that is played.
    pub(super) cloud: Provider,
    /// What is asked.
    pub(super) op: Op,
    /// Who asks; `None`: anonymous.
    pub(super) account: Option<&'static Account>,
    /// The request itself.
    pub(super) request: &'a Incoming,
    /// The bucket.
    pub(super) bucket: &'a Bucket,
}

/// The payer markers of a request: headers and query items, with names and values.
pub(super) fn markers(request: &Incoming) -> Vec<(String, String)> {
    let named = |name: &str| name == "x-amz-request-payer" || name == "x-oss-request-payer";
    let headers = request.headers.iter().filter(|(name, _)| named(name)).cloned();
    headers.chain(request.query().into_iter().filter(|(name, _)| named(&name.to_ascii_lowercase()))).collect()
}

impl Visit<'_> {
    /// Decides.
    pub(super) fn standing(&self) -> Result<Standing, Fault> {
        self.expected_owner()?;
        let owner = self.account.is_some_and(|account| account.id == self.bucket.owner.id);
        if owner {
            return self.policy().map(|()| Standing::OwnerPays);
        }
        // A store without the setting has nobody whom it would keep from reading it.
        if self.op == Op::GetBucketRequestPayment && matches!(self.bucket.mood, Mood::Lying | Mood::Lacking) {
            return Ok(Standing::OwnerPays);
        }
        if self.op.row().caller == Caller::OwnerOnly {
            return Err(self.not_the_owner());
        }
        let standing = self.payer()?;
        if self.shared() { Ok(standing) } else { Err(self.no_right()) }
    }

    /// Decides about reading what a copy is made of: who may, and who pays.
    pub(super) fn reading(&self) -> Result<Standing, Fault> {
        let expected = self.request.header("x-amz-source-expected-bucket-owner").filter(|_| self.cloud == Provider::S3);
        if expected.is_some_and(|id| id != self.bucket.owner.id) {
            return Err(Fault::denied("Access Denied"));
        }
        if self.account.is_some_and(|account| account.id == self.bucket.owner.id) {
            return Ok(Standing::OwnerPays);
        }
        let standing = self.payer()?;
        if self.shared() { Ok(standing) } else { Err(self.no_right()) }
    }

    /// `x-amz-expected-bucket-owner` must be the owner's account id.
    fn expected_owner(&self) -> Result<(), Fault> {
        match self.request.header("x-amz-expected-bucket-owner") {
            Some(id) if self.cloud == Provider::S3 && id != self.bucket.owner.id => Err(Fault::denied("Access Denied")),
            Some(_) | None => Ok(()),
        }
    }

    /// A bucket policy may deny the payer setting to the owner's own users.
    fn policy(&self) -> Result<(), Fault> {
        if self.bucket.habit != Habit::Denies || !matches!(self.op, Op::GetBucketRequestPayment | Op::PutBucketRequestPayment) {
            return Ok(());
        }
        let action = self.op.row().name;
        match self.cloud {
            Provider::S3 => Err(Fault::denied(format!(
                "User: {} is not authorized to perform: s3:{action} on resource: \"arn:aws:s3:::{}\" with an explicit deny in a resource-based policy",
                self.bucket.owner.arn, self.bucket.name
            ))),
            Provider::Oss => {
                Err(Fault::denied("Access denied by bucket policy.").because(format!("oss:{action}"), "ExplicitDeny").ec("0003-00000101"))
            }
        }
    }

    fn not_the_owner(&self) -> Fault {
        match self.cloud {
            Provider::S3 => Fault::denied("Access Denied"),
            Provider::Oss => Fault::denied("The bucket you access does not belong to you.").ec("0003-00000001"),
        }
    }

    /// The rule of requester-pays buckets.
    fn payer(&self) -> Result<Standing, Fault> {
        let rule = self.bucket.mood.rule();
        if self.bucket.payer(self.request.now) != REQUESTER || rule == Rule::Nothing {
            return Ok(Standing::OwnerPays);
        }
        let name = match self.cloud {
            Provider::S3 => "x-amz-request-payer",
            Provider::Oss => "x-oss-request-payer",
        };
        let marked = markers(self.request).iter().any(|(each, value)| each.eq_ignore_ascii_case(name) && value == "requester");
        match (self.account, marked) {
            (Some(_), true) => Ok(Standing::RequesterPays),
            (Some(_), false) | (None, _) if rule == Rule::ChargeOnly => Ok(Standing::OwnerPays),
            (Some(_), false) | (None, _) => Err(self.unmarked()),
        }
    }

    fn unmarked(&self) -> Fault {
        match (self.cloud, self.account) {
            (Provider::S3, None) => {
                Fault::denied("Anonymous users cannot invoke requests against Requester Pays buckets. Please authenticate.")
            }
            (Provider::S3, Some(_)) => Fault::denied("Access Denied"),
            (Provider::Oss, account) => {
                let ec = match (account, Scheme::of(self.request).is_presigned()) {
                    (None, _) => "0003-00000701",
                    (Some(_), true) => "0003-00000702",
                    (Some(_), false) => "0003-00000703",
                };
                Fault::denied("Access denied for requester pay bucket").ec(ec)
            }
        }
    }

    /// Whether the bucket is shared with who asks, for what they ask.
    fn shared(&self) -> bool {
        match self.bucket.share {
            Share::Private => false,
            // An access list is read by whom it names, not by everybody.
            Share::PublicRead => self.op.row().effect == Effect::Reads && self.op != Op::GetObjectAcl,
            Share::With(name) => self.account.is_some_and(|account| account.name == name),
        }
    }

    fn no_right(&self) -> Fault {
        match (self.cloud, self.account) {
            (Provider::S3, _) => Fault::denied("Access Denied"),
            (Provider::Oss, None) => Fault::denied("Anonymous user has no right to access this bucket.").ec("0003-00000001"),
            (Provider::Oss, Some(_)) => Fault::denied("You have no right to access this object because of bucket acl.")
                .because(format!("oss:{}", self.op.name(Provider::Oss)), "ImplicitDeny")
                .ec("0003-00000001"),
        }
    }
}

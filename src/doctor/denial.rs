//! What a store says of a denial: who may not do what, because of which policy. S3 writes it into the message, OSS into
//! `AccessDeniedDetail`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>,
//! <https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-decodediagnosticmessage>
//!
//! Comes in: an answer. Goes out: a [`Denial`], if it says anything. Forbidden here: guesses.

use crate::domain::StoreAnswer;

/// A denial in the store's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Who: an ARN, or the kind and account of a principal.
    pub who: Option<String>,
    /// The permission, as the cloud spells it.
    pub action: Option<String>,
    /// On what.
    pub resource: Option<String>,
    /// By name, or because nothing allows it.
    pub deny: Option<Deny>,
    /// Which kind of policy.
    pub policy: Option<Policy>,
}

/// The two ways of being denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deny {
    /// A policy says no.
    Explicit,
    /// No policy says yes.
    Implicit,
}

/// The kinds of policies, by who can change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Of the user or role.
    Identity,
    /// Of the bucket.
    Bucket,
    /// Of the organization, for its accounts.
    ServiceControl,
    /// Of the organization, for its resources.
    ResourceControl,
    /// The limit of what a user or role can ever be allowed.
    Boundary,
    /// Of the session that a role was assumed for.
    Session,
    /// Of the network's way to the store.
    Endpoint,
    /// Of the role: who may assume it.
    Trust,
}

/// How S3 and OSS call the kinds. The longer of two that begin alike stands first.
const SPELLINGS: &[(&str, Policy)] = &[
    ("identity-based policy", Policy::Identity),
    ("resource-based policy", Policy::Bucket),
    ("service control policy", Policy::ServiceControl),
    ("resource control policy", Policy::ResourceControl),
    ("permissions boundary", Policy::Boundary),
    ("session policy", Policy::Session),
    ("VPC endpoint policy", Policy::Endpoint),
    ("role trust policy", Policy::Trust),
    ("AccountLevelIdentityBasedPolicy", Policy::Identity),
    ("ResourceGroupLevelIdentityBasedPolicy", Policy::Identity),
    ("IdentityBasedPolicy", Policy::Identity),
    ("ResourceBasedPolicy", Policy::Bucket),
    ("BucketPolicy", Policy::Bucket),
    ("ControlPolicy", Policy::ServiceControl),
    ("SessionPolicy", Policy::Session),
    ("VpcEndpointPolicy", Policy::Endpoint),
    ("AssumeRolePolicy", Policy::Trust),
];

impl Policy {
    fn spelled(text: &str) -> Option<Self> {
        SPELLINGS.iter().find(|(spelling, _)| *spelling == text).map(|(_, policy)| *policy)
    }

    fn in_text(text: &str) -> Option<Self> {
        SPELLINGS.iter().find(|(spelling, _)| text.contains(spelling)).map(|(_, policy)| *policy)
    }

    /// As a sentence goes on with it, without an article.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "policy of the user or role",
            Self::Bucket => "policy of the bucket",
            Self::ServiceControl => "service control policy of the organization",
            Self::ResourceControl => "resource control policy of the organization",
            Self::Boundary => "permissions boundary of the user or role",
            Self::Session => "policy of the role's session",
            Self::Endpoint => "policy of the VPC endpoint",
            Self::Trust => "trust policy of the role",
        }
    }

    /// Who can change it.
    pub fn whose_turn(self) -> &'static str {
        match self {
            Self::Identity | Self::Boundary | Self::Trust => "the administrator of your account",
            Self::Bucket => "the bucket's owner",
            Self::ServiceControl => "whoever runs your organization",
            Self::ResourceControl => "whoever runs the owner's organization",
            Self::Session => "whoever made the session, or assume the role anew,",
            Self::Endpoint => "whoever runs this network's VPC endpoint",
        }
    }
}

impl Denial {
    /// What an answer says, if it says anything beyond the denial itself.
    pub fn of(answer: &StoreAnswer) -> Option<Self> {
        Self::in_detail(&answer.denied_detail).or_else(|| Self::in_message(&answer.message))
    }

    fn in_detail(detail: &[(String, String)]) -> Option<Self> {
        let field = |wanted: &str| detail.iter().find(|(name, value)| name == wanted && !value.is_empty()).map(|(_, value)| value.clone());
        let (action, kind) = (field("AuthAction"), field("NoPermissionType"));
        if action.is_none() && kind.is_none() {
            return None;
        }
        let owner = field("AuthPrincipalOwnerId").map(|id| format!("of account {id}"));
        let who: Vec<String> = [field("AuthPrincipalType"), field("AuthPrincipalDisplayName"), owner].into_iter().flatten().collect();
        let deny = match kind.as_deref() {
            Some("ExplicitDeny") => Some(Deny::Explicit),
            Some("ImplicitDeny") => Some(Deny::Implicit),
            Some(_) | None => None,
        };
        let policy = field("PolicyType").and_then(|text| Policy::spelled(&text));
        Some(Self { who: Some(who.join(" ")).filter(|who| !who.is_empty()), action, resource: None, deny, policy })
    }

    /// `User: ARN is not authorized to perform: s3:X on resource: "ARN" because no TYPE policy allows the s3:X action`, or
    /// `… with an explicit deny in a TYPE policy`. Later words are newer than the first: each one may be missing.
    fn in_message(message: &str) -> Option<Self> {
        let (before, after) = message.split_once("is not authorized to perform: ")?;
        let who = before.trim().strip_prefix("User: ").map(|who| who.trim().to_owned()).filter(|who| !who.is_empty());
        let action = word(after).filter(|action| action.contains(':'));
        let resource = after.split_once("on resource: ").and_then(|(_, rest)| word(rest.trim_start_matches('"')));
        let (deny, told) = match (after.split_once("with an explicit deny in "), after.split_once("because no ")) {
            (Some((_, told)), _) => (Some(Deny::Explicit), told),
            (None, Some((_, told))) => (Some(Deny::Implicit), told),
            (None, None) => (None, ""),
        };
        Some(Self { who, action, resource, deny, policy: Policy::in_text(told) })
    }
}

/// The first word, without the marks around it.
fn word(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?.trim_matches(|c| matches!(c, '"' | ',' | ';' | '.'));
    Some(word.to_owned()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(message: &str) -> Option<Denial> {
        Denial::of(&StoreAnswer { message: message.to_owned(), ..StoreAnswer::default() })
    }

    /// The forms of the vendor's page, with every kind of policy.
    #[test]
    fn messages_of_s3() {
        use Deny::{Explicit, Implicit};
        for (tail, deny, policy) in [
            (" because no identity-based policy allows the s3:GetObject action", Some(Implicit), Some(Policy::Identity)),
            (" because no resource-based policy allows the s3:GetObject action", Some(Implicit), Some(Policy::Bucket)),
            (" because no permissions boundary allows the s3:GetObject action", Some(Implicit), Some(Policy::Boundary)),
            (" because no session policy allows the s3:GetObject action", Some(Implicit), Some(Policy::Session)),
            (" because no VPC endpoint policy allows the s3:GetObject action", Some(Implicit), Some(Policy::Endpoint)),
            (" because no service control policy allows the s3:GetObject action", Some(Implicit), Some(Policy::ServiceControl)),
            (" because no resource control policy allows the s3:GetObject action", Some(Implicit), Some(Policy::ResourceControl)),
            (" with an explicit deny in an identity-based policy", Some(Explicit), Some(Policy::Identity)),
            (" with an explicit deny in a resource-based policy", Some(Explicit), Some(Policy::Bucket)),
            (
                " with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/p-1",
                Some(Explicit),
                Some(Policy::ServiceControl),
            ),
            (" with an explicit deny in a policy of a later year", Some(Explicit), None),
            ("", None, None),
        ] {
            let head = "User: arn:aws:iam::111122223333:user/mara is not authorized to perform: s3:GetObject";
            let message = format!("{head} on resource: \"arn:aws:s3:::maps/a b.txt\"{tail}");
            let wanted = Denial {
                who: Some("arn:aws:iam::111122223333:user/mara".to_owned()),
                action: Some("s3:GetObject".to_owned()),
                resource: Some("arn:aws:s3:::maps/a".to_owned()),
                deny,
                policy,
            };
            assert_eq!(said(&message), Some(wanted), "{message}");
        }
        assert_eq!(said("Access Denied"), None);
        assert_eq!(said(""), None);
    }

    #[test]
    fn details_of_oss() {
        let detail = |fields: &[(&str, &str)]| {
            let denied_detail = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Denial::of(&StoreAnswer { denied_detail, ..StoreAnswer::default() })
        };
        let full = detail(&[
            ("AuthAction", "oss:PutBucketReferer"),
            ("AuthPrincipalType", "SubUser"),
            ("AuthPrincipalDisplayName", "2058711"),
            ("AuthPrincipalOwnerId", "10323"),
            ("NoPermissionType", "ExplicitDeny"),
            ("PolicyType", "AccountLevelIdentityBasedPolicy"),
        ]);
        let wanted = Denial {
            who: Some("SubUser 2058711 of account 10323".to_owned()),
            action: Some("oss:PutBucketReferer".to_owned()),
            resource: None,
            deny: Some(Deny::Explicit),
            policy: Some(Policy::Identity),
        };
        assert_eq!(full, Some(wanted));
        for (name, policy) in [
            ("ResourceGroupLevelIdentityBasedPolicy", Some(Policy::Identity)),
            ("ControlPolicy", Some(Policy::ServiceControl)),
            ("SessionPolicy", Some(Policy::Session)),
            ("AssumeRolePolicy", Some(Policy::Trust)),
            ("ResourceBasedPolicy", Some(Policy::Bucket)),
            ("PolicyOfALaterYear", None),
        ] {
            let denial = detail(&[("NoPermissionType", "ImplicitDeny"), ("PolicyType", name)]).unwrap();
            assert_eq!((denial.deny, denial.policy), (Some(Deny::Implicit), policy), "{name}");
        }
        assert_eq!(detail(&[("AuthPrincipalType", "SubUser")]), None, "it says nothing of the denial");
    }
}

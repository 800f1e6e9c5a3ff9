//! The payer header was sent, and nobody was charged for it: what that means, in each vendor's words.
//!
//! S3 says *charged* whenever the requester pays, and not to the owner nor to a role of the owner's account. The pages of OSS name no
//! such answer; its SDKs read one on HeadObject, so that alone is heard, and only where the store was heard to say it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html>,
//! <https://www.alibabacloud.com/help/en/doc-detail/126917.htm>

use super::Known;
use crate::domain::{Ownership, Payer, PayerSent, Provider, SaidCharged, Sent};

/// Whether an answer says by its silence that the payer header was in vain.
pub fn is_it(sent: &Sent) -> bool {
    sent.payer == PayerSent::Yes && sent.succeeded() && sent.charged == SaidCharged::No
}

/// What happened and what it means, in one sentence without the bucket's name.
pub fn sentence(provider: Provider, known: &Known<'_>) -> String {
    let answer = match provider {
        Provider::S3 => "the answer",
        Provider::Oss => "the answer to HeadObject",
    };
    format!("the payer header was sent, but {answer} does not say charged: {}", meaning(provider, known))
}

/// Who pays then, and why, as far as that is known.
fn meaning(provider: Provider, known: &Known<'_>) -> String {
    let keys = match provider {
        Provider::S3 => "these keys are of the owner's account (a role there bills it)",
        Provider::Oss => "these keys are of the owner's Alibaba Cloud account (a RAM role there bills it)",
    };
    match (known.ownership, known.payer) {
        (Some(Ownership::Owned), _) => "you own the bucket, so you pay as its owner, with the header or without".to_owned(),
        (Some(Ownership::Foreign) | None, Some(Payer::BucketOwner)) => "its payer is BucketOwner, so the owner pays".to_owned(),
        (Some(Ownership::Foreign) | None, Some(Payer::Requester)) => format!("it is requester-pays, so {keys}, and the owner pays"),
        (Some(Ownership::Foreign) | None, Some(Payer::Other(_)) | None) => {
            format!("the owner pays, because its payer is BucketOwner, or {keys}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_means_by_what_is_known() {
        use Ownership::{Foreign, Owned};
        let (requester, strange) = (Payer::Requester, Payer::Other("Sponsor".to_owned()));
        let said = |provider, ownership, payer| sentence(provider, &Known { ownership, payer });
        let s3 = "the payer header was sent, but the answer does not say charged: ";
        let oss = "the payer header was sent, but the answer to HeadObject does not say charged: ";
        for payer in [None, Some(&requester), Some(&Payer::BucketOwner)] {
            assert_eq!(
                said(Provider::S3, Some(Owned), payer),
                format!("{s3}you own the bucket, so you pay as its owner, with the header or without")
            );
        }
        for ownership in [Some(Foreign), None] {
            let owner = said(Provider::Oss, ownership, Some(&Payer::BucketOwner));
            assert_eq!(owner, format!("{oss}its payer is BucketOwner, so the owner pays"));
            let role = "it is requester-pays, so these keys are of the owner's account (a role there bills it), and the owner pays";
            assert_eq!(said(Provider::S3, ownership, Some(&requester)), format!("{s3}{role}"));
            let ram = "the owner pays, because its payer is BucketOwner, or these keys are of the owner's Alibaba Cloud account (a RAM role there bills it)";
            assert_eq!(said(Provider::Oss, ownership, None), format!("{oss}{ram}"));
            assert_eq!(said(Provider::Oss, ownership, Some(&strange)), format!("{oss}{ram}"));
        }
    }
}

//! Listens to requests that are over, and says each thing once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Alarm, Unpriced, uncharged};
use crate::domain::{AccountName, BucketId, BucketName, Provider, SaidCharged, Sent};
use crate::prices::is_listed;

/// What was told already in this session.
#[derive(Debug, Default)]
pub struct Watch {
    /// What the last answer about a bucket said that could say it, since the first alarm.
    buckets: HashMap<(AccountName, Arc<str>), Last>,
    /// Accounts whose store was heard to say *charged*: few, and asked for with every request that says it again.
    say: Vec<AccountName>,
    unpriced: HashSet<Unpriced>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Uncharged,
    Charged,
}

impl Watch {
    /// Whether a request can be the cause of an alarm, or of its end: most are not, and need no [`Watch::hear`].
    pub fn concerns(sent: &Sent) -> bool {
        sent.charged == SaidCharged::Yes || uncharged::is_it(sent) || sent.unpriced()
    }

    /// One request that is over.
    pub fn hear(&mut self, sent: &Sent, mut tell: impl FnMut(Alarm)) {
        if let Some(unpriced) = Unpriced::of(sent)
            && self.unpriced.insert(unpriced.clone())
        {
            tell(Alarm::Unpriced(unpriced));
        }
        let Some(bucket) = &sent.kind.bucket else { return };
        if sent.charged == SaidCharged::Yes {
            self.charged(sent, bucket, tell);
        } else if uncharged::is_it(sent) && self.would_say(sent) {
            self.uncharged(sent, bucket, tell);
        }
    }

    /// Whether the store's silence means something: Amazon's pages promise that S3 says it; another store has to be heard to.
    fn would_say(&self, sent: &Sent) -> bool {
        let amazon = match sent.kind.provider {
            Provider::S3 => is_listed(Provider::S3, &sent.kind.host),
            Provider::Oss => false,
        };
        amazon || self.say.contains(&sent.kind.account)
    }

    fn charged(&mut self, sent: &Sent, bucket: &Arc<str>, mut tell: impl FnMut(Alarm)) {
        if !self.say.contains(&sent.kind.account) {
            self.say.push(sent.kind.account.clone());
        }
        if self.buckets.is_empty() {
            return;
        }
        if let Some(last) = self.buckets.get_mut(&(sent.kind.account.clone(), Arc::clone(bucket)))
            && *last == Last::Uncharged
        {
            *last = Last::Charged;
            name(sent, bucket).into_iter().for_each(|bucket| tell(Alarm::Charged(bucket)));
        }
    }

    fn uncharged(&mut self, sent: &Sent, bucket: &Arc<str>, mut tell: impl FnMut(Alarm)) {
        let before = self.buckets.insert((sent.kind.account.clone(), Arc::clone(bucket)), Last::Uncharged);
        if before != Some(Last::Uncharged) {
            let provider = sent.kind.provider;
            name(sent, bucket).into_iter().for_each(|bucket| tell(Alarm::Uncharged { bucket, provider }));
        }
    }
}

fn name(sent: &Sent, bucket: &str) -> Option<BucketId> {
    let bucket = BucketName::parse(sent.kind.provider, bucket).ok()?;
    Some(BucketId { account: sent.kind.account.clone(), bucket })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::op::PriceClass;
    use crate::domain::{Money, Op, PayerSent};

    /// A HEAD that succeeded as payer, priced.
    fn sent(provider: Provider, host: &str, bucket: &str, charged: SaidCharged) -> Sent {
        let sent = Sent { charged, cost: Money::parse("0.01 USD"), ..Sent::example() };
        sent.of_kind(|kind| {
            kind.provider = provider;
            kind.region = Arc::from("r-1");
            kind.bucket = Some(Arc::from(bucket));
            kind.op = Op::HeadObject;
            kind.method = "HEAD".into();
            kind.host = Arc::from(host);
        })
    }

    /// What these requests cause, in short: `-` for not charged, `+` for charged, `?` for no price.
    fn told(requests: &[Sent]) -> Vec<String> {
        let (mut watch, mut told) = (Watch::default(), Vec::new());
        for sent in requests.iter().filter(|sent| Watch::concerns(sent)) {
            watch.hear(sent, |alarm| {
                told.push(match alarm {
                    Alarm::Uncharged { bucket, provider } => format!("-{provider} {bucket}"),
                    Alarm::Charged(bucket) => format!("+{bucket}"),
                    Alarm::Unpriced(unpriced) => format!("?{}", unpriced.name()),
                    Alarm::Turned(..) | Alarm::Settled(_) => "!".to_owned(),
                });
            });
        }
        told
    }

    const AMAZON: &str = "tiles.s3.us-west-2.amazonaws.com";
    const CEPH: &str = "s3.ceph.example:7480";

    #[test]
    fn amazons_silence_is_told_once_for_each_bucket() {
        let no = |bucket: &str| sent(Provider::S3, AMAZON, bucket, SaidCharged::No);
        assert_eq!(told(&[no("tiles"), no("tiles"), no("maps"), no("tiles")]), ["-s3 research:tiles", "-s3 research:maps"]);
    }

    #[test]
    fn neither_without_the_header_nor_after_a_refusal_nor_where_silence_means_nothing() {
        let no = sent(Provider::S3, AMAZON, "tiles", SaidCharged::No);
        for quiet in [
            Sent { payer: PayerSent::No, ..no.clone() },
            Sent { status: Some(403), ..no.clone() },
            Sent { status: None, ..no.clone() },
            Sent { charged: SaidCharged::NotSaid, ..no.clone() },
            Sent { charged: SaidCharged::Yes, ..no.clone() },
            no.of_kind(|kind| kind.bucket = None),
        ] {
            assert_eq!(told(std::slice::from_ref(&quiet)), Vec::<String>::new(), "{quiet:?}");
        }
    }

    #[test]
    fn other_stores_and_oss_have_to_be_heard_to_say_it_first() {
        for (provider, host) in [(Provider::S3, CEPH), (Provider::Oss, "lab.oss-cn-hangzhou.aliyuncs.com"), (Provider::Oss, "127.0.0.1:1")]
        {
            let heard = |bucket: &str, charged| sent(provider, host, bucket, charged);
            let no = heard("tiles", SaidCharged::No);
            assert_eq!(told(&[no.clone(), no.clone()]), Vec::<String>::new(), "{host}");
            let yes = heard("other", SaidCharged::Yes);
            assert_eq!(told(&[no.clone(), yes.clone(), no.clone(), no.clone()]), [format!("-{provider} research:tiles")], "{host}");
            let elsewhere = yes.of_kind(|kind| kind.account = AccountName::new("backup"));
            assert_eq!(told(&[elsewhere, no]), Vec::<String>::new(), "another account's store: {host}");
        }
    }

    #[test]
    fn it_is_over_when_the_store_charges_again() {
        let say = |charged| sent(Provider::S3, AMAZON, "tiles", charged);
        let (no, yes) = (say(SaidCharged::No), say(SaidCharged::Yes));
        let all = [yes.clone(), no.clone(), yes.clone(), yes.clone(), no];
        assert_eq!(told(&all), ["-s3 research:tiles", "+research:tiles", "-s3 research:tiles"]);
    }

    #[test]
    fn a_missing_price_is_told_once_for_each_region_and_class() {
        let free = Sent { payer: PayerSent::No, cost: None, ..sent(Provider::S3, AMAZON, "tiles", SaidCharged::No) };
        let tier1 = free.clone().of_kind(|kind| (kind.class, kind.bucket) = (PriceClass::Tier1, None));
        let there = free.clone().of_kind(|kind| kind.region = Arc::from("r-2"));
        let all = [free.clone(), free.clone(), tier1.clone(), there, tier1, free.clone()];
        assert_eq!(told(&all), ["?unpriced s3 r-1 tier2", "?unpriced s3 r-1 tier1", "?unpriced s3 r-2 tier2"]);
        for quiet in [
            Sent { cost: Money::parse("0 USD"), ..free.clone() },
            Sent { status: Some(503), ..free.clone() },
            free.clone().of_kind(|kind| kind.class = PriceClass::Free),
            free.clone().of_kind(|kind| kind.host = Arc::from(CEPH)),
            free.clone().of_kind(|kind| kind.op = Op::GetBucketRequestPayment),
            free.of_kind(|kind| kind.op = Op::GetCallerIdentity),
        ] {
            assert_eq!(told(std::slice::from_ref(&quiet)), Vec::<String>::new(), "{quiet:?}");
        }
    }
}

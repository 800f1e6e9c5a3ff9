//! The demo world as data: accounts of both clouds, their keys, their buckets.
//!
//! Comes in: nothing. Goes out: tables. The secrets are toys: they open this store and nothing else.

use super::history::Versioning;
use crate::domain::Provider;

/// An account, with the one identity that acts for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    /// Its name in the ready config.
    pub(super) name: &'static str,
    /// Its cloud.
    pub(super) cloud: Provider,
    /// The cloud's account id.
    pub(super) id: &'static str,
    /// Where it signs.
    pub(super) region: &'static str,
    /// Who acts, as STS calls it.
    pub(super) arn: &'static str,
    /// The access key's id.
    pub(super) key_id: &'static str,
    /// The access key's secret.
    pub(super) secret: &'static str,
    /// The session token of temporary keys.
    pub(super) token: Option<&'static str>,
    /// Whether the keys still work.
    pub(super) life: Life,
    /// `access` in the ready config; `None`: the account is not in it.
    pub(super) access: Option<&'static str>,
    /// Buckets of others that the ready config names.
    pub(super) foreign: &'static [Foreign],
    /// What the introduction says of it.
    pub(super) about: &'static str,
}

/// Whether keys still work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// They do.
    Valid,
    /// Their time is over.
    Expired,
}

/// A bucket of someone else in the ready config.
#[derive(Clone, Copy, Debug)]
pub(super) struct Foreign {
    /// The bucket.
    pub(super) bucket: &'static str,
    /// `request_payer`.
    pub(super) consent: &'static str,
}

const fn ask(bucket: &'static str) -> Foreign {
    Foreign { bucket, consent: "ask" }
}

/// A bucket at the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    /// The owner's account name.
    pub(super) owner: &'static str,
    /// Its name; no two clouds share one here.
    pub(super) name: &'static str,
    /// Its region.
    pub(super) region: &'static str,
    /// The payer, as the store answers it.
    pub(super) payer: &'static str,
    /// Who else may use it.
    pub(super) share: Share,
    /// How requests about its payer are answered.
    pub(super) habit: Habit,
    /// Whether it keeps versions.
    pub(super) versioning: Versioning,
    /// What lies in it.
    pub(super) goods: Goods,
    /// What else it is used for.
    pub(super) uses: &'static [Use],
}

/// What a bucket is used for, as its settings say: what a change of its payer breaks or shifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is a static website.
    Website,
    /// Its access logs go to this bucket.
    LogsTo(&'static str),
    /// The access logs of others may be delivered to it (S3).
    TakesLogs,
    /// New objects are copied to this bucket.
    ReplicatesTo(&'static str),
    /// The account with this id may replicate into it (S3).
    TakesReplicas(&'static str),
    /// CloudFront may read it (S3).
    CloudFront,
    /// Transfer acceleration is on.
    Accelerated,
    /// Public access is blocked.
    Blocked,
    /// Only these pages may embed its objects (OSS).
    EmbeddedIn(&'static str),
    /// This domain name leads to it (OSS).
    Domain(&'static str),
}

/// Who else may use a bucket. It still may cost them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// Nobody.
    Private,
    /// Everybody may read and list.
    PublicRead,
    /// One account may read, list, write and delete.
    With(&'static str),
}

/// How a bucket treats requests about its payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// As documented, at once.
    Prompt,
    /// A change shows only after that many milliseconds.
    Slow(i64),
    /// Its policy denies reading and changing the payer, to its owner too.
    Denies,
    /// The store has no such setting there.
    Lacks,
    /// It answers requests that are signed for another region with 301 instead of 400 (S3).
    Redirects,
}

/// What lies in a bucket at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goods {
    /// Nothing.
    Empty,
    /// A few objects in folders, named after the bucket's theme.
    Few(&'static [(&'static str, u64)]),
    /// The same, and what is older than March lies in an archive.
    Cold(&'static [(&'static str, u64)]),
    /// That many small objects, made up as they are asked for.
    Bulk(usize),
    /// Keys that break naive clients, as far as that cloud takes them.
    Odd(Provider),
}

/// The default payer.
pub(super) const OWNER: &str = "BucketOwner";
/// The other payer.
pub(super) const REQUESTER: &str = "Requester";

const fn bucket(owner: &'static str, name: &'static str, region: &'static str, payer: &'static str) -> Bucket {
    let (share, habit, versioning) = (Share::Private, Habit::Prompt, Versioning::Never);
    Bucket { owner, name, region, payer, share, habit, versioning, goods: Goods::Few(NOTES), uses: &[] }
}

impl Bucket {
    const fn share(self, share: Share) -> Self {
        Self { share, ..self }
    }

    const fn habit(self, habit: Habit) -> Self {
        Self { habit, ..self }
    }

    const fn versioned(self) -> Self {
        Self { versioning: Versioning::Enabled, ..self }
    }

    const fn goods(self, goods: Goods) -> Self {
        Self { goods, ..self }
    }

    const fn uses(self, uses: &'static [Use]) -> Self {
        Self { uses, ..self }
    }
}

const S3: Provider = Provider::S3;
const OSS: Provider = Provider::Oss;

/// Every account.
pub(super) static ACCOUNTS: &[Account] = &[
    Account {
        name: "studio",
        cloud: S3,
        id: "111122223333",
        region: "us-west-2",
        arn: "arn:aws:iam::111122223333:user/mara",
        key_id: "AKIADEMOSTUDIO000001",
        secret: "demo-studio-secret/with+signs=and0123456",
        token: None,
        life: Life::Valid,
        access: Some("normal"),
        foreign: &[],
        about: "owns public pictures and data sets on S3",
    },
    Account {
        name: "research",
        cloud: S3,
        id: "444455556666",
        region: "eu-central-1",
        arn: "arn:aws:iam::444455556666:user/ines",
        key_id: "AKIADEMORESEARCH0001",
        secret: "demo-research-secret/0123456789abcdefghij",
        token: None,
        life: Life::Valid,
        access: Some("normal"),
        foreign: &[ask("aerial-tiles"), ask("sensor-archive"), Foreign { bucket: "film-masters", consent: "never" }],
        about: "reads and writes buckets of studio, on its own bill",
    },
    Account {
        name: "archive",
        cloud: S3,
        id: "777788889999",
        region: "eu-west-1",
        arn: "arn:aws:iam::777788889999:user/keeper",
        key_id: "AKIADEMOARCHIVE00001",
        secret: "demo-archive-secret/0123456789abcdefghijk",
        token: None,
        life: Life::Valid,
        access: Some("protected"),
        foreign: &[],
        about: "every change is confirmed by typing the bucket's name",
    },
    Account {
        name: "auditor",
        cloud: S3,
        id: "222233334444",
        region: "us-east-1",
        arn: "arn:aws:sts::222233334444:assumed-role/Audit/quarterly",
        key_id: "ASIADEMOAUDITOR00001",
        secret: "demo-auditor-secret/0123456789abcdefghijk",
        token: Some("demo-auditor-token/+=IQoJb3JpZ2luX2VjEXAMPLE"),
        life: Life::Valid,
        access: Some("read-only"),
        foreign: &[ask("colorpictures")],
        about: "looks, and changes nothing; temporary keys",
    },
    Account {
        name: "lab",
        cloud: OSS,
        id: "1234567890123456",
        region: "cn-hangzhou",
        arn: "acs:ram::1234567890123456:user/lin",
        key_id: "LTAIdemoLab000000001",
        secret: "demoLabSecret0123456789abcdefg",
        token: None,
        life: Life::Valid,
        access: Some("normal"),
        foreign: &[],
        about: "owns microscopy and telescope data on OSS",
    },
    Account {
        name: "partner",
        cloud: OSS,
        id: "6543210987654321",
        region: "ap-southeast-1",
        arn: "acs:ram::6543210987654321:assumed-role/data-exchange/night-run",
        key_id: "STS.NUdemoPartner0001",
        secret: "demoPartnerSecret+/0123456789abcdef",
        token: Some("CAISdemoPartner+token/with==signs&more"),
        life: Life::Valid,
        access: Some("normal"),
        foreign: &[ask("lab-microscopy"), Foreign { bucket: "telescope-feed", consent: "requester" }],
        about: "reads and writes buckets of lab, on its own bill; temporary keys",
    },
    Account {
        name: "stranger",
        cloud: S3,
        id: "999900001111",
        region: "us-west-2",
        arn: "arn:aws:iam::999900001111:user/nobody",
        key_id: "AKIADEMOSTRANGER0001",
        secret: "demo-stranger-secret/0123456789abcdefghi",
        token: None,
        life: Life::Valid,
        access: None,
        foreign: &[],
        about: "has valid keys and no rights",
    },
    Account {
        name: "oss-stranger",
        cloud: OSS,
        id: "9999000011112222",
        region: "cn-hangzhou",
        arn: "acs:ram::9999000011112222:user/nobody",
        key_id: "LTAIdemoStranger0001",
        secret: "demoStrangerSecret0123456789ab",
        token: None,
        life: Life::Valid,
        access: None,
        foreign: &[],
        about: "has valid keys and no rights",
    },
    Account {
        name: "expired",
        cloud: S3,
        id: "444455556666",
        region: "eu-central-1",
        arn: "arn:aws:sts::444455556666:assumed-role/Reader/last-week",
        key_id: "ASIADEMOEXPIRED00001",
        secret: "demo-expired-secret/0123456789abcdefghijk",
        token: Some("demo-expired-token"),
        life: Life::Expired,
        access: None,
        foreign: &[],
        about: "had temporary keys until last week",
    },
    Account {
        name: "oss-expired",
        cloud: OSS,
        id: "6543210987654321",
        region: "ap-southeast-1",
        arn: "acs:ram::6543210987654321:assumed-role/data-exchange/last-week",
        key_id: "STS.NUdemoExpired0001",
        secret: "demoExpiredSecret0123456789abcd",
        token: Some("CAISdemoExpired"),
        life: Life::Expired,
        access: None,
        foreign: &[],
        about: "had temporary keys until last week",
    },
    Account {
        name: "crowd",
        cloud: S3,
        id: "555566667777",
        region: "us-west-2",
        arn: "arn:aws:iam::555566667777:user/crowd",
        key_id: "AKIADEMOCROWD0000001",
        secret: "demo-crowd-secret/0123456789abcdefghijklm",
        token: None,
        life: Life::Valid,
        access: None,
        foreign: &[],
        about: "owns the extra buckets of benchmarks",
    },
];

/// Every bucket.
pub(super) static BUCKETS: &[Bucket] = &[
    bucket("studio", "aerial-tiles", "us-west-2", REQUESTER).share(Share::With("research")).goods(Goods::Few(TILES)),
    bucket("studio", "brand-assets", "us-west-2", OWNER).uses(&[Use::CloudFront, Use::Blocked]),
    bucket("studio", "colorpictures", "us-west-2", OWNER)
        .share(Share::PublicRead)
        .goods(Goods::Few(PICTURES))
        .uses(&[Use::LogsTo("slow-turning")]),
    bucket("studio", "film-masters", "us-west-2", OWNER).versioned().uses(&[Use::ReplicatesTo("thesis-drafts")]),
    bucket("studio", "geo.open-data", "us-west-2", REQUESTER).share(Share::PublicRead).goods(Goods::Few(TILES)),
    bucket("studio", "legacy-gateway", "us-west-2", OWNER).habit(Habit::Lacks),
    bucket("studio", "odd-keys", "us-west-2", OWNER).goods(Goods::Odd(S3)),
    bucket("studio", "ohio-overflow", "us-east-2", OWNER).habit(Habit::Redirects).uses(&[Use::Accelerated]),
    bucket("studio", "paris-renders", "eu-west-3", OWNER).goods(Goods::Few(PICTURES)),
    bucket("studio", "sealed-vault", "us-west-2", OWNER).habit(Habit::Denies),
    bucket("studio", "sensor-archive", "us-west-2", REQUESTER).share(Share::PublicRead).goods(Goods::Bulk(100_000)),
    bucket("studio", "slow-turning", "us-west-2", OWNER).habit(Habit::Slow(1_500)).uses(&[Use::TakesLogs]),
    bucket("studio", "sponsored-set", "us-west-2", "Sponsor"),
    bucket("studio", "website-static", "us-west-2", OWNER).share(Share::PublicRead).goods(Goods::Few(WEBSITE)).uses(&[Use::Website]),
    bucket("research", "genome-results", "eu-central-1", REQUESTER).share(Share::PublicRead).versioned(),
    bucket("research", "simulation-runs", "eu-central-1", OWNER).uses(&[Use::LogsTo("simulation-runs")]),
    bucket("research", "thesis-drafts", "eu-central-1", OWNER).versioned().uses(&[Use::TakesReplicas("111122223333")]),
    bucket("research", "upload-inbox", "eu-central-1", OWNER).goods(Goods::Empty),
    bucket("archive", "deep-freeze", "eu-west-1", OWNER).goods(Goods::Cold(NOTES)),
    bucket("archive", "library-scans", "eu-west-1", REQUESTER).share(Share::PublicRead),
    bucket("archive", "masters-backup", "eu-west-1", OWNER),
    bucket("archive", "negatives-35mm", "eu-west-1", REQUESTER).share(Share::PublicRead).goods(Goods::Few(PICTURES)),
    bucket("auditor", "audit-trail", "us-east-1", OWNER),
    bucket("auditor", "cost-reports", "us-east-1", OWNER),
    bucket("auditor", "evidence-room", "us-east-1", REQUESTER),
    bucket("lab", "color-atlas", "cn-hangzhou", OWNER).share(Share::PublicRead).goods(Goods::Few(PICTURES)).uses(&[
        Use::Website,
        Use::Domain("atlas.lab.example"),
        Use::EmbeddedIn("https://www.lab.example/*"),
    ]),
    bucket("lab", "lab-classic", "cn-hangzhou", OWNER).habit(Habit::Lacks).goods(Goods::Cold(NOTES)),
    bucket("lab", "lab-microscopy", "cn-hangzhou", REQUESTER).share(Share::With("partner")).goods(Goods::Few(TILES)),
    bucket("lab", "lab-odd-keys", "cn-hangzhou", OWNER).goods(Goods::Odd(OSS)),
    bucket("lab", "lab-raw-frames", "cn-hangzhou", OWNER).versioned().uses(&[Use::ReplicatesTo("lab-shanghai")]),
    bucket("lab", "lab-restricted", "cn-hangzhou", OWNER).habit(Habit::Denies),
    bucket("lab", "lab-shanghai", "cn-shanghai", OWNER).uses(&[Use::Accelerated]),
    bucket("lab", "lab-slow-motion", "cn-hangzhou", OWNER).habit(Habit::Slow(1_500)).uses(&[Use::LogsTo("lab-slow-motion")]),
    bucket("lab", "telescope-feed", "cn-hangzhou", REQUESTER).share(Share::PublicRead).goods(Goods::Bulk(5_000)),
    bucket("partner", "partner-exports", "ap-southeast-1", REQUESTER).share(Share::PublicRead).versioned(),
    bucket("partner", "partner-landing", "ap-southeast-1", OWNER).goods(Goods::Empty),
];

const NOTES: &[(&str, u64)] = &[("README.md", 412), ("2026/01/summary.csv", 18_204), ("2026/02/summary.csv", 17_733), ("notes.txt", 96)];

const PICTURES: &[(&str, u64)] = &[
    ("blue/harbour.jpg", 48_211),
    ("blue/iris.jpg", 39_870),
    ("green/fern.jpg", 51_002),
    ("green/moss.png", 120_455),
    ("index.html", 1_204),
    ("red/brick.jpg", 44_318),
    ("red/poppy.jpg", 40_127),
    ("red/poppy.jpg.json", 310),
];

const TILES: &[(&str, u64)] = &[
    ("LICENSE.txt", 1_068),
    ("readme.txt", 230),
    ("z10/512/340.tif", 65_536),
    ("z10/512/341.tif", 65_536),
    ("z10/513/340.tif", 65_536),
    ("z11/1024/680.tif", 32_768),
];

const WEBSITE: &[(&str, u64)] = &[("404.html", 310), ("css/site.css", 2_841), ("img/logo.svg", 1_930), ("index.html", 4_402)];

/// Keys that break naive clients: encoding, display, dot segments, XML.
pub(super) const ODD_KEYS: &[&str] = &[
    "a folder/with spaces/ and more .txt",
    "plus+percent%25hash#question?amp&equals=.txt",
    "percent-literal%2Fnot-a-slash",
    "same",
    "same/inside",
    "trailing-slash/",
    "//double//slashes",
    "/leading-slash",
    "dots/./here",
    "dots/../there",
    "..",
    "quotes'\"`and<angles>.txt",
    "back\\slash",
    "Grüße/日本語/🌍.txt",
    "case",
    "CASE",
    "e\u{301}-combining",
    "\u{e9}-composed",
    "newline\nand\ttab",
    "bell\u{7}and-escape\u{1b}[31m",
    "bidi-\u{202e}gpj.exe",
    "zero\u{200b}width",
    "   ",
];

/// An account by its name.
pub(super) fn account(name: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|account| account.name == name)
}

/// An account by its key's id.
pub(super) fn account_of_key(key_id: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|account| account.key_id == key_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BucketName;
    use std::collections::BTreeSet;

    #[test]
    fn names_keys_and_owners_fit_together() {
        let names: BTreeSet<&str> = BUCKETS.iter().map(|bucket| bucket.name).collect();
        assert_eq!((names.len(), BUCKETS.len()), (36, 36));
        let keys: BTreeSet<&str> = ACCOUNTS.iter().map(|account| account.key_id).collect();
        assert_eq!((keys.len(), ACCOUNTS.len()), (11, 11));
        for bucket in BUCKETS {
            let owner = account(bucket.owner).unwrap();
            assert!(BucketName::parse(owner.cloud, bucket.name).is_ok(), "{}", bucket.name);
            if let Share::With(other) = bucket.share {
                assert_eq!(account(other).unwrap().cloud, owner.cloud);
            }
        }
        for account in ACCOUNTS {
            for foreign in account.foreign {
                let bucket = BUCKETS.iter().find(|bucket| bucket.name == foreign.bucket).unwrap();
                assert_ne!(bucket.owner, account.name);
            }
        }
    }
}

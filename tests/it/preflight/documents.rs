//! Documents of both clouds, typed by hand after the vendors' pages, and the fact that each holds.

use bytes::Bytes;
use http::HeaderMap;
use whopays::domain::preflight::{Cdn, Fact};
use whopays::domain::{Addressing, BucketName, Error, ErrorKind, Network, OssSignature, Provider, Setting, Site};
use whopays::wire::{self, Answer, Call, Reply, Terms};

fn site(provider: Provider) -> Site {
    let (region, endpoint) = match provider {
        Provider::S3 => ("us-west-2", None),
        Provider::Oss => ("cn-hangzhou", None),
    };
    Site {
        provider,
        region: region.to_owned(),
        endpoint,
        sts_endpoint: None,
        network: Network::Public,
        addressing: Addressing::Auto,
        signature: OssSignature::V4,
    }
}

fn call(setting: Setting) -> Call {
    Call::GetBucketSetting { bucket: BucketName::parse(Provider::Oss, "colorpictures").unwrap(), setting }
}

fn answered(provider: Provider, setting: Setting, status: u16, body: &str) -> Result<Option<Fact>, Error> {
    let answer = Answer { status, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) };
    wire::decode(&site(provider), &call(setting), &answer).map(|reply| match reply {
        Reply::Setting(fact) => fact,
        other => panic!("{other:?}"),
    })
}

fn said(provider: Provider, setting: Setting, body: &str) -> Option<Fact> {
    answered(provider, setting, 200, body).unwrap_or_else(|error| panic!("{setting:?}: {error}"))
}

const S3: Provider = Provider::S3;
const OSS: Provider = Provider::Oss;

fn strings<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

#[test]
fn each_setting_is_asked_by_its_own_name_and_never_offers_to_pay() {
    let table = [
        (Setting::Acl, Some("acl"), Some("acl")),
        (Setting::Policy, Some("policy"), Some("policy")),
        (Setting::PolicyStatus, Some("policyStatus"), Some("policyStatus")),
        (Setting::PublicAccessBlock, Some("publicAccessBlock"), Some("publicAccessBlock")),
        (Setting::Website, Some("website"), Some("website")),
        (Setting::Logging, Some("logging"), Some("logging")),
        (Setting::Replication, Some("replication"), Some("replication")),
        (Setting::Acceleration, Some("accelerate"), Some("transferAcceleration")),
        (Setting::Referer, None, Some("referer")),
        (Setting::Domains, None, Some("cname")),
    ];
    for (setting, s3, oss) in table {
        for (provider, name) in [(S3, s3), (OSS, oss)] {
            assert_eq!(Setting::of(&site(provider)).contains(&setting), name.is_some(), "{setting:?}");
            let Some(name) = name else { continue };
            let draft = wire::encode(&site(provider), &call(setting), &Terms::default()).unwrap();
            assert_eq!((draft.method.as_str(), draft.query), ("GET", vec![(name.to_owned(), None)]));
            assert!(draft.headers.is_empty() && draft.resource.key.is_empty(), "{setting:?}");
            assert!(setting.op().cell(provider).is_some(), "{setting:?}");
        }
    }
    let old = Site { signature: OssSignature::V1, ..site(OSS) };
    assert!([Setting::PublicAccessBlock, Setting::PolicyStatus].iter().all(|setting| !Setting::of(&old).contains(setting)));
    assert_eq!(Setting::of(&old).len(), 8);
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html>
#[test]
fn access_lists() {
    let grant = |group: &str, permission: &str| {
        format!(
            "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\">\
             <URI>http://acs.amazonaws.com/groups/{group}</URI></Grantee><Permission>{permission}</Permission></Grant>"
        )
    };
    let list = |grants: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AccessControlPolicy xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID></Owner><AccessControlList><Grant>\
             <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>75aa57f0</ID></Grantee>\
             <Permission>FULL_CONTROL</Permission></Grant>{grants}</AccessControlList></AccessControlPolicy>"
        )
    };
    assert_eq!(said(S3, Setting::Acl, &list("")), Some(Fact::default()));
    let public = list(&(grant("global/AllUsers", "READ") + &grant("global/AllUsers", "WRITE")));
    assert_eq!(said(S3, Setting::Acl, &public), Some(Fact { everyone: strings(["READ", "WRITE"]), ..Fact::default() }));
    let signed = list(&grant("global/AuthenticatedUsers", "READ"));
    assert_eq!(said(S3, Setting::Acl, &signed), Some(Fact { signed_in: strings(["READ"]), ..Fact::default() }));
    let logs = list(&(grant("s3/LogDelivery", "WRITE") + &grant("s3/LogDelivery", "READ_ACP")));
    assert_eq!(said(S3, Setting::Acl, &logs), Some(Fact { takes_logs: true, ..Fact::default() }));
    assert_eq!(said(S3, Setting::Acl, &list(&grant("s3/LogDelivery", "READ_ACP"))), Some(Fact::default()));
    // <https://www.alibabacloud.com/help/en/oss/developer-reference/getbucketacl>
    let oss = |word: &str| {
        format!(
            "<?xml version=\"1.0\" ?>\n<AccessControlPolicy>\n    <Owner>\n        <ID>0022012****</ID>\n        <DisplayName>user_example</DisplayName>\n    \
             </Owner>\n    <AccessControlList>\n        <Grant>{word}</Grant>\n    </AccessControlList>\n</AccessControlPolicy>"
        )
    };
    for (word, everyone) in [("private", vec![]), ("public-read", strings(["read"])), ("public-read-write", strings(["read", "write"]))] {
        assert_eq!(said(OSS, Setting::Acl, &oss(word)), Some(Fact { everyone, ..Fact::default() }), "{word}");
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html>,
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>
#[test]
fn policies() {
    let allow = |who: &str, rest: &str| {
        format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{who},{rest}}}]}}")
    };
    let get = "\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::colorpictures/*\"";
    let read = Fact { everyone: strings(["read"]), ..Fact::default() };
    for who in ["\"*\"", "{\"AWS\":\"*\"}", "{\"AWS\":[\"*\"]}"] {
        assert_eq!(said(S3, Setting::Policy, &allow(who, get)), Some(read.clone()), "{who}");
    }
    let both = Fact { everyone: strings(["read", "write"]), ..Fact::default() };
    for action in ["\"*\"", "\"s3:*\"", "[\"s3:Get*\",\"s3:PutObject\"]"] {
        assert_eq!(said(S3, Setting::Policy, &allow("\"*\"", &format!("\"Action\":{action}"))), Some(both.clone()), "{action}");
    }
    let narrow = format!("{get},\"Condition\":{{\"IpAddress\":{{\"aws:SourceIp\":\"192.0.2.0/24\"}}}}");
    assert_eq!(said(S3, Setting::Policy, &allow("\"*\"", &narrow)), Some(Fact { on: true, ..Fact::default() }), "under a condition");
    let service = allow("{\"Service\":\"cloudfront.amazonaws.com\"}", get);
    assert_eq!(said(S3, Setting::Policy, &service), Some(Fact { cdn: Some(Cdn::Service), ..Fact::default() }));
    let identity = allow("{\"AWS\":\"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC\"}", get);
    assert_eq!(said(S3, Setting::Policy, &identity), Some(Fact { cdn: Some(Cdn::Identity), ..Fact::default() }));
    let logs = allow("{\"Service\":[\"logging.s3.amazonaws.com\"]}", "\"Action\":[\"s3:PutObject\"]");
    assert_eq!(said(S3, Setting::Policy, &logs), Some(Fact { takes_logs: true, ..Fact::default() }));
    let named = allow("{\"AWS\":[\"arn:aws:iam::444455556666:root\",\"arn:aws:iam::444455556666:user/ana\",\"777788889999\"]}", get);
    let accounts = strings(["444455556666", "777788889999"]);
    assert_eq!(said(S3, Setting::Policy, &named), Some(Fact { accounts, ..Fact::default() }));
    let replicas =
        allow("{\"AWS\":\"arn:aws:iam::444455556666:role/copier\"}", "\"Action\":[\"s3:ReplicateObject\",\"s3:ReplicateDelete\"]");
    let fact = Fact { accounts: strings(["444455556666"]), takes_replicas: true, ..Fact::default() };
    assert_eq!(said(S3, Setting::Policy, &replicas), Some(fact));
    let but = "{\"Statement\":{\"Effect\":\"Allow\",\"NotPrincipal\":{\"AWS\":\"777788889999\"},\"Action\":\"s3:GetObject\"}}";
    assert_eq!(said(S3, Setting::Policy, but), Some(Fact { on: true, ..Fact::default() }), "everyone but one is perhaps everyone");
    let denies = "{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\"}}";
    assert_eq!(said(S3, Setting::Policy, denies), Some(Fact::default()), "a deny lets nobody in");
    // <https://www.alibabacloud.com/help/en/oss/developer-reference/getbucketpolicy>
    let oss = "{\"Version\":\"1\",\"Statement\":[{\"Action\":[\"oss:GetObject\",\"oss:ListObjects\"],\"Effect\":\"Allow\",\
               \"Principal\":[\"1234567890\"],\"Resource\":[\"acs:oss:*:1234567890:*/*\"]}]}";
    assert_eq!(said(OSS, Setting::Policy, oss), Some(Fact { accounts: strings(["1234567890"]), ..Fact::default() }));
    let oss = "{\"Version\":\"1\",\"Statement\":[{\"Action\":[\"oss:GetObject\"],\"Effect\":\"Allow\",\"Principal\":[\"*\"]}]}";
    assert_eq!(said(OSS, Setting::Policy, oss), Some(read));
}

#[test]
fn switches_targets_and_names() {
    let s3 = |text: &str| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}");
    let on = |on| Some(Fact { on, ..Fact::default() });
    let names = |texts: Vec<String>| Some(Fact { names: texts, ..Fact::default() });
    let space = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    for (text, expected) in [("TRUE", true), ("true", true), ("FALSE", false)] {
        let status = format!("<PolicyStatus {space}><IsPublic>{text}</IsPublic></PolicyStatus>");
        assert_eq!(said(S3, Setting::PolicyStatus, &s3(&status)), on(expected));
    }
    let block = |acls: &str, policies: &str| {
        s3(&format!(
            "<PublicAccessBlockConfiguration {space}><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>{acls}</IgnorePublicAcls>\
             <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>{policies}</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
        ))
    };
    let voids = |voids| Some(Fact { voids, ..Fact::default() });
    assert_eq!(said(S3, Setting::PublicAccessBlock, &block("true", "false")), voids(vec![Setting::Acl]));
    assert_eq!(said(S3, Setting::PublicAccessBlock, &block("false", "true")), voids(vec![Setting::Policy]));
    let oss = "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>";
    assert_eq!(said(OSS, Setting::PublicAccessBlock, oss), voids(vec![Setting::Acl, Setting::Policy]));
    let website =
        format!("<WebsiteConfiguration {space}><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>");
    assert_eq!(said(S3, Setting::Website, &s3(&website)), Some(Fact::default()));
    let logging = "<BucketLoggingStatus><LoggingEnabled><TargetBucket>mybucketlogs</TargetBucket><TargetPrefix>MyLog-</TargetPrefix></LoggingEnabled></BucketLoggingStatus>";
    assert_eq!(said(OSS, Setting::Logging, logging), names(strings(["mybucketlogs"])));
    assert_eq!(said(S3, Setting::Logging, &s3(&format!("<BucketLoggingStatus {space} />"))), None);
    let rule = |status: &str, bucket: &str| {
        format!("<Rule><ID>r</ID><Status>{status}</Status><Destination><Bucket>{bucket}</Bucket></Destination></Rule>")
    };
    let rules = format!(
        "<ReplicationConfiguration {space}><Role>arn:aws:iam::35667example:role/copier</Role>{}{}{}</ReplicationConfiguration>",
        rule("Enabled", "arn:aws:s3:::far"),
        rule("Disabled", "arn:aws:s3:::never"),
        rule("Enabled", "arn:aws:s3:::far")
    );
    assert_eq!(said(S3, Setting::Replication, &s3(&rules)), names(strings(["far"])));
    let rules = format!(
        "<ReplicationConfiguration>{}{}</ReplicationConfiguration>",
        "<Rule><ID>test_replication_1</ID><Destination><Bucket>target-bucket</Bucket><Location>oss-cn-beijing</Location></Destination>\
         <Status>doing</Status></Rule>",
        rule("closing", "gone")
    );
    assert_eq!(said(OSS, Setting::Replication, &rules), names(strings(["target-bucket"])));
    for (text, expected) in [("<Status>Enabled</Status>", on(true)), ("<Status>Suspended</Status>", None), ("", None)] {
        assert_eq!(
            said(S3, Setting::Acceleration, &s3(&format!("<AccelerateConfiguration {space}>{text}</AccelerateConfiguration>"))),
            expected
        );
    }
    let oss = "<TransferAccelerationConfiguration><Enabled>true</Enabled></TransferAccelerationConfiguration>";
    assert_eq!(said(OSS, Setting::Acceleration, oss), on(true));
    let referer = "<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer><RefererList><Referer>http://www.aliyun.com</Referer>\
                   <Referer>https://www.?.aliyuncs.com</Referer></RefererList></RefererConfiguration>";
    assert_eq!(said(OSS, Setting::Referer, referer), names(strings(["http://www.aliyun.com", "https://www.?.aliyuncs.com"])));
    assert_eq!(
        said(
            OSS,
            Setting::Referer,
            "<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer><RefererList/></RefererConfiguration>"
        ),
        None
    );
    let empty =
        "<RefererConfiguration><RefererList><Referer></Referer><Referer>https://a.example</Referer></RefererList></RefererConfiguration>";
    assert_eq!(said(OSS, Setting::Referer, empty), names(strings(["https://a.example"])), "an empty entry names nobody");
    let domains = "<ListCnameResult><Bucket>targetbucket</Bucket><Owner>testowner</Owner><Cname><Domain>example.com</Domain>\
                   <LastModified>2021-09-15T02:35:07.000Z</LastModified><Status>Enabled</Status><Certificate><Type>CAS</Type>\
                   <Status>Enabled</Status></Certificate></Cname><Cname><Domain>example.org</Domain><Status>Disabled</Status></Cname></ListCnameResult>";
    assert_eq!(said(OSS, Setting::Domains, domains), names(strings(["example.com"])));
}

/// What is not set, what may not be read and what no store answers are three things.
#[test]
fn not_set_not_readable_not_there() {
    let error = |code: &str| format!("<Error><Code>{code}</Code><Message>m</Message><RequestId>R</RequestId></Error>");
    for (provider, setting, code) in [
        (S3, Setting::Website, "NoSuchWebsiteConfiguration"),
        (S3, Setting::Policy, "NoSuchBucketPolicy"),
        (S3, Setting::PolicyStatus, "NoSuchBucketPolicy"),
        (S3, Setting::PublicAccessBlock, "NoSuchPublicAccessBlockConfiguration"),
        (S3, Setting::Replication, "ReplicationConfigurationNotFoundError"),
        (OSS, Setting::Replication, "NoSuchReplicationConfiguration"),
        (OSS, Setting::Acceleration, "NoSuchTransferAccelerationConfiguration"),
        (OSS, Setting::Policy, "NoSuchBucketPolicy"),
    ] {
        assert_eq!(answered(provider, setting, 404, &error(code)).unwrap(), None, "{code}");
    }
    let kind = |provider, setting, status, body: &str| answered(provider, setting, status, body).unwrap_err().kind();
    assert_eq!(kind(S3, Setting::Website, 404, &error("NoSuchBucket")), ErrorKind::NotFound);
    assert_eq!(kind(S3, Setting::Website, 404, ""), ErrorKind::NotFound, "a 404 of a proxy says nothing of the setting");
    assert_eq!(kind(S3, Setting::Policy, 403, &error("AccessDenied")), ErrorKind::Denied);
    assert_eq!(kind(S3, Setting::Acceleration, 501, &error("NotImplemented")), ErrorKind::Unsupported);
    assert_eq!(kind(S3, Setting::PolicyStatus, 405, &error("MethodNotAllowed")), ErrorKind::Unsupported);
    // Stores that do not know the question answer a listing.
    let listing = "<ListBucketResult><Name>colorpictures</Name></ListBucketResult>";
    assert_eq!(kind(S3, Setting::Website, 200, listing), ErrorKind::Unsupported);
    assert_eq!(kind(S3, Setting::Policy, 200, listing), ErrorKind::Unsupported);
    assert_eq!(kind(S3, Setting::Acl, 200, "<html>log in</html>"), ErrorKind::InvalidReply);
    assert_eq!(kind(OSS, Setting::Logging, 200, "<BucketLoggingStatus>"), ErrorKind::InvalidReply);
    let denied = answered(OSS, Setting::Referer, 403, &error("AccessDenied")).unwrap_err();
    assert!(denied.hint_text().unwrap().contains("`oss:GetBucketReferer`"), "{:?}", denied.hint_text());
}

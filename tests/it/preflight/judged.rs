//! What follows from what was seen: each finding, its gravity and its certainty.

use jiff::Timestamp;
use whopays::domain::preflight::{Cdn, Fact};
use whopays::domain::{Certainty, Gravity, Look, Payer, Provider, Seen, Setting, findings};

use Certainty::{Certain, Likely};
use Gravity::{Breaks, Notes, Shifts};

fn look(provider: Provider, facts: Vec<(Setting, Fact)>) -> Look {
    let seen = facts.into_iter().map(|(setting, fact)| (setting, Seen::Is(fact))).collect();
    let owner = Some("111122223333".to_owned());
    Look { provider, bucket: "colorpictures".to_owned(), owner, seen, open: 0, requests: 0, at: Timestamp::UNIX_EPOCH }
}

fn everyone() -> Fact {
    Fact { everyone: vec!["READ".to_owned()], ..Fact::default() }
}

fn named(names: &[&str]) -> Fact {
    Fact { names: names.iter().map(|name| (*name).to_owned()).collect(), ..Fact::default() }
}

fn on() -> Fact {
    Fact { on: true, ..Fact::default() }
}

type Short = (Gravity, Certainty, &'static str);

fn shorts(to: &Payer, look: &Look) -> Vec<Short> {
    findings(to, look).into_iter().map(|finding| (finding.gravity, finding.certainty, finding.short)).collect()
}

/// What holds for every bucket, and is always the last of what shifts.
const LINKS: Short = (Shifts, Certain, "links that you sign stay on your bill");
const EVERYBODY: Short = (Shifts, Certain, "you pay for everybody");

#[test]
fn each_setting_to_requester() {
    let s3 = Provider::S3;
    let refused = (Breaks, Certain, "anonymous readers will be refused");
    let cases: Vec<(&str, Look, Vec<Short>)> = vec![
        ("nothing", look(s3, vec![]), vec![LINKS]),
        ("acceleration, suspended", look(s3, vec![(Setting::Acceleration, Fact::default())]), vec![LINKS]),
        ("list", look(s3, vec![(Setting::Acl, everyone())]), vec![refused, LINKS]),
        ("policy", look(s3, vec![(Setting::Policy, everyone())]), vec![refused, LINKS]),
        ("called public, not readable", look(s3, vec![(Setting::PolicyStatus, on())]), vec![refused, LINKS]),
        (
            "keys of anybody",
            look(s3, vec![(Setting::Acl, Fact { signed_in: vec!["READ".to_owned()], ..Fact::default() })]),
            vec![(Breaks, Certain, "callers without the payer header will be refused"), LINKS],
        ),
        ("on conditions", look(s3, vec![(Setting::Policy, on())]), vec![(Breaks, Likely, "anonymous readers may be refused"), LINKS]),
        (
            "void list",
            look(s3, vec![(Setting::Acl, everyone()), (Setting::PublicAccessBlock, Fact { voids: vec![Setting::Acl], ..Fact::default() })]),
            vec![LINKS, (Notes, Certain, "public access is blocked already")],
        ),
        (
            "void list, open policy",
            look(
                s3,
                vec![
                    (Setting::Acl, everyone()),
                    (Setting::Policy, everyone()),
                    (Setting::PublicAccessBlock, Fact { voids: vec![Setting::Acl], ..Fact::default() }),
                ],
            ),
            vec![refused, LINKS],
        ),
        ("website", look(s3, vec![(Setting::Website, Fact::default())]), vec![(Breaks, Certain, "website will stop for visitors"), LINKS]),
        (
            "cdn",
            look(s3, vec![(Setting::Policy, Fact { cdn: Some(Cdn::Identity), ..Fact::default() })]),
            vec![(Breaks, Likely, "CloudFront may be refused"), LINKS],
        ),
        (
            "own logs",
            look(s3, vec![(Setting::Logging, named(&["colorpictures"]))]),
            vec![(Breaks, Certain, "access logs will no longer be delivered"), LINKS],
        ),
        ("logs elsewhere", look(s3, vec![(Setting::Logging, named(&["logs"]))]), vec![LINKS]),
        ("own logs on OSS", look(Provider::Oss, vec![(Setting::Logging, named(&["colorpictures"]))]), vec![LINKS]),
        (
            "logs of others",
            look(s3, vec![(Setting::Acl, Fact { takes_logs: true, ..Fact::default() })]),
            vec![(Breaks, Likely, "access logs may no longer be delivered here"), LINKS],
        ),
        (
            "replication away",
            look(s3, vec![(Setting::Replication, named(&["far"]))]),
            vec![LINKS, (Notes, Likely, "replication stays on your bill")],
        ),
        (
            "replicas of others",
            look(s3, vec![(Setting::Policy, Fact { takes_replicas: true, ..Fact::default() })]),
            vec![(Breaks, Likely, "replication into it may stop"), LINKS],
        ),
        (
            "other accounts",
            look(
                s3,
                vec![(Setting::Policy, Fact { accounts: vec!["111122223333".to_owned(), "444455556666".to_owned()], ..Fact::default() })],
            ),
            vec![(Breaks, Likely, "other accounts must send the payer header"), LINKS],
        ),
        (
            "the owner's own account",
            look(s3, vec![(Setting::Policy, Fact { accounts: vec!["111122223333".to_owned()], ..Fact::default() })]),
            vec![LINKS],
        ),
        ("acceleration", look(s3, vec![(Setting::Acceleration, on())]), vec![LINKS, (Shifts, Likely, "acceleration surcharge moves")]),
        (
            "pages and domains",
            look(Provider::Oss, vec![(Setting::Domains, named(&["a.example"])), (Setting::Referer, named(&["https://b.example/*"]))]),
            vec![
                (Breaks, Likely, "visitors of its domain names may be refused"),
                (Breaks, Likely, "pages that embed its objects may break"),
                LINKS,
            ],
        ),
    ];
    for (name, look, expected) in cases {
        assert_eq!(shorts(&Payer::Requester, &look), expected, "{name}");
    }
}

#[test]
fn each_setting_back_to_the_owner() {
    let accounts = Fact { accounts: vec!["444455556666".to_owned()], ..Fact::default() };
    let all = look(
        Provider::S3,
        vec![
            (Setting::Acl, everyone()),
            (Setting::Website, Fact::default()),
            (Setting::Policy, accounts),
            (Setting::Acceleration, on()),
            (Setting::Logging, named(&["colorpictures"])),
        ],
    );
    let expected = [
        (Shifts, Certain, "anonymous readers return, on your bill"),
        (Shifts, Certain, "website opens again, on your bill"),
        (Shifts, Certain, "you pay for other accounts"),
        EVERYBODY,
        (Shifts, Likely, "acceleration surcharge moves"),
    ];
    assert_eq!(shorts(&Payer::BucketOwner, &all), expected);
    assert_eq!(shorts(&Payer::BucketOwner, &look(Provider::Oss, vec![])), [EVERYBODY]);
    assert_eq!(shorts(&Payer::Other("Sponsor".to_owned()), &all), []);
}

#[test]
fn sentences_name_what_they_are_about() {
    let text = |to: &Payer, look: &Look| findings(to, look)[0].text.clone();
    let both = look(Provider::S3, vec![(Setting::Acl, everyone()), (Setting::Policy, everyone())]);
    assert!(text(&Payer::Requester, &both).starts_with("The access list and the policy let everyone read:"));
    let writes = look(Provider::S3, vec![(Setting::Acl, Fact { everyone: vec!["WRITE".to_owned()], ..Fact::default() })]);
    assert!(text(&Payer::Requester, &writes).starts_with("The access list lets everyone read and write:"));
    assert!(text(&Payer::BucketOwner, &both).starts_with("The access list and the policy are open to everyone:"));
    let many = look(Provider::Oss, vec![(Setting::Domains, named(&["a", "b", "c", "d", "e"]))]);
    assert!(text(&Payer::Requester, &many).contains("(a, b, c and 2 more)"), "{}", text(&Payer::Requester, &many));
}

/// What could not be read is no finding, and is never forgotten.
#[test]
fn what_was_not_read_is_listed() {
    let mut look = look(Provider::S3, vec![]);
    look.seen.push((Setting::Policy, Seen::Unread("access denied".to_owned())));
    look.seen.push((Setting::Website, Seen::Nothing));
    look.seen.push((Setting::PolicyStatus, Seen::NoSuchSetting));
    assert_eq!(look.unread().collect::<Vec<_>>(), [(Setting::Policy, "access denied")]);
    assert_eq!(shorts(&Payer::Requester, &look), [LINKS]);
}

//! The commands against a made-up board: what is asked of it, what is printed, how it ends.

mod asked;
mod lists;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use clap::{CommandFactory, Parser};
use jiff::Timestamp;

use super::args::CommandLine;
use super::board::Board;
use super::confirm::{Answers, Asks};
use super::failure::Failure;
use super::output::{Output, recorded};
use super::payer_set::{Order, Rehearsal};
use super::{accounts, buckets, payer_get, payer_plan, payer_set, resolve, tasks};
use crate::app::{Changed, Identified, Listing, PayerChange, PayerFact};
use crate::audit::Outcome;
use crate::config::{Account, Config, ForeignBucket, Source};
use crate::domain::preflight::Fact;
use crate::domain::{
    Access, AccountName, Addressing, BucketName, BucketRecord, CallerIdentity, Consent, Error, ErrorKind, Look, Network, OssSignature,
    Ownership, Payer, Place, Provider, Result, Seen, Setting, Site, StoreAnswer,
};

/// A world in which every account is called by name, and every request is remembered.
#[derive(Clone, Default)]
struct World(Rc<RefCell<Stores>>);

#[derive(Default)]
struct Stores {
    /// `ACCOUNT` to its own buckets, in the store's order.
    owned: BTreeMap<String, Vec<(&'static str, &'static str)>>,
    /// `ACCOUNT:BUCKET` to what the store answers.
    payers: BTreeMap<String, Answer>,
    /// Changes that the store takes and never shows.
    stubborn: bool,
    /// Changes that never end once accepted.
    hanging: bool,
    /// Questions for an identity that are never answered.
    silent: bool,
    /// Every request, as `VERB ACCOUNT:BUCKET`.
    requests: Vec<String>,
}

#[derive(Clone)]
enum Answer {
    Payer(Payer),
    Fails(ErrorKind),
}

fn failing(kind: ErrorKind) -> Error {
    let answer = StoreAnswer { status: 403, code: "TheCode".to_owned(), request_id: Some("R-fail".to_owned()), ..StoreAnswer::default() };
    Error::new(kind, "the store said no").hint("Do something.").answer(answer)
}

fn fact(payer: Payer, request_id: &str) -> PayerFact {
    PayerFact { payer, at: Timestamp::UNIX_EPOCH, region: Some("r-1".to_owned()), request_id: Some(request_id.to_owned()) }
}

impl World {
    fn note(&self, verb: &str, what: &str) {
        self.0.borrow_mut().requests.push(format!("{verb} {what}"));
    }

    fn requests(&self, verb: &str) -> Vec<String> {
        let mut found: Vec<String> =
            self.0.borrow().requests.iter().filter_map(|request| request.strip_prefix(verb).map(|what| what.trim().to_owned())).collect();
        found.sort();
        found
    }

    fn with_payer(self, bucket: &str, payer: Payer) -> Self {
        self.0.borrow_mut().payers.insert(bucket.to_owned(), Answer::Payer(payer));
        self
    }

    fn with_failure(self, bucket: &str, kind: ErrorKind) -> Self {
        self.0.borrow_mut().payers.insert(bucket.to_owned(), Answer::Fails(kind));
        self
    }

    fn owning(self, account: &str, names: &[(&'static str, &'static str)]) -> Self {
        self.0.borrow_mut().owned.insert(account.to_owned(), names.to_vec());
        self
    }

    fn answer(&self, bucket: &str) -> Option<Answer> {
        self.0.borrow().payers.get(bucket).cloned()
    }
}

impl Board for World {
    async fn list_buckets(&self, account: &AccountName, mut page: impl FnMut(Listing) + Send) -> Result<()> {
        self.note("LIST", account.as_str());
        let Some(owned) = self.0.borrow().owned.get(account.as_str()).cloned() else {
            return Err(failing(ErrorKind::Credentials));
        };
        for (name, region) in owned {
            tokio::task::yield_now().await;
            let record =
                BucketRecord { name: bucket(name), region: Some(region.into()), created: None, ownership: Ownership::Owned, owner: None };
            page(Listing { buckets: vec![record], more: true, at: Timestamp::UNIX_EPOCH });
        }
        Ok(())
    }

    async fn identify(&self, account: &AccountName) -> Result<Identified> {
        self.note("IDENTIFY", account.as_str());
        if self.0.borrow().silent {
            std::future::pending::<()>().await;
        }
        match account.as_str() {
            "research" => Ok(Identified {
                identity: Some(CallerIdentity {
                    account_id: "111122223333".to_owned(),
                    arn: "arn:aws:iam::111122223333:user/ana".to_owned(),
                    user_id: "U".to_owned(),
                }),
                key_id: Some("AKIA…0001".to_owned()),
            }),
            "lab" => Ok(Identified { identity: None, key_id: Some("LTAI…0002".to_owned()) }),
            _ => Err(failing(ErrorKind::Credentials)),
        }
    }

    async fn read_payer(&self, place: &Place) -> Result<PayerFact> {
        self.note("GET", &place.id.to_string());
        match self.answer(&place.id.to_string()) {
            Some(Answer::Payer(payer)) => Ok(fact(payer, "R-get")),
            Some(Answer::Fails(kind)) => Err(failing(kind)),
            None => Err(failing(ErrorKind::NotFound)),
        }
    }

    async fn preflight(&self, place: &Place) -> Look {
        self.note("LOOK", &place.id.to_string());
        let website = Fact::default();
        let policy = "access denied\u{1b}".to_owned();
        let seen = vec![
            (Setting::Acl, Seen::Is(Fact { everyone: vec!["READ".to_owned()], ..Fact::default() })),
            (Setting::Website, Seen::Is(website)),
            (Setting::Policy, Seen::Unread(policy)),
        ];
        let (provider, bucket) = (Provider::S3, place.id.bucket.to_string());
        Look { provider, bucket, owner: None, seen, open: 0, requests: 3, at: Timestamp::UNIX_EPOCH }
    }

    async fn change_payer(
        &self,
        change: &PayerChange,
        accepted: impl FnOnce() + Send,
        _enough: impl Future<Output = ()> + Send,
    ) -> Changed {
        let target = change.place.id.to_string();
        self.note("PUT", &format!("{target} {} by {}", change.to, change.identity.as_deref().unwrap_or("nobody")));
        accepted();
        if self.0.borrow().hanging {
            std::future::pending::<()>().await;
        }
        let (outcome, after) = if self.0.borrow().stubborn {
            (Outcome::NotApplied, change.before.clone())
        } else {
            (Outcome::Verified, Some(change.to.clone()))
        };
        if let Some(after) = &after {
            self.0.borrow_mut().payers.insert(target, Answer::Payer(after.clone()));
        }
        Changed { outcome, after: after.map(|payer| fact(payer, "R-after")), request_id: Some("R-put".to_owned()), error: None }
    }
}

fn bucket(name: &str) -> BucketName {
    BucketName::parse(Provider::S3, name).expect("a bucket name")
}

fn account(name: &str, provider: Provider, access: Access) -> Account {
    let (region, endpoint) = match provider {
        Provider::S3 => ("us-west-2", None),
        Provider::Oss => ("cn-hangzhou", Some("http://127.0.0.1:9".to_owned())),
    };
    Account {
        name: AccountName::new(name),
        site: Site {
            provider,
            region: region.to_owned(),
            endpoint,
            sts_endpoint: None,
            network: Network::Public,
            addressing: Addressing::Auto,
            signature: OssSignature::V4,
        },
        credentials: Source::Default,
        account_id: None,
        ca_file: None,
        access,
        budget: None,
        buckets: Vec::new(),
    }
}

/// `research` (s3, names the foreign bucket `arxiv`), `lab` (oss), `vault` (s3, protected), `museum` (oss, read-only).
fn config() -> Config {
    let mut research = account("research", Provider::S3, Access::Normal);
    research.account_id = Some("111122223333".to_owned());
    research.buckets.push(ForeignBucket {
        name: bucket("arxiv"),
        region: Some("us-east-1".to_owned()),
        owner_id: Some("444455556666".to_owned()),
        consent: Consent::Silent,
        budget: None,
    });
    let accounts = vec![
        research,
        account("lab", Provider::Oss, Access::Normal),
        account("vault", Provider::S3, Access::Protected),
        account("museum", Provider::Oss, Access::ReadOnly),
    ];
    Config { accounts, ..Config::default() }
}

fn words(targets: &[&str]) -> Vec<String> {
    targets.iter().map(|target| (*target).to_owned()).collect()
}

/// Tells a failure as the program does, and gives the exit code.
fn code(ended: std::result::Result<(), Failure>, output: &Output) -> u8 {
    ended.map_or_else(
        |failure| {
            failure.tell(output);
            failure.exit_code()
        },
        |()| 0,
    )
}

fn run_buckets(world: &World, named: &[&str], only: Option<Payer>, output: &Output) -> u8 {
    let config = config();
    let chosen = resolve::accounts(&config, &words(named)).expect("known accounts");
    code(tasks::wait_for(buckets::run(world, &chosen, only, output)), output)
}

fn two_accounts() -> World {
    World::default()
        .owning("lab", &[("zebra", "cn-hangzhou"), ("apple", "cn-beijing")])
        .owning("research", &[("papers", "us-west-2")])
        .with_payer("lab:zebra", Payer::Requester)
        .with_payer("lab:apple", Payer::BucketOwner)
        .with_payer("research:papers", Payer::Other("Nobody".to_owned()))
        .with_failure("research:arxiv", ErrorKind::Denied)
}

#[test]
fn the_definition_is_sound() {
    CommandLine::command().debug_assert();
}

#[test]
fn buckets_by_account_and_name_each_read_once() {
    let world = two_accounts();
    let (output, stdout, stderr) = recorded::text();
    assert_eq!(run_buckets(&world, &["lab", "research"], None, &output), 0);
    assert_eq!(
        stdout.text(),
        "ACCOUNT   PROVIDER  BUCKET  REGION     OWNED    PAYER\n\
         research  s3        arxiv   us-east-1  foreign  denied\n\
         research  s3        papers  r-1        owned    Nobody\n\
         lab       oss       apple   r-1        owned    BucketOwner\n\
         lab       oss       zebra   r-1        owned    Requester\n"
    );
    assert_eq!(stderr.text(), "");
    assert_eq!(world.requests("GET"), ["lab:apple", "lab:zebra", "research:arxiv", "research:papers"]);
    assert_eq!(world.requests("LIST"), ["lab", "research"]);
}

#[test]
fn buckets_have_the_promised_fields() {
    let (output, stdout, _) = recorded::json();
    run_buckets(&two_accounts(), &["research"], None, &output);
    assert_eq!(
        stdout.text(),
        "{\"account\":\"research\",\"provider\":\"s3\",\"bucket\":\"arxiv\",\"region\":\"us-east-1\",\"owned\":false,\"payer\":null,\
         \"payer_state\":\"denied\",\"error\":{\"kind\":\"denied\",\"code\":\"TheCode\",\"message\":\"the store said no\",\"why\":\"The store said no.\",\
         \"hint\":\"Do something.\",\"request_id\":\"R-fail\",\"target\":null}}\n\
         {\"account\":\"research\",\"provider\":\"s3\",\"bucket\":\"papers\",\"region\":\"r-1\",\"owned\":true,\"payer\":\"Nobody\",\
         \"payer_state\":\"unknown\",\"error\":null}\n"
    );
}

#[test]
fn a_named_bucket_that_is_listed_too_is_owned_and_read_once() {
    let world = two_accounts().owning("research", &[("arxiv", "us-east-1")]).with_payer("research:arxiv", Payer::Requester);
    let (output, stdout, _) = recorded::text();
    assert_eq!(run_buckets(&world, &["research"], None, &output), 0);
    assert!(stdout.text().contains("arxiv   r-1     owned  Requester"), "{}", stdout.text());
    assert_eq!(world.requests("GET"), ["research:arxiv"]);
}

#[test]
fn only_the_buckets_with_this_payer() {
    let (output, stdout, stderr) = recorded::text();
    assert_eq!(run_buckets(&two_accounts(), &["lab", "research"], Some(Payer::Requester), &output), 0);
    assert_eq!(stdout.text().lines().count(), 2);
    assert!(stdout.text().contains("zebra"));
    assert_eq!(stderr.text(), "1 more whose payer could not be read; without --payer they are listed too\n");
}

#[test]
fn a_failing_account_hides_no_other() {
    let (output, stdout, stderr) = recorded::text();
    assert_eq!(run_buckets(&two_accounts(), &["vault", "lab"], None, &output), 7);
    assert!(stdout.text().contains("zebra"));
    assert_eq!(
        stderr.text(),
        "error: vault: the store said no (TheCode)\n  hint: Do something.\n  request id: R-fail\n\
         error: 1 of 4 listings and readings failed\n  hint: Look at each failure, mend it, and run the command again for what is missing.\n"
    );
    let (output, ..) = recorded::text();
    assert_eq!(run_buckets(&two_accounts(), &["vault"], None, &output), 3, "the store refused the only account's keys");
    let (output, ..) = recorded::text();
    let broken = two_accounts().with_failure("lab:zebra", ErrorKind::Timeout);
    assert_eq!(run_buckets(&broken, &["lab"], None, &output), 7, "a payer that could not be read");
}

#[test]
fn accounts_for_people_and_scripts() {
    let config = config();
    let listed = || {
        let origin = "environment".to_owned();
        config.accounts[..3].iter().map(|account| accounts::Listed { account, origin: origin.clone() }).collect()
    };
    let (output, stdout, stderr) = recorded::text();
    assert_eq!(code(tasks::wait_for(accounts::run(&World::default(), listed(), &output)), &output), 7);
    let lines: Vec<String> = stdout.text().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines[1..],
        [
            "research s3 us-west-2 the region's own normal environment 111122223333 arn:aws:iam::111122223333:user/ana",
            "lab oss cn-hangzhou http://127.0.0.1:9 normal environment - key LTAI…0002; this store has no STS",
            "vault s3 us-west-2 the region's own protected environment - the store said no",
        ]
    );
    assert!(stderr.text().starts_with("error: vault: the store said no (TheCode)\n"), "{}", stderr.text());

    let (output, stdout, _) = recorded::json();
    let _ = tasks::wait_for(accounts::run(&World::default(), listed(), &output));
    assert_eq!(
        stdout.text().lines().next().expect("a line"),
        "{\"account\":\"research\",\"provider\":\"s3\",\"region\":\"us-west-2\",\"endpoint\":null,\"access\":\"normal\",\
         \"credentials\":\"environment\",\"account_id\":\"111122223333\",\"arn\":\"arn:aws:iam::111122223333:user/ana\",\
         \"key_id\":\"AKIA…0001\",\"error\":null}"
    );
}

fn run_get(world: &World, targets: &[&str], output: &Output) -> u8 {
    let config = config();
    let targets = resolve::buckets(&config, None, &words(targets)).expect("known targets");
    code(tasks::wait_for(payer_get::run(world, &targets, output)), output)
}

#[test]
fn payer_get_has_the_promised_fields_and_codes() {
    let world = two_accounts();
    let (output, stdout, stderr) = recorded::json();
    assert_eq!(run_get(&world, &["lab:zebra", "research:arxiv", "lab:zebra"], &output), 7);
    assert_eq!(
        stdout.text(),
        "{\"target\":\"lab:zebra\",\"payer\":\"Requester\",\"payer_state\":\"read\",\"request_id\":\"R-get\"}\n\
         {\"target\":\"research:arxiv\",\"payer\":null,\"payer_state\":\"denied\",\"request_id\":\"R-fail\"}\n"
    );
    let told: serde_json::Value = serde_json::from_str(&stderr.text()).expect("one JSON object");
    assert_eq!(told["error"]["kind"], "partial");
    assert_eq!(told["error"]["failures"][0]["target"], "research:arxiv");
    let (output, ..) = recorded::text();
    assert_eq!(run_get(&world, &["research:arxiv"], &output), 3);
    assert_eq!(run_get(&world, &["research:gone"], &output), 4);
    assert_eq!(run_get(&world, &["lab:apple"], &output), 0);
}

/// A person who types these lines.
struct Types(Vec<&'static str>);

impl Asks for Types {
    fn forget_typed(&mut self) {}

    async fn line(&mut self) -> Result<Option<String>> {
        Ok(if self.0.is_empty() { None } else { Some(self.0.remove(0).to_owned()) })
    }
}

struct Set<'a> {
    to: Payer,
    targets: &'a [&'a str],
    rehearsal: Rehearsal,
    answers: Answers,
    types: Vec<&'static str>,
}

fn set<'a>(to: Payer, targets: &'a [&'a str]) -> Set<'a> {
    Set { to, targets, rehearsal: Rehearsal::Real, answers: Answers::Yes, types: vec![] }
}

fn run_set(world: &World, asked: Set<'_>, output: &Output) -> u8 {
    run_set_until(world, asked, std::future::pending::<()>(), output)
}

fn run_set_until(world: &World, asked: Set<'_>, stop: impl Future, output: &Output) -> u8 {
    let config = config();
    let targets = resolve::buckets(&config, None, &words(asked.targets)).expect("known targets");
    let order = Order { to: asked.to, rehearsal: asked.rehearsal, answers: asked.answers };
    let mut person = Types(asked.types);
    code(tasks::wait_for(payer_set::run(world, &targets, &order, &mut person, stop, output)), output)
}

#[test]
fn payer_set_changes_what_differs_and_reads_back() {
    let world = two_accounts();
    let (output, stdout, _) = recorded::json();
    assert_eq!(run_set(&world, set(Payer::Requester, &["lab:apple", "lab:zebra"]), &output), 0);
    assert_eq!(
        stdout.text(),
        "{\"target\":\"lab:apple\",\"before\":\"BucketOwner\",\"after\":\"Requester\",\"verified\":true,\"request_id\":\"R-put\"}\n\
         {\"target\":\"lab:zebra\",\"before\":\"Requester\",\"after\":\"Requester\",\"verified\":true,\"request_id\":null}\n"
    );
    assert_eq!(world.requests("PUT"), ["lab:apple Requester by LTAI…0002"]);
    let (output, stdout, _) = recorded::text();
    assert_eq!(run_set(&world, set(Payer::BucketOwner, &["lab:apple", "lab:zebra"]), &output), 0);
    assert_eq!(
        stdout.text(),
        "TARGET     BEFORE     AFTER        RESULT\n\
         lab:apple  Requester  BucketOwner  changed, read back\n\
         lab:zebra  Requester  BucketOwner  changed, read back\n"
    );
}

#[test]
fn a_change_that_the_store_does_not_show_is_not_done() {
    let world = two_accounts();
    world.0.borrow_mut().stubborn = true;
    let (output, stdout, stderr) = recorded::text();
    assert_eq!(run_set(&world, set(Payer::Requester, &["lab:apple"]), &output), 1);
    assert!(stdout.text().contains("lab:apple  BucketOwner  BucketOwner  not applied"), "{}", stdout.text());
    assert!(stderr.text().contains("the store took the change, but still answers another payer"), "{}", stderr.text());
}

#[test]
fn one_failure_among_several_is_partly_done() {
    let world = two_accounts().with_failure("lab:zebra", ErrorKind::Denied);
    let (output, stdout, stderr) = recorded::text();
    assert_eq!(run_set(&world, set(Payer::Requester, &["lab:zebra", "lab:apple"]), &output), 7);
    assert!(stdout.text().contains("lab:zebra  -            -          not read, not changed"), "{}", stdout.text());
    assert!(stderr.text().contains("error: 1 of 2 targets failed"), "{}", stderr.text());
    assert_eq!(world.requests("PUT"), ["lab:apple Requester by LTAI…0002"]);
}

#[test]
fn nothing_is_asked_or_sent_without_terminal_and_yes() {
    let world = two_accounts();
    let (output, ..) = recorded::text();
    let asked = Set { answers: Answers::Nobody, ..set(Payer::Requester, &["lab:apple"]) };
    assert_eq!(run_set(&world, asked, &output), 5);
    assert_eq!(run_set(&world, set(Payer::Requester, &["lab:apple", "museum:art"]), &output), 5, "read-only, even with --yes");
    assert!(world.0.borrow().requests.is_empty(), "{:?}", world.0.borrow().requests);
}

#[test]
fn a_rehearsal_only_reads() {
    let world = two_accounts();
    let (output, stdout, _) = recorded::text();
    let rehearsal = |targets| Set { rehearsal: Rehearsal::PlanOnly, answers: Answers::Nobody, ..set(Payer::Requester, targets) };
    assert_eq!(run_set(&world, rehearsal(&["lab:apple", "lab:zebra"]), &output), 0);
    assert!(
        stdout.text().starts_with(
            "TARGET     PAYER        PLAN\n\
             lab:apple  BucketOwner  becomes Requester\n\
             lab:zebra  Requester    unchanged\n\
             keys of lab: LTAI…0002\n\
             lab:apple:\n\
             \x20 breaks  The bucket is a static website: its website endpoint answers every visitor with 403 from then on.\n\
             \x20 breaks  The access list lets everyone read: anonymous requests will be refused, and signed ones need the payer header.\n\
             \x20 unread  policy: access denied\\u{1b}\n\
             Looked at 1 bucket with 3 requests, none for objects.\n\
             Requester: whoever sends a request pays"
        ),
        "{}",
        stdout.text()
    );
    let (output, stdout, _) = recorded::json();
    run_set(&world, rehearsal(&["lab:apple", "lab:zebra"]), &output);
    assert_eq!(
        stdout.text(),
        "{\"target\":\"lab:apple\",\"before\":\"BucketOwner\",\"after\":null,\"verified\":false,\"request_id\":null,\"planned\":\"Requester\",\
         \"findings\":[\
         {\"gravity\":\"breaks\",\"certainty\":\"certain\",\"setting\":\"website\",\
         \"text\":\"The bucket is a static website: its website endpoint answers every visitor with 403 from then on.\"},\
         {\"gravity\":\"breaks\",\"certainty\":\"certain\",\"setting\":\"acl\",\
         \"text\":\"The access list lets everyone read: anonymous requests will be refused, and signed ones need the payer header.\"},\
         {\"gravity\":\"shifts\",\"certainty\":\"certain\",\"setting\":null,\
         \"text\":\"Links that you have signed, or will sign, stay on your bill, whoever opens them.\"}],\
         \"unread\":[{\"setting\":\"policy\",\"why\":\"access denied\\u001b\"}],\"caller\":\"LTAI…0002\"}\n\
         {\"target\":\"lab:zebra\",\"before\":\"Requester\",\"after\":null,\"verified\":false,\"request_id\":null,\"planned\":null,\"caller\":\"LTAI…0002\"}\n"
    );
    assert!(world.requests("PUT").is_empty());
    assert_eq!(world.requests("LOOK"), ["lab:apple", "lab:apple"], "what stays as it is breaks nothing");
}

#[test]
fn a_person_reads_what_breaks_before_the_question_and_yes_spares_the_look() {
    let world = two_accounts();
    let (output, _, stderr) = recorded::text();
    let asked = Set { answers: Answers::Person, types: vec!["n"], ..set(Payer::Requester, &["lab:apple"]) };
    assert_eq!(run_set(&world, asked, &output), 5);
    let told = stderr.text();
    let (website, question) = (told.find("static website"), told.find("Change the payer of 1 bucket?"));
    assert!(website.is_some() && website < question, "{told}");
    assert_eq!(run_set(&world, set(Payer::Requester, &["lab:apple"]), &output), 0);
    assert_eq!(world.requests("LOOK"), ["lab:apple"]);
}

#[test]
fn targets_find_their_account_region_and_owner() {
    let config = config();
    let found = |acting: Option<&str>, target: &str| {
        resolve::buckets(&config, acting, &words(&[target])).map(|mut found| {
            let place = found.remove(0).place;
            (place.id.to_string(), place.region, place.expected_owner)
        })
    };
    let ours = (String::from("research:papers"), None, Some("111122223333".to_owned()));
    let theirs = (String::from("research:arxiv"), Some("us-east-1".to_owned()), Some("444455556666".to_owned()));
    assert_eq!(found(None, "research:papers").expect("own"), ours);
    assert_eq!(found(None, "research:papers/").expect("a slash names no key"), ours);
    assert_eq!(found(Some("research"), "s3://papers").expect("acting"), ours);
    assert_eq!(found(None, "s3://arxiv").expect("the only account that names it"), theirs);
    assert_eq!(found(Some("lab"), "oss://shared").expect("oss").0, "lab:shared");
}

#[test]
fn targets_that_fit_nothing_say_so() {
    let config = config();
    let refused = |acting: Option<&str>, target: &str| {
        let error = resolve::buckets(&config, acting, &words(&[target])).map(|_| ()).expect_err(target);
        assert_eq!(error.kind(), ErrorKind::Usage, "{target}");
        error.message().to_owned()
    };
    assert_eq!(refused(None, "s3://papers"), "target \"s3://papers\" fits several accounts: research, vault");
    assert_eq!(refused(None, "nobody:papers"), "there is no account \"nobody\"");
    assert_eq!(refused(Some("lab"), "s3://papers"), "target \"s3://papers\" does not fit account lab, which speaks oss");
    assert_eq!(refused(Some("lab"), "research:papers"), "target \"research:papers\" names another account than --account lab");
    assert_eq!(
        refused(None, "research:papers/2026/a.pdf"),
        "target \"research:papers/2026/a.pdf\" names a key, but the payer belongs to the whole bucket"
    );
    assert_eq!(refused(None, "lab:UPPER"), "bucket name \"UPPER\" is not valid");
    assert_eq!(refused(None, "bukets"), "target \"bukets\" is not understood");
    let config = Config { accounts: vec![account("lab", Provider::Oss, Access::Normal)], ..Config::default() };
    let error = resolve::buckets(&config, None, &words(&["s3://papers"])).map(|_| ()).expect_err("no s3");
    assert_eq!(error.message(), "target \"s3://papers\" needs an account of provider s3, and the config has none");
}

#[test]
fn options_stand_before_and_after_the_command() {
    for line in [["whopays", "--json", "buckets", "lab"], ["whopays", "buckets", "lab", "--json"]] {
        let parsed = CommandLine::try_parse_from(line).expect("a command line");
        assert!(parsed.global.json && parsed.target.is_none() && parsed.command.is_some());
    }
    let console = CommandLine::try_parse_from(["whopays", "research:arxiv"]).expect("a command line");
    assert_eq!(console.target.as_deref(), Some("research:arxiv"));
}

//! Whose keys an account gets: from its own source and no other, renewed in time, never in a message.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails here"
)]

use std::collections::HashMap;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use jiff::Timestamp;
use reqsign_core::{CommandExecute, CommandOutput, Context, FileRead, HttpSend, StaticEnv};
use whopays::config::{self, Config, LiteralSecrets};
use whopays::credentials::{Loader, SecretDesk};
use whopays::domain::{AccountName, Credentials, Error, ErrorKind, Keys, Result, Secret};
use whopays::runtime::context;
use whopays::runtime::desk::Desk;

const CANARY: &str = "CANARYwJalrXUtnFEMIbPxRfiCY9";

// P21, H9: what must not exist cannot be printed. The inherent constant wins if the trait is implemented.
trait Lacks {
    const HAS: bool = false;
}
impl<T> Lacks for T {}
struct Shows<T>(PhantomData<T>);
impl<T: std::fmt::Debug> Shows<T> {
    const HAS: bool = true;
}
struct Displays<T>(PhantomData<T>);
impl<T: std::fmt::Display> Displays<T> {
    const HAS: bool = true;
}
struct Writes<T>(PhantomData<T>);
impl<T: serde::Serialize> Writes<T> {
    const HAS: bool = true;
}
const _: () = assert!(Shows::<String>::HAS && Displays::<String>::HAS && Writes::<String>::HAS, "the check itself works");
const _: () = assert!(!Shows::<Secret>::HAS && !Displays::<Secret>::HAS && !Writes::<Secret>::HAS);
const _: () = assert!(!Shows::<Credentials>::HAS && !Displays::<Credentials>::HAS && !Writes::<Credentials>::HAS);
const _: () = assert!(!Shows::<Keys>::HAS && !Displays::<Keys>::HAS && !Writes::<Keys>::HAS);
const _: () = assert!(!Shows::<config::Source>::HAS && !Shows::<Config>::HAS && !Shows::<Loader>::HAS && !Shows::<Desk>::HAS);

type Answer = dyn Fn(&http::Request<Bytes>) -> (u16, String) + Send + Sync;

/// A machine in memory: variables, files, programs, and whoever answers HTTP.
#[derive(Clone)]
struct World {
    variables: HashMap<String, String>,
    files: HashMap<String, String>,
    programs: HashMap<String, (i32, String)>,
    answer: Arc<Answer>,
    asked: Arc<Mutex<Vec<http::Request<Bytes>>>>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

impl World {
    fn new() -> Self {
        Self {
            variables: HashMap::new(),
            files: HashMap::new(),
            programs: HashMap::new(),
            answer: Arc::new(|_| (599, String::new())),
            asked: Arc::default(),
        }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.replace('~', "/home/me"), text.to_owned());
        self
    }

    fn program(mut self, line: &str, status: i32, output: &str) -> Self {
        self.programs.insert(line.to_owned(), (status, output.to_owned()));
        self
    }

    fn http(mut self, answer: impl Fn(&http::Request<Bytes>) -> (u16, String) + Send + Sync + 'static) -> Self {
        self.answer = Arc::new(answer);
        self
    }

    fn context(&self) -> Context {
        let env = StaticEnv { home_dir: Some(PathBuf::from("/home/me")), envs: self.variables.clone() };
        Context::new().with_env(env).with_file_read(self.clone()).with_http_send(self.clone()).with_command_execute(self.clone())
    }

    fn urls(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|request| format!("{} {}", request.method(), request.uri())).collect()
    }

    fn loader(&self, account: &str) -> Loader {
        self.loaders(&format!("[accounts.a]\nregion = \"us-west-2\"\n{account}")).remove(0)
    }

    fn loaders(&self, text: &str) -> Vec<Loader> {
        let config = config::parse("config.toml", text, LiteralSecrets::Allowed).unwrap_or_else(|error| panic!("{error}"));
        let desk: Arc<dyn SecretDesk> = Arc::new(TestDesk);
        let loader = |account| Loader::new(account, &config, self.context(), Arc::clone(&desk)).unwrap_or_else(|error| panic!("{error}"));
        config.accounts.iter().map(loader).collect()
    }

    async fn keys(&self, account: &str) -> Found {
        found(self.loader(account).load(noon()).await)
    }

    async fn trouble(&self, account: &str) -> (String, String) {
        let Err(error) = self.loader(account).load(noon()).await else { panic!("keys were given") };
        assert_eq!(error.kind(), ErrorKind::Credentials);
        let (message, hint) = (error.message().to_owned(), error.hint_text().expect("a remedy").to_owned());
        let everything = format!("{message} {hint} {error:?}");
        assert!(!everything.contains("CANARY"), "{everything}");
        (message, hint)
    }
}

impl FileRead for World {
    async fn file_read(&self, path: &str) -> reqsign_core::Result<Vec<u8>> {
        let text = self.files.get(path).ok_or_else(|| reqsign_core::Error::config_invalid("no such file"))?;
        Ok(text.clone().into_bytes())
    }
}

impl HttpSend for World {
    async fn http_send(&self, request: http::Request<Bytes>) -> reqsign_core::Result<http::Response<Bytes>> {
        let (status, body) = (self.answer)(&request);
        self.asked.lock().unwrap().push(request);
        tokio::task::yield_now().await;
        if status == 599 {
            return Err(reqsign_core::Error::unexpected("nobody is there"));
        }
        Ok(http::Response::builder().status(status).body(Bytes::from(body)).unwrap())
    }
}

impl CommandExecute for World {
    async fn command_execute(&self, program: &str, args: &[&str]) -> reqsign_core::Result<CommandOutput> {
        let line = [&[program], args].concat().join("|");
        let (status, output) = self.programs.get(&line).ok_or_else(|| reqsign_core::Error::config_invalid(format!("no {line}")))?;
        Ok(CommandOutput { status: *status, stdout: output.clone().into_bytes(), stderr: CANARY.as_bytes().to_vec() })
    }
}

struct TestDesk;

impl SecretDesk for TestDesk {
    fn keyring(&self, entry: &str) -> Result<Secret> {
        match entry {
            "good" => {
                Ok(Secret::new(r#"{"access_key_id": "KEYRING1", "access_key_secret": "from-keyring", "session_token": "kt"}"#.to_owned()))
            }
            "odd" => Ok(Secret::new(format!("AKIA:{CANARY}"))),
            _ => Err(Error::new(ErrorKind::Credentials, "keyring entry x: is not in the keyring").hint("Store it.")),
        }
    }

    fn prompted(&self, account: &AccountName) -> Result<Credentials> {
        let secret = Secret::new(format!("typed for {account}"));
        Ok(Credentials { access_key_id: "TYPED1".to_owned(), secret, session_token: None, expires_at: None })
    }
}

/// Keys in a form that a test can compare.
type Found = (String, String, Option<String>);

fn found(keys: Result<Keys>) -> Found {
    match keys {
        Ok(Keys::Signed(keys)) => {
            let token = keys.session_token.as_ref().map(|token| token.expose().to_owned());
            (keys.access_key_id.clone(), keys.secret.expose().to_owned(), token)
        }
        Ok(Keys::Anonymous) => panic!("anonymous"),
        Err(error) => panic!("{} ({:?})", error.message(), error.hint_text()),
    }
}

fn three(id: &str, secret: &str, token: Option<&str>) -> Found {
    (id.to_owned(), secret.to_owned(), token.map(str::to_owned))
}

fn noon() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn at(time: &str) -> Timestamp {
    format!("2026-11-21T{time}Z").parse().unwrap()
}

const S3: &str = "provider = \"s3\"\n";
const OSS: &str = "provider = \"oss\"\n";

fn s3(credentials: &str) -> String {
    format!("{S3}credentials = \"{credentials}\"\n")
}

fn oss(credentials: &str) -> String {
    format!("{OSS}credentials = \"{credentials}\"\n")
}

fn aws_environment() -> World {
    World::new()
        .variable("AWS_ACCESS_KEY_ID", "ENVKEY")
        .variable("AWS_SECRET_ACCESS_KEY", "env-secret")
        .variable("AWS_SESSION_TOKEN", "env-token")
}

const AWS_CREDENTIALS: &str = "[default]\naws_access_key_id = DEFAULTKEY\naws_secret_access_key = default-secret\n\n[research]\naws_access_key_id = RESEARCHKEY\naws_secret_access_key = research/secret+=\naws_session_token = rt\n";

#[tokio::test]
async fn env_reads_the_providers_variables() {
    let world = aws_environment().variable("OSS_ACCESS_KEY_ID", "OSSKEY").variable("OSS_ACCESS_KEY_SECRET", "oss-secret");
    assert_eq!(world.keys(&s3("env")).await, three("ENVKEY", "env-secret", Some("env-token")));
    assert_eq!(world.keys(&oss("env")).await, three("OSSKEY", "oss-secret", None));
    let both = world.variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIKEY").variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ali-secret");
    assert_eq!(both.keys(&oss("env")).await.0, "OSSKEY", "the tool's own names come first");
    let general = World::new()
        .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIKEY")
        .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ali-secret")
        .variable("ALIBABA_CLOUD_SECURITY_TOKEN", "ali-token")
        .variable("OSS_SESSION_TOKEN", "of another set");
    assert_eq!(general.keys(&oss("env")).await, three("ALIKEY", "ali-secret", Some("ali-token")));
}

#[tokio::test]
async fn env_says_what_is_missing_and_looks_nowhere_else() {
    let files = World::new().file("~/.aws/credentials", AWS_CREDENTIALS);
    assert_eq!(
        files.trouble(&s3("env")).await,
        (
            "account a: environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set".to_owned(),
            "Set both, or choose another source of credentials.".to_owned()
        )
    );
    assert_eq!(files.urls(), Vec::<String>::new());
    let half = World::new().variable("AWS_SECRET_ACCESS_KEY", CANARY);
    let (message, hint) = half.trouble(&s3("env")).await;
    assert_eq!(message, "account a: environment: AWS_ACCESS_KEY_ID is not set, although AWS_SECRET_ACCESS_KEY is");
    assert_eq!(hint, "Set AWS_ACCESS_KEY_ID, or unset AWS_SECRET_ACCESS_KEY.");
    let mixed = World::new().variable("OSS_ACCESS_KEY_ID", "X").variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", CANARY);
    let (message, _) = mixed.trouble(&oss("env")).await;
    assert_eq!(message, "account a: environment: OSS_ACCESS_KEY_SECRET is not set, although OSS_ACCESS_KEY_ID is");
}

/// P24, H4: a profile is that profile, whatever the environment says.
#[tokio::test]
async fn a_profile_is_never_replaced_by_the_environment_or_another_profile() {
    let world = aws_environment()
        .variable("AWS_PROFILE", "default")
        .file("~/.aws/credentials", AWS_CREDENTIALS)
        .file("~/.aws/config", "[profile research]\nregion = us-west-2\naws_access_key_id = OTHERKEY\naws_secret_access_key = other\n");
    assert_eq!(world.keys(&s3("profile:research")).await, three("RESEARCHKEY", "research/secret+=", Some("rt")));
    assert_eq!(world.keys(&s3("profile:default")).await, three("DEFAULTKEY", "default-secret", None));
    let (message, hint) = world.trouble(&s3("profile:reserch")).await;
    assert_eq!(message, "account a: profile reserch: is not in ~/.aws/config or ~/.aws/credentials");
    assert_eq!(hint, "Did you mean `research`?");
    let cli = r#"{"current": "main", "profiles": [{"name": "main", "mode": "AK", "access_key_id": "MAINKEY", "access_key_secret": "m"},
        {"name": "lab", "mode": "StsToken", "access_key_id": "LABKEY", "access_key_secret": "l", "sts_token": "lt"}]}"#;
    let oss_world = World::new()
        .variable("ALIBABA_CLOUD_PROFILE", "main")
        .variable("OSS_ACCESS_KEY_ID", "ENV")
        .variable("OSS_ACCESS_KEY_SECRET", "env")
        .file("~/.aliyun/config.json", cli);
    assert_eq!(oss_world.keys(&oss("profile:lab")).await, three("LABKEY", "l", Some("lt")));
    let (message, _) = oss_world.trouble(&oss("profile:lap")).await;
    assert_eq!(message, "account a: profile lap: is not in ~/.aliyun/config.json or ~/.ossutilconfig");
    let nobody = World::new();
    let (_, hint) = nobody.trouble(&oss("profile:lab")).await;
    assert_eq!(hint, "Run `aliyun configure`, or choose another source of credentials.");
}

#[tokio::test]
async fn files_may_be_elsewhere() {
    let world = World::new().variable("AWS_SHARED_CREDENTIALS_FILE", "/etc/keys").file("/etc/keys", AWS_CREDENTIALS);
    assert_eq!(world.keys(&s3("profile:research")).await.0, "RESEARCHKEY");
}

const ASSUMED: &str = r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser>
<Arn>arn:aws:sts::111122223333:assumed-role/Reader/whopays</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAROLEKEY</AccessKeyId>
<SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken><Expiration>2026-11-21T13:00:00Z</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>"#;

#[tokio::test]
async fn a_profiles_role_is_assumed_with_its_source_profile() {
    let config = "[profile reader]\nrole_arn = arn:aws:iam::111122223333:role/Reader\nsource_profile = research\nexternal_id = x 1\nregion = eu-west-1\n";
    let world = World::new().file("~/.aws/config", config).file("~/.aws/credentials", AWS_CREDENTIALS).http(|_| (200, ASSUMED.to_owned()));
    let loader = world.loader(&s3("profile:reader"));
    assert_eq!(found(loader.load(noon()).await), three("ASIAROLEKEY", "role-secret", Some("role-token")));
    assert_eq!(loader.origin(), "profile reader (~/.aws/config, role)");
    assert_eq!(world.urls(), ["POST https://sts.eu-west-1.amazonaws.com/"]);
    let asked = world.asked.lock().unwrap();
    let authorization = asked[0].headers()["authorization"].to_str().unwrap();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=RESEARCHKEY/"), "{authorization}");
    assert!(authorization.contains("/eu-west-1/sts/aws4_request"), "{authorization}");
    assert_eq!(asked[0].headers()["x-amz-security-token"], "rt");
    assert_eq!(
        asked[0].body().as_ref(),
        b"Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FReader&RoleSessionName=whopays&DurationSeconds=3600&ExternalId=x%201".as_slice()
    );
}

#[tokio::test]
async fn role_chains_of_profiles_may_not_go_in_a_circle() {
    let config = "[profile a]\nrole_arn = arn:aws:iam::1:role/A\nsource_profile = b\n[profile b]\nrole_arn = arn:aws:iam::1:role/B\nsource_profile = a\n[profile m]\nrole_arn = arn:aws:iam::1:role/M\nsource_profile = a\nmfa_serial = arn:aws:iam::1:mfa/me\n[profile e]\nregion = us-east-1\n";
    let world = World::new().file("~/.aws/config", config);
    assert_eq!(world.trouble(&s3("profile:a")).await.0, "account a: profile a: its role chain goes in a circle");
    assert_eq!(world.trouble(&s3("profile:m")).await.0, "account a: profile m: its role asks for an MFA code");
    assert_eq!(world.trouble(&s3("profile:e")).await.0, "account a: profile e: has no keys, role, SSO or credential_process");
    assert!(world.urls().is_empty());
}

/// `printf corp | sha1sum`, and the same of the start URL.
const SSO_SESSION_FILE: &str = "~/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
const SSO_URL_FILE: &str = "~/.aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json";

#[tokio::test]
async fn sso_profiles_of_both_forms_are_read() {
    let config = "[profile new]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Reader\n[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n\
        [profile old]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 444455556666\nsso_role_name = Writer\n";
    let token = |name: &str, until: &str| format!(r#"{{"accessToken": "{name}", "expiresAt": "{until}"}}"#);
    let keys = r#"{"roleCredentials": {"accessKeyId": "SSOKEY", "secretAccessKey": "sso-secret", "sessionToken": "sso-token", "expiration": 1795269600000}}"#;
    let world = World::new()
        .variable("AWS_SSO_ENDPOINT", "https://collector.example/federation/credentials")
        .file("~/.aws/config", config)
        .file(SSO_SESSION_FILE, &token("bearer-new", "2999-01-01T00:00:00Z"))
        .file(SSO_URL_FILE, &token("bearer-old", "2999-01-01T00:00:00Z"))
        .http(move |_| (200, keys.to_owned()));
    let loader = world.loader(&s3("profile:new"));
    assert_eq!(found(loader.load(noon()).await), three("SSOKEY", "sso-secret", Some("sso-token")));
    assert_eq!(loader.origin(), "profile new (~/.aws/config, SSO)");
    assert_eq!(world.keys(&s3("profile:old")).await.0, "SSOKEY");
    assert_eq!(
        world.urls(),
        [
            "GET https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=Reader&account_id=111122223333",
            "GET https://portal.sso.us-east-1.amazonaws.com/federation/credentials?role_name=Writer&account_id=444455556666",
        ]
    );
    let bearers: Vec<_> = world.asked.lock().unwrap().iter().map(|request| request.headers()["x-amz-sso_bearer_token"].clone()).collect();
    assert_eq!(bearers, ["bearer-new", "bearer-old"]);
    let expired = aws_environment().file("~/.aws/config", config).file(SSO_SESSION_FILE, &token(CANARY, "2020-01-01T00:00:00Z"));
    let (message, hint) = expired.trouble(&s3("profile:new")).await;
    assert!(message.starts_with("account a: profile new: SSO: "), "{message}");
    assert_eq!(hint, "Run `aws sso login --profile new`.");
}

#[tokio::test]
async fn processes_are_run_without_a_shell() {
    let aws = format!(
        r#"{{"Version": 1, "AccessKeyId": "PROCKEY", "SecretAccessKey": "proc-secret", "SessionToken": "{CANARY}", "Expiration": "2026-11-21T13:00:00Z"}}"#
    );
    let oss_output = r#"{"AccessKeyId": "OSSPROC", "AccessKeySecret": "ps", "SecurityToken": "pt"}"#;
    let world = World::new()
        .program("vault|read|a b|$HOME", 0, &aws)
        .program("ossvault", 0, oss_output)
        .program("broken|--token|x", 3, CANARY)
        .program("chatty", 0, &format!("hello {CANARY}"))
        .program("version", 0, r#"{"Version": 2, "AccessKeyId": "A", "SecretAccessKey": "B"}"#)
        .file("~/.aws/config", "[profile p]\ncredential_process = vault read 'a b' $HOME\n");
    assert_eq!(world.keys(&s3("process:vault read 'a b' $HOME")).await.0, "PROCKEY");
    assert_eq!(world.keys(&s3("profile:p")).await.0, "PROCKEY");
    assert_eq!(world.keys(&oss("process:ossvault")).await, three("OSSPROC", "ps", Some("pt")));
    assert_eq!(
        world.trouble(&s3("process:broken --token x")).await,
        ("account a: process broken: ended with status 3".to_owned(), "Run the command by itself to see what it says.".to_owned())
    );
    let (message, hint) = world.trouble(&s3("process:chatty")).await;
    assert_eq!(message, "account a: process chatty: printed something that is not keys as JSON");
    assert!(hint.starts_with("Let it print {\"Version\": 1,"), "{hint}");
    assert_eq!(world.trouble(&s3("process:version")).await.0, "account a: process version: printed a version that is not 1");
    assert_eq!(world.trouble(&s3("process:absent")).await.0, "account a: process absent: could not be run, or did not end in time");
}

fn imds(request: &http::Request<Bytes>) -> (u16, String) {
    let token = request.headers().get("x-aws-ec2-metadata-token").map(|token| token.to_str().unwrap().to_owned());
    match (request.method().as_str(), request.uri().path(), token.as_deref()) {
        ("PUT", "/latest/api/token", None) => (200, "imds-token".to_owned()),
        ("GET", "/latest/meta-data/iam/security-credentials/", Some("imds-token")) => (200, "my-role".to_owned()),
        ("GET", "/latest/meta-data/iam/security-credentials/my-role", Some("imds-token")) => (
            200,
            r#"{"Code": "Success", "AccessKeyId": "IMDSKEY", "SecretAccessKey": "imds-secret", "Token": "it", "Expiration": "2026-11-21T18:00:00Z"}"#
                .to_owned(),
        ),
        _ => (401, String::new()),
    }
}

#[tokio::test]
async fn the_machines_role_comes_from_imds_with_a_token() {
    let world = aws_environment().http(imds);
    let loader = world.loader(&s3("instance"));
    assert_eq!(found(loader.load(noon()).await), three("IMDSKEY", "imds-secret", Some("it")));
    assert_eq!(loader.origin(), "instance role");
    assert_eq!(
        world.urls(),
        [
            "PUT http://169.254.169.254/latest/api/token",
            "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/",
            "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role",
        ]
    );
    let moved = World::new().variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338").http(imds);
    assert_eq!(moved.keys(&s3("instance")).await.0, "IMDSKEY");
    assert!(moved.urls()[0].starts_with("PUT http://127.0.0.1:1338/"));
    let elsewhere = World::new();
    let (message, hint) = elsewhere.trouble(&s3("instance")).await;
    assert!(message.starts_with("account a: instance role: "), "{message}");
    assert_eq!(hint, "Check that this is an EC2 instance with a role and IMDSv2 allowed.");
}

#[tokio::test]
async fn the_containers_role_is_asked_only_at_the_containers_service() {
    let keys = r#"{"AccessKeyId": "TASKKEY", "SecretAccessKey": "ts", "Token": "tt", "Expiration": "2026-11-21T18:00:00Z"}"#;
    let world = World::new()
        .variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials")
        .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/token")
        .file("/var/run/token", "pod-token\n")
        .http(move |_| (200, keys.to_owned()));
    assert_eq!(world.keys(&s3("instance")).await, three("TASKKEY", "ts", Some("tt")));
    assert_eq!(world.asked.lock().unwrap()[0].headers()["authorization"], "pod-token");
    let foreign = World::new()
        .variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://collector.example/")
        .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", CANARY)
        .http(move |_| (200, keys.to_owned()));
    let (message, _) = foreign.trouble(&s3("instance")).await;
    assert_eq!(
        message,
        "account a: container role: AWS_CONTAINER_CREDENTIALS_FULL_URI names a host that is not this machine or container service"
    );
    assert!(foreign.urls().is_empty(), "P23: the token did not leave");
}

#[tokio::test]
async fn the_default_chain_takes_the_first_source_that_is_set_up() {
    let world = aws_environment().file("~/.aws/credentials", AWS_CREDENTIALS).http(imds);
    let loader = world.loader(&s3("default"));
    assert_eq!(loader.origin(), "default chain");
    assert_eq!(found(loader.load(noon()).await).0, "ENVKEY");
    assert_eq!(loader.origin(), "default chain: environment");
    let profile = World::new().variable("AWS_PROFILE", "research").file("~/.aws/credentials", AWS_CREDENTIALS).http(imds);
    assert_eq!(profile.keys(S3).await.0, "RESEARCHKEY");
    assert_eq!(World::new().http(imds).keys(S3).await.0, "IMDSKEY");
    let (message, _) = World::new().trouble(S3).await;
    assert_eq!(message, "account a: default chain: no keys in the environment, no profile `default`, no container or instance role");
}

/// cyberduck#18088: an error must not fall through to other keys.
#[tokio::test]
async fn a_broken_source_in_the_chain_ends_it() {
    let named = World::new().variable("AWS_PROFILE", "absent").file("~/.aws/credentials", AWS_CREDENTIALS).http(imds);
    assert_eq!(named.trouble(S3).await.0, "account a: profile absent: is not in ~/.aws/config or ~/.aws/credentials");
    let half = World::new().variable("AWS_ACCESS_KEY_ID", "X").file("~/.aws/credentials", AWS_CREDENTIALS).http(imds);
    assert_eq!(half.trouble(S3).await.0, "account a: environment: AWS_SECRET_ACCESS_KEY is not set, although AWS_ACCESS_KEY_ID is");
    let broken = World::new().file("~/.aliyun/config.json", &format!("{{\"x\": {CANARY}")).http(|_| (200, "role".to_owned()));
    assert_eq!(broken.trouble(OSS).await.0, "account a: ~/.aliyun/config.json: is not the JSON that the aliyun CLI writes");
    assert!(named.urls().is_empty() && half.urls().is_empty() && broken.urls().is_empty());
}

#[tokio::test]
async fn oss_keys_come_from_the_aliyun_and_ossutil_files() {
    let v1 = "[Credentials]\nlanguage=EN\nendpoint=oss-cn-beijing.aliyuncs.com\naccessKeyID=UTILKEY\naccessKeySecret=us\nstsToken=ut\n";
    let world = World::new().file("~/.ossutilconfig", v1);
    assert_eq!(world.keys(OSS).await, three("UTILKEY", "us", Some("ut")));
    let v2 = "[default]\naccessKeyID=D\naccessKeySecret=ds\n[profile dev]\naccessKeyID=DEVKEY\naccessKeySecret=devs\n";
    let loader = World::new().file("~/.ossutilconfig", v2).loader(&oss("profile:dev"));
    assert_eq!(found(loader.load(noon()).await), three("DEVKEY", "devs", None));
    assert_eq!(loader.origin(), "profile dev (~/.ossutilconfig)");
    let cli = r#"{"current": "ext", "profiles": [{"name": "default", "mode": "AK", "access_key_id": "", "access_key_secret": ""},
        {"name": "ext", "mode": "External", "process_command": "print-keys --json"}, {"name": "sso", "mode": "CloudSSO"}]}"#;
    let output = r#"{"mode": "StsToken", "access_key_id": "EXTKEY", "access_key_secret": "es", "sts_token": "et"}"#;
    let world = World::new().file("~/.aliyun/config.json", cli).file("~/.ossutilconfig", v1).program("print-keys|--json", 0, output);
    assert_eq!(world.keys(OSS).await, three("EXTKEY", "es", Some("et")));
    assert_eq!(world.keys(&oss("profile:default")).await.0, "UTILKEY", "the blank profile of the first run is no profile");
    assert_eq!(world.trouble(&oss("profile:sso")).await.0, "account a: profile sso: its mode is not one that can be read here");
}

#[tokio::test]
async fn the_ecs_role_is_asked_with_a_token() {
    let world = World::new().variable("OSS_ACCESS_KEY_ID", "ENV").variable("OSS_ACCESS_KEY_SECRET", "env").http(|request| {
        let token = request.headers().get("x-aliyun-ecs-metadata-token").map(|token| token.to_str().unwrap().to_owned());
        match (request.uri().path(), token.as_deref()) {
            ("/latest/api/token", None) => (200, "ecs-token".to_owned()),
            ("/latest/meta-data/ram/security-credentials/", Some("ecs-token")) => (200, "ram-role".to_owned()),
            ("/latest/meta-data/ram/security-credentials/ram-role", Some("ecs-token")) => (
                200,
                r#"{"Code": "Success", "AccessKeyId": "ECSKEY", "AccessKeySecret": "es", "SecurityToken": "et", "Expiration": "2026-11-21T18:00:00Z"}"#
                    .to_owned(),
            ),
            _ => (401, String::new()),
        }
    });
    assert_eq!(world.keys(&oss("instance")).await, three("ECSKEY", "es", Some("et")));
    assert_eq!(world.urls()[0], "PUT http://100.100.100.200/latest/api/token");
}

const TWO_WITH_ROLE: &str = "[accounts.base]\nprovider = \"s3\"\nregion = \"us-west-2\"\naccess_key_id = \"BASEKEY\"\naccess_key_secret = \"base-secret\"\n\
    [accounts.role]\nprovider = \"s3\"\nregion = \"us-west-2\"\ncredentials = \"role:arn:aws:iam::111122223333:role/Reader\"\nsource = \"base\"\n";

#[tokio::test]
async fn an_accounts_role_is_assumed_with_the_source_accounts_keys() {
    let world = aws_environment().http(|_| (200, ASSUMED.to_owned()));
    let loaders = world.loaders(&format!("{TWO_WITH_ROLE}sts_endpoint = \"http://127.0.0.1:9/sts\"\n"));
    assert_eq!(loaders[1].origin(), "role arn:aws:iam::111122223333:role/Reader with the keys of base");
    assert_eq!(found(loaders[1].load(noon()).await), three("ASIAROLEKEY", "role-secret", Some("role-token")));
    assert_eq!(found(loaders[0].load(noon()).await), three("BASEKEY", "base-secret", None), "the source keeps its own keys");
    assert_eq!(world.urls(), ["POST http://127.0.0.1:9/sts/"]);
    let authorization = world.asked.lock().unwrap()[0].headers()["authorization"].to_str().unwrap().to_owned();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=BASEKEY/"), "{authorization}");
    let own = World::new().http(|_| (200, ASSUMED.to_owned())).loaders(&format!("{TWO_WITH_ROLE}endpoint = \"https://store.example\"\n"));
    let error = own[1].load(noon()).await.err().expect("no STS is known");
    assert_eq!(error.hint_text(), Some("Add sts_endpoint = \"https://…\" to the account."));
}

#[tokio::test]
async fn a_refusal_of_sts_is_told_with_its_code() {
    let refusal = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User is not authorized, base-secret{CANARY}base-secret</Message></Error></ErrorResponse>"
    );
    let text = TWO_WITH_ROLE.replace("base-secret", CANARY);
    let world = World::new().http(move |_| (403, refusal.clone()));
    let error = world.loaders(&text)[1].load(noon()).await.err().expect("refused");
    assert_eq!(
        error.message(),
        "account role: role arn:aws:iam::111122223333:role/Reader: STS answered 403 AccessDenied: User is not authorized, base-secret(secret)base-secret"
    );
    assert!(error.hint_text().unwrap().starts_with("Let the role's trust policy name"), "{:?}", error.hint_text());
    for (status, body) in
        [(200, "<html>login</html>"), (200, ""), (200, "<AssumeRoleResponse><AccessKeyId>A</AccessKeyId></AssumeRoleResponse>")]
    {
        let error = World::new().http(move |_| (status, body.to_owned())).loaders(TWO_WITH_ROLE)[1].load(noon()).await.err().expect(body);
        assert!(error.message().ends_with("the answer of STS holds no keys"), "{}", error.message());
    }
}

#[tokio::test]
async fn oss_roles_are_assumed_at_alibabas_sts() {
    let text = "[accounts.base]\nprovider = \"oss\"\nregion = \"cn-hangzhou\"\naccess_key_id = \"BASEKEY\"\naccess_key_secret = \"CANARYbase\"\n\
        [accounts.role]\nprovider = \"oss\"\nregion = \"cn-hangzhou\"\ncredentials = \"role:acs:ram::1234567890123456:role/reader\"\nsource = \"base\"\n";
    let keys = r#"{"Credentials": {"AccessKeyId": "STS.KEY", "AccessKeySecret": "rs", "SecurityToken": "rt", "Expiration": "2026-11-21T13:00:00Z"}}"#;
    let world = World::new().variable("ALIBABA_CLOUD_EXTERNAL_ID", "not-asked-for").http(move |_| (200, keys.to_owned()));
    assert_eq!(found(world.loaders(text)[1].load(noon()).await), three("STS.KEY", "rs", Some("rt")));
    let url = world.urls().remove(0);
    assert!(url.starts_with("GET https://sts.aliyuncs.com/?AccessKeyId=BASEKEY&Action=AssumeRole&"), "{url}");
    assert!(url.contains("RoleArn=acs%3Aram%3A%3A1234567890123456%3Arole%2Freader"), "{url}");
    assert!(url.contains("RoleSessionName=whopays") && !url.contains("not-asked-for"), "{url}");
    let refusal = r#"{"RequestId": "R", "Code": "NoPermission", "Message": "You are not authorized to do this action. CANARYbase"}"#;
    let error = World::new().http(move |_| (403, refusal.to_owned())).loaders(text)[1].load(noon()).await.err().expect("refused");
    assert_eq!(
        error.message(),
        "account role: role acs:ram::1234567890123456:role/reader: STS answered NoPermission: You are not authorized to do this action. (secret)"
    );
}

#[tokio::test]
async fn circles_and_missing_sources_are_refused_before_anything_is_asked() {
    let config = config::parse("config.toml", TWO_WITH_ROLE, LiteralSecrets::Allowed).unwrap_or_else(|error| panic!("{error}"));
    let mut broken = Config { accounts: config.accounts.clone(), ..Config::default() };
    broken.accounts.remove(0);
    let desk: Arc<dyn SecretDesk> = Arc::new(TestDesk);
    let error = Loader::new(&broken.accounts[0], &broken, World::new().context(), desk).err().expect("no source");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.message(), "account role: source names an account that is not in this file");
}

#[tokio::test]
async fn the_desk_is_asked_for_keyring_and_prompt() {
    let world = World::new();
    let loader = world.loader(&s3("keyring:good"));
    assert_eq!(found(loader.load(noon()).await), three("KEYRING1", "from-keyring", Some("kt")));
    assert_eq!(loader.origin(), "keyring entry good");
    assert_eq!(
        world.trouble(&s3("keyring:odd")).await.0,
        "account a: keyring entry odd: is not a JSON object with access_key_id and access_key_secret"
    );
    assert_eq!(world.trouble(&s3("keyring:none")).await.0, "account a: keyring entry x: is not in the keyring");
    assert_eq!(world.keys(&oss("prompt")).await, three("TYPED1", "typed for a", None));
    let desk = Desk::default();
    let error = desk.prompted(&AccountName::new("a")).err().expect("nobody typed");
    assert_eq!(error.message(), "nobody was asked, because there is no terminal");
    assert!(matches!(world.loader(&s3("anonymous")).load(noon()).await, Ok(Keys::Anonymous)));
}

/// H3: two accounts never share keys, even if they are asked in turn and at once.
#[tokio::test]
async fn each_account_has_its_own_keys() {
    let world = aws_environment().file("~/.aws/credentials", AWS_CREDENTIALS);
    let text = "[accounts.one]\nprovider = \"s3\"\nregion = \"us-west-2\"\ncredentials = \"profile:research\"\n\
        [accounts.two]\nprovider = \"s3\"\nregion = \"us-west-2\"\ncredentials = \"env\"\n\
        [accounts.three]\nprovider = \"s3\"\nregion = \"us-west-2\"\naccess_key_id = \"RESEARCHKEY\"\naccess_key_secret = \"another\"\n";
    let loaders = world.loaders(text);
    for _ in 0..3 {
        assert_eq!(found(loaders[0].load(noon()).await).1, "research/secret+=");
        assert_eq!(found(loaders[1].load(noon()).await).1, "env-secret");
        assert_eq!(found(loaders[2].load(noon()).await).1, "another");
    }
}

/// A machine's role whose keys expire at 13:00, then at 14:00 and so on; it fails while `down` is 1.
fn renewing(down: Arc<AtomicUsize>) -> World {
    let renewed = Arc::new(AtomicUsize::new(0));
    World::new().variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds").http(move |_| {
        if down.load(Ordering::SeqCst) == 1 {
            return (500, CANARY.repeat(0));
        }
        let round = renewed.fetch_add(1, Ordering::SeqCst);
        (
            200,
            format!(
                r#"{{"AccessKeyId": "ROUND{round}", "SecretAccessKey": "s", "Token": "t", "Expiration": "2026-11-21T{}:00:00Z"}}"#,
                13 + round
            ),
        )
    })
}

#[tokio::test]
async fn keys_are_renewed_five_minutes_before_they_expire() {
    let down = Arc::new(AtomicUsize::new(0));
    let world = renewing(Arc::clone(&down));
    let loader = world.loader(&s3("instance"));
    assert_eq!(found(loader.load(at("12:00:00")).await).0, "ROUND0");
    assert_eq!(found(loader.load(at("12:54:59")).await).0, "ROUND0");
    assert_eq!(world.urls().len(), 1);
    assert_eq!(found(loader.load(at("12:55:00")).await).0, "ROUND1");
    assert_eq!(world.urls().len(), 2);
    down.store(1, Ordering::SeqCst);
    assert_eq!(found(loader.load(at("13:56:00")).await).0, "ROUND1", "still good for four minutes, although the source fails");
    assert_eq!(world.urls().len(), 3);
    assert_eq!(found(loader.load(at("13:56:29")).await).0, "ROUND1");
    assert_eq!(world.urls().len(), 3, "not asked again within half a minute");
    let error = loader.load(at("14:00:00")).await.err().expect("expired and not renewed");
    assert_eq!(error.kind(), ErrorKind::Credentials);
    down.store(0, Ordering::SeqCst);
    assert_eq!(found(loader.load(at("14:00:01")).await).0, "ROUND2");
}

#[tokio::test]
async fn many_callers_ask_once_and_forgetting_asks_again() {
    let world = renewing(Arc::default());
    let loader = Arc::new(world.loader(&s3("instance")));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let loader = Arc::clone(&loader);
            tokio::spawn(async move { found(loader.load(at("12:00:00")).await).0 })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), "ROUND0");
    }
    assert_eq!(world.urls().len(), 1);
    let refused = loader.load(at("12:00:01")).await.expect("keys");
    for _ in 0..50 {
        assert!(loader.forget(&refused), "trying again is worth it for each of them");
        assert_eq!(found(loader.load(at("12:00:01")).await).0, "ROUND1", "and only the first one's word makes the source asked");
    }
    assert_eq!(world.urls().len(), 2);
}

/// Forty rows of an account whose source is down: one wait, not forty.
#[tokio::test]
async fn many_callers_hear_of_trouble_together() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let world = World::new().http(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        (500, String::new())
    });
    let loader = world.loader(&s3("instance"));
    loader.load(at("12:00:00")).await.err().expect("down");
    let once = asked.swap(0, Ordering::SeqCst);
    let load = || loader.load(at("12:00:01"));
    let (a, b, c, d) = tokio::join!(load(), load(), load(), load());
    for answer in [a, b, c, d] {
        assert_eq!(answer.err().expect("down").kind(), ErrorKind::Credentials);
    }
    assert_eq!(asked.load(Ordering::SeqCst), once);
    loader.load(at("12:00:02")).await.err().expect("still down");
    assert_eq!(asked.load(Ordering::SeqCst), 2 * once, "who comes later asks anew");
}

#[tokio::test]
async fn keys_that_come_expired_are_refused() {
    let world = renewing(Arc::default());
    let error = world.loader(&s3("instance")).load(at("13:00:00")).await.err().expect("expired");
    assert_eq!(error.message(), "account a: the source gave keys that expired at 2026-11-21T13:00:00Z");
    assert!(error.hint_text().unwrap().contains("clock"));
}

// The real context: what a provider can and cannot do on this machine.

/// A server that answers every connection with the same bytes; it counts connections.
async fn server(answer: &'static str) -> (String, Arc<AtomicUsize>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, count)
}

#[tokio::test]
async fn the_context_follows_no_redirect_and_repeats_no_url() {
    let (target, reached) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let redirect: &'static str = Box::leak(format!("HTTP/1.1 307 X\r\nlocation: {target}/\r\ncontent-length: 0\r\n\r\n").into_boxed_str());
    let (first, _) = server(redirect).await;
    let context = context::system(None);
    let ask = |url: String| http::Request::builder().uri(url).body(Bytes::new()).unwrap();
    let error = context.http_send(ask(format!("{first}/?token={CANARY}"))).await.expect_err("a redirect is an error");
    assert_eq!(error.to_string(), "127.0.0.1 answered with a redirect, which is not followed");
    assert_eq!(reached.load(Ordering::SeqCst), 0, "A7");
    let answer = context.http_send(ask(target)).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (200, b"ok".as_slice()));
    let closed = context.http_send(ask(format!("http://127.0.0.1:1/?token={CANARY}"))).await.expect_err("nobody listens");
    assert_eq!(format!("{closed} {closed:?}").matches("CANARY").count(), 0);
    assert_eq!(closed.to_string(), "127.0.0.1 could not be reached");
}

#[tokio::test]
async fn the_context_reads_regular_files_and_runs_programs_without_a_shell() {
    let context = context::system(None);
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert!(context.file_read(fifo.to_str().unwrap()).await.is_err(), "F5: a FIFO would never end");
    assert!(context.file_read(folder.path().to_str().unwrap()).await.is_err());
    let output = context.command_execute("echo", &["$HOME", ";", "`id`"]).await.unwrap();
    assert_eq!(output.stdout, b"$HOME ; `id`\n");
    assert_eq!(context.command_execute("false", &[]).await.unwrap().status, 1);
    assert!(context.command_execute("no-such-program-here", &[]).await.is_err());
}

/// H5: what is typed at the terminal is kept, not shown, and the terminal is as before.
mod prompt {
    use std::io::{Read, Write};
    use std::time::Duration;

    use portable_pty::{PtySize, native_pty_system};
    use whopays::domain::{AccountName, ErrorKind};
    use whopays::runtime::desk::ask_at;

    /// Types at a pseudo-terminal after the first question has come; gives the answer, what was shown, and the modes before and after.
    fn type_in(typed: &[u8]) -> (whopays::domain::Result<super::Found>, String, [String; 2]) {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let path = pair.master.tty_name().unwrap();
        let mut terminal = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
        let modes = |terminal: &std::fs::File| format!("{:?}", rustix::termios::tcgetattr(terminal).unwrap().local_modes);
        let before = modes(&terminal);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut writer = pair.master.take_writer().unwrap();
        let typed = typed.to_vec();
        let person = std::thread::spawn(move || {
            let mut shown = Vec::new();
            let mut buffer = [0; 256];
            let mut typed = Some(typed);
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                shown.extend_from_slice(&buffer[..read]);
                if String::from_utf8_lossy(&shown).contains("Access key id")
                    && let Some(typed) = typed.take()
                {
                    writer.write_all(&typed).unwrap();
                }
                if String::from_utf8_lossy(&shown).contains("DONE") {
                    break;
                }
            }
            String::from_utf8_lossy(&shown).into_owned()
        });
        let answer = ask_at(&mut terminal, &AccountName::new("lab")).map(|keys| {
            let token = keys.session_token.as_ref().map(|token| token.expose().to_owned());
            (keys.access_key_id.clone(), keys.secret.expose().to_owned(), token)
        });
        let after = modes(&terminal);
        terminal.write_all(b"DONE").unwrap();
        std::thread::sleep(Duration::from_millis(1));
        (answer, person.join().unwrap(), [before, after])
    }

    #[test]
    fn keys_are_typed_without_being_shown() {
        let (answer, shown, [before, after]) = type_in(b"LTAIx\x7fKEY\rCANARYx\x7fsecret \r\r");
        assert_eq!(answer.unwrap(), ("LTAIKEY".to_owned(), "CANARYsecret".to_owned(), None));
        assert!(shown.contains("Access key id for account lab: LTAIx\u{8} \u{8}KEY"), "{shown}");
        assert!(shown.contains("Secret (not shown): ") && !shown.contains("CANARY"), "{shown}");
        assert_eq!(before, after);
    }

    #[test]
    fn ctrl_c_gives_the_terminal_back() {
        let (answer, shown, [before, after]) = type_in(b"LTAI\rCANARY\x03");
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::Interrupted);
        assert!(!shown.contains("CANARY"));
        assert_eq!(before, after);
    }

    #[test]
    fn nothing_typed_is_no_key() {
        let (answer, _, _) = type_in(b"\r\r\r");
        let error = answer.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Credentials, "account lab: no key id or no secret was typed"));
    }
}

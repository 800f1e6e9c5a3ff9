//! The real binary on a machine with surroundings: proxy variables, a log, servers that echo what they hear (B12, P21, H1).

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use whopays::runtime::journal::Journal;

const PAYMENT: &str = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>";

/// What a server answers to a request's head.
type Answer = dyn Fn(&str) -> String + Send + Sync;

/// A server on loopback that keeps the heads it heard.
struct Server {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer): (_, Arc<Answer>) = (Arc::clone(&heard), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(std::io::Result::ok) {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &kept, answer.as_ref()));
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn serve(mut stream: TcpStream, heard: &Mutex<Vec<String>>, answer: &Answer) {
    let mut head = String::new();
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    while lines.read_line(&mut head).is_ok_and(|count| count > 2) {}
    if head.is_empty() {
        return;
    }
    heard.lock().unwrap().push(head.clone());
    let _gone = stream.write_all(answer(&head).as_bytes());
}

fn http(status: &str, content_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: {content_type}\r\nx-amz-request-id: REQ-7\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A home with a config.
struct Home {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Home {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).unwrap();
        file.write_all(config.as_bytes()).unwrap();
        Self { folder, config: path }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The binary with this environment, and nothing of the machine's but that.
    fn run(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whopays"));
        command.env_clear().env("HOME", self.folder.path()).env("PATH", "/usr/bin:/bin").env("WHOPAYS_CONFIG", &self.config);
        command.env("WHOPAYS_STATE_DIR", self.state()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(environment.iter().copied()).args(arguments).output().unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.state().join("whopays.log")).unwrap_or_default()
    }
}

fn account(endpoint: &str) -> String {
    format!(
        "[accounts.acc]\nprovider = \"s3\"\nregion = \"us-west-2\"\nendpoint = \"{endpoint}\"\naddressing = \"path\"\n\
         access_key_id = \"AKIDEXAMPLE00000001\"\naccess_key_secret = \"secret\"\n"
    )
}

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

const GET: [&str; 4] = ["payer", "get", "--json", "acc:colorpictures"];

/// B12: a plain request goes to the proxy whole.
#[test]
fn the_proxy_variables_are_honoured() {
    let proxy = Server::new(|_| http("200 OK", "application/xml", PAYMENT));
    let home = Home::new(&account("http://store.example"));
    let output = home.run(&[("HTTP_PROXY", &proxy.url()), ("http_proxy", &proxy.url())], &GET);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\"payer\":\"Requester\""));
    let heard = proxy.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with("GET http://store.example/colorpictures?requestPayment HTTP/1.1\r\n"), "{}", heard[0]);
    assert!(heard[0].to_ascii_lowercase().contains("\r\nhost: store.example\r\n"), "{}", heard[0]);
}

/// B12: exceptions, and this machine, are reached without it.
#[test]
fn no_proxy_and_loopback_go_around_the_proxy() {
    let proxy = Server::new(|_| http("200 OK", "application/xml", PAYMENT));
    let store = Server::new(|_| http("200 OK", "application/xml", PAYMENT));
    let through = proxy.url();
    let proxied = [("HTTP_PROXY", through.as_str()), ("http_proxy", &through), ("ALL_PROXY", &through)];
    let output = Home::new(&account(&store.url())).run(&proxied, &GET);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!((store.heard().len(), proxy.heard().len()), (1, 0), "loopback");
    let excepted = [proxied.as_slice(), &[("NO_PROXY", ".invalid"), ("no_proxy", ".invalid")]].concat();
    let output = Home::new(&account("http://store.invalid")).run(&excepted, &GET);
    assert_eq!(output.status.code(), Some(6), "nobody has that name");
    assert_eq!(proxy.heard().len(), 0, "and the proxy was not asked");
    assert!(text(&output.stderr).contains("store.invalid: the name cannot be resolved"), "{}", text(&output.stderr));
}

/// B12: the proxy's own failures name the proxy, and never its password.
#[test]
fn a_proxy_that_fails_is_named_without_its_password() {
    let home = Home::new(&account("https://store.example"));
    let ask = |proxy: &str| {
        let output = home.run(&[("HTTPS_PROXY", proxy), ("https_proxy", proxy)], &["payer", "get", "-vv", "acc:colorpictures"]);
        let (told, log) = (text(&output.stderr), home.log());
        assert_eq!(output.status.code(), Some(6), "{told}");
        assert!(!told.contains("CANARY") && !log.contains("CANARY"), "{told} {log}");
        told
    };
    for (status, words, hint) in [
        ("403 Forbidden", "the proxy refused the connection", "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"),
        ("407 Proxy Authentication Required", "the proxy wants a login", "Set the proxy's user and password in its variable"),
    ] {
        let proxy = Server::new(move |_| http(status, "text/html", "<html>no</html>"));
        let told = ask(&format!("http://user:CANARY@{}", proxy.address));
        let expected = format!("store.example by way of the proxy {}: {words}", proxy.address);
        assert!(told.contains(&expected) && told.contains(hint), "{told}");
        assert!(proxy.heard().iter().all(|head| head.starts_with("CONNECT store.example:443 HTTP/1.1\r\n")), "{:?}", proxy.heard());
        assert!(proxy.heard().iter().all(|head| !head.contains("AKIDEXAMPLE")), "the tunnel's head holds nothing of the request");
    }
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let told = ask(&format!("http://user:CANARY@{gone}"));
    assert!(told.contains(&format!("store.example by way of the proxy {gone}: the connection was refused")), "{told}");
}

/// `-v` tells of changes, `-vv` of every attempt; without either the log stays empty.
#[test]
fn the_log_tells_as_much_as_was_asked_for() {
    let changed = AtomicBool::new(false);
    let store = Server::new(move |head| {
        if head.starts_with("PUT ") {
            changed.store(true, Ordering::SeqCst);
            return http("200 OK", "application/xml", "");
        }
        let payer = if changed.load(Ordering::SeqCst) { "BucketOwner" } else { "Requester" };
        http("200 OK", "application/xml", &PAYMENT.replace("Requester", payer))
    });
    let config = account(&store.url());
    let home = Home::new(&config);
    home.run(&[], &GET);
    home.run(&[], &["-v", "payer", "get", "acc:colorpictures"]);
    assert_eq!(home.log(), "");
    home.run(&[], &["-vv", "payer", "get", "acc:colorpictures"]);
    let line = home.log();
    for part in [
        "DEBUG whopays::runtime::door: answered op=\"GetBucketRequestPayment\" account=\"acc\" method=\"GET\"",
        &format!(" host=\"{}\" bucket=\"colorpictures\" attempt=1 status=200 ms=", store.address),
        " request_id=\"REQ-7\"\n",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert_eq!(line.lines().count(), 1, "{line}");
    let home = Home::new(&config);
    let set = home.run(&[], &["-v", "payer", "set", "owner", "acc:colorpictures", "--yes"]);
    let log = home.log();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log} {}", text(&set.stderr));
    let begins = "INFO whopays::runtime::engine: a payer change begins account=\"acc\" bucket=\"colorpictures\" before=\"Requester\" to=\"BucketOwner\"";
    assert!(lines[0].ends_with(begins), "{log}");
    let ended = "INFO whopays::runtime::engine: a payer change ended account=\"acc\" bucket=\"colorpictures\" outcome=\"verified\" after=\"BucketOwner\" request_id=\"REQ-7\"";
    assert!(lines[1].contains(ended), "{log}");
}

/// An echo of everything that came, in every field of an error document that a program might show.
fn echo(head: &str) -> String {
    let heard = head.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message><StringToSign>{heard}</StringToSign>\
         <CanonicalRequest>{heard}</CanonicalRequest><SignatureProvided>{heard}</SignatureProvided></Error>"
    );
    http("403 Forbidden", "application/xml", &body)
}

/// Every file below a folder, as bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

/// A config whose every source of credentials holds canaries.
fn canaries(endpoint: &str, folder: &Path) -> String {
    let aws = "[canary]\naws_access_key_id = AKIDPROFILE00000001\naws_secret_access_key = CANARYprofileSecret\naws_session_token = CANARYprofileToken\n";
    std::fs::create_dir_all(folder.join(".aws")).unwrap();
    std::fs::write(folder.join(".aws/credentials"), aws).unwrap();
    let program = folder.join("keys.sh");
    let keys = "{\"Version\": 1, \"AccessKeyId\": \"AKIDPROCESS00000001\", \"SecretAccessKey\": \"CANARYprocessSecret\", \"SessionToken\": \"CANARYprocessToken\"}";
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o700).open(&program).unwrap();
    write!(file, "#!/bin/sh\necho CANARYcomplaint >&2\necho '{keys}'\n").unwrap();
    drop(file);
    let broken = folder.join("broken.sh");
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o700).open(&broken).unwrap();
    write!(file, "#!/bin/sh\necho CANARYnotJson\nexit 3\n").unwrap();
    drop(file);
    let mut text = String::new();
    for (name, provider, lines) in [
        ("literal", "s3", "access_key_id = \"AKIDLITERAL00000001\"\naccess_key_secret = \"CANARYliteralSecret\"\nsession_token = \"CANARYliteralToken\"\n".to_owned()),
        ("oss", "oss", "access_key_id = \"LTAILITERAL00000001\"\naccess_key_secret = \"CANARYossSecret\"\nsession_token = \"CANARYossToken\"\n".to_owned()),
        ("old", "oss", "signature = \"v1\"\naccess_key_id = \"LTAILITERAL00000002\"\naccess_key_secret = \"CANARYv1Secret\"\nsession_token = \"CANARYv1Token\"\n".to_owned()),
        ("env", "s3", "credentials = \"env\"\n".to_owned()),
        ("ossenv", "oss", "credentials = \"env\"\n".to_owned()),
        ("profile", "s3", "credentials = \"profile:canary\"\n".to_owned()),
        ("process", "s3", format!("credentials = \"process:{} --password CANARYargument\"\n", program.display())),
        ("broken", "s3", format!("credentials = \"process:{} --password CANARYargument\"\n", broken.display())),
        ("role", "s3", "credentials = \"role:arn:aws:iam::111122223333:role/reader\"\nsource = \"literal\"\n".to_owned()),
    ] {
        let region = if provider == "s3" { "us-west-2" } else { "cn-hangzhou" };
        text.push_str(&format!(
            "[accounts.{name}]\nprovider = \"{provider}\"\nregion = \"{region}\"\nendpoint = \"{endpoint}\"\nsts_endpoint = \"{endpoint}\"\n\
             addressing = \"path\"\n{lines}\n"
        ));
    }
    text
}

/// P21, H1: secrets, tokens and signatures are nowhere but in the requests.
#[test]
fn no_secret_is_ever_told() {
    let echoing = Server::new(echo);
    let failing = Server::new(|head| http("500 Internal Server Error", "text/plain", head));
    let closing = Server::new(|_| String::new());
    // Lets itself be read, so that a change is sent, refused with an echo, and written into the journal.
    let readable = Server::new(|head| {
        if head.starts_with("GET ") && head.contains("requestPayment") { http("200 OK", "application/xml", PAYMENT) } else { echo(head) }
    });
    let environment = [
        ("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT0001"),
        ("AWS_SECRET_ACCESS_KEY", "CANARYenvSecret"),
        ("AWS_SESSION_TOKEN", "CANARYenvToken"),
        ("OSS_ACCESS_KEY_ID", "LTAIENVIRONMENT0001"),
        ("OSS_ACCESS_KEY_SECRET", "CANARYossEnvSecret"),
        ("OSS_SESSION_TOKEN", "CANARYossEnvToken"),
    ];
    let names = ["literal", "oss", "old", "env", "ossenv", "profile", "process", "broken", "role"];
    let targets = names.map(|name| format!("{name}:colorpictures"));
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    for server in [&echoing, &failing, &closing, &readable] {
        let home = Home::new("");
        std::fs::write(&home.config, canaries(&server.url(), home.folder.path())).unwrap();
        for command in [&["accounts"][..], &["buckets"], &[&["payer", "get"], targets.as_slice()].concat()] {
            for more in [&["-vv", "--json"][..], &["-vv"]] {
                let output = home.run(&environment, &[command, more].concat());
                let told = format!("{}{}", text(&output.stdout), text(&output.stderr));
                assert!(!output.status.success(), "{told}");
                tells_nothing(&told);
            }
        }
        home.run(&environment, &[&["payer", "set", "owner", "--yes", "-vv", "--json"], targets.as_slice()].concat());
        let kept = files(&home.state());
        assert!(kept.iter().any(|(path, _)| path.ends_with("whopays.log")), "{kept:?}");
        assert!(home.log().contains("DEBUG"), "the log was asked for everything");
        let journal = Journal::open(&home.state().join("journal.db")).unwrap().newest(20).unwrap();
        assert_eq!(journal.len(), if std::ptr::eq(server, &readable) { 7 } else { 0 }, "{journal:?}");
        kept.iter().for_each(|(_, bytes)| tells_nothing(&String::from_utf8_lossy(bytes)));
    }
    let heard = echoing.heard().concat();
    for token in [
        "CANARYliteralToken",
        "CANARYossToken",
        "CANARYv1Token",
        "CANARYenvToken",
        "CANARYossEnvToken",
        "CANARYprofileToken",
        "CANARYprocessToken",
    ] {
        assert!(heard.contains(token), "the source of {token} was used");
    }
}

#[track_caller]
fn tells_nothing(told: &str) {
    for secret in ["CANARY", "Signature=", "AWS4-HMAC-SHA256", "OSS4-HMAC-SHA256", "uthorization: "] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

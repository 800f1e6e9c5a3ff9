//! Real TLS on loopback: a CA of the store's own, and the certificates that must not be believed (B1).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use whopays::config::{self, LiteralSecrets};
use whopays::domain::{AccountName, BucketId, BucketName, ErrorKind, Payer, Place, Provider, Result};
use whopays::runtime::context;
use whopays::runtime::desk::Desk;
use whopays::runtime::engine::Engine;
use whopays::runtime::journal::Journal;

const ANSWER: &str = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>";

/// A CA with its certificate in a file, as an operator would hand it out.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, issuer.pem()).expect("written");
        Self { issuer, _folder: folder, file }
    }

    /// A server certificate for a name, changed before it is signed.
    fn certificate(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        (certificate.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
    }
}

/// Serves one payer answer over TLS, again and again.
async fn listen((certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>)) -> SocketAddr {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config))));
    address
}

/// Serves one payer answer over TLS and gives what the engine made of it.
fn ask(certificate: (CertificateDer<'static>, PrivateKeyDer<'static>), ca_file: Option<&Path>) -> Result<Payer> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        let address = listen(certificate).await;
        let ca_line = ca_file.map_or(String::new(), |file| format!("ca_file = \"{}\"\n", file.display()));
        let text = format!(
            "[accounts.acc]\nprovider = \"s3\"\nregion = \"us-west-2\"\nendpoint = \"https://{address}\"\n{ca_line}\
             access_key_id = \"AKIDEXAMPLE00000001\"\naccess_key_secret = \"secret\"\n"
        );
        let config = config::parse("test.toml", &text, LiteralSecrets::Allowed).expect("a good config");
        let journal = Journal::in_memory().expect("memory");
        let engine = Engine::new(&config, journal, Arc::new(Desk::default()), Box::new(|_| ())).expect("an engine");
        let bucket = BucketName::parse(Provider::S3, "colorpictures").expect("a name");
        let id = BucketId { account: AccountName::new("acc"), bucket };
        Ok(engine.read_payer(&Place { id, region: None, expected_owner: None }).await?.payer)
    })
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        let Ok(mut stream) = acceptor.accept(stream).await else { continue };
        let mut request = [0; 8192];
        let _count = stream.read(&mut request).await;
        let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{ANSWER}", ANSWER.len());
        let _sent = stream.write_all(answer.as_bytes()).await;
        let _closed = tokio::time::timeout(Duration::from_secs(1), stream.shutdown()).await;
    }
}

#[test]
fn a_ca_of_the_stores_own_is_believed_when_it_is_named() {
    let authority = Authority::new();
    let payer = ask(authority.certificate("127.0.0.1", |_| ()), Some(&authority.file)).expect("a trusted store");
    assert_eq!(payer, Payer::Requester);
}

#[test]
fn certificates_that_must_not_be_believed_each_say_why() {
    let authority = Authority::new();
    let message = |certificate, ca_file| {
        let error = ask(certificate, ca_file).expect_err("not to be believed");
        assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
        error.message().to_owned()
    };
    let ca_file = Some(authority.file.as_path());
    assert_eq!(message(authority.certificate("127.0.0.1", |_| ()), None), "127.0.0.1: the certificate's issuer is not trusted");
    assert_eq!(message(authority.certificate("store.example", |_| ()), ca_file), "127.0.0.1: the certificate is for another name");
    let expired = authority.certificate("127.0.0.1", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    assert_eq!(message(expired, ca_file), "127.0.0.1: the certificate has expired");
    let future = authority.certificate("127.0.0.1", |params| params.not_before = date_time_ymd(2090, 1, 1));
    assert_eq!(message(future, ca_file), "127.0.0.1: the certificate is not valid yet");
}

#[test]
fn a_missing_or_empty_ca_file_is_a_mistake_in_the_config() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").expect("written");
    for file in [empty.as_path(), &folder.path().join("missing.pem")] {
        let error = ask(authority.certificate("127.0.0.1", |_| ()), Some(file)).expect_err("no CA there");
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    }
}

/// The STS of a private cloud has the CA of its store.
#[tokio::test]
async fn requests_for_credentials_believe_the_same_ca() {
    let authority = Authority::new();
    let address = listen(authority.certificate("127.0.0.1", |_| ())).await;
    let ask = || http::Request::builder().uri(format!("https://{address}/?Action=AssumeRole")).body(Bytes::new()).expect("a request");
    let answer = context::system(Some(authority.file.clone())).http_send(ask()).await.expect("a trusted STS");
    assert_eq!(answer.body().as_ref(), ANSWER.as_bytes());
    context::system(None).http_send(ask()).await.expect_err("an unknown CA");
    let missing = context::system(Some(authority.file.with_file_name("missing.pem"))).http_send(ask()).await.expect_err("no CA there");
    assert!(missing.to_string().contains("missing.pem: cannot be read"), "{missing}");
}

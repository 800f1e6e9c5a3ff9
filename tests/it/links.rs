//! Presigned links, opened by a plain HTTP client that knows neither keys nor headers of ours.

use whopays::domain::{Consent, ErrorKind, LinkAsk, LinkVerb, ObjectKey};

use crate::support::store::{World, acting, plainly};

fn ask(verb: LinkVerb, key: &str, seconds: u32) -> LinkAsk {
    LinkAsk { verb, key: ObjectKey::new(key), version: None, seconds }
}

async fn open(method: &'static str, url: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let (url, body) = (url.to_owned(), body.to_vec());
    let heard = tokio::task::spawn_blocking(move || plainly(method, &url, &body)).await.expect("no panic");
    (heard.status, heard.body)
}

/// S3 V4, OSS V4, OSS V1.
fn signatures() -> [(&'static str, &'static str, &'static str); 3] {
    [
        ("research:aerial-tiles", "v4", "x-amz-request-payer=requester"),
        ("partner:lab-microscopy", "v4", "x-oss-request-payer=requester"),
        ("partner:lab-microscopy", "v1", "x-oss-request-payer=requester"),
    ]
}

async fn world(signature: &str) -> World {
    let line = format!("provider = \"oss\"\nsignature = \"{signature}\"");
    World::with(|text| text.replace("provider = \"oss\"", &line), |engine| engine).await
}

#[tokio::test]
async fn the_bare_url_carries_the_payer() {
    for (target, signature, payer) in signatures() {
        let world = world(signature).await;
        let given = acting(target, Consent::Given);
        let get = world.engine.link(&given, &ask(LinkVerb::Get, "readme.txt", 60)).await.expect("a link");
        assert!(get.must_send.is_empty(), "{signature}");
        let url = get.url.expose();
        assert_eq!(url.matches(payer).count(), 1, "{signature}");
        assert_eq!(url.contains("&Signature="), signature == "v1", "{signature}");
        assert!(world.store.log().is_empty(), "a link costs no request");
        let (status, body) = open("GET", url, b"").await;
        assert_eq!((status, body.len()), (200, 230), "{signature}");
        let log = world.store.log();
        assert_eq!(log[0].payer, [payer.replace('=', ": ")], "{signature}");

        let put = world.engine.link(&given, &ask(LinkVerb::Put, "über mich & dich.txt", 60)).await.expect("a link");
        assert_eq!((put.method, put.must_send.len()), ("PUT", 0));
        assert_eq!(open("PUT", put.url.expose(), b"hello").await.0, 200, "{signature}");
        let get = world.engine.link(&given, &ask(LinkVerb::Get, "über mich & dich.txt", 60)).await.expect("a link");
        assert_eq!(open("GET", get.url.expose(), b"").await, (200, b"hello".to_vec()), "{signature}");
        // The payer is signed: without it, the signature does not fit.
        let without = url.replace(&format!("&{payer}"), "").replace(&format!("{payer}&"), "");
        assert_eq!(open("GET", &without, b"").await.0, 403, "{signature}");
    }
}

#[tokio::test]
async fn without_consent_a_link_has_no_payer() {
    for (target, signature, _) in signatures() {
        let world = world(signature).await;
        for word in [Consent::Silent, Consent::Refused] {
            let link = world.engine.link(&acting(target, word), &ask(LinkVerb::Get, "readme.txt", 60)).await.expect("a link");
            assert!(!link.url.expose().contains("request-payer"));
            assert_eq!(open("GET", link.url.expose(), b"").await.0, 403, "nobody pays for it");
        }
    }
}

/// The guard of the owner would be a header.
#[tokio::test]
async fn a_guarded_bucket_has_plain_links_too() {
    let world = World::new().await;
    let mut own = acting("studio:brand-assets", Consent::Silent);
    own.place.expected_owner = Some("111122223333".to_owned());
    let link = world.engine.link(&own, &ask(LinkVerb::Get, "notes.txt", 60)).await.expect("a link");
    assert!(link.must_send.is_empty());
    assert_eq!(open("GET", link.url.expose(), b"").await.0, 200);
}

#[tokio::test]
async fn a_link_ends_in_time() {
    let world = World::new().await;
    let own = acting("studio:brand-assets", Consent::Silent);
    for seconds in [0, 604_801] {
        let error = world.engine.link(&own, &ask(LinkVerb::Get, "notes.txt", seconds)).await.err().expect("refused");
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.hint_text().is_some_and(|hint| hint.contains("7 days") && hint.contains("12 hours")));
    }
    let week = world.engine.link(&own, &ask(LinkVerb::Get, "notes.txt", 604_800)).await.expect("a week");
    assert!(!week.cut_short && week.url.expose().contains("X-Amz-Expires=604800"));
    // Temporary keys whose end nobody names.
    let role = acting("auditor:audit-trail", Consent::Silent);
    let link = world.engine.link(&role, &ask(LinkVerb::Get, "notes.txt", 604_800)).await.expect("a link");
    assert!(link.cut_short && link.url.expose().contains("X-Amz-Expires=43200"), "12 hours at most");
    assert_eq!(open("GET", link.url.expose(), b"").await.0, 200);
    world.store.set_clock_offset(jiff::SignedDuration::from_hours(13));
    assert_eq!(open("GET", link.url.expose(), b"").await.0, 403);
}

#[tokio::test]
async fn what_no_path_can_name_has_no_link() {
    let world = World::new().await;
    for key in ["..", "a/../b", "./x", ""] {
        let error = world.engine.link(&acting("studio:brand-assets", Consent::Silent), &ask(LinkVerb::Get, key, 60)).await.err();
        assert_eq!(error.expect("refused").kind(), ErrorKind::Usage, "{key:?}");
    }
}

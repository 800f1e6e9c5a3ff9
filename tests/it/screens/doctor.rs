//! What `i` shows on an error, at fixed sizes: a refusal of each cloud with all that a store can say, and a HEAD that says nothing.

use whopays::app::KeyCode;
use whopays::domain::{Consent, Error, Provider};

use super::SIZES;
use crate::doctor::{refused, sender};
use crate::keys::driver::Console;

fn snapshot(name: &str, width: u16, height: u16, screen: String) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen);
    });
}

/// A console that opened a bucket of someone else, was refused, said no to paying, and asks why.
fn why(error: impl Fn() -> Error, width: u16, height: u16) -> Console {
    let mut console = Console::board(width, height);
    super::go(&mut console, "arxiv");
    console.keys("\n");
    console.end_page(Err(error().sent_by(|| sender(Consent::Silent))));
    console.see();
    console.keys("n");
    console.keys("i");
    console
}

/// S3's long message, with what a store may echo of a signed request behind it.
fn by_policy() -> Error {
    let body = "<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::111122223333:user/mara is not authorized to perform: \
                s3:ListBucket on resource: \"arn:aws:s3:::arxiv\" with an explicit deny in a service control policy</Message>\
                <RequestId>7F0A11</RequestId><HostId>q1\u{202e}</HostId><Endpoint>arxiv.s3.amazonaws.com?X-Amz-Signature=canary</Endpoint>\
                <StringToSign>canary</StringToSign></Error>";
    refused(Provider::S3, false, 403, body)
}

fn without_payer() -> Error {
    let body = "<Error><Code>AccessDenied</Code><EC>0003-00000703</EC><Message>Access denied for requester pay bucket</Message>\
                <RequestId>65A1</RequestId><HostId>maps.oss-cn-hangzhou.aliyuncs.com</HostId>\
                <RecommendDoc>https://api.alibabacloud.com/troubleshoot?q=0003-00000703&amp;x-oss-signature=canary</RecommendDoc></Error>";
    refused(Provider::Oss, false, 403, body)
}

#[test]
fn why_it_was_refused() {
    for (name, error) in [("why_policy", by_policy as fn() -> Error), ("why_payer", without_payer)] {
        for (width, height) in SIZES {
            let screen = why(error, width, height).draw();
            assert!(!screen.contains("canary") && !screen.contains('\u{202e}'), "{screen}");
            snapshot(name, width, height, screen);
        }
    }
}

/// However small the terminal is, the last line can be reached, and the first one again.
#[test]
fn all_of_it_can_be_read() {
    for (width, height) in [(80, 24), (40, 10), (120, 40)] {
        let mut console = why(by_policy, width, height);
        console.press(KeyCode::End);
        assert!(console.draw().contains("again"), "{}", console.draw());
        console.press(KeyCode::Home);
        for _ in 0..60 {
            console.press(KeyCode::Down);
        }
        assert!(console.draw().contains("again"), "{}", console.draw());
        console.press(KeyCode::Home);
        assert!(console.draw().contains("A service control policy"), "{}", console.draw());
        console.press(KeyCode::Esc);
        assert!(!console.draw().contains("Why:"));
    }
}

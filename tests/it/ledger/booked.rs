//! What single requests are booked with, from the shipped prices. Every amount is worked out by hand.

use std::sync::Arc;

use whopays::domain::{AccountName, Aside, Kind, Network, Op, PayerSent, Provider, SaidCharged, Sent};
use whopays::prices::{Book, Where};

const GIB: u64 = 1 << 30;
/// Eight in the evening, and two in the morning, in Hangzhou.
const BUSY: &str = "2026-11-21T12:00:00Z";
const IDLE: &str = "2026-11-21T18:00:00Z";

fn sent(provider: Provider, op: Op, status: Option<u16>, down: u64, at: &str) -> Sent {
    Sent {
        at: at.parse().expect("a time"),
        kind: Arc::new(Kind {
            account: AccountName::new("research"),
            caller: None,
            provider,
            region: Arc::from("anywhere"),
            bucket: Some(Arc::from("tiles")),
            op,
            class: op.cell(provider).expect("the provider has it").price,
            method: "GET".into(),
            host: Arc::from("tiles.example"),
        }),
        path: Arc::from("/a"),
        attempt: 1,
        payer: PayerSent::Yes,
        status,
        charged: SaidCharged::Yes,
        request_id: None,
        up: 5 * GIB,
        down,
        took: 7,
        cost: None,
        aside: Aside::default(),
    }
}

fn booked(region: &str, network: Network, sent: &Sent, storage: Option<&str>) -> String {
    let place = Where { provider: sent.kind.provider, region, network };
    Book::shipped().booked(&place, sent, storage, None).map_or_else(|| "no price".to_owned(), |money| money.to_string())
}

#[test]
fn s3() {
    for (region, op, status, down, storage, cost) in [
        // 0.0004 USD for 1,000, and 0.09 USD for a GiB.
        ("us-east-1", Op::GetObject, Some(200), GIB, None, "0.0900004 USD"),
        ("us-east-1", Op::GetObject, Some(206), GIB / 2, Some("STANDARD"), "0.0450004 USD"),
        // 0.09 / 2^30 = 83.8 trillionths, rounded up.
        ("us-east-1", Op::GetObject, Some(206), 1, None, "0.000000400084 USD"),
        // Refusals are billed, their text is not; what the store itself did wrong is not billed; nobody knows of a lost answer.
        ("us-east-1", Op::GetObject, Some(403), 300, None, "0.0000004 USD"),
        ("us-east-1", Op::GetObject, Some(404), 300, None, "0.0000004 USD"),
        ("us-east-1", Op::GetObject, Some(500), 300, None, "0.00 USD"),
        ("us-east-1", Op::GetObject, Some(503), 300, None, "0.00 USD"),
        ("us-east-1", Op::GetObject, None, 0, None, "0.0000004 USD"),
        ("us-east-1", Op::HeadObject, Some(200), 0, None, "0.0000004 USD"),
        // 0.005 USD for 1,000; the bytes of a page are no object's.
        ("us-east-1", Op::ListObjectsV2, Some(200), 250_000, None, "0.000005 USD"),
        ("us-east-1", Op::PutObject, Some(200), 0, None, "0.000005 USD"),
        ("us-east-1", Op::PutObject, Some(200), 0, Some("GLACIER"), "0.00003 USD"),
        ("us-east-1", Op::DeleteObject, Some(204), 0, None, "0.00 USD"),
        ("eu-west-9", Op::DeleteObject, Some(204), 0, None, "0.00 USD"),
        // What a restore costs hangs on speed and bytes, which its request does not tell.
        ("us-east-1", Op::RestoreObject, Some(202), 0, None, "no price"),
        ("us-east-1", Op::RestoreObject, Some(202), 0, Some("GLACIER"), "no price"),
        // No row for it: never a guess.
        ("us-west-2", Op::GetObject, Some(200), GIB, Some("GLACIER"), "no price"),
        ("us-gov-west-1", Op::GetObject, Some(200), GIB, None, "no price"),
        ("eu-west-9", Op::ListObjectsV2, Some(200), 0, None, "no price"),
        ("", Op::GetObject, Some(200), GIB, None, "no price"),
        ("", Op::DeleteObject, Some(204), 0, None, "no price"),
    ] {
        let sent = sent(Provider::S3, op, status, down, BUSY);
        assert_eq!(booked(region, Network::Public, &sent, storage), cost, "{region} {op:?} {status:?} {down} {storage:?}");
    }
}

#[test]
fn oss() {
    const GB: u64 = 1_000_000_000;
    for (region, network, op, status, down, storage, at, cost) in [
        // 0.01 CNY for 10,000, and 0.50 CNY for a GB by day, 0.25 by night.
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(200), GB, None, BUSY, "0.500001 CNY"),
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(200), GB, None, IDLE, "0.250001 CNY"),
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(200), GB, None, "2026-11-21T15:59:59Z", "0.500001 CNY"),
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(200), GB, None, "2026-11-21T16:00:00Z", "0.250001 CNY"),
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(200), GB, None, "2026-11-21T00:00:00Z", "0.500001 CNY"),
        ("cn-hangzhou", Network::Internal, Op::GetObject, Some(200), GB, None, BUSY, "0.000001 CNY"),
        // 0.1 CNY for 10,000, 0.50 for the transfer, 0.0325 for the retrieval; that of archives that are read directly stands in no list.
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(200), GB, Some("IA"), BUSY, "0.53251 CNY"),
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(206), GB, Some("Archive"), IDLE, "no price"),
        // Only what succeeded is billed.
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(403), 300, None, BUSY, "0.00 CNY"),
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(503), 300, None, BUSY, "0.00 CNY"),
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(304), 0, None, BUSY, "0.000001 CNY"),
        ("cn-hangzhou", Network::Public, Op::ListObjectsV2, Some(200), GB, None, BUSY, "0.000001 CNY"),
        ("cn-hangzhou", Network::Public, Op::DeleteObject, Some(204), 0, None, BUSY, "0.000001 CNY"),
        ("cn-hangzhou", Network::Accelerate, Op::GetObject, Some(200), GB, None, BUSY, "no price"),
        ("cn-hangzhou", Network::Public, Op::GetObject, Some(200), GB, Some("ColdArchive"), BUSY, "0.56001 CNY"),
        ("cn-hangzhou", Network::Public, Op::RestoreObject, Some(202), 0, Some("Archive"), BUSY, "no price"),
        ("ap-southeast-1", Network::Public, Op::GetObject, Some(200), GB, None, BUSY, "no price"),
        ("cn-hongkong", Network::Public, Op::HeadObject, Some(200), 0, None, BUSY, "no price"),
    ] {
        let sent = sent(Provider::Oss, op, status, down, at);
        assert_eq!(booked(region, network, &sent, storage), cost, "{region} {network:?} {op:?} {status:?} {down} {storage:?} {at}");
    }
}

/// What the store copies it reads: the bytes have the retrieval's price, and no transfer's.
#[test]
fn copies_are_retrievals() {
    const GB: u64 = 1_000_000_000;
    for (provider, region, op, status, taken, cost) in [
        (Provider::S3, "us-east-1", Op::CopyObject, 200, ("STANDARD_IA", GIB), "0.010005 USD"),
        (Provider::S3, "us-east-1", Op::UploadPartCopy, 200, ("GLACIER_IR", GIB / 2), "0.015005 USD"),
        (Provider::S3, "us-east-1", Op::CopyObject, 200, ("STANDARD", GIB), "0.000005 USD"),
        (Provider::S3, "us-east-1", Op::CopyObject, 200, ("STANDARD_IA", 0), "0.000005 USD"),
        (Provider::S3, "us-east-1", Op::CopyObject, 403, ("STANDARD_IA", GIB), "0.000005 USD"),
        (Provider::S3, "us-east-1", Op::CopyObject, 200, ("EXPRESS_ONEZONE", GIB), "no price"),
        (Provider::Oss, "cn-hangzhou", Op::CopyObject, 200, ("IA", GB), "0.032501 CNY"),
        (Provider::Oss, "cn-hangzhou", Op::CopyObject, 403, ("IA", GB), "0.00 CNY"),
    ] {
        let sent = sent(provider, op, Some(status), 300, BUSY);
        let place = Where { provider, region, network: Network::Public };
        let booked =
            Book::shipped().booked(&place, &sent, None, Some(taken)).map_or_else(|| "no price".to_owned(), |money| money.to_string());
        assert_eq!(booked, cost, "{region} {op:?} {status} {taken:?}");
    }
}

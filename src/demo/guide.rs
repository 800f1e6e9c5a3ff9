//! What the store tells people and tools: a ready config, endpoints, keys, lines to try.
//!
//! Comes in: the address. Goes out: text. The keys in it open this store and nothing else.

use std::net::SocketAddr;

use super::history::Versioning;
use super::world::{self, ACCOUNTS, Account, BUCKETS, Bucket, Goods, REQUESTER, Share};
use crate::domain::Provider;

/// The accounts of the ready config; `crowd` is there when it has buckets.
fn offered(extra: usize) -> impl Iterator<Item = (&'static Account, &'static str)> {
    ACCOUNTS.iter().filter_map(move |account| match (account.access, account.name) {
        (Some(access), _) => Some((account, access)),
        (None, "crowd") if extra > 0 => Some((account, "normal")),
        (None, _) => None,
    })
}

/// The ready config.
pub(super) fn config(address: SocketAddr, extra: usize) -> String {
    let mut text = String::from("# The demo world of whopays. Its keys open the embedded store and nothing else.\n");
    for (account, access) in offered(extra) {
        text.push_str(&section(address, account, access));
        for foreign in account.foreign {
            let Some(bucket) = BUCKETS.iter().find(|bucket| bucket.name == foreign.bucket) else { continue };
            text.push_str(&format!(
                "\n[[accounts.{}.buckets]]\nname = \"{}\"\nregion = \"{}\"\n",
                account.name, bucket.name, bucket.region
            ));
            if let Some(owner) = world::account(bucket.owner).filter(|owner| owner.cloud == Provider::S3) {
                text.push_str(&format!("owner_id = \"{}\"\n", owner.id));
            }
            text.push_str(&format!("request_payer = \"{}\"\n", foreign.consent));
        }
    }
    text
}

fn section(address: SocketAddr, account: &Account, access: &str) -> String {
    let mut lines = vec![
        format!("\n# {}", account.about),
        format!("[accounts.{}]", account.name),
        format!("provider = \"{}\"", account.cloud),
        format!("region = \"{}\"", account.region),
        format!("endpoint = \"http://{address}\""),
        format!("sts_endpoint = \"http://{address}\""),
        "addressing = \"path\"".to_owned(),
        format!("access_key_id = \"{}\"", account.key_id),
        format!("access_key_secret = \"{}\"", account.secret),
    ];
    lines.extend(account.token.map(|token| format!("session_token = \"{token}\"")));
    if account.cloud == Provider::S3 {
        lines.push(format!("account_id = \"{}\"", account.id));
    }
    if access != "normal" {
        lines.push(format!("access = \"{access}\""));
    }
    lines.join("\n") + "\n"
}

/// What `demo --serve` prints.
pub(super) fn introduction(address: SocketAddr, extra: usize) -> String {
    let mut text = format!(
        "The embedded store listens at http://{address}\n\
         It speaks Amazon S3 and Alibaba Cloud OSS on this one address, and STS of both. It ends with this process.\n\n\
         Accounts:\n"
    );
    for account in ACCOUNTS.iter().filter(|account| account.name != "crowd" || extra > 0) {
        text.push_str(&format!("  {:<13} {:<4} {:<15} {}\n", account.name, account.cloud.as_str(), account.region, account.about));
        text.push_str(&format!("  {:13} id {}, secret {}\n", "", account.key_id, account.secret));
        if let Some(token) = account.token {
            text.push_str(&format!("  {:13} token {token}\n", ""));
        }
    }
    text.push_str(&format!(
        "\nA ready config, for a file that only you can read (mode 0600):\n\n# --- config\n{}# --- end of config\n\n",
        config(address, extra)
    ));
    text.push_str(&sights());
    text.push_str(&examples(address));
    text
}

/// Which buckets have something of their own.
fn sights() -> String {
    let named = |wanted: fn(&Bucket) -> bool| {
        let names: Vec<&str> = BUCKETS.iter().filter(|bucket| wanted(bucket)).map(|bucket| bucket.name).collect();
        names.join(", ")
    };
    format!(
        "Buckets worth a look:\n  keep versions: {}\n  hold archived objects (2026/01/, and 2026/02/ restored): {}\n  \
         others may write, and pay: {}\n  a new payer would break or shift something: {}\n\n",
        named(|bucket| bucket.versioning == Versioning::Enabled),
        named(|bucket| matches!(bucket.goods, Goods::Cold(_))),
        named(|bucket| matches!(bucket.share, Share::With(_)) && bucket.payer == REQUESTER),
        named(|bucket| !bucket.uses.is_empty()),
    )
}

fn examples(address: SocketAddr) -> String {
    let (Some(studio), Some(research), Some(lab)) = (world::account("studio"), world::account("research"), world::account("lab")) else {
        return String::new();
    };
    let aws = |account: &Account| {
        format!(
            "  export AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} \\\n    AWS_REGION=us-west-2 AWS_ENDPOINT_URL=http://{address}",
            account.key_id, account.secret
        )
    };
    format!(
        "Other tools:\n\n\
         \x20 # as studio: the payer of an own bucket\n{}\n\
         \x20 aws s3api get-bucket-request-payment --bucket colorpictures\n\n\
         \x20 # as research: refused, since nobody said who pays; then with consent\n{}\n\
         \x20 aws s3api head-object --bucket aerial-tiles --key readme.txt\n\
         \x20 aws s3api head-object --bucket aerial-tiles --key readme.txt --request-payer requester\n\n\
         \x20 # as lab, on OSS\n\
         \x20 ossutil api get-bucket-request-payment --bucket color-atlas --endpoint http://{address} \\\n\
         \x20   --addressing-style path --region cn-hangzhou --access-key-id {} --access-key-secret {}\n\n\
         \x20 # without keys: served, then refused\n\
         \x20 curl http://{address}/colorpictures/index.html\n\
         \x20 curl http://{address}/aerial-tiles/readme.txt\n",
        aws(studio),
        aws(research),
        lab.key_id,
        lab.secret,
    )
}

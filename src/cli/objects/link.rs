//! `presign`: a link that works without keys, the payer inside its signed query.

use jiff::Timestamp;
use serde::Serialize;

use super::costs::{self, Fields};
use super::{Desk, numbers};
use crate::cli::args::Presign;
use crate::cli::failure::Failure;
use crate::domain::{LinkAsk, LinkVerb, Op, VersionId};
use crate::prices::words;

/// `presign --json`. The names are promises.
#[derive(Serialize)]
struct Line<'a> {
    url: &'a str,
    method: &'a str,
    expires_at: Timestamp,
    pays: &'a str,
    /// Of each use; the transfer of what is read comes on top.
    estimate: Fields,
    must_send: Vec<(&'a str, &'a str)>,
}

/// Makes the link: no request is sent, but keys may have to be fetched.
///
/// # Errors
/// `Usage` for a time or key that cannot be; `Credentials` without keys.
pub(super) fn run(desk: &Desk<'_>, presign: &Presign) -> Result<(), Failure> {
    let aim = desk.aim(&presign.target)?;
    let verb = if presign.put { LinkVerb::Put } else { LinkVerb::Get };
    if presign.put {
        aim.may_change()?;
    }
    let ask = LinkAsk {
        verb,
        key: aim.object()?,
        version: presign.version_id.as_deref().map(VersionId::new),
        seconds: numbers::read_seconds("--expires", &presign.expires)?,
    };
    desk.ask_for_keys(&[aim.account])?;
    let op = if presign.put { Op::PutObject } else { Op::GetObject };
    let each = costs::of_requests(desk, &aim, op, 1, 0);
    desk.wait(async {
        let link = desk.session.engine.link(&aim.acting, &ask).await?;
        let url = link.url.expose();
        if desk.output.is_json() {
            let must_send = link.must_send.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let (expires_at, estimate) = (link.expires_at, Fields::from(&each));
            desk.output.object(&Line { url, method: link.method, expires_at, pays: &link.pays, estimate, must_send });
            return Ok(());
        }
        desk.output.line(url);
        let sooner = if link.cut_short { ", when its credentials end" } else { "" };
        desk.output.aside(&format!("{} until {}{sooner}", link.method, link.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")));
        desk.output.aside(&link.pays);
        let transfer = if presign.put { "" } else { ", and the transfer" };
        desk.output.aside(&format!("each use: {}; {}{transfer}", words::requests(&each), costs::money(&each)));
        link.must_send.iter().for_each(|(name, value)| desk.output.aside(&format!("send with it: {name}: {value}")));
        Ok(())
    })
}

//! `presign`: a link that works without keys, the payer inside its signed query.

use jiff::Timestamp;
use serde::Serialize;

use super::{Desk, numbers};
use crate::cli::args::Presign;
use crate::cli::failure::Failure;
use crate::domain::{LinkAsk, LinkVerb, VersionId};

/// `presign --json`. The names are promises.
#[derive(Serialize)]
struct Line<'a> {
    url: &'a str,
    method: &'a str,
    expires_at: Timestamp,
    pays: &'a str,
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
    desk.wait(async {
        let link = desk.session.engine.link(&aim.acting, &ask).await?;
        let url = link.url.expose();
        if desk.output.is_json() {
            let must_send = link.must_send.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            desk.output.object(&Line { url, method: link.method, expires_at: link.expires_at, pays: &link.pays, must_send });
            return Ok(());
        }
        desk.output.line(url);
        let sooner = if link.cut_short { ", when its credentials end" } else { "" };
        desk.output.aside(&format!("{} until {}{sooner}", link.method, link.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")));
        desk.output.aside(&link.pays);
        link.must_send.iter().for_each(|(name, value)| desk.output.aside(&format!("send with it: {name}: {value}")));
        Ok(())
    })
}

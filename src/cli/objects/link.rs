//! `presign`: a link that works without keys, the payer inside its signed query.

use jiff::Timestamp;
use serde::Serialize;

use super::acting::Aim;
use super::costs::{self, Fields};
use super::{Desk, numbers, remove, run};
use crate::alarms::Known;
use crate::alarms::link::{self, Pays, Tone};
use crate::cli::args::Presign;
use crate::cli::confirm;
use crate::cli::failure::Failure;
use crate::cli::session::warn;
use crate::domain::escape::visible;
use crate::domain::{LinkAsk, LinkVerb, Op, Ownership, Result, VersionId};
use crate::prices::{Where, words};
use crate::runtime::clock;

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
/// `Usage` for a time or key that cannot be; `Credentials` without keys; `Refused` where a link that writes needs a confirmation.
pub(super) fn run(desk: &Desk<'_>, presign: &Presign) -> std::result::Result<(), Failure> {
    let aim = desk.aim(&presign.target)?;
    let verb = if presign.put { LinkVerb::Put } else { LinkVerb::Get };
    if presign.put {
        aim.may_change()?;
        if aim.is_protected() {
            run::someone_confirms(desk, "a link that writes", &aim)?;
        }
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
        if presign.put {
            approve(desk, &aim).await?;
        }
        let link = desk.session.engine.link(&aim.acting, &ask).await?;
        let url = link.url.expose();
        let pays = pays(desk, &aim).await;
        if desk.output.is_json() {
            let must_send = link.must_send.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let (expires_at, estimate) = (link.expires_at, Fields::from(&each));
            desk.output.object(&Line { url, method: link.method, expires_at, pays: &pays.text, estimate, must_send });
            return Ok(());
        }
        desk.output.line(url);
        let sooner = if link.cut_short { ", when its credentials end" } else { "" };
        desk.output.aside(&format!("{} until {}{sooner}", link.method, link.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")));
        say(desk, &pays);
        let transfer = if presign.put { "" } else { ", and the transfer" };
        desk.output.aside(&format!("each use: {}; {}{transfer}", words::requests(&each), costs::money(&each)));
        if verb == LinkVerb::Get {
            band(desk, &aim).iter().for_each(|line| desk.output.aside(line));
        }
        link.must_send.iter().for_each(|(name, value)| desk.output.aside(&format!("send with it: {name}: {value}")));
        Ok(())
    })
}

/// A link that writes confirms beforehand whatever is written with it: in a protected account the bucket's name is typed for that.
async fn approve(desk: &Desk<'_>, aim: &Aim<'_>) -> Result<()> {
    let Some(name) = remove::to_type(aim).filter(|_| !desk.global.yes) else { return Ok(()) };
    let question = format!("Let whoever has the link write {}?", visible(&aim.name()));
    confirm::typed(&mut confirm::Terminal, &question, &name, desk.output).await
}

/// Who pays when somebody uses the link, by what the config says of the bucket and what an earlier reading said of its payer. Only an
/// owner's account may read that: where it did, it owns the bucket.
async fn pays(desk: &Desk<'_>, aim: &Aim<'_>) -> Pays {
    let seen = desk.session.engine.seen(&aim.acting.place).await;
    let foreign = aim.account.foreign(&aim.acting.place.id.bucket).map(|_| Ownership::Foreign);
    let ownership = foreign.or_else(|| seen.as_ref().map(|_| Ownership::Owned));
    let known = Known { ownership, payer: seen.as_ref().map(|seen| &seen.payer) };
    link::pays(aim.account.name.as_str(), aim.acting.consent, &known)
}

fn say(desk: &Desk<'_>, pays: &Pays) {
    match pays.tone {
        Tone::Plain => desk.output.aside(&pays.text),
        Tone::OwnerPays => warn(desk.output, &pays.text),
        Tone::Refused => warn(desk.output, &format!("{} Add `--request-payer requester` to make one that works.", pays.text)),
    }
}

/// What a download by this link costs by the clock.
fn band(desk: &Desk<'_>, aim: &Aim<'_>) -> Option<String> {
    let place = Where::of(&aim.account.site, aim.acting.place.region.as_deref());
    words::band(desk.session.engine.book(), &place, clock::now(), &clock::zone())
}

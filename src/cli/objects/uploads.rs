//! `uploads`: unfinished multipart uploads, whose parts are billed until somebody aborts them.

use serde::Serialize;

use super::acting::{Aim, payer_hint, who_pays};
use super::costs::Weight;
use super::run;
use super::{Desk, costs, numbers};
use crate::cli::args::Uploads;
use crate::cli::callers::Callers;
use crate::cli::confirm;
use crate::cli::failure::Failure;
use crate::cli::table::{self, Cell};
use crate::cli::words::counted;
use crate::domain::escape::visible;
use crate::domain::{Error, Op, UploadFound, UploadRef};
use crate::prices::words;

/// `uploads --json`.
#[derive(Serialize)]
struct Line<'a> {
    target: &'a str,
    key: &'a str,
    upload_id: &'a str,
    begun: Option<jiff::Timestamp>,
    parts: Option<u32>,
    bytes: Option<u64>,
    storage_class: Option<&'a str>,
    initiator: Option<&'a str>,
}

/// Lists, and aborts where that was asked for.
///
/// # Errors
/// Whatever the store refuses; `Refused` without a confirmation; the sum of what could not be aborted.
pub(super) fn run(desk: &Desk<'_>, uploads: &Uploads) -> Result<(), Failure> {
    let aim = desk.aim(&uploads.target)?;
    if uploads.abort {
        aim.may_change()?;
        if !desk.global.dry_run {
            run::someone_confirms(desk, "aborting uploads in", &aim)?;
        }
    }
    desk.ask_for_keys(&[aim.account])?;
    desk.wait(async {
        let engine = &desk.session.engine;
        let found = engine.list_uploads(&aim.acting, &aim.key, None).await.map_err(|error| payer_hint(error, aim.acting.consent))?;
        print(desk, &aim, &found);
        if !uploads.abort || found.is_empty() {
            return Ok(());
        }
        if !desk.output.is_json() {
            let estimate = costs::of_requests(desk, &aim, Op::AbortMultipartUpload, found.len() as u64, 0);
            desk.output.aside(&format!("  asks     {}; {}", words::requests(&estimate), costs::money(&estimate)));
        }
        costs::allowed(desk, &aim, Op::AbortMultipartUpload, found.len() as u64, &Weight::default())?;
        if desk.global.dry_run {
            say_callers(desk, &aim).await;
            return Ok(());
        }
        approve(desk, &aim, &found).await?;
        let bucket = &aim.acting.place.id.bucket;
        let doomed: Vec<UploadRef> = found
            .iter()
            .map(|upload| UploadRef { bucket: bucket.clone(), key: upload.row.key.clone(), id: upload.row.id.clone() })
            .collect();
        let total = doomed.len();
        let failures: Vec<Error> = engine.abort_uploads(&aim.acting, doomed).await.into_iter().map(|(_, error)| error).collect();
        desk.output.aside(&format!("{} of {} aborted", total - failures.len(), counted(total as u64, "upload")));
        Failure::of_many("uploads", total - failures.len(), failures)
    })
}

async fn approve(desk: &Desk<'_>, aim: &Aim<'_>, found: &[UploadFound]) -> crate::domain::Result<()> {
    if desk.global.yes {
        return Ok(());
    }
    desk.output.aside(&format!("  pays     {}", who_pays(aim)));
    say_callers(desk, aim).await;
    let question =
        format!("Abort {} in {}? Whoever is uploading has to begin again.", counted(found.len() as u64, "upload"), visible(&aim.name()));
    match super::remove::to_type(aim) {
        Some(name) => confirm::typed(&mut confirm::Terminal, &question, &name, desk.output).await,
        None => confirm::yes(&mut confirm::Terminal, &question, desk.output).await,
    }
}

async fn say_callers(desk: &Desk<'_>, aim: &Aim<'_>) {
    if !desk.output.is_json() {
        let callers = Callers::of(&desk.session.engine, std::slice::from_ref(&aim.account.name)).await;
        callers.lines("caller   ").for_each(|line| desk.output.aside(&line));
    }
}

fn print(desk: &Desk<'_>, aim: &Aim<'_>, found: &[UploadFound]) {
    if desk.output.is_json() {
        let target = aim.acting.place.id.to_string();
        found.iter().for_each(|upload| desk.output.object(&line(&target, upload)));
        return;
    }
    let row = |upload: &UploadFound| {
        let (parts, bytes) =
            upload.parts.map_or((String::new(), String::new()), |(parts, bytes)| (parts.to_string(), numbers::size(bytes)));
        let begun = upload.row.begun.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string());
        vec![
            Cell::new(upload.row.key.as_str()),
            Cell::optional(begun.as_deref()),
            Cell::new(&parts),
            Cell::new(&bytes),
            Cell::new(upload.row.id.as_str()),
        ]
    };
    if !found.is_empty() {
        table::print(desk.output, &["KEY", "BEGUN", "PARTS", "BYTES", "UPLOAD ID"], &found.iter().map(row).collect::<Vec<_>>());
    }
    let parts: u64 = found.iter().filter_map(|upload| upload.parts).map(|(parts, _)| u64::from(parts)).sum();
    let bytes: u64 = found.iter().filter_map(|upload| upload.parts).map(|(_, bytes)| bytes).sum();
    if found.is_empty() {
        desk.output.aside("no unfinished upload");
        return;
    }
    let uploads = counted(found.len() as u64, "upload");
    desk.output.aside(&format!("{uploads}, {}, {}, still billed", counted(parts, "part"), numbers::size(bytes)));
}

fn line<'a>(target: &'a str, upload: &'a UploadFound) -> Line<'a> {
    Line {
        target,
        key: upload.row.key.as_str(),
        upload_id: upload.row.id.as_str(),
        begun: upload.row.begun,
        parts: upload.parts.map(|(parts, _)| parts),
        bytes: upload.parts.map(|(_, bytes)| bytes),
        storage_class: upload.row.class.as_ref().map(crate::domain::StorageClass::as_str),
        initiator: upload.row.initiator.as_deref(),
    }
}

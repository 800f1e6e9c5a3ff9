//! The self-test of an endpoint: every operation that takes the payer header, on objects that it makes and removes itself.
//!
//! Comes in: a bucket with consent, a folder that nobody else uses. Goes out: what each operation answered. Forbidden here: any key
//! outside of that folder, and leaving without having cleaned up.

use std::pin::pin;

use bytes::Bytes;

use super::super::clock;
use super::super::engine::Engine;
use super::super::http::Judged;
use super::super::objects::{error_of, unexpected};
use crate::domain::probe::conformance::{BODY, Conformance, Ended, Heard, Trial, is_tried_without, tried, untried};
use crate::domain::{
    Acting, Consent, Directive, Doomed, ETag, Error, ErrorKind, ObjectKey, ObjectRef, ObjectSettings, Op, Overwrite, Result, Tag, UploadId,
    UploadRef, VersionId,
};
use crate::wire::objects::{
    AskChecksums, Attribute, Content, CopySource, Integrity, KeysPage, ObjectCall, ObjectReply, PartDone, PartRef, Said, UploadsPage,
    Verbosity, VersionsPage, Wanted,
};

/// The keys below the folder: written at once, copied, and uploaded in parts.
const NAMES: [&str; 3] = ["whole", "copy", "parts"];

impl Engine {
    /// A folder below a prefix that no other run uses.
    pub fn conformance_folder(&self, prefix: &str) -> String {
        let slash = if prefix.ends_with('/') { "" } else { "/" };
        let stamp = clock::now().strftime("%Y%m%dT%H%M%SZ");
        format!("{prefix}{slash}whopays-conformance-{stamp}-{:08x}/", fastrand::u32(..))
    }

    /// Tries every operation in its turn, and removes what that made: also after failures, and when `stop` ends it early. `told`
    /// hears of each trial as it ends.
    ///
    /// # Errors
    /// `Usage` for an account that the config does not have.
    pub async fn conform(
        &self,
        acting: &Acting,
        folder: &str,
        stop: impl Future<Output = ()>,
        mut told: impl FnMut(&Trial),
    ) -> Result<Conformance> {
        let provider = self.door().desked(&acting.place.id.account)?.account.site.provider;
        let mut run = Run { engine: self, acting, folder, made: Made::default() };
        let (mut trials, mut stop, mut ended) = (Vec::new(), pin!(stop), Ended::Whole);
        for op in tried(provider) {
            let trial = match ended {
                Ended::Stopped => Trial { op, with: Heard::NotTried("the run was stopped".to_owned()), without: None },
                // A request that is under way is heard to its end: what it made has to be known.
                Ended::Whole => {
                    let mut trial = pin!(run.trial(op));
                    tokio::select! {
                        trial = &mut trial => trial,
                        () = &mut stop => {
                            ended = Ended::Stopped;
                            trial.await
                        }
                    }
                }
            };
            told(&trial);
            trials.push(trial);
        }
        let left = run.clean_up().await;
        for (op, why) in untried(provider) {
            let trial = Trial { op, with: Heard::NotTried(why.to_owned()), without: None };
            told(&trial);
            trials.push(trial);
        }
        Ok(Conformance { trials, left, ended })
    }
}

/// What earlier trials made, for the later ones.
#[derive(Default)]
struct Made {
    object: Option<ETag>,
    upload: Option<UploadId>,
    part: Option<ETag>,
    doomed: Option<UploadId>,
}

struct Run<'a> {
    engine: &'a Engine,
    acting: &'a Acting,
    folder: &'a str,
    made: Made,
}

/// Why an operation cannot be tried here.
type Missing = &'static str;

impl Run<'_> {
    async fn trial(&mut self, op: Op) -> Trial {
        if op == Op::AbortMultipartUpload {
            self.begin_doomed().await;
        }
        let call = match self.call(op) {
            Ok(call) => call,
            Err(why) => return Trial { op, with: Heard::NotTried(why.to_owned()), without: None },
        };
        let without = if is_tried_without(op) { Some(heard(self.ask(Consent::Silent, &call).await)) } else { None };
        let answer = self.ask(Consent::Given, &call).await;
        if let Ok(reply) = &answer {
            self.keep(op, &reply.said);
        }
        let with = heard(answer);
        if op == Op::PutObject && self.made.object.is_none() {
            // A store that takes no such header can still be asked the rest.
            if let Ok(reply) = self.ask(Consent::Silent, &call).await {
                self.keep(op, &reply.said);
            }
        }
        Trial { op, with, without }
    }

    /// An upload to be aborted: the first one has been completed by now.
    async fn begin_doomed(&mut self) {
        let call = self.begin_upload();
        if let Ok(ObjectReply { said: Said::Begun(id), .. }) = self.either(&call).await {
            self.made.doomed = Some(id);
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the list of what is tried is kept elsewhere, and compared with the table there")]
    fn call(&self, op: Op) -> std::result::Result<ObjectCall, Missing> {
        const NO_OBJECT: Missing = "there is no object: PutObject did not succeed";
        let bucket = self.acting.place.id.bucket.clone();
        let object = || self.made.object.as_ref().map(|_| self.object(0)).ok_or(NO_OBJECT);
        let folder = Some(self.folder.to_owned());
        Ok(match op {
            Op::PutObject => ObjectCall::PutObject {
                bucket,
                key: self.key(0),
                content: Content::Inline(Bytes::from_static(BODY)),
                settings: ObjectSettings::default(),
                overwrite: Overwrite::Allow,
                integrity: Integrity::default(),
            },
            Op::HeadObject => ObjectCall::HeadObject { object: object()?, checksums: AskChecksums::Silent },
            Op::GetObject => ObjectCall::GetObject { object: object()?, wanted: Wanted::default() },
            Op::ListObjectsV2 => ObjectCall::ListObjectsV2 { bucket, page: KeysPage { prefix: folder, ..KeysPage::default() } },
            Op::ListObjectVersions => {
                ObjectCall::ListObjectVersions { bucket, page: VersionsPage { prefix: folder, ..VersionsPage::default() } }
            }
            Op::PutObjectTagging => {
                let tags = vec![Tag { key: "whopays".to_owned(), value: "conformance".to_owned() }];
                ObjectCall::PutObjectTagging { object: object()?, tags, checksum: None }
            }
            Op::GetObjectTagging => ObjectCall::GetObjectTagging { object: object()? },
            Op::GetObjectAcl => ObjectCall::GetObjectAcl { object: object()? },
            Op::GetObjectAttributes => ObjectCall::GetObjectAttributes { object: object()?, attributes: vec![Attribute::ObjectSize] },
            Op::CopyObject => ObjectCall::CopyObject {
                bucket,
                key: self.key(1),
                source: CopySource { object: object()?, if_match: None, taken_from: None },
                metadata: Directive::Copy,
                settings: ObjectSettings::default(),
                overwrite: Overwrite::Allow,
            },
            Op::CreateMultipartUpload => self.begin_upload(),
            Op::UploadPart => ObjectCall::UploadPart {
                part: self.part()?,
                content: Content::Inline(Bytes::from_static(BODY)),
                integrity: Integrity::default(),
            },
            Op::UploadPartCopy => ObjectCall::UploadPartCopy {
                part: self.part()?,
                source: CopySource { object: object()?, if_match: None, taken_from: None },
                range: None,
            },
            Op::ListParts => ObjectCall::ListParts { upload: self.part()?.upload, after: None, limit: None },
            Op::ListMultipartUploads => {
                ObjectCall::ListMultipartUploads { bucket, page: UploadsPage { prefix: folder, ..UploadsPage::default() } }
            }
            Op::CompleteMultipartUpload => {
                let etag = self.made.part.clone().ok_or("there is no part: UploadPart did not succeed")?;
                let parts = vec![PartDone { number: 1, etag, checksum: None }];
                ObjectCall::CompleteMultipartUpload { upload: self.part()?.upload, parts, overwrite: Overwrite::Allow, checksum: None }
            }
            Op::AbortMultipartUpload => {
                let id = self.made.doomed.clone().ok_or("there is no upload to abort")?;
                ObjectCall::AbortMultipartUpload { upload: UploadRef { bucket, key: self.key(2), id } }
            }
            Op::DeleteObject => ObjectCall::DeleteObject { object: object()? },
            Op::DeleteObjects => {
                let objects = [1, 2].map(|number| Doomed { key: self.key(number), version: None }).to_vec();
                ObjectCall::DeleteObjects { bucket, objects, verbosity: Verbosity::EveryKey, checksum: None }
            }
            _ => return Err("this program cannot send it"),
        })
    }

    fn begin_upload(&self) -> ObjectCall {
        ObjectCall::CreateMultipartUpload {
            bucket: self.acting.place.id.bucket.clone(),
            key: self.key(2),
            settings: ObjectSettings::default(),
            overwrite: Overwrite::Allow,
            checksum: None,
        }
    }

    fn part(&self) -> std::result::Result<PartRef, Missing> {
        let id = self.made.upload.clone().ok_or("there is no upload: CreateMultipartUpload did not succeed")?;
        Ok(PartRef { upload: UploadRef { bucket: self.acting.place.id.bucket.clone(), key: self.key(2), id }, number: 1 })
    }

    fn key(&self, number: usize) -> ObjectKey {
        ObjectKey::new(format!("{}{}", self.folder, NAMES[number]))
    }

    fn object(&self, number: usize) -> ObjectRef {
        ObjectRef { bucket: self.acting.place.id.bucket.clone(), key: self.key(number), version: None }
    }

    /// What later trials need of an answer.
    fn keep(&mut self, op: Op, said: &Said) {
        match said {
            Said::Written(written) if op == Op::PutObject => self.made.object = Some(written.etag.clone()),
            Said::Written(written) if op == Op::UploadPart => self.made.part = Some(written.etag.clone()),
            // The copied part takes the place of the one that was uploaded.
            Said::Copied(copied) if op == Op::UploadPartCopy => self.made.part = Some(copied.etag.clone()),
            Said::Begun(id) => self.made.upload = Some(id.clone()),
            Said::Written(_)
            | Said::Copied(_)
            | Said::Keys(_)
            | Said::Versions(_)
            | Said::Head(_)
            | Said::Tags(_)
            | Said::Acl(_)
            | Said::Attributes(_)
            | Said::Deleted(_)
            | Said::Batch(_)
            | Said::Parts(_)
            | Said::Uploads(_)
            | Said::Done => {}
        }
    }

    async fn ask(&self, consent: Consent, call: &ObjectCall) -> Result<ObjectReply> {
        let acting = Acting { consent, ..self.acting.clone() };
        error_of(self.engine.ask(&acting, call, &self.engine.door().books(None).and_judged(Judged::Before)).await)
    }

    /// On the user's word, and where the store stumbles over that, without it.
    async fn either(&self, call: &ObjectCall) -> Result<ObjectReply> {
        match self.ask(Consent::Given, call).await {
            Ok(reply) => Ok(reply),
            Err(error) if error.kind().retryable() => Err(error),
            Err(error) => self.ask(Consent::Silent, call).await.map_err(|_| error),
        }
    }

    /// Removes everything below the folder: uploads, objects and, in a bucket with versions, each of these. What could not be
    /// removed is named.
    async fn clean_up(&self) -> Vec<(String, Error)> {
        let mut left = self.abort_uploads().await;
        left.extend(match self.versions().await {
            Ok(versions) => self.remove(versions.into_iter().map(|(key, version)| (key, Some(version)))).await,
            // A store without versions: what may have been made is known by name.
            Err(_) => self.remove((0..NAMES.len()).map(|number| (self.key(number), None))).await,
        });
        if left.is_empty() {
            left.extend(self.remains().await);
        }
        left
    }

    async fn abort_uploads(&self) -> Vec<(String, Error)> {
        let bucket = &self.acting.place.id.bucket;
        let page = UploadsPage { prefix: Some(self.folder.to_owned()), ..UploadsPage::default() };
        let listed = self.either(&ObjectCall::ListMultipartUploads { bucket: bucket.clone(), page }).await;
        let known = [&self.made.upload, &self.made.doomed].into_iter().flatten().cloned();
        let ids: Vec<(ObjectKey, UploadId)> = match listed {
            Ok(ObjectReply { said: Said::Uploads(page), .. }) => page.rows.into_iter().map(|row| (row.key, row.id)).collect(),
            Ok(_) | Err(_) => known.map(|id| (self.key(2), id)).collect(),
        };
        let mut left = Vec::new();
        for (key, id) in ids.into_iter().filter(|(key, _)| key.as_str().starts_with(self.folder)) {
            let name = format!("an upload of {}", key.as_str());
            let call = ObjectCall::AbortMultipartUpload { upload: UploadRef { bucket: bucket.clone(), key, id } };
            left.extend(gone(self.either(&call).await).err().map(|error| (name, error)));
        }
        left
    }

    async fn versions(&self) -> Result<Vec<(ObjectKey, VersionId)>> {
        let page = VersionsPage { prefix: Some(self.folder.to_owned()), ..VersionsPage::default() };
        let call = ObjectCall::ListObjectVersions { bucket: self.acting.place.id.bucket.clone(), page };
        let Said::Versions(page) = self.either(&call).await?.said else { return Err(unexpected()) };
        let own = page.rows.into_iter().filter(|row| row.key.as_str().starts_with(self.folder));
        Ok(own.map(|row| (row.key, row.version)).collect())
    }

    async fn remove(&self, doomed: impl Iterator<Item = (ObjectKey, Option<VersionId>)>) -> Vec<(String, Error)> {
        let mut left = Vec::new();
        for (key, version) in doomed {
            let name = key.as_str().to_owned();
            let object = ObjectRef { bucket: self.acting.place.id.bucket.clone(), key, version };
            left.extend(gone(self.either(&ObjectCall::DeleteObject { object }).await).err().map(|error| (name, error)));
        }
        left
    }

    /// What a listing still shows.
    async fn remains(&self) -> Vec<(String, Error)> {
        let page = KeysPage { prefix: Some(self.folder.to_owned()), ..KeysPage::default() };
        let call = ObjectCall::ListObjectsV2 { bucket: self.acting.place.id.bucket.clone(), page };
        let still = || Error::new(ErrorKind::Conflict, "the store still lists it").hint("Look again in a moment, and remove it.");
        match self.either(&call).await {
            Ok(ObjectReply { said: Said::Keys(leaf), .. }) => leaf.iter().map(|row| (row.key.to_owned(), still())).collect(),
            Ok(_) => Vec::new(),
            Err(error) => vec![(self.folder.to_owned(), error)],
        }
    }
}

fn heard(answer: Result<ObjectReply>) -> Heard {
    answer.map_or_else(|error| Heard::of_error(&error), |reply| Heard::Done(reply.charged))
}

/// What is not there has been removed.
fn gone(answer: Result<ObjectReply>) -> Result<()> {
    match answer {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

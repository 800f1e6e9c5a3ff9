//! Everything that a store says of one object.
//!
//! Comes in: an object. Goes out: its headers, and on request what lies beside them. Forbidden here: taking a part that may not be
//! read for one that is empty.

use super::{error_of, unexpected};
use crate::app::Thorough;
use crate::domain::{Acl, Acting, Attributes, Beside, Inspection, ObjectRef, Op, Provider, Result, Tag};
use crate::runtime::clock;
use crate::runtime::engine::Engine;
use crate::runtime::http::Books;
use crate::transfer::Pick;
use crate::wire::objects::{AskChecksums, Attribute, ObjectCall, ObjectReply, Said};

impl Engine {
    /// Inspects an object: one request, and up to four more at the same time for everything. What lies beside the headers is asked
    /// for only once these have come: of an object that may not be read, nothing else is paid for.
    ///
    /// # Errors
    /// Whatever the store refuses about the headers; each other part has a result of its own.
    pub async fn inspect(&self, acting: &Acting, pick: &Pick, thorough: Thorough) -> Result<Inspection> {
        let object = ObjectRef { bucket: acting.place.id.bucket.clone(), key: pick.key.clone(), version: pick.version.clone() };
        let call = ObjectCall::HeadObject { object: object.clone(), checksums: AskChecksums::Asked };
        let ObjectReply { charged, said } = error_of(self.ask(acting, &call, &self.door().books(None)).await)?;
        let Said::Head(head) = said else { return Err(unexpected()) };
        let at = clock::now();
        let more = match thorough {
            Thorough::Headers => None,
            Thorough::Everything => Some(Box::new(self.beside(acting, &object).await?)),
        };
        Ok(Inspection { head, charged, at, more })
    }

    async fn beside(&self, acting: &Acting, object: &ObjectRef) -> Result<Beside> {
        let (provider, books) = (self.door().desked(&acting.place.id.account)?.account.site.provider, self.door().books(None));
        let (tags, acl, versions, attributes) = tokio::join!(
            self.tags(acting, object, &books),
            self.acl(acting, object),
            self.versions(acting, &object.key, None),
            self.attributes(acting, object, provider),
        );
        Ok(Beside { tags, acl, versions, attributes })
    }

    /// An object's tags.
    pub(in crate::runtime) async fn tags(&self, acting: &Acting, object: &ObjectRef, books: &Books) -> Result<Vec<Tag>> {
        let reply = error_of(self.ask(acting, &ObjectCall::GetObjectTagging { object: object.clone() }, books).await)?;
        let Said::Tags(tags) = reply.said else { return Err(unexpected()) };
        Ok(tags)
    }

    async fn acl(&self, acting: &Acting, object: &ObjectRef) -> Result<Acl> {
        let said = self.said(acting, &ObjectCall::GetObjectAcl { object: object.clone() }).await?;
        let Said::Acl(acl) = said else { return Err(unexpected()) };
        Ok(acl)
    }

    /// `None` where the cloud has no such operation.
    async fn attributes(&self, acting: &Acting, object: &ObjectRef, provider: Provider) -> Option<Result<Attributes>> {
        Op::GetObjectAttributes.cell(provider)?;
        let attributes = vec![Attribute::ETag, Attribute::Checksum, Attribute::ObjectParts, Attribute::StorageClass, Attribute::ObjectSize];
        let said = self.said(acting, &ObjectCall::GetObjectAttributes { object: object.clone(), attributes }).await;
        Some(said.and_then(|said| if let Said::Attributes(attributes) = said { Ok(*attributes) } else { Err(unexpected()) }))
    }

    async fn said(&self, acting: &Acting, call: &ObjectCall) -> Result<Said> {
        error_of(self.ask(acting, call, &self.door().books(None)).await).map(|reply| reply.said)
    }
}

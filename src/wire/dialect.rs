//! What two stores differ in, and nothing else.
//!
//! Comes in: a call's arguments. Goes out: the parts of a draft that are one cloud's own, its two signatures, and how its
//! answers page. What both share stands beside this trait once: addressing, XML, the signing core, errors.

use super::answer::Listing;
use super::presign::Presigned;
use super::signer::Bench;
use super::{Checksum, Draft, ListPage, Request};
use crate::domain::{Credentials, Payer, Provider, Result, Site};

/// One cloud's spellings.
pub(super) trait Dialect: Sync {
    /// The query of ListBuckets.
    fn list_query(&self, page: &ListPage) -> Vec<(String, Option<String>)>;

    /// How many buckets one page of this site may hold.
    fn page_size(&self, site: &Site) -> u32;

    /// The site that is asked for a bucket's region: it must be reachable before the region is known.
    fn location_site(&self, site: &Site) -> Site;

    /// Fills in body and headers of PutBucketRequestPayment.
    fn put_payment(&self, draft: &mut Draft, payer: &Payer, checksum: Option<Checksum>) -> Result<()>;

    /// The header that makes the store check the bucket's owner, where there is one.
    fn owner_guard(&self) -> Option<&'static str>;

    /// Signs in the headers.
    fn sign(&self, bench: &Bench<'_>, site: &Site, draft: Draft, keys: &Credentials) -> Request;

    /// Signs in the query; the payer is in the query already.
    fn presign(&self, bench: &Bench<'_>, site: &Site, draft: Draft, keys: &Credentials, seconds: u32) -> Presigned;

    /// Where the next page of a listing begins; `Some("")` if the store says that there is one and not where.
    fn next_page(&self, listing: &Listing) -> Option<String>;

    /// The region that a location element names.
    fn location(&self, text: &str) -> String;
}

/// The dialect of a provider.
pub(super) fn of(provider: Provider) -> &'static dyn Dialect {
    match provider {
        Provider::S3 => &super::s3::S3,
        Provider::Oss => &super::oss::Oss,
    }
}

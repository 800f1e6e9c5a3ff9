//! Nouns and verbs of the trade: account, bucket, payer, consent, operation, error.
//!
//! Comes in: nothing. Goes out: types that every other room speaks. Forbidden here: I/O, clocks, async.

pub mod account;
pub mod asked;
pub mod bucket;
pub mod consent;
pub mod crc;
pub mod error;
pub mod escape;
pub mod evidence;
pub mod few;
pub mod figures;
pub mod findings;
pub mod identity;
pub mod leaf;
pub mod ledger;
pub mod money;
pub mod object;
pub mod op;
pub mod payer;
pub mod place;
pub mod preflight;
pub mod probe;
pub mod refused;
pub mod secret;
pub mod stored;
pub mod tally;
pub mod target;

pub use account::{Access, AccountName, Addressing, Network, OssSignature, Provider, Site};
pub use asked::{Begin, Depth, Directive, Doomed, ObjectRef, ObjectSettings, Overwrite, PageAsk, Tag, UploadRef};
pub use bucket::{BucketId, BucketName, BucketRecord, Ownership};
pub use consent::Consent;
pub use crc::Crc;
pub use error::{Error, ErrorKind, Result, StoreAnswer};
pub use findings::{Certainty, Finding, Gravity, findings};
pub use identity::CallerIdentity;
pub use leaf::{Leaf, LeafBuilder, LeafRow, RowKind};
pub use ledger::{Aside, By, Kind, Narrow, PayerSent, SaidCharged, Sent, Sum};
pub use money::{Amount, Currency, Money};
pub use object::{Charged, ETag, ObjectKey, StorageClass, UploadId, VersionId};
pub use op::Op;
pub use payer::{Payer, PayerReading};
pub use place::{Acting, Place};
pub use preflight::{Look, Seen, Setting};
pub use refused::{Refused, Sender};
pub use secret::{Credentials, Keys, Secret};
pub use stored::{
    Acl, Attributes, Beside, Grant, Headers, Inspection, Link, LinkAsk, LinkVerb, ObjectHead, PartRow, Piece, Span, UploadFound, UploadRow,
    VersionKind, VersionRow,
};
pub use tally::{Share, Spending, Tally};
pub use target::Target;

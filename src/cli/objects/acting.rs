//! From a target to a bucket to act on, and on whose word requests in it may be billed to whom.

use crate::app::bill;
use crate::cli::args::PayWord;
use crate::cli::resolve;
use crate::config::{Account, Config};
use crate::doctor::{self, Evidence, Voice};
use crate::domain::escape::visible;
use crate::domain::{Access, Acting, Consent, Error, ErrorKind, ObjectKey, Ownership, Result, Target};

/// What the command line says on paying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Word {
    /// `--request-payer requester`.
    Given,
    /// Nothing: the config decides.
    Silent,
}

impl Word {
    pub(in crate::cli) fn of(option: Option<PayWord>) -> Self {
        match option {
            Some(PayWord::Requester) => Self::Given,
            None => Self::Silent,
        }
    }
}

/// A bucket to act on, and the key or prefix in it.
pub(in crate::cli) struct Aim<'a> {
    /// The account that acts.
    pub(in crate::cli) account: &'a Account,
    /// The bucket, and the word on paying.
    pub(in crate::cli) acting: Acting,
    /// What follows the bucket's name: byte for byte.
    pub(in crate::cli) key: String,
}

impl Aim<'_> {
    /// `ACCOUNT:BUCKET/KEY`, as lines and errors name it.
    pub(in crate::cli) fn name(&self) -> String {
        if self.key.is_empty() { self.acting.place.id.to_string() } else { format!("{}/{}", self.acting.place.id, self.key) }
    }

    /// The key of one object.
    ///
    /// # Errors
    /// `Usage` where the target names a bucket only, or a key that cannot be one.
    pub(in crate::cli) fn object(&self) -> Result<ObjectKey> {
        let key = ObjectKey::new(self.key.as_str());
        if self.key.is_empty() {
            let message = format!("target \"{}\" names a bucket, not an object", visible(&self.name()));
            return Err(Error::new(ErrorKind::Usage, message).hint("Write ACCOUNT:BUCKET/KEY; for everything below a prefix add -r."));
        }
        key.sendable()?;
        Ok(key)
    }

    /// Whether each change has to be confirmed by typing the bucket's name.
    pub(in crate::cli) fn is_protected(&self) -> bool {
        self.account.access == Access::Protected
    }

    /// The account must be one that may change something.
    ///
    /// # Errors
    /// `Refused` for read-only accounts, before anything is sent.
    pub(in crate::cli) fn may_change(&self) -> Result<()> {
        if self.account.access != Access::ReadOnly {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Refused, format!("account {} is read-only", visible(self.account.name.as_str())))
            .hint("Nothing was changed. To allow changes, edit `access` of the account in the config file.")
            .target(self.name()))
    }
}

/// Reads a target.
///
/// # Errors
/// `Usage` for a target that has neither form or fits no account; `Refused` where the config says `request_payer = "never"` and
/// the command line says otherwise.
pub(in crate::cli) fn aim<'a>(config: &'a Config, acting: Option<&str>, text: &str, word: Word) -> Result<Aim<'a>> {
    let resolved = resolve::object(config, acting, text)?;
    let key = Target::parse(text)?.key;
    let configured = resolved.account.foreign(&resolved.place.id.bucket).map_or(Consent::Silent, |foreign| foreign.consent);
    let consent = match (word, configured) {
        (Word::Given, Consent::Refused) => {
            let message = format!("the config says never to pay for bucket {}", visible(resolved.place.id.bucket.as_str()));
            let hint = "Leave out --request-payer, or edit `request_payer` of the bucket in the config file.";
            return Err(Error::new(ErrorKind::Refused, message).hint(hint).target(text));
        }
        (Word::Given, Consent::Silent | Consent::Given) => Consent::Given,
        (Word::Silent, configured) => configured,
    };
    Ok(Aim { account: resolved.account, acting: Acting { place: resolved.place, consent }, key })
}

/// A refusal with the doctor's next step: consent, a permission, or whatever else the store says.
pub(super) fn payer_hint(error: Error, consent: Consent) -> Error {
    doctor::explained(error, |error| doctor::diagnose(&Evidence { consent, ..Evidence::of(error, Voice::Command) }))
}

/// Who pays for requests in this bucket, in the words of the console.
pub(super) fn who_pays(aim: &Aim<'_>) -> String {
    let (account, consent) = (visible(aim.account.name.as_str()), aim.acting.consent);
    let foreign = aim.account.foreign(&aim.acting.place.id.bucket).is_some();
    match (foreign, consent) {
        // A bucket that the config does not name may be the account's own: there it pays as owner.
        (false, Consent::Silent | Consent::Refused) => "owner pays, unless requester-pays and not yours: then it is refused".to_owned(),
        (true, _) | (false, Consent::Given) => {
            bill::of_object(consent, Ownership::Foreign, None, &account).into_iter().next().unwrap_or_default()
        }
    }
}

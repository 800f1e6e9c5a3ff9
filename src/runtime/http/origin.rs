//! The address of a request as the library takes it, and proof that it is the one that was signed.
//!
//! Comes in: an address as text. Goes out: the library's own type for it, or a refusal. Forbidden here: an address whose
//! path and query are not, byte for byte, those that came in.

use std::sync::{Mutex, PoisonError};

use reqwest::Url;

use super::super::address::Address;
use crate::domain::{Error, ErrorKind, Result};

/// Thousands of requests in a row go to one host, whose part of the address is the dearer one to read: the last one is kept.
#[derive(Default)]
pub(super) struct Origin {
    last: Mutex<Option<(String, Url)>>,
}

impl Origin {
    /// Parses an address and compares it with the text: the `url` type folds `/a/../b`, and a signed request for one key would act
    /// on another.
    ///
    /// # Errors
    /// `Usage` for an address that would be changed on its way.
    pub(super) fn url(&self, address: &Address<'_>) -> Result<Url> {
        let Address { origin, path, query, .. } = *address;
        let url = self.known(origin).map(|mut url| {
            url.set_path(path);
            url.set_query(query);
            url
        });
        let kept = |url: &Url| (url.path(), url.query()) == (path, query);
        url.filter(kept).ok_or_else(|| {
            Error::new(ErrorKind::Usage, "this name cannot be sent safely").hint(
                "The HTTP library would change the address on its way, and another object would be meant. Use another tool for this key.",
            )
        })
    }

    /// The origin alone: with a path, a query or a fragment it is none.
    fn known(&self, origin: &str) -> Option<Url> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, url)) = &*last
            && known == origin
        {
            return Some(url.clone());
        }
        let bare = |url: &Url| url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let url = Url::parse(origin).ok().filter(bare)?;
        *last = Some((origin.to_owned(), url.clone()));
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_addresses_are_refused() {
        let origin = Origin::default();
        for folded in [
            "http://h/b/a/../c",
            "http://h/b/./c",
            "http://h/b/%2e%2e/c",
            "http://h/b/a\tb",
            "http://h/b?x='",
            "http://h/b/a\\c",
            "http://h\\b",
            "http://h/b/é",
            "http://h/b#c",
            "http://h/b?x#c",
            "http://h#c",
            "http://h#/b",
        ] {
            assert!(origin.url(&Address::of(folded)).is_err(), "{folded}");
        }
        assert!(origin.url(&Address::of("http://h/b?y")).is_ok(), "and a refusal leaves nothing behind");
    }

    #[test]
    fn what_is_sent_is_what_was_signed() {
        let origin = Origin::default();
        for kept in [
            "http://h/b/a%2F..%2Fc?requestPayment",
            "https://h/b/a%2F..%2Fc?requestPayment",
            "http://h:8080/b//c?x=%27",
            "http://h:8080/",
            "http://h:8081/b?a=/b/../c&d?e",
            "http://h:8081/b?",
            "http://[::1]:9/b",
            "http://127.0.0.1:9/b/%20%C3%A9/?x",
        ] {
            // Once as the first of its host, and once more.
            assert_eq!(origin.url(&Address::of(kept)).unwrap().as_str(), kept);
            assert_eq!(origin.url(&Address::of(kept)).unwrap().as_str(), kept);
        }
        assert_eq!(origin.url(&Address::of("https://h")).unwrap().as_str(), "https://h/");
        assert_eq!(origin.url(&Address::of("http://h?x=/y")).unwrap().as_str(), "http://h/?x=/y");
    }
}

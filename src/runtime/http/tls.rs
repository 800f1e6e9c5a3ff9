//! TLS of every client: the crypto provider, which ciphers are asked for first, and CAs of an account's own.
//!
//! Comes in: a CA file. Goes out: what the clients are built with. Forbidden here: believing a certificate that the library does not.

use std::path::Path;

use rustls::SupportedCipherSuite;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::{cipher_suite as suite, default_provider};

use crate::domain::{Error, ErrorKind, Result};

/// Everything that ring has, but of AES the one with the short key first, as Go asks for it and the library itself will from its next version
/// on (<https://github.com/rustls/rustls/pull/2849>): where a store follows its clients, a byte goes through ten rounds instead of fourteen.
static CIPHER_SUITES: [SupportedCipherSuite; 9] = [
    suite::TLS13_AES_128_GCM_SHA256,
    suite::TLS13_AES_256_GCM_SHA384,
    suite::TLS13_CHACHA20_POLY1305_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// Makes ring the process's crypto provider; the second call finds it there.
pub(in crate::runtime) fn install_crypto() {
    let cipher_suites = CIPHER_SUITES.to_vec();
    let _already_there = CryptoProvider { cipher_suites, ..default_provider() }.install_default();
}

/// The certificates of a file.
///
/// # Errors
/// `Config`: it cannot be read, or holds none.
#[expect(clippy::disallowed_methods, reason = "runtime reads files; a CA file is read once")]
pub(in crate::runtime) fn read_ca(file: &Path) -> Result<Vec<reqwest::Certificate>> {
    let wrong = |what: &str| {
        Error::new(ErrorKind::Config, format!("ca_file {}: {what}", file.display()))
            .hint("Name a PEM file with the certificate of the store's CA.")
    };
    let pem = std::fs::read(file).map_err(|error| wrong("cannot be read").source(error))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| wrong("is not PEM").source(error))?;
    if certificates.is_empty() {
        return Err(wrong("holds no certificate"));
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_the_library_offers_is_left_out_and_short_keys_come_first() {
        let theirs = default_provider().cipher_suites;
        assert_eq!(CIPHER_SUITES.len(), theirs.len());
        assert!(theirs.iter().all(|suite| CIPHER_SUITES.contains(suite)), "{theirs:?}");
        let names: Vec<String> = CIPHER_SUITES.iter().map(|suite| format!("{:?}", suite.suite())).collect();
        for short in names.iter().filter(|name| name.contains("_AES_128_")) {
            let long = short.replace("_AES_128_", "_AES_256_").replace("SHA256", "SHA384");
            let at = |wanted: &str| names.iter().position(|name| name == wanted).expect(wanted);
            assert!(at(short) < at(&long), "{short}");
        }
    }
}

//! The keyring and the person at the terminal ([`crate::credentials::SecretDesk`]).

//! From a command line to accounts: config file, found profiles, or the embedded store.

//! Finding, reading and writing the config file, and its permissions.

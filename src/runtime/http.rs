//! The HTTP client with the settings that the measured traps call for.

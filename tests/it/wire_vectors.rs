//! Filled in with the vectors test.

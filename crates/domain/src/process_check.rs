//! process_check.

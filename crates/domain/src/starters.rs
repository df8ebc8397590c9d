//! starters.

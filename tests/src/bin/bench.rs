//! Measures the core beside its floors, one JSON object a line.

fn main() {}

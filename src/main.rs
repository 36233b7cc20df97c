//! The `qsearch` program.

fn main() {}

//! Turns a sentence-transformers folder into the bundled model file.

fn main() {}

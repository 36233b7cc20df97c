#![no_main]

#[path = "../formats.rs"]
mod formats;
#[path = "../panics.rs"]
mod panics;

libfuzzer_sys::fuzz_target!(init: panics::may_be_caught(), |data: &[u8]| formats::graph(data));

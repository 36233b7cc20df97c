#![no_main]

#[path = "../panics.rs"]
mod panics;
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(init: panics::may_be_caught(), |data: &[u8]| targets::index(data));

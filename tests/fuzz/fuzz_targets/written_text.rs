#![no_main]

#[path = "../written.rs"]
mod written;

libfuzzer_sys::fuzz_target!(|data: &[u8]| written::written_text(data));

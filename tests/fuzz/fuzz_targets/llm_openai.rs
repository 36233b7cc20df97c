#![no_main]

#[path = "../streams.rs"]
mod streams;

libfuzzer_sys::fuzz_target!(|data: &[u8]| streams::llm_openai(data));

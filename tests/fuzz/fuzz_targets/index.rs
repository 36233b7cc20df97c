#![no_main]

#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(
    init: {
        // The fuzzer's own hook ends the program at any panic. tantivy panics at some damage, and the store turns
        // that into an error; a panic that nobody catches ends the program without the hook too.
        let _ = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
    },
    |data: &[u8]| targets::index(data)
);

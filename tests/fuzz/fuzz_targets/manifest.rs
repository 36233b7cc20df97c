#![no_main]

#[path = "../formats.rs"]
mod formats;

libfuzzer_sys::fuzz_target!(
    init: {
        // As for `index`: the store turns a panic of tantivy's into an error, and any other ends the program.
        let _ = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
    },
    |data: &[u8]| formats::manifest(data)
);

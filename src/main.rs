//! The `qsearch` program.

use std::process::ExitCode;

mod cli;

fn main() -> ExitCode {
    #[cfg(feature = "fastembed")]
    send_nothing();
    cli::main()
}

/// Keeps ONNX Runtime from collecting figures about its use and sending them to its makers, which official builds
/// do unless this is in the environment before they start. What the user set stays.
#[cfg(feature = "fastembed")]
#[expect(unsafe_code, reason = "the environment can't be written in another way")]
fn send_nothing() {
    const SWITCH: &str = "ORT_DISABLE_TELEMETRY";
    if std::env::var_os(SWITCH).is_none() {
        // SAFETY: `main` does this first, so no other thread is there that could be reading the environment.
        unsafe { std::env::set_var(SWITCH, "1") }
    }
}

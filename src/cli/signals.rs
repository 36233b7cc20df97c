//! The signals that ask a program to end, as far as whoever started it didn't want it to go on.

use std::io;

/// Has a function called for each signal that asks the program to end, on a thread of its own.
///
/// These are Ctrl-C, `kill`, and the end of the terminal. Who listens to a signal takes it over, whatever was to happen to it; so
/// those that were to be ignored aren't listened to.
#[cfg(unix)]
pub(crate) fn hear(heard: impl Fn() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let ignored = ignored();
    let mut signals = Signals::new(
        [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0),
    )?;
    let listener = std::thread::Builder::new().name("signals".to_owned());
    listener.spawn(move || signals.forever().for_each(|_| heard())).map(drop)
}

/// Has a function called for each Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn hear(heard: impl Fn() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(heard).map_err(|error| match error {
        ctrlc::Error::System(source) => source,
        other => io::Error::other(other.to_string()),
    })
}

/// The signals that are ignored, a bit for each, as some are for what `nohup` starts and what a script starts in the background.
/// Linux tells; of other systems it isn't known. A program that listens to a signal doesn't ignore it any more.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
    u64::from_str_radix(mask.trim(), 16).unwrap_or(0)
}

//! The signals that ask a program to end.

use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// These are Ctrl-C, `kill`, and the end of the terminal. Who listens to a signal takes it over, whatever was to happen to it; so
/// those that were to be ignored aren't listened to.
pub(in crate::sys) fn hear_endings(heard: impl Fn() + Send + 'static) -> io::Result<()> {
    let ignored = ignored();
    let mut signals = Signals::new(
        [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0),
    )?;
    let listener = std::thread::Builder::new().name("signals".to_owned());
    listener.spawn(move || signals.forever().for_each(|_| heard())).map(drop)
}

/// The signals that are ignored, a bit for each, as some are for what `nohup` starts and what a script starts in the background.
/// Linux tells; of other systems it isn't known. A program that listens to a signal doesn't ignore it any more.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
    u64::from_str_radix(mask.trim(), 16).unwrap_or(0)
}

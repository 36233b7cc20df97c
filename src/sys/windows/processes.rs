//! Processes: what they may take, what ended them, and who gives way to whom.

use std::io;
use std::os::windows::process::CommandExt;
use std::process::{Command, ExitStatus};

use windows_sys::Win32::Foundation::{
    ERROR_NOT_ENOUGH_QUOTA, ERROR_TOO_MANY_OPEN_FILES, STATUS_CONTROL_C_EXIT,
};
use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW};

use super::super::Ending;
use super::calls;

pub(in crate::sys) fn is_too_many_files(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_TOO_MANY_OPEN_FILES as i32)
}

pub(in crate::sys) fn set_apart(command: &mut Command) {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
}

/// The words are those between blanks.
pub(in crate::sys) fn written_command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(line));
    command.args(words);
    command
}

/// The memory is what the process has been promised.
pub(in crate::sys) fn limit_memory(most: u64) {
    if let Err(error) = calls::limit_memory(most) {
        tracing::debug!(%error, "the memory can't be limited");
    }
}

pub(in crate::sys) fn limit_time(seconds: u64) {
    if let Err(error) = calls::limit_time(seconds) {
        tracing::debug!(%error, "the time can't be limited");
    }
}

/// Whom the task manager ends seems to have ended by itself.
pub(in crate::sys) fn ending(status: ExitStatus) -> Ending {
    match status.code() {
        Some(code) if code == ERROR_NOT_ENOUGH_QUOTA as i32 => Ending::OutOfTime,
        Some(STATUS_CONTROL_C_EXIT) => Ending::Ended,
        _ => Ending::Itself,
    }
}

pub(in crate::sys) fn is_no_process(number: u32) -> bool {
    calls::is_no_process(number)
}

pub(in crate::sys) fn yield_to_others() {
    calls::yield_to_others();
}

/// These are Ctrl-C, Ctrl-Break, and the end of the console.
#[cfg(feature = "cli")]
pub(in crate::sys) fn hear_endings(heard: impl Fn() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(heard).map_err(|error| match error {
        ctrlc::Error::System(source) => source,
        other => io::Error::other(other.to_string()),
    })
}

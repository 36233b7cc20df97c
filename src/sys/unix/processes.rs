//! Processes: what they may take, what ended them, and who gives way to whom.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};

use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, setrlimit, test_kill_process};
use rustix::time::{ClockId, clock_gettime};

use super::super::Ending;

pub(in crate::sys) fn is_too_many_files(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

pub(in crate::sys) fn set_apart(command: &mut Command) {
    command.process_group(0);
}

/// The words are quoted as for a shell, so that is what reads them.
pub(in crate::sys) fn written_command(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{line} \"$@\"")).arg(line);
    command
}

/// The memory is that of the address space. macOS counts none of it, and has the other limits.
pub(in crate::sys) fn limit_memory(most: u64) {
    let at_most = |most| Rlimit { current: Some(most), maximum: Some(most) };
    let _limited = setrlimit(Resource::As, at_most(most));
    let _limited = setrlimit(Resource::Core, at_most(0));
}

pub(in crate::sys) fn limit_time(seconds: u64) {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
    let maximum = getrlimit(Resource::Cpu).maximum;
    // The time is counted in whole seconds.
    let current = Some(used + 1 + seconds);
    let _limited = setrlimit(Resource::Cpu, Rlimit { current, maximum });
}

pub(in crate::sys) fn ending(status: ExitStatus) -> Ending {
    let signal = status.signal().unwrap_or_default();
    if signal == Signal::XCPU.as_raw() {
        Ending::OutOfTime
    } else if [Signal::KILL, Signal::TERM, Signal::INT, Signal::HUP].map(Signal::as_raw).contains(&signal) {
        Ending::Ended
    } else {
        Ending::Itself
    }
}

pub(in crate::sys) fn is_no_process(number: u32) -> bool {
    let process = i32::try_from(number).ok().and_then(Pid::from_raw);
    process.is_some_and(|process| test_kill_process(process) == Err(Errno::SRCH))
}

/// Only Linux has priorities of single threads; elsewhere the whole process may have more to do.
pub(in crate::sys) fn yield_to_others() {
    /// How much nicer than others such a thread is; 19 would be the nicest.
    const NICE: i32 = 10;
    if cfg!(target_os = "linux")
        && let Err(error) = rustix::process::nice(NICE)
    {
        tracing::debug!(%error, "the priority stays as it is");
    }
}

//! What a process may take that reads files which anybody may have made.

/// A process has no more memory, in bytes of its address space.
pub(super) const MOST_MEMORY: u64 = 1 << 30;

/// A file takes no more CPU time.
pub(super) const MOST_CPU_SECONDS: u64 = 20;

/// The stack of the thread that reads, in bytes: room for what libraries read by recursion.
pub(super) const STACK: usize = 64 << 20;

/// Limits the memory of this process for good, and has it leave no picture of itself behind.
pub(super) fn memory() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let at_most = |most| Rlimit { current: Some(most), maximum: Some(most) };
        // A system without such a limit has the others.
        let _limited = setrlimit(Resource::As, at_most(MOST_MEMORY));
        let _limited = setrlimit(Resource::Core, at_most(0));
    }
}

/// Limits the CPU time of this process, from now on.
pub(super) fn time() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        use rustix::time::{ClockId, clock_gettime};
        let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
        let maximum = getrlimit(Resource::Cpu).maximum;
        // The time is counted in whole seconds.
        let current = Some(used + 1 + MOST_CPU_SECONDS);
        let _limited = setrlimit(Resource::Cpu, Rlimit { current, maximum });
    }
}

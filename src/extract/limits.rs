//! What a process may take that reads files which anybody may have made.

/// A process has no more memory, in bytes of its address space.
pub(super) const MOST_MEMORY: u64 = 1 << 30;

/// A file takes no more CPU time.
pub(super) const MOST_CPU_SECONDS: u64 = 20;

/// The stack of the thread that reads, in bytes: room for what libraries read by recursion.
pub(super) const STACK: usize = 64 << 20;

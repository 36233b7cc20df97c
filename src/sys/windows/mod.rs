//! Windows.

mod calls;
mod files;
mod processes;

/// The program that opens a file with what its kind is opened with.
pub(super) const OPENER: &str = "explorer";

pub(super) use files::{
    change, foreign_owner, identity, identity_at, is_marked_hidden, is_open_to_others, keep_owner, open,
    open_below, os_string, plain, private_file, private_folder, sync, sync_folder,
};
#[cfg(feature = "cli")]
pub(super) use processes::hear_endings;
pub(super) use processes::{
    ending, is_no_process, is_too_many_files, limit_memory, limit_time, set_apart, written_command,
    yield_to_others,
};

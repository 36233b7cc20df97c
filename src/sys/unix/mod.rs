//! Linux, macOS and other systems with the calls of Unix.

mod files;
mod processes;
#[cfg(feature = "cli")]
mod signals;

pub(super) const OPENER: &str = "xdg-open";

pub(super) use files::{
    change, foreign_owner, identity, identity_at, is_marked_hidden, is_open_to_others, keep_owner, open,
    open_below, os_string, plain, private_file, private_folder, sync, sync_folder,
};
pub(super) use processes::{
    ending, is_no_process, is_too_many_files, limit_memory, limit_time, set_apart, written_command,
    yield_to_others,
};
#[cfg(feature = "cli")]
pub(super) use signals::hear_endings;

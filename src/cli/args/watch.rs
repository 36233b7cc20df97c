//! What can be typed after `qsearch watch`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueHint};

const POLL_HELP: &str = "Look at all notes every so many seconds, instead of waiting for the system to tell what changes \
     [default: 10, where it can't tell]";

/// `qsearch watch`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch watch                      keep the index up to date until Ctrl-C
  qsearch watch ~/notes              index this folder first
  qsearch watch --print-systemd > ~/.config/systemd/user/qsearch.service
  systemctl --user enable --now qsearch

The index is refreshed as by `qsearch index`, once it has been quiet for 0.4 seconds, at most 5 seconds after the first \
change, and every 10 minutes in any case. The system doesn't tell what others change on network drives, nor anything once \
its limit on watched folders is reached: such folders are looked at every 10 seconds, and that is said. It works at a low \
priority, on one thread less than there are cores, and waits while another `qsearch index` writes.

Exit status: 0 when it is stopped by Ctrl-C or SIGTERM, 2 an error at the start.")]
pub(crate) struct WatchArgs {
    /// Folders or files with notes to index first [default: all that was indexed before]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// How often to look.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "10", require_equals = true, help = POLL_HELP)]
    pub(crate) poll: Option<NonZeroU32>,
    /// Print one JSON document for each thing that happens
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a unit for systemd that runs this command, and do nothing else
    #[arg(long, conflicts_with_all = ["print_launchd", "json"])]
    pub(crate) print_systemd: bool,
    /// Print a property list for launchd that runs this command, and do nothing else
    #[arg(long, conflicts_with = "json")]
    pub(crate) print_launchd: bool,
}

//! `qsearch watch` as people run it: notes change on disk, and the index follows.

#![expect(clippy::unwrap_used, reason = "what a test can't do fails it")]

mod vault;

mod endings; // signals, an index that isn't there, settings with a mistake
mod following; // edits, folders, bursts, editors, roots that go and come back
mod limits; // no room for watches, polling, another writer
mod random; // a thousand edits, renames, moves and deletions, and a fresh index in comparison
mod units; // --print-systemd and --print-launchd

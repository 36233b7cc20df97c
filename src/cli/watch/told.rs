//! What a watch tells, and how that looks.
//!
//! The watch itself prints nothing: the command prints what it is told, a server logs it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use qsearch::document::Root;
use qsearch::index::IndexReport;
use qsearch::wire::{self, WatchEvent};

use super::super::human::{count, duration, thousands};
use super::super::page::{HINT, Page};
use super::super::{Failure, diagnostic, hint, json};

/// Something that a watch tells.
#[derive(Debug)]
pub(crate) enum Told<'a> {
    /// These roots are watched from now on.
    Watching {
        /// The folder of the index.
        index: &'a Path,
        /// The roots.
        roots: &'a [WatchedRoot],
        /// How often those are looked at of which the system doesn't tell events.
        every: Duration,
    },
    /// The index was refreshed, and that changed something, or there is something to say of it.
    Refreshed(Refreshed<'a>),
    /// Another process writes the index, which is waited for.
    Waiting {
        /// Who writes, as a phrase.
        writer: &'a str,
    },
    /// A refresh has failed, and will be tried again.
    Failed {
        /// Why.
        failure: &'a Failure,
        /// When it will be tried again.
        again: Duration,
    },
    /// The watch has ended.
    Stopped,
}

/// A refresh that there is something to say of.
#[derive(Debug)]
pub(crate) struct Refreshed<'a> {
    /// The folder of the index.
    pub(crate) index: &'a Path,
    /// What became of the notes.
    pub(crate) report: &'a IndexReport,
    /// The roots afterwards.
    pub(crate) roots: &'a [Root],
    /// How long it took.
    pub(crate) took: Duration,
    /// Roots that couldn't be read the time before, and now can.
    pub(crate) returned: &'a [PathBuf],
}

/// A root that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WatchedRoot {
    /// Its name.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// How it is watched.
    pub(crate) how: How,
}

/// How a root is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// The system tells what changes.
    Events,
    /// All of it is looked at again and again.
    Polling(Why),
}

/// Why a root has to be looked at again and again. Its text fits into parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The user wants it so.
    Asked,
    /// It is on a file system of this kind, which others may write, too.
    Shared(String),
    /// The system watches no more folders for this user.
    Watches,
    /// The system has no more watchers for this user.
    Instances,
    /// The system says why it tells no events.
    Refused(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("as was asked"),
            Self::Shared(kind) => write!(f, "a drive that others may write, {kind}"),
            Self::Watches => f.write_str("the system watches no more folders"),
            Self::Instances => f.write_str("the system has no more watchers"),
            Self::Refused(why) => write!(f, "it can't be watched: {why}"),
        }
    }
}

impl Why {
    /// What to do about it, where something can be done.
    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Watches => Some(hint::watch::MORE_FOLDERS),
            Self::Instances => Some(hint::watch::MORE_WATCHERS),
            Self::Asked | Self::Shared(_) | Self::Refused(_) => None,
        }
    }
}

impl WatchedRoot {
    /// Why it has to be looked at again and again, if it has to be.
    fn polled(&self) -> Option<&Why> {
        match &self.how {
            How::Events => None,
            How::Polling(why) => Some(why),
        }
    }
}

impl<'a> Told<'a> {
    /// As a line of JSON, its end included.
    pub(crate) fn document(&self) -> String {
        json::document(&match self {
            Self::Watching { index, roots, every } => {
                let described = |root: &'a WatchedRoot| {
                    let polled = root.polled().map(|why| (*every, why.to_string()));
                    wire::WatchedRoot::new(&root.name, &root.path, polled)
                };
                WatchEvent::watching(index, roots.iter().map(described).collect())
            }
            Self::Refreshed(Refreshed { index, report, took, .. }) => {
                WatchEvent::Refreshed(Box::new(wire::Indexed::new(index, report, *took)))
            }
            Self::Waiting { writer } => WatchEvent::Waiting { writer },
            Self::Failed { failure, again } => {
                let (what, kind, hint) = diagnostic::parts(failure);
                let failure = wire::Failure::new(&what, wire::kind(kind), hint.as_deref());
                return json::document(&WatchEvent::failed(failure, *again));
            }
            Self::Stopped => WatchEvent::Stopped,
        })
    }

    /// As lines, where it isn't a failure.
    pub(crate) fn lines(&self, page: &Page) -> Vec<String> {
        match self {
            Self::Watching { roots, every, .. } => watching(page, roots, *every),
            Self::Refreshed(refreshed) => refreshed.lines(page),
            Self::Waiting { writer } => vec![format!("waiting: the index is being written by {writer}")],
            Self::Failed { .. } => Vec::new(),
            Self::Stopped => vec!["stopped".to_owned()],
        }
    }
}

/// What is watched, and how.
fn watching(page: &Page, roots: &[WatchedRoot], every: Duration) -> Vec<String> {
    let shown = |root: &WatchedRoot| {
        let path = page.path(&root.path);
        match root.polled() {
            None => path,
            Some(why) => format!("{path} (looked at every {}: {why})", duration(every)),
        }
    };
    let paths: Vec<String> = roots.iter().map(shown).collect();
    let mut lines = vec![match paths.as_slice() {
        [] => "watching nothing: the index has no folder that may be read".to_owned(),
        paths => format!("watching {}; Ctrl-C stops", paths.join(", ")),
    }];
    let mut hints: Vec<&str> = roots.iter().filter_map(|root| root.polled()?.hint()).collect();
    hints.sort_unstable();
    hints.dedup();
    lines.extend(hints.into_iter().map(|what| format!("{} {what}", page.paint(HINT, "hint:"))));
    lines
}

impl Refreshed<'_> {
    /// Whether other notes are in the index than before, or they say something else.
    pub(crate) fn has_changed(&self) -> bool {
        changes(self.report) > 0
    }

    fn lines(&self, page: &Page) -> Vec<String> {
        let back = |path: &PathBuf| format!("{} can be read again", page.path(path));
        let mut lines: Vec<String> = self.returned.iter().map(back).collect();
        if self.has_changed() {
            lines.push(figures(self.report, self.took));
        }
        lines
    }
}

/// How many notes a refresh has changed.
pub(super) fn changes(report: &IndexReport) -> u64 {
    report.added + report.changed + report.removed
}

/// What a refresh has changed, on one line: `2 notes changed, 1 added: 14 passages in 300 ms`.
fn figures(report: &IndexReport, took: Duration) -> String {
    let kinds = [(report.changed, "changed"), (report.added, "added"), (report.removed, "removed")];
    let mut told = String::new();
    for (number, what) in kinds.into_iter().filter(|(number, _)| *number > 0) {
        if told.is_empty() {
            told = format!("{} {what}", count(number, "note", "notes"));
        } else {
            told = format!("{told}, {} {what}", thousands(number));
        }
    }
    let passages = report.embedded + report.reused;
    if passages > 0 {
        told = format!("{told}: {}", count(passages, "passage", "passages"));
    }
    format!("{told} in {}", duration(took))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_is_one_line() {
        let report = |changed, added, removed, embedded| {
            let mut report = IndexReport::default();
            (report.changed, report.added, report.removed, report.embedded) =
                (changed, added, removed, embedded);
            report
        };
        let told = |report: &IndexReport| figures(report, Duration::from_millis(300));
        assert_eq!(told(&report(2, 1, 0, 14)), "2 notes changed, 1 added: 14 passages in 300 ms");
        assert_eq!(told(&report(0, 0, 1, 0)), "1 note removed in 300 ms");
        assert_eq!(told(&report(0, 1200, 1, 1)), "1,200 notes added, 1 removed: 1 passage in 300 ms");
    }
}

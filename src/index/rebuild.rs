//! Rebuilding the whole index from its notes, whatever state it is in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::known::{KnownFiles, by_root};
use super::report::WhyKept;
use super::roots::Scope;
use super::run::Run;
use super::{
    IndexOptions, IndexReport, Walked, fingerprint, index, limits, reach, roots, walk_all, without_empty,
};
use crate::document::{NotePath, Root};
use crate::embed::Embedder;
use crate::error::{Error, NotFound, Result, Usage};
use crate::progress::Progress;
use crate::store::Place;
use crate::walk::Reason;

/// Rebuilds the index at `place` from the notes at `paths` alone, or from all notes that it remembers if there are no
/// paths: it may be damaged, of another format, or made with another model. Where there is none it is [`index`].
///
/// All notes are read and all passages embedded, but for those of roots on other machines, which stay. Until the one commit at the end the old index stays as it is, and can
/// be asked if it could be before.
///
/// # Errors
///
/// As [`index`]; also when it can't be read what the index remembers, and when notes would be lost of the roots that it
/// remembers and is to hold again: a root can't be read or has no notes any more, or a note that the index has, or may
/// have, can't be read. Notes that are gone, or are left out by the options, aren't lost.
pub fn rebuild(
    place: &Place,
    paths: &[PathBuf],
    options: &IndexOptions,
    embedder: &dyn Embedder,
    progress: &dyn Progress,
) -> Result<IndexReport> {
    if place.salvage().is_none() && matches!(place.open(), Err(Error::NoIndex { .. })) {
        return index(place, paths, options, embedder, progress);
    }
    let limits = limits(embedder);
    let mut writer = place.rebuild(&fingerprint(embedder, &limits))?;
    writer.set_model_source(&options.model.to_text());
    // Read under the lock, so that no other process changes it meanwhile.
    let remains = place.salvage();
    let known = remains.as_ref().map(|remains| remains.roots.clone()).unwrap_or_default();
    let scopes = roots::rebuilt(&known, paths)?.with_rules(options);
    if scopes.refresh.is_empty() {
        return Err(Usage::RootsUnreadable { index: place.shown().to_path_buf() }.into());
    }
    let is_damaged = remains.as_ref().is_some_and(|remains| remains.damaged);
    let old = Old {
        roots: known.iter().filter(|root| scopes.roots.iter().any(|kept| kept.is(root))).cloned().collect(),
        notes: remains.and_then(|remains| remains.files(place.shown())).map(by_root),
    };
    let (most_bytes, kept_rules, elsewhere) =
        (scopes.most_bytes(), scopes.kept_rules(options), scopes.elsewhere());
    let walks = walk_all(place, &scopes, &reach(place, paths, options), progress)?;
    old.check_walks(&walks)?;
    let kept = without_empty(scopes.roots, &walks);
    writer.set_roots(kept.clone());
    let run = Run::new(writer, embedder, progress, limits, most_bytes)?;
    let mut run = run.reading_in(options.launch.as_ref());
    run.refresh(walks)?;
    let skipped = run.skipped().iter().filter(|skipped| skipped.reason.is_failure());
    old.check_unread(skipped.map(|skipped| (&*skipped.root, &skipped.path, &skipped.reason)))?;
    let (remain, dropped) = known.into_iter().partition(|root| kept.iter().any(|kept| kept.is(root)));
    let doubtful = if is_damaged { remain } else { Vec::new() };
    let report = run.commit(options.optimize)?;
    Ok(IndexReport { kept_rules, dropped, elsewhere, doubtful, ..report })
}

/// What the old index has that the new one is to have as well.
struct Old {
    /// The roots of both.
    roots: Vec<Root>,
    /// The old one's notes; `None` if its table of files can't be read, so that any may have been in it.
    notes: Option<KnownFiles>,
}

impl Old {
    /// Refuses to go on if notes would be lost for what walks came to.
    fn check_walks(&self, walks: &[Walked]) -> Result<()> {
        let skipped = walks.iter().flat_map(|(scope, walked)| {
            let skipped = walked.iter().flat_map(|walk| &walk.skipped);
            let failed = skipped.filter(|skipped| skipped.reason.is_failure());
            failed.map(|skipped| (&*scope.root.name, &skipped.path, &skipped.reason))
        });
        self.check_unread(skipped)?;
        let Some((root, why)) = walks.iter().find_map(|walked| self.lost(walked)) else { return Ok(()) };
        let root = root.path.clone();
        Err(match why {
            WhyKept::Unconfirmed => Usage::LosesUnconfirmed { root }.into(),
            why => NotFound::LostRoot { root, why: why.to_string() }.into(),
        })
    }

    /// A root whose notes would be lost as a whole, and why.
    fn lost<'a>(&self, (scope, walked): &'a Walked) -> Option<(&'a Root, WhyKept)> {
        let has_notes =
            |notes: &KnownFiles| notes.get(&scope.root.name).is_some_and(|notes| !notes.is_empty());
        let is_old =
            self.roots.iter().any(|root| root.is(&scope.root)) && self.notes.as_ref().is_none_or(has_notes);
        let why = match walked {
            _ if !is_old => return None,
            Ok(walk) if !walk.files.is_empty() => return None,
            Ok(_) => WhyKept::Emptied,
            Err(error) => WhyKept::from(error),
        };
        Some((&scope.root, why))
    }

    /// Refuses to go on if notes would be lost for what couldn't be read: files or folders, each with the name of its
    /// root and the reason.
    fn check_unread<'a>(
        &self,
        unread: impl Iterator<Item = (&'a str, &'a NotePath, &'a Reason)>,
    ) -> Result<()> {
        let mut lost = BTreeMap::new();
        for (name, path, why) in unread {
            let Some(root) = self.roots.iter().find(|root| root.name == name) else { continue };
            match &self.notes {
                None => drop(lost.insert(root.locate(path), why)),
                Some(notes) => {
                    let scope =
                        Scope { root: root.clone(), part: Some(path.clone()), new: false, named: false };
                    let notes = notes.get(name).into_iter().flat_map(|notes| scope.of(notes));
                    lost.extend(notes.map(|(note, _)| (root.locate(note), why)));
                }
            }
        }
        if lost.is_empty() {
            return Ok(());
        }
        let notes = lost.iter().map(|(path, why)| format!("{}: {why}", path.display())).collect();
        Err(NotFound::LostNotes { notes, certain: self.notes.is_some() }.into())
    }
}

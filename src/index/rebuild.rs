//! Making the whole index anew from the notes, whatever state it is in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::read::{Known, by_root};
use super::roots::Scope;
use super::run::Run;
use super::{
    IndexOptions, IndexReport, Walked, chunking, index, limits, reach, roots, walk_all, without_hollow,
};
use crate::document::{NotePath, Root};
use crate::embed::Embedder;
use crate::error::{Error, Result, plain};
use crate::index::KeptRoot;
use crate::progress::Progress;
use crate::store::{Salvage, Snapshot, Writer};
use crate::trust::Trust;

/// An error names no more notes.
const EXAMPLES: usize = 3;

/// Makes the index in `dir` anew from the notes at `paths` alone, or from all notes that it remembers if there are no
/// paths: it may be damaged, of another format, or made with another model. Where there is none it is [`index`].
///
/// All notes are read and all passages embedded. Until the one commit at the end the old index stays as it is, and can
/// be asked if it could be before.
///
/// # Errors
///
/// As [`index`]; also when it can't be read what the index remembers, and when notes would be lost of the roots that it
/// remembers and is to hold again: a root can't be read or has no notes any more, or a note that the index has, or may
/// have, can't be read. Notes that are gone, or are left out by the options, aren't lost.
pub fn rebuild(
    dir: &Path,
    paths: &[PathBuf],
    options: &IndexOptions,
    embedder: &dyn Embedder,
    progress: &dyn Progress,
) -> Result<IndexReport> {
    if Salvage::of(dir).is_none() && matches!(Snapshot::open(dir), Err(Error::NoIndex { .. })) {
        return index(dir, paths, options, embedder, progress);
    }
    let limits = limits(embedder);
    let mut writer = Writer::rebuild(dir, embedder.fingerprint(), &chunking(&limits), embedder.dim())?;
    writer.set_model_source(&options.model.to_text());
    // Read under the lock, so that no other process changes it meanwhile.
    let remains = Salvage::of(dir);
    let known = remains.as_ref().map(|remains| remains.roots.clone()).unwrap_or_default();
    let scopes = roots::anew(&known, paths)?;
    if scopes.refresh.is_empty() {
        return Err(Error::Usage {
            what: format!("which notes the index at {} was made of can't be read from it", dir.display()),
            hint: "name the folders: `qsearch index --rebuild FOLDER`".into(),
        });
    }
    let is_damaged = remains.as_ref().is_some_and(|remains| remains.damaged);
    let old = Old {
        roots: known.iter().filter(|root| scopes.roots.contains(root)).cloned().collect(),
        notes: remains.and_then(|remains| remains.files(dir)).map(by_root),
    };
    let walks = walk_all(dir, &scopes, options, &reach(dir, paths, options), progress)?;
    old.check_walks(&walks)?;
    let kept = without_hollow(scopes.roots, &walks);
    writer.set_roots(kept.clone());
    let mut run = Run::new(writer, embedder, progress, limits, options.most_bytes())?;
    run.refresh(walks)?;
    let skipped = run.skipped().iter().filter(|skipped| skipped.failure);
    old.check_unread(skipped.map(|skipped| (&*skipped.root, &skipped.path, &*skipped.reason)))?;
    let (remain, dropped) = known.into_iter().partition(|root| kept.contains(root));
    let doubtful = if is_damaged { remain } else { Vec::new() };
    let report = run.commit(options.optimize)?;
    Ok(IndexReport { dropped, doubtful, ..report })
}

/// What the old index has that the new one is to have as well.
struct Old {
    /// The roots of both.
    roots: Vec<Root>,
    /// The old one's notes; `None` if its table of files can't be read, so that any may have been in it.
    notes: Option<Known>,
}

impl Old {
    /// Refuses to go on if notes would be lost for what walks came to.
    fn check_walks(&self, walks: &[Walked]) -> Result<()> {
        let skipped = walks.iter().flat_map(|(scope, walked)| {
            let skipped = walked.iter().flat_map(|walk| &walk.skipped);
            let failed = skipped.filter(|skipped| skipped.reason.is_failure());
            failed.map(|skipped| (&*scope.root.name, &skipped.path, skipped.reason.to_string()))
        });
        let skipped: Vec<_> = skipped.collect();
        self.check_unread(skipped.iter().map(|(root, path, why)| (*root, *path, &**why)))?;
        let Some((root, why)) = walks.iter().find_map(|walked| self.lost(walked)) else { return Ok(()) };
        let path = root.path.display();
        if why == Trust::UNCONFIRMED {
            return Err(Error::Usage {
                what: format!("the index isn't made anew, for the notes of {path} would be lost: {why}"),
                hint: "`--trust` confirms all roots of the index; or name the folders that it is to hold from now on: \
                       `qsearch index --rebuild FOLDER`"
                    .into(),
            });
        }
        Err(Error::NotFound {
            what: format!("the index isn't made anew, for it would lose the notes of {path}: {why}"),
            hint: format!(
                "bring them back, take them out with `qsearch forget {path}`, or name the folders that the index is to \
                 hold from now on: `qsearch index --rebuild FOLDER`"
            ),
        })
    }

    /// A root whose notes would be lost as a whole, and why.
    fn lost<'a>(&self, (scope, walked): &'a Walked) -> Option<(&'a Root, String)> {
        let has_notes = |notes: &Known| notes.get(&scope.root.name).is_some_and(|notes| !notes.is_empty());
        let is_old = self.roots.contains(&scope.root) && self.notes.as_ref().is_none_or(has_notes);
        let why = match walked {
            _ if !is_old => return None,
            Ok(walk) if !walk.files.is_empty() => return None,
            Ok(_) => KeptRoot::EMPTIED.to_owned(),
            Err(Error::Io { source, .. }) => plain(source),
            Err(error) => error.to_string(),
        };
        Some((&scope.root, why))
    }

    /// Refuses to go on if notes would be lost for what couldn't be read: files or folders, each with the name of its
    /// root and the reason.
    fn check_unread<'a>(&self, unread: impl Iterator<Item = (&'a str, &'a NotePath, &'a str)>) -> Result<()> {
        let mut lost = BTreeMap::new();
        for (name, path, why) in unread {
            let Some(root) = self.roots.iter().find(|root| root.name == name) else { continue };
            match &self.notes {
                None => drop(lost.insert(root.locate(path), why)),
                Some(notes) => {
                    let scope = Scope { root: root.clone(), part: Some(path.clone()), new: false };
                    let notes = notes.get(name).into_iter().flat_map(|notes| scope.of(notes));
                    lost.extend(notes.map(|(note, _)| (root.locate(note), why)));
                }
            }
        }
        if lost.is_empty() {
            return Ok(());
        }
        let named = lost.iter().take(EXAMPLES).map(|(path, why)| format!("{}: {why}", path.display()));
        let mut named = named.collect::<Vec<_>>().join("; ");
        if lost.len() > EXAMPLES {
            named = format!("{named}; and {} more", lost.len() - EXAMPLES);
        }
        let would = if self.notes.is_some() { "would lose" } else { "might lose" };
        Err(Error::NotFound {
            what: format!("the index isn't made anew, for it {would} what can't be read now: {named}"),
            hint: "make it readable, if it is too large with `--max-size`; or give it up: delete it, leave it out with \
                   `--exclude`, or name the folders that the index is to hold from now on: \
                   `qsearch index --rebuild FOLDER`"
                .into(),
        })
    }
}

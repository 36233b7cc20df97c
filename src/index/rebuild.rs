//! Making the whole index anew from the notes, whatever state it is in.

use std::path::{Path, PathBuf};

use super::run::Run;
use super::{IndexOptions, IndexReport, Walked, chunking, index, limits, roots, walk_all, without_hollow};
use crate::embed::Embedder;
use crate::error::{Error, Result, plain};
use crate::index::KeptRoot;
use crate::progress::Progress;
use crate::store::{Remains, Snapshot, Writer};

/// Makes the index in `dir` anew from the notes at `paths` alone, or from all notes that it remembers if there are no
/// paths: it may be damaged, of another format, or made with another model. Where there is none it is [`index`].
///
/// All notes are read and all passages embedded. Until the one commit at the end the old index stays as it is, and can
/// be asked if it could be before.
///
/// # Errors
///
/// As [`index`]; also when a root that the index remembers can't be read or has no notes any more, for its passages
/// would be lost, and when it can't be read what it remembers.
pub fn rebuild(
    dir: &Path,
    paths: &[PathBuf],
    options: &IndexOptions,
    embedder: &dyn Embedder,
    progress: &dyn Progress,
) -> Result<IndexReport> {
    if Remains::of(dir).is_none() && matches!(Snapshot::open(dir), Err(Error::NoIndex { .. })) {
        return index(dir, paths, options, embedder, progress);
    }
    let limits = limits(embedder);
    let mut writer = Writer::rebuild(dir, embedder.fingerprint(), &chunking(&limits), embedder.dim())?;
    writer.set_model_source(&options.model.to_text());
    // Read under the lock, so that no other process changes them meanwhile.
    let remembered = Remains::of(dir).map(|remains| remains.roots);
    let known = remembered.unwrap_or_default();
    let scopes = roots::anew(&known, paths)?;
    if scopes.refresh.is_empty() {
        return Err(Error::Usage {
            what: format!("which notes the index at {} was made of can't be read from it", dir.display()),
            hint: "name the folders: `qsearch index --rebuild FOLDER`".into(),
        });
    }
    let walks = walk_all(dir, &scopes, options, progress)?;
    if let Some((path, why)) = walks.iter().find_map(lost) {
        return Err(Error::NotFound {
            what: format!(
                "the index isn't made anew, for it would lose the notes of {}: {why}",
                path.display()
            ),
            hint: "bring them back, or name the folders that the index is to hold from now on: \
                   `qsearch index --rebuild FOLDER`"
                .into(),
        });
    }
    let kept = without_hollow(scopes.roots, &walks);
    let mut run = Run::new(writer, embedder, progress, limits, options.max_bytes)?;
    run.refresh(walks)?;
    let dropped = known.into_iter().filter(|root| !kept.contains(root)).collect();
    let report = run.commit(kept, options.optimize)?;
    Ok(IndexReport { dropped, ..report })
}

/// Where the notes of a root were and why they can't be had, if they can't.
fn lost((scope, walked): &Walked) -> Option<(PathBuf, String)> {
    let why = match walked {
        Ok(walk) if scope.new || !walk.files.is_empty() => return None,
        Ok(_) => KeptRoot::EMPTIED.to_owned(),
        Err(Error::Io { source, .. }) => plain(source),
        Err(error) => error.to_string(),
    };
    Some((scope.path(), why))
}

//! Where do the links of a note lead, and which notes link to it?

use super::Note;
use crate::document::{LineSpan, NotePath};
use crate::error::Result;
use crate::hit::StoredPassage;
use crate::link::{self, Link, name_key};
use crate::resolve::Resolver;
use crate::store::Store;

/// A link that stands in a note.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outgoing {
    /// What a reader sees of it.
    pub text: String,
    /// The note that is meant, as written; empty for the note itself.
    pub target: String,
    /// The heading or block that is meant.
    pub heading: Option<String>,
    /// The path of the note that it leads to, in the same root; `None` if no note that is indexed is meant.
    pub path: Option<NotePath>,
    /// The lines that it stands on.
    pub lines: LineSpan,
}

/// A link from another note.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlink {
    /// The path of the note that it stands in, in the same root.
    pub path: NotePath,
    /// What a reader sees of it.
    pub text: String,
    /// The lines that it stands on.
    pub lines: LineSpan,
}

/// The links of a note or a part of it, both ways.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Links {
    /// Those that stand in its passages, in their order.
    pub outgoing: Vec<Outgoing>,
    /// Those from other notes to the whole note, by path and line.
    pub backlinks: Vec<Backlink>,
}

/// Finds the links of what [`get`](super::get()) gave.
///
/// # Errors
///
/// When the index is damaged.
pub fn links(snapshot: &dyn Store, note: &Note) -> Result<Links> {
    let mut resolver = Resolver::new(snapshot);
    let outgoing = outgoing(&mut resolver, &note.passages)?;
    let first = note.passages.first();
    let backlinks = first.map(|first| backlinks(snapshot, &mut resolver, first)).transpose()?;
    Ok(Links { outgoing, backlinks: backlinks.unwrap_or_default() })
}

/// The links in some passages of a note, in their order.
fn outgoing(resolver: &mut Resolver<'_>, passages: &[StoredPassage]) -> Result<Vec<Outgoing>> {
    let mut found = Vec::new();
    for stored in passages {
        for (link, lines) in links_of(stored) {
            let path = resolver.note(&link, &stored.root, &stored.path)?;
            let Link { text, target, heading, .. } = link;
            found.push(Outgoing { text, target, heading, path, lines });
        }
    }
    Ok(found)
}

/// The links from other notes to the note that a passage belongs to, by path and line.
fn backlinks(snapshot: &dyn Store, resolver: &mut Resolver<'_>, of: &StoredPassage) -> Result<Vec<Backlink>> {
    let names = of.title.iter().chain(&of.aliases).map(String::as_str).chain([of.path.as_str()]);
    let mut keys: Vec<String> = names.map(name_key).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut found = Vec::new();
    for key in keys.iter().filter(|key| !key.is_empty()) {
        for stored in snapshot.passages_linking(key)? {
            if stored.root != of.root || stored.path == of.path {
                continue;
            }
            for (link, lines) in links_of(&stored).filter(|(link, _)| link.key() == *key) {
                if resolver.note(&link, &stored.root, &stored.path)?.as_ref() == Some(&of.path) {
                    found.push(Backlink { path: stored.path.clone(), text: link.text, lines });
                }
            }
        }
    }
    found.sort_by(|a, b| (&a.path, a.lines, &a.text).cmp(&(&b.path, b.lines, &b.text)));
    Ok(found)
}

/// The links of a passage, with their lines in the note.
fn links_of(stored: &StoredPassage) -> impl Iterator<Item = (Link, LineSpan)> {
    let passage = &stored.passage;
    link::links(&passage.text, &passage.blocks).into_iter().map(|link| {
        let lines = passage.lines_of(&link.range);
        (link, lines)
    })
}

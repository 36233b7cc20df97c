//! Links between notes, as documents have them.

use serde::Serialize;

use super::Standing;
use crate::document::NotePath;
use crate::get;

/// A link that stands in a note.
#[derive(Debug, Serialize)]
pub(super) struct Link<'a> {
    /// What a reader sees of it.
    text: &'a str,
    /// The note that is meant, as written; empty for the note itself.
    target: &'a str,
    /// The heading or block that is meant.
    heading: Option<&'a str>,
    /// The path of the note that it leads to, in the same root; `null` if no note that is indexed is meant.
    path: Option<&'a str>,
    /// Where it stands in its file.
    #[serde(flatten)]
    at: Standing,
}

/// A link from another note.
#[derive(Debug, Serialize)]
pub(super) struct Backlink<'a> {
    /// The path of the note that it stands in, in the same root.
    path: &'a str,
    /// What a reader sees of it.
    text: &'a str,
    /// Where it stands in its file.
    #[serde(flatten)]
    at: Standing,
}

impl<'a> From<&'a get::Outgoing> for Link<'a> {
    fn from(link: &'a get::Outgoing) -> Self {
        let get::Outgoing { text, target, heading, path, lines } = link;
        let path = path.as_ref().map(NotePath::as_str);
        Self { text, target, heading: heading.as_deref(), path, at: Standing::new(*lines, None) }
    }
}

impl<'a> From<&'a get::Backlink> for Backlink<'a> {
    fn from(link: &'a get::Backlink) -> Self {
        let get::Backlink { path, text, lines } = link;
        Self { path: path.as_str(), text, at: Standing::new(*lines, None) }
    }
}

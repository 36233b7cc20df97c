//! Which note does a link lead to, in one state of a store?

use std::collections::HashMap;

use crate::document::NotePath;
use crate::error::Result;
use crate::hit::StoredPassage;
use crate::link::Link;
use crate::store::Store;

/// A name that more notes have leads to none of them.
const MOST_NAMESAKES: usize = 64;

/// Resolves links, and remembers what notes are called.
pub(crate) struct Resolver<'a> {
    store: &'a dyn Store,
    called: HashMap<String, Vec<StoredPassage>>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(store: &'a dyn Store) -> Self {
        Self { store, called: HashMap::new() }
    }

    /// Tells the store that some links will be resolved, each of a note with its root and path.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    pub(crate) fn expect<'l>(
        &self,
        links: impl Iterator<Item = (&'l Link, &'l str, &'l NotePath)>,
    ) -> Result<()> {
        let (mut paths, mut keys) = (Vec::new(), Vec::new());
        for (link, root, from) in links {
            if leads_by_path(link) {
                paths.extend(link.paths(from).into_iter().map(|path| (root, path)));
            }
            keys.push(link.key());
        }
        keys.retain(|key| !key.is_empty());
        let notes: Vec<(&str, &NotePath)> = paths.iter().map(|(root, path)| (*root, path)).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        self.store.expect(&notes, &keys, MOST_NAMESAKES)
    }

    /// The note of the root that a link in the note at `from` leads to. Links don't leave their root.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    pub(crate) fn note(&mut self, link: &Link, root: &str, from: &NotePath) -> Result<Option<NotePath>> {
        if leads_by_path(link) {
            for path in link.paths(from) {
                if !self.store.rows_of(root, &path)?.is_empty() {
                    return Ok(Some(path));
                }
            }
        }
        let key = link.key();
        if key.is_empty() {
            return Ok(None);
        }
        if !self.called.contains_key(&key) {
            let notes = self.store.notes_called(&key, MOST_NAMESAKES)?;
            self.called.insert(key.clone(), notes);
        }
        let fits = |note: &StoredPassage| {
            let names = note.title.iter().chain(&note.aliases).map(String::as_str);
            Some((link.leads_to(from, &note.path, names)?, note.path.clone()))
        };
        let notes = self.called[&key].iter().filter(|note| note.root == root);
        Ok(notes.filter_map(fits).min().map(|(_, path)| path))
    }
}

/// Whether what a link says may be a path.
fn leads_by_path(link: &Link) -> bool {
    !link.by_name || link.target.is_empty() || link.target.contains('/')
}

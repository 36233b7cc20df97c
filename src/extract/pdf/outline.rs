//! Bookmarks: the outline of a document, with the page that each leads to (ISO 32000-2, 12.3).

use std::collections::{HashMap, HashSet};

use hayro_interpret::hayro_syntax::object::{Array, Dict, Object, ObjectIdentifier, String as Bytes};
use hayro_interpret::hayro_syntax::xref::XRef;

use super::{text_string, tree};

/// No more bookmarks are read.
const MOST: usize = 20_000;

/// A bookmark.
#[derive(Debug, PartialEq)]
pub(super) struct Bookmark {
    /// What it says.
    pub(super) title: String,
    /// How deep it stands, from 0.
    pub(super) depth: usize,
    /// The page it leads to, counted from 0.
    pub(super) page: usize,
}

/// Where destinations lead.
struct Destinations<'a> {
    xref: &'a XRef,
    catalog: Dict<'a>,
    pages: &'a HashMap<ObjectIdentifier, usize>,
    /// The named ones, once one was asked for.
    named: Option<HashMap<Vec<u8>, Object<'a>>>,
}

/// The bookmarks of a document, in their order. `pages` says which page an object is.
pub(super) fn bookmarks<'a>(
    xref: &'a XRef,
    catalog: &Dict<'a>,
    pages: &'a HashMap<ObjectIdentifier, usize>,
) -> Vec<Bookmark> {
    let mut bookmarks = Vec::new();
    let Some(root) = catalog.get::<Dict<'a>>(b"Outlines") else { return bookmarks };
    let mut destinations = Destinations { xref, catalog: catalog.clone(), pages, named: None };
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut next = |item: &Dict<'a>, key: &[u8]| {
        let id = item.get_ref(key)?;
        (seen.len() < MOST && seen.insert(id.into())).then(|| xref.get::<Dict<'a>>(id.into()))?
    };
    let mut items: Vec<(Dict<'a>, usize)> = next(&root, b"First").map(|item| (item, 0)).into_iter().collect();
    while let Some((item, depth)) = items.pop() {
        if let Some(title) = item.get::<Bytes<'a>>(b"Title")
            && let Some(page) = destinations.page(&item)
        {
            let title = text_string::decode(&title);
            bookmarks.push(Bookmark { title, depth, page });
        }
        items.extend(next(&item, b"Next").map(|item| (item, depth)));
        items.extend(next(&item, b"First").map(|item| (item, depth + 1)));
    }
    bookmarks
}

impl<'a> Destinations<'a> {
    /// The page that a bookmark leads to.
    fn page(&mut self, item: &Dict<'a>) -> Option<usize> {
        let action = || item.get::<Dict<'a>>(b"A")?.get::<Object<'a>>(b"D");
        let mut destination = item.get::<Object<'a>>(b"Dest").or_else(action)?;
        // A name leads to an array, or to a dictionary with one.
        for _ in 0..3 {
            destination = match destination {
                Object::Array(array) => return self.of_array(&array),
                Object::Dict(dict) => dict.get::<Object<'a>>(b"D")?,
                Object::String(name) => self.named(&name)?,
                Object::Name(name) => self.named(&name)?,
                _ => return None,
            };
        }
        None
    }

    fn of_array(&self, array: &Array<'a>) -> Option<usize> {
        let first = array.raw_iter().next()?;
        if let Some(id) = first.as_obj_ref() {
            return self.pages.get(&id.into()).copied();
        }
        // Some programs write the page's number.
        let number = tree::resolved(self.xref, first)?.into_i32()?;
        usize::try_from(number).ok().filter(|page| *page < self.pages.len())
    }

    fn named(&mut self, name: &[u8]) -> Option<Object<'a>> {
        let (xref, catalog) = (self.xref, &self.catalog);
        let named = self.named.get_or_insert_with(|| {
            let mut named = HashMap::new();
            if let Some(old) = catalog.get::<Dict<'a>>(b"Dests") {
                for (name, entry) in old.entries() {
                    named.extend(tree::resolved(xref, entry).map(|entry| (name.to_vec(), entry)));
                }
            }
            if let Some(names) =
                catalog.get::<Dict<'a>>(b"Names").and_then(|names| names.get::<Dict<'a>>(b"Dests"))
            {
                tree::names(xref, &names, &mut |name, entry| {
                    named.entry(name.to_vec()).or_insert(entry);
                });
            }
            named
        });
        named.get(name).cloned()
    }
}

//! The table of contents of a book: which part of which file is called what.

use std::collections::BTreeMap;

use super::book::Book;
use super::escapes::decoded;
use crate::extract::draft;
use crate::extract::package::{Package, joined};
use crate::extract::xml::{Event, Events};

/// No more entries are read.
const MAX_ENTRIES: usize = 20_000;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The id of the element at which the part begins; the whole file, if there is none.
    pub(super) id: Option<String>,
    /// What it is called.
    pub(super) title: String,
    /// How deep it stands in the table, from 1.
    pub(super) level: usize,
}

/// The entries of each file, in order.
pub(super) fn read(package: &mut Package<'_>, book: &Book) -> BTreeMap<String, Vec<Entry>> {
    for (path, is_nav) in [(&book.nav, true), (&book.ncx, false)] {
        let Some(path) = path else { continue };
        let Ok(text) = package.text(path) else { continue };
        let entries = if is_nav { of_nav(&text) } else { of_ncx(&text) };
        let mut files: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for (href, title, level) in entries {
            let (file, id) = href.split_once('#').map_or((&*href, None), |(file, id)| (file, Some(id)));
            let title = draft::one_line(&title);
            if title.is_empty() {
                continue;
            }
            let id = id.map(decoded).filter(|id| !id.is_empty());
            files.entry(joined(path, &decoded(file))).or_default().push(Entry { id, title, level });
        }
        if !files.is_empty() {
            return files;
        }
    }
    BTreeMap::new()
}

/// The links of EPUB 3's table (section 7): where to, what they say, how deep.
fn of_nav(text: &str) -> Vec<(String, String, usize)> {
    let mut found: Vec<(String, String, usize)> = Vec::new();
    let (mut depth, mut in_toc, mut link): (usize, bool, Option<(String, String)>) = (0, false, None);
    for event in Events::new(text) {
        match event {
            Event::Start(element) => match element.name() {
                "nav" => in_toc = element.attribute("type").is_none_or(|kind| kind.contains("toc")),
                "ol" => depth += 1,
                "a" if in_toc => link = Some((element.attribute("href").unwrap_or_default(), String::new())),
                "img" => {
                    if let Some((_, title)) = &mut link {
                        title.push_str(&element.attribute("alt").unwrap_or_default());
                    }
                }
                _ => {}
            },
            Event::Text(text) => {
                if let Some((_, title)) = link.as_mut().filter(|(_, title)| title.len() < 500) {
                    title.push_str(&text);
                }
            }
            Event::End(name) => match &*name {
                "ol" => depth = depth.saturating_sub(1),
                "nav" => in_toc = false,
                "a" => {
                    if let Some((href, title)) = link.take()
                        && found.len() < MAX_ENTRIES
                    {
                        found.push((href, title, depth.max(1)));
                    }
                }
                _ => {}
            },
        }
    }
    found
}

/// The points of EPUB 2's table (NCX).
fn of_ncx(text: &str) -> Vec<(String, String, usize)> {
    let mut found = Vec::new();
    let (mut depth, mut title, mut in_label, mut in_map) = (0, String::new(), false, false);
    for event in Events::new(text) {
        match event {
            Event::Start(element) => match element.name() {
                "navMap" => in_map = true,
                "navPoint" => {
                    depth += 1;
                    title.clear();
                }
                "navLabel" => in_label = true,
                "content" if in_map && found.len() < MAX_ENTRIES => {
                    let href = element.attribute("src").unwrap_or_default();
                    found.push((href, std::mem::take(&mut title), depth.max(1)));
                }
                _ => {}
            },
            Event::Text(text) => {
                if in_label && title.len() < 500 {
                    title.push_str(&text);
                }
            }
            Event::End(name) => match &*name {
                "navPoint" => depth -= depth.min(1),
                "navLabel" => in_label = false,
                "navMap" => in_map = false,
                _ => {}
            },
        }
    }
    found
}

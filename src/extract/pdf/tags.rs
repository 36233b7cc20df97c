//! The tags of a document: which marked content is a heading (ISO 32000-2, 14.7 and 14.8).

use std::collections::{BTreeMap, HashMap, HashSet};

use hayro_interpret::hayro_syntax::object::{Dict, MaybeRef, Name, Object, ObjectIdentifier};
use hayro_interpret::hayro_syntax::xref::XRef;

use super::tree::resolved;

/// No more elements of a structure are looked at.
const MOST: usize = 300_000;

/// For each page, its marked content that is headings, with their levels.
pub(super) fn headings<'a>(
    xref: &'a XRef,
    catalog: &Dict<'a>,
    pages: &HashMap<ObjectIdentifier, usize>,
) -> BTreeMap<usize, BTreeMap<u32, u8>> {
    let mut found: BTreeMap<usize, BTreeMap<u32, u8>> = BTreeMap::new();
    let Some(root) = catalog.get::<Dict<'a>>(b"StructTreeRoot") else { return found };
    let roles = root.get::<Dict<'a>>(b"RoleMap").unwrap_or_default();
    let page_of = |element: &Dict<'a>| element.get_ref(b"Pg").and_then(|id| pages.get(&id.into()).copied());
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut left = MOST;
    // What is left to look at: an element's child, with the level and the page of what it stands in.
    let mut stack: Vec<(MaybeRef<Object<'a>>, Option<u8>, Option<usize>)> = Vec::new();
    stack.extend(root.get_raw::<Object<'a>>(b"K").map(|kids| (kids, None, None)));
    while let Some((entry, level, page)) = stack.pop() {
        let is_new = entry.as_obj_ref().is_none_or(|id| seen.insert(id.into()));
        let Some(fewer) = left.checked_sub(1) else { break };
        left = fewer;
        if !is_new {
            continue;
        }
        match resolved(xref, entry) {
            Some(Object::Number(id)) => {
                if let (Some(page), Some(level), Ok(id)) = (page, level, u32::try_from(id.as_i64())) {
                    found.entry(page).or_default().insert(id, level);
                }
            }
            Some(Object::Array(array)) => {
                stack.extend(array.raw_iter().take(left).map(|kid| (kid, level, page)));
            }
            Some(Object::Dict(element)) => {
                let page = page_of(&element).or(page);
                if let Some(id) = element.get_raw::<Object<'a>>(b"MCID") {
                    stack.push((id, level, page));
                } else if let Some(kids) = element.get_raw::<Object<'a>>(b"K") {
                    let own = element.get::<Name<'a>>(b"S").and_then(|name| heading_level(&name, &roles));
                    stack.push((kids, own.or(level), page));
                }
            }
            _ => {}
        }
    }
    found
}

/// The level of a heading by the name of its tag, which may be one of the document's own.
fn heading_level(name: &[u8], roles: &Dict<'_>) -> Option<u8> {
    let mut name = name.to_vec();
    for _ in 0..4 {
        match name.as_slice() {
            b"Title" | b"H" => return Some(1),
            [b'H', digit @ b'1'..=b'6'] => return Some(digit - b'0'),
            _ => {}
        }
        name = roles.get::<Name<'_>>(&name)?.to_vec();
    }
    None
}

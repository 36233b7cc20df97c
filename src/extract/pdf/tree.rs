//! Name trees and number trees: sorted maps that a document keeps in dictionaries (ISO 32000-2, 7.9.6 and 7.9.7).

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::object::{Array, Dict, MaybeRef, Object, ObjectIdentifier};
use hayro_interpret::hayro_syntax::xref::XRef;

/// No tree has more entries, nor more nodes that are looked at.
const MOST: usize = 200_000;

/// Calls with each number and value of a tree, in the order in which they are written.
pub(super) fn numbers<'a>(xref: &'a XRef, root: &Dict<'a>, entry: &mut dyn FnMut(i64, Object<'a>)) {
    walk(xref, root, b"Nums", &mut |key, value| {
        if let Some(key) = key.into_number() {
            entry(key.as_i64(), value);
        }
    });
}

/// Calls with each name and value of a tree, in the order in which they are written.
pub(super) fn names<'a>(xref: &'a XRef, root: &Dict<'a>, entry: &mut dyn FnMut(&[u8], Object<'a>)) {
    walk(xref, root, b"Names", &mut |key, value| {
        if let Some(key) = key.into_string() {
            entry(&key, value);
        }
    });
}

/// What an entry is, or what it refers to.
pub(super) fn resolved<'a>(xref: &'a XRef, entry: MaybeRef<Object<'a>>) -> Option<Object<'a>> {
    match entry {
        MaybeRef::Ref(id) => xref.get(id.into()),
        MaybeRef::NotRef(object) => Some(object),
    }
}

/// The dictionaries of an array; what isn't one is left out.
pub(super) fn dicts<'a>(xref: &'a XRef, array: &Array<'a>) -> impl Iterator<Item = Dict<'a>> {
    array.raw_iter().filter_map(|entry| resolved(xref, entry)?.into_dict())
}

fn walk<'a>(xref: &'a XRef, root: &Dict<'a>, entries: &[u8], entry: &mut dyn FnMut(Object<'a>, Object<'a>)) {
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut nodes = vec![root.clone()];
    let mut left = MOST;
    while let Some(node) = nodes.pop() {
        if let Some(pairs) = node.get::<Array<'a>>(entries) {
            let mut objects = pairs.raw_iter();
            while let (Some(key), Some(value)) = (objects.next(), objects.next()) {
                let Some(fewer) = left.checked_sub(1) else { return };
                left = fewer;
                if let (Some(key), Some(value)) = (resolved(xref, key), resolved(xref, value)) {
                    entry(key, value);
                }
            }
        }
        let Some(kids) = node.get::<Array<'a>>(b"Kids") else { continue };
        let from = nodes.len();
        for kid in kids.raw_iter() {
            let is_new = kid.as_obj_ref().is_none_or(|id| seen.insert(id.into()));
            let Some(fewer) = left.checked_sub(1) else { return };
            left = fewer;
            if is_new && let Some(kid) = resolved(xref, kid).and_then(Object::into_dict) {
                nodes.push(kid);
            }
        }
        nodes[from..].reverse();
    }
}

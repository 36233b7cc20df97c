//! Fields of forms: their names and what was filled in (ISO 32000-2, 12.7).

use std::collections::{HashMap, HashSet};

use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, String as Bytes};
use hayro_interpret::hayro_syntax::xref::XRef;

use super::super::draft::one_line;
use super::{text_string, tree};

/// No more fields are read.
const MOST: usize = 20_000;

/// Fields aren't nested deeper.
const DEEPEST: usize = 32;

/// A field with what was filled in.
#[derive(Debug, PartialEq)]
pub(super) struct Field {
    /// What it is called, as far as people call it so.
    pub(super) name: String,
    /// What was filled in.
    pub(super) value: String,
    /// The page it is on, counted from 0, if that is known.
    pub(super) page: Option<usize>,
}

/// What a field has from those it stands in.
#[derive(Clone, Default)]
struct Inherited<'a> {
    name: String,
    kind: Vec<u8>,
    value: Option<Object<'a>>,
    depth: usize,
}

/// The filled fields of a document's form. `pages` says which page a page or an annotation is on.
pub(super) fn fields<'a>(
    xref: &'a XRef,
    catalog: &Dict<'a>,
    pages: &HashMap<ObjectIdentifier, usize>,
) -> Vec<Field> {
    let mut found: Vec<Field> = Vec::new();
    let form = catalog.get::<Dict<'a>>(b"AcroForm").unwrap_or_default();
    let Some(roots) = form.get::<Array<'a>>(b"Fields") else { return found };
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut stack = vec![(roots, Inherited::default())];
    let mut queue: Vec<(Dict<'a>, Inherited<'a>)> = Vec::new();
    while let Some((kids, inherited)) = stack.pop() {
        for kid in kids.raw_iter() {
            let is_new = kid.as_obj_ref().is_none_or(|id| seen.insert(id.into()));
            if !is_new || seen.len() > MOST || queue.len() > MOST {
                continue;
            }
            if let Some(Object::Dict(field)) = tree::resolved(xref, kid) {
                queue.push((field, inherited.clone()));
            }
        }
        for (field, inherited) in queue.drain(..) {
            let own = inherited.with(&field);
            match field.get::<Array<'a>>(b"Kids") {
                // Kids without names are where the same field stands on pages.
                Some(kids)
                    if own.depth < DEEPEST && tree::dicts(xref, &kids).any(|kid| kid.contains_key(b"T")) =>
                {
                    stack.push((kids, own));
                }
                kids => {
                    let first = kids.and_then(|kids| tree::dicts(xref, &kids).next());
                    let page = page(&field, pages).or_else(|| page(first.as_ref()?, pages));
                    let filled = own.value().map(|value| Field { name: own.name.clone(), value, page });
                    let shown = || {
                        let value = own.caption(&field).or_else(|| own.caption(first.as_ref()?))?;
                        Some(Field { name: String::new(), value, page })
                    };
                    found.extend(filled.or_else(shown));
                }
            }
        }
    }
    found
}

/// The page a field stands on.
fn page(field: &Dict<'_>, pages: &HashMap<ObjectIdentifier, usize>) -> Option<usize> {
    let on = field.get_ref(b"P").and_then(|id| pages.get(&id.into()));
    on.or_else(|| pages.get(&field.obj_id()?)).copied()
}

impl<'a> Inherited<'a> {
    fn with(&self, field: &Dict<'a>) -> Self {
        let text = |key: &[u8]| field.get::<Bytes<'a>>(key).map(|text| text_string::decode(&text));
        let own = text(b"TU")
            .filter(|name| !name.trim().is_empty())
            .or_else(|| text(b"T").map(|name| spoken(&name)));
        Self {
            name: own.filter(|name| !name.is_empty()).unwrap_or_else(|| self.name.clone()),
            kind: field.get::<Name<'a>>(b"FT").map_or_else(|| self.kind.clone(), |kind| kind.to_vec()),
            value: field.get::<Object<'a>>(b"V").or_else(|| self.value.clone()),
            depth: self.depth + 1,
        }
    }

    /// What is written on a button (12.5.6.19), or the choices that a list shows (12.7.5.4).
    fn caption(&self, field: &Dict<'a>) -> Option<String> {
        const COMBO: i32 = 1 << 17;
        let text = match &*self.kind {
            b"Btn" => text_string::decode(&field.get::<Dict<'a>>(b"MK")?.get::<Bytes<'a>>(b"CA")?),
            b"Ch" if field.get::<i32>(b"Ff").unwrap_or(0) & COMBO == 0 => {
                let choices = field.get::<Array<'a>>(b"Opt")?;
                let shown = |choice: Object<'a>| match choice {
                    Object::String(text) => Some(text_string::decode(&text)),
                    // What is sent, and what is shown.
                    Object::Array(pair) => {
                        pair.iter::<Bytes<'_>>().nth(1).map(|text| text_string::decode(&text))
                    }
                    _ => None,
                };
                choices.iter::<Object<'a>>().take(100).filter_map(shown).collect::<Vec<_>>().join(", ")
            }
            _ => return None,
        };
        // A lone letter is the sign of a box, in a font of signs.
        (text.trim().chars().count() > 1).then(|| text.trim().to_owned())
    }

    /// What was filled in, as text.
    fn value(&self) -> Option<String> {
        let value = match self.value.as_ref()? {
            Object::String(text) => text_string::decode(text),
            Object::Stream(stream) => text_string::decode(&stream.decoded_data().ok()?),
            Object::Name(name) if self.kind == b"Btn" => match &**name {
                b"Off" => return None,
                b"Yes" | b"On" | b"1" => "yes".to_owned(),
                other => text_string::decode(other),
            },
            Object::Array(choices) => {
                let choices =
                    choices.iter::<Bytes<'_>>().take(100).map(|choice| text_string::decode(&choice));
                choices.collect::<Vec<_>>().join(", ")
            }
            _ => return None,
        };
        let is_signature = self.kind == b"Sig";
        (!is_signature && !value.trim().is_empty()).then(|| value.trim().to_owned())
    }
}

/// A field's name without what programs add to it: `form1[0].Name[0]` is `Name`; none if nobody would call it so.
fn spoken(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name).split('[').next().unwrap_or("").replace('_', " ");
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    if letters < 2 || digits > letters { String::new() } else { one_line(&name) }
}

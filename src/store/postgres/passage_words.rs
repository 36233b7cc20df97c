//! The words of a passage, as a row keeps them: its terms with their positions in each field.
//!
//! ```text
//! class u8 × fields  the class of each field's length
//! for each term, in order
//!   length, bytes
//!   mask u8          the fields that have it
//!   of each field    how often, then the first position and the differences between the others
//! ```
//!
//! Numbers without a type are [varints](crate::varint). Documents whose postings are fetched have no positions; for the
//! few that are looked at, this row has them.

use std::collections::{HashMap, HashSet};

use crate::store::bm25f::FIELDS;
use crate::store::entry::FieldWords;
use crate::varint;

/// Encodes the words of a passage's fields.
pub(super) fn encode(fields: &[FieldWords; FIELDS]) -> Vec<u8> {
    let mut bytes: Vec<u8> = fields.iter().map(|field| field.length).collect();
    let mut terms: Vec<&str> =
        fields.iter().flat_map(|field| field.positions.keys()).map(String::as_str).collect();
    terms.sort_unstable();
    terms.dedup();
    for term in terms {
        varint::push(&mut bytes, term.len());
        bytes.extend_from_slice(term.as_bytes());
        let positions = fields.each_ref().map(|field| field.positions.get(term));
        bytes
            .push(positions.iter().zip(0..).map(|(positions, at)| u8::from(positions.is_some()) << at).sum());
        for positions in positions.into_iter().flatten() {
            varint::push(&mut bytes, positions.len());
            let mut before = 0;
            for &position in positions {
                // Terms at one place may stand in any order.
                varint::push(&mut bytes, position.wrapping_sub(before) as usize);
                before = position;
            }
        }
    }
    bytes
}

/// The positions of a term in each field.
pub(super) type Positions = [Option<Vec<u32>>; FIELDS];

/// Words of a passage.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PassageWords {
    /// The class of each field's length.
    pub(super) lengths: [u8; FIELDS],
    /// The positions of terms.
    pub(super) terms: HashMap<String, Positions>,
}

impl PassageWords {
    /// Decodes those terms that are wanted, or all; `None` if the bytes aren't what [`encode`] makes.
    pub(super) fn decode(bytes: &[u8], wanted: Option<&HashSet<String>>) -> Option<Self> {
        let (&lengths, mut rest) = bytes.split_first_chunk::<FIELDS>()?;
        let mut terms = HashMap::new();
        while !rest.is_empty() {
            let length = varint::take(&mut rest);
            let (term, behind) = rest.split_at_checked(length)?;
            let (&mask, behind) = behind.split_first()?;
            rest = behind;
            let term = std::str::from_utf8(term).ok()?;
            let wants = wanted.is_none_or(|wanted| wanted.contains(term));
            let mut positions: Positions = Default::default();
            for (at, positions) in positions.iter_mut().enumerate().filter(|(at, _)| mask >> at & 1 == 1) {
                debug_assert!(at < FIELDS);
                *positions = Some(read(&mut rest, wants)?);
            }
            if wants {
                terms.insert(term.to_owned(), positions);
            }
        }
        Some(Self { lengths, terms })
    }
}

/// Reads the positions of one field; keeps none unless they are wanted.
fn read(rest: &mut &[u8], wants: bool) -> Option<Vec<u32>> {
    let count = varint::take(rest);
    // A position takes a byte at least.
    if count > rest.len() {
        return None;
    }
    let mut positions = Vec::with_capacity(if wants { count } else { 0 });
    let mut position = 0u32;
    for _ in 0..count {
        position = position.wrapping_add(varint::take(rest) as u32);
        if wants {
            positions.push(position);
        }
    }
    Some(positions)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields() -> impl Strategy<Value = [FieldWords; FIELDS]> {
        let positions = proptest::collection::vec(0u32..5000, 1..6).prop_map(|mut all| {
            all.sort_unstable();
            all
        });
        let field = (proptest::collection::btree_map("[a-zä@]{1,9}", positions, 0..9), any::<u8>())
            .prop_map(|(positions, length)| FieldWords { positions, length });
        proptest::array::uniform6(field)
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(fields in fields()) {
            let bytes = encode(&fields);
            let all = PassageWords::decode(&bytes, None).unwrap();
            for (at, field) in fields.iter().enumerate() {
                prop_assert_eq!(all.lengths[at], field.length);
                for (term, positions) in &field.positions {
                    prop_assert_eq!(all.terms[term][at].as_ref(), Some(positions));
                }
                let has = all.terms.values().filter(|term| term[at].is_some()).count();
                prop_assert_eq!(has, field.positions.len());
            }
            let some: HashSet<String> = all.terms.keys().take(2).cloned().collect();
            let chosen = PassageWords::decode(&bytes, Some(&some)).unwrap();
            prop_assert_eq!(chosen.terms.len(), some.len());
            prop_assert!(chosen.terms.iter().all(|(term, positions)| all.terms[term] == *positions));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            PassageWords::decode(&bytes, None);
        }
    }
}

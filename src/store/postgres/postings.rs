//! Postings: which passages have a term, how often in each field, and how long the fields are.
//!
//! A row of the table `postings` has the postings of one term that came, or went, with one commit of one root:
//!
//! ```text
//! sign u8            0: these passages came, 1: these went
//! counts             how many they are, and how many have the term in each field
//! for each passage, in ascending order of its number
//!   the difference to the number before
//!   mask u8          the fields that have the term, or 0 for one occurrence in the text alone
//!   of each field    how often, the class of the field's length u8
//! ```
//!
//! Numbers without a type are [varints](crate::varint). The counts stand in front, so that document frequencies are known
//! from the first bytes of a row. A term's postings in a state of the index are those that came without those that went.

use std::collections::BTreeMap;

use crate::store::bm25f::{BODY, FIELDS};
use crate::varint;

/// The most bytes that the sign and the counts take.
pub(super) const HEAD_BYTES: usize = 1 + 10 * (1 + FIELDS);

/// The mask of a passage that has the term once, and in its text alone.
const ONCE_IN_BODY: u8 = 0;

/// How often a field has a term, and the class of its length; `None` if it doesn't have it.
pub(super) type InField = Option<(u32, u8)>;

/// The occurrences of a term in one passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Posting {
    /// The passage's number.
    pub(super) passage: u32,
    /// Its occurrences in each field.
    pub(super) fields: [InField; FIELDS],
}

/// How many passages have a term: more came than went, in a whole index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// In any field.
    pub(super) any: i64,
    /// In each field.
    pub(super) in_field: [i64; FIELDS],
}

impl Counts {
    /// Adds those of another row.
    pub(super) fn add(&mut self, other: &Self) {
        self.any += other.any;
        for (count, other) in self.in_field.iter_mut().zip(other.in_field) {
            *count += other;
        }
    }
}

/// Whether passages came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// They are new.
    Came,
    /// They aren't there any more.
    Went,
}

/// Encodes postings, which are in ascending order of their passages.
pub(super) fn encode(sign: Sign, postings: &[Posting]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD_BYTES + 5 * postings.len());
    bytes.push(match sign {
        Sign::Came => 0,
        Sign::Went => 1,
    });
    varint::push(&mut bytes, postings.len());
    for field in 0..FIELDS {
        varint::push(&mut bytes, postings.iter().filter(|posting| posting.fields[field].is_some()).count());
    }
    let mut before = 0;
    for Posting { passage, fields } in postings {
        varint::push(&mut bytes, (passage - before) as usize);
        before = *passage;
        let mask = fields.iter().zip(0..).map(|(field, at)| u8::from(field.is_some()) << at).sum();
        if let (Some((1, class)), true) = (fields[BODY], mask == 1 << BODY) {
            bytes.extend([ONCE_IN_BODY, class]);
            continue;
        }
        bytes.push(mask);
        for (count, class) in fields.iter().flatten() {
            varint::push(&mut bytes, *count as usize);
            bytes.push(*class);
        }
    }
    bytes
}

/// The sign and the counts of a row, of which its first [`HEAD_BYTES`] are enough; negative where passages went.
pub(super) fn counts(mut bytes: &[u8]) -> Option<Counts> {
    let (sign, counts) = head(&mut bytes)?;
    if sign == Sign::Came {
        return Some(counts);
    }
    Some(Counts { any: -counts.any, in_field: counts.in_field.map(|count| -count) })
}

fn head(bytes: &mut &[u8]) -> Option<(Sign, Counts)> {
    let (&sign, rest) = bytes.split_first()?;
    *bytes = rest;
    let mut number = || i64::try_from((!bytes.is_empty()).then(|| varint::take(bytes))?).ok();
    let any = number()?;
    let mut in_field = [0; FIELDS];
    for count in &mut in_field {
        *count = number()?;
    }
    let sign = match sign {
        0 => Sign::Came,
        1 => Sign::Went,
        _ => return None,
    };
    Some((sign, Counts { any, in_field }))
}

/// Visits the postings of a row, in ascending order; `None` if the bytes aren't what [`encode`] makes.
pub(super) fn visit(mut bytes: &[u8], mut visit: impl FnMut(Posting)) -> Option<Sign> {
    let (sign, counts) = head(&mut bytes)?;
    let mut passage = 0u32;
    for at in 0..counts.any {
        let step = u32::try_from(varint::take(&mut bytes)).ok()?;
        if at > 0 && step == 0 {
            return None;
        }
        passage = passage.checked_add(step)?;
        let mut byte = || {
            let (&byte, rest) = bytes.split_first()?;
            bytes = rest;
            Some(byte)
        };
        let mut fields = [None; FIELDS];
        match byte()? {
            ONCE_IN_BODY => fields[BODY] = Some((1, byte()?)),
            mask if mask >> FIELDS == 0 => {
                for (field, at) in fields.iter_mut().zip(0..) {
                    if mask >> at & 1 == 1 {
                        let count = u32::try_from(varint::take(&mut bytes)).ok()?;
                        let (&class, rest) = bytes.split_first()?;
                        bytes = rest;
                        *field = Some((count, class));
                    }
                }
            }
            _ => return None,
        }
        visit(Posting { passage, fields });
    }
    bytes.is_empty().then_some(sign)
}

/// The postings of a term in several rows: those that came and didn't go, and those that went and didn't come with any of
/// these rows. `None` if one of the rows can't be read.
pub(super) fn merge<'a>(rows: impl IntoIterator<Item = &'a [u8]>) -> Option<[Vec<Posting>; 2]> {
    let (mut came, mut went) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let mut of_row = Vec::new();
        let sign = visit(row, |posting| of_row.push((posting.passage, posting)))?;
        if sign == Sign::Came { came.extend(of_row) } else { went.extend(of_row) }
    }
    // A number is given once, so what went isn't there whichever row comes first.
    went.retain(|passage, _| came.remove(passage).is_none());
    Some([came.into_values().collect(), went.into_values().collect()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn postings() -> impl Strategy<Value = Vec<Posting>> {
        let field = proptest::option::of((1u32..300, any::<u8>()));
        let fields = proptest::array::uniform6(field).prop_map(|mut fields| {
            if fields.iter().all(Option::is_none) {
                fields[BODY] = Some((1, 7));
            }
            fields
        });
        proptest::collection::btree_map(any::<u32>(), fields, 0..40)
            .prop_map(|all| all.into_iter().map(|(passage, fields)| Posting { passage, fields }).collect())
    }

    fn decode(bytes: &[u8]) -> Option<(Sign, Vec<Posting>)> {
        let mut all = Vec::new();
        let sign = visit(bytes, |posting| all.push(posting))?;
        Some((sign, all))
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(all in postings(), went: bool) {
            let sign = if went { Sign::Went } else { Sign::Came };
            let bytes = encode(sign, &all);
            prop_assert_eq!(decode(&bytes), Some((sign, all.clone())));
            let counts = counts(&bytes[..bytes.len().min(HEAD_BYTES)]).unwrap();
            let factor = if went { -1 } else { 1 };
            prop_assert_eq!(counts.any, factor * all.len() as i64);
            for field in 0..FIELDS {
                let has = all.iter().filter(|posting| posting.fields[field].is_some()).count() as i64;
                prop_assert_eq!(counts.in_field[field], factor * has);
            }
            for end in 0..bytes.len() {
                prop_assert_eq!(decode(&bytes[..end]), None);
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            decode(&bytes);
            counts(&bytes);
        }

        #[test]
        fn what_went_is_gone_in_whatever_order(all in postings(), split: usize, swapped: bool) {
            let (gone, kept) = all.split_at(split % (all.len() + 1));
            let rows = [encode(Sign::Came, &all), encode(Sign::Went, gone)];
            let mut rows: Vec<&[u8]> = rows.iter().map(|row| &**row).collect();
            if swapped { rows.reverse(); }
            prop_assert_eq!(merge(rows.iter().copied()), Some([kept.to_vec(), vec![]]));
            let alone = [encode(Sign::Went, gone)];
            prop_assert_eq!(merge([&*alone[0]]), Some([vec![], gone.to_vec()]));
        }
    }
}

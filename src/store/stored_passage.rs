//! A passage as it is stored, with all that is shown of its note.
//!
//! The id isn't part of it: it stands beside the vector, or in a column of its own. Places in the text are stored as how far
//! they are from the one before, which takes a byte each where the places themselves take three.

use std::ops::Range;

use super::{NewFile, NewPassage, codec};
use crate::calendar::Day;
use crate::document::{NotePath, Passage, PassageId, Property};
use crate::hit::StoredPassage;
use crate::words::Language;

/// A passage of a file in bytes. An error says why it can't be stored.
pub(super) fn encode(file: &NewFile, new: &NewPassage) -> Result<Vec<u8>, String> {
    let NewFile { record, title, aliases, tags, date, properties, language, .. } = file;
    let about = (title, aliases, tags, date, properties, language);
    codec::encode(&(&record.root, &record.path, about, with_gaps(new.passage.clone())))
}

/// The passage with this id that bytes are. An error says what is wrong with them.
pub(super) fn decode(id: PassageId, bytes: &[u8]) -> Result<StoredPassage, String> {
    type Tags = Vec<String>;
    type About = (Option<String>, Vec<String>, Tags, Option<Day>, Vec<Property>, Language);
    let (root, path, about, passage) = codec::decode::<(String, NotePath, About, Passage)>(bytes)?;
    let (title, aliases, tags, date, properties, language) = about;
    let passage = without_gaps(passage);
    if !passage.is_consistent() {
        return Err("the blocks of a passage aren't those of its text".into());
    }
    Ok(StoredPassage { id, root, path, title, aliases, tags, date, properties, language, passage })
}

/// Replaces ends by lengths, and beginnings by gaps.
fn with_gaps(mut passage: Passage) -> Passage {
    let mut at = 0;
    for Range { start, end } in passage.blocks.iter_mut().map(|block| &mut block.range) {
        (*start, *end, at) = (start.wrapping_sub(at), end.wrapping_sub(*start), *end);
    }
    let mut at = passage.content.start;
    for Range { start, end } in &mut passage.sentences {
        (*start, *end, at) = (start.wrapping_sub(at), end.wrapping_sub(*start), *end);
    }
    passage.content.end = (passage.text.len() as u32).wrapping_sub(passage.content.end);
    passage.span.end = passage.span.end.wrapping_sub(passage.span.start);
    passage.lines.last = passage.lines.last.wrapping_sub(passage.lines.first);
    passage
}

/// Undoes [`with_gaps`], whatever the numbers are.
fn without_gaps(mut passage: Passage) -> Passage {
    let mut at = 0_usize;
    for Range { start, end } in passage.blocks.iter_mut().map(|block| &mut block.range) {
        *start = start.wrapping_add(at);
        *end = end.wrapping_add(*start);
        at = *end;
    }
    let mut at = passage.content.start;
    for Range { start, end } in &mut passage.sentences {
        *start = start.wrapping_add(at);
        *end = end.wrapping_add(*start);
        at = *end;
    }
    passage.content.end = (passage.text.len() as u32).wrapping_sub(passage.content.end);
    passage.span.end = passage.span.end.wrapping_add(passage.span.start);
    passage.lines.last = passage.lines.last.wrapping_add(passage.lines.first);
    passage
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::document::{Block, BlockKind, ByteSpan, LineSpan};

    proptest! {
        #[test]
        fn gaps_lead_back_to_any_places(
            blocks in vec(any::<(usize, usize)>(), 0..5), sentences in vec(any::<(u32, u32)>(), 0..5),
            content in any::<(u32, u32)>(), span in any::<(u64, u64)>(), lines in any::<(u32, u32)>(),
        ) {
            let (span, lines) = (ByteSpan { start: span.0, end: span.1 }, LineSpan { first: lines.0, last: lines.1 });
            let mut passage = Passage::new("some text", span, lines);
            let block = |(start, end)| Block { range: start..end, kind: BlockKind::Item, depth: 1 };
            passage.blocks = blocks.into_iter().map(block).collect();
            passage.sentences = sentences.into_iter().map(|(start, end)| start..end).collect();
            passage.content = content.0..content.1;
            prop_assert_eq!(&without_gaps(with_gaps(passage.clone())), &passage);
        }
    }

    #[test]
    fn places_that_follow_each_other_are_small() {
        let mut passage = Passage::new(
            "x".repeat(900),
            ByteSpan { start: 7000, end: 7900 },
            LineSpan { first: 300, last: 304 },
        );
        passage.sentences = vec![0..300, 301..900];
        let gaps = with_gaps(passage);
        assert_eq!((&gaps.sentences[..], gaps.content.clone()), (&[0..300, 1..599][..], 0..0));
        assert_eq!((gaps.span.end, gaps.lines.last), (900, 4));
    }
}

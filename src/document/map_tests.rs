use proptest::prelude::*;

use super::*;

/// A stretch as decoders push it: a text, how often, and its bytes in the file; none if it is the same there.
fn stretches() -> impl Strategy<Value = Vec<(&'static str, usize, Option<u32>)>> {
    let text = proptest::sample::select(vec!["a", "é", "→", "🧠", "e\u{304}", "\u{fffd}\u{fffd}\u{fffd}"]);
    let count = prop_oneof![1..4usize, 10..20usize, 300..900usize];
    let width = proptest::option::of(prop_oneof![1..4u32, 12..16u32, Just(1000)]);
    proptest::collection::vec((text, count, width), 1..8)
}

/// Pieces, with their places in text and file.
type Pieces = Vec<(Range<usize>, Range<u64>)>;

/// A text, its map, and its pieces.
fn built(gap: u64, stretches: &[(&'static str, usize, Option<u32>)]) -> (String, Map, Pieces) {
    let (mut text, mut builder, mut pieces) = (String::new(), MapBuilder::default(), Vec::new());
    let mut file = gap;
    for &(part, count, width) in stretches {
        for _ in 0..count {
            let start = text.len();
            text.push_str(part);
            if let Some(width) = width {
                builder.push_rewritten(part, file, width);
                pieces.push((start..text.len(), file..file + u64::from(width)));
                file += u64::from(width);
            } else {
                builder.push_same(part.len(), file);
                pieces.extend(
                    (start..text.len())
                        .map(|at| (at..at + 1, file + (at - start) as u64..file + (at - start) as u64 + 1)),
                );
                file += part.len() as u64;
            }
        }
    }
    (text, builder.finish(), pieces)
}

fn check(text: &str, map: &Map, pieces: &[(Range<usize>, Range<u64>)]) {
    let mut before = None;
    for (in_text, in_file) in pieces {
        for offset in [in_text.start, in_text.end - 1] {
            assert_eq!(map.start(text, offset), in_file.start, "{in_text:?}");
            assert_eq!(map.end(text, offset + 1), in_file.end, "{in_text:?}");
        }
        assert_eq!(map.piece_at(text, in_file.start), Some(in_text.clone()));
        if in_file.end - in_file.start > 1 {
            assert_eq!(map.piece_at(text, in_file.end - 1), None);
        }
        assert!(before.is_none_or(|end| end == in_file.start), "pieces follow each other");
        before = Some(in_file.end);
    }
    let end = before.unwrap_or(0);
    assert_eq!((map.start(text, text.len()), map.piece_at(text, end)), (end, None));
    let first = pieces.first().map_or(0, |(_, file)| file.start);
    assert_eq!(map.end(text, 0), first);
    assert!(first == 0 || map.piece_at(text, first - 1).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_piece_is_found(gap in 0..4u64, stretches in stretches()) {
        let (text, map, pieces) = built(gap, &stretches);
        check(&text, &map, &pieces);
    }

    #[test]
    fn a_walk_sees_every_piece_once(gap in 0..4u64, stretches in stretches(), steps in proptest::collection::vec(1..2000usize, 1..50)) {
        let (text, map, pieces) = built(gap, &stretches);
        let mut copy = MapBuilder::default();
        let mut walk = Walk::new(&map, text.len());
        let mut at = 0;
        for step in steps.into_iter().chain([text.len()]) {
            at = (at + step).min(text.len());
            walk.pass(text.as_bytes(), at, |stretch| copy.push(stretch));
            prop_assert!(walk.text <= at);
        }
        prop_assert_eq!(walk.text, text.len());
        check(&text, &copy.finish(), &pieces);
    }
}

#[test]
fn a_text_without_a_map_is_the_file() {
    let map = Map::default();
    assert_eq!((map.start("aé", 2), map.end("aé", 3), map.end("aé", 0)), (2, 3, 0));
    assert_eq!((map.piece_at("aé", 2), map.piece_at("aé", 3), map.piece_at("", 0)), (Some(2..3), None, None));
}

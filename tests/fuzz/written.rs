//! What must hold whatever a language model writes of whatever notes.

use std::time::{Duration, Instant};

use qsearch::chunk::{self, Chunk, Limits};
use qsearch::document::NotePath;
use qsearch::embed::{Embedder, Encoder};
use qsearch::parse;
use qsearch::support::{Grounds, Source, Stream};

/// How long an input of usual size may take.
const MOST_TIME: Duration = Duration::from_secs(10);

/// A text of any bytes that a model writes has the same sentences wherever it is cut, and each is judged by sources of any
/// bytes without a vector; what is found stands in a source.
pub(crate) fn written_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let middle = text.len() / 2;
    let (noted, written) =
        text.split_at((middle..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(0));
    let (document, _) = parse::parse(&NotePath::from_encoded("note.md"), noted.as_bytes());
    let encoder = Encoder::bundled().expect("the bundled model");
    let tokens = |text: &str| encoder.tokens(text);
    let limits = Limits::default();
    let chunks: Vec<Chunk> = chunk::chunk(&document, &tokens, &limits).take(8).collect();
    let sources: Vec<Source<'_>> = chunks
        .iter()
        .zip(1..)
        .map(|(chunk, number)| Source { number, title: document.title.as_deref(), passage: &chunk.passage })
        .collect();
    let (mut whole, mut cut) = (Stream::default(), Stream::default());
    let mut pieces = whole.push(written);
    pieces.extend(whole.finish());
    let mut same = Vec::new();
    for c in written.chars() {
        same.extend(cut.push(c.encode_utf8(&mut [0; 4])));
    }
    same.extend(cut.finish());
    assert_eq!(pieces, same, "it makes no difference where a text is cut");
    let begun = Instant::now();
    let mut grounds = Grounds::of(&sources);
    for piece in pieces.iter().take(50) {
        let found = grounds.judge(piece, &mut |texts| Ok(vec![vec![1.0]; texts.len()])).expect("a verdict");
        for (source, range) in found.iter().flat_map(|finding| &finding.places) {
            let said = sources[*source].passage.text.get(range.clone());
            assert!(said.is_some_and(|said| !said.trim().is_empty()), "a place says something");
        }
    }
    for (choice, (source, range)) in grounds.choices() {
        assert!(!choice.is_empty() && sources[source].passage.text.get(range).is_some());
    }
    assert!(begun.elapsed() < MOST_TIME, "{:?}", begun.elapsed());
}

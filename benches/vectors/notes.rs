//! The vectors of real passages: notes in a folder, cut and embedded as `qsearch index` does it.

use std::collections::HashSet;
use std::path::Path;

use qsearch::chunk::{self, Chunk, Limits};
use qsearch::embed::{Embedder, Encoder, Input};
use qsearch::parse;
use qsearch::walk::{self, WalkOptions};

use super::Outcome;
use super::data::Random;
use super::raw::DIM;

/// Passages of one batch, which are sorted by length, so that those embedded together are alike.
const BATCH: usize = 4096;

/// What decides which vectors a folder has, as far as that is known without reading it.
pub(super) fn recipe(folder: &Path) -> Outcome<String> {
    let encoder = Encoder::bundled()?;
    Ok(format!("{} {} {}", folder.display(), encoder.fingerprint(), chunk::fingerprint(&limits(&encoder))))
}

/// Embeds the notes of a folder, each text once, in the order of their paths. Gives the vectors, and queries.
///
/// `count` passages, taken from everywhere, are left out. Their longest sentences, embedded as questions, are the
/// queries: like a question they are short, and there is something to be found.
pub(super) fn embed(folder: &Path, count: usize) -> Outcome<(Vec<f32>, Vec<f32>)> {
    let encoder = Encoder::bundled()?;
    if encoder.dim() != DIM {
        return Err(format!("the bundled model has {} dimensions instead of {DIM}", encoder.dim()).into());
    }
    let mut chunks = passages(folder, &encoder)?;
    if chunks.len() < 20 * count {
        return Err(format!("{} has only {} passages", folder.display(), chunks.len()).into());
    }
    let mut random = Random::seeded(2);
    let mut queries = Vec::with_capacity(count * DIM);
    while queries.len() < count * DIM {
        let held_out = chunks.remove(random.below(chunks.len() as f64) as usize).passage;
        let sentences = held_out.sentences.iter();
        let longest = sentences.max_by_key(|range| range.len());
        let sentence = longest.map(|range| &held_out.text[range.start as usize..range.end as usize]);
        queries.extend(encoder.embed_query(sentence.unwrap_or(&held_out.text))?);
    }
    let mut base = vec![0.0; chunks.len() * DIM];
    for (batch, rows) in chunks.chunks(BATCH).zip(base.chunks_mut(BATCH * DIM)) {
        let mut order: Vec<usize> = (0..batch.len()).collect();
        order.sort_by_key(|&at| batch[at].ids.len());
        let texts: Vec<String> = order.iter().map(|&at| batch[at].passage.embedded_text()).collect();
        let inputs: Vec<Input<'_>> = order
            .iter()
            .zip(&texts)
            .map(|(&at, text)| Input { text, ids: &batch[at].ids, windows: &[] })
            .collect();
        for (at, embedding) in order.iter().zip(encoder.embed_passages(&inputs)?) {
            rows[at * DIM..(at + 1) * DIM].copy_from_slice(&embedding.vector);
        }
        eprint!(".");
    }
    eprintln!();
    Ok((base, queries))
}

fn limits(encoder: &Encoder) -> Limits {
    Limits { max_tokens: encoder.max_tokens(), ..Limits::default() }
}

/// The passages of a folder's notes, without those whose text has come before.
fn passages(folder: &Path, encoder: &Encoder) -> Outcome<Vec<Chunk>> {
    let options = WalkOptions::default();
    let found = walk::walk(folder, None, &options, &mut |_| {}, &|| false)?;
    let (limits, tokens) = (limits(encoder), |text: &str| encoder.tokens(text));
    let (mut chunks, mut texts, mut unreadable) = (Vec::new(), HashSet::new(), 0);
    for note in found.files {
        let Ok(file) = walk::read(&note, options.rules.max_bytes, options.formats) else {
            unreadable += 1;
            continue;
        };
        if !file.format.is_text() {
            continue;
        }
        let (document, _) = parse::parse(&note.path, file.bytes);
        let new = chunk::chunk(&document, &tokens, &limits);
        chunks.extend(new.filter(|chunk| texts.insert(chunk.passage.embedded_text())));
    }
    if unreadable > 0 {
        eprintln!("{unreadable} notes couldn't be read");
    }
    Ok(chunks)
}

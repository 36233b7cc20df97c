use proptest::prelude::*;

use super::super::bm25f::{BODY, FieldLength};
use super::*;

/// Documents as how often each has each of three terms in its text.
struct Documents(Vec<[u32; 3]>);

const TERMS: [&str; 3] = ["cat", "dog", "the"];

impl Occurrences for Documents {
    fn documents(&self) -> u32 {
        self.0.len() as u32
    }

    fn accepts(&self, doc: u32) -> bool {
        !doc.is_multiple_of(7)
    }

    fn row(&self, doc: u32) -> Row {
        Address { segment: 0, doc }.into()
    }

    fn id(&self, doc: u32) -> Result<u128> {
        Ok(u128::from(doc.wrapping_mul(2_654_435_761)))
    }

    fn visit(&self, term: &str, field: usize, mut visit: impl FnMut(Occurrence)) -> Result<()> {
        let all: Vec<u32> = (0..self.documents()).collect();
        self.visit_some(term, field, &all, false, |_, found, _| visit(found))
    }

    fn visit_some(
        &self,
        term: &str,
        field: usize,
        docs: &[u32],
        _: bool,
        mut visit: impl FnMut(usize, Occurrence, &[u32]),
    ) -> Result<()> {
        let Some(term) = TERMS.iter().position(|other| *other == term && field == BODY) else {
            return Ok(());
        };
        for (at, &doc) in docs.iter().enumerate() {
            let count = self.0[doc as usize][term];
            if count > 0 {
                visit(at, Occurrence { doc, count, length: (doc % 50) as u8 }, &[]);
            }
        }
        Ok(())
    }
}

/// A question for three terms, the last of which is a stop word of this weight.
fn question(of_stop_word: f32) -> LexicalQuery {
    let word = |position: usize, idf: f32, weight: f32| {
        let term = TERMS[position].to_owned();
        let variants = vec![Variant { term: term.clone(), weight, share: 1.0 }];
        QuestionWord { word: term.clone(), term, known: true, variants, idf, position, length: 1 }
    };
    let words = vec![word(2, 0.0, of_stop_word), word(0, 2.0, 2.0), word(1, 0.7, 0.7)];
    let weights = OccurrenceWeights::new(&[FieldLength { passages: 100, words: 1000 }; FIELDS]);
    LexicalQuery { words, languages: Vec::new(), weights }
}

/// The rows and scores of the best, found by looking at all documents.
fn by_all(query: &LexicalQuery, documents: &Documents, k: usize) -> Vec<(Row, u32)> {
    let mut top = Top::new(k);
    for (doc, score) in (0..).zip(query.sums(documents, |_| true).unwrap()) {
        if score > 0.0 && documents.accepts(doc) {
            top.push(Scored { score, id: documents.id(doc).unwrap(), row: documents.row(doc) });
        }
    }
    listed(top)
}

fn listed(top: Top) -> Vec<(Row, u32)> {
    top.into_candidates().iter().map(|found| (found.row, found.score.to_bits())).collect()
}

proptest! {
    #[test]
    fn stop_words_that_are_put_off_change_nothing(
        documents in prop::collection::vec((0u32..9, 0u32..9, 0u32..4), 100..1200),
        rarity in 1u32..9,
        of_stop_word in 0.0f32..1.0,
        k in 1usize..40,
    ) {
        // The rarer, the fewer documents have one of the words that aren't stop words.
        let rare = |count: u32| count.saturating_sub(rarity);
        let documents = Documents(documents.into_iter().map(|(a, b, c)| [rare(a), rare(b), c]).collect());
        let query = question(of_stop_word);
        prop_assert_eq!(listed(query.best(&documents, k).unwrap()), by_all(&query, &documents, k));
    }
}

#[test]
fn few_documents_are_looked_at_for_stop_words() {
    let documents = Documents((0..2000).map(|doc| [u32::from(doc % 20 == 1), 0, 1]).collect());
    let contenders =
        |query: &LexicalQuery, k| query.contenders(&documents, k).unwrap().map(|docs| docs.len());
    // Of 85 that have another word, those of the least of five lengths, until the stop word may lift the others.
    assert_eq!(contenders(&question(0.01), 10), Some(17));
    assert_eq!(contenders(&question(2.0), 10), Some(85));
    assert_eq!(contenders(&question(0.01), 86), None, "some have only stop words");
    assert_eq!(contenders(&question(0.01), 1000), None, "there are few documents");
}

//! The nouns of asking: rows of the index become [`Hit`]s, hits become an [`Answer`] with citations.

use std::ops::Range;

use crate::calendar::Day;
use crate::document::{ByteSpan, LineSpan, NotePath, Passage, PassageId, PlaceSpan, Property};
use crate::likeness::CosineMap;
use crate::word_vector::WordMatches;
use crate::words::Language;

/// A passage's place in one state of a store.
///
/// Its number is the store's affair: it means nothing in another state or another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(u64);

impl Row {
    /// The row that a store gives this number.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number that the store gave.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// A row that one search found, with that search's own score; higher is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The passage found.
    pub row: Row,
    /// Cosine similarity for the dense search, BM25 for the lexical one.
    pub score: f32,
}

/// The ranks of scores that stand with the best first, from 1. Equals share one, since their order means nothing.
pub fn ranks(scores: impl IntoIterator<Item = f32>) -> impl Iterator<Item = u32> {
    let mut before: Option<(f32, u32)> = None;
    (1..).zip(scores).map(move |(place, score)| {
        let shared = before.filter(|(other, _)| other.total_cmp(&score).is_eq());
        let rank = shared.map_or(place, |(_, rank)| rank);
        before = Some((score, rank));
        rank
    })
}

/// The probability, from 0 to 1, with this logit; 0 for what isn't a number.
pub fn probability(logit: f32) -> f32 {
    if logit.is_nan() {
        return 0.0;
    }
    // The last of 53 bits of `exp` may differ between processors; rounding to 24 removes it.
    (1.0 / (1.0 + (-f64::from(logit)).exp())) as f32
}

/// How a source was found, and what its place and its score are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signals {
    /// The passage's place among the results of the dense search, from 1; `None` if it isn't among them.
    pub dense_rank: Option<u32>,
    /// The passage's place among the results of the lexical search, from 1; `None` if it isn't among them.
    pub lexical_rank: Option<u32>,
    /// The features of question and passage, whichever search found it.
    pub features: Features,
    /// The parts of the fused score.
    pub parts: Parts,
    /// The passage's place among all candidates before they were reranked, from 1; equals share one. `None` without a
    /// reranker.
    pub fused_rank: Option<u32>,
    /// Whether the passage's vectors are pending: its likeness is judged by its words.
    pub pending: bool,
    /// The probability, from 0 to 1, that a reranker gives the passage; `None` for a passage that it hasn't read.
    pub rerank: Option<f32>,
}

/// The features of the words of a question and a passage; all but the score from 0 to 1.
///
/// Shares are IDF-weighted: a stop word counts nothing, any other word the more the rarer it is in the index. A word that
/// is found only as a correction of a typo counts for a part of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LexicalFeatures {
    /// BM25F score.
    pub score: f32,
    /// The IDF-weighted share of the question's words that the passage has in any field.
    pub coverage: f32,
    /// The share that stands above the text: in the note's title, the headings, the question.
    pub context_coverage: f32,
    /// The share that the text has.
    pub body_coverage: f32,
    /// How nearly the note's title, the headings or the question have the words of what is asked and no others: the
    /// greatest Dice coefficient of the three.
    pub label_overlap: f32,
    /// The IDF-weighted share of the question's pairs of words that follow each other in the text as well, with no more
    /// between them; stop words make no pairs.
    pub adjacency: f32,
    /// The number of the question's words in the text, stop words aside, divided by the length in words of the shortest
    /// stretch that has them all; 0 if there are fewer than two.
    pub proximity: f32,
    /// The IDF of the rarest word that the passage doesn't have in any field, divided by that of the rarest word; 0 if it
    /// has them all.
    pub missing: f32,
}

impl LexicalFeatures {
    /// The features of a passage that is called something besides; `label` are those of the name.
    pub fn or_label(&mut self, label: &Self) {
        self.score = self.score.max(label.score);
        self.coverage = self.coverage.max(label.coverage);
        self.context_coverage = self.context_coverage.max(label.context_coverage);
        self.label_overlap = self.label_overlap.max(label.label_overlap);
        self.missing = self.missing.min(label.missing);
    }
}

/// The cosines of the parts of a passage with a question, from -1 to 1. Empty if the passage has one vector only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The cosine of what stands above the content: title, headings, question.
    pub context: f32,
    /// The cosines of each of [`Passage::sentences`].
    pub sentences: Vec<SentenceEvidence>,
    /// The cosines of words; empty if the model has no vectors of words.
    pub words: WordMatches,
}

/// The cosines of a sentence with a question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SentenceEvidence {
    /// The cosine of the sentence alone.
    pub alone: f32,
    /// The cosine of the sentence together with what stands above the content.
    pub in_context: f32,
}

impl Evidence {
    /// The greatest cosines: of a sentence alone, and of a sentence, maybe another, together with what stands above.
    pub fn best(&self) -> Option<(f32, f32)> {
        let better =
            |best: (f32, f32), next: &SentenceEvidence| (best.0.max(next.alone), best.1.max(next.in_context));
        let first = self.sentences.first()?;
        Some(self.sentences[1..].iter().fold((first.alone, first.in_context), better))
    }
}

/// The features of a question and a passage, from which order and score are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Features {
    /// Cosine of the passage's vector and the question's.
    pub dense: f32,
    /// The greatest cosine of a sentence; that of the passage where sentences have no vectors.
    pub sentence: f32,
    /// The greatest cosine of a sentence together with what stands above; else that of the passage.
    pub in_context: f32,
    /// The cosine of what stands above: title, headings, question; 0 if nothing does.
    pub context: f32,
    /// The mean of the greatest cosine of each of the question's words with a word of the passage, weighted by IDF; 0 where
    /// words have no vectors.
    pub interaction: f32,
    /// The features of the words.
    pub lexical: LexicalFeatures,
}

impl From<&Look> for Features {
    fn from(look: &Look) -> Self {
        let dense = look.cosine;
        let (sentence, in_context) = look.evidence.best().unwrap_or((dense, dense));
        Self {
            dense,
            sentence,
            in_context,
            context: look.evidence.context,
            interaction: look.evidence.words.interaction(),
            lexical: look.words,
        }
    }
}

impl Features {
    /// The features for a question of which the model knows a share, from 0 to 1. Of the rest, the likeness is what
    /// words say.
    #[must_use]
    pub fn of_known(self, known: f32) -> Self {
        const LIKENESS_OF_WORDS: f32 = 0.5;
        let of_words = (1.0 - known) * LIKENESS_OF_WORDS * self.lexical.coverage;
        let likenesses = [self.dense, self.sentence, self.in_context, self.context, self.interaction];
        let [dense, sentence, in_context, context, interaction] =
            likenesses.map(|like| known * like + of_words);
        Self { dense, sentence, in_context, context, interaction, ..self }
    }

    /// How nearly the note's title, a heading or a question is the question asked: 0 unless it nearly is, 1 if it has the
    /// same words.
    pub fn same_label(&self) -> f32 {
        const NEARLY: f32 = 0.8;
        let overlap = self.lexical.label_overlap;
        if overlap > NEARLY { (overlap - NEARLY) / (1.0 - NEARLY) } else { 0.0 }
    }

    /// The likeness in meaning: the greatest cosine of the passage, a sentence, a sentence in context, or the context, which
    /// counts a little less.
    pub fn likeness(&self) -> f32 {
        const CONTEXT_PENALTY: f32 = 0.05;
        self.dense.max(self.sentence).max(self.in_context).max(self.context - CONTEXT_PENALTY)
    }
}

/// The parts of the sum that orders candidates. Only differences between candidates of one question mean something.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// For the likeness in meaning.
    pub likeness: f32,
    /// For the BM25F score, compared with the other candidates'.
    pub words: f32,
    /// For the IDF-weighted share of the question's words.
    pub coverage: f32,
    /// For words that follow each other as in the question.
    pub adjacency: f32,
    /// For words that stand above the text, and for being asked word for word there.
    pub context: f32,
    /// For the likeness of single words.
    pub interaction: f32,
    /// The likeness of the best candidate minus that of the fiftieth. It is no part itself, but the weights of the parts
    /// depend on it.
    pub contrast: f32,
}

impl Parts {
    /// The sum of the parts.
    pub fn sum(&self) -> f32 {
        self.likeness + self.words + self.coverage + self.adjacency + self.context + self.interaction
    }
}

/// A word of a question that no passage has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    /// The word, [folded](crate::words::fold).
    pub word: String,
    /// Whether it is taken for a typo of a word that passages have.
    pub may_be_typo: bool,
}

/// A look at a question and one passage: all that a store computes of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// The cosine of the passage's vector and the question's, from -1 to 1.
    pub cosine: f32,
    /// The cosines of the passage's sentences and of what stands above them.
    pub evidence: Evidence,
    /// The features of the words.
    pub words: LexicalFeatures,
    /// Whether the passage's vectors are pending, so that only its words are known.
    pub pending: bool,
}

/// A candidate before fusion.
#[derive(Clone, Debug, PartialEq)]
pub struct Examined {
    /// The passage.
    pub row: Row,
    /// Its place among the results of the dense search, from 1.
    pub dense_rank: Option<u32>,
    /// Its place among the results of the lexical search, from 1.
    pub lexical_rank: Option<u32>,
    /// The features of question and passage.
    pub features: Features,
    /// The cosines of the passage's sentences.
    pub evidence: Evidence,
    /// Whether the passage's vectors are pending.
    pub pending: bool,
}

impl Examined {
    /// The candidate with what its cosines mean in place of them. Parts that there are none of stay as they are.
    #[must_use]
    pub fn read_by(mut self, map: &CosineMap) -> Self {
        // Stretched cosines scatter, so the greatest of a passage's many is greater than that of its one by chance.
        const BY_CHANCE: f32 = 0.05;
        if *map == CosineMap::SAME || self.pending {
            return self;
        }
        let Features { dense, sentence, in_context, context, .. } = &mut self.features;
        let evidence = &mut self.evidence;
        let sentences = evidence.sentences.iter_mut();
        let of_sentences = sentences.flat_map(|sentence| [&mut sentence.alone, &mut sentence.in_context]);
        let others = [dense, sentence, in_context];
        let above = [context, &mut evidence.context].into_iter().filter(|context| **context != 0.0);
        for cosine in of_sentences.chain(others).chain(above) {
            *cosine = map.of(*cosine);
        }
        let Features { sentence, in_context, .. } = &mut self.features;
        for greatest in [sentence, in_context] {
            *greatest -= BY_CHANCE;
        }
        self
    }

    /// A candidate that neither search found.
    pub fn new(row: Row, look: Look) -> Self {
        let (features, pending) = (Features::from(&look), look.pending);
        Self { row, dense_rank: None, lexical_rank: None, features, evidence: look.evidence, pending }
    }
}

/// A candidate after fusion.
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    /// The passage found.
    pub row: Row,
    /// The fused score, from 0 to 1.
    pub score: f32,
    /// How it came about.
    pub signals: Signals,
    /// The cosines of the passage's sentences.
    pub evidence: Evidence,
}

/// A passage as the store gives it back.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPassage {
    /// Its identity.
    pub id: PassageId,
    /// The name of the root it was found under.
    pub root: String,
    /// Its note's path relative to the root.
    pub path: NotePath,
    /// Its note's title, if it has one.
    pub title: Option<String>,
    /// Its note's other names.
    pub aliases: Vec<String>,
    /// Its note's tags.
    pub tags: Vec<String>,
    /// Its note's date.
    pub date: Option<Day>,
    /// What its note says of itself besides.
    pub properties: Vec<Property>,
    /// The language that most of its note is in.
    pub language: Language,
    /// The passage itself.
    pub passage: Passage,
}

impl StoredPassage {
    /// Root, path and span: an order of passages that doesn't depend on how the index came about.
    pub fn sort_key(&self) -> (&str, &NotePath, ByteSpan) {
        (&self.root, &self.path, self.passage.span)
    }

    /// Whether another passage is a part of this one.
    pub fn contains(&self, other: &Self) -> bool {
        let (outer, inner) = (self.passage.span, other.passage.span);
        (&self.root, &self.path) == (&other.root, &other.path)
            && outer.start <= inner.start
            && inner.end <= outer.end
    }
}

/// A source that is shown for a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its place among the sources, from 1.
    pub rank: u32,
    /// The score that is shown, from 0 to 1: the likelihood that the source answers, and for no source more than for those
    /// before it. With a reranker, the likelihood that it gives, with a penalty for another passage of a note and for one
    /// that says nothing by itself.
    pub score: f32,
    /// How the score came about.
    pub signals: Signals,
    /// The shortest prefix of the passage's identity that no other passage has, without `#`.
    pub short_id: String,
    /// The passage.
    pub source: StoredPassage,
    /// The part of the passage's text (in bytes) that matches best, to be shown where all of it is too long.
    pub excerpt: Range<usize>,
    /// The cosines of the passage's sentences; empty if they have no vectors.
    pub evidence: Evidence,
    /// Whether the file has changed since it was indexed, so that the lines may be wrong.
    pub stale: bool,
    /// The machine that the file lies on, if that is another one than this: then nobody has looked whether it is stale.
    pub machine: Option<String>,
    /// Other places where the notes say the same, a handful at most, by root, path and line.
    pub also: Vec<Duplicate>,
    /// How many more of them there are.
    pub also_more: usize,
}

/// Another place where the notes say what a source says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The shortest prefix of its passage's identity that no other passage has, without `#`.
    pub short_id: String,
    /// The name of the root it was found under.
    pub root: String,
    /// Its note's path relative to the root.
    pub path: NotePath,
    /// Its lines in the note.
    pub lines: LineSpan,
    /// Its places, if its file isn't text.
    pub place: Option<PlaceSpan>,
}

/// How far an answer can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The notes don't seem to answer: there is no answer, and the sources are the nearest misses.
    #[default]
    None,
    /// There is an answer, but it may well be about something else.
    Low,
    /// There is an answer, and nothing that the question insists on is missing.
    High,
}

/// The answer to a question: its text, and where that is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The text: the parts, with ` … ` between them.
    pub text: String,
    /// The pieces of the text, in their order.
    pub parts: Vec<AnswerPart>,
    /// The [`Hit::rank`] of each source of the text.
    pub citations: Vec<u32>,
    /// Whether the note's answer goes on before or after the text.
    pub partial: bool,
}

/// A piece of an answer that stands in a note as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerPart {
    /// The [`Hit::rank`] of its source.
    pub citation: u32,
    /// Its text.
    pub text: String,
    /// Its place in the text of its source's passage, in bytes.
    pub range: Range<usize>,
    /// Its lines in the note.
    pub lines: LineSpan,
    /// Its place in the file; that of the whole passage if the file doesn't say it any more.
    pub span: ByteSpan,
}

//! BM25F: the score of the terms that a passage has.
//!
//! BM25F (Robertson, Zaragoza and Taylor 2004) counts a term over all fields of a passage, each with its own
//! weight and length normalisation, before the count saturates: a word in title, heading and text at once isn't
//! three words. A term's document frequency is that in any field. A field's average length is taken, as Lucene does,
//! over the passages that have the field: few passages have a question.

use tantivy::fieldnorm::FieldNormReader;

/// How many fields hold words: title, headings, question, name, properties and text.
pub(super) const FIELDS: usize = 6;

/// The field of the title and the note's other names.
pub(super) const TITLE: usize = 0;

/// The fields that name a passage, as a question may do in the same words: all but properties and text.
pub(super) const LABELS: usize = 4;

/// The field of the passage's text; the others are what stands above it.
pub(super) const BODY: usize = FIELDS - 1;

/// The parameters of the score.
pub(super) struct Tuning {
    /// The weight of an occurrence in each field.
    pub(super) weights: [f32; FIELDS],
    /// How much a field's length matters, from 0 (not at all) to 1: BM25's b.
    pub(super) lengths: [f32; FIELDS],
    /// The count that has half of the greatest possible score: BM25's k1.
    pub(super) saturation: f32,
    /// The weight of a stop word, against 1 for any other word.
    pub(super) stop: f32,
    /// The weight of a part of a name, against 1 for the whole.
    pub(super) part: f32,
    /// The weight of two words that follow each other as in the question (the ordered pairs of Metzler and Croft's
    /// sequential dependence model), against that of one of them.
    pub(super) pair: f32,
    /// The weight that the words of the text gain if they stand side by side.
    pub(super) proximity: f32,
}

/// Chosen by nDCG@10 on five public collections together (claims, questions about paragraphs, duplicate questions,
/// abstracts, questions and answers); no setting is best for all of them. Little depends on most of it: halving or
/// doubling one changes the mean by 0.006 at most.
pub(super) const TUNING: Tuning = Tuning {
    weights: [1.0, 1.0, 1.5, 0.5, 1.0, 1.0],
    lengths: [0.75; FIELDS],
    saturation: 1.6,
    stop: 0.3,
    part: 0.5,
    pair: 0.3,
    proximity: 0.25,
};

/// How long a field is, in words, in all passages together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FieldLength {
    /// How many passages have the field.
    pub(super) passages: u64,
    /// The sum of its lengths, each rounded to its [class](length_of_class).
    pub(super) words: u64,
}

/// The length in words that stands for all lengths of a class. Classes grow with the length, as in Lucene.
pub(super) fn length_of_class(class: u8) -> u32 {
    FieldNormReader::id_to_fieldnorm(class)
}

/// The weight of one occurrence of a term, by the field and the class of its length.
#[derive(Debug)]
pub(super) struct OccurrenceWeights(Box<[[f32; 256]; FIELDS]>);

impl OccurrenceWeights {
    /// The weights in an index whose fields are so long.
    pub(super) fn new(lengths: &[FieldLength; FIELDS]) -> Self {
        let mut weights = Box::new([[0f32; 256]; FIELDS]);
        for (field, weights) in weights.iter_mut().enumerate() {
            let FieldLength { passages, words } = lengths[field];
            let average = (words as f32 / passages.max(1) as f32).max(1.0);
            let (of_field, b) = (TUNING.weights[field], TUNING.lengths[field]);
            for (class, weight) in (0..=u8::MAX).zip(weights.iter_mut()) {
                let length = length_of_class(class) as f32;
                *weight = of_field / (1.0 - b + b * length / average);
            }
        }
        Self(weights)
    }

    /// The weight in a field whose length is of this class.
    #[inline]
    pub(super) fn of(&self, field: usize, class: u8) -> f32 {
        self.0[field][usize::from(class)]
    }
}

/// The saturated count: 1 for one occurrence of weight 1, and never as much as 1 + [`Tuning::saturation`].
pub(super) fn saturated(count: f32) -> f32 {
    count * (1.0 + TUNING.saturation) / (count + TUNING.saturation)
}

/// The inverse document frequency of a term that `passages` of `all` have.
pub(super) fn idf(passages: u64, all: u64) -> f32 {
    let (passages, all) = (passages as f64, all.max(passages) as f64);
    (1.0 + (all - passages + 0.5) / (passages + 0.5)).ln() as f32
}

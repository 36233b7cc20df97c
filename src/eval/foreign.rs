//! Does the first source's score separate questions that the notes answer from others? Questions of another set, which
//! these documents don't answer, are asked beside the set's own.

use rayon::prelude::*;

use super::bench::{question, sample};
use super::cache;
use super::indexed_set::IndexedSet;
use super::set::TestQuery;
use crate::ask::{Reply, Stopwatch, ask};
use crate::document::NotePath;
use crate::error::Result;
use crate::hit::{Confidence, Hit};

/// How many questions of each kind are asked, evenly spaced.
const MOST: usize = 2000;
/// How many bins of equal width there are for scores from 0 to 1.
pub const BINS: usize = 10;

/// Figures of own and foreign questions.
#[derive(Clone, Debug, PartialEq)]
pub struct Foreign {
    /// How many own questions were asked.
    pub own: u64,
    /// How many foreign questions were asked.
    pub foreign: u64,
    /// The area under the ROC curve: the probability that the first source of an own question has a higher score than
    /// that of a foreign one, where a tie counts half.
    pub auc: f64,
    /// The share of own questions that got no answer.
    pub own_refused: f64,
    /// The share of foreign questions that got no answer, as they should.
    pub foreign_refused: f64,
    /// The share of own questions answered with high confidence whose first source is relevant; 1 if there are none.
    pub high_right: f64,
    /// The share of own questions whose first source is relevant that are answered with high confidence; 1 if there are
    /// none.
    pub right_high: f64,
    /// The share of foreign questions that are answered with high confidence, as none should.
    pub foreign_high: f64,
    /// The calibration of scores, from 0 to 1 in steps of 0.1.
    pub bins: Vec<Bin>,
    /// The expected calibration error: the mean distance of predicted and observed, weighted by the bins' sizes.
    pub calibration_error: f64,
}

/// The first sources whose scores are in one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// How many there are.
    pub count: u64,
    /// Their mean score: the predicted probability that the source answers.
    pub predicted: f64,
    /// The share whose document is judged relevant; for a foreign question, none is.
    pub observed: f64,
}

/// The first source of one question.
#[derive(Clone, Copy, Debug)]
struct FirstSource {
    /// Its score; 0 if nothing was found.
    score: f64,
    is_refused: bool,
    is_high: bool,
    is_relevant: bool,
}

impl FirstSource {
    /// That of a reply.
    fn of(reply: &Reply, is_relevant: impl FnOnce(&Hit) -> bool) -> Self {
        let first = reply.hits.first();
        Self {
            score: first.map_or(0.0, |hit| f64::from(hit.score)),
            is_refused: reply.confidence == Confidence::None,
            is_high: reply.confidence == Confidence::High,
            is_relevant: first.is_some_and(is_relevant),
        }
    }
}

/// Asks own and foreign questions.
pub(super) fn foreign(indexed_set: &IndexedSet<'_>, foreign: &[String]) -> Result<Foreign> {
    let [some, others] = [indexed_set.set.queries.len(), foreign.len()].map(|len| len.min(MOST) as u64);
    indexed_set.bench.asking(some + others);
    let ask = |text: &str| {
        indexed_set.bench.asked()?;
        ask(indexed_set.snapshot, indexed_set.embedder, &question(text), &mut Stopwatch::default())
    };
    let own_queries: Vec<_> =
        sample(indexed_set.set.queries.len(), MOST).map(|at| &indexed_set.set.queries[at]).collect();
    let own = own_queries.par_iter().map(|query| {
        let reply = ask(&query.text)?;
        Ok(FirstSource::of(&reply, |hit| judgment(query, &hit.source.path) > 0))
    });
    let own = own.collect::<Result<Vec<_>>>()?;
    let texts: Vec<_> = sample(foreign.len(), MOST).map(|at| &foreign[at]).collect();
    let foreign = texts.par_iter().map(|text| Ok(FirstSource::of(&ask(text)?, |_| false)));
    Ok(compared(&own, &foreign.collect::<Result<Vec<_>>>()?))
}

/// The figures of the first sources of own and foreign questions.
fn compared(own: &[FirstSource], foreign: &[FirstSource]) -> Foreign {
    let refused = |all: &[FirstSource]| {
        all.iter().filter(|first| first.is_refused).count() as f64 / all.len().max(1) as f64
    };
    let share = |of: &dyn Fn(&FirstSource) -> bool, among: &[&FirstSource]| {
        let found = among.iter().filter(|first| of(first)).count();
        if among.is_empty() { 1.0 } else { found as f64 / among.len() as f64 }
    };
    let high: Vec<&FirstSource> = own.iter().filter(|first| first.is_high).collect();
    let right: Vec<&FirstSource> = own.iter().filter(|first| first.is_relevant).collect();
    let foreign_high = foreign.iter().filter(|first| first.is_high).count() as f64;
    let mut bins = vec![Bin::default(); BINS];
    for first in own.iter().chain(foreign) {
        let bin = &mut bins[((first.score * BINS as f64) as usize).min(BINS - 1)];
        bin.count += 1;
        bin.predicted += first.score;
        bin.observed += f64::from(u8::from(first.is_relevant));
    }
    for bin in &mut bins {
        bin.predicted /= bin.count.max(1) as f64;
        bin.observed /= bin.count.max(1) as f64;
    }
    let all = (own.len() + foreign.len()).max(1) as f64;
    let error = |bin: &Bin| bin.count as f64 / all * (bin.predicted - bin.observed).abs();
    let scores = |all: &[FirstSource]| all.iter().map(|first| first.score).collect::<Vec<f64>>();
    Foreign {
        own: own.len() as u64,
        foreign: foreign.len() as u64,
        auc: auc(&scores(own), &scores(foreign)),
        own_refused: refused(own),
        foreign_refused: refused(foreign),
        high_right: share(&|first| first.is_relevant, &high),
        right_high: share(&|first| first.is_high, &right),
        foreign_high: foreign_high / foreign.len().max(1) as f64,
        calibration_error: bins.iter().map(error).sum(),
        bins,
    }
}

/// A query's judgment of the document that a note was made of.
fn judgment(query: &TestQuery, path: &NotePath) -> i64 {
    cache::document_at(path).map_or(0, |document| query.judgment(document))
}

/// The share of pairs in which the first kind's score is higher, ties counting half; a half if there are no pairs.
fn auc(high: &[f64], low: &[f64]) -> f64 {
    if high.is_empty() || low.is_empty() {
        return 0.5;
    }
    let mut low = low.to_vec();
    low.sort_by(f64::total_cmp);
    let won = |score: &f64| {
        let below = low.partition_point(|other| other < score);
        let equal = low.partition_point(|other| other <= score) - below;
        below as f64 + equal as f64 / 2.0
    };
    high.iter().map(won).sum::<f64>() / (high.len() as f64 * low.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn first(score: f64, is_refused: bool, is_relevant: bool) -> FirstSource {
        FirstSource { score, is_refused, is_high: score > 0.5, is_relevant }
    }

    #[test]
    fn hand_computed_values() {
        let own = [first(1.0, false, true), first(0.95, false, false), first(0.1, true, false)];
        let foreign = [first(0.1, true, false), first(0.05, true, false)];
        let got = compared(&own, &foreign);
        assert_eq!((got.own, got.foreign), (3, 2));
        assert!((got.auc - 5.5 / 6.0).abs() < 1e-12);
        assert_eq!((got.high_right, got.right_high, got.foreign_high), (0.5, 1.0, 0.0));
        assert!((got.own_refused - 1.0 / 3.0).abs() < 1e-12 && (got.foreign_refused - 1.0).abs() < 1e-12);
        let last = got.bins[BINS - 1];
        assert!((last.predicted - 0.975).abs() < 1e-12 && (last.observed - 0.5).abs() < 1e-12);
        assert_eq!(got.bins.iter().map(|bin| bin.count).collect::<Vec<_>>(), [1, 2, 0, 0, 0, 0, 0, 0, 0, 2]);
        let error = (2.0 * 0.475 + 2.0 * 0.1 + 0.05) / 5.0;
        assert!((got.calibration_error - error).abs() < 1e-12);
        let nothing = compared(&[], &[]);
        assert!((nothing.auc - 0.5).abs() < 1e-12);
        assert_eq!((nothing.high_right, nothing.right_high, nothing.foreign_high), (1.0, 1.0, 0.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_area_is_that_of_all_pairs(
            high in proptest::collection::vec(0u8..6, 1..12), low in proptest::collection::vec(0u8..6, 1..12)
        ) {
            let [high, low] = [high, low].map(|list| list.into_iter().map(f64::from).collect::<Vec<_>>());
            let mut won = 0.0;
            for a in &high {
                for b in &low {
                    won += if a > b { 1.0 } else if a < b { 0.0 } else { 0.5 };
                }
            }
            let area = auc(&high, &low);
            prop_assert!((area - won / (high.len() * low.len()) as f64).abs() < 1e-12);
            prop_assert!((area + auc(&low, &high) - 1.0).abs() < 1e-12);
        }
    }
}

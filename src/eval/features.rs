//! The features of each question's candidates as a table, from which the weights of the ranking are learned.

use std::io::Write;
use std::path::Path;

use rayon::prelude::*;

use super::bench::{question, sample};
use super::indexed_set::IndexedSet;
use super::metrics::DEEP;
use crate::ask::pool;
use crate::error::{Error, Result};
use crate::hit::Fused;

/// How many questions of each kind are written, evenly spaced.
const MOST: usize = 2500;
/// The columns of the table.
const COLUMNS: &str = "query\tdocument\tgain\trow\tdense_rank\tlexical_rank\tdense\tsentence\tin_context\tcontext\t\
                       lexical\tcoverage\tcontext_coverage\tbody_coverage\tadjacency\tproximity\tlabel_overlap\t\
                       interaction\tmissing\twords\n";

/// Where the table goes.
pub struct FeatureTable<'a> {
    /// What messages call it.
    pub path: &'a Path,
    /// What it is written to.
    pub to: &'a mut dyn Write,
}

impl std::fmt::Debug for FeatureTable<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FeatureTable").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Writes a line for each candidate of each query of the set, tab-separated, below a line of names: the query's
/// and the document's id, its judgment, the passage's number, the candidate's ranks (0: not found) and features, and
/// for each word of the query that has a vector its IDF and its greatest cosine.
/// The foreign questions follow, named `foreign:` and a number.
///
/// # Errors
///
/// When the index can't be asked or the table can't be written.
pub(super) fn features(
    indexed_set: &IndexedSet<'_>,
    foreign: &[String],
    table: FeatureTable<'_>,
) -> Result<()> {
    let IndexedSet { bench, set, .. } = indexed_set;
    let own = sample(set.queries.len(), MOST).map(|at| {
        let query = &set.queries[at];
        (query.id.clone(), query.text.as_str(), Some(query))
    });
    let others = sample(foreign.len(), MOST).map(|at| (format!("foreign:{at}"), foreign[at].as_str(), None));
    let questions: Vec<_> = own.chain(others).collect();
    bench.asking(questions.len() as u64);
    let lines = questions.par_iter().map(|(id, text, query)| {
        bench.asked()?;
        let candidates = pool(indexed_set.snapshot, indexed_set.embedder, &question(text), DEEP)?;
        let mut lines = String::new();
        for candidate in &candidates {
            let Some(document) = indexed_set.documents.of_row(candidate.row) else { continue };
            let gain = query.map_or(0, |query| query.judgment(document));
            lines += &line(id, &set.documents[document as usize], gain, candidate);
        }
        Ok(lines)
    });
    let lines: Vec<String> = lines.collect::<Result<_>>()?;
    let FeatureTable { path, to } = table;
    let written = to
        .write_all(COLUMNS.as_bytes())
        .and_then(|()| lines.iter().try_for_each(|lines| to.write_all(lines.as_bytes())));
    written.map_err(Error::io("write", path))
}

/// The line of one candidate.
fn line(query: &str, document: &str, gain: i64, candidate: &Fused) -> String {
    let signals = candidate.signals;
    let features = signals.features;
    let words = features.lexical;
    let numbers = [
        features.dense,
        features.sentence,
        features.in_context,
        features.context,
        words.score,
        words.coverage,
        words.context_coverage,
        words.body_coverage,
        words.adjacency,
        words.proximity,
        words.label_overlap,
        features.interaction,
        words.missing,
    ];
    let matches = &candidate.evidence.words;
    let of_words: Vec<String> = matches
        .best_in(0..matches.words())
        .map(|(weight, cosine)| format!("{weight:.3}:{cosine:.4}"))
        .collect();
    let ranks = [signals.dense_rank, signals.lexical_rank].map(|rank| rank.unwrap_or(0).to_string());
    let blank = |id: &str| id.replace(char::is_whitespace, "_");
    let row = candidate.row.number().to_string();
    let numbers: Vec<String> = numbers.iter().map(f32::to_string).collect();
    let all = [
        blank(query),
        blank(document),
        gain.to_string(),
        row,
        ranks.join("\t"),
        numbers.join("\t"),
        of_words.join(" "),
    ];
    all.join("\t") + "\n"
}

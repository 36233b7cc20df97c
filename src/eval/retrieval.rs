//! How well do the searches rank the documents of a test set, and how long do they take?

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::answers::{self, Answers};
use super::bench::{Bench, SEARCHES, question, sample};
use super::cache;
use super::cached_embedder::CachedEmbedder;
use super::features::{self, FeatureTable};
use super::foreign::{self, Foreign};
use super::indexed_set::{Documents, IndexedSet};
use super::metrics::{DEEP, Figures, figures};
use super::set::{Set, TestQuery};
use super::set_warning::SetWarning;
use crate::ask::{Search, rank};
use crate::error::Result;
use crate::hit::Candidate;

/// How many questions are timed.
const TIMED: usize = 200;
/// How many questions are asked before, so that files are in memory and buffers allocated.
const WARM_UP: usize = 10;

/// Documents by number, with strictly falling scores, at most 100.
pub type Ranking = Vec<(u32, f32)>;

/// Figures of a test set.
#[derive(Clone, Debug)]
pub struct Retrieval {
    /// The set.
    pub set: Set,
    /// How many passages its documents have.
    pub passages: u64,
    /// The figures of each of the [`SEARCHES`].
    pub measured: Vec<Measured>,
    /// The figures of the answers, if the set has known ones.
    pub answers: Option<Answers>,
    /// The figures of foreign questions, if there were any.
    pub foreign: Option<Foreign>,
    /// What is odd about the set, and what couldn't be indexed.
    pub warnings: Vec<SetWarning>,
}

/// Figures of one search.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The search.
    pub search: Search,
    /// Means over the queries.
    pub mean: Figures,
    /// The figures of each query of the set.
    pub per_query: Vec<Figures>,
    /// The ranking for each query of the set.
    pub rankings: Vec<Ranking>,
    /// The mean time of a question, embedding included, over an even sample asked one after the other.
    pub per_question: Duration,
    /// The mean time of embedding the question, which is part of that; zero if the search needs no vector.
    pub embedding: Duration,
}

/// Measures the searches on the set in `dir`. With `foreign`, the folder of another set, the questions of that set are
/// asked, too; with `table`, the features of each candidate are written.
///
/// # Errors
///
/// When a set can't be read or its documents can't be indexed, the table can't be written, or the user interrupts.
pub fn retrieval(
    bench: &Bench<'_>,
    dir: &Path,
    foreign: Option<&Path>,
    table: Option<FeatureTable<'_>>,
) -> Result<Retrieval> {
    let set = Set::read(dir)?;
    let foreign = foreign.map(Set::questions).transpose()?;
    let index = cache::documents(bench, &set)?;
    let documents = Documents::of(&*index.snapshot)?;
    let embedder = CachedEmbedder::new(bench, set.queries.iter().map(|query| query.text.as_str()))?;
    let indexed_set =
        IndexedSet { bench, embedder: &embedder, snapshot: &*index.snapshot, documents, set: &set };
    let measured = SEARCHES.iter().map(|&search| indexed_set.measure(search)).collect::<Result<_>>()?;
    let answers = answers::answers(&indexed_set)?;
    if let Some(table) = table {
        features::features(&indexed_set, foreign.as_deref().unwrap_or_default(), table)?;
    }
    let foreign = foreign.map(|questions| foreign::foreign(&indexed_set, &questions)).transpose()?;
    let warnings = set.warnings.iter().cloned().chain(index.warnings).collect();
    let passages = index.snapshot.info().passages;
    Ok(Retrieval { set, passages, measured, answers, foreign, warnings })
}

impl IndexedSet<'_> {
    /// Asks all queries with one search.
    fn measure(&self, search: Search) -> Result<Measured> {
        let queries = &self.set.queries;
        self.bench.asking(queries.len() as u64);
        let measure = |query: &TestQuery| {
            self.bench.asked()?;
            let ranking = self.ranking(&query.text, search)?;
            let gains: Vec<i64> = ranking.iter().map(|(document, _)| query.judgment(*document)).collect();
            Ok((figures(&gains, &query.judged), ranking))
        };
        let both = queries.par_iter().map(measure).collect::<Result<Vec<_>>>()?;
        let (per_query, rankings): (Vec<_>, Vec<_>) = both.into_iter().unzip();
        let mean = Figures::mean(&per_query);
        let (per_question, embedding) = self.time(search)?;
        Ok(Measured { search, mean, per_query, rankings, per_question, embedding })
    }

    /// The documents that one search finds, each at the place of its best passage.
    fn ranking(&self, text: &str, search: Search) -> Result<Ranking> {
        let all = self.snapshot.info().passages as usize;
        let (mut ranking, mut seen) = (Ranking::new(), HashSet::new());
        let (mut depth, mut before) = (DEEP, 0);
        loop {
            let passages = rank(self.snapshot, self.embedder, &question(text), search, depth)?;
            for Candidate { row, score } in &passages {
                if let Some(document) = self.documents.of_row(*row)
                    && ranking.len() < DEEP
                    && seen.insert(document)
                {
                    // Documents that a deeper search adds come after the others. All scores differ, so that sorting
                    // by them keeps the order.
                    let last = ranking.last().map_or(f32::INFINITY, |(_, last)| *last);
                    ranking.push((document, score.min(last.next_down())));
                }
            }
            // If documents have many passages, search deeper as long as that finds more.
            if ranking.len() >= DEEP || passages.len() <= before || depth >= all {
                return Ok(ranking);
            }
            before = passages.len();
            depth *= 4;
        }
    }

    /// The mean times of a question and of embedding it.
    fn time(&self, search: Search) -> Result<(Duration, Duration)> {
        let embedder = self.bench.embedder;
        let queries: Vec<&TestQuery> =
            sample(self.set.queries.len(), TIMED).map(|at| &self.set.queries[at]).collect();
        let ask = |query: &TestQuery| -> Result<()> {
            self.bench.go_on()?;
            rank(self.snapshot, embedder, &question(&query.text), search, DEEP).map(drop)
        };
        queries.iter().take(WARM_UP).try_for_each(|query| ask(query))?;
        let began = Instant::now();
        queries.iter().try_for_each(|query| ask(query))?;
        let per_question = began.elapsed() / queries.len().max(1) as u32;
        let began = Instant::now();
        if search != Search::Lexical {
            queries.iter().try_for_each(|query| embedder.embed_query(&query.text).map(drop))?;
        }
        let embedding = if search == Search::Lexical { Duration::ZERO } else { began.elapsed() };
        Ok((per_question, embedding / queries.len().max(1) as u32))
    }
}

impl Search {
    /// Its name: `lexical`, `dense` or `hybrid`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::Dense => "dense",
            Self::Hybrid => "hybrid",
        }
    }
}

impl Measured {
    /// Writes the rankings as a TREC run, which `trec_eval` reads: query, `Q0`, document, rank, score, tag. Scores fall
    /// strictly, as 32-bit floats too.
    ///
    /// # Errors
    ///
    /// When `to` can't be written.
    pub fn write_run(&self, set: &Set, to: &mut dyn Write) -> io::Result<()> {
        let word = |id: &str| id.replace(char::is_whitespace, "_");
        let tag = self.search.name();
        for (query, ranking) in set.queries.iter().zip(&self.rankings) {
            for ((document, score), rank) in ranking.iter().zip(1..) {
                let (query, document) = (word(&query.id), word(&set.documents[*document as usize]));
                writeln!(to, "{query} Q0 {document} {rank} {score} qsearch-{tag}")?;
            }
        }
        Ok(())
    }
}

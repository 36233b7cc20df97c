//! How well do the searches rank the documents of a test set, and how long do they take?

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::answers::{self, Answers};
use super::features;
use super::foreign::{self, Foreign};
use super::metrics::{DEEP, Figures, figures};
use super::remembered::Remembered;
use super::set::{Query, Set};
use super::{Bench, Warning, cache, question, sample};
use crate::ask::{Search, rank};
use crate::error::Result;
use crate::hit::{Candidate, Row};
use crate::store::Snapshot;

/// The searches that are measured, in the order in which they are told.
pub const SEARCHES: [Search; 3] = [Search::Lexical, Search::Dense, Search::Hybrid];
/// How many questions the time is taken of.
const TIMED: usize = 200;
/// How many are asked before, so that nothing is read or compiled for the first time.
const WARM_UP: usize = 10;

/// Documents by number with falling scores, the best first, at most 100.
pub type Ranking = Vec<(u32, f32)>;

/// What was measured on a test set.
#[derive(Clone, Debug)]
pub struct Retrieval {
    /// The set.
    pub set: Set,
    /// How many passages its documents have.
    pub passages: u64,
    /// What was measured of each of the [`SEARCHES`].
    pub measured: Vec<Measured>,
    /// How good the answers are, if the set has known ones.
    pub answers: Option<Answers>,
    /// What becomes of questions that belong to other documents, if there were any.
    pub foreign: Option<Foreign>,
    /// What is odd about the set, and what isn't in the index.
    pub warnings: Vec<Warning>,
}

/// What was measured of one search.
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
    /// How long a question takes, embedding it included: the mean over an even sample, asked one after the other.
    pub per_question: Duration,
    /// How long embedding the question takes of that; nothing if the search doesn't.
    pub embedding: Duration,
}

/// Measures the searches on the set in `dir`; with `foreign`, asks the questions of another set, too. With `table`, a file
/// and its name, writes what is known of each candidate there.
///
/// # Errors
///
/// When a set can't be read or its documents can't be indexed, the table can't be written, or the user interrupts.
pub fn retrieval(
    bench: &Bench<'_>,
    dir: &Path,
    foreign: Option<&Path>,
    table: Option<(&Path, &mut dyn Write)>,
) -> Result<Retrieval> {
    let set = Set::read(dir)?;
    let foreign = foreign.map(Set::questions).transpose()?;
    let indexed = cache::documents(bench, &set)?;
    let documents = Documents::of(&indexed.snapshot)?;
    let embedder = Remembered::new(bench, set.queries.iter().map(|query| query.text.as_str()))?;
    let searched = Searched { bench, embedder: &embedder, snapshot: &indexed.snapshot, documents, set: &set };
    let measured = SEARCHES.iter().map(|&search| searched.measure(search)).collect::<Result<_>>()?;
    let answers = answers::answers(&searched)?;
    if let Some(table) = table {
        features::features(&searched, foreign.as_deref().unwrap_or_default(), table)?;
    }
    let foreign = foreign.map(|questions| foreign::foreign(&searched, &questions)).transpose()?;
    let warnings = set.warnings.iter().cloned().chain(indexed.warnings).collect();
    let passages = indexed.snapshot.info().passages;
    Ok(Retrieval { set, passages, measured, answers, foreign, warnings })
}

/// Which document each passage of an index belongs to.
pub(super) struct Documents(HashMap<Row, u32>);

impl Documents {
    /// Asks the index for the rows of each note: cheaper than reading the passage of each hit.
    fn of(snapshot: &Snapshot) -> Result<Self> {
        let mut documents = HashMap::new();
        for file in snapshot.files()? {
            let Some(number) = cache::document_at(&file.path) else { continue };
            documents.extend(snapshot.rows_of(&file.root, &file.path)?.into_iter().map(|row| (row, number)));
        }
        Ok(Self(documents))
    }

    /// The document of a passage, by its number.
    pub(super) fn of_row(&self, row: Row) -> Option<u32> {
        self.0.get(&row).copied()
    }
}

/// A set whose documents are indexed.
pub(super) struct Searched<'a> {
    pub(super) bench: &'a Bench<'a>,
    /// The model, with the vectors of the set's queries.
    pub(super) embedder: &'a Remembered<'a>,
    pub(super) snapshot: &'a Snapshot,
    pub(super) documents: Documents,
    pub(super) set: &'a Set,
}

impl Searched<'_> {
    fn measure(&self, search: Search) -> Result<Measured> {
        let queries = &self.set.queries;
        self.bench.progress.asking(queries.len() as u64);
        let measure = |query: &Query| {
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

    /// The documents that one search finds: each at the place of its best passage.
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
                    // What a deeper look adds comes after what was there, and no two scores are the same, so that
                    // whoever sorts by them keeps the order.
                    let last = ranking.last().map_or(f32::INFINITY, |(_, last)| *last);
                    ranking.push((document, score.min(last.next_down())));
                }
            }
            // Documents of many passages: look deeper while that brings more.
            if ranking.len() >= DEEP || passages.len() <= before || depth >= all {
                return Ok(ranking);
            }
            before = passages.len();
            depth *= 4;
        }
    }

    /// How long a question takes and how long embedding it does, on the average.
    fn time(&self, search: Search) -> Result<(Duration, Duration)> {
        let embedder = self.bench.embedder;
        let queries: Vec<&Query> =
            sample(self.set.queries.len(), TIMED).map(|at| &self.set.queries[at]).collect();
        let ask = |query: &Query| -> Result<()> {
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

/// What a search is called.
impl Search {
    /// `lexical`, `dense` or `hybrid`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::Dense => "dense",
            Self::Hybrid => "hybrid",
        }
    }
}

impl Measured {
    /// Writes the rankings as a run of TREC, which `trec_eval` reads: query, `Q0`, document, rank, score, tag. Scores
    /// fall strictly, also once they are read as 32-bit numbers.
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

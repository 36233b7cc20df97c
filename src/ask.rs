//! The spine of `qsearch ask`: query → embed → retrieve (dense + lexical) → fuse → rerank → answer → cite.

mod stopwatch;
mod unit;

use std::collections::{HashMap, HashSet};

use crate::answer::{self, Terms};
use crate::cite::Checker;
use crate::confidence::confidence;
use crate::document::{NotePath, Root};
use crate::embed::Embedder;
use crate::error::{Error, Result};
use crate::fuse::{self, Weights};
use crate::hit::{Answer, Candidate, Fused, Hit, Row, Signals, StoredPassage};
use crate::parse;
use crate::store::{Filter, Snapshot, Vector};
pub use stopwatch::Stopwatch;
use unit::Unit;

/// How many passages each search contributes to the fusion.
const CANDIDATES: usize = 100;
/// No more sources are given, however many are wanted: choosing looks at each beside all others.
pub const MOST_SOURCES: usize = 1000;
/// What another passage of a note that is among the sources already is worth, against 1 for the first.
const AGAIN: f32 = 0.9;
/// Passages whose vectors are at least this similar say the same; the better one is shown.
const SAME: f32 = 0.97;

/// What a passage is worth that points to something without saying it, against 1 for any other.
const SILENT: f32 = 0.5;

/// The score below which a source doesn't answer the question.
///
/// A compromise: of questions about other things a vault of 3,500 notes answers 30 % at this value, 18 % at 0.25 and
/// 10 % at 0.5; of questions that notes do answer, 4 %, 6 % and 10 % of the hardest set are refused.
pub const MIN_SCORE: f32 = 0.15;

/// A question and how it is to be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The question as it was typed.
    pub text: String,
    /// How many sources are wanted; more than [`MOST_SOURCES`] count as so many.
    pub sources: usize,
    /// Only passages of notes that match one of these globs; all, if empty.
    pub paths: Vec<String>,
    /// Only passages of notes that have all of these tags.
    pub tags: Vec<String>,
    /// The score below which a source doesn't answer; `None` for the default.
    pub min_score: Option<f32>,
}

/// What the notes have to say to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The answer, if the notes hold one.
    pub answer: Option<Answer>,
    /// The sources, best first. Without an answer, the nearest misses.
    pub hits: Vec<Hit>,
}

/// Answers a question from one snapshot of the index. Writes nothing.
///
/// # Errors
///
/// When the index is damaged, was made with another model, or a glob in `paths` can't be read.
pub fn ask(snapshot: &Snapshot, embedder: &dyn Embedder, question: &Question) -> Result<Reply> {
    ask_timed(snapshot, embedder, question, &mut Stopwatch::default())
}

/// [`ask`], with a lap for each step.
///
/// # Errors
///
/// As [`ask`].
pub fn ask_timed(
    snapshot: &Snapshot,
    embedder: &dyn Embedder,
    question: &Question,
    watch: &mut Stopwatch,
) -> Result<Reply> {
    let terms = Terms::of(&question.text);
    let mut sources = Sources::new(snapshot, &terms);
    let mut hits = hits(&mut sources, embedder, question, watch)?;
    let least = question.min_score.unwrap_or(MIN_SCORE);
    let answer = match hits.first_mut().filter(|best| best.score >= least) {
        Some(best) => {
            let partial = sources.complete(best)?;
            Some(Answer { partial, ..answer::answer(best, &terms) })
        }
        None => None,
    };
    if let Some(first) = hits.first().filter(|_| answer.is_some()).map(|best| best.source.clone()) {
        // What has become a part of the first source isn't one by itself.
        hits.retain(|hit| hit.rank == 1 || !first.contains(&hit.source));
        hits.iter_mut().zip(1..).for_each(|(hit, rank)| hit.rank = rank);
    }
    watch.lap("answer");
    Ok(Reply { answer, hits })
}

/// Finds the passages that fit a query best, without an answer. Writes nothing.
///
/// # Errors
///
/// As [`ask`].
pub fn search(snapshot: &Snapshot, embedder: &dyn Embedder, query: &Question) -> Result<Vec<Hit>> {
    let terms = Terms::of(&query.text);
    let mut sources = Sources::new(snapshot, &terms);
    let mut hits = hits(&mut sources, embedder, query, &mut Stopwatch::default())?;
    hits.retain(|hit| query.min_score.is_none_or(|least| hit.score >= least));
    Ok(hits)
}

fn hits(
    sources: &mut Sources<'_>,
    embedder: &dyn Embedder,
    question: &Question,
    watch: &mut Stopwatch,
) -> Result<Vec<Hit>> {
    let (snapshot, terms) = (sources.snapshot, sources.terms);
    check_model(snapshot, embedder)?;
    if terms.is_empty() || question.sources == 0 {
        return Ok(Vec::new());
    }
    let fused = retrieve(snapshot, embedder, question, watch)?;
    let chosen = choose(sources, &fused, question.sources.min(MOST_SOURCES))?;
    watch.lap("choose");
    let rows: Vec<Row> = chosen.iter().map(|(fused, _)| fused.row).collect();
    let coverage = snapshot.coverage(&question.text, &rows)?;
    let mut scale = None;
    let mut hits = Vec::with_capacity(chosen.len());
    for (rank, ((fused, source), coverage)) in (1..).zip(chosen.into_iter().zip(coverage)) {
        let signals = Signals { coverage: Some(coverage), ..fused.signals };
        // The first is as likely to answer as it looks by itself, the others as they compare with it.
        let scale = *scale.get_or_insert_with(|| {
            confidence(&signals) * worth(&source) / fused.score.max(f32::MIN_POSITIVE)
        });
        hits.push(sources.hit(rank, fused.score * scale, signals, source)?);
    }
    watch.lap("cite");
    Ok(hits)
}

/// Makes hits of passages.
struct Sources<'a> {
    snapshot: &'a Snapshot,
    terms: &'a Terms,
    checker: Checker<'a>,
    roots: HashMap<&'a str, &'a Root>,
}

impl<'a> Sources<'a> {
    fn new(snapshot: &'a Snapshot, terms: &'a Terms) -> Self {
        let roots = snapshot.info().roots.iter().map(|root| (root.name.as_str(), root)).collect();
        Self { snapshot, terms, checker: Checker::new(&parse::decode), roots }
    }

    fn hit(&mut self, rank: u32, score: f32, signals: Signals, source: StoredPassage) -> Result<Hit> {
        let stale = self.is_stale(&source);
        let short_id = self.snapshot.short_id(source.id)?;
        let excerpt = answer::excerpt(&source.passage, self.terms);
        Ok(Hit { rank, score, signals, short_id, source, excerpt, stale })
    }

    /// Whether the note is gone or doesn't say this any more.
    fn is_stale(&mut self, source: &StoredPassage) -> bool {
        let root = self.roots.get(source.root.as_str());
        root.is_none_or(|root| self.checker.is_stale(&root.locate(&source.path), &source.passage))
    }

    /// Makes a hit that is a piece of an answer the whole of it; says whether it remains a piece.
    fn complete(&mut self, hit: &mut Hit) -> Result<bool> {
        let root = self.roots.get(hit.source.root.as_str()).filter(|_| !hit.stale).copied();
        match unit::of(self.snapshot, &mut self.checker, root, &hit.source)? {
            Unit::Whole => Ok(false),
            Unit::Part => Ok(true),
            Unit::Joined(passage) => {
                hit.source.passage = *passage;
                hit.excerpt = answer::excerpt(&hit.source.passage, self.terms);
                Ok(false)
            }
        }
    }
}

/// Refuses to compare vectors of different models.
fn check_model(snapshot: &Snapshot, embedder: &dyn Embedder) -> Result<()> {
    let info = snapshot.info();
    if info.model == embedder.fingerprint() && info.dim == embedder.dim() {
        return Ok(());
    }
    Err(Error::Incompatible {
        path: snapshot.dir().to_path_buf(),
        what: "model",
        indexed: info.model.clone(),
        asked: embedder.fingerprint().to_owned(),
    })
}

/// Both searches and their fusion. A passage that one search alone found gets the other's score too, but no
/// rank there.
fn retrieve(
    snapshot: &Snapshot,
    embedder: &dyn Embedder,
    question: &Question,
    watch: &mut Stopwatch,
) -> Result<Vec<Fused>> {
    let filter = Filter { paths: question.paths.clone(), tags: question.tags.clone() };
    let selection = snapshot.select(&filter)?;
    watch.lap("filter");
    let vector = embedder.embed_query(&question.text)?;
    watch.lap("embed");
    let wanted =
        CANDIDATES.max(2 * question.sources.min(MOST_SOURCES)).min(snapshot.info().passages as usize);
    let mut dense = snapshot.nearest(&vector, wanted, selection.as_ref())?;
    watch.lap("dense");
    let mut lexical = snapshot.matching(&question.text, wanted, selection.as_ref())?;
    watch.lap("lexical");
    let (by_dense, by_words) = (dense.len(), lexical.len());
    let (to_dense, to_lexical) = (missing(&lexical, &dense), missing(&dense, &lexical));
    dense.extend(scored(&to_dense, snapshot.scores(&vector, &to_dense)?));
    lexical.extend(scored(&to_lexical, snapshot.lexical_scores(&question.text, &to_lexical)?));
    let mut fused = fuse::fuse(&dense, &lexical, &Weights::default());
    for signals in fused.iter_mut().map(|fused| &mut fused.signals) {
        signals.dense_rank = signals.dense_rank.filter(|rank| *rank as usize <= by_dense);
        signals.lexical_rank = signals.lexical_rank.filter(|rank| *rank as usize <= by_words);
    }
    watch.lap("fuse");
    Ok(fused)
}

/// The rows of one list that another one doesn't have.
fn missing(of: &[Candidate], from: &[Candidate]) -> Vec<Row> {
    let there: HashSet<Row> = from.iter().map(|candidate| candidate.row).collect();
    of.iter().map(|candidate| candidate.row).filter(|row| !there.contains(row)).collect()
}

fn scored(rows: &[Row], scores: Vec<f32>) -> impl Iterator<Item = Candidate> {
    rows.iter().zip(scores).map(|(&row, score)| Candidate { row, score })
}

/// The best passages, each thing said once, and no note crowding out the others.
fn choose(sources: &mut Sources<'_>, fused: &[Fused], wanted: usize) -> Result<Vec<(Fused, StoredPassage)>> {
    let mut pool = Pool::new(sources.snapshot, fused);
    let mut chosen: Vec<(Fused, StoredPassage)> = Vec::new();
    let mut vectors: Vec<Vector> = Vec::new();
    while let Some(Read { fused, source, note }) = pool.take_best()? {
        // Of equals, all are looked at: the others may be copies.
        if chosen.len() >= wanted && chosen.last().is_none_or(|(last, _)| fused.score < last.score) {
            break;
        }
        let vector = sources.snapshot.vector(fused.row)?;
        match vectors.iter().position(|other| vector.cosine(other) >= SAME) {
            None if chosen.len() < wanted => {
                pool.chosen[note] += 1;
                vectors.push(vector);
                chosen.push((fused, source));
            }
            // What can't be opened any more gives way to what says the same and can.
            Some(at) if sources.is_stale(&chosen[at].1) && !sources.is_stale(&source) => {
                chosen[at] = (Fused { score: chosen[at].0.score, ..fused }, source);
                vectors[at] = vector;
            }
            _ => {}
        }
    }
    Ok(chosen)
}

/// What a passage's score counts for.
fn worth(source: &StoredPassage) -> f32 {
    if answer::says_something(&source.passage) { 1.0 } else { SILENT }
}

/// What sources are chosen from: candidates, read from the index no earlier than they may be chosen.
struct Pool<'a> {
    snapshot: &'a Snapshot,
    /// Candidates that aren't read yet, best first.
    later: &'a [Fused],
    /// Candidates that are, in an order that doesn't depend on how the index came about.
    read: Vec<Read>,
    /// A number for each note.
    notes: HashMap<(String, NotePath), usize>,
    /// How many passages of each note have been chosen.
    chosen: Vec<i32>,
}

/// A candidate with its passage and its note's number.
struct Read {
    fused: Fused,
    source: StoredPassage,
    note: usize,
}

impl<'a> Pool<'a> {
    fn new(snapshot: &'a Snapshot, fused: &'a [Fused]) -> Self {
        Self { snapshot, later: fused, read: Vec::new(), notes: HashMap::new(), chosen: Vec::new() }
    }

    /// Takes out the candidate with the highest score after its note's earlier passages are counted.
    fn take_best(&mut self) -> Result<Option<Read>> {
        loop {
            let scores: Vec<f32> = self.read.iter().map(|read| self.score(read)).collect();
            let best = (0..scores.len()).rev().max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            if let Some(best) = best
                && self.later.first().is_none_or(|later| later.score < scores[best])
            {
                let mut read = self.read.remove(best);
                read.fused.score = scores[best];
                return Ok(Some(read));
            }
            if self.later.is_empty() {
                return Ok(None);
            }
            self.read_more()?;
        }
    }

    /// Reads the next candidates; those of one score together, for their order is an accident.
    fn read_more(&mut self) -> Result<()> {
        let Some(first) = self.later.first() else { return Ok(()) };
        let tied = self.later.iter().take_while(|later| later.score.total_cmp(&first.score).is_eq()).count();
        let (group, later) = self.later.split_at(tied);
        self.later = later;
        let read = |fused: &Fused| {
            let source = self.snapshot.passage(fused.row)?;
            Ok((Fused { score: fused.score * worth(&source), ..*fused }, source))
        };
        let mut group = group.iter().map(read).collect::<Result<Vec<_>>>()?;
        group.sort_by(|(_, a), (_, b)| {
            (&a.root, &a.path, a.passage.span).cmp(&(&b.root, &b.path, b.passage.span))
        });
        for (fused, source) in group {
            let next = self.notes.len();
            let note = *self.notes.entry((source.root.clone(), source.path.clone())).or_insert(next);
            self.chosen.resize(self.notes.len(), 0);
            self.read.push(Read { fused, source, note });
        }
        Ok(())
    }

    fn score(&self, read: &Read) -> f32 {
        read.fused.score * AGAIN.powi(self.chosen[read.note])
    }
}

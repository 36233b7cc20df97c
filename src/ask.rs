//! The spine of `qsearch ask`: query → embed → retrieve (dense + lexical) → fuse → rerank → answer → cite.

use std::collections::{HashMap, HashSet};

use crate::answer::{self, Terms};
use crate::cite::Checker;
use crate::confidence::confidence;
use crate::document::Root;
use crate::embed::Embedder;
use crate::error::{Error, Result};
use crate::fuse::{self, Weights};
use crate::hit::{Answer, Candidate, Fused, Hit, Row, Signals, StoredPassage};
use crate::parse;
use crate::store::{Filter, Snapshot, Vector};

/// How many passages each search contributes to the fusion.
const CANDIDATES: usize = 100;
/// How many of the best are looked at to choose the sources from, at least.
const POOL: usize = 24;
/// What another passage of a note that is among the sources already is worth, against 1 for the first.
const AGAIN: f32 = 0.9;
/// Passages whose vectors are at least this similar say the same; the better one is shown.
const SAME: f32 = 0.97;

/// The score below which a source doesn't answer the question.
const MIN_SCORE: f32 = 0.15;

/// A question and how it is to be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The question as it was typed.
    pub text: String,
    /// How many sources are wanted.
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
    let terms = Terms::of(&question.text);
    let hits = hits(snapshot, embedder, question, &terms)?;
    let least = question.min_score.unwrap_or(MIN_SCORE);
    let answer = hits.first().filter(|best| best.score >= least).map(|best| answer::answer(best, &terms));
    Ok(Reply { answer, hits })
}

/// Finds the passages that fit a query best, without an answer. Writes nothing.
///
/// # Errors
///
/// As [`ask`].
pub fn search(snapshot: &Snapshot, embedder: &dyn Embedder, query: &Question) -> Result<Vec<Hit>> {
    let mut hits = hits(snapshot, embedder, query, &Terms::of(&query.text))?;
    hits.retain(|hit| query.min_score.is_none_or(|least| hit.score >= least));
    Ok(hits)
}

fn hits(
    snapshot: &Snapshot,
    embedder: &dyn Embedder,
    question: &Question,
    terms: &Terms,
) -> Result<Vec<Hit>> {
    check_model(snapshot, embedder)?;
    if terms.is_empty() || question.sources == 0 {
        return Ok(Vec::new());
    }
    let fused = retrieve(snapshot, embedder, question)?;
    let chosen = choose(snapshot, &fused, question.sources)?;
    let rows: Vec<Row> = chosen.iter().map(|(fused, _)| fused.row).collect();
    let coverage = snapshot.coverage(&question.text, &rows)?;
    let mut scale = None;
    let mut sources = Sources::new(snapshot, terms);
    let mut hits = Vec::with_capacity(chosen.len());
    for (rank, ((fused, source), coverage)) in (1..).zip(chosen.into_iter().zip(coverage)) {
        let signals = Signals { coverage: Some(coverage), ..fused.signals };
        // The first is as likely to answer as it looks by itself, the others as they compare with it.
        let scale = *scale.get_or_insert_with(|| confidence(&signals) / fused.score.max(f32::MIN_POSITIVE));
        hits.push(sources.hit(rank, fused.score * scale, signals, source)?);
    }
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
        let root = self.roots.get(source.root.as_str());
        let stale =
            root.is_none_or(|root| self.checker.is_stale(&root.locate(&source.path), &source.passage));
        let short_id = self.snapshot.short_id(source.id)?;
        let excerpt = answer::excerpt(&source.passage, self.terms);
        Ok(Hit { rank, score, signals, short_id, source, excerpt, stale })
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

/// Both searches and their fusion. A passage that one search alone found gets the other's score too.
fn retrieve(snapshot: &Snapshot, embedder: &dyn Embedder, question: &Question) -> Result<Vec<Fused>> {
    let filter = Filter { paths: question.paths.clone(), tags: question.tags.clone() };
    let selection = snapshot.select(&filter)?;
    let vector = embedder.embed_query(&question.text)?;
    let wanted = CANDIDATES.max(2 * question.sources);
    let mut dense = snapshot.nearest(&vector, wanted, selection.as_ref())?;
    let lexical = snapshot.matching(&question.text, wanted, selection.as_ref())?;
    let found: HashSet<Row> = dense.iter().map(|candidate| candidate.row).collect();
    let others: Vec<Row> =
        lexical.iter().map(|candidate| candidate.row).filter(|row| !found.contains(row)).collect();
    let scores = snapshot.scores(&vector, &others)?;
    dense.extend(others.into_iter().zip(scores).map(|(row, score)| Candidate { row, score }));
    Ok(fuse::fuse(&dense, &lexical, &Weights::default()))
}

/// The best passages, each thing said once, and no note crowding out the others.
fn choose(snapshot: &Snapshot, fused: &[Fused], wanted: usize) -> Result<Vec<(Fused, StoredPassage)>> {
    let mut pool = pool(snapshot, fused, wanted)?;
    let mut chosen: Vec<(Fused, StoredPassage)> = Vec::new();
    let mut vectors: Vec<Vector> = Vec::new();
    while chosen.len() < wanted && !pool.is_empty() {
        let score = |(fused, source): &(Fused, StoredPassage)| {
            let before = chosen.iter().filter(|(_, other)| is_same_note(source, other)).count();
            fused.score * AGAIN.powi(before as i32)
        };
        let scores: Vec<f32> = pool.iter().map(score).collect();
        let best = (0..pool.len()).rev().max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or(0);
        let (fused, source) = pool.remove(best);
        let vector = snapshot.vector(fused.row)?;
        if vectors.iter().all(|other| vector.cosine(other) < SAME) {
            vectors.push(vector);
            chosen.push((Fused { score: scores[best], ..fused }, source));
        }
    }
    Ok(chosen)
}

fn is_same_note(a: &StoredPassage, b: &StoredPassage) -> bool {
    (&a.root, &a.path) == (&b.root, &b.path)
}

/// What the wanted sources are chosen from, in an order that doesn't depend on how the index came about.
fn pool(snapshot: &Snapshot, fused: &[Fused], wanted: usize) -> Result<Vec<(Fused, StoredPassage)>> {
    let mut pool: Vec<(Fused, StoredPassage)> = Vec::new();
    // Rows of one score are taken together: their order is an accident.
    for group in fused.chunk_by(|a, b| a.score == b.score) {
        if pool.len() >= POOL.max(4 * wanted) {
            break;
        }
        for fused in group {
            pool.push((*fused, snapshot.passage(fused.row)?));
        }
    }
    pool.sort_by(|(a, one), (b, other)| {
        let place = |source: &StoredPassage| (source.root.clone(), source.path.clone(), source.passage.span);
        b.score.total_cmp(&a.score).then_with(|| place(one).cmp(&place(other)))
    });
    Ok(pool)
}

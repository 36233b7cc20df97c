//! A question, prepared for one state of an index in a database.
//!
//! *By meaning*: the database compares a rounded question with all vectors, or looks them up in its index over them. What it
//! finds is compared again, exactly. As long as vectors are compared one by one, the result is certain: the rounding turns the
//! question by no more than a known angle, so once the last vector that came is farther away than the last that is wanted by
//! more than that, no other vector can be among them. Else twice as many are fetched.
//!
//! *By words*: the postings of the question's words are fetched, and scores added up as for an index in a folder. Stop words
//! with long postings are put off: their scores together can lift a passage only so far, so all passages that are nearer to
//! the best than that are candidates, too. Candidates are fetched with their words, and scored again with all of the
//! question, in the same order of additions, so that sums are the same to the last bit.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::codes;
use super::dictionary::Dictionary;
use super::fetched::{Fetched, PostingsOf, Renumbered, WordsOf};
use super::selection::Selection;
use super::session::{Query as Sql, Value};
use super::snapshot::DatabaseSnapshot;
use super::tables::MOST_SCANNED;
use crate::document::PassageId;
use crate::error::{Result, Usage};
use crate::hit::{Candidate, LexicalFeatures, Look, Row, UnknownWord};
use crate::query::{Filter, Query};
use crate::store::Prepared;
use crate::store::dense::{Compared, DenseQuery};
use crate::store::interaction::WordQuery;
use crate::store::lexical::{self, LexicalQuery};
use crate::store::top::{Scored, Top};
use crate::store::vectors::inverse_length;
use crate::word_vector::{QuestionWord, WordMatches};

/// A question, prepared for one state of an index in a database.
#[derive(Debug)]
pub(super) struct DatabaseQuestion<'a> {
    snapshot: &'a DatabaseSnapshot,
    text: String,
    dense: Option<DenseQuery>,
    words: OnceLock<LexicalQuery>,
    selection: Option<Selection>,
    /// What the search by meaning has found, which is fetched together with what the search by words finds.
    nearest: OnceLock<Vec<u32>>,
}

impl DatabaseSnapshot {
    /// Prepares a question.
    pub(super) fn prepare(
        &self,
        query: &Query,
        vector: Option<&[f32]>,
        filter: &Filter,
    ) -> Result<DatabaseQuestion<'_>> {
        let dense = vector.map(|vector| self.dense_query(vector)).transpose()?;
        let (text, words, nearest) = (query.text.clone(), OnceLock::new(), OnceLock::new());
        let selection = self.select(query, filter)?;
        Ok(DatabaseQuestion { snapshot: self, text, dense, words, selection, nearest })
    }

    fn dense_query(&self, vector: &[f32]) -> Result<DenseQuery> {
        let (has, wants) = (vector.len(), self.state.info.fingerprint.dim);
        if has == wants { Ok(DenseQuery::new(vector)) } else { Err(Usage::Dimensions { has, wants }.into()) }
    }

    /// Fetches what is known of some terms.
    pub(super) fn know(&self, terms: &BTreeSet<String>) -> Result<()> {
        let mut dictionary = self.dictionary();
        let mut missing = dictionary.take_missing();
        missing.terms = terms.iter().filter(|term| dictionary.term(term).is_none()).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let results = self.session.together(&Self::term_queries(&missing))?;
        self.add_terms(&mut dictionary, &missing, results)
    }

    /// Looks up the words of a question. The first trip is shared with `others`, if there are any, whose rows are given back.
    fn look_up(&self, text: &str, others: &[Sql]) -> Result<(LexicalQuery, Vec<Vec<tokio_postgres::Row>>)> {
        let mut dictionary = self.dictionary();
        let (mut others, mut of_others) = (others.to_vec(), Vec::new());
        loop {
            let dictionary: &mut Dictionary = &mut dictionary;
            let query = LexicalQuery::new(text, dictionary)?;
            let missing = dictionary.take_missing();
            if missing.is_empty() && others.is_empty() {
                return Ok((query, of_others));
            }
            let mut queries = Self::term_queries(&missing);
            let of_terms = queries.len();
            queries.append(&mut others);
            let mut results = self.session.together(&queries)?;
            of_others.extend(results.split_off(of_terms));
            self.add_terms(dictionary, &missing, results)?;
        }
    }
}

/// A passage that the database found near.
struct Near {
    number: u32,
    id: PassageId,
    exact: f32,
    /// The cosine that the database has found.
    found: f32,
}

impl DatabaseQuestion<'_> {
    fn dense(&self) -> Result<&DenseQuery> {
        self.dense.as_ref().ok_or_else(|| Usage::NoVector.into())
    }

    fn words(&self) -> Result<&LexicalQuery> {
        if let Some(words) = self.words.get() {
            return Ok(words);
        }
        let (words, _) = self.snapshot.look_up(&self.text, &[])?;
        Ok(self.words.get_or_init(|| words))
    }

    fn accepts(&self, number: u32) -> bool {
        self.selection.as_ref().is_none_or(|selection| selection.contains(number))
    }

    /// How many passages it may find.
    fn accepted(&self) -> u64 {
        let all = self.snapshot.state.info.passages;
        self.selection.as_ref().map_or(all, |selection| selection.numbers.len() as u64)
    }

    /// The query for the vectors that are nearest, so many of them.
    fn nearest(&self, asked: &str, limit: i64) -> Sql {
        let scans = self.accepted() <= MOST_SCANNED;
        // Behind an offset, the index over the vectors isn't used.
        let vectors = if scans {
            "(select root, embedded, v, v <=> $1::text::halfvec as distance from vectors offset 0) v order by distance"
        } else {
            "(select root, embedded, v, v <=> $1::text::halfvec as distance from vectors \
             order by v <=> $1::text::halfvec limit $2) v"
        };
        let found = "select p.passage, p.id, halfvec_send(v.v), v.distance";
        let joined = "on p.embedded = v.embedded and p.root = v.root";
        let (sql, numbers) = match &self.selection {
            None => {
                (format!("{found} from (select * from {vectors} limit $2) v join passages p {joined}"), None)
            }
            Some(selection) if scans => (
                format!(
                    "{found} from (select p.passage, p.id, v.v, v.v <=> $1::text::halfvec as distance \
                     from unnest($3::int8[]) n join passages p on p.passage = n join vectors v {joined} \
                     order by 4 limit $2) p, lateral (select p.v, p.distance) v"
                ),
                Some(&selection.numbers),
            ),
            Some(selection) => (
                format!(
                    "{found} from (select root, embedded, v, v <=> $1::text::halfvec as distance from vectors v \
                     where exists (select from passages p where p.embedded = v.embedded and p.root = v.root \
                     and p.passage = any($3)) order by v <=> $1::text::halfvec limit $2) v join passages p {joined} \
                     where p.passage = any($3)"
                ),
                Some(&selection.numbers),
            ),
        };
        let mut values = vec![Value::Text(asked.to_owned()), Value::Number(limit)];
        values.extend(numbers.map(|all| Value::Numbers(all.iter().map(|&number| number.into()).collect())));
        Sql::new(&sql, values)
    }

    /// Compares what the database found with the question, exactly.
    fn compare(&self, rows: &[tokio_postgres::Row]) -> Result<Vec<Near>> {
        let (query, dim) = (self.dense()?, self.snapshot.state.info.fingerprint.dim);
        let near = |row: &tokio_postgres::Row| {
            let codes = codes::from_halfvec(row.get(2), dim)?;
            let distance: f64 = row.get(3);
            Some(Near {
                number: u32::try_from(row.get::<_, i64>(0)).ok()?,
                id: PassageId::from_digits(row.get(1))?,
                exact: cosine(query, &codes),
                // What has no length is like nothing.
                found: if distance.is_nan() { 0.0 } else { (1.0 - distance) as f32 },
            })
        };
        let damaged = || self.snapshot.damaged("a vector can't be read");
        rows.iter().map(|row| near(row).ok_or_else(damaged)).collect()
    }

    /// The candidates for the `k` best by words: all that may be among them, and few others.
    fn candidates(&self, words: &LexicalQuery, k: usize) -> Result<Vec<u32>> {
        let snapshot = self.snapshot;
        // Stop words are in most passages and count for little: as far as their postings are long, the best by the other
        // words are looked at, and those that stop words may lift among them.
        let is_put_off = |word: &lexical::QuestionWord| {
            let dictionary = snapshot.dictionary();
            let is_cut =
                |name: &str| dictionary.term(name).is_some_and(|term| term.cut_rows().next().is_some());
            word.idf == 0.0 && word.variants.iter().any(|variant| is_cut(&variant.term))
        };
        let put_off: Vec<bool> = words.words.iter().map(is_put_off).collect();
        let numbers = self.best_without(words, &put_off, k)?;
        if numbers.len() < k && put_off.contains(&true) {
            return self.best_without(words, &vec![false; words.words.len()], k);
        }
        Ok(numbers)
    }

    /// The passages that may be among the `k` best, as far as they have one of the words that aren't put off.
    fn best_without(&self, words: &LexicalQuery, put_off: &[bool], k: usize) -> Result<Vec<u32>> {
        let counted = words.words.iter().zip(put_off).filter(|(_, put_off)| !**put_off).map(|(word, _)| word);
        let terms: BTreeSet<String> =
            counted.flat_map(|word| word.variants.iter().map(|variant| variant.term.clone())).collect();
        let lift = words.lift(|word| put_off[word]);
        let part = self.postings(&terms)?;
        let sums = words.sums(&part, |word| !put_off[word])?;
        let mut found: Vec<(f32, u32)> = sums
            .into_iter()
            .zip(part.numbers.iter().copied())
            .filter(|&(sum, number)| sum > 0.0 && self.accepts(number))
            .collect();
        if found.len() > k && k > 0 {
            let (_, &mut (least, _), _) = found.select_nth_unstable_by(k - 1, |a, b| b.0.total_cmp(&a.0));
            let least = lexical::below(least, lift);
            found.retain(|(sum, _)| *sum >= least);
        }
        Ok(found.into_iter().map(|(_, number)| number).collect())
    }

    /// The postings of some terms.
    fn postings(&self, terms: &BTreeSet<String>) -> Result<Renumbered<PostingsOf<'_>>> {
        self.snapshot.complete(terms)?;
        let dictionary = self.snapshot.dictionary();
        let mut of = HashMap::new();
        for name in terms {
            of.insert(name.clone(), self.snapshot.postings_in(&dictionary, name)?);
        }
        Ok(PostingsOf { terms: of, accepts: &|_| true }.renumbered())
    }

    /// The features of some passages, in their order.
    fn features(&self, words: &LexicalQuery, rows: &[Row]) -> Result<Vec<LexicalFeatures>> {
        let fetched = self.snapshot.rows(rows)?;
        let part = WordsOf::decode(fetched.iter().map(|passage| &**passage), &wanted(words), &|_| true);
        words.features(&[part.map_err(|what| self.snapshot.damaged(what))?], rows)
    }
}

/// The terms that stand for the words of a question.
fn wanted(words: &LexicalQuery) -> HashSet<String> {
    words.words.iter().flat_map(|word| &word.variants).map(|variant| variant.term.clone()).collect()
}

fn cosine(query: &DenseQuery, codes: &[i8]) -> f32 {
    let bytes: Vec<u8> = codes.iter().map(|&code| code as u8).collect();
    let mut sum = [0];
    query.sums(&[&bytes], &mut sum);
    query.scale(sum[0], inverse_length(codes.iter().copied()))
}

impl Prepared for DatabaseQuestion<'_> {
    fn search_vectors(&self, k: usize) -> Result<Vec<Candidate>> {
        let (asked, bound) = codes::asked(self.dense()?);
        let mut limit = (2 * k + 16) as i64;
        loop {
            let nearest = [self.nearest(&asked, limit)];
            let rows = if self.words.get().is_none() {
                let (words, mut rows) = self.snapshot.look_up(&self.text, &nearest)?;
                self.words.get_or_init(|| words);
                rows.pop().unwrap_or_default()
            } else {
                self.snapshot.session.query(&nearest[0])?
            };
            let mut near = self.compare(&rows)?;
            let farthest = near.iter().map(|near| near.found).fold(f32::INFINITY, f32::min);
            near.sort_by(|a, b| match b.exact.total_cmp(&a.exact) {
                Ordering::Equal => a.id.cmp(&b.id),
                other => other,
            });
            let least = near.get(k.saturating_sub(1)).map_or(f32::NEG_INFINITY, |near| near.exact);
            let all = self.accepted();
            let is_all = limit as u64 >= all || (rows.len() as i64) < limit;
            // What wasn't fetched is no nearer than the last that was, as far as the database can tell; an index over the
            // vectors tells nothing of what it has missed.
            if is_all || all > MOST_SCANNED || (least > 0.0 && least > farthest + bound) {
                let best = near.into_iter().take(k);
                return Ok(best
                    .map(|near| Candidate { row: Row::new(near.number.into()), score: near.exact })
                    .collect());
            }
            limit = (2 * limit).min(i64::try_from(all).unwrap_or(i64::MAX));
        }
    }

    fn search_words(&self, k: usize) -> Result<Vec<Candidate>> {
        let words = self.words()?;
        if k == 0 || words.words.iter().all(|word| word.variants.is_empty()) {
            return Ok(Vec::new());
        }
        let candidates = self.candidates(words, k)?;
        let nearest = self.nearest.get().into_iter().flatten();
        self.snapshot.fetch(&candidates.iter().chain(nearest).copied().collect::<Vec<_>>())?;
        let candidates: Vec<Row> = candidates.into_iter().map(|number| Row::new(number.into())).collect();
        let fetched = self.snapshot.rows(&candidates)?;
        let part = WordsOf::decode(fetched.iter().map(|passage| &**passage), &wanted(words), &|_| true);
        let of = part.map_err(|what| self.snapshot.damaged(what))?;
        let mut numbers: Vec<u32> = fetched.iter().map(|passage| passage.number).collect();
        numbers.sort_unstable();
        let best = words.best(&Renumbered { numbers, of }, k)?;
        let rows: Vec<Row> = best.into_candidates().iter().map(|found| found.row).collect();
        let ids: HashMap<u32, u128> = fetched.iter().map(|passage| (passage.number, passage.id.0)).collect();
        let mut top = Top::new(k);
        for (&row, features) in rows.iter().zip(self.features(words, &rows)?) {
            let id = ids.get(&(row.number() as u32)).copied().unwrap_or_default();
            top.push(Scored { score: features.score, id, row });
        }
        Ok(top.into_candidates())
    }

    fn notes(&self) -> Result<Vec<Row>> {
        let first = match &self.selection {
            Some(selection) => self.snapshot.first_of(&selection.numbers)?,
            None => self.snapshot.first_of_all()?,
        };
        Ok(first.into_iter().map(|number| Row::new(number.into())).collect())
    }

    fn look(&self, rows: &[Row]) -> Result<Vec<Look>> {
        let query = self.dense()?;
        let features = self.features(self.words()?, rows)?;
        let dim = self.snapshot.state.info.fingerprint.dim;
        let fetched = self.snapshot.rows(rows)?;
        let look = |(passage, words): (&Arc<Fetched>, _)| {
            let (sentences, _) = passage.parts.unpack(dim);
            let cosine = cosine(query, &passage.vector.codes);
            let evidence = query.evidence(cosine, &sentences);
            Look { cosine, evidence, words, pending: false }
        };
        Ok(fetched.iter().zip(features).map(look).collect())
    }

    fn match_words(&self, words: &[QuestionWord], rows: &[Row]) -> Result<Vec<WordMatches>> {
        let query = WordQuery::new(words, self.words()?);
        let dim = self.snapshot.state.info.fingerprint.dim;
        let fetched = self.snapshot.rows(rows)?;
        Ok(fetched.iter().map(|passage| query.matches(&passage.parts.unpack(dim).1)).collect())
    }

    fn unknown_words(&self) -> Result<Vec<UnknownWord>> {
        Ok(self.words()?.unknown())
    }

    fn selected(&self) -> Option<usize> {
        self.selection.as_ref().map(|selection| selection.numbers.len())
    }

    fn set_vector(&mut self, vector: &[f32]) -> Result<()> {
        self.dense = Some(self.snapshot.dense_query(vector)?);
        Ok(())
    }

    fn may_find(&self, row: Row) -> bool {
        u32::try_from(row.number()).is_ok_and(|number| self.accepts(number))
    }

    fn label(&self, label: &str) -> Result<LexicalFeatures> {
        Ok(self.words()?.label(label))
    }
}

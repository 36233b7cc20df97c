//! What a question means to these notes, where only they can tell.
//!
//! `status:blocked` asks for a property only if any note has one of that name, and a word with a dash is a flag if the
//! passages that would be left out for it have it with the dash, too.

use super::question::Question;
use crate::error::Result;
use crate::hit::{Row, StoredPassage};
use crate::query::{Clause, Dashed, Query};
use crate::store::Store;

/// How many of the passages are looked at that have the words of a question and those that it may leave out.
const LOOKED_AT: usize = 20;

/// The question as the notes of an index understand it.
///
/// # Errors
///
/// When the index can't be read, or a glob can't be.
pub fn understand(index: &dyn Store, question: &Question) -> Result<Question> {
    let mut question = question.clone();
    if std::mem::replace(&mut question.understood, true) {
        return Ok(question);
    }
    let doubts: Vec<Clause> = question.query.doubts().cloned().collect();
    if !doubts.is_empty() {
        let known = index.knows(&doubts)?;
        let means =
            |clause: &Clause| doubts.iter().zip(&known).any(|(doubt, known)| doubt == clause && *known);
        question.query = question.query.settled(means);
    }
    if question.query.dashed().next().is_some() {
        let flags = flags(index, &question)?;
        question.query = question.query.with_text(|typed| flags.iter().any(|flag| flag == typed));
    }
    Ok(question)
}

/// Those of a question's words with a dash that aren't left out.
fn flags(index: &dyn Store, question: &Question) -> Result<Vec<String>> {
    let found = |query: &Query, k: usize| -> Result<Vec<Row>> {
        let found = index.question(query, None, &question.filter)?.search_words(k)?;
        Ok(found.into_iter().map(|candidate| candidate.row).collect())
    };
    let query = &question.query;
    let passages = index.passages(&found(&query.clone().with_text(|_| true), LOOKED_AT)?)?;
    let is_said = |dashed: &Dashed<'_>| passages.iter().any(|stored| says(stored, *dashed));
    let mut flags: Vec<String> =
        query.dashed().filter(is_said).map(|dashed| dashed.typed.to_owned()).collect();
    let rest = query.clone().with_text(|typed| flags.iter().any(|flag| flag == typed));
    let mut behind = rest.dashed().filter(|dashed| dashed.behind_command).peekable();
    // Behind a command, whoever asks wouldn't leave out all there is on it.
    if behind.peek().is_some() && !passages.is_empty() && found(&rest, 1)?.is_empty() {
        flags.extend(behind.map(|dashed| dashed.typed.to_owned()));
    }
    Ok(flags)
}

/// Whether a passage has a word with a dash as a flag: not as a part of another word, and, unless it is asked for behind a
/// command, not as an item of a list.
fn says(stored: &StoredPassage, Dashed { typed, behind_command }: Dashed<'_>) -> bool {
    let passage = &stored.passage;
    let texts = passage.heading.iter().chain(&passage.question).chain([&passage.text]);
    texts.flat_map(|text| text.match_indices(typed).map(move |found| (text, found.0))).any(|(text, at)| {
        let (before, behind) = (&text[..at], &text[at + typed.len()..]);
        let line = before.rsplit('\n').next().unwrap_or(before);
        let begins = before.chars().next_back().is_none_or(|c| c.is_whitespace() || "`'\"([".contains(c));
        let ends = !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
        begins && ends && (behind_command || !line.trim().is_empty())
    })
}

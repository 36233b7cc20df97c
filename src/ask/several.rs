//! Questions in several parts: "what is X, and how do I install it?" Each part is asked for itself.

use super::find::find;
use super::notes::Notes;
use super::question::{Models, Question};
use super::sources;
use super::stopwatch::Stopwatch;
use super::terms;
use crate::error::Result;
use crate::hit::{Answer, AnswerPart, Confidence, Hit};
use crate::store::Store;
use crate::words::is_stop_word;

/// The most parts that are asked for one by one.
const MOST: usize = 4;
/// Words that begin a question of its own behind `and`.
const ASKING: [&str; 9] = ["what", "how", "why", "when", "where", "who", "which", "whose", "whom"];
/// Words that stand for what was named before.
const POINTING: [&str; 9] = ["it", "its", "they", "them", "their", "this", "that", "these", "those"];

/// An answer to all parts of a question, as far as the notes have them.
pub(super) struct Several {
    /// What answers them, one after the other.
    pub(super) answer: Answer,
    /// How far it can be trusted: as far as the part that can be trusted least.
    pub(super) confidence: Confidence,
    /// The parts that the notes don't seem to answer.
    pub(super) unanswered: Vec<String>,
}

/// Asks for each part of a question by itself, if it has several. What answers them joins the sources, `hits`. `None` if it
/// is one question, or the notes answer no part.
///
/// # Errors
///
/// As [`ask`](super::ask).
pub(super) fn answer(
    index: &dyn Store,
    notes: &mut Notes<'_>,
    models: Models<'_>,
    question: &Question,
    missing: &[String],
    hits: &mut Vec<Hit>,
) -> Result<Option<Several>> {
    let (mut answered, mut unanswered) = (Vec::new(), Vec::new());
    let mut confidence = Confidence::High;
    for text in parts(&question.query().text) {
        let part = question.part(&text);
        let terms = terms(index, &text)?;
        let found = find(index, notes, &terms, models, &part, &mut Stopwatch::default())?;
        let state = found.confidence(&part, models.embedder, missing);
        match found.hits.into_iter().next().filter(|_| state != Confidence::None) {
            Some(best) => answered.push((terms, best)),
            None => unanswered.push(text),
        }
        confidence = confidence.min(state.max(Confidence::Low));
    }
    // Half an answer isn't one that can be trusted.
    if question.strict && !unanswered.is_empty() {
        return Ok(None);
    }
    sources::expect(index, answered.iter().map(|(_, best)| best))?;
    let mut answer: Option<Answer> = None;
    for (terms, best) in answered {
        let cited = answer.as_ref().map_or(&[][..], |answer| &answer.citations);
        let hit = place(best, hits, question.most_sources(), cited);
        let next = sources::answer(index, notes, &terms, hit)?;
        answer = Some(match answer {
            Some(first) => joined(first, next),
            None => next,
        });
    }
    Ok(answer.map(|answer| Several { answer, confidence, unanswered }))
}

/// The source among `hits` that is `best`, or the last one, which it becomes unless that is cited: then there is one more.
fn place<'a>(best: Hit, hits: &'a mut Vec<Hit>, most: usize, cited: &[u32]) -> &'a mut Hit {
    let known = hits.iter().position(|hit| hit.source.contains(&best.source));
    let at = known.unwrap_or_else(|| {
        if hits.len() >= most && hits.last().is_some_and(|last| !cited.contains(&last.rank)) {
            hits.pop();
        }
        let score = hits.last().map_or(best.score, |last| best.score.min(last.score));
        hits.push(Hit { rank: hits.len() as u32 + 1, score, ..best });
        hits.len() - 1
    });
    &mut hits[at]
}

/// Two answers as one. What the first says already isn't said again.
fn joined(mut first: Answer, second: Answer) -> Answer {
    let is_new = |range: &std::ops::Range<usize>, citation: u32| {
        first.parts.iter().all(|part| {
            part.citation != citation || range.end <= part.range.start || part.range.end <= range.start
        })
    };
    let new: Vec<AnswerPart> =
        second.parts.into_iter().filter(|part| is_new(&part.range, part.citation)).collect();
    if !new.is_empty() {
        let text: Vec<&str> = new.iter().map(|part| part.text.as_str()).collect();
        first.text = format!("{}\n\n{}", first.text, text.join(" … "));
        first.parts.extend(new);
        first.citations.extend(second.citations);
        first.citations.sort_unstable();
        first.citations.dedup();
    }
    first.partial |= second.partial;
    first
}

/// The parts of a question, as texts to be asked for; none if it is one question. What points back to what was named
/// before comes with the part before it.
pub(super) fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for words in clauses(text) {
        let lower: Vec<String> = words.iter().map(|word| bare(word)).collect();
        let says = lower.iter().any(|word| !is_stop_word(word) && word.chars().any(char::is_alphanumeric));
        let part = words.join(" ");
        match parts.last_mut() {
            // What says nothing by itself belongs to what comes before.
            Some(last) if !says => *last = format!("{last} {part}"),
            Some(last) if lower.iter().any(|word| POINTING.contains(&word.as_str())) => {
                let part = format!("{last} {part}");
                parts.push(part);
            }
            _ => parts.push(part),
        }
    }
    if (2..=MOST).contains(&parts.len()) { parts } else { Vec::new() }
}

/// The words of each clause that asks something: sentences that end in a question mark, and what stands behind `and` with a
/// word that asks.
fn clauses(text: &str) -> Vec<Vec<&str>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut clauses: Vec<Vec<&str>> = vec![Vec::new()];
    for (at, &word) in words.iter().enumerate() {
        let next = words.get(at + 1).map(|next| bare(next)).unwrap_or_default();
        let joins = matches!(bare(word).as_str(), "and" | "also") && ASKING.contains(&next.as_str());
        let last = clauses.len() - 1;
        if joins && clauses[last].len() > 1 {
            clauses.push(Vec::new());
        } else if !joins {
            clauses[last].push(word);
        }
        if word.ends_with('?') && at + 1 < words.len() {
            clauses.push(Vec::new());
        }
    }
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

/// A word in lower case without the marks around it.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_asked_for_itself() {
        for (text, expected) in [
            (
                "what is tmux and how do I rename a session?",
                &["what is tmux", "how do I rename a session?"][..],
            ),
            (
                "Who wrote Dune? When was it published?",
                &["Who wrote Dune?", "Who wrote Dune? When was it published?"],
            ),
            ("how do owls hunt, and why at night", &["how do owls hunt,", "why at night"]),
            ("what is a mutex", &[]),
            ("difference between threads and processes", &[]),
            ("salt and pepper and what else", &["salt and pepper", "what else"]),
            ("what and why", &[]),
            ("why?", &[]),
            ("", &[]),
            ("a? b? c? d? e?", &[]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}

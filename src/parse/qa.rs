//! Lines and headings → questions with their answers.
//!
//! People write these in many shapes, and mix them in one note:
//!
//! ```text
//! ## 27. What is an owl?        1.  **What is an owl?**          *   **Q: What is an owl?**
//! **Answer:** A bird.               *   *Answer*: A bird.            - *A:* A bird.
//!
//! ### What is an owl?           Q15**What is an owl?****ANS**    Q20
//! A bird.
//! #### Indepth                  A bird.                          What is an owl?
//! It hunts at night.
//!                               Q16<tab>And a crow?              ANS
//! 21. What is an owl? → a bird  ANS<tab>Another.
//! - What is a crow? — a bird                                     A bird.
//! ```
//!
//! and bold lines, plain `Q:` and `A:` lines, and HTML `details` elements as well. An [`Opener`] is the place where a question stands and its answer begins; how far the
//! answer goes depends on its [`Scope`]. Prose with a question mark in it opens nothing.
//!
//! Each line is looked at a bounded number of times.

use std::collections::HashMap;
use std::ops::Range;

use super::heading::Heading;
use super::label;
use super::lines::{LineKind, Lines, list_item};
use super::plain::plain;
use crate::document::trim;
use crate::words::is_unspaced;

/// How many lines of text a labelled question may take before its answer's label.
const MAX_QUESTION_LINES: usize = 6;

/// How large a question's heading with the headings beneath it may be to count as one answer, in bytes. What is
/// larger is divided at those headings.
const MAX_WITH_SUBHEADINGS: usize = 8 * 1024;

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// The lines it takes, question and all.
    pub(super) lines: Range<usize>,
    /// The question, without markup, label and number.
    pub(super) question: String,
    /// The answer in the text, without its label and without blank edges.
    pub(super) content: Range<usize>,
}

/// The place where a question stands.
#[derive(Debug)]
struct Opener {
    line: usize,
    question: String,
    /// Where the answer begins in the text.
    answer: usize,
    /// The first line after the question and the answer's label, if there is one.
    rest: usize,
    /// Whether a label says that this is a question or an answer. Such an opener ends any other answer.
    labelled: bool,
    scope: Scope,
}

/// What ends an answer, apart from the next question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// A heading of this level or above, or a thematic break.
    Heading(usize),
    /// Whatever ends a list item that is indented this far.
    Item(usize),
    /// A heading or thematic break.
    Loose,
    /// The end of the HTML element.
    Details,
}

/// Finds all units, in order; they don't overlap.
pub(super) fn units(text: &str, lines: &Lines<'_>, headings: &[Heading]) -> Vec<Unit> {
    let finder = Finder { text, lines, headings, numbered: questioning_levels(headings) };
    let openers = finder.openers();
    let mut units: Vec<Unit> = Vec::new();
    let mut done = 0;
    for (at, opener) in openers.iter().enumerate() {
        if opener.line < done {
            continue;
        }
        let end = finder.end(opener, &openers[at + 1..]);
        let content = finder.content(opener, end);
        if !content.is_empty() {
            done = end;
            units.push(Unit { lines: opener.line..end, question: opener.question.clone(), content });
        }
    }
    units
}

/// The levels at which most of the numbered headings ask something: there, the others (`19. Design a cache.`)
/// are questions too.
fn questioning_levels(headings: &[Heading]) -> Vec<usize> {
    let mut counts = HashMap::new();
    for heading in headings.iter().filter(|heading| label::numbered(&heading.title).is_some()) {
        let (asking, all) = counts.entry(heading.level).or_insert((0, 0));
        *asking += usize::from(label::asks(label::clean(&heading.title)));
        *all += 1;
    }
    counts
        .into_iter()
        .filter(|&(_, (asking, all))| all >= 3 && asking * 2 > all)
        .map(|(level, _)| level)
        .collect()
}

/// A question in running text needs three words; `Why?` and `Sound familiar?` are figures of speech. Without blanks
/// between words, it needs five letters; Korean words take their particles with them, and two say as much.
fn is_spelled_out(question: &str) -> bool {
    let words = question.split_whitespace().count();
    let letters = || question.chars().filter(|c| is_unspaced(*c)).count();
    words >= 3 || (!question.is_ascii() && letters() >= 5)
}

/// Whether there is a question mark in a line; the cheap test before the others.
fn has_mark(line: &str) -> bool {
    line.contains(label::MARKS)
}

/// All there is to know about a note for finding its questions.
struct Finder<'a> {
    text: &'a str,
    lines: &'a Lines<'a>,
    headings: &'a [Heading],
    /// See [`questioning_levels`].
    numbered: Vec<usize>,
}

impl<'a> Finder<'a> {
    /// All places where a question stands and something follows that may answer it.
    ///
    /// Whether it does turns out later, when the end of the answer is known. What stands between a question and
    /// its answer's label opens nothing.
    fn openers(&self) -> Vec<Opener> {
        let mut openers = Vec::new();
        let mut at = 0;
        while at < self.lines.len() {
            let opener = match self.lines.kind(at) {
                LineKind::Heading => self.heading(at),
                LineKind::Text => {
                    let labelled = self.labelled(at).or_else(|| self.lettered(at));
                    labelled.or_else(|| self.unlabelled(at)).or_else(|| self.details(at))
                }
                _ => None,
            };
            at = opener.as_ref().map_or(at + 1, |opener| opener.rest.max(at + 1));
            openers.extend(opener);
        }
        openers
    }

    /// The answer's label in one of the next `reach` lines of text after `at`; its line and what follows it. One of
    /// `letters` is a label, too.
    fn answer_after(&self, at: usize, reach: usize, letters: &str) -> Option<(usize, &'a str)> {
        let mut next = at;
        for _ in 0..reach {
            next = self.lines.skip_blank(next + 1)?;
            let line = self.lines.get(next);
            match self.lines.kind(next) {
                LineKind::Text => {
                    if let Some(rest) = label::answer(line).or_else(|| label::lettered_answer(line, letters))
                    {
                        return (!self.is_choice(next)).then_some((next, rest));
                    }
                    let is_question = label::question(line).is_some()
                        || (!letters.is_empty() && label::lettered(line).is_some());
                    (!is_question).then_some(())?;
                }
                // `### Answer`
                LineKind::Heading => {
                    let rest = label::answer(line.trim_start_matches('#'))?;
                    return rest.is_empty().then_some((next, rest));
                }
                _ => return None,
            }
        }
        None
    }

    /// Whether the `A:` in line `at` begins a list of choices, groups or drives: `B:` is next.
    fn is_choice(&self, at: usize) -> bool {
        let next = self.lines.skip_blank(at + 1).map(|next| self.lines.get(next));
        label::is_letter(self.lines.get(at)) && next.is_some_and(label::is_next_choice)
    }

    /// An opener in running text. `answer` is a slice of a line, `rest` the first line that may end the answer.
    fn opener(&self, line: usize, question: &str, answer: &str, rest: usize, scope: Scope) -> Option<Opener> {
        let question = plain(question);
        let question = label::clean(&question).to_string();
        let answer = self.lines.offset(answer);
        (!question.is_empty()).then_some(Opener { line, question, answer, rest, labelled: false, scope })
    }

    /// A heading that asks, is labelled, is answered by a label, or is numbered among headings that ask.
    ///
    /// Its answer begins after the label, or with the line after the heading. An `A:` answers what asks or is
    /// labelled; below another heading it is something else. So is a heading beside this one, whatever it says.
    fn heading(&self, at: usize) -> Option<Opener> {
        let heading = Heading::at(self.headings, at)?;
        let last = heading.lines.end - 1;
        let question = label::clean(&heading.title);
        let is_numbered = label::numbered(&heading.title).is_some() && self.numbered.contains(&heading.level);
        let is_labelled = label::question(&heading.title).is_some();
        let asks = label::asks(question) || is_numbered;
        let lettered = label::lettered(&heading.title).filter(|_| asks);
        let answer =
            self.answer_after(last, 1, lettered.map_or("", |(letters, _)| letters)).filter(|&(line, _)| {
                match self.lines.kind(line) {
                    LineKind::Heading => {
                        Heading::at(self.headings, line).is_some_and(|answer| answer.level > heading.level)
                    }
                    _ => asks || is_labelled || !label::is_letter(self.lines.get(line)),
                }
            });
        let is_question = answer.is_some()
            || asks
            || (is_labelled && !label::is_ambiguous(&heading.title) && !question.is_empty());
        if !is_question || question.is_empty() || label::answer(&heading.title).is_some() {
            return None;
        }
        let question = lettered.filter(|_| answer.is_some()).map_or(question, |(_, question)| question);
        let (rest, offset) = match answer {
            Some((line, rest)) => (line + 1, self.lines.offset(rest)),
            None => (last + 1, self.lines.start(last + 1)),
        };
        Some(Opener {
            line: at,
            question: question.into(),
            answer: offset,
            rest,
            labelled: true,
            scope: Scope::Heading(heading.level),
        })
    }

    /// Whether a line of text begins a list item.
    fn is_item(&self, at: usize) -> bool {
        self.lines.kind(at) == LineKind::Text && list_item(self.lines.get(at).trim_start()).is_some()
    }

    /// Where an answer ends that belongs to the question in line `at`: with its list item, unless the answer
    /// (in line `answer`) stands outside of the item.
    fn scope(&self, at: usize, answer: usize) -> Scope {
        let indent = self.lines.indent(at);
        let outside = answer > at && self.lines.indent(answer) <= indent && !self.is_item(answer);
        if self.is_item(at) && !outside { Scope::Item(indent) } else { Scope::Loose }
    }

    /// Whether what stands in line `next` may answer the question in line `at` although no label says so. It
    /// doesn't where the question is one in a list of questions.
    fn may_answer(&self, at: usize, next: usize) -> bool {
        let indent = self.lines.indent(at);
        let is_list =
            self.is_item(next) || (at > 0 && self.is_item(at - 1) && self.lines.indent(at - 1) == indent);
        let in_list_of_questions = self.is_item(at) && self.lines.indent(next) <= indent && is_list;
        matches!(self.lines.kind(next), LineKind::Text | LineKind::Code) && !in_list_of_questions
    }

    /// `Q: …`, `Q12 …`, `**Scenario: …**`, with or without a label at the answer.
    ///
    /// The answer may begin in the same line (`Q1**…?****ANS**`), or a few lines on; what stands in between is
    /// the question.
    fn labelled(&self, at: usize) -> Option<Opener> {
        let line = self.lines.get(at);
        let rest = label::question(line)?;
        let same_line = label::inline_answer(rest).or_else(|| label::one_line(rest));
        let opener = if let Some((question, answer)) = same_line {
            self.opener(at, question, answer, at + 1, self.scope(at, at))
        } else if let Some((answer_line, answer)) = self.answer_after(at, MAX_QUESTION_LINES, "") {
            let question = trim(self.text, &(self.lines.offset(rest)..self.lines.start(answer_line)));
            let question = self.text[question].trim_matches(['*', '_']);
            self.opener(at, question, answer, answer_line + 1, self.scope(at, answer_line))
        } else {
            self.unanswered(at, rest)
        };
        opener.map(|opener| Opener { labelled: true, ..opener })
    }

    /// `P: …` with its `R: …`, in the same line or a few lines on, if what stands between them asks.
    fn lettered(&self, at: usize) -> Option<Opener> {
        let (letters, rest) = label::lettered(self.lines.get(at))?;
        let (question, answer, line) = if let Some((question, answer)) = label::inline_letter(rest, letters) {
            (question, answer, at)
        } else {
            let (line, answer) = self.answer_after(at, MAX_QUESTION_LINES, letters)?;
            let question = trim(self.text, &(self.lines.offset(rest)..self.lines.start(line)));
            (&self.text[question], answer, line)
        };
        let question = question.trim_matches(['*', '_', ' ']);
        let opener = self.opener(at, question, answer, line + 1, self.scope(at, line))?;
        label::seems_to_ask(question).then_some(Opener { labelled: true, ..opener })
    }

    /// A labelled question whose answer has no label: it must ask, or be in bold under a label that says it.
    ///
    /// `rest` is what follows the label. Where that is nothing, the question is the next line of text.
    fn unanswered(&self, at: usize, rest: &'a str) -> Option<Opener> {
        let line = self.lines.get(at).trim();
        let is_ambiguous = label::is_ambiguous(line);
        if let Some((question, answer)) = label::bold(list_item(line).unwrap_or(line).trim_start())
            && !(answer.is_empty() || is_ambiguous)
            && label::question(question).is_some_and(|question| !question.is_empty())
        {
            return self.opener(at, question, answer, at + 1, self.scope(at, at));
        }
        let question_line = if rest.is_empty() { self.lines.skip_blank(at + 1)? } else { at };
        let question = if rest.is_empty() { self.lines.get(question_line).trim() } else { rest };
        let is_bold = line.ends_with("**") && !is_ambiguous;
        let asks = has_mark(question) && label::asks(label::clean(&plain(question.trim_matches(['*', '_']))));
        let is_text = self.lines.kind(question_line) == LineKind::Text;
        let next = self.lines.skip_blank(question_line + 1)?;
        let goes_on = self.may_answer(at, next) && label::question(self.lines.get(next)).is_none();
        if !is_text || !goes_on || !(asks || is_bold) {
            return None;
        }
        self.opener(at, question, self.lines.get(next), next, self.scope(at, next))
    }

    /// A question without a label: a bold one, a list item, or a line that is answered by a label.
    ///
    /// Without any label it must ask in three words or more and stand in bold, before a separator
    /// (`question → answer`), or above what belongs to its list item.
    fn unlabelled(&self, at: usize) -> Option<Opener> {
        let line = self.lines.get(at).trim();
        let item = list_item(line).map(str::trim_start);
        let inner = item.unwrap_or(line);
        let bold = label::bold(inner);
        // Most lines of most notes end here, or where a list item isn't answered.
        if !has_mark(line) && item.is_none() && bold.is_none() {
            return None;
        }
        let question = plain(bold.map_or(inner, |(bold, _)| bold));
        let question = label::clean(&question);
        let asks = label::asks(question);
        if bold.is_none_or(|(_, rest)| rest.is_empty())
            && (item.is_some() || bold.is_some() || asks)
            && label::answer(line).is_none()
            && let Some((answer_line, answer)) = self.answer_after(at, 1, "")
            && (asks || bold.is_some() || !label::is_letter(self.lines.get(answer_line)))
        {
            let scope = self.scope(at, answer_line);
            let opener = self.opener(at, question, answer, answer_line + 1, scope)?;
            return Some(Opener { labelled: true, ..opener });
        }
        let asks = asks && is_spelled_out(question);
        if let Some((_, answer)) = bold.filter(|(_, answer)| !answer.is_empty()) {
            let answer = answer.trim_start_matches(['→', '—', '–', '-', '>', ' ']);
            return asks.then(|| self.opener(at, question, answer, at + 1, self.scope(at, at)))?;
        }
        if let Some((question, answer)) = item.and_then(label::one_line) {
            let opener = self.opener(at, question, answer, at + 1, Scope::Item(self.lines.indent(at)))?;
            return is_spelled_out(&opener.question).then_some(opener);
        }
        // In bold, or with what belongs to its list item right beneath it.
        let next = self.lines.skip_blank(at + 1)?;
        let is_nested = item.is_some() && next == at + 1 && self.lines.indent(next) > self.lines.indent(at);
        if !asks || !(bold.is_some() || is_nested) || !self.may_answer(at, next) {
            return None;
        }
        self.opener(at, question, self.lines.get(next), next, self.scope(at, next))
    }

    /// `<details><summary>A question</summary>`, which may be spread over a few lines.
    fn details(&self, at: usize) -> Option<Opener> {
        let line = self.lines.get(at).trim_start();
        if !line.get(..8).is_some_and(|tag| tag.eq_ignore_ascii_case("<details")) {
            return None;
        }
        let end = (at + 4).min(self.lines.len());
        let head = self.lines.trimmed(at..end);
        let (before, rest) = self.text[head].split_once("<summary>")?;
        let (summary, _) = rest.split_once("</summary>")?;
        if before.matches('<').count() > 1 {
            return None;
        }
        let is_question = label::asks(label::clean(&plain(summary))) || label::question(summary).is_some();
        let answer = &rest[summary.len() + "</summary>".len()..];
        let answer_line = self.lines.line_of(self.lines.offset(answer).saturating_sub(1));
        let opener = self.opener(at, summary, answer, answer_line, Scope::Details)?;
        is_question.then_some(opener)
    }

    /// The line after the answer's last: the next question that [`cuts`] it, or what ends its [`Scope`].
    ///
    /// An answer with headings in it that has become too large ends before the first of them.
    fn end(&self, opener: &Opener, next: &[Opener]) -> usize {
        let mut next = next.iter().peekable();
        let mut subheading = None;
        let mut end = opener.rest;
        while end < self.lines.len() {
            while next.next_if(|next| next.line < end).is_some() {}
            let is_next = next.peek().is_some_and(|next| next.line == end && cuts(opener, next, self.lines));
            if is_next || self.ends_at(opener.scope, end) {
                break;
            }
            if opener.scope == Scope::Details && self.lines.get(end).contains("</details>") {
                return end + 1;
            }
            if self.lines.kind(end) == LineKind::Heading {
                subheading = subheading.or(Some(end));
            }
            end += 1;
        }
        let is_large = self.lines.start(end) - self.lines.start(opener.line) > MAX_WITH_SUBHEADINGS;
        subheading.filter(|_| is_large).unwrap_or(end)
    }

    /// Whether line `at` ends an answer of this scope.
    fn ends_at(&self, scope: Scope, at: usize) -> bool {
        let kind = self.lines.kind(at);
        match scope {
            Scope::Heading(level) => {
                kind == LineKind::Rule
                    || Heading::at(self.headings, at).is_some_and(|heading| heading.level <= level)
            }
            Scope::Item(indent) => {
                let after_blank = || self.lines.kind(at - 1) == LineKind::Blank;
                matches!(kind, LineKind::Rule | LineKind::Heading)
                    || (kind == LineKind::Text
                        && self.lines.indent(at) <= indent
                        && (after_blank() || self.is_item(at)))
            }
            Scope::Loose | Scope::Details => matches!(kind, LineKind::Rule | LineKind::Heading),
        }
    }

    /// The answer's range in the text, between its label and line `end`.
    fn content(&self, opener: &Opener, end: usize) -> Range<usize> {
        let mut range = trim(self.text, &(opener.answer..self.lines.start(end).max(opener.answer)));
        if opener.scope == Scope::Details
            && let Some(close) = self.text[range.clone()].rfind("</details>")
        {
            range = trim(self.text, &(range.start..range.start + close));
        }
        range
    }
}

/// Whether a question inside an answer ends it, rather than being part of it.
///
/// One with a label does. One without is part of an answer that has a label or stands beneath a heading: such
/// answers like to ask something in bold.
fn cuts(opener: &Opener, next: &Opener, lines: &Lines<'_>) -> bool {
    if next.labelled {
        return true;
    }
    match opener.scope {
        Scope::Item(indent) => lines.indent(next.line) <= indent,
        Scope::Loose => !opener.labelled,
        Scope::Heading(_) | Scope::Details => false,
    }
}

#[cfg(test)]
#[path = "qa_tests.rs"]
mod tests;

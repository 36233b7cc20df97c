//! The words and marks by which people tell questions from answers: `Q12:`, `**Answer:**`, `ANS`, `27.`, `→`.
//!
//! All functions take one line, or the rest of one, and give slices of it. They decide by the start of the line,
//! or at a question mark; none looks at other lines, so each costs at most one pass over its own.

use super::lines::list_item;

/// Words that introduce a question, if a number or a separator follows.
const QUESTION_WORDS: [&str; 7] = ["question", "scenario", "ques", "que", "qn", "qs", "q"];

/// Words that introduce an answer, if a separator follows or nothing.
const ANSWER_WORDS: [&str; 8] =
    ["answer", "ans", "discussion", "solution", "explanation", "response", "reply", "a"];

/// Words that begin a question in a list whose questions lack their `?`.
const INTERROGATIVES: [&str; 9] =
    ["what", "why", "how", "who", "which", "explain", "describe", "define", "difference"];

/// Years have four quarters, and `Q1` to `Q4` are more often these than questions.
const QUARTERS: [&str; 4] = ["1", "2", "3", "4"];

/// What stands around a label without being part of it: emphasis and white space.
fn is_mark(char: char) -> bool {
    char == '*' || char == '_' || char.is_whitespace()
}

/// Emoji and other symbols that decorate a heading. Not brackets, quotes or signs that a question may begin with.
pub(super) fn is_ornament(char: char) -> bool {
    matches!(char, '\u{200B}'..='\u{200F}' | '\u{2190}'..='\u{2BFF}' | '\u{FE00}'..='\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}')
}

/// The line without list marker, emphasis and ornaments at its start.
fn bare(line: &str) -> &str {
    let line = line.trim();
    let line = list_item(line).unwrap_or(line);
    line.trim_start_matches(|char| is_mark(char) || is_ornament(char))
}

/// Whether `text` begins with `word`, in whatever case, as a word; what follows it.
fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(word.len())?;
    let is_word = !rest.starts_with(|char: char| char.is_alphabetic());
    (head.eq_ignore_ascii_case(word) && is_word).then_some(rest)
}

/// What follows `Q:`, `Q12.`, `**Question 3**`, `Scenario:` and the like; empty for a `Q12` that stands alone.
///
/// A word needs a separator after it. A `Q` with a number needs none, if what follows asks: `Q1 planning` and
/// `Q10 enzyme` are no questions. Nor is `Q3.5`, a version.
pub(super) fn question(line: &str) -> Option<&str> {
    let line = bare(line);
    let (word, rest) = QUESTION_WORDS.iter().find_map(|word| Some((*word, after_word(line, word)?)))?;
    let upper = line.starts_with(['Q', 'S']);
    let number = rest.trim_start_matches([' ', '#']);
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let rest = if (1..=4).contains(&digits) { &number[digits..] } else { rest };
    let unmarked = rest.trim_start_matches(['*', '_']);
    let marked = unmarked.len() < rest.len();
    let separated = unmarked.trim_start_matches(' ').starts_with([':', ')', '–', '—'])
        || unmarked.starts_with(['.', '\t'])
        || unmarked.trim_start_matches(' ').starts_with("- ");
    // `Q3.5` and `Q3/4` are no questions, nor is `Question 3 of the day`.
    let bold = marked && word == "q" && !unmarked.is_empty();
    let asked = unmarked.starts_with(' ') && seems_to_ask(unmarked);
    let numbered = digits > 0 && upper && (bold || asked || unmarked.trim().is_empty());
    if !separated && !numbered {
        return None;
    }
    if unmarked.starts_with('.') && unmarked[1..].starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let separators = |char| is_mark(char) || matches!(char, ':' | '.' | ')' | '–' | '—' | '-');
    Some(if separated { unmarked.trim_start_matches(separators) } else { unmarked.trim_start() })
}

/// Whether a label may name something else than a question: a quarter (`Q1: launch`) or a scenario (`Scenario 2 –
/// flood`), if what follows doesn't ask. Then it takes an answer's label to make it a question.
pub(super) fn is_ambiguous(line: &str) -> bool {
    let bare = bare(line);
    let word = |word| after_word(bare, word);
    let quarter = word("q").is_some_and(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        QUARTERS.contains(&&rest[..digits])
    });
    (quarter || word("scenario").is_some()) && question(line).is_some_and(|rest| !seems_to_ask(rest))
}

/// Whether a text has a question mark or begins as questions do.
fn seems_to_ask(text: &str) -> bool {
    let text = text.trim_start_matches(|char| is_mark(char) || is_ornament(char));
    text.contains(['?', '？']) || INTERROGATIVES.iter().any(|word| after_word(text, word).is_some())
}

/// Whether what follows a letter makes it a drive: `A:\photos`, `A:/`.
fn is_drive(rest: &str) -> bool {
    rest.strip_prefix(':').is_some_and(|path| path.starts_with(['\\', '/']))
}

/// Whether an answer's label is no more than an `A`, which may also name a group, a class or a choice.
pub(super) fn is_letter(line: &str) -> bool {
    bare(line).strip_prefix('A').is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
}

/// Whether a line goes on where `A: …` began a list: with `B: …`.
pub(super) fn is_next_choice(line: &str) -> bool {
    after_word(bare(line), "b").is_some_and(|rest| rest.starts_with(':'))
}

/// What follows `Answer:`, `**Ans.**`, `A:`, `ANS<tab>`; empty for a label that stands alone.
///
/// An `A` needs its colon: `A. …` is the first of several choices, and `A:\photos` is a folder. The slice lies in
/// `line`, so that its place in the text can be told, and begins with the answer's own emphasis, if it has any.
pub(super) fn answer(line: &str) -> Option<&str> {
    let line = bare(line);
    let (word, rest) =
        ANSWER_WORDS.iter().find_map(|word| after_word(line, word).map(|rest| (*word, rest)))?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &rest[digits..];
    let unmarked = rest.trim_start_matches(['*', '_']);
    let marked = unmarked.len() < rest.len();
    let alone = unmarked.trim().is_empty();
    let is_letter = word == "a";
    if is_letter && (!line.starts_with('A') || is_drive(rest)) {
        return None;
    }
    let separated = unmarked.trim_start_matches(' ').starts_with(':')
        || (digits > 0 && unmarked.starts_with(['.', ')']))
        || (word == "ans" && unmarked.starts_with(['.', '\t']))
        || (line.starts_with("ANS") && (marked || unmarked.starts_with('\t')));
    if separated {
        // Emphasis that closes right after the label is the label's; what follows a space is the answer's.
        let rest = unmarked.trim_start_matches([' ', ':', '.', ')']);
        let touches = rest.len() < unmarked.len() && !unmarked[..unmarked.len() - rest.len()].ends_with(' ');
        let rest = if touches { rest.trim_start_matches(['*', '_']) } else { rest };
        return Some(rest.trim_start());
    }
    // `A` alone is a grade or an article.
    (alone && !is_letter).then_some(&unmarked[unmarked.len()..])
}

/// Splits `What is X?** **ANS** text` into the question and what follows the label.
pub(super) fn inline_answer(line: &str) -> Option<(&str, &str)> {
    ["ANS", "Ans", "A:", "Answer:"].iter().find_map(|label| {
        let (at, _) = line.match_indices(label).next()?;
        let before = &line[..at];
        let ends =
            before.ends_with(['*', '?', '.', '\t', ' ']) && before.trim_end_matches(is_mark).len() >= 3;
        let rest = answer(&line[at..])?;
        ends.then_some((before, rest))
    })
}

/// What follows `27.`, `3)`, `(4)` or `1.2.`, and whether there was one.
pub(super) fn numbered(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(|char| is_mark(char) || is_ornament(char));
    let open = line.strip_prefix(['(', '#']).unwrap_or(line);
    let number = open.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let rest = &open[number..];
    let closed = rest.strip_prefix([')', ':', ']']);
    let is_number = open.starts_with(|char: char| char.is_ascii_digit());
    let ends = closed.is_some() || open[..number].ends_with('.');
    let rest = closed.unwrap_or(rest);
    (is_number && ends && rest.starts_with(is_mark)).then(|| rest.trim_start())
}

/// A question as a reader wants to see it: no label, number, ornament or reference around it. `plain` has no
/// markup any more.
pub(super) fn clean(plain: &str) -> &str {
    let mut rest = plain.trim();
    loop {
        let trimmed = rest.trim_start_matches(|char: char| char.is_whitespace() || is_ornament(char));
        let next = numbered(trimmed).or_else(|| question(trimmed)).unwrap_or(trimmed);
        if next.is_empty() || next.len() == rest.len() {
            break;
        }
        rest = next;
    }
    let rest = rest.trim_end_matches(|char: char| char.is_whitespace() || is_ornament(char) || char == '*');
    match rest.rsplit_once('[') {
        Some((before, reference)) if reference.ends_with(']') && before.trim_end().ends_with(['?', '[']) => {
            before.trim_end_matches(['[', ' '])
        }
        _ => rest,
    }
}

/// Whether a cleaned text ends as a question does.
pub(super) fn asks(clean: &str) -> bool {
    clean.trim_end_matches(['"', '\'', '”', '’', ')', '*', '_', ':', ' ']).ends_with(['?', '？'])
}

/// Splits `What is X? → an answer` into question and answer.
///
/// After a `?`, an arrow, a dash or a colon separates; a `?` with none of these after it is passed over, as in
/// `What is a?b:c? → …`. Without a `?`, only an arrow does, and the line must begin like a question.
pub(super) fn one_line(item: &str) -> Option<(&str, &str)> {
    /// What stands for "is answered by" even where a question has lost its `?`.
    const ARROWS: [&str; 5] = ["→", "->", "=>", "⇒", "➡"];
    let after_any = |rest: &'_ str, separators: &[&str]| {
        separators.iter().find_map(|separator| rest.strip_prefix(separator)).map(str::len)
    };
    for (at, mark) in item.match_indices(['?', '？']) {
        let (before, after) = item.split_at(at + mark.len());
        let rest = after.trim_start_matches(['*', '_', '`', '"', ' ', '\t']);
        if let Some(len) = after_any(rest, &ARROWS).or_else(|| after_any(rest, &["—", "–", ":", "- "])) {
            let answer = rest[rest.len() - len..].trim_start_matches(is_mark);
            // `[Who? — Part 2](…)` is the text of a link.
            let is_whole = before.matches('[').count() == before.matches(']').count();
            return (!answer.is_empty() && is_whole).then_some((before, answer));
        }
    }
    let bare = item.trim_start_matches(is_mark);
    INTERROGATIVES.iter().find_map(|word| after_word(bare, word))?;
    let (before, answer) = item.split_once(['→', '⇒', '➡'])?;
    let answer = answer.trim_start();
    (!answer.is_empty()).then_some((before, answer))
}

/// Splits `**What is X?** an answer` (or without an answer) into what is in bold and what follows.
pub(super) fn bold(line: &str) -> Option<(&str, &str)> {
    let inner = line.strip_prefix("**")?;
    let mut in_code = false;
    // `**` inside code, as in "What are `*args` and `**kwargs`?", doesn't end the bold stretch.
    let end = inner.char_indices().find_map(|(at, char)| {
        in_code ^= char == '`';
        (!in_code && at > 0 && inner[at..].starts_with("**")).then_some(at)
    })?;
    let rest = inner[end + 2..].trim_start_matches(|char: char| char.is_whitespace() || is_ornament(char));
    Some((&inner[..end], rest.strip_prefix(':').map_or(rest, str::trim_start)))
}

#[cfg(test)]
#[path = "label_tests.rs"]
mod tests;

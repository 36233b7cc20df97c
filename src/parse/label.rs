//! The words and marks by which people tell questions from answers: `Q12:`, `**Answer:**`, `ANS`, `27.`, `→`, `Frage 3:`,
//! `答：`.
//!
//! Where a letter stands for a word, as in `P:` and `R:`, it is a label only if the other one follows and something is asked.
//!
//! All functions take one line, or the rest of one, and give slices of it. They decide by the start of the line,
//! or at a question mark; none looks at other lines, so each costs at most one pass over its own.

use super::languages::{self, UNSPACED_INTERROGATIVES, answers_to, has};
use super::lines::list_item;
use crate::words::{is_letter as in_word, is_unspaced};

/// The marks behind a question.
pub(super) const MARKS: [char; 4] = ['?', '？', '؟', '\u{37e}'];

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

/// Whether `text` begins with `word`, in whatever case, as a word; what follows it. `word` is in lower case.
fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for letter in word.chars() {
        let c = rest.next()?;
        let is_same = c.to_ascii_lowercase() == letter
            || (!c.is_ascii() && !c.is_lowercase() && c.to_lowercase().eq([letter]));
        is_same.then_some(())?;
    }
    let rest = rest.as_str();
    // `问题一`: the number needs no blank before it.
    let is_counted = word.ends_with(is_unspaced) && rest.starts_with(is_number);
    (is_counted || !rest.starts_with(char::is_alphabetic)).then_some(rest)
}

/// Whether a character is a part of a number, also one in Chinese characters.
pub(super) fn is_number(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && (c.is_numeric() || "一二三四五六七八九十〇".contains(c)))
}

/// How many characters of the number that a text begins with there are, and what comes behind them.
fn after_number(text: &str) -> (usize, &str) {
    let rest = text.trim_start_matches(is_number);
    (text[..text.len() - rest.len()].chars().count(), rest)
}

/// The word for a question that a line begins with, the number of characters in its number, and what comes behind both.
fn question_word(line: &str) -> Option<(&str, usize, &str)> {
    // `第3問`
    if let Some((digits @ 1.., rest)) = line.strip_prefix(['第', '제']).map(after_number)
        && let Some(rest) = rest.strip_prefix(['问', '問', '题', '題', '문'])
    {
        return Some(("", digits, rest));
    }
    let words = QUESTION_WORDS.iter().chain(languages::QUESTION_WORDS);
    let (word, rest) = words.into_iter().find_map(|word| Some((*word, after_word(line, word)?)))?;
    let (digits, behind) = after_number(rest.trim_start_matches([' ', '#', '№']));
    Some(if (1..=4).contains(&digits) { (word, digits, behind) } else { (word, 0, rest) })
}

/// What follows `Q:`, `Q12.`, `**Question 3**`, `Scenario:`, `Pregunta 3:`, `问：` and the like; empty for a `Q12` that stands
/// alone.
///
/// A word needs a separator after it. A `Q` with a number needs none, if what follows asks: `Q1 planning` and
/// `Q10 enzyme` are no questions. Nor is `Q3.5`, a version.
pub(super) fn question(line: &str) -> Option<&str> {
    let line = bare(line);
    let (word, digits, rest) = question_word(line)?;
    let upper = !line.starts_with(char::is_lowercase);
    let unmarked = rest.trim_start_matches(['*', '_']);
    let marked = unmarked.len() < rest.len();
    let separated = unmarked.trim_start_matches(' ').starts_with([':', ')', '–', '—', '：', '）'])
        || unmarked.starts_with(['.', '\t', '．'])
        || (digits > 0 && unmarked.starts_with('、'))
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
    let separators =
        |char| is_mark(char) || matches!(char, ':' | '.' | ')' | '–' | '—' | '-' | '：' | '）' | '．' | '、');
    Some(if separated { unmarked.trim_start_matches(separators) } else { unmarked.trim_start() })
}

/// The letters with which an answer begins to what `P: …`, `F3: …` or `**В:** …` asks, and what follows that label.
///
/// Who calls it must see that something is asked, and one of these answers.
pub(super) fn lettered(line: &str) -> Option<(&'static str, &str)> {
    let (letter, rest) = letter(line)?;
    Some((answers_to(&letter)?, rest))
}

/// What follows `R: …` and the like, if the letter is one of `letters`.
pub(super) fn lettered_answer<'a>(line: &'a str, letters: &str) -> Option<&'a str> {
    letter(line).filter(|(letter, _)| has(letters, letter)).map(|(_, rest)| rest)
}

/// The capital, or the letters of scripts that have none, that a line begins with before a colon, in lower case; what
/// follows. A number may stand between.
fn letter(line: &str) -> Option<(String, &str)> {
    /// `प्र` is three characters.
    const LONGEST: usize = 3;
    let line = bare(line);
    let letters = line.chars().take(LONGEST + 1).take_while(|c| in_word(*c) && !is_number(*c));
    let (letters, rest) = line.split_at(letters.map(char::len_utf8).sum());
    if letters.is_empty() || letters.starts_with(char::is_lowercase) {
        return None;
    }
    let (digits, behind) = after_number(rest.trim_start_matches(['.', ' ']));
    let rest = if digits <= 4 { behind.trim_start_matches(['.', '*', '_', ' ']) } else { return None };
    let is_label = rest.starts_with([':', '：']) && !is_drive(rest);
    is_label.then(|| (letters.to_lowercase(), rest.trim_start_matches([':', '：', '*', '_', ' '])))
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
pub(super) fn seems_to_ask(text: &str) -> bool {
    let text = text.trim_start_matches(|char| is_mark(char) || is_ornament(char));
    text.contains(MARKS)
        || begins_to_ask(text)
        || (!text.is_ascii() && UNSPACED_INTERROGATIVES.iter().any(|word| text.contains(word)))
}

/// Whether a text begins as questions do, in any language with blanks.
fn begins_to_ask(text: &str) -> bool {
    let mut words = INTERROGATIVES.iter().chain(languages::INTERROGATIVES);
    words.any(|word| after_word(text, word).is_some())
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

/// What follows `Answer:`, `**Ans.**`, `A:`, `ANS<tab>`, `Respuesta:`, `答：`; empty for a label that stands alone.
///
/// An `A` needs its colon: `A. …` is the first of several choices, and `A:\photos` is a folder. The slice lies in
/// `line`, so that its place in the text can be told, and begins with the answer's own emphasis, if it has any.
pub(super) fn answer(line: &str) -> Option<&str> {
    let line = bare(line);
    let words = ANSWER_WORDS.iter().chain(languages::ANSWER_WORDS);
    let (word, rest) = words.into_iter().find_map(|word| Some((*word, after_word(line, word)?)))?;
    let (_, behind) = after_number(rest.trim_start_matches(' '));
    let (digits, rest) = match after_number(rest) {
        (0, _) if behind.starts_with([':', '：']) => (0, behind),
        (digits, rest) => (digits, rest),
    };
    let unmarked = rest.trim_start_matches(['*', '_']);
    let marked = unmarked.len() < rest.len();
    let alone = unmarked.trim().is_empty();
    let is_letter = word == "a";
    if is_letter && (!line.starts_with('A') || is_drive(rest)) {
        return None;
    }
    let separated = unmarked.trim_start_matches(' ').starts_with([':', '：'])
        || (digits > 0 && unmarked.starts_with(['.', ')']))
        || (word == "ans" && unmarked.starts_with(['.', '\t']))
        || (line.starts_with("ANS") && (marked || unmarked.starts_with('\t')));
    if separated {
        // Emphasis that closes right after the label is the label's; what follows a space is the answer's.
        let rest = unmarked.trim_start_matches([' ', ':', '.', ')', '：']);
        let touches = rest.len() < unmarked.len() && !unmarked[..unmarked.len() - rest.len()].ends_with(' ');
        let rest = if touches { rest.trim_start_matches(['*', '_']) } else { rest };
        return Some(rest.trim_start());
    }
    // `A` alone is a grade or an article.
    (alone && !is_letter).then_some(&unmarked[unmarked.len()..])
}

/// Splits `What is X?** **ANS** text` into the question and what follows the label.
pub(super) fn inline_answer(line: &str) -> Option<(&str, &str)> {
    let english = ["ANS", "Ans", "A:", "Answer:"].iter().find_map(|label| {
        let (at, _) = line.match_indices(label).next()?;
        let before = &line[..at];
        let ends =
            before.ends_with(['*', '?', '.', '\t', ' ']) && before.trim_end_matches(is_mark).len() >= 3;
        let rest = answer(&line[at..])?;
        ends.then_some((before, rest))
    });
    english.or_else(|| inline_word(line, |word| languages::ANSWER_WORDS.contains(&word)))
}

/// Splits `¿Qué es X? R: texto` into the question and what follows one of `letters`.
pub(super) fn inline_letter<'a>(line: &'a str, letters: &str) -> Option<(&'a str, &'a str)> {
    inline_word(line, |word| has(letters, word))
}

/// Splits a line before a word, given in lower case, and its colon into what stands before and behind the label. It must
/// stand behind the end of a sentence or a blank.
fn inline_word(line: &str, is_label: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
    /// No label is longer, in characters.
    const LONGEST: usize = 16;
    line.match_indices([':', '：']).find_map(|(at, colon)| {
        let head = line[..at].trim_end_matches(is_number);
        let letters = head.chars().rev().take(LONGEST).take_while(|c| in_word(*c) && !is_number(*c));
        let (before, word) = head.split_at(head.len() - letters.map(char::len_utf8).sum::<usize>());
        let ends = before.ends_with(|c| is_mark(c) || c == '.' || c == '。' || MARKS.contains(&c));
        let asks = before.trim_end_matches(is_mark).len() >= 3;
        let is_label =
            ends && asks && !word.starts_with(char::is_lowercase) && is_label(&word.to_lowercase());
        is_label.then(|| (before, line[at + colon.len()..].trim_start_matches(is_mark)))
    })
}

/// What follows `27.`, `3)`, `(4)`, `1.2.`, `１．` or `一、`, and whether there was one.
pub(super) fn numbered(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(|char| is_mark(char) || is_ornament(char));
    let open = line.strip_prefix(['(', '#', '（']).unwrap_or(line);
    let rest = open.trim_start_matches(|char| is_number(char) || char == '.' || char == '．');
    let number = &open[..open.len() - rest.len()];
    let closed = rest.strip_prefix([')', ':', ']', '）', '、']);
    let ends = closed.is_some() || number.ends_with(['.', '．']);
    // No blank stands behind what takes the room of a letter.
    let is_wide = rest.starts_with(['）', '、']) || (closed.is_none() && number.ends_with('．'));
    let rest = closed.unwrap_or(rest);
    (open.starts_with(is_number) && ends && (is_wide || rest.starts_with(is_mark))).then(|| rest.trim_start())
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
    let closers = ['"', '\'', '”', '’', ')', '*', '_', ':', ' ', '“', '»', '」', '』', '）', '：'];
    let end = clean.trim_end_matches(closers);
    end.ends_with(MARKS)
        || languages::ASKING_ENDINGS.iter().any(|ending| end.trim_end_matches(['。', '.']).ends_with(ending))
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
    for (at, mark) in item.match_indices(MARKS) {
        let (before, after) = item.split_at(at + mark.len());
        let rest = after.trim_start_matches(['*', '_', '`', '"', ' ', '\t']);
        if let Some(len) = after_any(rest, &ARROWS).or_else(|| after_any(rest, &["—", "–", ":", "- ", "："]))
        {
            let answer = rest[rest.len() - len..].trim_start_matches(is_mark);
            // `[Who? — Part 2](…)` is the text of a link.
            let is_whole = before.matches('[').count() == before.matches(']').count();
            return (!answer.is_empty() && is_whole).then_some((before, answer));
        }
    }
    let bare = item.trim_start_matches(is_mark);
    let is_unspaced =
        || !bare.is_ascii() && UNSPACED_INTERROGATIVES.iter().any(|word| bare.starts_with(word));
    (begins_to_ask(bare) || is_unspaced()).then_some(())?;
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
    Some((&inner[..end], rest.strip_prefix([':', '：']).map_or(rest, str::trim_start)))
}

#[cfg(test)]
#[path = "label_tests.rs"]
mod tests;

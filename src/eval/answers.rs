//! Do the answers contain the known ones? Questions with known answers go through `ask`.

use rayon::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::bench::question;
use super::citation::Citations;
use super::indexed_set::IndexedSet;
use super::set::TestQuery;
use crate::answer::{ANSWER_CHARS, ANSWER_SENTENCES, EXCERPT_CHARS};
use crate::ask::{Reply, Stopwatch, ask};
use crate::error::Result;
use crate::hit::Hit;

/// Figures of the questions with known answers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Answers {
    /// How many questions were asked.
    pub questions: u64,
    /// How many got an answer.
    pub answered: u64,
    /// How many answers contain a known one.
    pub contained: u64,
    /// For how many questions the excerpt of one of the first five sources contains a known answer.
    pub in_sources: u64,
    /// How many answers have at most [`ANSWER_SENTENCES`] sentences and [`ANSWER_CHARS`] characters.
    pub short: u64,
    /// How many characters all answers have together.
    pub chars: u64,
    /// The citations of all sources and parts of answers.
    pub citations: Citations,
}

impl Answers {
    /// The figures of both.
    fn add(mut self, other: Self) -> Self {
        self.questions += other.questions;
        self.answered += other.answered;
        self.contained += other.contained;
        self.in_sources += other.in_sources;
        self.short += other.short;
        self.chars += other.chars;
        self.citations.add(other.citations);
        self
    }
}

/// Asks all questions with known answers; `None` if there are none.
pub(super) fn answers(indexed_set: &IndexedSet<'_>) -> Result<Option<Answers>> {
    let known: Vec<&TestQuery> =
        indexed_set.set.queries.iter().filter(|query| !query.answers.is_empty()).collect();
    indexed_set.bench.asking(known.len() as u64);
    let answer = |query: &&TestQuery| {
        indexed_set.bench.asked()?;
        let reply = ask(
            indexed_set.snapshot,
            indexed_set.embedder,
            &question(&query.text),
            &mut Stopwatch::default(),
        )?;
        let citations = Citations::of(&reply, &indexed_set.snapshot.info().roots);
        Ok(Answers { citations, ..judge(query, &reply) })
    };
    let all = known.par_iter().map(answer).collect::<Result<Vec<Answers>>>()?;
    Ok(if all.is_empty() { None } else { Some(all.into_iter().fold(Answers::default(), Answers::add)) })
}

/// Compares one reply with the known answers.
fn judge(query: &TestQuery, reply: &Reply) -> Answers {
    let gold: Vec<String> = query.answers.iter().map(|answer| normal(answer)).collect();
    let holds = |text: &str| {
        let text = normal(text);
        gold.iter().any(|gold| !gold.is_empty() && text.contains(gold))
    };
    let shown = |hit: &Hit| {
        let excerpt = hit.source.passage.text.get(hit.excerpt.clone()).unwrap_or_default();
        holds(&excerpt.chars().take(EXCERPT_CHARS).collect::<String>())
    };
    let in_sources = u64::from(reply.hits.iter().any(shown));
    let asked = Answers { questions: 1, in_sources, ..Answers::default() };
    let Some(answer) = &reply.answer else { return asked };
    let chars = answer.text.chars().count();
    let is_short = chars <= ANSWER_CHARS && sentences(&answer.text) <= ANSWER_SENTENCES;
    Answers {
        answered: 1,
        contained: u64::from(holds(&answer.text)),
        short: u64::from(is_short),
        chars: chars as u64,
        ..asked
    }
}

/// A text in the form that is compared: in lower case, each run of white space as one blank.
fn normal(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many sentences a text has, by Unicode's rules. Blank lines end a sentence, other line ends don't.
fn sentences(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let paragraphs = lines.split(|line| line.is_empty());
    paragraphs.map(|lines| lines.join(" ").unicode_sentences().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hit::Answer;

    #[test]
    fn answers_are_compared_by_their_words() {
        let query =
            TestQuery { answers: vec!["Denver\n Broncos".into(), " ".into()], ..TestQuery::default() };
        let reply = |text: &str| Reply {
            answer: Some(Answer { text: text.into(), parts: Vec::new(), citations: vec![1], partial: false }),
            ..Reply::default()
        };
        let good = judge(&query, &reply("The denver  broncos won. Yes."));
        assert_eq!((good.answered, good.contained, good.short, good.chars), (1, 1, 1, 29));
        let bad = judge(&query, &reply(&"The Broncos won. ".repeat(4)));
        assert_eq!((bad.contained, bad.short), (0, 0));
        let none = judge(&query, &Reply::default());
        assert_eq!(none, Answers { questions: 1, ..Answers::default() });
        assert_eq!(good.add(none).questions, 2);
    }

    #[test]
    fn sentences_go_on_over_line_ends() {
        assert_eq!(sentences("One that\ngoes on. Two.\n\nThree"), 3);
        assert_eq!(sentences(""), 0);
    }
}

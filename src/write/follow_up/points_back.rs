//! Does a question go on from another one?
//!
//! It does if it has nothing that says what it is about, if it begins as one that goes on (`and in Go?`, `what about
//! lists?`), or if a pronoun in it means something that isn't in it. A question that may stand by itself does.

use super::phrase::{ASKING, AUXILIARIES, DETERMINERS, PREPOSITIONS, Word, words};

/// A question of more words says by itself what it means.
const LONGEST: usize = 30;

/// A question with more words that say what it is about says enough by itself.
const MOST_TELLING: usize = 4;

/// Words that something is joined to what was said with.
const CONNECTIVES: &[&str] = &["and", "but", "or", "also", "plus", "then", "so"];
/// Pronouns of things, and of people.
const PRONOUNS: &[&str] =
    &["it", "its", "they", "them", "their", "theirs", "he", "him", "his", "she", "her", "hers"];
/// Pronouns that may stand before a noun.
const DEMONSTRATIVES: &[&str] = &["this", "that", "these", "those"];
/// Verbs with which something is asked for: what stands behind is meant, not they.
const REQUESTS: &[&str] = &[
    "show",
    "list",
    "compare",
    "explain",
    "describe",
    "define",
    "summarize",
    "summarise",
    "give",
    "tell",
    "find",
    "name",
    "rename",
    "open",
    "print",
    "translate",
    "repeat",
    "remind",
];
/// Nouns that nothing else means: `a way to do it`.
const EMPTY_NOUNS: &[&str] = &[
    "way",
    "ways",
    "thing",
    "best",
    "reason",
    "reasons",
    "name",
    "point",
    "difference",
    "time",
    "times",
    "example",
    "examples",
    "purpose",
    "idea",
    "right",
    "easiest",
    "fastest",
    "first",
    "last",
    "other",
    "same",
    "case",
    "chance",
    "downside",
    "advantage",
    "disadvantage",
    "advantages",
    "disadvantages",
    "benefit",
    "benefits",
];
/// Words that begin another clause, in which a pronoun may mean what stands before.
const CLAUSES: &[&str] = &[
    "and", "or", "but", "when", "while", "if", "before", "after", "because", "since", "until", "once", "so",
    "that", "which", "who", "where", "whether", "without", "by", "what", "how", "why", "although", "though",
    "unless", "whenever", "as",
];
/// Stretches of time: `this week` points to no word.
const TIMES: &[&str] = &[
    "day",
    "week",
    "weekend",
    "month",
    "year",
    "quarter",
    "morning",
    "afternoon",
    "evening",
    "night",
    "time",
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "days",
    "weeks",
    "months",
    "years",
    "semester",
    "sprint",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Whether a question goes on from another one.
pub(super) fn points_back(question: &str) -> bool {
    let words = words(question);
    if words.is_empty() || words.len() > LONGEST {
        return false;
    }
    opens_so(question, &words)
        || tells_nothing(question, &words)
        || is_elliptic(question, &words)
        || refers(&words)
}

/// Whether it begins as one that goes on: `and …`, `what about …`. A whole question behind `and` may stand by itself.
fn opens_so(question: &str, words: &[Word]) -> bool {
    match words {
        [what, about, ..] if what.is(&["what", "how"]) && about.is(&["about", "if", "of"]) => {
            // `how of` is none, and `what of` is rare, but no question begins so.
            !(what.is(&["how"]) && about.is(&["if", "of"]))
        }
        [first, rest @ ..] if first.is(CONNECTIVES) && !first.ends => {
            // `and operator in python` is looked for.
            let is_name = rest.len() > 2 && rest[0].tells() && !question.trim_end().ends_with('?');
            !is_whole(rest) && !is_name
        }
        _ => false,
    }
}

/// Whether some words are a question with a verb and something that it is about.
fn is_whole(words: &[Word]) -> bool {
    let Some(first) = words.first() else { return false };
    let has_verb = words.iter().take(4).any(|word| word.is(AUXILIARIES));
    let begins = first.is(ASKING) || first.is(AUXILIARIES) || first.is(REQUESTS);
    begins && (has_verb || first.is(REQUESTS)) && words.iter().any(|word| word.tells() && !word.relates())
}

/// Whether nothing in it says what it is about: `why?`, `any examples?`, `what is the difference`.
fn tells_nothing(question: &str, words: &[Word]) -> bool {
    if words.iter().any(|word| word.tells() && !word.relates()) {
        return false;
    }
    if words.iter().any(Word::relates) {
        // `the difference between is and not`.
        let named = words.windows(2).any(|pair| {
            pair[0].is(&["between", "of", "in", "for", "with", "to", "from"])
                && !pair[1].is(PRONOUNS)
                && !pair[1].is(DEMONSTRATIVES)
                && !pair[1].is(&["the", "both", "more", "a"])
        });
        // A word alone is looked for: `alternatives`.
        let is_sentence = words.len() > 1 || question.trim_end().ends_with('?');
        return is_sentence && !named;
    }
    // What has nothing but small words may be a quotation: `to be or not to be`.
    let asks = |word: &Word| word.is(ASKING) || word.is(AUXILIARIES);
    let is_short = words.len() <= 4;
    is_short || words.first().is_some_and(asks)
}

/// Whether it is a part of a question: `in Go?`, `is Go compiled, too?`, `what else did Anna say`.
fn is_elliptic(question: &str, words: &[Word]) -> bool {
    let asked = question.trim_end().ends_with('?');
    let has_verb = words.iter().any(|word| word.is(AUXILIARIES) || word.is(ASKING));
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let in_a_place = asked && words.len() <= 4 && first.is(PREPOSITIONS) && !has_verb;
    let as_well = matches!(words, [.., as_, well] if as_.is(&["as"]) && well.is(&["well"]));
    let few = words.iter().filter(|word| word.tells()).count() <= 1;
    let too = few && (last.is(&["too", "instead", "then", "either", "though"]) || as_well);
    let follows =
        |one: &[&str], other: &[&str]| words.windows(2).any(|pair| pair[0].is(one) && pair[1].is(other));
    let elses =
        follows(&["what", "who", "where", "how", "anything", "anyone", "something", "nothing"], &["else"]);
    let others = follows(&["what", "which", "any"], &["other", "others"]);
    let not = matches!(words, [why, not, ..] if why.is(&["why"]) && not.is(&["not"]));
    in_a_place || too && (has_verb || asked) || (elses || others) && says_little(words) || not
}

/// Whether a pronoun in it means something that isn't in it. What says much by itself may be asked as it is.
fn refers(words: &[Word]) -> bool {
    says_little(words) && (0..words.len()).any(|at| points(words, at)) || names_what_was_said(words)
}

/// Whether few of its words say what it is about.
fn says_little(words: &[Word]) -> bool {
    words.iter().filter(|word| word.tells() && !word.relates()).count() <= MOST_TELLING
}

/// Whether it names the conversation: `you said`, `the previous answer`, `the same for lists`.
fn names_what_was_said(words: &[Word]) -> bool {
    let pairs =
        |one: &[&str], other: &[&str]| words.windows(2).any(|pair| pair[0].is(one) && pair[1].is(other));
    pairs(&["you"], &["said", "mentioned", "wrote", "meant"])
        || pairs(&["your", "previous", "last", "that"], &["answer", "question", "reply"])
        || pairs(&["mentioned"], &["above", "before", "earlier"])
        || pairs(&["the"], &["former", "latter"])
        || pairs(&["the"], &["two", "both"]) && words.last().is_some_and(|last| last.is(&["two", "both"]))
        || pairs(
            &["same"],
            &["for", "apply", "applies", "true", "happen", "happens", "hold", "holds", "go", "goes"],
        )
}

/// Whether the word at a place is a pronoun that points out of the question.
pub(super) fn points(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    let (before, behind) = (at.checked_sub(1).map(|before| &words[before]), words.get(at + 1));
    if word.is(PRONOUNS) {
        let of_things = word.is(&["it", "its"]);
        return !(is_named_before(words, at) || of_things && is_empty(words, at));
    }
    if word.is(DEMONSTRATIVES) {
        return shows(words, at);
    }
    if word.is(&["there"]) {
        return behind.is_none() && at > 0 && !before.is_some_and(|before| before.is(&["out", "is", "are"]));
    }
    if word.is(&["one", "ones"]) {
        let chosen =
            ["which", "other", "another", "first", "second", "third", "last", "next", "this", "that"];
        return before.is_some_and(|before| before.is(&chosen)) && !words.iter().any(|word| word.is(&["or"]));
    }
    false
}

/// Whether the `this`, `that`, `these` or `those` at a place points out of the question.
fn shows(words: &[Word], at: usize) -> bool {
    let (before, behind) = (at.checked_sub(1).map(|before| &words[before]), words.get(at + 1));
    let is_that = words[at].is(&["that"]);
    if behind.is_some_and(|noun| noun.is(TIMES)) || is_that && words[at].ends && behind.is_some() {
        return false;
    }
    let leads = before.is_none_or(|before| {
        before.is(AUXILIARIES)
            || before.is(PREPOSITIONS)
            || before.is(ASKING)
            || before.is(&["to", "like", "all", "and"])
    });
    let asked_for =
        before.is_some_and(|before| before.is(REQUESTS)) && behind.is_some_and(|next| next.is(PREPOSITIONS));
    let is_relative = is_that && behind.is_some() && !leads && !asked_for;
    // `those that …`, `those messages which …`, `this image` behind `an image`.
    let is_told_behind =
        words.iter().skip(at + 1).take(3).any(|word| word.is(&["that", "which", "who", "whose"]));
    let is_told_before = behind.is_some_and(|noun| words[..at].iter().any(|word| word.low == noun.low));
    let stands_alone = behind.is_none_or(|next| !next.tells() || next.relates());
    !(is_relative || is_told_behind || is_told_before || stands_alone && is_named_before(words, at))
}

/// Whether the `it` at a place means nothing: `does it take to boil an egg`, `is it safe to store`, `what time is it`.
fn is_empty(words: &[Word], at: usize) -> bool {
    let rest = &words[at + 1..];
    let behind = rest.first();
    let before = at.checked_sub(1).map(|before| &words[before]);
    let comes_later =
        |marks: &[&str], within: usize| rest.iter().take(within).skip(1).any(|word| word.is(marks));
    let verb = behind.is_some_and(|word| {
        word.is(&[
            "take", "takes", "took", "make", "makes", "cost", "mean", "means", "matter", "matters", "seem",
            "help",
        ])
    });
    let clause =
        behind.is_some_and(|word| word.is(&["matter", "matters", "mean", "means", "seem", "seems", "help"]));
    let after_verb = before.is_some_and(|word| word.is(AUXILIARIES));
    // `is it safe to …`, `why is it that …`, `is it true that …`, `it is possible to …`.
    let told = behind.is_some() && after_verb && comes_later(&["to", "that", "if", "whether"], 3)
        || behind.is_some_and(|word| word.is(&["that"])) && after_verb
        || behind.is_some_and(|word| word.is(AUXILIARIES)) && comes_later(&["to", "that"], 4);
    let about_time =
        words.iter().take(at).any(|word| word.is(&["time", "day", "date", "late"])) && behind.is_none();
    // `make it so that …`, `make it possible to …`.
    let made = before.is_some_and(|word| word.is(&["make", "makes", "made", "find", "take"]))
        && behind
            .is_some_and(|word| word.is(&["so", "possible", "easy", "easier", "hard", "harder", "clear"]));
    let names_something = rest.iter().any(|word| word.tells() && !word.relates() && !verb_of(word));
    (verb && comes_later(&["to"], 5)
        || clause && comes_later(&["if", "when", "that", "whether", "which", "how", "for"], 4)
        || told
        || made)
        && names_something
        || about_time
}

/// Whether a word is a verb that an empty `it` has.
fn verb_of(word: &Word) -> bool {
    word.is(&["take", "takes", "took", "make", "makes", "cost", "matter", "matters", "seem", "help"])
}

/// Whether something that a pronoun at a place may mean stands before it in the same question: in another clause, or
/// anywhere if it is an owner (`how did Lisbon change its laws`).
fn is_named_before(words: &[Word], at: usize) -> bool {
    let is_owner =
        words[at].is(&["its", "their", "his", "her"]) && words.get(at + 1).is_some_and(Word::tells);
    let begins = |place: usize| words[place].is(CLAUSES) || words[place - 1].ends;
    let clause = if is_owner { Some(at) } else { (1..at).rev().find(|&place| begins(place)) };
    let Some(clause) = clause else { return false };
    let nouns = |place: usize| {
        let word = &words[place];
        let before = place.checked_sub(1).map(|before| &words[before]);
        let behind_determiner = |word: &Word| {
            word.is(DETERMINERS) || word.is(AUXILIARIES) || word.is(PREPOSITIONS) || word.is(CLAUSES)
        };
        let is_noun = match before {
            None => !word.is(REQUESTS) && !word.relates(),
            Some(before) => {
                behind_determiner(before)
                    || before.is(REQUESTS)
                    || before.tells() && is_noun_like(words, place - 1)
            }
        };
        word.tells() && !word.is(EMPTY_NOUNS) && is_noun
    };
    (0..clause).any(nouns)
}

/// Whether a word is an adjective or the first part of a noun of two words, which a determiner stands before.
fn is_noun_like(words: &[Word], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| words[before].is(DETERMINERS) || words[before].is(PREPOSITIONS))
}

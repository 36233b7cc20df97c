//! Stems: what the forms of an English word have in common.
//!
//! Snowball's English stemmer (Porter 2) takes endings off. It doesn't know irregular forms (`wrote`, `mice`), and it
//! makes one stem of some words that have little to do with each other (`university` and `universe`); both are listed here.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Irregular forms, each line a word and its other forms.
const IRREGULAR: &str = "\
arise arose arisen|awake awoke awoken|become became|begin began begun|bite bitten|blow blew blown|break broke broken|\
bring brought|build built|buy bought|catch caught|choose chose chosen|come came|creep crept|deal dealt|dig dug|\
draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|feed fed|fight fought|find found|flee fled|\
fly flew flown|forbid forbade forbidden|forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|\
get got gotten|give gave given|go went gone|grow grew grown|hang hung|hear heard|hide hid hidden|hold held|keep kept|\
know knew known|lead led|lend lent|lose lost|make made|meet met|pay paid|ride rode ridden|ring rang rung|run ran|\
say said|seek sought|sell sold|send sent|shake shook shaken|shine shone|shrink shrank shrunk|sing sang sung|\
sink sank sunk|sleep slept|speak spoken|spend spent|spin spun|stand stood|steal stole stolen|swear swore sworn|\
sweep swept|swim swam swum|swing swung|take took taken|teach taught|tear tore torn|tell told|think thought|\
throw threw thrown|understand understood|wake woke woken|wear wore worn|weave wove woven|weep wept|win won|\
withdraw withdrew withdrawn|write wrote written|overcome overcame|undertake undertook undertaken|mistake mistook|\
rebuild rebuilt|rewrite rewrote rewritten|undergo underwent undergone|\
mouse mice|goose geese|foot feet|tooth teeth|man men|woman women|child children|ox oxen|louse lice|knife knives|\
wife wives|wolf wolves|shelf shelves|half halves|loaf loaves|thief thieves|calf calves|elf elves|scarf scarves|\
index indices|matrix matrices|vertex vertices|appendix appendices|crisis crises|thesis theses|\
hypothesis hypotheses|diagnosis diagnoses|analysis analyses|synthesis syntheses|criterion criteria|\
phenomenon phenomena|bacterium bacteria|cactus cacti|fungus fungi|nucleus nuclei|radius radii|stimulus stimuli|\
alumnus alumni|syllabus syllabi";

/// Words whose endings make another word, each line with the forms that belong together.
const APART: &str = "\
university universities|founded founding founds|organic organics organically|important importance importantly|\
organize organizes organized organizing organizer organizers organization organizations organizational organise \
organises organised organising organiser organisers organisation organisations organisational|\
authority authorities|experiment experiments experimental experimentally experimentation experimented experimenting|\
business businesses|apartment apartments|department departments departmental|internal internally|\
international internationally|animal animals|rational rationally|ratio ratios|evening evenings|wander wandered wandering|\
numeral numerals|several|universal universally|secretary secretaries|customer customers|custom customs";

/// What is known of a word that is listed.
enum Listed {
    /// The word that it is a form of, with its ending.
    Form(&'static str),
    /// Its stem.
    Stem(&'static str),
}

/// The stem of a word in lower case without accents, as [`fold`](super::fold()) gives it.
pub fn stem(word: &str) -> Cow<'_, str> {
    static LISTED: LazyLock<HashMap<&str, Listed>> = LazyLock::new(|| {
        let each = |list: &'static str, of: fn(&'static str) -> Listed| {
            let lines = list.split('|').map(|line| (line, line.split(' ').next().unwrap_or(line)));
            lines.flat_map(move |(line, first)| line.split(' ').map(move |form| (form, of(first))))
        };
        each(IRREGULAR, Listed::Form).chain(each(APART, Listed::Stem)).collect()
    });
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return ending_off(word);
    }
    match LISTED.get(word) {
        None => ending_off(word),
        Some(Listed::Form(first)) => ending_off(first),
        Some(Listed::Stem(stem)) => Cow::Borrowed(stem),
    }
}

/// The word without its ending.
fn ending_off(word: &str) -> Cow<'_, str> {
    thread_local! {
        static STEMMER: RefCell<frostem::Stemmer> =
            RefCell::new(frostem::Stemmer::new(frostem::Algorithm::English));
    }
    STEMMER.with_borrow_mut(|stemmer| Cow::Owned(stemmer.stem(word).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for (one, other) in [
            ("decorators", "decorator"),
            ("wrote", "writing"),
            ("written", "writes"),
            ("ran", "running"),
            ("mice", "mouse"),
            ("found", "finding"),
            ("founded", "founding"),
            ("organised", "organization"),
            ("universities", "university"),
            ("analyses", "analysis"),
            ("indices", "indexes"),
            ("children", "child"),
            ("knives", "knife"),
            ("bought", "buys"),
            ("experiments", "experimental"),
        ] {
            assert_eq!(stem(one), stem(other), "{one} {other}");
        }
    }

    #[test]
    fn words_that_mean_something_else_have_another() {
        for (one, other) in [
            ("found", "founded"),
            ("founder", "found"),
            ("new", "news"),
            ("organ", "organize"),
            ("organ", "organic"),
            ("university", "universe"),
            ("general", "generate"),
            ("import", "important"),
            ("author", "authority"),
            ("experience", "experiment"),
            ("busy", "business"),
            ("apart", "apartment"),
            ("depart", "department"),
            ("intern", "international"),
            ("even", "evening"),
            ("animal", "animate"),
            ("custom", "customer"),
        ] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
    }
}

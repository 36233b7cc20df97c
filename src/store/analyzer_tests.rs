//! Tests of the analyzer.

use proptest::prelude::*;

use super::*;
use crate::words::STOP_WORDS;

#[test]
fn stop_terms_are_those_of_the_stop_words() {
    let tokens = tokens(&STOP_WORDS.join(" "), STOP_WORDS.len());
    let terms: std::collections::BTreeSet<String> = tokens.into_iter().map(|token| token.term).collect();
    assert!(terms.iter().eq(STOP_TERMS), "{terms:?}");
}

proptest! {
    #[test]
    fn a_word_of_letters_has_the_terms_of_its_token(word in "[a-z]{1,12}") {
        let languages = [Language::German, Language::French];
        let token = tokens(&word, 2).remove(0);
        prop_assert_eq!(terms(&token, &languages), terms_of_letters(&word, &languages));
    }
}

fn check(text: &str, expected: &[&str]) {
    let terms: Vec<String> = tokens(text, 99).into_iter().map(|token| token.term).collect();
    assert_eq!(terms, expected, "{text:?}");
}

#[test]
fn words_are_folded_and_stemmed() {
    check("Décorators, GENERATORS; and the GIL.", &["decor", "generat", "and", "the", "gil"]);
    check("Cafe\u{301} Straße", &["cafe", "strass"]);
    check("", &[]);
    check("... _ ?! __ ._. - -- ' #", &[]);
    check("Привет мир", &["привет", "мир"]);
}

#[test]
fn names_are_found_by_part_and_whole() {
    check("__init__", &["__init__", "init"]);
    check("call my_func.", &["call", "my_func", "my", "func"]);
    check("see np.array... and ...", &["see", "np.array", "np", "array", "and"]);
    check("3.12", &["3.12", "3", "12"]);
    check("wait...what", &["wait", "what"]);
    check("ASP.NET, .NET .map", &["asp.net", "asp", "net", ".net", "net", "map"]);
}

#[test]
fn capitals_begin_parts() {
    check("DataFrame", &["datafram", "data", "frame"]);
    check("HTTPServer2", &["httpserver2", "http", "server2"]);
    check("pd.DataFrame", &["pd.datafram", "pd", "datafram", "data", "frame"]);
    check("GPUs iPhone OAuth NASA H2O utf8", &["gpus", "iphon", "oauth", "nasa", "h2o", "utf8"]);
}

#[test]
fn languages_keep_their_symbols() {
    check("C++ and C#, C++17; F#.", &["c++", "and", "c#", "c++", "17", "f#"]);
    check("C++-style obj-c++", &["c++", "style", "obj", "c++"]);
    check("count++ a++b c#d #tag page#part", &["count", "a", "b", "c", "d", "tag", "page", "part"]);
}

#[test]
fn hyphens_and_apostrophes_join() {
    check("an f-string", &["an", "fstring", "f", "string"]);
    check("copy\u{2011}on-write", &["copyonwrit", "copi", "on", "write"]);
    check("--no-verify well- 2024-05-06", &["noverifi", "no", "verifi", "well", "2024", "05", "06"]);
    check("a-b-c-d-e", &["a", "b", "c", "d", "e"]);
    check("isn't Python\u{2019}s 'quoted' they'll", &["isnt", "python", "quot", "they"]);
    check("O'Brien rock'n'roll", &["obrien", "o", "brien", "rock", "n", "roll"]);
}

#[test]
fn numbers_stand_apart_from_their_units() {
    check("10kg 3pm 5 GB", &["10kg", "10", "kg", "3pm", "3", "pm", "5", "gb"]);
    check("1.5l", &["1.5l", "1.5", "1", "5", "l"]);
    check("2nd 1st 3D h2o 10-kg 5V", &["2nd", "1st", "3d", "h2o", "10kg", "10", "kg", "5v", "5", "v"]);
    check("GLP-1R", &["glp1r", "glp", "1r"]);
    check("1,200 and 1'200 and 1\u{a0}200 and 1200", &["1200", "and", "1200", "and", "1200", "and", "1200"]);
    check("8f1c 3,4 12:30", &["8f1c", "3", "4", "12", "30"]);
}

#[test]
fn initials_have_no_dots() {
    check("The E.U. and the U.S.A.", &["the", "eu", "and", "the", "usa"]);
    check("Her Ph.D., his PhD; an M.Sc.", &["her", "phd", "his", "phd", "an", "msc"]);
    check("3 p.m. e.g. J. K. Rowling", &["3", "pm", "eg", "jk", "rowl"]);
    check("a.b node.js", &["a.b", "a", "b", "node.j", "node", "js"]);
}

#[test]
fn scripts_without_blanks_have_pairs() {
    check("用番茄钟写Rust", &["用番", "番茄", "茄钟", "钟写", "rust"]);
    check("猫 and 김치찌개", &["猫", "and", "김치", "치찌", "찌개"]);
    let mut terms = Vec::new();
    each("番茄钟x", Side::Index, |token| {
        terms.push((token.term, token.position));
        true
    });
    let expected = [("番茄", 0), ("番", 0), ("茄钟", 1), ("茄", 1), ("钟", 2), ("x", 3)];
    assert_eq!(terms, expected.map(|(term, position)| (term.to_owned(), position)));
}

#[test]
fn symbols_take_no_position() {
    check("a => b 🔥🔥 - c", &["a", "=>", "b", "🔥", "🔥", "c"]);
    check("what does `$?` do, and ->?", &["what", "doe", "$?", "do", "and", "->"]);
    check("- [ ] x\n| a | b |\n|---|---|\n## y --z", &["x", "a", "b", "y", "z"]);
}

#[test]
fn what_is_joined_has_both_parts_in_an_index() {
    let terms = |side| {
        let mut terms = Vec::new();
        each("the commit\u{2060}tee met", side, |token| {
            terms.push((token.word, token.position));
            true
        });
        terms
    };
    let owned =
        |terms: &[(&str, usize)]| terms.iter().map(|&(term, at)| (term.to_owned(), at)).collect::<Vec<_>>();
    assert_eq!(
        terms(Side::Index),
        owned(&[("the", 0), ("committee", 1), ("commit", 1), ("tee", 2), ("met", 2)])
    );
    assert_eq!(terms(Side::Question), owned(&[("the", 0), ("committee", 1), ("met", 2)]));
}

#[test]
fn parts_take_positions_and_wholes_none() {
    let placed = |text: &str| -> Vec<(usize, usize)> {
        tokens(text, 99).iter().map(|token| (token.position, token.length)).collect()
    };
    assert_eq!(placed("a my_func b"), [(0, 1), (1, 2), (1, 1), (2, 1), (3, 1)]);
    assert_eq!(placed("__init__ f-string"), [(0, 1), (0, 1), (1, 2), (1, 1), (2, 1)]);
    let parts: Vec<bool> = tokens("__init__ x DataFrame", 99).iter().map(|token| token.part).collect();
    assert_eq!(parts, [false, true, false, false, true, true]);
}

#[test]
fn terms_are_bounded_and_never_huge() {
    assert_eq!(tokens("a b a c d", 3).len(), 3);
    check(&"x".repeat(1_000_000), &[]);
    for many in ["x.", "x-", "x'", "xY", "x_", "c++"] {
        assert!(tokens(&many.repeat(100_000), usize::MAX).iter().all(|token| token.term.len() <= 4));
    }
}

proptest! {
    #[test]
    fn any_text_has_terms_in_order(text in "[a-zA-Z0-9_.'+#é\u{301} \u{2019}-]{0,60}|\\PC{0,60}") {
        let tokens = tokens(&text, usize::MAX);
        prop_assert!(tokens.is_sorted_by_key(|token| token.position));
        prop_assert!(tokens.iter().all(|token| !token.term.is_empty()));
    }
}

#[test]
fn words_of_another_language_have_its_stems() {
    let terms = |language, text: &str| {
        let mut terms = Vec::new();
        each(text, Side::Index, |token| {
            terms.push(token.term_in(language).into_owned());
            true
        });
        terms
    };
    assert_eq!(
        terms(Language::German, "Häuser der DataFrames"),
        ["haus@de", "der@de", "datafram@de", "data@de", "fram@de"]
    );
    assert_eq!(
        terms(Language::German, "np.array x86 10kg C++"),
        ["np.array", "np@de", "array@de", "x86", "10kg", "10", "kg@de", "c++"]
    );
    assert_eq!(
        terms(Language::French, "l'eau, aujourd’hui"),
        ["leau@fr", "l@fr", "eau@fr", "aujourdhui@fr", "aujourd@fr", "hui@fr"]
    );
    assert_eq!(terms(Language::Russian, "книгами Docker"), ["книг@ru", "docker"]);
    assert_eq!(terms(Language::Chinese, "旧书"), terms(Language::English, "旧书"));
    assert_eq!(terms(Language::English, "Häuser"), ["hauser"]);
    assert_eq!(parts_of("haus@de"), ("haus", Some("de")));
    assert_eq!(parts_of("haus"), ("haus", None));
}

proptest! {
    #[test]
    fn an_index_has_the_terms_of_the_language(text in "\\PC{0,30}|[a-zäöü '._-]{0,30}|[а-я @\u{2}]{0,30}", number in 0..32usize) {
        let language = Language::all().nth(number).unwrap();
        let mut expected = Vec::new();
        each(&text, Side::Index, |token| {
            expected.push((token.term_in(language).into_owned(), token.position));
            true
        });
        let mut analyzer = analyzer();
        let tagged = tagged(language, Cow::Borrowed(&text));
        let mut stream = analyzer.token_stream(&tagged);
        let mut found = Vec::new();
        while stream.advance() {
            found.push((stream.token().text.clone(), stream.token().position));
        }
        prop_assert_eq!(found, expected);
    }
}

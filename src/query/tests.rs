use proptest::prelude::*;

use super::*;

/// A question asked at the end of March.
fn parse(question: &str) -> Query {
    Query::parse(question, Day::of(1_711_843_200))
}

/// Checks text, what is required and what is excluded, as printed.
fn check(question: &str, text: &str, required: &[&str], excluded: &[&str]) {
    let query = parse(question);
    let printed = |clauses: &[Clause]| clauses.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(query.text, text, "{question}");
    assert_eq!(printed(&query.required), required, "{question}");
    assert_eq!(printed(&query.excluded), excluded, "{question}");
}

#[test]
fn text_remains_as_it_is() {
    for text in [
        "what is the  GIL?",
        "a - b",
        "non-empty",
        "what is -1 % 5",
        "git push --force",
        "ls -l",
        "`rm -rf`",
        "use std::vec or http://x.org/a:b",
        "note: this, Title: that, tag:",
        "before:breakfast, since:when? since:2024-02-30 since:",
        "a 5\" pipe",
        "an \"unbalanced quote",
        "\"?!\"",
        "-alone",
        "-alone -\"two words\"",
        " - ",
        "",
        "java -jar app.jar",
        "find . -type f -name x",
        "- apples\n- pears",
        "what of this?\n-apples\n-pears",
        "cats OR dogs",
        "TO BE OR NOT TO BE",
        "status:blocked at 10:30 of TypeError:x localhost:8080",
        "joi* and char* and **kwargs",
        "file:///etc/hosts",
    ] {
        check(text, text, &[], &[]);
    }
}

#[test]
fn operators_are_understood() {
    check("a \"b c\" d", "a b c d", &["\"b c\""], &[]);
    check("“b c”?", "b c?", &["\"b c\""], &[]);
    check("a -bc -\"d e\", f", "a , f", &[], &["\"bc\"", "\"d e\""]);
    check("owls -snake_case?", "owls ?", &[], &["\"snake_case\""]);
    check("tag:#x path:\"a b/**\" owls", "owls", &["tag:#x", "path:\"a b/**\""], &[]);
    check("tags:x file:a.md owls", "owls", &["tag:x", "path:a.md"], &[]);
    check("title:owl title:\"two words\" x", "x", &["title:owl", "title:\"two words\""], &[]);
    check("x -tag:a -path:b/* -title:c", "x", &[], &["tag:a", "path:b/*", "title:c"]);
    check("owls since:2024 before:2024-06?", "owls", &["since:2024-01-01", "before:2024-06-01"], &[]);
    check("owls since:yesterday -before:1m", "owls", &["since:2024-03-30"], &["before:2024-02-29"]);
    check("tag:python", "", &["tag:python"], &[]);
    check("tag:python -snakes", "", &["tag:python"], &["\"snakes\""]);
    check("-tag:python", "", &[], &["tag:python"]);
    check("python -snakes", "python", &[], &["\"snakes\""]);
    check("jaguar -car", "jaguar", &[], &["\"car\""]);
    check("apple -fruit recipes", "apple recipes", &[], &["\"fruit\""]);
    check("-a1 -bc", "-a1 -bc", &[], &[]);
    check("(\"b\")", "(b)", &["\"b\""], &[]);
}

#[test]
fn either_of_two_clauses_will_do() {
    check("\"b c\" OR \"d e\"", "b c d e", &["\"b c\" OR \"d e\""], &[]);
    check("tag:a OR tag:b OR path:c owls", "owls", &["tag:a OR tag:b OR path:c"], &[]);
    check("big cats OR \"d e\" f", "big cats d e f", &["\"cats\" OR \"d e\""], &[]);
    check("\"d e\" OR cats meow", "d e cats meow", &["\"d e\" OR \"cats\""], &[]);
    check("-tag:a OR tag:b x", "x", &["tag:b"], &["tag:a"]);
    check("OR tag:a x OR", "x", &["tag:a"], &[]);
}

#[test]
fn what_only_notes_can_tell_is_text_until_they_do() {
    let query = parse("owls status:blocked -author:\"Le Guin\" joi* note: x");
    let doubts: Vec<String> = query.doubts().map(ToString::to_string).collect();
    assert_eq!(doubts, ["status:blocked", "author:\"Le Guin\"", "joi*"]);
    let query = query.settled(|clause| matches!(clause, Clause::Property { .. }));
    assert_eq!(query.text, "owls joi* note: x");
    assert_eq!(query.required[0].to_string(), "status:blocked");
    assert_eq!(query.excluded[0].to_string(), "author:\"Le Guin\"");
    assert_eq!(query.clone().settled(|_| false), query, "what is settled remains so");
}

#[test]
fn a_dash_can_be_given_back() {
    let query = parse("java -island -coffee");
    let dashed: Vec<(&str, bool)> = query.dashed().map(|it| (it.typed, it.behind_command)).collect();
    assert_eq!(dashed, [("-island", true), ("-coffee", true)]);
    let query = query.with_text(|typed| typed == "-island");
    assert_eq!((&*query.text, query.excluded.len()), ("java -island", 1));
    assert_eq!((query.doubts().count(), query.clone().settled(|_| true)), (0, query));
    assert!(parse("-snakes").only_excludes() && !parse("python -snakes").only_excludes());
    assert!(!parse("-snakes").with_text(|_| true).only_excludes());
    assert!(parse("tag:a ?").is_silent() && !parse("tag:a 🔥").is_silent());
}

/// Whether it would have to be printed with another kind of quotation marks.
fn has_marks(clause: &Clause) -> bool {
    match clause {
        Clause::Phrase(value) | Clause::Title(value) | Clause::Tag(value) | Clause::Path(value) => {
            value.contains(['"', '\u{201c}', '\u{201d}', '\u{201e}'])
        }
        Clause::Property { key, value } => {
            key.is_empty() || value.contains(['"', '\u{201c}', '\u{201d}', '\u{201e}'])
        }
        Clause::Any(clauses) => clauses.iter().any(has_marks),
        Clause::Prefix(_) | Clause::Since(_) | Clause::Before(_) => false,
    }
}

proptest! {
    #[test]
    fn any_text_is_a_question(question in "[-a-c\"“”:` \n()éx]{0,40}|(-?(tag:|path:|since:|\"|`| )?[1-2a-d ]{0,3}){0,9}|\\PC*") {
        let query = parse(&question);
        if query.demands_nothing() {
            prop_assert_eq!(query.text, question);
        } else {
            // What was typed as an operator means the same alone, beside something to look for.
            for (clauses, sign) in [(&query.required, ""), (&query.excluded, "-")] {
                for clause in clauses.iter().filter(|clause| !has_marks(clause)) {
                    let again = parse(&format!("x {sign}{clause}"));
                    let found = if sign.is_empty() { &again.required } else { &again.excluded };
                    prop_assert_eq!(found, &vec![clause.clone()]);
                }
            }
        }
    }
}

#[test]
fn long_questions_take_linear_time() {
    for piece in ["\"a ", "` ", "-a", "-\"", " path:", " since:", " -ab", "“ ", "(-", "(-ab", "(tag:a"] {
        parse(&piece.repeat(300_000));
    }
}

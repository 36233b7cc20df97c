//! What can be typed in a question: phrases, exclusions, fields, names, typos.

use std::time::{SystemTime, UNIX_EPOCH};

use qsearch::calendar::Day;
use serde_json::Value;

use crate::support::{BREAD, LOCK, Vault};

fn vault() -> Vault {
    Vault::indexed(&[
        ("python/gil.md", &format!("---\ntags: [python, threads]\n---\n{LOCK}")),
        (
            "python/names.md",
            "# Names\n\nCall __init__ with a DataFrame, then np.array of snake_case items.\n",
        ),
        ("python/text.md", "# Text\n\nAn f-string formats values in place. A decorator wraps a function.\n"),
        ("cpp/move.md", "# Moving\n\nIn C++ a moved object is left valid; in C it is copied.\n"),
        ("cpp/plain.md", "# Plain\n\nIn C a struct is copied by value.\n"),
        ("kitchen/bread.md", &format!("---\ntitle: Baking at home\ntags: [food]\n---\n{BREAD}")),
        ("kitchen/cafe.md", "# Café\n\nThe crème brûlée of the café in Zürich.\n"),
        (
            "kitchen/soup.md",
            "---\ntags: food\n---\n# Soup\n\nBoil the leeks, then bake some bread beside it.\n",
        ),
    ])
}

/// The paths of all that a question finds, sorted.
#[track_caller]
fn found(vault: &Vault, question: &str) -> Vec<String> {
    let run = vault.run(&["search", "--json", "-n", "50", "--", question]);
    assert!(run.status <= 1, "{run:?}");
    let results: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut paths: Vec<String> =
        results.as_array().unwrap().iter().map(|hit| hit["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    paths.dedup();
    paths
}

#[test]
fn phrases_must_be_there() {
    let vault = vault();
    for (question, path) in [
        ("\"sourdough starter twice\"", "kitchen/bread.md"),
        ("what to do with \"the leeks then\"", "kitchen/soup.md"),
        ("“one thread at a time”", "python/gil.md"),
        ("\"array of snake_case\" names", "python/names.md"),
        ("\"a data frame then\"", "python/names.md"),
        ("\"with a DataFrame\"", "python/names.md"),
        ("\"fstring\"", "python/text.md"),
    ] {
        assert_eq!(found(&vault, question), [path], "{question}");
    }
    assert!(found(&vault, "\"starter sourdough\"").is_empty());
    // In a sentence it may be a quotation.
    assert!(!found(&vault, "what does \"starter sourdough\" mean").is_empty());
    vault
        .run(&["ask", "\"starter sourdough\" bread"])
        .expect(1)
        .says("no passage in the index fits \"starter");
    assert_eq!(vault.ask("\"sourdough starter\" bread")["answered"], true);
}

#[test]
fn what_is_excluded_is_not_found() {
    let vault = vault();
    assert_eq!(found(&vault, "bread path:kitchen -sourdough"), ["kitchen/cafe.md", "kitchen/soup.md"]);
    assert_eq!(found(&vault, "bread path:kitchen -\"bake some\" -tag:nothing").len(), 2);
    assert_eq!(found(&vault, "bread -tag:food -path:python -path:cpp/**"), ["kitchen/cafe.md"]);
    assert_eq!(found(&vault, "bread tag:food -title:baking"), ["kitchen/soup.md"]);
    let all = found(&vault, "bread");
    for text in ["bread - sourdough", "what is bread -1", "non-sourdough bread", "`x -sourdough` bread"] {
        assert_eq!(found(&vault, text), all, "{text}");
    }
}

#[test]
fn fields_say_where_to_look() {
    let vault = vault();
    assert_eq!(found(&vault, "tag:food bread"), ["kitchen/bread.md", "kitchen/soup.md"]);
    assert_eq!(found(&vault, "tag:#Python tag:threads bread"), ["python/gil.md"]);
    assert_eq!(found(&vault, "path:cpp/* value"), ["cpp/move.md", "cpp/plain.md"]);
    assert_eq!(found(&vault, "path:cpp path:kitchen/s* value").len(), 3);
    assert_eq!(found(&vault, "title:\"baking at home\" bread"), ["kitchen/bread.md"]);
    let run = vault.run(&["search", "--path", "kitchen", "path:**/c*.md crème brûlée"]).expect(0);
    assert!(run.stdout.lines().all(|line| line.contains("cafe.md")), "{}", run.stdout);
    vault.run(&["ask", "tag:food"]).expect(2).says("says where to look, but not what for").says("hint:");
    vault.run(&["search", "tag:nothing bread"]).expect(1).says("no passage in the index fits tag:nothing");
    vault.run(&["ask", "path:a[ bread"]).expect(2).says("isn't a glob").says("hint:");
}

/// A day so many days ago, as it is written.
fn days_ago(days: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Day::of(now - days * 86_400).to_string()
}

#[test]
fn dates_say_where_to_look() {
    let recent = format!("standup/{}-standup.md", days_ago(3));
    let vault = Vault::indexed(&[
        ("old.md", &format!("---\ndate: 2023-12-31\n---\n{BREAD}")),
        ("journal/2024-03-07 walk.md", "# Walk\n\nA walk to the bakery for bread.\n"),
        ("20240601.md", "We tried the new bread.\n"),
        // Its own word about its date goes before its name's.
        ("2022-01-01.md", "---\ncreated: 2024-06-30\n---\nBread again.\n"),
        (&recent, "# Standup\n\nNobody brought bread.\n"),
        ("undated.md", "# Bread\n\nBread of no day at all.\n"),
    ]);
    let dated = ["2022-01-01.md", "20240601.md", "journal/2024-03-07 walk.md", "old.md", &recent];
    let check = |question: &str, expected: &[&str]| {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found(&vault, question), expected, "{question}");
    };
    check("bread since:1900", &dated);
    check("bread before:2024-03-07", &["old.md"]);
    check("bread since:2024-03-07 before:2024-06-30", &["journal/2024-03-07 walk.md", "20240601.md"]);
    check("bread since:2024 before:2025 path:journal", &["journal/2024-03-07 walk.md"]);
    check("bread since:2024-06 before:2024-06", &[]);
    check("bread since:2025 before:2024", &[]);
    check("bread since:1w", &[&recent]);
    check(&format!("bread before:today since:{}", days_ago(3)), &[&recent]);
    check("bread -since:2024", &["old.md", "undated.md"]);
    check("bread -since:1900 -before:1900", &["undated.md"]);
    for (flags, expected) in [
        (&["--since", "2024-06", "--before", "2025"][..], &["2022-01-01.md", "20240601.md"][..]),
        (&["--since", "7d"], &[&recent]),
        (&["--before", "2024-01-01", "-n", "1"], &["old.md"]),
    ] {
        let run = vault.run(&[&["search", "--json", "bread"], flags].concat()).expect(0);
        let results: Value = serde_json::from_str(&run.stdout).unwrap();
        let mut paths: Vec<&str> =
            results.as_array().unwrap().iter().map(|hit| hit["path"].as_str().unwrap()).collect();
        paths.sort_unstable();
        assert_eq!(paths, expected, "{flags:?}");
    }
    let run = vault.run(&["get", "--json", "notes/20240601.md"]).expect(0);
    assert!(run.stdout.contains(r#""date":"2024-06-01""#), "{}", run.stdout);
    vault.run(&["ask", "--before", "1999", "bread"]).expect(1).says("--before; notes without a date");
    vault
        .run(&["ask", "--tag", "x", "-n", "2", "bread since:1y"])
        .expect(1)
        .says("fits since:")
        .says("--tag");
    vault.run(&["ask", "--since", "2024-02-30", "bread"]).expect(2).says("2024-02-30").says("not a day");
}

#[test]
fn names_and_words_are_found_as_people_type_them() {
    let vault = vault();
    for (question, path) in [
        ("C++", "cpp/move.md"),
        ("f-string", "python/text.md"),
        ("fstring", "python/text.md"),
        ("DataFrame", "python/names.md"),
        ("dataframes", "python/names.md"),
        ("data frame", "python/names.md"),
        ("__init__", "python/names.md"),
        ("np.array", "python/names.md"),
        ("creme brulee", "kitchen/cafe.md"),
        ("cre\u{300}me bru\u{302}le\u{301}e", "kitchen/cafe.md"),
    ] {
        let signals = &vault.ask(question)["results"][0];
        assert_eq!(
            (&signals["path"], &signals["signals"]["lexical_rank"]),
            (&path.into(), &1.into()),
            "{question}"
        );
    }
}

#[test]
fn a_typo_finds_what_was_meant() {
    let vault = vault();
    for (typo, path) in
        [("decoratr", "python/text.md"), ("bytecdoe", "python/gil.md"), ("sourduogh", "kitchen/bread.md")]
    {
        let reply = vault.ask(typo);
        let mut hits = reply["results"].as_array().unwrap().iter();
        let first = hits.find(|hit| hit["signals"]["lexical_rank"] == 1);
        assert_eq!(first.unwrap_or(&Value::Null)["path"], path, "{typo}");
    }
}

//! What there is: filters without words, `notes`, `tags`, properties, `help syntax`.

use serde_json::Value;

use crate::support::{BREAD, LOCK, Vault};

fn vault() -> Vault {
    Vault::indexed(&[
        (
            "2024-05-01 sync.md",
            "---\ntags: [meeting, project/atlas]\nstatus: blocked\npeople: [Kim Larsen, Jo]\n---\nThe budget of Atlas.\n",
        ),
        ("2024-05-09 sync.md", "---\ntags: [Meeting]\nstatus: done\n---\nThe budget is fine.\n"),
        (
            "book.md",
            "---\ntitle: The Dispossessed\nauthor: Ursula K. Le Guin\nrating: 4.5\ntags: [project]\n---\nAn anarchist moon.\n",
        ),
        ("bread.md", BREAD),
        ("deep/lock.md", LOCK),
        ("join.md", "We are joining the join of two tables.\n"),
    ])
}

/// The paths that are listed, in their order.
#[track_caller]
fn listed(vault: &Vault, arguments: &[&str]) -> Vec<String> {
    let run = vault.run(&[&arguments[..1], &["--json"], &arguments[1..]].concat());
    assert!(run.status <= 1, "{run:?}");
    let notes: Value = serde_json::from_str(&run.stdout).unwrap();
    notes.as_array().unwrap().iter().map(|note| note["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn filters_alone_list_notes_with_the_newest_first() {
    let vault = vault();
    let meetings = ["2024-05-09 sync.md", "2024-05-01 sync.md"];
    for command in ["search", "notes"] {
        assert_eq!(listed(&vault, &[command, "tag:meeting"]), meetings, "{command}");
        assert_eq!(listed(&vault, &[command, "--tag", "meeting"]), meetings, "{command}");
        assert_eq!(listed(&vault, &[command, "tag:meeting before:2024-05-02"]), meetings[1..], "{command}");
        assert_eq!(listed(&vault, &[command, "path:deep"]), ["deep/lock.md"], "{command}");
        assert!(listed(&vault, &[command, "tag:nothing"]).is_empty(), "{command}");
    }
    let all = listed(&vault, &["notes"]);
    assert_eq!(all, [&meetings[..], &["book.md", "bread.md", "deep/lock.md", "join.md"]].concat());
    vault.run(&["search", "tag:meeting"]).expect(0).shows("2024-05-09  ").shows("sync.md");
    vault.run(&["search", "tag:nothing"]).expect(1).says("no passage in the index fits tag:nothing");
    vault.run(&["notes", "budget"]).expect(2).says("isn't a filter").says("`qsearch search 'budget'`");
    vault.run(&["search"]).expect(2);
}

#[test]
fn a_tag_finds_those_below_it() {
    let vault = vault();
    assert_eq!(listed(&vault, &["notes", "tag:project"]), ["2024-05-01 sync.md", "book.md"]);
    assert_eq!(listed(&vault, &["search", "--tag", "#Project", "atlas"]).len(), 2);
    assert_eq!(listed(&vault, &["notes", "tag:project/*"]), ["2024-05-01 sync.md"]);
    assert_eq!(listed(&vault, &["notes", "tag:meeting -tag:project"]), ["2024-05-09 sync.md"]);
    assert_eq!(listed(&vault, &["notes", "tag:meeting OR tag:project"]).len(), 3);
}

#[test]
fn properties_are_filters_if_any_note_has_them() {
    let vault = vault();
    for (filter, expected) in [
        ("status:blocked", &["2024-05-01 sync.md"][..]),
        ("status:Done", &["2024-05-09 sync.md"]),
        ("-status:done tag:meeting", &["2024-05-01 sync.md"]),
        ("author:\"Le Guin\"", &["book.md"]),
        ("author:guin", &["book.md"]),
        ("rating:4.5", &["book.md"]),
        ("people:kim", &["2024-05-01 sync.md"]),
        ("people:nobody", &[]),
    ] {
        assert_eq!(listed(&vault, &["notes", "--", filter]), expected, "{filter}");
    }
    let found = listed(&vault, &["search", "the budget status:done"]);
    assert_eq!(found, ["2024-05-09 sync.md"]);
    // No note has such keys: all of it is text.
    for text in ["note:budget", "std::vec budget", "TypeError:budget", "budget at 10:30", "http://budget.org"]
    {
        assert!(listed(&vault, &["search", text]).len() > 1, "{text}");
    }
}

#[test]
fn a_beginning_finds_words() {
    let vault = vault();
    assert_eq!(listed(&vault, &["search", "tables joi*"]), ["join.md"]);
    assert!(listed(&vault, &["search", "budget xyzzy*"]).len() > 1);
}

#[test]
fn tags_are_counted() {
    let vault = vault();
    let run = vault.run(&["tags"]).expect(0);
    assert!(run.stdout.starts_with("     2  "), "{}", run.stdout);
    let run = vault.run(&["tags", "--json", "since:2024"]).expect(0);
    let tags: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(tags.as_array().unwrap().len(), 2, "{tags}");
    assert_eq!((&tags[1]["tag"], &tags[1]["notes"]), (&"project/atlas".into(), &1.into()));
    vault.run(&["tags", "path:bread.md"]).expect(1);
}

#[test]
fn help_tells_what_is_understood() {
    let vault = vault();
    vault.run(&["help", "syntax"]).expect(0).shows("`tag:work`").shows("in a note");
    vault.run(&["help", "ask"]).expect(0).shows("--sources");
    vault.run(&["help"]).expect(0).shows("qsearch ask what is the GIL");
    vault.run(&["help", "nothing"]).expect(2).says("`qsearch help`");
}

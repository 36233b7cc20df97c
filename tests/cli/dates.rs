//! Dates in questions: notes of that date come first, and nothing else is lost.

use std::time::{SystemTime, UNIX_EPOCH};

use qsearch::calendar::Day;

use crate::support::Vault;

/// A day so many days ago by UTC, which the program is told to go by.
fn days_ago(days: u64) -> Day {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Day::of(now - days * 86_400)
}

/// The path of the first source of a question.
#[track_caller]
fn first(vault: &Vault, question: &str) -> String {
    let mut command = vault.command();
    let run = crate::support::finish(command.env("TZ", "UTC").args(["search", "--json", "--", question]));
    let hits: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    hits[0]["path"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn notes_of_the_date_come_first() {
    let journal = [1, 20, 400].map(|days| format!("journal/{}.md", days_ago(days)));
    let vault = Vault::indexed(&[
        (&journal[0], "Went to the dentist and bought blue paint.\n"),
        (&journal[1], "Met Kim for lunch at the harbour.\n"),
        (&journal[2], "Ran ten kilometres in the rain.\n"),
        ("journal/2023-09-12.md", "The committee met about the schema.\n"),
        ("journal/2021-03-14.md", "Moved to the flat in Oslo.\n"),
        (
            "november.md",
            "# November\n\nWhat I did in November and yesterday is what I do each week: nothing.\n",
        ),
        ("schema.md", "# Schema\n\nThe schema of the database has nine tables.\n"),
    ]);
    for (question, path) in [
        ("what did I do yesterday", &*journal[0]),
        ("what happened 20 days ago", &journal[1]),
        (&format!("what did I do on {}", days_ago(400)), &journal[2]),
        ("what was decided on 12 September 2023", "journal/2023-09-12.md"),
        ("schema September 2023", "journal/2023-09-12.md"),
        ("what happened in 2021", "journal/2021-03-14.md"),
        // No note has that date: the words decide.
        ("how many tables did the schema have in March 2019", "schema.md"),
    ] {
        assert_eq!(first(&vault, question), path, "{question}");
    }
    let reply = vault.ask("what was decided on 12 September 2023");
    assert_eq!(reply["answered"], true, "{reply}");
    let run = vault.run(&["ask", "when did the committee meet about the schema"]).expect(0);
    assert!(run.stdout.contains("2023-09-12"), "{}", run.stdout);
}

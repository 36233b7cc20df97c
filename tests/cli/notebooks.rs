//! Notebooks: what is found in a cell is cited by the cell, and opened there.

use serde_json::{Value, json};

use crate::support::{LOCK, Vault};

/// A notebook of these cells: their kinds and sources.
fn notebook(cells: &[(&str, &str)]) -> String {
    let cell = |(kind, source): &(&str, &str)| {
        let output =
            json!({"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo=".repeat(5000)}});
        match *kind {
            "code" => json!({"cell_type": kind, "source": source, "metadata": {}, "outputs": [output]}),
            _ => json!({"cell_type": kind, "source": [source], "metadata": {}}),
        }
    };
    let cells: Vec<Value> = cells.iter().map(cell).collect();
    json!({"cells": cells, "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4, "nbformat_minor": 5}).to_string()
}

const CELLS: [(&str, &str); 6] = [
    ("markdown", "# Marmots\n\nCounts of the marmots in our valleys."),
    ("code", "import numpy as np\ncounts = np.array([3, 5, 8])"),
    ("markdown", "## How are marmots counted?\n\nFrom the ridge, at dawn, with a telescope."),
    ("markdown", "## Results\n\nThe mean is five and a third marmots to a valley."),
    ("code", "def mean_of_marmots(counts):\n    return counts.mean()"),
    ("markdown", "## Errors\n\nMarmots that sleep in their burrows are missed."),
];

#[test]
fn cells_are_cited_opened_and_noticed_when_they_change() {
    let vault = Vault::new();
    vault.write("lock.md", LOCK);
    vault.write("deep/run.ipynb", notebook(&CELLS));
    vault.run(&["index", "notes"]).expect(0).says("2 files");
    let reply = vault.ask("how are marmots counted");
    let best = &reply["results"][0];
    assert_eq!((&best["path"], &best["stale"]), (&json!("deep/run.ipynb"), &json!(false)));
    assert_eq!(best["place"]["text"], "cell3");
    assert_eq!(
        best["place"]["first"],
        json!({"kind": "cell", "number": 3, "last": null, "label": null, "href": null})
    );
    assert_eq!(reply["answer"]["parts"][0]["place"]["text"], "cell3");
    assert!(reply["answer"]["text"].as_str().unwrap().contains("From the ridge, at dawn"));
    let page = vault.run(&["ask", "how are marmots counted"]).expect(0).stdout;
    assert!(page.contains("[1] notes/deep/run.ipynb:cell3"), "{page}");
    assert!(vault.ask("what is the lock")["results"][0].get("place").is_none());

    vault.run(&["get", "notes/deep/run.ipynb:cell3"]).expect(0).shows("with a telescope");
    let got: Value =
        serde_json::from_str(&vault.run(&["get", "--json", "run.ipynb:cell5"]).expect(0).stdout).unwrap();
    assert!(got["passages"][0]["text"].as_str().unwrap().contains("def mean_of_marmots"));
    vault.run(&["get", "run.ipynb"]).expect(0).shows("burrows");
    vault.run(&["get", "run.ipynb:cell9"]).expect(2).says("touches cell9").says("`deep/run.ipynb:cell1`");
    vault.run(&["get", "lock.md:cell1"]).expect(2).says("cell1 isn't a line of lock.md");
    let images = vault.run(&["search", "iVBORw0KGgo", "--json"]);
    assert!(!images.stdout.contains("iVBORw0KGgo="), "images aren't text");

    let mut cells = CELLS;
    cells[5].1 = "## Errors\n\nNone.";
    vault.write("deep/run.ipynb", notebook(&cells));
    assert_eq!(vault.ask("how are marmots counted")["results"][0]["stale"], true);
    vault.run(&["index"]).expect(0).says("1 changed");
    assert_eq!(vault.ask("how are marmots counted")["results"][0]["stale"], false);
    vault.run(&["check"]).expect(0);
}

#[test]
fn damaged_notebooks_are_named_and_skipped() {
    let vault = Vault::new();
    vault.write("good.ipynb", notebook(&CELLS));
    vault.write("cut.ipynb", &notebook(&CELLS)[..300]);
    vault.write("empty.ipynb", "");
    vault.write("list.ipynb", "[1, 2]");
    vault.write("old.ipynb", r#"{"nbformat": 1, "worksheets": []}"#);
    vault.write(
        "deep.ipynb",
        format!(r#"{{"nbformat": 4, "cells": [{{"cell_type": "raw", "source": {}"#, "[".repeat(1_000_000)),
    );
    vault.write("binary.ipynb", b"PK\x03\x04 is no notebook");
    let run = vault.run(&["index", "notes"]).expect(0).says("1 file");
    for name in ["cut", "empty", "list", "old", "deep"] {
        assert!(run.stderr.contains(&format!("notes/{name}.ipynb")), "{name}: {}", run.stderr);
    }
    let run = run.says("it can't be read as a Jupyter notebook").says("format 1; 2 to 4 can be read");
    run.says("notes/binary.ipynb");
    assert_eq!(vault.totals().0, 1);
    let status: Value = serde_json::from_str(&vault.run(&["status", "--json"]).expect(0).stdout).unwrap();
    assert_eq!((&status["new"], &status["stale"]), (&json!([]), &json!(false)));
    // One that is damaged later isn't in the index any more.
    vault.write("good.ipynb", "{");
    vault.run(&["index"]).expect(0).says("(1 removed)").says("notes/good.ipynb");
    assert_eq!(vault.totals().0, 0);
}

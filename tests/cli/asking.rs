//! Questions and what comes back: the answer, its sources, JSON, and filters.

use serde_json::Value;

use crate::support::{BREAD, LOCK, Vault, finish};

fn cooking() -> Vault {
    Vault::indexed(&[
        ("python/gil.md", &format!("---\ntags: [python, threads]\ndate: 2024-05-06\n---\n{LOCK}")),
        ("kitchen/bread.md", &format!("---\ntitle: Baking\ntags: [food, bread]\n---\n{BREAD}")),
        (
            "kitchen/soup.md",
            "---\ntags: food\n---\n# Soup\n\nBoil the leeks, then bake some bread beside it.\n",
        ),
    ])
}

#[test]
fn an_answer_comes_with_its_sources() {
    let run = cooking().run(&["ask", "what", "is", "the", "GIL"]).expect(0);
    assert!(
        run.stdout.starts_with("A mutex in CPython: one thread at a time runs bytecode."),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("[1] notes/python/gil.md:7  What is the GIL?  "), "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn an_empty_note_is_found_by_its_name() {
    let vault = Vault::indexed(&[
        ("bread.md", BREAD),
        ("Project Nightingale.md", ""),
        ("Call Anna.md", "---\n---\n"),
        ("Call Hanna.md", " \n"),
    ]);
    let run = vault.run(&["ask", "nightingale"]).expect(0);
    assert!(run.stdout.starts_with("Project Nightingale (the note is empty)\n"), "{}", run.stdout);
    assert!(run.stdout.contains("[1] notes/Project Nightingale.md:1"), "{}", run.stdout);
    let reply = vault.ask("nightingale");
    assert_eq!((&reply["answered"], &reply["answer"]["text"]), (&true.into(), &"".into()), "{reply}");
    let source = &reply["results"][0];
    assert_eq!(source["heading"], serde_json::json!(["Project Nightingale"]));
    assert_eq!(
        (&source["text"], &source["stale"], &source["first_line"]),
        (&"".into(), &false.into(), &1.into())
    );
    assert_eq!(vault.first_path("call anna"), "Call Anna.md");
    assert!(
        reply["results"]
            .as_array()
            .unwrap()
            .iter()
            .all(|source| source["also_in"].as_array().is_none_or(Vec::is_empty))
    );
    vault.run(&["search", "nightingale"]).expect(0).shows("Project Nightingale  (the note is empty)");
    vault.run(&["get", "notes/Project Nightingale.md"]).expect(0);
    vault.run(&["get", "--json", "notes/Project Nightingale.md"]).expect(0);
    vault.run(&["status"]).expect(0);
    vault.run(&["check"]).expect(0);
    // Nothing is quoted that isn't there any more.
    vault.write("Project Nightingale.md", "Kickoff on Monday.");
    assert_eq!(vault.ask("nightingale")["results"][0]["stale"], true);
}

#[test]
fn what_front_matter_says_is_found() {
    let vault = Vault::indexed(&[
        ("bread.md", BREAD),
        (
            "falcon.md",
            "---\ntitle: Falcon: a project\nauthor: Ingrid Bergqvist\naliases: [Peregrine]\nstatus: blocked\n---\nKickoff.",
        ),
        (
            "kite.md",
            "---\npermalink: /birds/red-kite/\n📅: May 1st, 2024\ntags: #raptors #birds\n---\nIt soars.",
        ),
    ]);
    for question in ["Peregrine", "Ingrid Bergqvist", "falcon project"] {
        assert_eq!(vault.first_path(question), "falcon.md", "{question}");
    }
    for question in ["red kite", "tag:raptors soars", "soars since:2024-05-01 before:2024-05-02"] {
        assert_eq!(vault.first_path(question), "kite.md", "{question}");
    }
}

#[test]
fn json_has_the_documented_shape() {
    let reply = cooking().ask("what is the GIL");
    assert_eq!(reply["question"], "what is the GIL");
    assert_eq!(reply["answered"], true);
    assert_eq!(reply["answer"]["citations"], serde_json::json!([1]));
    let source = &reply["results"][0];
    assert_eq!(source["rank"], 1);
    assert_eq!(source["root"], "notes");
    assert_eq!(source["path"], "python/gil.md");
    assert_eq!((source["first_line"].as_u64(), source["last_line"].as_u64()), (Some(5), Some(7)));
    assert_eq!(source["question"], "What is the GIL?");
    assert!(source["heading"].is_array());
    assert_eq!(source["stale"], false);
    let score = source["score"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&score));
    assert!(source["signals"]["dense"].as_f64().unwrap() > 0.3);
    assert!(source["signals"]["lexical"].as_f64().unwrap() > 0.0);
    assert_eq!(source["signals"]["dense_rank"], 1);
    assert_eq!(source["signals"]["lexical_rank"], 1);
    assert!(source["id"].as_str().unwrap().starts_with('#'));
}

#[test]
fn the_parts_of_an_answer_name_their_lines_and_bytes() {
    let trains = "The slow train to the café waits for the fast one ".repeat(6);
    let (first, last) = ("Owls hunt mice at night, near the café too.", "At night owls also hunt beetles.");
    let note = format!("# Birds\r\n\r\n{first}\r\n\r\n{trains}.\r\n\r\n{trains}!\r\n\r\n{last}\r\n");
    let vault = Vault::indexed(&[("owls.md", &note), ("bread.md", BREAD)]);
    let reply = vault.ask("what do owls hunt at night");
    assert_eq!(reply["answer"]["text"], format!("{first} … {last}"), "{reply}");
    let parts = reply["answer"]["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 2);
    for (part, (text, line)) in parts.iter().zip([(first, 3), (last, 9)]) {
        assert_eq!(part["text"], text);
        assert_eq!((&part["citation"], &part["path"]), (&1.into(), &"owls.md".into()));
        assert_eq!((part["first_line"].as_u64(), part["last_line"].as_u64()), (Some(line), Some(line)));
        let byte = |name: &str| part[name].as_u64().unwrap() as usize;
        assert_eq!(&note[byte("first_byte")..byte("last_byte")], text);
    }
    let page = vault.run(&["ask", "what do owls hunt at night"]).expect(0).stdout;
    assert!(page.starts_with(&format!("{first} … {last}\n[1] notes/owls.md:3,9  Birds  0.")), "{page}");
    vault.write("owls.md", format!("Another line.\n{note}"));
    let stale = vault.ask("what do owls hunt at night");
    let part = &stale["answer"]["parts"][1];
    assert_eq!(
        (part["first_byte"].as_u64(), part["last_byte"].as_u64()),
        (Some(0), Some(note.len() as u64 - 2))
    );
}

#[test]
fn no_answer_is_said_and_the_nearest_misses_are_shown() {
    let vault = cooking();
    let run = vault.run(&["ask", "--json", "who won the 1998 world cup"]).expect(1);
    let reply: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(reply["answered"], false);
    assert_eq!(reply["answer"], Value::Null);
    assert!(!reply["results"].as_array().unwrap().is_empty());
    let run = vault.run(&["ask", "who won the 1998 world cup"]).expect(1);
    assert!(!run.stdout.starts_with("A mutex"), "{}", run.stdout);
    vault.run(&["ask", "--min-score", "0", "who won the 1998 world cup"]).expect(0);
    vault.run(&["ask", "--min-score", "1", "what is the GIL"]).expect(1);
}

#[test]
fn an_answer_has_one_of_three_states() {
    let vault = cooking();
    let state = |args: &[&str], status: i32, confidence: &str| {
        let run = vault.run(&[&["ask", "--json"], args].concat()).expect(status);
        let reply: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(reply["confidence"], confidence, "{args:?}: {reply}");
        assert_eq!(reply["answered"], confidence != "none", "{args:?}: {reply}");
        assert_eq!(reply["answer"].is_null(), confidence == "none", "{args:?}: {reply}");
        assert_eq!(reply["not_found"], serde_json::json!([]), "{args:?}: {reply}");
        vault.run(&[&["ask"], args].concat()).expect(status).stdout
    };
    let high = state(&["what is the GIL"], 0, "high");
    assert!(!high.contains("Perhaps:") && high.starts_with("A mutex"), "{high}");
    state(&["--strict", "what is the GIL"], 0, "high");
    let unlikely = "who won the world cup";
    let none = state(&[unlikely], 1, "none");
    assert!(none.starts_with("The notes don't seem to answer this. Nearest:\n\n[1] notes/"), "{none}");
    let low = state(&["--min-score", "0", unlikely], 0, "low");
    assert!(low.starts_with("Perhaps:\n"), "{low}");
    let strict = state(&["--strict", "--min-score", "0", unlikely], 1, "none");
    assert!(strict.starts_with("The notes don't seem to answer this."), "{strict}");
    state(&["--min-score", "1", "what is the GIL"], 1, "none");
    // What no note has is named.
    let run = vault.run(&["ask", "--min-score", "0", "what is the GIL of Kyrgyzstan 7"]).expect(0);
    assert!(run.stdout.starts_with("not found: Kyrgyzstan, 7\nPerhaps:\n"), "{}", run.stdout);
}

#[test]
fn filters_hold_before_the_best_are_taken() {
    let vault = cooking();
    let paths = |args: &[&str]| -> Vec<String> {
        let run = vault.run(args);
        let reply: Value = serde_json::from_str(&run.stdout).unwrap();
        let results = reply["results"].as_array().unwrap().iter();
        results.map(|source| source["path"].as_str().unwrap().to_owned()).collect()
    };
    let kitchen = paths(&["ask", "--json", "-n", "1", "--path", "kitchen/**", "what is the GIL"]);
    assert_eq!(kitchen.len(), 1);
    assert!(kitchen[0].starts_with("kitchen/"));
    let mut both = paths(&["ask", "--json", "--path", "kitchen", "GIL"]);
    both.sort();
    assert_eq!(both, ["kitchen/bread.md", "kitchen/soup.md"]);
    assert_eq!(paths(&["ask", "--json", "--tag", "bread", "GIL"]), ["kitchen/bread.md"]);
    assert_eq!(paths(&["ask", "--json", "--tag", "food", "--tag", "bread", "GIL"]), ["kitchen/bread.md"]);
    assert_eq!(paths(&["ask", "--json", "--path", "*.md", "--tag", "python", "bread"]), ["python/gil.md"]);
    assert!(paths(&["ask", "--json", "--tag", "nothing", "GIL"]).is_empty());
    assert!(paths(&["ask", "--json", "--path", "no/**", "GIL"]).is_empty());
}

#[test]
fn n_limits_the_sources() {
    let vault = cooking();
    let reply: Value =
        serde_json::from_str(&vault.run(&["ask", "--json", "-n", "2", "bread"]).stdout).unwrap();
    assert_eq!(reply["results"].as_array().unwrap().len(), 2);
}

#[test]
fn the_same_text_twice_is_shown_once() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("copy/b.md", LOCK), ("bread.md", BREAD)]);
    let reply = vault.ask("what is the GIL");
    let same = reply["results"].as_array().unwrap().iter().filter(|source| source["question"] != Value::Null);
    assert_eq!(same.count(), 1, "{reply}");
    assert_eq!(reply["results"][0]["path"], "a.md");
    let also = &reply["results"][0]["also_in"];
    assert_eq!(also.as_array().unwrap().len(), 1, "{reply}");
    assert_eq!((&also[0]["root"], &also[0]["path"]), (&"notes".into(), &"copy/b.md".into()));
    assert_eq!((also[0]["first_line"].as_u64(), also[0]["last_line"].as_u64()), (Some(1), Some(3)));
    assert!(vault.run(&["get", also[0]["id"].as_str().unwrap()]).expect(0).stdout.contains("A mutex"));
    for n in ["1", "5"] {
        vault.run(&["ask", "-n", n, "what is the GIL"]).expect(0).shows("  +1 copy\n");
        let text = vault.run(&["ask", "--full", "-n", n, "what is the GIL"]).expect(0).stdout;
        assert!(text.contains("\n    also in notes/copy/b.md:1-3\n"), "{text}");
    }
    // Other views on a thing, and the same words about another, are sources of their own.
    assert_eq!(reply["results"][1]["also_in"], serde_json::json!([]));
    std::fs::remove_file(vault.path("notes/copy/b.md")).unwrap();
    assert_eq!(vault.ask("what is the GIL")["results"][0]["also_in"], serde_json::json!([]));
}

#[test]
fn of_many_copies_a_handful_is_named() {
    let vault = Vault::new();
    for at in 0..9 {
        vault.write(format!("copy{at}/lock.md"), LOCK);
    }
    vault.write("short/a.md", "# Owls\n\nSee below.\n");
    vault.write("short/b.md", "# Trains\n\nSee below.\n");
    vault.run(&["index", "notes"]).expect(0);
    let reply = vault.ask("what is the GIL");
    let first = &reply["results"][0];
    let also: Vec<&str> =
        first["also_in"].as_array().unwrap().iter().map(|place| place["path"].as_str().unwrap()).collect();
    assert_eq!(also, [1, 2, 3, 4, 5].map(|at| format!("copy{at}/lock.md")));
    assert_eq!(first["also_in_more"], 3);
    vault.run(&["ask", "what is the GIL"]).expect(0).shows("  +8 copies\n");
    let text = vault.run(&["ask", "--full", "what is the GIL"]).expect(0).stdout;
    assert!(text.contains("notes/copy5/lock.md:1-3, 3 more\n"), "{text}");
    let short = reply["results"].as_array().unwrap().iter().filter(|source| source["root"] == "notes");
    let short = short.filter(|source| source["path"].as_str().unwrap().starts_with("short/"));
    assert_eq!(short.count(), 2, "{reply}");
}

#[test]
fn the_words_of_the_question_stand_out_where_there_are_colours() {
    let vault = cooking();
    let with = |when: &str, args: &[&str]| {
        vault.run(&[args, &["--color", when, "one mutex of threads"][..]].concat()).stdout
    };
    for args in [&["ask", "-n", "1"][..], &["search", "-n", "1"]] {
        let (plain, coloured) = (with("never", args), with("always", args));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
        assert!(!plain.contains('\u{1b}'), "{plain}");
    }
    let answer = with("always", &["ask", "-n", "1"]);
    assert!(
        answer.starts_with("A \u{1b}[1mmutex\u{1b}[0m in CPython: one \u{1b}[1mthread\u{1b}[0m at a time"),
        "{answer}"
    );
    let full = with("always", &["search", "--full", "-n", "1"]);
    assert!(full.contains("\u{1b}[2mA \u{1b}[0m\u{1b}[1mmutex\u{1b}[0m\u{1b}[2m in CPython"), "{full}");
}

#[test]
fn a_copy_that_is_there_comes_before_one_that_is_gone() {
    let vault = Vault::indexed(&[("a/lock.md", LOCK), ("b/lock.md", LOCK), ("bread.md", BREAD)]);
    assert_eq!(vault.first_path("what is the GIL"), "a/lock.md");
    std::fs::remove_file(vault.path("notes/a/lock.md")).unwrap();
    for n in ["1", "5"] {
        let run = vault.run(&["ask", "--json", "-n", n, "what is the GIL"]).expect(0);
        let reply: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(reply["results"][0]["path"], "b/lock.md");
        assert_eq!(reply["results"][0]["stale"], false);
    }
}

#[test]
fn two_answers_to_one_question_stay_two() {
    let note = "Q: What is an owl?\nA: A bird of the night.\n\nQ: What is an owl?\nA: A town in Wales.\n";
    let vault = Vault::indexed(&[("owls.md", note), ("bread.md", BREAD)]);
    let reply = vault.ask("what is an owl");
    let answer = reply["answer"]["text"].as_str().unwrap();
    assert!(["A bird of the night.", "A town in Wales."].contains(&answer), "{reply}");
    assert_eq!(reply["answer"]["partial"], false);
}

#[test]
fn a_piece_of_an_answer_is_told_also_from_a_note_that_has_changed() {
    let paragraphs: String =
        (0..60).map(|at| format!("Owls of kind {at} hunt at night in the woods.\n\n")).collect();
    let note = format!("## What do owls do?\n**Answer:**\n{paragraphs}");
    let vault = Vault::indexed(&[("owls.md", &note), ("bread.md", BREAD)]);
    assert_eq!(vault.ask("what do owls do")["answer"]["partial"], true);
    vault.write("owls.md", format!("One more line.\n{note}"));
    assert_eq!(vault.ask("what do owls do")["answer"]["partial"], true);
}

#[test]
fn a_note_is_found_by_its_name_and_its_properties() {
    let property = "---\nauthor: Frank Herbert\n---\n";
    let vault = Vault::indexed(&[
        ("Zorblat.md", "The red one on the left.\n"),
        ("Dune.md", property),
        ("bread.md", BREAD),
    ]);
    assert_eq!(vault.first_path("zorblat"), "Zorblat.md");
    assert_eq!(vault.first_path("Frank Herbert"), "Dune.md");
    vault.run(&["search", "dune"]).expect(0);
}

#[test]
fn explain_shows_both_searches() {
    let run = cooking().run(&["ask", "--explain", "what is the GIL"]).expect(0);
    assert!(run.stdout.contains("dense") && run.stdout.contains("lexical"), "{}", run.stdout);
}

#[test]
fn search_prints_a_line_a_passage() {
    let vault = cooking();
    let run = vault.run(&["search", "baking bread"]).expect(0);
    assert_eq!(run.stdout.lines().count(), 3, "{}", run.stdout);
    assert!(run.stdout.lines().next().unwrap().contains("notes/kitchen/"), "{}", run.stdout);
    let found: Value = serde_json::from_str(&vault.run(&["search", "--json", "bread"]).stdout).unwrap();
    assert!(found.to_string().contains("kitchen/bread.md"));
    vault.run(&["search", "--tag", "nothing", "bread"]).expect(1);
}

#[test]
fn get_prints_what_a_result_names() {
    let vault = cooking();
    let reply = vault.ask("what is the GIL");
    let id = reply["results"][0]["id"].as_str().unwrap();
    assert!(vault.run(&["get", id]).expect(0).stdout.contains("one thread at a time runs bytecode"));
    let line = vault.run(&["get", "notes/kitchen/bread.md:7"]).expect(0).stdout;
    assert!(line.contains("sourdough starter"), "{line}");
    assert!(vault.run(&["get", "kitchen/soup.md"]).expect(0).stdout.contains("Boil the leeks"));
    vault.run(&["get", "#zzzzzzzz"]).expect(2).says("hint:");
    vault.run(&["get", "notes/none.md"]).expect(2).says("notes/none.md").says("hint:");
    vault.run(&["get", "notes/kitchen/bread.md:700"]).expect(2).says("hint:");
    vault.write("notes/kitchen/bread.md", "# Another\n\nNot bread at all.\n");
    vault.run(&["index"]).expect(0);
    let mut elsewhere = vault.command();
    elsewhere
        .current_dir("/")
        .args(["get", "--index"])
        .arg(vault.path("index"))
        .arg("notes/kitchen/bread.md");
    assert!(finish(&mut elsewhere).expect(0).stdout.contains("sourdough"), "the full name comes first");
    assert_eq!(vault.run(&["get", "notes/kitchen/bread.md:7:2"]).expect(0).stdout, line);
    for lines in ["0", "9-3", "x"] {
        let target = format!("notes/kitchen/bread.md:{lines}");
        vault.run(&["get", &target]).expect(2).says("isn't a line of kitchen/bread.md").says("hint:");
    }
}

#[test]
fn get_says_when_the_note_has_changed() {
    let vault = cooking();
    assert_eq!(vault.run(&["get", "kitchen/soup.md"]).expect(0).stderr, "");
    std::fs::remove_file(vault.path("notes/kitchen/soup.md")).unwrap();
    let run = vault.run(&["get", "kitchen/soup.md"]).expect(0).says("has changed or is gone");
    assert!(run.stdout.contains("Boil the leeks"));
    let json: Value = serde_json::from_str(&vault.run(&["get", "--json", "kitchen/soup.md"]).stdout).unwrap();
    assert_eq!(json["stale"], true);
}

#[test]
fn a_filter_that_matches_nothing_is_said() {
    let vault = cooking();
    for filter in [["--path", "nothing/**"], ["--tag", "nothing"]] {
        for command in ["ask", "search"] {
            vault
                .run(&[command, filter[0], filter[1], "bread"])
                .expect(1)
                .says("no note in the index matches");
        }
    }
    let shown = vault.path("notes/kitchen").canonicalize().unwrap();
    let run = vault.run(&["search", "--path", shown.to_str().unwrap(), "bread"]).expect(0);
    assert!(run.stdout.lines().all(|line| line.contains("kitchen/")), "{}", run.stdout);
    vault.run(&["ask", "-n", "0", "bread"]).expect(2).says("whole number from 1 to 1000");
}

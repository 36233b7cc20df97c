//! Test sets of all three forms, and mistakes in them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::scripted::{MODEL, Server, openai_stream};
use crate::support::{Run, Vault};

/// What the documents of the small set are about, and the question that each answers.
const TOPICS: [(&str, &str, &str); 6] = [
    ("Owls", "Owls hunt at night. They hear a mouse under the snow.", "which birds hunt at night"),
    (
        "Bread",
        "Feed the sourdough starter twice a day, and bake the loaf in an iron pot.",
        "how is a loaf baked",
    ),
    ("The GIL", "A mutex in CPython: one thread at a time runs bytecode.", "what is the mutex in CPython"),
    ("Tides", "The moon pulls the sea, so the tide rises twice a day.", "why does the tide rise"),
    ("Violins", "A violin has four strings, tuned in fifths.", "how many strings has a violin"),
    ("", "Copper melts at 1085 degrees, and conducts electricity well.", "when does copper melt"),
];

/// Writes a set in BEIR's layout: document `d N` answers query `qN`.
fn small_set(vault: &Vault) {
    let documents: String = TOPICS
        .iter()
        .enumerate()
        .map(|(at, (title, text, _))| {
            serde_json::json!({"_id": format!("d {at}"), "title": title, "text": text}).to_string() + "\n"
        })
        .collect();
    let queries: String = TOPICS
        .iter()
        .enumerate()
        .map(|(at, (_, _, text))| {
            serde_json::json!({"_id": format!("q{at}"), "text": text}).to_string() + "\n"
        })
        .collect();
    let judgments: String = (0..TOPICS.len()).map(|at| format!("q{at}\td {at}\t1\n")).collect();
    let answers = "{\"_id\":\"q4\",\"answers\":[\"Four  strings\"]}\n{\"_id\":\"q3\",\"answers\":[\"no such words\"]}\n";
    put(vault, "set/corpus.jsonl", &documents);
    put(vault, "set/queries.jsonl", &queries);
    put(vault, "set/qrels.tsv", &format!("query-id\tcorpus-id\tscore\n{judgments}"));
    put(vault, "set/answers.jsonl", answers);
}

fn put(vault: &Vault, path: &str, content: &str) {
    let path = vault.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

/// What a set was measured like, but for the time it took.
fn without_times(mut report: Value) -> Value {
    for search in ["lexical", "dense", "hybrid"] {
        for time in ["ms_per_query", "embed_ms_per_query"] {
            assert!(report[search][time].as_f64().unwrap() >= 0.0);
            report[search][time] = Value::Null;
        }
    }
    report
}

#[test]
fn a_set_with_judgments_is_measured() {
    let vault = Vault::new();
    small_set(&vault);
    vault.run(&["eval", "set", "--features", "table.tsv"]).expect(0);
    let table = std::fs::read_to_string(vault.path("table.tsv")).unwrap();
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    assert!(
        names.starts_with(&["query", "document", "gain"]) && names.contains(&"label_overlap"),
        "{names:?}"
    );
    let lines: Vec<_> = lines.collect();
    assert!(lines.iter().all(|line| line.len() == names.len()) && lines.iter().any(|line| line[2] == "1"));
    let report = json(&vault.run(&["eval", "set", "--json", "--per-query", "per.jsonl"]).expect(0));
    assert_eq!((report["form"].as_str(), report["set"].as_str()), (Some("retrieval"), Some("set")));
    assert_eq!((report["documents"].as_u64(), report["queries"].as_u64()), (Some(6), Some(6)));
    for search in ["lexical", "dense", "hybrid"] {
        for name in ["ndcg@10", "mrr@10", "recall@10", "recall@100", "hit@1"] {
            let value = report[search][name].as_f64().unwrap();
            assert!((0.8..=1.0).contains(&value), "{search} {name} {value}");
        }
        let run = fs::read_to_string(vault.path(format!("per.jsonl.{search}.run"))).unwrap();
        check_run(&run, search);
    }
    assert_eq!(report["dense"]["hit@1"], 1.0);
    assert_eq!(report["answers"]["questions"], 2);
    assert_eq!(report["answers"]["contained"], 0.5);
    assert_eq!(report["answers"]["citations"]["exact"], report["answers"]["citations"]["total"]);
    assert_eq!(report["warnings"][0]["count"], 6, "ids with blanks: {report}");
    let lines = fs::read_to_string(vault.path("per.jsonl")).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((first["_id"].as_str(), first["dense"]["hit@1"].as_f64()), (Some("q0"), Some(1.0)));
    assert_eq!(lines.lines().count(), 6);
    // The index lies in the cache and serves again; nothing else was written.
    assert!(vault.path("home/.cache/qsearch/eval").is_dir() && !vault.path("index").exists());
    let again = json(&vault.run(&["eval", "set", "--json"]).expect(0));
    assert_eq!(without_times(report), without_times(again));
}

/// A run has six columns, ranks from 1, and scores that fall strictly also as 32-bit numbers.
fn check_run(run: &str, search: &str) {
    let mut last = (String::new(), 0, f32::INFINITY);
    for line in run.lines() {
        let columns: Vec<&str> = line.split(' ').collect();
        let [query, "Q0", document, rank, score, tag] = columns[..] else { panic!("{line}") };
        assert!(document.starts_with("d_") && tag == format!("qsearch-{search}"), "{line}");
        let (rank, score): (u32, f32) = (rank.parse().unwrap(), score.parse().unwrap());
        if query == last.0 {
            assert!(rank == last.1 + 1 && score < last.2, "{line}");
        } else {
            assert_eq!(rank, 1);
        }
        last = (query.to_owned(), rank, score);
    }
    assert!(last.1 > 0);
}

#[test]
fn two_runs_are_compared() {
    let vault = Vault::new();
    small_set(&vault);
    let report = vault.run(&["eval", "set", "--json", "--cache", "kept"]).expect(0).stdout;
    put(&vault, "same.json", &report);
    let same =
        json(&vault.run(&["eval", "set", "--json", "--cache", "kept", "--compare", "same.json"]).expect(0));
    assert_eq!(same["compare"]["queries"], 6);
    let change = &same["compare"]["hybrid"]["ndcg@10"];
    assert_eq!((change["difference"].as_f64(), change["p"].as_f64()), (Some(0.0), Some(1.0)));
    // Were all rankings worthless before, five of six get better at least.
    let mut worse: Value = serde_json::from_str(&report).unwrap();
    for figures in ["ndcg@10", "mrr@10"] {
        worse["per_query"]["dense"][figures] = serde_json::json!([0, 0, 0, 0, 0, 0]);
    }
    put(&vault, "worse.json", &worse.to_string());
    let run = vault.run(&["eval", "set", "--cache", "kept", "--compare", "worse.json"]).expect(0);
    let row = run.stdout.lines().filter(|line| line.starts_with("dense")).nth(1).unwrap();
    // Two of the 64 ways to draw signs are as far out.
    let p: f64 = row.split_whitespace().last().unwrap().parse().unwrap();
    assert!(row.contains("+1.0000") && (p - 2.0 / 64.0).abs() < 0.01, "{row}");
    assert!(!vault.path("home/.cache").exists());
    vault
        .run(&["eval", "set", "--cache", "kept", "--compare", "set/qrels.tsv"])
        .expect(2)
        .says("isn't a report");
}

#[test]
fn foreign_questions_are_told_from_own() {
    let vault = Vault::new();
    small_set(&vault);
    put(
        &vault,
        "other/queries.jsonl",
        "{\"_id\":\"1\",\"text\":\"who won the chess match in 1972\"}\n{\"_id\":\"2\",\"text\":\"is the moon made of it\"}\n",
    );
    let report = json(&vault.run(&["eval", "set", "--json", "--foreign", "other"]).expect(0));
    let foreign = &report["foreign"];
    assert_eq!((foreign["own"].as_u64(), foreign["foreign"].as_u64()), (Some(6), Some(2)));
    assert!(foreign["auc"].as_f64().unwrap() > 0.7, "{foreign}");
    let bins = foreign["bins"].as_array().unwrap();
    assert_eq!(bins.len(), 10);
    assert_eq!(bins.iter().map(|bin| bin["count"].as_u64().unwrap()).sum::<u64>(), 8);
    let page = vault.run(&["eval", "set", "--foreign", "other"]).expect(0).stdout;
    assert!(page.contains("area under the ROC curve") && page.contains("0.9 to 1.0"), "{page}");
}

#[test]
fn the_sample_notes_are_a_test_set() {
    let vault = Vault::new();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let corpus = corpus.to_str().unwrap();
    put(&vault, "more.txt", "who won the chess match in 1972\n\nhow deep is the sea\n");
    let report = json(&vault.run(&["eval", corpus, "--json", "--unanswerable", "more.txt"]).expect(0));
    assert_eq!(report["form"], "golden");
    let number = |name: &str| report[name].as_f64().unwrap();
    assert!(number("hit@1") >= 0.84 && number("hit@3") >= 0.94, "{report}");
    assert!(
        number("contained") >= 0.8 && number("unanswerable") >= 12.0 && number("refused") >= 8.0,
        "{report}"
    );
    assert_eq!(report["citations"]["exact"], report["citations"]["total"]);
    assert_eq!(report["warnings"].as_array().unwrap().len(), 0, "{report}");
    let missed = report["missed"].as_array().unwrap().len() as f64;
    assert!((missed - number("answerable") * (1.0 - number("hit@1"))).abs() < 0.1, "{report}");
    let page = vault.run(&["eval", corpus]).expect(0).stdout;
    assert!(
        page.contains("hit@1: the first source is right") && page.contains("citations are exact"),
        "{page}"
    );
}

#[test]
fn questions_may_lie_beside_the_notes() {
    let vault = Vault::new();
    vault.write("deep/owls.md", "# Owls\n\nOwls hunt at night.\n");
    let span = |file: &str| format!("{{\"file\":\"{file}\",\"first_line\":3,\"last_line\":3}}");
    let accept = [span("owls.md"), span("gone.md")].join(",");
    put(
        &vault,
        "q.jsonl",
        &format!(
            "{{\"question\":\"when do owls hunt\",\"accept\":[{accept}]}}\n{{\"question\":\"who invented the telephone\"}}\n"
        ),
    );
    let report = json(&vault.run(&["eval", "--golden", "q.jsonl", "notes", "--json"]).expect(0));
    assert_eq!((report["hit@1"].as_f64(), report["answerable"].as_u64()), (Some(1.0), Some(1)), "{report}");
    assert_eq!(report["warnings"][0]["count"], 1);
    // Notes that come and go are noticed.
    vault.write("more.md", "# Bread\n\nBake it.\n");
    vault.write("deep/owls.md", "Nothing.\n\nNothing.\n\n# Owls\n\nOwls hunt at night.\n");
    let report = json(&vault.run(&["eval", "--golden", "q.jsonl", "notes", "--json"]).expect(0));
    assert_eq!((report["files"].as_u64(), report["hit@1"].as_f64()), (Some(2), Some(0.0)), "{report}");
    assert_eq!(report["missed"][0]["question"], "when do owls hunt");
}

#[test]
fn passages_are_measured_by_characters() {
    let vault = Vault::new();
    let text = "# Bäume\n\nEine Eiche wird alt.\n\n# Owls\n\nOwls hünt at night.\n";
    put(&vault, "set/corpora/a.md", text);
    put(
        &vault,
        "set/queries.jsonl",
        "{\"_id\":\"q\",\"text\":\"when do owls hunt\"}\n{\"_id\":\"r\",\"text\":\"none\"}\n",
    );
    let at = text.chars().position(|c| c == 'O').unwrap();
    let start = at + "Owls\n\n".chars().count();
    let span = serde_json::json!({"query_id": "q", "file": "a.md", "start": start, "end": start + 19, "content": "Owls hünt at night."});
    put(&vault, "set/spans.jsonl", &span.to_string());
    let report = json(&vault.run(&["eval", "set", "--json"]).expect(0));
    assert_eq!((report["form"].as_str(), report["queries"].as_u64()), (Some("chunking"), Some(1)));
    let figures = report["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 6);
    for figures in figures {
        assert_eq!(figures["recall"], 1.0, "{report}");
        let (precision, iou) = (figures["precision"].as_f64().unwrap(), figures["iou"].as_f64().unwrap());
        assert!(precision > 0.3 && precision < 1.0 && (precision - iou).abs() < 1e-9, "{report}");
    }
    let warnings = report["warnings"].as_array().unwrap();
    assert!(
        warnings.len() == 1 && warnings[0]["what"].as_str().unwrap().contains("without a span"),
        "{report}"
    );
    let page = vault.run(&["eval", "set"]).expect(0).stdout;
    assert!(page.contains("hybrid, 10 passages") && page.contains("ClusterSemanticChunker"), "{page}");
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let vault = Vault::new();
    small_set(&vault);
    vault.run(&["eval", "nowhere"]).expect(2).says("there is no folder nowhere").says("hint: a test set is");
    vault.run(&["eval", "notes"]).expect(2).says("there is no test set in notes");
    vault
        .run(&["eval", "set", "--unanswerable", "x"])
        .expect(2)
        .says("--unanswerable says nothing about set");
    vault.run(&["eval", "set", "--per-query", "no/such/folder"]).expect(2).says("can't write");
    vault.run(&["eval", "set", "--foreign", "nowhere"]).expect(2).says("can't read");
    vault.run(&["eval", "--golden", "nowhere", "notes"]).expect(2).says("can't read");
    vault.run(&["eval", "--golden", "set/qrels.tsv", "notes"]).expect(2).says("qrels.tsv:1: ");
    vault.run(&["eval", "--golden", "notes", "notes"]).expect(2).says("isn't a file");
    put(
        &vault,
        "set/queries.jsonl",
        "{\"_id\":\"q0\",\"text\":\"who\"}\n{\"_id\":\"q0\",\"text\":\"what\"}\n",
    );
    vault.run(&["eval", "set"]).expect(2).says("queries.jsonl:2: the id `q0` stands in line 1 already");
    put(&vault, "set/queries.jsonl", "{\"_id\":\"q0\",\"text\":\"who\"}\n{\"_id\":\n");
    vault.run(&["eval", "set"]).expect(2).says("queries.jsonl:2: EOF").says("hint: each line is like");
    fs::write(vault.path("set/queries.jsonl"), b"{\"_id\":\"q0\",\"text\":\"caf\xe9\"}").unwrap();
    vault.run(&["eval", "set"]).expect(2).says("queries.jsonl:1: the line isn't valid UTF-8");
    fs::remove_file(vault.path("set/qrels.tsv")).unwrap();
    put(&vault, "set/queries.jsonl", "{\"_id\":\"q0\",\"text\":\"who\"}\n");
    vault.run(&["eval", "set"]).expect(2).says("there is neither qrels.tsv nor qrels/test.tsv");
    // Without a home there is no cache, unless one is named.
    put(&vault, "set/qrels.tsv", "q0\td 0\t1\n");
    let mut command = vault.command();
    crate::support::finish(command.args(["eval", "set"]).env_remove("HOME")).expect(2).says("--cache DIR");
    vault.run(&["eval", "set", "--cache", "kept"]).expect(0);
    fs::write(vault.path("file"), "").unwrap();
    vault.run(&["eval", "set", "--cache", "file"]).expect(2).says("can't create");
}

#[test]
fn a_damaged_index_in_the_cache_is_made_anew() {
    let vault = Vault::new();
    small_set(&vault);
    let first = vault.run(&["eval", "set", "--json", "--cache", "kept"]).expect(0);
    let key = fs::read_dir(vault.path("kept")).unwrap().next().unwrap().unwrap().path();
    let index = fs::read_dir(&key).unwrap().map(|entry| entry.unwrap().path());
    let index =
        index.into_iter().find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("index-"));
    fs::write(index.unwrap().join("qsearch.json"), "{\"format\":99}").unwrap();
    let second = vault.run(&["eval", "set", "--json", "--cache", "kept"]).expect(0);
    assert_eq!(without_times(json(&first)), without_times(json(&second)));
    // Moved to another place, the cache serves there.
    fs::rename(vault.path("kept"), vault.path("moved")).unwrap();
    let third = vault.run(&["eval", "set", "--json", "--cache", "moved"]).expect(0);
    assert_eq!(without_times(json(&first)), without_times(json(&third)));
}

#[test]
fn answers_are_measured_that_a_model_writes() {
    let vault = Vault::new();
    small_set(&vault);
    let server = Server::start(vec![openai_stream(&["Owls hunt at night. ", "Penguins govern Mars."])]);
    let write = format!("--write={}", server.model());
    let report = json(&vault.run(&["eval", "set", "--json", &write, "--questions", "1"]).expect(0));
    assert_eq!((&report["form"], &report["llm"]), (&"written".into(), &MODEL.into()), "{report}");
    assert_eq!((&report["questions"], &report["answers"]["written"]), (&1.into(), &1.into()), "{report}");
    let (sentences, citations) = (&report["sentences"], &report["citations"]);
    assert_eq!((&sentences["quoted"], &sentences["left_out"]), (&1.into(), &1.into()), "{report}");
    assert_eq!((&citations["exact"], &citations["gold"]), (&1.into(), &1.0.into()), "{report}");
    assert!(report["seconds"]["worst"].as_f64() >= report["seconds_to_first_word"]["median"].as_f64());
    let run = vault.run(&["eval", "set", &write]).expect(0).shows("citation recall");
    run.shows("2 questions with known answers").shows("have the notes' own words instead");
    put(&vault, "asked.jsonl", "{\"question\":\"which birds hunt at night\"}\n");
    put(&vault, "notes/owls.md", "# Owls\n\nOwls hunt at night.\n");
    vault
        .run(&["eval", "--golden", "asked.jsonl", "notes", &write])
        .expect(0)
        .shows("1 question that they don't:");
    // Figures of rankings and of writing are asked for apart.
    vault.run(&["eval", "set", &write, "--per-query", "x"]).expect(2).says("--per-query says nothing");
    vault.run(&["eval", "set", "--questions", "1"]).expect(2).says("--questions says nothing");
    vault.run(&["eval", "set", "--write=http://127.0.0.1:9/v1#none"]).expect(2).says("hint: ");
}

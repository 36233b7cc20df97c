//! Other models than the bundled one: naming, listing, importing, and what is said if one can't be used.

use std::path::Path;
use std::process::Command;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};

use crate::support::{BREAD, LOCK, Run, Vault, finish, finish_with_input};

/// A model of BERT's shape with random weights, as sentence-transformers saves it.
pub(crate) struct Tiny {
    pub(crate) seed: u64,
    pub(crate) hidden: usize,
}

impl Tiny {
    const POSITIONS: usize = 48;

    fn pieces() -> Vec<String> {
        let mut pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned).to_vec();
        pieces.extend(('a'..='z').chain(['.', '?', ':', '#', '*']).map(String::from));
        pieces.extend(('a'..='z').map(|c| format!("##{c}")));
        pieces
    }

    pub(crate) fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder.join("1_Pooling")).unwrap();
        let put = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
        let config = json!({
            "model_type": "bert", "hidden_size": self.hidden, "num_hidden_layers": 1, "num_attention_heads": 2,
            "intermediate_size": 64, "max_position_embeddings": Self::POSITIONS,
        });
        put("config.json", config.to_string());
        put("vocab.txt", Self::pieces().join("\n"));
        put("1_Pooling/config.json", json!({"pooling_mode_mean_tokens": true}).to_string());
        let tensors = self.tensors();
        let views = tensors
            .iter()
            .map(|(name, shape, bytes)| (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
        std::fs::write(folder.join("model.safetensors"), safetensors::serialize(views, None).unwrap())
            .unwrap();
    }

    /// Names, shapes and values, in the bytes of 32-bit floats.
    fn tensors(&self) -> Vec<(String, Vec<usize>, Vec<u8>)> {
        let mut state = self.seed;
        let mut random = move || {
            // The generator of Knuth's MMIX.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 24) as f32 - 0.5
        };
        let mut tensors = Vec::new();
        let mut put = |name: String, shape: &[usize], mean: f32| {
            let count: usize = shape.iter().product();
            let bytes = (0..count).flat_map(|_| (mean + 0.5 * random()).to_le_bytes()).collect();
            tensors.push((name, shape.to_vec(), bytes));
        };
        let hidden = self.hidden;
        for (table, rows) in
            [("word", Self::pieces().len()), ("position", Self::POSITIONS), ("token_type", 2)]
        {
            put(format!("embeddings.{table}_embeddings.weight"), &[rows, hidden], 0.0);
        }
        for (part, outputs, inputs) in [
            ("attention.self.query", hidden, hidden),
            ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden),
            ("attention.output.dense", hidden, hidden),
            ("intermediate.dense", 64, hidden),
            ("output.dense", hidden, 64),
        ] {
            put(format!("encoder.layer.0.{part}.weight"), &[outputs, inputs], 0.0);
            put(format!("encoder.layer.0.{part}.bias"), &[outputs], 0.0);
        }
        for part in ["embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"] {
            put(format!("{part}.LayerNorm.weight"), &[hidden], 1.0);
            put(format!("{part}.LayerNorm.bias"), &[hidden], 0.0);
        }
        tensors
    }
}

/// A vault with two notes and, in `tiny/`, a model that can be imported.
fn vault() -> Vault {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    vault.write("b.md", BREAD);
    Tiny { seed: 1, hidden: 64 }.write(&vault.path("tiny"));
    vault
}

/// [`vault`], with `tiny` imported.
fn imported() -> Vault {
    let vault = vault();
    vault.run(&["model", "import", "tiny"]).expect(0).says("imported tiny").says("--model tiny");
    vault
}

/// The program where nobody finds an ONNX Runtime, even if the machine has one.
fn alone(vault: &Vault) -> Command {
    let mut command = vault.command();
    command.env("ORT_DYLIB_PATH", vault.path("no-such-library.so"));
    command
}

/// The name of the model that an index was made with, and the size of its vectors.
fn model_of(vault: &Vault) -> (String, u64) {
    let status: Value = serde_json::from_str(&vault.run(&["status", "--json"]).expect(0).stdout).unwrap();
    (status["model"].as_str().unwrap().to_owned(), status["dimensions"].as_u64().unwrap())
}

/// The vectors that `embed` prints.
fn vectors(run: Run) -> Vec<Value> {
    let lines = run.expect(0).stdout;
    lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["embedding"].take()).collect()
}

/// Checks that no command takes the model, that each says why, and that it leaves the disk as it is.
fn refused(vault: &Vault, model: &str, what: &str, hint: &str) {
    for args in [&["index", "notes"][..], &["index"], &["ask", "GIL"], &["search", "GIL"], &["embed"]] {
        let run = finish(alone(vault).args(args).args(["--model", model])).expect(2);
        let hinted = run.stderr.split("hint: ").nth(1).unwrap_or_default();
        assert!(run.stderr.contains(what) && hinted.contains(hint), "{args:?} {model}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn what_is_no_model_is_refused_with_the_reason() {
    let vault = vault();
    let bundled = std::fs::read("models/all-MiniLM-L6-v2.qsm").unwrap();
    std::fs::create_dir(vault.path("empty")).unwrap();
    std::fs::write(vault.path("garbage.qsm"), [0xA5; 4096]).unwrap();
    std::fs::write(vault.path("nothing.qsm"), "").unwrap();
    std::fs::write(vault.path("cut.qsm"), &bundled[..bundled.len() / 2]).unwrap();
    vault.run(&["index", "notes", "--index", "full"]).expect(0);
    let before = std::fs::read(vault.path("full/qsearch.json")).unwrap();
    for index in ["none", "full"] {
        std::fs::write(vault.path("qsearch.toml"), format!("index = '{index}'")).unwrap();
        // Asking where there is no index says that first.
        if index == "full" {
            refused(&vault, "nobody/such", "no model called `nobody/such`", "`qsearch model list`");
            refused(&vault, "empty", "empty holds no model", "`qsearch model list`");
            refused(&vault, "tiny", "tiny has to be imported", "`qsearch model import tiny`");
            refused(&vault, "garbage.qsm", "garbage.qsm can't be used: it isn't a model file", "model list");
            refused(&vault, "nothing.qsm", "nothing.qsm can't be used: it isn't a model file", "model list");
            refused(&vault, "cut.qsm", "cut.qsm can't be used: its checksum", "model list");
            refused(&vault, "notes/a.md", "a.md can't be used: it isn't a model file", "model list");
        }
        for model in ["nobody/such", "empty", "tiny", "garbage.qsm", "cut.qsm", ""] {
            vault.run(&["index", "notes", "--model", model]).expect(2).says("error: ");
        }
    }
    assert!(!vault.path("none").exists());
    assert_eq!(std::fs::read(vault.path("full/qsearch.json")).unwrap(), before);
    assert_eq!(vault.first_path("what is the GIL"), "a.md");
}

#[test]
fn an_onnx_model_says_what_it_needs() {
    let vault = vault();
    std::fs::create_dir_all(vault.path("onnx/onnx")).unwrap();
    std::fs::write(vault.path("onnx/onnx/model.onnx"), "unread").unwrap();
    std::fs::write(vault.path("onnx/tokenizer.json"), r#"{"model": {}}"#).unwrap();
    let index = |model: &str| finish(alone(&vault).args(["index", "notes", "--model", model])).expect(2);
    if cfg!(feature = "fastembed") {
        for model in ["onnx", "onnx/onnx/model.onnx", "BGESmallENV15", "intfloat/multilingual-e5-small"] {
            let run = index(model).says("needs ONNX Runtime 1.").says("pip install onnxruntime");
            run.says("ORT_DYLIB_PATH names").says("no-such-library.so, which isn't there");
        }
        std::fs::write(vault.path("no-such-library.so"), "a text").unwrap();
        index("onnx").says("needs ONNX Runtime").says("no-such-library.so, which the system can't load");
        std::fs::remove_file(vault.path("onnx/tokenizer.json")).unwrap();
        index("onnx").says("model.onnx can't be used: there is no tokenizer.json beside it");
        std::fs::copy(vault.path("onnx/onnx/model.onnx"), vault.path("onnx/onnx/other.onnx")).unwrap();
        std::fs::rename(vault.path("onnx/onnx/model.onnx"), vault.path("onnx/onnx/more.onnx")).unwrap();
        index("onnx").says("holds 2 models").says("--model onnx/onnx/more.onnx");
    } else {
        index("onnx").says("built without fastembed").says("hint: ");
        index("BGESmallENV15").says("no model called `BGESmallENV15`");
    }
    assert!(!vault.path("index").exists());
}

#[test]
fn a_reranker_that_cannot_be_used_is_refused_with_the_reason() {
    let vault = vault();
    vault.run(&["index", "notes"]).expect(0);
    std::fs::create_dir(vault.path("cross")).unwrap();
    std::fs::write(vault.path("cross/model.onnx"), "unread").unwrap();
    let ask = |command: &str, args: &[&str], variable: &str| {
        let mut program = alone(&vault);
        finish(program.args([command, "GIL"]).args(args).env("QSEARCH_RERANK", variable))
    };
    let refused = |model: &str, what: &str| {
        for command in ["ask", "search"] {
            let run = ask(command, &["--rerank", model], "").expect(2).says(what).says("hint: ");
            assert_eq!(run.stdout, "");
        }
    };
    if cfg!(feature = "fastembed") {
        refused("nobody/such", "there is no reranker called `nobody/such`");
        refused("BGESmallENV15", "`BGESmallENV15` turns texts into vectors");
        refused("notes", "notes holds no reranker");
        refused("cross", "model.onnx can't be used: there is no tokenizer.json beside it");
        std::fs::write(vault.path("cross/tokenizer.json"), r#"{"model": {}}"#).unwrap();
        for model in ["cross", "cross/model.onnx", "BGERerankerBase", "jinaai/jina-reranker-v1-turbo-en"] {
            refused(model, "needs ONNX Runtime 1.");
        }
        let sorts = r#"{"id2label": {"0": "yes", "1": "no"}}"#;
        std::fs::write(vault.path("cross/config.json"), sorts).unwrap();
        refused("cross", "it sorts texts into 2 classes");
        ask("ask", &[], "nobody").expect(2).says("QSEARCH_RERANK: there is no reranker called `nobody`");
    } else {
        refused("BGERerankerBase", "built without fastembed");
        refused("cross", "built without fastembed");
    }
    ask("ask", &["--rerank", "none"], "nobody").expect(0);
    let own = vault.path("home/.config/qsearch");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("config.toml"), "rerank = 'nobody'\n").unwrap();
    ask("search", &[], "").expect(2).says("`rerank` in the settings: ");
    ask("search", &[], "none").expect(0);
}

#[test]
fn the_list_begins_with_what_is_here() {
    let vault = imported();
    std::fs::write(vault.path("home/.local/share/qsearch/models/spoilt.qsm"), "x").unwrap();
    let all = vault.run(&["model", "list"]).expect(0).stdout;
    // Tables follow each other: embedders, then rerankers, then the language models of this machine.
    let mut tables = all.split("\n\n");
    let text = tables.next().unwrap_or_default();
    let rerankers = tables.find(|table| table.starts_with("RERANKER")).unwrap_or_default();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["NAME", "NUMBERS", "STATE", "FROM"]);
    assert_eq!(lines[1], ["all-MiniLM-L6-v2", "384", "here", "bundled"]);
    assert_eq!(lines[2][..2], ["spoilt", "damaged"]);
    assert_eq!(lines[3][..3], ["tiny", "64", "here"]);
    let json = vault.run(&["model", "list", "--json"]).expect(0).stdout;
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    let (embedders, others): (Vec<&Value>, _) = listed.iter().partition(|model| model["kind"] == "embedder");
    assert_eq!(embedders.len(), lines.len() - 1);
    let bundled = json!({
        "name": "all-MiniLM-L6-v2", "kind": "embedder", "from": "bundled", "dimensions": 384, "here": true
    });
    assert_eq!(listed[0], bundled);
    if cfg!(feature = "fastembed") {
        let head: Vec<&str> = rerankers.lines().next().unwrap().split_whitespace().collect();
        assert_eq!(head, ["RERANKER", "STATE", "FROM"]);
        assert_eq!(others.len(), rerankers.lines().count() - 1);
        let known = json!({
            "name": "BGERerankerBase", "kind": "reranker", "from": "BAAI/bge-reranker-base", "dimensions": null,
            "here": false
        });
        assert_eq!(*others[0], known);
    } else {
        assert_eq!((others.len(), rerankers), (0, ""));
    }
    let known = listed.iter().find(|model| model["name"] == "BGESmallENV15");
    assert_eq!(known.is_some(), cfg!(feature = "fastembed"));
    if let Some(known) = known {
        assert_eq!((&known["dimensions"], &known["here"]), (&json!(384), &json!(false)));
        assert!(text.contains("to download"), "{text}");
    }
}

#[test]
fn an_index_remembers_its_imported_model() {
    let vault = imported();
    vault.run(&["index", "notes", "--model", "tiny"]).expect(0);
    let (model, dimensions) = model_of(&vault);
    assert!(model.starts_with("tiny@") && dimensions == 64, "{model} {dimensions}");
    // It takes in so little at once that a note is several passages.
    assert_eq!(vault.ask("what is the GIL")["results"].as_array().unwrap().len(), 4);
    assert_eq!(vault.run(&["search", "sourdough"]).stdout.lines().count(), 5);
    vault.write("c.md", "# Cheese\n\nIt ripens in a cellar.\n");
    vault.run(&["index"]).expect(0).says("1 new");
    for args in [&["ask", "GIL"][..], &["search", "GIL"], &["index"]] {
        let run = finish(vault.command().args(args).args(["--model", "all-MiniLM-L6-v2"])).expect(2);
        run.says("was made with model `tiny@").says("hint: ");
    }
    assert_eq!(vault.totals().0, 3);
}

#[test]
fn a_model_that_was_moved_is_named_anew() {
    let vault = vault();
    vault.run(&["model", "import", "tiny", "-o", "one.qsm"]).expect(0).says("--model one.qsm");
    vault.run(&["index", "notes", "--model", "one.qsm"]).expect(0);
    std::fs::rename(vault.path("one.qsm"), vault.path("two.qsm")).unwrap();
    for args in [&["ask", "GIL"][..], &["search", "GIL"], &["index"]] {
        let run = vault.run(args).expect(2);
        run.says("one.qsm any more").says("hint: say where it is now with `--model PATH`");
    }
    assert!(vault.run(&["ask", "GIL", "--model", "two.qsm"]).status <= 1);
    vault.run(&["ask", "GIL"]).expect(2);
    vault.run(&["index", "--model", "two.qsm"]).expect(0);
    assert!(vault.run(&["ask", "GIL"]).status <= 1);
    // Another model under the same name is another model.
    Tiny { seed: 2, hidden: 64 }.write(&vault.path("tiny"));
    vault.run(&["model", "import", "tiny", "-o", "two.qsm"]).expect(0);
    vault.run(&["ask", "GIL"]).expect(2).says("was made with model `tiny@");
}

#[test]
fn a_variable_and_a_setting_choose_for_new_indexes() {
    let vault = imported();
    let by_variable =
        |model: &str, args: &[&str]| finish(vault.command().env("QSEARCH_MODEL", model).args(args));
    vault.run(&["index", "notes"]).expect(0);
    by_variable("tiny", &["index"]).expect(0);
    by_variable("nobody", &["ask", "what is the GIL"]).expect(0);
    assert_eq!(model_of(&vault).1, 384);
    std::fs::remove_dir_all(vault.path("index")).unwrap();
    by_variable("nobody", &["index", "notes"])
        .expect(2)
        .says("QSEARCH_MODEL: there is no model called `nobody`");
    by_variable("tiny", &["index", "notes"]).expect(0);
    assert_eq!(model_of(&vault).1, 64);
    assert_eq!(
        vectors(finish_with_input(vault.command().env("QSEARCH_MODEL", "tiny").arg("embed"), b"a"))[0]
            .as_array()
            .unwrap()
            .len(),
        64
    );
    assert!(vault.run(&["ask", "GIL"]).status <= 1);

    std::fs::write(vault.path("qsearch.toml"), "model = 'all-MiniLM-L6-v2'\n").unwrap();
    vault.run(&["index"]).expect(0);
    assert_eq!(model_of(&vault).1, 64);
    std::fs::remove_dir_all(vault.path("index")).unwrap();
    by_variable("tiny", &["index", "notes"]).expect(0);
    assert_eq!(model_of(&vault).1, 64);
    std::fs::remove_dir_all(vault.path("index")).unwrap();
    std::fs::write(vault.path("qsearch.toml"), "index = 'index'\nmodel = 'tiny'\n").unwrap();
    finish(vault.command().current_dir(vault.path("notes")).args(["index", "."])).expect(0);
    assert_eq!(model_of(&vault).1, 64);
    std::fs::remove_dir_all(vault.path("index")).unwrap();
    // In the user's own settings also beside the file that names it, from wherever that is found.
    let own = vault.path("home/.config/qsearch");
    std::fs::create_dir_all(&own).unwrap();
    vault.run(&["model", "import", "tiny", "-o", "home/.config/qsearch/beside.qsm"]).expect(0);
    std::fs::write(own.join("config.toml"), "model = 'beside.qsm'\n").unwrap();
    std::fs::write(vault.path("qsearch.toml"), "index = 'index'\n").unwrap();
    finish(vault.command().current_dir(vault.path("notes")).args(["index", "."])).expect(0);
    assert_eq!(model_of(&vault).1, 64);
    std::fs::remove_dir_all(vault.path("index")).unwrap();
    std::fs::write(own.join("config.toml"), "model = 'nobody'\n").unwrap();
    vault
        .run(&["index", "notes"])
        .expect(2)
        .says("`model` in the settings: there is no model called `nobody`");
    assert!(!vault.path("index").exists());
}

#[test]
fn importing_again_replaces_the_model() {
    let vault = imported();
    let models = vault.path("home/.local/share/qsearch/models");
    let before = std::fs::read(models.join("tiny.qsm")).unwrap();
    Tiny { seed: 1, hidden: 128 }.write(&vault.path("other"));
    vault.run(&["model", "import", "other", "--name", "tiny"]).expect(0);
    assert_ne!(std::fs::read(models.join("tiny.qsm")).unwrap(), before);
    vault.run(&["index", "notes", "--model", "tiny"]).expect(0);
    assert_eq!(model_of(&vault).1, 128);
    assert_eq!(std::fs::read_dir(&models).unwrap().count(), 1, "nothing unfinished is left");

    for name in ["a/b", "..", ".hidden", ""] {
        vault.run(&["model", "import", "tiny", "--name", name]).expect(2).says("--name");
    }
    vault.run(&["model", "import", "tiny", "--name", "a/b", "-o", "c.qsm"]).expect(0).says("--model c.qsm");
    vault
        .run(&["model", "import", "tiny", "-o", "no/such/d.qsm"])
        .expect(2)
        .says("no/such/d.qsm")
        .says("hint: ");
    vault.run(&["model", "import", "tiny", "--pooling", "max"]).expect(2).says("neither `mean` nor `cls`");
    vault.run(&["model", "import", "tiny", "--max-tokens", "49", "-o", "e.qsm"]).expect(2).says("48");
    vault.run(&["model", "import", "nowhere"]).expect(2).says("nowhere").says("hint: ");
    vault.run(&["model", "import", "notes"]).expect(2).says("no config.json").says("hint: ");
    std::fs::write(vault.path("tiny/model.safetensors"), "torn").unwrap();
    vault.run(&["model", "import", "tiny"]).expect(2).says("tiny/model.safetensors").says("hint: ");
    assert_eq!(std::fs::read_dir(&models).unwrap().count(), 1);
}

#[test]
fn questions_have_the_prefix_that_their_model_wants() {
    let vault = vault();
    let prefix = ["--query-prefix", "query: ", "--name", "asks"];
    vault.run(&[&["model", "import", "tiny"][..], &prefix].concat()).expect(0).says("\"query: \"");
    let embed = |args: &[&str], text: &[u8]| {
        vectors(vault.run_with_input(&[&["embed"][..], args].concat(), text)).remove(0)
    };
    assert_eq!(embed(&["--query"], b"a lock"), embed(&[], b"a lock"));
    let asked = embed(&["--model", "asks", "--query"], b"a lock");
    assert_ne!(asked, embed(&["--model", "asks"], b"a lock"));
    assert_eq!(asked, embed(&["--model", "asks"], b"query: a lock"));
}

#[test]
fn timings_are_told_where_they_are_wanted() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    let ask = |flags: &[&str]| vault.run(&[&["ask", "what is the GIL"][..], flags].concat()).expect(0);
    assert_eq!(ask(&[]).stderr, "");
    let run = ask(&["--timings"]);
    assert_eq!(run.stdout, ask(&[]).stdout);
    let laps = run.stderr.strip_prefix("milliseconds: ").unwrap().trim_end();
    let laps: Vec<(&str, &str)> = laps.split(", ").map(|lap| lap.split_once(' ').unwrap()).collect();
    assert!(laps.iter().all(|(_, took)| took.parse::<f64>().is_ok_and(|took| took >= 0.0)), "{laps:?}");
    for name in ["embed", "total"] {
        assert!(laps.iter().any(|lap| lap.0 == name), "{name}: {laps:?}");
    }
    assert_eq!(laps.last().unwrap().0, "total");

    let json = |flags: &[&str]| {
        let run = ask(flags);
        assert_eq!(run.stderr, "");
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    assert_eq!(json(&["--json"])["timings"], Value::Null);
    let timed = json(&["--json", "--timings"]);
    let lap = |name: &str| timed["timings"][name].as_f64().unwrap();
    assert!(lap("embed") > 0.0 && lap("total") >= lap("embed"), "{timed}");
}

//! Folders that came from elsewhere: whose settings and indexes count, and what an index may have qsearch read.

use std::fs;
#[cfg(unix)]
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{BREAD, LOCK, Run, Vault, finish, forge};

/// What nobody but the user should read.
const PIN: &str = "# PIN\n\nThe PIN of the door is 4711.\n";

/// A folder `clone` with an index that somebody else made, of its notes and of the user's `private`; the user has
/// written more to both since.
fn cloned() -> Vault {
    let vault = Vault::new();
    for (path, text) in [("clone/notes/a.md", LOCK), ("private/pin.md", PIN)] {
        fs::create_dir_all(vault.path(path).parent().unwrap()).unwrap();
        fs::write(vault.path(path), text).unwrap();
    }
    let maker = |vault: &Vault| vault.command().env("HOME", vault.path("maker")).args(MAKE).output().unwrap();
    assert_eq!(maker(&vault).status.code(), Some(0));
    fs::write(vault.path("private/pin.md"), PIN.replace("4711", "5822")).unwrap();
    fs::write(vault.path("clone/notes/b.md"), BREAD).unwrap();
    vault
}

const MAKE: [&str; 5] = ["index", "--index", "clone/index", "clone/notes", "private"];

/// The program in a folder of the vault.
fn inside(vault: &Vault, folder: &str) -> Command {
    let mut command = vault.command();
    command.current_dir(vault.path(folder));
    command
}

fn run_in(vault: &Vault, folder: &str, args: &[&str]) -> Run {
    finish(inside(vault, folder).args(args))
}

fn json_of(vault: &Vault, args: &[&str]) -> Value {
    serde_json::from_str(&run_in(vault, "clone", args).stdout).unwrap()
}

/// Checks that nothing is read of the root at `private` by itself, while all else goes on.
fn is_not_read(vault: &Vault) {
    let run = run_in(vault, "clone", &["index"]).expect(2).says("1 new");
    run.says("private wasn't refreshed: it lies outside").says("qsearch index --trust");
    let found = json_of(vault, &["ask", "--json", "what is the PIN of the door"]);
    assert_eq!(
        (&found["results"][0]["path"], &found["results"][0]["stale"]),
        (&json!("pin.md"), &json!(true))
    );
    assert!(!found.to_string().contains("5822"), "{found}");
    let run = run_in(vault, "clone", &["search", "PIN door"]);
    assert!(run.stdout.contains("stale"), "{run:?}");
    run.says("warning: nothing is read in ").says("confirms it");
    let got = run_in(vault, "clone", &["get", "private/pin.md"]).expect(0).says("nothing is read in ");
    assert!(got.stdout.contains("4711"), "{got:?}");
    let status = run_in(vault, "clone", &["status"]).expect(0);
    assert!(status.stdout.contains("1 unreadable root; `qsearch index PATH` confirms a root"), "{status:?}");
    run_in(vault, "clone", &["index", "--rebuild"])
        .expect(2)
        .says("would be lost")
        .says("`--trust` confirms");
}

/// Checks that the root at `private` is read by itself from now on.
fn is_read(vault: &Vault) {
    run_in(vault, "clone", &["index"]).expect(0);
    let found = json_of(vault, &["ask", "--json", "what is the PIN of the door"]);
    assert!(found["answer"]["text"].as_str().unwrap().contains("5822"), "{found}");
    assert_eq!(found["results"][0]["stale"], json!(false));
    let status = run_in(vault, "clone", &["status"]).expect(0);
    assert!(status.stdout.contains("up to date"), "{status:?}");
}

#[test]
fn a_root_that_came_with_an_index_is_read_once_it_was_named() {
    let vault = cloned();
    is_not_read(&vault);
    run_in(&vault, "clone", &["index", "../private"]).expect(0).says("1 changed");
    is_read(&vault);
    // For this index, and no other.
    fs::create_dir(vault.path("copy")).unwrap();
    fs::rename(vault.path("clone/index"), vault.path("copy/index")).unwrap();
    run_in(&vault, "copy", &["index"]).expect(2).says("private wasn't refreshed: it lies outside");
}

#[test]
fn all_roots_are_read_once_they_were_trusted() {
    let vault = cloned();
    let once = run_in(&vault, "clone", &["ask", "--trust", "what is the PIN of the door"]);
    assert!(!once.stderr.contains("confirm"), "{once:?}");
    is_not_read(&vault);
    run_in(&vault, "clone", &["index", "--trust"]).expect(0).says("1 changed");
    is_read(&vault);
    run_in(&vault, "clone", &["index", "--rebuild"]).expect(0);
    let state = vault.path("home/.local/state/qsearch/trusted.json");
    let remembered = fs::read_to_string(&state).unwrap();
    assert!(remembered.contains("private") && !remembered.contains("notes"), "{remembered}");
    fs::write(&state, "{").unwrap();
    let run = run_in(&vault, "clone", &["index"]).expect(2).says("nothing counts as confirmed");
    run.says("private wasn't refreshed: it lies outside");
}

#[test]
fn without_a_home_nothing_is_remembered_and_the_run_goes_on() {
    let vault = cloned();
    let run = |args: &[&str]| finish(inside(&vault, "clone").env_remove("HOME").args(args));
    run(&["index", "--trust"])
        .expect(0)
        .says("1 changed")
        .says("can't be remembered as confirmed: neither HOME");
    run(&["index"]).expect(2).says("private wasn't refreshed: it lies outside");
    assert!(run(&["ask", "--trust", "what is the PIN of the door"]).expect(0).stdout.contains("5822"));
    fs::write(vault.path("home"), "not a folder").unwrap();
    run_in(&vault, "clone", &["index", "../private"]).expect(0).says("can't be remembered as confirmed");
}

#[test]
fn roots_count_as_what_they_lead_to() {
    let vault = cloned();
    run_in(&vault, "clone", &["forget", "private"]).expect(0);
    run_in(&vault, "clone", &["index"]).expect(0);
    let private = vault.path("private").canonicalize().unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&private, vault.path("clone/link")).unwrap();
    let clone = vault.path("clone").canonicalize().unwrap();
    for path in [
        private.display().to_string(),
        format!("{}/notes/../../private", clone.display()),
        format!("{}/link", clone.display()),
        format!("{}/link/.", clone.display()),
    ] {
        let rules = json!({ "include": [], "exclude": [], "max_bytes": 64 << 20 });
        let root = json!({ "name": "notes", "path": path, "is_file": false, "rules": rules });
        forge(&vault.path("clone/index"), "roots", &json!([root]));
        run_in(&vault, "clone", &["index"]).expect(2).says("wasn't refreshed: it lies outside");
        let found = json_of(&vault, &["search", "--json", "GIL"]);
        assert_eq!(found[0]["stale"], json!(true), "{path}: {found}");
        let files: Value = json_of(&vault, &["status", "--json"]);
        assert_eq!((&files["files"], &files["changed"], &files["new"]), (&json!(2), &json!([]), &json!([])));
    }
}

#[test]
fn a_folder_that_became_a_link_is_not_followed() {
    if cfg!(not(unix)) {
        return;
    }
    let vault = cloned();
    run_in(&vault, "clone", &["forget", "private"]).expect(0);
    fs::remove_dir_all(vault.path("clone/notes")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../private", vault.path("clone/notes")).unwrap();
    run_in(&vault, "clone", &["index"]).expect(2).says("it lies outside");
    // Nor are sample notes that lie elsewhere.
    let vault = cloned();
    fs::remove_dir_all(vault.path("clone/index")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../private", vault.path("clone/corpus")).unwrap();
    run_in(&vault, "clone", &["index"]).expect(2).says("nothing to refresh");
}

#[test]
fn a_projects_settings_leave_the_users_own_index_alone() {
    let vault = Vault::new();
    let own_settings = vault.path("home/.config/qsearch");
    fs::create_dir_all(&own_settings).unwrap();
    fs::create_dir_all(vault.path("clone/deep/notes")).unwrap();
    for (path, text) in [("a.md", LOCK), ("2.md", BREAD), ("3.md", PIN)] {
        vault.write(path, text);
    }
    fs::write(own_settings.join("config.toml"), "index = '~/own/index'\n").unwrap();
    vault.run(&["index", "notes"]).expect(0);
    fs::write(vault.path("clone/deep/notes/x.md"), "Owls are made of cheese.\n").unwrap();
    fs::write(vault.path("clone/deep/notes/7.md"), "Owls are made of bread.\n").unwrap();
    let files = || {
        let status: Value =
            serde_json::from_str(&run_in(&vault, "clone/deep", &["status", "--json"]).stdout).unwrap();
        (status["files"].as_u64().unwrap(), status["stale"].as_bool().unwrap())
    };

    fs::write(vault.path("clone/qsearch.toml"), "exclude = ['[2-9].md']\nmax-size = '30'\n").unwrap();
    run_in(&vault, "clone/deep", &["index"]).expect(0);
    assert_eq!(files(), (3, false), "the exclusion holds in the clone only");
    run_in(&vault, "clone/deep", &["index", "."]).expect(0);
    assert_eq!(files(), (4, false), "and there it does");
    run_in(&vault, "clone/deep", &["index"]).expect(0);
    assert_eq!(files(), (4, false));

    for (index, place) in [("~/own/index", "home"), ("../home/own/index", "home"), ("deep/../../x", "x")] {
        fs::write(vault.path("clone/qsearch.toml"), format!("\nindex = '{index}'\n")).unwrap();
        for args in
            [&["index"][..], &["index", "."], &["ask", "owls"], &["status"], &["check"], &["forget", "a.md"]]
        {
            let run = run_in(&vault, "clone/deep", args).expect(2).says("clone/qsearch.toml:2: the index ");
            run.says(place).says("hint: name it with `--index ");
        }
    }
    let own = vault.path("home/own/index").display().to_string();
    // Rules stay with their root until it is named again.
    run_in(&vault, "clone/deep", &["index", "--index", &own, "."]).expect(0);
    assert_eq!(run_in(&vault, "", &["status", "--json"]).expect(0).stdout.matches("\"files\":5").count(), 1);
    fs::write(vault.path("clone/qsearch.toml"), "index = './index'\n").unwrap();
    run_in(&vault, "clone/deep", &["index", "."]).expect(0);
    assert!(vault.path("clone/index/qsearch.json").exists());
}

#[test]
fn a_projects_settings_name_only_models_that_are_here() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    fs::copy("models/all-MiniLM-L6-v2.qsm", vault.path("beside.qsm")).unwrap();
    let here = vault.path("beside.qsm").display().to_string();
    for model in ["beside.qsm", "./beside.qsm", &here, "nobody", "BGESmallENV15", ""] {
        fs::write(vault.path("qsearch.toml"), format!("\nmodel = '{model}'\n")).unwrap();
        for args in [&["index", "--index", "new", "notes"][..], &["embed"]] {
            let run = vault.run(args).expect(2).says("qsearch.toml:2: `model` names ");
            run.says(&format!("hint: if you trust it, type `--model {model}`"));
        }
        assert!(!vault.path("new").exists());
        fs::write(vault.path("qsearch.toml"), format!("\n\nrerank = '{model}'\n")).unwrap();
        vault.run(&["ask", "GIL"]).expect(2).says("qsearch.toml:3: `rerank` names ").says("`--rerank ");
        assert!(vault.run(&["ask", "GIL", "--rerank", "none"]).status <= 1);
    }
    fs::write(vault.path("qsearch.toml"), "model = 'all-minilm-l6-v2'\nrerank = 'none'\n").unwrap();
    vault.run(&["embed"]).expect(0);
    vault.run(&["ask", "what is the GIL"]).expect(0);
}

#[test]
fn a_model_for_onnx_runtime_that_came_with_an_index_is_not_run() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    fs::write(vault.path("model.onnx"), "anything").unwrap();
    let model = vault.path("model.onnx").display().to_string();
    let state = vault.path("home/.local/state/qsearch");
    for (source, what) in [(format!("onnx:{model}"), "run"), ("fastembed:BGESmallENV15".into(), "download")] {
        if what == "download" && cfg!(not(feature = "fastembed")) {
            continue;
        }
        forge(&vault.path("index"), "model_source", &json!(source));
        for args in [
            &["ask", "GIL"][..],
            &["search", "GIL"],
            &["index"],
            &["index", "--rebuild"],
            &["ask", "--trust", "GIL"],
        ] {
            let run = vault
                .run(args)
                .expect(2)
                .says("haven't named yourself")
                .says("hint: if you trust it, `--model ");
            run.says(&format!("doesn't {what} it"));
        }
        assert!(!state.exists());
        assert!(vault.run(&["ask", "--model", "all-MiniLM-L6-v2", "what is the GIL"]).status == 0);
        // Once it was named, it is tried.
        fs::create_dir_all(&state).unwrap();
        fs::write(state.join("trusted.json"), json!({ "models": [source] }).to_string()).unwrap();
        if what == "run" {
            let run = vault.run(&["ask", "GIL"]).expect(2);
            assert!(!run.stderr.contains("named yourself"), "{run:?}");
        }
        fs::remove_dir_all(&state).unwrap();
    }
    forge(&vault.path("index"), "model_source", &json!("onnx:/gone/model.onnx"));
    vault.run(&["ask", "GIL"]).expect(2);
}

/// Gives a file to somebody else; only root can.
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
fn give_away(path: &Path) -> bool {
    let given = std::os::unix::fs::lchown(path, Some(65534), Some(65534)).is_ok();
    if !given {
        eprintln!("SKIPPED what others own: only root can give files away");
    }
    given
}

#[cfg(unix)]
#[test]
fn an_index_of_somebody_else_is_passed_over_unless_it_is_named() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    fs::create_dir_all(vault.path("work/deep")).unwrap();
    for given in ["index", "index/qsearch.json"] {
        if !give_away(&vault.path(given)) {
            return;
        }
        for args in [
            &["ask", "GIL"][..],
            &["search", "GIL"],
            &["get", "a.md"],
            &["status"],
            &["check"],
            &["forget", "a.md"],
        ] {
            let run = run_in(&vault, "work/deep", args)
                .expect(2)
                .says("/index is passed over: it belongs to user 65534");
            run.says("if you trust it").says("error: there is no index here");
        }
        let quiet = run_in(&vault, "work/deep", &["ask", "-q", "GIL"]).expect(2);
        assert!(!quiet.stderr.contains("warning"), "{quiet:?}");
        run_in(&vault, "work/deep", &["index", "../../notes"]).expect(0).says("passed over");
        assert!(vault.path("work/deep/index/qsearch.json").exists());
        fs::remove_dir_all(vault.path("work/deep/index")).unwrap();
        vault.run(&["index", "notes"]).expect(2).says("no index is made at ").says("hint: name a place");
        vault.run(&["ask", "--index", "index", "what is the GIL"]).expect(0);
        finish(vault.command().env("QSEARCH_INDEX", "./index").args(["ask", "what is the GIL"])).expect(0);
        finish(vault.command().env("SUDO_UID", "65534").args(["ask", "what is the GIL"])).expect(0);
        std::os::unix::fs::lchown(vault.path(given), Some(0), Some(0)).unwrap();
    }
    // An empty folder waits for what one indexes.
    fs::create_dir(vault.path("work/index")).unwrap();
    give_away(&vault.path("work/index"));
    run_in(&vault, "work", &["index", "--exclude", "x", "../notes"]).expect(0);
    fs::remove_dir_all(vault.path("index")).unwrap();
    run_in(&vault, "work", &["index", "../notes"]).expect(2).says("belongs to user 65534");
    assert_eq!(fs::read_dir(vault.path("work/index")).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn settings_of_somebody_else_are_passed_over() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    fs::create_dir_all(vault.path("work/deep")).unwrap();
    fs::write(vault.path("qsearch.toml"), "sources = 1\n").unwrap();
    fs::write(vault.path("work/qsearch.toml"), "index = 'none'\nunknown = 1\n").unwrap();
    if !give_away(&vault.path("work/qsearch.toml")) {
        return;
    }
    let run = run_in(&vault, "work/deep", &["ask", "what is the GIL"]).expect(0);
    run.says("work/qsearch.toml belongs to user 65534, so these settings don't count");
    // A link counts as whose it is, and as whose that is that it leads to.
    fs::remove_file(vault.path("work/qsearch.toml")).unwrap();
    std::os::unix::fs::symlink("../other.toml", vault.path("work/qsearch.toml")).unwrap();
    fs::write(vault.path("other.toml"), "unknown = 1\n").unwrap();
    run_in(&vault, "work", &["ask", "GIL"]).expect(2).says("unknown field");
    for given in ["other.toml", "work/qsearch.toml"] {
        give_away(&vault.path(given));
        run_in(&vault, "work", &["ask", "what is the GIL"]).expect(0).says("don't count");
        std::os::unix::fs::lchown(vault.path(given), Some(0), Some(0)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn an_index_that_is_a_link_out_of_its_folder_is_passed_over() {
    use std::os::unix::fs::symlink;
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    fs::create_dir_all(vault.path("clone/deep")).unwrap();
    fs::rename(vault.path("index"), vault.path("own")).unwrap();
    symlink("../own", vault.path("clone/index")).unwrap();
    for folder in ["clone", "clone/deep"] {
        let run = run_in(&vault, folder, &["ask", "GIL"]).expect(2);
        run.says("clone/index is passed over: it is a link that leads out of its folder");
    }
    run_in(&vault, "clone", &["index", "../notes"]).expect(2).says("it is a link that leads out");
    run_in(&vault, "clone", &["ask", "--index", "index", "what is the GIL"]).expect(0);
    fs::rename(vault.path("own"), vault.path("clone/deep/own")).unwrap();
    fs::remove_file(vault.path("clone/index")).unwrap();
    symlink("deep/own", vault.path("clone/index")).unwrap();
    run_in(&vault, "clone", &["ask", "what is the GIL"]).expect(0);
    fs::remove_file(vault.path("clone/index")).unwrap();
    symlink("../nowhere", vault.path("clone/index")).unwrap();
    run_in(&vault, "clone", &["index", "../notes"]).expect(2).says("it is a link that leads out");
}

//! Dashes in questions: flags are text, words are left out, and what is left out is told.

use serde_json::Value;

use crate::support::Vault;

fn vault() -> Vault {
    Vault::indexed(&[
        (
            "tar.md",
            "# Archives\n\nUnpack an archive with tar -xzf backup.tgz, list it with tar -tzf backup.tgz.\n",
        ),
        ("rm.md", "# Cleaning\n\nNever run rm -rf on the build folder while the watcher is up.\n"),
        ("java.md", "# Java\n\nStart the service with java -jar app.jar and give it memory with -Xmx2g.\n"),
        ("find.md", "# Finding\n\nUse find . -name '*.md' -mtime -7 for notes of the last week.\n"),
        (
            "docker.md",
            "# Containers\n\nOpen a shell: docker run -it ubuntu. With tool -frobnicate it is faster.\n",
        ),
        ("island.md", "# Islands\n\nThe island of Java has many volcanoes.\n"),
        ("snakes.md", "# Reptiles\n\nPython snakes live in Asia.\n"),
        ("python.md", "# Language\n\nPython is a language for programs.\n"),
        ("jaguar.md", "# Jaguar\n\nThe jaguar is a cat of the Americas.\n"),
        ("car.md", "# Jaguar\n\nThe Jaguar is a car from England.\n"),
        ("shopping.md", "Shopping\n\n-apples\n-pears\n"),
    ])
}

/// The paths that a question finds, best first.
#[track_caller]
fn found(vault: &Vault, question: &str) -> Vec<String> {
    let run = vault.run(&["search", "--json", "-n", "50", "--", question]);
    assert!(run.status <= 1, "{run:?}");
    let results: Value = serde_json::from_str(&run.stdout).unwrap();
    results.as_array().unwrap().iter().map(|hit| hit["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn flags_are_text() {
    let vault = vault();
    for (question, path) in [
        ("how do I unpack with tar -xzf", "tar.md"),
        ("what does rm -rf do", "rm.md"),
        ("java -jar", "java.md"),
        ("find . -name pattern", "find.md"),
        ("find . -mtime -7", "find.md"),
        ("docker run -it", "docker.md"),
        ("what does the -jar option do", "java.md"),
        // Only the notes can tell.
        ("tool -frobnicate", "docker.md"),
        ("list of things\n-apples\n-pears", "shopping.md"),
    ] {
        assert_eq!(found(&vault, question)[0], path, "{question}");
        assert!(!vault.run(&["search", "--", question]).stderr.contains("excluded"), "{question}");
    }
}

#[test]
fn words_are_left_out_and_told() {
    let vault = vault();
    for (question, gone, stays) in [
        ("python -snakes", "snakes.md", "python.md"),
        ("jaguar -car", "car.md", "jaguar.md"),
        ("java -volcanoes", "island.md", "java.md"),
        ("python -\"snakes live\"", "snakes.md", "python.md"),
        // An item of a list is no flag.
        ("shopping fruit -apples", "shopping.md", "python.md"),
    ] {
        let paths = found(&vault, question);
        assert!(!paths.iter().any(|path| path == gone), "{question}: {paths:?}");
        assert!(paths.iter().any(|path| path == stays), "{question}: {paths:?}");
        vault.run(&["search", question]).says("excluded: passages with “");
        let reply: Value = serde_json::from_str(&vault.run(&["ask", "--json", question]).stdout).unwrap();
        assert_eq!(reply["excluded"].as_array().unwrap().len(), 1, "{question}");
    }
    vault.run(&["ask", "jaguar -car"]).says("excluded: passages with “car”").says("`\"-car\"`");
    let run = vault.run(&["ask", "--json", "jaguar -car"]);
    assert_eq!(run.stderr, "");
    let reply: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(reply["excluded"], serde_json::json!(["car"]));
    assert!(vault.run(&["-q", "ask", "jaguar -car"]).stderr.is_empty());
}

#[test]
fn a_dash_is_given_back() {
    let vault = vault();
    for arguments in [
        &["search", "--json", "--", "-car"][..],
        &["search", "--json", "--", "jaguar", "-car"],
        &["search", "--json", "\"-car\""],
    ] {
        let run = vault.run(arguments).expect(0);
        let results: Value = serde_json::from_str(&run.stdout).unwrap();
        let mut hits = results.as_array().unwrap().iter();
        assert!(hits.any(|hit| hit["path"] == "car.md"), "{arguments:?}");
    }
    vault.run_with_input(&["ask", "-"], b"-car").expect(2).says("but not what to look for").says("hint:");
    vault.run(&["ask", "java", "-jar"]).expect(2).says("`qsearch ask -- java -jar`");
}

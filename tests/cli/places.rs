//! Where indexes are: copies of them, and the addresses of databases, which only the user may name.

use crate::support::Vault;

#[test]
fn a_copy_answers_as_its_original_does() {
    let vault = Vault::indexed(&[
        ("owls.md", "# Owls\n\nOwls hunt at night, by ear. See [[bread]].\n"),
        ("bread.md", "---\naliases: [loaf]\ntags: [food]\n---\nKnead the dough for ten minutes.\n"),
    ]);
    let copied = vault.json(&["copy", "second"]);
    assert_eq!((&copied["files"], copied["index"].as_str()), (&2.into(), vault.path("second").to_str()));
    for question in ["when do owls hunt", "how long to knead", "loaf"] {
        let of_copy = vault.ask_with(&["--index", "second", question]);
        assert_eq!(vault.ask(question), of_copy, "{question}");
    }
    vault.run(&["check", "--index", "second"]).expect(0);
    let status = vault.json(&["status", "--index", "second"]);
    assert_eq!((&status["stale"], &status["files"]), (&false.into(), &2.into()));
    assert!(status.get("server").is_none() && status["roots"][0].get("machine").is_none());
    vault.run(&["copy", "index", "second"]).expect(2).says("notes in the index").says("hint: name a place");
    vault.run(&["copy", "none", "third"]).expect(2).says("no index");
    assert!(!vault.path("third").exists());
}

#[cfg(feature = "postgres")]
#[test]
fn a_folder_names_no_database() {
    let vault = Vault::indexed(&[("a.md", "owls")]);
    std::fs::write(vault.path("qsearch.toml"), "index = 'postgres://ada@localhost/notes'").unwrap();
    vault.run(&["ask", "owls"]).expect(2).says("qsearch.toml:1: ").says("database").says("hint: ");
    vault.run(&["index", "notes"]).expect(2).says("qsearch.toml:1: ");
    std::fs::remove_file(vault.path("qsearch.toml")).unwrap();
    vault.run(&["ask", "owls"]).expect(0);
}

#[cfg(feature = "postgres")]
#[test]
fn no_password_is_taken_from_arguments_or_shown() {
    let vault = Vault::indexed(&[("a.md", "owls")]);
    let address = "postgres://ada:se-cret@localhost/notes";
    for args in [
        &["ask", "--index", address, "owls"][..],
        &["index", "--index", address],
        &["copy", address],
        &["copy", address, "x"],
        &["status", address],
        &["status", "--json", address],
        &["ask", "--colour", address],
        &["help", address],
        &["--threads", address],
    ] {
        let run = vault.run(args).expect(2);
        assert!(!run.stderr.contains("se-cret") && !run.stdout.contains("se-cret"), "{run:?}");
    }
    vault.run(&["copy", address]).expect(2).says("password").says("QSEARCH_INDEX");
    assert!(!vault.path("postgres:").exists());
}

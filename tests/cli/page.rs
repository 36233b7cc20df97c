//! What is printed of sources: lines, passages, places for editors, and the note that is opened.

use crate::support::{BREAD, LOCK, Run, Vault, finish};

fn vault() -> Vault {
    Vault::indexed(&[
        ("python/gil.md", &format!("---\ntags: python\n---\n{LOCK}")),
        ("bread.md", BREAD),
        (
            "git/branch.md",
            "# Rename a branch\n\nBranches have names.\n\n- To rename one:\n\n  ```sh\n  git branch -m new\n  ```\n",
        ),
        ("plain.txt", "Owls hunt at night.\n"),
    ])
}

fn ask(vault: &Vault, args: &[&str]) -> Run {
    vault.run(&[&["ask"], args].concat())
}

#[test]
fn a_source_is_a_line_and_with_full_a_passage() {
    let vault = vault();
    let page = ask(&vault, &["-n", "3", "what is the GIL"]).expect(0).stdout;
    assert_eq!(page.matches("A mutex in CPython").count(), 1, "{page}");
    let lines: Vec<&str> = page.lines().collect();
    assert!(lines[1].starts_with("[1] notes/python/gil.md:6  What is the GIL?  "), "{page}");
    assert_eq!((lines[2], lines.len()), ("", 5), "{page}");
    assert!(lines[3].starts_with("[2] notes/") && lines[4].starts_with("[3] notes/"), "{page}");
    let full = ask(&vault, &["-n", "2", "--full", "what is the GIL"]).expect(0).stdout;
    assert_eq!(full.matches("A mutex in CPython").count(), 1, "{full}");
    assert!(full.lines().count() > 4 && full.contains("\n    "), "{full}");
    let search = vault.run(&["search", "--full", "rename a branch"]).expect(0).stdout;
    assert!(search.contains("\n      ```sh\n      git branch -m new\n      ```\n"), "{search}");
}

#[test]
fn sources_that_hardly_count_are_left_out_unless_so_many_are_wanted() {
    let vault = vault();
    let numbers = |args: &[&str]| {
        let page = ask(&vault, args).stdout;
        page.lines().filter(|line| line.starts_with('[')).count()
    };
    assert_eq!(numbers(&["what is the GIL"]), 1);
    assert_eq!(numbers(&["-n", "3", "what is the GIL"]), 3);
    let reply = vault.ask("what is the GIL");
    assert_eq!(reply["results"].as_array().unwrap().len(), 4, "{reply}");
}

#[test]
fn a_note_without_headings_is_named_by_its_title() {
    let vault = vault();
    vault.write("talk.md", "---\ntitle: The night shift\n---\nBats and owls share the barn.\n");
    vault.run(&["index"]).expect(0);
    ask(&vault, &["who shares the barn"]).expect(0).shows("[1] notes/talk.md:4  The night shift  0.");
}

#[test]
fn editors_get_places() {
    let vault = vault();
    let lines = ask(&vault, &["--vimgrep", "what is the GIL"]).expect(0).stdout;
    assert_eq!(lines, "notes/python/gil.md:6:1:A mutex in CPython: one thread at a time runs bytecode.\n");
    let lines = vault.run(&["search", "--vimgrep", "-n", "1", "hunt"]).expect(0).stdout;
    assert_eq!(lines, "notes/plain.txt:1:6:Owls hunt at night.\n");
    let mut here = vault.command();
    here.current_dir(vault.path("notes/python"));
    let lines = finish(here.args(["search", "--vimgrep", "CPython mutex bread"])).expect(0).stdout;
    assert!(lines.contains("gil.md:6:3:A mutex in CPython"), "{lines}");
    let bread = vault.path("notes/bread.md").canonicalize().unwrap();
    assert!(lines.contains(&format!("{}:", bread.display())), "{lines}");
    // What isn't an answer is told by the exit status.
    ask(&vault, &["--vimgrep", "--min-score", "1", "what is the GIL"])
        .expect(1)
        .shows("notes/python/gil.md:");
}

#[test]
fn paths_alone_are_each_named_once() {
    let vault = Vault::indexed(&[
        ("owls.md", "# Owls\n\n## Night\n\nOwls hunt at night.\n\n## Day\n\nOwls sleep by day.\n"),
        ("bread.md", BREAD),
    ]);
    for flag in ["-l", "--files-with-matches"] {
        let run = vault.run(&["search", flag, "owls"]).expect(0);
        assert_eq!(run.stdout, "notes/owls.md\nnotes/bread.md\n");
    }
    ask(&vault, &["-l", "when do owls hunt"]).expect(0).shows("notes/owls.md\n");
    // Notes that are listed by filters alone, too.
    let run = vault.run(&["search", "-l", "path:owls.md"]).expect(0);
    assert_eq!(run.stdout, "notes/owls.md\n");
}

#[cfg(unix)]
#[test]
fn a_source_is_opened_where_it_answers() {
    use std::os::unix::fs::PermissionsExt;

    let vault = vault();
    let tool = |name: &str, script: &str| {
        let path = vault.path(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    let open = |variable: &str, editor: &str, args: &[&str]| {
        finish(vault.command().env("PATH", "/usr/bin:/bin").env(variable, editor).args(args))
    };
    let vim = tool("vim", "printf '<%s>' \"$@\"");
    let gil = vault.path("notes/python/gil.md").canonicalize().unwrap();
    let ask = ["ask", "--open", "1", "what is the GIL"];
    let run = open("EDITOR", &format!("'{vim}' -n"), &ask).expect(0);
    assert_eq!(run.stdout, format!("<-n><+6><{}>", gil.display()));
    let run = open("VISUAL", &tool("other", "printf '<%s>' \"$@\""), &ask).expect(0);
    assert_eq!(run.stdout, format!("<{}>", gil.display()));
    let run = open("EDITOR", &vim, &["search", "--open", "1", "hunt"]).expect(0);
    assert!(run.stdout.starts_with("<+1></"), "{run:?}");
    // More sources than are shown by themselves can be opened, but not more than there are.
    open("EDITOR", &vim, &["ask", "--open", "4", "what is the GIL"]).expect(0);
    let run = open("EDITOR", &vim, &["ask", "--open", "9", "what is the GIL"]).expect(2);
    run.says("there is no source 9 to open").says("from 1 to 4");
    open("EDITOR", &tool("broken", "exit 3"), &ask)
        .expect(2)
        .says("broken` can't open notes/python/gil.md")
        .says("hint:");
    open("EDITOR", "there-is-no-such-editor", &ask).expect(2).says("hint: set VISUAL or EDITOR");
    std::fs::remove_file(&gil).unwrap();
    open("EDITOR", &vim, &ask).expect(2).says("isn't there any more").says("hint:");
}

#[test]
fn an_index_from_elsewhere_opens_nothing() {
    let vault = vault();
    let elsewhere = Vault::new();
    std::fs::write(elsewhere.path("secret.md"), LOCK).unwrap();
    vault.run(&["index", elsewhere.path("secret.md").to_str().unwrap()]).expect(0);
    let open = |home: &str| {
        let mut command = vault.command();
        command.env("HOME", vault.path(home)).env("PATH", "/usr/bin:/bin").env("EDITOR", "echo");
        finish(command.args(["ask", "--open", "1", "--path", "secret.md", "what is the GIL"]))
    };
    open("home").expect(0).shows("secret.md");
    open("another").expect(2).says("hint:");
}

#[test]
fn what_excludes_each_other_is_refused_with_a_sentence() {
    let vault = vault();
    for command in ["ask", "search"] {
        for (one, other) in [
            (&["--json"][..], &["--vimgrep"][..]),
            (&["--vimgrep"], &["-l"]),
            (&["--full"], &["--json"]),
            (&["--open", "1"], &["--full"]),
        ] {
            let run = vault.run(&[&[command], one, other, &["owls"]].concat()).expect(2);
            run.says("cannot be used with");
        }
        vault.run(&[command, "--open", "0", "owls"]).expect(2).says("a whole number from 1");
    }
}

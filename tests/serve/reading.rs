//! Notes by their addresses: lines, pages, what was changed meanwhile, and nothing that isn't in the table of notes.

use serde_json::{Value, json};

use crate::client::{OWLS, Vault};

#[test]
fn lines_are_lines_of_the_file() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let note = served.get("/api/notes/notes/owls.md?lines=3-5").expect(200).json();
    assert_eq!(
        (&note["lines"], &note["text"]),
        (
            &json!({ "first": 3, "last": 5 }),
            &json!("## Hunting\n\nMost owls hunt at night. A barn owl hears a mouse under 30 cm of snow.\n")
        )
    );
    assert_eq!(note["passages"].as_array().unwrap().len(), 1);
    let all = served.get("/api/notes/notes/owls.md?lines=1-999").expect(200).json();
    assert_eq!((&all["lines"]["last"], &all["text"]), (&json!(9), &json!(OWLS)));
    assert!(note["links_to"]["vscode"].as_str().unwrap().ends_with("/notes/owls.md:3"), "{note}");
    assert_eq!(
        served.get("/api/notes/notes/owls.md?lines=9").expect(200).json()["lines"],
        json!({ "first": 9, "last": 9 })
    );
    served.get("/api/notes/notes/owls.md?lines=90-99").refused(404, "not_found");
    for lines in ["0", "5-3", "x", "-", "1-", "-1", "1-2-3", "99999999999"] {
        served.get(&format!("/api/notes/notes/owls.md?lines={lines}")).refused(400, "usage");
    }
    served.get("/api/notes/notes/owls.md?page=2").refused(404, "not_found");
    served.get("/api/notes/notes/owls.md?file=1").refused(404, "not_found");
}

#[test]
fn the_text_is_what_the_file_says_now() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    vault.write("owls.md", "# Owls\n\nThey have all flown away.\n");
    let note = served.get("/api/notes/notes/owls.md").expect(200).json();
    assert_eq!(
        (&note["stale"], &note["text"]),
        (&json!(true), &json!("# Owls\n\nThey have all flown away.\n"))
    );
    assert!(note["passages"][0]["text"].as_str().unwrap().contains("Owls"));
    std::fs::remove_file(vault.path("notes/owls.md")).unwrap();
    let note = served.get("/api/notes/notes/owls.md").expect(200).json();
    assert_eq!((&note["stale"], &note["text"], &note["lines"]), (&json!(true), &Value::Null, &Value::Null));
    assert!(!note["passages"].as_array().unwrap().is_empty());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/passwd", vault.path("notes/owls.md")).unwrap();
        let note = served.get("/api/notes/notes/owls.md").expect(200).json();
        assert_eq!(note["text"], Value::Null, "no link is followed");
    }
}

#[test]
fn nothing_but_notes_is_read_whatever_an_address_says() {
    let vault = Vault::usual();
    std::fs::write(vault.path("secret.md"), "# Secret\n").unwrap();
    std::fs::write(vault.path("notes/secret.bin"), "secret\0\0").unwrap();
    vault.write("later.md", "# Later\n");
    let served = vault.serve(&[]);
    let up = [
        "..",
        "%2e%2e",
        "%2E%2E",
        ".%2e",
        "..%2f",
        "..%5c",
        "..\\",
        "%2e%2e%2f",
        "%252e%252e",
        "....//",
        "..;",
        "%c0%ae%c0%ae",
        "%u002e%u002e",
        "%00",
        "%ff",
    ];
    for up in up {
        for address in [
            format!("/api/notes/notes/{up}/secret.md"),
            format!("/api/notes/{up}/secret.md"),
            format!("/api/notes/{up}/{up}/{up}/etc/passwd"),
            format!("/api/notes/notes/kitchen/{up}/{up}/secret.md"),
            format!("/api/files/notes/{up}/secret.md"),
            format!("/assets/{up}/page.js"),
        ] {
            let answer = served.get(&address);
            assert!(matches!(answer.status, 400 | 404), "{address}: {}", answer.status);
            assert!(!answer.text().contains("Secret"), "{address}");
        }
    }
    for address in [
        "notes//etc/passwd",
        "notes/%2fetc%2fpasswd",
        "/etc/passwd",
        "notes/secret.bin",
        "notes/later.md",
        "notes/./owls.md",
        "notes/kitchen/../owls.md",
        "notes/owls.md/",
        "notes/owls.md:3",
        "notes/OWLS.md%20",
        "notes/owls",
        "owls.md",
        "notes/%23abc",
        "kitchen/bread.md",
        "notes/owls.md%00",
        "notes/kitchen",
        "notes/",
    ] {
        let answer = served.get(&format!("/api/notes/{address}"));
        assert!(matches!(answer.status, 400 | 404), "{address}: {} {}", answer.status, answer.text());
    }
    served.get("/api/notes/notes/owls%2Emd").expect(200);
    served.get("/api/notes/notes/kitchen%2Fbread.md").expect(200);
}

#[test]
fn names_of_all_kinds_have_addresses() {
    let names = ["with space.md", "ä ö.md", "100%.md", "a+b.md", "q?&#.md", "quote\"'.md", "back\\slash.md"];
    let notes: Vec<(&str, &str)> = names.iter().map(|name| (*name, "# One\n\nSome text.\n")).collect();
    let vault = Vault::indexed(&notes);
    let served = vault.serve(&[]);
    let found = served.get("/api/search?q=some+text&limit=50").expect(200).json();
    let found = found["results"].as_array().unwrap();
    let listed: usize = found
        .iter()
        .map(|one| {
            1 + one["also_in"].as_array().unwrap().len() + one["also_in_more"].as_u64().unwrap() as usize
        })
        .sum();
    assert_eq!(listed, names.len());
    let first = found.iter().map(|one| one["path"].as_str().unwrap().to_owned());
    let also = found
        .iter()
        .flat_map(|one| one["also_in"].as_array().unwrap())
        .map(|one| one["path"].as_str().unwrap().to_owned());
    for path in first.chain(also) {
        let encoded: Vec<String> = path.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let note = served.get(&format!("/api/notes/notes/{}", encoded.concat())).expect(200).json();
        assert_eq!((&note["path"], &note["text"]), (&json!(path), &json!("# One\n\nSome text.\n")));
    }
}

#[test]
fn long_notes_are_cut() {
    let long = format!("# Long\n\nIt begins here.\n{}It ends here.\n", "\n".repeat(2_100_000));
    let vault = Vault::indexed(&[("long.md", &long)]);
    let served = vault.serve(&[]);
    let note = served.get("/api/notes/notes/long.md").expect(200).json();
    let text = note["text"].as_str().unwrap();
    assert!(note["truncated"] == true && text.len() == 2_000_000 && long.starts_with(text));
    let last = note["lines"]["last"].as_u64().unwrap();
    let next = served.get(&format!("/api/notes/notes/long.md?lines={}-9999999", last + 1)).expect(200).json();
    assert!(next["truncated"] == false && next["text"].as_str().unwrap().ends_with("\nIt ends here.\n"));
}

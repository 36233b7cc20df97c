//! Files as they are: PDF of the table, pictures below a root, and nothing else.

use serde_json::json;

use crate::client::Vault;
use crate::made::pdf;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";

#[test]
fn pictures_are_given_by_what_their_bytes_say() {
    let vault = Vault::usual();
    for (name, bytes) in [
        ("img/a.png", PNG),
        ("img/lies.svg", PNG),
        ("img/page.png", b"<!doctype html><script>alert(1)</script>"),
        ("img/b.svg", SVG.as_bytes()),
        ("img/c.png", SVG.as_bytes()),
        (".hidden/a.png", PNG),
        ("img/.a.png", PNG),
    ] {
        vault.write(name, bytes);
    }
    let large = std::fs::File::create(vault.path("notes/img/large.png")).unwrap();
    large.set_len(21 << 20).unwrap();
    std::fs::write(vault.path("outside.png"), PNG).unwrap();
    let served = vault.serve(&[]);
    for name in ["img/a.png", "img/lies.svg"] {
        let picture = served.get(&format!("/api/files/notes/{name}")).expect(200);
        assert_eq!((picture.header("content-type"), picture.body.as_slice()), (Some("image/png"), PNG));
        assert_eq!(picture.header("content-disposition"), Some("inline"));
        assert_eq!(picture.header("x-content-type-options"), Some("nosniff"));
        assert!(picture.header("content-security-policy").unwrap().starts_with("sandbox;"));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(vault.path("outside.png"), vault.path("notes/img/link.png")).unwrap();
        std::os::unix::fs::symlink(vault.path(""), vault.path("notes/up")).unwrap();
    }
    for name in [
        "img/page.png",
        "img/b.svg",
        "img/c.png",
        ".hidden/a.png",
        "img/.a.png",
        "img/large.png",
        "img/link.png",
        "up/outside.png",
        "../outside.png",
        "%2e%2e/outside.png",
        "..%2foutside.png",
        "img/none.png",
        "owls.md",
        "img",
        "img/a.png/",
        "/img/a.png",
        "./img/a.png",
    ] {
        let answer = served.get(&format!("/api/files/notes/{name}"));
        // Whether there is such a file is nobody's business.
        let said = answer.refused(404, "not_found");
        assert!(
            said.contains("no such picture") || said.contains("nothing at this address"),
            "{name}: {said}"
        );
    }
    served.get("/api/files/other/img/a.png").refused(404, "not_found");
}

#[test]
fn documents_have_pages_and_the_pdf_itself_is_given() {
    let vault = Vault::unread(&[]);
    let pages: [&[&str]; 3] = [
        &["Owls hunt at night and sleep by day."],
        &["Wolves howl at the full moon."],
        &["Bread is baked in a hot iron pot."],
    ];
    let bytes = pdf(&pages);
    vault.write("paper.pdf", &bytes);
    vault.index();
    let served = vault.serve(&[]);
    let note = served.get("/api/notes/notes/paper.pdf").expect(200).json();
    assert_eq!((&note["kind"], &note["file"], &note["stale"]), (&json!("pdf"), &json!(true), &json!(false)));
    let places: Vec<&str> =
        note["places"].as_array().unwrap().iter().map(|place| place["text"].as_str().unwrap()).collect();
    assert_eq!(places, ["p1", "p2", "p3"]);
    for (page, text) in [("1", "Owls hunt"), ("2", "Wolves howl"), ("p3", "Bread is baked")] {
        let note = served.get(&format!("/api/notes/notes/paper.pdf?page={page}")).expect(200).json();
        let shown = note["text"].as_str().unwrap();
        assert!(shown.contains(text) && shown.lines().count() <= 2, "{page}: {shown}");
        let number = page.trim_start_matches('p').parse::<usize>().unwrap() - 1;
        let place = &note["places"].as_array().unwrap()[number];
        assert_eq!(
            (&note["lines"]["first"], &note["lines"]["last"]),
            (&place["first_line"], &place["last_line"])
        );
    }
    served.get("/api/notes/notes/paper.pdf?page=4").refused(404, "not_found");
    let file = served.get("/api/notes/notes/paper.pdf?file=1").expect(200);
    assert_eq!((file.header("content-type"), &file.body), (Some("application/pdf"), &bytes));
    let csp = file.header("content-security-policy").unwrap();
    assert!(csp.starts_with("sandbox; default-src 'none';") && !csp.contains("script-src"), "{csp}");
    // What isn't a PDF any more isn't given as one.
    vault.write("paper.pdf", "<script>alert(1)</script>");
    served.get("/api/notes/notes/paper.pdf?file=1").refused(404, "not_found");
    let note = served.get("/api/notes/notes/paper.pdf?page=2").expect(200).json();
    assert!(note["stale"] == true && note["text"].as_str().unwrap().contains("Wolves howl"));
}

//! Indexes that come, go and change while they are served, and several of them.

use serde_json::json;

use crate::client::{OWLS, QUESTION, Vault, question};

#[test]
fn each_answer_is_of_the_index_as_it_is() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let asked = "how long does the volcano sleep";
    assert_eq!(served.post("/api/ask", &question(asked)).expect(200).json()["answered"], false);
    vault.write("volcano.md", "# Volcano\n\nThe volcano sleeps for 900 years.\n");
    vault.index();
    let answer = served.post("/api/ask", &question(asked)).expect(200).json();
    assert_eq!(answer["answer"]["text"], "The volcano sleeps for 900 years.");
    let (_, err, status) = vault.run(&["index", "--rebuild"]);
    assert_eq!(status, Some(0), "{err}");
    let answer = served.post("/api/ask", &question(asked)).expect(200).json();
    assert_eq!(answer["answer"]["text"], "The volcano sleeps for 900 years.");
}

#[test]
fn an_index_that_is_not_there_may_come() {
    let vault = Vault::unread(&[("owls.md", OWLS)]);
    let served = vault.serve(&["--index", "index"]);
    assert!(served.said().contains("there is no index at "));
    for path in ["/api/status", "/api/search?q=x", "/api/ask?q=x", "/api/notes/notes/owls.md"] {
        let said = served.get(path).refused(503, "not_found");
        assert!(said.contains("qsearch index"), "{said}");
    }
    served.get("/").expect(200);
    let (out, err, status) = vault.run(&["--index", "index", "index", "notes"]);
    assert_eq!(status, Some(0), "{out}{err}");
    assert_eq!(served.post("/api/ask", &question(QUESTION)).expect(200).json()["answered"], true);
    std::fs::remove_dir_all(vault.path("index")).unwrap();
    served.get("/api/ask?q=x").refused(503, "not_found");
}

#[test]
fn a_damaged_index_is_told() {
    let vault = Vault::usual();
    let (out, ..) = vault.run(&["status", "--json"]);
    let index =
        serde_json::from_str::<serde_json::Value>(&out).unwrap()["index"].as_str().unwrap().to_owned();
    let served = vault.serve(&[]);
    std::fs::write(std::path::Path::new(&index).join("qsearch.json"), "{\"format\": tru").unwrap();
    let answer = served.get("/api/status");
    assert!(answer.status >= 500, "{}", answer.text());
    let said = answer.json();
    assert!(said["hint"].is_string(), "{said}");
    served.get("/api/health").expect(200);
}

#[test]
fn several_indexes_have_names() {
    let (vault, other) =
        (Vault::usual(), Vault::indexed(&[("stars.md", "# Stars\n\nThe pole star stands in the north.\n")]));
    let (out, ..) = other.run(&["status", "--json"]);
    let index =
        serde_json::from_str::<serde_json::Value>(&out).unwrap()["index"].as_str().unwrap().to_owned();
    let served = vault.serve(&["--trust", "--also", &format!("sky={index}")]);
    let asked = json!({ "question": "where does the pole star stand" });
    assert_eq!(served.post("/api/ask", &asked).expect(200).json()["answered"], false);
    let answer = served.post("/api/sky/ask", &asked).expect(200).json();
    assert_eq!(answer["answer"]["text"], "The pole star stands in the north.");
    let state = served.get("/api/sky/status").expect(200).json();
    assert_eq!(
        (&state["name"], &state["indexes"], &state["files"]),
        (&json!("sky"), &json!(["default", "sky"]), &json!(1))
    );
    served.get("/api/sky/notes/notes/stars.md").expect(200);
    served.get("/api/sky/notes/notes/owls.md").refused(404, "not_found");
    let said = served.get("/api/sea/status").refused(404, "not_found");
    assert!(said.contains("default, sky"), "{said}");
}

#[test]
fn readers_and_a_writer_live_together() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let asked = json!({ "query": "the volcano", "limit": 3 });
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..40 {
                        let answer = served.post("/api/search", &asked).expect(200).json();
                        let texts = answer["results"].as_array().unwrap();
                        assert!(!texts.is_empty());
                    }
                })
            })
            .collect();
        for round in 0..5 {
            vault.write("volcano.md", format!("# Volcano\n\nThe volcano sleeps for {round} years.\n"));
            vault.index();
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
    let last = served.post("/api/search", &asked).expect(200).json();
    assert!(last["results"][0]["text"].as_str().unwrap().contains("4 years"), "{last}");
}

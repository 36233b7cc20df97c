use proptest::prelude::*;

use super::*;

/// The text and the places of a notebook.
fn of(file: &str) -> (String, Vec<(usize, String)>) {
    let Draft { text, places, .. } = read(file.as_bytes()).unwrap();
    (text, places.iter().map(|start| (start.at, start.place.to_string())).collect())
}

fn why(file: &str) -> String {
    read(file.as_bytes()).unwrap_err().0
}

#[test]
fn cells_become_markdown_with_their_numbers() {
    let (text, places) = of(r##"{
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Owls\n", "They hunt."], "attachments": {}},
            {"cell_type": "code", "execution_count": 1, "source": "print(1)\n", "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["\u001b[31m1\u001b[0m\n"]},
                {"output_type": "display_data", "data": {"image/png": "AAAA", "text/html": "<b>", "text/plain": ["<Figure size 640x480>"], "application/json": {"a": 1}}},
                {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": ["..."]}
            ]},
            {"cell_type": "raw", "source": []},
            {"cell_type": "markdown", "source": "![a](data:image/png;base64,AAAA) end"}
        ],
        "metadata": {"language_info": {"name": "R", "version": "4"}},
        "nbformat": 4, "nbformat_minor": 5}"##);
    assert_eq!(
        text,
        "# Owls\nThey hunt.\n\n```r\nprint(1)\n```\n\n```output\n1\n```\n\n```output\nKeyError: 'x'\n```\n\n![a](image) end\n"
    );
    let cells: Vec<&str> = places.iter().map(|(at, _)| text[*at..].lines().next().unwrap()).collect();
    // The cell without text has no place.
    assert_eq!(cells, ["# Owls", "```r", "![a](image) end"]);
    assert_eq!(places[2].1, "cell4");
}

#[test]
fn notebooks_of_format_3_are_read() {
    let (text, places) = of(r#"{"nbformat": 3, "metadata": {"name": ""}, "worksheets": [{"cells": [
        {"cell_type": "heading", "level": 2, "source": ["Owls"]},
        {"cell_type": "code", "language": "python", "input": ["a = 1\n", "a"], "outputs": [
            {"output_type": "pyout", "text": ["1"], "prompt_number": 1}, {"output_type": "pyerr", "ename": "E", "evalue": "why"}]}
    ]}]}"#);
    assert_eq!(text, "## Owls\n\n```python\na = 1\na\n```\n\n```output\n1\n```\n\n```output\nE: why\n```\n");
    assert_eq!(places.len(), 2);
}

#[test]
fn a_cell_does_not_reach_into_the_next() {
    let cell = |kind: &str, source: &str| {
        format!(r#"{{"cell_type": "{kind}", "source": {source:?}, "outputs": []}}"#)
    };
    let file = |cells: &[String]| format!(r#"{{"nbformat": 4, "cells": [{}]}}"#, cells.join(","));
    let (text, _) =
        of(&file(&[cell("markdown", "~~~~\na"), cell("code", "s = '```'"), cell("markdown", "end")]));
    assert_eq!(text, "~~~~\na\n~~~~\n\n````python\ns = '```'\n````\n\nend\n");
}

#[test]
fn output_is_cut() {
    let long = "é".repeat(5000);
    let output = format!(r#"{{"text": "{long}"}}"#);
    let outputs = vec![output; 100].join(",");
    let (text, _) = of(&format!(
        r#"{{"nbformat": 4, "cells": [{{"cell_type": "code", "source": "x", "outputs": [{outputs}]}}]}}"#
    ));
    assert!(text.len() < MAX_OUTPUT + 100 && text.ends_with("é\n…\n```\n"), "{}", text.len());
}

#[test]
fn lines_of_old_notebooks_come_without_their_ends() {
    let cell = r#"{"cell_type": "code", "input": ["a = 1", "a"], "outputs": []}"#;
    let (text, _) = of(&format!(r#"{{"nbformat": 2, "worksheets": [{{"cells": [{cell}]}}]}}"#));
    assert_eq!(text, "```python\na = 1\na\n```\n");
}

#[test]
fn what_is_no_notebook_is_told() {
    assert!(why("") == "it is no JSON object");
    assert_eq!(why("[1, 2]"), "it is no JSON object");
    assert!(why("{}").contains("nbformat"));
    assert_eq!(why(r#"{"nbformat": 1}"#), "it is a notebook of format 1; 2 to 4 can be read");
    assert!(why(r#"{"nbformat": 4, "cells": 7}"#).contains("a list of cells"));
    assert!(why(r#"{"nbformat": 4, "cells": [{"cell_type": "code", "source": 1"#).contains("EOF"));
    let many = "{\"cell_type\": \"raw\"},".repeat(MAX_CELLS as usize + 1);
    assert!(why(&format!(r#"{{"nbformat": 4, "cells": [{many}{{}}]}}"#)).contains("more than 100000 cells"));
    assert!(why(&format!(r#"{{"nbformat": 4, "x": {}"#, "[".repeat(1 << 20))).contains("EOF"));
    let [open, close] = ["[", "]"].map(|bracket| bracket.repeat(1 << 20));
    let nested = format!(r#"{{"nbformat": 4, "cells": [{{"cell_type": "raw", "source": {open}{close}}}]}}"#);
    assert!(why(&nested).contains("recursion"), "{}", why(&nested));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(json in r#"(\{"nbformat":4,"cells":\[\{"cell_type":"(code|markdown)","source":)?[\[\]{}":,a0-9\\u` ~\n-]{0,60}(\}\]\})?"#) {
        if let Ok(Draft { text, places, .. }) = read(json.as_bytes()) {
            prop_assert!(places.iter().all(|start| text.is_char_boundary(start.at)));
            prop_assert!(places.is_sorted_by_key(|start| start.at));
        }
    }
}

//! Holding a model to sentences: the forms in which servers are told, and what is taken of their replies.
//!
//! llama.cpp takes a grammar in [GBNF](https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md), others a JSON
//! schema. Whatever a server makes of it, only the sentences themselves are taken.

use std::collections::HashSet;

use serde_json::{Value, json};

/// How many sentences a model chooses at most.
const MOST: usize = 8;

/// A grammar of lines, each of which is one of the sentences.
pub(super) fn grammar(choices: &[String]) -> String {
    let alternatives: Vec<String> = choices.iter().map(|choice| literal(choice)).collect();
    format!("root ::= line{{1,{MOST}}}\nline ::= ({}) \"\\n\"\n", alternatives.join(" | "))
}

/// A text as a literal of GBNF.
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if c.is_control() => literal.extend(format!("\\U{:08X}", u32::from(c)).chars()),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A JSON schema of an object with a list of the sentences.
pub(super) fn schema(choices: &[String]) -> Value {
    json!({
        "type": "object",
        "properties": {
            "sentences": {
                "type": "array",
                "items": {"type": "string", "enum": choices},
                "minItems": 1,
                "maxItems": MOST,
            },
        },
        "required": ["sentences"],
        "additionalProperties": false,
    })
}

/// Takes sentences out of lines or JSON, each with a line end behind it.
#[derive(Debug)]
pub(super) struct Chooser {
    choices: HashSet<String>,
    /// Whether it is JSON; `None` until the first character says so.
    json: Option<bool>,
    /// How long the longest is.
    longest: usize,
    /// The line that has no end yet.
    line: String,
    /// The string of JSON that has no end yet, with its quote.
    string: Option<String>,
}

impl Chooser {
    /// A chooser of these sentences, or `None` if there are none. What was asked for as JSON may come as lines all the same.
    pub(super) fn new(choices: &[String], json: bool) -> Option<Self> {
        let longest = choices.iter().map(String::len).max()?;
        Some(Self {
            choices: choices.iter().filter(|choice| !choice.trim().is_empty()).cloned().collect(),
            json: if json { None } else { Some(false) },
            longest,
            line: String::new(),
            string: None,
        })
    }

    /// Takes text; gives the sentences that end in it.
    pub(super) fn take(&mut self, text: &str) -> Vec<String> {
        let mut chosen = Vec::new();
        for c in text.chars() {
            if self.json.is_none() && !c.is_whitespace() {
                // A fence of Markdown may stand around it.
                self.json = Some(matches!(c, '{' | '[' | '`'));
            }
            if self.json == Some(true) {
                chosen.extend(self.in_json(c));
            } else if c == '\n' {
                chosen.extend(self.end_line());
            } else if self.line.len() <= 2 * self.longest {
                self.line.push(c);
            }
        }
        chosen
    }

    /// Nothing comes any more; gives the sentence that has no line end.
    pub(super) fn end(&mut self) -> Option<String> {
        self.end_line()
    }

    /// The line has ended: a sentence, or a part of one with line ends inside.
    fn end_line(&mut self) -> Option<String> {
        let line = self.line.trim();
        if self.choices.contains(line) {
            let line = line.to_owned();
            self.line.clear();
            return Some(line + "\n");
        }
        let begins = |choice: &String| {
            choice
                .strip_prefix(line)
                .is_some_and(|rest| rest.trim_start_matches([' ', '\r']).starts_with('\n'))
        };
        if !line.is_empty() && self.choices.iter().any(begins) {
            self.line.push('\n');
        } else {
            self.line.clear();
        }
        None
    }

    /// A character of what may be JSON: gives the sentence that is a whole string.
    fn in_json(&mut self, c: char) -> Option<String> {
        let Some(string) = &mut self.string else {
            if c == '"' {
                self.string = Some(String::from('"'));
            }
            return None;
        };
        string.push(c);
        // An escape may have six characters.
        if string.len() > 6 * self.longest + 2 {
            self.string = None;
            return None;
        }
        if c != '"' || !ends(string) {
            return None;
        }
        let string = self.string.take()?;
        let text: String = serde_json::from_str(&string).ok()?;
        self.choices.contains(&text).then(|| text + "\n")
    }
}

/// Whether the last quote of a string isn't escaped.
fn ends(string: &str) -> bool {
    let inside = &string[1..string.len() - 1];
    let escapes = inside.bytes().rev().take_while(|&byte| byte == b'\\').count();
    string.len() > 1 && escapes.is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn choices() -> Vec<String> {
        ["Owls hunt at night.", "He said \"no\".", "C:\\owls", "Two\nlines.", "[x] done", "No", "no"]
            .map(str::to_owned)
            .to_vec()
    }

    fn chosen(json: bool, pieces: &[&str]) -> String {
        let mut chooser = Chooser::new(&choices(), json).unwrap();
        let mut text: String = pieces.iter().flat_map(|piece| chooser.take(piece)).collect();
        text.extend(chooser.end());
        text
    }

    #[test]
    fn sentences_are_taken_from_lines_and_json_and_nothing_else_is() {
        assert_eq!(
            chosen(false, &["Owls hunt at night.\nOwls hunt by day.\n[x] done"]),
            "Owls hunt at night.\n[x] done\n"
        );
        assert_eq!(
            chosen(false, &["He said \"no\".\nTwo\nlines.\nC:\\owls\n"]),
            "He said \"no\".\nTwo\nlines.\nC:\\owls\n"
        );
        let json = json!({"sentences": choices()}).to_string();
        let all: String = choices().join("\n") + "\n";
        assert_eq!(chosen(true, &[&json]), all);
        let pretty = serde_json::to_string_pretty(&json!({"sentences": choices()})).unwrap();
        assert_eq!(chosen(true, &[&pretty]), all);
        assert_eq!(
            chosen(true, &["{\"sentences\": [\"Owls\\u0020hunt at night.\", \"Bees\""]),
            "Owls hunt at night.\n"
        );
        assert_eq!(chosen(true, &["no\nnothing of it"]), "no\n");
        assert_eq!(chosen(true, &["```json\n[\"No\", \"Owls\"]\n```"]), "No\n");
    }

    #[test]
    fn a_grammar_has_the_sentences_as_literals() {
        let grammar = grammar(&["a \"b\" \\ c".to_owned(), "é\n\u{7}".to_owned()]);
        assert_eq!(
            grammar,
            "root ::= line{1,8}\nline ::= (\"a \\\"b\\\" \\\\ c\" | \"é\\n\\U00000007\") \"\\n\"\n"
        );
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_text_is_cut(
            which in proptest::collection::vec(0_usize..7, 0..6),
            json in any::<bool>(),
            cuts in proptest::collection::vec(0_usize..200, 0..10),
        ) {
            let all = choices();
            let sentences: Vec<&String> = which.iter().map(|&at| &all[at]).collect();
            let lines = sentences.iter().fold(String::new(), |lines, sentence| lines + sentence + "\n");
            let whole = if json { json!({"sentences": sentences}).to_string() } else { lines.clone() };
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| whole.floor_char_boundary(cut.min(whole.len()))).collect();
            cuts.extend([0, whole.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&str> = cuts.windows(2).map(|cut| &whole[cut[0]..cut[1]]).collect();
            prop_assert_eq!(chosen(json, &pieces), lines);
        }
    }
}

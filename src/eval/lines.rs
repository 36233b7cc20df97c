//! The lines of a test set's files: read with their numbers, for messages, and up to a greatest length.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserializer;
use serde::de::{DeserializeOwned, Visitor};

use crate::error::{Error, Result, Usage, Wanted};
use crate::files::{self, Links, Refusal};

/// No line has more bytes.
const LONGEST: u64 = 16 << 20;

/// The lines of a file.
pub(super) struct LineReader {
    path: PathBuf,
    input: BufReader<File>,
    /// How many lines have been read.
    number: u64,
}

impl LineReader {
    /// Opens a regular file; reading anything else might never end.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = files::open(path, Links::Follow).map_err(|error| match Refusal::of(&error) {
            Some(_) => {
                let what = format!("{} isn't a file", path.display());
                Usage::TestSet { what, wanted: Wanted::RegularFile }.into()
            }
            None => Error::io("read", path)(error),
        })?;
        Ok(Self { path: path.to_path_buf(), input: BufReader::with_capacity(1 << 16, file), number: 0 })
    }

    /// The next line that isn't blank, without its end.
    pub(super) fn next(&mut self) -> Result<Option<String>> {
        loop {
            let mut bytes = Vec::new();
            let limited = &mut self.input.by_ref().take(LONGEST);
            limited.read_until(b'\n', &mut bytes).map_err(Error::io("read", &self.path))?;
            if bytes.is_empty() {
                return Ok(None);
            }
            self.number += 1;
            if bytes.len() as u64 == LONGEST && !bytes.ends_with(b"\n") {
                return Err(self.bad("the line is longer than 16 MiB", Wanted::ShorterLine));
            }
            let Ok(text) = String::from_utf8(bytes) else {
                return Err(self.bad("the line isn't valid UTF-8", Wanted::Utf8));
            };
            // A byte order mark says no more than that the file is UTF-8.
            let text = if self.number == 1 { text.trim_start_matches('\u{feff}') } else { &text };
            let text = text.trim_end_matches(['\n', '\r']);
            if !text.trim().is_empty() {
                return Ok(Some(text.to_owned()));
            }
        }
    }

    /// The number of the line that was read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The error for the line that was read last.
    pub(super) fn bad(&self, what: &str, wanted: Wanted) -> Error {
        let (path, number) = (self.path.display(), self.number);
        Usage::TestSet { what: format!("{path}:{number}: {what}"), wanted }.into()
    }

    /// The next line as a JSON object; `form` shows in errors what one looks like.
    fn next_json<T: DeserializeOwned>(&mut self, form: &'static str) -> Result<Option<T>> {
        let Some(line) = self.next()? else { return Ok(None) };
        if !line.trim_start().starts_with('{') {
            // Serde would also take a list, with its items for the fields in their order.
            return Err(self.bad("the line isn't a JSON object", Wanted::Form(form)));
        }
        let read = serde_json::from_str(&line).map_err(|error| {
            // The line number of the message is always 1.
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or(&what);
            self.bad(&format!("{what}, at column {}", error.column()), Wanted::Form(form))
        });
        read.map(Some)
    }
}

/// Reads each line of a file as a JSON object; `form` shows in errors what one looks like.
pub(super) fn each<T: DeserializeOwned>(
    path: &Path,
    form: &'static str,
    mut take: impl FnMut(&LineReader, T) -> Result<()>,
) -> Result<()> {
    let mut lines = LineReader::open(path)?;
    while let Some(value) = lines.next_json(form)? {
        take(&lines, value)?;
    }
    Ok(())
}

/// Reads an id: a string, or a whole number, which stands for its digits.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(Id)
}

struct Id;

impl Visitor<'_> for Id {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id: a string that isn't empty, or a whole number")
    }

    fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<String, E> {
        if id.is_empty() { Err(E::invalid_length(0, &self)) } else { Ok(id.to_owned()) }
    }

    fn visit_i64<E: serde::de::Error>(self, id: i64) -> Result<String, E> {
        Ok(id.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, id: u64) -> Result<String, E> {
        Ok(id.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Named {
        #[serde(rename = "_id", deserialize_with = "id")]
        id: String,
    }

    fn read(content: &[u8]) -> Result<Vec<String>> {
        let at = tempfile::tempdir().unwrap();
        let path = at.path().join("x.jsonl");
        std::fs::write(&path, content).unwrap();
        let mut ids = Vec::new();
        each(&path, "`{\"_id\": \"1\"}`", |lines, named: Named| {
            ids.push(format!("{}:{}", lines.number(), named.id));
            Ok(())
        })?;
        Ok(ids)
    }

    #[test]
    fn lines_are_objects_and_blank_ones_are_passed_over() {
        let content = "\u{feff}{\"_id\":\"a\"}\r\n\n  \n{\"_id\":7,\"more\":[1,{}]}";
        assert_eq!(read(content.as_bytes()).unwrap(), ["1:a", "4:7"]);
        assert!(read(b"").unwrap().is_empty());
        // What isn't looked at may be as deep as it likes.
        let deep = format!("{{\"_id\":\"a\",\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(deep.as_bytes()).unwrap(), ["1:a"]);
    }

    #[test]
    fn what_is_wrong_names_file_and_line() {
        let nested = format!("{{\"_id\":{}", "[".repeat(100_000));
        let long = vec![b'a'; (LONGEST + 1) as usize];
        for (content, what) in [
            (&b"{\"_id\":\"a\"}\n{\"_id\":\n"[..], "x.jsonl:2: EOF"),
            (b"{\"id\":\"a\"}", "x.jsonl:1: missing field `_id`"),
            (b"[\"a\"]", "x.jsonl:1: the line isn't a JSON object"),
            (b"{\"_id\":\"\"}", "x.jsonl:1: invalid length 0, expected an id"),
            (b"{\"_id\":[]}", "invalid type: sequence, expected an id"),
            (b"\n{\"_id\":\"\xff\"}", "x.jsonl:2: the line isn't valid UTF-8"),
            (nested.as_bytes(), "x.jsonl:1: invalid type: sequence, expected an id"),
            (&long, "x.jsonl:1: the line is longer than 16 MiB"),
        ] {
            let error = read(content).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
            assert!(error.kind() == ErrorKind::Usage && error.to_string().len() < 300, "{error}");
        }
    }

    #[test]
    fn a_folder_is_no_file() {
        let at = tempfile::tempdir().unwrap();
        assert!(LineReader::open(at.path()).err().unwrap().to_string().ends_with("isn't a file"));
        let missing = LineReader::open(&at.path().join("x")).err().unwrap().to_string();
        assert!(missing.contains("can't read") && missing.contains("no such file"), "{missing}");
    }
}

//! `qsearch embed`: lines in, vectors out.
//!
//! The output has one line for each line of the input, in the same order. Lines are embedded together as far as
//! they have arrived, and what is ready is passed on at once, so that a program can hold a conversation with it.

use std::io::{BufRead, BufReader, Read};

use qsearch::embed::Input;
use qsearch::error::{Error, Result};
use qsearch::wire;
use rayon::prelude::*;

use super::args::EmbedArgs;
use super::{Context, Failure, Outcome, json, printer};

/// How many lines are embedded together.
const BATCH: usize = 64;
/// The most bytes of a line.
const LONGEST: u64 = 16 << 20;

/// Embeds each line of stdin.
pub(crate) fn embed(context: &Context, args: &EmbedArgs) -> Result<Outcome, Failure> {
    let embedder = context.model_for_texts(&args.model)?;
    let stdin = BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let embed = |texts: &[&str]| {
        if args.query {
            return texts.par_iter().map(|text| embedder.embed_query(text)).collect();
        }
        let inputs: Vec<Input<'_>> = texts.iter().map(|text| Input::from(*text)).collect();
        let embeddings = embedder.embed_passages(&inputs)?;
        Ok(embeddings.into_iter().map(|embedding| embedding.vector).collect())
    };
    run(stdin, args.json, embed, printer::data)?;
    Ok(Outcome::Done)
}

/// Embeds each line of `input` and hands the output to `write`, batch by batch.
///
/// Lines before one that can't be read are embedded all the same.
fn run<R: Read>(
    input: BufReader<R>,
    is_json: bool,
    mut embed: impl FnMut(&[&str]) -> Result<Vec<Vec<f32>>>,
    mut write: impl FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut lines = Lines { input, number: 0, is_json };
    loop {
        let (texts, end) = lines.batch();
        if !texts.is_empty() {
            let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
            let vectors = embed(&borrowed)?;
            let pairs = borrowed.iter().zip(&vectors);
            let output: String = pairs
                .map(|(text, embedding)| json::document(&wire::Embedding::new(text, embedding)))
                .collect();
            write(&output)?;
        }
        match end {
            End::More => {}
            End::Finished => return Ok(()),
            End::Failed(failure) => return Err(failure),
        }
    }
}

/// The lines of the input.
struct Lines<R> {
    input: BufReader<R>,
    /// How many lines have been read.
    number: u64,
    /// Whether each is a JSON string.
    is_json: bool,
}

/// What comes after a batch of lines.
enum End {
    /// More lines, perhaps.
    More,
    /// Nothing.
    Finished,
    /// A line that can't be used.
    Failed(Failure),
}

impl<R: Read> Lines<R> {
    /// Reads lines, waiting for the first only: the batch ends before a line that hasn't fully arrived.
    fn batch(&mut self) -> (Vec<String>, End) {
        let mut texts = Vec::new();
        while texts.len() < BATCH && (texts.is_empty() || self.input.buffer().contains(&b'\n')) {
            match self.line() {
                Ok(Some(text)) => texts.push(text),
                Ok(None) => return (texts, End::Finished),
                Err(error) => return (texts, End::Failed(error)),
            }
        }
        (texts, End::More)
    }

    /// Reads a line and takes it apart.
    fn line(&mut self) -> Result<Option<String>, Failure> {
        let mut bytes = Vec::new();
        let limited = &mut self.input.by_ref().take(LONGEST);
        limited.read_until(b'\n', &mut bytes).map_err(Error::io("read", "standard input"))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        if bytes.len() as u64 == LONGEST && !bytes.ends_with(b"\n") {
            return Err(self.bad("is longer than 16 MiB", "split it"));
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| self.bad("isn't valid UTF-8", "convert the input with `iconv -t UTF-8`"))?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if self.is_json {
            let text = serde_json::from_str(text)
                .map_err(|_| self.bad("isn't a JSON string", "`jq -c .text` writes such lines"))?;
            return Ok(Some(text));
        }
        Ok(Some(text.to_owned()))
    }

    fn bad(&self, what: &str, hint: &str) -> Failure {
        Failure::refused(format!("line {} of the input {what}", self.number), hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector of one number: how long the text is.
    #[expect(clippy::unnecessary_wraps, reason = "an embedder can fail")]
    fn lengths(texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        Ok(texts.iter().map(|text| vec![text.len() as f32]).collect())
    }

    fn check(input: &str, is_json: bool) -> (String, Option<String>) {
        let mut output = String::new();
        let result = run(BufReader::new(input.as_bytes()), is_json, lengths, |text| {
            output.push_str(text);
            Ok(())
        });
        let error = result.err().map(|failure| match failure {
            Failure::Refused(what, _) => what,
            other => format!("{other:?}"),
        });
        (output, error)
    }

    #[test]
    fn each_line_has_its_vector() {
        let expected = "{\"text\":\"one\",\"embedding\":[3.0]}\n{\"text\":\"\",\"embedding\":[0.0]}\n{\"text\":\"three\",\"embedding\":[5.0]}\n";
        assert_eq!(check("one\r\n\nthree", false), (expected.to_owned(), None));
        assert_eq!(check("\"one\"\n\"\"\n\"three\"\n", true), (expected.to_owned(), None));
        assert_eq!(check("", false), (String::new(), None));
    }

    #[test]
    fn lines_before_a_bad_one_are_embedded() {
        let (output, error) = check("\"a\"\nb\n\"c\"\n", true);
        assert_eq!(output.lines().count(), 1);
        assert_eq!(error.unwrap(), "line 2 of the input isn't a JSON string");
    }

    #[test]
    fn lines_go_in_batches_and_an_incomplete_one_waits() {
        let mut batches = Vec::new();
        let input = "x\n".repeat(BATCH + 5) + "rest";
        let embed = |texts: &[&str]| {
            batches.push(texts.len());
            lengths(texts)
        };
        run(BufReader::new(input.as_bytes()), false, embed, |_| Ok(())).unwrap();
        assert_eq!(batches, [BATCH, 5, 1]);
    }

    #[test]
    fn an_endless_line_is_refused() {
        let endless = BufReader::new(std::io::repeat(b'a'));
        let result = run(endless, false, lengths, |_| Ok(()));
        assert!(matches!(result, Err(Failure::Refused(what, _)) if what.contains("16 MiB")));
    }
}

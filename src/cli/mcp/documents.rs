//! The documents that tools give back, and their schemas. What isn't known is left out, since no schema allows `null`.

use std::ops::Range;

use qsearch::document::PlaceSpan;
use qsearch::hit::{Answer, Confidence, Hit};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::{page, sanitize};
use super::schema;

/// The most characters of a passage that are shown.
const MOST_CHARS: usize = 600;
/// The most bytes of all passages together; where there are many, each has its share.
const MOST_BYTES: usize = 20_000;
/// The most bytes of all titles together, of all headings, and of all questions.
const MOST_BYTES_OF_NAMES: usize = 6_000;
/// The most bytes of a title, a heading or a question.
const MOST_OF_A_NAME: usize = 200;

/// What `search` gives back.
#[derive(Debug, Serialize)]
pub(super) struct Search {
    /// What was looked for.
    pub(super) query: String,
    /// What was found, best first.
    pub(super) results: Vec<Found>,
}

/// What `ask` gives back.
#[derive(Debug, Serialize)]
pub(super) struct Reply {
    /// What was asked.
    pub(super) question: String,
    /// How far the answer can be trusted: `high`, `low` or `none`.
    pub(super) confidence: &'static str,
    /// What the question insists on and no passage has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) not_found: Vec<String>,
    /// The answer; left out where the confidence is `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Said>,
    /// The sources, best first; without an answer, the nearest misses.
    pub(super) results: Vec<Found>,
}

/// An answer.
#[derive(Debug, Serialize)]
pub(super) struct Said {
    /// All of it.
    pub(super) text: String,
    /// Its pieces, each as it stands in a note.
    pub(super) parts: Vec<Part>,
    /// Whether the note's answer goes on.
    pub(super) partial: bool,
}

/// A piece of an answer.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    /// Its text.
    pub(super) text: String,
    /// The rank of the result that it is from.
    pub(super) citation: u32,
    /// Where it stands.
    #[serde(flatten)]
    pub(super) at: At,
}

/// Where something stands.
#[derive(Debug, Serialize)]
pub(super) struct At {
    /// The note, as `root/path`.
    pub(super) path: String,
    /// The page, cell or the like, of a file that isn't text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<String>,
    /// The first line.
    pub(super) first_line: u32,
    /// The last line.
    pub(super) last_line: u32,
    /// As it is written in a citation, and as `get` takes it; it can be put together from the others.
    #[serde(skip)]
    pub(super) location: String,
}

/// A passage that was found.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    /// Its place, from 1.
    pub(super) rank: u32,
    /// Its name for `get`, with `#`.
    pub(super) id: String,
    /// Where it stands.
    #[serde(flatten)]
    pub(super) at: At,
    /// How likely it answers, from 0 to 1.
    pub(super) score: f64,
    /// What its note is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    /// The headings above it, outermost first.
    pub(super) heading: Vec<String>,
    /// The question it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) question: Option<String>,
    /// Its note's date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date: Option<String>,
    /// Its text, or the part of it that fits best.
    pub(super) text: String,
    /// Whether the passage has more text.
    pub(super) truncated: bool,
    /// Whether the file has changed since it was indexed.
    pub(super) stale: bool,
    /// The machine that the file lies on, if that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) machine: Option<String>,
}

impl At {
    fn new(hit: &Hit, lines: qsearch::document::LineSpan, place: Option<&PlaceSpan>) -> Self {
        let path = format!("{}/{}", hit.source.root, hit.source.path);
        let behind = page::at(lines, place);
        // An anchor is written as in a link.
        let colon = if behind.starts_with('#') { "" } else { ":" };
        let location = format!("{}{colon}{behind}", sanitize::name(&path));
        Self {
            path,
            place: place.map(|place| sanitize::line(&place.to_string())),
            first_line: lines.first,
            last_line: lines.last,
            location,
        }
    }
}

/// Describes what was found.
pub(super) fn found(hits: &[Hit]) -> Vec<Found> {
    hits.iter().map(|hit| Found::new(hit, hits.len())).collect()
}

impl Found {
    /// Describes one of so many passages.
    fn new(hit: &Hit, of: usize) -> Self {
        let source = &hit.source;
        let passage = &source.passage;
        let shown = window(&passage.text, &hit.excerpt, MOST_BYTES / of);
        let part = |name: &String, parts: usize| {
            shortened(&sanitize::line(name), MOST_OF_A_NAME.min(MOST_BYTES_OF_NAMES / of / parts))
        };
        let name = |name: &String| part(name, 1);
        Self {
            rank: hit.rank,
            id: format!("#{}", hit.short_id),
            at: At::new(hit, passage.lines, passage.place().as_ref()),
            score: (f64::from(hit.score) * 1e4).round() / 1e4,
            title: source.title.as_ref().map(name),
            heading: passage.heading.iter().map(|name| part(name, passage.heading.len())).collect(),
            question: passage.question.as_ref().map(name),
            date: source.date.map(|day| day.to_string()),
            text: sanitize::text(passage.text[shown.clone()].trim()).into_owned(),
            truncated: shown.len() < passage.text.len(),
            stale: hit.stale,
            machine: hit.machine.as_deref().map(sanitize::line),
        }
    }
}

impl Said {
    /// Describes an answer from these sources.
    pub(super) fn new(answer: &Answer, hits: &[Hit]) -> Self {
        let part = |part: &qsearch::hit::AnswerPart| {
            let hit = hits.iter().find(|hit| hit.rank == part.citation)?;
            let place = hit.source.passage.places(&part.range);
            Some(Part {
                text: sanitize::text(&part.text).into_owned(),
                citation: part.citation,
                at: At::new(hit, part.lines, place.as_ref()),
            })
        };
        Self {
            text: sanitize::text(&answer.text).into_owned(),
            parts: answer.parts.iter().filter_map(part).collect(),
            partial: answer.partial,
        }
    }
}

/// The name of a confidence.
pub(super) fn confidence(of: Confidence) -> &'static str {
    match of {
        Confidence::High => "high",
        Confidence::Low => "low",
        Confidence::None => "none",
    }
}

/// The beginning of a name, if it has more bytes than this.
fn shortened(name: &str, most: usize) -> String {
    if name.len() <= most {
        name.to_owned()
    } else {
        format!("{}…", &name[..name.floor_char_boundary(most)])
    }
}

/// The stretch of a text that is shown: all of it if that isn't much, else what is around its best part, from word to word.
fn window(text: &str, best: &Range<usize>, most_bytes: usize) -> Range<usize> {
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let chars = ends.len() - 1;
    let most = if text.len() > most_bytes { chars * most_bytes / text.len() } else { chars }.min(MOST_CHARS);
    if chars <= most {
        return 0..text.len();
    }
    let at = |byte: usize| ends.partition_point(|end| *end < byte).min(chars);
    let (first, length) = (at(best.start), at(best.end).saturating_sub(at(best.start)));
    let begin = first - first.min(most.saturating_sub(length) / 3);
    let end = (begin + most).min(chars);
    let begin = end - most;
    let inside = &text[ends[begin]..ends[end]];
    let from = if begin == 0 { 0 } else { inside.find(char::is_whitespace).unwrap_or(0) };
    let to = if end == chars { None } else { inside.rfind(char::is_whitespace) };
    let to = to.filter(|to| *to > from).unwrap_or(inside.len());
    ends[begin] + from..ends[begin] + to
}

/// The schema of where something stands, to be put beside other fields.
fn at_schema() -> [(&'static str, Value); 4] {
    [
        ("path", schema::text("The note, as root/path.")),
        ("place", schema::text("The page, slide, cell or the like, of a file that isn't text.")),
        ("first_line", schema::whole("The first line, from 1.")),
        ("last_line", schema::whole("The last line.")),
    ]
}

/// The schema of results.
fn results_schema() -> Value {
    let fields = [
        ("rank", schema::whole("Its place, from 1.")),
        ("id", schema::text("Its name for get, with #.")),
        ("score", schema::number("How likely it answers, from 0 to 1.")),
        ("title", schema::text("What its note is called.")),
        ("heading", schema::list(&json!({ "type": "string" }), "The headings above it, outermost first.")),
        ("question", schema::text("The question it answers.")),
        ("date", schema::text("Its note's date.")),
        ("text", schema::text("The passage, or the part of it that fits best.")),
        ("truncated", schema::flag("Whether the passage has more text.")),
        ("stale", schema::flag("Whether the file has changed since it was indexed.")),
        (
            "machine",
            schema::text(
                "The other machine that the file lies on, where nobody can say whether it is stale.",
            ),
        ),
    ];
    let fields: Vec<_> = fields.into_iter().chain(at_schema()).collect();
    let always =
        ["rank", "id", "path", "first_line", "last_line", "score", "heading", "text", "truncated", "stale"];
    schema::list(&schema::given(&fields, &always), "What was found, best first.")
}

/// The schema of what `search` gives back.
pub(super) fn search_schema() -> Value {
    let fields = [("query", schema::text("What was looked for.")), ("results", results_schema())];
    schema::given(&fields, &["query", "results"])
}

/// The schema of what `ask` gives back.
pub(super) fn reply_schema() -> Value {
    let part = [
        ("text", schema::text("Its text, as it stands in the note.")),
        ("citation", schema::whole("The rank of the result that it is from.")),
    ];
    let part: Vec<_> = part.into_iter().chain(at_schema()).collect();
    let part = schema::given(&part, &["text", "citation", "path", "first_line", "last_line"]);
    let answer = [
        ("text", schema::text("All of it.")),
        ("parts", schema::list(&part, "Its pieces.")),
        ("partial", schema::flag("Whether the note's answer goes on.")),
    ];
    let confidence = json!({
        "type": "string",
        "enum": ["high", "low", "none"],
        "description": "low: it may be about something else; none: the notes don't seem to answer.",
    });
    let missing = "What the question insists on and no note has.";
    let fields = [
        ("question", schema::text("What was asked.")),
        ("confidence", confidence),
        ("not_found", schema::list(&json!({ "type": "string" }), missing)),
        ("answer", schema::given(&answer, &["text", "parts", "partial"])),
        ("results", results_schema()),
    ];
    schema::given(&fields, &["question", "confidence", "results"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_shown_whole_and_long_ones_around_their_best_part() {
        assert_eq!(window("two words", &(0..3), 1000), 0..9);
        let text = format!("{}the owl hunts{}", "a word ".repeat(200), " and more".repeat(200));
        let best = text.find("the owl").unwrap()..text.find(" and more").unwrap();
        let shown = window(&text, &best, 10_000);
        let part = text[shown.clone()].trim();
        assert!(part.contains("the owl hunts") && part.chars().count() <= MOST_CHARS, "{part}");
        assert!(part.starts_with("a word") || part.starts_with("word a"), "{part}");
        assert!(window(&text, &best, 300).len() <= 300);
        // Whatever the part is, the window is one of the text.
        for text in ["é".repeat(2000), "漢字".repeat(900), "x".repeat(601)] {
            for best in [0..0, 0..text.len(), text.len()..text.len()] {
                assert!(text.get(window(&text, &best, 500)).is_some());
            }
        }
    }

    #[test]
    fn long_names_are_shortened() {
        assert_eq!(shortened("short", 5), "short");
        assert_eq!(shortened("ääää", 5), "ää…");
    }
}

//! What must hold whatever bytes come from outside. Each target panics if it doesn't.

// Each fuzzer uses one of them.
#![allow(dead_code, clippy::allow_attributes, reason = "a fuzzer uses one target of this file")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use qsearch::ask::{Question, Stopwatch, ask};
use qsearch::calendar::{DateOrder, Day, WrittenDate};
use qsearch::chunk::{self, Chunk, Limits};
use qsearch::cite::Checker;
use qsearch::document::{ContentHash, Extracted, NotePath, Root};
use qsearch::embed::{Embedder, Encoder};
use qsearch::error::ErrorKind;
use qsearch::eval::{GoldenSet, Previous, Set, SpanSet, plain_questions};
use qsearch::extract::{self, Content};
use qsearch::format::Extractor;
use qsearch::index::{IndexOptions, index as index_notes};
use qsearch::link;
use qsearch::parse;
use qsearch::progress::Silent;
use qsearch::query::Query;
use qsearch::settings;
use qsearch::store::Snapshot;
use qsearch::walk::{WalkOptions, walk};
use qsearch::words;

/// Names that make the parser take different paths.
const NAMES: [&str; 5] = ["note.md", "note.txt", "note.org", "note.rst", "note"];

/// A block of front matter must not take longer, on a busy machine either.
const MOST_TIME: Duration = Duration::from_secs(5);

const NOTE: &str = "---\ntags: [python]\n---\n# Python\n\n## 1. What is the GIL?\n**Answer:**\nA lock.\n";

fn encoder() -> &'static Encoder {
    static ENCODER: OnceLock<Encoder> = OnceLock::new();
    ENCODER.get_or_init(|| Encoder::bundled().expect("the bundled model"))
}

/// A note of any bytes is parsed and cut; each passage is found in the file where it says it stands.
pub(crate) fn note(data: &[u8]) {
    let (&kind, content) = data.split_first().unwrap_or((&0, &[]));
    named_note(NAMES[usize::from(kind) % NAMES.len()], content);
}

/// A file of Org is a note.
pub(crate) fn org(data: &[u8]) {
    named_note("note.org", data);
}

/// A file of reStructuredText is a note.
pub(crate) fn rst(data: &[u8]) {
    named_note("note.rst", data);
}

/// Tags of any bytes have the form in which they are compared, and one after a blank line is found.
pub(crate) fn tags(data: &[u8]) {
    named_note("note.md", data);
    let (document, _) = parse::parse(&NotePath::from_encoded("note.md"), data);
    assert!(document.tags.is_sorted() && document.tags.len() <= 256);
    for tag in &document.tags {
        assert!(!tag.is_empty() && tag.len() <= 200 && tag.trim() == tag && !tag.starts_with('#'), "{tag:?}");
    }
}

/// A note of any bytes is parsed in little time and cut; each passage is found in the file where it says it stands.
fn named_note(name: &str, content: &[u8]) {
    let begun = Instant::now();
    let (document, _) = parse::parse(&NotePath::from_encoded(name), content);
    assert!(begun.elapsed() < MOST_TIME, "{:?}", begun.elapsed());
    let mut end = 0;
    for block in &document.blocks {
        assert!(end <= block.range.start && block.range.start < block.range.end, "blocks follow each other");
        end = block.range.end;
    }
    let text = document.text.as_str();
    let mut at = document.body.start;
    for section in &document.sections {
        assert_eq!(section.range.start, at, "sections cover the body");
        assert!(section.content.start >= at && section.content.end <= section.range.end);
        assert!(text.get(section.content.clone()).is_some(), "content lies on character boundaries");
        at = section.range.end;
    }
    assert!(document.sections.is_empty() || at == document.body.end);

    let limits = Limits::default();
    let tokens = |text: &str| encoder().tokens(text);
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("note"), content).expect("a file");
    let root = Root::new("notes", folder.path().to_path_buf());
    let path = NotePath::from_encoded("note");
    let mut checker = Checker::new(&parse::decode);
    for Chunk { passage, ids, windows } in chunk::chunk(&document, &tokens, &limits) {
        let embedded = passage.embedded_text();
        assert!(embedded.len() <= limits.max_bytes && ids.len() + 2 <= limits.max_tokens);
        assert_eq!(ids, tokens(&embedded).ids, "tokens are those of the passage by itself: {passage:?}");
        assert_eq!(windows.len(), passage.sentences.len() + 1);
        assert!(windows.iter().all(|window| window.start <= window.end && window.end as usize <= ids.len()));
        for sentence in &passage.sentences {
            assert!(!passage.text[sentence.start as usize..sentence.end as usize].trim().is_empty());
        }
        assert!(!passage.shown().trim().is_empty() || document.text.is_blank());
        let shown = qsearch::seen::seen(&passage.text, &passage.blocks);
        let compared = words::fold(&words::plain(&shown));
        assert!(words::words_in(&compared).all(|word| !compared[word].is_empty()));
        assert!(!checker.is_stale(&root, &path, &passage), "the citation holds: {passage:?}");
    }
}

/// A notebook of any bytes is read in little time, or refused; each place begins where a character does.
pub(crate) fn notebook(data: &[u8]) {
    extracted(Extractor::Notebook, "run.ipynb", data);
}

/// So is a canvas.
pub(crate) fn canvas(data: &[u8]) {
    extracted(Extractor::Canvas, "plan.canvas", data);
}

/// A PDF of any bytes is read or refused.
pub(crate) fn pdf(data: &[u8]) {
    extracted(Extractor::Pdf, "paper.pdf", data);
}

/// A document of Word of any bytes is read or refused.
pub(crate) fn docx(data: &[u8]) {
    extracted(Extractor::Docx, "letter.docx", data);
}

/// A presentation of any bytes is read or refused.
pub(crate) fn pptx(data: &[u8]) {
    extracted(Extractor::Pptx, "deck.pptx", data);
}

/// A text in `OpenDocument` of any bytes is read or refused.
pub(crate) fn odt(data: &[u8]) {
    extracted(Extractor::Odt, "report.odt", data);
}

/// A presentation in `OpenDocument` of any bytes is read or refused.
pub(crate) fn odp(data: &[u8]) {
    extracted(Extractor::Odp, "deck.odp", data);
}

/// A workbook of any bytes is read or refused.
pub(crate) fn sheets(data: &[u8]) {
    extracted(Extractor::Sheets, "costs.xlsx", data);
}

/// A table of values of any bytes is read or refused.
pub(crate) fn csv(data: &[u8]) {
    extracted(Extractor::Csv, "herd.csv", data);
}

/// Rich Text of any bytes is read or refused.
pub(crate) fn rtf(data: &[u8]) {
    extracted(Extractor::Rtf, "old.rtf", data);
}

/// A book of any bytes is read or refused.
pub(crate) fn epub(data: &[u8]) {
    extracted(Extractor::Epub, "book.epub", data);
}

/// A web page of any bytes is read or refused.
pub(crate) fn html(data: &[u8]) {
    extracted(Extractor::Html, "page.html", data);
}

/// A saved web page of any bytes is read or refused.
pub(crate) fn mhtml(data: &[u8]) {
    extracted(Extractor::Mhtml, "page.mhtml", data);
}

/// A message of any bytes is read or refused.
pub(crate) fn mail(data: &[u8]) {
    extracted(Extractor::Mail, "mail.eml", data);
}

/// A mailbox of any bytes is read or refused.
pub(crate) fn mbox(data: &[u8]) {
    extracted(Extractor::Mbox, "all.mbox", data);
}

/// An archive of notes of any bytes is read or refused.
pub(crate) fn archive(data: &[u8]) {
    extracted(Extractor::Archive, "Export.zip", data);
}

/// A notebook of Evernote of any bytes is read or refused.
pub(crate) fn evernote(data: &[u8]) {
    extracted(Extractor::Evernote, "notes.enex", data);
}

/// Which bytes come out doesn't matter, but each place begins where a character does, and what says something has one.
fn extracted(extractor: Extractor, name: &str, data: &[u8]) {
    let begun = Instant::now();
    let content = extract::read_file(extractor, data);
    assert!(begun.elapsed() < MOST_TIME, "{:?}", begun.elapsed());
    match content {
        Err(_) => {}
        Ok(Content::Note(note)) => cited_by_place(name, note, data),
        Ok(Content::Notes(notes)) => {
            for note in notes {
                assert!(!note.path.is_empty() && !note.path.starts_with('/'), "{}", note.path);
                cited_by_place(&note.path, note.extracted, data);
            }
        }
    }
}

fn cited_by_place(name: &str, extracted: Extracted, data: &[u8]) {
    assert_eq!(extracted.extract.file, ContentHash::of(data));
    let places = &extracted.extract.places;
    assert!(places.iter().all(|start| extracted.text.is_char_boundary(start.at)));
    assert!(places.is_sorted_by_key(|start| start.at));
    let (document, _) = parse::extracted(&NotePath::from_encoded(name), extracted, DateOrder::Unknown);
    let (tokens, limits) = (|text: &str| encoder().tokens(text), Limits::default());
    for Chunk { passage, .. } in chunk::chunk(&document, &tokens, &limits) {
        let extract = passage.extract.as_ref().expect("a passage of an extract");
        assert!(extract.span(&(0..passage.text.len())).is_some(), "what says something stands at a place");
    }
}

/// A note that begins with front matter of any bytes is parsed in little time.
pub(crate) fn front_matter(data: &[u8]) {
    let (&kind, block) = data.split_first().unwrap_or((&0, &[]));
    let fence = if kind % 2 == 0 { "---" } else { "+++" };
    // Without a first line that reads like a key, it is text.
    // With a second colon it isn't valid, and is read by lines.
    let first = ["", "a: b\n", "a = 1\n", "title: ", "title: a: b\n"][usize::from(kind / 2 % 5)];
    let note =
        [fence.as_bytes(), b"\n", first.as_bytes(), block, b"\n", fence.as_bytes(), b"\nBody.\n"].concat();
    let begun = Instant::now();
    let (document, warnings) = parse::parse(&NotePath::from_encoded("note.md"), &note);
    assert!(begun.elapsed() < MOST_TIME, "{:?}", begun.elapsed());
    let is_plain = !block.contains(&0) && std::str::from_utf8(block).is_ok();
    assert!(!is_plain || document.text.as_str()[document.body].ends_with("Body.\n"), "the body stays");
    assert!(document.title.is_none_or(|title| title.len() <= 400));
    assert!(document.tags.is_sorted() && document.tags.iter().all(|tag| !tag.is_empty()));
    let today = Day::of(0);
    assert!(document.date.is_none_or(|date| Day::parse(&date.to_string(), today) == Some(date)));
    assert!(warnings.iter().all(|warning| warning.to_string().len() < 200));
    let values = document.properties.iter().flat_map(|property| &property.values);
    assert!(values.chain(&document.aliases).all(|value| !value.is_empty() && value.len() <= 1100));
    for line in String::from_utf8_lossy(block).lines() {
        for order in [DateOrder::Unknown, DateOrder::DayFirst, DateOrder::MonthFirst] {
            let written = WrittenDate::read(line, order);
            let is_whole = |date: WrittenDate| line.is_char_boundary(date.length);
            assert!(written.is_none_or(is_whole), "a date is whole characters");
            let _ = Day::of_value(line, order);
        }
    }
}

/// The links of any text stand in it one after the other, are found in little time, and each is found by its key.
pub(crate) fn links(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let begun = Instant::now();
    let found = link::links(&text, &[]);
    assert!(begun.elapsed() < MOST_TIME, "{:?}", begun.elapsed());
    assert!(found.is_sorted_by(|a, b| a.range.end <= b.range.start));
    let from = NotePath::from_encoded("a/b.md");
    for link in found {
        assert!(text.get(link.range.clone()).is_some() && !link.text.contains('\n'));
        assert!(!link.target.is_empty() || link.heading.is_some());
        for path in link.paths(&from) {
            let leads = link.leads_to(&from, &path, []);
            assert!(leads.is_none() || link::name_key(path.as_str()) == link.key() || link.target.is_empty());
        }
    }
}

/// Any text is a question.
pub(crate) fn question(data: &[u8]) {
    let folder = small_index();
    let snapshot = Snapshot::open(folder).expect("the index opens");
    let text = String::from_utf8_lossy(data).into_owned();
    let today = Day::of(1_700_000_000);
    let query = Query::parse(&text, today);
    assert!(!query.demands_nothing() || query.text == text, "text without operators remains as it is");
    assert_eq!(query.clone().settled(|_| true).doubts().count(), 0, "{query:?}");
    assert_eq!(query.clone().with_text(|_| true).dashed().count(), 0, "{query:?}");
    if let Some(date) = &query.date {
        assert!(date.periods.iter().all(|period| period.since < period.before), "{date:?}");
    }
    let question = Question::new(text, 3, today);
    let reply = match ask(&snapshot, encoder(), &question, &mut Stopwatch::default()) {
        Ok(reply) => reply,
        // What stands behind `path:` may be no glob.
        Err(error) if error.kind() == ErrorKind::Usage => return,
        Err(error) => panic!("{error}"),
    };
    assert!(reply.hits.iter().all(|hit| (0.0..=1.0).contains(&hit.score)));
    assert!(reply.hits.iter().all(|hit| hit.source.passage.text.get(hit.excerpt.clone()).is_some()));
}

/// Any text becomes tokens that end in order, within it, between its characters; a line break keeps the tokens of
/// what is before and after it apart.
pub(crate) fn tokenizer(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let ends = encoder().tokens(&text).ends;
    assert!(ends.is_sorted(), "the ends ascend");
    assert!(ends.iter().all(|end| text.is_char_boundary(*end as usize)), "no token ends inside a character");
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(text.len(), |(at, _)| at);
    let (before, after) = text.split_at(middle);
    let start = before.len() as u32 + 1;
    let mut apart = encoder().tokens(before).ends;
    apart.extend(encoder().tokens(after).ends.iter().map(|end| end + start));
    assert_eq!(encoder().tokens(&format!("{before}\n{after}")).ends, apart, "lines have tokens of their own");
}

/// An index of which one file holds any bytes is refused or read. The first two bytes of the data choose the
/// file and where the rest of the data stands in it.
pub(crate) fn index(data: &[u8]) {
    let [file, place, rest @ ..] = data else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = Vec::new();
    copy(small_index(), folder.path(), &mut files);
    files.sort();
    let path = &files[usize::from(*file) % files.len()];
    let mut content = fs::read(path).expect("a file of the index");
    let at = content.len() * usize::from(*place) / 256;
    content.splice(at..(at + rest.len()).min(content.len()), rest.iter().copied());
    fs::write(path, content).expect("a damaged file");
    let mut question = Question::new("what is the GIL", 3, Day::of(0));
    question.filter.paths.push("*.md".into());
    question.filter.tags.push("python".into());
    question.filter.since = Some(Day::of(0));
    if let Ok(snapshot) = Snapshot::open(folder.path()) {
        let _ = ask(&snapshot, encoder(), &question, &mut Stopwatch::default());
        let _ = snapshot.files();
    }
}

/// The files of a test set, each of them sound; whatever is wrong with one shows.
pub(crate) const EVALSET: [(&str, &str); 7] = [
    ("corpus.jsonl", "{\"_id\":\"d\",\"title\":\"Owls\",\"text\":\"hunt\"}\n{\"_id\":2,\"text\":\"\"}\n"),
    (
        "queries.jsonl",
        "{\"_id\":\"q\",\"text\":\"who hunts\",\"metadata\":{}}\n{\"_id\":\"r\",\"text\":\"\"}\n",
    ),
    ("qrels.tsv", "query-id\tcorpus-id\tscore\nq\td\t1\nq\t2\t-1\nr\tx\t2.0\n"),
    ("answers.jsonl", "{\"_id\":\"q\",\"answers\":[\"owls\"]}\n"),
    ("spans.jsonl", "{\"query_id\":\"q\",\"file\":\"a.md\",\"start\":0,\"end\":4,\"content\":\"Owls\"}\n"),
    (
        "golden.jsonl",
        "{\"question\":\"who\",\"accept\":[{\"file\":\"a.md\",\"first_line\":1,\"last_line\":2}]}\n",
    ),
    (
        "old.json",
        r#"{"per_query":{"ids":["q"],"lexical":{"ndcg@10":[0.5],"mrr@10":[1]},"dense":{"ndcg@10":[0.5],"mrr@10":[1]},"hybrid":{"ndcg@10":[0.5],"mrr@10":[1]}}}"#,
    ),
];

/// A test set of which one file holds any bytes is refused with a hint or read. The first byte chooses the file.
pub(crate) fn evalset(data: &[u8]) {
    let (&file, content) = data.split_first().unwrap_or((&0, &[]));
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("corpora")).expect("a folder of texts");
    fs::write(at("corpora/a.md"), "Owls h\u{fc}nt.").expect("a text");
    for (number, (name, sound)) in EVALSET.iter().enumerate() {
        let is_chosen = number == usize::from(file) % EVALSET.len();
        fs::write(at(name), if is_chosen { content } else { sound.as_bytes() }).expect("a file of the set");
    }
    let read = [
        Set::read(folder.path()).map(|set| {
            let judged = |query: &qsearch::eval::TestQuery| query.judged.iter().any(|&gain| gain > 0);
            assert!(set.queries.iter().all(judged), "queries that count have a positive judgment");
            let known = |number: &u32| (*number as usize) < set.documents.len();
            assert!(set.queries.iter().all(|query| query.judgments.keys().all(known)));
        }),
        SpanSet::read(folder.path()).map(drop),
        GoldenSet::read(&at("golden.jsonl")).map(drop),
        plain_questions(&at("golden.jsonl")).map(drop),
        Previous::read(&at("old.json")).map(drop),
    ];
    for error in read.into_iter().filter_map(Result::err) {
        assert!(error.to_string().len() < 1000, "{error}");
    }
}

/// An ignore file of any bytes leaves something out or closes its folder; what another one leaves out isn't taken, and
/// what it leaves out itself isn't unless a rule takes it back. The first byte chooses the file.
pub(crate) fn ignore_rules(data: &[u8]) {
    const FILES: [&str; 6] =
        [".gitignore", ".ignore", ".git/info/exclude", "sub/.gitignore", "sub/.ignore", "sub/.qsearchignore"];
    let (&file, rules) = data.split_first().unwrap_or((&0, &[]));
    let file = FILES[usize::from(file) % FILES.len()];
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, content: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    };
    write(".qsearchignore", b"/private/\n");
    write(file, &[b"/secret.md\n", rules].concat());
    for path in ["a.md", "secret.md", "private/b.md", "sub/secret.md", "sub/c.md", "sub/private/d.md"] {
        write(path, b"");
    }
    let walk = match walk(folder.path(), None, &WalkOptions::default(), &mut |_| {}, &|| false) {
        Ok(walk) => walk,
        Err(error) => {
            assert!(error.to_string().len() < 1000, "{error}");
            return assert!(!file.starts_with("sub/"), "only the root's own files close it");
        }
    };
    let has = |path: &str| walk.files.iter().any(|found| found.path.as_str() == path);
    assert!(!has("private/b.md"), "another ignore file leaves it out");
    if !rules.contains(&b'!') {
        let secret = if file.starts_with("sub/") { "sub/secret.md" } else { "secret.md" };
        assert!(!has(secret), "the first rule leaves it out");
    }
    let is_closed = walk.skipped.iter().any(|skipped| skipped.reason.is_failure());
    assert!(!is_closed || !has("sub/c.md"), "a folder whose rules aren't known isn't entered");
    assert!(walk.skipped.iter().all(|skipped| skipped.reason.to_string().len() < 1000));
}

/// Settings of any bytes are read, or refused with the line of the mistake.
pub(crate) fn settings(data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n').count();
    match settings::parse(data) {
        Ok(settings) => {
            let named = [settings.index, settings.model, settings.rerank];
            assert!(named.iter().flatten().all(|line| (1..=lines).contains(&line.number)));
            assert_ne!(settings.max_size, Some(0), "a size is at least a byte");
        }
        Err(mistake) => {
            assert!((1..=lines).contains(&mistake.line), "{mistake:?}");
            assert!(!mistake.what.is_empty() && !mistake.what.contains('\n'), "{mistake:?}");
        }
    }
}

/// An index of one note, made once.
fn small_index() -> &'static Path {
    static INDEX: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, folder) = INDEX.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (notes, index) = (folder.path().join("notes"), folder.path().join("index"));
        fs::create_dir(&notes).expect("a folder of notes");
        fs::write(notes.join("a.md"), NOTE).expect("a note");
        index_notes(&index.clone().into(), &[notes], &IndexOptions::default(), encoder(), &Silent)
            .expect("an index");
        (folder, index)
    });
    folder
}

fn copy(from: &Path, to: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a folder");
            copy(&entry.path(), &target, files);
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
            files.push(target);
        }
    }
}

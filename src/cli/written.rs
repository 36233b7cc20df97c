//! Answers that a language model writes: sentence by sentence as they come, then what they cite.

use std::ops::ControlFlow;

use anstyle::Style;
use qsearch::ask::{Question, Reply};
use qsearch::hit::{Answer, Confidence, Hit};
use qsearch::library::Library;
use qsearch::wire;
use qsearch::write::{Event, Writing};
use qsearch::written::{Support, Written, WrittenCitation, WrittenSentence};

use super::llm::Wish;
use super::page::{DIM, Page};
use super::source::{Detail, MARGIN, explained, folded, line, places_of};
use super::{Context, Failure, diagnostic, json, printer, progress, render, sanitize, wrap};

/// How sentences are told as they come.
#[derive(Debug)]
pub(crate) enum Telling<'a> {
    /// Not at all: what is printed is printed at the end.
    Silent,
    /// As text on a terminal.
    Page(&'a Page),
    /// As JSON, an event a line.
    Events,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    /// What was written; `None` if no model was asked.
    pub(crate) written: Option<Written>,
    /// Why nothing was written, if that is passed over.
    pub(crate) error: Option<String>,
    /// Whether the events have been printed that come before anything is written.
    began: bool,
    /// What of it has been printed already: the text of the answer with its citations.
    printed: String,
}

/// Lets a language model write an answer of the sources of a reply, and tells its sentences as they come. `stopped` is
/// asked from time to time.
pub(crate) fn write(
    context: &Context,
    library: &Library,
    (question, reply): (&Question, &mut Reply),
    wish: &Wish,
    telling: &Telling<'_>,
    stopped: &dyn Fn() -> bool,
) -> Result<Attempt, Failure> {
    if reply.answer.is_none() {
        return Ok(Attempt::default());
    }
    let llm = match context.open_llm(wish) {
        Ok(llm) => llm,
        Err(failure) if wish.optional => return Ok(Attempt::passed_over(context, &failure)),
        Err(failure) => return Err(failure),
    };
    let writing = Writing { llm: llm.as_ref(), strict: wish.strict };
    write_by(context, library, (question, reply), (&writing, wish.optional), telling, stopped)
}

/// The same with a model that is open. If it is `optional`, what goes wrong is told and passed over.
pub(crate) fn write_by(
    context: &Context,
    library: &Library,
    (question, reply): (&Question, &mut Reply),
    (writing, optional): (&Writing<'_>, bool),
    telling: &Telling<'_>,
    stopped: &dyn Fn() -> bool,
) -> Result<Attempt, Failure> {
    if reply.answer.is_none() {
        return Ok(Attempt::default());
    }
    let roots = &library.snapshot()?.info().roots;
    let mut teller = Teller::new(telling, wire::Show { roots, explain: false }, question);
    let name = sanitize::line(writing.llm.name());
    let spinner = progress::waiting(&context.printer, &format!("{name} reads"));
    let written = library.write(question, reply, writing, &mut |event| {
        if !matches!(event, Event::Waiting) {
            spinner.finish_and_clear();
        }
        teller.hear(event);
        if stopped() || teller.failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    spinner.finish_and_clear();
    let (printed, began) = (std::mem::take(&mut teller.printed), teller.began);
    if let Some(failure) = teller.failed.take() {
        return Err(failure);
    }
    let attempt = match written {
        Ok(written) => Attempt { written, ..Attempt::default() },
        Err(error) if optional => Attempt::passed_over(context, &error.into()),
        Err(error) => return Err(error.into()),
    };
    Ok(Attempt { began, printed, ..attempt })
}

/// Prints what comes.
struct Teller<'a> {
    telling: &'a Telling<'a>,
    show: wire::Show<'a>,
    question: &'a Question,
    /// The sources, once they are known.
    hits: Vec<Hit>,
    /// What stands above the answer.
    above: String,
    began: bool,
    /// The sentences so far.
    written: Written,
    printed: String,
    failed: Option<Failure>,
}

impl<'a> Teller<'a> {
    fn new(telling: &'a Telling<'a>, show: wire::Show<'a>, question: &'a Question) -> Self {
        Self {
            telling,
            show,
            question,
            hits: Vec::new(),
            above: String::new(),
            began: false,
            written: Written::default(),
            printed: String::new(),
            failed: None,
        }
    }

    fn hear(&mut self, event: Event<'_>) {
        let text = match self.telling {
            Telling::Silent => return,
            Telling::Page(page) => self.on_page(page, event),
            Telling::Events => self.as_event(event),
        };
        if !text.is_empty()
            && let Err(failure) = printer::data(&text)
        {
            self.failed = Some(failure);
        }
    }

    /// What of the page is printed now.
    fn on_page(&mut self, page: &Page, event: Event<'_>) -> String {
        match event {
            Event::Sources(reply) => self.above = above(page, reply),
            Event::Sentence(sentence) => {
                self.written.sentences.push(sentence.clone());
                let whole = self.above.clone() + &text(page, &self.written);
                // What has been printed stays; a line that would be broken otherwise now goes on as it is.
                let new = match whole.strip_prefix(&self.printed) {
                    Some(new) => new.to_owned(),
                    None => format!("{}{}", sentence.before, marked(sentence)),
                };
                self.printed.push_str(&new);
                return page.paint_matches(Style::new(), &new);
            }
            Event::FirstWord | Event::Text(_) | Event::LeftOut | Event::Waiting => {}
        }
        String::new()
    }

    /// What is printed for programs.
    fn as_event(&mut self, event: Event<'_>) -> String {
        match event {
            Event::Sources(reply) => {
                self.hits.clone_from(&reply.hits);
                self.began = true;
                events(self.question, reply, &self.show)
            }
            Event::Sentence(sentence) => {
                json::document(&wire::Event::sentence(sentence, &self.hits, &self.show))
            }
            Event::LeftOut => json::document(&wire::Event::LeftOut),
            Event::FirstWord | Event::Text(_) | Event::Waiting => String::new(),
        }
    }
}

/// The events that come before anything is written: the sources, and the answer in the notes' own words.
fn events(question: &Question, reply: &Reply, show: &wire::Show<'_>) -> String {
    let answer = wire::Event::answer(reply, show).map(|event| json::document(&event)).unwrap_or_default();
    json::document(&wire::Event::sources(question, reply, show)) + &answer
}

impl Attempt {
    /// What is left where no model can write: the notes' own words, with a warning that tells why.
    pub(crate) fn passed_over(context: &Context, failure: &Failure) -> Self {
        let why = diagnostic::message(failure);
        context.printer.warn(&format!("no language model writes, these are the notes' own words: {why}"));
        Self { error: Some(why), ..Self::default() }
    }

    /// What is written, if anything remains of it.
    pub(crate) fn answer(&self) -> Option<&Written> {
        self.written.as_ref().filter(|written| !written.sentences.is_empty())
    }

    /// The ranks of the sources that are cited: by what is written, else by the notes' own answer.
    pub(crate) fn cited(&self, extracted: Option<&Answer>) -> Vec<u32> {
        let of_notes = || extracted.map(|answer| answer.citations.clone()).unwrap_or_default();
        self.answer().map_or_else(of_notes, Written::citations)
    }

    /// The document of a reply with what is written.
    pub(crate) fn on<'a>(
        &'a self,
        document: wire::Reply<'a>,
        reply: &'a Reply,
        show: &wire::Show<'_>,
    ) -> wire::Reply<'a> {
        document.with_writing(self.written.as_ref(), self.error.clone(), reply, show)
    }

    /// The events that haven't been printed yet, the last of which is `document`.
    pub(crate) fn events(
        &self,
        question: &Question,
        reply: &Reply,
        document: wire::Reply<'_>,
        show: &wire::Show<'_>,
    ) -> String {
        let before = if self.began { String::new() } else { events(question, reply, show) };
        before + &json::document(&wire::Event::Done(Box::new(document)))
    }

    /// The rest of the page: what hasn't been printed yet of the answer, what it cites, and the other sources.
    pub(crate) fn page(&self, page: &Page, reply: &Reply, detail: Detail) -> String {
        let Some(written) = self.answer() else {
            return self.written.as_ref().map(|written| remarks(page, written)).unwrap_or_default()
                + &render::reply(page, reply, detail);
        };
        let mut out = String::new();
        if self.printed.is_empty() {
            out.push_str(&above(page, reply));
            out.push_str(&page.paint_matches(Style::new(), &text(page, written)));
        }
        out.push_str("\n\n");
        let cited = written.citations();
        for hit in reply.hits.iter().filter(|hit| cited.contains(&hit.rank)) {
            out.push_str(&line(page, hit, &|page| places(page, written, hit), detail));
            explained(&mut out, page, hit, detail);
            for near in near(written, hit.rank) {
                let said = format!("≈ “{}”", sanitize::line(&near.text));
                let said = folded(page, &said, MARGIN.len());
                out.push_str(&wrap::indent(&page.paint_lines(DIM, &said), MARGIN));
                out.push('\n');
            }
        }
        out.push_str(&remarks(page, written));
        out + &render::others(page, &reply.hits, &cited, detail)
    }
}

/// What stands above an answer: what isn't found, and that it may be wrong.
fn above(page: &Page, reply: &Reply) -> String {
    let perhaps = if reply.confidence == Confidence::Low { render::perhaps(page) } else { String::new() };
    render::missing(page, reply) + &perhaps
}

/// What is remarked of a text: what was left out, and that it broke off.
fn remarks(page: &Page, written: &Written) -> String {
    let mut remarks = Vec::new();
    match written.left_out {
        0 => {}
        1 => remarks.push("1 sentence without a source was left out".to_owned()),
        more => remarks.push(format!("{more} sentences without a source were left out")),
    }
    if written.declined {
        remarks.push(format!("{} finds no answer in the sources", sanitize::line(&written.model)));
    }
    if let Some(why) = &written.broken_off {
        remarks.push(format!("the answer may go on: {}", sanitize::line(why)));
    }
    remarks.iter().map(|remark| page.paint(DIM, &format!("({remark})")) + "\n").collect()
}

/// The text of an answer with its citations, as it fits the page.
fn text(page: &Page, written: &Written) -> String {
    folded(page, &sanitize::text(&written.laid_out(marked)), 0)
}

/// A sentence with the numbers of its sources behind it.
fn marked(sentence: &WrittenSentence) -> String {
    let mut ranks: Vec<u32> = sentence.citations.iter().map(|cited| cited.citation).collect();
    let mut seen = Vec::new();
    ranks.retain(|rank| {
        !seen.contains(rank) && {
            seen.push(*rank);
            true
        }
    });
    let near = if sentence.support == Support::Near { "≈" } else { "" };
    let marks = ranks.iter().fold(String::new(), |marks, rank| marks + "[" + &rank.to_string() + "]");
    // Nothing stands behind the marks that end a block of code.
    let gap = if sentence.text.trim_end().ends_with("```") { "\n" } else { " " };
    format!("{}{gap}{near}{marks}", sentence.text.trim_end())
}

/// Where the words stand that an answer takes from a source.
fn places(page: &Page, written: &Written, hit: &Hit) -> String {
    let cited = written.sentences.iter().flat_map(|sentence| &sentence.citations);
    let mut parts: Vec<_> =
        cited.filter(|cited| cited.citation == hit.rank).map(|cited| (cited.lines, &cited.range)).collect();
    parts.sort_by_key(|(lines, _)| (lines.first, lines.last));
    places_of(page, hit, parts.into_iter())
}

/// The words of a source that say a sentence in other words, each once.
fn near(written: &Written, rank: u32) -> Vec<&WrittenCitation> {
    let sentences = written.sentences.iter().filter(|sentence| sentence.support == Support::Near);
    let cited = sentences.flat_map(|sentence| &sentence.citations).filter(|cited| cited.citation == rank);
    let mut near: Vec<&WrittenCitation> = Vec::new();
    for cited in cited {
        if near.iter().all(|other| other.range != cited.range) {
            near.push(cited);
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use qsearch::document::{ByteSpan, LineSpan};

    use super::super::fixtures::{answer, gil, threads};
    use super::*;

    fn sentence(text: &str, support: Support, cited: &[(u32, &str)]) -> WrittenSentence {
        let (lines, span) = (LineSpan { first: 8, last: 8 }, ByteSpan { start: 124, end: 131 });
        let citation = |&(citation, text): &(u32, &str)| WrittenCitation {
            citation,
            text: text.to_owned(),
            range: 0..text.len(),
            lines,
            span,
        };
        let citations = cited.iter().map(citation).collect();
        WrittenSentence { before: " ".to_owned(), text: text.to_owned(), support, citations }
    }

    fn reply() -> Reply {
        let (answer, confidence) = (Some(answer("A lock.")), Confidence::High);
        Reply { answer, confidence, missing: Vec::new(), hits: vec![gil(), threads()] }
    }

    fn attempt(sentences: Vec<WrittenSentence>, left_out: u32) -> Attempt {
        let written = Written { sentences, left_out, model: "m".to_owned(), ..Written::default() };
        Attempt { written: Some(written), ..Attempt::default() }
    }

    #[test]
    fn sentences_have_their_sources_behind_them() {
        let quoted = sentence("It is a lock.", Support::Quoted, &[(1, "A lock."), (1, "lock")]);
        let near = sentence("It helps\u{1b}[31m waiting.", Support::Near, &[(2, "Threads help\nwhere")]);
        let page = attempt(vec![quoted, near], 2).page(&Page::default(), &reply(), Detail::default());
        let expected = "\
It is a lock. [1] It helps␛[31m waiting. ≈[2]

[1] notes/python/a.md:8  What is the GIL?  0.87
[2] notes/python/threads.md:8  Threads › When they␛[31m help  0.50  stale
    ≈ “Threads help where”
(2 sentences without a source were left out)
stale: the file has changed or is gone, the lines may not match
";
        assert_eq!(page, expected);
    }

    #[test]
    fn where_nothing_remains_the_notes_answer() {
        let mut nothing = attempt(Vec::new(), 1);
        nothing.written.as_mut().unwrap().declined = true;
        let page = nothing.page(&Page::default(), &reply(), Detail::default());
        assert!(
            page.starts_with(
                "(1 sentence without a source was left out)\n(m finds no answer in the sources)\nA lock.\n[1]"
            ),
            "{page}"
        );
        assert_eq!(nothing.cited(reply().answer.as_ref()), [1]);
    }

    #[test]
    fn code_keeps_its_last_line() {
        let code = sentence("```\na = 1\n```", Support::Quoted, &[(1, "a = 1")]);
        assert_eq!(marked(&code), "```\na = 1\n```\n[1]");
    }
}

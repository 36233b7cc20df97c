//! `qsearch ask` and `qsearch search`: a question in, passages out.

use std::io::Read;
use std::num::NonZeroUsize;
use std::time::Duration;

use qsearch::ask::{MIN_SCORE, Question, Reply, Stopwatch};
use qsearch::document::Root;
use qsearch::error::{Error, Result};
use qsearch::hit::{Answer, Hit};
use qsearch::library::Library;
use qsearch::{threads, wire};

use super::args::{AskArgs, Filter, Form, SearchArgs};
use super::freshness::{self, Look};
use super::page::Page;
use super::source::Detail;
use super::written::{Attempt, Telling};
use super::{
    Context, Failure, Outcome, hint, human, json, list, open, printer, render, sanitize, spot, standing,
    written,
};

/// How many sources an answer has unless the user says otherwise.
const SOURCES: usize = 5;
/// How many sources a language model is shown, if it can read so many.
const SHOWN: usize = 8;
/// The most bytes of a question that are read from stdin.
const LONGEST: u64 = 1 << 20;

/// Answers a question from the notes.
pub(crate) fn ask(context: &Context, args: AskArgs) -> Result<Outcome, Failure> {
    let mut watch = Stopwatch::since(context.began);
    let wish = context.wish(&args.write)?;
    if wish.is_some() {
        threads::start();
    }
    let opened = args.form.open.map_or(0, NonZeroUsize::get);
    let (sources, shown) = how_many(context, args.sources, wish.is_some());
    let (sources, shown) = (sources.max(opened), shown.max(opened));
    let mut question = question(&args.question, shown, args.filter, &context.environment.escaped)?;
    question.strict = args.strict;
    watch.lap("start");
    let (library, look) =
        freshness::library(context, args.refresh, args.json || args.jsonl || !context.global.quiet)?;
    watch.lap("open");
    let question = library.understand(&question)?;
    refuse_silence(&question, hint::only_filters)?;
    watch.lap("understand");
    let library = context.with_models(library, &args.model, &args.rerank)?;
    watch.lap("model");
    let mut reply = library.ask(&question, &mut watch)?;
    explain_nothing(context, &question, reply.hits.is_empty());
    tell_unconfirmed(context, &library, &reply.hits)?;
    if !args.json && !args.jsonl {
        tell_excluded(context, &question);
    }
    let info = library.snapshot()?.info();
    let page = context.printer.page(info.roots.clone()).about(&question.query().text);
    let telling = match page.width {
        _ if args.jsonl => Telling::Events,
        Some(_) if !args.json => Telling::Page(&page),
        _ => Telling::Silent,
    };
    let mut attempt = Attempt::default();
    if let Some(wish) = &wish {
        attempt = written::write(context, &library, (&question, &mut reply), wish, &telling, &|| false)?;
        watch.lap("write");
    }
    let outcome = if reply.answer.is_some() { Outcome::Done } else { Outcome::Nothing };
    let of_page = !args.json && !args.jsonl && args.sources.is_none() && args.form.open.is_none();
    let cited = attempt.cited(reply.answer.as_ref());
    keep(&mut reply.hits, &cited, sources, of_page);
    let mut look = Some(look);
    let text = if args.json || args.jsonl {
        let timings = args.timings.then(|| wire::Timings::new(&watch));
        let show = wire::Show { roots: &info.roots, explain: args.explain };
        let freshness = wire::Freshness::new(info, look.take().and_then(Look::now));
        let told = wire::Reply::new(&question, &reply, &show, freshness, timings);
        let told = if wish.is_some() { attempt.on(told, &reply, &show) } else { told };
        if args.jsonl { attempt.events(&question, &reply, told, &show) } else { json::document(&told) }
    } else {
        let detail = Detail { full: args.form.full, explain: args.explain };
        let page_of = || attempt.page(&page, &reply, detail);
        formed(context, &library, &page, args.form, (&reply.hits, reply.answer.as_ref()), &page_of)?
    };
    printer::data(&text)?;
    tell_standing(context, &library, look)?;
    if args.timings && !args.json && !args.jsonl {
        watch.lap("print");
        printer::complain(&timings(&watch));
    }
    // The program ends, and the system takes back at once what would be taken apart piece by piece.
    std::mem::forget(library);
    Ok(outcome)
}

/// How many sources are printed at most, and how many are found: a language model is shown more.
pub(super) fn how_many(context: &Context, given: Option<NonZeroUsize>, is_written: bool) -> (usize, usize) {
    let sources = given.or(context.settings.sources()).map_or(SOURCES, NonZeroUsize::get);
    (sources, if is_written { sources.max(SHOWN) } else { sources })
}

/// Drops the sources that aren't printed: those behind the last that is cited or counts, if only those are wanted that do.
pub(super) fn keep(hits: &mut Vec<Hit>, cited: &[u32], sources: usize, only_counting: bool) {
    let kept = if only_counting { counts(hits, cited).min(sources) } else { sources };
    hits.truncate(kept.max(cited.iter().max().map_or(0, |&rank| rank as usize)));
}

/// Says on stderr what is to be known of a reply: why nothing was found, what wasn't read, what was left out.
pub(super) fn tell_of(
    context: &Context,
    library: &Library,
    question: &Question,
    reply: &Reply,
) -> Result<()> {
    explain_nothing(context, question, reply.hits.is_empty());
    tell_unconfirmed(context, library, &reply.hits)?;
    tell_excluded(context, question);
    Ok(())
}

/// How many of some sources count beside the first: those whose score is at least half of its own, and what is cited.
fn counts(hits: &[Hit], cited: &[u32]) -> usize {
    const SHARE: f32 = 0.5;
    let least = hits.first().map_or(0.0, |first| SHARE * first.score);
    let counts = |hit: &Hit| hit.score >= least || cited.contains(&hit.rank);
    hits.iter().rposition(counts).map_or(0, |last| last + 1)
}

/// What is printed of some sources: what a flag asks for, which may be nothing, or else a page.
fn formed(
    context: &Context,
    library: &Library,
    page: &Page,
    form: Form,
    sources: (&[Hit], Option<&Answer>),
    page_of: &dyn Fn() -> String,
) -> Result<String, Failure> {
    let (hits, answer) = sources;
    if let Some(number) = form.open {
        open::source(context, library, page, sources, number.get())?;
        return Ok(String::new());
    }
    Ok(if form.vimgrep {
        spot::lines(page, hits, answer)
    } else if form.files_with_matches {
        spot::files(page, hits)
    } else {
        page_of()
    })
}

/// Says how many notes can't be found yet, or have changed since, if there are any.
fn tell_standing(context: &Context, library: &Library, look: Option<Look>) -> Result<()> {
    let info = library.snapshot()?.info();
    if let Some(waiting) = standing::waiting(info, library.place().writer().as_deref()) {
        context.printer.message(&waiting);
    } else if let Some(look) = look {
        look.tell(context);
    }
    Ok(())
}

/// Where the time went, on one line.
fn timings(watch: &Stopwatch) -> String {
    let lap = |(name, took): (&str, Duration)| format!("{name} {:.2}", took.as_secs_f64() * 1e3);
    format!("milliseconds: {}", watch.laps().map(lap).collect::<Vec<_>>().join(", "))
}

/// Lists the passages that fit best.
pub(crate) fn search(context: &Context, args: SearchArgs) -> Result<Outcome, Failure> {
    let limit = args.form.open.map_or(args.limit, |number| args.limit.max(number)).get();
    let question = question(&args.query, limit, args.filter, &context.environment.escaped)?;
    let (library, look) = freshness::library(context, args.refresh, !context.global.quiet)?;
    let question = library.understand(&question)?;
    let library = context.with_models(library, &args.model, &args.rerank)?;
    let hits = library.search(&question)?;
    explain_nothing(context, &question, hits.is_empty());
    tell_excluded(context, &question);
    tell_unconfirmed(context, &library, &hits)?;
    let show = wire::Show { roots: &library.snapshot()?.info().roots, explain: args.explain };
    let text = if args.json {
        json::document(&wire::results(&hits, &show))
    } else {
        let page = context.printer.page(show.roots.to_vec()).about(&question.query().text);
        let detail = Detail { full: args.form.full, explain: args.explain };
        let page_of = || {
            if question.only_filters() && !detail.full {
                list::page(&page, hits.iter().map(|hit| &hit.source))
            } else {
                render::list(&page, &hits, detail)
            }
        };
        formed(context, &library, &page, args.form, (&hits, None), &page_of)?
    };
    printer::data(&text)?;
    tell_standing(context, &library, Some(look))?;
    let least = question.min_score.unwrap_or(MIN_SCORE);
    let relevant = hits.first().is_some_and(|best| best.score >= least);
    Ok(if relevant { Outcome::Done } else { Outcome::Nothing })
}

/// Warns if notes that were found weren't read because their root isn't confirmed.
fn tell_unconfirmed(context: &Context, library: &Library, hits: &[Hit]) -> Result<()> {
    let is_found = |root: &&Root| hits.iter().any(|hit| hit.stale && hit.source.root == root.name);
    let roots = &library.snapshot()?.info().roots;
    context.tell_unconfirmed(library.shown(), roots.iter().filter(is_found));
    Ok(())
}

/// Says for which words passages were left out, if there are any.
fn tell_excluded(context: &Context, question: &Question) {
    if let Some(excluded) = hint::excluded(question.query()) {
        context.printer.message(&sanitize::line(&excluded));
    }
}

/// Says so if nothing was found because the filters leave nothing to search.
fn explain_nothing(context: &Context, question: &Question, nothing: bool) {
    let query = question.query();
    let filters = filters(question);
    if !nothing || question.min_score.is_some() {
        return;
    }
    if !query.demands_nothing() {
        let required = query.required.iter().map(ToString::to_string);
        let excluded = query.excluded.iter().map(|clause| format!("-{clause}"));
        let demands = required.chain(excluded).collect::<Vec<_>>().join(" ");
        let flags = filters.iter().map(|(flag, _)| (*flag).to_owned());
        let all = [demands].into_iter().chain(flags).collect::<Vec<_>>().join(" ");
        context.printer.message(&format!("no passage in the index fits {all}"));
    } else if !filters.is_empty() {
        let flags: Vec<&str> = filters.iter().map(|(flag, _)| *flag).collect();
        let remarks: String = filters.iter().map(|(_, remark)| *remark).collect();
        context.printer.message(&format!("no note in the index matches {}{remarks}", flags.join(" ")));
    }
}

/// The filters of a question that were given as flags, each with a remark about what it leaves out.
fn filters(question: &Question) -> Vec<(&'static str, &'static str)> {
    let globs = "; globs are matched with paths below a root, `qsearch status` lists the roots";
    let undated = "; notes without a date in their front matter or their file's name are left out";
    let [paths, tags] = [&question.filter.paths, &question.filter.tags].map(|list| !list.is_empty());
    let (since, before) = (question.filter.since.is_some(), question.filter.before.is_some());
    [
        (paths, "--path", globs),
        (tags, "--tag", ""),
        (since, "--since", if before { "" } else { undated }),
        (before, "--before", undated),
    ]
    .into_iter()
    .filter_map(|(given, flag, remark)| given.then_some((flag, remark)))
    .collect()
}

/// Puts a question together from its words, or reads it from stdin if it is `-`. Words in `escaped` keep their dashes.
fn question(
    words: &[String],
    sources: usize,
    filter: Filter,
    escaped: &[String],
) -> Result<Question, Failure> {
    let text = match words {
        [dash] if dash == "-" => read(std::io::stdin().lock())?,
        words => words.join(" "),
    };
    question_of(&text, sources, filter, escaped)
}

/// The question that a text is, to the notes that a filter lets through.
pub(super) fn question_of(
    text: &str,
    sources: usize,
    filter: Filter,
    escaped: &[String],
) -> Result<Question, Failure> {
    let mut question = Question::new(text.trim(), sources, human::today()).with_text(escaped);
    question.filter = filter.notes.into();
    question.min_score = filter.min_score;
    if question.text().is_empty() && !question.only_filters() {
        return Err(Failure::refused(
            "the question is empty",
            "type it behind the command: `qsearch ask what is the GIL`",
        ));
    }
    let query = question.query();
    if query.only_excludes() {
        let said = question.text();
        return Err(Failure::refused(
            format!("`{said}` says what to leave out, but not what to look for"),
            hint::only_excludes(said),
        ));
    }
    Ok(question)
}

/// Refuses a question that says only which notes are wanted: they have no answer in common.
pub(super) fn refuse_silence(question: &Question, hint: impl FnOnce(&str) -> String) -> Result<(), Failure> {
    if question.only_filters() {
        let said = question.text();
        return Err(Failure::refused(format!("`{said}` says where to look, but not what for"), hint(said)));
    }
    Ok(())
}

/// Reads a question; bytes that aren't UTF-8 are replaced.
fn read(input: impl Read) -> Result<String> {
    let mut bytes = Vec::new();
    input.take(LONGEST).read_to_end(&mut bytes).map_err(Error::io("read", "standard input"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<Question, Failure> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let mut filter = Filter { min_score: Some(0.5), ..Filter::default() };
        (filter.notes.path, filter.notes.tag) = (vec!["a".into()], vec!["b".into()]);
        question(&words, 3, filter, &[])
    }

    #[test]
    fn words_make_a_question() {
        let question = of(&["what", "is  the", "GIL "]).unwrap();
        assert_eq!(question.text(), "what is  the GIL");
        assert_eq!((question.sources, question.min_score), (3, Some(0.5)));
        assert_eq!(of(&["?!"]).unwrap().text(), "?!");
    }

    #[test]
    fn an_empty_question_is_an_error_with_a_hint() {
        let refused = question(&[" ".to_owned(), "\n".to_owned()], 3, Filter::default(), &[]);
        assert!(matches!(refused, Err(Failure::Refused(_, hint)) if hint.contains("`qsearch ask")));
        // Filters are enough to list notes.
        assert!(of(&[""]).unwrap().only_filters());
    }

    #[test]
    fn a_dash_alone_is_an_error_unless_it_is_escaped() {
        for words in [&["-snakes"][..], &["-snakes", "-\"two words\""]] {
            assert!(matches!(of(words), Err(Failure::Refused(_, hint)) if hint.contains("`qsearch")));
        }
        let words = ["-jar".to_owned()];
        assert_eq!(question(&words, 3, Filter::default(), &words).unwrap().query().text, "-jar");
    }

    #[test]
    fn stdin_is_read_up_to_a_limit() {
        assert_eq!(read(&b"caf\xe9\n"[..]).unwrap(), "caf\u{fffd}\n");
        assert_eq!(read(std::io::repeat(b'a')).unwrap().len() as u64, LONGEST);
    }
}

//! `qsearch eval`: a test set in, figures out.

mod page;
mod written;

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use qsearch::error::{Error, Result};
use qsearch::eval::{self as measure, Bench, FeatureTable, Form, GoldenSet, Previous, Retrieval};
use qsearch::wire;
use qsearch::write::Writing;

use super::args::EvalArgs;
use super::progress::{Bars, Interrupt};
use super::{Context, Failure, Outcome, json, printer};

/// Measures, and prints what came out.
pub(crate) fn eval(context: &Context, args: &EvalArgs) -> Result<Outcome, Failure> {
    let form = form(args)?;
    let wish = context.wish(&args.write)?;
    let llm = wish.as_ref().map(|wish| context.open_llm(wish)).transpose()?;
    let writing = wish.as_ref().zip(llm.as_deref()).map(|(wish, llm)| Writing { llm, strict: wish.strict });
    let (model, embedder) = context.model_and_source(&args.model)?;
    let bars = Bars::new(Interrupt::listen()?, context.printer.shows_progress());
    let bench = Bench { cache: cache(context, args)?, embedder: &*embedder, model, progress: &bars };
    let text = match form {
        Form::Retrieval | Form::Golden if writing.is_some() => {
            writing.map_or_else(|| Ok(String::new()), |writing| in_writing(&bench, form, &writing, args))
        }
        Form::Retrieval => retrieval(&bench, args),
        Form::Golden => golden(&bench, args),
        Form::Chunking => measure::chunking(&bench, &args.dir).map(|measured| {
            let json = || json::document(&wire::eval::Chunking::new(&measured, embedder.fingerprint()));
            if args.json { json() } else { page::chunking(&measured) }
        }),
    };
    bars.finish();
    printer::data(&text?)?;
    Ok(Outcome::Done)
}

/// What kind of test it is; an option that has no meaning for it is a mistake.
fn form(args: &EvalArgs) -> Result<Form, Failure> {
    let form = if args.golden.is_some() { Form::Golden } else { Form::of(&args.dir)? };
    let (retrieval, golden) = (form == Form::Retrieval, form == Form::Golden);
    let written = args.write.write.is_some();
    let options = [
        ("--foreign", args.foreign.is_some() && !retrieval, "a set with `qrels.tsv`"),
        ("--compare", args.compare.is_some() && !retrieval, "a set with `qrels.tsv`"),
        ("--features", args.features.is_some() && !retrieval, "a set with `qrels.tsv`"),
        ("--per-query", args.per_query.is_some() && !retrieval, "a set with `qrels.tsv`"),
        ("--unanswerable", args.unanswerable.is_some() && !golden, "`--golden FILE NOTES`"),
        ("--write", written && !retrieval && !golden, "a set with `qrels.tsv` or `golden.jsonl`"),
        ("--compare", args.compare.is_some() && written, "rankings: without --write"),
        ("--features", args.features.is_some() && written, "rankings: without --write"),
        ("--per-query", args.per_query.is_some() && written, "rankings: without --write"),
        ("--questions", args.questions.is_some() && !written, "`--write`"),
    ];
    match options.iter().find(|(_, is_wrong, _)| *is_wrong) {
        None => Ok(form),
        Some((option, _, with)) => Err(Failure::refused(
            format!("{option} says nothing about {}", args.dir.display()),
            format!("leave it out, or use it with {with}"),
        )),
    }
}

/// Where notes and indexes are kept.
fn cache(context: &Context, args: &EvalArgs) -> Result<PathBuf, Failure> {
    let environment = &context.environment;
    let own = || Some(environment.cache_home.as_ref()?.join("qsearch/eval"));
    let folder = args.cache.as_ref().map(|cache| environment.around.cwd.join(cache)).or_else(own);
    folder.ok_or_else(|| {
        Failure::refused(
            "there is no folder to keep notes and indexes in: neither HOME nor XDG_CACHE_HOME is set",
            "name one: `qsearch eval --cache DIR …`",
        )
    })
}

/// Measures a set with judgments.
fn retrieval(bench: &Bench<'_>, args: &EvalArgs) -> Result<String> {
    let previous = args.compare.as_deref().map(Previous::read).transpose()?;
    if let Some(path) = &args.per_query {
        // It fails here rather than after minutes of work.
        OpenOptions::new().create(true).append(true).open(path).map_err(Error::io("write", path))?;
    }
    let create = |path: &PathBuf| File::create(path).map(BufWriter::new).map_err(Error::io("write", path));
    let mut table = args.features.as_ref().map(create).transpose()?;
    let named = args.features.as_deref().zip(table.as_mut()).map(|(path, to)| FeatureTable { path, to });
    let measured = measure::retrieval(bench, &args.dir, args.foreign.as_deref(), named)?;
    if let (Some(path), Some(mut to)) = (&args.features, table) {
        to.flush().map_err(Error::io("write", path))?;
    }
    let compared = previous.map(|previous| measure::compare(&previous, &measured)).transpose()?;
    if let Some(path) = &args.per_query {
        write_per_query(path, &measured)?;
    }
    if args.json {
        let model = bench.embedder.fingerprint();
        return Ok(json::document(&wire::eval::Retrieval::new(&measured, model, compared.as_deref())));
    }
    Ok(page::retrieval(&measured, compared.as_deref()))
}

/// Writes what was measured of each query, and the rankings beside it.
fn write_per_query(path: &Path, measured: &Retrieval) -> Result<()> {
    write(path, |to| {
        wire::eval::query_lines(measured).try_for_each(|line| to.write_all(json::document(&line).as_bytes()))
    })?;
    for search in &measured.measured {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.run", search.search.name()));
        write(Path::new(&name), |to| search.write_run(&measured.set, to))?;
    }
    Ok(())
}

fn write(path: &Path, fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let written = File::create(path).and_then(|file| {
        let mut to = BufWriter::new(file);
        fill(&mut to)?;
        to.flush()
    });
    written.map_err(Error::io("write", path))
}

/// Lets a language model answer questions in writing.
fn in_writing(bench: &Bench<'_>, form: Form, writing: &Writing<'_>, args: &EvalArgs) -> Result<String> {
    let most = args.questions.map_or(usize::MAX, NonZeroUsize::get);
    let measured = if form == Form::Golden {
        measure::written_golden(bench, &golden_set(args)?, &args.dir, writing, most)?
    } else {
        measure::written_known(bench, &args.dir, args.foreign.as_deref(), writing, most)?
    };
    if args.json {
        let model = bench.embedder.fingerprint();
        return Ok(json::document(&wire::eval::Written::new(&measured, model, writing.strict)));
    }
    Ok(written::written(&measured, writing.strict))
}

/// The questions about notes.
fn golden_set(args: &EvalArgs) -> Result<GoldenSet> {
    let file = args.golden.clone().unwrap_or_else(|| args.dir.join("golden.jsonl"));
    let mut set = GoldenSet::read(&file)?;
    if let Some(path) = &args.unanswerable {
        set.add_unanswerable(measure::plain_questions(path)?);
    }
    Ok(set)
}

/// Asks questions about notes.
fn golden(bench: &Bench<'_>, args: &EvalArgs) -> Result<String> {
    let set = golden_set(args)?;
    let measured = measure::golden(bench, &set, &args.dir)?;
    if args.json {
        return Ok(json::document(&wire::eval::Golden::new(&measured, bench.embedder.fingerprint())));
    }
    Ok(page::golden(&measured))
}

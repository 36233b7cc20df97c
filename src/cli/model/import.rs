//! `qsearch model import`: a folder becomes a model file.

use std::path::{Path, PathBuf};

use qsearch::embed::EXTENSION;
use qsearch::embed::convert::{self, ConvertOptions, Converted, FoundSetting};
use qsearch::error::{Error, Result};
use qsearch::wire;

use crate::cli::args::{ConvertArgs, ImportArgs};
use crate::cli::{Context, Failure, Outcome, json, printer, sanitize};

/// Turns a folder into a model file.
pub(super) fn import(context: &Context, args: ImportArgs) -> Result<Outcome, Failure> {
    std::fs::read_dir(&args.folder).map_err(Error::io("read", &args.folder))?;
    let imported = folder(context, &args.folder, args.convert)?;
    if args.json {
        printer::data(&json::document(&imported.document(context)?))?;
    } else {
        imported.tell(context)?;
    }
    Ok(Outcome::Done)
}

/// Turns a folder into a model file, and writes it.
pub(super) fn folder(context: &Context, folder: &Path, args: ConvertArgs) -> Result<ImportedModel, Failure> {
    let options = ConvertOptions {
        name: args.name,
        pooling: args.pooling,
        max_tokens: args.max_tokens,
        query_prefix: args.query_prefix,
        passage_prefix: args.passage_prefix,
        table: args.table,
        languages: args.languages,
    };
    let converted = convert::convert(folder, &options)?;
    let output = match args.output {
        Some(output) => output,
        None => place(context, &converted.name.value)?,
    };
    write(&output, &converted.bytes)?;
    Ok(ImportedModel { converted, output })
}

/// A model that was imported.
pub(super) struct ImportedModel {
    converted: Converted,
    /// Its file.
    output: PathBuf,
}

impl ImportedModel {
    /// What to type after `--model`, if it is among the user's models.
    fn called(&self, context: &Context) -> Result<Option<String>, Failure> {
        let models = context.places()?.models;
        let is_among = models.is_some_and(|models| self.output.parent() == Some(&models));
        Ok(is_among.then(|| self.converted.name.value.clone()))
    }

    /// What is printed of it as JSON.
    pub(super) fn document(&self, context: &Context) -> Result<wire::Imported, Failure> {
        let typed = self.called(context)?.unwrap_or_else(|| self.output.to_string_lossy().into_owned());
        Ok(wire::Imported::new(&self.converted.name.value, &self.output, &typed))
    }

    /// Says what was imported.
    pub(super) fn tell(&self, context: &Context) -> Result<(), Failure> {
        let path = context.printer.margin().path(&self.output);
        let typed = self.called(context)?.unwrap_or_else(|| path.clone());
        context.printer.message(&summary(&self.converted));
        context.printer.message(&format!(
            "imported {} -> {path}\nhint: make an index with it: `qsearch --index DIR index --model {} NOTES`",
            sanitize::name(&self.converted.name.value),
            sanitize::name(&typed)
        ));
        Ok(())
    }
}

/// Where a model is kept under its name.
fn place(context: &Context, name: &str) -> Result<PathBuf, Failure> {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(Failure::refused(
            format!("the model's name, {}, can't be a file's", sanitize::name(name)),
            "give it another with `--name`, or say where to put it with `--output`",
        ));
    }
    Ok(models(context)?.join(format!("{name}.{EXTENSION}")))
}

/// The folder of models, which is made if it isn't there.
pub(super) fn models(context: &Context) -> Result<PathBuf, Failure> {
    let models = context.places()?.models.ok_or_else(|| {
        Failure::refused(
            "there is no place for models",
            "set HOME or XDG_DATA_HOME, or say where to put it with `--output`",
        )
    })?;
    std::fs::create_dir_all(&models).map_err(Error::io("create", &models))?;
    Ok(models)
}

/// Writes a file as a whole or not at all, for a process may be reading the one before.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    let written = std::fs::write(&unfinished, bytes).and_then(|()| std::fs::rename(&unfinished, path));
    written.map_err(|error| {
        // Nothing is lost if it stays.
        drop(std::fs::remove_file(&unfinished));
        Error::io("write", path)(error)
    })
}

/// How many pieces the vocabulary has, and how many of the folder's that are.
fn pieces((kept, all): (usize, usize)) -> String {
    let of = if kept < all { format!(" of {all}, by the languages' letters") } else { String::new() };
    format!("  {:15} {kept} pieces{of}", "vocabulary")
}

/// What was found in the folder, and where.
fn summary(model: &Converted) -> String {
    fn line<T>(what: &str, setting: &FoundSetting<T>, value: &str) -> String {
        format!("  {what:15} {}  (from {})", sanitize::line(value), sanitize::line(&setting.from))
    }
    let prefix = |what: &str, setting: &FoundSetting<String>| {
        let value = if setting.value.is_empty() { "none".to_owned() } else { format!("{:?}", setting.value) };
        line(what, setting, &value)
    };
    [
        format!("  {:15} {} layers, {} numbers, {}", "shape", model.layers, model.hidden, {
            qsearch::error::size(model.bytes.len() as u64)
        }),
        pieces(model.pieces),
        line("pooling", &model.pooling, &model.pooling.value.to_string()),
        line("tokens", &model.max_tokens, &model.max_tokens.value.to_string()),
        prefix("query prefix", &model.query_prefix),
        prefix("passage prefix", &model.passage_prefix),
    ]
    .join("\n")
}

//! Which model a command uses, and `qsearch model`: listing and importing.

use std::path::{Path, PathBuf};

use qsearch::error::{Error, Result};

use super::args::{ImportArgs, ModelArgs, ModelChoice, ModelCommand, RerankChoice};
use super::config::Named;
use super::library::{
    self, ConvertOptions, Converted, EXTENSION, Embedder, Kernel, Listed, ModelKind, ModelSource, OnnxSource,
    Places, Reranker, Salvage, Setting, Snapshot,
};
use super::{Context, Failure, Outcome, json, printer, sanitize};

impl Context {
    /// Where models are, and what they run on.
    pub(crate) fn places(&self) -> Result<Places> {
        let environment = &self.environment;
        Ok(Places {
            models: environment.data_home.as_ref().map(|home| home.join("qsearch/models")),
            cache: environment.downloads.clone(),
            runtime: environment.runtime.clone(),
            shows_progress: self.printer.shows_progress(),
            threads: self.global.threads.map(Into::into),
            kernel: environment.cpu.as_deref().map(kernel).transpose()?,
        })
    }

    /// The model to write an index with, and where it is: the one that was asked for, that of the index, or that of
    /// new indexes. An index that is made anew may be unreadable but for that.
    pub(crate) fn model_to_index(
        &self,
        choice: &ModelChoice,
        index: &Path,
        rebuild: bool,
    ) -> Result<(ModelSource, Box<dyn Embedder>)> {
        let places = self.places()?;
        let (source, embedder) = match (&choice.model, Snapshot::open(index)) {
            (Some(_), _) | (None, Err(Error::NoIndex { .. })) => self.model_and_source(choice)?,
            (None, Ok(snapshot)) => return self.reopen(&snapshot.info().model_source, &places),
            (None, Err(_)) if rebuild => match Salvage::of(index) {
                Some(remains) => return self.reopen(&remains.model_source, &places),
                None => self.model_and_source(choice)?,
            },
            // Writing to it says better what is wrong with it.
            (None, Err(_)) => (ModelSource::default(), ModelSource::default().open(&places)?),
        };
        let is_risky = matches!(source, ModelSource::Onnx(_));
        if is_risky && !self.confirmed().has_model(&source.to_text()) {
            self.confirm(|confirmed| confirmed.add_model(source.to_text()));
        }
        Ok((source, embedder))
    }

    /// The model for texts that belong to no index.
    pub(crate) fn model_for_texts(&self, choice: &ModelChoice) -> Result<Box<dyn Embedder>> {
        self.model_and_source(choice).map(|(_, embedder)| embedder)
    }

    /// The model that was asked for or that of new indexes, and where it is.
    pub(crate) fn model_and_source(&self, choice: &ModelChoice) -> Result<(ModelSource, Box<dyn Embedder>)> {
        let places = self.places()?;
        let source = match &choice.model {
            Some(typed) => ModelSource::find(typed, &places)?,
            None => self.new_model(&places)?,
        };
        let embedder = source.open(&places)?;
        Ok((source, embedder))
    }

    /// The model that an index was made with, from where it was then or where the user says it is now.
    pub(crate) fn model_of(&self, choice: &ModelChoice, snapshot: &Snapshot) -> Result<Box<dyn Embedder>> {
        let places = self.places()?;
        match &choice.model {
            Some(typed) => ModelSource::find(typed, &places)?.open(&places),
            None => self.reopen(&snapshot.info().model_source, &places).map(|(_, embedder)| embedder),
        }
    }

    /// The model of new indexes.
    fn new_model(&self, places: &Places) -> Result<ModelSource> {
        let find = |typed: &str, by| ModelSource::find(typed, places).map_err(|error| named_by(by, error));
        if let Some(typed) = &self.environment.model {
            return find(typed, "QSEARCH_MODEL");
        }
        match self.settings.model() {
            None => Ok(ModelSource::default()),
            Some(Named::Own(typed)) => find(&typed, "`model` in the settings"),
            Some(Named::Project { place, name }) => {
                let source = ModelSource::called(name, places);
                let is_here = source.as_ref().is_some_and(|source| {
                    source.is_here(places) || self.confirmed().has_model(&source.to_text())
                });
                source.filter(|_| is_here).ok_or_else(|| refused("model", &place, name))
            }
        }
    }

    /// What reranks the passages that a question finds: what was asked for, else what a variable or the settings say.
    pub(crate) fn reranker(&self, choice: &RerankChoice) -> Result<Option<Box<dyn Reranker>>> {
        const NONE: &str = "none";
        let places = self.places()?;
        let open = |typed: &str| match typed {
            NONE => Ok(None),
            typed => OnnxSource::find_reranker(typed)?.open_reranker(&places).map(Some),
        };
        if let Some(typed) = &choice.rerank {
            return open(typed);
        }
        if let Some(typed) = &self.environment.rerank {
            return open(typed).map_err(|error| named_by("QSEARCH_RERANK", error));
        }
        match self.settings.rerank() {
            None | Some(Named::Project { name: NONE, .. }) => Ok(None),
            Some(Named::Own(typed)) => {
                open(&typed).map_err(|error| named_by("`rerank` in the settings", error))
            }
            Some(Named::Project { place, name }) => {
                let source = OnnxSource::reranker_called(name).filter(|source| source.is_here(&places));
                source.ok_or_else(|| refused("rerank", &place, name))?.open_reranker(&places).map(Some)
            }
        }
    }

    /// Opens the model of an index, which may have been moved since, from where the index says it is. An index may say
    /// anything, so only the user can have others than our own be run or downloaded.
    fn reopen(&self, said: &str, places: &Places) -> Result<(ModelSource, Box<dyn Embedder>)> {
        let source = ModelSource::from_text(said).ok_or_else(|| Error::Usage {
            what: format!("the index was made with a model from `{said}`, which this qsearch doesn't know"),
            hint: "name the model with `--model`, or install a newer qsearch".into(),
        })?;
        let risk = match &source {
            ModelSource::Onnx(OnnxSource::File(path)) if path.exists() => {
                Some((path.display().to_string(), "run"))
            }
            ModelSource::Onnx(OnnxSource::Named(name)) if !source.is_here(places) => {
                Some((name.clone(), "download"))
            }
            _ => None,
        };
        if let Some((model, risk)) = risk.filter(|_| !self.confirmed().has_model(said)) {
            return Err(Error::Usage {
                what: format!(
                    "the index was made with the model {model}, which you haven't named yourself, so qsearch doesn't {risk} it"
                ),
                hint: format!(
                    "if you trust it, `--model {model}` takes it; `qsearch index --model {model}` remembers that"
                ),
            });
        }
        let embedder = source.open(places).map_err(|error| match error {
            Error::Io { path, source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Error::NotFound {
                    what: format!(
                        "the model that this index was made with isn't at {} any more",
                        path.display()
                    ),
                    hint:
                        "say where it is now with `--model PATH`; `qsearch index --model PATH` remembers it"
                            .into(),
                }
            }
            error => error,
        })?;
        Ok((source, embedder))
    }
}

/// Why what a project's settings name isn't used.
fn refused(key: &str, place: &str, name: &str) -> Error {
    Error::Usage {
        what: format!(
            "{place}: `{key}` names {name}, but a project's settings can only name what `qsearch model list` shows as here"
        ),
        hint: format!("if you trust it, type `--{key} {name}`, or put it into your own settings"),
    }
}

/// Says who named what can't be used, for nobody typed it just now.
fn named_by(by: &str, error: Error) -> Error {
    match error {
        Error::NotFound { what, hint } => Error::NotFound { what: format!("{by}: {what}"), hint },
        Error::Usage { what, hint } => Error::Usage { what: format!("{by}: {what}"), hint },
        error => error,
    }
}

/// The kernel that `QSEARCH_CPU` names.
fn kernel(cpu: &str) -> Result<Kernel> {
    let named = Kernel::ALL.into_iter().find(|kernel| kernel.name() == cpu && kernel.is_supported());
    named.ok_or_else(|| {
        let runs = Kernel::ALL.into_iter().rev().filter(|kernel| kernel.is_supported());
        Error::Usage {
            what: format!("QSEARCH_CPU is {cpu}, which this processor doesn't run or qsearch doesn't know"),
            hint: format!(
                "leave it unset, or take one of: {}",
                runs.map(Kernel::name).collect::<Vec<_>>().join(", ")
            ),
        }
    })
}

/// Does what `qsearch model` was asked to.
pub(crate) fn model(context: &Context, args: ModelArgs) -> Result<Outcome, Failure> {
    match args.command {
        ModelCommand::List(args) => {
            let listed = library::list_models(&context.places()?);
            let text = if args.json { json::document(&json::models(&listed)) } else { table(&listed) };
            printer::data(&text)?;
            Ok(Outcome::Done)
        }
        ModelCommand::Import(args) => import(context, args),
    }
}

/// The models, one line each; the rerankers below the others.
fn table(models: &[Listed]) -> String {
    let width = models.iter().map(|model| model.name.len()).max().unwrap_or(0);
    let line = |name: &str, dim: &str, state: &str, from: &str| {
        format!("{name:width$}  {dim:>7}  {state:11}  {from}\n")
    };
    let row = |model: &Listed| {
        let state = if model.is_here { "here" } else { "to download" };
        let dim = match model.kind {
            ModelKind::Embedder { dim: 0 } => "damaged".to_owned(),
            ModelKind::Embedder { dim } => dim.to_string(),
            ModelKind::Reranker => String::new(),
        };
        line(&sanitize::name(&model.name), &dim, state, &sanitize::name(&model.from))
    };
    let (rerankers, embedders): (Vec<_>, Vec<_>) =
        models.iter().partition(|model| model.kind == ModelKind::Reranker);
    let mut out = line("NAME", "NUMBERS", "STATE", "FROM");
    out.extend(embedders.into_iter().map(row));
    if !rerankers.is_empty() {
        out.push('\n');
        out.push_str(&line("RERANKER", "", "STATE", "FROM"));
        out.extend(rerankers.into_iter().map(row));
    }
    out
}

/// Turns a folder into a model file.
fn import(context: &Context, args: ImportArgs) -> Result<Outcome, Failure> {
    let options = ConvertOptions {
        name: args.name,
        pooling: args.pooling,
        max_tokens: args.max_tokens,
        query_prefix: args.query_prefix,
        passage_prefix: args.passage_prefix,
    };
    std::fs::read_dir(&args.folder).map_err(Error::io("read", &args.folder))?;
    let converted = library::convert(&args.folder, &options)?;
    let name = &converted.name.value;
    let output = match args.output {
        Some(output) => output,
        None => place(context, name)?,
    };
    write(&output, &converted.bytes)?;
    context.printer.message(&summary(&converted));
    let typed = match context.places()?.models {
        Some(models) if output.parent() == Some(&models) => name.clone(),
        _ => context.printer.margin().path(&output),
    };
    context.printer.message(&format!(
        "imported {} -> {}\nhint: make an index with it: `qsearch --index DIR index --model {} NOTES`",
        sanitize::name(name),
        context.printer.margin().path(&output),
        sanitize::name(&typed)
    ));
    Ok(Outcome::Done)
}

/// Where a model is kept under its name.
fn place(context: &Context, name: &str) -> Result<PathBuf> {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(Error::Usage {
            what: format!("the model's name, {}, can't be a file's", sanitize::name(name)),
            hint: "give it another with `--name`, or say where to put it with `--output`".into(),
        });
    }
    let models = context.places()?.models.ok_or_else(|| Error::Usage {
        what: "there is no place for models".into(),
        hint: "set HOME or XDG_DATA_HOME, or say where to put it with `--output`".into(),
    })?;
    std::fs::create_dir_all(&models).map_err(Error::io("create", &models))?;
    Ok(models.join(format!("{name}.{EXTENSION}")))
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

/// What was found in the folder, and where.
fn summary(model: &Converted) -> String {
    fn line<T>(what: &str, setting: &Setting<T>, value: &str) -> String {
        format!("  {what:15} {}  (from {})", sanitize::line(value), sanitize::line(&setting.from))
    }
    let prefix = |what: &str, setting: &Setting<String>| {
        let value = if setting.value.is_empty() { "none".to_owned() } else { format!("{:?}", setting.value) };
        line(what, setting, &value)
    };
    [
        format!("  {:15} {} layers, {} numbers, {}", "shape", model.layers, model.hidden, {
            qsearch::error::size(model.bytes.len() as u64)
        }),
        line("pooling", &model.pooling, &model.pooling.value.to_string()),
        line("tokens", &model.max_tokens, &model.max_tokens.value.to_string()),
        prefix("query prefix", &model.query_prefix),
        prefix("passage prefix", &model.passage_prefix),
    ]
    .join("\n")
}

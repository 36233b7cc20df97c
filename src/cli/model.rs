//! Which model a command uses, and `qsearch model`: listing and importing.

use std::path::{Path, PathBuf};

use qsearch::embed::convert::{self, ConvertOptions, Converted, FoundSetting};
use qsearch::embed::{EXTENSION, Embedder, Kernel, ListedModel, ModelKind, ModelSource, OnnxSource, Places};
use qsearch::error::{Error, ModelRole, Result, Usage};
use qsearch::generate::{self, LocalServer};
use qsearch::library::Library;
use qsearch::settings::Named;
use qsearch::{embed, wire};

use super::args::{ImportArgs, ModelArgs, ModelChoice, ModelCommand, RerankChoice};
use super::{Context, Failure, Outcome, json, printer, sanitize};
use unicode_width::UnicodeWidthStr;

impl Context {
    /// Where models are, and what they run on.
    pub(crate) fn places(&self) -> Result<Places, Failure> {
        let environment = &self.environment;
        Ok(Places {
            models: environment.around.data_home.as_ref().map(|home| home.join("qsearch/models")),
            cache: environment.downloads.clone(),
            runtime: environment.runtime.clone(),
            shows_progress: self.printer.shows_progress(),
            threads: self.global.threads.map(Into::into),
            kernel: environment.cpu.as_deref().map(kernel).transpose()?,
        })
    }

    /// An index with the models that questions are answered with, which are opened.
    pub(crate) fn with_models(
        &self,
        library: Library,
        model: &ModelChoice,
        rerank: &RerankChoice,
    ) -> Result<Library, Failure> {
        let (library, reranker_by) = self.choosing_models(library, model, rerank)?;
        library.load_model(false)?;
        library.load_reranker().map_err(|error| named_by(reranker_by, error))?;
        Ok(library)
    }

    /// An index with the models that questions will be answered with, and what named the reranker unless it was typed. None
    /// is opened yet.
    pub(crate) fn choosing_models(
        &self,
        library: Library,
        model: &ModelChoice,
        rerank: &RerankChoice,
    ) -> Result<(Library, Option<&'static str>), Failure> {
        let places = self.places()?;
        let mut library = library.with_places(places.clone()).with_approved_models(self.approved());
        if let Some(typed) = &model.model {
            library = library.with_model(ModelSource::find(typed, &places)?);
        }
        Ok(match self.reranker(rerank, &places)? {
            Some((by, source)) => (library.with_reranker(source), by),
            None => (library, None),
        })
    }

    /// An index to write, with its model, which is opened: the one that was asked for, that of the index, or that of
    /// new indexes.
    pub(crate) fn library_to_write(
        &self,
        index: PathBuf,
        choice: &ModelChoice,
        rebuild: bool,
    ) -> Result<Library, Failure> {
        let places = self.places()?;
        let mut library = self.library_at(index).with_approved_models(self.approved());
        let asked = match &choice.model {
            Some(typed) => Some(ModelSource::find(typed, &places)?),
            None if library.names_model(rebuild) => None,
            None => Some(self.new_model(&places)?),
        };
        library = library.with_places(places);
        let Some(source) = asked else {
            // Where the index can't be read, writing to it says better what is wrong with it.
            library.load_model(rebuild)?;
            return Ok(library);
        };
        library = library.with_model(source.clone());
        library.load_model(rebuild)?;
        let is_risky = matches!(source, ModelSource::Onnx(_));
        if is_risky && !self.confirmed().has_model(&source.to_text()) {
            self.confirm(|confirmed| confirmed.add_model(source.to_text()));
        }
        Ok(library)
    }

    /// The models that the user has named.
    fn approved(&self) -> Vec<String> {
        self.confirmed().models().to_vec()
    }

    /// The model for texts that belong to no index.
    pub(crate) fn model_for_texts(&self, choice: &ModelChoice) -> Result<Box<dyn Embedder>, Failure> {
        self.model_and_source(choice).map(|(_, embedder)| embedder)
    }

    /// The model that was asked for or that of new indexes, and where it is.
    pub(crate) fn model_and_source(
        &self,
        choice: &ModelChoice,
    ) -> Result<(ModelSource, Box<dyn Embedder>), Failure> {
        let places = self.places()?;
        let source = match &choice.model {
            Some(typed) => ModelSource::find(typed, &places)?,
            None => self.new_model(&places)?,
        };
        let embedder = source.open(&places)?;
        Ok((source, embedder))
    }

    /// The model of new indexes.
    fn new_model(&self, places: &Places) -> Result<ModelSource, Failure> {
        let find =
            |typed: &str, by| ModelSource::find(typed, places).map_err(|error| named_by(Some(by), error));
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
                source.filter(|_| is_here).ok_or_else(|| refused(ModelRole::Embedder, place, name).into())
            }
        }
    }

    /// The reranker that was asked for, else the one that a variable or the settings name. With it comes what named it,
    /// unless it was typed.
    fn reranker(
        &self,
        choice: &RerankChoice,
        places: &Places,
    ) -> Result<Option<(Option<&'static str>, OnnxSource)>, Failure> {
        const NONE: &str = "none";
        let find = |by, typed: &str| match typed {
            NONE => Ok(None),
            typed => match OnnxSource::find_reranker(typed) {
                Ok(source) => Ok(Some((by, source))),
                Err(error) => Err(named_by(by, error)),
            },
        };
        if let Some(typed) = &choice.rerank {
            return find(None, typed);
        }
        if let Some(typed) = &self.environment.rerank {
            return find(Some("QSEARCH_RERANK"), typed);
        }
        match self.settings.rerank() {
            None | Some(Named::Project { name: NONE, .. }) => Ok(None),
            Some(Named::Own(typed)) => find(Some("`rerank` in the settings"), &typed),
            Some(Named::Project { place, name }) => {
                let source = OnnxSource::reranker_called(name).filter(|source| source.is_here(places));
                let source = source.ok_or_else(|| refused(ModelRole::Reranker, place, name))?;
                Ok(Some((None, source)))
            }
        }
    }
}

/// The error for a model that a project's settings may not name.
fn refused(role: ModelRole, place: String, name: &str) -> Error {
    Usage::ProjectModel { place, role, name: name.to_owned() }.into()
}

/// Adds to an error which variable or settings named what can't be used.
fn named_by(by: Option<&'static str>, error: Error) -> Failure {
    match (by, error) {
        (Some(by), error @ (Error::NotFound(_) | Error::Usage(_))) => Failure::Named(by, error),
        (_, error) => Failure::Library(error),
    }
}

/// The kernel that `QSEARCH_CPU` names.
fn kernel(cpu: &str) -> Result<Kernel, Failure> {
    let named = Kernel::ALL.into_iter().find(|kernel| kernel.name() == cpu && kernel.is_supported());
    named.ok_or_else(|| {
        let runs = Kernel::ALL.into_iter().rev().filter(|kernel| kernel.is_supported());
        Failure::refused(
            format!("QSEARCH_CPU is {cpu}, which this processor doesn't run or qsearch doesn't know"),
            format!(
                "leave it unset, or take one of: {}",
                runs.map(Kernel::name).collect::<Vec<_>>().join(", ")
            ),
        )
    })
}

/// Does what `qsearch model` was asked to.
pub(crate) fn model(context: &Context, args: ModelArgs) -> Result<Outcome, Failure> {
    match args.command {
        ModelCommand::List(args) => {
            let listed = embed::list(&context.places()?);
            let servers = generate::local(&context.environment.access);
            let text = if args.json {
                json::document(&wire::models(&listed, &servers))
            } else {
                table(&listed) + &language_models(&servers)
            };
            printer::data(&text)?;
            Ok(Outcome::Done)
        }
        ModelCommand::Import(args) => import(context, args),
    }
}

/// The models, one line each; the rerankers below the others.
fn table(models: &[ListedModel]) -> String {
    let width = models.iter().map(|model| model.name.len()).max().unwrap_or(0);
    let line = |name: &str, dim: &str, state: &str, from: &str| {
        format!("{name:width$}  {dim:>7}  {state:11}  {from}\n")
    };
    let row = |model: &ListedModel| {
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

/// The language models of servers on this machine, below the other models.
fn language_models(servers: &[LocalServer]) -> String {
    let named = servers.iter().flat_map(|server| {
        let from = format!("{}, {}", server.kind.name(), sanitize::line(&server.url));
        server.sources().map(move |source| (sanitize::line(&source.to_string()), from.clone()))
    });
    let named: Vec<(String, String)> = named.collect();
    let width = named.iter().map(|(name, _)| name.width()).max().unwrap_or(0).max(14);
    let mut out = format!("\n{:width$}  FROM\n", "LANGUAGE MODEL");
    for (name, from) in &named {
        out.extend([format!("{name:width$}"), "  ".to_owned(), from.clone(), "\n".to_owned()]);
    }
    if named.is_empty() {
        out.push_str("none: no server of Ollama, llama.cpp, LM Studio or vLLM runs at its usual port\n");
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
    let converted = convert::convert(&args.folder, &options)?;
    let name = &converted.name.value;
    let output = match args.output {
        Some(output) => output,
        None => place(context, name)?,
    };
    write(&output, &converted.bytes)?;
    let typed = match context.places()?.models {
        Some(models) if output.parent() == Some(&models) => name.clone(),
        _ if args.json => output.to_string_lossy().into_owned(),
        _ => context.printer.margin().path(&output),
    };
    if args.json {
        printer::data(&json::document(&wire::Imported::new(name, &output, &typed)))?;
        return Ok(Outcome::Done);
    }
    context.printer.message(&summary(&converted));
    context.printer.message(&format!(
        "imported {} -> {}\nhint: make an index with it: `qsearch --index DIR index --model {} NOTES`",
        sanitize::name(name),
        context.printer.margin().path(&output),
        sanitize::name(&typed)
    ));
    Ok(Outcome::Done)
}

/// Where a model is kept under its name.
fn place(context: &Context, name: &str) -> Result<PathBuf, Failure> {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(Failure::refused(
            format!("the model's name, {}, can't be a file's", sanitize::name(name)),
            "give it another with `--name`, or say where to put it with `--output`",
        ));
    }
    let models = context.places()?.models.ok_or_else(|| {
        Failure::refused(
            "there is no place for models",
            "set HOME or XDG_DATA_HOME, or say where to put it with `--output`",
        )
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
        line("pooling", &model.pooling, &model.pooling.value.to_string()),
        line("tokens", &model.max_tokens, &model.max_tokens.value.to_string()),
        prefix("query prefix", &model.query_prefix),
        prefix("passage prefix", &model.passage_prefix),
    ]
    .join("\n")
}

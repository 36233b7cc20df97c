//! Which model a command uses, and `qsearch model`: listing, downloading and importing.

#[cfg(feature = "hub")]
mod get;
mod import;
mod listing;

use qsearch::embed::{Embedder, Kernel, ModelSource, OnnxSource, Places};
use qsearch::error::{Error, ModelRole, Result, Usage};
use qsearch::library::Library;
use qsearch::settings::Named;
use qsearch::store::Place;

use super::args::{ModelArgs, ModelChoice, ModelCommand, RerankChoice};
use super::{Context, Failure, Outcome};

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
        index: Place,
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
        ModelCommand::List(args) => listing::list(context, args.json),
        ModelCommand::Import(args) => import::import(context, args),
        #[cfg(feature = "hub")]
        ModelCommand::Get(args) => get::get(context, args),
    }
}

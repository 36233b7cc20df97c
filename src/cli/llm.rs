//! Which language model writes answers, and what is said of where it runs.

use std::time::Duration;

use qsearch::error::{Error, LlmError};
use qsearch::generate::{self, Access, LanguageModel, LlmSource};
use qsearch::settings::Named;

use super::args::WriteChoice;
use super::{Context, Failure, hint, sanitize};

/// How an answer is to be written.
#[derive(Debug)]
pub(crate) struct Wish {
    /// Whether the model may only choose among sentences of the sources.
    pub(crate) strict: bool,
    /// Whether the notes' own words are the answer where no model can write.
    pub(crate) optional: bool,
    /// The model, with the variable or settings that name it, unless it was typed; `None` for one on this machine.
    named: Option<(Option<&'static str>, LlmSource)>,
    /// How it is reached.
    access: Access,
}

impl Context {
    /// How an answer is to be written, if a language model is to write it.
    pub(crate) fn wish(&self, choice: &WriteChoice) -> Result<Option<Wish>, Failure> {
        let Some(typed) = &choice.write else { return Ok(None) };
        let (mut strict, mut optional, mut model) = (false, false, None);
        for part in typed.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part {
                "strict" => strict = true,
                "try" => optional = true,
                name if model.is_none() => model = Some(name),
                name => {
                    return Err(Failure::refused(
                        format!("`--write={typed}` names two models"),
                        format!("name one: `--write={name}`"),
                    ));
                }
            }
        }
        let named = match model {
            Some(name) => Some((None, LlmSource::parse(name)?)),
            None => self.named_llm()?,
        };
        let timeout = choice.timeout.map(|seconds| Duration::from_secs(seconds.get()));
        let access = Access { timeout, ..self.environment.access.clone() };
        Ok(Some(Wish { strict, optional, named, access }))
    }

    /// The model that a variable or the settings name.
    fn named_llm(&self) -> Result<Option<(Option<&'static str>, LlmSource)>, Failure> {
        let find = |by, name: &str| match LlmSource::parse(name) {
            Ok(source) => Ok(Some((Some(by), source))),
            Err(error) => Err(Failure::Named(by, error)),
        };
        if let Some(name) = &self.environment.llm {
            return find("QSEARCH_LLM", name);
        }
        match self.settings.llm() {
            None => Ok(None),
            Some(Named::Own(name)) => find("`llm` in the settings", &name),
            Some(Named::Project { place, name }) => {
                let refused = || LlmError::NamedByProject { place: place.clone(), said: name.to_owned() };
                let source = LlmSource::parse(name).map_err(|_| Error::from(refused()))?;
                // A folder from elsewhere may say which model is best for it, but not where notes go.
                if !source.is_local(&self.environment.access)? || !matches!(source, LlmSource::Ollama { .. })
                {
                    return Err(Error::from(refused()).into());
                }
                Ok(Some((Some("`llm` in the settings"), source)))
            }
        }
    }

    /// Opens the model that is to write, and says where it runs if nobody named it, or if notes leave this machine for the
    /// first time.
    pub(crate) fn open_llm(&self, wish: &Wish) -> Result<Box<dyn LanguageModel>, Failure> {
        let source = match &wish.named {
            Some((_, source)) => source.clone(),
            None => {
                generate::choose(&generate::local(&wish.access)).ok_or(Error::from(LlmError::NoServer))?
            }
        };
        let by = wish.named.as_ref().and_then(|(by, _)| *by);
        // A key is for a server that was named.
        let llm_key = wish.access.llm_key.clone().filter(|_| wish.named.is_some());
        let access = Access { llm_key, ..wish.access.clone() };
        let llm = source.open(&access).map_err(|error| match by {
            Some(by) => Failure::Named(by, error),
            None => Failure::Library(error),
        })?;
        if !llm.is_local() {
            match (&wish.named, self.settings.llm()) {
                (None, _) => return Err(Error::from(LlmError::NoServer).into()),
                (Some((Some("`llm` in the settings"), _)), Some(Named::Project { place, name })) => {
                    let (place, said) = (place.clone(), name.to_owned());
                    return Err(Error::from(LlmError::NamedByProject { place, said }).into());
                }
                _ => {}
            }
        }
        if wish.strict && !llm.can_choose() {
            return Err(Error::from(LlmError::NotStrict { server: llm.server().to_owned() }).into());
        }
        if wish.named.is_none() {
            let (name, server) = (sanitize::line(llm.name()), sanitize::line(llm.server()));
            let typed = hint::write_with(&source.to_string());
            self.printer.message(&format!("{name} at {server} writes{typed}"));
        }
        self.tell_host(llm.as_ref());
        Ok(llm)
    }

    /// Says once which other machine gets what.
    fn tell_host(&self, llm: &dyn LanguageModel) {
        let server = llm.server();
        if llm.is_local() || self.confirmed().has_host(server) {
            return;
        }
        let here = LlmSource::parse(server).is_ok_and(|at| at.is_local(&Access::default()).unwrap_or(false));
        let by_way = if here { " and hands them on to another machine" } else { "" };
        // Also if the user wants quiet: it is remembered as said.
        self.printer.warn_always(&format!(
            "{server} gets your question and the passages that are found for it{by_way}; this is said once"
        ));
        self.confirm(|confirmed| confirmed.add_host(server));
    }
}

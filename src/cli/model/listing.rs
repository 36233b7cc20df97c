//! `qsearch model list`.

use qsearch::embed::{self, ListedModel, ModelKind};
use qsearch::generate::{self, LocalServer};
use qsearch::hub::{self, KNOWN, KnownModel};
use qsearch::wire;
use unicode_width::UnicodeWidthStr;

use crate::cli::{Context, Failure, Outcome, json, printer, sanitize};

/// Prints which models there are.
pub(super) fn list(context: &Context, as_json: bool) -> Result<Outcome, Failure> {
    let listed = embed::list(&context.places()?);
    let servers = generate::local(&context.environment.access);
    let known = known(&listed);
    let text = if as_json {
        json::document(&wire::models(&listed, &known, &servers))
    } else {
        table(&listed, &known) + &language_models(&servers)
    };
    printer::data(&text)?;
    Ok(Outcome::Done)
}

/// The models of the hub that can be downloaded and aren't here under their name.
fn known(listed: &[ListedModel]) -> Vec<&'static KnownModel> {
    let is_here = |known: &KnownModel| {
        listed.iter().any(|model| is_own(model) && model.name.eq_ignore_ascii_case(known.name()))
    };
    let offered = KNOWN.iter().filter(|known| hub::AVAILABLE && known.is_native && !is_here(known));
    offered.collect()
}

/// Whether our own encoder runs a model: the bundled one, and what was imported.
fn is_own(model: &ListedModel) -> bool {
    model.from == "bundled" || model.from.ends_with(embed::EXTENSION)
}

/// The models, one line each: those that are here, those of the hub, and those that fastembed downloads; the rerankers
/// below the others.
fn table(models: &[ListedModel], known: &[&KnownModel]) -> String {
    let names =
        models.iter().map(|model| model.name.len()).chain(known.iter().map(|model| model.name().len()));
    let width = names.max().unwrap_or(0);
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
    let of_hub = |model: &&KnownModel| {
        let KnownModel { repository, license, megabytes, purpose, .. } = model;
        let from = format!("{repository}, {license}, {megabytes} MB: {purpose}");
        line(model.name(), &model.dimensions.to_string(), "to get", &from)
    };
    let (rerankers, embedders): (Vec<_>, Vec<_>) =
        models.iter().partition(|model| model.kind == ModelKind::Reranker);
    let mut out = line("NAME", "NUMBERS", "STATE", "FROM");
    let (here, elsewhere): (Vec<_>, Vec<_>) = embedders.into_iter().partition(|model| is_own(model));
    out.extend(here.into_iter().map(row));
    out.extend(known.iter().map(of_hub));
    out.extend(elsewhere.into_iter().map(row));
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

//! Which servers of language models run on this machine?

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::access::Access;
use super::address::Address;
use super::llm_server::LlmServer;
use super::llm_source::{LlmSource, base, ollama_address};
use super::models::{Models, is_cloud, writes};
use super::ollama::{names, remote_names};

/// How long servers are waited for, all together.
const TIME: Duration = Duration::from_millis(300);

/// Which program a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServerKind {
    /// Ollama.
    Ollama,
    /// llama.cpp's server.
    LlamaCpp,
    /// LM Studio.
    LmStudio,
    /// vLLM.
    Vllm,
    /// Another one that speaks as OpenAI's does.
    Other,
}

impl ServerKind {
    /// What the program is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ollama => "Ollama",
            Self::LlamaCpp => "llama.cpp",
            Self::LmStudio => "LM Studio",
            Self::Vllm => "vLLM",
            Self::Other => "OpenAI-compatible",
        }
    }
}

/// A server of language models on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalServer {
    /// Which program it is.
    pub kind: ServerKind,
    /// Its address, up to `/v1` where it has that; without credentials.
    pub url: String,
    /// Its models that write, those first that are in memory.
    pub models: Vec<String>,
}

impl LocalServer {
    /// Its models, as they are named.
    pub fn sources(&self) -> impl Iterator<Item = LlmSource> {
        self.models.iter().cloned().map(|model| match self.kind {
            ServerKind::Ollama => LlmSource::Ollama { model },
            _ => LlmSource::Url { url: self.url.clone(), model: Some(model) },
        })
    }
}

/// The servers that run on this machine, those first that should be used. Where they are is known from `OLLAMA_HOST` and
/// `OPENAI_BASE_URL`, and from the ports that the programs have by themselves; what is listening there may be something
/// else, and then it isn't listed.
pub fn local(access: &Access) -> Vec<LocalServer> {
    let places = places(access);
    let (found, servers) = channel();
    for (at, place) in places.iter().enumerate() {
        let (found, place, access) = (found.clone(), place.clone(), access.clone());
        let ask = move || {
            let server = match &place {
                Place::Ollama(address) => ollama(address, &access),
                Place::OpenAi(address, named) => openai(address, *named, &access),
            };
            // It may be too late.
            let _ = found.send((at, server));
        };
        // Without a thread it isn't found.
        let _ = thread::Builder::new().name("local models".to_owned()).spawn(ask);
    }
    drop(found);
    let end = Instant::now() + TIME;
    let mut listed = Vec::new();
    while let Ok((at, server)) = servers.recv_timeout(end.saturating_duration_since(Instant::now())) {
        listed.extend(server.map(|server| (at, server)));
    }
    listed.sort_by_key(|(at, _)| *at);
    listed.into_iter().map(|(_, server)| server).collect()
}

/// The model that is used where none is named, if there is one: the first of the first server that has any.
pub fn choose(servers: &[LocalServer]) -> Option<LlmSource> {
    let here = |source: &LlmSource| source.is_local(&Access::default()).unwrap_or(false);
    servers.iter().flat_map(LocalServer::sources).find(here)
}

/// Where a server may be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Ollama.
    Ollama(Address),
    /// A server that speaks as OpenAI's does, and whether it was the user who said so.
    OpenAi(Address, bool),
}

/// Where servers may be, the best first.
fn places(access: &Access) -> Vec<Place> {
    let set = access.openai_url.as_deref().and_then(base).filter(Address::is_local);
    let ollama = ollama_address(access.ollama_host.as_deref().unwrap_or("127.0.0.1"));
    let ports = ["http://127.0.0.1:8080", "http://127.0.0.1:1234", "http://127.0.0.1:8000"];
    let mut places: Vec<Place> = Vec::new();
    let port = |address: &Address| address.port;
    let taken = [set.as_ref().and_then(port), ollama.as_ref().filter(|a| a.is_local()).and_then(port)];
    // Ollama may be what was set.
    if taken[0].is_none() || taken[0] != taken[1] {
        places.extend(set.map(|address| Place::OpenAi(address, true)));
    }
    places.extend(ollama.filter(Address::is_local).map(Place::Ollama));
    let known = ports.iter().filter_map(|url| base(url)).filter(|address| !taken.contains(&address.port));
    places.extend(known.map(|address| Place::OpenAi(address, false)));
    places
}

/// An Ollama at an address, with its models.
fn ollama(address: &Address, access: &Access) -> Option<LocalServer> {
    let server = LlmServer::new(address.clone(), access).ok()?;
    let loaded = thread::scope(|scope| {
        let loaded = scope.spawn(|| get(&server, &address.at("/api/ps")));
        let listed = get(&server, &address.at("/api/tags"));
        let listed = listed?;
        Some((loaded.join().ok().flatten(), names(&listed)?, remote_names(&listed)))
    });
    let (loaded, listed, remote) = loaded?;
    let mut models = loaded.as_ref().and_then(names).unwrap_or_default();
    for name in listed {
        if !models.contains(&name) {
            models.push(name);
        }
    }
    // What runs elsewhere isn't this machine's.
    models.retain(|name| writes(name) && !is_cloud(name) && !remote.contains(name));
    Some(LocalServer { kind: ServerKind::Ollama, url: address.origin(), models })
}

/// A server at an address that speaks as OpenAI's does, with its models.
fn openai(address: &Address, named: bool, access: &Access) -> Option<LocalServer> {
    let mut server = LlmServer::new(address.clone(), access).ok()?;
    // Nobody else gets the key: anyone may listen at a port.
    if let (true, Some(key)) = (named, &access.openai_key) {
        server = server.with_key("authorization", ("Bearer ", key), "OPENAI_API_KEY").ok()?;
    }
    let (studio, list) = thread::scope(|scope| {
        let studio = scope.spawn(|| get(&server, &address.at("/api/v0/models")));
        let list = get(&server, &address.at(&format!("{}/models", address.path)));
        (studio.join().ok().flatten(), list)
    });
    if let Some(models) = studio.as_ref().and_then(studio_models) {
        return Some(LocalServer { kind: ServerKind::LmStudio, url: address.shown(), models });
    }
    let models = Models::of(&list?)?;
    let kind = match () {
        () if models.are_ollamas() => ServerKind::Ollama,
        () if models.are_llama_cpps() => ServerKind::LlamaCpp,
        () if models.are_vllms() => ServerKind::Vllm,
        () if address.port == Some(1234) => ServerKind::LmStudio,
        () => ServerKind::Other,
    };
    let models: Vec<String> =
        models.names().into_iter().filter(|name| writes(name) && !is_cloud(name)).collect();
    // An Ollama that isn't where it is looked for is spoken to by its address.
    let kind = if kind == ServerKind::Ollama { ServerKind::Other } else { kind };
    Some(LocalServer { kind, url: address.shown(), models })
}

/// The models that write in LM Studio's list, those first that are in memory.
fn studio_models(list: &Value) -> Option<Vec<String>> {
    let models = list["data"].as_array()?;
    if !models.iter().all(|model| model["state"].is_string()) {
        return None;
    }
    let named = |loaded: bool| {
        let models = models.iter().filter(move |model| (model["state"] == "loaded") == loaded);
        let models = models.filter(|model| model["type"] != "embeddings");
        models.filter_map(|model| model["id"].as_str()).filter(|name| writes(name)).map(str::to_owned)
    };
    Some(named(true).chain(named(false)).collect())
}

/// What a server answers, if it does in time.
fn get(server: &LlmServer, to: &Address) -> Option<Value> {
    match server.ask_within(to, None, TIME) {
        Ok(Ok((200, value))) => Some(value),
        _ => None,
    }
}

//! What servers say of their models: names, windows, counts of tokens.

use serde_json::Value;

use super::reader::tokens;

/// The models of a server that speaks as OpenAI's does, by its `/v1/models`.
#[derive(Clone, Debug)]
pub(super) struct Models(Vec<Value>);

impl Models {
    /// Reads a list; `None` if it is none.
    pub(super) fn of(list: &Value) -> Option<Self> {
        // Together gives the list by itself.
        let models = list["data"].as_array().or_else(|| list.as_array())?;
        let named = |model: &&Value| model["id"].as_str().is_some_and(is_name);
        Some(Self(models.iter().filter(named).cloned().collect()))
    }

    /// Their names.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().filter_map(|model| model["id"].as_str().map(str::to_owned)).collect()
    }

    /// The first that writes.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.iter().filter_map(|model| model["id"].as_str()).find(|name| writes(name))
    }

    /// Whether it is llama.cpp that lists them.
    pub(super) fn are_llama_cpps(&self) -> bool {
        self.are_owned_by("llamacpp")
    }

    /// Whether it is Ollama that lists them.
    pub(super) fn are_ollamas(&self) -> bool {
        self.are_owned_by("library")
    }

    /// Whether it is vLLM that lists them.
    pub(super) fn are_vllms(&self) -> bool {
        self.are_owned_by("vllm")
    }

    fn are_owned_by(&self, owner: &str) -> bool {
        self.0.iter().any(|model| model["owned_by"] == owner)
    }

    /// How many tokens one of them has: vLLM's `max_model_len`, OpenRouter's `context_length`, Groq's `context_window`,
    /// llama.cpp's `meta.n_ctx`.
    pub(super) fn window(&self, name: &str) -> Option<u32> {
        let model = self.0.iter().find(|model| model["id"] == name)?;
        let fields = ["max_model_len", "context_length", "context_window", "max_context_length"];
        let listed = fields.iter().map(|field| &model[field]).chain([&model["meta"]["n_ctx"]]);
        listed.filter_map(tokens).find(|&window| window > 0)
    }
}

/// Whether a name can be shown and typed.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 512 && !name.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Whether a model of this name writes, rather than being made for something else.
pub(super) fn writes(name: &str) -> bool {
    let name = name.to_lowercase();
    let others = [
        "embed",
        "rerank",
        "whisper",
        "minilm",
        "bge-",
        "tts",
        "dall-e",
        "moderation",
        "clip",
        "gte-",
        "e5-",
    ];
    !others.iter().any(|other| name.contains(other))
}

/// The window in llama.cpp's `/props`.
pub(super) fn props_window(props: &Value) -> Option<u32> {
    let settings = &props["default_generation_settings"];
    tokens(&settings["n_ctx"]).or_else(|| tokens(&props["n_ctx"])).filter(|&window| window > 0)
}

/// The window of a model in LM Studio's `/api/v0/models`.
pub(super) fn studio_window(list: &Value, name: &str) -> Option<u32> {
    let model = list["data"].as_array()?.iter().find(|model| model["id"] == name)?;
    let fields = ["loaded_context_length", "max_context_length"];
    fields.iter().find_map(|field| tokens(&model[field]).filter(|&window| window > 0))
}

/// The window of OpenAI's models, which its list doesn't say.
pub(super) fn known_window(host: &str, model: &str) -> Option<u32> {
    const KNOWN: [(&str, u32); 8] = [
        ("gpt-5", 272_000),
        ("gpt-4.1", 1_000_000),
        ("gpt-4o", 128_000),
        ("gpt-4-turbo", 128_000),
        ("o1", 128_000),
        ("o3", 200_000),
        ("o4", 200_000),
        ("gpt-3.5", 16_385),
    ];
    let known = KNOWN.iter().find(|(start, _)| model.starts_with(start));
    known.filter(|_| host == "api.openai.com").map(|(_, window)| *window)
}

/// How many tokens a text has, by llama.cpp's or vLLM's `/tokenize`.
pub(super) fn count(answer: &Value) -> Option<u32> {
    let listed = || answer["tokens"].as_array().and_then(|list| u32::try_from(list.len()).ok());
    tokens(&answer["count"]).or_else(listed)
}
/// Whether a name is that of a model of Ollama's that runs in its cloud: the Ollama here only hands on what it gets.
pub(super) fn is_cloud(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("-cloud") || name.contains(":cloud")
}

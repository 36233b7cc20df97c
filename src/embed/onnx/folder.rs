//! An ONNX model in a folder, with the files of its tokenizer beside it or one folder up.

use std::path::{Path, PathBuf};

use fastembed::{Pooling, QuantizationMode, TokenizerFiles, UserDefinedEmbeddingModel};
use serde_json::{Value, json};

use crate::embed::prefixes::{self, Prefixes};
use crate::embed::read::{MOST_MODEL_BYTES, MOST_SETTINGS_BYTES, read as read_file, read_if_there, wrong};
use crate::error::Result;
use crate::sys;

/// A model read from a folder, not opened yet.
pub(super) struct OnnxFolder {
    pub(super) model: UserDefinedEmbeddingModel,
    pub(super) prefixes: Prefixes,
    pub(super) fingerprint: String,
}

/// Reads the model in the file at `path` and what belongs to it.
///
/// The tokenizer is `tokenizer.json`. The files `config.json`, `tokenizer_config.json`, `special_tokens_map.json` and
/// `1_Pooling/config.json` may be missing; without the last one, token vectors are pooled to their mean.
pub(super) fn read(path: &Path) -> Result<OnnxFolder> {
    let onnx_file = read_file(path, MOST_MODEL_BYTES)?;
    let external = path.with_extension("onnx_data");
    if external.is_file() || path.with_extension("onnx.data").is_file() {
        return Err(wrong(path, "its weights are in a file beside it, which qsearch doesn't read"));
    }
    let (home, tokenizer_files) = tokenizer(path)?;
    let pooling = pooling(&home)?;
    let prefixes = prefixes(&home)?;
    let mut hasher = blake3::Hasher::new();
    let settings = String::from_utf8_lossy(&tokenizer_files.tokenizer_config_file);
    let described = format!("{pooling:?}\n{prefixes:?}\n{settings}");
    for part in [&onnx_file, &tokenizer_files.tokenizer_file, described.as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    // The folder's name isn't part of it, so the folder may be moved.
    let fingerprint = format!("onnx@{}", &hasher.finalize().to_hex()[..16]);
    let model = UserDefinedEmbeddingModel {
        onnx_file,
        external_initializers: Vec::new(),
        tokenizer_files,
        pooling: Some(pooling),
        // Texts are run one by one, so it doesn't matter.
        quantization: QuantizationMode::None,
        output_key: None,
    };
    Ok(OnnxFolder { model, prefixes, fingerprint })
}

/// The files of the tokenizer that belongs to the model at `path`, and the folder they are in.
pub(super) fn tokenizer(path: &Path) -> Result<(PathBuf, TokenizerFiles)> {
    let beside = path.parent().unwrap_or(Path::new("."));
    let homes = [Some(beside), beside.parent()];
    let home = homes.into_iter().flatten().find(|folder| folder.join("tokenizer.json").is_file());
    let home = home.ok_or_else(|| wrong(path, "there is no tokenizer.json beside it"))?;
    let tokenizer_path = home.join("tokenizer.json");
    let tokenizer_file = read_file(&tokenizer_path, MOST_SETTINGS_BYTES)?;
    let tokenizer = parse(&tokenizer_path, &tokenizer_file)?;
    if !tokenizer["model"].is_object() {
        return Err(wrong(&tokenizer_path, "it describes no tokenizer"));
    }
    let (config, mut settings) =
        (read_json(&home.join("config.json"))?, read_json(&home.join("tokenizer_config.json"))?);
    complete(&mut settings, &config, &tokenizer);
    let files = TokenizerFiles {
        tokenizer_file,
        config_file: config.to_string().into_bytes(),
        special_tokens_map_file: read_json(&home.join("special_tokens_map.json"))?.to_string().into_bytes(),
        tokenizer_config_file: settings.to_string().into_bytes(),
    };
    Ok((home.to_path_buf(), files))
}

/// Adds settings that fastembed requires: how long texts may be, and the padding token.
fn complete(settings: &mut Value, config: &Value, tokenizer: &Value) {
    if !settings.is_object() {
        *settings = json!({});
    }
    if settings["model_max_length"].as_f64().is_none() {
        settings["model_max_length"] = config["max_position_embeddings"].as_u64().unwrap_or(512).into();
    }
    let pad = &settings["pad_token"];
    if pad.as_str().is_none() && pad["content"].as_str().is_none() {
        let padding = tokenizer["padding"]["pad_token"].as_str();
        // Texts are run one by one, so nothing is padded.
        settings["pad_token"] = padding.unwrap_or("[PAD]").into();
    }
}

/// How token vectors become one vector.
fn pooling(home: &Path) -> Result<Pooling> {
    let path = home.join("1_Pooling/config.json");
    let config = read_json(&path)?;
    let is_on = |mode: &str| {
        config[format!("pooling_mode_{mode}")].as_bool() == Some(true)
            || config["pooling_mode"].as_str() == Some(mode.split('_').next().unwrap_or(mode))
    };
    match (is_on("mean_tokens"), is_on("cls_token")) {
        (false, true) => Ok(Pooling::Cls),
        (true, false) => Ok(Pooling::Mean),
        (false, false) if !path.exists() => Ok(Pooling::Mean),
        _ => Err(wrong(&path, "its pooling is neither the mean nor the first token")),
    }
}

/// What stands before a question and a passage: what the folder says, else what is known of the folder's name.
fn prefixes(home: &Path) -> Result<Prefixes> {
    let config = read_json(&home.join("config_sentence_transformers.json"))?;
    let prompt =
        |name: &str| config["prompts"][name].as_str().filter(|prompt| !prompt.is_empty()).map(str::to_owned);
    let (query, passage) = (prompt("query"), prompt("document").or_else(|| prompt("passage")));
    if query.is_some() || passage.is_some() {
        let [query, passage] = [query, passage].map(|prefix| prefix.unwrap_or_default().into());
        return Ok(Prefixes { query, passage });
    }
    let home = sys::resolved(home).unwrap_or_else(|_| home.into());
    let known = home.file_name().and_then(|name| prefixes::known(&name.to_string_lossy()));
    Ok(known.unwrap_or_default())
}

/// A settings file; an empty object if it isn't there.
fn read_json(path: &Path) -> Result<Value> {
    read_if_there(path)?.map_or_else(|| Ok(json!({})), |bytes| parse(path, &bytes))
}

/// The content of a JSON file.
fn parse(path: &Path, bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(|error| wrong(path, format!("it isn't JSON: {error}")))
}

//! The settings of a model: what the caller wants, else what the folder's files say, else a default.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::folder::{ModelFolder, read_json};
use super::options::{ConvertOptions, FoundSetting};
use super::vocabulary::SourceVocabulary;
use crate::embed::model::Pooling;
use crate::embed::model_file::MAX_PREFIX;
use crate::embed::prefixes;
use crate::embed::read::wrong;
use crate::embed::wordpiece::stands_apart;
use crate::error::Result;

/// The most tokens of a text unless the caller wants more: BERT models were trained on no longer texts.
const MOST_TOKENS: usize = 512;
/// The padding token of XLM-R where `config.json` names none.
const PADDING: usize = 1;
/// The most rows of a table of positions.
const MOST_POSITIONS: u32 = 1 << 16;
/// The origin of a setting that the caller chose.
const OPTIONS: &str = "the options";
/// The origin of a setting that neither the caller nor a file says.
const DEFAULT: &str = "the default";

/// The settings in `config.json` that matter here.
#[derive(Deserialize)]
pub(super) struct Config {
    #[serde(default = "gelu")]
    hidden_act: String,
    #[serde(default = "absolute")]
    position_embedding_type: String,
    #[serde(rename = "_name_or_path", default)]
    origin: String,
    pub(super) hidden_size: u32,
    pub(super) num_hidden_layers: u32,
    pub(super) num_attention_heads: u32,
    pub(super) intermediate_size: u32,
    max_position_embeddings: u32,
    /// The token that pads, after whose number XLM-R counts positions.
    pad_token_id: Option<i64>,
    #[serde(skip)]
    counts_from_padding: bool,
    #[serde(default = "epsilon")]
    pub(super) layer_norm_eps: f32,
}

impl Config {
    /// The first row of the table of positions that is used: XLM-R counts from the number of its padding token.
    pub(super) fn first_position(&self) -> usize {
        let padding = self.pad_token_id.and_then(|id| usize::try_from(id).ok()).unwrap_or(PADDING);
        if self.counts_from_padding { padding.saturating_add(1) } else { 0 }
    }

    /// How many rows of the table of positions can be used.
    pub(super) fn positions(&self) -> usize {
        (self.max_position_embeddings as usize).saturating_sub(self.first_position())
    }

    /// How many rows the table of positions has.
    pub(super) fn position_rows(&self) -> usize {
        self.max_position_embeddings as usize
    }
}

/// The activation where `config.json` names none.
fn gelu() -> String {
    "gelu".into()
}

/// The kind of positions where `config.json` names none.
fn absolute() -> String {
    "absolute".into()
}

/// The epsilon of layer normalisations where `config.json` says none.
fn epsilon() -> f32 {
    1e-12
}

/// `1_Pooling/config.json`.
#[derive(Deserialize)]
struct PoolingConfig {
    /// The mode, which newer versions write instead of flags.
    pooling_mode: Option<String>,
    include_prompt: Option<bool>,
    /// The flags of all modes, like `pooling_mode_cls_token`.
    #[serde(flatten)]
    flags: BTreeMap<String, Value>,
}

/// `sentence_bert_config.json`.
#[derive(Default, Deserialize)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
    do_lower_case: Option<bool>,
}

/// `config_sentence_transformers.json`.
#[derive(Default, Deserialize)]
struct PromptConfig {
    prompts: Option<BTreeMap<String, Option<String>>>,
}

/// The part of `tokenizer_config.json` that is about lengths.
#[derive(Default, Deserialize)]
struct LengthConfig {
    model_max_length: Option<f64>,
}

/// All settings of a model but those of its vocabulary.
pub(super) struct ModelSettings {
    pub(super) config: Config,
    pub(super) name: FoundSetting<String>,
    pub(super) pooling: FoundSetting<Pooling>,
    pub(super) max_tokens: FoundSetting<usize>,
    pub(super) query_prefix: FoundSetting<String>,
    pub(super) passage_prefix: FoundSetting<String>,
    /// Whether texts are lower-cased before the tokenizer sees them.
    lower_case: bool,
}

impl ModelSettings {
    /// The settings of `options`, and of `folder` where there are none.
    pub(super) fn read(folder: &ModelFolder, options: &ConvertOptions) -> Result<Self> {
        let config = config(folder)?;
        let sentence: SentenceConfig = folder.json("sentence_bert_config.json")?.unwrap_or_default();
        let name = match &options.name {
            Some(name) => FoundSetting::new(name.clone(), OPTIONS),
            None => FoundSetting::new(folder.name(), "the folder's name"),
        };
        if name.value.is_empty() || name.value.len() > 200 || name.value.contains(char::is_control) {
            return Err(wrong(
                folder.path(),
                format!("`{}` can't be a model's name", name.value.escape_debug()),
            ));
        }
        let [query_prefix, passage_prefix] =
            prefixes(folder, options, &[&name.value, &folder.name(), &config.origin])?;
        let prefixed = !query_prefix.value.is_empty() || !passage_prefix.value.is_empty();
        Ok(Self {
            pooling: pooling(folder, options, prefixed)?,
            max_tokens: max_tokens(folder, options, &sentence, config.positions())?,
            lower_case: sentence.do_lower_case.unwrap_or(false),
            config,
            name,
            query_prefix,
            passage_prefix,
        })
    }

    /// Refuses a prefix behind which this vocabulary would read a text in another way than alone.
    pub(super) fn check_prefixes(&self, folder: &ModelFolder, vocabulary: &SourceVocabulary) -> Result<()> {
        let prefixes = [&self.query_prefix, &self.passage_prefix].map(|prefix| prefix.value.as_str());
        match prefixes.into_iter().find_map(|prefix| vocabulary.refuses(prefix)) {
            Some(what) => Err(wrong(folder.path(), what)),
            None => Ok(()),
        }
    }

    /// Refuses a model that lower-cases texts though its vocabulary has capitals.
    pub(super) fn check_casing(&self, folder: &ModelFolder, cased: bool) -> Result<()> {
        if cased && self.lower_case {
            let what = "it wants texts lower-cased for a vocabulary that isn't, which qsearch can't do";
            return Err(wrong(&folder.file("sentence_bert_config.json"), what));
        }
        Ok(())
    }
}

/// The content of `config.json`, of a model that can be run.
fn config(folder: &ModelFolder) -> Result<Config> {
    let path = folder.file("config.json");
    let value: Value = folder.json("config.json")?.unwrap_or_default();
    let kind = value.get("model_type").and_then(Value::as_str).unwrap_or("unknown");
    let counts_from_padding = kind == "xlm-roberta";
    if kind != "bert" && !counts_from_padding {
        let what = format!(
            "its model_type is {}, and qsearch runs `bert` and `xlm-roberta`: MiniLM, bge, e5, gte, arctic-embed, \
             the multilingual e5 and others of that kind",
            kind.escape_debug()
        );
        return Err(wrong(&path, what));
    }
    let config: Config = serde_json::from_value(value).map_err(|error| wrong(&path, error.to_string()))?;
    let config = Config { counts_from_padding, ..config };
    let (positions, most) = (config.max_position_embeddings, MOST_POSITIONS);
    if positions > most {
        return Err(wrong(&path, format!("its number of positions is {positions}, and can be up to {most}")));
    }
    if config.hidden_act != "gelu" {
        let what = format!("its hidden_act is {}, and qsearch runs `gelu`", config.hidden_act.escape_debug());
        return Err(wrong(&path, what));
    }
    if config.position_embedding_type != "absolute" {
        let kind = config.position_embedding_type.escape_debug();
        return Err(wrong(&path, format!("its positions are {kind}, and qsearch runs `absolute` ones")));
    }
    Ok(config)
}

/// How token vectors become one; `prefixed` says whether any text gets a prefix.
fn pooling(folder: &ModelFolder, options: &ConvertOptions, prefixed: bool) -> Result<FoundSetting<Pooling>> {
    const HELP: &str = "say which with `--pooling mean` or `--pooling cls`";
    if let Some(pooling) = options.pooling {
        return Ok(FoundSetting::new(pooling, OPTIONS));
    }
    let Some(inside) = &folder.pooling else {
        return Err(wrong(folder.path(), format!("its modules.json names no pooling; {HELP}")));
    };
    let from = Path::new(inside).join("config.json");
    let path = folder.path().join(&from);
    let Some(config) = read_json::<PoolingConfig>(&path)? else {
        return Err(wrong(folder.path(), format!("it has no {}; {HELP}", from.display())));
    };
    let on = config.flags.iter().filter(|(_, value)| **value == Value::Bool(true));
    let modes = on.filter_map(|(flag, _)| flag.strip_prefix("pooling_mode_"));
    let mut modes: BTreeSet<_> =
        modes.map(|mode| mode.trim_end_matches("_tokens").trim_end_matches("_token").to_owned()).collect();
    modes.extend(config.pooling_mode);
    let modes = Vec::from_iter(modes);
    let pooling = match &modes[..] {
        [mode] if mode == "mean" => Pooling::Mean,
        [mode] if mode == "cls" => Pooling::Cls,
        [] => return Err(wrong(&path, format!("it names no pooling; {HELP}"))),
        modes => {
            let what = format!("its pooling is {}, and qsearch runs `mean` or `cls`", modes.join(" and "));
            return Err(wrong(&path, what));
        }
    };
    if prefixed && config.include_prompt == Some(false) && pooling == Pooling::Mean {
        return Err(wrong(&path, "its pooling leaves the prefix out, which qsearch can't do"));
    }
    Ok(FoundSetting::new(pooling, from.to_string_lossy()))
}

/// How many tokens of a text are read.
fn max_tokens(
    folder: &ModelFolder,
    options: &ConvertOptions,
    sentence: &SentenceConfig,
    positions: usize,
) -> Result<FoundSetting<usize>> {
    if let Some(most) = options.max_tokens {
        if !(3..=positions).contains(&most) {
            let what = format!("it can read from 3 to {positions} tokens, not {most}");
            return Err(wrong(folder.path(), what));
        }
        return Ok(FoundSetting::new(most, OPTIONS));
    }
    let lengths: LengthConfig = folder.json("tokenizer_config.json")?.unwrap_or_default();
    // Transformers writes 1e30 if no length was set.
    let length = lengths.model_max_length.filter(|length| *length >= 1.0 && *length < 1e9);
    let (most, from) = match (sentence.max_seq_length, length) {
        (Some(most), _) => (most, "sentence_bert_config.json"),
        (None, Some(most)) => (most as usize, "tokenizer_config.json"),
        (None, None) => (positions, "config.json"),
    };
    if most < 3 {
        return Err(wrong(&folder.file(from), format!("it limits texts to {most} tokens")));
    }
    let limit = positions.min(MOST_TOKENS);
    if most > limit && limit == MOST_TOKENS {
        return Ok(FoundSetting::new(limit, DEFAULT));
    }
    Ok(FoundSetting::new(most.min(limit), if most > limit { "config.json" } else { from }))
}

/// What stands before a question and before a passage; `names` are names under which the model may be known.
fn prefixes(
    folder: &ModelFolder,
    options: &ConvertOptions,
    names: &[&str],
) -> Result<[FoundSetting<String>; 2]> {
    const FILE: &str = "config_sentence_transformers.json";
    let config: PromptConfig = read_json(&folder.path().join(FILE))?.unwrap_or_default();
    let prompts = config.prompts.unwrap_or_default();
    // Newer versions write empty prompts for every model, which mean nothing.
    let prompt = |name: &str| prompts.get(name).cloned().flatten().filter(|prompt| !prompt.is_empty());
    let written = [prompt("query"), prompt("document").or_else(|| prompt("passage"))];
    let known = names.iter().find_map(|name| Some((name, prefixes::known(name)?)));
    let found = if written.iter().any(Option::is_some) {
        written.map(|prompt| FoundSetting::new(prompt.unwrap_or_default(), FILE))
    } else if let Some((name, known)) = known {
        let from = format!("what is known of {name}");
        [known.query, known.passage].map(|prefix| FoundSetting::new(prefix.into_owned(), &*from))
    } else {
        [(); 2].map(|()| FoundSetting::new(String::new(), DEFAULT))
    };
    let [query, passage] = found;
    let or = |option: &Option<String>, found| match option {
        Some(prefix) => FoundSetting::new(prefix.clone(), OPTIONS),
        None => found,
    };
    let found = [or(&options.query_prefix, query), or(&options.passage_prefix, passage)];
    for prefix in &found {
        let value = &prefix.value;
        let problem = if value.len() > MAX_PREFIX {
            format!("it has more than {MAX_PREFIX} bytes")
        } else if stands_apart(value) {
            continue;
        } else {
            "it must end with a blank or a punctuation mark".into()
        };
        let start: String = value.chars().take(40).collect();
        let what =
            format!("the prefix `{}` from {} can't be used: {problem}", start.escape_debug(), prefix.from);
        return Err(wrong(folder.path(), what));
    }
    Ok(found)
}

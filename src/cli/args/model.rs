//! What can be typed after `qsearch model`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueHint};

/// `qsearch model`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct ModelArgs {
    /// What to do with models.
    #[command(subcommand)]
    pub(crate) command: ModelCommand,
}

/// What `qsearch model` does.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// List the models that can be named with --model or --rerank
    List(ModelListArgs),
    /// Download a model from the Hugging Face hub and import it
    #[cfg(feature = "hub")]
    Get(ModelGetArgs),
    /// Turn a sentence-transformers folder of a BERT model into a model of qsearch's own, which runs without ONNX
    Import(ImportArgs),
}

/// `qsearch model list`.
#[derive(Debug, Args)]
pub(crate) struct ModelListArgs {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `qsearch model import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch model import ~/models/bge-small-en-v1.5
  qsearch --index bge index --model bge-small-en-v1.5 ~/notes

Models of the shape of MiniLM, bge, e5, gte, arctic-embed and the multilingual e5 can be imported: BERT or XLM-R with a WordPiece \
or Unigram vocabulary, weights in model.safetensors. Any other model is run through ONNX: `--model FOLDER`.")]
pub(crate) struct ImportArgs {
    /// The folder, with config.json, model.safetensors and vocab.txt or tokenizer.json
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
    /// How to import it.
    #[command(flatten)]
    pub(crate) convert: ConvertArgs,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `qsearch model get`.
#[cfg(feature = "hub")]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch model get multilingual-e5-small
  qsearch --index e5 index --model multilingual-e5-small ~/notes

`qsearch model list` names models that are known and what they are for; OWNER/NAME means any other one of the hub. What is \
interrupted goes on when the same command is typed again.

Reads HF_ENDPOINT (another hub), HF_HUB_DOWNLOAD_TIMEOUT (seconds), HTTPS_PROXY and NO_PROXY.")]
pub(crate) struct ModelGetArgs {
    /// The model's name, or its repository on the hub: OWNER/NAME
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) model: String,
    /// How to import it.
    #[command(flatten)]
    pub(crate) convert: ConvertArgs,
    /// Keep the downloaded files as well
    #[arg(long)]
    pub(crate) keep: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a model is imported.
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// What to call it [default: the folder's name, or the repository's]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) name: Option<String>,
    /// How token vectors become one: mean or cls [default: as the folder says]
    #[arg(long, value_name = "HOW")]
    pub(crate) pooling: Option<qsearch::embed::convert::Pooling>,
    /// The most tokens of a text to read [default: as the folder says]
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<usize>,
    /// What the model wants before a question [default: as the folder says, or as is known of the model]
    #[arg(long, value_name = "TEXT")]
    pub(crate) query_prefix: Option<String>,
    /// What the model wants before a passage [default: as the folder says, or as is known of the model]
    #[arg(long, value_name = "TEXT")]
    pub(crate) passage_prefix: Option<String>,
    /// How the rows of words are kept: 8bit, or 4bit for a smaller file
    #[arg(long, value_name = "BITS", default_value = "8bit")]
    pub(crate) table: qsearch::embed::TableBits,
    /// Keep the letters of these languages only, and Latin ones: de,ru,zh
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(crate) languages: Vec<qsearch::embed::convert::Writing>,
    /// The model file to write [default: among your models]
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

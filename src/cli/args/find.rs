//! What can be typed behind `ask`, `search`, `notes` and `tags`.

use std::num::{NonZeroU64, NonZeroUsize};

use clap::Args;
use qsearch::ask::MOST_SOURCES;
use qsearch::calendar::Day;

use super::{ModelChoice, RerankChoice};

/// What can be written in a question or a query, as help texts say it.
macro_rules! language {
    ($what:literal) => {
        concat!(
            "In a ",
            $what,
            ": \"words in a row\", -without, title:word, tag:name, path:glob, key:value, since:date, before:date; with a dash ",
            "for the opposite. `qsearch help syntax` tells all. Quote the whole ",
            $what,
            " then, and put `--` before one that begins with a dash.\n"
        )
    };
}

/// How many sources are wanted.
pub(super) fn sources(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().filter(|number: &NonZeroUsize| number.get() <= MOST_SOURCES);
    number.ok_or_else(|| format!("it must be a whole number from 1 to {MOST_SOURCES}"))
}

/// Which notes are wanted.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct NoteFilter {
    /// Only notes whose path matches; any of them, if given more than once. Case matters where it does in names of files
    #[arg(long, value_name = "GLOB")]
    pub(crate) path: Vec<String>,
    /// Only notes that have the tag or one below it; all of them, if given more than once
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Only notes dated this day or later: 2024-06-30, 2024-06, 2024, yesterday, or 7d, 2w, 6m, 1y ago; notes without a date are left out
    #[arg(long, value_name = "DATE", value_parser = crate::cli::human::parse_day)]
    pub(crate) since: Option<Day>,
    /// Only notes dated before this day; notes without a date are left out
    #[arg(long, value_name = "DATE", value_parser = crate::cli::human::parse_day)]
    pub(crate) before: Option<Day>,
}

impl From<NoteFilter> for qsearch::query::Filter {
    fn from(NoteFilter { path: paths, tag: tags, since, before }: NoteFilter) -> Self {
        Self { paths, tags, since, before }
    }
}

/// Which passages may be found.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Filter {
    /// Of which notes.
    #[command(flatten)]
    pub(crate) notes: NoteFilter,
    /// The score, from 0 to 1, below which a passage doesn't count as relevant
    #[arg(long, value_name = "X", value_parser = score)]
    pub(crate) min_score: Option<f32>,
}

/// `qsearch ask`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each of them is a flag")]
#[command(after_help = concat!(
    "\
Examples:
  qsearch ask what is the GIL
  qsearch ask \"why isn't my loop faster with threads?\" --path 'python/**'
  qsearch ask --since 2w what did we decide about the schema
  qsearch ask --open 1 how do I rename a branch    its note, in your editor
  echo 'what is a monad' | qsearch ask - --json
  qsearch ask 'why \"copy on write\" -pandas tag:python'

",
    language!("question"),
    "
Exit status: 0 answered, with \"Perhaps:\" or without, 1 the notes don't seem to answer, 2 an error."
))]
pub(crate) struct AskArgs {
    /// The question; several words are joined, `-` reads it from stdin
    #[arg(value_name = "QUESTION", required = true)]
    pub(crate) question: Vec<String>,
    /// Show N sources [default: at most 5, and none whose score is less than half of the first's]
    #[arg(short = 'n', long = "sources", alias = "limit", value_name = "N", value_parser = sources)]
    pub(crate) sources: Option<NonZeroUsize>,
    /// Whether a language model writes the answer.
    #[command(flatten)]
    pub(crate) write: WriteChoice,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// Print JSON documents as they come, one a line: the sources, the answer, each written sentence, and all of it
    #[arg(long, conflicts_with_all = ["json", "form"])]
    pub(crate) jsonl: bool,
    /// What is printed else.
    #[command(flatten)]
    pub(crate) form: Form,
    /// Answer only where the answer can be trusted; what would be printed with `Perhaps:` counts as not answered
    #[arg(long)]
    pub(crate) strict: bool,
    /// Show how each source was found: its ranks and scores in both searches, and what a reranker made of them; with
    /// --json as `signals`
    #[arg(long)]
    pub(crate) explain: bool,
    /// Tell on stderr where the milliseconds went; with --json, in the document
    #[arg(long)]
    pub(crate) timings: bool,
    /// Read the notes that have changed first
    #[arg(long)]
    pub(crate) refresh: bool,
    /// Which passages may be found.
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelChoice,
    /// The reranker.
    #[command(flatten)]
    pub(crate) rerank: RerankChoice,
}

/// Whether a language model writes answers, and which.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WriteChoice {
    /// Let a language model write the answer from several sources; what no source says is left out. MODEL is ollama:NAME,
    /// openai:NAME, anthropic:NAME or URL#NAME [default: `QSEARCH_LLM`, `llm` in the settings, or what runs on this machine].
    /// `strict` before it holds the model to sentences of the sources; with `try`, the notes' own words are the answer where
    /// no model can write: --write=try,strict,ollama:qwen3
    #[arg(long, value_name = "MODEL", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) write: Option<String>,
    /// Wait so long for the language model to go on [default: 120, and 300 for its first word]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<NonZeroU64>,
}

/// `qsearch search`.
#[derive(Debug, Args)]
#[command(after_help = concat!(
    "\
Examples:
  qsearch search copy on write
  vim -q <(qsearch search --vimgrep copy on write)
  qsearch search --tag work -n 50 --json deadline | jq -r '.[].path'
  qsearch search 'title:minutes \"next steps\" -draft'
  qsearch search tag:meeting since:7d    the notes, the newest first

",
    language!("query"),
    "
Exit status: 0 something found, 1 nothing relevant, 2 an error."
))]
pub(crate) struct SearchArgs {
    /// What to look for; several words are joined, `-` reads it from stdin
    #[arg(value_name = "QUERY", required_unless_present_any = ["path", "tag", "since", "before"])]
    pub(crate) query: Vec<String>,
    /// How many passages to list
    #[arg(short = 'n', long = "limit", alias = "sources", value_name = "N", default_value = "10", value_parser = sources)]
    pub(crate) limit: NonZeroUsize,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
    /// Show how each passage was found, as `ask --explain` does
    #[arg(long)]
    pub(crate) explain: bool,
    /// Read the notes that have changed first
    #[arg(long)]
    pub(crate) refresh: bool,
    /// What is printed else.
    #[command(flatten)]
    pub(crate) form: Form,
    /// Which passages may be found.
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelChoice,
    /// The reranker.
    #[command(flatten)]
    pub(crate) rerank: RerankChoice,
}

/// `qsearch notes` and `qsearch tags`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch notes                      all notes, the newest first
  qsearch notes tag:meeting since:7d
  qsearch tags --path 'work/**'      the tags of these notes

What notes are taken can be said as in a question: `qsearch help syntax`. Exit status: 0 something listed, 1 nothing.")]
pub(crate) struct NotesArgs {
    /// Which notes: tag:name, path:glob, title:word, key:value, since:date, before:date, \"words in a row\", or -… [default: all]
    #[arg(value_name = "FILTER")]
    pub(crate) filter: Vec<String>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
    /// Which notes are listed.
    #[command(flatten)]
    pub(crate) notes: NoteFilter,
}

/// What is printed of the sources, if it isn't a page or JSON.
#[derive(Clone, Copy, Debug, Default, Args)]
#[group(id = "form", multiple = false, conflicts_with = "json")]
pub(crate) struct Form {
    /// Print the passages, too, and not only where they stand
    #[arg(long)]
    pub(crate) full: bool,
    /// Print a line for each source as editors read it: path:line:column:text
    #[arg(long)]
    pub(crate) vimgrep: bool,
    /// Print only the paths of the notes, each once
    #[arg(long, short = 'l')]
    pub(crate) files_with_matches: bool,
    /// Print nothing, but open the N-th source's note in $VISUAL or $EDITOR, at its line, or as the system does
    #[arg(long, value_name = "N", value_parser = sources)]
    pub(crate) open: Option<NonZeroUsize>,
}

/// Reads a score between 0 and 1.
fn score(text: &str) -> Result<f32, String> {
    let score: f32 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&score) { Ok(score) } else { Err("a score lies between 0 and 1".to_owned()) }
}

//! What can be typed: the one definition behind parsing, `--help` and shell completions.

mod chat;
mod eval;
mod find;
#[cfg(feature = "mcp")]
mod mcp;
mod model;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "watch")]
mod watch;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

pub(crate) use self::chat::ChatArgs;
pub(crate) use self::eval::EvalArgs;
pub(crate) use self::find::{AskArgs, Filter, Form, NotesArgs, SearchArgs, WriteChoice};
#[cfg(feature = "mcp")]
pub(crate) use self::mcp::{Client, McpArgs};
#[cfg(feature = "hub")]
pub(crate) use self::model::ModelGetArgs;
pub(crate) use self::model::{ConvertArgs, ImportArgs, ModelArgs, ModelCommand};
#[cfg(feature = "serve")]
pub(crate) use self::serve::ServeArgs;
#[cfg(feature = "watch")]
pub(crate) use self::watch::WatchArgs;

const EXAMPLES: &str = "\
Examples:
  qsearch index ~/notes             read your notes; again later to refresh
  qsearch ask what is the GIL       an answer from them, with its sources
  qsearch search -n 20 decorators   the best passages, one line each
  qsearch get notes/python.md:120   the passage that covers a line

Exit status: 0 answered, 1 nothing relevant, 2 an error or only part of the work done, 130 interrupted.";

// Names of variables, without the backticks that Markdown would want.
const INDEX_HELP: &str = "Folder of the index, or postgres://… [env: QSEARCH_INDEX] [default: the nearest index/ upward, then your own]";
const COLOR_HELP: &str = "When to use colours: auto, always or never; NO_COLOR is respected";
const MODEL_HELP: &str = "The model: a name that `qsearch model list` shows, a model file, or a folder with an ONNX model \
     [default: that of the index] [env, for new indexes: QSEARCH_MODEL]";
const RERANK_HELP: &str = "Have a cross-encoder reorder the best 30 passages: a name that `qsearch model list` shows, or a folder with \
     an ONNX model; `none` for none [env: QSEARCH_RERANK]";
const TRUST_HELP: &str =
    "Read whatever folders the index names; index confirms them for good, other commands for once";
const VERBOSE_HELP: &str =
    "Tell on stderr what is being done; twice for details [env: QSEARCH_LOG, a filter]";

/// Ask your notes: local semantic search with cited answers, no server and no network.
#[derive(Debug, Parser)]
#[command(name = "qsearch", version, after_help = EXAMPLES, max_term_width = 80)]
#[command(arg_required_else_help = true, subcommand_required = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command understands.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The folder of the index.
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath, help = INDEX_HELP)]
    pub(crate) index: Option<PathBuf>,
    /// Whether the index may name any folder.
    #[arg(long, global = true, help = TRUST_HELP)]
    pub(crate) trust: bool,
    /// Print nothing on stderr but errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true, help = COLOR_HELP)]
    pub(crate) color: When,
    /// Use at most N threads [default: one per core]
    #[arg(long, global = true, value_name = "N", value_parser = from_one)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// How much to tell about the work.
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help = VERBOSE_HELP)]
    pub(crate) verbose: u8,
}

fn from_one(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "it must be a whole number from 1 on")
}

/// When to do something that suits a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// One thing that qsearch does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read notes into the index, or refresh what is in it
    Index(IndexArgs),
    /// Answer a question from the notes, with sources
    Ask(AskArgs),
    /// Answer questions one after the other, each with what was said in mind
    Chat(ChatArgs),
    /// List the passages that fit best
    Search(SearchArgs),
    /// Print a note or a passage as it is indexed
    Get(GetArgs),
    /// List the notes there are, the newest first
    Notes(NotesArgs),
    /// List the tags there are, with the number of notes that have them
    Tags(NotesArgs),
    /// Tell what is indexed, and what has changed since
    Status(StatusArgs),
    /// Print what a file says, as it is indexed: the text of a PDF, of an office file, of mail
    Extract(ExtractArgs),
    /// Look for damage in the index, without changing anything
    Check(CheckArgs),
    /// Take a folder or a note out of the index (the files stay)
    Forget(ForgetArgs),
    /// Copy the index to another place, with nothing embedded again
    Copy(CopyArgs),
    /// Let agents search, ask and read the notes: a server of the Model Context Protocol on stdin and stdout
    #[cfg(feature = "mcp")]
    Mcp(McpArgs),
    /// Let browsers and programs ask: a page and an HTTP interface, for this machine unless you say otherwise
    #[cfg(feature = "serve")]
    Serve(ServeArgs),
    /// Keep the index up to date while notes change, until it is stopped
    #[cfg(feature = "watch")]
    Watch(WatchArgs),
    /// Turn lines from stdin into vectors, one JSON object a line
    Embed(EmbedArgs),
    /// Measure how good the answers are, with questions whose answers are known
    Eval(EvalArgs),
    /// List the models that can be used, or import one
    Model(ModelArgs),
    /// Print a script that completes qsearch's commands in your shell
    Completions(CompletionsArgs),
    /// Print a page of the manual, of qsearch or of a command, for `man`
    Man(ManArgs),
    /// Read files for another process; see `extract`
    #[command(hide = true)]
    ReadDocuments,
    /// Tell how a command is used, what a question can say (`help syntax`), or what `--json` prints (`help json`)
    Help(HelpArgs),
}

/// Which model turns texts into vectors.
#[derive(Debug, Args)]
pub(crate) struct ModelChoice {
    /// The name or place of the model.
    #[arg(long, value_name = "NAME|PATH", value_hint = ValueHint::AnyPath, value_parser = NonEmptyStringValueParser::new(), help = MODEL_HELP)]
    pub(crate) model: Option<String>,
}

/// Which model reads the best passages beside the question.
#[derive(Debug, Args)]
pub(crate) struct RerankChoice {
    /// The name or place of the cross-encoder.
    #[arg(long, value_name = "MODEL", value_hint = ValueHint::AnyPath, value_parser = NonEmptyStringValueParser::new(), help = RERANK_HELP)]
    pub(crate) rerank: Option<String>,
}

/// `qsearch index`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch index                      refresh all; the first time, read `corpus/`
  qsearch index ~/notes ~/wiki       add these folders, or refresh just them
  qsearch --index big index --model BGEBaseENV15 ~/notes
                                     another index with another model
  qsearch index --exclude 'drafts/**' ~/notes
  qsearch index --rebuild            make a damaged or outdated index anew
  qsearch index --trust              after a move: read the folders it names

Folders that lie outside of the index's parent folder are read once you have named them.

Only what changed is read again. Files that `.gitignore`, `.ignore` or `.qsearchignore` name are left out.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct IndexArgs {
    /// Folders or files with notes [default: all that was indexed before]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// Take only notes that match; may be given more than once
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Leave out notes that match; may be given more than once
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Take only these kinds of files, named by their extensions: `pdf,md`
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(crate) kinds: Vec<String>,
    /// Leave out larger files [default: 64MiB, more for PDF, mailboxes and archives]
    #[arg(long, value_name = "SIZE", value_parser = super::human::parse_size)]
    pub(crate) max_size: Option<u64>,
    /// Exit with status 2 also if there is something to remark of a file that is read: that it is damaged, or has pages
    /// without text
    #[arg(long)]
    pub(crate) strict: bool,
    /// Make the whole index anew, in whatever state it is: from the folders that it remembers, or from PATHs alone
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// Merge the index into one segment without anything deleted, which is the fastest to ask
    #[arg(long)]
    pub(crate) optimize: bool,
    /// Commit the notes that are read so far each time so many seconds have gone by [default: 60]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) checkpoint: Option<u32>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// The model, which the index remembers.
    #[command(flatten)]
    pub(crate) model: ModelChoice,
}

/// `qsearch get`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch get notes/python.md        the whole note, as it is indexed
  qsearch get notes/python.md:120    the passage that covers line 120
  qsearch get notes/python.md:7-9    the passages that cover these lines
  qsearch get '#k3f9a2c1'            the passage with this id (quote the `#`)")]
pub(crate) struct GetArgs {
    /// A note (a file, `root/path`, or a path within a root), with a line or lines if wanted; or an id
    #[arg(value_name = "PATH[:LINE]|#ID")]
    pub(crate) target: PathBuf,
    /// List where its links lead, and what links to it, instead of its text
    #[arg(long)]
    pub(crate) links: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `qsearch extract`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch extract paper.pdf          its text as Markdown, page after page
  qsearch extract --json costs.xlsx  its rows with their places, as JSON

What a file says is what its passages and citations come from. Remarks, such as pages without text, are on stderr.")]
pub(crate) struct ExtractArgs {
    /// The file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Exit with status 2 if there is something to remark
    #[arg(long)]
    pub(crate) strict: bool,
    /// Read no larger file [default: as much as its kind may have]
    #[arg(long, value_name = "SIZE", value_parser = super::human::parse_size)]
    pub(crate) max_size: Option<u64>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `qsearch status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `qsearch check`.
#[derive(Debug, Args)]
#[command(after_help = "\
All files of the index are read, their checksums compared, and what they say of each other. \
`qsearch index --rebuild` makes a damaged index anew.

Exit status: 0 sound, 2 damaged, or an error.")]
pub(crate) struct CheckArgs {
    /// Read all documents again as well, such as PDFs, and compare what comes out with what the index has
    #[arg(long)]
    pub(crate) deep: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `qsearch forget`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch forget ~/wiki              a folder that was indexed
  qsearch forget notes/private       a folder or a note in it, as `root/path`

A note that lies in an indexed folder comes back with the next `qsearch index`; to keep it out for good, name it in \
`.qsearchignore`.")]
pub(crate) struct ForgetArgs {
    /// A folder or a note, as a path on disk or as `root/path`
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `qsearch copy`.
#[derive(Debug, Args)]
#[command(
    override_usage = "qsearch copy [OPTIONS] [FROM] TO",
    after_help = "\
Examples:
  qsearch copy /backup/index         a copy of the index that is meant here
  qsearch copy ~/old/index index     a copy of another one

There must be no notes at TO yet. The copy reads the same folders."
)]
pub(crate) struct CopyArgs {
    /// The index to copy [default: the one that is meant], and where the copy is to be
    #[arg(value_name = "INDEX", value_hint = ValueHint::AnyPath, num_args = 1..=2, required = true)]
    pub(crate) indexes: Vec<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `qsearch embed`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  echo 'what is the GIL' | qsearch embed
  jq -c '.text' notes.jsonl | qsearch embed --json > vectors.jsonl")]
pub(crate) struct EmbedArgs {
    /// Each line of the input is a JSON string, so that a text may have several lines
    #[arg(long)]
    pub(crate) json: bool,
    /// Embed the lines as questions: some models want other words before these than before passages
    #[arg(long)]
    pub(crate) query: bool,
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelChoice,
}

/// `qsearch help`.
#[derive(Debug, Args)]
pub(crate) struct HelpArgs {
    /// A command, `syntax` or `json` [default: all commands]
    #[arg(value_name = "COMMAND")]
    pub(crate) topic: Vec<String>,
}

/// `qsearch completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch completions bash > ~/.local/share/bash-completion/completions/qsearch
  qsearch completions zsh > ~/.zfunc/_qsearch
  qsearch completions fish > ~/.config/fish/completions/qsearch.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `qsearch man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch man > ~/.local/share/man/man1/qsearch.1
  qsearch man ask | man -l -          read it at once")]
pub(crate) struct ManArgs {
    /// A command [default: the page of qsearch, which names them]
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn words_and_global_options_stand_anywhere() {
        let cli = parse("qsearch ask what is --index x the GIL -n 3 --path a/** --path b").unwrap();
        assert_eq!(cli.global.index, Some(PathBuf::from("x")));
        let Command::Ask(ask) = cli.command else { panic!("not ask") };
        assert_eq!(ask.question.join(" "), "what is the GIL");
        assert_eq!(ask.sources, NonZeroUsize::new(3));
        assert_eq!(ask.filter.notes.path, ["a/**", "b"]);
    }

    #[test]
    fn wrong_numbers_are_refused() {
        for line in [
            "qsearch",
            "qsearch ask",
            "qsearch search",
            "qsearch search --min-score 0.5",
            "qsearch ask -n 0 x",
            "qsearch search --min-score 2 x",
            "qsearch search --min-score NaN x",
            "qsearch index --max-size lots",
            "qsearch status --threads 0",
            "qsearch completions csh",
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
        assert_eq!(parse("qsearch ask --help").unwrap_err().exit_code(), 0);
    }

    #[test]
    fn help_fits_80_columns_and_wraps_where_there_are_fewer() {
        fn check(mut command: clap::Command) {
            let name = command.get_name().to_owned();
            for line in command.render_help().to_string().lines() {
                assert!(line.chars().count() <= 80, "{name}: {line}");
            }
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let is_prose = |line: &str| line.starts_with(|c: char| !c.is_whitespace());
            for (line, next) in after.lines().zip(after.lines().skip(1)) {
                assert!(
                    !(is_prose(line) && is_prose(next)),
                    "{name}: a paragraph is one line\n{line}\n{next}"
                );
                assert!(is_prose(line) || line.chars().count() <= 80, "{name}: {line}");
            }
            command.get_subcommands().cloned().for_each(check);
        }
        let mut command = Cli::command();
        command.build();
        check(command);
    }

    #[test]
    fn every_command_has_a_help_text() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
    }
}

//! Advice for people at a terminal: what to type next after an error.

#[cfg(feature = "postgres")]
mod database;
mod hub;
mod llm;
#[cfg(feature = "mcp")]
pub(crate) mod mcp;
#[cfg(feature = "serve")]
pub(crate) mod serve;
#[cfg(feature = "watch")]
pub(super) mod watch;

pub(super) use llm::write_with;

use std::io;

use clap::error::ErrorKind;
use qsearch::error::{Error, Mismatch, NotFound, Usage, Wanted};
use qsearch::files::Refusal;
use qsearch::format::{FORMATS, readable};
use qsearch::query::{Clause, Query};
use qsearch::surroundings::PassedOver;
use qsearch::sys;

use super::human::count;

/// What to do instead of typing a password.
#[cfg(feature = "postgres")]
pub(super) const PASSWORD: &str =
    "others can read it there; put the address into QSEARCH_INDEX, or the password into ~/.pgpass";
/// Lists the models that can be named.
const LIST_MODELS: &str = "`qsearch model list` shows the models that there are";
/// Lists the rerankers that can be named.
const LIST_RERANKERS: &str = "`qsearch model list` shows the rerankers that there are";

/// The form of a line of `qrels.tsv`.
const JUDGMENT: &str = "a line is a query's id, a document's id and a whole number, with tabs between them";

/// What the user can do about an error: a phrase that ends in what to type, where there is something to type.
pub(crate) fn hint(error: &Error) -> Option<String> {
    let hint = match error {
        Error::Usage(usage) => return usage_hint(usage),
        Error::NotFound(missing) => return not_found_hint(missing),
        Error::Llm(error) => return llm::llm_hint(error),
        #[cfg(feature = "postgres")]
        Error::Database(error) => return database::database_hint(error),
        Error::Hub(error) => return hub::hub_hint(error),
        Error::Io { source, .. } => io_hint(source),
        Error::NoIndex { .. } => "make one with `qsearch index FOLDER`",
        Error::NotAnIndex { .. } => "name a new or empty folder with `--index DIR`",
        Error::IndexVersion { found, supported, .. } if found > supported => {
            "install a newer qsearch, or make the index anew from your notes with `qsearch index --rebuild`"
        }
        Error::Incompatible { what: Mismatch::Model, .. } => {
            "make it anew with `qsearch index --rebuild`, and with `--model` if you typed one; or make another one \
             beside it with `--index NEW-DIR`"
        }
        Error::IndexVersion { .. } | Error::Incompatible { .. } => {
            "make it anew from your notes with `qsearch index --rebuild`"
        }
        Error::Busy { .. } => "wait for it to end, then type the same command again",
        Error::Corrupt { .. } => {
            "your notes are untouched; make the index anew from them with `qsearch index --rebuild`"
        }
        Error::BundledModel { .. } => "install qsearch again; this model is part of the program",
        Error::Model { .. } => "`qsearch model list` shows the models that can be used",
        Error::LockLost { .. } => {
            "the index is whole; keep what cleans and syncs folders away from it, and type the same command again"
        }
        Error::Interrupted(_) => "type the same command again to go on",
        Error::NoThread { .. } => {
            "close programs, or raise the limit on threads: `ulimit -u`, or the container's limit on pids"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What to do where the operating system refuses something.
fn io_hint(source: &io::Error) -> &'static str {
    if Refusal::of(source).is_some() {
        return "put a regular file or folder in its place, or name another";
    }
    if sys::is_too_many_files(source) {
        return "close programs, or raise the limit on open files: `ulimit -n`";
    }
    match source.kind() {
        io::ErrorKind::OutOfMemory => {
            "close programs, or raise the limit on memory: `ulimit -v`, or the container's"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, then run `qsearch index` again; what was indexed before is intact"
        }
        io::ErrorKind::PermissionDenied => "check its owner and permissions with `ls -l`",
        io::ErrorKind::ReadOnlyFilesystem => {
            "put the index elsewhere with `--index DIR`; asking works read-only"
        }
        _ => "check the path, and the disk it is on",
    }
}

/// What to type instead of a request that can't be carried out.
fn usage_hint(usage: &Usage) -> Option<String> {
    let hint = match usage {
        Usage::NotADocument { .. } => {
            return Some(format!(
                "these kinds can be read: {}",
                readable(FORMATS).collect::<Vec<_>>().join(", ")
            ));
        }
        Usage::Damaged { .. } => "open it with the program that made it, and save it again",
        Usage::UnknownKind { known, .. } => return Some(format!("name some of these: {}", known.join(", "))),
        Usage::IgnoreFile { .. } => "mend this ignore file, or remove it",
        Usage::IsIndex { .. } => "name the folder that holds the notes: `qsearch index FOLDER`",
        Usage::WalkGlob { .. } => "write it like a line of .gitignore, for example `*.md` or `drafts/`",
        Usage::NoRoots => "name one: `qsearch index FOLDER`",
        Usage::NothingToRefresh => "name a folder with notes: `qsearch index FOLDER`",
        Usage::RootsUnreadable { .. } => "name the folders: `qsearch index --rebuild FOLDER`",
        Usage::LosesUnconfirmed { .. } => {
            "`--trust` confirms all roots of the index; or name the folders that it is to hold from now on: \
             `qsearch index --rebuild FOLDER`"
        }
        Usage::Glob { .. } => "use `*`, `**`, `?`, `[a-z]` or `{a,b}`, as in `python/**/*.md`",
        Usage::Globs { .. } => "use fewer or simpler ones",
        Usage::Dimensions { .. } | Usage::NoVector => "embed it with the model of the index",
        Usage::Kernel { .. } => "leave it to qsearch to choose",
        Usage::WithoutFastembed => "build it with its default features: `cargo install --path . --locked`",
        Usage::NoRuntime { named: true, .. } => {
            "set ORT_DYLIB_PATH to the path of its library, or leave it unset and type `pip install onnxruntime`"
        }
        Usage::NoRuntime { named: false, .. } => {
            "install it with `pip install onnxruntime`, or set ORT_DYLIB_PATH to the path of its library"
        }
        Usage::NoModelCache => "set HOME or XDG_CACHE_HOME",
        Usage::UnknownModelSource { .. } => "name the model with `--model`, or install a newer qsearch",
        Usage::Settings { .. } => {
            "the keys are `index`, `include`, `exclude`, `max-size`, `day-first`, `sources`, `model`, `rerank`, \
             `refresh` and `llm`"
        }
        Usage::NotMadeHere { .. } => "name a place for it with `--index DIR`",
        _ => return usage_with_names(usage),
    };
    Some(hint.to_owned())
}

/// What to type where that depends on what was named.
fn usage_with_names(usage: &Usage) -> Option<String> {
    let hint = match usage {
        Usage::Unconfirmed { path } => {
            format!("`qsearch index {}` confirms it, `--trust` all roots of the index", path.display())
        }
        Usage::NotALine { typed, .. } => {
            format!("type `{typed}:7` or `{typed}:7-9`; the first line is 1")
        }
        Usage::Ambiguous { candidates, more, .. } => {
            format!("say which: {}{}", candidates.join(", "), if *more { ", …" } else { "" })
        }
        Usage::ImportFirst { folder } => format!("type `qsearch model import {}`", folder.display()),
        Usage::SeveralModels { first, role, .. } => {
            format!("name one of them: `--{} {}`", role.key(), first.display())
        }
        Usage::Download { role, cache, .. } => format!(
            "check the network, or copy the model's files from elsewhere and name their folder with `--{} FOLDER`; \
             downloads are kept in {}",
            role.key(),
            cache.display()
        ),
        Usage::UnapprovedModel { model, .. } => format!(
            "if you trust it, `--model {model}` takes it; `qsearch index --model {model}` remembers that"
        ),
        Usage::IndexOutside { index, .. } => {
            format!("name it with `--index {}`, or in your own settings", index.display())
        }
        Usage::HasNotes { .. } => "name a place where there is no index yet".to_owned(),
        Usage::ProjectDatabase { .. } => {
            "if you trust it, name it with `--index ADDRESS`, in QSEARCH_INDEX, or in your own settings"
                .to_owned()
        }
        Usage::RootElsewhere { root, machine } => format!(
            "type it on {machine}; or `qsearch forget {root}` takes it out of the index, if that machine is gone"
        ),
        Usage::NoDatabases => "name a folder with `--index DIR`".to_owned(),
        Usage::ProjectModel { role, name, .. } => {
            format!("if you trust it, type `--{} {name}`, or put it into your own settings", role.key())
        }
        Usage::TestSet { wanted, .. } => wanted_hint(*wanted),
        _ => return None,
    };
    Some(hint)
}

/// What a test set should be like, as advice.
fn wanted_hint(wanted: Wanted) -> String {
    let hint = match wanted {
        Wanted::Form(form) => return format!("each line is like {form}"),
        Wanted::Judgment => JUDGMENT,
        Wanted::OwnIds => "give each line its own id",
        Wanted::ShorterLine => "leave it out or shorten it",
        Wanted::Utf8 => "convert the file with `iconv -t UTF-8`",
        Wanted::Offsets => "offsets count characters from 0, and the end isn't included",
        Wanted::LinesFromOne => "lines count from 1",
        Wanted::CorpusFile => "name a UTF-8 file in `corpora/`",
        Wanted::JudgedIds => "check that `qrels.tsv` has the ids of `queries.jsonl`",
        Wanted::SpannedIds => "check that `spans.jsonl` has the ids of `queries.jsonl`",
        Wanted::RegularFile => "name a regular file",
        Wanted::Report => "name a file that `qsearch eval DIR --json` wrote for a set with judgments",
        Wanted::SameSet => "compare with a report about the same set",
        _ => "check the files of the set",
    };
    hint.to_owned()
}

/// What to type instead of the name of something that isn't there.
fn not_found_hint(missing: &NotFound) -> Option<String> {
    let hint = match missing {
        NotFound::Path { path } => format!(
            "check the path; notes that were indexed and are gone for good are taken out by `qsearch forget {}`",
            path.display()
        ),
        NotFound::LostRoot { root, .. } => format!(
            "bring them back, take them out with `qsearch forget {}`, or name the folders that the index is to \
             hold from now on: `qsearch index --rebuild FOLDER`",
            root.display()
        ),
        NotFound::Place { path, first, last, .. } => {
            format!("its places go from `{path}:{first}` to `{path}:{last}`")
        }
        NotFound::Lines { path, near, .. } => {
            let near: Vec<String> = near.iter().map(|lines| format!("`{path}:{lines}`")).collect();
            if near.is_empty() {
                "the note has no passages".to_owned()
            } else {
                format!("the nearest are {}", near.join(" and "))
            }
        }
        NotFound::Model { name } => hub::get_instead(name).unwrap_or_else(|| LIST_MODELS.to_owned()),
        NotFound::NoNotes { .. } => format!(
            "qsearch reads {} files, and files without an extension; check the path, .gitignore, --include and \
             --max-size",
            readable(FORMATS).collect::<Vec<_>>().join(", ")
        ),
        _ => fixed_not_found_hint(missing)?.to_owned(),
    };
    Some(hint)
}

/// The advice about things that aren't there that is always the same.
fn fixed_not_found_hint(missing: &NotFound) -> Option<&'static str> {
    Some(match missing {
        NotFound::NotesAt { .. } => "`qsearch status` lists the folders it knows",
        NotFound::Note { .. } => {
            "`qsearch status` lists the folders it knows; `qsearch index` reads what is new"
        }
        NotFound::Passage { .. } => {
            "ids are those that `qsearch ask --json` and `qsearch search --json` print; they change with the text"
        }
        NotFound::Row { .. } => "search again",
        NotFound::File { .. } => "index it first",
        NotFound::IndexHere { .. } => "make one with `qsearch index FOLDER`, or name one with `--index DIR`",
        NotFound::BeingMade { .. } => {
            "ask again in a minute: what is read by then can be found, while the rest goes on"
        }
        NotFound::LostNotes { .. } => {
            "make it readable, if it is too large with `--max-size`; or give it up: delete it, leave it out with \
             `--exclude`, or name the folders that the index is to hold from now on: \
             `qsearch index --rebuild FOLDER`"
        }
        NotFound::ModelIn { .. } => LIST_MODELS,
        NotFound::Reranker { .. } | NotFound::NotAReranker { .. } | NotFound::RerankerIn { .. } => {
            LIST_RERANKERS
        }
        NotFound::ModelMoved { .. } => {
            "say where it is now with `--model PATH`; `qsearch index --model PATH` remembers it"
        }
        NotFound::TestSet { .. } | NotFound::TestFolder { .. } => {
            "a test set is a folder with `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`, or with notes and \
             `golden.jsonl`, or with `corpora/`, `queries.jsonl` and `spans.jsonl`"
        }
        NotFound::Judgments { .. } => JUDGMENT,
        _ => return None,
    })
}

/// What is said of words that passages were left out for, if there are any, and how to look for them instead.
pub(crate) fn excluded(query: &Query) -> Option<String> {
    let words: Vec<&str> = query.excluded.iter().filter_map(Clause::phrase).collect();
    let first = words.first()?;
    let named: Vec<String> = words.iter().map(|word| format!("“{word}”")).collect();
    Some(format!(
        "excluded: passages with {}; to look for such a word with its dash, quote it: `\"-{first}\"`",
        named.join(" or ")
    ))
}

/// What to type instead of a question that only says what to leave out.
pub(crate) fn only_excludes(said: &str) -> String {
    let word = said.split_whitespace().next().unwrap_or_default();
    format!(
        "add what is looked for, as in `qsearch search 'python {word}'`; to look for the word with its dash, type \
         `qsearch search -- {word}`"
    )
}

/// What to type instead of a question that only says which notes are wanted.
pub(crate) fn only_filters(said: &str) -> String {
    let list = if said.is_empty() { String::new() } else { format!(" '{said}'") };
    format!(
        "`qsearch search{list}` lists these notes; for an answer add what is looked for, as in \
         `qsearch ask tag:python what are decorators`"
    )
}

/// What to do where a note can't be opened because it isn't there.
pub(crate) const GONE: &str = "`qsearch index` takes note of what has changed";
/// What to do where the program fails that is to open a note.
pub(crate) const EDITOR: &str = "set VISUAL or EDITOR to the command of an editor";

/// What to do where a command of a talk wants an answer that isn't there.
pub(crate) const ASK_FIRST: &str = "type a question first";

/// What to type instead of a command of a talk that isn't there.
pub(crate) fn talk_commands() -> String {
    "there are /sources, /open 2, /new, /help and /quit; a question that begins with a slash is typed with two".to_owned()
}

/// Which sources can be opened, if there are `found`.
pub(crate) fn no_source(found: usize) -> String {
    match found {
        0 => "nothing was found for this question".to_owned(),
        1 => "there is only `--open 1`".to_owned(),
        _ => format!("they are numbered from 1 to {found}"),
    }
}

/// What to type instead of words where only filters are wanted.
pub(crate) fn words_in_filter(said: &str) -> String {
    format!("filters are like `tag:work` or `since:7d`; words are looked for with `qsearch search '{said}'`")
}

/// What to type where a word of a question with a dash was taken for an option of its command.
pub(crate) fn unknown_flag(error: &clap::Error, arguments: &[String]) -> Option<String> {
    let mut arguments = arguments.iter().map(String::as_str);
    let command = arguments.by_ref().find(|argument| ["ask", "search"].contains(argument))?;
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let words = arguments.collect::<Vec<_>>().join(" ");
    Some(format!(
        "to ask about it, put `--` before the question: `qsearch {command} -- {words}`; to leave out passages with a word, \
         quote the question: `qsearch {command} '{words}'`"
    ))
}

/// What is said of notes that have changed since they were indexed, and how to have them read.
pub(crate) fn stale(notes: u64) -> String {
    let them = if notes == 1 { "it" } else { "them" };
    format!("{} changed since; --refresh reads {them} first", count(notes, "note", "notes"))
}

/// What to type where clap refuses the arguments, by what it says of that.
pub(crate) fn refused(said: &str) -> &str {
    let tip = said.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    tip.unwrap_or("type the command with `--help`")
}

/// What is said of something that is passed over, and how to use it all the same.
pub(crate) fn passed_over(what: &PassedOver) -> String {
    match what {
        PassedOver::Index { index, why } => {
            let shown = index.display();
            format!("the index {shown} is passed over: {why}; name it with `--index {shown}` if you trust it")
        }
        PassedOver::Settings { file, user } => format!(
            "{} belongs to user {user}, so these settings don't count; they would if you owned them",
            file.display()
        ),
        other => format!("{other:?} is passed over"),
    }
}

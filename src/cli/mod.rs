//! The command line: the only part of the program that prints, exits or reads the environment.
//!
//! Arguments become a call of the library, and what it gives back becomes text: data on stdout, all else on
//! stderr, and an exit status. Notes are a stranger's text here, so whatever comes from them goes through
//! [`sanitize`] or [`json`] first.

#[cfg(feature = "mcp")]
mod arguments;
mod args;
mod ask;
mod chat;
mod check;
mod copy;
mod cores;
mod defect;
#[cfg(feature = "mcp")]
mod desk;
mod diagnostic;
mod embed;
mod environment;
mod eval;
mod excerpt;
mod extract;
#[cfg(test)]
mod fixtures;
mod freshness;
mod get;
mod help;
mod hint;
mod human;
mod index;
mod json;
#[cfg(feature = "mcp")]
mod lines;
mod list;
mod llm;
mod man;
#[cfg(feature = "mcp")]
mod mcp;
mod model;
mod open;
mod page;
mod percent;
mod printer;
mod progress;
mod render;
mod sanitize;
#[cfg(feature = "serve")]
mod serve;
mod source;
mod spot;
mod standing;
mod status;
mod summary;
mod threads;
mod trust;
#[cfg(feature = "watch")]
mod watch;
mod wrap;
mod written;

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

use clap::{CommandFactory, Parser};
use qsearch::document::Root;
use qsearch::error::{Error, Result};
#[cfg(feature = "postgres")]
use qsearch::files::is_address;
use qsearch::library::Library;
use qsearch::locate;
use qsearch::settings::Settings;
#[cfg(feature = "postgres")]
use qsearch::store::Database;
use qsearch::store::Place;
use qsearch::trust::Trust;

use args::{Cli, Command, Global};
use environment::Environment;
use hint::passed_over;
use printer::Printer;
use trust::Confirmed;

/// How a command ended that didn't fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It did what was asked; exit status 0.
    Done,
    /// It found nothing relevant; exit status 1.
    Nothing,
    /// It did a part, and said what is missing; exit status 2.
    Partial,
}

/// Why a command failed.
#[derive(Debug)]
enum Failure {
    /// The library said so.
    Library(Error),
    /// The library said so of something that a variable or a settings file names.
    Named(&'static str, Error),
    /// What was typed makes no sense: what is wrong with it, and what to type instead.
    Refused(String, String),
    /// Stdout can't be written.
    Output(io::Error),
}

impl Failure {
    fn refused(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused(what.into(), hint.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

/// What every command needs to know.
#[derive(Clone, Debug)]
struct Context {
    /// When the program began.
    began: Instant,
    /// The options that every command understands.
    global: Global,
    /// What surrounds the process.
    environment: Environment,
    /// What the settings files say.
    settings: Settings,
    /// What the user has confirmed, read when it is first needed.
    confirmed: OnceLock<Confirmed>,
    /// The way to stderr, and how pages look.
    printer: Printer,
}

impl Context {
    /// The same, printing nothing but warnings.
    #[cfg(feature = "serve")]
    fn hushed(&self) -> Self {
        let global = Global { quiet: true, ..self.global.clone() };
        let printer = Printer::new(&global, &self.environment);
        Self { global, printer, confirmed: OnceLock::new(), ..self.clone() }
    }

    /// The index that was named on the command line or in `QSEARCH_INDEX`.
    fn asked_index(&self) -> Result<Option<Place>, Failure> {
        let around = &self.environment.around;
        if let Some(typed) = &self.global.index {
            return self.typed_index(typed).map(Some);
        }
        let named = self.environment.index.as_ref().map(|named| around.place(named, &around.cwd));
        named.transpose().map_err(|error| Failure::Named("QSEARCH_INDEX", error))
    }

    /// The index that an argument names. Anybody on the machine can read arguments, so none may hold a password.
    fn typed_index(&self, typed: &Path) -> Result<Place, Failure> {
        #[cfg(feature = "postgres")]
        if typed
            .to_str()
            .is_some_and(|typed| is_address(Path::new(typed)) && Database::has_password_in(typed))
        {
            return Err(Failure::refused("an argument has a password in it", hint::PASSWORD));
        }
        let around = &self.environment.around;
        Ok(around.place(typed, &around.cwd)?)
    }

    /// The index that a command looks into.
    fn index_to_read(&self) -> Result<Place, Failure> {
        let warn = |what| self.printer.warn(&passed_over(&what));
        let asked = self.asked_index()?;
        Ok(locate::to_read(asked.as_ref(), &self.environment.around, &self.settings, &warn)?)
    }

    /// The index that a command looks into, with what may be read for it.
    fn library(&self) -> Result<Library, Failure> {
        self.index_to_read().map(|index| self.library_at(index))
    }

    /// The index at a place, with what may be read for it.
    fn library_at(&self, index: Place) -> Library {
        let trust = self.trust(index.shown());
        Library::open(index).with_trust(trust).with_cwd(&self.environment.around.cwd)
    }

    /// What the user has confirmed.
    fn confirmed(&self) -> &Confirmed {
        let warn = |what: &str| self.printer.warn(what);
        self.confirmed.get_or_init(|| Confirmed::load(&self.environment, &warn))
    }

    /// Which folders may be read for an index.
    fn trust(&self, index: &Path) -> Trust {
        if self.global.trust { Trust::All } else { Trust::Confirmed(self.confirmed().roots_of(index)) }
    }

    /// Remembers what the user has confirmed.
    fn confirm(&self, change: impl FnOnce(&mut Confirmed)) {
        if let Err(error) = Confirmed::change(&self.environment, change) {
            self.printer.warn(&format!("what was named can't be remembered as confirmed: {error}"));
        }
    }

    /// Warns of those of these roots that may not be read, and says whether there are any.
    fn tell_unconfirmed<'a>(&self, index: &Path, roots: impl Iterator<Item = &'a Root>) -> bool {
        let mut told = false;
        let reach = self.trust(index).reach(index);
        for root in roots.filter(|root| root.is_here() && reach.refuses(&root.path)) {
            let path = root.path.display();
            self.printer.warn(&format!(
                "nothing is read in {path}: {}; `qsearch index {path}` confirms it, `--trust` does for once",
                Trust::UNCONFIRMED
            ));
            told = true;
        }
        told
    }
}

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    defect::catch(start)
}

/// Reads the arguments and does what they say.
fn start() -> ExitCode {
    let began = Instant::now();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let environment = match Environment::read() {
        Ok(environment) => environment,
        Err(error) => {
            let printer = Printer::new(&cli.global, &Environment::default());
            return finish(&printer, Err(error.into()));
        }
    };
    let printer = Printer::new(&cli.global, &environment);
    let result = run(began, cli, environment, printer.clone());
    finish(&printer, result)
}

/// Carries out a command.
fn run(began: Instant, cli: Cli, environment: Environment, printer: Printer) -> Result<Outcome, Failure> {
    let Cli { global, command } = cli;
    if let Command::Completions(args) = &command {
        let mut script = Vec::new();
        clap_complete::generate(args.shell, &mut Cli::command(), "qsearch", &mut script);
        printer::data(&String::from_utf8_lossy(&script))?;
        return Ok(Outcome::Done);
    }
    if let Command::ReadDocuments = &command {
        return extract::read_documents();
    }
    if let Command::Help(args) = &command {
        return help::help(args);
    }
    if let Command::Man(args) = &command {
        return man::man(args);
    }
    log(global.verbose, environment.log.as_deref())?;
    if !matches!(
        command,
        Command::Extract(_)
            | Command::Get(_)
            | Command::Notes(_)
            | Command::Tags(_)
            | Command::Status(_)
            | Command::Model(_)
    ) && !starts_threads(&command)
    {
        threads::prepare(global.threads.or(environment.threads));
        // A question seldom needs any.
        if !matches!(command, Command::Ask(_) | Command::Search(_)) {
            qsearch::threads::start();
        }
    }
    let settings = Settings::load(&environment.around, &|what| printer.warn(&passed_over(&what)))?;
    let context = Context { began, global, environment, settings, confirmed: OnceLock::new(), printer };
    match command {
        Command::Index(args) => index::index(&context, args),
        Command::Ask(args) => ask::ask(&context, args),
        Command::Chat(args) => chat::chat(&context, args),
        Command::Search(args) => ask::search(&context, args),
        Command::Get(args) => get::get(&context, &args),
        Command::Notes(args) => list::notes(&context, args),
        Command::Tags(args) => list::tags(&context, args),
        Command::Status(args) => status::status(&context, &args),
        Command::Check(args) => check::check(&context, &args),
        Command::Forget(args) => index::forget(&context, &args),
        Command::Copy(args) => copy::copy(&context, &args),
        #[cfg(feature = "mcp")]
        Command::Mcp(args) => mcp::mcp(context, args),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::serve(&context, &args),
        #[cfg(feature = "watch")]
        Command::Watch(args) => watch::watch(&context, args),
        Command::Embed(args) => embed::embed(&context, &args),
        Command::Eval(args) => eval::eval(&context, &args),
        Command::Model(args) => model::model(&context, args),
        Command::Extract(args) => extract::extract(&context, &args),
        Command::Completions(_) | Command::Help(_) | Command::Man(_) | Command::ReadDocuments => {
            Ok(Outcome::Done)
        }
    }
}

/// Whether a command starts threads of its own, at a lower priority.
#[cfg(feature = "watch")]
fn starts_threads(command: &Command) -> bool {
    matches!(command, Command::Watch(_))
}

/// No other command does.
#[cfg(not(feature = "watch"))]
fn starts_threads(_: &Command) -> bool {
    false
}

/// Prints what went wrong, and turns the end of a command into its exit status.
fn finish(printer: &Printer, result: Result<Outcome, Failure>) -> ExitCode {
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Ok(Outcome::Partial) => ExitCode::from(2),
        // Who closes the pipe has seen enough: `qsearch search x | head -1`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            printer::complain(&if environment::wants_json() {
                diagnostic::document(&failure)
            } else {
                diagnostic::render(printer.margin(), &failure)
            });
            ExitCode::from(diagnostic::status(&failure))
        }
    }
}

/// Prints what clap says about the arguments: help, version, or what is wrong with them.
fn usage(error: &clap::Error) -> ExitCode {
    let hint = hint::unknown_flag(error, &environment::arguments());
    let hint = hint.map(|hint| sanitize::without_passwords(&hint).into_owned());
    if error.exit_code() != 0 && environment::wants_json() {
        printer::complain(&diagnostic::usage(error, hint.as_deref()));
        return ExitCode::from(error.exit_code() as u8);
    }
    let typed = error.render().to_string();
    let plain = sanitize::without_passwords(&typed);
    // The shell may have put file names among the arguments, and file names may hold anything.
    if plain != typed || plain.chars().any(|c| sanitize::is_active(c) && c != '\n') {
        printer::complain(sanitize::text(&plain).trim_end());
    } else {
        // A closed pipe is the only way this fails: `qsearch --help | head -1`.
        drop(error.print());
    }
    if let Some(hint) = hint {
        printer::complain(&sanitize::text(&format!("hint: {hint}")));
    }
    ExitCode::from(error.exit_code() as u8)
}

/// Starts the log of what the library does on stderr, if `-v` or a filter in `QSEARCH_LOG` asks for it.
fn log(verbose: u8, filter: Option<&str>) -> Result<(), Failure> {
    let filter = match (verbose, filter) {
        (0, None) => return Ok(()),
        (0, Some(filter)) => filter,
        (1, _) => "qsearch=info",
        (2, _) => "qsearch=debug",
        (3.., _) => "qsearch=trace,debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_new(filter).map_err(|error| {
        let what = format!("QSEARCH_LOG can't be understood: {error}");
        Failure::refused(what, "write it like `qsearch=debug`")
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        .finish();
    // It fails if there is one already, which then does the work.
    tracing::subscriber::set_global_default(subscriber).unwrap_or_default();
    Ok(())
}

//! Writes to stdout and stderr: data to the one, all else to the other. Nothing else does.
//!
//! What is handed over must be [harmless](super::sanitize) already; styles come from [`Page`].

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use qsearch::answer::Terms;
use qsearch::document::Root;

use super::Failure;
use super::args::{Global, When};
use super::environment::Environment;
use super::page::{Page, WARNING};
use super::sanitize;

/// Where output goes and what suits it.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    /// How pages on stdout look.
    out: Page,
    /// How messages on stderr look.
    err: Page,
    /// Whether only errors are printed.
    quiet: bool,
    /// Whether stderr is a terminal.
    err_is_terminal: bool,
}

impl Printer {
    /// Looks at both streams once.
    pub(crate) fn new(global: &Global, environment: &Environment) -> Self {
        let color = |automatic: ColorChoice| match global.color {
            When::Auto => automatic != ColorChoice::Never,
            When::Always => true,
            When::Never => false,
        };
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let out_color = color(AutoStream::choice(&stdout));
        let width = terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0));
        let out = Page {
            color: out_color,
            host: (out_color && stdout.is_terminal()).then(|| environment.host.clone()),
            // A terminal that doesn't know its width says 0.
            width: width.filter(|&width| width >= 20 && stdout.is_terminal()),
            cwd: environment.around.cwd.clone(),
            roots: Vec::new(),
            terms: Terms::default(),
            dates: false,
        };
        let err = Page { color: color(AutoStream::choice(&stderr)), host: None, width: None, ..out.clone() };
        Self { out, err, quiet: global.quiet, err_is_terminal: stderr.is_terminal() }
    }

    /// The page for data, which shows notes of these roots.
    pub(crate) fn page(&self, roots: Vec<Root>) -> Page {
        Page { roots, ..self.out.clone() }
    }

    /// The page for messages.
    pub(crate) fn margin(&self) -> &Page {
        &self.err
    }

    /// A printer that prints nothing but errors, for work of which others tell.
    #[cfg(feature = "watch")]
    pub(crate) fn silent(&self) -> Self {
        Self { quiet: true, ..self.clone() }
    }

    /// Whether messages go to a terminal.
    #[cfg(feature = "watch")]
    pub(crate) fn is_on_terminal(&self) -> bool {
        self.err_is_terminal
    }

    /// Whether progress bars make sense.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && self.err_is_terminal
    }

    /// Writes a message to stderr, with a line end, unless the user wants quiet.
    pub(crate) fn message(&self, text: &str) {
        if !self.quiet {
            complain(text);
        }
    }

    /// Writes a warning to stderr, unless the user wants quiet. It may name files, so it is made harmless.
    pub(crate) fn warn(&self, what: &str) {
        if !self.quiet {
            self.warn_always(what);
        }
    }

    /// Writes a warning to stderr, also if the user wants quiet.
    pub(crate) fn warn_always(&self, what: &str) {
        complain(&format!("{} {}", self.err.paint(WARNING, "warning:"), sanitize::name(what)));
    }
}

/// Writes data to stdout and passes it on at once.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    let mut stdout = AutoStream::always(io::stdout().lock());
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::Output)
}

/// Writes to stderr what a line is typed behind.
pub(crate) fn prompt(text: &str) {
    let mut stderr = AutoStream::always(io::stderr().lock());
    drop(write!(stderr, "{text}").and_then(|()| stderr.flush()));
}

/// Writes a line to stderr, also if the user wants quiet. If that fails, nothing can be done about it.
pub(crate) fn complain(text: &str) {
    let mut stderr = AutoStream::always(io::stderr().lock());
    drop(writeln!(stderr, "{text}"));
}

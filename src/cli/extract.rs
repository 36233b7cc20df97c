//! `qsearch extract`: what a file says, as it is indexed; and the process that reads such files.

use std::ffi::OsString;
use std::io;

use qsearch::extract::{Launch, serve};
use qsearch::extraction::{Extraction, extraction};
use qsearch::sys;
use qsearch::wire;

use super::args::ExtractArgs;
use super::page::WARNING;
use super::progress::Interrupt;
use super::{Context, Failure, Outcome, json, printer, sanitize};

/// What the program is called with to read files for another process of its own.
pub(crate) const READER: &str = "read-documents";

/// How a process of this program is started that reads files.
pub(crate) fn launch() -> Option<Launch> {
    Some(Launch { program: sys::own_program()?, arguments: vec![OsString::from(READER)] })
}

/// Reads files for the process that has started this one, until it has no more.
pub(crate) fn read_documents() -> Result<Outcome, Failure> {
    serve(io::stdin().lock(), io::stdout().lock()).map_err(Failure::Output)?;
    Ok(Outcome::Done)
}

/// Prints what a file says.
pub(crate) fn extract(context: &Context, args: &ExtractArgs) -> Result<Outcome, Failure> {
    let interrupt = Interrupt::listen()?;
    let found = extraction(&args.file, args.max_size, launch().as_ref(), &|| interrupt.is_raised())?;
    let text = if !args.json {
        page(&found)
    } else if let [Extraction { path: None, .. }] = &found[..] {
        json::document(&wire::Extraction::new(&found[0]))
    } else {
        json::document(&wire::extractions(&found))
    };
    printer::data(&text)?;
    let mut warned = false;
    for Extraction { path, warnings, .. } in &found {
        for warning in warnings {
            warned = true;
            let of = path.as_ref().map_or(String::new(), |path| format!("{path}: "));
            let word = context.printer.margin().paint(WARNING, "warning:");
            context.printer.message(&format!("{word} {}", sanitize::line(&(of + warning))));
        }
    }
    Ok(if warned && args.strict { Outcome::Partial } else { Outcome::Done })
}

/// The texts, each under its note's path where there are several.
fn page(found: &[Extraction]) -> String {
    let mut page = String::new();
    for Extraction { path, text, .. } in found {
        if let Some(path) = path {
            page.extend(["==> ", &*sanitize::line(path), " <==\n"]);
        }
        page.push_str(sanitize::text(text).trim_end());
        page.push('\n');
    }
    page
}

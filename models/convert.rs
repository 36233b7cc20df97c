//! Turns a sentence-transformers folder into a model file; `models/README.md` says how and from what.

#![expect(clippy::print_stderr, reason = "a command reports to the terminal")]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, name, output] = &arguments[..] else {
        eprintln!("usage: convert-model FOLDER NAME OUTPUT");
        return ExitCode::from(2);
    };
    let written = qsearch::embed::convert::convert(Path::new(folder), name)
        .and_then(|bytes| std::fs::write(output, bytes).map_err(qsearch::error::Error::io("write", output)));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

//! Turns a sentence-transformers folder into a model file; `models/README.md` says how and from what.

#![expect(clippy::print_stderr, reason = "a command reports to the terminal")]

use std::path::Path;
use std::process::ExitCode;

use qsearch::embed::convert::{ConvertOptions, convert};
use qsearch::error::Error;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, name, output] = &arguments[..] else {
        eprintln!("usage: convert-model FOLDER NAME OUTPUT");
        return ExitCode::from(2);
    };
    let options = ConvertOptions { name: Some(name.clone()), ..ConvertOptions::default() };
    let written = convert(Path::new(folder), &options)
        .and_then(|model| std::fs::write(output, model.bytes).map_err(Error::io("write", output)));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

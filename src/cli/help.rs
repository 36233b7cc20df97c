//! `qsearch help`: how a command is used, what questions and notes can say, and what JSON has.

use clap::CommandFactory;

use super::args::{Cli, HelpArgs};
use super::{Failure, Outcome, printer};

/// What is understood in questions and in notes. README.md says the same.
const SYNTAX: &str = include_str!("syntax.md");

/// What the documents of `--json` have.
const JSON: &str = include_str!("json.md");

/// Prints the help of the program or of a command, or what is understood.
pub(crate) fn help(args: &HelpArgs) -> Result<Outcome, Failure> {
    let topic: Vec<&str> = args.topic.iter().map(String::as_str).collect();
    let text = match topic[..] {
        ["syntax"] => SYNTAX.to_owned(),
        ["json"] => JSON.to_owned(),
        _ => named(&topic)?.render_help().to_string(),
    };
    printer::data(&text)?;
    Ok(Outcome::Done)
}

/// A command of a command, as typed; the program, if none is named.
pub(super) fn named(names: &[&str]) -> Result<clap::Command, Failure> {
    let mut command = Cli::command();
    command.build();
    for name in names {
        let found = command.find_subcommand(name).cloned();
        command = found.ok_or_else(|| {
            let hint =
                "`qsearch help` lists the commands; `qsearch help syntax` tells what a question can say, \
                 `qsearch help json` what `--json` prints";
            Failure::refused(format!("there is no command `{name}`"), hint)
        })?;
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_tells_of_commands() {
        let usage = |names: &[&str]| named(names).map(|mut command| command.render_help().to_string());
        assert!(usage(&[]).unwrap().contains("qsearch ask what is the GIL"));
        assert!(usage(&["model", "import"]).unwrap().contains("--pooling"));
        assert!(matches!(usage(&["asks"]), Err(Failure::Refused(_, hint)) if hint.contains("qsearch help")));
    }

    #[test]
    fn the_readme_says_the_same_as_the_help() {
        let readme = include_str!("../../README.md");
        for table in SYNTAX.split("\n\n").filter(|part| part.starts_with('|')) {
            assert!(readme.contains(table.trim()), "README.md lacks this:\n{table}");
        }
    }
}

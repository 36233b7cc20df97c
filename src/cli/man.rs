//! `qsearch man`: pages of the manual, made of the same definition as `--help`.

use std::io;

use clap_mangen::Man;

use super::args::ManArgs;
use super::{Failure, Outcome, help, printer};

/// Prints the page of the program or of a command.
pub(crate) fn man(args: &ManArgs) -> Result<Outcome, Failure> {
    let names: Vec<&str> = args.command.iter().map(String::as_str).collect();
    let page = page(help::named(&names)?).map_err(Failure::Output)?;
    printer::data(&page)?;
    Ok(Outcome::Done)
}

/// The page of a command, for `man`.
fn page(command: clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command).manual("qsearch").render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_its_name_its_options_and_its_examples() {
        let of = |names: &[&str]| page(help::named(names).unwrap()).unwrap();
        let (program, ask) = (of(&[]), of(&["ask"]));
        assert!(program.contains(".TH qsearch 1") && program.contains("qsearch\\-ask(1)"), "{program}");
        assert!(ask.contains(".TH qsearch\\-ask 1") || ask.contains(".TH qsearch-ask 1"), "{ask}");
        assert!(ask.contains("strict"), "{ask}");
    }
}

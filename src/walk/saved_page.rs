//! Folders that browsers save beside a web page: what is in them belongs to the page.

use std::ffi::OsStr;
use std::path::Path;

/// What browsers put behind the page's name, in the languages that they speak.
const ENDINGS: [&str; 16] = [
    "_files",
    ".files",
    "-files",
    "_file",
    "-Dateien",
    "-filer",
    "_fichiers",
    "_archivos",
    "_arquivos",
    "_ficheiros",
    "_bestanden",
    "_pliki",
    "_soubory",
    "_tiedostot",
    "_dosyalar",
    "_elemei",
];

/// The extensions of pages that are saved with a folder.
const PAGES: [&str; 3] = ["html", "htm", "xhtml"];

/// Whether a folder has the name of a page that stands beside it, and an ending that browsers put behind it.
pub(super) fn is_part_of_page(folder: &Path) -> bool {
    let name = folder.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let stem = |ending: &&str| {
        let at = name.len().checked_sub(ending.len()).filter(|&at| at > 0 && name.is_char_boundary(at))?;
        name[at..].eq_ignore_ascii_case(ending).then(|| &name[..at])
    };
    let is_beside =
        |stem: &str| PAGES.iter().any(|page| folder.with_file_name(format!("{stem}.{page}")).is_file());
    ENDINGS.iter().filter_map(stem).any(is_beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_saved_page_stands_beside_it() {
        let at = tempfile::tempdir().unwrap();
        for page in ["Owls.html", "Eulen.htm"] {
            std::fs::write(at.path().join(page), "").unwrap();
        }
        let is_part = |name: &str| is_part_of_page(&at.path().join(name));
        assert!(is_part("Owls_files") && is_part("Owls_FILES") && is_part("Eulen-Dateien"));
        for other in ["my_files", "Owls", "_files", "Owls_notes", "é_files", ""] {
            assert!(!is_part(other), "{other}");
        }
    }
}

//! Addresses that open a note in programs on the machine where it is.

use std::path::Path;

use qsearch::wire::Links;

use super::super::percent;

/// Addresses of a file, at a line if one is meant; `None` if its path can't be written as text.
pub(super) fn to(file: &Path, is_text: bool, line: Option<u32>) -> Option<Links> {
    let path = percent::encoded(file.to_str()?);
    let at = line.map(|line| format!(":{line}")).unwrap_or_default();
    let is_in_vault = file.ancestors().skip(1).any(|folder| folder.join(".obsidian").is_dir());
    Some(Links {
        obsidian: is_in_vault.then(|| format!("obsidian://open?path={}", path.replace('/', "%2F"))),
        vscode: is_text.then(|| format!("vscode://file{path}{at}")),
        file: format!("file://{path}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_files_whatever_they_are_called() {
        let at = tempfile::tempdir().unwrap();
        std::fs::create_dir(at.path().join(".obsidian")).unwrap();
        let file = at.path().join("my notes/ä#?&%.md");
        let links = to(&file, true, Some(7)).unwrap();
        assert!(
            links.file.starts_with("file:///") && links.file.ends_with("/my%20notes/%C3%A4%23%3F%26%25.md")
        );
        assert!(links.vscode.unwrap().ends_with("/my%20notes/%C3%A4%23%3F%26%25.md:7"));
        assert!(links.obsidian.unwrap().ends_with("%2Fmy%20notes%2F%C3%A4%23%3F%26%25.md"));
        let outside = to(Path::new("/x.pdf"), false, None).unwrap();
        assert_eq!((outside.obsidian, outside.vscode, outside.file.as_str()), (None, None, "file:///x.pdf"));
    }
}

//! What is watched of a folder of notes, and what events mean there.

use super::super::events;
use super::*;

/// A folder with notes, and what follows them; `notes/` is the root.
struct Home {
    folder: tempfile::TempDir,
    watches: Watches,
    hearing: events::Hearing,
}

impl Home {
    fn new(polls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().canonicalize().unwrap();
        for sub in ["notes/a/b", "notes/index", "notes/node_modules/x", "notes/.git/info", "config"] {
            fs::create_dir_all(at.join(sub)).unwrap();
        }
        fs::write(at.join("notes/.gitignore"), "node_modules/\n").unwrap();
        fs::write(at.join("notes/index/qsearch.json"), "{}").unwrap();
        let (mouth, hearing) = events::channel();
        let settings = vec![at.join("config/qsearch/config.toml"), at.join("notes/qsearch.toml")];
        Self { watches: Watches::new(mouth, polls, &at.join("notes/index"), settings), folder, hearing }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    fn follow(&mut self, roots: &[&str]) {
        let roots: Vec<Root> = roots
            .iter()
            .map(|root| Root { is_file: self.at(root).is_file(), ..Root::new(*root, self.at(root)) })
            .collect();
        self.watches.follow(&roots, &Trust::All, (true, true), &|| false).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn folders_with_notes_are_watched_and_those_around_them() {
    let mut home = Home::new(false);
    home.follow(&["notes"]);
    let mut folders: Vec<PathBuf> = home.watches.folders.iter().cloned().collect();
    folders.sort();
    let expected = ["", "config", "notes", "notes/.git/info", "notes/a", "notes/a/b"];
    assert_eq!(folders, expected.map(|folder| home.at(folder).components().collect::<PathBuf>()));

    fs::rename(home.at("notes/a"), home.at("notes/c")).unwrap();
    home.follow(&["notes"]);
    assert!(home.watches.folders.contains(&home.at("notes/c/b")));
    assert!(!home.watches.folders.contains(&home.at("notes/a")));
    fs::write(home.at("notes/c/b/x.md"), "text").unwrap();
    let heard = |path: &Path| {
        let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
        while std::time::Instant::now() < deadline {
            let signal = home.hearing.signals().recv_timeout(std::time::Duration::from_secs(1));
            if matches!(&signal, Ok(events::Signal::Touched { path: at, .. }) if at == path) {
                return true;
            }
        }
        false
    };
    assert!(heard(&home.at("notes/c/b/x.md")));
}

#[test]
fn events_concern_notes_folders_settings_or_nobody() {
    let mut home = Home::new(false);
    home.follow(&["notes"]);
    let concern = |path: &str, thing, moved| home.watches.concern(&home.at(path), thing, moved);
    for (path, thing, moved, expected) in [
        ("notes/x.md", Thing::File, false, Concern::Note),
        ("notes/a/gone.md", Thing::Unknown, true, Concern::Note),
        ("notes/a", Thing::Unknown, true, Concern::Folders),
        ("notes/new", Thing::Folder, true, Concern::Folders),
        ("notes/.gitignore", Thing::File, false, Concern::Folders),
        ("notes/.git/info/exclude", Thing::File, true, Concern::Folders),
        ("notes", Thing::Folder, true, Concern::Settings),
        ("notes/qsearch.toml", Thing::File, false, Concern::Settings),
        ("config/qsearch", Thing::Folder, true, Concern::Settings),
        ("notes/index", Thing::Folder, true, Concern::Nothing),
        ("notes/index/segments/meta.json", Thing::File, true, Concern::Nothing),
        ("notes/.x.md.swp", Thing::File, true, Concern::Nothing),
        ("notes/node_modules", Thing::Folder, true, Concern::Nothing),
        ("notes/x.exe", Thing::File, true, Concern::Nothing),
        ("other/x.md", Thing::File, true, Concern::Nothing),
        ("config/other.toml", Thing::File, true, Concern::Nothing),
    ] {
        assert_eq!(concern(path, thing, moved), expected, "{path}");
    }
}

#[test]
fn a_root_that_is_a_file_or_away_is_watched_from_above() {
    let mut home = Home::new(false);
    fs::write(home.at("todo.md"), "text").unwrap();
    home.follow(&["todo.md", "away/notes"]);
    assert!(!home.watches.have_moved());
    let concern = |path: &str, moved| home.watches.concern(&home.at(path), Thing::Unknown, moved);
    assert_eq!(concern("todo.md", true), Concern::Note);
    assert_eq!(concern("away", true), Concern::Folders);
    assert_eq!(concern("other.md", true), Concern::Nothing);
    fs::create_dir_all(home.at("away/notes")).unwrap();
    assert!(home.watches.have_moved());
}

#[test]
fn who_wants_no_events_gets_none() {
    let mut home = Home::new(true);
    home.follow(&["notes"]);
    assert!(home.watches.folders.is_empty() && home.watches.polls());
    let told = home.watches.told();
    assert_eq!(told[0].how, How::Polling(Why::Asked));
}

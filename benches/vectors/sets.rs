//! The sets of vectors, made once and kept below `target/bench-vectors` for every engine to read.
//!
//! ```text
//! SET/recipe.txt    how they were made; with another recipe they are made again
//! SET/base.f32      the vectors to be searched, 384 numbers each
//! SET/queries.f32   those to be searched for
//! SET/truth.u32     for each query the numbers of the ten nearest, best first
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::data::{self, Generator, PASSAGES_OF_A_NOTE};
use super::raw::{self, DIM, Rows};
use super::{Outcome, exact, notes};

/// Neighbours that are searched for.
pub(super) const K: usize = 10;
/// Queries of a set.
const QUERIES: usize = 1000;
/// Folders that the notes of a set are sorted into, those that lie together into one.
const FOLDERS: usize = 10;

/// Where the vectors of a set come from.
pub(super) enum Source {
    /// Made up, so many of them.
    Generated(usize),
    /// The notes in a folder.
    Notes(PathBuf),
}

impl Source {
    /// The name of the set.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Generated(rows) if rows.is_multiple_of(1_000_000) => {
                format!("generated-{}m", rows / 1_000_000)
            }
            Self::Generated(rows) => format!("generated-{}k", rows / 1000),
            Self::Notes(_) => "notes".to_owned(),
        }
    }
}

/// A set of vectors.
pub(super) struct Set {
    pub(super) name: String,
    /// The folder with its files.
    pub(super) folder: PathBuf,
    pub(super) base: Vec<f32>,
    pub(super) queries: Vec<f32>,
    /// The numbers of the nearest vectors of each query.
    pub(super) truth: Vec<u32>,
}

impl Set {
    /// Reads a set, or makes it if it isn't there.
    pub(super) fn of(source: &Source) -> Outcome<Self> {
        let name = source.name();
        let recipe = match source {
            Source::Generated(_) => data::RECIPE.to_owned(),
            Source::Notes(folder) => notes::recipe(folder)?,
        };
        let folder = root().join(&name);
        let file = |name: &str| folder.join(name);
        if fs::read_to_string(file("recipe.txt")).is_ok_and(|made| made == recipe) {
            let [base, queries] = ["base.f32", "queries.f32"].map(|name| Rows::open(&file(name)));
            let (base, queries) = (base?.all()?, queries?.all()?);
            return Ok(Self { truth: raw::read_numbers(&file("truth.u32"))?, name, folder, base, queries });
        }
        let start = Instant::now();
        let (base, queries) = match source {
            Source::Generated(rows) => {
                let generator = Generator::new();
                (generator.passages(*rows), generator.queries(QUERIES, *rows))
            }
            Source::Notes(folder) => notes::embed(folder, QUERIES)?,
        };
        let nearest = exact::nearest(&base, &queries, K, |_| true);
        let truth: Vec<u32> = nearest.into_iter().flatten().map(|(row, _)| row).collect();
        fs::create_dir_all(&folder)?;
        raw::write(&file("base.f32"), &base)?;
        raw::write(&file("queries.f32"), &queries)?;
        raw::write_numbers(&file("truth.u32"), &truth)?;
        fs::write(file("recipe.txt"), recipe)?;
        eprintln!("{name}: made in {:.0} s", start.elapsed().as_secs_f64());
        Ok(Self { name, folder, base, queries, truth })
    }

    /// How many vectors it has.
    pub(super) fn rows(&self) -> usize {
        self.base.len() / DIM
    }
}

/// Where the sets and the results are kept.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-vectors")
}

/// Which passages of a set a search may find.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Filter {
    /// All of them.
    None,
    /// Those of each so many-th note, which are anywhere; chosen by a tag.
    Every(usize),
    /// Those of the notes of the first folder, which lie together; chosen by a path.
    Folder,
}

impl Filter {
    pub(super) const ALL: [Self; 6] =
        [Self::None, Self::Every(2), Self::Every(10), Self::Every(100), Self::Every(1000), Self::Folder];

    /// What it is called.
    pub(super) fn name(self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Every(notes) => Some(format!("tag of {} %", 100.0 / notes as f64)),
            Self::Folder => Some("folder".into()),
        }
    }

    /// Whether it lets a passage through.
    pub(super) fn lets_through(self, row: usize, folders: &Folders) -> bool {
        let note = row / PASSAGES_OF_A_NOTE;
        match self {
            Self::None => true,
            Self::Every(notes) => note.is_multiple_of(notes),
            Self::Folder => folders.of[note] == 0,
        }
    }
}

/// The folder of each note of a set. Each folder has a pivot, one of ten passages from all over the set, and gets the
/// notes whose first passages are nearest to it.
pub(super) struct Folders {
    pub(super) of: Vec<usize>,
}

impl Folders {
    /// Reads the first passage of each note.
    pub(super) fn new(base: &mut Rows) -> Outcome<Self> {
        let rows = base.rows;
        let pivots = (0..FOLDERS).map(|at| base.read(at * rows / FOLDERS, 1));
        let pivots: Vec<Vec<f32>> = pivots.collect::<Outcome<_>>()?;
        let folder = |first: usize| {
            let vector = base.read(first, 1)?;
            let cosines: Vec<f32> = pivots.iter().map(|pivot| exact::dot(pivot, &vector)).collect();
            let best = (0..FOLDERS).max_by(|&a, &b| cosines[a].total_cmp(&cosines[b]));
            Ok(best.unwrap_or_default())
        };
        let of = (0..rows).step_by(PASSAGES_OF_A_NOTE).map(folder).collect::<Outcome<_>>()?;
        Ok(Self { of })
    }
}

//! The engines, each with the parameters that its documentation suggests for recall around .99.

use std::path::Path;
use std::time::Instant;

use hnsw_rs::prelude::{AnnT, DistDot, Hnsw, HnswIo, ReloadOptions};
use rayon::prelude::*;
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use crate::Outcome;
use crate::raw::DIM;

/// The M of all graphs.
const M: usize = 16;
/// hnsw_rs can only save graphs of so many layers.
const LAYERS: usize = 16;
/// Rows that hnsw_rs inserts one by one: from many threads into an empty graph, the first ones aren't linked.
const FIRST: usize = 1000;

/// Which library, and how it is used.
pub enum Library {
    /// usearch on numbers of a kind.
    Usearch { scalar: ScalarKind, metric: MetricKind, expansion_add: usize, mapped: bool },
    /// hnsw_rs on 32-bit floats.
    HnswRs { ef_construction: usize },
}

/// An engine with its parameters.
pub struct Engine {
    /// What it is called in the tables.
    pub engine: &'static str,
    /// Its parameters, by which its variants differ.
    pub parameters: &'static str,
    library: Library,
}

const fn usearch(
    engine: &'static str,
    parameters: &'static str,
    scalar: ScalarKind,
    metric: MetricKind,
    expansion_add: usize,
    mapped: bool,
) -> Engine {
    Engine { engine, parameters, library: Library::Usearch { scalar, metric, expansion_add, mapped } }
}

/// All engines. usearch compares 8-bit numbers by cosine, since their lengths aren't 1 any more; its index is mapped,
/// which is how it opens fastest, and once read into memory, in case that searches faster.
pub const ENGINES: [Engine; 6] = [
    usearch("usearch f32", "M 16, expansion_add 128, mapped", ScalarKind::F32, MetricKind::IP, 128, true),
    usearch("usearch f32", "M 16, expansion_add 200, mapped", ScalarKind::F32, MetricKind::IP, 200, true),
    usearch("usearch f32", "M 16, expansion_add 128, read", ScalarKind::F32, MetricKind::IP, 128, false),
    usearch("usearch i8", "M 16, expansion_add 128, mapped", ScalarKind::I8, MetricKind::Cos, 128, true),
    usearch("usearch i8", "M 16, expansion_add 200, mapped", ScalarKind::I8, MetricKind::Cos, 200, true),
    Engine {
        engine: "hnsw_rs f32",
        parameters: "M 16, ef_construction 200, mapped",
        library: Library::HnswRs { ef_construction: 200 },
    },
];

/// An opened index.
pub trait Searcher {
    /// The numbers of the `k` rows nearest to a query, at a breadth of search.
    fn search(&self, query: &[f32], k: usize, ef: usize) -> Outcome<Vec<u32>>;
}

impl Searcher for Index {
    fn search(&self, query: &[f32], k: usize, ef: usize) -> Outcome<Vec<u32>> {
        self.change_expansion_search(ef);
        let matches = Index::search(self, query, k)?;
        Ok(matches.keys.into_iter().map(|key| key as u32).collect())
    }
}

impl Searcher for Hnsw<'_, f32, DistDot> {
    fn search(&self, query: &[f32], k: usize, ef: usize) -> Outcome<Vec<u32>> {
        Ok(Hnsw::search(self, query, k, ef).into_iter().map(|found| found.d_id as u32).collect())
    }
}

impl Engine {
    /// Its name and its parameters.
    pub fn name(&self) -> String {
        format!("{}, {}", self.engine, self.parameters)
    }

    /// Builds an index of these vectors on all cores and saves it in a folder. Gives the seconds to build.
    pub fn build(&self, base: &[f32], folder: &Path) -> Outcome<f64> {
        let rows: Vec<(&[f32], usize)> = base.chunks_exact(DIM).zip(0..).collect();
        let start = Instant::now();
        match self.library {
            Library::Usearch { .. } => {
                let index = self.empty()?;
                index.reserve_capacity_and_threads(rows.len(), rayon::current_num_threads())?;
                rows.par_iter().try_for_each(|&(vector, row)| index.add(row as u64, vector))?;
                let seconds = start.elapsed().as_secs_f64();
                index.save(&file(folder))?;
                Ok(seconds)
            }
            Library::HnswRs { ef_construction } => {
                let hnsw = Hnsw::<f32, DistDot>::new(M, rows.len(), LAYERS, ef_construction, DistDot);
                let (first, others) = rows.split_at(FIRST.min(rows.len()));
                first.iter().for_each(|&row| hnsw.insert_slice(row));
                hnsw.parallel_insert_slice(&others.to_vec());
                let seconds = start.elapsed().as_secs_f64();
                hnsw.file_dump(folder, "index")?;
                Ok(seconds)
            }
        }
    }

    /// Opens an index, hands it over and gives back what comes of it.
    pub fn open<T>(&self, folder: &Path, then: impl FnOnce(&dyn Searcher) -> Outcome<T>) -> Outcome<T> {
        match self.library {
            Library::Usearch { mapped, .. } => {
                let index = self.empty()?;
                if mapped {
                    index.view(&file(folder))?
                } else {
                    index.load(&file(folder))?
                }
                then(&index)
            }
            Library::HnswRs { .. } => {
                let options = ReloadOptions::default().set_mmap(true);
                let mut saved = HnswIo::new_with_options(folder, "index", options);
                then(&saved.load_hnsw::<f32, DistDot>()?)
            }
        }
    }

    /// The instructions that it compares vectors with, if it says so.
    pub fn instructions(&self) -> Option<String> {
        self.empty().ok().map(|index| index.hardware_acceleration())
    }

    /// An index of usearch without vectors.
    fn empty(&self) -> Outcome<Index> {
        let Library::Usearch { scalar, metric, expansion_add, .. } = self.library else {
            return Err("only usearch has its index before its vectors".into());
        };
        Ok(Index::new(&IndexOptions {
            dimensions: DIM,
            metric,
            quantization: scalar,
            connectivity: M,
            expansion_add,
            expansion_search: 0,
            multi: false,
        })?)
    }
}

/// The one file of usearch.
fn file(folder: &Path) -> String {
    folder.join("index.usearch").to_string_lossy().into_owned()
}

//! Where models are on this machine, and what they run on.

use std::path::PathBuf;

use super::kernel::Kernel;

/// Where models are looked for, and what they run on. The library reads no environment: its caller fills this in.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The folder of imported models.
    pub models: Option<PathBuf>,
    /// The folder of downloaded models.
    pub cache: Option<PathBuf>,
    /// Where ONNX Runtime may be.
    pub runtime: RuntimePlaces,
    /// Whether downloads may show their progress on stderr.
    pub shows_progress: bool,
    /// How many threads a model may use; as many as there are cores, if `None`.
    pub threads: Option<usize>,
    /// The instruction set that our own models run on; the fastest that this processor has, if `None`.
    pub kernel: Option<Kernel>,
}

/// Where ONNX Runtime may be.
#[derive(Clone, Debug, Default)]
pub struct RuntimePlaces {
    /// The library itself; if given, it is the only place.
    pub library: Option<PathBuf>,
    /// Folders where Python may be installed, with the `onnxruntime` wheel among its packages. `*` at the end of one stands
    /// for all folders there, the last by name first.
    pub prefixes: Vec<PathBuf>,
    /// Folders of shared libraries.
    pub folders: Vec<PathBuf>,
}

impl Places {
    /// How many threads a model uses.
    #[cfg(feature = "fastembed")]
    pub(super) fn threads(&self) -> usize {
        self.threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get))
    }
}

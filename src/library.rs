//! The front door of the library: one index, with its models and with what may be read for it.

mod copied;
mod kept;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::ask::{self, Models, Question, Reply, Stopwatch};
use crate::document::Root;
use crate::embed::{Embedder, ModelSource, OnnxSource, Places, Reranker};
use crate::error::{Error, NotFound, Result, Risk, Usage};
use crate::extract::Launch;
use crate::get::{self, Links, Note};
use crate::hit::Hit;
use crate::index::{self, IndexOptions, IndexReport};
use crate::list::{self, ListedNote};
use crate::progress::Progress;
use crate::recheck::{self, Recheck};
use crate::status::{self, Status};
use crate::store::{Checkup, Place, Store};
use crate::trust::Trust;
use crate::write::{self, Event, Writing};
use crate::written::Written;

/// An index, and what it is asked and written with.
///
/// Its state and its models are opened when they are first needed and then kept, so all answers of one `Library` come
/// from one state of the index, until [`refresh`](Self::refresh). By default an index is asked with the model that it
/// was made with, new indexes are made with the model inside the program, nothing is downloaded, and notes are read
/// below the index's parent folder only.
#[derive(Debug, Default)]
pub struct Library {
    place: Place,
    cwd: PathBuf,
    trust: Trust,
    places: Places,
    /// The model that was asked for.
    asked: Option<ModelSource>,
    reranker_source: Option<OnnxSource>,
    /// Models that may be run or downloaded although only the index names them, as an index remembers them.
    approved: Vec<String>,
    snapshot: OnceLock<Arc<dyn Store>>,
    model: OnceLock<Arc<(ModelSource, Box<dyn Embedder>)>>,
    reranker: OnceLock<Arc<dyn Reranker>>,
}

impl Library {
    /// The index at a place, such as a folder, which need not be there yet. Nothing is read before it is needed.
    pub fn open(place: impl Into<Place>) -> Self {
        Self { place: place.into(), ..Self::default() }
    }

    /// Lets these roots be read besides those below the parent folder of the index, if it is in one.
    #[must_use]
    pub fn with_trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// Where relative paths on disk start from, for [`get`](Self::get) and [`forget`](Self::forget). Without it, `get`
    /// takes paths for names and doesn't ask the disk about them.
    #[must_use]
    pub fn with_cwd(self, cwd: impl Into<PathBuf>) -> Self {
        Self { cwd: cwd.into(), ..self }
    }

    /// Where models are, and what they run on.
    #[must_use]
    pub fn with_places(self, places: Places) -> Self {
        Self { places, ..self }
    }

    /// Takes a model instead of the one that the index names.
    #[must_use]
    pub fn with_model(self, source: ModelSource) -> Self {
        Self { asked: Some(source), model: OnceLock::new(), ..self }
    }

    /// Lets a cross-encoder reorder the best passages.
    #[must_use]
    pub fn with_reranker(self, source: OnnxSource) -> Self {
        Self { reranker_source: Some(source), reranker: OnceLock::new(), ..self }
    }

    /// Lets models be run or downloaded that only the index names. They are written as an index remembers them, by
    /// [`ModelSource::to_text`].
    #[must_use]
    pub fn with_approved_models(self, approved: Vec<String>) -> Self {
        Self { approved, ..self }
    }

    /// Where the index is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What stands for the index in messages: see [`Place::shown`].
    pub fn shown(&self) -> &Path {
        self.place.shown()
    }

    /// The state of the index that answers come from.
    ///
    /// # Errors
    ///
    /// When there is no index, or it can't be opened.
    pub fn snapshot(&self) -> Result<&dyn Store> {
        self.shared_snapshot().map(|snapshot| &**snapshot)
    }

    fn shared_snapshot(&self) -> Result<&Arc<dyn Store>> {
        match self.snapshot.get() {
            Some(snapshot) => Ok(snapshot),
            None => self.place.open().map(|snapshot| self.snapshot.get_or_init(|| snapshot)),
        }
    }

    /// Looks at the index as it is now from here on. Models stay open.
    pub fn refresh(&mut self) {
        self.snapshot.take();
    }

    /// Answers a question, with sources; `watch` has a lap for each step. Writes nothing.
    ///
    /// Globs of the question that are paths on disk count as what they mean in the index.
    ///
    /// # Errors
    ///
    /// As [`ask`](ask::ask); also when there is no index, or a model can't be opened.
    ///
    /// ```
    /// # use qsearch::{ask::{Question, Stopwatch}, calendar::Day, index::IndexOptions, library::Library, progress::Silent};
    /// # let folder = tempfile::tempdir()?;
    /// # let notes = folder.path().join("notes");
    /// # std::fs::create_dir(&notes)?;
    /// # std::fs::write(notes.join("owls.md"), "# Owls\n\nOwls hunt at night, by ear.\n")?;
    /// # let mut library = Library::open(folder.path().join("index"));
    /// # library.index(&[notes], &IndexOptions::default(), &Silent)?;
    /// let question = Question::new("When do owls hunt?", 5, Day::of(0));
    /// let reply = library.ask(&question, &mut Stopwatch::default())?;
    /// assert_eq!(reply.answer.unwrap().text, "Owls hunt at night, by ear.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ask(&self, question: &Question, watch: &mut Stopwatch) -> Result<Reply> {
        ask::ask(self.snapshot()?, self.models()?, &self.understand(question)?, watch)
    }

    /// Lets a language model write an answer of the sources of a reply that [`ask`](Self::ask) gave. `None` where the reply
    /// has no answer: then no model is asked. Writes nothing to the disk.
    ///
    /// # Errors
    ///
    /// As [`write`](write::write); also when there is no index, or the embedder can't be opened.
    pub fn write(
        &self,
        question: &Question,
        reply: &mut Reply,
        writing: &Writing<'_>,
        tell: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Option<Written>> {
        let (_, embedder) = self.model(false)?;
        let question = self.understand(question)?;
        write::write(self.snapshot()?, &**embedder, &question, reply, writing, tell)
    }

    /// The question as this index understands it, which [`ask`](Self::ask) and [`search`](Self::search) answer: globs
    /// that are paths on disk are what they mean in the index, and what notes have as properties isn't text.
    ///
    /// # Errors
    ///
    /// When there is no index, it can't be read, or a glob can't be.
    pub fn understand(&self, question: &Question) -> Result<Question> {
        let snapshot = self.snapshot()?;
        ask::understand(snapshot, &self.placed(question, &snapshot.info().roots))
    }

    /// Finds the passages that fit a question best, without an answer. Writes nothing.
    ///
    /// # Errors
    ///
    /// As [`ask`](Self::ask).
    ///
    /// ```
    /// # use qsearch::{ask::Question, calendar::Day, index::IndexOptions, library::Library, progress::Silent};
    /// # let folder = tempfile::tempdir()?;
    /// # let notes = folder.path().join("notes");
    /// # std::fs::create_dir(&notes)?;
    /// # std::fs::write(notes.join("owls.md"), "# Owls\n\nOwls hunt at night, by ear.\n")?;
    /// # let mut library = Library::open(folder.path().join("index"));
    /// # library.index(&[notes], &IndexOptions::default(), &Silent)?;
    /// let hits = library.search(&Question::new("hunting in the dark", 10, Day::of(0)))?;
    /// assert_eq!(hits[0].source.path.as_str(), "owls.md");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search(&self, question: &Question) -> Result<Vec<Hit>> {
        let question = self.understand(question)?;
        if question.only_filters() {
            return ask::list(self.snapshot()?, &question);
        }
        ask::search(self.snapshot()?, self.models()?, &question)
    }

    /// Lists the notes that a question's filters let through, the newest first, whatever its words are; all notes, if it
    /// has none. Needs no model.
    ///
    /// # Errors
    ///
    /// As [`understand`](Self::understand).
    ///
    /// ```
    /// # use qsearch::{ask::Question, calendar::Day, index::IndexOptions, library::Library, list, progress::Silent};
    /// # let folder = tempfile::tempdir()?;
    /// # let notes = folder.path().join("notes");
    /// # std::fs::create_dir(&notes)?;
    /// # std::fs::write(notes.join("2024-05-01.md"), "Owls hunt at night. #birds\n")?;
    /// # let mut library = Library::open(folder.path().join("index"));
    /// # library.index(&[notes], &IndexOptions::default(), &Silent)?;
    /// let listed = library.notes(&Question::new("tag:birds since:2024", 10, Day::of(0)))?;
    /// assert_eq!(listed[0].passage.path.as_str(), "2024-05-01.md");
    /// assert_eq!(list::tags(&listed)[0].name, "birds");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn notes(&self, question: &Question) -> Result<Vec<ListedNote>> {
        let question = self.understand(question)?;
        list::notes(self.snapshot()?, question.query(), &question.filter)
    }

    /// Finds a note or some of its passages by name: `path`, `path:line`, `path:first-last` or `#id`.
    ///
    /// # Errors
    ///
    /// As [`get`](get::get); also when there is no index.
    ///
    /// ```
    /// # use qsearch::{index::IndexOptions, library::Library, progress::Silent};
    /// # let folder = tempfile::tempdir()?;
    /// # let notes = folder.path().join("notes");
    /// # std::fs::create_dir(&notes)?;
    /// # std::fs::write(notes.join("owls.md"), "# Owls\n\nOwls hunt at night, by ear.\n")?;
    /// # let mut library = Library::open(folder.path().join("index"));
    /// # library.index(&[notes], &IndexOptions::default(), &Silent)?;
    /// let note = library.get("notes/owls.md:3")?;
    /// assert_eq!(note.text(), "# Owls\n\nOwls hunt at night, by ear.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get(&self, name: impl AsRef<Path>) -> Result<Note> {
        get::get(self.snapshot()?, name.as_ref(), &self.cwd, &self.trust)
    }

    /// Finds where the links of a note lead that [`get`](Self::get) gave, and which notes link to it. Writes nothing.
    ///
    /// # Errors
    ///
    /// As [`links`](get::links).
    pub fn links(&self, note: &Note) -> Result<Links> {
        get::links(self.snapshot()?, note)
    }

    /// Tells what is indexed, and how the notes on disk differ from it. Writes nothing.
    ///
    /// # Errors
    ///
    /// As [`status`](status::status); also when there is no index.
    ///
    /// ```
    /// # use qsearch::{index::IndexOptions, library::Library, progress::Silent};
    /// # let folder = tempfile::tempdir()?;
    /// # let notes = folder.path().join("notes");
    /// # std::fs::create_dir(&notes)?;
    /// # std::fs::write(notes.join("owls.md"), "# Owls\n\nOwls hunt at night, by ear.\n")?;
    /// # let mut library = Library::open(folder.path().join("index"));
    /// # library.index(&[notes.clone()], &IndexOptions::default(), &Silent)?;
    /// std::fs::write(notes.join("bread.md"), "Knead for ten minutes.")?;
    /// let status = library.status()?;
    /// assert_eq!((status.info.files, status.drift.new.len()), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn status(&self) -> Result<Status> {
        status::status(&self.place, self.snapshot()?, &self.trust)
    }

    /// Looks at every byte of the index and tells what is wrong. Writes nothing.
    ///
    /// # Errors
    ///
    /// When there is no index, or it can't be read.
    pub fn check(&self) -> Result<Checkup> {
        self.place.check()
    }

    /// Reads all documents again that aren't text, and compares what readers make of them with what the index has. `launch`
    /// says how the processes are started that read; `cancelled` is asked all the while. Writes nothing.
    ///
    /// # Errors
    ///
    /// As [`recheck`](recheck::recheck); also when there is no index.
    pub fn recheck(&self, launch: Option<&Launch>, cancelled: &(dyn Fn() -> bool + Sync)) -> Result<Recheck> {
        recheck::recheck(self.snapshot()?, &self.trust, launch, cancelled)
    }

    /// Brings the index up to date with the notes at `paths`, or with all notes it knows if there are no paths, and
    /// makes it if there is none. What may be read, and the model, are those of this library.
    ///
    /// # Errors
    ///
    /// As [`index`](index::index); also when the model can't be opened.
    ///
    /// ```
    /// use qsearch::{index::IndexOptions, library::Library, progress::Silent};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let notes = folder.path().join("notes");
    /// # std::fs::create_dir(&notes)?;
    /// # std::fs::write(notes.join("owls.md"), "# Owls\n\nOwls hunt at night, by ear.\n")?;
    /// let mut library = Library::open(folder.path().join("index"));
    /// let report = library.index(&[notes], &IndexOptions::default(), &Silent)?;
    /// assert_eq!((report.added, report.partial()), (1, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn index(
        &mut self,
        paths: &[PathBuf],
        options: &IndexOptions,
        progress: &dyn Progress,
    ) -> Result<IndexReport> {
        self.run(false, paths, options, progress)
    }

    /// Makes the whole index again, from the notes at `paths` alone, or from all notes that it remembers if there are
    /// no paths.
    ///
    /// # Errors
    ///
    /// As [`rebuild`](index::rebuild); also when the model can't be opened.
    pub fn rebuild(
        &mut self,
        paths: &[PathBuf],
        options: &IndexOptions,
        progress: &dyn Progress,
    ) -> Result<IndexReport> {
        self.run(true, paths, options, progress)
    }

    /// Takes a root, folder or note out of the index, and says how many notes that were.
    ///
    /// # Errors
    ///
    /// As [`forget`](index::forget).
    pub fn forget(&mut self, path: &Path, progress: &dyn Progress) -> Result<u64> {
        let forgotten = index::forget(&self.place, path, &self.cwd, progress);
        self.refresh();
        forgotten
    }

    /// Opens the model for writing, and says where it is. A damaged index that is `salvaged` may be unreadable but for
    /// its model.
    ///
    /// # Errors
    ///
    /// When the index can't be opened, its model may not be run or downloaded, or the model can't be opened.
    pub fn load_model(&self, salvaged: bool) -> Result<&ModelSource> {
        self.model(salvaged).map(|(source, _)| source)
    }

    /// Opens the reranker, if there is one.
    ///
    /// # Errors
    ///
    /// When it can't be opened.
    pub fn load_reranker(&self) -> Result<()> {
        self.reranker().map(drop)
    }

    /// Whether the index says which model it was made with.
    pub fn names_model(&self, salvaged: bool) -> bool {
        match self.snapshot() {
            Ok(_) => true,
            Err(Error::NoIndex { .. }) => false,
            Err(_) => !salvaged || self.place.salvage().is_some(),
        }
    }

    fn run(
        &mut self,
        anew: bool,
        paths: &[PathBuf],
        options: &IndexOptions,
        progress: &dyn Progress,
    ) -> Result<IndexReport> {
        let open = Arc::clone(self.shared_model(anew)?);
        let (source, embedder) = &*open;
        let (model, trust) = (source.clone(), self.trust.clone());
        let options = IndexOptions { trust, model, ..options.clone() };
        let run = if anew { index::rebuild } else { index::index };
        // Whoever reads the old state keeps a database from dropping it.
        self.refresh();
        let report = run(&self.place, paths, &options, &**embedder, progress);
        self.refresh();
        report
    }

    /// The models that questions are answered with.
    fn models(&self) -> Result<Models<'_>> {
        let (_, embedder) = self.model(false)?;
        Ok(Models { embedder: &**embedder, reranker: self.reranker()? })
    }

    fn reranker(&self) -> Result<Option<&dyn Reranker>> {
        let open = match (self.reranker.get(), &self.reranker_source) {
            (Some(open), _) => open,
            (None, Some(source)) => {
                let open = source.open_reranker(&self.places)?;
                self.reranker.get_or_init(|| open.into())
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(&**open))
    }

    /// The model that was asked for, else that of the index, else the one inside the program.
    fn model(&self, salvaged: bool) -> Result<&(ModelSource, Box<dyn Embedder>)> {
        self.shared_model(salvaged).map(|open| &**open)
    }

    fn shared_model(&self, salvaged: bool) -> Result<&Arc<(ModelSource, Box<dyn Embedder>)>> {
        if let Some(open) = self.model.get() {
            return Ok(open);
        }
        let open = match (&self.asked, self.snapshot()) {
            (Some(source), _) => (source.clone(), source.open(&self.places)?),
            (None, Ok(snapshot)) => self.reopen(&snapshot.info().model_source)?,
            (None, Err(Error::NoIndex { .. })) => self.reopen("")?,
            (None, Err(_)) if salvaged => {
                self.reopen(&self.place.salvage().map(|salvage| salvage.model_source).unwrap_or_default())?
            }
            (None, Err(error)) => return Err(error),
        };
        Ok(self.model.get_or_init(|| open.into()))
    }

    /// Opens the model of an index, which may have been moved since, from where the index says it is. An index may say
    /// anything, so models other than our own are run or downloaded only if that was approved.
    fn reopen(&self, said: &str) -> Result<(ModelSource, Box<dyn Embedder>)> {
        let source = ModelSource::from_text(said)
            .ok_or_else(|| Usage::UnknownModelSource { said: said.to_owned() })?;
        let risk = match &source {
            ModelSource::Onnx(OnnxSource::File(path)) if path.exists() => {
                Some((path.display().to_string(), Risk::Run))
            }
            ModelSource::Onnx(OnnxSource::Named(name)) if !source.is_here(&self.places) => {
                Some((name.clone(), Risk::Download))
            }
            _ => None,
        };
        if let Some((model, risk)) = risk.filter(|_| !self.approved.iter().any(|approved| approved == said)) {
            return Err(Usage::UnapprovedModel { model, risk }.into());
        }
        let embedder = source.open(&self.places).map_err(|error| match error {
            Error::Io { path, source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                NotFound::ModelMoved { path }.into()
            }
            error => error,
        })?;
        Ok((source, embedder))
    }

    /// The question to this index: globs that are paths on disk become what they mean in the index, and what may be
    /// read is what this library may read.
    fn placed(&self, question: &Question, roots: &[Root]) -> Question {
        let in_root = |glob: &String| {
            let inside = |root: &Root| {
                Some(format!("{}/{}", root.name, Path::new(glob).strip_prefix(&root.path).ok()?.display()))
            };
            roots.iter().filter(|root| root.is_here()).find_map(inside).unwrap_or_else(|| glob.clone())
        };
        let mut question = question.clone();
        question.filter.paths = question.filter.paths.iter().map(in_root).collect();
        question.trust = self.trust.clone();
        question
    }
}

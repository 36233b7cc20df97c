//! Progress bars, and the flag by which Ctrl-C stops a run.

use std::fmt::Write;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use qsearch::error::{Error, Result};
use qsearch::progress::{Event, Progress};
use qsearch::sys;

use super::human;
use super::printer::{self, Printer};

/// The exit status of a program that was ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// How often a spinner turns while nothing is heard of the work.
const TICK: Duration = Duration::from_millis(100);

/// A flag that Ctrl-C sets. A second Ctrl-C ends the program at once.
#[derive(Clone, Default)]
pub(crate) struct Interrupt {
    raised: Arc<AtomicBool>,
    /// What wakes whoever sleeps until something happens.
    sleeper: Arc<Mutex<Option<Wake>>>,
}

/// A call that wakes somebody.
type Wake = Box<dyn Fn() + Send>;

impl std::fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interrupt").field("raised", &self.raised).finish_non_exhaustive()
    }
}

impl Interrupt {
    /// Listens for Ctrl-C, and for the signals that ask a program to end. Whoever listens has the same flag.
    pub(crate) fn listen() -> Result<Self> {
        static HEARD: Mutex<Option<Interrupt>> = Mutex::new(None);
        let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(interrupt) = &*heard {
            return Ok(interrupt.clone());
        }
        let interrupt = Self::default();
        let flag = interrupt.clone();
        sys::hear_endings(move || flag.raise()).map_err(|source| match source.kind() {
            io::ErrorKind::WouldBlock => Error::NoThread { source },
            _ => Error::io("listen for", "Ctrl-C")(source),
        })?;
        *heard = Some(interrupt.clone());
        Ok(interrupt)
    }

    fn raise(&self) {
        if self.raised.swap(true, Relaxed) {
            // Who presses it twice doesn't want to wait; and since a commit is atomic, nothing is lost.
            std::process::exit(INTERRUPTED);
        }
        // Who sleeps has nothing to end, and tells what there is to tell.
        if !self.stop() {
            printer::complain("\nstopping; press Ctrl-C again to stop at once");
        }
    }

    /// Stops the work as Ctrl-C does, without a word; says whether that has woken somebody.
    pub(crate) fn stop(&self) -> bool {
        self.raised.store(true, Relaxed);
        let sleeper = self.sleeper.lock().unwrap_or_else(PoisonError::into_inner);
        sleeper.as_ref().map(|wake| wake()).is_some()
    }

    /// Has this called when the flag is raised, by the thread that raises it.
    #[cfg(feature = "watch")]
    pub(crate) fn on_raise(&self, wake: impl Fn() + Send + 'static) {
        *self.sleeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(wake));
    }

    /// Forgets that it was raised: what comes next may be stopped again.
    pub(crate) fn lower(&self) {
        self.raised.store(false, Relaxed);
    }

    /// Lets the next signal end the program at once, as there is nothing to stop.
    pub(crate) fn end_at_once(&self) {
        self.raised.store(true, Relaxed);
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Relaxed)
    }
}

/// A mark that turns while something is waited for, if progress is to be shown.
pub(crate) fn waiting(printer: &Printer, what: &str) -> ProgressBar {
    if !printer.shows_progress() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
    spinner.enable_steady_tick(TICK);
    spinner
}

/// The progress of a command that writes, as bars.
#[derive(Debug)]
pub(crate) struct Bars {
    interrupt: Interrupt,
    walking: ProgressBar,
    reading: ProgressBar,
    embedding: ProgressBar,
    together: MultiProgress,
    /// Passages that are to be embedded, as far as that is known.
    passages: AtomicU64,
    /// How many notes are to be read.
    files: AtomicU64,
    /// Pages of documents that have been read.
    pages: AtomicU64,
}

impl Bars {
    /// Shows bars if `visible`.
    pub(crate) fn new(interrupt: Interrupt, visible: bool) -> Self {
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self::on(target, interrupt)
    }

    fn on(target: ProgressDrawTarget, interrupt: Interrupt) -> Self {
        let together = MultiProgress::with_draw_target(target);
        let walking =
            together.add(ProgressBar::new_spinner().with_style(style("{spinner} walking    {msg}")));
        let bar = "reading    {wide_bar:.dim} {bytes}/{total_bytes}, {msg}";
        let reading = together.add(ProgressBar::new(0).with_style(style(bar)));
        let bar = "embedding  {wide_bar:.dim} {msg}, {rate} a second, {eta} left";
        let rate = |state: &ProgressState, out: &mut dyn Write| {
            // Only a screen that is gone can refuse.
            let _ = write!(out, "{:.0}", state.per_sec());
        };
        let embedding = together.add(ProgressBar::new(0).with_style(style(bar).with_key("rate", rate)));
        turn(&together, &walking);
        let [passages, files, pages] = [(); 3].map(|()| AtomicU64::new(0));
        Self { interrupt, walking, reading, embedding, together, passages, files, pages }
    }

    /// Takes the bars off the screen.
    pub(crate) fn finish(&self) {
        for bar in [&self.walking, &self.reading, &self.embedding] {
            bar.finish_and_clear();
        }
        // Only a screen that is gone can refuse.
        drop(self.together.clear());
    }

    /// Shows a spinner in place of the bar, which turns until there is a bar again.
    fn spin(&self, template: &str) {
        self.embedding.set_style(style(template));
        turn(&self.together, &self.embedding);
    }

    /// Shows a bar from its beginning, in place of a spinner.
    fn measure(&self, template: &str, all: u64) {
        self.embedding.disable_steady_tick();
        self.embedding.reset();
        self.embedding.set_style(style(template));
        self.embedding.set_length(all);
    }

    /// Shows how much there is to read.
    fn planned(&self, files: u64, bytes: u64) {
        self.walking.finish_and_clear();
        self.reading.set_length(bytes);
        self.reading.set_message(human::count(files, "file", "files"));
        self.files.store(files, Relaxed);
        // The walk's time isn't the embedding's.
        self.embedding.reset();
        tracing::info!(files, bytes = %HumanBytes(bytes), "to be read");
    }

    /// Shows how many passages are embedded.
    fn embedded(&self, passages: u64) {
        self.embedding.inc(passages);
        let (done, all) = (self.embedding.position(), self.embedding.length().unwrap_or(0));
        let about = if self.passages.load(Relaxed) == all { "" } else { "about " };
        self.embedding.set_message(format!(
            "{} of {about}{} passages",
            human::thousands(done),
            human::thousands(all)
        ));
    }

    /// How many passages there will be to embed, judged by the part of the notes that has been read.
    fn expected(&self) -> u64 {
        let known = self.passages.load(Relaxed);
        let (read, all) = (self.reading.position(), self.reading.length().unwrap_or(0));
        if read == 0 || read >= all { known } else { (known as f64 * all as f64 / read as f64) as u64 }
    }
}

impl Progress for Bars {
    fn on(&self, event: Event) {
        match event {
            Event::Walked { files } => self.walking.set_message(human::count(files, "file", "files")),
            Event::Planned { files, bytes } => self.planned(files, bytes),
            Event::Parsed { bytes, .. } => self.reading.inc(bytes),
            Event::Words { .. } => {
                let files = human::count(self.files.load(Relaxed), "file", "files");
                self.reading.set_message(format!("{files}, found by their words already"));
            }
            Event::Pages { pages } => {
                let pages = self.pages.fetch_add(pages, Relaxed) + pages;
                let files = human::count(self.files.load(Relaxed), "file", "files");
                self.reading.set_message(format!("{files}, {}", human::count(pages, "page", "pages")));
            }
            Event::Chunked { passages } => {
                self.passages.fetch_add(passages, Relaxed);
                self.embedding.set_length(self.expected());
                self.embedding.tick();
            }
            Event::Embedded { passages } => self.embedded(passages),
            Event::Storing => {
                self.walking.finish_and_clear();
                self.reading.finish_and_clear();
                self.spin("{spinner} storing");
            }
            Event::Merging { passages } => {
                self.embedding.set_message(human::count(passages, "passage", "passages"));
                self.spin("{spinner} merging {msg}");
            }
            Event::BuildingGraph { done, all } => {
                if done == 0 {
                    self.measure("linking    {wide_bar:.dim} {human_pos} of {human_len}, {eta} left", all);
                }
                self.embedding.set_position(done);
            }
            Event::Asking { questions } => {
                self.reading.finish_and_clear();
                self.measure("asking     {wide_bar:.dim} {human_pos} of {human_len}", questions);
            }
            Event::Asked => self.embedding.inc(1),
            // What isn't known isn't shown.
            _ => {}
        }
    }

    fn cancelled(&self) -> bool {
        self.interrupt.is_raised()
    }
}

/// Makes a spinner turn by itself, if it is seen; where there can't be a thread for that, it turns with the work.
fn turn(together: &MultiProgress, spinner: &ProgressBar) {
    // indicatif would panic without one.
    let has_thread = || std::thread::Builder::new().spawn(|| ()).is_ok_and(|thread| thread.join().is_ok());
    if !together.is_hidden() && has_thread() {
        spinner.enable_steady_tick(TICK);
    }
}

/// A bar's look; the templates above are constant and tested.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use indicatif::TermLike;

    use super::*;

    #[test]
    fn the_rest_is_judged_by_what_was_read() {
        let bars = Bars::new(Interrupt::default(), false);
        bars.on(Event::Walked { files: 3 });
        bars.on(Event::Planned { files: 3, bytes: 1000 });
        bars.on(Event::Parsed { files: 1, bytes: 250 });
        bars.on(Event::Chunked { passages: 10 });
        assert_eq!(bars.expected(), 40);
        bars.on(Event::Embedded { passages: 10 });
        bars.on(Event::Parsed { files: 2, bytes: 750 });
        bars.on(Event::Chunked { passages: 5 });
        assert_eq!(bars.expected(), 15);
        bars.on(Event::Storing);
        bars.on(Event::Merging { passages: 3 });
        bars.on(Event::BuildingGraph { done: 0, all: 3 });
        bars.on(Event::BuildingGraph { done: 3, all: 3 });
        bars.on(Event::Asking { questions: 2 });
        bars.on(Event::Asked);
        bars.finish();
    }

    /// A terminal that counts what is drawn.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<AtomicU64>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, _: &str) -> io::Result<()> {
            Ok(())
        }
        fn write_str(&self, _: &str) -> io::Result<()> {
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            self.0.fetch_add(1, Relaxed);
            Ok(())
        }
    }

    #[test]
    fn a_spinner_turns_by_itself_until_there_is_a_bar() {
        let screen = Screen::default();
        let bars = Bars::on(ProgressDrawTarget::term_like(Box::new(screen.clone())), Interrupt::default());
        bars.on(Event::Storing);
        bars.on(Event::Merging { passages: 3 });
        let drawn = screen.0.load(Relaxed);
        let turns = || screen.0.load(Relaxed) > drawn + 1;
        assert!((0..200).any(|_| turns() || {
            std::thread::sleep(TICK / 4);
            turns()
        }));
        bars.on(Event::BuildingGraph { done: 0, all: 3 });
        // One may be under way.
        std::thread::sleep(TICK);
        let drawn = screen.0.load(Relaxed);
        std::thread::sleep(3 * TICK);
        assert_eq!(screen.0.load(Relaxed), drawn);
    }

    #[test]
    fn an_interrupt_reaches_the_run() {
        let interrupt = Interrupt::default();
        let bars = Bars::new(interrupt.clone(), false);
        assert!(!bars.cancelled());
        interrupt.raised.store(true, Relaxed);
        assert!(bars.cancelled());
    }

    #[test]
    fn the_templates_are_sound() {
        for template in [
            "{spinner} walking    {msg}",
            "reading    {wide_bar:.dim} {bytes}/{total_bytes}, {msg}",
            "embedding  {wide_bar:.dim} {msg}, {rate} a second, {eta} left",
            "{spinner} storing",
            "{spinner} merging {msg}",
            "linking    {wide_bar:.dim} {human_pos} of {human_len}, {eta} left",
            "asking     {wide_bar:.dim} {human_pos} of {human_len}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}

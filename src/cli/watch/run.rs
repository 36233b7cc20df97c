//! A watch at work: it sleeps until there is something to hear or to do, refreshes the index, and tells what came of that.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use qsearch::document::Root;
use qsearch::error::{Error, ErrorKind};
use qsearch::index::IndexReport;
use qsearch::library::Library;
use qsearch::settings::Settings;
use qsearch::store::Place;
use qsearch::walk::Thing;
use rayon::ThreadPool;

use super::super::args::{Global, ModelChoice};
use super::super::environment::Environment;
use super::super::hint::passed_over;
use super::super::printer::Printer;
use super::super::progress::{Bars, Interrupt};
use super::super::trust::Confirmed;
use super::super::{Context, Failure, diagnostic, index, threads};
use super::events::{self, Hearing, Signal};
use super::pace::{Ended, Pace};
use super::told::{Refreshed, Told, WatchedRoot, changes};
use super::watches::{Concern, Watches};

/// How often it is looked whether roots are there, and whether others have written the index.
const LOOK: Duration = Duration::from_secs(5);
/// How often those roots are looked at of which the system tells no events.
const POLL: Duration = Duration::from_secs(10);
/// So many signals are heard before it is looked what else there is to do.
const AT_ONCE: usize = 4096;
/// So many paths are remembered that are no concern.
const MOST_STRANGERS: usize = 4096;
/// A look that takes long is followed by a pause so many times as long.
const PAUSES: u32 = 10;

/// Hears what a watch tells; a failure to tell ends the watch.
pub(crate) type Tell<'a> = dyn FnMut(Told<'_>) -> Result<(), Failure> + 'a;

/// A watch of the notes of an index.
#[derive(Debug)]
pub(crate) struct Watch {
    global: Global,
    environment: Environment,
    printer: Printer,
    /// Where the index is.
    index: Place,
    /// What to index first.
    paths: Vec<PathBuf>,
    /// How often all is to be looked at, where no events are wanted.
    poll: Option<Duration>,
    interrupt: Interrupt,
    shows_progress: bool,
}

impl Watch {
    /// A watch of the notes that the index at a place has, until `interrupt` is raised.
    pub(crate) fn of(context: &Context, index: Place, interrupt: Interrupt) -> Self {
        let (global, environment) = (context.global.clone(), context.environment.clone());
        let printer = context.printer.clone();
        Self {
            global,
            environment,
            printer,
            index,
            paths: Vec::new(),
            poll: None,
            interrupt,
            shows_progress: false,
        }
    }

    /// Indexes these folders and files first.
    pub(crate) fn indexing(self, paths: Vec<PathBuf>) -> Self {
        Self { paths, ..self }
    }

    /// Looks at all notes every so often, whatever the system could tell.
    pub(crate) fn polling(self, every: Duration) -> Self {
        Self { poll: Some(every), ..self }
    }

    /// Shows the progress of the first refresh, if that suits.
    pub(crate) fn showing_progress(self) -> Self {
        Self { shows_progress: self.printer.shows_progress(), ..self }
    }

    /// Watches until the interrupt is raised. Prints nothing, but `tell` hears what there is to tell.
    ///
    /// # Errors
    ///
    /// When the first refresh fails, or `tell` does. Later failures are told, and tried again.
    pub(crate) fn run(&self, tell: &mut Tell<'_>) -> Result<(), Failure> {
        let (mouth, hearing) = events::channel();
        let waker = mouth.clone();
        self.interrupt.on_raise(move || waker.wake());
        let environment = &self.environment;
        let settings = Settings::places(&environment.around);
        let mut running = Running {
            watch: self,
            pool: threads::yielding(self.global.threads.or(environment.threads)),
            began: Instant::now(),
            pace: Pace::new(),
            watches: Watches::new(mouth, self.poll.is_some(), self.index.shown(), settings),
            hearing,
            strangers: HashSet::new(),
            to_follow: Some(Follow { anew: true, retry: true }),
            to_name: !self.paths.is_empty(),
            is_first: true,
            looked: Duration::ZERO,
            next_poll: Duration::ZERO,
            commit: None,
            told: Vec::new(),
            failure: None,
            unread: BTreeSet::new(),
            kept: BTreeSet::new(),
        };
        running.run(tell)?;
        tell(Told::Stopped)
    }

    /// How often those roots are looked at of which there are no events.
    fn every(&self) -> Duration {
        self.poll.unwrap_or(POLL)
    }

    /// What a command would know that is begun now: settings and confirmations may be others than before.
    fn context(&self) -> Result<Context, Failure> {
        let warn = |what: &str| tracing::warn!("{what}");
        let settings = Settings::load(&self.environment.around, &|what| warn(&passed_over(&what)))?;
        let confirmed = Confirmed::load(&self.environment, &warn);
        let (global, environment) = (self.global.clone(), self.environment.clone());
        let printer = self.printer.silent();
        Ok(Context {
            began: Instant::now(),
            global,
            environment,
            settings,
            confirmed: confirmed.into(),
            printer,
        })
    }
}

/// How folders are to be followed before the next refresh.
#[derive(Clone, Copy, Debug)]
struct Follow {
    /// Whether some may have gone or been renamed.
    anew: bool,
    /// Whether to try again what there was no room for.
    retry: bool,
}

/// The state of a watch at work.
struct Running<'a> {
    watch: &'a Watch,
    pool: Option<ThreadPool>,
    began: Instant,
    pace: Pace,
    watches: Watches,
    hearing: Hearing,
    /// Paths of which nothing has followed since the last refresh.
    strangers: HashSet<PathBuf>,
    /// Whether folders have to be followed before the next refresh.
    to_follow: Option<Follow>,
    /// Whether the paths are to be indexed that were named.
    to_name: bool,
    /// Whether nothing has been refreshed yet.
    is_first: bool,
    /// When it was looked last whether roots are there.
    looked: Duration,
    /// When roots without events are looked at next.
    next_poll: Duration,
    /// The state of the index that is known.
    commit: Option<u64>,
    /// What was told of what is watched.
    told: Vec<WatchedRoot>,
    /// The failure that was told last, if no refresh has succeeded since.
    failure: Option<String>,
    /// What couldn't be read at the last refresh.
    unread: BTreeSet<String>,
    /// Roots that couldn't be read at the last refresh.
    kept: BTreeSet<PathBuf>,
}

impl Running<'_> {
    fn run(&mut self, tell: &mut Tell<'_>) -> Result<(), Failure> {
        while !self.is_stopped() {
            let now = self.began.elapsed();
            if self.pace.due() <= now {
                self.refresh(now, tell)?;
                continue;
            }
            if now >= self.looked + self.look_every() {
                match self.look(tell) {
                    // What was broken off, was so for that.
                    Err(_) if self.is_stopped() => break,
                    looked => looked?,
                }
                self.looked = self.began.elapsed();
                continue;
            }
            let until = self.pace.due().min(self.looked + self.look_every());
            match self.hearing.signals().recv_timeout(until.saturating_sub(now)) {
                Ok(signal) => self.hear_all(signal),
                Err(RecvTimeoutError::Timeout) => {}
                // This has an end of it, too.
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(())
    }

    fn is_stopped(&self) -> bool {
        self.watch.interrupt.is_raised()
    }

    fn look_every(&self) -> Duration {
        if self.watches.polls() { LOOK.min(self.watch.every()) } else { LOOK }
    }

    /// Takes note of a signal, and of those that wait behind it.
    fn hear_all(&mut self, first: Signal) {
        let waiting: Vec<Signal> = self.hearing.signals().try_iter().take(AT_ONCE).collect();
        for signal in [first].into_iter().chain(waiting) {
            self.hear(signal);
        }
        if self.hearing.has_lost() {
            tracing::debug!("events were lost");
            self.follow(true, false);
            self.pace.hint(self.began.elapsed());
        }
    }

    fn hear(&mut self, signal: Signal) {
        let Signal::Touched { path, thing, moved } = signal else { return };
        let now = self.began.elapsed();
        if thing == Thing::File && !self.watches.is_special(&path) {
            if self.pace.is_pending() {
                // There will be a refresh anyway.
                return self.pace.hint(now);
            }
            if self.strangers.contains(&path) {
                return;
            }
        }
        let concern = self.watches.concern(&path, thing, moved);
        tracing::trace!(path = %path.display(), ?thing, moved, ?concern, "heard");
        match concern {
            Concern::Nothing => {
                if self.strangers.len() < MOST_STRANGERS {
                    self.strangers.insert(path);
                }
                return;
            }
            Concern::Note => {}
            Concern::Folders => self.follow(true, false),
            Concern::Settings => {
                self.follow(true, false);
                // What was named takes the rules of the settings.
                self.to_name = !self.watch.paths.is_empty();
                self.pace.hurry();
            }
        }
        self.pace.hint(now);
    }

    /// Has folders followed before the next refresh.
    fn follow(&mut self, anew: bool, retry: bool) {
        let before = self.to_follow.unwrap_or(Follow { anew: false, retry: false });
        self.to_follow = Some(Follow { anew: anew || before.anew, retry: retry || before.retry });
    }

    /// Looks whether roots have gone or come, whether others have written the index, and at roots without events.
    fn look(&mut self, tell: &mut Tell<'_>) -> Result<(), Failure> {
        let now = self.began.elapsed();
        if self.watches.have_moved() {
            self.follow(true, false);
            self.pace.hint(now);
        }
        let Ok(context) = self.watch.context() else { return Ok(()) };
        let library = context.library_at(self.watch.index.clone());
        let Ok(snapshot) = library.snapshot() else { return Ok(()) };
        let commit = Some(snapshot.info().commit);
        if self.commit.is_some() && self.commit != commit && self.to_follow.is_none() {
            self.commit = commit;
            let roots = snapshot.info().roots.clone();
            self.follow_now(&context, &roots, Follow { anew: false, retry: false }, tell)?;
            // What happened before its folders were watched.
            self.pace.hint(now);
        }
        if self.watches.polls() && now >= self.next_poll && !self.pace.is_pending() {
            let interrupt = &self.watch.interrupt;
            match library.status_unless(&|| interrupt.is_raised()) {
                Ok(status) if status.drift.notes() + status.info.pending > 0 => self.pace.hint(now),
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "no look"),
            }
            let after = self.began.elapsed();
            self.next_poll = now + self.watch.every().max(after.saturating_sub(now) * PAUSES);
        }
        Ok(())
    }

    /// Watches the folders of these roots, and tells it if that is new.
    fn follow_now(
        &mut self,
        context: &Context,
        roots: &[Root],
        Follow { anew, retry }: Follow,
        tell: &mut Tell<'_>,
    ) -> Result<(), Failure> {
        let index = self.watch.index.shown();
        let interrupt = &self.watch.interrupt;
        let trust = context.trust(index);
        self.watches.follow(roots, &trust, (anew, retry), &|| interrupt.is_raised())?;
        let now = self.watches.told();
        if self.is_first || now != self.told {
            tell(Told::Watching { index, roots: &now, every: self.watch.every() })?;
            self.told = now;
        }
        Ok(())
    }

    /// Refreshes the index, and tells what came of it.
    fn refresh(&mut self, now: Duration, tell: &mut Tell<'_>) -> Result<(), Failure> {
        if self.pace.is_full(now) {
            self.follow(true, true);
        }
        self.pace.begin(now);
        self.strangers.clear();
        let ended = match self.attempt(tell) {
            Ok(()) => Ended::Done,
            Err(failure) => match diagnostic::parts(&failure) {
                (_, ErrorKind::Interrupted, _) if self.is_stopped() => return Ok(()),
                (_, ErrorKind::Busy, _) => Ended::Busy,
                _ if self.is_first || matches!(failure, Failure::Output(_)) => return Err(failure),
                (what, ..) => {
                    let again = self.pace.end(self.began.elapsed(), Ended::Failed).unwrap_or_default();
                    if self.failure.as_ref() != Some(&what) {
                        tell(Told::Failed { failure: &failure, again })?;
                        self.failure = Some(what);
                    }
                    return Ok(());
                }
            },
        };
        tracing::debug!(?ended, took = ?self.began.elapsed().saturating_sub(now), "refreshed");
        self.pace.end(self.began.elapsed(), ended);
        Ok(())
    }

    fn attempt(&mut self, tell: &mut Tell<'_>) -> Result<(), Failure> {
        let context = self.watch.context()?;
        let index = &self.watch.index;
        let library = context.library_at(index.clone());
        let known = library.snapshot().ok().map(|snapshot| snapshot.info().roots.clone());
        if let (Some(roots), Some(follow), false) = (&known, self.to_follow, self.to_name) {
            self.follow_now(&context, roots, follow, tell)?;
            self.to_follow = None;
        }
        let paths: &[PathBuf] = if self.to_name { &self.watch.paths } else { &[] };
        let began = Instant::now();
        let (report, library) = match self.write(&context, paths) {
            Ok(done) => done,
            Err(Failure::Library(Error::Busy { path, holder })) => {
                if self.failure.as_ref() != Some(&holder) {
                    tell(Told::Waiting { writer: &holder })?;
                    self.failure = Some(holder.clone());
                }
                return Err(Error::Busy { path, holder }.into());
            }
            Err(failure) => return Err(failure),
        };
        self.failure = None;
        let info = library.snapshot()?.info();
        self.commit = Some(info.commit);
        self.tell_report(&report, &info.roots, began.elapsed(), tell)?;
        if std::mem::take(&mut self.to_name) {
            self.follow_now(&context, &info.roots, Follow { anew: true, retry: true }, tell)?;
            self.to_follow = None;
            // What happened before the folders were watched.
            self.pace.hint(self.began.elapsed());
        }
        self.is_first = false;
        Ok(())
    }

    /// The ordinary refresh, on threads that yield to questions.
    fn write(&self, context: &Context, paths: &[PathBuf]) -> Result<(IndexReport, Library), Failure> {
        let choice = ModelChoice { model: None };
        let mut library = context.library_to_write(self.watch.index.clone(), &choice, false)?;
        let options = index::options(context, library.shown());
        let bars = Bars::new(self.watch.interrupt.clone(), self.watch.shows_progress && self.is_first);
        let mut refresh = || library.index(paths, &options, &bars);
        let report = match &self.pool {
            Some(pool) => pool.install(refresh),
            None => refresh(),
        };
        bars.finish();
        Ok((report?, library))
    }

    /// Tells what a refresh has changed, and what can't be read any more or again, if there is any of it.
    fn tell_report(
        &mut self,
        report: &IndexReport,
        roots: &[Root],
        took: Duration,
        tell: &mut Tell<'_>,
    ) -> Result<(), Failure> {
        let failed = report.skipped.iter().filter(|skipped| skipped.reason.is_failure());
        let mut unread: BTreeSet<String> =
            failed.map(|skipped| format!("{}/{}: {}", skipped.root, skipped.path, skipped.reason)).collect();
        unread.extend(report.kept.iter().map(|kept| format!("{}: {}", kept.path.display(), kept.why)));
        let kept: BTreeSet<PathBuf> = report.kept.iter().map(|kept| kept.path.clone()).collect();
        let is_root = |path: &&PathBuf| roots.iter().any(|root| &root.path == *path);
        let returned: Vec<PathBuf> = self.kept.difference(&kept).filter(is_root).cloned().collect();
        let has_news = !unread.is_subset(&self.unread);
        (self.unread, self.kept) = (unread, kept);
        if changes(report) > 0 || has_news || !returned.is_empty() {
            let index = self.watch.index.shown();
            tell(Told::Refreshed(Refreshed { index, report, roots, took, returned: &returned }))?;
        }
        Ok(())
    }
}

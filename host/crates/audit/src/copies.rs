//! Copies of the newest checkpoint: one beside the record, for the next start,
//! and one where the operator wants it, so that a cut tail can be found.
//!
//! A copy is made after what it covers is on disk, by a thread of its own: a
//! place that hangs stops no call. At most one a second is made, and where they
//! are collected, one a minute, and always the last one.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::fs::OFlags;

use crate::{
    AuditError, Checkpoint, LogName, Settings,
    folder::{newest, opening},
};

/// How often a copy that is replaced is made.
const COPY_EVERY: Duration = Duration::from_secs(1);
/// How often one is added to a collection: 350 KB a day at most.
const ADD_EVERY: Duration = Duration::from_secs(60);
/// How long closing waits for a place that hangs.
const LAST_COPY: Duration = Duration::from_secs(5);

/// A place for copies.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A file that is replaced.
    Newest(PathBuf),
    /// A file that is appended to.
    Collection(PathBuf),
}

impl Place {
    /// `checkpointTo`: a folder gets one file for each record.
    pub(crate) fn of(path: &Path, name: &LogName) -> Self {
        let folder = path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/");
        if folder {
            Self::Newest(path.join(format!("{}.checkpoint", name.as_str().replace('/', "_"))))
        } else {
            Self::Collection(path.to_owned())
        }
    }

    /// Every place that a record is copied to.
    pub(crate) fn all(settings: &Settings) -> Vec<Self> {
        let mut places = vec![Self::Newest(newest(&settings.folder))];
        places.extend(settings.checkpoint_to.as_deref().map(|to| Self::of(to, &settings.name)));
        places
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Newest(path) | Self::Collection(path) => path,
        }
    }

    const fn every(&self) -> Duration {
        match self {
            Self::Newest(_) => COPY_EVERY,
            Self::Collection(_) => ADD_EVERY,
        }
    }

    fn put(&self, checkpoint: &Checkpoint) -> io::Result<()> {
        match self {
            Self::Newest(path) => replace(path, checkpoint.to_string().as_bytes()),
            Self::Collection(path) => {
                let mut options = opening();
                // A FIFO that nobody reads is an error and no wait.
                let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
                let mut file = options.append(true).create(true).custom_flags(flags).open(path)?;
                // What is no file cannot be synced, and need not be.
                let is_file = file.metadata()?.is_file();
                let close = if is_file && is_torn(path)? { "\n" } else { "" };
                file.write_all(format!("{close}{checkpoint}").as_bytes())?;
                if is_file { file.sync_data() } else { Ok(()) }
            }
        }
    }
}

/// Whether a file ends in the middle of a line: what a crash left of a
/// checkpoint is closed, so that the next one begins on a line of its own.
fn is_torn(path: &Path) -> io::Result<bool> {
    let (mut file, mut last) = (File::open(path)?, [b'\n']);
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok(last != *b"\n")
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = opening().write(true).create(true).truncate(true).open(&beside)?;
    file.write_all(bytes).and_then(|()| file.sync_data())?;
    fs::rename(beside, path)
}

#[derive(Default)]
struct State {
    newest: Option<Checkpoint>,
    /// The newest one was not looked at.
    fresh: bool,
    closing: bool,
    closed: bool,
    trouble: Option<String>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What hands checkpoints to the thread that copies them.
#[derive(Clone)]
pub(crate) struct Copies(Arc<Shared>);

impl Copies {
    pub(crate) fn start(places: Vec<Place>) -> Result<Self, AuditError> {
        let shared = Arc::<Shared>::default();
        let copier = Copier { shared: shared.clone(), places: places.into_iter().map(|place| (place, None)).collect() };
        let thread = thread::Builder::new().name("record-copies".to_owned());
        thread.spawn(move || copier.run()).map_err(AuditError::Thread)?;
        Ok(Self(shared))
    }

    pub(crate) fn offer(&self, checkpoint: Checkpoint) {
        let was_fresh = {
            let mut state = self.0.state();
            state.newest = Some(checkpoint);
            std::mem::replace(&mut state.fresh, true)
        };
        // Whoever copies looks at it once, a second later at most.
        if !was_fresh {
            self.0.wake.notify_all();
        }
    }

    /// Why the last copy was not made.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.0.state().trouble.clone()
    }

    /// Has the last copy made, and waits for it, but not for ever.
    pub(crate) fn close(&self) {
        self.0.state().closing = true;
        self.0.wake.notify_all();
        let closed = self.0.wake.wait_timeout_while(self.0.state(), LAST_COPY, |state| !state.closed);
        drop(closed);
    }
}

struct Copier {
    shared: Arc<Shared>,
    /// Each with the size of the last copy and when it was made.
    places: Vec<(Place, Option<(u64, Instant)>)>,
}

impl Copier {
    fn run(mut self) {
        while let Some((checkpoint, last)) = self.next() {
            let mut trouble = None;
            for (place, made) in &mut self.places {
                let due =
                    made.is_none_or(|(size, at)| size != checkpoint.size() && (last || at.elapsed() >= place.every()));
                if !due {
                    continue;
                }
                match place.put(&checkpoint) {
                    Ok(()) => *made = Some((checkpoint.size(), Instant::now())),
                    Err(error) => trouble = Some(format!("{}: {error}", place.path().display())),
                }
            }
            self.shared.state().trouble = trouble;
            if last {
                break;
            }
            self.pause();
        }
        self.shared.state().closed = true;
        self.shared.wake.notify_all();
    }

    /// The newest checkpoint, and whether it is the last one.
    fn next(&self) -> Option<(Checkpoint, bool)> {
        let state = self.shared.state();
        let made = |size: u64| self.places.iter().all(|(_, made)| made.is_some_and(|(made, _)| made == size));
        let idle = |state: &mut State| {
            !state.fresh && !state.closing && state.newest.as_ref().is_none_or(|newest| made(newest.size()))
        };
        let waited = self.shared.wake.wait_while(state, idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.fresh = false;
        Some((state.newest.clone()?, state.closing))
    }

    fn pause(&self) {
        let state = self.shared.state();
        let waited = self.shared.wake.wait_timeout_while(state, COPY_EVERY, |state| !state.closing);
        drop(waited);
    }
}

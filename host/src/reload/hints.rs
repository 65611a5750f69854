//! When to look again. What changed is for the look to find out, so a hint
//! that is lost, doubled or about nothing does no harm.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode},
};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use super::unfinished::Unfinished;

/// How often everything is looked at without being told, where the system
/// tells of changes. Catches file systems that tell nothing.
const UNTOLD: Duration = Duration::from_secs(2);

/// How often everything is looked at where the system is not asked. Short
/// enough for a revocation to be obeyed within a second.
const POLLED: Duration = Duration::from_millis(300);

/// Between a hint and the look that follows another look. Answers "a file that
/// is written without end has us look without end".
const BREATH: Duration = Duration::from_millis(4);

/// Whether the system is asked to tell of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// It is, and everything is looked at now and then all the same.
    #[default]
    Auto,
    /// It is not: for network and container file systems.
    Poll,
}

/// Tells when something may have changed.
pub struct Hints {
    told: mpsc::Receiver<()>,
    /// Keeps the channel open where there is no watcher.
    _tell: mpsc::Sender<()>,
    watcher: Option<RecommendedWatcher>,
    unfinished: Arc<Unfinished>,
    folders: BTreeSet<PathBuf>,
}

impl Hints {
    /// Begins to listen. A system that cannot tell is looked at instead.
    #[must_use]
    pub fn new(manner: Manner) -> Self {
        let (tell, told) = mpsc::channel(1);
        let unfinished = Arc::<Unfinished>::default();
        let watcher = match manner {
            Manner::Poll => None,
            Manner::Auto => watcher(tell.clone(), unfinished.clone()),
        };
        Self { told, _tell: tell, watcher, unfinished, folders: BTreeSet::new() }
    }

    /// Asks to be told of changes in exactly `folders`.
    pub fn follow(&mut self, folders: &BTreeSet<PathBuf>) {
        let Some(watcher) = &mut self.watcher else { return };
        for gone in self.folders.difference(folders) {
            let _ = watcher.unwatch(gone);
        }
        let mut followed: BTreeSet<PathBuf> = self.folders.intersection(folders).cloned().collect();
        for folder in folders.difference(&self.folders) {
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => drop(followed.insert(folder.clone())),
                Err(error) => {
                    tracing::debug!(folder = %folder.display(), %error, "this folder is looked at now and then")
                }
            }
        }
        self.folders = followed;
    }

    /// Waits until there may be something to see.
    pub async fn next(&mut self) {
        let untold = if self.watcher.is_some() { UNTOLD } else { POLLED };
        tokio::select! {
            _ = self.told.recv() => {}
            () = sleep(untold) => {}
        }
    }

    /// Waits until there may be more to see, but no longer than `most`.
    pub async fn next_within(&mut self, most: Duration) {
        if timeout(most, self.told.recv()).await.is_ok() {
            sleep(BREATH).await;
        }
    }

    /// Whether the system told that whoever wrote a file has closed it.
    pub fn all_closed(&self) -> bool {
        self.watcher.is_some() && self.unfinished.is_empty()
    }

    /// Everything has come to rest.
    pub fn rest(&self) {
        self.unfinished.clear();
    }
}

fn watcher(tell: mpsc::Sender<()>, unfinished: Arc<Unfinished>) -> Option<RecommendedWatcher> {
    let told = move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        unfinished.note(&event);
        if may_have_changed(&event.kind) {
            // One hint that waits is as good as many.
            let _ = tell.try_send(());
        }
    };
    notify::recommended_watcher(told)
        .inspect_err(
            |error| tracing::warn!(%error, "the system does not tell of changed files; they are looked at instead"),
        )
        .ok()
}

/// Reading is no change: otherwise every look would be a hint to look again.
fn may_have_changed(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Access(access) if *access != AccessKind::Close(AccessMode::Write))
}

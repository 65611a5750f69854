//! Watch → settle → load flow.
//!
//! **Invariants:** what the system tells of changes is only a hint to look; a
//! look compares what is there with what was known, so a rename, a swapped
//! link, a removed file and a missed event all end alike. A file that is still
//! moving is not read. Nothing here decides: the load flow does.

mod hints;
mod settle;
mod sight;
mod unfinished;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::spawn_blocking;

use crate::{
    config::{Config, Source, Watch},
    load::{Job, Loader},
};

pub use hints::{Hints, Manner};
pub use settle::{CLOSED, PATIENCE, QUIET, Settle, Step};
pub use sight::{Print, Root, Sight, is_plugin_file};

/// Longest that any call may run, drained generations included: beyond the
/// drain time, an older generation lives no longer than this.
const LONGEST_CALL: Duration = Duration::from_secs(600);

impl From<Watch> for Manner {
    fn from(watch: Watch) -> Self {
        match watch {
            Watch::Auto => Self::Auto,
            Watch::Poll => Self::Poll,
        }
    }
}

/// Looks at roots until something about them has changed and come to rest.
pub struct Lookout {
    hints: Hints,
    settle: Settle,
    /// How long a file rests that its writer has closed.
    closed: Duration,
    roots: Vec<Root>,
    /// Whether the last look left something out, which the operator knows.
    cut: bool,
}

impl Lookout {
    /// Begins to look; what is there now is known.
    pub async fn new(manner: Manner, roots: Vec<Root>) -> Self {
        let mut lookout =
            Self { hints: Hints::new(manner), settle: Settle::default(), closed: CLOSED, roots, cut: false };
        let sight = lookout.look().await;
        lookout.hints.follow(&sight.folders);
        lookout.settle = Settle::knowing(sight);
        lookout
    }

    /// Waits for more of a save, too, where it is whole: several files that are
    /// saved one after another are built once.
    pub fn for_sources(self) -> Self {
        Self { closed: QUIET, ..self }
    }

    async fn look(&mut self) -> Sight {
        let roots = self.roots.clone();
        let sight = spawn_blocking(move || Sight::take(&roots)).await.unwrap_or_default();
        if sight.cut && !self.cut {
            let (files, folders) = (sight.files.len(), sight.folders.len());
            tracing::warn!(
                files,
                folders,
                "there are more files or folders than are watched; changes in the rest are not seen"
            );
        }
        self.cut = sight.cut;
        sight
    }

    /// Looks at other roots from now on.
    pub async fn turn_to(&mut self, roots: Vec<Root>) {
        if roots == self.roots {
            return;
        }
        self.roots = roots;
        let sight = self.look().await;
        self.hints.follow(&sight.folders);
        self.settle.forget_all_but(&sight);
    }

    /// One look after the next hint. The files that changed, if any.
    pub async fn next(&mut self) -> BTreeSet<PathBuf> {
        self.hints.next().await;
        loop {
            let sight = self.look().await;
            self.hints.follow(&sight.folders);
            let quiet = if self.hints.all_closed() { self.closed } else { QUIET };
            match self.settle.look(&sight, quiet, Instant::now()) {
                Step::Still => return BTreeSet::new(),
                Step::Again(soon) => self.hints.next_within(soon).await,
                Step::Changed(paths) => {
                    self.hints.rest();
                    return paths;
                }
            }
        }
    }
}

/// Begins to look at every file that `config` depends on. Anything is loaded only
/// once this has looked, so that no change falls between.
pub async fn begin(config: Arc<Config>) -> Lookout {
    Lookout::new(config.watch.into(), roots(&config)).await
}

/// Hands what `lookout` sees to `loader`, until the house closes.
pub async fn follow(loader: Arc<Loader>, mut lookout: Lookout) {
    let closing = loader.house().closing.clone();
    tokio::spawn(loader.clone().watch_expiry());
    loop {
        let changed = tokio::select! {
            () = closing.cancelled() => return,
            changed = lookout.next() => changed,
        };
        if !changed.is_empty() {
            tracing::debug!(?changed, "files changed");
            act(&loader, changed).await;
            lookout.turn_to(roots(&loader.config())).await;
        }
        loader.house().registry.sweep(loader.config().limits.drain.duration() + LONGEST_CALL);
    }
}

/// What is watched for `config`.
fn roots(config: &Config) -> Vec<Root> {
    let mut roots =
        vec![Root::File(config.path.clone()), Root::File(config.lock_path()), Root::File(config.revoked_path())];
    roots.extend(config.read_files().map(|path| Root::File(path.to_owned())));
    roots.extend(config.issuer_keys().map(|path| Root::File(path.to_owned())));
    for entry in &config.plugins {
        if let Source::File(path) = &entry.source {
            roots.push(Root::File(path.clone()));
            roots.push(Root::File(envelope(path)));
        }
    }
    roots.extend(config.plugin_dir.clone().map(Root::Inbox));
    roots.extend(config.prompts.clone().map(Root::Prompts));
    roots
}

fn envelope(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".dsse");
    name.into()
}

/// What an envelope lies beside; any other path as it is.
fn signed_file(path: &Path) -> PathBuf {
    if path.extension().is_some_and(|end| end == "dsse") { path.with_extension("") } else { path.to_owned() }
}

/// Hands each change to whom it concerns, what takes trust away first.
async fn act(loader: &Arc<Loader>, mut changed: BTreeSet<PathBuf>) {
    let config = loader.config();
    if changed.remove(&config.revoked_path()) {
        loader.obey_revocations();
    }
    let read = config.read_files().filter(|path| changed.remove(*path)).count();
    if changed.remove(&config.path) || read > 0 {
        reconfigure(loader, &config.path).await;
    }
    if loader.config().issuer_keys().is_some_and(|path| changed.remove(path)) {
        loader.house().reread_issuer();
    }
    if changed.remove(&config.lock_path()) {
        loader.read_lock();
    }
    let config = loader.config();
    if let Some(folder) = &config.prompts {
        let (prompts, others) = changed.into_iter().partition(|path| path.starts_with(folder));
        changed = others;
        if !BTreeSet::is_empty(&prompts) {
            loader.push(Job::Prompts);
        }
    }
    let files: BTreeSet<PathBuf> = changed.iter().map(|path| signed_file(path)).collect();
    for file in files {
        let entry = config.plugins.iter().find(|entry| entry.source == Source::File(file.clone()));
        loader.push(match entry {
            Some(entry) => Job::Entry(entry.name.clone()),
            None => Job::Dropped(file),
        });
    }
}

async fn reconfigure(loader: &Arc<Loader>, path: &Path) {
    let (at, applying) = (path.to_owned(), loader.clone());
    let refused = match spawn_blocking(move || Config::load(&at)).await {
        Ok(Ok(config)) => {
            config.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
            applying.apply(config).err().map(|error| error.to_string())
        }
        Ok(Err(error)) => Some(error.to_string()),
        Err(error) => Some(error.to_string()),
    };
    loader
        .house()
        .recorder
        .changed("configuration", |entry| entry.flag("holds", refused.is_none()).maybe("reason", refused.as_deref()));
    match refused {
        Some(why) => tracing::error!("the new configuration is refused, and the old one holds: {why}"),
        None => tracing::info!(config = %path.display(), "the new configuration holds"),
    }
}

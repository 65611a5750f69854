//! The load flow: bytes → package → verified → admitted → granted → compiled →
//! published, on threads that answer nobody. What goes smoothly goes side by side
//! ([`round`]), what does not one after the other ([`flow`]).
//!
//! **Invariants**
//! - A file is read once; the buffer that was hashed is the one that is
//!   verified, stored and compiled.
//! - What is refused changes nothing: the last good generation goes on. Every
//!   refusal is in the log with the next step.
//! - What was begun before a change of trust, lock or grants is not published.
//! - A lock or a list of revocations that cannot be read stops loading, never
//!   serving.
//!
//! Absent: watching files ([`crate::reload`]), and any way to load that a
//! client could reach.

mod ahead;
mod alert;
mod change;
mod desk;
pub mod expiry;
mod flow;
mod inbox;
mod narrowed;
pub mod prompts;
mod queue;
pub mod rehearse;
mod round;
mod side;
mod source;
mod tell;
mod trouble;

use std::{
    collections::HashSet,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bulkhead_base::{Digest, PluginName};
use bulkhead_net::Dialler;
use bulkhead_package::{RevocationError, TrustedKey};
use bulkhead_registry::{Concern, Lock, LockError, Mode, Store};
use bulkhead_sandbox::Uncompiled;
use tokio::sync::{Notify, Semaphore};

use crate::{
    app::House,
    config::{Config, PluginEntry},
    confine::Wall,
};

pub use queue::Job;
pub use source::fetch;
pub use trouble::Trouble;

use ahead::Ahead;
use desk::Desk;
use queue::Queue;

/// How one attempt to load ended.
#[derive(Debug)]
pub enum Fate {
    /// It is served from now on.
    Served { version: semver::Version, digest: Digest },
    /// It was served already, just so.
    Unchanged,
    /// It waits for `bulkhead accept`.
    Waits(Vec<Concern>),
    /// It is refused.
    Refused(Trouble),
}

/// Why nothing can be loaded at all.
#[derive(Debug, thiserror::Error)]
pub enum LoaderError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Revocations(#[from] RevocationError),
}

/// Loads plugins into a house.
pub struct Loader {
    house: Arc<House>,
    dialler: Dialler,
    mode: Mode,
    /// The key of `bulkhead dev`, and nothing else's.
    development: Option<TrustedKey>,
    desk: Mutex<Desk>,
    queue: Queue,
    /// Whom the operator trusts is another matter than a moment ago.
    trust_changed: Notify,
    /// What is done once the doors are open.
    ahead: Mutex<Ahead>,
    /// One load at a time: compiling takes every processor as it is.
    turn: Semaphore,
    /// Where HTTP is served, which a new configuration must still allow.
    http: Option<SocketAddr>,
    /// What the process can still reach.
    wall: Wall,
}

impl Loader {
    /// A loader for what `config` names.
    ///
    /// # Errors
    /// The lock or the list of revocations cannot be believed.
    pub fn new(
        house: Arc<House>,
        config: Config,
        mode: Mode,
        http: Option<SocketAddr>,
        wall: Wall,
    ) -> Result<Arc<Self>, LoaderError> {
        let store = Store::below(&config.state_dir);
        let lock = Lock::read(&config.lock_path(), store.folder())?;
        Self::with(house, config, mode, lock, None, http, wall)
    }

    /// A loader for `bulkhead dev`: what `key` signed is believed, nothing is
    /// remembered, and every change is served at once.
    ///
    /// # Errors
    /// The list of revocations cannot be believed.
    pub fn for_development(house: Arc<House>, config: Config, key: TrustedKey) -> Result<Arc<Self>, LoaderError> {
        Self::with(house, config, Mode::Develop, Lock::default(), Some(key), None, Wall::default())
    }

    fn with(
        house: Arc<House>,
        config: Config,
        mode: Mode,
        lock: Lock,
        development: Option<TrustedKey>,
        http: Option<SocketAddr>,
        wall: Wall,
    ) -> Result<Arc<Self>, LoaderError> {
        let revocations = config.revocations()?;
        if mode != Mode::Develop {
            // What is listed is obeyed all the same.
            if let Err(error) = revocations.remember(&config.seen_revocations_path()) {
                tracing::error!(alert = true, "{error}; what is revoked is not remembered over a restart");
            }
        }
        let desk = Desk::new(config, lock, revocations, development.clone());
        house.believe(desk.trust.clone());
        let dialler = house.dialler.clone();
        let (desk, queue, turn) = (Mutex::new(desk), Queue::default(), Semaphore::new(1));
        let (trust_changed, ahead) = (Notify::new(), Mutex::default());
        Ok(Arc::new(Self { ahead, house, dialler, mode, development, desk, queue, trust_changed, turn, http, wall }))
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configuration as it holds now.
    #[must_use]
    pub fn config(&self) -> Arc<Config> {
        self.desk().config.clone()
    }

    /// What plugins are loaded into.
    #[must_use]
    pub fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// Loads everything once, then tells that the first round is over.
    pub async fn first_round(self: &Arc<Self>) {
        for entry in &self.config().plugins {
            self.house.readiness.set(&entry.name, crate::admin::PluginState::Loading);
        }
        self.push_all();
        self.round(self.queue.drain(), Uncompiled::Later).await;
        while let Some(job) = self.queue.take() {
            self.work(job).await;
        }
        self.house.readiness.settle();
    }

    /// Takes up jobs as they come, until the house closes.
    pub async fn run(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.house.closing.cancelled() => return,
                job = self.queue.next() => match self.queue.drain() {
                    more if more.is_empty() => self.work(job).await,
                    more => self.round([vec![job], more].concat(), Uncompiled::Now).await,
                },
            }
        }
    }

    /// Puts a job on the list.
    pub fn push(&self, job: Job) {
        self.queue.push(job);
    }

    fn push_all(&self) {
        let config = self.config();
        for entry in &config.plugins {
            self.push(Job::Entry(entry.name.clone()));
        }
        for path in config.plugin_dir.iter().flat_map(|folder| source::dropped_in(folder)) {
            self.push(Job::Dropped(path));
        }
        self.push(Job::Prompts);
    }

    async fn work(self: &Arc<Self>, job: Job) {
        match job {
            Job::Entry(name) => drop(self.load(&name).await),
            Job::Dropped(path) => self.load_dropped(path).await,
            Job::Prompts => self.read_prompts().await,
        }
    }

    /// Loads the plugin of one entry. `None` if there is no such entry.
    pub async fn load(self: &Arc<Self>, name: &PluginName) -> Option<Fate> {
        self.desk().entry(name)?;
        Some(self.settle(name, None).await)
    }

    /// Serves `entry` from now on, in place of an older one of its name, once
    /// it is loaded. For `bulkhead dev` alone.
    pub fn develop(&self, entry: PluginEntry) {
        if self.mode != Mode::Develop {
            return;
        }
        let mut desk = self.desk();
        let mut config = Config::clone(&desk.config);
        config.plugins.retain(|held| held.name != entry.name);
        config.plugins.push(entry);
        desk.config = Arc::new(config);
    }

    /// Serves the plugin called `name` no longer. For `bulkhead dev` alone.
    pub fn forget(&self, name: &PluginName) {
        if self.mode != Mode::Develop {
            return;
        }
        let mut desk = self.desk();
        let mut config = Config::clone(&desk.config);
        config.plugins.retain(|held| held.name != *name);
        desk.config = Arc::new(config);
        drop(desk);
        self.remove(name);
    }

    /// Drops from the store what the lock does not name.
    pub fn sweep_store(&self) {
        if self.mode == Mode::Open {
            let desk = self.desk();
            let used: HashSet<String> = desk.lock.iter().map(|(_, locked)| locked.digest.hex()).collect();
            desk.store.sweep(|hex| used.contains(hex));
        }
    }
}

/// What a load is about: an entry, and the file in the inbox if it is there.
#[derive(Clone, Debug)]
struct Subject {
    entry: PluginEntry,
    dropped: Option<PathBuf>,
}

//! One round of loading: what there is to load is taken through the flow side by
//! side, and becomes one write of the lock and one swap.
//!
//! **Invariants**
//! - Every file is read, verified, compared with the lock and kept as if it came
//!   alone; only what is written down and published is done once for all.
//! - A round takes what nobody serves yet and what nothing is wrong with. All
//!   else goes through the flow by itself, where it is told why.
//! - What was begun before a change of trust, lock or grants is not published.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use bulkhead_base::{Digest, PluginName};
use bulkhead_package::{Package, PackedFile, Trust};
use bulkhead_policy::{Grants, Shortfall, grant};
use bulkhead_registry::{
    Admission, Change, Epoch, LoadedPlugin, Lock, Locked, Mode, Placement, Snapshot, Store, admit,
};
use bulkhead_sandbox::Uncompiled;
use tokio::task::spawn_blocking;

use super::{Fate, Job, Loader, flow::is_by_named, side::side_by_side, source, tell};
use crate::config::{Config, PluginEntry, Source};

/// What a round is decided under.
struct Grounds {
    begun: Epoch,
    config: Arc<Config>,
    trust: Arc<Trust>,
    lock: Lock,
    store: Store,
    served: Arc<Snapshot>,
    uncompiled: Uncompiled,
    /// What the inbox leaves alone.
    sources: HashSet<PathBuf>,
}

/// A plugin that lies ready to be served.
struct Ready {
    job: Job,
    entry: PluginEntry,
    /// Where it lies in the inbox.
    dropped: Option<PathBuf>,
    loaded: LoadedPlugin,
    given: Grants,
    accepted: Option<Locked>,
    admission: Admission,
    shortfalls: Vec<Shortfall>,
    /// The store has a file that it had not.
    is_new: bool,
}

impl Loader {
    /// Takes up `jobs`: those that go smoothly together, then the others. What is
    /// `uncompiled` may be served before it is compiled, or not.
    pub(super) async fn round(self: &Arc<Self>, jobs: Vec<Job>, uncompiled: Uncompiled) {
        for job in self.together(jobs, uncompiled).await {
            self.work(job).await;
        }
    }

    /// Loads what goes smoothly. Returns the rest.
    async fn together(self: &Arc<Self>, jobs: Vec<Job>, uncompiled: Uncompiled) -> Vec<Job> {
        let Ok(_turn) = self.turn.acquire().await else { return jobs };
        let (loader, own) = (self.clone(), jobs.clone());
        spawn_blocking(move || loader.take_together(own, uncompiled)).await.unwrap_or(jobs)
    }

    fn take_together(self: &Arc<Self>, jobs: Vec<Job>, uncompiled: Uncompiled) -> Vec<Job> {
        let Some(grounds) = self.grounds(&jobs, uncompiled) else { return jobs };
        let (ready, mut rest) = side_by_side(jobs, |job| self.ready(&grounds, job));
        if !ready.is_empty() {
            let (served, left) = self.publish_together(grounds.begun, ready);
            rest.extend(left);
            self.look_after(served);
        }
        rest
    }

    /// `None`: everything has to go through the flow by itself.
    fn grounds(&self, jobs: &[Job], uncompiled: Uncompiled) -> Option<Grounds> {
        let (begun, served) = (self.house.registry.epoch(), self.house.registry.snapshot());
        let desk = self.desk();
        if self.mode == Mode::Develop || desk.standstill().is_some() {
            return None;
        }
        let (config, trust) = (desk.config.clone(), desk.trust.clone());
        // A store without a lock is one that was lost: there is one before anything is kept.
        if self.mode == Mode::Open && !config.lock_path().exists() {
            desk.lock.write(&config.lock_path()).ok()?;
        }
        let (lock, store) = (desk.lock.clone(), desk.store.clone());
        drop(desk);
        let dropped = jobs.iter().any(|job| matches!(job, Job::Dropped(_)));
        let sources = if dropped { config.sources() } else { HashSet::new() };
        Some(Grounds { begun, config, trust, lock, store, served, uncompiled, sources })
    }

    /// One plugin, up to what is done once for all. `None` if anything about it
    /// is not as it was accepted, or not known yet.
    fn ready(&self, grounds: &Grounds, job: &Job) -> Option<Ready> {
        let (entry, dropped, package) = named(grounds, job)?;
        if grounds.served.plugin(&entry.name).is_some() {
            return None;
        }
        let plugin = grounds.trust.verify(package, jiff::Timestamp::now()).ok()?;
        let accepted = grounds.lock.get(&entry.name).cloned();
        if !is_by_named(&entry, &plugin) {
            return None;
        }
        let admission = admit(&plugin, accepted.as_ref(), entry.place(), self.mode);
        let uncompiled = match (&admission, &accepted) {
            (Admission::Wait(_), _) => return None,
            // What was accepted before is served if this one cannot be.
            (Admission::Accept(_), Some(_)) => Uncompiled::Now,
            (Admission::Accept(_), None) | (Admission::Known, _) => grounds.uncompiled,
        };
        let (placement, given) = self.placed(&entry);
        let file = plugin.file()?.clone();
        let granted = grant(plugin, &given);
        let shortfalls = granted.shortfalls().to_vec();
        let path = dropped.clone().or_else(|| entry.source.path().map(Path::to_owned));
        let again = source::found_again(grounds.store.clone(), path);
        let compiled = self.house.engine.prepare(granted, entry.name.clone(), uncompiled, again).ok()?;
        let is_known = admission == Admission::Known && grounds.uncompiled == Uncompiled::Later;
        let load = if is_known { LoadedPlugin::unvetted } else { LoadedPlugin::new };
        let loaded = load(Arc::new(compiled), placement).ok()?;
        let is_new = self.keep(&grounds.store, &file)?;
        let job = job.clone();
        Some(Ready { job, entry, dropped, loaded, given, accepted, admission, shortfalls, is_new })
    }

    fn placed(&self, entry: &PluginEntry) -> (Placement, Grants) {
        let desk = self.desk();
        (desk.placement(entry), desk.given(entry))
    }

    fn keep(&self, store: &Store, file: &PackedFile) -> Option<bool> {
        if self.mode == Mode::Open { store.keep_unsynced(file).ok() } else { Some(false) }
    }

    /// The last step for all of them: accepted, stored and swapped in. Returns
    /// what is served now, and the jobs of those that did not fit.
    fn publish_together(&self, begun: Epoch, ready: Vec<Ready>) -> (Vec<Served>, Vec<Job>) {
        let (ready, mut left) = self.take_names(ready);
        let jobs: BTreeMap<PluginName, Job> =
            ready.iter().map(|one| (one.entry.name.clone(), one.job.clone())).collect();
        match self.swap_in(begun, ready) {
            Some((served, refused)) => {
                left.extend(refused.iter().filter_map(|name| jobs.get(name).cloned()));
                (served, left)
            }
            None => {
                left.extend(jobs.into_values());
                (Vec::new(), left)
            }
        }
    }

    /// Gives files of the inbox their names. Whoever comes second goes alone.
    fn take_names(&self, ready: Vec<Ready>) -> (Vec<Ready>, Vec<Job>) {
        let mut names = HashSet::new();
        let (mut fit, mut left) = (Vec::with_capacity(ready.len()), Vec::new());
        for one in ready {
            let is_first = names.insert(one.entry.name.clone());
            let name = || one.dropped.clone().map(|path| self.register(path, one.entry.name.clone()));
            if is_first && name().is_none_or(|named| named.is_ok()) {
                fit.push(one);
            } else {
                left.push(one.job);
            }
        }
        (fit, left)
    }

    /// `None`: nothing was published.
    fn swap_in(&self, begun: Epoch, mut ready: Vec<Ready>) -> Option<(Vec<Served>, Vec<PluginName>)> {
        let mut desk = self.desk();
        let is_stale = |one: &Ready| desk.lock.get(&one.entry.name) != one.accepted.as_ref();
        if self.house.registry.epoch() != begun || ready.iter().any(is_stale) {
            return None;
        }
        if ready.iter().any(|one| one.is_new) {
            desk.store.sync().ok()?;
        }
        let (before, path) = (desk.lock.clone(), desk.config.lock_path());
        for one in &ready {
            if let Admission::Accept(locked) = &one.admission {
                desk.lock.insert(one.entry.name.clone(), locked.clone());
            }
        }
        if desk.lock != before && desk.lock.write(&path).is_err() {
            desk.lock = before;
            return None;
        }
        let mut told = Vec::with_capacity(ready.len());
        let mut changes = Vec::with_capacity(ready.len());
        for one in ready.drain(..) {
            told.push(Told::of(&one));
            changes.push(Change::Serve(one.loaded));
        }
        let published = self.house.registry.publish(begun, changes).ok();
        let refused: Vec<PluginName> = match &published {
            Some(published) => published.refused.iter().map(|collision| collision.newcomer.clone()).collect(),
            None => told.iter().map(|one| one.entry.name.clone()).collect(),
        };
        told.retain(|one| !refused.contains(&one.entry.name));
        let mut kept = desk.lock.clone();
        refused.iter().for_each(|name| kept.restore(name, &before));
        if kept != desk.lock {
            // What is left accepted is what its publisher signed: it goes through the flow again now.
            let _ = kept.write(&path);
            desk.lock = kept;
        }
        let published = published?;
        for one in &told {
            desk.served.insert(one.entry.name.clone(), one.given.clone());
        }
        drop(desk);
        self.announce(published.changed);
        Some((self.tell_together(told), refused))
    }

    fn tell_together(&self, told: Vec<Told>) -> Vec<Served> {
        let snapshot = self.house.registry.snapshot();
        let mut served = Vec::with_capacity(told.len());
        for one in told {
            let name = &one.entry.name;
            tell::shortfalls(&one.entry, &one.shortfalls);
            if let Some(plugin) = snapshot.plugin(name) {
                tell::corrections(plugin);
                served.push(Served { plugin: plugin.clone(), is_new: one.is_new });
            }
            self.tell(name, &Fate::Served { version: one.version, digest: one.digest });
        }
        served
    }
}

/// What a round put into service.
pub(super) struct Served {
    pub(super) plugin: Arc<LoadedPlugin>,
    /// It was never accepted before.
    pub(super) is_new: bool,
}

/// What is left to tell of one that is served.
struct Told {
    is_new: bool,
    entry: PluginEntry,
    given: Grants,
    shortfalls: Vec<Shortfall>,
    version: semver::Version,
    digest: Digest,
}

impl Told {
    fn of(ready: &Ready) -> Self {
        let Ready { entry, given, shortfalls, loaded, admission, .. } = ready;
        Self {
            is_new: matches!(admission, Admission::Accept(_)),
            entry: entry.clone(),
            given: given.clone(),
            shortfalls: shortfalls.clone(),
            version: loaded.manifest().version.clone(),
            digest: loaded.compiled().digest(),
        }
    }
}

/// What `job` is about, and its file. `None` if it is not simply there.
fn named(grounds: &Grounds, job: &Job) -> Option<(PluginEntry, Option<PathBuf>, Package)> {
    match job {
        Job::Entry(name) if grounds.served.plugin(name).is_some() => None,
        Job::Entry(name) => {
            let entry = grounds.config.plugins.iter().find(|entry| entry.name == *name)?;
            let package = match &entry.source {
                Source::File(path) => source::file(path).ok()?,
                Source::Url { digest, .. } => source::downloaded(&grounds.store, grounds.lock.get(name), *digest)?,
                Source::Inbox => return None,
            };
            Some((entry.clone(), None, package))
        }
        Job::Dropped(path) if !is_source(grounds, path) => {
            let package = source::file(path).ok()?;
            let entry = PluginEntry::dropped_in(package.manifest().name.clone());
            Some((entry, Some(path.clone()), package))
        }
        Job::Dropped(_) | Job::Prompts => None,
    }
}

fn is_source(grounds: &Grounds, path: &Path) -> bool {
    let is_one = |path: &Path| grounds.sources.contains(path);
    is_one(path) || path.canonicalize().is_ok_and(|real| is_one(&real))
}

//! The whole flow but its last step: what would be served, found without
//! serving. Writes nothing: no lock, no store, no compiled code.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use bulkhead_base::{Digest, PluginName};
use bulkhead_net::{Dialler, Roots, RootsError};
use bulkhead_package::{Package, RevocationError, Trust, VerifiedPlugin};
use bulkhead_policy::{Shortfall, grant};
use bulkhead_registry::{
    Admission, Catalogue, Concern, Correction, Listed as _, LoadedPlugin, Lock, LockError, Mode, Placement, Store,
    admit,
};
use bulkhead_sandbox::{Engine, EngineError, EngineOptions, Services};
use tokio::{runtime::Handle, task::spawn_blocking};

use super::{Trouble, flow::is_by_named, source};
use crate::config::{Config, PluginEntry, Source};

/// Why nothing could be served at all.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Revocations(#[from] RevocationError),
    #[error(transparent)]
    Roots(#[from] RootsError),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What would become of one entry or dropped file.
#[derive(Debug)]
pub struct Rehearsed {
    pub name: PluginName,
    /// Where its file comes from, as a person would say it.
    pub source: String,
    /// What is known of the file, as far as it was believed.
    pub seen: Option<Seen>,
    pub outcome: Outcome,
}

/// A file that was believed.
#[derive(Clone, Debug)]
pub struct Seen {
    pub version: semver::Version,
    pub digest: Digest,
    /// What the operator calls the key that signed it, and its id.
    pub signer: Arc<str>,
    pub key: Digest,
    /// What is in effect, a line each, with its list.
    pub grants: Vec<(&'static str, String)>,
    pub shortfalls: Vec<Shortfall>,
}

/// How the flow would end.
#[derive(Debug)]
pub enum Outcome {
    /// It would be served, with these tools; `accepted` if it was before.
    /// `corrections` are claims of safety, by tool, that its grants do not bear out.
    Serves { accepted: bool, tools: Vec<String>, corrections: Vec<(String, Correction)> },
    /// It would wait for `bulkhead accept`.
    Waits(Vec<Concern>),
    /// It would be refused.
    Refused(Trouble),
}

/// Most characters that a file is called by which has no name of its own.
const MOST_NAMED: usize = 40;

struct Stage {
    config: Config,
    trust: Trust,
    lock: Lock,
    store: Store,
    dialler: Dialler,
    engine: Arc<Engine>,
}

/// Takes everything that `config` names through the flow. Call it inside the
/// runtime.
///
/// # Errors
/// Nothing at all could be loaded.
pub async fn rehearse(config: &Config) -> Result<Vec<Rehearsed>, RehearsalError> {
    let store = Store::below(&config.state_dir);
    let dialler = Dialler::new(Roots::public())?;
    let services = Services { dialler: dialler.clone(), store: None, workspaces: None, io: Handle::current() };
    let stage = Arc::new(Stage {
        trust: config.trust()?,
        lock: Lock::read(&config.lock_path(), store.folder())?,
        engine: Arc::new(Engine::new(EngineOptions::default(), services)?),
        config: config.clone(),
        store,
        dialler,
    });
    let mut rehearsed = Vec::new();
    let mut loaded = Vec::new();
    let mut inbox: BTreeMap<PluginName, PathBuf> = BTreeMap::new();
    for entry in &config.plugins {
        let package = stage.read(entry).await;
        stage.take(entry.clone(), told_source(entry), package, &mut rehearsed, &mut loaded).await;
    }
    let dropped = config.plugin_dir.iter().flat_map(|folder| source::dropped_in(folder));
    for path in dropped.filter(|path| !config.is_source(path)) {
        let package = source::file(&path);
        let Some(name) =
            package.as_ref().map_or_else(|_| name_of(&path), |package| Some(package.manifest().name.clone()))
        else {
            continue;
        };
        let package = package.and_then(|package| {
            if config.plugins.iter().any(|entry| entry.name == name) {
                return Err(Trouble::EntryHasName(name.clone()));
            }
            inbox.insert(name.clone(), path.clone()).map_or(Ok(package), |held| Err(Trouble::NameTaken(held)))
        });
        let entry = PluginEntry::dropped_in(name);
        stage.take(entry, path.display().to_string(), package, &mut rehearsed, &mut loaded).await;
    }
    let (_, collisions) = Catalogue::assemble(loaded);
    for collision in collisions {
        if let Some(at) = rehearsed.iter_mut().find(|one| one.name == collision.newcomer) {
            at.outcome = Outcome::Refused(collision.into());
        }
    }
    Ok(rehearsed)
}

/// What a file that says nothing of itself is called by.
fn name_of(path: &Path) -> Option<PluginName> {
    let stem = path.file_stem()?.to_string_lossy().to_lowercase();
    let plain = stem.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-');
    let name: String = "file-".chars().chain(plain).take(MOST_NAMED).collect();
    stem.parse().or_else(|_| name.parse()).ok()
}

fn told_source(entry: &PluginEntry) -> String {
    match &entry.source {
        Source::File(path) => path.display().to_string(),
        Source::Url { url, .. } => url.to_string(),
        Source::Inbox => "the drop-in folder".to_owned(),
    }
}

impl Stage {
    async fn read(&self, entry: &PluginEntry) -> Result<Package, Trouble> {
        match &entry.source {
            Source::File(path) => source::file(path),
            Source::Url { url, digest, authorities } => {
                match source::downloaded(&self.store, self.lock.get(&entry.name), *digest) {
                    Some(package) => Ok(package),
                    None => source::download(&self.dialler, authorities, url, *digest).await,
                }
            }
            Source::Inbox => Err(Trouble::NotAccepted),
        }
    }

    async fn take(
        self: &Arc<Self>,
        entry: PluginEntry,
        source: String,
        package: Result<Package, Trouble>,
        rehearsed: &mut Vec<Rehearsed>,
        loaded: &mut Vec<Arc<LoadedPlugin>>,
    ) {
        let name = entry.name.clone();
        let stage = Arc::clone(self);
        let done = spawn_blocking(move || stage.walk(&entry, package)).await;
        let Walked { seen, outcome, plugin } = done.unwrap_or_else(|error| Walked {
            seen: None,
            outcome: Outcome::Refused(Trouble::Broken(error.to_string())),
            plugin: None,
        });
        loaded.extend(plugin);
        rehearsed.push(Rehearsed { name, source, seen, outcome });
    }

    fn walk(&self, entry: &PluginEntry, package: Result<Package, Trouble>) -> Walked {
        let refused = |seen, trouble| Walked { seen, outcome: Outcome::Refused(trouble), plugin: None };
        let plugin = match package.and_then(|package| self.believe(entry, package)) {
            Ok(plugin) => plugin,
            Err(trouble) => return refused(None, trouble),
        };
        let mut given = entry.grants.clone();
        given.limits.concurrency = given.limits.concurrency.min(self.config.limits.calls_per_plugin);
        let seen = Some(seen(&plugin, &given));
        let accepted = match admit(&plugin, self.lock.get(&entry.name), entry.place(), Mode::Open) {
            Admission::Wait(concerns) => return Walked { seen, outcome: Outcome::Waits(concerns), plugin: None },
            Admission::Known => true,
            Admission::Accept(_) => false,
        };
        match self.load(entry, plugin, &given) {
            Ok(plugin) => {
                let tools = plugin.tools().iter().map(|tool| tool.public_name().to_owned()).collect();
                let corrections = plugin.corrections().to_vec();
                let outcome = Outcome::Serves { accepted, tools, corrections };
                Walked { seen, outcome, plugin: Some(Arc::new(plugin)) }
            }
            Err(trouble) => refused(seen, trouble),
        }
    }

    fn believe(&self, entry: &PluginEntry, package: Package) -> Result<VerifiedPlugin, Trouble> {
        let plugin = self.trust.verify(package, jiff::Timestamp::now())?;
        if is_by_named(entry, &plugin) {
            return Ok(plugin);
        }
        Err(Trouble::OtherPublisher {
            entry: entry.name.clone(),
            expected: entry.publisher.as_ref().map(|named| named.id.to_string()).unwrap_or_default(),
            signer: plugin.publisher().name.to_string(),
        })
    }

    fn load(
        &self,
        entry: &PluginEntry,
        plugin: VerifiedPlugin,
        given: &bulkhead_policy::Grants,
    ) -> Result<LoadedPlugin, Trouble> {
        let compiled = Arc::new(self.engine.compile(grant(plugin, given), entry.name.clone())?);
        let placement = Placement {
            name: entry.name.clone(),
            prefix: entry.prefix.clone(),
            separator: self.config.separator,
            tools: entry.tools.clone(),
            screen: entry.screen,
        };
        Ok(LoadedPlugin::new(compiled, placement)?)
    }
}

struct Walked {
    seen: Option<Seen>,
    outcome: Outcome,
    plugin: Option<Arc<LoadedPlugin>>,
}

fn seen(plugin: &VerifiedPlugin, given: &bulkhead_policy::Grants) -> Seen {
    let (effective, shortfalls) = given.meet(&plugin.manifest().requests);
    Seen {
        version: plugin.manifest().version.clone(),
        digest: plugin.digest(),
        signer: plugin.publisher().name.clone(),
        key: plugin.publisher().key_id,
        grants: effective.lines(),
        shortfalls,
    }
}

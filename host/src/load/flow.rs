//! One plugin through the flow.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bulkhead_base::{Digest, PluginName};
use bulkhead_package::{Package, PackedFile, VerifiedPlugin};
use bulkhead_policy::{Grants, grant};
use bulkhead_registry::{Admission, Change, Concern, Epoch, LoadedPlugin, Locked, Mode, admit};
use bulkhead_sandbox::Uncompiled;
use tokio::{task::spawn_blocking, time::sleep};

use super::{Desk, Fate, Loader, Subject, Trouble, narrowed::narrowed, source, tell};
use crate::config::{PluginEntry, Source};

/// How often a load begins again because trust or grants changed meanwhile.
const ATTEMPTS: usize = 8;

/// How long a file that makes no sense may still be one that is being written.
const UNFINISHED: Duration = Duration::from_secs(2);

/// How long to wait before such a file is read again.
const AGAIN: Duration = Duration::from_millis(150);

/// Where a file comes from, which says what may become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// The entry's source or the inbox: may be accepted.
    Outside,
    /// The store: must be what was accepted.
    Store,
}

/// What came of one attempt.
enum Attempt {
    Done(Fate),
    /// Trust, lock or grants changed meanwhile.
    Stale,
}

impl Loader {
    /// Loads one plugin, tells what came of it, and falls back on what was
    /// accepted before if that is not what is served. `package` is the file,
    /// if it was read already.
    pub(super) async fn settle(self: &Arc<Self>, name: &PluginName, package: Option<Package>) -> Fate {
        let fate = self.attempt(name, Origin::Outside, package).await;
        if matches!(fate, Fate::Waits(_) | Fate::Refused(_)) && self.lacks_accepted(name) {
            match self.attempt(name, Origin::Store, None).await {
                Fate::Refused(trouble) => {
                    tracing::warn!(plugin = %name, "the version that was accepted before is not served either: {}", trouble.told());
                }
                _ => tracing::info!(plugin = %name, "the version that was accepted before is served"),
            }
        }
        self.tell(name, &fate);
        fate
    }

    /// Whether something else is served than what was accepted.
    fn lacks_accepted(&self, name: &PluginName) -> bool {
        let accepted = self.desk().lock.get(name).map(|locked| locked.digest);
        let served = self.house.registry.snapshot().plugin(name).map(|plugin| plugin.compiled().digest());
        accepted.is_some() && accepted != served
    }

    async fn attempt(self: &Arc<Self>, name: &PluginName, origin: Origin, mut package: Option<Package>) -> Fate {
        for _ in 0..ATTEMPTS {
            let begun = self.house.registry.epoch();
            let Some(subject) = self.desk().entry(name) else { return Fate::Refused(Trouble::EntryGone) };
            let package = match package.take() {
                Some(package) => package,
                None => match self.read(&subject, origin).await {
                    Ok(package) => package,
                    Err(trouble) => return Fate::Refused(trouble),
                },
            };
            let Ok(_turn) = self.turn.acquire().await else { break };
            let loader = self.clone();
            match blocking(move || loader.take(&subject.entry, package, origin, begun)).await {
                Ok(Attempt::Done(fate)) => return fate,
                Ok(Attempt::Stale) => {}
                Err(trouble) => return Fate::Refused(trouble),
            }
        }
        Fate::Refused(Trouble::Restless)
    }

    async fn read(&self, subject: &Subject, origin: Origin) -> Result<Package, Trouble> {
        let (store, accepted) = {
            let desk = self.desk();
            (desk.store.clone(), desk.lock.get(&subject.entry.name).cloned())
        };
        match (origin, &subject.dropped, &subject.entry.source) {
            (Origin::Store, ..) => {
                let accepted = accepted.ok_or(Trouble::NotAccepted)?;
                blocking(move || source::kept(&store, &accepted)).await
            }
            (Origin::Outside, Some(path), _) | (Origin::Outside, None, Source::File(path)) => {
                read_settled(path.clone()).await
            }
            (Origin::Outside, None, Source::Url { url, digest, authorities }) => {
                match source::downloaded(&store, accepted.as_ref(), *digest) {
                    Some(package) => Ok(package),
                    None => source::download(&self.dialler, authorities, url, *digest).await,
                }
            }
            (Origin::Outside, None, Source::Inbox) => Err(Trouble::NotAccepted),
        }
    }

    /// A file to a published generation. Blocks.
    fn take(&self, entry: &PluginEntry, package: Package, origin: Origin, begun: Epoch) -> Result<Attempt, Trouble> {
        let plugin = self.believe(entry, package)?;
        let (accepted, placement, given) = {
            let desk = self.desk();
            (desk.lock.get(&entry.name).cloned(), desk.placement(entry), desk.given(entry))
        };
        if let (Origin::Store, Some(locked)) = (origin, &accepted)
            && locked.digest != plugin.digest()
        {
            return Err(Trouble::Stored { expected: locked.digest, found: plugin.digest() });
        }
        let admission = admit(&plugin, accepted.as_ref(), entry.place(), self.mode);
        match &admission {
            Admission::Wait(concerns) => {
                self.set_aside(entry, &plugin, concerns)?;
                return Ok(Attempt::Done(Fate::Waits(concerns.clone())));
            }
            Admission::Accept(_) if origin == Origin::Store => return Err(Trouble::NotAccepted),
            Admission::Known if self.is_served_so(entry, plugin.digest()) => {
                return Ok(Attempt::Done(Fate::Unchanged));
            }
            Admission::Accept(_) | Admission::Known => {}
        }
        let (version, digest, file) = (plugin.manifest().version.clone(), plugin.digest(), plugin.file().cloned());
        let granted = grant(plugin, &given);
        tell::shortfalls(entry, granted.shortfalls());
        let (engine, source) = (&self.house.engine, self.found_again(entry));
        let compiled = Arc::new(engine.prepare(granted, entry.name.clone(), Uncompiled::Now, source)?);
        let loaded = LoadedPlugin::new(compiled, placement)?;
        tell::corrections(&loaded);
        let decided = Decided { accepted, admission, given, begun };
        match self.publish(entry, loaded, file.as_ref(), decided)? {
            true => Ok(Attempt::Done(Fate::Served { version, digest })),
            false => Ok(Attempt::Stale),
        }
    }

    fn believe(&self, entry: &PluginEntry, package: Package) -> Result<VerifiedPlugin, Trouble> {
        let trust = {
            let desk = self.desk();
            if let Some(trouble) = desk.standstill() {
                return Err(Trouble::Standstill(trouble));
            }
            desk.trust.clone()
        };
        let plugin = trust.verify(package, jiff::Timestamp::now())?;
        if is_by_named(entry, &plugin) {
            return Ok(plugin);
        }
        Err(Trouble::OtherPublisher {
            entry: entry.name.clone(),
            expected: entry.publisher.as_ref().map(|named| named.id.to_string()).unwrap_or_default(),
            signer: plugin.publisher().name.to_string(),
        })
    }

    /// Whether exactly this is served already, under the same grants and names.
    fn is_served_so(&self, entry: &PluginEntry, digest: Digest) -> bool {
        let snapshot = self.house.registry.snapshot();
        let desk = self.desk();
        snapshot.plugin(&entry.name).is_some_and(|served| {
            served.compiled().digest() == digest
                && *served.placement() == desk.placement(entry)
                && desk.served.get(&entry.name) == Some(&desk.given(entry))
        })
    }

    /// The last step: accepted, stored and swapped in. False if what it was
    /// begun under holds no longer.
    fn publish(
        &self,
        entry: &PluginEntry,
        loaded: LoadedPlugin,
        file: Option<&PackedFile>,
        decided: Decided,
    ) -> Result<bool, Trouble> {
        let Decided { accepted, admission, given, begun } = decided;
        let mut desk = self.desk();
        if desk.lock.get(&entry.name) != accepted.as_ref() || self.house.registry.epoch() != begun {
            return Ok(false);
        }
        if let Some(file) = file.filter(|_| self.mode == Mode::Open) {
            desk.store.keep(file)?;
        }
        let before = desk.lock.clone();
        if let Admission::Accept(locked) = admission {
            desk.lock.insert(entry.name.clone(), locked);
            let written = desk.lock.write(&desk.config.lock_path());
            written.inspect_err(|_| desk.lock = before.clone())?;
        }
        let lost = desk.served.get(&entry.name).is_some_and(|old| narrowed(old, &given));
        let change = if lost { Change::Supersede(loaded) } else { Change::Serve(loaded) };
        let replaced = self.house.registry.snapshot().plugin(&entry.name).cloned();
        let Ok(published) = self.house.registry.publish(begun, vec![change]) else {
            unaccept(&mut desk, before)?;
            return Ok(false);
        };
        if let Some(collision) = published.refused.into_iter().next() {
            unaccept(&mut desk, before)?;
            return Err(collision.into());
        }
        desk.served.insert(entry.name.clone(), given);
        drop(desk);
        self.announce(published.changed);
        let snapshot = self.house.registry.snapshot();
        if let (Some(before), Some(after)) = (&replaced, snapshot.plugin(&entry.name)) {
            self.alert_of_change(before, after);
        }
        Ok(true)
    }

    fn set_aside(&self, entry: &PluginEntry, plugin: &VerifiedPlugin, concerns: &[Concern]) -> Result<(), Trouble> {
        self.tell_difference(entry, plugin, concerns);
        if let Some(file) = plugin.file().filter(|_| self.mode == Mode::Open) {
            let store = self.desk().store.clone();
            store.set_aside(&entry.name, file)?;
        }
        Ok(())
    }
}

/// What a load was decided under, and what was decided.
struct Decided {
    accepted: Option<Locked>,
    admission: Admission,
    given: Grants,
    begun: Epoch,
}

/// Takes an acceptance back that came to nothing.
fn unaccept(desk: &mut Desk, before: bulkhead_registry::Lock) -> Result<(), Trouble> {
    if desk.lock != before {
        before.write(&desk.config.lock_path())?;
        desk.lock = before;
    }
    Ok(())
}

/// Whether the publisher is the one that the entry names, if it names one.
/// What `dev` built is the author's own.
pub(super) fn is_by_named(entry: &PluginEntry, plugin: &VerifiedPlugin) -> bool {
    let publisher = plugin.publisher();
    publisher.development || entry.publisher.as_ref().is_none_or(|named| named.key == publisher.key_id)
}

/// Reads a file, again if it looks as if it were still being written.
pub(super) async fn read_settled(path: PathBuf) -> Result<Package, Trouble> {
    loop {
        let at = path.clone();
        match blocking(move || source::file(&at)).await {
            Err(trouble) if trouble.looks_unfinished() && is_young(&path) => sleep(AGAIN).await,
            read => return read,
        }
    }
}

fn is_young(path: &Path) -> bool {
    let written = std::fs::metadata(path).and_then(|found| found.modified());
    written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age < UNFINISHED))
}

/// Runs `work` where it may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(Trouble::Broken(error.to_string())))
}

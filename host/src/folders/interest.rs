//! Who watches which resources.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// Which resources somebody watches. Each conversation bounds its own.
#[derive(Clone, Default)]
pub struct Interests(Arc<Inner>);

#[derive(Default)]
struct Inner {
    wanted: Mutex<BTreeMap<Arc<str>, Wanted>>,
    /// Rises whenever something is watched anew, or no longer.
    version: watch::Sender<u64>,
    /// Rises whenever something was looked at; `None` if nobody looks.
    looks: watch::Sender<Option<u64>>,
}

/// A resource that somebody watches.
#[derive(Default)]
struct Wanted {
    /// Principals, and how often each watches it.
    watchers: Vec<(Arc<str>, usize)>,
    /// Whether a look took it in, or none is going to.
    looked: bool,
}

/// Somebody watches a resource, until this is dropped.
pub struct Interest {
    uri: Arc<str>,
    who: Arc<str>,
    of: Interests,
}

/// A resource, and the principals that watch it.
pub(super) struct Watched {
    pub(super) uri: Arc<str>,
    pub(super) watchers: Vec<Arc<str>>,
}

impl Interests {
    fn wanted(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Wanted>> {
        self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.0.version.send_modify(|version| *version += 1);
    }

    /// From now on `who` watches `uri`.
    #[must_use]
    pub fn watch(&self, uri: Arc<str>, who: Arc<str>) -> Interest {
        let mut all = self.wanted();
        let watchers = &mut all.entry(uri.clone()).or_default().watchers;
        match watchers.iter_mut().find(|(watcher, _)| *watcher == who) {
            Some((_, times)) => *times += 1,
            None => watchers.push((who.clone(), 1)),
        }
        drop(all);
        self.changed();
        Interest { uri, who, of: self.clone() }
    }

    /// From now on somebody looks at folders.
    pub(super) fn begin(&self) {
        self.0.looks.send_replace(Some(0));
    }

    /// These were looked at, or are never going to be.
    pub(super) fn looked<'a>(&self, uris: impl Iterator<Item = &'a Arc<str>>) {
        let mut all = self.wanted();
        let mut any = false;
        for uri in uris {
            if let Some(wanted) = all.get_mut(uri) {
                any |= !std::mem::replace(&mut wanted.looked, true);
            }
        }
        drop(all);
        if any {
            self.0.looks.send_modify(|looks| *looks = looks.map(|looks| looks + 1));
        }
    }

    pub(super) fn version(&self) -> u64 {
        *self.0.version.borrow()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.wanted().is_empty()
    }

    pub(super) fn all(&self) -> Vec<Watched> {
        let names = |wanted: &Wanted| wanted.watchers.iter().map(|(who, _)| who.clone()).collect();
        self.wanted().iter().map(|(uri, wanted)| Watched { uri: uri.clone(), watchers: names(wanted) }).collect()
    }

    /// Ends once something is watched.
    pub(super) async fn some(&self) {
        let mut version = self.0.version.subscribe();
        while self.is_empty() {
            let _ = version.changed().await;
        }
    }

    /// Ends once something else is watched than at `version`.
    pub(super) async fn beyond(&self, version: u64) {
        let mut newer = self.0.version.subscribe();
        let _ = newer.wait_for(|newer| *newer > version).await;
    }
}

impl Interest {
    /// Ends once a look took in what is watched here; at once if nobody looks.
    pub(super) async fn looked(&self) {
        let mut looks = self.of.0.looks.subscribe();
        let done = || self.of.wanted().get(&self.uri).is_none_or(|wanted| wanted.looked);
        let _ = looks.wait_for(|looks| looks.is_none() || done()).await;
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        let mut all = self.of.wanted();
        if let Some(wanted) = all.get_mut(&self.uri) {
            if let Some((_, times)) = wanted.watchers.iter_mut().find(|(who, _)| *who == self.who) {
                *times -= 1;
            }
            wanted.watchers.retain(|(_, times)| *times > 0);
            if wanted.watchers.is_empty() {
                all.remove(&self.uri);
            }
        }
        drop(all);
        self.of.changed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_resource_is_watched_as_long_as_anybody_does() {
        let interests = Interests::default();
        let watch = |who: &str| interests.watch("a:b".into(), who.into());
        let (one, two, again) = (watch("one"), watch("two"), watch("two"));
        let watchers = || interests.all().into_iter().flat_map(|watched| watched.watchers).collect::<Vec<_>>();
        assert_eq!(watchers(), ["one".into(), "two".into()]);
        drop((one, again));
        assert_eq!(watchers(), ["two".into()]);
        drop(two);
        assert!(interests.is_empty());
    }

    #[tokio::test]
    async fn who_begins_to_watch_waits_for_a_look_that_took_it_in() {
        let interests = Interests::default();
        let watch = |uri: &str| interests.watch(uri.into(), "me".into());
        watch("a:b").looked().await;
        interests.begin();
        let interest = watch("a:b");
        interests.looked([&"a:c".into()].into_iter());
        let waits = tokio::time::timeout(std::time::Duration::from_millis(20), interest.looked()).await;
        assert!(waits.is_err());
        interests.looked([&"a:b".into()].into_iter());
        interest.looked().await;
    }
}

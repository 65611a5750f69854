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
    wanted: Mutex<BTreeMap<Arc<str>, usize>>,
    /// Rises whenever something is watched anew, or no longer.
    version: watch::Sender<u64>,
    /// Up to which version folders were looked at; `None` if nobody looks.
    looked: watch::Sender<Option<u64>>,
}

/// Somebody watches a resource, until this is dropped.
pub struct Interest {
    uri: Arc<str>,
    version: u64,
    of: Interests,
}

impl Interests {
    fn wanted(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, usize>> {
        self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) -> u64 {
        self.0.version.send_modify(|version| *version += 1);
        self.version()
    }

    /// From now on somebody watches `uri`.
    #[must_use]
    pub fn watch(&self, uri: Arc<str>) -> Interest {
        *self.wanted().entry(uri.clone()).or_default() += 1;
        Interest { uri, version: self.changed(), of: self.clone() }
    }

    /// From now on somebody looks at folders.
    pub(super) fn begin(&self) {
        self.0.looked.send_replace(Some(0));
    }

    /// What is watched was looked at, as it was at `version`.
    pub(super) fn looked(&self, version: u64) {
        self.0.looked.send_replace(Some(version));
    }

    pub(super) fn version(&self) -> u64 {
        *self.0.version.borrow()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.wanted().is_empty()
    }

    pub(super) fn uris(&self) -> Vec<Arc<str>> {
        self.wanted().keys().cloned().collect()
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
        let mut looked = self.of.0.looked.subscribe();
        let _ = looked.wait_for(|looked| looked.is_none_or(|looked| looked >= self.version)).await;
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        let mut wanted = self.of.wanted();
        if let Some(watchers) = wanted.get_mut(&self.uri) {
            *watchers -= 1;
            if *watchers == 0 {
                wanted.remove(&self.uri);
            }
        }
        drop(wanted);
        self.of.changed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_resource_is_watched_as_long_as_anybody_does() {
        let interests = Interests::default();
        let (one, two) = (interests.watch("a:b".into()), interests.watch("a:b".into()));
        drop(one);
        assert_eq!(interests.uris(), ["a:b".into()]);
        drop(two);
        assert!(interests.is_empty());
    }

    #[tokio::test]
    async fn who_begins_to_watch_waits_for_a_look_that_took_it_in() {
        let interests = Interests::default();
        interests.watch("a:b".into()).looked().await;
        interests.begin();
        let interest = interests.watch("a:b".into());
        interests.looked(interests.version() - 1);
        let waits = tokio::time::timeout(std::time::Duration::from_millis(20), interest.looked()).await;
        assert!(waits.is_err());
        interests.looked(interests.version());
        interest.looked().await;
    }
}

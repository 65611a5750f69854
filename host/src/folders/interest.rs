//! Who watches which resources.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// Most resources that one principal watches, over all its conversations.
/// Answers "five hundred streams that name a thousand resources each".
const MOST_OF_ONE: usize = 16_384;

/// Which resources somebody watches. Each conversation bounds its own.
#[derive(Clone, Default)]
pub struct Interests(Arc<Inner>);

#[derive(Default)]
struct Inner {
    wanted: Mutex<All>,
    /// Rises whenever something is watched anew, or no longer.
    version: watch::Sender<u64>,
    /// Rises whenever something was looked at; `None` if nobody looks.
    looks: watch::Sender<Option<u64>>,
}

/// The principal watches as many as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

#[derive(Default)]
struct All {
    wanted: BTreeMap<Arc<str>, Wanted>,
    /// How many each principal watches.
    watchers: HashMap<Arc<str>, usize>,
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
    /// Whether a look took it in.
    pub(super) looked: bool,
}

impl All {
    fn add(&mut self, uri: &Arc<str>, who: &Arc<str>) -> Result<(), TooMany> {
        let known = self.wanted.get_mut(uri).and_then(|wanted| wanted.times(who));
        if let Some(times) = known {
            *times += 1;
            return Ok(());
        }
        let count = self.watchers.entry(who.clone()).or_default();
        if *count >= MOST_OF_ONE {
            return Err(TooMany);
        }
        *count += 1;
        self.wanted.entry(uri.clone()).or_default().watchers.push((who.clone(), 1));
        Ok(())
    }

    fn remove(&mut self, uri: &str, who: &Arc<str>) {
        let Some(wanted) = self.wanted.get_mut(uri) else { return };
        let Some(times) = wanted.times(who) else { return };
        *times -= 1;
        if *times > 0 {
            return;
        }
        wanted.watchers.retain(|(_, times)| *times > 0);
        if wanted.watchers.is_empty() {
            self.wanted.remove(uri);
        }
        if let Some(count) = self.watchers.get_mut(who) {
            *count -= 1;
            if *count == 0 {
                self.watchers.remove(who);
            }
        }
    }
}

impl Wanted {
    /// How often `who` watches it.
    fn times(&mut self, who: &str) -> Option<&mut usize> {
        self.watchers.iter_mut().find(|(watcher, _)| **watcher == *who).map(|(_, times)| times)
    }
}

impl Interests {
    fn all_of_it(&self) -> MutexGuard<'_, All> {
        self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.0.version.send_modify(|version| *version += 1);
    }

    /// From now on `who` watches `uri`.
    ///
    /// # Errors
    /// It watches as many as one may.
    pub fn watch(&self, uri: Arc<str>, who: Arc<str>) -> Result<Interest, TooMany> {
        self.all_of_it().add(&uri, &who)?;
        self.changed();
        Ok(Interest { uri, who, of: self.clone() })
    }

    /// From now on somebody looks at folders.
    pub(super) fn begin(&self) {
        self.0.looks.send_replace(Some(0));
    }

    /// These were looked at, or are never going to be.
    pub(super) fn looked<'a>(&self, uris: impl Iterator<Item = &'a Arc<str>>) {
        let mut all = self.all_of_it();
        let mut any = false;
        for uri in uris {
            if let Some(wanted) = all.wanted.get_mut(uri) {
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
        self.all_of_it().wanted.is_empty()
    }

    pub(super) fn all(&self) -> Vec<Watched> {
        let watched = |(uri, wanted): (&Arc<str>, &Wanted)| Watched {
            uri: uri.clone(),
            watchers: wanted.watchers.iter().map(|(who, _)| who.clone()).collect(),
            looked: wanted.looked,
        };
        self.all_of_it().wanted.iter().map(watched).collect()
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
        let done = || self.of.all_of_it().wanted.get(&self.uri).is_none_or(|wanted| wanted.looked);
        let _ = looks.wait_for(|looks| looks.is_none() || done()).await;
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        self.of.all_of_it().remove(&self.uri, &self.who);
        self.of.changed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_resource_is_watched_as_long_as_anybody_does() {
        let interests = Interests::default();
        let watch = |who: &str| interests.watch("a:b".into(), who.into()).unwrap();
        let (one, two, again) = (watch("one"), watch("two"), watch("two"));
        let watchers = || interests.all().into_iter().flat_map(|watched| watched.watchers).collect::<Vec<_>>();
        assert_eq!(watchers(), ["one".into(), "two".into()]);
        drop((one, again));
        assert_eq!(watchers(), ["two".into()]);
        drop(two);
        assert!(interests.is_empty());
    }

    #[tokio::test]
    async fn nobody_watches_more_than_one_may_and_what_is_given_up_is_free_again() {
        let interests = Interests::default();
        let watch = |number: usize, who: &str| interests.watch(format!("a:{number}").into(), who.into());
        let mut held: Vec<_> = (0..MOST_OF_ONE).map(|number| watch(number, "one").unwrap()).collect();
        assert!(watch(MOST_OF_ONE, "one").is_err() && watch(MOST_OF_ONE, "two").is_ok());
        held.push(watch(0, "one").unwrap());
        held.pop();
        assert!(watch(MOST_OF_ONE, "one").is_err(), "what is watched twice counts once");
        held.pop();
        held.push(watch(MOST_OF_ONE, "one").unwrap());
        drop(held);
        assert!(interests.is_empty() && interests.all_of_it().watchers.is_empty());
    }

    #[tokio::test]
    async fn who_begins_to_watch_waits_for_a_look_that_took_it_in() {
        let interests = Interests::default();
        let watch = |uri: &str| interests.watch(uri.into(), "me".into()).unwrap();
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

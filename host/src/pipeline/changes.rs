//! What one call says has changed, until it is passed on.
//!
//! **Invariant:** what is said again before it was passed on is passed on once,
//! and what one call says in all is less than what any listener has room for.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use bulkhead_base::PluginName;

use super::budget::{Budget, Pace};
use crate::hub::{Listings, News};

/// News of one call that is passed on while it runs. Answers "a plugin that
/// reports changes in a loop, so that listeners miss everybody else's".
const CHANGES: Pace = Pace { burst: 32.0, per_second: 16.0 };

/// Most resources that wait for it, and that are passed on at the call's end at
/// the latest. Answers "a plugin that changes as many as it can spell".
const MOST_WAITING: usize = 128;

/// What has changed and is not passed on yet.
pub(super) struct Changes {
    plugin: PluginName,
    /// The principal in whose call the plugin says so.
    by: Arc<str>,
    resources: VecDeque<Arc<str>>,
    listings: Listings,
    budget: Budget,
    /// Since when something waits, or waits again for the budget.
    since: Option<Instant>,
    dropped: usize,
}

impl Changes {
    pub(super) fn new(plugin: PluginName, by: Arc<str>) -> Self {
        let (resources, listings) = (VecDeque::new(), Listings::default());
        Self { plugin, by, resources, listings, budget: Budget::full(CHANGES), since: None, dropped: 0 }
    }

    /// Since when there is something to pass on.
    pub(super) const fn since(&self) -> Option<Instant> {
        self.since
    }

    /// How many did not find room.
    pub(super) const fn dropped(&self) -> usize {
        self.dropped
    }

    /// Whether `uri` waits to be told already.
    pub(super) fn awaits(&self, uri: &str) -> bool {
        self.resources.iter().any(|waiting| **waiting == *uri)
    }

    pub(super) fn resource(&mut self, uri: String) {
        if self.awaits(&uri) {
            return;
        }
        if self.resources.len() < MOST_WAITING {
            self.resources.push_back(uri.into());
            self.waits();
        } else {
            self.dropped += 1;
        }
    }

    fn waits(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    pub(super) fn listings(&mut self, changed: Listings) {
        let Listings { tools, prompts, resources } = self.listings;
        self.listings = Listings {
            tools: tools || changed.tools,
            prompts: prompts || changed.prompts,
            resources: resources || changed.resources,
        };
        if !self.listings.is_empty() {
            self.waits();
        }
    }

    /// The next piece of news, if there is one and the budget has it.
    pub(super) fn next(&mut self, now: Instant) -> Option<News> {
        if self.resources.is_empty() && self.listings.is_empty() {
            self.since = None;
            return None;
        }
        if !self.budget.take(now) {
            self.since = Some(now);
            return None;
        }
        self.pop()
    }

    /// The next piece of news, whatever the budget.
    pub(super) fn pop(&mut self) -> Option<News> {
        if !self.listings.is_empty() {
            return Some(News::Listings(std::mem::take(&mut self.listings)));
        }
        let uri = self.resources.pop_front()?;
        Some(News::ResourceUpdated { plugin: self.plugin.clone(), uri, by: Some(self.by.clone()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Changes {
        Changes::new("probe".parse().unwrap(), "me".into())
    }

    fn uris(news: impl Iterator<Item = News>) -> Vec<String> {
        news.map(|news| match news {
            News::ResourceUpdated { uri, .. } => uri.to_string(),
            news => format!("{:?}", news.listings()),
        })
        .collect()
    }

    #[test]
    fn what_is_said_again_is_passed_on_once() {
        let mut changes = changes();
        for _ in 0..1000 {
            changes.resource("a:1".to_owned());
            changes.listings(Listings { tools: true, ..Listings::default() });
            changes.listings(Listings { resources: true, ..Listings::default() });
            changes.resource("a:2".to_owned());
        }
        let listings = format!("{:?}", Listings { tools: true, prompts: false, resources: true });
        assert_eq!(changes.dropped(), 0);
        assert_eq!(uris(std::iter::from_fn(|| changes.pop())), [listings, "a:1".to_owned(), "a:2".to_owned()]);
    }

    #[test]
    fn a_flood_leaves_room_for_others() {
        let (mut changes, now) = (changes(), Instant::now());
        let mut told = 0;
        for number in 0..1024 {
            changes.resource(format!("a:{number}"));
            told += std::iter::from_fn(|| changes.next(now)).count();
        }
        assert_eq!(told, 32);
        assert_eq!(changes.dropped(), 1024 - 32 - MOST_WAITING);
        assert_eq!(std::iter::from_fn(|| changes.pop()).count(), MOST_WAITING);
    }
}

//! News for whoever listens: listings, resources and tasks that changed, and
//! what is suspicious.
//!
//! **Invariant:** news is never queued without bound for a slow listener. One
//! that falls behind is told that everything may have changed, which is true.

use std::sync::Arc;

use bulkhead_base::{Digest, OperationKind, PluginName};
use tokio::sync::broadcast;

/// News that waits for the slowest listener before it loses some. Answers "a
/// plugin that reports changes in a loop, and a client that reads none".
const PENDING_NEWS: usize = 256;

/// Which listings changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listings {
    pub tools: bool,
    pub prompts: bool,
    pub resources: bool,
}

impl Listings {
    /// Every listing: what a listener is told that missed something.
    pub const ALL: Self = Self { tools: true, prompts: true, resources: true };

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// One piece of news.
#[derive(Clone, Debug)]
pub enum News {
    Listings(Listings),
    ResourceUpdated {
        plugin: PluginName,
        uri: Arc<str>,
        /// The principal in whose call the plugin said so; `None`: the host saw it.
        by: Option<Arc<str>>,
    },
    /// The task of this id. Who may know it is the listener's to ask.
    Task(Arc<str>),
    Alert(Arc<Alert>),
    /// The listener was too slow, and anything may have happened.
    Missed,
}

impl News {
    /// The listings that may have changed.
    #[must_use]
    pub const fn listings(&self) -> Listings {
        match self {
            Self::Listings(changed) => *changed,
            Self::Missed => Listings::ALL,
            Self::ResourceUpdated { .. } | Self::Task(_) | Self::Alert(_) => {
                Listings { tools: false, prompts: false, resources: false }
            }
        }
    }
}

/// Something that whoever relies on a plugin should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub kind: AlertKind,
    pub plugin: PluginName,
    /// By its dotted name; `None`: the plugin as a whole.
    pub tool: Option<Arc<str>>,
    /// Of the contract, the file, or the tool's schema, as the kind says.
    pub was: Option<Digest>,
    pub now: Option<Digest>,
    /// What the plugin is known by: who may have none of it is not told.
    pub items: Arc<[(OperationKind, Arc<str>)]>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// A tool's description or schema is another one; digests of those.
    ToolChanged,
    /// The plugin offers something else than before; digests of contracts.
    ContractChanged,
    /// A file waits to be accepted, and what was served still is; digests of files.
    Quarantined,
    /// Its file or its key is trusted no longer; digest of the file.
    Revoked,
    /// A file in its place is not believed; digest of what was served.
    Refused,
    /// The key that signed it expires soon; digest of the file.
    KeyExpiring,
    /// It asks again and again for what it was not granted; digest of the file.
    Denied,
    /// What it said looks like an attack on whoever reads it; digest of the file.
    Flagged,
    /// It says something else than it usually does; digest of the file.
    Unusual,
}

/// Where news is told and heard.
#[derive(Clone, Debug)]
pub struct Hub(broadcast::Sender<News>);

/// One listener's end.
pub struct Ear(broadcast::Receiver<News>);

impl Default for Hub {
    fn default() -> Self {
        Self(broadcast::channel(PENDING_NEWS).0)
    }
}

impl Hub {
    /// Tells everybody who listens.
    pub fn tell(&self, news: News) {
        let _ = self.0.send(news);
    }

    /// Begins to listen.
    #[must_use]
    pub fn listen(&self) -> Ear {
        Ear(self.0.subscribe())
    }
}

impl Ear {
    /// The next piece of news; `None` once the house closes.
    pub async fn next(&mut self) -> Option<News> {
        match self.0.recv().await {
            Ok(news) => Some(news),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(News::Missed),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_listener_that_fell_behind_learns_that_anything_may_have_changed() {
        let hub = Hub::default();
        let mut ear = hub.listen();
        for _ in 0..=PENDING_NEWS {
            hub.tell(News::Listings(Listings { tools: true, ..Listings::default() }));
        }
        assert!(matches!(ear.next().await, Some(News::Missed)));
    }
}

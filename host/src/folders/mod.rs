//! Watching granted folders, for whoever watches a resource in one.
//!
//! A resource whose URI's path, percent-decoded, is the guest path of a file
//! under one of its plugin's mounts is the resource of that file. While
//! somebody watches it, the folders of that plugin are looked at: a file that
//! is another than before is told to whoever named its URI, and a file that
//! appears or goes changes the listing of a plugin that lists by itself.
//!
//! **Invariants:** what the system tells is only a hint to look, and a look
//! goes through the handles that the plugin's calls use. Nothing is watched
//! that nobody named, and nobody is told of a path that they did not name.
//!
//! Absent: who may hear of what. That is decided where it is said.

mod interest;
mod place;
mod plan;
mod rest;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use bulkhead_base::PluginName;
use bulkhead_registry::Registry;
use bulkhead_sandbox::FileFacts;
use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    hub::{Hub, Listings, News},
    reload::{Hints, Manner},
};

pub use interest::{Interest, Interests};

use plan::{Listing, Plan, Sight};
use rest::{QUIET, Resting, Step};

/// How long those who begin to watch are waited for, so that one look does for
/// many. Answers "a client that subscribes and unsubscribes in a loop".
const TOGETHER: Duration = Duration::from_millis(10);

/// How long somebody who begins to watch waits for the first look. Answers "a
/// network folder that hangs": they then hear of what changes after it.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// What looking takes.
pub struct Lookout {
    pub registry: Arc<Registry>,
    pub hub: Hub,
    pub interests: Interests,
    pub closing: CancellationToken,
    pub manner: Manner,
}

/// Looks at folders whenever somebody watches, until the house closes.
pub async fn follow(lookout: Lookout) {
    lookout.interests.begin();
    loop {
        tokio::select! {
            () = lookout.closing.cancelled() => return,
            () = lookout.interests.some() => {}
        }
        tokio::select! {
            () = lookout.closing.cancelled() => return,
            () = lookout.look() => {}
        }
    }
}

/// What was there at the last look.
#[derive(Default)]
struct Known {
    files: HashMap<Arc<str>, Resting<Option<FileFacts>>>,
    listings: HashMap<PluginName, Resting<Listing>>,
}

impl Lookout {
    /// Looks until nobody watches any more.
    async fn look(&self) {
        let mut hints = Hints::new(self.manner);
        let mut known = Known::default();
        let mut plan = Arc::new(Plan::default());
        while !self.interests.is_empty() {
            let version = self.interests.version();
            let (older, snapshot, uris) = (plan.clone(), self.registry.snapshot(), self.interests.uris());
            let looked = spawn_blocking(move || {
                let is_same = older.is_of(version, &snapshot);
                let plan = if is_same { older } else { Arc::new(Plan::new(version, &snapshot, &uris)) };
                let sight = plan.look();
                (plan, sight)
            });
            let Ok((next, sight)) = looked.await else { return };
            plan = next;
            hints.follow(&sight.folders);
            let moves = known.compare(&plan, sight, |news| self.hub.tell(news));
            self.interests.looked(version);
            tokio::select! {
                () = self.interests.beyond(version) => sleep(TOGETHER).await,
                () = sleep(QUIET), if moves => {}
                // Not at once: who writes without end must not be looked at without end.
                () = hints.next(), if !moves => sleep(QUIET).await,
            }
        }
    }
}

impl Known {
    /// Takes in one look. Whether something still moves.
    fn compare(&mut self, plan: &Plan, sight: Sight, tell: impl Fn(News)) -> bool {
        let now = Instant::now();
        let mut moves = false;
        let mut files = HashMap::with_capacity(plan.files.len());
        for (file, facts) in plan.files.iter().zip(sight.files) {
            let mut resting = self.files.remove(&file.uri).unwrap_or_else(|| Resting::new(facts, now));
            match resting.look(facts, now) {
                Step::Still => {}
                Step::Moves => moves = true,
                Step::Changed => {
                    tell(News::ResourceUpdated { plugin: file.plugin.clone(), uri: file.uri.clone(), by: None });
                }
            }
            files.insert(file.uri.clone(), resting);
        }
        let mut listings = HashMap::with_capacity(plan.trees.len());
        for (tree, listing) in plan.trees.iter().zip(sight.listings) {
            let mut resting = self.listings.remove(&tree.plugin).unwrap_or_else(|| Resting::new(listing, now));
            match resting.look(listing, now) {
                Step::Still => {}
                Step::Moves => moves = true,
                Step::Changed if tree.lists => {
                    tell(News::Listings(Listings { resources: true, ..Listings::default() }));
                }
                Step::Changed => {}
            }
            listings.insert(tree.plugin.clone(), resting);
        }
        *self = Self { files, listings };
        moves
    }
}

/// Ends once the files have been looked at: what changes from here on is told.
pub async fn first_look(interests: impl IntoIterator<Item = &Interest>) {
    let all = async {
        for interest in interests {
            interest.looked().await;
        }
    };
    let _ = timeout(FIRST_LOOK, all).await;
}

impl Interest {
    /// As [`first_look`], for one.
    pub async fn begun(&self) {
        first_look([self]).await;
    }
}

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
//! that nobody named, and nobody is told of a path that they did not name. What
//! is looked at for one plugin, and how long that takes, is nothing to another.
//!
//! Absent: who may hear of what. That is decided where it is said.

mod fair;
mod interest;
mod looks;
mod place;
mod plan;
mod post;
mod rest;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bulkhead_base::PluginName;
use bulkhead_registry::{Registry, Snapshot};
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{hub::Hub, reload::Manner};

pub use interest::{Interest, Interests, TooMany};

use plan::{Plan, Plans, plans};
use post::{Means, keep};

/// How long those who begin to watch are waited for, so that one look does for
/// many. Answers "a client that subscribes and unsubscribes in a loop".
const TOGETHER: Duration = Duration::from_millis(10);

/// How long somebody who begins to watch waits for the first look. Answers "a
/// network folder that hangs": they then hear of what changes after it.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// How soon after a publish the folders are those of the plugins that it
/// brought.
const PUBLISHED: Duration = Duration::from_millis(300);

/// What looking takes.
pub struct Lookout {
    pub registry: Arc<Registry>,
    pub hub: Hub,
    pub interests: Interests,
    pub closing: CancellationToken,
    pub manner: Manner,
}

/// Has folders looked at whenever somebody watches, until the house closes.
pub async fn follow(lookout: Lookout) {
    lookout.interests.begin();
    tokio::select! {
        () = lookout.closing.cancelled() => {}
        () = lookout.assign() => {}
    }
}

/// The post of each plugin that had something watched: as many as there are
/// plugins. It stays where nobody watches any more, so that a look which hangs
/// is not begun again by who watches anew.
type Posts = BTreeMap<PluginName, watch::Sender<Option<Arc<Plan>>>>;

impl Lookout {
    /// Gives each plugin's post its plan, whenever that is another one.
    async fn assign(&self) {
        let means = Means::new(self.hub.clone(), self.interests.clone(), self.manner);
        let (mut posts, mut all) = (Posts::default(), Plans::default());
        loop {
            self.interests.some().await;
            let (version, snapshot) = (self.interests.version(), self.registry.snapshot());
            let number = snapshot.number();
            posts.retain(|name, _| snapshot.catalogue.plugins().iter().any(|plugin| plugin.name() == name));
            let Some(next) = self.plan(snapshot, all).await else { return };
            all = next;
            post(&mut posts, &all, &means);
            tokio::select! {
                () = self.interests.beyond(version) => sleep(TOGETHER).await,
                () = self.published(number) => {}
            }
            if self.interests.is_empty() {
                all.clear();
                post(&mut posts, &all, &means);
            }
        }
    }

    /// Plans for all that is watched right now. What is in none is nobody's to
    /// wait for.
    async fn plan(&self, snapshot: Arc<Snapshot>, before: Plans) -> Option<Plans> {
        let interests = self.interests.clone();
        let plan = move || {
            let watched = interests.all();
            (plans(&snapshot, &watched, &before), watched)
        };
        let (next, watched) = spawn_blocking(plan).await.ok()?;
        let planned: std::collections::HashSet<&Arc<str>> = next.values().flat_map(|plan| plan.uris()).collect();
        self.interests.looked(watched.iter().map(|watched| &watched.uri).filter(|uri| !planned.contains(uri)));
        drop(planned);
        Some(next)
    }

    /// Ends once another snapshot is served than that of `number`.
    async fn published(&self, number: u64) {
        while self.registry.snapshot().number() == number {
            sleep(PUBLISHED).await;
        }
    }
}

fn post(posts: &mut Posts, plans: &Plans, means: &Means) {
    posts.retain(|_, post| !post.is_closed());
    for plugin in plans.keys() {
        posts.entry(plugin.clone()).or_insert_with(|| {
            let (post, told) = watch::channel(None);
            tokio::spawn(keep(plugin.clone(), told, means.clone()));
            post
        });
    }
    for (plugin, post) in posts {
        let plan = plans.get(plugin);
        post.send_if_modified(|posted| {
            let same = posted.as_ref().map(Arc::as_ptr) == plan.map(Arc::as_ptr);
            posted.clone_from(&plan.cloned());
            !same
        });
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

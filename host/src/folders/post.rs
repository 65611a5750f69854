//! One plugin's folders, looked at for as long as somebody watches a file in
//! one.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use bulkhead_base::PluginName;
use bulkhead_sandbox::FileFacts;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::sleep,
};

use super::{
    interest::Interests,
    looks::Looks,
    plan::{Listing, Plan, Sight},
    rest::{QUIET, Resting, Step},
};
use crate::{
    hub::{Hub, Listings, News},
    reload::{Hints, Manner},
};

/// Most plugins whose folders the system is asked to tell of; those of others
/// are looked at more often instead. Answers "a system that lets one user wait
/// for events in a hundred places".
const MOST_TOLD: usize = 32;

/// The least time between two looks. Answers "a client that watches and lets go
/// in a loop".
const APART: Duration = Duration::from_millis(20);

/// What all posts share.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) hub: Hub,
    pub(super) interests: Interests,
    pub(super) manner: Manner,
    looks: Looks,
    told: Arc<Semaphore>,
}

impl Means {
    pub(super) fn new(hub: Hub, interests: Interests, manner: Manner) -> Self {
        Self { hub, interests, manner, looks: Looks::default(), told: Arc::new(Semaphore::new(MOST_TOLD)) }
    }

    fn hints(&self) -> (Hints, Option<OwnedSemaphorePermit>) {
        let place = self.told.clone().try_acquire_owned().ok();
        let manner = if place.is_some() { self.manner } else { Manner::Poll };
        (Hints::new(manner), place)
    }
}

/// Follows the plan of one plugin, until nobody makes any.
pub(super) async fn keep(plugin: PluginName, mut plans: watch::Receiver<Option<Arc<Plan>>>, means: Means) {
    let (mut known, mut hints) = (Known::default(), None);
    loop {
        let plan = plans.borrow_and_update().clone();
        let Some(plan) = plan else {
            (known, hints) = (Known::default(), None);
            if plans.changed().await.is_err() {
                return;
            }
            continue;
        };
        let (mut told, place) = hints.take().unwrap_or_else(|| means.hints());
        let looked = plan.clone();
        // The system, too, is asked there: a mount that hangs keeps it from answering.
        let look = move || {
            let sight = looked.look();
            told.follow(&sight.folders);
            (sight, told)
        };
        let Some((sight, mut told)) = means.looks.take(&plugin, look).await else { return };
        let moves = known.compare(&plan, &sight, |news| means.hub.tell(news));
        means.interests.looked(plan.uris());
        let again = async {
            // Not at once: who writes without end must not be looked at without end.
            if !moves {
                told.next().await;
            }
            sleep(QUIET).await;
        };
        tokio::select! {
            changed = plans.changed() => match changed {
                Ok(()) => sleep(APART).await,
                Err(_) => return,
            },
            () = again => {}
        }
        hints = Some((told, place));
    }
}

/// What was there at the last look.
#[derive(Default)]
struct Known {
    files: HashMap<Arc<str>, Resting<Option<FileFacts>>>,
    listing: Option<Resting<Listing>>,
}

impl Known {
    /// Takes in one look. Whether something still moves.
    fn compare(&mut self, plan: &Plan, sight: &Sight, tell: impl Fn(News)) -> bool {
        let now = Instant::now();
        let mut moves = false;
        let mut files = HashMap::with_capacity(plan.files.len());
        for (file, facts) in plan.files.iter().zip(&sight.files) {
            let mut resting = self.files.remove(&file.uri).unwrap_or_else(|| Resting::new(*facts, now));
            match resting.look(*facts, now) {
                Step::Still => {}
                Step::Moves => moves = true,
                Step::Changed => {
                    let plugin = plan.tree.plugin.clone();
                    tell(News::ResourceUpdated { plugin, uri: file.uri.clone(), by: None });
                }
            }
            files.insert(file.uri.clone(), resting);
        }
        self.files = files;
        match self.listing.get_or_insert_with(|| Resting::new(sight.listing, now)).look(sight.listing, now) {
            Step::Changed if plan.tree.lists => {
                tell(News::Listings(Listings { resources: true, ..Listings::default() }));
            }
            Step::Still | Step::Changed => {}
            Step::Moves => moves = true,
        }
        moves
    }
}

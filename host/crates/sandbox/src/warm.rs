//! Instances that wait for another call of the same caller, where the operator
//! chose so.
//!
//! **Invariant:** an instance is kept only if its call came to its own end and
//! holds nothing of the host's any more: no handle, stream or timer. Whom it may
//! meet is decided when it begins and never again. A pool belongs to one
//! generation of a plugin: what a newer one serves meets no older memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use bulkhead_policy::{Instance as Reuse, Permit, Principal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Store, component::Instance};

use crate::{answer::CallContext, state::CallState};

/// Instances of all plugins that wait. Each has a place in the pool of its own,
/// so that no call waits for one. Answers "callers that come once and never again".
pub(crate) const MOST_WAITING: u32 = 32;

/// Instances that wait for one caller. Answers "one caller that takes the place
/// of all others".
const MOST_FOR_ONE: usize = 8;

/// Calls that one instance meets. Answers "a guest that leaks a little in each".
const MOST_CALLS: u32 = 1000;

/// How long one waits. Answers "memory of callers who have gone".
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Memory with which an instance is kept. Answers "one large call whose memory
/// stays".
const MOST_MEMORY: usize = 32 << 20;

/// Whose calls an instance meets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Circle {
    /// `None`: everybody's.
    principal: Option<Arc<str>>,
    root: Option<Box<str>>,
}

impl Circle {
    /// `None`: nobody but this call's.
    pub(crate) fn of(reuse: Reuse, permit: &Permit, context: &CallContext) -> Option<Self> {
        match reuse {
            Reuse::Fresh => None,
            Reuse::Shared => Some(Self { principal: None, root: None }),
            // Whoever comes without a credential may be anybody.
            Reuse::Principal if &**permit.principal() == Principal::ANONYMOUS => None,
            Reuse::Principal => Some(Self {
                principal: Some(Arc::clone(permit.principal())),
                root: context.root.as_ref().map(|root| root.id.as_str().into()),
            }),
        }
    }
}

/// An instance between two calls, or in one.
pub(crate) struct Occupied {
    pub(crate) store: Store<CallState>,
    pub(crate) instance: Instance,
    /// Calls that it has met before this one.
    pub(crate) calls: u32,
}

struct Waiting {
    occupied: Occupied,
    since: Instant,
    _place: OwnedSemaphorePermit,
}

/// The instances of one plugin that wait.
pub(crate) struct Warm {
    places: Arc<Semaphore>,
    waiting: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    /// The one that waited least comes last.
    by_circle: HashMap<Circle, Vec<Waiting>>,
    watched: bool,
}

impl Warm {
    /// `places` are everybody's.
    pub(crate) fn new(places: Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self { places, waiting: Mutex::default() })
    }

    /// An instance that waits for `circle`: the one that waited least.
    pub(crate) fn take(&self, circle: &Circle) -> Option<Occupied> {
        let mut shelf = self.shelf();
        let waiting = shelf.by_circle.get_mut(circle)?;
        let taken = waiting.pop();
        if waiting.is_empty() {
            shelf.by_circle.remove(circle);
        }
        drop(shelf);
        taken.filter(|one| one.since.elapsed() < LONGEST_WAIT).map(|one| one.occupied)
    }

    /// Keeps an instance whose call is over, if it can meet another.
    pub(crate) fn keep(self: &Arc<Self>, circle: Circle, mut occupied: Occupied) {
        occupied.calls += 1;
        let state = occupied.store.data();
        if occupied.calls >= MOST_CALLS || !state.holds_nothing() || state.walls.used() > MOST_MEMORY {
            return;
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return };
        let mut shelf = self.shelf();
        let waiting = shelf.by_circle.entry(circle).or_default();
        if waiting.len() >= MOST_FOR_ONE {
            return;
        }
        waiting.push(Waiting { occupied, since: Instant::now(), _place: place });
        if !std::mem::replace(&mut shelf.watched, true) {
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }

    /// Lets go of those that waited too long; whether any are left.
    fn tidy(&self) -> bool {
        let mut gone = Vec::new();
        let mut shelf = self.shelf();
        shelf.by_circle.retain(|_, waiting| {
            gone.extend(waiting.extract_if(.., |one| one.since.elapsed() >= LONGEST_WAIT));
            !waiting.is_empty()
        });
        shelf.watched = !shelf.by_circle.is_empty();
        let left = shelf.watched;
        // What they give back takes a while.
        drop(shelf);
        drop(gone);
        left
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tidies until there is nothing to tidy, or nobody to tidy it for.
async fn watch(warm: Weak<Warm>) {
    loop {
        tokio::time::sleep(LONGEST_WAIT).await;
        if !warm.upgrade().is_some_and(|warm| warm.tidy()) {
            return;
        }
    }
}

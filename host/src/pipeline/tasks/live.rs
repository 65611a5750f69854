//! The tasks that this process runs: how many, and how to reach one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::admin::Metrics;

/// Most tasks that run or wait at once. Answers "work that is begun and never
/// waited for": each holds its request in memory.
const LIVE_TASKS: usize = 256;

/// Most of them that are one principal's. Answers "one client's tasks leave
/// none for the others".
const LIVE_PER_PRINCIPAL: usize = 32;

/// Bytes of the requests that are kept for all of them. Answers "tasks that wait
/// for an hour, each with a request of megabytes".
const KEPT_REQUESTS: usize = 128 << 20;

/// Bytes of them that are one principal's.
const REQUESTS_PER_PRINCIPAL: usize = 16 << 20;

/// The tasks that this process runs.
#[derive(Default)]
pub(super) struct Live {
    running: Mutex<HashMap<Arc<str>, Arc<Running>>>,
    left: Notify,
    metrics: Arc<Metrics>,
}

/// How one is reached.
struct Running {
    principal: Arc<str>,
    /// Bytes of the request that it keeps.
    request: usize,
    cancelled: CancellationToken,
    answered: Notify,
}

/// One task's place among them; given back when dropped.
pub(super) struct Seat {
    live: Arc<Live>,
    id: Arc<str>,
    running: Arc<Running>,
}

/// There is no place for another.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Full {
    #[error("too many are under way")]
    Places,
    #[error("the requests of those under way take too much memory")]
    Requests,
}

impl Live {
    /// None yet; `metrics` says how many there are.
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, ..Self::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Running>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for the task `id` of `principal`, which keeps a request of so
    /// many bytes.
    pub(super) fn enter(self: &Arc<Self>, principal: &Arc<str>, id: &Arc<str>, request: usize) -> Result<Seat, Full> {
        let mut running = self.lock();
        let (mut theirs, mut their_bytes, mut bytes) = (0, request, request);
        for task in running.values() {
            bytes += task.request;
            if task.principal == *principal {
                theirs += 1;
                their_bytes += task.request;
            }
        }
        if running.len() >= LIVE_TASKS || theirs >= LIVE_PER_PRINCIPAL {
            return Err(Full::Places);
        }
        if bytes > KEPT_REQUESTS || their_bytes > REQUESTS_PER_PRINCIPAL {
            return Err(Full::Requests);
        }
        let task = Arc::new(Running {
            principal: principal.clone(),
            request,
            cancelled: CancellationToken::new(),
            answered: Notify::new(),
        });
        running.insert(id.clone(), task.clone());
        self.count(&running);
        Ok(Seat { live: self.clone(), id: id.clone(), running: task })
    }

    fn count(&self, running: &HashMap<Arc<str>, Arc<Running>>) {
        self.metrics.live_tasks.store(running.len() as u64, Ordering::Relaxed);
    }

    /// Wakes the task if it runs here: its client has answered.
    pub(super) fn wake(&self, id: &str) {
        if let Some(task) = self.lock().get(id) {
            task.answered.notify_one();
        }
    }

    /// Stops the task if it runs here.
    pub(super) fn stop(&self, id: &str) {
        if let Some(task) = self.lock().get(id) {
            task.cancelled.cancel();
        }
    }

    /// Ends once none runs any more.
    pub(super) async fn empty(&self) {
        loop {
            let left = self.left.notified();
            if self.lock().is_empty() {
                return;
            }
            left.await;
        }
    }
}

impl Seat {
    /// Stops the task.
    pub(super) fn stop(&self) {
        self.running.cancelled.cancel();
    }

    /// Ends once the task is to stop.
    pub(super) async fn stopped(&self) {
        self.running.cancelled.cancelled().await;
    }

    /// Ends once the client has answered, or may have.
    pub(super) async fn answered(&self) {
        self.running.answered.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut running = self.live.lock();
        running.remove(&self.id);
        self.live.count(&running);
        drop(running);
        self.live.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(live: &Arc<Live>, principal: &str, n: usize) -> Result<Seat, Full> {
        live.enter(&principal.into(), &format!("{principal} {n}").into(), 100)
    }

    #[tokio::test]
    async fn the_requests_that_are_kept_take_so_much_together() {
        let live = Arc::new(Live::default());
        let enter = |principal: &str, n: usize, request| {
            live.enter(&principal.into(), &format!("{principal} {n}").into(), request)
        };
        let first = enter("ann", 0, REQUESTS_PER_PRINCIPAL - 1).ok().unwrap();
        assert_eq!(enter("ann", 1, 2).err(), Some(Full::Requests));
        let mut seats = vec![enter("ann", 1, 1).ok().unwrap()];
        drop(first);
        assert!(enter("ann", 2, REQUESTS_PER_PRINCIPAL - 1).is_ok(), "and gives it back");
        seats.clear();
        for who in 0..KEPT_REQUESTS / REQUESTS_PER_PRINCIPAL {
            seats.push(enter(&format!("p{who}"), 0, REQUESTS_PER_PRINCIPAL).ok().unwrap());
        }
        assert_eq!(enter("bob", 0, 1).err(), Some(Full::Requests), "all together");
        assert_eq!(live.metrics.live_tasks.load(Ordering::Relaxed), seats.len() as u64);
        seats.clear();
        assert_eq!(live.metrics.live_tasks.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn one_principal_and_all_together_have_so_many() {
        let live = Arc::new(Live::default());
        let mut seats: Vec<Seat> = (0..LIVE_PER_PRINCIPAL).map(|n| enter(&live, "ann", n).ok().unwrap()).collect();
        assert!(enter(&live, "ann", LIVE_PER_PRINCIPAL).is_err());
        for who in 1..LIVE_TASKS / LIVE_PER_PRINCIPAL {
            seats.extend((0..LIVE_PER_PRINCIPAL).map(|n| enter(&live, &format!("p{who}"), n).ok().unwrap()));
        }
        assert!(enter(&live, "bob", 0).is_err(), "the house is full");
        seats.truncate(1);
        assert!(enter(&live, "bob", 0).is_ok());
        seats.clear();
        live.empty().await;
    }

    #[tokio::test]
    async fn a_task_is_reached_by_its_id_while_it_runs() {
        let live = Arc::new(Live::default());
        let seat = enter(&live, "ann", 1).ok().unwrap();
        live.wake("ann 1");
        seat.answered().await;
        live.stop("ann 2");
        assert!(!seat.running.cancelled.is_cancelled());
        live.stop("ann 1");
        seat.stopped().await;
    }
}

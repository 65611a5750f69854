//! The tasks that this process runs: how many, and how to reach one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Most tasks that run or wait at once. Answers "work that is begun and never
/// waited for": each holds its request in memory.
const LIVE_TASKS: usize = 256;

/// Most of them that are one principal's. Answers "one client's tasks leave
/// none for the others".
const LIVE_PER_PRINCIPAL: usize = 32;

/// The tasks that this process runs.
#[derive(Default)]
pub(super) struct Live {
    running: Mutex<HashMap<Arc<str>, Arc<Running>>>,
    left: Notify,
}

/// How one is reached.
struct Running {
    principal: Arc<str>,
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
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Live {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Running>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for the task `id` of `principal`.
    pub(super) fn enter(self: &Arc<Self>, principal: &Arc<str>, id: &Arc<str>) -> Result<Seat, Full> {
        let mut running = self.lock();
        let theirs = running.values().filter(|task| task.principal == *principal).count();
        if running.len() >= LIVE_TASKS || theirs >= LIVE_PER_PRINCIPAL {
            return Err(Full);
        }
        let task = Arc::new(Running {
            principal: principal.clone(),
            cancelled: CancellationToken::new(),
            answered: Notify::new(),
        });
        running.insert(id.clone(), task.clone());
        Ok(Seat { live: self.clone(), id: id.clone(), running: task })
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
        self.live.lock().remove(&self.id);
        self.live.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(live: &Arc<Live>, principal: &str, n: usize) -> Result<Seat, Full> {
        live.enter(&principal.into(), &format!("{principal} {n}").into())
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

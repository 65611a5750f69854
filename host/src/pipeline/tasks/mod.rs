//! Tasks: calls that go on after their answer (SEP-2663).
//!
//! The database says where a task stands, for every process that shares it. In
//! memory there is only what running one takes: its frame, the answers so far,
//! a way to wake and to stop it.
//!
//! **Invariants:** a task is durably there before anybody is told of it. It
//! holds no lease and no snapshot between its rounds, and is decided anew for
//! each. It ends with what let its caller in, with its plugin's file, on
//! cancel, and on its time.

mod begin;
mod desk;
mod kept;
mod live;
mod methods;
mod rounds;
mod watch;
mod work;

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bulkhead_state::Millis;
use tokio_util::sync::CancellationToken;

use self::live::Live;
use crate::{admin::Metrics, transport::slots::Slots};

pub(super) use self::{desk::Desk, methods::lacks_tasks, watch::TaskWatch};

/// How long a runner answers for a task without saying so again. Answers "a
/// process that was killed": readers see its tasks failed after this.
const LEASE: Duration = Duration::from_secs(20);

/// How often it says so, and learns what other processes did to the task.
const BEAT: Duration = Duration::from_secs(2);

/// How often what has expired is removed from the disk.
const SWEEP: Duration = Duration::from_secs(10 * 60);

/// How long tasks that are cut off have to be put down as failed.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Tasks, where there is a database for them.
pub(super) struct Tasks {
    kept: bulkhead_state::Tasks,
    live: Arc<Live>,
    slots: Slots,
    ttl: Duration,
    /// Fired when the grace is over: what still runs is cut off.
    cut_off: CancellationToken,
}

impl Tasks {
    pub(super) fn new(kept: bulkhead_state::Tasks, slots: Slots, ttl: Duration, metrics: Arc<Metrics>) -> Self {
        Self { kept, live: Arc::new(Live::new(metrics)), slots, ttl, cut_off: CancellationToken::new() }
    }

    /// Removes what has expired, until the house closes.
    pub(super) async fn tend(&self, closing: &CancellationToken) {
        let mut sweep = tokio::time::interval(SWEEP.min(self.ttl));
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                _ = sweep.tick() => {}
            }
            if let Err(error) = self.kept.sweep(now()).await {
                tracing::warn!(%error, "expired tasks were not removed");
            }
        }
    }

    /// Cuts off what still runs, and waits until it is put down.
    pub(super) async fn close(&self) {
        self.cut_off.cancel();
        if tokio::time::timeout(LAST_WORDS, self.live.empty()).await.is_err() {
            tracing::warn!("tasks were cut off without a word; they are seen failed in {} s", LEASE.as_secs());
        }
    }
}

fn now() -> Millis {
    millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX)
}

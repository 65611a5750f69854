//! Signatures are looked at off the threads that answer, a few at a time and in
//! the order in which they came.
//!
//! **Invariant:** a turn is held for as long as its thread is busy, also when
//! whoever asked has hung up. A connection has one request at a time, and an
//! address so many connections: nobody has more turns waiting than that.

use std::{num::NonZero, sync::Arc, thread::available_parallelism, time::Duration};

use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Longest that a token waits for its turn. Answers "a flood of tokens that are
/// signed by nobody, each of which is waited for".
const PATIENCE: Duration = Duration::from_secs(5);

/// Of how many processors one verifies. Answers "strangers whose signatures keep
/// every processor busy".
const SHARE: usize = 2;

/// Turns at looking at a signature.
#[derive(Debug)]
pub(super) struct Checks {
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Checks {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self { turns: Arc::new(Semaphore::new(processors.div_ceil(SHARE))), patience: PATIENCE }
    }
}

impl Checks {
    /// What `check` says, once it is its turn. `None`: that took too long.
    pub(super) async fn make(&self, check: impl FnOnce() -> bool + Send + 'static) -> Option<bool> {
        let turn = timeout(self.patience, self.turns.clone().acquire_owned()).await.ok()?.ok()?;
        let checked = spawn_blocking(move || {
            let _turn = turn;
            check()
        });
        checked.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn one_waits_for_another_and_not_for_ever() {
        let checks = Arc::new(Checks { turns: Arc::new(Semaphore::new(1)), patience: Duration::from_millis(20) });
        let ((begin, begun), (end, ended)) = (channel(), channel::<()>());
        let (first, held) = (checks.clone(), move || begin.send(()).is_ok() && ended.recv().is_ok());
        let first = tokio::spawn(async move { first.make(held).await });
        spawn_blocking(move || begun.recv()).await.unwrap().unwrap();
        assert_eq!(checks.make(|| true).await, None, "its turn did not come");
        end.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Some(true));
        assert_eq!(checks.make(|| false).await, Some(false));
    }

    #[tokio::test]
    async fn who_hangs_up_gives_its_turn_back_when_its_thread_is_done() {
        let checks = Checks { turns: Arc::new(Semaphore::new(1)), patience: PATIENCE };
        let ((begin, begun), (end, ended)) = (channel(), channel::<()>());
        let asked = checks.make(move || begin.send(()).is_ok() && ended.recv().is_ok());
        let hung_up = timeout(Duration::from_millis(20), asked).await;
        assert!(hung_up.is_err());
        begun.recv().unwrap();
        assert_eq!(checks.turns.available_permits(), 0);
        end.send(()).unwrap();
        assert_eq!(checks.make(|| true).await, Some(true));
    }
}

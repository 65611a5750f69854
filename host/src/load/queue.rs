//! What is to be loaded. A plugin stands on the list once, however often its
//! file changes.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bulkhead_base::PluginName;
use tokio::sync::Notify;

/// One thing to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// An entry of the configuration, or one that a dropped file made.
    Entry(PluginName),
    /// A file in the inbox, there or gone.
    Dropped(PathBuf),
    /// The folder of prompts.
    Prompts,
}

#[derive(Default)]
pub(super) struct Queue {
    jobs: Mutex<VecDeque<Job>>,
    some: Notify,
}

impl Queue {
    fn jobs(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, job: Job) {
        let mut jobs = self.jobs();
        if !jobs.contains(&job) {
            jobs.push_back(job);
        }
        drop(jobs);
        self.some.notify_one();
    }

    pub(super) fn take(&self) -> Option<Job> {
        self.jobs().pop_front()
    }

    /// Everything that waits.
    pub(super) fn drain(&self) -> Vec<Job> {
        self.jobs().drain(..).collect()
    }

    pub(super) async fn next(&self) -> Job {
        loop {
            if let Some(job) = self.take() {
                return job;
            }
            self.some.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_plugin_stands_on_the_list_once_and_again_after_it_was_taken() {
        let queue = Queue::default();
        let job = |name: &str| Job::Entry(name.parse().unwrap());
        for name in ["a", "b", "a"] {
            queue.push(job(name));
        }
        assert_eq!(queue.next().await, job("a"));
        queue.push(job("a"));
        assert_eq!(queue.next().await, job("b"));
        assert_eq!(queue.next().await, job("a"));
        assert_eq!(queue.take(), None);
    }
}

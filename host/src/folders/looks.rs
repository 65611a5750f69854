//! Looks at folders, each on a thread that may block. A mount can hang, and
//! keep a look from ever ending.
//!
//! **Invariant:** a look has its place until it has ended, also if nobody waits
//! for it any more: a dropped future does not stop a system call.

use std::{sync::Arc, time::Duration};

use bulkhead_base::PluginName;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Most looks at once, those that hang included. Answers "mounts that hang, and
/// take a thread each until there is none left".
const MOST_LOOKS: usize = 32;

/// How long a look takes before the operator is told that it may never end.
const HANGS: Duration = Duration::from_secs(10);

/// Everybody's looks.
#[derive(Clone)]
pub(super) struct Looks(Arc<Semaphore>);

impl Default for Looks {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_LOOKS)))
    }
}

impl Looks {
    /// What `look` shows of the folders of `plugin`; `None` if nothing ever will.
    pub(super) async fn take<T: Send + 'static>(
        &self,
        plugin: &PluginName,
        look: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let place = self.0.clone().acquire_owned().await.ok()?;
        let mut looking = spawn_blocking(move || {
            let _held = place;
            look()
        });
        if let Ok(looked) = timeout(HANGS, &mut looking).await {
            return looked.ok();
        }
        tracing::warn!(%plugin, "a look at its folders takes long, and may hang; until it ends, nobody is told of changes in them");
        looking.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn plugin(name: &str) -> PluginName {
        name.parse().unwrap()
    }

    /// A look that hangs until it is let go.
    fn hang(looks: &Looks) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Option<()>>) {
        let ((free, held), looks) = (mpsc::channel(), looks.clone());
        let hangs = async move { looks.take(&plugin("hangs"), move || held.recv().unwrap_or_default()).await };
        (free, tokio::spawn(hangs))
    }

    #[tokio::test]
    async fn one_that_hangs_keeps_nobody_else_from_looking() {
        let looks = Looks::default();
        let (_free, hangs) = hang(&looks);
        tokio::task::yield_now().await;
        assert_eq!(looks.take(&plugin("other"), || 7).await, Some(7));
        assert!(!hangs.is_finished());
    }

    #[tokio::test]
    async fn no_more_hang_than_there_are_places_and_who_gave_up_keeps_its_own() {
        let looks = Looks::default();
        let (mut free, hanging): (Vec<_>, Vec<_>) = (0..MOST_LOOKS).map(|_| hang(&looks)).unzip();
        while looks.0.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        hanging.iter().for_each(tokio::task::JoinHandle::abort);
        tokio::task::yield_now().await;
        assert_eq!(looks.0.available_permits(), 0, "their threads are still busy");
        free.pop();
        assert_eq!(looks.take(&plugin("other"), || 7).await, Some(7), "one has ended");
    }
}

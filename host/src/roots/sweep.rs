//! The end of roots: closed, dropped because nobody used them, or left over.
//!
//! **Invariant:** between a root's row and its folders, the row goes first, and
//! what removes both is not its client's to stop. A process that dies in
//! between leaves folders without a row, which the next one removes.

use std::sync::Arc;

use bulkhead_sandbox::Strays;
use tokio::task::spawn_blocking;

use super::{IDLE, RootError, Roots, now};

/// Most roots that are dropped in one go.
const MOST_DROPPED: u32 = 1024;

const LEFT: &str = "folders of closed roots are left";

impl Roots {
    /// Closes a root.
    ///
    /// # Errors
    /// [`RootError`]
    pub async fn close(&self, principal: &Arc<str>, id: &str) -> Result<(), RootError> {
        self.find(principal, id).await?;
        let (roots, principal, id) = (self.clone(), principal.clone(), id.to_owned());
        outliving(async move {
            let closed = roots.store()?.close(&principal, &id).await;
            roots.known.forget(&principal);
            if !closed? {
                return Err(RootError::None);
            }
            roots.clear(vec![(principal.to_string(), id)]).await;
            Ok(())
        })
        .await
    }

    /// Drops what nobody has used for long.
    ///
    /// # Errors
    /// [`RootError`]
    pub async fn sweep(&self) -> Result<(), RootError> {
        let roots = self.clone();
        outliving(async move {
            let dropped = roots.store()?.expire(now() - IDLE, MOST_DROPPED).await?;
            for (principal, _) in &dropped {
                roots.known.forget(principal);
            }
            if !dropped.is_empty() {
                roots.clear(dropped).await;
            }
            Ok(())
        })
        .await
    }

    /// Removes the folders that an earlier process had put aside.
    pub async fn clear_aside(&self) {
        let Some(workspaces) = self.workspaces.clone() else { return };
        if let Ok(Err(error)) = spawn_blocking(move || workspaces.sweep()).await {
            tracing::warn!(%error, "{LEFT}");
        }
    }

    /// Removes the folders of roots that are in no row, which an earlier process
    /// did not get to.
    pub async fn clear_strays(&self) {
        let (Some(store), Some(workspaces)) = (&self.store, self.workspaces.clone()) else { return };
        // First the folders, then the rows: see [`Strays`].
        let there = workspaces.clone();
        let strays = match spawn_blocking(move || there.strays()).await {
            Ok(Ok(strays)) if !strays.is_empty() => strays,
            Ok(Ok(_)) | Err(_) => return,
            Ok(Err(error)) => return tracing::warn!(%error, "{LEFT}"),
        };
        let strays = match store.every(strays, Strays::spare).await {
            Ok(strays) if !strays.is_empty() => strays,
            Ok(_) => return,
            Err(error) => return tracing::warn!(%error, "{LEFT}"),
        };
        let roots = strays.len();
        match spawn_blocking(move || workspaces.remove(strays)).await {
            Ok(Ok(())) => tracing::info!(roots, "folders were removed that an earlier run had left"),
            Ok(Err(error)) => tracing::warn!(%error, "{LEFT}"),
            Err(_) => {}
        }
    }

    /// Removes the folders of closed roots, on a thread that may block.
    async fn clear(&self, closed: Vec<(String, String)>) {
        let Some(workspaces) = self.workspaces.clone() else { return };
        let clear = move || {
            for (principal, id) in &closed {
                if let Err(error) = workspaces.close(principal, id) {
                    tracing::error!(%principal, root = %id, %error, "a closed root has left folders");
                }
            }
        };
        if let Err(error) = spawn_blocking(clear).await {
            tracing::error!(%error, "the folders of closed roots are left");
        }
    }
}

/// Runs `work` to its end, also if nobody waits for it any more. Answers "a
/// client that hangs up between a root's row and its folders".
async fn outliving<T: Send + 'static>(
    work: impl Future<Output = Result<T, RootError>> + Send + 'static,
) -> Result<T, RootError> {
    tokio::spawn(work).await.unwrap_or(Err(RootError::Database(bulkhead_state::StateError::ShuttingDown)))
}

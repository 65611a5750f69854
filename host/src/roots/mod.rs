//! Roots as the call path needs them: whose they are, and the parameters of
//! each.
//!
//! A root is a context tree that a principal opened: sampling parameters and
//! the prompt it is at, and the folders that plugins have under it. Each principal has one besides that needs no opening,
//! which has parameters alone.
//!
//! **Invariants**
//! - A root is found under its principal only: what is somebody else's, closed
//!   or never was is one and the same.
//! - What is changed is on disk before it is answered, and every call that
//!   begins after the answer sees it.
//! - A call asks the database at most once in [`FRESH`] for its principal.
//! - A root that is closed takes its folders with it, also when whoever closed
//!   it has hung up.

mod known;
mod root;
mod sweep;

use std::sync::Arc;

use bulkhead_base::Sampling;
use bulkhead_protocol::{SamplingChange, write_sampling};
use bulkhead_sandbox::Workspaces;
use bulkhead_state::{OWN_ROOT, RootRow, StateError};

pub use known::FRESH;
use known::Known;
pub use root::{Held, Root, RootDraft};

/// Most roots that one principal has open. Answers "a client that opens a root
/// for every call and closes none".
pub const MOST_ROOTS: u64 = 64;

/// How long a root that nobody uses stays open, in milliseconds.
const IDLE: i64 = 7 * 24 * 3_600_000;

/// How much older than it is the last use may look, in milliseconds: a root
/// that is used all the time is written once in this.
const ROUGHLY: i64 = 3_600_000;

/// Why nothing came of a look-up or change.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// The principal has no such root.
    #[error("there is no such root")]
    None,
    /// The principal has as many as it may.
    #[error("at most {MOST_ROOTS} roots are open at once")]
    TooMany,
    /// Nothing is kept: the server has no database.
    #[error("the server has no database, and so keeps no roots and parameters")]
    NoDatabase,
    /// The database failed.
    #[error(transparent)]
    Database(StateError),
}

impl From<StateError> for RootError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::RootsExhausted { .. } => Self::TooMany,
            error => Self::Database(error),
        }
    }
}

/// Everybody's roots.
#[derive(Clone)]
pub struct Roots {
    store: Option<bulkhead_state::Roots>,
    known: Arc<Known>,
    workspaces: Option<Arc<Workspaces>>,
}

impl Roots {
    /// The roots that `store` keeps; without one there are none. Their folders
    /// are in `workspaces`.
    #[must_use]
    pub fn new(store: Option<bulkhead_state::Roots>, workspaces: Option<Arc<Workspaces>>) -> Self {
        Self { store, known: Arc::default(), workspaces }
    }

    fn store(&self) -> Result<&bulkhead_state::Roots, RootError> {
        self.store.as_ref().ok_or(RootError::NoDatabase)
    }

    /// The roots of `principal`.
    async fn of(&self, principal: &Arc<str>) -> Result<Arc<Held>, RootError> {
        if let Some(held) = self.known.fresh(principal) {
            return Ok(held);
        }
        let Some(store) = &self.store else { return Ok(Arc::default()) };
        let before = self.known.changes(principal);
        let held = Arc::new(Held::of(store.of(principal).await?));
        self.known.keep(principal, &held, before);
        Ok(held)
    }

    /// The parameters of the principal's own root. What cannot be read does not
    /// stop a call that never asked for it.
    pub async fn own_sampling(&self, principal: &Arc<str>) -> Sampling {
        match self.of(principal).await {
            Ok(held) => held.find(OWN_ROOT).map(|root| root.sampling.clone()).unwrap_or_default(),
            Err(error) => {
                tracing::error!(%principal, %error, "sampling parameters cannot be read, and none are passed on");
                Sampling::default()
            }
        }
    }

    /// An open root of the principal's, which is being used.
    ///
    /// # Errors
    /// [`RootError`]
    pub async fn find(&self, principal: &Arc<str>, id: &str) -> Result<Arc<Root>, RootError> {
        let held = self.of(principal).await?;
        let root = held.find(id).filter(|root| !root.is_own()).ok_or(RootError::None)?;
        let idle = now() - root.used;
        if idle > IDLE {
            return Err(RootError::None);
        }
        if idle > ROUGHLY {
            self.alter(principal, id, |_| ()).await?;
        }
        Ok(root)
    }

    /// The open roots of `principal`, oldest first.
    ///
    /// # Errors
    /// [`RootError`]
    pub async fn list(&self, principal: &Arc<str>) -> Result<Vec<Arc<Root>>, RootError> {
        self.store()?;
        let held = self.of(principal).await?;
        let since = now() - IDLE;
        Ok(held.iter().filter(|root| !root.is_own() && root.used >= since).cloned().collect())
    }

    /// Opens a root.
    ///
    /// # Errors
    /// [`RootError`]
    pub async fn open(&self, principal: &Arc<str>, draft: RootDraft) -> Result<Root, RootError> {
        let store = self.store()?;
        let row = draft.row(now()).map_err(|_| RootError::Database(StateError::ShuttingDown))?;
        // What is dropped makes room.
        self.sweep().await?;
        let opened = store.open(principal, row.clone(), MOST_ROOTS).await;
        self.known.forget(principal);
        opened?;
        Ok(Root::from(row))
    }

    /// Changes parameters of a root, or of the own one, and returns them all.
    ///
    /// # Errors
    /// [`RootError`]
    pub async fn set_sampling(
        &self,
        principal: &Arc<str>,
        id: Option<&str>,
        change: SamplingChange,
    ) -> Result<Sampling, RootError> {
        self.store()?;
        if let Some(id) = id {
            self.find(principal, id).await?;
        }
        let root = self.alter(principal, id.unwrap_or(OWN_ROOT), move |row| {
            let sampling = change.applied(root::read(&row.sampling));
            row.sampling = write_sampling(&sampling).into_string();
        });
        Ok(root.await?.sampling)
    }

    /// Moves a root on to the prompt called `prompt`.
    ///
    /// # Errors
    /// [`RootError`]
    pub async fn move_to(&self, principal: &Arc<str>, id: &str, prompt: &str) -> Result<(), RootError> {
        if self.find(principal, id).await?.prompt.as_deref() == Some(prompt) {
            return Ok(());
        }
        let prompt = prompt.to_owned();
        self.alter(principal, id, move |row| row.prompt = Some(prompt)).await.map(drop)
    }

    async fn alter(
        &self,
        principal: &Arc<str>,
        id: &str,
        work: impl FnOnce(&mut RootRow) + Send + 'static,
    ) -> Result<Root, RootError> {
        let altered = self.store()?.alter(principal, id, now(), work).await;
        self.known.forget(principal);
        altered?.map(Root::from).ok_or(RootError::None)
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests;

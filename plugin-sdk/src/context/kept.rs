//! Effects that happen once, and state, in a call that is made again for every
//! answer.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Context;
use crate::error::{Error, Result};

impl Context {
    /// Runs `effect` in the first round of the call only; later rounds get
    /// what it gave then.
    ///
    /// A call that asks something is made again from its start with the
    /// answer, so an effect that comes before a question belongs in here. Its
    /// result rides in the state: keep it small.
    ///
    /// ```
    /// use bulkhead_sdk::prelude::*;
    ///
    /// /// Books the table that the guest confirms.
    /// #[tool]
    /// fn book(ctx: &Context) -> Result<String> {
    ///     let number = ctx.once("number", || Ok(ctx.kv()?.increment("bookings", 1)?))?;
    ///     ctx.roots("rooms")?;
    ///     Ok(format!("booking {number}"))
    /// }
    ///
    /// let harness = Harness::new().answer("rooms", json!({"roots": []}));
    /// assert_eq!(harness.tool::<book>(json!({}))?.all_text(), "booking 1");
    /// assert_eq!(harness.rounds(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn once<T, F>(&self, key: &str, effect: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> Result<T>,
    {
        let before = self.memory.open(self.call.state.as_deref())?.once.get(key).cloned();
        if let Some(before) = before {
            return Ok(serde_json::from_value(before)?);
        }
        let value = effect()?;
        let kept = serde_json::to_value(&value)?;
        self.memory.open(self.call.state.as_deref())?.once.insert(key.to_owned(), kept);
        Ok(value)
    }

    /// What an earlier round of this call kept with
    /// [`set_state`](Self::set_state).
    pub fn state<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let state = self.memory.open(self.call.state.as_deref())?.state.clone();
        Ok(state.map(serde_json::from_value).transpose()?)
    }

    /// Keeps `state` for the next round of this call. The host seals it, so a
    /// client can neither read nor alter it.
    pub fn set_state(&self, state: &impl Serialize) -> Result<()> {
        let state = serde_json::to_value(state)?;
        self.memory.open(self.call.state.as_deref())?.state = Some(state);
        Ok(())
    }

    /// Goes on as a task: returns at once in a call that runs as one, and
    /// otherwise ends this round, so let it pass with `?`.
    ///
    /// A client that follows no tasks gets [`Error::MissingCapability`]; look
    /// at [`client`](Self::client) first where the work can also be done
    /// directly.
    pub fn become_task(&self) -> Result<()> {
        if self.call.as_task {
            Ok(())
        } else if self.call.client.tasks {
            Err(Error::BecomeTask)
        } else {
            Err(Error::missing_capability(|need| need.tasks = true))
        }
    }

    /// The state for the next round.
    pub(crate) fn sealed_state(&self) -> Result<Option<String>> {
        self.memory.seal(self.call.state.as_deref())
    }
}

//! Whether there is room for what is asked, before anything is done for it.

use std::time::Instant;

use bulkhead_base::Operation;
use bulkhead_protocol::Fault;
use bulkhead_registry::Snapshot;

use super::{
    allowance::{Share, UsedUp},
    ask::Asker,
    dispatch::Stop,
};
use crate::render::{Failed, crowded};

fn used_up(_: UsedUp) -> Fault {
    crowded("the server is busy, try again").status(429)
}

impl Asker<'_> {
    /// The share of what the caller may ask for, of a request that calls no plugin.
    pub(super) fn share(&self) -> Result<Share, Stop> {
        Ok(self.host.allowances.take(&self.caller.principal).map_err(used_up)?)
    }

    /// Takes of the caller's rate alone, for a request about calls under way.
    pub(super) fn pay(&self) -> Result<(), Fault> {
        self.host.allowances.pay(&self.caller.principal).map_err(used_up)
    }

    /// Whether the plugin has room for the call: who would be turned away at its
    /// gate is turned away here, with nothing checked and nothing intended yet.
    pub(super) fn knock(&self, snapshot: &Snapshot, operation: &Operation) -> Result<(), Failed> {
        let Some(plugin) = snapshot.plugin(&operation.plugin) else { return Ok(()) };
        if plugin.compiled().has_room() {
            return Ok(());
        }
        Err(Failed::Crowded { is_news: plugin.voice().is_news("crowd", operation.plugin.as_str(), Instant::now()) })
    }
}

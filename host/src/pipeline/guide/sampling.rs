//! Sampling parameters: what a caller sets for a root, plugins and sampling requests of that root are given.

use bulkhead_policy::Right;
use bulkhead_protocol::{json::Json, read_sampling, write, write_sampling};

use crate::{
    pipeline::{ask::Asker, dispatch::Stop},
    render::root_trouble,
};

/// Members of the parameters that set none.
const BESIDES: [&str; 3] = ["rootId", "context", "_meta"];

impl Asker<'_> {
    /// Changes what is named, and answers with all that is set then. `null`
    /// takes a parameter away.
    pub(super) async fn update_sampling(&self, root_id: Option<&str>, parameters: Json<'_>) -> Result<String, Stop> {
        self.demand(&Right::Sampling)?;
        if root_id.is_some() {
            self.demand(&Right::Root)?;
        }
        let change = read_sampling(parameters, "params", &BESIDES)?;
        let set = self.host.roots.set_sampling(self.caller.principal.id(), root_id, change).await;
        let sampling = set.map_err(|error| self.told(root_trouble(error, "params.rootId")))?;
        Ok(write::guide_answer(self.id(), |slot| slot.raw(&write_sampling(&sampling))))
    }
}

//! Sampling parameters: what a caller sets for a root, plugins and sampling requests of that root are given.

use bulkhead_protocol::json::Json;

use crate::pipeline::{ask::Asker, dispatch::Stop};

impl Asker<'_> {
    pub(super) async fn update_sampling(&self, _root_id: Option<&str>, _parameters: Json<'_>) -> Result<String, Stop> {
        Err(self.not_built().into())
    }
}

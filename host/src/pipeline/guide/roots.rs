//! Roots: isolated context trees of one caller.

use bulkhead_protocol::json::Json;

use crate::pipeline::{ask::Asker, dispatch::Stop};

impl Asker<'_> {
    pub(super) async fn create_root(&self, _options: Option<Json<'_>>) -> Result<String, Stop> {
        Err(self.not_built().into())
    }

    pub(super) async fn close_root(&self, _root_id: &str) -> Result<String, Stop> {
        Err(self.not_built().into())
    }

    pub(super) async fn list_roots(&self) -> Result<String, Stop> {
        Err(self.not_built().into())
    }
}

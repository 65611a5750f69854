//! The server's manifest: what of the listings is whose, signed.
//!
//! **Invariant:** it takes what the endpoint takes, and names what the same
//! caller is listed, no more.

use bulkhead_base::OperationKind;
use bulkhead_policy::may_list;
use http::HeaderMap;
use jiff::Timestamp;

use super::Host;
use crate::{
    manifest::{Document, View},
    render::HeadProblem,
    transport::service::{Service as _, TurnedAway},
};

impl Host {
    pub(super) async fn own_manifest(&self, headers: &HeaderMap) -> Result<Document, TurnedAway> {
        let caller = self.admit(headers).await?.principal;
        let (terms, snapshot) = (self.terms.load_full(), self.registry.snapshot());
        let may = |kind, item: &str| may_list(&caller, kind, item);
        let (tools, prompts) = (snapshot.catalogue.tools.items(), snapshot.catalogue.prompts.items());
        let templates = snapshot.catalogue.templates.items().iter().map(AsRef::as_ref);
        let tools = tools.iter().map(AsRef::as_ref);
        let prompts = prompts.iter().map(AsRef::as_ref);
        let view = View {
            snapshot: &snapshot,
            tools: tools.filter(|tool| may(OperationKind::CallTool, tool.dotted())).collect(),
            prompts: prompts.filter(|prompt| may(OperationKind::GetPrompt, prompt.dotted())).collect(),
            templates: templates
                .filter(|template| may(OperationKind::ListResource, &template.contract.uri_template))
                .collect(),
            url: terms.public_url.as_deref(),
        };
        let absent =
            || TurnedAway { status: HeadProblem::Path.status(), challenge: None, body: HeadProblem::Path.body() };
        self.manifests.of(&view, Timestamp::now()).ok_or_else(absent)
    }
}

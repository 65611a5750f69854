//! The guide's dialect: the `mcp.<category>.<action>` methods.
//!
//! They decode to the requests of MCP and take the same steps; what is here is
//! what only the guide has, and the shapes of its answers.
//!
//! **Invariant:** no plugin is reached past `permit`, and nothing that MCP
//! refuses is had by another name.

mod events;
mod listing;
mod operator;
mod prompts;
mod resources;
mod roots;
mod sampling;
mod tools;
mod walk;

use bulkhead_policy::Right;
use bulkhead_protocol::{Fault, GuideRequest, Request};

use super::{
    ask::{Asker, answered},
    dispatch::Stop,
};
use crate::{
    render::lacks_right,
    transport::{service::Reply, slots::Slot},
};

impl Asker<'_> {
    /// Answers a request of the guide's dialect.
    pub(super) async fn dispatch_guide(&self, slot: &mut Option<Slot>) -> Result<Reply, Stop> {
        let frame = match &self.call.request {
            Request::ListTools { .. } => self.guide_tools(),
            Request::CallTool { name, arguments, .. } => self.guide_invoke(name, *arguments).await?,
            Request::ListResources { .. } => self.guide_resources().await?,
            Request::ReadResource { resource, .. } => self.guide_read(resource).await?,
            Request::WriteResource { resource, content, if_match } => {
                self.guide_write(resource, content, if_match.as_deref()).await?
            }
            Request::ListPrompts { .. } => self.guide_prompts()?,
            Request::GetPrompt { name, arguments, .. } => self.guide_prompt(name, arguments).await?,
            Request::Guide(request) => return self.dispatch_guides_own(request, slot).await,
            _ => return Err(Fault::method_not_found(self.era(), &self.call.method).into()),
        };
        Ok(answered(frame))
    }

    /// What MCP has no name for.
    async fn dispatch_guides_own(&self, request: &GuideRequest<'_>, slot: &mut Option<Slot>) -> Result<Reply, Stop> {
        let _share = match request {
            GuideRequest::SubscribeEvents { .. } => None,
            _ => Some(self.share()?),
        };
        let frame = match request {
            GuideRequest::UpdateSampling { root_id, parameters } => {
                self.update_sampling(root_id.as_deref(), *parameters).await?
            }
            GuideRequest::CreateRoot { options } => self.create_root(*options).await?,
            GuideRequest::CloseRoot { root_id } => self.close_root(root_id).await?,
            GuideRequest::ListRoots => self.list_roots().await?,
            GuideRequest::Routing => self.routing(),
            GuideRequest::SetRouting { routes } => self.set_routing(routes)?,
            GuideRequest::TrustRegistry => self.trust_registry()?,
            GuideRequest::SubscribeEvents { events, uris } => {
                // Waiting for news is no call under way.
                drop(slot.take());
                return self.subscribe_events(events.as_deref(), uris).await;
            }
        };
        if changes(request) {
            self.docket.changed();
        }
        Ok(answered(frame))
    }

    /// Goes on only if the caller holds a right that is no operation on an item.
    pub(super) fn demand(&self, right: &Right) -> Result<(), Fault> {
        let holds = self.caller.principal.access().holds(right);
        self.docket.right(&right.to_string(), holds);
        if holds {
            return Ok(());
        }
        let (fault, log) = lacks_right(&self.caller.principal, right);
        tracing::warn!(method = %self.call.method, "{log}");
        Err(fault)
    }
}

/// Whether the request changes what the server keeps for its caller.
const fn changes(request: &GuideRequest<'_>) -> bool {
    use GuideRequest::{CloseRoot, CreateRoot, SetRouting, UpdateSampling};
    matches!(request, UpdateSampling { .. } | CreateRoot { .. } | CloseRoot { .. } | SetRouting { .. })
}

//! `mcp.tools.list` and `mcp.tool.invoke`.

use bulkhead_base::OperationKind;
use bulkhead_protocol::{Fault, Retry, json::Json, write};
use tracing::Instrument as _;

use crate::{
    admin::Kind,
    pipeline::{ask::Asker, dispatch::Stop, tasks::lacks_tasks, tools::Called},
    render::{Metadata, Output, invoked},
};

impl Asker<'_> {
    pub(super) fn guide_tools(&self) -> String {
        let snapshot = self.snapshot();
        let tools = snapshot.catalogue.tools.items().iter();
        let shown = tools.filter(|tool| self.may_see(OperationKind::CallTool, tool.dotted()));
        write::guide_answer(self.id(), |slot| slot.array(|list| shown.for_each(|tool| list.raw(&tool.guide))))
    }

    pub(super) async fn guide_invoke(&self, name: &str, arguments: Option<Json<'_>>) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let tool = snapshot.catalogue.tools.find(name).ok_or_else(|| Fault::invalid_params("unknown tool"))?;
        let errand = self.errand(Kind::Tool)?;
        let span = self.span(&errand, &tool.operation());
        let called = self.tool(&errand, &snapshot, tool, arguments, &Retry::default()).instrument(span).await?;
        let metadata = Metadata { took: errand.took(), plugin: &tool.plugin, call: errand.id, noted: &errand.noted };
        Ok(match &called {
            Called::Answered(read) => invoked(self.id(), &Output::Read(read), &metadata),
            Called::Failed(text) => invoked(self.id(), &Output::Failed(text), &metadata),
            // Nobody of this dialect follows tasks, or is handed questions.
            Called::Task(_) => return Err(lacks_tasks().into()),
            Called::Asked(_) => return Err(crate::render::unasked().into()),
        })
    }
}

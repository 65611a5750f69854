//! `tools/call`.

use bulkhead_package::{Capability, TaskSupport};
use bulkhead_protocol::{ClientCapabilities, Fault, Retry, check_headers, json::Json};
use bulkhead_registry::{Snapshot, ToolEntry};
use bulkhead_sandbox::{
    Ask,
    answer::{Outcome, ToolReply, ToolResult},
};
use tracing::Instrument as _;

use super::{
    ask::{Asker, origin},
    dispatch::Stop,
    invoke::{Errand, Round},
};
use crate::{
    admin::{Ending, Kind},
    render::{Client, Failed, ReadTool, tool_error},
};

impl Asker<'_> {
    pub(super) async fn call_tool(
        &self,
        name: &str,
        arguments: Option<Json<'_>>,
        retry: &Retry<'_>,
    ) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let Some(tool) = snapshot.catalogue.tools.find(name) else {
            return Err(Fault::invalid_params("unknown tool").into());
        };
        let errand = self.errand(Kind::Tool)?;
        let span = self.span(&errand, &tool.operation());
        self.tool(&errand, &snapshot, tool, arguments, retry).instrument(span).await
    }

    async fn tool(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        tool: &ToolEntry,
        arguments: Option<Json<'_>>,
        retry: &Retry<'_>,
    ) -> Result<String, Stop> {
        let permit = match self.permit(errand, &tool.operation()) {
            Ok(permit) => permit,
            Err(failed) => return self.tool_failed(errand, failed),
        };
        if let Some(fields) = self.place.fields() {
            check_headers(&tool.param_headers, arguments, &fields, self.era())?;
        }
        self.require(&tool.contract.required_capabilities)?;
        if tool.contract.task_support() == TaskSupport::Required {
            return Err(self.lacks(ClientCapabilities { tasks: true, ..ClientCapabilities::default() }).into());
        }
        let arguments = arguments.unwrap_or(Json::EMPTY_OBJECT).get();
        if let Err(violations) = tool.input.check_text(arguments) {
            errand.end(self.host, Ending::Invalid);
            let text = format!("the arguments do not fit the tool's input schema: {violations}");
            return Ok(tool_error(self.envelope(), &text, &origin(errand.id)));
        }
        let round = self.round(retry)?;
        let ask = Ask::Tool { name: tool.item.to_string(), arguments: arguments.to_owned() };
        match self.run(errand, snapshot, permit, ask, round).await {
            Ok(Outcome::Tool(reply)) => self.tool_replied(errand, tool, reply),
            Ok(_) => self.tool_failed(errand, Failed::Unfit("another kind of answer".to_owned())),
            Err(failed) => self.tool_failed(errand, failed),
        }
    }

    fn tool_replied(&self, errand: &Errand, tool: &ToolEntry, reply: ToolReply) -> Result<String, Stop> {
        match reply {
            ToolReply::Done(result) => match fitting(tool, result) {
                Ok(read) => {
                    errand.end(self.host, if read.is_error() { Ending::ToolError } else { Ending::Answered });
                    Ok(read.encode(self.envelope(), &self.call.speech, &origin(errand.id)))
                }
                Err(what) => self.tool_failed(errand, Failed::Unfit(what)),
            },
            ToolReply::InputRequired(_) => Err(self.not_asked(errand).into()),
            ToolReply::BecomeTask(_) => {
                errand.end(self.host, Ending::InputRequired);
                Err(self.lacks(ClientCapabilities { tasks: true, ..ClientCapabilities::default() }).into())
            }
        }
    }

    fn tool_failed(&self, errand: &Errand, failed: Failed) -> Result<String, Stop> {
        match errand.fail(self.host, failed).tool_text() {
            Ok(text) => Ok(tool_error(self.envelope(), &text, &origin(errand.id))),
            Err(fault) => Err(Client::Fault(fault).fault(self.era(), None, errand.id).into()),
        }
    }

    /// What the contract says its clients must be able to do.
    pub(super) fn require(&self, needed: &[Capability]) -> Result<(), Fault> {
        let can = self.call.speech.client;
        let mut lacking = ClientCapabilities::default();
        for capability in needed {
            let (has, lacks) = match capability {
                Capability::ElicitationForm => (can.elicitation_form, &mut lacking.elicitation_form),
                Capability::ElicitationUrl => (can.elicitation_url, &mut lacking.elicitation_url),
                Capability::Sampling => (can.sampling, &mut lacking.sampling),
                Capability::SamplingTools => (can.sampling_tools, &mut lacking.sampling_tools),
                Capability::Roots => (can.roots, &mut lacking.roots),
                Capability::Tasks => (can.tasks, &mut lacking.tasks),
            };
            *lacks |= !has;
        }
        if lacking == ClientCapabilities::default() { Ok(()) } else { Err(self.lacks(lacking)) }
    }

    fn lacks(&self, lacking: ClientCapabilities) -> Fault {
        Fault::missing_capability(lacking)
    }

    /// What came back of earlier questions. None are asked yet.
    pub(super) fn round(&self, retry: &Retry<'_>) -> Result<Round, Fault> {
        if retry.is_first() {
            Ok(Round::default())
        } else {
            Err(Fault::invalid_params("params.requestState: expected a state of this server"))
        }
    }

    /// The plugin wants to ask its client something, which is not built yet.
    pub(super) fn not_asked(&self, errand: &Errand) -> Fault {
        errand.end(self.host, Ending::InputRequired);
        Fault::new(
            bulkhead_protocol::code::INTERNAL_ERROR,
            "this needs input from the client, which this server cannot ask for yet",
        )
    }
}

/// The answer with its JSON read, if it is what the contract promises.
fn fitting(tool: &ToolEntry, result: ToolResult) -> Result<ReadTool, String> {
    let read = ReadTool::read(result).map_err(|error| error.to_string())?;
    let Some(schema) = tool.output.as_ref().filter(|_| !read.is_error()) else { return Ok(read) };
    let Some(structured) = read.structured() else {
        return Err("no structured content, and there is an output schema".to_owned());
    };
    match schema.check_text(structured.as_str()) {
        Ok(()) => Ok(read),
        Err(violations) => Err(format!("it does not fit its output schema: {violations}")),
    }
}

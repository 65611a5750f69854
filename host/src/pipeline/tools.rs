//! `tools/call`.

use std::borrow::Cow;

use bulkhead_package::{Capability, TaskSupport};
use bulkhead_protocol::{ClientCapabilities, Era, Fault, Retry, check_headers, json::Json};
use bulkhead_registry::{Snapshot, ToolEntry};
use bulkhead_sandbox::{
    Ask,
    undefended::{Defence, switched_off},
};
use tracing::Instrument as _;

use super::{
    ask::Asker,
    converse::{Settled, State, Step, Talk, Trouble},
    dispatch::Stop,
    heard::Heard,
    invoke::Errand,
    tasks::{Tasks, lacks_tasks},
};
use crate::{
    admin::{Ending, Kind},
    render::{Client, Failed, ReadTool, no_tasks, tool_error},
    transport::slots::Slot,
};

/// How a call came out.
pub(super) enum Called {
    /// The tool's own answer, a failure of its own included.
    Answered(ReadTool),
    /// There is none, and its model may try something else: what it is told.
    Failed(Cow<'static, str>),
    /// The client is handed questions: a whole frame.
    Asked(String),
    /// It goes on as a task, from this state.
    Task(State),
}

impl Asker<'_> {
    pub(super) async fn call_tool(
        &self,
        name: &str,
        arguments: Option<Json<'_>>,
        retry: &Retry<'_>,
        slot: &mut Option<Slot>,
    ) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let Some(tool) = snapshot.catalogue.tools.find(name) else {
            return Err(Fault::invalid_params("unknown tool").into());
        };
        let errand = self.errand(Kind::Tool)?;
        let span = self.span(&errand, &tool.operation());
        Ok(match self.tool(&errand, &snapshot, tool, arguments, retry).instrument(span.clone()).await? {
            Called::Answered(read) => read.encode(self.envelope(), &self.call.speech, &errand.origin()),
            Called::Failed(text) => tool_error(self.envelope(), &text, &errand.origin()),
            Called::Asked(frame) => frame,
            Called::Task(state) => {
                let begun = self.become_task(self.must_follow_tasks()?, &errand, tool, state, slot.take());
                begun.instrument(span).await?
            }
        })
    }

    /// The call itself, up to what every dialect then words in its own way.
    pub(super) async fn tool(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        tool: &ToolEntry,
        arguments: Option<Json<'_>>,
        retry: &Retry<'_>,
    ) -> Result<Called, Stop> {
        let operation = tool.operation();
        let permit = match self.permit(errand, &operation) {
            Ok(permit) => permit,
            Err(failed) => return self.tool_failed(errand, failed),
        };
        if let Err(failed) = self.knock(snapshot, &operation) {
            return self.tool_failed(errand, failed);
        }
        if let Some(fields) = self.place.fields() {
            check_headers(&tool.param_headers, arguments, &fields, self.era())?;
        }
        self.require(&tool.contract.required_capabilities)?;
        if tool.contract.task_support() == TaskSupport::Required {
            self.must_follow_tasks()?;
        }
        let arguments = arguments.unwrap_or(Json::EMPTY_OBJECT).get();
        if let Err(violations) = tool.input.check_text(arguments)
            && !switched_off(Defence::Arguments)
        {
            errand.end(Ending::Invalid);
            let text = format!("the arguments do not fit the tool's input schema: {violations}");
            return Ok(Called::Failed(text.into()));
        }
        let talk = Talk {
            errand,
            snapshot,
            operation: &operation,
            ask: &|| Ask::Tool { name: tool.item.to_string(), arguments: arguments.to_owned() },
            subject: arguments,
            once: tool.contract.single_use,
        };
        let mut state = match self.resume(&talk, retry).await {
            Ok(state) => state,
            Err(trouble) => return Err(self.troubled(errand, trouble, None)),
        };
        match self.go_on(&talk, permit, &mut state, step).await {
            Ok(Settled::Done(Reply::Result(read))) => Ok(tool_done(errand, read)),
            Ok(Settled::Done(Reply::Task(kept))) => {
                state.state = kept;
                self.tool_goes_on(errand, tool, state)
            }
            Ok(Settled::Asked(frame)) => Ok(Called::Asked(frame)),
            Err(Trouble::Failed(failed)) => self.tool_failed(errand, failed),
            Err(Trouble::Fault(fault)) => Err(errand.noted.told(fault).into()),
        }
    }

    /// The plugin wants the call to go on as a task.
    fn tool_goes_on(&self, errand: &Errand, tool: &ToolEntry, state: State) -> Result<Called, Stop> {
        if tool.contract.task_support() == TaskSupport::Forbidden {
            let what = "it wants to run as a task, and its contract does not say so".to_owned();
            return self.tool_failed(errand, Failed::Unfit(what));
        }
        self.must_follow_tasks()?;
        Ok(Called::Task(state))
    }

    /// The tasks, for a call that cannot go on without.
    fn must_follow_tasks(&self) -> Result<&Tasks, Fault> {
        let declared = self.era() == Era::Modern && self.call.speech.client.tasks;
        self.tasks().ok_or_else(|| if declared { no_tasks() } else { lacks_tasks() })
    }

    fn tool_failed(&self, errand: &Errand, failed: Failed) -> Result<Called, Stop> {
        match errand.fail(failed).tool_text() {
            Ok(text) => Ok(Called::Failed(text)),
            Err(fault) => Err(errand.noted.told(Client::Fault(fault).fault(self.era(), None, errand.id)).into()),
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
        if lacking == ClientCapabilities::default() { Ok(()) } else { Err(Fault::missing_capability(lacking)) }
    }
}

/// What a tool's reply comes to.
enum Reply {
    Result(ReadTool),
    /// It wants to go on as a task, with this state.
    Task(Option<String>),
}

fn step(heard: Heard) -> Option<Step<Reply>> {
    match heard {
        Heard::Tool(read) => Some(Step::Done(Reply::Result(read))),
        Heard::Asks(input) => Some(Step::Ask(input)),
        Heard::BecomesTask(state) => Some(Step::Done(Reply::Task(state))),
        _ => None,
    }
}

fn tool_done(errand: &Errand, read: ReadTool) -> Called {
    errand.end(if read.is_error() { Ending::ToolError } else { Ending::Answered });
    Called::Answered(read)
}

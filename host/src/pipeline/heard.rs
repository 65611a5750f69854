//! What a plugin said, read and screened: the one way from an instance's answer
//! to what is rendered.
//!
//! **Invariant:** every kind of answer is read here, and what comes out holds
//! nothing of a plugin's that was not screened.

use std::sync::Arc;

use bulkhead_base::{Operation, OperationKind};
use bulkhead_protocol::{Request, json::Json};
use bulkhead_registry::{LoadedPlugin, Snapshot, ToolEntry};
use bulkhead_sandbox::{
    Failure, Weigh as _,
    answer::{Outcome, PromptReply, ReadReply, ToolReply},
    undefended::{Defence, switched_off},
};
use bulkhead_screen::Place;

use super::{ask::Asker, invoke::Errand, skills::as_signed};
use crate::{
    render::{Failed, ReadCompletion, ReadError, ReadInput, ReadPage, ReadPrompt, ReadReading, ReadTool},
    screening::{About, Listener, Screened, Sieve, Unfit},
};

/// What a call ended with.
pub(super) enum Heard {
    Tool(ReadTool),
    /// The tool wants to go on as a task, with this state.
    BecomesTask(Option<String>),
    /// It wants to ask its client first.
    Asks(ReadInput),
    Read(ReadReading),
    /// The new etag.
    Written(Screened),
    Listed(ReadPage),
    Prompt(ReadPrompt),
    Completed(ReadCompletion),
}

/// One call, as what is said in it is heard.
pub(super) struct Hearing<'a> {
    listener: Listener<'a>,
    snapshot: &'a Snapshot,
    operation: &'a Operation,
    tool: Option<&'a Arc<ToolEntry>>,
    arguments: &'a str,
}

impl<'a> Hearing<'a> {
    /// Of a call of `plugin`.
    pub(super) fn new(
        asker: &'a Asker<'a>,
        errand: &'a Errand,
        snapshot: &'a Snapshot,
        plugin: &'a Arc<LoadedPlugin>,
        operation: &'a Operation,
    ) -> Result<Self, Failed> {
        let is_tool = operation.kind == OperationKind::CallTool;
        let tool = snapshot.catalogue.tools.find(&operation.item).filter(|_| is_tool);
        let named = tool.map(|tool| tool.dotted());
        let listener = Listener::new(&asker.host.screening, &asker.host.alerts, plugin, named, &errand.noted)?;
        let arguments = match &asker.call.request {
            Request::CallTool { arguments, .. } => arguments.unwrap_or(Json::EMPTY_OBJECT).get(),
            _ => &operation.item,
        };
        Ok(Self { listener, snapshot, operation, tool, arguments })
    }

    /// For what is said on the way.
    pub(super) const fn listener(&self) -> &Listener<'a> {
        &self.listener
    }

    /// Reads how the call ended.
    pub(super) fn hear(&self, ended: Result<Outcome, Failed>) -> Result<Heard, Failed> {
        match ended {
            Ok(outcome) => self.listener.hear(&self.answer(outcome.weight()), |sieve| self.read(outcome, sieve)),
            Err(Failed::Sandbox(Failure::Plugin(error))) => {
                let read = self.listener.hear(&self.answer(error.weight()), |sieve| ReadError::read(error, sieve));
                Err(read.map_or_else(|refused| refused, Failed::Plugin))
            }
            Err(failed) => Err(failed),
        }
    }

    fn answer(&self, bytes: usize) -> About<'_> {
        About::Answer { item: &self.operation.item, arguments: self.arguments, bytes }
    }

    fn read(&self, outcome: Outcome, sieve: &mut Sieve<'_>) -> Result<Heard, Unfit> {
        Ok(match outcome {
            Outcome::Tool(ToolReply::Done(result)) => {
                Heard::Tool(ReadTool::read(result, |structured| fits(self.tool, structured), sieve)?)
            }
            Outcome::Tool(ToolReply::BecomeTask(state)) => Heard::BecomesTask(state),
            Outcome::Tool(ToolReply::InputRequired(input))
            | Outcome::Read(ReadReply::InputRequired(input))
            | Outcome::Prompt(PromptReply::InputRequired(input)) => Heard::Asks(ReadInput::read(input, sieve)?),
            Outcome::Read(ReadReply::Done(reading)) => {
                let uri = &self.operation.item;
                let reading = as_signed(self.snapshot, uri, reading).map_err(Unfit::Contract)?;
                let is_signed = self.snapshot.catalogue.skill_files.find(uri).is_some();
                // A skill tells a model what to do, as its operator accepted it.
                let place = if is_signed { Place::Prompt } else { Place::Resource };
                let read = ReadReading::read(reading, place, sieve)?;
                if is_signed && sieve.has_cleaned() {
                    return Err(Unfit::Contract(format!(
                        "{uri} holds characters that are not seen, and cannot be served as it was signed"
                    )));
                }
                Heard::Read(read)
            }
            Outcome::Written(etag) => Heard::Written(sieve.text(Place::Uri, etag)?),
            Outcome::Listed(page) => Heard::Listed(ReadPage::read(page, sieve)?),
            Outcome::Prompt(PromptReply::Done(result)) => Heard::Prompt(ReadPrompt::read(result, sieve)?),
            Outcome::Completed(completion) => Heard::Completed(ReadCompletion::read(completion, sieve)?),
        })
    }
}

/// Whether a tool's structured answer is what its contract promises.
fn fits(tool: Option<&Arc<ToolEntry>>, structured: Option<&bulkhead_protocol::json::Compact>) -> Result<(), String> {
    let Some(schema) = tool.and_then(|tool| tool.output.as_ref()) else { return Ok(()) };
    let Some(structured) = structured else {
        return Err("no structured content, and there is an output schema".to_owned());
    };
    match schema.check_text(structured.as_str()) {
        Ok(()) => Ok(()),
        Err(_) if switched_off(Defence::Schema) => Ok(()),
        Err(violations) => Err(format!("it does not fit its output schema: {violations}")),
    }
}

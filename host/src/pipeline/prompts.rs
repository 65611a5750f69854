//! `prompts/get`.

use std::{borrow::Cow, sync::Arc};

use bulkhead_prompts::{Message, Prompt};
use bulkhead_protocol::{Fault, Retry, json::Compact};
use bulkhead_registry::{PromptEntry, PromptSource, Snapshot};
use bulkhead_sandbox::Ask;
use tracing::Instrument as _;

use super::{
    ask::Asker,
    converse::{Settled, Step, Talk, Trouble},
    dispatch::Stop,
    heard::Heard,
    invoke::Errand,
};
use crate::{
    admin::{Ending, Kind},
    render::{Failed, ReadPrompt, filled_prompt},
};

pub(super) type Arguments<'a> = [(Cow<'a, str>, Cow<'a, str>)];

/// What came of asking for a prompt.
pub(super) enum Got {
    /// A plugin filled it.
    Read(ReadPrompt),
    /// The host did.
    Filled(Vec<Message>),
    /// The client is handed questions: a whole frame.
    Asked(String),
}

impl Asker<'_> {
    pub(super) async fn get_prompt(
        &self,
        name: &str,
        arguments: &Arguments<'_>,
        retry: &Retry<'_>,
    ) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let Some(prompt) = snapshot.catalogue.prompts.find(name) else {
            return Err(Fault::invalid_params("unknown prompt").into());
        };
        let errand = self.errand(Kind::Prompt)?;
        let span = self.span(&errand, &prompt.operation());
        let got = self.prompt(&errand, &snapshot, prompt, arguments, &[], retry).instrument(span).await?;
        let origin = errand.origin();
        Ok(match got {
            Got::Read(read) => read.encode(self.envelope(), self.call.speech.revision, &origin),
            Got::Filled(messages) => {
                filled_prompt(self.envelope(), prompt.contract.description.as_deref(), &messages, &origin)
            }
            Got::Asked(frame) => frame,
        })
    }

    /// Decides, and has the prompt filled by whoever does. An argument may also
    /// be one of `steps`.
    pub(super) async fn prompt(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        prompt: &PromptEntry,
        arguments: &Arguments<'_>,
        steps: &[&Arc<Prompt>],
        retry: &Retry<'_>,
    ) -> Result<Got, Stop> {
        let operation = prompt.operation();
        let permit = self.permit(errand, &operation).map_err(|failed| self.failed(errand, failed, None))?;
        self.require(&prompt.contract.required_capabilities)?;
        if let Err(fault) = complete(prompt, arguments) {
            errand.end(Ending::Invalid);
            return Err(fault.into());
        }
        let pairs = owned(arguments);
        let item = match &prompt.source {
            PromptSource::Plugin { item, .. } => item,
            PromptSource::Template(template) => return self.fill_template(errand, template, steps, pairs).await,
        };
        let subject = Compact::write(|object| pairs.iter().for_each(|(key, value)| object.str(key, value)));
        let talk = Talk {
            errand,
            snapshot,
            operation: &operation,
            ask: &|| Ask::Prompt { name: item.to_string(), arguments: pairs.clone() },
            subject: subject.as_str(),
            once: false,
        };
        let read = match self.converse(&talk, permit, retry, step).await {
            Ok(Settled::Done(read)) => read,
            Ok(Settled::Asked(frame)) => return Ok(Got::Asked(frame)),
            Err(trouble) => return Err(self.troubled(errand, trouble, None)),
        };
        errand.end(Ending::Answered);
        Ok(Got::Read(read))
    }

    pub(super) fn troubled(&self, errand: &Errand, trouble: Trouble, uri: Option<&str>) -> Stop {
        match trouble {
            Trouble::Failed(failed) => self.failed(errand, failed, uri),
            Trouble::Fault(fault) => errand.noted.told(fault).into(),
        }
    }

    /// A failure where there is no tool whose result could carry it.
    pub(super) fn failed(&self, errand: &Errand, failed: Failed, uri: Option<&str>) -> Stop {
        errand.fault(failed, self.era(), uri).into()
    }
}

fn step(heard: Heard) -> Option<Step<ReadPrompt>> {
    match heard {
        Heard::Prompt(read) => Some(Step::Done(read)),
        Heard::Asks(input) => Some(Step::Ask(input)),
        _ => None,
    }
}

/// Every argument that the contract requires is there.
fn complete(prompt: &PromptEntry, arguments: &Arguments<'_>) -> Result<(), Fault> {
    let given = |name: &str| arguments.iter().any(|(key, _)| key == name);
    let missing = prompt.contract.arguments.iter().find(|argument| argument.required && !given(&argument.name));
    match missing {
        Some(argument) => {
            Err(Fault::invalid_params(format!("params.arguments.{}: the argument is required", argument.name)))
        }
        None => Ok(()),
    }
}

/// Pairs that outlive the frame they came in.
pub(super) fn owned(pairs: &Arguments<'_>) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

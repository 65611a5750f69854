//! `prompts/get`.

use std::borrow::Cow;

use bulkhead_protocol::{Fault, Retry};
use bulkhead_registry::{PromptEntry, Snapshot};
use bulkhead_sandbox::{
    Ask,
    answer::{Outcome, PromptReply},
};
use tracing::Instrument as _;

use super::{
    ask::{Asker, origin},
    dispatch::Stop,
    invoke::Errand,
};
use crate::{
    admin::{Ending, Kind},
    render::{Failed, ReadPrompt},
};

type Arguments<'a> = [(Cow<'a, str>, Cow<'a, str>)];

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
        self.prompt(&errand, &snapshot, prompt, arguments, retry).instrument(span).await
    }

    async fn prompt(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        prompt: &PromptEntry,
        arguments: &Arguments<'_>,
        retry: &Retry<'_>,
    ) -> Result<String, Stop> {
        let permit = self.permit(errand, &prompt.operation()).map_err(|failed| self.failed(errand, failed, None))?;
        self.require(&prompt.contract.required_capabilities)?;
        if let Err(fault) = complete(prompt, arguments) {
            errand.end(self.host, Ending::Invalid);
            return Err(fault.into());
        }
        let round = self.round(retry)?;
        let ask = Ask::Prompt { name: prompt.item.to_string(), arguments: owned(arguments) };
        let outcome = self.run(errand, snapshot, permit, ask, round).await;
        let unfit = |what: String| self.failed(errand, Failed::Unfit(what), None);
        match outcome.map_err(|failed| self.failed(errand, failed, None))? {
            Outcome::Prompt(PromptReply::Done(result)) => {
                let read = ReadPrompt::read(result).map_err(|error| unfit(error.to_string()))?;
                errand.end(self.host, Ending::Answered);
                Ok(read.encode(self.envelope(), self.call.speech.revision, &origin(errand.id)))
            }
            Outcome::Prompt(PromptReply::InputRequired(_)) => Err(self.not_asked(errand).into()),
            _ => Err(unfit("another kind of answer".to_owned())),
        }
    }

    /// A failure where there is no tool whose result could carry it.
    pub(super) fn failed(&self, errand: &Errand, failed: Failed, uri: Option<&str>) -> Stop {
        errand.fail(self.host, failed).fault(self.era(), uri, errand.id).into()
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

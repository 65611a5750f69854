//! Prompts in the guide's words: a tree of steps, each with its parameters.

use std::sync::Arc;

use bulkhead_base::Sampling;
use bulkhead_prompts::Message;
use bulkhead_protocol::{
    RequestId, Revision,
    write::{Object, guide_answer},
    write_sampling,
};
use bulkhead_registry::{PromptEntry, PromptSource};

use super::{ReadPrompt, filled_messages};
use crate::screening::Noted;

/// One step of a prompt.
pub struct FilledStep {
    /// Its dotted name.
    pub prompt: Arc<str>,
    pub sampling: Sampling,
    /// The messages, or the arguments that they would need.
    pub messages: Result<Vec<Message>, Vec<String>>,
}

/// The messages of a prompt, whoever filled it.
pub enum GuidePrompt<'a> {
    Read(&'a ReadPrompt),
    Filled(&'a [Message]),
}

/// The answer to `mcp.prompt.list`.
#[must_use]
pub fn listed_prompts<'a>(id: &RequestId, prompts: impl Iterator<Item = (&'a PromptEntry, Vec<Arc<str>>)>) -> String {
    guide_answer(id, |slot| {
        slot.array(|list| {
            for (prompt, steps) in prompts {
                list.object(|out| entry(out, prompt, &steps));
            }
        });
    })
}

fn entry(out: &mut Object<'_>, prompt: &PromptEntry, steps: &[Arc<str>]) {
    let contract = &prompt.contract;
    out.str("promptId", prompt.dotted());
    out.maybe_str("title", contract.title.as_deref());
    out.maybe_str("description", contract.description.as_deref());
    out.array("arguments", |list| {
        for argument in &contract.arguments {
            list.object(|out| {
                out.str("name", &argument.name);
                out.maybe_str("title", argument.title.as_deref());
                out.maybe_str("description", argument.description.as_deref());
                out.bool("required", argument.required);
            });
        }
    });
    if let PromptSource::Template(template) = &prompt.source {
        if let Some(parent) = template.parent() {
            out.str("parentId", &format!("{}.{parent}", bulkhead_prompts::PREFIX));
        }
        out.raw("sampling", &write_sampling(template.sampling()));
    }
    out.array("steps", |list| steps.iter().for_each(|step| list.str(step)));
}

impl GuidePrompt<'_> {
    /// The answer to `mcp.prompt.get`.
    #[must_use]
    pub fn encode(
        &self,
        id: &RequestId,
        prompt: &PromptEntry,
        sampling: &Sampling,
        steps: &[FilledStep],
        noted: &Noted,
    ) -> String {
        guide_answer(id, |slot| {
            slot.object(|out| {
                out.str("promptId", prompt.dotted());
                out.maybe_str("description", prompt.contract.description.as_deref());
                out.array("messages", |array| match self {
                    Self::Read(read) => read.messages(array, Revision::Guide),
                    Self::Filled(messages) => filled_messages(array, messages),
                });
                out.raw("sampling", &write_sampling(sampling));
                out.array("steps", |list| steps.iter().for_each(|step| list.object(|out| step.write(out))));
                noted.write_beside(out);
            });
        })
    }
}

impl FilledStep {
    fn write(&self, out: &mut Object<'_>) {
        out.str("promptId", &self.prompt);
        match &self.messages {
            Ok(messages) => out.array("messages", |array| filled_messages(array, messages)),
            Err(missing) => out.array("missing", |array| missing.iter().for_each(|name| array.str(name))),
        }
        out.raw("sampling", &write_sampling(&self.sampling));
    }
}

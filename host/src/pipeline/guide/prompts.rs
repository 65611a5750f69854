//! Prompts, in the guide's words: the tree, and one prompt with all its steps.

use std::sync::Arc;

use bulkhead_base::{ByteSize, OperationKind};
use bulkhead_policy::may_list;
use bulkhead_prompts::{PREFIX, Prompt};
use bulkhead_protocol::{Fault, Retry};
use bulkhead_registry::{PromptEntry, PromptSource, Snapshot};
use bulkhead_sandbox::Failure;
use tracing::Instrument as _;

use crate::{
    admin::Kind,
    pipeline::{
        ask::Asker,
        dispatch::Stop,
        fill::fill,
        invoke::Errand,
        prompts::{Arguments, Got, owned},
    },
    render::{Failed, FilledStep, GuidePrompt, listed_prompts, root_trouble, unasked},
};

/// Text of all steps of one prompt together. Answers "an argument of a megabyte,
/// in every one of a hundred steps".
const MOST_TEXT: ByteSize = ByteSize::mib(4);

impl Asker<'_> {
    pub(super) fn guide_prompts(&self) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let prompts = snapshot.catalogue.prompts.items().iter();
        let shown = prompts.filter(|prompt| self.may_see(OperationKind::GetPrompt, prompt.dotted()));
        let with_steps = shown.map(|prompt| {
            let steps = match &prompt.source {
                PromptSource::Template(template) => snapshot.catalogue.library().below(template),
                PromptSource::Plugin { .. } => Vec::new(),
            };
            let steps = steps.into_iter().filter(|step| self.may_get(step)).map(|step| dotted(step));
            (&**prompt, steps.collect())
        });
        Ok(listed_prompts(self.id(), with_steps))
    }

    /// The prompt with all its steps. The root that the call is under moves on
    /// to it.
    pub(super) async fn guide_prompt(&self, name: &str, arguments: &Arguments<'_>) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let prompt = snapshot.catalogue.prompts.find(name).ok_or_else(|| Fault::invalid_params("unknown prompt"))?;
        let errand = self.errand(Kind::Prompt)?;
        let span = self.span(&errand, &prompt.operation());
        self.prompt_with_steps(&errand, &snapshot, prompt, arguments).instrument(span).await
    }

    async fn prompt_with_steps(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        prompt: &PromptEntry,
        arguments: &Arguments<'_>,
    ) -> Result<String, Stop> {
        let failed = |failed| self.failed(errand, failed, None);
        let ground = self.ground().await.map_err(failed)?;
        let own = self.own_settings().map_err(failed)?;
        let template = match &prompt.source {
            PromptSource::Template(template) => Some(template),
            PromptSource::Plugin { .. } => None,
        };
        let steps = template.map(|template| snapshot.catalogue.library().steps(template)).unwrap_or_default();
        let steps: Vec<&Arc<Prompt>> = steps.into_iter().filter(|step| self.may_get(step)).collect();
        let got = self.prompt(errand, snapshot, prompt, arguments, &steps, &Retry::default()).await?;
        let effective = |template: &Prompt| own.over(template.sampling()).over(&ground.sampling);
        let mut filled = Vec::with_capacity(steps.len());
        let mut left = MOST_TEXT.as_usize();
        for step in steps {
            let given = owned(arguments);
            let missing: Vec<String> = step.missing(&given).map(str::to_owned).collect();
            let messages = if missing.is_empty() { Ok(fill(step, given).await.map_err(failed)?) } else { Err(missing) };
            let text = messages.iter().flatten().map(|message| message.text.len()).sum();
            left = left.checked_sub(text).ok_or_else(|| failed(Failed::Sandbox(Failure::TooMuchOutput(MOST_TEXT))))?;
            filled.push(FilledStep { prompt: dotted(step), sampling: effective(step), messages });
        }
        if let Some(root) = &ground.root {
            let moved = self.host.roots.move_to(self.caller.principal.id(), &root.id, prompt.dotted()).await;
            moved.map_err(|error| failed(root_trouble(error, "params.context.rootId")))?;
        }
        let sampling = template.map_or_else(|| own.over(&ground.sampling), |template| effective(template));
        let messages = match &got {
            Got::Read(read) => GuidePrompt::Read(read),
            Got::Filled(messages) => GuidePrompt::Filled(messages),
            // Nobody of this dialect is handed questions.
            Got::Asked(_) => return Err(unasked().into()),
        };
        Ok(messages.encode(self.id(), prompt, &sampling, &filled, &errand.noted))
    }

    fn may_get(&self, step: &Prompt) -> bool {
        may_list(&self.caller.principal, OperationKind::GetPrompt, &dotted(step))
    }
}

fn dotted(prompt: &Prompt) -> Arc<str> {
    format!("{PREFIX}.{}", prompt.name()).into()
}

//! `completion/complete`.

use std::{borrow::Cow, sync::Arc};

use bulkhead_base::{Operation, OperationKind};
use bulkhead_prompts::Prompt;
use bulkhead_protocol::{CompletionTarget, Fault};
use bulkhead_registry::{PromptSource, Snapshot};
use bulkhead_sandbox::{
    Ask,
    answer::{Completion, Outcome, Reference},
};
use tracing::Instrument as _;

use super::{
    ask::Asker,
    dispatch::Stop,
    invoke::{Errand, Round},
    prompts::owned,
};
use crate::{
    admin::{Ending, Kind},
    render::Failed,
};

/// Most values that the protocol passes on.
const MOST_VALUES: usize = 100;

/// What is completed, looked up.
struct Target {
    operation: Operation,
    reference: Reference,
    source: Source,
}

/// Who suggests.
enum Source {
    Plugin,
    /// The operator's own template.
    Template(Arc<Prompt>),
    /// Nobody: the plugin has no interface for it.
    Nobody,
}

const fn plugin(suggests: bool) -> Source {
    if suggests { Source::Plugin } else { Source::Nobody }
}

fn find(snapshot: &Snapshot, target: &CompletionTarget<'_>) -> Option<Target> {
    match target {
        CompletionTarget::Prompt(name) => {
            let prompt = snapshot.catalogue.prompts.find(name)?;
            Some(Target {
                operation: prompt.operation(),
                reference: Reference::Prompt(prompt.contract.name.clone()),
                source: match &prompt.source {
                    PromptSource::Plugin { plugin: compiled, .. } => plugin(compiled.exports().completions),
                    PromptSource::Template(prompt) => Source::Template(prompt.clone()),
                },
            })
        }
        CompletionTarget::Resource(uri) => {
            let template = snapshot.catalogue.templates.find(uri)?;
            let owner = snapshot.catalogue.plugins().iter().find(|plugin| plugin.runs(&template.plugin))?;
            let item = template.contract.uri_template.as_str();
            Some(Target {
                operation: Operation {
                    kind: OperationKind::ListResource,
                    plugin: owner.name().clone(),
                    item: item.into(),
                },
                reference: Reference::Resource(item.to_owned()),
                source: plugin(template.plugin.exports().completions),
            })
        }
    }
}

impl Asker<'_> {
    pub(super) async fn complete(
        &self,
        target: &CompletionTarget<'_>,
        argument: &str,
        value: &str,
        context: &[(Cow<'_, str>, Cow<'_, str>)],
    ) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let Some(target) = find(&snapshot, target) else {
            return Err(Fault::invalid_params("params.ref: there is no such prompt or resource template").into());
        };
        let errand = self.errand(Kind::Complete)?;
        let span = self.span(&errand, &target.operation);
        let ask = Ask::Complete {
            reference: target.reference.clone(),
            argument: argument.to_owned(),
            value: value.to_owned(),
            context: owned(context),
        };
        self.suggest(&errand, &snapshot, &target, ask).instrument(span).await
    }

    async fn suggest(&self, errand: &Errand, snapshot: &Snapshot, target: &Target, ask: Ask) -> Result<String, Stop> {
        let failed = |failed| self.failed(errand, failed, None);
        let permit = self.permit(errand, &target.operation).map_err(failed)?;
        let completion = match &target.source {
            Source::Nobody => Completion { values: Vec::new(), total: None, has_more: false },
            Source::Template(prompt) => suggestions(prompt, &ask),
            Source::Plugin => match self.run(errand, snapshot, permit, ask, Round::default()).await.map_err(failed)? {
                Outcome::Completed(completion) => completion,
                _ => return Err(failed(Failed::Unfit("another kind of answer".to_owned()))),
            },
        };
        errand.end(Ending::Answered);
        Ok(self.encode(&completion))
    }

    fn encode(&self, completion: &Completion) -> String {
        self.envelope().encode(|result| {
            result.object("completion", |out| {
                out.array("values", |array| {
                    completion.values.iter().take(MOST_VALUES).for_each(|value| array.str(value));
                });
                if let Some(total) = completion.total {
                    out.slot("total").uint(total.into());
                }
                out.bool("hasMore", completion.has_more || completion.values.len() > MOST_VALUES);
            });
        })
    }
}

/// What the template's own front matter suggests.
fn suggestions(prompt: &Prompt, ask: &Ask) -> Completion {
    let values: Vec<String> = match ask {
        Ask::Complete { argument, value, .. } => prompt.suggest(argument, value).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    Completion { total: u32::try_from(values.len()).ok(), values, has_more: false }
}

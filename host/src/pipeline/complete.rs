//! `completion/complete`.

use std::{borrow::Cow, sync::Arc};

use bulkhead_base::{Operation, OperationKind};
use bulkhead_prompts::Prompt;
use bulkhead_protocol::{CompletionTarget, Fault};
use bulkhead_registry::{PromptSource, Snapshot};
use bulkhead_sandbox::{Ask, answer::Reference};
use tracing::Instrument as _;

use super::{
    ask::Asker,
    dispatch::Stop,
    heard::Heard,
    intent::arguments,
    invoke::{Errand, Round},
    prompts::owned,
};
use crate::{
    admin::{Ending, Kind},
    render::{Failed, write_suggestions},
};

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
        let frame = match &target.source {
            Source::Nobody => self.envelope().encode(|result| write_suggestions(result, &[])),
            Source::Template(prompt) => {
                self.intend_own(errand, || arguments(&ask)).await.map_err(failed)?;
                let values = suggestions(prompt, &ask);
                self.envelope().encode(|result| write_suggestions(result, &values))
            }
            Source::Plugin => match self.run(errand, snapshot, permit, ask, Round::default()).await.map_err(failed)? {
                Heard::Completed(completion) => {
                    let origin = (!errand.noted.is_empty()).then(|| errand.origin());
                    self.envelope().own_meta(origin.as_ref()).encode(|result| completion.write(result))
                }
                _ => return Err(failed(Failed::Unfit("another kind of answer".to_owned()))),
            },
        };
        errand.end(Ending::Answered);
        Ok(frame)
    }
}

/// What the template's own front matter suggests.
fn suggestions<'p>(prompt: &'p Prompt, ask: &'p Ask) -> Vec<&'p str> {
    match ask {
        Ask::Complete { argument, value, .. } => prompt.suggest(argument, value).collect(),
        _ => Vec::new(),
    }
}

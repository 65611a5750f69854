//! What a call stands in besides what is asked: its root, and the sampling
//! parameters that hold for it.
//!
//! Parameters come from the call's own `context.sampling`, then from the
//! prompt that it or its root is at, then from its root; each fills in what
//! those before it leave open. A call of MCP has its caller's own root.

use std::{sync::Arc, time::Duration};

use bulkhead_base::Sampling;
use bulkhead_policy::{Right, decide};
use bulkhead_protocol::{Fault, json::Compact, read_sampling, write_sampling};
use bulkhead_registry::{PromptSource, Snapshot};

use super::ask::Asker;
use crate::{
    render::{Failed, root_trouble},
    roots::Root,
};

/// What one call stands in.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    pub(super) root: Option<Arc<Root>>,
    pub(super) sampling: Sampling,
}

impl Surroundings {
    /// The parameters as a plugin is given them.
    pub(super) fn sampling_text(&self) -> Option<String> {
        (!self.sampling.is_empty()).then(|| write_sampling(&self.sampling).into_string())
    }
}

impl Asker<'_> {
    /// What this call stands in.
    pub(super) async fn surroundings(&self, snapshot: &Snapshot) -> Result<Surroundings, Failed> {
        let ground = self.ground().await?;
        let step = self.step(snapshot, ground.root.as_deref())?;
        let sampling = self.own_settings()?.over(&step).over(&ground.sampling);
        Ok(Surroundings { sampling, ..ground })
    }

    /// The root of this call, and the parameters that are set for it alone.
    pub(super) async fn ground(&self) -> Result<Surroundings, Failed> {
        let principal = self.caller.principal.id();
        let Some(id) = &self.call.context.root_id else {
            return Ok(Surroundings { root: None, sampling: self.host.roots.own_sampling(principal).await });
        };
        self.demand(&Right::Root)?;
        let found = self.host.roots.find(principal, id).await;
        let root = found.map_err(|error| root_trouble(error, "params.context.rootId"))?;
        Ok(Surroundings { sampling: root.sampling.clone(), root: Some(root) })
    }

    /// The parameters that the call itself sets.
    pub(super) fn own_settings(&self) -> Result<Sampling, Failed> {
        let Some(sampling) = self.call.context.sampling else { return Ok(Sampling::default()) };
        self.demand(&Right::Sampling)?;
        Ok(read_sampling(sampling, "params.context.sampling", &[])?.applied(Sampling::default()))
    }

    /// The parameters of the prompt that the call, or its root, is at.
    fn step(&self, snapshot: &Snapshot, root: Option<&Root>) -> Result<Sampling, Failed> {
        let named = self.call.context.prompt_id.as_deref();
        let Some(name) = named.or_else(|| root.and_then(|root| root.prompt.as_deref())) else {
            return Ok(Sampling::default());
        };
        match snapshot.catalogue.prompts.find(name) {
            Some(prompt) => {
                decide(&self.caller.principal, &prompt.operation()).map_err(Failed::Denied)?;
                Ok(match &prompt.source {
                    PromptSource::Template(template) => template.sampling().clone(),
                    PromptSource::Plugin { .. } => Sampling::default(),
                })
            }
            // The prompt that a root is at may have gone since.
            None if named.is_none() => Ok(Sampling::default()),
            None => Err(Fault::invalid_params("params.context.promptId: unknown prompt").into()),
        }
    }

    /// The longest that this call may take, if its client says so.
    pub(super) fn time_limit(&self) -> Result<Option<Duration>, Failed> {
        match self.call.context.timeout_ms {
            Some(0) => Err(Fault::invalid_params("params.context.timeoutMs: expected more than zero").into()),
            limit => Ok(limit.map(Duration::from_millis)),
        }
    }
}

/// The parameters of a question for a model, with those of the call's that the
/// plugin did not set itself. What MCP has no member for stands beside what it
/// has: its `metadata`, as published, holds no fractions.
pub(super) fn filled_in(params: Compact, sampling: &Sampling) -> Compact {
    if sampling.is_empty() {
        return params;
    }
    let set = write_sampling(sampling);
    let own = params.json().members().unwrap_or_default();
    let settings = set.json().members().unwrap_or_default();
    let missing = settings.iter().filter(|setting| !own.iter().any(|member| member.key == setting.key));
    Compact::write(|object| {
        own.iter().chain(missing).for_each(|member| object.slot(&member.key).json(member.value));
    })
}

#[cfg(test)]
mod tests {
    use bulkhead_protocol::json::{Json, compact};

    use super::*;

    fn filled(params: &str, sampling: &str) -> String {
        let sampling = read_sampling(Json::parse(sampling).unwrap(), "s", &[]).unwrap().applied(Sampling::default());
        filled_in(compact(params, usize::MAX).unwrap(), &sampling).into_string()
    }

    #[test]
    fn what_a_plugin_did_not_set_is_filled_in() {
        let set = r#"{"temperature":0.5,"topP":0.9,"maxTokens":10}"#;
        let table = [
            (r#"{"messages":[]}"#, "{}", r#"{"messages":[]}"#),
            (r#"{"maxTokens":99}"#, set, r#"{"maxTokens":99,"temperature":0.5,"topP":0.9}"#),
            (
                r#"{"temperature":0,"metadata":{"x":[1]}}"#,
                set,
                r#"{"temperature":0,"metadata":{"x":[1]},"topP":0.9,"maxTokens":10}"#,
            ),
        ];
        for (params, sampling, expected) in table {
            assert_eq!(filled(params, sampling), expected, "{params}");
        }
    }
}

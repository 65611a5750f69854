//! Prompts that the host fills itself, from templates of the operator's own.

use std::sync::Arc;

use bulkhead_prompts::{Message, Prompt};
use bulkhead_protocol::Fault;
use bulkhead_sandbox::Failure;
use tokio::task::spawn_blocking;

use super::{ask::Asker, dispatch::Stop, intent::pairs, invoke::Errand, prompts::Got};
use crate::{admin::Ending, render::Failed};

/// What a client gave: the arguments by name.
pub(super) type Given = Vec<(String, String)>;

impl Asker<'_> {
    /// Fills a prompt. The caller's right was decided before. What is given may
    /// be meant for one of `steps`.
    pub(super) async fn fill_template(
        &self,
        errand: &Errand,
        prompt: &Arc<Prompt>,
        steps: &[&Arc<Prompt>],
        given: Given,
    ) -> Result<Got, Stop> {
        if let Err(fault) = known(prompt, steps, &given) {
            errand.end(Ending::Invalid);
            return Err(fault.into());
        }
        let intended = self.intend_own(errand, || pairs(&given).into()).await;
        intended.map_err(|failed| self.failed(errand, failed, None))?;
        let messages = fill(prompt, given).await.map_err(|failed| self.failed(errand, failed, None))?;
        errand.end(Ending::Answered);
        Ok(Got::Filled(messages))
    }
}

/// The messages of `prompt`. Filling takes processor time, so it is done where
/// nobody's I/O waits for it.
pub(super) async fn fill(prompt: &Arc<Prompt>, given: Given) -> Result<Vec<Message>, Failed> {
    let prompt = prompt.clone();
    match spawn_blocking(move || prompt.fill(&given)).await {
        Ok(filled) => filled.map_err(Failed::Unfilled),
        Err(_) => Err(Failed::Sandbox(Failure::Stopped)),
    }
}

/// Every argument that was given is one of the prompt's, or of a step's: a
/// misspelt one would vanish.
fn known(prompt: &Arc<Prompt>, steps: &[&Arc<Prompt>], given: &[(String, String)]) -> Result<(), Fault> {
    let mut listed: Vec<&str> = Vec::new();
    for argument in std::iter::once(prompt).chain(steps.iter().copied()).flat_map(|prompt| prompt.arguments()) {
        if !listed.contains(&argument.name.as_str()) {
            listed.push(&argument.name);
        }
    }
    let Some((unknown, _)) = given.iter().find(|(key, _)| !listed.contains(&key.as_str())) else { return Ok(()) };
    let told: String = unknown.chars().filter(|c| !c.is_control()).take(64).collect();
    Err(Fault::invalid_params(match listed.is_empty() {
        true => format!("params.arguments.{told}: the prompt has no arguments"),
        false => format!("params.arguments.{told}: expected one of {}", listed.join(", ")),
    }))
}

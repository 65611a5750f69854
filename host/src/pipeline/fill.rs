//! Prompts that the host fills itself, from templates of the operator's own.

use std::sync::Arc;

use bulkhead_prompts::{Message, Prompt};
use bulkhead_protocol::Fault;
use bulkhead_sandbox::Failure;
use tokio::task::spawn_blocking;

use super::{
    ask::{Asker, origin},
    dispatch::Stop,
    invoke::Errand,
};
use crate::{
    admin::Ending,
    render::{Failed, filled_prompt},
};

/// What a client gave: the arguments by name.
pub(super) type Given = Vec<(String, String)>;

impl Asker<'_> {
    /// The answer to `prompts/get`. The caller's right was decided before.
    pub(super) async fn fill_template(
        &self,
        errand: &Errand,
        prompt: &Arc<Prompt>,
        given: Given,
    ) -> Result<String, Stop> {
        if let Err(fault) = known([prompt], &given) {
            errand.end(Ending::Invalid);
            return Err(fault.into());
        }
        let messages = fill(prompt, given).await.map_err(|failed| self.failed(errand, failed, None))?;
        errand.end(Ending::Answered);
        let description = prompt.page().head.description.as_deref();
        Ok(filled_prompt(self.envelope(), description, &messages, &origin(errand.id)))
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

/// Every argument that was given is one of some of `prompts`: a misspelt one
/// would vanish.
pub(super) fn known<'p>(
    prompts: impl IntoIterator<Item = &'p Arc<Prompt>> + Clone,
    given: &[(String, String)],
) -> Result<(), Fault> {
    let names = || prompts.clone().into_iter().flat_map(|prompt| prompt.arguments()).map(|argument| &argument.name);
    let Some((unknown, _)) = given.iter().find(|(key, _)| !names().any(|name| name == key)) else { return Ok(()) };
    let mut listed: Vec<&str> = names().map(String::as_str).collect();
    listed.dedup();
    let told: String = unknown.chars().filter(|c| !c.is_control()).take(64).collect();
    Err(Fault::invalid_params(match listed.is_empty() {
        true => format!("params.arguments.{told}: the prompt has no arguments"),
        false => format!("params.arguments.{told}: expected one of {}", listed.join(", ")),
    }))
}

//! What a prompt returns.

use serde_json::Value;

pub use crate::bindings::prompts::exports::bulkhead::plugin::prompts::{PromptMessage as Message, PromptResult};

use crate::context::Context;
use crate::contract;
use crate::error::{Error, Result};
use crate::types::{Content, Role};

impl Message {
    /// What the user says.
    pub fn user(content: impl Into<Content>) -> Self {
        Self { role: Role::User, content: content.into() }
    }

    /// What the model says.
    pub fn assistant(content: impl Into<Content>) -> Self {
        Self { role: Role::Assistant, content: content.into() }
    }
}

impl PromptResult {
    /// A prompt of these messages.
    pub fn new(messages: impl IntoIterator<Item = Message>) -> Self {
        Self { description: None, messages: messages.into_iter().collect(), meta: None }
    }

    /// What it is for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The result's `_meta`: a JSON object.
    #[must_use]
    pub fn meta(mut self, meta: &Value) -> Self {
        self.meta = Some(meta.to_string());
        self
    }
}

/// What a function marked `#[prompt]` may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a prompt's answer",
    label = "not a prompt's answer",
    note = "return text, `Message`, `Vec<Message>`, `PromptResult`, or a `Result` of one of them"
)]
pub trait PromptOutput {
    /// The filled prompt.
    fn into_prompt(self) -> Result<PromptResult>;
}

impl PromptOutput for PromptResult {
    fn into_prompt(self) -> Result<PromptResult> {
        Ok(self)
    }
}

impl PromptOutput for Vec<Message> {
    fn into_prompt(self) -> Result<PromptResult> {
        Ok(PromptResult::new(self))
    }
}

impl PromptOutput for Message {
    fn into_prompt(self) -> Result<PromptResult> {
        Ok(PromptResult::new([self]))
    }
}

impl PromptOutput for String {
    fn into_prompt(self) -> Result<PromptResult> {
        Message::user(self).into_prompt()
    }
}

impl PromptOutput for &str {
    fn into_prompt(self) -> Result<PromptResult> {
        Message::user(self).into_prompt()
    }
}

impl<T: PromptOutput, E: Into<Error>> PromptOutput for std::result::Result<T, E> {
    fn into_prompt(self) -> Result<PromptResult> {
        self.map_err(Into::into)?.into_prompt()
    }
}

/// A function marked `#[prompt]`, by the type of the same name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a prompt",
    label = "not a prompt",
    note = "put `#[prompt]` above the function"
)]
pub trait Prompt {
    /// Its name in the contract.
    const NAME: &'static str;

    /// Its entry in the contract.
    fn contract() -> contract::Prompt;

    /// Fills it.
    fn get(ctx: &Context, arguments: &[(String, String)]) -> Result<PromptResult>;
}

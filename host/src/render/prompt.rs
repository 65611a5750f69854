//! A prompt that a plugin filled.

use bulkhead_protocol::{
    Revision,
    json::Compact,
    write::{Answer, Array},
};
use bulkhead_sandbox::answer::{PromptMessage, PromptResult, Role};
use bulkhead_screen::Place;

use super::content::{Block, role_name};
use crate::screening::{Screened, ScreenedJson, Sieve, Unfit};

/// A prompt, read and screened.
pub struct ReadPrompt {
    description: Option<Screened>,
    messages: Vec<(Role, Block)>,
    meta: Option<ScreenedJson>,
}

impl ReadPrompt {
    /// Reads what the plugin wrote.
    ///
    /// # Errors
    /// JSON that is none, or a prompt that is refused.
    pub fn read(result: PromptResult, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let PromptResult { description, messages, meta } = result;
        Ok(Self {
            description: sieve.maybe(Place::Prompt, description)?,
            messages: messages
                .into_iter()
                .map(|PromptMessage { role, content }| Ok((role, Block::read(content, Place::Prompt, sieve)?)))
                .collect::<Result<_, Unfit>>()?,
            meta: sieve.meta(meta)?,
        })
    }

    /// The messages, in the shapes that `revision` knows.
    pub(super) fn messages(&self, array: &mut Array<'_>, revision: Revision) {
        for (role, block) in &self.messages {
            array.object(|message| {
                message.str("role", role_name(*role));
                message.object("content", |out| block.write(out, revision));
            });
        }
    }

    /// The frame.
    #[must_use]
    pub fn encode(&self, answer: Answer<'_>, revision: Revision, origin: &Compact) -> String {
        answer.meta(self.meta.as_deref()).own_meta(Some(origin)).encode(|result| {
            result.maybe_str("description", self.description.as_deref());
            result.array("messages", |array| self.messages(array, revision));
        })
    }
}

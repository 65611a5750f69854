//! A prompt that a plugin filled.

use bulkhead_protocol::{
    Revision,
    json::{Compact, JsonError},
    write::{Answer, Array},
};
use bulkhead_sandbox::answer::{PromptResult, Role};

use super::content::{Block, meta, role_name};

/// A prompt with its JSON read.
pub struct ReadPrompt {
    description: Option<String>,
    messages: Vec<(Role, Block)>,
    meta: Option<Compact>,
}

impl ReadPrompt {
    /// Reads what the plugin wrote.
    ///
    /// # Errors
    /// JSON that is none, or is refused.
    pub fn read(result: PromptResult) -> Result<Self, JsonError> {
        let messages = result.messages.into_iter().map(|message| Ok((message.role, Block::read(message.content)?)));
        Ok(Self {
            messages: messages.collect::<Result<_, JsonError>>()?,
            meta: meta(result.meta.as_deref())?,
            description: result.description,
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
        answer.meta(self.meta.as_ref()).own_meta(Some(origin)).encode(|result| {
            result.maybe_str("description", self.description.as_deref());
            result.array("messages", |array| self.messages(array, revision));
        })
    }
}

//! A prompt that the host filled from a template of the operator's.

use bulkhead_prompts::{Message, Role};
use bulkhead_protocol::{
    json::Compact,
    write::{Answer, Array},
};

/// Messages as an array of the protocol's.
pub fn filled_messages(array: &mut Array<'_>, messages: &[Message]) {
    for Message { role, text } in messages {
        array.object(|message| {
            message.str("role", if *role == Role::User { "user" } else { "assistant" });
            message.object("content", |content| {
                content.str("type", "text");
                content.str("text", text);
            });
        });
    }
}

/// The frame of `prompts/get`.
#[must_use]
pub fn filled_prompt(answer: Answer<'_>, description: Option<&str>, messages: &[Message], origin: &Compact) -> String {
    answer.own_meta(Some(origin)).encode(|result| {
        result.maybe_str("description", description);
        result.array("messages", |array| filled_messages(array, messages));
    })
}

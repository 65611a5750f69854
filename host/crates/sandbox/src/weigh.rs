//! How large an answer is.

use crate::answer::{
    Annotations, Body, Completion, Content, ContentBlock, Error, InputRequest, InputRequired, Outcome, PromptMessage,
    PromptReply, PromptResult, ProtocolError, ReadReply, ResourceContents, ResourceEntry, ResourceLink, ResourcePage,
    ResourceReading, ToolReply, ToolResult,
};

/// What an item of a list counts for besides its texts. Answers "a million
/// empty content blocks".
const ITEM: usize = 64;

/// Bytes that something takes, as it counts against a plugin's limit.
pub trait Weigh {
    /// In bytes, about.
    fn weight(&self) -> usize;
}

impl Weigh for String {
    fn weight(&self) -> usize {
        self.len()
    }
}

impl<T: Weigh> Weigh for Option<T> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, Weigh::weight)
    }
}

impl<T: Weigh> Weigh for Vec<T> {
    fn weight(&self) -> usize {
        self.iter().map(|item| ITEM + item.weight()).sum()
    }
}

/// The sum of the named fields.
macro_rules! weigh {
    ($($what:ty: $($field:ident),+;)+) => {$(
        impl Weigh for $what {
            fn weight(&self) -> usize {
                [$(self.$field.weight()),+].iter().sum()
            }
        }
    )+};
}

weigh! {
    ToolResult: content, structured, meta;
    ContentBlock: content, annotations, meta;
    Annotations: last_modified;
    ResourceLink: uri, name, title, description, mime_type;
    ResourceContents: uri, mime_type, body, meta;
    ResourceReading: contents, etag, meta;
    ResourceEntry: uri, name, title, description, mime_type;
    ResourcePage: entries, next;
    PromptResult: description, messages, meta;
    PromptMessage: content;
    Completion: values;
    InputRequired: requests, state;
    InputRequest: key, params;
    ProtocolError: message, data;
}

impl Weigh for Content {
    fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Image(media) | Self::Audio(media) => media.data.len() + media.mime_type.len(),
            Self::Link(link) => link.weight(),
            Self::Embedded(contents) => contents.weight(),
        }
    }
}

impl Weigh for Body {
    fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Blob(bytes) => bytes.len(),
        }
    }
}

impl Weigh for ToolReply {
    fn weight(&self) -> usize {
        match self {
            Self::Done(result) => result.weight(),
            Self::InputRequired(required) => required.weight(),
            Self::BecomeTask(state) => state.weight(),
        }
    }
}

impl Weigh for ReadReply {
    fn weight(&self) -> usize {
        match self {
            Self::Done(reading) => reading.weight(),
            Self::InputRequired(required) => required.weight(),
        }
    }
}

impl Weigh for PromptReply {
    fn weight(&self) -> usize {
        match self {
            Self::Done(result) => result.weight(),
            Self::InputRequired(required) => required.weight(),
        }
    }
}

impl Weigh for Error {
    fn weight(&self) -> usize {
        match self {
            Self::Invalid(text)
            | Self::NotFound(text)
            | Self::Conflict(text)
            | Self::Denied(text)
            | Self::Failed(text) => text.len(),
            Self::MissingCapability(_) => 0,
            Self::Protocol(error) => error.weight(),
        }
    }
}

impl Weigh for Outcome {
    fn weight(&self) -> usize {
        match self {
            Self::Tool(reply) => reply.weight(),
            Self::Read(reply) => reply.weight(),
            Self::Written(etag) => etag.len(),
            Self::Listed(page) => page.weight(),
            Self::Prompt(reply) => reply.weight(),
            Self::Completed(completion) => completion.weight(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_an_answer_weighs_something() {
        let block = |text: &str| ContentBlock {
            content: Content::Text(text.into()),
            annotations: None,
            meta: Some("{}".into()),
        };
        let content = vec![block("abc"), block("")];
        let result = ToolResult { content, structured: Some("{\"a\":1}".into()), is_error: false, meta: None };
        assert_eq!(Outcome::Tool(ToolReply::Done(result)).weight(), 2 * ITEM + 3 + 2 + 2 + 7);
    }
}

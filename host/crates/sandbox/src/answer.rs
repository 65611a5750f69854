//! What plugins are given and what they answer, as the WIT package types it.

pub use crate::bindings::{
    bulkhead::plugin::types::{
        Annotations, Answer, Body, CacheHints, CacheScope, CallContext, ClientCapabilities, Content, ContentBlock, Era,
        Error, InputKind, InputRequest, InputRequired, LogLevel, Media, ProtocolError, ResourceContents, ResourceLink,
        Role, Root, TraceContext,
    },
    exports::bulkhead::plugin::{
        completions::{Completion, Reference},
        prompts::{PromptMessage, PromptReply, PromptResult},
        resources::{ReadReply, ResourceEntry, ResourcePage, ResourceReading},
        tools::{ToolReply, ToolResult},
    },
};

/// What a call ended with. Which one it is follows from what was asked.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A tool was called.
    Tool(ToolReply),
    /// A resource was read.
    Read(ReadReply),
    /// A resource was written; its new etag.
    Written(String),
    /// Dynamic resources were listed.
    Listed(ResourcePage),
    /// A prompt was filled.
    Prompt(PromptReply),
    /// Values were suggested.
    Completed(Completion),
}

use std::{fmt, sync::Arc};

use crate::PluginName;

/// What is done to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// A tool is called.
    CallTool,
    /// A prompt is filled, or a value for it is suggested.
    GetPrompt,
    /// A resource is read, watched, or a value for its template is suggested.
    ReadResource,
    /// A resource is written.
    WriteResource,
    /// A resource is shown in a listing, or a plugin lists its own.
    ListResource,
}

/// One thing that somebody wants done: what a policy decides on and a record names.
///
/// `item` is the dotted public name of a tool or prompt (`weather.getCurrent`)
/// or the URI of a resource. Operations are made by looking names up in a
/// snapshot, so an item that exists under no plugin has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    pub kind: OperationKind,
    pub plugin: PluginName,
    pub item: Arc<str>,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.kind {
            OperationKind::CallTool => "call",
            OperationKind::GetPrompt => "get",
            OperationKind::ReadResource => "read",
            OperationKind::WriteResource => "write",
            OperationKind::ListResource => "list",
        };
        write!(f, "{verb} {}", self.item)
    }
}

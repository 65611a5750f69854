//! What is asked of a plugin.

use bulkhead_base::OperationKind;

use crate::answer::{Body, CallContext, Reference};

/// One call: what is asked, and everything the plugin is told about who asks.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who asks, as far as the plugin may know.
    pub context: CallContext,
    /// What is asked.
    pub ask: Ask,
}

/// What is asked. Names are the contract's own, without prefix.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Call a tool. The arguments are a JSON object that has passed the tool's schema.
    Tool { name: String, arguments: String },
    /// Read a resource.
    Read { uri: String },
    /// Write a resource, if its etag is still `if_match`.
    Write { uri: String, contents: Body, if_match: Option<String> },
    /// List dynamic resources, from `cursor` on.
    ListResources { cursor: Option<String> },
    /// Fill a prompt.
    Prompt { name: String, arguments: Vec<(String, String)> },
    /// Suggest values for an argument that begins with `value`.
    Complete { reference: Reference, argument: String, value: String, context: Vec<(String, String)> },
}

impl Ask {
    /// The kinds of operation whose permit opens this.
    pub(crate) const fn opened_by(&self) -> &'static [OperationKind] {
        match self {
            Self::Tool { .. } => &[OperationKind::CallTool],
            Self::Read { .. } => &[OperationKind::ReadResource],
            Self::Write { .. } => &[OperationKind::WriteResource],
            Self::ListResources { .. } => &[OperationKind::ListResource],
            Self::Prompt { .. } => &[OperationKind::GetPrompt],
            Self::Complete { reference: Reference::Prompt(_), .. } => &[OperationKind::GetPrompt],
            Self::Complete { reference: Reference::Resource(_), .. } => {
                &[OperationKind::ReadResource, OperationKind::ListResource]
            }
        }
    }

    /// The interface that has to be exported.
    pub(crate) const fn interface(&self) -> &'static str {
        match self {
            Self::Tool { .. } => "tools",
            Self::Read { .. } | Self::Write { .. } | Self::ListResources { .. } => "resources",
            Self::Prompt { .. } => "prompts",
            Self::Complete { .. } => "completions",
        }
    }
}

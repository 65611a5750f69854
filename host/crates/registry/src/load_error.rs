use bulkhead_package::PAGE_MIME_TYPE;
use bulkhead_protocol::{ParamHeaderError, json::JsonError};
use bulkhead_schema::SchemaError;

use crate::wording::WordingError;

/// Longest name that clients accept, prefix included.
pub(crate) const LONGEST_NAME: usize = 64;

/// Why a plugin that compiles is not served.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the tool {tool:?}, its {which} schema: {source}")]
    Schema { tool: String, which: &'static str, source: SchemaError },
    #[error("the tool {tool:?}: {source}")]
    ParamHeader { tool: String, source: ParamHeaderError },
    #[error("the {kind} name {name:?} has {} characters, and clients accept {LONGEST_NAME}: give the plugin a shorter prefix", name.len())]
    LongName { kind: &'static str, name: String },
    #[error("the {kind} name {name:?}: clients accept A-Z a-z 0-9 _ . - alone")]
    BadName { kind: &'static str, name: String },
    #[error("the name {name:?}: `{prefix}` and what begins with it belong to the prompts of `prompts:`; give the plugin another name, and its entry another prefix", prefix = bulkhead_prompts::PREFIX)]
    ReservedName { name: String },
    #[error("tools.{list} names {pattern:?}, and it offers no such tool; it offers {}", offered.join(", "))]
    NoSuchTool { list: &'static str, pattern: String, offered: Vec<String> },
    #[error(
        "the tool {tool:?} is shown by {page:?}, and its contract has no such resource of type {PAGE_MIME_TYPE}, at a ui:// URI"
    )]
    Page { tool: String, page: String },
    #[error("its contract offers {0}, and the component exports nothing that answers for them")]
    NotExported(&'static str),
    #[error(transparent)]
    Wording(#[from] WordingError),
    #[error("its contract cannot be listed")]
    Json(#[from] JsonError),
}

//! Write a Bulkhead plugin: a struct for the arguments and a plain function.
//!
//! ```
//! use bulkhead_sdk::prelude::*;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Add {
//!     a: i64,
//!     b: i64,
//! }
//!
//! /// Adds two numbers.
//! #[tool]
//! fn add(args: Add) -> i64 {
//!     args.a + args.b
//! }
//!
//! plugin!(add);
//! # fn main() {}
//! ```
//!
//! That is a complete plugin. The schema of the arguments comes from the
//! struct, the description from the doc comment, and `bulkhead build` makes
//! the signed file.
//!
//! * Functions become tools, prompts, resources, templates and completions by
//!   an attribute: [`macro@tool`], [`macro@prompt`], [`macro@resource`],
//!   [`macro@template`], [`macro@completion`]. [`plugin!`] says which of them
//!   the plugin offers. Only the interfaces that are used are exported, and
//!   only the host functions that are used are imported.
//! * A function that takes `ctx: &Context` can report progress, log, ask the
//!   user or a model, and reach what the operator granted: see [`Context`].
//! * [`testing`] runs all of it natively, without a host.
//!
//! A plugin's own memory does not outlive a call: every call gets a fresh
//! instance. What must outlive it goes to [`Context::kv`].

#[doc(hidden)]
pub mod bindings;
pub mod completion;
pub mod context;
pub mod contract;
mod error;
mod etag;
#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(feature = "http")]
pub mod http;
mod json_text;
mod macros;
mod plugin;
pub mod prompt;
pub mod resource;
mod schema;
#[cfg(target_arch = "wasm32")]
mod std_io;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod text_args;
pub mod tool;
pub mod types;
mod uri_template;

pub use context::Context;
pub use error::{Error, Result};
pub use macros::{completion, plugin, prompt, resource, template, tool};
pub use plugin::Plugin;
pub use {schemars, serde, serde_json};

/// All that a plugin usually needs.
pub mod prelude {
    pub use crate::macros::{completion, plugin, prompt, resource, template, tool};
    pub use serde_json::{Value, json};

    pub use crate::completion::{Completion, Filled};
    pub use crate::context::{Context, Form, Sampling, join};
    pub use crate::derive::{Deserialize, JsonSchema, Serialize};
    pub use crate::error::{Error, Result};
    pub use crate::prompt::{Message, PromptResult};
    pub use crate::resource::{Entry, Page, Reading};
    #[cfg(not(target_arch = "wasm32"))]
    pub use crate::testing::Harness;
    pub use crate::tool::{Json, ToolResult};
    pub use crate::types::{Body, Content, LogLevel, ResourceContents, ResourceLink, Role};
}

/// `Serialize`, `Deserialize` and `JsonSchema`, each the trait and a derive
/// that finds its crate through this one, so that a plugin depends on the SDK
/// alone.
mod derive {
    mod traits {
        pub use schemars::*;
        pub use serde::de::Deserialize;
        pub use serde::ser::Serialize;
    }
    pub use bulkhead_sdk_macros::{Deserialize, JsonSchema, Serialize};
    pub use traits::*;
}

/// What the macros' output names. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use crate::bindings;
    pub use crate::completion::{Complete, CompletionOutput, Reference};
    pub use crate::json_text::is_object;
    pub use crate::plugin::{
        are_distinct, has_scheme, no_resource, read_resource, read_scheme, read_skill, read_template, run_as_task,
        text_arguments, tool_arguments,
    };
    pub use crate::prompt::{Prompt, PromptOutput};
    pub use crate::resource::{ReadOutput, Resource, ResourceReading, Template};
    pub use crate::schema::{input, no_arguments, verbatim};
    #[cfg(target_arch = "wasm32")]
    pub use crate::std_io::{NOT_SUPPORTED, write};
    pub use crate::tool::{Tool, ToolOutput};
}

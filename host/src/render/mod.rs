//! The one place that words what a client reads.
//!
//! **Invariant:** client text names no path, no address and no line of the
//! host's configuration. What the operator needs to know is log text, a field
//! of its own. What a plugin wrote as JSON is read once before it is passed on.

mod content;
mod failure;
mod head;
mod prompt;
mod resource;
mod tool;

pub use failure::{BUSY, CONFLICT, Client, FORBIDDEN, Failed, Told, input_refused, stale_state, unasked};
pub use head::HeadProblem;
pub use prompt::ReadPrompt;
pub use resource::{ReadReading, dynamic_entry};
pub use tool::{ReadTool, tool_error};

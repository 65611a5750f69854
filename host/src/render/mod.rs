//! The one place that words what a client reads.
//!
//! **Invariant:** client text names no path, no address and no line of the
//! host's configuration. What the operator needs to know is log text, a field
//! of its own. What a plugin wrote is read and screened once before it is passed
//! on: what is written here of a plugin's is [`Screened`](crate::screening::Screened).

mod completion;
mod content;
mod event;
mod failure;
mod filled;
mod guide;
mod guide_prompt;
mod guide_root;
mod head;
mod input;
mod prompt;
mod registry;
mod resource;
mod task;
mod tool;

pub use completion::{ReadCompletion, write_suggestions};
pub use event::{
    EVENTS, RESOURCE_UPDATED, SECURITY_ALERT, alert_words, missed_events, resource_updated, security_alert, subscribed,
};
pub use failure::{
    BUSY, CONFLICT, Client, FORBIDDEN, Failed, ReadError, Told, crowded, input_refused, root_trouble, stale_state,
    unasked, unrecorded,
};
pub use filled::{filled_messages, filled_prompt};
pub use guide::{Metadata, Output, guide_entry, invoked, lacks_right, reading, unlike_template, written};
pub use guide_prompt::{FilledStep, GuidePrompt, listed_prompts};
pub use guide_root::{closed, root_entry, unknown_option};
pub use head::HeadProblem;
pub use input::{ReadInput, ReadQuestion};
pub use prompt::ReadPrompt;
pub use registry::{LOCAL_SERVER, routing, trust_registry, unroutable};
pub use resource::{ReadEntry, ReadPage, ReadReading, dynamic_entry};
pub use task::{ReadTask, no_tasks, task_full, tasks_full, unknown_task};
pub use tool::{ReadTool, tool_error, tool_error_result};

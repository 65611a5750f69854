//! What a running call knows and can do.

mod ask;
mod join;
mod kept;
mod memory;
mod reach;
mod report;

use serde_json::Value;

pub use ask::{Action, Elicited, Folder, Form, Sampled, Sampling};
pub use join::{Join, join};
pub use reach::{Config, Kv};

use crate::types::{CallContext, ClientCapabilities, Era, LogLevel, Root, TraceContext};
use memory::Memory;

#[cfg(not(target_arch = "wasm32"))]
use crate::testing::Stage;

/// The call that runs now: who makes it, what they can do, and how to reach
/// them meanwhile.
///
/// A function takes one as `ctx: &Context` when it needs it.
///
/// ```
/// use bulkhead_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Count {
///     to: u32,
/// }
///
/// /// Counts.
/// #[tool]
/// fn count(args: Count, ctx: &Context) -> Result<String> {
///     for step in 1..=args.to {
///         if ctx.cancelled() {
///             return Err(Error::failed("stopped"));
///         }
///         ctx.progress(f64::from(step), f64::from(args.to), None);
///     }
///     Ok("done".to_owned())
/// }
///
/// let ctx = Context::test();
/// count(Count { to: 3 }, &ctx)?;
/// assert_eq!(ctx.recorded().progress.len(), 3);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Context {
    call: CallContext,
    memory: Memory,
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) stage: Stage,
}

impl Context {
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn new(call: CallContext) -> Self {
        Self { call, memory: Memory::default() }
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn new(call: CallContext, stage: Stage) -> Self {
        Self { call, memory: Memory::default(), stage }
    }

    /// The host's id of this call, in every log line and record about it.
    pub fn call_id(&self) -> &str {
        &self.call.call_id
    }

    /// Which dialect the client speaks. A plugin seldom needs to look.
    pub fn era(&self) -> Era {
        self.call.era
    }

    /// The revision spoken, such as `2026-07-28`.
    pub fn protocol_version(&self) -> &str {
        &self.call.protocol_version
    }

    /// What the client said that it can do.
    pub fn client(&self) -> &ClientCapabilities {
        &self.call.client
    }

    /// Lines below this level go nowhere; none at all when absent.
    pub fn log_level(&self) -> Option<LogLevel> {
        self.call.log_level
    }

    /// Whether somebody listens for progress.
    pub fn wants_progress(&self) -> bool {
        self.call.progress
    }

    /// Whether the call runs as a task, so that it may take long.
    pub fn as_task(&self) -> bool {
        self.call.as_task
    }

    /// The trace that the request belongs to.
    pub fn trace(&self) -> Option<&TraceContext> {
        self.call.trace.as_ref()
    }

    /// The context tree that the call belongs to.
    pub fn root(&self) -> Option<&Root> {
        self.call.root.as_ref()
    }

    /// Sampling parameters of the caller's root: a JSON object.
    pub fn sampling(&self) -> Option<Value> {
        object(self.call.sampling.as_deref())
    }

    /// The request's `_meta`, without the protocol's own keys: a JSON object.
    pub fn meta(&self) -> Option<Value> {
        object(self.call.meta.as_deref())
    }
}

/// The host has checked the text; what is not JSON counts as absent.
fn object(text: Option<&str>) -> Option<Value> {
    text.and_then(|text| serde_json::from_str(text).ok())
}

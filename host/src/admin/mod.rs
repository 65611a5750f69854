//! Health and metrics, on a listener of their own.
//!
//! **Absent:** anything that a client of MCP can reach, and anything that says
//! who called what with which arguments.

mod footprint;
mod metrics;
mod ready;
mod serve;

pub(crate) use metrics::count;
pub use metrics::{Ending, Kind, Metrics};
pub use ready::{PluginState, Readiness};
pub use serve::{AdminDoor, bind, serve};

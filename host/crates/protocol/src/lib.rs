//! JSON-RPC 2.0 and MCP in both eras, and the guide's names, as functions
//! from bytes to bytes. No socket, no clock, no state.
//!
//! [`decode`] turns a frame into one [`Incoming`]; the `write` functions turn
//! answers into frames.
//!
//! **Invariants:** every frame is scanned once, and what a later room reads of
//! it is a part that the scan has passed. A frame that leaves is made of
//! literals, escaped strings and [`json::Compact`], so it holds no raw line
//! break and no text that was never read. Nothing here knows a plugin.

mod cursor;
mod decode;
mod envelope;
mod fault;
mod guide;
mod header;
mod id;
pub mod json;
mod meta;
mod method;
mod opening;
mod param_header;
mod params;
mod request;
mod revision;
mod sampling;
mod speech;
pub mod write;

pub use cursor::Cursor;
pub use decode::{Hearing, WireFacts, decode};
pub use fault::{Fault, code};
pub use header::{Field, Fields, HeaderError, decode_value};
pub use id::RequestId;
pub use meta::Meta;
pub use method::methods;
pub use param_header::{ParamHeader, ParamHeaderError, ParamKind, check_headers, param_headers};
pub use request::{
    Call, CompletionTarget, Content, Filter, GuideContext, GuideRequest, Incoming, Notification, Request, ResourceRef,
    Response, Retry, Route,
};
pub use revision::{Era, Revision, RevisionError, Revisions};
pub use sampling::{SamplingChange, read_sampling, write_sampling};
pub use speech::{ClientCapabilities, LogLevel, Speech, TASKS_EXTENSION};

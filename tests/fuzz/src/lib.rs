//! What has to hold for every input, however it was made.
//!
//! Each module is one target: `holds` takes the fuzzer's bytes and panics when
//! a property breaks. The properties are said in terms of another reader's
//! view (serde's), so that ours is not measured with itself.

#![allow(clippy::missing_panics_doc, reason = "a target fails by panicking")]

pub mod config;
pub mod driver;
pub mod foreign;
pub mod frame;
pub mod headers;
pub mod host;
pub mod json;
pub mod manifest;
pub mod message;
pub mod package;
pub mod policy;
mod reader;
pub mod record;
pub mod screen;
pub mod seal;

//! Prompt templates of the operator's own: compiled, put into a tree, filled.
//!
//! A [`Page`] is one file as it was read. [`Library::grow`] makes a [`Prompt`]
//! of each that holds, below the prompt in whose folder it lies, and keeps the
//! last good one of each that does not.
//!
//! **Invariants**
//! - An argument is text and stays text: it is never read as a template, it
//!   makes no message and closes no tag that the template wrote.
//! - Filling is bounded in steps, memory and output, whatever the template.
//! - A template reads what it was given and nothing else: no files, no
//!   includes, no variables that no argument declares.
//!
//! Absent: files, YAML, and who may get which prompt.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking"))]

mod escape;
mod library;
mod messages;
mod page;
mod prompt;
mod template;

pub use escape::Escape;
pub use library::Library;
pub use messages::Role;
pub use page::{Argument, Fault, Head, Page};
pub use prompt::{LONGEST_NAME, Message, PREFIX, Prompt};
pub use template::Unfilled;

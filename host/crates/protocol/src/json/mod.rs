//! JSON text that was read once, and never has to be doubted again.
//!
//! **Invariant:** a [`Json`] or [`Compact`] is valid RFC 8259 JSON in UTF-8
//! without duplicate keys, lone surrogates or nesting deeper than
//! [`MAX_DEPTH`]; a [`Compact`] moreover has no white space outside strings,
//! hence no line break. Nothing but the scan and the writer makes either.

mod compact;
mod error;
mod part;
mod python;
mod reword;
mod scan;
mod text;

pub use compact::{Compact, compact};
pub use error::{JsonError, Problem};
pub use part::{Json, Kind, Member};
pub use python::python_dumps;
pub use reword::Wording;
pub use scan::MAX_DEPTH;
pub(crate) use scan::Scanner;

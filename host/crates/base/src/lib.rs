//! The words that every room shares: names, digests, sizes, operations.
//!
//! **Invariant:** nothing here does I/O, waits or keeps state. What is parsed
//! once into one of these types is never parsed again further in.

mod call_id;
mod digest;
mod name;
mod operation;
mod plain;
mod redacted;
mod sampling;
mod size;
mod span;
pub mod undefended;
mod unseen;

pub use call_id::CallId;
pub use digest::{Digest, DigestError};
pub use name::{NameError, PluginName, Prefix};
pub use operation::{Operation, OperationKind};
pub use plain::plain_until;
pub use redacted::Redacted;
pub use sampling::{Parameter, ParameterError, Sampling, Setting};
pub use size::{ByteSize, SizeError};
pub use span::{Span, SpanError};
pub use unseen::is_unseen;

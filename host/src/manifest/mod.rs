//! What is listed, signed by the server: so that a client with the server's
//! public key can tell whether what it is shown is what was served.
//!
//! A DSSE envelope around JSON: who says it, from when until when, and of every
//! item that the caller may see the names, where it comes from, and the digest
//! of each field that a model is told by ([`bulkhead_registry::pin`]).
//!
//! **Invariant:** a manifest names nothing that its caller is not listed, and is
//! believed for [`LIFETIME`] at most, so that none is replayed for ever.

mod compare;
mod issue;
pub mod key;
mod read;

use std::time::Duration;

pub use compare::{Difference, Listed, Problem, compare};
pub use issue::{Document, Manifests, View};
pub use read::{Contents, Manifest, ManifestError, Pin};

/// Where it lies.
pub const PATH: &str = "/.well-known/mcp-manifest";

/// What is signed says that it is this.
pub const KIND: &str = "application/vnd.bulkhead.server-manifest+json";

/// The shape of what is signed.
const FORMAT: u32 = 1;

/// How long a manifest is believed. Answers "a manifest of a tool that was
/// taken back, shown again by somebody on the way".
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How old a manifest may be that is still handed out: whoever gets it has the
/// rest of its lifetime to compare.
const REISSUED: Duration = Duration::from_secs(5 * 60);

/// How far a reader's clock may be behind.
const SKEW: Duration = Duration::from_secs(60);

//! The plugin file: manifest, contract, digest, signature, trust.
//!
//! One `.wasm`: an ordinary component whose last two top-level sections are
//! `bulkhead.manifest` and `bulkhead.signature`. Bytes become a [`Package`]
//! by being parsed, and a [`VerifiedPlugin`] by [`Trust::verify`] alone.
//!
//! **Invariant:** everything that a stranger wrote is read under a size cap, in
//! one spelling, and what is left over is an error.
//!
//! Absent: grants, wasmtime, the network. Nothing here runs a plugin's code.

pub mod canonical;
pub mod component;
mod contract;
mod diff;
pub mod display;
mod document;
mod dsse;
pub mod foreign;
mod invisible;
mod json;
mod layout;
pub mod limits;
mod manifest;
mod pack;
mod package;
mod pattern;
mod plugin_toml;
mod requests;
mod revocations;
mod statement;
mod trust;
mod uri;

#[cfg(test)]
mod tests;

pub use bulkhead_keys::{KeyError, KeyId, Keypair, PublicKey};
pub use contract::{
    CacheHints, CacheScope, Capability, Contract, PAGE_MIME_TYPE, PromptArgument, PromptContract, ResourceContract,
    SkillContract, SkillFile, SkillHead, TaskSupport, TemplateContract, ToolAnnotations, ToolContract,
};
pub use diff::{Change, ChangeKind, diff};
pub use document::{DocumentError, open_document, seal_document};
pub use dsse::{EnvelopeError, PAYLOAD_TYPE};
pub use json::{Json, JsonError};
pub use layout::{LayoutError, Stage, stage};
pub use limits::MAX_FILE_BYTES;
pub use manifest::{DigestPair, Manifest, ManifestDraft, ManifestError};
pub use pack::{attach, detach, pack, sign, strip};
pub use package::{Package, PackageError, PackedFile, Signer};
pub use pattern::{Pattern, PatternError};
pub use plugin_toml::{BuildNeeds, PluginToml, PluginTomlError};
pub use requests::{
    Access, ConfigRequest, EnvRequest, FsRequest, HttpRequest, Need, RequestedLimits, Requests, Scheme, SecretRequest,
    TcpRequest,
};
pub use revocations::{Revocation, RevocationError, Revocations, Revoked};
pub use statement::PREDICATE_TYPE;
pub use trust::{Publisher, Refusal, Trust, TrustedKey, VerifiedPlugin, expiry};
pub use uri::has_scheme;

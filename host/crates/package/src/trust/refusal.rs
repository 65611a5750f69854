//! Why a file is not believed, as an operator reads it.

use std::sync::Arc;

use bulkhead_base::{Digest, PluginName};
use bulkhead_keys::KeyId;
use jiff::Timestamp;

use crate::{
    dsse::PAYLOAD_TYPE,
    pattern::Pattern,
    statement::{PREDICATE_TYPE, STATEMENT_TYPE},
};

/// Why a well-formed file is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the file's digest {digest} is revoked{}; take a version that is not", because(reason))]
    DigestRevoked { digest: Digest, reason: String },
    #[error(
        "not signed: expected the section bulkhead.signature, or NAME.wasm.dsse beside the file; sign it with `bulkhead sign FILE --key KEY`"
    )]
    Unsigned,
    #[error("the envelope's payloadType is {found:?}: expected exactly {PAYLOAD_TYPE:?}")]
    PayloadType { found: String },
    #[error("the key {id} (key:{}) that signed it is revoked{}; ask the publisher for a file signed by another key", .key.hex(), because(reason))]
    KeyRevoked { id: Arc<str>, key: KeyId, reason: String },
    #[error(
        "no trusted key signed it: {}; if you trust one of them, `bulkhead trust KEY --plugins {plugin}`",
        signed_by(claimed)
    )]
    NoTrustedKey { plugin: PluginName, claimed: Vec<KeyId> },
    #[error(
        "the signature of the key {id} does not fit the file: it was altered, or the signature belongs to another file; fetch it again"
    )]
    Altered { id: Arc<str> },
    #[error("the signed statement cannot be read: {problem}")]
    Statement { problem: String },
    #[error("the statement's _type is {found:?}: expected exactly {STATEMENT_TYPE:?}")]
    StatementType { found: String },
    #[error("the statement's predicateType is {found:?}: expected exactly {PREDICATE_TYPE:?}")]
    PredicateType { found: String },
    #[error("the statement is about {stated}, and the file's digest is {found}: the signature belongs to another file")]
    Subject { stated: String, found: Digest },
    #[error("the statement's {what} is {stated}, and the manifest's is {found}: the manifest was swapped")]
    Predicate { what: &'static str, stated: String, found: String },
    #[error(
        "signed by a development key, which counts in `bulkhead dev` alone; sign it with `bulkhead sign FILE --key KEY`"
    )]
    Development,
    #[error(
        "the key {id} signed it, and may not sign {plugin:?} (it may sign {}); to allow it, add {plugin} to the key's plugins",
        listed(patterns)
    )]
    Namespace { id: Arc<str>, plugin: PluginName, patterns: Vec<Pattern> },
    #[error("the key {id} counted until {since}; ask the publisher for a file signed by a key that still does")]
    Expired { id: Arc<str>, since: Timestamp },
}

fn because(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(" ({})", crate::display::safe(reason)) }
}

fn signed_by(claimed: &[KeyId]) -> String {
    if claimed.is_empty() {
        return "its envelope names no key".to_owned();
    }
    let keys: Vec<String> = claimed.iter().map(|key| format!("key:{}", key.hex())).collect();
    format!("it says {}", keys.join(", "))
}

fn listed(patterns: &[Pattern]) -> String {
    if patterns.is_empty() {
        return "nothing".to_owned();
    }
    patterns.iter().map(Pattern::to_string).collect::<Vec<_>>().join(", ")
}

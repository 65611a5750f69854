//! What a signature says: an in-toto Statement v1 with a predicate of our own.

use bulkhead_base::{Digest, PluginName};
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::manifest::Manifest;

/// The only statement type that is taken.
pub(crate) const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// The only predicate type that is taken.
pub const PREDICATE_TYPE: &str = "urn:bulkhead:predicate:plugin:v1";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    #[serde(rename = "_type")]
    pub(crate) kind: String,
    pub(crate) subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    pub(crate) predicate_type: String,
    pub(crate) predicate: Predicate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) digest: SubjectDigest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubjectDigest {
    /// 64 hexadecimal digits.
    pub(crate) sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Predicate {
    pub(crate) name: PluginName,
    pub(crate) version: Version,
    /// Digest of the manifest section's content.
    pub(crate) manifest: Digest,
    /// Made by a development key: worth nothing outside `bulkhead dev`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) development: bool,
}

impl Statement {
    /// What is said about a file with this digest and manifest.
    pub(crate) fn about(digest: &Digest, manifest: &Manifest, manifest_digest: Digest, development: bool) -> Self {
        Self {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![Subject { name: manifest.name.to_string(), digest: SubjectDigest { sha256: digest.hex() } }],
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: Predicate {
                name: manifest.name.clone(),
                version: manifest.version.clone(),
                manifest: manifest_digest,
                development,
            },
        }
    }
}

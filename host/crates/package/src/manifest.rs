//! The manifest: what the file is called, what it asks for, what it offers.

use bulkhead_base::{Digest, PluginName};
use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    canonical,
    contract::{Contract, Place, description, line},
    json::{Json, JsonError},
    requests::Requests,
};

/// The format that this build writes and reads.
const FORMAT: u32 = 1;

/// A digest over the canonical form (RFC 8785) of a JSON text, and one over
/// its bytes as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestPair {
    pub canonical: Digest,
    pub raw: Digest,
}

impl DigestPair {
    fn of(text: &str) -> Result<Self, JsonError> {
        Ok(Self { canonical: canonical::digest(text)?, raw: Digest::of(text.as_bytes()) })
    }
}

/// A manifest that is refused.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("expected UTF-8")]
    NotText,
    #[error("{0}")]
    Shape(String),
    #[error("written in format {0}, and this version reads {FORMAT}; update bulkhead")]
    Newer(u32),
    #[error("expected no white space outside strings in `{0}`; pack the component again")]
    Spaced(&'static str),
    #[error("in `{half}`, {source}")]
    Half { half: &'static str, source: JsonError },
    #[error("the {form} digest of `{half}` is {found}, and the manifest says {stated}; pack the component again")]
    Digest { half: &'static str, form: &'static str, stated: Digest, found: Digest },
}

/// What a file says about itself. Nothing in it holds until a signature does.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    pub name: PluginName,
    pub version: Version,
    /// The version of the package `bulkhead:plugin` that it was built
    /// against; empty for a component that knows nothing of Bulkhead.
    pub wit: String,
    pub description: String,
    /// A display string. The publisher is the key that verifies.
    pub publisher: String,
    pub requests: Requests,
    pub contract: Contract,
    pub requests_digest: DigestPair,
    pub contract_digest: DigestPair,
    requests_json: Json,
    contract_json: Json,
}

/// What a manifest is made from.
#[derive(Clone, Debug)]
pub struct ManifestDraft {
    pub name: PluginName,
    pub version: Version,
    pub wit: String,
    pub description: String,
    pub publisher: String,
    pub requests: Requests,
    /// The contract, as the component described it.
    pub contract: Json,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OnFile<'a> {
    format: u32,
    name: PluginName,
    version: Version,
    wit: String,
    description: String,
    publisher: String,
    #[serde(borrow)]
    requests: &'a RawValue,
    requests_digest: DigestPair,
    #[serde(borrow)]
    contract: &'a RawValue,
    contract_digest: DigestPair,
}

impl Manifest {
    /// Reads a manifest, in steps:
    ///
    /// 1. UTF-8, one JSON object with exactly the known keys, each once.
    /// 2. This build's format.
    /// 3. Both halves are strict JSON in compact spelling.
    /// 4. Both digests of both halves are what the manifest says.
    /// 5. Every text, name and size in it is as it must be.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        // 1
        let text = str::from_utf8(bytes).map_err(|_| ManifestError::NotText)?;
        let on_file: OnFile<'_> =
            serde_json::from_str(text).map_err(|error| ManifestError::Shape(error.to_string()))?;
        // 2
        if on_file.format != FORMAT {
            return Err(ManifestError::Newer(on_file.format));
        }
        // 3, 4
        let requests_json = half("requests", on_file.requests, &on_file.requests_digest)?;
        let contract_json = half("contract", on_file.contract, &on_file.contract_digest)?;
        // 5
        let own = |source| ManifestError::Half { half: "manifest", source };
        line(&Place::root("publisher"), &on_file.publisher).map_err(own)?;
        line(&Place::root("wit"), &on_file.wit).map_err(own)?;
        description(&Place::root("description"), &on_file.description).map_err(own)?;
        let requests = read_requests(&requests_json)?;
        let contract =
            Contract::parse(&contract_json).map_err(|source| ManifestError::Half { half: "contract", source })?;
        Ok(Self {
            name: on_file.name,
            version: on_file.version,
            wit: on_file.wit,
            description: on_file.description,
            publisher: on_file.publisher,
            requests,
            contract,
            requests_digest: on_file.requests_digest,
            contract_digest: on_file.contract_digest,
            requests_json,
            contract_json,
        })
    }

    /// What it asks for, as signed.
    #[must_use]
    pub const fn requests_json(&self) -> &Json {
        &self.requests_json
    }

    /// The contract, as signed.
    #[must_use]
    pub const fn contract_json(&self) -> &Json {
        &self.contract_json
    }
}

fn read_requests(json: &Json) -> Result<Requests, ManifestError> {
    let refused = |source| ManifestError::Half { half: "requests", source };
    let requests: Requests = serde_json::from_str(json.as_str())
        .map_err(|error| refused(JsonError { pointer: String::new(), problem: error.to_string() }))?;
    requests.check().map_err(refused)?;
    Ok(requests)
}

fn half(half: &'static str, raw: &RawValue, stated: &DigestPair) -> Result<Json, ManifestError> {
    let read = Json::compact(raw).map_err(|source| ManifestError::Half { half, source })?;
    let (json, node) = read.ok_or(ManifestError::Spaced(half))?;
    let text = json.as_str();
    let found = DigestPair { canonical: canonical::digest_of(&node, text.len()), raw: Digest::of(text.as_bytes()) };
    for (form, stated, found) in [("canonical", stated.canonical, found.canonical), ("raw", stated.raw, found.raw)] {
        if stated != found {
            return Err(ManifestError::Digest { half, form, stated, found });
        }
    }
    Ok(json)
}

impl ManifestDraft {
    /// The manifest's bytes: the same for the same draft.
    pub(crate) fn write(&self) -> Result<Vec<u8>, ManifestError> {
        let shape = |error: serde_json::Error| ManifestError::Shape(error.to_string());
        let requests = serde_json::value::to_raw_value(&self.requests).map_err(shape)?;
        let in_half = |half| move |source| ManifestError::Half { half, source };
        let on_file = OnFile {
            format: FORMAT,
            name: self.name.clone(),
            version: self.version.clone(),
            wit: self.wit.clone(),
            description: self.description.clone(),
            publisher: self.publisher.clone(),
            requests_digest: DigestPair::of(requests.get()).map_err(in_half("requests"))?,
            requests: &requests,
            contract_digest: DigestPair::of(self.contract.as_str()).map_err(in_half("contract"))?,
            contract: self.contract.raw(),
        };
        serde_json::to_vec(&on_file).map_err(shape)
    }
}

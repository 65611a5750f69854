//! A manifest as whoever compares it reads it.

use std::collections::BTreeMap;

use bulkhead_base::Digest;
use bulkhead_package::{DocumentError, PublicKey, canonical, open_document};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{FORMAT, KIND, SKEW};

/// A manifest that is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error("what is signed makes no sense: {0}")]
    Shape(String),
    #[error("the manifest has format {0}, and this version knows format {FORMAT}")]
    Format(u32),
    #[error("the manifest was issued at {0}, which is yet to come; compare the clocks of both machines")]
    Early(Timestamp),
    #[error("the manifest expired at {0}: it is an old one shown again, or the clocks of both machines differ")]
    Expired(Timestamp),
    #[error("the manifest's contents are not those of its digest {0}")]
    Contents(Digest),
}

/// A manifest that somebody with the key signed, and whose time it is.
#[derive(Debug)]
pub struct Manifest {
    /// Where the server says that its endpoint is.
    pub url: Option<String>,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    pub contents_digest: Digest,
    pub contents: Contents,
}

/// Everything that is listed, by what it is listed under.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contents {
    pub tools: BTreeMap<String, Pin>,
    pub prompts: BTreeMap<String, Pin>,
    pub resource_templates: BTreeMap<String, Pin>,
}

/// One item.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// Of every field that is listed.
    pub fields: BTreeMap<String, Digest>,
    /// Fields that clients of the handshake era are not shown.
    #[serde(default)]
    pub modern_only: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed<'a> {
    server: Server,
    issued_at: String,
    expires_at: String,
    contents_digest: Digest,
    #[serde(borrow)]
    contents: &'a RawValue,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[derive(Deserialize)]
struct Server {
    url: Option<String>,
}

impl Manifest {
    /// The manifest in `envelope`, if one of `keys` signed it and its time is
    /// now; and which key did.
    ///
    /// # Errors
    /// [`ManifestError`]
    pub fn open<'k>(
        envelope: &[u8],
        keys: &'k [PublicKey],
        now: Timestamp,
    ) -> Result<(Self, &'k PublicKey), ManifestError> {
        let shape = |error: &dyn std::fmt::Display| ManifestError::Shape(error.to_string());
        let (payload, signer) = open_document(KIND, envelope, keys)?;
        let Format { format } = serde_json::from_slice(&payload).map_err(|error| shape(&error))?;
        if format != FORMAT {
            return Err(ManifestError::Format(format));
        }
        let signed: Signed<'_> = serde_json::from_slice(&payload).map_err(|error| shape(&error))?;
        let time = |text: &str| text.parse::<Timestamp>().map_err(|error| shape(&error));
        let (issued_at, expires_at) = (time(&signed.issued_at)?, time(&signed.expires_at)?);
        if now.checked_add(SKEW).is_ok_and(|latest| issued_at > latest) {
            return Err(ManifestError::Early(issued_at));
        }
        if now >= expires_at {
            return Err(ManifestError::Expired(expires_at));
        }
        let contents = signed.contents.get();
        if canonical::digest(contents).map_err(|error| shape(&error))? != signed.contents_digest {
            return Err(ManifestError::Contents(signed.contents_digest));
        }
        let (contents_digest, url) = (signed.contents_digest, signed.server.url);
        let contents = serde_json::from_str(contents).map_err(|error| shape(&error))?;
        Ok((Self { url, issued_at, expires_at, contents_digest, contents }, signer))
    }
}

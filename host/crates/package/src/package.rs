//! A plugin file whose parts were read, and whose signatures were not.

use std::{fmt, sync::Arc};

use bulkhead_base::Digest;
use bulkhead_keys::{KeyError, KeyId};

use crate::{
    dsse::{Envelope, EnvelopeError},
    layout::{Layout, LayoutError},
    limits::MAX_SIGNATURE_BYTES,
    manifest::{Manifest, ManifestError},
    pack::attach,
};

/// A file that is no plugin file.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error(transparent)]
    Layout(#[from] LayoutError),
    #[error(
        "a component without manifest: expected the section bulkhead.manifest; pack it with `bulkhead build` or `bulkhead sign`"
    )]
    NotPacked,
    #[error("packed already; sign it, or pack the component that it was made from")]
    AlreadyPacked,
    #[error("the manifest (at offset {offset}): {source}")]
    Manifest { offset: usize, source: ManifestError },
    #[error("the manifest cannot be made: {0}")]
    Draft(ManifestError),
    #[error("the signature envelope: {0}; sign the file again")]
    Envelope(#[from] EnvelopeError),
    #[error("the detached envelope has {0} bytes: expected at most {MAX_SIGNATURE_BYTES}")]
    EnvelopeTooLarge(usize),
    #[error("signatures both inside the file and beside it: expected one place; remove the .dsse file")]
    SignedTwice,
    #[error("not signed: expected the section bulkhead.signature")]
    NotSigned,
    #[error("the statement cannot be written")]
    Statement,
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Who a signature says that it is by. Proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The key id, where there is one that could be of ours.
    pub key_id: Option<KeyId>,
}

/// The bytes of a plugin file, with the digest that was taken over exactly them.
#[derive(Clone)]
pub struct PackedFile {
    bytes: Arc<Vec<u8>>,
    component_end: usize,
    digest: Digest,
}

impl PackedFile {
    /// `bytes`, if they are a plugin file of this digest: so they are the ones
    /// that were verified under it, wherever they come from now.
    #[must_use]
    pub fn recognise(bytes: Vec<u8>, digest: &Digest) -> Option<Self> {
        let layout = Layout::read(&bytes).ok()?;
        let is_it = layout.manifest.is_some() && Digest::of(&bytes[..layout.signed_end]) == *digest;
        is_it.then(|| Self { bytes: bytes.into(), component_end: layout.component_end, digest: *digest })
    }

    /// The whole file, signature section included.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes to compile: a part of the buffer that was hashed.
    #[must_use]
    pub fn component(&self) -> &[u8] {
        &self.bytes[..self.component_end]
    }

    /// SHA-256 of the bytes before the signature section.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}

impl fmt::Debug for PackedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackedFile({} of {} bytes)", self.digest, self.bytes.len())
    }
}

/// A plugin file whose parts were read. What it says of itself is not yet
/// believed: [`crate::Trust::verify`] does that.
#[derive(Clone, Debug)]
pub struct Package {
    file: PackedFile,
    signed_end: usize,
    manifest: Manifest,
    manifest_digest: Digest,
    envelope: Option<Envelope>,
}

impl Package {
    /// Reads a file, and the envelope beside it if there is one. The result
    /// holds the envelope inside the file in either case.
    ///
    /// # Errors
    /// The file is no packed component, or its envelope is in two places.
    pub fn parse(file: Vec<u8>, detached: Option<&[u8]>) -> Result<Self, PackageError> {
        let file = match detached {
            Some(envelope) => attach(&file, envelope)?,
            None => file,
        };
        let layout = Layout::read(&file)?;
        let manifest_bytes = layout.manifest.ok_or(PackageError::NotPacked)?;
        let manifest = Manifest::parse(&file[manifest_bytes.clone()])
            .map_err(|source| PackageError::Manifest { offset: manifest_bytes.start, source })?;
        let envelope = layout.envelope.map(|at| Envelope::parse(&file[at])).transpose()?;
        Ok(Self {
            manifest_digest: Digest::of(&file[manifest_bytes]),
            file: PackedFile {
                digest: Digest::of(&file[..layout.signed_end]),
                bytes: file.into(),
                component_end: layout.component_end,
            },
            signed_end: layout.signed_end,
            manifest,
            envelope,
        })
    }

    /// What the file says about itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of the bytes before the signature section.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.file.digest
    }

    /// SHA-256 of the manifest section's content.
    #[must_use]
    pub const fn manifest_digest(&self) -> Digest {
        self.manifest_digest
    }

    /// Who the signatures say that they are by.
    #[must_use]
    pub fn signers(&self) -> Vec<Signer> {
        let signatures = self.envelope.iter().flat_map(|envelope| &envelope.signatures);
        signatures.map(|signature| Signer { key_id: signature.key_id() }).collect()
    }

    /// Whether `key` signed these very bytes, as a development key or not.
    /// Says nothing about whether the key may: that is [`crate::Trust::verify`]'s.
    #[must_use]
    pub fn is_signed_by(&self, key: &crate::PublicKey) -> bool {
        let Some(envelope) = &self.envelope else { return false };
        let signed = envelope.signed_bytes();
        let of_key = |signature: &&crate::dsse::Signature| signature.key_id() == Some(key.id());
        envelope.signatures.iter().filter(of_key).any(|s| s.bytes().is_some_and(|sig| key.verifies(&signed, &sig)))
    }

    /// The component itself, without the sections of ours.
    #[must_use]
    pub fn component(&self) -> &[u8] {
        self.file.component()
    }

    /// The whole file.
    #[must_use]
    pub fn file(&self) -> &[u8] {
        self.file.bytes()
    }

    /// The file, if its digest is `digest`.
    #[must_use]
    pub fn into_file(self, digest: &Digest) -> Option<PackedFile> {
        (self.file.digest == *digest).then_some(self.file)
    }

    /// The bytes that the digest is taken over.
    pub(crate) fn signed_bytes(&self) -> &[u8] {
        &self.file.bytes[..self.signed_end]
    }

    /// Takes the file's bytes out; what is left knows everything but them.
    pub(crate) fn take_file(&mut self) -> PackedFile {
        let digest = self.file.digest;
        std::mem::replace(&mut self.file, PackedFile { bytes: Arc::default(), component_end: 0, digest })
    }

    pub(crate) const fn envelope(&self) -> Option<&Envelope> {
        self.envelope.as_ref()
    }
}

//! Making plugin files: the same input makes the same bytes.

use bulkhead_keys::Keypair;

use crate::{
    dsse::{Envelope, PAYLOAD_TYPE},
    layout::{Layout, MANIFEST_SECTION, SIGNATURE_SECTION, Stage, section, stage},
    limits::MAX_SIGNATURE_BYTES,
    manifest::ManifestDraft,
    package::{Package, PackageError},
    statement::Statement,
};

/// Appends a manifest to a component. What is returned was read back, so
/// that nothing is packed which would be refused.
///
/// # Errors
/// The component is none or packed already, or the draft breaks a rule of the manifest.
pub fn pack(component: &[u8], draft: &ManifestDraft) -> Result<Vec<u8>, PackageError> {
    if stage(component)? != Stage::Bare {
        return Err(PackageError::AlreadyPacked);
    }
    let manifest = draft.write().map_err(PackageError::Draft)?;
    let packed = [component, &section(MANIFEST_SECTION, &manifest)].concat();
    Package::parse(packed.clone(), None)?;
    Ok(packed)
}

/// Adds a signature to a packed file. Earlier signatures stay if they are
/// over the same statement; those over another one (a development build's,
/// say) hold nothing any more and go.
///
/// # Errors
/// The file is not packed, or has too many signatures.
pub fn sign(file: &[u8], key: &Keypair, development: bool) -> Result<Vec<u8>, PackageError> {
    let package = Package::parse(file.to_vec(), None)?;
    let statement = Statement::about(&package.digest(), package.manifest(), package.manifest_digest(), development);
    let payload = serde_json::to_vec(&statement).map_err(|_| PackageError::Statement)?;
    let same = |envelope: &&Envelope| envelope.payload == payload && envelope.payload_type == PAYLOAD_TYPE;
    let mut envelope = package.envelope().filter(same).cloned().unwrap_or_else(|| Envelope {
        payload_type: PAYLOAD_TYPE.to_owned(),
        payload: payload.clone(),
        signatures: Vec::new(),
    });
    envelope.add(key);
    let signed = with_envelope(package.signed_bytes(), &envelope.write()?);
    Package::parse(signed.clone(), None)?;
    Ok(signed)
}

fn with_envelope(packed: &[u8], envelope: &[u8]) -> Vec<u8> {
    [packed, &section(SIGNATURE_SECTION, envelope)].concat()
}

/// Puts a detached envelope into the file that it belongs to.
///
/// # Errors
/// The file is no component, has an envelope inside, or the envelope is too large.
pub fn attach(file: &[u8], envelope: &[u8]) -> Result<Vec<u8>, PackageError> {
    if envelope.len() > MAX_SIGNATURE_BYTES {
        return Err(PackageError::EnvelopeTooLarge(envelope.len()));
    }
    match stage(file)? {
        Stage::Signed => Err(PackageError::SignedTwice),
        Stage::Packed => Ok(with_envelope(file, envelope)),
        Stage::Bare => Err(PackageError::NotPacked),
    }
}

/// Takes a signed file apart: the packed file, and the envelope for `NAME.wasm.dsse`.
///
/// # Errors
/// The file has no signature section.
pub fn detach(file: &[u8]) -> Result<(&[u8], &[u8]), PackageError> {
    let layout = Layout::read(file)?;
    let envelope = layout.envelope.ok_or(PackageError::NotSigned)?;
    Ok((&file[..layout.signed_end], &file[envelope]))
}

/// The component without sections of ours: the whole of a bare one.
///
/// # Errors
/// The file is no component, or its sections are out of order.
pub fn strip(file: &[u8]) -> Result<&[u8], PackageError> {
    let layout = Layout::read(file)?;
    Ok(&file[..layout.component_end])
}

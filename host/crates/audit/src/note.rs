//! Checkpoints: what the tree was at a size, signed. The form is that of
//! c2sp.org/tlog-checkpoint, a c2sp.org/signed-note, so that other tools read
//! them.

use std::{fmt, str::FromStr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use crate::{Keypair, PublicKey, key::ED25519, merkle::Hash};

/// Longest name of a record.
const NAME_BYTES: usize = 128;
/// Longest note that is looked at. Answers "a checkpoint without end".
pub(crate) const NOTE_BYTES: usize = 64 << 10;
/// Signatures of a note that are looked at, as the format allows to limit.
const MOST_SIGNATURES: usize = 64;
/// What a signature line begins with: an em dash and a space.
pub(crate) const DASH: &str = "\u{2014} ";
const KEY_ID_BYTES: usize = 4;
/// A key's id and its signature.
pub(crate) const SIGNED_BYTES: usize = KEY_ID_BYTES + 64;

/// A record's name, which its checkpoints begin with: `tools.example.com/audit`.
/// Visible ASCII without `+`, `"` and `\`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LogName(Arc<str>);

/// Text that is no name of a record.
#[derive(Debug, thiserror::Error)]
#[error("a record's name has 1 to {NAME_BYTES} visible ASCII characters, none of them + \" or \\")]
pub struct NameError;

impl FromStr for LogName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let fits = (1..=NAME_BYTES).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"+\"\\".contains(&byte));
        if fits { Ok(Self(text.into())) } else { Err(NameError) }
    }
}

impl LogName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a signature line begins with, so that one knows which key to try.
    pub(crate) fn key_id(&self, key: &PublicKey) -> [u8; KEY_ID_BYTES] {
        let hash =
            Sha256::new_with_prefix(self.0.as_bytes()).chain_update([b'\n', ED25519]).chain_update(key.as_bytes());
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&hash.finalize()[..KEY_ID_BYTES]);
        id
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// Why a text is no checkpoint that one may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("it is no checkpoint: expected a name, a number, a hash, an empty line and a signature")]
    Malformed,
    #[error("it is not signed by this key")]
    NotSigned,
    #[error("its signature does not fit what it says")]
    Forged,
}

/// What a record's tree was at a size. None leaves this crate whose signature was not checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Checkpoint {
    name: LogName,
    size: u64,
    root: Hash,
    id: [u8; KEY_ID_BYTES],
    signature: [u8; 64],
}

impl Checkpoint {
    pub(crate) fn sign(name: &LogName, signer: &Keypair, size: u64, root: Hash) -> Self {
        let signature = signer.sign(text(name, size, &root).as_bytes());
        Self { name: name.clone(), size, root, id: name.key_id(signer.public()), signature }
    }

    /// Reads a checkpoint that `key` signed. Signatures of others, such as
    /// witnesses, are passed over.
    ///
    /// # Errors
    /// It is no checkpoint, or `key` did not sign it.
    pub fn parse(note: &str, key: &PublicKey) -> Result<Self, NoteError> {
        let end = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let checkpoint = Self::parse_unchecked(note, key)?;
        let body = &note.as_bytes()[..=end];
        if key.verifies(body, &checkpoint.signature) { Ok(checkpoint) } else { Err(NoteError::Forged) }
    }

    /// Reads a checkpoint that says that `key` signed it, for whoever asks
    /// later whether it [`is_signed`](Self::is_signed).
    pub(crate) fn parse_unchecked(note: &str, key: &PublicKey) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES || note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::Malformed);
        }
        let end = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (body, signatures) = (&note[..=end], &note[end + 2..]);
        let (name, size, root) = read_body(body).ok_or(NoteError::Malformed)?;
        let id = name.key_id(key);
        let signature = find_signature(signatures, &name, id)?;
        Ok(Self { name, size, root, id, signature })
    }

    /// Whether `key` signed it, without extensions.
    pub(crate) fn is_signed(&self, key: &PublicKey) -> bool {
        key.verifies(text(&self.name, self.size, &self.root).as_bytes(), &self.signature)
    }

    /// The record that it is of.
    #[must_use]
    pub const fn name(&self) -> &LogName {
        &self.name
    }

    /// How many records it covers.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree of the first [`size`](Self::size) records.
    #[must_use]
    pub const fn root(&self) -> &[u8; 32] {
        &self.root
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut signed = [0; SIGNED_BYTES];
        signed[..KEY_ID_BYTES].copy_from_slice(&self.id);
        signed[KEY_ID_BYTES..].copy_from_slice(&self.signature);
        let text = text(&self.name, self.size, &self.root);
        writeln!(f, "{text}\n{DASH}{} {}", self.name, STANDARD.encode(signed))
    }
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checkpoint({} {} {})", self.name, self.size, STANDARD.encode(self.root))
    }
}

fn text(name: &LogName, size: u64, root: &Hash) -> String {
    format!("{name}\n{size}\n{}\n", STANDARD.encode(root))
}

/// Lines after the third are extensions, which the signature covers and nobody reads.
fn read_body(body: &str) -> Option<(LogName, u64, Hash)> {
    let mut lines = body.strip_suffix('\n')?.split('\n');
    let (name, size, root) = (lines.next()?, lines.next()?, lines.next()?);
    let number: u64 = size.parse().ok().filter(|number: &u64| number.to_string() == size)?;
    let root = STANDARD.decode(root).ok()?.try_into().ok()?;
    let extensions_hold = lines.all(|line| !line.is_empty());
    extensions_hold.then_some((name.parse().ok()?, number, root))
}

fn find_signature(lines: &str, name: &LogName, id: [u8; KEY_ID_BYTES]) -> Result<[u8; 64], NoteError> {
    let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed)?;
    for line in lines.split('\n').take(MOST_SIGNATURES) {
        let (by, signature) =
            line.strip_prefix(DASH).and_then(|line| line.split_once(' ')).ok_or(NoteError::Malformed)?;
        let signature = STANDARD.decode(signature).map_err(|_| NoteError::Malformed)?;
        let (by_id, signature) = signature.split_first_chunk().ok_or(NoteError::Malformed)?;
        if by == name.as_str() && *by_id == id {
            return signature.try_into().map_err(|_| NoteError::Forged);
        }
    }
    Err(NoteError::NotSigned)
}

#[cfg(test)]
mod tests;

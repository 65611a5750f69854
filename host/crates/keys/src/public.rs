use std::{fmt, fs::File, io::Read as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_base::Digest;
use ed25519_dalek::{
    Signature, VerifyingKey,
    pkcs8::{DecodePublicKey as _, EncodePublicKey as _},
};

use zeroize::Zeroizing;

use crate::{KeyError, MAX_KEY_BYTES};

/// What is set aside for a key file, whose size is a few hundred bytes: a text
/// that grows leaves parts of itself behind in memory.
const ROOM: usize = 4 << 10;

/// SHA-256 of a public key's SPKI (DER).
pub type KeyId = Digest;

/// A public key and its id.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    spki: Vec<u8>,
    id: KeyId,
}

impl PublicKey {
    pub(crate) fn of(key: VerifyingKey) -> Result<Self, KeyError> {
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        let spki = key.to_public_key_der().map_err(|_| KeyError::Encoding)?.into_vec();
        Ok(Self { key, id: Digest::of(&spki), spki })
    }

    /// Reads SPKI, as PEM or as base64 in one line.
    ///
    /// # Errors
    /// The text is neither, or holds another kind of key.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let key = if text.starts_with("-----BEGIN") {
            VerifyingKey::from_public_key_pem(text).map_err(|_| KeyError::Public)?
        } else {
            let der = STANDARD.decode(text).map_err(|_| KeyError::Public)?;
            VerifyingKey::from_public_key_der(&der).map_err(|_| KeyError::Public)?
        };
        Self::of(key)
    }

    /// Reads a public key's file.
    ///
    /// # Errors
    /// It is unreadable, or holds no public key.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path).map_err(|source| KeyError::File { path: path.into(), source })?;
        Self::parse(&read_text(path, file)?)
    }

    /// SHA-256 of the SPKI.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The 32 bytes of the key itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// SPKI as base64 in one line, as `mcp.yaml` has it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.spki)
    }

    /// SPKI as PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", self.to_base64())
    }

    /// Whether `signature` is this key's over `message`. Strict: no key or
    /// signature of small order, one encoding of each.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id.hex())
    }
}

pub(crate) fn read_text(path: &Path, file: File) -> Result<Zeroizing<String>, KeyError> {
    let mut text = Zeroizing::new(String::with_capacity(ROOM));
    file.take(MAX_KEY_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|source| KeyError::File { path: path.into(), source })?;
    if text.len() as u64 > MAX_KEY_BYTES {
        return Err(KeyError::TooLarge { path: path.into() });
    }
    Ok(text)
}

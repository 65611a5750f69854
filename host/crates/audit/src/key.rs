//! The Ed25519 key that signs checkpoints, and its public half.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{
    Signature, Signer as _, SigningKey, VerifyingKey,
    pkcs8::{
        DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _, KeypairBytes,
        spki::der::pem::LineEnding,
    },
};
use zeroize::Zeroizing;

use crate::LogName;

/// Largest key file. Answers "the key file is the disk".
const KEY_FILE_BYTES: u64 = 16 << 10;
const PRIVATE: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// What signed-note calls the signature type of Ed25519.
pub(crate) const ED25519: u8 = 1;

/// A key that cannot be read or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    #[error("not an Ed25519 public key: expected SPKI, as PEM (-----BEGIN PUBLIC KEY-----) or as base64 in one line")]
    Public,
    #[error("{}: not an Ed25519 private key: expected PKCS#8 PEM, as `bulkhead keygen` writes it", path.display())]
    Private { path: PathBuf },
    #[error("{}: others may read this private key (mode {mode:03o}); whoever has it can rewrite the record", path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("cannot use the key file {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the system has no random source")]
    NoRandom,
    #[error("the key cannot be encoded")]
    Encoding,
}

/// Whom a record is believed: the public half of its key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads SPKI, as PEM or as base64 in one line.
    ///
    /// # Errors
    /// The text is neither, holds another kind of key, or one of small order.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let key = if text.starts_with("-----BEGIN") {
            VerifyingKey::from_public_key_pem(text).map_err(|_| KeyError::Public)?
        } else {
            let der = STANDARD.decode(text).map_err(|_| KeyError::Public)?;
            VerifyingKey::from_public_key_der(&der).map_err(|_| KeyError::Public)?
        };
        if key.is_weak() { Err(KeyError::Public) } else { Ok(Self(key)) }
    }

    /// The key as other tools for signed notes take it:
    /// `NAME+KEYID+base64(type, key)`.
    #[must_use]
    pub fn to_verifier(&self, name: &LogName) -> String {
        let id = u32::from_be_bytes(name.key_id(self));
        let typed = [&[ED25519], self.as_bytes().as_slice()].concat();
        format!("{name}+{id:08x}+{}", STANDARD.encode(typed))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether `signature` is this key's over `message`: strictly, so that there
    /// is one signature and no other.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", STANDARD.encode(self.as_bytes()))
    }
}

/// The key that signs a record's checkpoints.
pub struct Signer {
    secret: SigningKey,
    public: PublicKey,
}

impl Signer {
    /// A new key from the system's random source.
    ///
    /// # Errors
    /// The system has no random source.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut()).map_err(|_| KeyError::NoRandom)?;
        Ok(Self::of(SigningKey::from_bytes(&seed)))
    }

    fn of(secret: SigningKey) -> Self {
        let public = PublicKey(secret.verifying_key());
        Self { secret, public }
    }

    /// Reads the key file at `path`, PKCS#8 PEM that nobody but its owner may
    /// read. If there is none, makes one, and its public half beside it
    /// (`audit.key` → `audit.key.pub`), for whoever verifies.
    ///
    /// # Errors
    /// It is unreadable, readable by others, or no Ed25519 private key.
    pub fn read_or_create(path: &Path) -> Result<Self, KeyError> {
        match File::open(path) {
            Ok(file) => Self::read(path, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let signer = Self::generate()?;
                signer.write(path)?;
                Ok(signer)
            }
            Err(source) => Err(KeyError::File { path: path.into(), source }),
        }
    }

    fn read(path: &Path, file: File) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.into(), source };
        let mode = file.metadata().map_err(failed)?.mode() & 0o777;
        if mode & OTHERS != 0 {
            return Err(KeyError::Exposed { path: path.into(), mode });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(KEY_FILE_BYTES).read_to_string(&mut text).map_err(failed)?;
        let secret = SigningKey::from_pkcs8_pem(text.trim()).map_err(|_| KeyError::Private { path: path.into() })?;
        Ok(Self::of(secret))
    }

    fn write(&self, path: &Path) -> Result<(), KeyError> {
        let failed = |source| KeyError::File { path: path.into(), source };
        let bytes = KeypairBytes { secret_key: self.secret.to_bytes(), public_key: None };
        let pem = bytes.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Encoding)?;
        let public = self.public.0.to_public_key_pem(LineEnding::LF).map_err(|_| KeyError::Encoding)?;
        let mut beside = path.as_os_str().to_owned();
        beside.push(".pub");
        fs::write(&beside, public).map_err(failed)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path).map_err(failed)?;
        file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({:?})", self.public)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        let made = Signer::read_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Signer::read_or_create(&path).unwrap().public(), made.public());
        let beside = fs::read_to_string(folder.path().join("audit.key.pub")).unwrap();
        assert_eq!(&PublicKey::parse(&beside).unwrap(), made.public());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Signer::read_or_create(&path), Err(KeyError::Exposed { mode: 0o640, .. })));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).unwrap().write_all(b"key").unwrap();
        assert!(matches!(Signer::read_or_create(&path), Err(KeyError::Private { .. })));
        for text in ["", "AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"] {
            assert!(matches!(PublicKey::parse(text), Err(KeyError::Public)), "{text}");
        }
    }
}

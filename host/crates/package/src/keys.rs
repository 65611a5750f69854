//! Ed25519 keys and their files.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_base::Digest;
use ed25519_dalek::{
    Signature, Signer as _, SigningKey, VerifyingKey,
    pkcs8::{
        DecodePrivateKey as _, DecodePublicKey as _, EncodePublicKey as _, KeypairBytes, spki::der::pem::LineEnding,
    },
};
use zeroize::Zeroizing;

use crate::limits::MAX_KEY_BYTES;

/// SHA-256 of a public key's SPKI (DER).
pub type KeyId = Digest;

const PRIVATE: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// A key that cannot be read, made or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("not an Ed25519 public key: expected SPKI, as PEM (-----BEGIN PUBLIC KEY-----) or as base64 in one line")]
    Public,
    #[error("a public key of small order: it verifies what nobody signed; make a new pair with `bulkhead keygen`")]
    Weak,
    #[error("{}: not an Ed25519 private key: expected PKCS#8 PEM, as `bulkhead keygen` writes it", path.display())]
    Private { path: PathBuf },
    #[error("{}: others may read this private key (mode {mode:03o}); make a new pair, or run `chmod 600 {}` if nobody did", path.display(), path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{}: this is a public key, and signing needs the private one beside it", path.display())]
    PublicWherePrivate { path: PathBuf },
    #[error("{}: larger than {MAX_KEY_BYTES} bytes, so it is no key file", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}: exists already; a key is never overwritten, so give another name with --out", path.display())]
    Exists { path: PathBuf },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the system has no random numbers to give: {0}")]
    Random(getrandom::Error),
    #[error("the key cannot be encoded")]
    Encoding,
}

/// A public key and its id.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    spki: Vec<u8>,
    id: KeyId,
}

impl PublicKey {
    fn of(key: VerifyingKey) -> Result<Self, KeyError> {
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

/// A key pair that signs.
pub struct Keypair {
    secret: SigningKey,
    public: PublicKey,
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keypair({})", self.public.id.hex())
    }
}

impl Keypair {
    /// A new pair from the system's random source.
    ///
    /// # Errors
    /// The system has no random source.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut()).map_err(KeyError::Random)?;
        Self::of(SigningKey::from_bytes(&seed))
    }

    fn of(secret: SigningKey) -> Result<Self, KeyError> {
        let public = PublicKey::of(secret.verifying_key())?;
        Ok(Self { secret, public })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }

    /// Reads a private key's file, which nobody but its owner may read.
    ///
    /// # Errors
    /// It is unreadable, readable by others, or holds no Ed25519 private key.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.into(), source };
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.mode() & 0o777;
        let text = Zeroizing::new(read_text(path, file)?);
        if text.contains("-----BEGIN PUBLIC KEY-----") {
            return Err(KeyError::PublicWherePrivate { path: path.into() });
        }
        if mode & OTHERS != 0 {
            return Err(KeyError::Exposed { path: path.into(), mode });
        }
        let secret = SigningKey::from_pkcs8_pem(text.trim()).map_err(|_| KeyError::Private { path: path.into() })?;
        Self::of(secret)
    }

    /// Writes the private key as PKCS#8 PEM, mode 0600, to a file that does
    /// not exist yet, and the public one beside it.
    ///
    /// # Errors
    /// One of the files exists, or the folder cannot be written.
    pub fn write(&self, path: &Path) -> Result<PathBuf, KeyError> {
        use ed25519_dalek::pkcs8::EncodePrivateKey as _;
        let public_path = public_path(path);
        for path in [path, &public_path] {
            if fs::symlink_metadata(path).is_ok() {
                return Err(KeyError::Exists { path: path.into() });
            }
        }
        // Without the public half: older OpenSSL reads only that form.
        let bytes = KeypairBytes { secret_key: self.secret.to_bytes(), public_key: None };
        let pem = bytes.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Encoding)?;
        create(path, PRIVATE, pem.as_bytes())?;
        create(&public_path, 0o644, self.public.to_pem().as_bytes())?;
        Ok(public_path)
    }
}

/// `k.pem` → `k.pub.pem`.
fn public_path(path: &Path) -> PathBuf {
    let stem = if path.extension().is_some_and(|e| e == "pem") { path.with_extension("") } else { path.to_owned() };
    let mut name = stem.file_name().unwrap_or_default().to_owned();
    name.push(".pub.pem");
    stem.with_file_name(name)
}

fn create(path: &Path, mode: u32, text: &[u8]) -> Result<(), KeyError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.into() },
        _ => KeyError::File { path: path.into(), source },
    };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(failed)?;
    file.write_all(text).and_then(|()| file.sync_all()).map_err(failed)
}

fn read_text(path: &Path, file: File) -> Result<String, KeyError> {
    let mut text = String::new();
    file.take(MAX_KEY_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|source| KeyError::File { path: path.into(), source })?;
    if text.len() as u64 > MAX_KEY_BYTES {
        return Err(KeyError::TooLarge { path: path.into() });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_pair_reads_back_and_its_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.pem");
        let pair = Keypair::generate().unwrap();
        let public_path = pair.write(&path).unwrap();
        assert_eq!(public_path, folder.path().join("k.pub.pem"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Keypair::read(&path).unwrap().public(), pair.public());
        assert_eq!(&PublicKey::read(&public_path).unwrap(), pair.public());
        assert_eq!(&PublicKey::parse(&pair.public().to_base64()).unwrap(), pair.public());
        assert!(matches!(pair.write(&path), Err(KeyError::Exists { .. })));
        assert!(matches!(Keypair::read(&public_path), Err(KeyError::PublicWherePrivate { .. })));
    }

    #[test]
    fn a_private_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.pem");
        Keypair::generate().unwrap().write(&path).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Keypair::read(&path), Err(KeyError::Exposed { .. })), "{mode:o}");
        }
    }

    #[test]
    fn weak_and_other_keys_are_refused() {
        let weak = [[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0].to_vec(), vec![1], vec![0; 31]].concat();
        assert!(matches!(PublicKey::parse(&STANDARD.encode(weak)), Err(KeyError::Weak)));
        for text in ["", "AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "ssh-ed25519 AAAA"] {
            assert!(matches!(PublicKey::parse(text), Err(KeyError::Public)), "{text}");
        }
    }

    /// RFC 8410 section 10.3.
    #[test]
    fn the_key_of_the_rfc_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rfc.pem");
        create(&path, 0o600, b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n").unwrap();
        let public = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
        assert_eq!(Keypair::read(&path).unwrap().public().to_base64(), public);
    }
}

use std::{
    fmt,
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use ed25519_dalek::{
    Signer as _, SigningKey,
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes, spki::der::pem::LineEnding},
};
use zeroize::Zeroizing;

use crate::{KeyError, PublicKey, create, public::read_text};

const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o644;
const OTHERS: u32 = 0o077;

/// A key pair that signs.
pub struct Keypair {
    secret: SigningKey,
    public: PublicKey,
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keypair({})", self.public.id().hex())
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

    /// The signature over `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
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
        let text = read_text(path, file)?;
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
    /// not exist yet, and the public one beside it (`k.pem` → `k.pub.pem`).
    ///
    /// # Errors
    /// One of the files exists, or the folder cannot be written.
    pub fn write(&self, path: &Path) -> Result<PathBuf, KeyError> {
        let public_path = public_path(path);
        for path in [path, &public_path] {
            if fs::symlink_metadata(path).is_ok() {
                return Err(KeyError::Exists { path: path.into() });
            }
        }
        self.write_private(path)?;
        self.write_public(&public_path)?;
        Ok(public_path)
    }

    /// The pair whose private half lies at `path`; a fresh one if there is
    /// none, with its public half at `public_path` for whoever verifies. Of
    /// several that make it at once all get the same.
    ///
    /// # Errors
    /// As of [`read`](Self::read), or it can be made neither.
    pub fn read_or_make(path: &Path, public_path: &Path) -> Result<Self, KeyError> {
        match Self::read(path) {
            Err(KeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            read => return read,
        }
        let made = Self::generate()?;
        match made.write_private(path) {
            Err(KeyError::Exists { .. }) => return Self::read(path),
            written => written?,
        }
        // What lies there belongs to a key that is gone.
        match fs::remove_file(public_path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(KeyError::File { path: public_path.into(), source });
            }
            _ => made.write_public(public_path)?,
        }
        Ok(made)
    }

    fn write_private(&self, path: &Path) -> Result<(), KeyError> {
        // Without the public half: older OpenSSL reads only that form.
        let bytes = KeypairBytes { secret_key: self.secret.to_bytes(), public_key: None };
        let pem = bytes.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Encoding)?;
        make(path, PRIVATE, pem.as_bytes())
    }

    fn write_public(&self, path: &Path) -> Result<(), KeyError> {
        make(path, PUBLIC, self.public.to_pem().as_bytes())
    }
}

/// `k.pem` → `k.pub.pem`.
fn public_path(path: &Path) -> PathBuf {
    let stem = if path.extension().is_some_and(|e| e == "pem") { path.with_extension("") } else { path.to_owned() };
    let mut name = stem.file_name().unwrap_or_default().to_owned();
    name.push(".pub.pem");
    stem.with_file_name(name)
}

fn make(path: &Path, mode: u32, text: &[u8]) -> Result<(), KeyError> {
    create(path, mode, text).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.into() },
        _ => KeyError::File { path: path.into(), source },
    })
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt as _, thread};

    use base64::{Engine as _, engine::general_purpose::STANDARD};

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
    fn of_several_that_make_a_pair_at_once_all_have_the_same() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let (path, public_path) = (folder.path().join("audit.key"), folder.path().join("audit.key.pub"));
            let pairs: Vec<Keypair> = thread::scope(|scope| {
                let makers: Vec<_> =
                    (0..4).map(|_| scope.spawn(|| Keypair::read_or_make(&path, &public_path).unwrap())).collect();
                makers.into_iter().map(|maker| maker.join().unwrap()).collect()
            });
            let public = PublicKey::read(&public_path).unwrap();
            assert!(pairs.iter().all(|pair| *pair.public() == public));
            assert_eq!(Keypair::read(&path).unwrap().public(), &public);
        }
    }

    #[test]
    fn the_public_half_of_a_key_that_is_gone_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (path, public_path) = (folder.path().join("audit.key"), folder.path().join("audit.key.pub"));
        let first = Keypair::read_or_make(&path, &public_path).unwrap();
        fs::remove_file(&path).unwrap();
        let second = Keypair::read_or_make(&path, &public_path).unwrap();
        assert_ne!(first.public(), second.public());
        assert_eq!(&PublicKey::read(&public_path).unwrap(), second.public());
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
        make(&path, 0o600, b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n").unwrap();
        let public = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
        assert_eq!(Keypair::read(&path).unwrap().public().to_base64(), public);
    }
}

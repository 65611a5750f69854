use std::{io, path::PathBuf};

use crate::MAX_KEY_BYTES;

/// A key that cannot be read, made or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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

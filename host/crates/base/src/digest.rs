use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

const ALGORITHM: &[u8] = b"sha256:";

/// Text that is not a digest.
#[derive(Debug, thiserror::Error)]
#[error("expected sha256: and 64 lower-case hexadecimal digits")]
pub struct DigestError;

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 digits without `sha256:`, as in-toto subjects and file names have them.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }

    /// As it is written, in ASCII: for where a formatter would be most of the work.
    #[must_use]
    pub fn ascii(&self) -> [u8; 71] {
        let mut text = [0; 71];
        let (algorithm, digits) = text.split_at_mut(ALGORITHM.len());
        algorithm.copy_from_slice(ALGORITHM);
        // There is room for two digits a byte, so that it cannot fail.
        let _ = hex::encode_to_slice(self.0, digits);
        text
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.ascii()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let digits = text.strip_prefix("sha256:").ok_or(DigestError)?;
        if digits.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(DigestError);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| DigestError)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string().parse::<Digest>().ok(), Some(digest));
        assert!(digest.hex().starts_with("ba7816bf"));
        assert_eq!(digest.to_string(), format!("sha256:{}", digest.hex()));
    }

    #[test]
    fn refuses_everything_but_the_one_spelling() {
        let good = Digest::of(b"").to_string();
        for bad in [good.to_uppercase(), good[..70].to_owned(), good.replace("sha256:", ""), format!("{good}0")] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }
}

//! Keys and their files: Ed25519 pairs, which sign plugins, manifests and the
//! record, and secrets of 32 bytes.
//!
//! **Invariant:** a private key is believed only if nobody but its owner can
//! read its file, and a file that is made is made whole: of two servers that
//! start at once, one makes the key and both use it.
//!
//! Absent: who is trusted with what, and what is signed.

mod create;
mod error;
mod pair;
mod public;
pub mod secret;

pub use create::create;
pub use error::KeyError;
pub use pair::Keypair;
pub use public::{KeyId, PublicKey};

/// Largest key file. Answers "a key path that points at a device or a disk image".
pub const MAX_KEY_BYTES: u64 = 16 << 10;

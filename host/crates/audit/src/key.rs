use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_keys::PublicKey;

use crate::LogName;

/// What signed-note calls the signature type of Ed25519.
pub(crate) const ED25519: u8 = 1;

/// `key` as other tools for signed notes take it, for the record `name`:
/// `NAME+KEYID+base64(type, key)` (c2sp.org/signed-note).
#[must_use]
pub fn verifier(name: &LogName, key: &PublicKey) -> String {
    let id = u32::from_be_bytes(name.key_id(key));
    let typed = [&[ED25519], key.as_bytes().as_slice()].concat();
    format!("{name}+{id:08x}+{}", STANDARD.encode(typed))
}

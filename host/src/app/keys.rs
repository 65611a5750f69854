//! The host's own keys: what is sealed with, and what compiled code is
//! believed by.

use std::io;

use bulkhead_base::Redacted;
use bulkhead_keys::secret;
use bulkhead_sandbox::CodeCache;
use bulkhead_seal::Keyring;

use super::StartError;
use crate::config::Config;

/// What is sealed that clients carry: with the keys of `stateKeys`, or else
/// with one of this host's own, which is kept, so that a restart does not matter.
pub(super) fn keyring(config: &Config) -> io::Result<Keyring> {
    let keys: Vec<_> = config.state_keys.iter().map(|written| written.key.clone()).collect();
    match keys.split_first() {
        Some((first, older)) => Ok(Keyring::new(first, older)),
        None => secret::read_or_make(&config.seal_key_path()).map(|own| Keyring::new(&Redacted::new(own), &[])),
    }
}

/// A ring that is good for this run alone, where none can be kept.
pub(super) fn for_this_run(error: &io::Error) -> Result<Keyring, StartError> {
    tracing::warn!(%error, "what clients carry for this server does not outlive a restart");
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| StartError::Random)?;
    Ok(Keyring::new(&Redacted::new(key), &[]))
}

/// Where compiled code is kept. Without it every start compiles anew.
pub(super) fn code_cache(config: &Config) -> Option<CodeCache> {
    match secret::read_or_make(&config.state_dir.join("cache.key")) {
        Ok(key) => Some(CodeCache { dir: config.cache_dir(), key: Redacted::new(key) }),
        Err(error) => {
            tracing::warn!(%error, "compiled code is not kept");
            None
        }
    }
}

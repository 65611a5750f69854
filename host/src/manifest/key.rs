//! The key that manifests are signed with: one that the operator names, or one
//! of this server's own, made in the state folder at the first start.

use std::path::{Path, PathBuf};

use bulkhead_package::{KeyError, Keypair};

use crate::config::Config;

/// The key, where it lies. `None`: there is none of the operator's, and none
/// can be kept.
///
/// # Errors
/// There is one, and it cannot be believed.
pub fn read_or_make(config: &Config) -> Result<Option<Keypair>, KeyError> {
    let path = config.manifest_key_path();
    if config.manifest_key.is_some() || path.exists() {
        return Keypair::read(&path).map(Some);
    }
    match make(&path) {
        Ok(key) => Ok(Some(key)),
        // Another server of the same state folder was first.
        Err(KeyError::Exists { .. }) => Keypair::read(&path).map(Some),
        Err(error) => {
            tracing::warn!(%error, "no manifest is served");
            Ok(None)
        }
    }
}

fn make(path: &Path) -> Result<Keypair, KeyError> {
    if let Some(folder) = path.parent() {
        // If this fails, so does writing, which says why.
        let _ = std::fs::create_dir_all(folder);
    }
    let key = Keypair::generate()?;
    key.write(path)?;
    Ok(key)
}

/// Where the public half lies, if it lies beside the private one.
#[must_use]
pub fn public_half(private: &Path) -> Option<PathBuf> {
    let public = private.with_extension("pub.pem");
    public.is_file().then_some(public)
}

//! The state folder: what is opened in it, and tidied.

use std::sync::Arc;

use bulkhead_sandbox::Workspaces;
use bulkhead_state::{StateError, Store};

use crate::{config::Config, roots};

/// The database. Without it `kv` is denied, which is fine if nobody has it, and
/// tasks are not offered.
pub(super) fn store(config: &Config) -> Result<Option<Store>, StateError> {
    if let Some(folder) = config.database.parent() {
        // If this fails, so does opening, which says why.
        let _ = std::fs::create_dir_all(folder);
    }
    match Store::open(&config.database) {
        Ok(store) => Ok(Some(store)),
        Err(error) if config.plugins.iter().any(|plugin| plugin.grants.kv.is_some()) => Err(error),
        Err(error) => {
            tracing::warn!(%error, "no database: nothing that plugins want to keep is kept, and tasks are not served");
            Ok(None)
        }
    }
}

/// The folders of roots, if there is a place for them.
pub(super) fn workspaces(config: &Config) -> Option<Arc<Workspaces>> {
    let opened = std::fs::create_dir_all(&config.state_dir).and_then(|()| Workspaces::open(&config.state_dir));
    let opened = opened.inspect_err(|error| tracing::warn!(%error, "no state folder: roots have no workspaces"));
    opened.ok().map(Arc::new)
}

/// Removes what an earlier run left of closed roots. Which roots there are is
/// known where the database lies in the state folder, and was there before:
/// another one may have roots that this one has never heard of, and their
/// folders lie there too.
pub(super) fn tidy(config: &Config, roots: &roots::Roots, is_new: bool) {
    let knows_every_root = !is_new && config.database.parent() == Some(&*config.state_dir);
    let roots = roots.clone();
    tokio::spawn(async move {
        roots.clear_aside().await;
        if knows_every_root {
            roots.clear_strays().await;
        }
    });
}

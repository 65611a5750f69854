//! One moment of the registry, and the leases that calls run on.

use std::{fmt, sync::Arc};

use bulkhead_base::PluginName;
use bulkhead_policy::Permit;
use bulkhead_sandbox::CompiledPlugin;
use tokio_util::sync::CancellationToken;

use crate::{Catalogue, LoadedPlugin};

/// Rises with every change of what is trusted, accepted or granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub(crate) u64);

impl Epoch {
    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a generation may go on. Whoever may still run on it holds a reference.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) stop: CancellationToken,
}

/// Everything that is served at one moment. A request takes one and keeps it.
#[derive(Default)]
pub struct Snapshot {
    pub catalogue: Catalogue,
    pub(crate) epoch: Epoch,
    pub(crate) number: u64,
}

/// The plugin that a permit names is not served, or no longer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no longer served")]
pub struct Gone(pub PluginName);

impl Snapshot {
    /// The trust epoch it was published under.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Its number, rising with every publish.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The plugin of this entry.
    #[must_use]
    pub fn plugin(&self, name: &PluginName) -> Option<&Arc<LoadedPlugin>> {
        let plugins = self.catalogue.plugins();
        plugins.binary_search_by(|plugin| plugin.name().cmp(name)).ok().and_then(|at| plugins.get(at))
    }

    /// Turns leave to do something into the plugin that does it.
    ///
    /// # Errors
    /// This snapshot does not serve the plugin, or it was revoked since.
    pub fn lease(&self, permit: Permit) -> Result<Lease, Gone> {
        let name = &permit.operation().plugin;
        let Some(plugin) = self.plugin(name).filter(|plugin| !plugin.life.stop.is_cancelled()) else {
            return Err(Gone(name.clone()));
        };
        Ok(Lease { permit, compiled: plugin.compiled().clone(), life: plugin.life.clone() })
    }
}

/// Leave to do one thing with one generation of one plugin. Only
/// [`Snapshot::lease`] makes one.
#[derive(Debug)]
pub struct Lease {
    permit: Permit,
    compiled: Arc<CompiledPlugin>,
    life: Arc<Life>,
}

impl Lease {
    /// Who may do what.
    #[must_use]
    pub const fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The plugin that does it.
    #[must_use]
    pub const fn compiled(&self) -> &Arc<CompiledPlugin> {
        &self.compiled
    }

    /// Ends once what the lease relies on is revoked; the call is then to be
    /// given up.
    pub async fn revoked(&self) {
        self.life.stop.cancelled().await;
    }
}

//! The wiring: read this first.
//!
//! [`House`] is what is behind the doors: engine, registry, news, and the terms
//! on which callers are let in. The load flow fills the registry. [`App`] opens
//! the doors, and closes them in order: no new work, what is under way ends,
//! then the rest.

mod build;
mod close;
mod keys;
mod open;
mod state;
mod terms;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bulkhead_audit::AppendError;
use bulkhead_net::{Dialler, RootsError};
use bulkhead_package::{KeyError, Trust};
use bulkhead_registry::Registry;
use bulkhead_sandbox::{Engine, EngineError};
use bulkhead_state::StateError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    admin::{Metrics, Readiness},
    alerts::Alerts,
    config::{Config, Exposed},
    folders::Interests,
    hub::Hub,
    manifest,
    pipeline::Host,
    record::{OpenError, Recorder},
    transport::{http::Facing, slots::Slots, tls::TlsError},
};

/// What is behind the doors. Made once a process.
pub struct House {
    pub engine: Arc<Engine>,
    pub registry: Arc<Registry>,
    /// Makes the host's own connections.
    pub dialler: Dialler,
    pub hub: Hub,
    pub alerts: Alerts,
    pub recorder: Recorder,
    pub interests: Interests,
    pub readiness: Readiness,
    pub metrics: Arc<Metrics>,
    pub slots: Slots,
    /// Fired when the house begins to close: watchers and streams end.
    pub closing: CancellationToken,
    host: Arc<Host>,
    facing: Arc<ArcSwap<Facing>>,
}

/// Which doors are opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Doors {
    /// Where HTTP is served.
    pub http: Option<SocketAddr>,
    /// The next free port is taken if that one is in use.
    pub next_free: bool,
    /// Whether standard input and output are served.
    pub stdio: bool,
}

/// Why the house does not open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{address} cannot be listened on")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Exposed(#[from] Exposed),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("plugins are granted kv, and its database cannot be used")]
    State(#[from] StateError),
    #[error("there is no record, and audit.mode in mcp.yaml is not off")]
    Record(#[from] OpenError),
    #[error("the record takes nothing, and audit.mode in mcp.yaml is not off")]
    Unrecorded(#[from] AppendError),
    #[error(transparent)]
    Roots(#[from] RootsError),
    #[error("TLS cannot be served")]
    Tls(#[from] TlsError),
    #[error("manifests cannot be signed")]
    ManifestKey(#[from] KeyError),
    #[error("the system has no random source")]
    Random,
    #[error("signals cannot be waited for")]
    Signals(#[source] io::Error),
}

impl House {
    /// From now on this is whom the operator trusts, as the registry tells it.
    pub fn believe(&self, trust: Arc<Trust>) {
        self.host.believe(trust);
    }

    /// The file that the issuer's keys lie in has changed.
    pub fn reread_issuer(&self) {
        self.host.reread_issuer();
    }

    /// Takes over what of `config` can change while the house is open: keys,
    /// scopes, revisions, hosts and origins, and what is sealed with. Plugins
    /// are the load flow's.
    pub fn apply(&self, config: &Config) {
        self.host.agree(terms::terms(config));
        match keys::keyring(config) {
            Ok(keyring) => self.host.reseal(keyring),
            Err(error) => tracing::error!(%error, "the older seal keys hold on"),
        }
        match manifest::key::read_or_make(config) {
            Ok(key) => self.host.manifests.sign_with(key),
            Err(error) => tracing::error!(%error, "the older key signs manifests on"),
        }
        self.facing.store(Arc::new(terms::facing(config)));
    }
}

/// A house with open doors.
pub struct App {
    house: Arc<House>,
    address: Option<SocketAddr>,
    tls: bool,
    grace: Duration,
    /// The listeners; each ends when its last connection is done.
    listeners: JoinSet<()>,
    /// Standard input and output; ends when the client closes its end.
    stdio: Option<tokio::task::JoinHandle<io::Result<()>>>,
    signals: close::Signals,
}

impl App {
    /// Opens the doors.
    ///
    /// # Errors
    /// An address that cannot or may not be listened on, certificates that make
    /// no sense.
    pub async fn start(house: Arc<House>, config: &Config, doors: Doors) -> Result<Self, StartError> {
        let signals = close::Signals::listen().map_err(StartError::Signals)?;
        open::record(&house, config, doors).await?;
        let mut listeners = JoinSet::new();
        let address = match doors.http {
            Some(wanted) => Some(open::http(&house, config, wanted, doors.next_free, &mut listeners).await?),
            None => None,
        };
        // A desktop client's `--stdio` opens no port: several of them run at once.
        if let Some(admin) = config.admin.as_ref().filter(|_| doors.http.is_some()) {
            open::admin(&house, admin, &mut listeners).await?;
        }
        open::folders(&house, config);
        let stdio = doors.stdio.then(|| open::stdio(&house, config));
        house.settle_in(config);
        let (tls, grace) = (config.tls.is_some(), config.shutdown_grace.duration());
        Ok(Self { house, address, tls, grace, listeners, stdio, signals })
    }

    /// Where HTTP is answered.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The endpoint as a client would write it.
    #[must_use]
    pub fn endpoint(&self) -> Option<String> {
        let scheme = if self.tls { "https" } else { "http" };
        self.address.map(|address| format!("{scheme}://{address}/mcp"))
    }

    /// Serves until SIGTERM, SIGINT, or the end of standard input; then drains:
    /// no new work, calls under way end within the grace.
    pub async fn run(self) {
        close::serve_and_drain(self).await;
    }
}

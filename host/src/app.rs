//! The wiring: read this first.
//!
//! [`House`] is what is behind the doors: engine, registry, news, and the terms
//! on which callers are let in. The load flow fills the registry. [`App`] opens
//! the doors, and closes them in order: no new work, what is under way ends,
//! then the rest.

mod close;
mod keys;
mod open;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bulkhead_audit::AppendError;
use bulkhead_net::{Dialler, Roots, RootsError};
use bulkhead_package::{KeyError, Trust};
use bulkhead_registry::Registry;
use bulkhead_sandbox::{Engine, EngineError, EngineOptions, Services, Workspaces};
use bulkhead_state::{StateError, Store};
use tokio::{runtime::Handle, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    admin::{Metrics, Readiness},
    alerts::Alerts,
    authn::{Admitted, Authn},
    config::{BehindProxy, Config, Exposed},
    folders::Interests,
    hub::Hub,
    manifest,
    pipeline::{Host, Parts, Protected, Terms},
    record::{OpenError, Recorder},
    roots,
    transport::{
        http::{Facing, Front},
        slots::Slots,
        tls::TlsError,
    },
};

/// What is behind the doors. Made once a process.
pub struct House {
    pub engine: Arc<Engine>,
    pub registry: Arc<Registry>,
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
    /// Builds engine, state and an empty registry. Call it inside the runtime:
    /// connections that guests ask for live there.
    ///
    /// # Errors
    /// Something that the configuration names cannot be had.
    pub fn build(config: &Config) -> Result<Arc<Self>, StartError> {
        let recorder = Recorder::open(&config.audit)?;
        let is_new = !config.database.exists();
        let store = store(config)?;
        let workspaces = store.as_ref().and_then(|_| workspaces(config));
        let roots = roots::Roots::new(store.as_ref().map(Store::roots), workspaces.clone());
        tidy(config, &roots, is_new);
        let spent = store.as_ref().map(Store::spent);
        let (dialler, io) = (Dialler::new(Roots::public())?, Handle::current());
        let services = Services { dialler, store: store.clone(), workspaces, io };
        let options = EngineOptions { code_cache: keys::code_cache(config), ..EngineOptions::default() };
        let engine = Arc::new(Engine::new(options, services)?);
        let (registry, hub, metrics) = (Arc::<Registry>::default(), Hub::default(), Arc::<Metrics>::default());
        let (closing, slots) = (CancellationToken::new(), Slots::new(config.limits.in_flight));
        let (interests, alerts) = (Interests::default(), Alerts::new(hub.clone(), recorder.clone()));
        let host = Host::new(Parts {
            engine: engine.clone(),
            registry: registry.clone(),
            hub: hub.clone(),
            alerts: alerts.clone(),
            recorder: recorder.clone(),
            interests: interests.clone(),
            metrics: metrics.clone(),
            closing: closing.clone(),
            terms: terms(config),
            roots,
            keyring: keys::keyring(config).or_else(|error| keys::for_this_run(&error))?,
            spent,
            tasks: store.as_ref().map(Store::tasks),
            task_ttl: config.limits.task_ttl,
            slots: slots.clone(),
        });
        host.manifests.sign_with(manifest::key::read_or_make(config)?);
        let host = Arc::new(host);
        let tended = host.clone();
        tokio::spawn(async move { tended.tend().await });
        let (kept, audit, until) = (recorder.clone(), config.audit.clone(), closing.clone());
        tokio::spawn(async move { kept.tend(audit, until).await });
        Ok(Arc::new(Self {
            engine,
            registry,
            hub,
            alerts,
            recorder,
            interests,
            metrics,
            closing,
            host,
            readiness: Readiness::default(),
            slots,
            facing: Arc::new(ArcSwap::from_pointee(facing(config))),
        }))
    }

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
        self.host.agree(terms(config));
        match keys::keyring(config) {
            Ok(keyring) => self.host.reseal(keyring),
            Err(error) => tracing::error!(%error, "the older seal keys hold on"),
        }
        match manifest::key::read_or_make(config) {
            Ok(key) => self.host.manifests.sign_with(key),
            Err(error) => tracing::error!(%error, "the older key signs manifests on"),
        }
        self.facing.store(Arc::new(facing(config)));
    }
}

fn terms(config: &Config) -> Terms {
    let credentials = &config.credentials;
    let protected = config.public_url.as_ref().zip(credentials.oauth.as_ref());
    Terms {
        authn: Authn::new(credentials.keys.clone(), credentials.oauth.clone(), credentials.anonymous.clone()),
        local: Admitted::new(credentials.local.clone()),
        offered: config.protocols,
        servers: config.trusted_servers.clone(),
        public_url: config.public_url.as_ref().map(|url| url.as_str().into()),
        protected: protected.map(|(url, oauth)| Protected::new(url, &oauth.issuer.issuer, &oauth.rules.scopes)),
        tls: config.tls.is_some(),
    }
}

fn facing(config: &Config) -> Facing {
    let host = config.listen.ip().to_string();
    let most = config.limits.request_body.as_usize();
    let front = match &config.behind_proxy {
        None => Front::open(),
        Some(BehindProxy::Somebody) => Front::somebody(),
        Some(BehindProxy::Trusted(networks)) => {
            let elsewhere = !config.listen.ip().is_loopback();
            Front::trusted(networks.clone(), elsewhere && config.tls.is_none())
        }
    };
    Facing::new(&host, config.public_url.as_ref(), &config.allowed_origins, most).behind(front)
}

/// The database. Without it `kv` is denied, which is fine if nobody has it, and
/// tasks are not offered.
fn store(config: &Config) -> Result<Option<Store>, StateError> {
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
fn workspaces(config: &Config) -> Option<Arc<Workspaces>> {
    let opened = std::fs::create_dir_all(&config.state_dir).and_then(|()| Workspaces::open(&config.state_dir));
    let opened = opened.inspect_err(|error| tracing::warn!(%error, "no state folder: roots have no workspaces"));
    opened.ok().map(Arc::new)
}

/// Removes what an earlier run left of closed roots. Which roots there are is
/// known where the database lies in the state folder, and was there before:
/// another one may have roots that this one has never heard of, and their
/// folders lie there too.
fn tidy(config: &Config, roots: &roots::Roots, is_new: bool) {
    let knows_every_root = !is_new && config.database.parent() == Some(&*config.state_dir);
    let roots = roots.clone();
    tokio::spawn(async move {
        roots.clear_aside().await;
        if knows_every_root {
            roots.clear_strays().await;
        }
    });
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

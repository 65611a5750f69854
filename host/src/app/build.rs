//! What is made before anything is loaded.

use std::{sync::Arc, thread};

use arc_swap::ArcSwap;
use bulkhead_net::{Dialler, Roots};
use bulkhead_registry::Registry;
use bulkhead_sandbox::{EngineOptions, Services, Walls};
use bulkhead_state::{StateError, Store};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{House, StartError, keys, state, terms};
use crate::{
    admin::{Metrics, Readiness},
    alerts::Alerts,
    config::Config,
    folders::Interests,
    hub::Hub,
    manifest,
    pipeline::{Host, Parts},
    record::Recorder,
    roots,
    screening::Screening,
    transport::slots::Slots,
};

impl House {
    /// Builds engine, state and an empty registry. Call it inside the runtime:
    /// connections that guests ask for live there.
    ///
    /// # Errors
    /// Something that the configuration names cannot be had.
    pub fn build(config: &Config) -> Result<Arc<Self>, StartError> {
        let is_new = !config.database.exists();
        // Record and database wait for the disk: the engine is made meanwhile.
        let opening = Recorder::begin_opening(&config.audit)?;
        let (walls, store) = thread::scope(|scope| {
            let store = scope.spawn(|| state::store(config));
            let (code_cache, remembers) = (keys::code_cache(config), config.development);
            let options = EngineOptions { code_cache, remembers, ..EngineOptions::default() };
            (Walls::new(options), store.join())
        });
        let (recorder, store) = (opening.finish()?, store.unwrap_or(Err(StateError::ShuttingDown))?);
        let workspaces = store.as_ref().and_then(|_| state::workspaces(config));
        let roots = roots::Roots::new(store.as_ref().map(Store::roots), workspaces.clone());
        state::tidy(config, &roots, is_new);
        let spent = store.as_ref().map(Store::spent);
        let (dialler, io) = (Dialler::new(Roots::public())?, Handle::current());
        let services = Services { dialler: dialler.clone(), store: store.clone(), workspaces, io };
        let engine = Arc::new(walls?.into_engine(services));
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
            terms: terms::terms(config),
            roots,
            keyring: keys::keyring(config).or_else(|error| keys::for_this_run(&error))?,
            spent,
            tasks: store.as_ref().map(Store::tasks),
            task_ttl: config.limits.task_ttl,
            slots: slots.clone(),
        });
        host.manifests.sign_with(manifest::key::read_or_make(config)?);
        let host = Arc::new(host);
        Ok(Arc::new(Self {
            engine,
            registry,
            dialler,
            hub,
            alerts,
            recorder,
            interests,
            metrics,
            closing,
            host,
            readiness: Readiness::default(),
            slots,
            facing: Arc::new(ArcSwap::from_pointee(terms::facing(config))),
        }))
    }

    /// Does what nobody waits for, once the doors are open: the rules of screening
    /// are made ready, what is kept is looked after.
    pub(super) fn settle_in(&self, config: &Config) {
        Screening::prepare();
        let tended = self.host.clone();
        tokio::spawn(async move { tended.tend().await });
        let (kept, audit, until) = (self.recorder.clone(), config.audit.clone(), self.closing.clone());
        tokio::spawn(async move { kept.tend(audit, until).await });
    }
}

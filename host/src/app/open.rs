//! Opening the doors.

use std::{io, net::SocketAddr, sync::Arc};

use bulkhead_audit::Entry;
use tokio::task::{JoinHandle, JoinSet};

use super::{Doors, House, StartError};
use crate::{
    admin::{self, AdminDoor},
    config::{Admin, Config},
    folders::{self, Lookout},
    transport::{
        http::{self, Door},
        stdio::{self, Pipe},
        tls::Certificates,
    },
};

/// Says on the record that the doors open.
pub(super) async fn record(house: &House, config: &Config, doors: Doors) -> Result<(), StartError> {
    let (path, http) = (config.path.display().to_string(), doors.http.map(|http| http.to_string()));
    let tell = |entry: Entry| {
        let entry = entry.text("version", env!("CARGO_PKG_VERSION")).number("process", std::process::id().into());
        entry.text("configuration", &path).maybe("http", http.as_deref()).flag("stdio", doors.stdio)
    };
    Ok(house.recorder.begin(tell).await?)
}

/// Opens the endpoint and returns where it is.
pub(super) async fn http(
    house: &Arc<House>,
    config: &Config,
    wanted: SocketAddr,
    next_free: bool,
    listeners: &mut JoinSet<()>,
) -> Result<SocketAddr, StartError> {
    config.exposed(wanted)?;
    let listen = |source| StartError::Listen { address: wanted, source };
    let listener = http::bind(wanted, next_free).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let tls = match &config.tls {
        Some(files) => Some(Certificates::load(files.certificate.clone(), files.key.clone())?),
        None => None,
    };
    if let Some(certificates) = &tls {
        listeners.spawn(certificates.clone().follow(house.closing.clone()));
    }
    let door = Door {
        service: house.host.clone(),
        facing: house.facing.clone(),
        slots: house.slots.clone(),
        tls,
        closing: house.closing.clone(),
    };
    listeners.spawn(http::serve(door, listener));
    if let Some(id) = house.host.manifests.key_id() {
        let file = config.manifest_key_path();
        tracing::info!(key = %format!("key:{}", id.hex()), file = %file.display(), "manifests are signed");
    }
    Ok(address)
}

/// Opens the admin listener.
pub(super) async fn admin(house: &Arc<House>, settings: &Admin, listeners: &mut JoinSet<()>) -> Result<(), StartError> {
    let bound = admin::bind(settings.listen).await;
    let listener = bound.map_err(|source| StartError::Listen { address: settings.listen, source })?;
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "the admin listener is open");
    }
    let door = AdminDoor {
        metrics: house.metrics.clone(),
        readiness: house.readiness.clone(),
        recorder: house.recorder.clone(),
        slots: house.slots.clone(),
        key: settings.key,
        closing: house.closing.clone(),
    };
    listeners.spawn(admin::serve(door, listener));
    Ok(())
}

/// Serves standard input and output.
pub(super) fn stdio(house: &Arc<House>, config: &Config) -> JoinHandle<io::Result<()>> {
    let pipe = Pipe {
        service: house.host.clone(),
        slots: house.slots.clone(),
        longest: config.limits.request_body.as_usize(),
        closing: house.closing.clone(),
    };
    tokio::spawn(stdio::serve(pipe, stdio::input(), stdio::output()))
}

/// Looks at granted folders for whoever watches a file in one.
pub(super) fn folders(house: &House, config: &Config) {
    tokio::spawn(folders::follow(Lookout {
        registry: house.registry.clone(),
        hub: house.hub.clone(),
        interests: house.interests.clone(),
        closing: house.closing.clone(),
        manner: config.watch.into(),
    }));
}

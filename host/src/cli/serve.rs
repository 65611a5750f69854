//! `bulkhead serve`

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use bulkhead_registry::Mode;
use tokio::{sync::oneshot, time::timeout};

use super::{
    exit::{Exit, Failure},
    runtime::block_on,
    terminal::Terminal,
};
use crate::{
    app::{App, Doors, House},
    config::Config,
    confine::{self, Service, Wall},
    load::Loader,
    reload,
};

/// How long the doors stay shut for plugins that are being loaded. Answers
/// "one slow download, and nobody is served".
const FIRST_ROUND: Duration = Duration::from_secs(15);

/// Serves a configuration.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
    /// Where to listen instead of the configuration's `host` and `port`; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Serve standard input and output, and HTTP only if `--listen` is given too.
    #[arg(long)]
    pub stdio: bool,
    /// Load only what the lock names; accept nothing, and leave lock and configuration as they are.
    #[arg(long)]
    pub locked: bool,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let config = Config::load(&args.config)?;
    config.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    refuse_unsafe(&config)?;
    let http = args.listen.or_else(|| (!args.stdio).then_some(config.listen));
    if let Some(listen) = http {
        config.exposed(listen).map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    }
    let mode = if args.locked { Mode::Locked } else { Mode::Open };
    let doors = Doors { http, next_free: false, stdio: args.stdio };
    // No thread has been started yet: from here on none can do more than this one.
    let wall = confine(&config, Service { http, locked: args.locked })?;
    block_on(serve(config, mode, doors, wall, terminal))?
}

fn confine(config: &Config, service: Service) -> Result<Wall, Failure> {
    let (wall, report) =
        confine::confine(config, service).map_err(|unmet| Failure::from_error(Exit::CONFIG, &unmet))?;
    tracing::info!("{report}");
    report.missing().iter().for_each(|missing| tracing::warn!("{missing}"));
    for path in &report.files.absent {
        tracing::warn!("{} is not there, and stays out of reach until the server is restarted", path.display());
    }
    Ok(wall)
}

fn forbid_dumps(required: bool) -> Result<(), Failure> {
    match confine::forbid_dumps() {
        Err(error) if required => {
            let why = "hardening.require is true in mcp.yaml, and the process can still be dumped by its own user";
            Err(Failure::new(Exit::CONFIG, format!("{why}: {error}")))
        }
        Err(error) => {
            tracing::warn!(%error, "the process can still be dumped by its own user");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn refuse_unsafe(config: &Config) -> Result<(), Failure> {
    let files = config.unsafe_files().into_iter().map(|file| file.to_string());
    let mounts = config.unsafe_mounts().into_iter().map(|mount| mount.to_string());
    let reasons: Vec<String> = files.chain(mounts).collect();
    if reasons.is_empty() { Ok(()) } else { Err(Failure::new(Exit::CONFIG, reasons.join("\n"))) }
}

async fn serve(config: Config, mode: Mode, doors: Doors, wall: Wall, terminal: &Terminal) -> Result<(), Failure> {
    // Who may call is checked against the address that is really listened on.
    let mut served = config.clone();
    served.listen = doors.http.unwrap_or(config.listen);
    let looking = tokio::spawn(reload::begin(Arc::new(config.clone())));
    let house = House::build(&served).map_err(|error| Failure::from_error(Exit::FAILED, &error))?;
    // Whatever else is switched off: memory holds secrets.
    forbid_dumps(config.hardening.enabled && config.hardening.require)?;
    let loader = Loader::new(house.clone(), config, mode, doors.http, wall)
        .map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    let lookout = looking.await.map_err(|error| Failure::new(Exit::FAILED, error.to_string()))?;
    let (done, first_round) = oneshot::channel();
    let working = loader.clone();
    tokio::spawn(async move {
        working.first_round().await;
        if done.send(()).is_err() {
            tracing::info!("every plugin has been looked at");
        }
        working.sweep_store();
        working.run().await;
    });
    tokio::spawn(reload::follow(loader.clone(), lookout));
    if timeout(FIRST_ROUND, first_round).await.is_err() {
        tracing::warn!("plugins are still being loaded; what is loaded so far is served");
    }
    let app = App::start(house, &served, doors).await.map_err(|error| Failure::from_error(Exit::FAILED, &error))?;
    if let Some(endpoint) = app.endpoint() {
        terminal.say(&format!("listening on {endpoint}"));
    }
    loader.go_ahead();
    if doors.stdio {
        tracing::info!("standard input is read");
    }
    app.run().await;
    Ok(())
}

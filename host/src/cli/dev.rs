//! `bulkhead dev`: the plugin author's loop, and the quickest way to see
//! Bulkhead work.
//!
//! **Invariants:** it signs only what it built, with a key that `serve` takes
//! from nobody. Plugins get files below `.bulkhead/dev/` alone. Nothing is
//! listened on beyond this machine. What serves starts no programs: a process
//! of its own builds, and was started before.

mod bounds;
mod consent;
mod given;
mod home;
mod progress;
mod target;
mod wall;
mod watch;
mod words;
mod workshop;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use bulkhead_package::{Pattern, TrustedKey};
use bulkhead_policy::GivenGrant;

use super::{
    exit::{Exit, Failure},
    runtime::block_on,
    terminal::{Terminal, Tone},
};
use crate::{
    app::{App, Doors, House},
    config::Config,
    confine,
    load::Loader,
};

use home::Home;
use workshop::{Tools, Workshop};

/// Builds, signs and serves plugins from their sources, and again on every save.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A source folder, a folder of them, or a `.wasm`.
    #[arg(default_value = "plugins/")]
    pub paths: Vec<PathBuf>,
    /// Where to listen; the next free port is taken if this one is in use.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Serve standard input and output instead.
    #[arg(long)]
    pub stdio: bool,
    /// Open the MCP Inspector if there is one.
    #[arg(long)]
    pub inspect: bool,
    /// Grant something to every plugin that asks for it, such as `http=https://host/v1/*`.
    #[arg(long, value_name = "GRANT", num_args = 1..)]
    pub grant: Vec<String>,
    /// Answer yes to every question.
    #[arg(long)]
    pub yes: bool,
    /// The project: sources outside of it are asked about, and `.bulkhead/dev/` lies in it.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    // Memory may hold what this user's environment does.
    let _ = crate::confine::forbid_core_files();
    let typed = args.grant.iter().map(|text| text.parse()).collect::<Result<Vec<GivenGrant>, _>>();
    let typed = typed.map_err(|error| Failure::from_error(Exit::USAGE, &error))?;
    let home = Home::open(&args.project)?;
    let targets = consent::ask(target::find(&args.paths)?, &home, &args, terminal)?;
    if targets.is_empty() {
        return Err(Failure::new(Exit::USAGE, "there is nothing left to serve"));
    }
    let mut config = Config::for_dev(home.own(), args.listen);
    config.trusted_keys = trusted_elsewhere(&home, terminal);
    if !args.stdio {
        config.exposed(args.listen).map_err(|error| Failure::from_error(Exit::USAGE, &error))?;
    }
    let tools = Tools {
        key: Arc::new(home.key()?),
        builder: Arc::new(wall::raise(&home, &targets, &typed, args.inspect, terminal)?),
        home,
        typed,
        terminal: *terminal,
        yes: args.yes,
    };
    block_on(serve(args, config, tools, targets))?
}

async fn serve(args: Args, config: Config, tools: Tools, targets: Vec<target::Target>) -> Result<(), Failure> {
    let (terminal, builder) = (tools.terminal, tools.builder.clone());
    let house = House::build(&config).map_err(|error| Failure::from_error(Exit::FAILED, &error))?;
    confine::forbid_dumps()?;
    let own = TrustedKey {
        id: "development".into(),
        public: tools.key.public().clone(),
        // Every name: it signs what this process built, and nobody else's trust holds it.
        plugins: vec![Pattern::Prefix(String::new())],
        not_after: None,
    };
    let loader = Loader::for_development(house.clone(), config.clone(), own)
        .map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    let mut workshop = Workshop::new(tools, loader, targets);
    let lookout = watch::begin(&workshop).await;
    let doors = Doors { http: (!args.stdio).then_some(args.listen), next_free: true, stdio: args.stdio };
    if args.stdio {
        let app = start(&house, &config, doors).await?;
        tokio::spawn(async move {
            workshop.build_all().await;
            watch::follow(workshop, lookout).await;
        });
        app.run().await;
        return Ok(());
    }
    workshop.build_all().await;
    let app = start(&house, &config, doors).await?;
    if let Some(address) = app.address() {
        if address.port() != args.listen.port() && args.listen.port() != 0 {
            terminal.say(&format!("{} is in use, so the next free port is taken", args.listen));
        }
        let url = format!("http://{address}/mcp");
        words::closing(&terminal, &house.registry.snapshot(), &url, &args);
        if args.inspect {
            words::inspect(&terminal, &builder, address).await;
        }
    }
    tokio::spawn(watch::follow(workshop, lookout));
    app.run().await;
    Ok(())
}

async fn start(house: &Arc<House>, config: &Config, doors: Doors) -> Result<App, Failure> {
    App::start(house.clone(), config, doors).await.map_err(|error| Failure::from_error(Exit::FAILED, &error))
}

/// The keys of the project's own configuration, for files that were not built here.
fn trusted_elsewhere(home: &Home, terminal: &Terminal) -> Vec<TrustedKey> {
    let path = home.project().join("mcp.yaml");
    if !path.is_file() {
        return Vec::new();
    }
    match Config::load(&path) {
        Ok(config) => config.trusted_keys,
        Err(error) => {
            let told = format!("no key of mcp.yaml is trusted here, because it cannot be read: {error}");
            terminal.say(&terminal.paint(Tone::Faint, &told));
            Vec::new()
        }
    }
}

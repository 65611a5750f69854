//! The command line: one file a verb. Parses, runs the verb, maps its failure
//! to an exit code once.

pub mod accept;
pub mod add;
pub mod audit;
pub mod build;
pub mod builder;
pub mod call;
pub mod check;
pub mod client_config;
pub mod completions;
pub mod describe;
pub mod dev;
pub mod exit;
mod functions;
pub mod health;
pub mod help;
pub mod init;
pub mod inspect;
pub mod keygen;
pub mod list;
pub mod new;
pub mod remove;
pub mod review;
pub mod revoke;
mod runtime;
mod schema;
pub mod serve;
pub mod server;
pub mod sign;
pub mod terminal;
pub mod trust;
pub mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use exit::{Exit, Failure};
use terminal::Terminal;

pub use server::Server;

/// What `--version` says.
#[cfg(not(feature = "undefended"))]
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `--version` says of the build that can do without its defences.
#[cfg(feature = "undefended")]
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " UNDEFENDED: built for tests, with defences that switch off");

/// A plugin host: signed WebAssembly components, each in a compartment of its
/// own, served over the Model Context Protocol.
#[derive(Debug, Parser)]
#[command(name = "bulkhead", version = VERSION, disable_help_subcommand = true)]
pub struct CommandLine {
    #[command(flatten)]
    pub manner: Manner,
    #[command(subcommand)]
    pub verb: Verb,
}

/// How things are said.
#[derive(Debug, clap::Args)]
pub struct Manner {
    /// Say more; twice, everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say only what went wrong.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print results as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// How log lines look.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    Dev(dev::Args),
    Serve(serve::Args),
    Add(add::Args),
    Remove(remove::Args),
    Trust(trust::Args),
    Init(init::Args),
    Check(check::Args),
    New(new::Args),
    Build(build::Args),
    Keygen(keygen::Args),
    Sign(sign::Args),
    Verify(verify::Args),
    Inspect(inspect::Args),
    Call(call::Args),
    List(list::Args),
    Accept(accept::Args),
    Revoke(revoke::Args),
    Health(health::Args),
    Audit(audit::Args),
    ClientConfig(client_config::Args),
    Completions(completions::Args),
    Help(help::Args),
    #[command(hide = true)]
    Describe(describe::Args),
    #[command(hide = true)]
    Builder(builder::Args),
}

/// Parses the command line and runs its verb.
#[must_use]
pub fn run() -> ExitCode {
    let CommandLine { manner, verb } = CommandLine::parse();
    let terminal = Terminal::of_process(manner.quiet, manner.verbose, manner.json);
    let begun = crate::logging::start(&manner, &verb);
    crate::descriptors::raise_limit();
    #[cfg(feature = "undefended")]
    tracing::error!("this build can do without its defences: it is for tests and serves nobody");
    match begun.and_then(|()| dispatch(verb, &terminal)) {
        Ok(()) => Exit::DONE.into(),
        Err(failure) if failure.exit == Exit::DONE => Exit::DONE.into(),
        Err(failure) => {
            terminal.fail(&failure);
            failure.exit.into()
        }
    }
}

fn dispatch(verb: Verb, terminal: &Terminal) -> Result<(), Failure> {
    match verb {
        Verb::Dev(args) => dev::run(args, terminal),
        Verb::Serve(args) => serve::run(args, terminal),
        Verb::Add(args) => add::run(args, terminal),
        Verb::Remove(args) => remove::run(args, terminal),
        Verb::Trust(args) => trust::run(args, terminal),
        Verb::Init(args) => init::run(args, terminal),
        Verb::Check(args) => check::run(args, terminal),
        Verb::New(args) => new::run(args, terminal),
        Verb::Build(args) => build::run(args, terminal),
        Verb::Keygen(args) => keygen::run(args, terminal),
        Verb::Sign(args) => sign::run(args, terminal),
        Verb::Verify(args) => verify::run(args, terminal),
        Verb::Inspect(args) => inspect::run(args, terminal),
        Verb::Call(args) => call::run(args, terminal),
        Verb::List(args) => list::run(args, terminal),
        Verb::Accept(args) => accept::run(args, terminal),
        Verb::Revoke(args) => revoke::run(args, terminal),
        Verb::Health(args) => health::run(args, terminal),
        Verb::Audit(args) => audit::run(args, terminal),
        Verb::ClientConfig(args) => client_config::run(args, terminal),
        Verb::Completions(args) => completions::run(&args, terminal),
        Verb::Help(args) => help::run(&args, terminal),
        Verb::Describe(args) => describe::run(args, terminal),
        Verb::Builder(args) => builder::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::CommandLine;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }
}

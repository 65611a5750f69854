//! `bulkhead help [TOPIC]`

use clap::CommandFactory as _;

use super::{
    CommandLine,
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Explains a verb or a topic: exit-codes, config.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A verb, `exit-codes` or `config`.
    pub topic: Option<String>,
}

/// Prints help to standard output.
///
/// # Errors
/// There is no such topic.
pub fn run(args: &Args, terminal: &Terminal) -> Result<(), Failure> {
    let text = match args.topic.as_deref() {
        None => CommandLine::command().render_long_help().to_string(),
        Some("exit-codes") => exit_codes(),
        Some("config") => crate::config::DEFAULT_YAML.to_owned(),
        Some(verb) => verb_help(verb)?,
    };
    terminal.print(text.trim_end())?;
    Ok(())
}

fn exit_codes() -> String {
    Exit::ALL.iter().map(|exit| format!("{}  {}\n", exit.code, exit.meaning)).collect()
}

fn verb_help(verb: &str) -> Result<String, Failure> {
    let mut command = CommandLine::command();
    command.build();
    let found = command.find_subcommand_mut(verb).map(|verb| verb.render_long_help().to_string());
    found.ok_or_else(|| {
        Failure::new(
            Exit::USAGE,
            format!("no topic {verb:?}: expected a verb, `exit-codes` or `config`; `bulkhead help` lists the verbs"),
        )
    })
}

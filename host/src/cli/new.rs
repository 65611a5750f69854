//! `bulkhead new`

use std::path::Path;

use bulkhead_base::PluginName;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};
use crate::forge;

/// Begins a plugin in a folder of its own.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plugin's name, and its folder's.
    pub name: PluginName,
    /// rust. (ts, js, python, go and c are not built yet.)
    #[arg(long, default_value = "rust")]
    pub lang: String,
}

const KNOWN: [&str; 5] = ["ts", "js", "python", "go", "c"];

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    match args.lang.as_str() {
        "rust" => {}
        known if KNOWN.contains(&known) => {
            let told = format!("plugins in {known} are not built yet; this version begins them in rust");
            return Err(Failure::new(Exit::NOT_BUILT, told));
        }
        other => {
            let told = format!("--lang {other}: expected rust, {}", KNOWN.join(", "));
            return Err(Failure::new(Exit::USAGE, told));
        }
    }
    let dir = Path::new(args.name.as_str());
    forge::begin(dir, &args.name).map_err(|error| Failure::from_error(Exit::FAILED, &error))?;
    terminal.say(&format!(
        "a plugin is begun in {0}; try it:\n\n    cd {0}\n    cargo test\n    bulkhead dev .\n",
        args.name
    ));
    Ok(terminal.print(args.name.as_str())?)
}

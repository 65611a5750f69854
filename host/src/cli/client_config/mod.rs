//! `bulkhead client-config`

mod clients;
mod merge;
mod place;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use self::{
    clients::{CLIENTS, Client, Format},
    merge::NAME,
};
use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};
use crate::config::{Config, edit};

/// Prints the entry for a client's configuration, or writes it there.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The client, such as `claude-desktop`.
    pub client: String,
    /// Write it into the client's own configuration, or into FILE, instead of printing it.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub write: Option<Option<PathBuf>>,
    /// The configuration that the client's server reads.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Largest client configuration that is edited.
const MAX_BYTES: u64 = 4 << 20;

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let client = find(&args.client)?;
    let config = std::path::absolute(&args.config)?;
    Config::load(&config)?;
    let entry = entry(client, &std::env::current_exe()?, &config)?;
    let Some(file) = args.write else { return show(client, &entry, &config, terminal) };
    let file = file.or_else(|| client.place.file());
    let file = file.ok_or_else(|| Failure::new(Exit::USAGE, "this user has no home: say where, with --write FILE"))?;
    match write(&file, client, &entry)? {
        Written::Already => terminal.say(&format!("{} has it already", file.display())),
        Written::Fresh => {}
        Written::Before(backup) => terminal.say(&format!("{} is as it was before", backup.display())),
    }
    terminal.say(&may_now(client, &config));
    Ok(terminal.print(&file.display().to_string())?)
}

fn find(name: &str) -> Result<&'static Client, Failure> {
    CLIENTS.iter().find(|client| client.name == name).ok_or_else(|| {
        let known: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
        let text = format!("{name:?} is no client that is known here: expected one of {}", known.join(", "));
        Failure::new(Exit::USAGE, text)
    })
}

fn entry(client: &Client, command: &Path, config: &Path) -> Result<Value, Failure> {
    let text = |path: &Path| {
        let unreadable = || Failure::new(Exit::FAILED, format!("{}: a path that JSON cannot carry", path.display()));
        path.to_str().map(str::to_owned).ok_or_else(unreadable)
    };
    Ok(client.shape.entry(&text(command)?, &["serve", "--stdio", "--config", &text(config)?]))
}

/// What the client may do from now on.
fn may_now(client: &Client, config: &Path) -> String {
    let (name, asks) = (client.name, client.asks);
    format!("{name} may now call every tool that {} serves, with what is granted there; {asks}", config.display())
}

/// Prints a whole file with nothing but the entry, and says where it goes.
fn show(client: &Client, entry: &Value, config: &Path, terminal: &Terminal) -> Result<(), Failure> {
    if let Some(file) = client.place.file() {
        terminal.say(&format!("for {}", file.display()));
    }
    terminal.say(&may_now(client, config));
    let text = match client.format {
        Format::Json | Format::Toml => {
            merge::merged(client, "", entry).map_err(|error| Failure::new(Exit::FAILED, error))?
        }
        // Every JSON text is YAML too.
        Format::Yaml => format!("{:#}", json!({client.list: {NAME: entry}})),
    };
    Ok(terminal.print(text.trim_end())?)
}

/// What became of a file.
#[derive(Debug, PartialEq, Eq)]
enum Written {
    Already,
    Fresh,
    /// Where it lies as it was before.
    Before(PathBuf),
}

/// Puts the entry among the others of `file`.
fn write(file: &Path, client: &Client, entry: &Value) -> Result<Written, Failure> {
    let by_hand = format!("add by hand what `bulkhead client-config {}` prints", client.name);
    let told = |text: &str| Failure::new(Exit::CONFIG, format!("{}: {text}; {by_hand}", file.display()));
    let before = match fs::metadata(file) {
        Ok(about) if about.len() > MAX_BYTES => return Err(told("too large to be a client's configuration")),
        Ok(_) => Some(fs::read_to_string(file)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let after = merge::merged(client, before.as_deref().unwrap_or_default(), entry).map_err(|why| told(&why))?;
    if before.as_deref() == Some(&after) {
        return Ok(Written::Already);
    }
    fs::create_dir_all(file.parent().unwrap_or(file))?;
    let Some(before) = before else {
        edit::replace(file, after.as_bytes())?;
        return Ok(Written::Fresh);
    };
    let mut backup = file.as_os_str().to_owned();
    backup.push(".bak");
    edit::replace(Path::new(&backup), before.as_bytes())?;
    edit::replace(file, after.as_bytes())?;
    Ok(Written::Before(backup.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_as_it_was_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("below/client.json");
        let client = find("claude-desktop").unwrap();
        let write = |entry: Value| write(&file, client, &entry).unwrap();
        assert_eq!(write(json!({"command": "old"})), Written::Fresh);
        let old = fs::read_to_string(&file).unwrap();
        assert_eq!(write(json!({"command": "old"})), Written::Already);
        let Written::Before(backup) = write(json!({"command": "new"})) else { panic!("there is a file before it") };
        assert_eq!(fs::read_to_string(backup).unwrap(), old);
        assert!(fs::read_to_string(&file).unwrap().contains("new"));
    }

    #[test]
    fn what_cannot_be_edited_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("client");
        for (name, text) in [("cursor", "[]"), ("goose", "extensions: {}\n")] {
            fs::write(&file, text).unwrap();
            let refused = write(&file, find(name).unwrap(), &json!({})).unwrap_err();
            assert!(refused.text.contains(&format!("client-config {name}")), "{}", refused.text);
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
        fs::write(&real, "{}").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write(&link, find("cursor").unwrap(), &json!({"command": "a"})).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(real).unwrap().contains("bulkhead"));
    }
}

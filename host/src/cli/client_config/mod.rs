//! `bulkhead client-config`

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};
use crate::config::Config;

/// Prints the entry for a client's configuration.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The client, such as `claude-desktop`.
    pub client: String,
    /// Write it into this client's configuration instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// The configuration that the client's server reads.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Largest client configuration that is edited.
const MAX_BYTES: u64 = 4 << 20;

/// How a client's file calls its list of servers, and what an entry has there
/// besides command and arguments.
struct Client {
    name: &'static str,
    list: &'static str,
    kind: Option<(&'static str, &'static str)>,
}

const CLIENTS: [Client; 6] = [
    Client { name: "claude-desktop", list: "mcpServers", kind: None },
    Client { name: "claude-code", list: "mcpServers", kind: None },
    Client { name: "cursor", list: "mcpServers", kind: None },
    Client { name: "windsurf", list: "mcpServers", kind: None },
    Client { name: "vscode", list: "servers", kind: Some(("type", "stdio")) },
    Client { name: "zed", list: "context_servers", kind: Some(("source", "custom")) },
];

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let client = CLIENTS.iter().find(|client| client.name == args.client).ok_or_else(|| {
        let known: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
        let text = format!("{:?} is no client that is known here: expected one of {}", args.client, known.join(", "));
        Failure::new(Exit::USAGE, text)
    })?;
    let config = std::path::absolute(&args.config)?;
    Config::load(&config)?;
    let entry = entry(client, &std::env::current_exe()?, &config)?;
    let Some(file) = &args.write else {
        let whole = json!({client.list: {"bulkhead": entry}});
        return Ok(terminal.print(&format!("{whole:#}"))?);
    };
    let backup = write(file, client, &entry)?;
    if let Some(backup) = backup {
        terminal.say(&format!("{} is as it was before", backup.display()));
    }
    terminal.say(&format!(
        "{} may now call every tool that {} serves; whether it asks you first is its own setting",
        client.name,
        config.display()
    ));
    Ok(terminal.print(&file.display().to_string())?)
}

fn entry(client: &Client, command: &Path, config: &Path) -> Result<Value, Failure> {
    let text = |path: &Path| {
        let unreadable = || Failure::new(Exit::FAILED, format!("{}: a path that JSON cannot carry", path.display()));
        path.to_str().map(str::to_owned).ok_or_else(unreadable)
    };
    let mut entry = Map::new();
    entry.extend(client.kind.map(|(key, value)| (key.to_owned(), Value::from(value))));
    entry.insert("command".to_owned(), text(command)?.into());
    entry.insert("args".to_owned(), json!(["serve", "--stdio", "--config", text(config)?]));
    Ok(entry.into())
}

/// The members of a JSON object in their order, each as it was written.
#[derive(Debug, Default)]
struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    fn get(&self, key: &str) -> Option<&RawValue> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| &**value)
    }

    fn set(&mut self, key: &str, value: &impl Serialize) -> Result<(), Failure> {
        let raw = serde_json::value::to_raw_value(value).map_err(|error| Failure::from_error(Exit::FAILED, &error))?;
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = raw,
            None => self.0.push((key.to_owned(), raw)),
        }
        Ok(())
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members::default();
                while let Some(member) = map.next_entry()? {
                    members.0.push(member);
                }
                Ok(members)
            }
        }

        from.deserialize_map(InOrder)
    }
}

/// Puts the entry among the others of `file`. Returns where the old file is.
fn write(file: &Path, client: &Client, entry: &Value) -> Result<Option<PathBuf>, Failure> {
    let told = |text: &str| Failure::new(Exit::CONFIG, format!("{}: {text}", file.display()));
    let before = match fs::metadata(file) {
        Ok(about) if about.len() > MAX_BYTES => return Err(told("too large to be a client's configuration")),
        Ok(_) => Some(fs::read(file)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let mut whole = match &before {
        Some(text) if !text.trim_ascii().is_empty() => serde_json::from_slice(text).map_err(|error| {
            let by_hand = format!("add the entry that `bulkhead client-config {}` prints by hand", client.name);
            told(&format!("not a plain JSON object ({error}); {by_hand}"))
        })?,
        _ => Members::default(),
    };
    let list = whole.get(client.list).map_or(Ok(Members::default()), |list| serde_json::from_str(list.get()));
    let mut list = list.map_err(|_| told(&format!("expected {} to be an object", client.list)))?;
    list.set("bulkhead", entry)?;
    whole.set(client.list, &list)?;
    let text = serde_json::to_string_pretty(&whole).map_err(|error| told(&error.to_string()))?;
    let backup = before.map(|text| -> Result<PathBuf, Failure> {
        let mut name = file.as_os_str().to_owned();
        name.push(".bak");
        crate::config::edit::replace(Path::new(&name), &text)?;
        Ok(name.into())
    });
    let backup = backup.transpose()?;
    crate::config::edit::replace(file, format!("{text}\n").as_bytes())?;
    Ok(backup)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desktop() -> &'static Client {
        &CLIENTS[0]
    }

    #[test]
    fn a_desktop_clients_entry_is_the_documented_one() {
        let entry = entry(desktop(), Path::new("/bin/bulkhead"), Path::new("/srv/mcp.yaml")).unwrap();
        assert_eq!(
            entry,
            json!({"command": "/bin/bulkhead", "args": ["serve", "--stdio", "--config", "/srv/mcp.yaml"]})
        );
        assert!(!entry.to_string().to_lowercase().contains("approve"));
    }

    #[test]
    fn other_servers_stay_and_the_old_file_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("client.json");
        let old = r#"{"theme":"dark","mcpServers":{"other":{"command":"x"},"bulkhead":{"command":"old"}}}"#;
        fs::write(&file, old).unwrap();
        let backup = write(&file, desktop(), &json!({"command": "new"})).unwrap().unwrap();
        assert_eq!(fs::read_to_string(backup).unwrap(), old);
        let now: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.find("theme") < text.find("mcpServers"), "others stay in their order");
        assert_eq!(
            now,
            json!({"theme": "dark", "mcpServers": {"other": {"command": "x"}, "bulkhead": {"command": "new"}}})
        );
        for bad in ["[]", "{\"mcpServers\": []}", "// comment\n{}"] {
            fs::write(&file, bad).unwrap();
            assert!(write(&file, desktop(), &json!({})).is_err());
            assert_eq!(fs::read_to_string(&file).unwrap(), bad);
        }
        assert!(write(&folder.path().join("fresh.json"), desktop(), &json!({})).unwrap().is_none());
    }
}

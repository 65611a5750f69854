//! A folder with a configuration, a key, and signed plugins.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::{
    binary::must_run,
    client::{Client, Era},
    guests,
    server::Server,
    stdio::Pipe,
};

/// A plugin, as it will be signed and configured.
#[derive(Clone, Debug)]
pub struct Plugin {
    pub name: String,
    pub version: String,
    pub component: Arc<[u8]>,
    /// What `plugin.toml` says besides name and version.
    pub asks: String,
    /// Its entry in the configuration, besides source and publisher.
    pub entry: Value,
}

impl Plugin {
    /// The guest in `tests/guests/NAME.rs`. Underlines become hyphens.
    pub fn guest(name: &str) -> Self {
        Self::new(&name.replace('_', "-"), guests::guest(name))
    }

    /// The plugin in `plugins/NAME`, with its own `plugin.toml`.
    pub fn real(name: &str) -> Self {
        let path = super::binary::repository().join("plugins").join(name).join("plugin.toml");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let besides = |line: &&str| !line.starts_with("name =") && !line.starts_with("version =");
        let asks: Vec<&str> = text.lines().filter(besides).collect();
        Self::new(name, guests::plugin(name)).asks(&asks.join("\n"))
    }

    /// A component under a name.
    pub fn new(name: &str, component: Arc<[u8]>) -> Self {
        let (name, version) = (name.to_owned(), "1.0.0".to_owned());
        Self { name, version, component, asks: String::new(), entry: json!({}) }
    }

    /// What it asks for, in the words of `plugin.toml`.
    pub fn asks(mut self, asks: &str) -> Self {
        asks.clone_into(&mut self.asks);
        self
    }

    /// What it is granted.
    pub fn grants(self, grants: Value) -> Self {
        self.with("grants", grants)
    }

    /// Its limits.
    pub fn limits(self, limits: Value) -> Self {
        self.with("limits", limits)
    }

    /// A member of its entry.
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.entry[member] = value;
        self
    }
}

/// The folder.
pub struct House {
    dir: TempDir,
    config: Value,
}

impl House {
    /// An empty house: one trusted key, nobody asked for a credential.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        must_run(dir.path(), &["keygen", "--out", "key.pem", "--quiet"]);
        let config = json!({
            "allowAnonymous": true,
            "trust": {"keys": [{"id": "tests", "publicKey": "file:key.pub.pem", "plugins": names()}]},
            "plugins": {},
            "stateDir": "state",
        });
        let house = Self { dir, config };
        house.save();
        house
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A path in it.
    pub fn join(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// With this plugin, signed and configured.
    pub fn with(mut self, plugin: &Plugin) -> Self {
        self.add(plugin);
        self
    }

    /// With a member of the configuration set.
    pub fn set(mut self, member: &str, value: Value) -> Self {
        self.config[member] = value;
        self.save();
        self
    }

    /// Signs `plugin` and configures it.
    pub fn add(&mut self, plugin: &Plugin) {
        let signed = self.sign(plugin);
        fs::create_dir_all(self.join("plugins")).expect("a folder");
        let source = format!("plugins/{}.wasm", plugin.name);
        fs::write(self.join(&source), signed).expect("a file");
        let mut entry: Map<String, Value> = plugin.entry.as_object().cloned().unwrap_or_default();
        entry.insert("source".to_owned(), source.into());
        entry.insert("publisher".to_owned(), "tests".into());
        self.config["plugins"][&plugin.name] = Value::Object(entry);
        self.save();
    }

    /// Configures the plugin of the entry `of` once more, as `entry`, with
    /// these members of its grants and limits, or its prefix, instead.
    pub fn also(&mut self, of: &str, entry: &str, change: Value) {
        let mut copy = self.config["plugins"][of].clone();
        for (member, value) in change.as_object().expect("members") {
            match value.as_object() {
                Some(inner) => inner.iter().for_each(|(name, value)| copy[member][name] = value.clone()),
                None => copy[member] = value.clone(),
            }
        }
        self.config["plugins"][entry] = copy;
        self.save();
    }

    /// The file of `plugin`, signed with the trusted key.
    pub fn sign(&self, plugin: &Plugin) -> Vec<u8> {
        self.sign_with(plugin, "key.pem")
    }

    /// The file of `plugin`, signed with a key in this house.
    pub fn sign_with(&self, plugin: &Plugin, key: &str) -> Vec<u8> {
        let work = tempfile::tempdir_in(self.path()).expect("a folder");
        let (name, version) = (&plugin.name, &plugin.version);
        let head = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        fs::write(work.path().join("plugin.toml"), head + &plugin.asks).expect("a file");
        fs::write(work.path().join("plugin.wasm"), &plugin.component).expect("a file");
        let key = self.join(key);
        let key = key.to_str().expect("a path in UTF-8");
        must_run(work.path(), &["sign", "plugin.wasm", "--key", key, "--quiet"]);
        fs::read(work.path().join("plugin.wasm")).expect("the signed file")
    }

    /// Another key pair in this house: `NAME.pem` and `NAME.pub.pem`.
    pub fn keygen(&self, name: &str) {
        must_run(self.path(), &["keygen", "--out", &format!("{name}.pem"), "--quiet"]);
    }

    /// Changes the configuration as a program would: written beside, then moved over.
    pub fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.config);
        self.save();
    }

    fn save(&self) {
        // JSON is YAML.
        let text = serde_json::to_string_pretty(&self.config).expect("JSON");
        let beside = self.join(".mcp.yaml.new");
        fs::write(&beside, text).and_then(|()| fs::rename(&beside, self.join("mcp.yaml"))).expect("the configuration");
    }

    /// Serves it over HTTP.
    pub fn serve(&self) -> Server {
        Server::start(self.path(), &[])
    }

    /// Serves it over stdio, to a client of `era`.
    pub fn serve_stdio(&self, era: Era) -> (Server, Client) {
        let (server, pipe) = Server::stdio(self.path(), &[]);
        (server, Client::stdio(pipe, era))
    }

    /// Serves it over stdio, to whoever holds the pipes.
    pub fn serve_stdio_raw(&self) -> (Server, Pipe) {
        Server::stdio(self.path(), &[])
    }
}

/// The names of all guests and plugins: a key signs for names that are listed.
fn names() -> Vec<String> {
    let repository = super::binary::repository();
    let listed = |folder: &str| {
        let entries = fs::read_dir(repository.join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
        entries.map_while(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned())
    };
    let guests = listed("tests/guests").filter_map(|name| name.strip_suffix(".rs").map(|name| name.replace('_', "-")));
    guests.chain(listed("plugins").filter(|name| !name.contains('.'))).collect()
}

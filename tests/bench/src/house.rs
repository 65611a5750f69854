//! A folder from which a server is started: plugins, keys, configuration.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use bulkhead_keys::Keypair;
use bulkhead_package::{Json, ManifestDraft, Package, pack, sign};
use serde_json::Value;
use tempfile::TempDir;

use crate::{Args, Failed};

/// What the callers' key is.
pub const KEY: &str = "bench-0123456789abcdef0123456789abcdef";

/// A `statfs` of a tmpfs says so.
const TMPFS: i64 = 0x0102_1994;

/// Where the plugin's source is: a tool `add` that adds two integers.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/add");

/// A component as a plugin's author builds it, and what it describes.
pub struct Built {
    package: Package,
    contract: Value,
}

impl Built {
    /// Builds the plugin with `bulkhead build`.
    pub fn new(args: &Args) -> Result<Self, Failed> {
        fs::create_dir_all(&args.folder)?;
        let out = args.folder.join("add.wasm");
        run(Command::new(&args.bulkhead).args(["build", SOURCE, "--out"]).arg(&out))?;
        let package = Package::parse(fs::read(&out)?, None)?;
        let contract = serde_json::from_str(package.manifest().contract_json().as_str())?;
        Ok(Self { package, contract })
    }

    /// The component alone.
    pub fn component(&self) -> &[u8] {
        self.package.component()
    }

    /// How it is called in headings.
    pub fn told(&self) -> String {
        format!("add, {} KiB", self.component().len() / 1024)
    }

    /// The version that is so many later.
    pub fn version(&self, later: u64) -> String {
        let mut version = self.package.manifest().version.clone();
        version.patch += later;
        version.to_string()
    }

    /// The same with so many tools that nobody calls that there are `tools`.
    pub fn with_tools(mut self, tools: usize) -> Self {
        if let Some(list) = self.contract["tools"].as_array_mut() {
            let one = list.iter().find(|tool| tool["name"] == "add").cloned().unwrap_or_default();
            list.extend((list.len()..tools).map(|number| {
                let mut other = one.clone();
                other["name"] = format!("add-{number}").into();
                other
            }));
        }
        self
    }

    /// The same under another name, and with bytes of its own, signed.
    pub fn named(&self, name: &str, key: &Keypair) -> Result<Vec<u8>, Failed> {
        self.later(name, 0, key)
    }

    /// The same, so many versions later.
    pub fn later(&self, name: &str, versions: u64, key: &Keypair) -> Result<Vec<u8>, Failed> {
        let manifest = self.package.manifest();
        let draft = ManifestDraft {
            name: name.parse()?,
            version: self.version(versions).parse()?,
            wit: manifest.wit.to_string(),
            description: manifest.description.clone(),
            publisher: manifest.publisher.clone(),
            requests: manifest.requests.clone(),
            contract: Json::parse(&self.contract.to_string())?,
        };
        let bare = bulkhead_package::strip(self.package.file())?;
        let component = [bare, &custom_section(&format!("{name} {versions}"))?].concat();
        Ok(sign(&pack(&component, &draft)?, key, false)?)
    }
}

/// A custom section (Component Model, Binary.md) that holds `text`.
fn custom_section(text: &str) -> Result<Vec<u8>, Failed> {
    const NAME: &[u8] = b"bench";
    let length = u8::try_from(1 + NAME.len() + text.len())?;
    if length > 0x7f {
        return Err("a name is too long for a section's length in one byte".into());
    }
    Ok([&[0, length, NAME.len() as u8], NAME, text.as_bytes()].concat())
}

/// The folder. It goes when this is dropped.
pub struct House {
    folder: TempDir,
    key: Keypair,
}

impl House {
    /// Serves `plugins`, by name, to whoever has [`KEY`]. `more` is what else
    /// stands in the configuration, and `each` in every plugin's entry.
    pub fn new(args: &Args, built: &Built, plugins: &[String], more: &str, each: &str) -> Result<Self, Failed> {
        fs::create_dir_all(&args.folder)?;
        if rustix::fs::statfs(&args.folder)?.f_type as i64 == TMPFS {
            return Err(format!("{} is on tmpfs, where a sync costs nothing", args.folder.display()).into());
        }
        let house = Self { folder: TempDir::new_in(&args.folder)?, key: Keypair::generate()? };
        house.key.write(&house.file("bench.pem"))?;
        let mut config = format!(
            "apiKey: {KEY}\ntrust: {{keys: [{{id: bench, publicKey: \"file:bench.pub.pem\", plugins: [add, \"add-*\"]}}]}}\n{more}\nplugins:\n"
        );
        for name in plugins {
            fs::write(house.file(name).with_extension("wasm"), built.named(name, &house.key)?)?;
            writeln!(config, "  {name}: {{source: {name}.wasm, publisher: bench{each}}}")?;
        }
        fs::write(house.path().join("mcp.yaml"), config)?;
        Ok(house)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn key(&self) -> &Keypair {
        &self.key
    }

    /// The command that serves it over standard input and output.
    pub fn over_stdio(&self, bulkhead: &Path) -> Command {
        let mut command = Command::new(bulkhead);
        command.args(["serve", "--stdio", "--config"]).arg(self.file("mcp.yaml"));
        command
    }

    /// Waits until a server has compiled so many plugins, and kept their code.
    pub fn compiled(&self, plugins: usize, patience: Duration) -> Result<(), Failed> {
        let (since, folder) = (Instant::now(), self.file("state/cache"));
        let kept = || {
            let files = fs::read_dir(&folder).into_iter().flatten().flatten();
            files.filter(|file| file.path().extension().is_some_and(|end| end == "code")).count()
        };
        while kept() < plugins {
            if since.elapsed() > patience {
                return Err(format!("{} of {plugins} plugins are compiled", kept()).into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }
}

fn run(command: &mut Command) -> Result<(), Failed> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

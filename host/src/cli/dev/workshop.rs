//! Builds targets, hands them to the loader, says what became of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use bulkhead_base::{PluginName, Prefix};
use bulkhead_package::{Keypair, Manifest, Package, diff, display::safe};
use bulkhead_policy::GivenGrant;
use bulkhead_registry::read_capped;
use tokio::task::spawn_blocking;

use super::{given::Giver, home::Home, progress::Progress, target::Target};
use crate::{
    cli::terminal::{Terminal, Tone},
    config::PluginEntry,
    forge::{Builder, Signer, Source},
    load::{Fate, Loader},
};

/// Most lines of a changed contract that are shown at once.
const MAX_DIFFERENCES: usize = 30;

/// What a target became.
struct Product {
    manifest: Manifest,
    prefix: Option<Prefix>,
    file: PathBuf,
}

/// What is worked with.
pub(super) struct Tools {
    pub(super) home: Home,
    pub(super) key: Arc<Keypair>,
    pub(super) builder: Arc<Builder>,
    pub(super) typed: Vec<GivenGrant>,
    pub(super) terminal: Terminal,
    pub(super) yes: bool,
}

pub(super) struct Workshop {
    tools: Tools,
    loader: Arc<Loader>,
    targets: Vec<Target>,
    /// The last manifest that each target was served with.
    served: BTreeMap<Target, Manifest>,
    /// The first round is over: nobody is asked any more.
    open: bool,
}

impl Workshop {
    pub(super) const fn new(tools: Tools, loader: Arc<Loader>, targets: Vec<Target>) -> Self {
        Self { tools, loader, targets, served: BTreeMap::new(), open: false }
    }

    pub(super) fn targets(&self) -> &[Target] {
        &self.targets
    }

    pub(super) fn loader(&self) -> &Arc<Loader> {
        &self.loader
    }

    /// Builds and serves everything once.
    pub(super) async fn build_all(&mut self) {
        for target in self.targets.clone() {
            self.renew(&target).await;
        }
        self.open = true;
        self.loader.house().readiness.settle();
    }

    /// Builds one target and serves what came of it. Whatever fails, what was
    /// served before still is.
    pub(super) async fn renew(&mut self, target: &Target) {
        let product = match target {
            Target::Source(dir) => self.build(target, dir.clone()).await,
            Target::Prebuilt(file) => {
                let file = file.clone();
                spawn_blocking(move || prebuilt(&file)).await.unwrap_or_else(|error| Err(error.to_string()))
            }
        };
        match product {
            Ok(product) => self.serve(target, product).await,
            Err(why) => {
                let serving = self.served.get(target).map(|manifest| manifest.version.to_string());
                let ending =
                    serving.map_or_else(|| "left out".to_owned(), |version| format!("{version} goes on serving"));
                let mark = self.tools.terminal.paint(Tone::Bad, "✘");
                self.tools.terminal.say(&format!("{mark} {}: {ending}: {why}", target.label()));
            }
        }
    }

    async fn build(&self, target: &Target, dir: PathBuf) -> Result<Product, String> {
        let Tools { key, builder, home, terminal, .. } = &self.tools;
        let (key, builder, home, terminal) = (key.clone(), builder.clone(), home.clone(), *terminal);
        let label = target.label();
        let work = move || {
            let source = Source::open(&dir).map_err(|error| error.told())?;
            let progress = Progress::begin(&terminal, &label);
            let signer = Signer { key: &key, development: true };
            match builder.build(&source, Some(signer), &mut |step| progress.step(&step)) {
                Ok(built) => {
                    progress.built(&built.manifest.version);
                    let file = home.built(&built.manifest.name);
                    put(&file, &built.bytes).map_err(|error| format!("{}: {error}", file.display()))?;
                    Ok(Product { manifest: built.manifest, prefix: source.plugin().prefix.clone(), file })
                }
                Err(error) => {
                    progress.failed();
                    Err(error.told())
                }
            }
        };
        spawn_blocking(work).await.unwrap_or_else(|error| Err(error.to_string()))
    }

    async fn serve(&mut self, target: &Target, product: Product) {
        let Product { manifest, prefix, file } = product;
        let name = manifest.name.clone();
        if let Some(holder) = self.holder(&name, target) {
            self.tools.terminal.warn(&format!("{}: left out: {} is called {name} too", target.label(), holder.label()));
            return;
        }
        let giver = Giver {
            home: &self.tools.home,
            typed: &self.tools.typed,
            terminal: &self.tools.terminal,
            yes: self.tools.yes,
            may_ask: !self.open,
        };
        let grants = giver.give(target, &name, &manifest.requests);
        let prefix = prefix.unwrap_or_else(|| Prefix::from(&name));
        self.loader.develop(PluginEntry { prefix, grants, ..PluginEntry::bare(name.clone(), file) });
        let fate = self.loader.load(&name).await;
        self.say(target, &manifest, fate.as_ref());
        if matches!(fate, Some(Fate::Served { .. } | Fate::Unchanged)) {
            self.served.insert(target.clone(), manifest);
        }
    }

    fn holder(&self, name: &PluginName, target: &Target) -> Option<&Target> {
        self.served.iter().find(|(other, manifest)| *other != target && manifest.name == *name).map(|(other, _)| other)
    }

    fn say(&self, target: &Target, manifest: &Manifest, fate: Option<&Fate>) {
        match fate {
            Some(Fate::Served { .. }) => {
                let before = self.served.get(target);
                let changes = before.map(|before| diff(before, manifest)).unwrap_or_default();
                for change in changes.iter().take(MAX_DIFFERENCES) {
                    self.tools.terminal.say(&format!("    {change}"));
                }
                if changes.len() > MAX_DIFFERENCES {
                    self.tools.terminal.say(&format!("    … and {} more", changes.len() - MAX_DIFFERENCES));
                }
            }
            Some(Fate::Refused(trouble)) => {
                let mark = self.tools.terminal.paint(Tone::Bad, "✘");
                self.tools.terminal.say(&format!("{mark} {}: {}", target.label(), safe(&trouble.told())));
            }
            Some(Fate::Unchanged | Fate::Waits(_)) | None => {}
        }
    }

    /// Lets go of targets whose source is gone.
    pub(super) fn forget_gone(&mut self) {
        for gone in self.targets.clone().into_iter().filter(|target| !target.path().exists()) {
            self.targets.retain(|target| *target != gone);
            if let Some(manifest) = self.served.remove(&gone) {
                self.tools.terminal.say(&format!("{}: removed", manifest.name));
                self.loader.forget(&manifest.name);
            }
        }
    }
}

fn prebuilt(file: &Path) -> Result<Product, String> {
    let bytes = read_capped(file).map_err(|error| error.to_string())?;
    let beside = read_capped(&with_dsse(file)).ok();
    let package = Package::parse(bytes, beside.as_deref()).map_err(|error| error.to_string())?;
    Ok(Product { manifest: package.manifest().clone(), prefix: None, file: file.to_owned() })
}

fn with_dsse(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".dsse");
    name.into()
}

/// Writes a file so that nobody sees half of it.
fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("tmp");
    fs::write(&temporary, bytes)?;
    fs::rename(temporary, path)
}

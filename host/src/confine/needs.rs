//! What of the configuration needs which path and port.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use bulkhead_policy::{Grants, MountAccess};
use url::Url;

use super::system;
use crate::config::{Config, Role, Source};

/// Names are looked up over TCP where an answer is too long for UDP.
const DNS: u16 = 53;
/// What plugins and keys are downloaded over, and most grants name.
const HTTPS: u16 = 443;

/// What stands in for a line where nobody wrote one.
pub(super) const SYSTEM: &str = "the system";

/// How the configuration is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Where HTTP is listened on.
    pub http: Option<SocketAddr>,
    /// Whether the lock is left as it is.
    pub locked: bool,
}

/// How far a place is reached into, and everything below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    Read,
    /// Files are also written beside others and renamed over them.
    Replace,
    /// Files and folders are made, changed and removed.
    Write,
}

/// A folder or file that serving takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
    pub reach: Reach,
    /// The keys of `mcp.yaml` that name it.
    pub line: String,
}

/// What serving takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    places: Vec<Place>,
    /// Ports that are dialled, and the keys that name them.
    connects: Vec<(u16, String)>,
    listens: Vec<u16>,
    /// Ports are not known beforehand, so all are kept.
    any_port: bool,
}

impl Needs {
    /// What serving `config` takes, what it keeps for later included.
    #[must_use]
    pub fn of(config: &Config, service: Service) -> Self {
        let mut needs = Self::named(config, service);
        for root in &config.hardening.roots {
            needs.place(&root.path, root.access.into(), "hardening.roots");
        }
        needs.connects.extend(config.hardening.ports.iter().map(|port| (*port, "hardening.ports".to_owned())));
        needs.connects.extend([DNS, HTTPS].map(|port| (port, "names and downloads".to_owned())));
        needs.system();
        needs
    }

    /// What `dev` takes: its own folder, the sources, and what was typed. Hosts
    /// are agreed to while it runs, so it keeps every port.
    #[must_use]
    pub fn for_dev(own: &Path, folders: &[PathBuf], files: &[PathBuf], typed: &Grants) -> Self {
        let mut needs = Self { any_port: true, ..Self::default() };
        needs.place(own, Reach::Write, "dev");
        folders.iter().for_each(|folder| needs.place(folder, Reach::Read, "dev"));
        files.iter().for_each(|file| needs.folders_of(file, Reach::Read, "dev"));
        needs.granted("dev", typed);
        needs.system();
        needs
    }

    fn system(&mut self) {
        for path in system::read() {
            self.place(&path, Reach::Read, SYSTEM);
        }
    }

    /// What the configuration names by itself.
    pub(super) fn named(config: &Config, service: Service) -> Self {
        let mut needs = Self::default();
        // The lock is written beside the configuration and renamed into place.
        let own = if service.locked { Reach::Read } else { Reach::Replace };
        needs.place(config.folder(), own, "the folder of mcp.yaml");
        for (role, path) in config.own_files() {
            needs.own(role, &path);
        }
        for entry in &config.plugins {
            needs.granted(entry.name.as_str(), &entry.grants);
            if let Source::Url { url, .. } = &entry.source {
                needs.connects.push((port_of(url), format!("plugins.{}.source", entry.name)));
            }
        }
        let issuer = config.credentials.oauth.as_ref().map(|oauth| oauth.issuer.addresses());
        needs.connects.extend(issuer.into_iter().flatten().map(|url| (port_of(&url), "oauth".to_owned())));
        needs.listens.extend(service.http.map(|http| http.port()));
        // As the doors are opened: no admin listener without HTTP.
        let admin = config.admin.as_ref().filter(|_| service.http.is_some());
        needs.listens.extend(admin.map(|admin| admin.listen.port()));
        needs
    }

    fn own(&mut self, role: Role, path: &Path) {
        match role {
            Role::StateFolder => self.place(path, Reach::Write, "stateDir"),
            // Its journals lie beside it.
            Role::Database => self.folders_of(path, Reach::Write, "state.url"),
            Role::DropInFolder => self.place(path, Reach::Read, "pluginDir"),
            Role::PromptFolder => self.place(path, Reach::Read, "prompts"),
            Role::Configuration | Role::Lock | Role::Revocations => self.folders_of_target(path),
            Role::Certificate | Role::PrivateKey => self.folders_of(path, Reach::Read, "tls"),
            Role::TrustedKey => self.folders_of(path, Reach::Read, "trust.keys"),
            Role::StateKey => self.folders_of(path, Reach::Read, "stateKeys"),
            Role::ManifestKey => self.folders_of(path, Reach::Read, "manifest.keyFile"),
            Role::IssuerKeys => self.folders_of(path, Reach::Read, "oauth.jwksUri"),
            Role::IssuerAuthority => self.folders_of(path, Reach::Read, "oauth.caFile"),
            Role::SourceAuthority => self.folders_of(path, Reach::Read, "plugins: source: caFile"),
            Role::Secret => self.folders_of(path, Reach::Read, "${file:…}"),
            // `dev` asks for these by themselves.
            Role::Source => {}
            Role::RecordFolder => self.place(path, Reach::Write, "audit.dir"),
            Role::RecordKey => self.folders_of(path, Reach::Read, "audit.keyFile"),
            // A folder that is written into, or a file in one.
            Role::CheckpointCopies if path.is_dir() => self.place(path, Reach::Replace, "audit.checkpointTo"),
            Role::CheckpointCopies => self.folders_of(path, Reach::Replace, "audit.checkpointTo"),
            Role::PluginFile => self.folders_of(path, Reach::Read, "plugins: source"),
        }
    }

    /// The folder where `path` was written and the one where links lead: a file
    /// that is renamed into its place is another file.
    fn folders_of(&mut self, path: &Path, reach: Reach, line: &str) {
        let real = path.canonicalize().ok();
        for folder in [Some(path), real.as_deref()].into_iter().flatten().filter_map(Path::parent) {
            self.place(folder, reach, line);
        }
    }

    /// Where a link in the configuration's folder leads.
    fn folders_of_target(&mut self, path: &Path) {
        if path.is_symlink() {
            self.folders_of(path, Reach::Read, "the folder of mcp.yaml");
        }
    }

    fn granted(&mut self, plugin: &str, grants: &Grants) {
        for mount in &grants.fs {
            if let Some(path) = mount.host.path() {
                self.place(path, mount.access.into(), &format!("plugins.{plugin}.grants.fs"));
            }
        }
        let http = grants.http.iter().map(|rule| (rule.port, format!("plugins.{plugin}.grants.http")));
        let tcp = grants.tcp.iter().map(|rule| (rule.port, format!("plugins.{plugin}.grants.tcp")));
        self.connects.extend(http.chain(tcp));
    }

    fn place(&mut self, path: &Path, reach: Reach, line: &str) {
        if self.places.iter().any(|place| place.path == path && place.reach >= reach) {
            return;
        }
        self.places.push(Place { path: path.to_owned(), reach, line: line.to_owned() });
    }

    /// Folders and files.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Ports that are dialled, with the keys that name them.
    #[must_use]
    pub fn connects(&self) -> &[(u16, String)] {
        &self.connects
    }

    /// Whether every port is kept.
    #[must_use]
    pub const fn any_port(&self) -> bool {
        self.any_port
    }

    /// Ports that are listened on. 0 is any free one.
    #[must_use]
    pub fn listens(&self) -> &[u16] {
        &self.listens
    }
}

impl From<MountAccess> for Reach {
    fn from(access: MountAccess) -> Self {
        match access {
            MountAccess::Read => Self::Read,
            MountAccess::Write => Self::Write,
        }
    }
}

fn port_of(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or(HTTPS)
}

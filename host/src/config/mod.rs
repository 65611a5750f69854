//! `mcp.yaml`: text → positioned tree → raw (serde) → [`Config`].
//!
//! **Invariant:** nothing that is written is ignored. An unknown or doubled
//! key, a key of a part that is not built, an unset variable, a name that
//! names nothing: each is an error with its place, and no default stands in.
//! Nothing that is left out opens anything: `default.yaml` documents every key
//! with its default, deny first.
//!
//! Absent: watching the file and acting on it, which is the load flow's.

mod audit;
pub mod authorities;
mod de;
pub mod edit;
mod error;
mod expand;
mod exposure;
mod files;
mod hardening;
mod line;
#[cfg(test)]
mod mangled;
mod mounts;
mod places;
mod plugin;
mod raw;
mod resolve;
mod tree;
pub mod yaml;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use bulkhead_base::{ByteSize, Digest, Redacted, Span};
use bulkhead_package::{RevocationError, Revocations, Trust, TrustedKey};
use bulkhead_policy::Principal;
use bulkhead_protocol::Revisions;
use bulkhead_registry::Separator;
use ipnet::IpNet;
use url::Url;

use crate::authn::{Key, OAuth};

pub use audit::Audit;
pub use error::{ConfigError, Position};
pub use exposure::Exposed;
pub use files::{Role, UnsafeFile, doubtful};
pub use hardening::{Hardening, KeptRoot};
pub use line::line_of;
pub use mounts::UnsafeMount;
pub(crate) use mounts::refused;
pub use plugin::{NamedPublisher, PluginEntry, Source};

/// The documentation: every key, commented, with its default.
pub const DEFAULT_YAML: &str = include_str!("default.yaml");

/// A configuration in which everything is decided.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file. With [`Config::for_dev`], where one would lie.
    pub path: PathBuf,
    /// Where HTTP is served, unless `--listen` says otherwise.
    pub listen: SocketAddr,
    /// Certificates, if HTTP is over TLS.
    pub tls: Option<TlsFiles>,
    pub credentials: Credentials,
    /// What stands before the server and does TLS in its place, if something does.
    pub behind_proxy: Option<BehindProxy>,
    /// The address that clients know this server by.
    pub public_url: Option<Url>,
    /// Web origins that may call besides loopback ones: `https://app.example.com`.
    pub allowed_origins: Vec<String>,
    pub admin: Option<Admin>,
    /// Which revisions of the protocol are spoken.
    pub protocols: Revisions,
    pub trusted_keys: Vec<TrustedKey>,
    /// Other servers that are trusted: told to who asks, and checked by `bulkhead
    /// verify` alone.
    pub trusted_servers: Vec<TrustedServer>,
    /// In the order of the file.
    pub plugins: Vec<PluginEntry>,
    /// Plugins are changed all the time: made with [`Config::for_dev`].
    pub development: bool,
    /// The drop-in folder.
    pub plugin_dir: Option<PathBuf>,
    /// The folder of prompt templates.
    pub prompts: Option<PathBuf>,
    pub watch: Watch,
    pub separator: Separator,
    /// Store, quarantine, compiled code, kept data.
    pub state_dir: PathBuf,
    /// The SQLite file of what outlives a call.
    pub database: PathBuf,
    /// The first seals, all open. None: the key at [`Config::seal_key_path`].
    pub state_keys: Vec<StateKey>,
    pub limits: ServerLimits,
    /// How long SIGTERM waits for calls under way.
    pub shutdown_grace: Span,
    /// What the process gives up before it serves.
    pub hardening: Hardening,
    /// What manifests are signed with. None: the key at [`Config::manifest_key_path`].
    pub manifest_key: Option<PathBuf>,
    /// What is recorded, and where.
    pub audit: Audit,
    /// What is allowed and unwise.
    pub warnings: Vec<String>,
    /// What `${file:…}` and `file:…` name.
    referenced: Vec<(Role, PathBuf)>,
    /// `allowAnonymous` was written as true.
    allow_anonymous: bool,
}

/// A certificate chain and its key, PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Whose business TLS is, if it is not the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BehindProxy {
    /// Somebody's: whoever connects is taken for it, and nothing that it says
    /// of clients is believed.
    Somebody,
    /// That of proxies in these networks, which are believed in where a request
    /// came from. In the clear, nobody else may connect.
    Trusted(Arc<[IpNet]>),
}

/// A server that the operator trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedServer {
    pub url: Url,
    /// The id of the trusted key that its manifest is signed with.
    pub key: Arc<str>,
}

/// A key of `stateKeys`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateKey {
    pub path: PathBuf,
    pub key: Redacted<[u8; 32]>,
}

/// Who may come in, and as whom.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Keys over HTTP, hashed.
    pub keys: Vec<Key>,
    /// Whoever comes over HTTP with a token of an issuer.
    pub oauth: Option<OAuth>,
    /// Whoever comes over HTTP without a key, if anybody may.
    pub anonymous: Option<Principal>,
    /// Whoever holds the standard streams.
    pub local: Principal,
}

/// The admin listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    pub listen: SocketAddr,
    /// SHA-256 of the key that has to be presented, if one has.
    pub key: Option<Digest>,
}

/// How changes to files are noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// By the system's notice where there is one.
    #[default]
    Auto,
    /// By looking again and again: network file systems give no notice.
    Poll,
}

/// What the whole server may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// Bytes of one request's body. Answers "a body of gigabytes".
    pub request_body: ByteSize,
    /// Calls at once, all plugins together. Answers "more work than the
    /// machine has memory for".
    pub in_flight: u32,
    /// Calls of one plugin at once. Answers "one plugin's crowd starves the
    /// others"; a plugin's own `concurrency` may be lower.
    pub calls_per_plugin: u32,
    /// How long a replaced generation may finish its calls.
    pub drain: Span,
    /// How long a task is kept, from its creation on. Answers "results that
    /// nobody fetches".
    pub task_ttl: Span,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            request_body: ByteSize::mib(4),
            in_flight: 1024,
            calls_per_plugin: 64,
            drain: Span::secs(30),
            task_ttl: Span::secs(60 * 60),
        }
    }
}

impl Config {
    /// Reads and resolves the file at `path`. The process's environment is
    /// looked at for variables.
    ///
    /// Whether it is safe to serve is another question: [`Config::unsafe_files`],
    /// [`Config::unsafe_mounts`] and [`Config::exposed`].
    ///
    /// # Errors
    /// [`ConfigError`], with its place in the file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        resolve::load(path, &expand::process_environment)
    }

    /// A configuration without a file, as `bulkhead dev` needs it: loopback,
    /// no keys, everything in `folder`. Plugins and trusted keys are to be
    /// added by the caller.
    #[must_use]
    pub fn for_dev(folder: &Path, listen: SocketAddr) -> Self {
        resolve::for_dev(folder, listen)
    }

    /// Whom to believe, as far as nothing is revoked.
    ///
    /// # Errors
    /// The list of revocations cannot be read: then nobody is believed.
    pub fn trust(&self) -> Result<Trust, RevocationError> {
        Ok(Trust::new(self.trusted_keys.clone(), self.revocations()?))
    }

    /// What is revoked.
    ///
    /// # Errors
    /// The list cannot be read, or lacks what a server here obeyed before.
    pub fn revocations(&self) -> Result<Revocations, RevocationError> {
        Revocations::believed(&self.revoked_path(), &self.seen_revocations_path())
    }

    /// The server's own files and folders, and what each is.
    pub(crate) fn own_files(&self) -> Vec<(Role, PathBuf)> {
        files::own(self)
    }

    /// Every file and folder that decides what is served and that others could
    /// change. Empty if all is well.
    #[must_use]
    pub fn unsafe_files(&self) -> Vec<UnsafeFile> {
        files::check(self)
    }

    /// Every mount that reaches a file of the server's own, or a folder that is
    /// none. Empty if all is well.
    #[must_use]
    pub fn unsafe_mounts(&self) -> Vec<UnsafeMount> {
        mounts::check(self)
    }

    /// Whether HTTP may be served at `listen`: anything but loopback needs keys,
    /// and TLS or a proxy; loopback needs keys unless `allowAnonymous: true`.
    ///
    /// # Errors
    /// What is missing, and the line that adds it.
    pub fn exposed(&self, listen: SocketAddr) -> Result<(), Exposed> {
        exposure::check(self, listen)
    }
}

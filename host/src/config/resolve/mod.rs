//! From what is written to what holds: defaults are filled in, names are
//! looked up, paths become absolute, and what is not built is refused.

mod audit;
mod credentials;
mod grants;
mod hardening;
mod oauth;
mod plugins;
mod proxy;
mod server;
mod state_keys;
#[cfg(test)]
mod tests;
mod trust;

use std::{
    fs::File,
    io::Read as _,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use bulkhead_net::CertificateDer;
use bulkhead_policy::{Access, Allowance, Principal};
use bulkhead_protocol::Revisions;
use bulkhead_registry::Separator;

use super::{
    Audit, Config, ConfigError, Credentials, Hardening, Role, ServerLimits, Watch, de,
    error::{Fault, Kind},
    expand::{self, Environment},
    raw::{Raw, RawSeparator, RawWatch},
    tree::{self, MAX_BYTES},
};

/// `host` when nothing is written.
const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// `port` when nothing is written.
const PORT: u16 = 8080;
/// `stateDir` when nothing is written.
const STATE_DIR: &str = "state";
/// `shutdownGrace` when nothing is written.
const SHUTDOWN_GRACE: bulkhead_base::Span = bulkhead_base::Span::secs(30);

/// Reads and resolves the file at `path`.
pub(super) fn load(path: &Path, environment: &Environment) -> Result<Config, ConfigError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = read(&path)?;
    from_text(&path, &text, environment)
}

/// The file's text, as far as it is one.
pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    let failed = |kind, text: &str| ConfigError {
        file: path.to_owned(),
        at: None,
        path: String::new(),
        kind,
        text: text.to_owned(),
    };
    let missing = |error: std::io::Error| {
        let hint = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file; `bulkhead init` writes one",
            _ => "cannot be read",
        };
        failed(Kind::Read(error), hint)
    };
    let mut text = String::new();
    let limit = MAX_BYTES as u64;
    File::open(path).map_err(missing)?.take(limit + 1).read_to_string(&mut text).map_err(missing)?;
    if text.len() > MAX_BYTES {
        return Err(failed(Kind::Content, &format!("larger than {MAX_BYTES} bytes, so it is no configuration")));
    }
    Ok(text)
}

/// Resolves `text`, which stands or will stand at `path`.
pub(super) fn from_text(path: &Path, text: &str, environment: &Environment) -> Result<Config, ConfigError> {
    resolve(path, text, environment).map_err(|fault| fault.in_file(path.to_owned()))
}

/// Where relative paths lead, and what was read on the way.
pub(super) struct Folder {
    path: PathBuf,
    referenced: Vec<(Role, PathBuf)>,
}

impl Folder {
    /// `path` from here, without `.` on the way; `..` and links stay what they are.
    fn join(&self, path: &str) -> PathBuf {
        self.path.join(path).components().collect()
    }

    /// The authorities of the file that is written here, which is `role` of the configuration.
    fn authorities(
        &mut self,
        written: Option<de::At<String>>,
        role: Role,
    ) -> Result<Vec<CertificateDer<'static>>, Fault> {
        let Some(de::At { at, value }) = written else { return Ok(Vec::new()) };
        let path = self.join(&value);
        let read = super::authorities::read(&path).map_err(|why| Fault::at(at, why))?;
        self.referenced.push((role, path));
        Ok(read)
    }
}

fn resolve(path: &Path, text: &str, environment: &Environment) -> Result<Config, Fault> {
    let parent = path.parent().unwrap_or(Path::new("/")).to_owned();
    let mut tree = tree::parse(text)?;
    let expanded = expand::expand(&mut tree, &parent, environment)?;
    let resolved = de::read(&tree).and_then(|raw| decide(path, raw, parent, &expanded.files));
    resolved.map_err(|fault| Fault { text: expanded.hide(fault.text), ..fault })
}

fn decide(path: &Path, raw: Raw, parent: PathBuf, secrets: &[PathBuf]) -> Result<Config, Fault> {
    let mut folder = Folder { path: parent, referenced: secrets.iter().map(|p| (Role::Secret, p.clone())).collect() };
    let mut warnings = Vec::new();
    let scopes = credentials::scopes(raw.scopes);
    let keys = credentials::Written { api_key: raw.api_key, api_keys: raw.api_keys, anonymous: raw.allow_anonymous };
    let mut credentials = credentials::resolve(keys, scopes.as_ref(), &mut warnings)?;
    let public_url = server::public_url(raw.public_url)?;
    credentials.oauth = oauth::resolve(raw.oauth, scopes.as_ref(), public_url.as_ref(), &mut folder)?;
    if raw.allow_anonymous && credentials.oauth.is_some() {
        warnings.push("allowAnonymous: true lets whoever reaches the port in, with or without a token".to_owned());
    }
    let behind_proxy = proxy::resolve(raw.behind_proxy)?;
    warnings.extend(proxy::warnings(behind_proxy.as_ref(), public_url.is_some(), raw.tls.is_some()));
    let trusted_keys = trust::resolve(raw.trust.keys, &raw.trust.servers, &mut folder)?;
    let trusted_servers = trust::servers(raw.trust.servers, &trusted_keys)?;
    let plugins = plugins::resolve(raw.plugins, &trusted_keys, &mut folder)?;
    let state_dir = folder.join(raw.state_dir.as_deref().unwrap_or(STATE_DIR));
    let audit = audit::resolve(raw.audit, &folder, &state_dir)?;
    Ok(Config {
        listen: server::listen(raw.host, raw.port)?,
        tls: server::tls(raw.tls, &folder)?,
        credentials,
        behind_proxy,
        public_url,
        allowed_origins: server::origins(raw.allowed_origins)?,
        admin: server::admin(raw.admin)?,
        protocols: server::protocols(raw.protocols)?,
        trusted_keys,
        trusted_servers,
        plugins,
        plugin_dir: raw.plugin_dir.map(|dir| folder.join(&dir)),
        prompts: raw.prompts.map(|dir| folder.join(&dir)),
        watch: raw.watch.map_or(Watch::Auto, |watch| match watch {
            RawWatch::Auto => Watch::Auto,
            RawWatch::Poll => Watch::Poll,
        }),
        separator: raw.name_separator.map_or(Separator::Underscore, |separator| match separator {
            RawSeparator::Underscore => Separator::Underscore,
            RawSeparator::Dot => Separator::Dot,
        }),
        database: server::database(raw.state, &state_dir, &folder)?,
        state_dir,
        state_keys: state_keys::resolve(raw.state_keys, &folder)?,
        limits: server::limits(raw.limits)?,
        shutdown_grace: raw.shutdown_grace.unwrap_or(SHUTDOWN_GRACE),
        hardening: hardening::resolve(raw.hardening, &folder)?,
        manifest_key: raw.manifest.key_file.map(|file| folder.join(&file)),
        audit,
        warnings,
        referenced: folder.referenced,
        allow_anonymous: raw.allow_anonymous,
        development: false,
        path: path.to_owned(),
    })
}

/// See [`Config::for_dev`].
pub(super) fn for_dev(folder: &Path, listen: SocketAddr) -> Config {
    let everybody = |id: &str| Principal::new(id.into(), Access::everything().into(), Allowance::default());
    let state_dir = folder.join(STATE_DIR);
    Config {
        path: folder.join("mcp.yaml"),
        listen,
        tls: None,
        credentials: Credentials {
            keys: Vec::new(),
            oauth: None,
            anonymous: Some(everybody(Principal::ANONYMOUS)),
            local: everybody(Principal::LOCAL),
        },
        behind_proxy: None,
        public_url: None,
        allowed_origins: Vec::new(),
        admin: None,
        protocols: Revisions::ALL,
        trusted_keys: Vec::new(),
        trusted_servers: Vec::new(),
        plugins: Vec::new(),
        plugin_dir: None,
        prompts: None,
        watch: Watch::Auto,
        separator: Separator::Underscore,
        database: state_dir.join("state.db"),
        state_dir,
        state_keys: Vec::new(),
        limits: ServerLimits::default(),
        shutdown_grace: SHUTDOWN_GRACE,
        hardening: Hardening::default(),
        manifest_key: None,
        audit: Audit::off(folder, &folder.join(STATE_DIR)),
        warnings: Vec::new(),
        referenced: Vec::new(),
        allow_anonymous: true,
        development: true,
    }
}

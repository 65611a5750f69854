//! What is written: one plugin's entry, one trusted key.

use bulkhead_base::{ByteSize, Digest, PluginName};
use bulkhead_package::{Pattern, PublicKey};
use bulkhead_policy::{GivenGrant, HostFolder, KvScope, Mount};

/// A plugin's entry as lines.
#[derive(Clone, Debug)]
pub struct EntryText {
    name: PluginName,
    source: String,
    publisher: Option<String>,
    prefix: Option<String>,
    grants: Vec<GivenGrant>,
}

impl EntryText {
    /// An entry without publisher and grants. `source` is a path.
    #[must_use]
    pub fn new(name: PluginName, source: String) -> Self {
        Self { name, source: quoted(&source), publisher: None, prefix: None, grants: Vec::new() }
    }

    /// An entry of a file that is downloaded.
    #[must_use]
    pub fn from_url(name: PluginName, url: &str, digest: Digest, ca: Option<&str>) -> Self {
        let ca = ca.map(|file| format!(", caFile: {}", quoted(file))).unwrap_or_default();
        let source = format!("{{url: {}, digest: \"{digest}\"{ca}}}", quoted(url));
        Self { name, source, publisher: None, prefix: None, grants: Vec::new() }
    }

    /// Whose signature the file must have: an id of `trust.keys`.
    #[must_use]
    pub fn publisher(mut self, id: &str) -> Self {
        self.publisher = Some(id.to_owned());
        self
    }

    /// What stands before the tools' names, if not the entry's name.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = Some(prefix.to_owned());
        self
    }

    /// What it is given.
    #[must_use]
    pub fn grants(mut self, grants: Vec<GivenGrant>) -> Self {
        self.grants = grants;
        self
    }

    pub(super) const fn name(&self) -> &PluginName {
        &self.name
    }

    /// The entry, not indented.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}:", self.name), format!("  source: {}", self.source)];
        lines.extend(self.publisher.iter().map(|id| format!("  publisher: {}", quoted(id))));
        lines.extend(self.prefix.iter().map(|prefix| format!("  prefix: {}", quoted(prefix))));
        let granted = self.grant_lines();
        if !granted.is_empty() {
            lines.push("  grants:".to_owned());
            lines.extend(granted.into_iter().map(|line| format!("    {line}")));
        }
        let settings: Vec<_> = self.grants.iter().filter_map(setting).collect();
        if !settings.is_empty() {
            lines.push("  config:".to_owned());
            lines.extend(settings.into_iter().map(|line| format!("    {line}")));
        }
        lines
    }

    fn grant_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (list, of_list) in [("fs", fs as fn(&GivenGrant) -> Option<String>), ("http", http), ("tcp", tcp)] {
            let items: Vec<_> = self.grants.iter().filter_map(of_list).collect();
            if !items.is_empty() {
                lines.push(format!("{list}:"));
                lines.extend(items.into_iter().map(|item| format!("  - {item}")));
            }
        }
        let variables: Vec<_> = self.grants.iter().filter_map(variable).collect();
        if !variables.is_empty() {
            lines.push("env:".to_owned());
            lines.extend(variables.into_iter().map(|line| format!("  {line}")));
        }
        lines.extend(self.grants.iter().find_map(|grant| match grant {
            GivenGrant::Kv(KvScope::Principal) => Some("kv: true".to_owned()),
            GivenGrant::Kv(KvScope::Shared) => Some("kv: shared".to_owned()),
            _ => None,
        }));
        if self.grants.contains(&GivenGrant::FineClock) {
            lines.push("clock: fine".to_owned());
        }
        lines
    }
}

fn fs(grant: &GivenGrant) -> Option<String> {
    let GivenGrant::Fs(mount) = grant else { return None };
    let folder = match &mount.host {
        HostFolder::Path(path) => format!("path: {}", quoted(&path.to_string_lossy())),
        HostFolder::Workspace => "workspace: true".to_owned(),
    };
    let mut line = format!("{{{folder}, at: {}, access: {}", quoted(mount.at.as_str()), mount.access);
    let size = |quota: ByteSize| format!(", quota: {quota}");
    if mount.quota != Mount::QUOTA {
        line.push_str(&size(mount.quota));
    }
    line.push('}');
    Some(line)
}

fn http(grant: &GivenGrant) -> Option<String> {
    let GivenGrant::Http(rule) = grant else { return None };
    Some(rule.to_string())
}

fn tcp(grant: &GivenGrant) -> Option<String> {
    let GivenGrant::Tcp(rule) = grant else { return None };
    Some(rule.to_string())
}

fn variable(grant: &GivenGrant) -> Option<String> {
    let GivenGrant::Env(name, value) = grant else { return None };
    Some(format!("{name}: {}", quoted(value.expose())))
}

fn setting(grant: &GivenGrant) -> Option<String> {
    let GivenGrant::Config(key, value) = grant else { return None };
    Some(format!("{}: {}", quoted(key), quoted(value)))
}

/// A trusted key as a line.
#[derive(Clone, Debug)]
pub struct KeyText(String);

impl KeyText {
    /// The key `public`, called `id`, for the plugins that fit `patterns`.
    #[must_use]
    pub fn new(id: &str, public: &PublicKey, patterns: &[Pattern]) -> Self {
        let patterns: Vec<String> = patterns.iter().map(|pattern| quoted(&pattern.to_string())).collect();
        let key = public.to_base64();
        Self(format!("{{id: {}, publicKey: \"{key}\", plugins: [{}]}}", quoted(id), patterns.join(", ")))
    }

    pub(super) fn line(&self) -> String {
        self.0.clone()
    }
}

/// `text` as YAML reads it back: plain where that is safe, else in double
/// quotes, whose escapes are JSON's. References stay references: somebody who
/// writes `${NAME}` means one.
pub(super) fn quoted(text: &str) -> String {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') || text.starts_with("./");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    let is_word = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if begins && text.chars().all(plain) && !is_word {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

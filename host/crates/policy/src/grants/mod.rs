//! What an operator gives to one plugin, parsed into types once.
//!
//! Each kind has the same steps: text → rule (or an error that says what was
//! expected) → matching → the line of `mcp.yaml` that writes it.

mod error;
mod given;
mod host;
mod http;
mod mount;
mod path;
mod secret;
mod target;
mod tcp;

use std::{collections::BTreeMap, fmt};

use bulkhead_base::Redacted;

pub use error::RuleError;
pub use given::{GivenGrant, variable_name};
pub use host::{HostRule, needs_private};
pub use http::{HttpRule, Method, Scheme};
pub use mount::{GuestPath, HostFolder, Mount, MountAccess};
pub use path::PathRule;
pub use secret::{Origin, SecretRule};
pub use target::{BadTarget, Target};
pub use tcp::TcpRule;

/// Everything that one plugin is given. The default is nothing, and the
/// default limits. In a [`crate::GrantedPlugin`] it is what the plugin has in
/// effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Host folders under guest paths. Default none.
    pub fs: Vec<Mount>,
    /// Where HTTP requests may go. Default nowhere.
    pub http: Vec<HttpRule>,
    /// Where TCP connections may go. Default nowhere.
    pub tcp: Vec<TcpRule>,
    /// Environment variables, with their values. Default none; the host's own
    /// environment is never passed on.
    pub env: BTreeMap<String, Redacted<String>>,
    /// Headers that the host sets in the plugin's place. Default none.
    pub secrets: Vec<SecretRule>,
    /// The key-value store. Default none.
    pub kv: Option<KvScope>,
    /// Settings, by key. Default none.
    pub config: BTreeMap<String, String>,
    /// Whether clocks have their full resolution; otherwise they go in steps of
    /// 1 ms, too coarse to time other calls by. Default false.
    pub clock_fine: bool,
    /// Whose calls may meet the same instance. Default nobody's.
    pub instance: Instance,
    /// What it may use up.
    pub limits: crate::Limits,
}

impl Grants {
    /// Whether anything beyond limits and settings is given. A first load of a
    /// plugin that is given nothing needs no named publisher.
    #[must_use]
    pub fn give_anything(&self) -> bool {
        let none = self.fs.is_empty()
            && self.http.is_empty()
            && self.tcp.is_empty()
            && self.env.is_empty()
            && self.secrets.is_empty();
        !none || self.kv.is_some() || self.clock_fine
    }

    /// The grants as lines of configuration, each with the list that it stands
    /// in; values of secrets and variables are left out.
    #[must_use]
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines: Vec<(&'static str, String)> = Vec::new();
        lines.extend(self.fs.iter().map(|rule| ("fs", rule.to_string())));
        lines.extend(self.http.iter().map(|rule| ("http", rule.to_string())));
        lines.extend(self.tcp.iter().map(|rule| ("tcp", rule.to_string())));
        lines.extend(self.env.keys().map(|name| ("env", name.clone())));
        lines.extend(self.secrets.iter().map(|rule| ("secrets", rule.to_string())));
        lines.extend(self.kv.iter().map(|scope| ("kv", scope.to_string())));
        if self.clock_fine {
            lines.push(("clock", "fine".to_owned()));
        }
        lines
    }
}

/// Whose calls may meet the same instance of a plugin, with what earlier ones
/// left in its memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Instance {
    /// Nobody's: every call has a fresh one.
    #[default]
    Fresh,
    /// Calls of the same principal under the same root. Callers without a
    /// credential are nobody in particular, and have fresh ones.
    Principal,
    /// All calls.
    Shared,
}

/// Whom the entries of a plugin's key-value store belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KvScope {
    /// To each caller apart: `kv: true`.
    Principal,
    /// To all callers together: `kv: shared`.
    Shared,
}

impl fmt::Display for KvScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Principal => "true",
            Self::Shared => "shared",
        })
    }
}

/// The sentence that a denial ends with: which line, written where, would
/// allow what was asked.
#[must_use]
pub fn allow_line(entry: &str, list: &str, line: &dyn fmt::Display) -> String {
    format!("To allow it, add to plugins.{entry}.grants.{list} in mcp.yaml: {line}")
}

/// `text` as a scalar inside a flow mapping, quoted where YAML would read it
/// as anything else.
pub(crate) fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    let is_plain =
        text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '.')) && text.chars().all(plain);
    let is_word = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    let is_address = text.parse::<std::net::Ipv4Addr>().is_ok();
    if (is_plain && !is_word) || is_address { text.to_owned() } else { format!("{text:?}") }
}

//! What a plugin asks for. An operator reads this before saying yes, and
//! nothing outside of it is ever granted.
//!
//! `*` as a guest path or a host asks for "whatever the operator grants".

use bulkhead_base::{ByteSize, Span};
use serde::{Deserialize, Serialize};

use crate::{
    contract::{Place, line},
    json::JsonError,
    limits::{MAX_PARTS, MAX_URI_BYTES},
};

/// Everything a plugin asks for. An empty one asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Requests {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fs: Vec<FsRequest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpRequest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tcp: Vec<TcpRequest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvRequest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretRequest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<ConfigRequest>,
    /// A key-value store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kv: Option<Need>,
    /// Clocks finer than a millisecond.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fine_clock: Option<Need>,
    #[serde(skip_serializing_if = "RequestedLimits::is_empty")]
    pub limits: RequestedLimits,
}

/// Read, or read and write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    #[default]
    Read,
    Write,
}

/// `http` or `https`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    #[default]
    Https,
    Http,
}

/// A folder, at a path as the plugin sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FsRequest {
    /// An absolute guest path, or `*`.
    pub at: String,
    #[serde(default)]
    pub access: Access,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Requests to one host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpRequest {
    #[serde(default)]
    pub scheme: Scheme,
    /// A host name, `*.suffix`, an address, or `*`.
    pub host: String,
    /// The scheme's own port when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Every method when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Path prefixes by segment, such as `/v1/*`; every path when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Connections to one host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TcpRequest {
    /// A host name, an address, or `*`.
    pub host: String,
    pub port: u16,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// An environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvRequest {
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// A secret that the host sends in the plugin's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretRequest {
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// A configuration value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigRequest {
    pub key: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Something that is asked for or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Need {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Limits that the author knows the plugin needs. An operator's word goes above them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RequestedLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<ByteSize>,
    /// From call to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Span>,
    /// Of computing; waiting on an upstream is not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<ByteSize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<ByteSize>,
}

impl RequestedLimits {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Requests {
    /// Whether nothing is asked for but limits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { fs, http, tcp, env, secrets, config, kv, fine_clock, limits: _ } = self;
        fs.is_empty()
            && http.is_empty()
            && tcp.is_empty()
            && env.is_empty()
            && secrets.is_empty()
            && config.is_empty()
            && kv.is_none()
            && fine_clock.is_none()
    }

    /// Whether every text is short and of one line, and every path, host and
    /// method is spelled as it must be.
    pub(crate) fn check(&self) -> Result<(), JsonError> {
        each("fs", &self.fs, |place, ask| {
            line(&place.at("why"), &ask.why)?;
            guest_path(&place.at("at"), &ask.at)
        })?;
        each("http", &self.http, http)?;
        each("tcp", &self.tcp, |place, ask| {
            line(&place.at("why"), &ask.why)?;
            host(&place.at("host"), &ask.host)
        })?;
        each("env", &self.env, |place, ask| named(place, "name", &ask.name, &ask.why))?;
        each("secrets", &self.secrets, |place, ask| named(place, "name", &ask.name, &ask.why))?;
        each("config", &self.config, |place, ask| named(place, "key", &ask.key, &ask.why))?;
        let needs = [("kv", &self.kv), ("fineClock", &self.fine_clock)];
        needs
            .into_iter()
            .filter_map(|(name, need)| Some((name, need.as_ref()?)))
            .try_for_each(|(name, need)| line(&Place::root(name).at("why"), &need.why))
    }
}

fn each<T>(kind: &str, asks: &[T], check: impl Fn(&Place, &T) -> Result<(), JsonError>) -> Result<(), JsonError> {
    let place = Place::root(kind);
    place.at_most(asks.len(), MAX_PARTS, "asks of one kind")?;
    asks.iter().enumerate().try_for_each(|(position, ask)| check(&place.at(position), ask))
}

fn http(place: &Place, ask: &HttpRequest) -> Result<(), JsonError> {
    line(&place.at("why"), &ask.why)?;
    host(&place.at("host"), &ask.host)?;
    place.at("methods").at_most(ask.methods.len(), MAX_PARTS, "methods")?;
    place.at("paths").at_most(ask.paths.len(), MAX_PARTS, "paths")?;
    if let Some(method) = ask.methods.iter().find(|m| m.is_empty() || !m.bytes().all(|b| b.is_ascii_uppercase())) {
        return place.at("methods").refuse(format!("expected methods such as GET, found {method:?}"));
    }
    if let Some(path) = ask.paths.iter().find(|path| !path.starts_with('/')) {
        return place.at("paths").refuse(format!("expected a path that begins with /, found {path:?}"));
    }
    ask.paths.iter().try_for_each(|path| line(&place.at("paths"), path))
}

fn host(place: &Place, text: &str) -> Result<(), JsonError> {
    place.at_most(text.len(), MAX_URI_BYTES, "bytes")?;
    let name = text.strip_prefix("*.").unwrap_or(text);
    let plain =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    if text == "*" || (!name.is_empty() && name.bytes().all(plain)) {
        return Ok(());
    }
    place.refuse(format!("expected a lower-case host name, *.suffix, an address or *, found {text:?}"))
}

fn guest_path(place: &Place, text: &str) -> Result<(), JsonError> {
    line(place, text)?;
    let steps_up = text.split('/').any(|segment| segment == "..");
    if text == "*" || (text.starts_with('/') && !steps_up) {
        return Ok(());
    }
    place.refuse(format!("expected an absolute path as the plugin sees it, or *, found {text:?}"))
}

fn named(place: &Place, key: &str, name: &str, why: &str) -> Result<(), JsonError> {
    line(&place.at("why"), why)?;
    line(&place.at(key), name)?;
    if name.is_empty() || name.contains(['=', ' ']) {
        return place.at(key).refuse(format!("expected a name without = and white space, found {name:?}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match serde_json::from_str::<Requests>(text) {
            Ok(requests) => requests.check().map_or_else(|error| error.to_string(), |()| "accepted".to_owned()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_asked_for_reads_back() {
        let text = r#"{"fs":[{"at":"/data","access":"write","why":"notes"}],"http":[{"scheme":"https","host":"*.example.com","methods":["GET"],"paths":["/v1/*"]}],"kv":{},"limits":{"memory":"32MiB","time":"5s"}}"#;
        let requests: Requests = serde_json::from_str(text).unwrap();
        requests.check().unwrap();
        assert_eq!(serde_json::to_string(&requests).unwrap(), text);
        assert_eq!(serde_json::to_string(&Requests::default()).unwrap(), "{}");
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let cases = [
            (r#"{"fs":[{"at":"data"}]}"#, "/fs/0/at"),
            (r#"{"fs":[{"at":"/data/../etc"}]}"#, "/fs/0/at"),
            (r#"{"fs":[{"at":"/data","acess":"read"}]}"#, "acess"),
            (r#"{"http":[{"host":"Example.com"}]}"#, "/http/0/host"),
            (r#"{"http":[{"host":"a/b"}]}"#, "/http/0/host"),
            (r#"{"http":[{"host":"a","methods":["get"]}]}"#, "/http/0/methods"),
            (r#"{"http":[{"host":"a","paths":["v1"]}]}"#, "/http/0/paths"),
            (r#"{"env":[{"name":"A=B"}]}"#, "/env/0/name"),
            (r#"{"kv":{"why":"\u001b[2J"}}"#, "/kv/why"),
            (r#"{"udp":[]}"#, "udp"),
        ];
        for (text, part) in cases {
            assert!(refusal(text).contains(part), "{text}: {}", refusal(text));
        }
    }
}

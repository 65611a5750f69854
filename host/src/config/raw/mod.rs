//! The file as it is written: every key that there is, and no other.
//!
//! Texts become the types of their rooms here, so that a fault has the place of
//! its very value. What is left out is `None` or empty; what that means is
//! decided in [`super::resolve`].

mod audit;
mod hardening;
mod plugin;
mod proxy;
mod scalar;
mod scope;

use bulkhead_base::{ByteSize, Digest, PluginName, Span};
use bulkhead_policy::Rate;
use bulkhead_protocol::Revision;
use serde::Deserialize;

use super::de::At;

pub(super) use audit::{RawArguments, RawAudit, RawAuditMode};
pub(super) use hardening::{RawHardening, RawRoot};
pub(super) use plugin::{
    RawClock, RawFs, RawGrants, RawHttp, RawInstance, RawKv, RawLimits, RawPlugin, RawScreen, RawSecret, RawSource,
    RawTcp, RawToolFilter, RawUpdate,
};
pub(super) use proxy::RawBehindProxy;
pub(super) use scalar::{Ordered, Secret, Text};
pub(super) use scope::RawScopeItem;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Raw {
    pub(super) host: Option<At<String>>,
    pub(super) port: Option<u16>,
    pub(super) api_key: Option<At<Secret>>,
    pub(super) api_keys: Vec<At<RawKey>>,
    pub(super) scopes: Option<Ordered<String, Vec<RawScopeItem>>>,
    pub(super) tls: Option<At<RawTls>>,
    pub(super) allow_anonymous: bool,
    pub(super) public_url: Option<At<String>>,
    pub(super) allowed_origins: Vec<At<String>>,
    pub(super) behind_proxy: Option<At<RawBehindProxy>>,
    pub(super) oauth: Option<At<RawOAuth>>,
    pub(super) admin: Option<At<RawAdmin>>,
    pub(super) protocols: Option<At<Vec<Text<Revision>>>>,
    pub(super) trust: RawTrust,
    pub(super) plugins: Ordered<Text<PluginName>, At<RawPlugin>>,
    pub(super) plugin_dir: Option<String>,
    pub(super) prompts: Option<String>,
    pub(super) watch: Option<RawWatch>,
    pub(super) name_separator: Option<RawSeparator>,
    pub(super) state_dir: Option<String>,
    pub(super) state: RawState,
    pub(super) state_keys: Option<At<Vec<RawStateKey>>>,
    pub(super) limits: RawServerLimits,
    pub(super) shutdown_grace: Option<Span>,
    pub(super) audit: Option<RawAudit>,
    pub(super) manifest: RawManifest,
    pub(super) hardening: RawHardening,
}

/// One of `apiKeys`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawKey {
    pub(super) name: At<String>,
    pub(super) key: Option<At<Secret>>,
    pub(super) key_hash: Option<Text<Digest>>,
    pub(super) scopes: Option<At<Vec<String>>>,
    pub(super) rate: Option<Text<Rate>>,
    pub(super) concurrency: Option<At<u32>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawOAuth {
    pub(super) issuer: At<String>,
    pub(super) audience: Option<At<String>>,
    pub(super) jwks_uri: Option<At<String>>,
    pub(super) scope_claim: Option<At<String>>,
    #[serde(default)]
    pub(super) allow_private: bool,
    pub(super) ca_file: Option<At<String>>,
    pub(super) rate: Option<Text<Rate>>,
    pub(super) concurrency: Option<At<u32>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawTls {
    pub(super) enabled: Option<bool>,
    pub(super) cert_file: Option<String>,
    pub(super) key_file: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawAdmin {
    pub(super) listen: At<Text<std::net::SocketAddr>>,
    pub(super) key_hash: Option<Text<Digest>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct RawTrust {
    pub(super) keys: Vec<At<RawTrustedKey>>,
    pub(super) servers: Vec<At<RawTrustedServer>>,
}

/// One of `trust.servers`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawTrustedServer {
    pub(super) url: At<String>,
    pub(super) key: At<String>,
}

/// One of `trust.keys`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawTrustedKey {
    pub(super) id: At<String>,
    pub(super) public_key: At<String>,
    pub(super) plugins: At<Vec<Text<bulkhead_package::Pattern>>>,
    pub(super) not_after: Option<At<String>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawWatch {
    Auto,
    Poll,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) enum RawSeparator {
    #[serde(rename = "_")]
    Underscore,
    #[serde(rename = ".")]
    Dot,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct RawState {
    pub(super) url: Option<At<String>>,
}

/// One of `stateKeys`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawStateKey {
    pub(super) file: At<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct RawServerLimits {
    pub(super) request_body: Option<At<ByteSize>>,
    pub(super) in_flight: Option<At<u32>>,
    pub(super) calls_per_plugin: Option<At<u32>>,
    pub(super) drain: Option<Span>,
    pub(super) task_ttl: Option<At<Span>>,
}

/// `manifest:`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct RawManifest {
    pub(super) key_file: Option<String>,
}

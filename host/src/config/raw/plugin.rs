use std::fmt;

use bulkhead_base::{ByteSize, Digest, Prefix, Span};
use bulkhead_policy::{GuestPath, HostRule, KvScope, Method, MountAccess, Origin, PathRule, Scheme, TextPattern};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{Ordered, Secret, Text};
use crate::config::de::At;

/// One of `plugins`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct RawPlugin {
    pub(in crate::config) source: At<RawSource>,
    pub(in crate::config) publisher: Option<At<String>>,
    pub(in crate::config) update: Option<RawUpdate>,
    pub(in crate::config) prefix: Option<Text<Prefix>>,
    #[serde(default)]
    pub(in crate::config) tools: RawToolFilter,
    #[serde(default)]
    pub(in crate::config) grants: RawGrants,
    pub(in crate::config) limits: Option<At<RawLimits>>,
    pub(in crate::config) screen: Option<RawScreen>,
    pub(in crate::config) instance: Option<RawInstance>,
    #[serde(default)]
    pub(in crate::config) config: Ordered<String, String>,
}

/// A file, or an address with its digest.
#[derive(Clone, Debug)]
pub(in crate::config) enum RawSource {
    Path(String),
    Url(String, Digest, Option<At<String>>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawUrlSource {
    url: String,
    digest: Text<Digest>,
    ca_file: Option<At<String>>,
}

impl<'de> Deserialize<'de> for RawSource {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct PathOrUrl;

        impl<'de> Visitor<'de> for PathOrUrl {
            type Value = RawSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a file, or {url: https://…, digest: sha256:…}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RawSource, E> {
                Ok(RawSource::Path(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawSource, A::Error> {
                let raw = RawUrlSource::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawSource::Url(raw.url, raw.digest.0, raw.ca_file))
            }
        }

        from.deserialize_any(PathOrUrl)
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum RawUpdate {
    Manual,
    Compatible,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum RawScreen {
    Off,
    Flag,
    Block,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum RawInstance {
    Fresh,
    Principal,
    Shared,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct RawToolFilter {
    pub(in crate::config) allow: Option<Vec<Text<TextPattern>>>,
    pub(in crate::config) deny: Vec<Text<TextPattern>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct RawGrants {
    pub(in crate::config) fs: Vec<At<RawFs>>,
    pub(in crate::config) http: Vec<At<RawHttp>>,
    pub(in crate::config) tcp: Vec<At<RawTcp>>,
    pub(in crate::config) env: Ordered<String, At<Secret>>,
    pub(in crate::config) secrets: Ordered<String, At<RawSecret>>,
    pub(in crate::config) kv: Option<RawKv>,
    pub(in crate::config) clock: Option<RawClock>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct RawFs {
    pub(in crate::config) path: Option<String>,
    pub(in crate::config) workspace: Option<bool>,
    pub(in crate::config) at: Text<GuestPath>,
    pub(in crate::config) access: Option<Text<MountAccess>>,
    pub(in crate::config) quota: Option<ByteSize>,
    pub(in crate::config) inodes: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct RawHttp {
    pub(in crate::config) scheme: Option<Text<Scheme>>,
    pub(in crate::config) host: Text<HostRule>,
    pub(in crate::config) port: Option<u16>,
    pub(in crate::config) methods: Option<Vec<Text<Method>>>,
    pub(in crate::config) paths: Option<Vec<Text<PathRule>>>,
    #[serde(default)]
    pub(in crate::config) allow_private: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct RawTcp {
    pub(in crate::config) host: Text<HostRule>,
    pub(in crate::config) port: u16,
    #[serde(default)]
    pub(in crate::config) allow_private: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct RawSecret {
    pub(in crate::config) value: Secret,
    pub(in crate::config) origin: Text<Origin>,
    pub(in crate::config) header: String,
    #[serde(default)]
    pub(in crate::config) paths: Vec<Text<PathRule>>,
}

/// `true`, `false` or `shared`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum RawKv {
    True,
    False,
    Shared,
}

impl RawKv {
    pub(in crate::config) const fn scope(self) -> Option<KvScope> {
        match self {
            Self::True => Some(KvScope::Principal),
            Self::False => None,
            Self::Shared => Some(KvScope::Shared),
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum RawClock {
    Coarse,
    Fine,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct RawLimits {
    pub(in crate::config) memory: Option<ByteSize>,
    pub(in crate::config) time: Option<Span>,
    pub(in crate::config) cpu: Option<Span>,
    pub(in crate::config) concurrency: Option<u32>,
    pub(in crate::config) output: Option<ByteSize>,
    pub(in crate::config) log: Option<ByteSize>,
    pub(in crate::config) handles: Option<u32>,
    pub(in crate::config) streams: Option<u32>,
    pub(in crate::config) timers: Option<u32>,
    pub(in crate::config) random: Option<ByteSize>,
    pub(in crate::config) headers: Option<ByteSize>,
    pub(in crate::config) requests: Option<u32>,
    pub(in crate::config) transfer: Option<ByteSize>,
    pub(in crate::config) host_call: Option<ByteSize>,
}

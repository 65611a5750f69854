use std::fmt;

use bulkhead_policy::MountAccess;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::Text;
use crate::config::de::At;

/// `hardening:`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct RawHardening {
    pub(in crate::config) enabled: Option<bool>,
    pub(in crate::config) require: Option<At<bool>>,
    pub(in crate::config) roots: Vec<At<RawRoot>>,
    pub(in crate::config) ports: Vec<At<u16>>,
}

/// A folder, or `{path: …, access: read}`.
#[derive(Debug)]
pub(in crate::config) struct RawRoot {
    pub(in crate::config) path: String,
    pub(in crate::config) access: MountAccess,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawRootMap {
    path: String,
    access: Text<MountAccess>,
}

impl<'de> Deserialize<'de> for RawRoot {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct PathOrMap;

        impl<'de> Visitor<'de> for PathOrMap {
            type Value = RawRoot;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a folder, or {path: …, access: read}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RawRoot, E> {
                Ok(RawRoot { path: text.to_owned(), access: MountAccess::Write })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawRoot, A::Error> {
                let raw = RawRootMap::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawRoot { path: raw.path, access: raw.access.0 })
            }
        }

        from.deserialize_any(PathOrMap)
    }
}

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

use crate::config::de::At;

/// `true`, `false`, or `{trusted: [10.0.0.0/8]}`.
#[derive(Debug)]
pub(in crate::config) enum RawBehindProxy {
    Is(bool),
    Trusted(At<Vec<At<String>>>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawProxies {
    trusted: At<Vec<At<String>>>,
}

impl<'de> Deserialize<'de> for RawBehindProxy {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct WordOrMap;

        impl<'de> Visitor<'de> for WordOrMap {
            type Value = RawBehindProxy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, or {trusted: [10.0.0.0/8]}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RawBehindProxy, E> {
                let word = text.parse().map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))?;
                Ok(RawBehindProxy::Is(word))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawBehindProxy, A::Error> {
                let raw = RawProxies::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawBehindProxy::Trusted(raw.trusted))
            }
        }

        from.deserialize_any(WordOrMap)
    }
}

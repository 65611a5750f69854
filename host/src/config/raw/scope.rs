use std::fmt;

use bulkhead_policy::ScopeItem;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// One entry of a scope: a word, `{resource, access}` or `{prompt}`.
#[derive(Clone, Debug)]
pub(in crate::config) struct RawScopeItem(pub(in crate::config) ScopeItem);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawScopeMap {
    resource: Option<String>,
    access: Option<Vec<String>>,
    prompt: Option<String>,
}

impl RawScopeMap {
    fn item(&self) -> Result<ScopeItem, String> {
        let told = |error: bulkhead_policy::RuleError| error.to_string();
        match (&self.resource, &self.access, &self.prompt) {
            (Some(glob), Some(access), None) => ScopeItem::resource(glob, access).map_err(told),
            (Some(_), None, None) => Err("a resource needs its access: {resource: …, access: [read, list]}".to_owned()),
            (None, None, Some(prompt)) => ScopeItem::prompt(prompt).map_err(told),
            _ => Err("expected {resource: …, access: […]} or {prompt: …}".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for RawScopeItem {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct WordOrMap;

        impl<'de> Visitor<'de> for WordOrMap {
            type Value = RawScopeItem;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a tool's name, sampling, root, operator:VERB, {resource: …, access: […]} or {prompt: …}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RawScopeItem, E> {
                text.parse().map(RawScopeItem).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawScopeItem, A::Error> {
                let raw = RawScopeMap::deserialize(MapAccessDeserializer::new(map))?;
                raw.item().map(RawScopeItem).map_err(A::Error::custom)
            }
        }

        from.deserialize_any(WordOrMap)
    }
}

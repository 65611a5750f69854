use std::{fmt, str::FromStr};

use bulkhead_base::PluginName;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Which plugins a key may sign: one name, or every name behind a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// `weather`
    Exact(PluginName),
    /// `acme-*`; holds `acme-`.
    Prefix(String),
}

/// Text that is not a pattern.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "{0:?} is not a namespace: expected a plugin's name, or a prefix such as acme-*; `*` alone would let one key sign every name"
)]
pub struct PatternError(String);

impl Pattern {
    /// Whether the pattern covers `name`.
    #[must_use]
    pub fn covers(&self, name: &PluginName) -> bool {
        match self {
            Self::Exact(only) => only == name,
            Self::Prefix(prefix) => name.as_str().starts_with(prefix.as_str()),
        }
    }
}

impl From<&PluginName> for Pattern {
    fn from(name: &PluginName) -> Self {
        Self::Exact(name.clone())
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let error = |_| PatternError(text.to_owned());
        match text.strip_suffix("-*") {
            Some(stem) => stem.parse::<PluginName>().map(|stem| Self::Prefix(format!("{stem}-"))).map_err(error),
            None => text.parse().map(Self::Exact).map_err(error),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => name.fmt(f),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_hyphen() {
        let acme: Pattern = "acme-*".parse().unwrap();
        let covers = |name: &str| acme.covers(&name.parse().unwrap());
        assert!(covers("acme-weather"));
        assert!(!covers("acme") && !covers("acmeweather") && !covers("weather"));
        assert_eq!(acme.to_string(), "acme-*");
        assert!("weather".parse::<Pattern>().unwrap().covers(&"weather".parse().unwrap()));
    }

    #[test]
    fn nothing_wider_can_be_written() {
        for bad in ["*", "-*", "", "a*", "acme*", "*-acme", "acme-*-x", "Acme-*"] {
            assert!(bad.parse::<Pattern>().is_err(), "{bad}");
        }
    }
}

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest plugin name or prefix: tool names are at most 64 characters, and
/// the tool needs room too.
const LONGEST: usize = 40;

/// Text that is not a name.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0:?} is not a name: expected a lower-case letter, then at most {max} lower-case letters, digits and hyphens", max = LONGEST - 1)]
pub struct NameError(pub String);

/// A plugin's name, `[a-z][a-z0-9-]*`: what a signer vouches for and what the
/// configuration calls an entry.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PluginName(Arc<str>);

/// What stands before a plugin's tools in a listing: a name, or nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix(Arc<str>);

fn is_name(text: &str) -> bool {
    let rest_is_plain = || text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    text.len() <= LONGEST && text.starts_with(|c: char| c.is_ascii_lowercase()) && rest_is_plain()
}

impl PluginName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PluginName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if is_name(text) { Ok(Self(text.into())) } else { Err(NameError(text.to_owned())) }
    }
}

impl Borrow<str> for PluginName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Prefix {
    /// The prefix as text; empty if there is none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of `item` behind this prefix: `weather` and `getCurrent` with
    /// separator `_` are `weather_getCurrent`.
    #[must_use]
    pub fn join(&self, separator: &str, item: &str) -> String {
        if self.0.is_empty() { item.to_owned() } else { format!("{}{separator}{item}", self.0) }
    }
}

impl From<&PluginName> for Prefix {
    fn from(name: &PluginName) -> Self {
        Self(Arc::clone(&name.0))
    }
}

impl FromStr for Prefix {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() || is_name(text) { Ok(Self(text.into())) } else { Err(NameError(text.to_owned())) }
    }
}

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

as_text!(PluginName, Prefix);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_letter_then_letters_digits_and_hyphens() {
        for good in ["a", "acme-weather2"] {
            assert!(good.parse::<PluginName>().is_ok(), "{good}");
        }
        for bad in ["", "2a", "-a", "A", "a_b", "a.b", "a/b", "ä", &"a".repeat(LONGEST + 1)] {
            assert!(bad.parse::<PluginName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_empty_prefix_joins_without_separator() -> Result<(), NameError> {
        assert_eq!("".parse::<Prefix>()?.join("_", "add"), "add");
        assert_eq!("calc".parse::<Prefix>()?.join("_", "add"), "calc_add");
        Ok(())
    }
}

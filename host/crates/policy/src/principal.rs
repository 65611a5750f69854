use std::{fmt, str::FromStr, sync::Arc};

use crate::Access;

/// Somebody who calls, as far as was proven.
///
/// Cheap to clone. Two requests come from the same caller exactly if their
/// principals' ids are equal.
#[derive(Clone, Debug)]
pub struct Principal {
    id: Arc<str>,
    access: Arc<Access>,
    allowance: Allowance,
}

impl Principal {
    /// Whoever holds the process's standard streams.
    pub const LOCAL: &'static str = "local";
    /// Whoever reaches a server that asks for no key.
    pub const ANONYMOUS: &'static str = "anonymous";
    /// What the id of everybody begins with whom an issuer vouches for. No key
    /// has a colon in its name.
    pub const BY_TOKEN: &'static str = "oauth:";

    /// A caller called `id`: the name of a key, [`Self::LOCAL`],
    /// [`Self::ANONYMOUS`], or [`Self::BY_TOKEN`] and whom an issuer vouches for.
    #[must_use]
    pub const fn new(id: Arc<str>, access: Arc<Access>, allowance: Allowance) -> Self {
        Self { id, access, allowance }
    }

    /// The caller's name in logs, partitions and records.
    #[must_use]
    pub const fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// What the caller may do.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// How much at a time.
    #[must_use]
    pub const fn allowance(&self) -> Allowance {
        self.allowance
    }
}

/// What the operator does for `who` to have `scope`, for a log line.
#[must_use]
pub fn how_to_give(who: &str, scope: &str) -> String {
    if who.starts_with(Principal::BY_TOKEN) {
        return format!("its issuer gives {who:?} a token with the scope {scope:?}");
    }
    format!("give {who:?} the scope {scope:?} in mcp.yaml")
}

/// How much one principal may ask for. The default is what the whole server has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Most calls begun in a span of time.
    pub rate: Option<Rate>,
    /// Most calls at once.
    pub concurrency: Option<u32>,
}

/// A number of calls in a second, minute or hour: `50/s`, `600/m`, `1000/h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    calls: u32,
    seconds: u32,
}

/// Text that is not a rate.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a rate: expected a whole number above zero, `/`, and one of s, m, h, as in 50/s")]
pub struct RateError(String);

impl Rate {
    /// How many calls.
    #[must_use]
    pub const fn calls(self) -> u32 {
        self.calls
    }

    /// In how many seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }
}

const RATE_UNITS: [(&str, u32); 3] = [("s", 1), ("m", 60), ("h", 3600)];

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let error = || RateError(text.to_owned());
        let (digits, unit) = text.split_once('/').ok_or_else(error)?;
        let seconds = RATE_UNITS.iter().find(|(name, _)| *name == unit).map(|(_, n)| *n).ok_or_else(error)?;
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let calls = digits.parse().ok().filter(|n| plain && *n > 0).ok_or_else(error)?;
        Ok(Self { calls, seconds })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = RATE_UNITS.iter().find(|(_, n)| *n == self.seconds).map_or("s", |(name, _)| name);
        write!(f, "{}/{unit}", self.calls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_read_back_and_nonsense_is_an_error() {
        for text in ["50/s", "600/m", "1000/h"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        for bad in ["", "50", "0/s", "/s", "+5/s", "-1/s", "5/d", "5/ s", "99999999999/s"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
    }
}

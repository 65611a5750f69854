use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use super::RuleError;

/// Longest name that DNS carries.
const LONGEST: usize = 253;

/// Which hosts, by the name that was asked for. The addresses behind the name
/// are checked when it is dialled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostRule {
    /// Exactly this name, in lower case.
    Exact(Box<str>),
    /// Any name below this one, at any depth, and not the name itself:
    /// `*.example.com`.
    Below(Box<str>),
    /// Exactly this address, written as one.
    Address(IpAddr),
}

impl HostRule {
    /// Whether `host`, itself parsed as an exact rule, is meant by this one.
    #[must_use]
    pub fn admits(&self, host: &Self) -> bool {
        match (self, host) {
            (Self::Below(suffix), Self::Exact(name) | Self::Below(name)) => is_below(name, suffix),
            (Self::Below(_), Self::Address(_)) => false,
            (rule, host) => rule == host,
        }
    }

    /// Whether everything that `other` means is meant by this rule too.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self == other || self.admits(other)
    }

    /// One host, no pattern.
    pub(super) fn single(text: &str) -> Result<Self, RuleError> {
        match text.parse()? {
            Self::Below(_) => Err(RuleError::Host { text: text.to_owned() }),
            exact => Ok(exact),
        }
    }
}

/// Whether `name` has `suffix` behind at least one label more.
fn is_below(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix).is_some_and(|head| head.len() > 1 && head.ends_with('.'))
}

impl FromStr for HostRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let error = || RuleError::Host { text: text.to_owned() };
        if let Some(address) = address(text) {
            return Ok(Self::Address(address));
        }
        let (is_suffix, name) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let lower = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if !is_name(&lower) {
            return Err(error());
        }
        Ok(if is_suffix { Self::Below(lower.into()) } else { Self::Exact(lower.into()) })
    }
}

/// An address as a URL has it: IPv6 in brackets or not, no zone.
fn address(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => text.parse().ok(),
    }
}

/// A DNS name that no resolver takes for a number: `127.1`, `0x7f.1` and
/// `2130706433` are addresses to some.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let plain = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    let is_number = hexadecimal || last.bytes().all(|b| b.is_ascii_digit());
    text.len() <= LONGEST && text.split('.').all(label) && !is_number
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => f.write_str(name),
            Self::Below(suffix) => write!(f, "*.{suffix}"),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Whether `host` can only be dialled with `allowPrivate: true`, as far as its
/// spelling tells: an address that is not public, or `localhost`. For hints;
/// the dialler decides by the address it resolved.
#[must_use]
pub fn needs_private(host: &HostRule) -> bool {
    match host {
        HostRule::Exact(name) | HostRule::Below(name) => &**name == "localhost" || name.ends_with(".localhost"),
        HostRule::Address(IpAddr::V4(v4)) => is_local_v4(*v4),
        HostRule::Address(IpAddr::V6(v6)) => {
            let first = v6.segments()[0];
            v6.is_loopback() || v6.to_ipv4().is_some() || matches!(first, 0xfc00..=0xfdff | 0xfe80..=0xfeff)
        }
    }
}

fn is_local_v4(v4: Ipv4Addr) -> bool {
    let shared = matches!(v4.octets(), [100, 64..=127, ..]);
    v4.is_loopback() || v4.is_private() || v4.is_link_local() || shared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> HostRule {
        text.parse().unwrap()
    }

    #[test]
    fn hosts_are_exact_or_strictly_below() {
        let table = [
            ("api.example.com", "api.example.com", true),
            ("api.example.com", "API.Example.COM.", true),
            ("api.example.com", "x.api.example.com", false),
            ("api.example.com", "api.example.com.evil.org", false),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "badexample.com", false),
            ("*.example.com", "example.com.evil.org", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("[::1]", "::1", true),
            ("[::1]", "[0:0:0:0:0:0:0:1]", true),
            ("127.0.0.1", "[::ffff:127.0.0.1]", false),
            ("localhost", "127.0.0.1", false),
        ];
        for (rule, name, admitted) in table {
            assert_eq!(host(rule).admits(&host(name)), admitted, "{rule} {name}");
        }
    }

    #[test]
    fn what_is_no_host_is_an_error() {
        let bad = [
            "",
            "*",
            "*.",
            "*.*.com",
            "a*.com",
            "a..b",
            ".a",
            "-a.com",
            "a b",
            "a/b",
            "a@b",
            "a:1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "1.2.3.4.5",
            "münchen.de",
            "[fe80::1%eth0]",
            "fe80::1%eth0",
            "[127.0.0.1]",
            "*.1",
            "a%2eb",
        ];
        for text in bad {
            assert!(text.parse::<HostRule>().is_err(), "{text}");
        }
    }

    #[test]
    fn local_spellings_hint_at_allow_private() {
        for text in [
            "169.254.169.254",
            "10.0.0.1",
            "127.0.0.1",
            "[::1]",
            "[fd00::1]",
            "[::ffff:1.1.1.1]",
            "localhost",
            "a.localhost",
            "100.64.0.1",
        ] {
            assert!(needs_private(&host(text)), "{text}");
        }
        for text in ["1.1.1.1", "[2606:4700::1]", "example.com", "localhost.example.com"] {
            assert!(!needs_private(&host(text)), "{text}");
        }
    }
}

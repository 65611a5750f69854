use std::{fmt, str::FromStr};

use super::{HostRule, RuleError, needs_private, scalar, target::split_authority};

/// Where TCP connections may go, and which names resolve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpRule {
    /// Name or address.
    pub host: HostRule,
    /// Exactly this port.
    pub port: u16,
    /// Whether the addresses behind the host may be other than public. Default
    /// false.
    /// A metadata service is opened only by a grant of its very address.
    pub allow_private: bool,
}

impl TcpRule {
    /// Whether a connection may go to `port` of `host`.
    #[must_use]
    pub fn admits(&self, host: &HostRule, port: u16) -> bool {
        self.port == port && self.host.admits(host)
    }

    /// Whether `host` may be resolved.
    #[must_use]
    pub fn resolves(&self, host: &HostRule) -> bool {
        self.host.admits(host)
    }

    /// The narrowest rule that would admit this connection: what a denial
    /// proposes.
    #[must_use]
    pub fn for_endpoint(host: HostRule, port: u16) -> Self {
        let allow_private = needs_private(&host);
        Self { host, port, allow_private }
    }

    /// What both rules admit; whether private addresses are open is this one's
    /// to say.
    pub(crate) fn intersect(&self, other: &Self) -> Option<Self> {
        let host = match (other.host.covers(&self.host), self.host.covers(&other.host)) {
            (true, _) => self.host.clone(),
            (false, true) => other.host.clone(),
            (false, false) => return None,
        };
        (self.port == other.port).then_some(Self { host, ..*self })
    }
}

impl FromStr for TcpRule {
    type Err = RuleError;

    /// `HOST:PORT`.
    fn from_str(text: &str) -> Result<Self, RuleError> {
        let error = || RuleError::Port { text: text.to_owned() };
        let (host, port) = split_authority(text).ok_or_else(error)?;
        Ok(Self { host: host.parse()?, port: port.ok_or_else(error)?, allow_private: false })
    }
}

impl fmt::Display for TcpRule {
    /// As a line of the configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{host: {}, port: {}", scalar(&self.host.to_string()), self.port)?;
        f.write_str(if self.allow_private { ", allowPrivate: true}" } else { "}" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_must_both_fit() {
        let rule: TcpRule = "db.internal:5432".parse().unwrap();
        let host = |text: &str| text.parse::<HostRule>().unwrap();
        assert!(rule.admits(&host("DB.internal"), 5432));
        assert!(!rule.admits(&host("db.internal"), 5433));
        assert!(!rule.admits(&host("db2.internal"), 5432));
        assert_eq!(
            TcpRule::for_endpoint(host("10.0.0.1"), 22).to_string(),
            "{host: 10.0.0.1, port: 22, allowPrivate: true}"
        );
        for bad in ["db.internal", "db.internal:0", "db.internal:x", ":1", "a b:1"] {
            assert!(bad.parse::<TcpRule>().is_err(), "{bad}");
        }
    }
}

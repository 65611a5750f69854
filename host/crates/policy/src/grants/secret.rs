use std::{fmt, str::FromStr};

use bulkhead_base::Redacted;

use super::{HostRule, PathRule, RuleError, Scheme, Target, scalar, target::split_authority};

/// One https server: host and port, never a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    host: HostRule,
    port: u16,
}

impl Origin {
    /// The host.
    #[must_use]
    pub const fn host(&self) -> &HostRule {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Origin {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let error = || RuleError::Origin { text: text.to_owned() };
        let authority = text.strip_prefix("https://").ok_or_else(error)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split_authority(authority).ok_or_else(error)?;
        let host = HostRule::single(host).map_err(|_| error())?;
        Ok(Self { host, port: port.unwrap_or(Scheme::Https.default_port()) })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host)?;
        if self.port == Scheme::Https.default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// A header that the host sets on requests to one origin, in place of whatever
/// the guest put there. The guest never sees the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRule {
    name: String,
    value: Redacted<String>,
    origin: Origin,
    header: Box<str>,
    paths: Vec<PathRule>,
}

/// Headers that steer the connection itself or say whose data it is.
const RESERVED: [&str; 12] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "proxy-authorization",
    "proxy-connection",
    "content-encoding",
];

impl SecretRule {
    /// The secret `name` with `value`, for requests to `origin` under `paths`
    /// (none: everything), in `header`.
    ///
    /// # Errors
    /// A header that cannot carry it, or a value that cannot stand in one.
    pub fn new(
        name: &str,
        value: Redacted<String>,
        origin: Origin,
        header: &str,
        mut paths: Vec<PathRule>,
    ) -> Result<Self, RuleError> {
        let lower = header.to_ascii_lowercase();
        if !is_token(&lower) || RESERVED.contains(&lower.as_str()) {
            return Err(RuleError::Header { text: header.to_owned() });
        }
        let inside = value.expose();
        let visible = inside.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        if inside.trim() != inside || inside.is_empty() || !visible {
            return Err(RuleError::SecretValue { name: name.to_owned() });
        }
        if paths.is_empty() {
            paths.push(PathRule::all());
        }
        Ok(Self { name: name.to_owned(), value, origin, header: lower.into(), paths })
    }

    /// The name that the plugin asked for it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> &Redacted<String> {
        &self.value
    }

    /// Where it may go.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The header it stands in, in lower case.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.header
    }

    /// Whether the header is set on a request to `target`.
    #[must_use]
    pub fn belongs_to(&self, target: &Target) -> bool {
        target.scheme() == Scheme::Https
            && target.port() == self.origin.port
            && *target.host() == self.origin.host
            && self.paths.iter().any(|path| path.admits(target.path()))
    }
}

fn is_token(text: &str) -> bool {
    let mark = |b: u8| b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || mark(b))
}

impl fmt::Display for SecretRule {
    /// As a line of the configuration, without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {{origin: {}, header: {}}}", self.name, scalar(&self.origin.to_string()), self.header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(origin: &str, header: &str, value: &str) -> Result<SecretRule, RuleError> {
        let paths = vec!["/v1/*".parse()?];
        SecretRule::new("API_KEY", Redacted::new(value.to_owned()), origin.parse()?, header, paths)
    }

    #[test]
    fn a_secret_goes_to_its_origin_and_nowhere_else() {
        let rule = secret("https://api.example.com", "X-Api-Key", "s3cret").unwrap();
        let table = [
            ("https", "api.example.com", "/v1/a", true),
            ("http", "api.example.com:443", "/v1/a", false),
            ("https", "api.example.com:8443", "/v1/a", false),
            ("https", "x.api.example.com", "/v1/a", false),
            ("https", "api.example.com", "/v2", false),
        ];
        for (scheme, authority, path, belongs) in table {
            let target = Target::parse("GET", scheme, authority, path).unwrap();
            assert_eq!(rule.belongs_to(&target), belongs, "{target}");
        }
        assert!(!format!("{rule:?} {rule}").contains("s3cret"));
    }

    #[test]
    fn what_cannot_carry_a_secret_is_an_error() {
        for origin in ["http://a.b", "a.b", "https://*.a.b", "https://a.b/x", "https://u@a.b", "https://a.b:0"] {
            assert!(secret(origin, "x-key", "v").is_err(), "{origin}");
        }
        for header in ["", "Host", "content-length", "a b", "a:b", "Transfer-Encoding"] {
            assert!(secret("https://a.b", header, "v").is_err(), "{header}");
        }
        for value in ["", " v", "v\r\nx: y", "ü"] {
            assert!(secret("https://a.b", "x-key", value).is_err(), "{value}");
        }
    }
}

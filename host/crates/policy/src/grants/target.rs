use std::fmt;

use super::{HostRule, Method, RuleError, Scheme, path};

/// Where one HTTP request wants to go, read strictly: what two servers might
/// read differently never becomes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    method: Method,
    scheme: Scheme,
    host: HostRule,
    port: u16,
    path: Box<str>,
}

/// A request that is refused whatever was granted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadTarget {
    #[error("the method is not allowed for plugins")]
    Method(#[source] RuleError),
    #[error("only http and https are spoken")]
    Scheme(#[source] RuleError),
    #[error("the authority carries user information")]
    UserInfo,
    #[error("the authority is not a host and a port")]
    Authority,
    #[error(
        "the path is not plain: relative, dot or empty segments, or encoded dots, slashes, backslashes or control characters"
    )]
    Path,
}

impl Target {
    /// Reads a request's method, scheme, authority (`host` or `host:port`) and
    /// path with query.
    ///
    /// # Errors
    /// User information, a host that is none, a path that is not plain; see
    /// [`BadTarget`].
    pub fn parse(method: &str, scheme: &str, authority: &str, path_and_query: &str) -> Result<Self, BadTarget> {
        let method = method.parse().map_err(BadTarget::Method)?;
        let scheme: Scheme = scheme.parse().map_err(BadTarget::Scheme)?;
        if authority.contains('@') {
            return Err(BadTarget::UserInfo);
        }
        let (host, port) = split_authority(authority).ok_or(BadTarget::Authority)?;
        let host = HostRule::single(host).map_err(|_| BadTarget::Authority)?;
        let path = plain_path(path_and_query)?;
        Ok(Self { method, scheme, host, port: port.unwrap_or(scheme.default_port()), path: path.into() })
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host, never a pattern.
    #[must_use]
    pub const fn host(&self) -> &HostRule {
        &self.host
    }

    /// The port, the scheme's own if none was written.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Target {
    /// As a URL, without the query: that may carry what nobody should log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        if self.port != self.scheme.default_port() {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

/// Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(super) fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_host = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at_checked(after_host)?;
    match rest.strip_prefix(':') {
        None if rest.is_empty() => Some((host, None)),
        None => None,
        Some(digits) => Some((host, Some(port(digits)?))),
    }
}

/// A port in plain decimal digits.
pub(super) fn port(digits: &str) -> Option<u16> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port != 0)
}

fn plain_path(path_and_query: &str) -> Result<&str, BadTarget> {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let path = if path.is_empty() { "/" } else { path };
    let query_is_plain = query.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    if path.contains('#') || !query_is_plain || !path::is_unambiguous(path) {
        return Err(BadTarget::Path);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(authority: &str, path: &str) -> Result<String, BadTarget> {
        Target::parse("GET", "https", authority, path).map(|target| target.to_string())
    }

    #[test]
    fn a_plain_request_is_read() {
        let table = [
            ("api.example.com", "/v1/a?b=/../c", "https://api.example.com/v1/a"),
            ("API.example.com.:443", "", "https://api.example.com/"),
            ("example.com:8443", "?q", "https://example.com:8443/"),
            ("[::1]:8080", "/", "https://[::1]:8080/"),
            ("127.0.0.1", "/", "https://127.0.0.1/"),
        ];
        for (authority, path, url) in table {
            assert_eq!(parse(authority, path).as_deref(), Ok(url));
        }
    }

    #[test]
    fn ambiguous_requests_are_refused_whatever_was_granted() {
        let table = [
            ("user@example.com", "/", BadTarget::UserInfo),
            ("api.example.com:443@evil.org", "/", BadTarget::UserInfo),
            ("", "/", BadTarget::Authority),
            ("example.com:", "/", BadTarget::Authority),
            ("example.com:0", "/", BadTarget::Authority),
            ("example.com:+80", "/", BadTarget::Authority),
            ("example.com:80:80", "/", BadTarget::Authority),
            ("example.com:99999", "/", BadTarget::Authority),
            ("[::1", "/", BadTarget::Authority),
            ("[::1]x", "/", BadTarget::Authority),
            ("::1", "/", BadTarget::Authority),
            ("*.example.com", "/", BadTarget::Authority),
            ("exam ple.com", "/", BadTarget::Authority),
            ("example.com/x", "/", BadTarget::Authority),
            ("example.com\\x", "/", BadTarget::Authority),
            ("2130706433", "/", BadTarget::Authority),
            ("example.com", "v1", BadTarget::Path),
            ("example.com", "/v1/../x", BadTarget::Path),
            ("example.com", "//x", BadTarget::Path),
            ("example.com", "/a#b", BadTarget::Path),
            ("example.com", "/a?b c", BadTarget::Path),
            ("example.com", "/a?b\r\nx", BadTarget::Path),
        ];
        for (authority, path, error) in table {
            assert_eq!(parse(authority, path), Err(error), "{authority} {path}");
        }
        assert!(matches!(Target::parse("CONNECT", "https", "a.b", "/"), Err(BadTarget::Method(_))));
        assert!(matches!(Target::parse("TRACE", "https", "a.b", "/"), Err(BadTarget::Method(_))));
        assert!(matches!(Target::parse("get", "https", "a.b", "/"), Err(BadTarget::Method(_))));
        assert!(matches!(Target::parse("GET", "ftp", "a.b", "/"), Err(BadTarget::Scheme(_))));
    }
}

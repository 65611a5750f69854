//! Which hosts and origins are ours: the answer to DNS rebinding, where a page
//! of somebody else's makes a browser speak to this server under a name that
//! resolves to it.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue, Uri, header};
use url::Url;

use super::Front;

/// How the outside world sees this server.
#[derive(Clone, Debug, Default)]
pub struct Facing {
    /// Names that a `Host` header may carry besides loopback names and
    /// addresses, in lower case.
    hosts: Vec<String>,
    /// Origins that an `Origin` header may carry besides loopback ones.
    origins: Vec<String>,
    /// Most bytes of one request's body.
    pub request_body: usize,
    /// What stands before the listener.
    pub front: Front,
}

impl Facing {
    /// A server that listens on `host`, is known as `public_url` if that is
    /// set, and lets in pages of `origins`.
    #[must_use]
    pub fn new(host: &str, public_url: Option<&Url>, origins: &[String], request_body: usize) -> Self {
        let mut facing =
            Self { hosts: vec![host.to_ascii_lowercase()], origins: Vec::new(), request_body, front: Front::open() };
        facing.hosts.extend(public_url.and_then(Url::host_str).map(str::to_ascii_lowercase));
        facing.origins.extend(public_url.map(|url| url.origin().ascii_serialization()));
        facing.origins.extend(origins.iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()));
        facing
    }

    /// With this before the listener.
    #[must_use]
    pub fn behind(self, front: Front) -> Self {
        Self { front, ..self }
    }

    /// Whether the request names a host that is ours. An address is: rebinding
    /// needs a name.
    pub(super) fn admits_host(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else { return false };
        let by_header = host.to_str().is_ok_and(|host| self.is_ours(host));
        by_header && uri.authority().is_none_or(|authority| self.is_ours(authority.as_str()))
    }

    fn is_ours(&self, authority: &str) -> bool {
        let Some(name) = without_port(authority) else { return false };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        is_loopback_name(&name) || address(&name).is_some() || self.hosts.contains(&name)
    }

    /// Whether a page of this origin may speak to us.
    pub(super) fn admits_origin(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        let origin = origin.to_ascii_lowercase();
        let loopback = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .and_then(without_port)
            .is_some_and(|name| is_loopback_name(name) || address(name).is_some_and(|ip| ip.is_loopback()));
        loopback || self.origins.contains(&origin)
    }
}

fn is_loopback_name(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn address(name: &str) -> Option<IpAddr> {
    name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name).parse().ok()
}

/// `host` of `host`, `host:port`, `[v6]` and `[v6]:port`; nothing else.
fn without_port(authority: &str) -> Option<&str> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (name, rest) = authority.split_at(end);
    let port_is_fine = rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    (port_is_fine && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facing() -> Facing {
        let url = Url::parse("https://Tools.example.com/mcp").unwrap();
        Facing::new("127.0.0.1", Some(&url), &["https://app.example.org/".to_owned()], 1)
    }

    fn host(names: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for name in names {
            headers.append(header::HOST, HeaderValue::from_str(name).unwrap());
        }
        facing().admits_host(&Uri::from_static("/mcp"), &headers)
    }

    fn origin(origin: &str) -> bool {
        facing().admits_origin(&HeaderValue::from_str(origin).unwrap())
    }

    #[test]
    fn only_our_own_names_are_hosts() {
        for good in [
            "localhost:8080",
            "LOCALHOST",
            "127.0.0.1:1",
            "[::1]:80",
            "[::1]",
            "tools.example.com",
            "tools.example.com.:443",
        ] {
            assert!(host(&[good]), "{good}");
        }
        for bad in [
            "evil.example.com",
            "localhost.evil.com",
            "tools.example.com.evil",
            "",
            ":80",
            "a@localhost",
            "localhost:x",
            "[::1",
        ] {
            assert!(!host(&[bad]), "{bad}");
        }
        assert!(!host(&[]), "a request without host");
        assert!(!host(&["localhost", "evil.example.com"]), "two hosts");
    }

    #[test]
    fn an_absolute_target_meets_the_same_check() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        assert!(!facing().admits_host(&Uri::from_static("http://evil.example.com/mcp"), &headers));
        assert!(facing().admits_host(&Uri::from_static("http://localhost/mcp"), &headers));
    }

    #[test]
    fn only_loopback_and_configured_origins_pass() {
        for good in [
            "http://localhost:6274",
            "https://127.0.0.1",
            "http://[::1]:3",
            "https://tools.example.com",
            "https://app.example.org",
        ] {
            assert!(origin(good), "{good}");
        }
        for bad in [
            "null",
            "http://evil.example.com",
            "https://app.example.org:444",
            "http://app.example.org",
            "http://10.0.0.1",
            "file://localhost",
            "http://localhost.evil.com",
        ] {
            assert!(!origin(bad), "{bad}");
        }
    }
}

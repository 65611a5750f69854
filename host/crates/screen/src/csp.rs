//! Where an MCP App's page may connect to: nowhere that its plugin may not.

/// A host that a plugin was granted, with the scheme and the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantedHost<'a> {
    /// `https` or `http`.
    pub scheme: &'a str,
    /// `a.example`, or `*.a.example`: what lies below it, not itself.
    pub host: &'a str,
    pub port: u16,
}

/// What is left of the domains that a page declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capped<'a> {
    pub kept: Vec<&'a str>,
    /// No grant covers them, or they are no plain domains.
    pub left_out: Vec<&'a str>,
}

/// Keeps of `declared` what `granted` covers. Keywords, bare schemes, paths
/// and whatever could end the directive that it is written into are left out.
#[must_use]
pub fn cap_domains<'a>(declared: impl IntoIterator<Item = &'a str>, granted: &[GrantedHost<'_>]) -> Capped<'a> {
    let mut capped = Capped::default();
    for domain in declared {
        let is_covered = Source::parse(domain).is_some_and(|source| granted.iter().any(|host| source.is_covered(host)));
        if is_covered { capped.kept.push(domain) } else { capped.left_out.push(domain) }
    }
    capped
}

struct Source<'a> {
    scheme: &'a str,
    host: &'a str,
    port: u16,
}

impl<'a> Source<'a> {
    /// `https://a.example`, `wss://*.a.example:8443`; without a scheme, https.
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
        // A socket is opened by a request.
        let scheme = match scheme {
            "wss" => "https",
            "ws" => "http",
            scheme => scheme,
        };
        let default = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.split_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (rest, default),
        };
        let name = host.strip_prefix("*.").unwrap_or(host);
        let is_name = name.contains('.') || name == "localhost";
        let is_plain = name.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        });
        (is_name && is_plain).then_some(Self { scheme, host, port })
    }

    fn is_covered(&self, granted: &GrantedHost<'_>) -> bool {
        let is_covered = match granted.host.strip_prefix("*.") {
            // Both are below it: `*.a.example` itself, and `*.b.a.example`.
            Some(above) => self.host.strip_suffix(above).is_some_and(|front| front.ends_with('.')),
            None => self.host == granted.host,
        };
        is_covered && self.scheme == granted.scheme && self.port == granted.port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reaches_no_further_than_its_plugin() {
        let granted = [
            GrantedHost { scheme: "https", host: "api.a.example", port: 443 },
            GrantedHost { scheme: "https", host: "*.b.example", port: 8443 },
        ];
        let kept = [
            "https://api.a.example",
            "wss://api.a.example",
            "api.a.example",
            "https://x.b.example:8443",
            "https://*.b.example:8443",
            "https://*.x.b.example:8443",
            "https://api.a.example/",
        ];
        let left_out = [
            "*",
            "https:",
            "data:",
            "blob:",
            "'self'",
            "'unsafe-inline'",
            "http://api.a.example",
            "https://a.example",
            "https://*.a.example",
            "https://b.example:8443",
            "https://x.b.example",
            "https://api.a.example; script-src *",
            "https://api.a.example evil.example",
            "https://api.a.example,evil",
            "https://api.a.example/path",
            "https://evilb.example:8443",
            "https://*.example",
            "",
            "https://",
            "https://API.a.example",
            "https://u@api.a.example",
            "ftp://api.a.example",
        ];
        let capped = cap_domains(kept.into_iter().chain(left_out), &granted);
        assert_eq!(capped, Capped { kept: kept.to_vec(), left_out: left_out.to_vec() });
        assert!(cap_domains(kept, &[]).kept.is_empty(), "nothing granted, nothing reached");
    }
}

use std::{fmt, str::FromStr};

use super::{HostRule, PathRule, RuleError, Target, needs_private, scalar};

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Over TLS. The default.
    #[default]
    Https,
    /// In the clear.
    Http,
}

impl Scheme {
    /// The port that a URL of this scheme need not write.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

impl FromStr for Scheme {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text {
            "https" => Ok(Self::Https),
            "http" => Ok(Self::Http),
            other => Err(RuleError::Scheme { text: other.to_owned() }),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Https => "https",
            Self::Http => "http",
        })
    }
}

/// A request's method, in capitals. `CONNECT` and `TRACE` never are: the one
/// opens a tunnel past every rule, the other sends injected headers back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Method(Box<str>);

/// Longest method.
const LONGEST_METHOD: usize = 32;

impl Method {
    /// The method as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Method {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let capitals = text.bytes().all(|b| b.is_ascii_uppercase() || b == b'-');
        if !capitals || text.is_empty() || text.len() > LONGEST_METHOD || matches!(text, "CONNECT" | "TRACE") {
            return Err(RuleError::Method { text: text.to_owned() });
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where HTTP requests may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRule {
    /// Default https.
    pub scheme: Scheme,
    /// Name or address as the request has it.
    pub host: HostRule,
    /// Default the scheme's own.
    pub port: u16,
    /// Default GET and HEAD.
    pub methods: Vec<Method>,
    /// Default everything.
    pub paths: Vec<PathRule>,
    /// Whether the addresses behind the host may be other than public. Default
    /// false.
    /// A metadata service is opened only by a grant of its very address.
    pub allow_private: bool,
}

impl HttpRule {
    /// The rule for everything readable on `host` over https.
    #[must_use]
    pub fn reading(host: HostRule) -> Self {
        let scheme = Scheme::default();
        Self {
            scheme,
            host,
            port: scheme.default_port(),
            methods: Self::reading_methods(),
            paths: vec![PathRule::all()],
            allow_private: false,
        }
    }

    /// What `methods` is when nothing was written.
    #[must_use]
    pub fn reading_methods() -> Vec<Method> {
        vec![Method("GET".into()), Method("HEAD".into())]
    }

    /// Whether a request may go to `target`. Whether the addresses behind its
    /// host may be dialled is another question, for the dialler.
    #[must_use]
    pub fn admits(&self, target: &Target) -> bool {
        self.scheme == target.scheme()
            && self.port == target.port()
            && self.host.admits(target.host())
            && self.methods.contains(target.method())
            && self.paths.iter().any(|path| path.admits(target.path()))
    }

    /// The narrowest rule that would admit `target`: what a denial proposes.
    #[must_use]
    pub fn for_target(target: &Target) -> Self {
        Self {
            scheme: target.scheme(),
            host: target.host().clone(),
            port: target.port(),
            methods: vec![target.method().clone()],
            paths: vec![PathRule::Exact(target.path().into())],
            allow_private: needs_private(target.host()),
        }
    }

    /// What both rules admit; whether private addresses are open is this one's
    /// to say.
    pub(crate) fn intersect(&self, other: &Self) -> Option<Self> {
        let host = narrower(&self.host, &other.host)?.clone();
        let methods: Vec<_> = self.methods.iter().filter(|method| other.methods.contains(method)).cloned().collect();
        let mut paths = Vec::new();
        for path in self.paths.iter().flat_map(|one| other.paths.iter().filter_map(|two| one.intersect(two))) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        let meet = self.scheme == other.scheme && self.port == other.port && !methods.is_empty() && !paths.is_empty();
        let Self { scheme, port, allow_private, .. } = *self;
        meet.then_some(Self { scheme, host, port, methods, paths, allow_private })
    }
}

fn narrower<'a>(one: &'a HostRule, two: &'a HostRule) -> Option<&'a HostRule> {
    if two.covers(one) {
        Some(one)
    } else if one.covers(two) {
        Some(two)
    } else {
        None
    }
}

impl fmt::Display for HttpRule {
    /// As a line of the configuration, without what is the default.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{host: {}", scalar(&self.host.to_string()))?;
        if self.scheme != Scheme::default() {
            write!(f, ", scheme: {}", self.scheme)?;
        }
        if self.port != self.scheme.default_port() {
            write!(f, ", port: {}", self.port)?;
        }
        if self.methods != Self::reading_methods() {
            let methods: Vec<&str> = self.methods.iter().map(Method::as_str).collect();
            write!(f, ", methods: [{}]", methods.join(", "))?;
        }
        if self.paths != [PathRule::all()] {
            let paths: Vec<String> = self.paths.iter().map(|path| format!("{:?}", path.to_string())).collect();
            write!(f, ", paths: [{}]", paths.join(", "))?;
        }
        f.write_str(if self.allow_private { ", allowPrivate: true}" } else { "}" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> HttpRule {
        HttpRule {
            paths: vec!["/v1/*".parse().unwrap(), "/status".parse().unwrap()],
            ..HttpRule::reading("*.example.com".parse().unwrap())
        }
    }

    #[test]
    fn every_part_of_a_request_must_fit() {
        let table = [
            ("GET", "https", "api.example.com", "/v1/a", true),
            ("HEAD", "https", "api.example.com:443", "/status?x", true),
            ("POST", "https", "api.example.com", "/v1/a", false),
            ("GET", "http", "api.example.com", "/v1/a", false),
            ("GET", "http", "api.example.com:443", "/v1/a", false),
            ("GET", "https", "api.example.com:8443", "/v1/a", false),
            ("GET", "https", "example.com", "/v1/a", false),
            ("GET", "https", "api.example.com", "/v2/a", false),
            ("GET", "https", "api.example.com", "/", false),
        ];
        for (method, scheme, authority, path, admitted) in table {
            let target = Target::parse(method, scheme, authority, path).unwrap();
            assert_eq!(rule().admits(&target), admitted, "{method} {target}");
        }
    }

    #[test]
    fn a_denial_proposes_a_line_that_would_admit_it() {
        let target = Target::parse("POST", "http", "169.254.169.254:8080", "/latest").unwrap();
        let proposed = HttpRule::for_target(&target);
        assert!(proposed.admits(&target));
        let line = r#"{host: 169.254.169.254, scheme: http, port: 8080, methods: [POST], paths: ["/latest"], allowPrivate: true}"#;
        assert_eq!(proposed.to_string(), line);
        assert_eq!(HttpRule::reading("api.example.com".parse().unwrap()).to_string(), "{host: api.example.com}");
    }

    /// A plugin chooses the path, and an operator copies the line.
    #[test]
    fn a_proposed_line_cannot_be_broken_out_of() {
        let target = Target::parse("GET", "https", "a.example", r#"/x"],"allowPrivate":true,"y":["z"#).unwrap();
        let line = r#"{host: a.example, methods: [GET], paths: ["/x\"],\"allowPrivate\":true,\"y\":[\"z"]}"#;
        assert_eq!(HttpRule::for_target(&target).to_string(), line);
    }

    #[test]
    fn asked_and_given_meet_in_the_narrower() {
        let mut given = rule();
        given.allow_private = true;
        let asked = HttpRule {
            methods: vec!["GET".parse().unwrap(), "POST".parse().unwrap()],
            ..HttpRule::reading("api.example.com".parse().unwrap())
        };
        let both = given.intersect(&asked).unwrap();
        let line = r#"{host: api.example.com, methods: [GET], paths: ["/v1/*", "/status"], allowPrivate: true}"#;
        assert_eq!(both.to_string(), line);
        assert!(!asked.intersect(&given).unwrap().allow_private);
        let elsewhere = HttpRule { port: 8443, ..asked.clone() };
        assert_eq!(given.intersect(&elsewhere), None);
        assert_eq!(given.intersect(&HttpRule::reading("api.example.org".parse().unwrap())), None);
    }
}

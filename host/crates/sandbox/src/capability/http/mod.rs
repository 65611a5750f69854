//! `wasi:http`: requests to granted places, with secrets that the guest never
//! holds.
//!
//! A request is read into a [`Target`], matched against the grants by name, and
//! dialled by the one checked dialler, which admits or refuses the address
//! that it then connects to. Redirects go back to the guest, whose next
//! request meets the rules again.
//!
//! **Invariant:** a secret leaves only in the header, to the origin and under
//! the paths that it was granted for, over TLS; an answer that carries it
//! back, to whichever request, is cut before the guest reads it.

mod body;
mod leak;
mod send;

use std::{sync::Arc, time::Duration};

use bulkhead_net::Reach;
use bulkhead_policy::{BadTarget, HttpRule, Scheme, SecretRule, Target};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks,
};

use crate::{
    Capability,
    capability::reach::reach,
    state::Shared,
    undefended::{Defence, switched_off},
};

use leak::Leaks;
use send::{Destination, Timeouts};

/// Headers that steer the connection besides those that the library keeps from
/// guests already, and those that make a server take the request for one with
/// another path or method than was checked.
const FORBIDDEN: [HeaderName; 8] = [
    header::TE,
    header::TRAILER,
    header::EXPECT,
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-rewrite-url"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-method-override"),
];

/// Longest wait for a connection, for the head of an answer and between two
/// parts of its body. A guest may ask for less; a call's own end comes first.
const CONNECT: Duration = Duration::from_secs(10);
const FIRST_BYTE: Duration = Duration::from_secs(60);
const BETWEEN_BYTES: Duration = Duration::from_secs(60);

/// Bytes that a guest may hand over in one write to a body.
const CHUNK_BYTES: usize = 64 << 10;

/// Where requests may go, and what goes with them.
pub(crate) struct Http {
    rules: Vec<HttpRule>,
    secrets: Vec<Secret>,
    leaks: Option<Arc<Leaks>>,
}

struct Secret {
    rule: SecretRule,
    header: HeaderName,
    value: HeaderValue,
}

impl Http {
    pub(crate) fn prepare(rules: &[HttpRule], secrets: &[SecretRule]) -> Self {
        let usable: Vec<Secret> = secrets.iter().filter_map(Secret::prepare).collect();
        Self { rules: rules.to_vec(), leaks: Leaks::of(secrets).map(Arc::new), secrets: usable }
    }

    /// What may be dialled for `target`. `None`: no rule admits it.
    fn reach(&self, target: &Target) -> Option<Reach> {
        let mut admitting = self.rules.iter().filter(|rule| rule.admits(target)).peekable();
        admitting.peek()?;
        let private = admitting.any(|rule| rule.allow_private);
        Some(reach(target.host(), private))
    }

    /// Puts the secrets that belong to `target` in place of what the guest
    /// wrote there.
    fn inject(&self, target: &Target, headers: &mut HeaderMap) {
        for secret in self.secrets.iter().filter(|secret| secret.rule.belongs_to(target)) {
            headers.insert(secret.header.clone(), secret.value.clone());
        }
    }

    /// Whether the host of `target` is sent a secret at all: it may tell it in
    /// answer to a request that carried none.
    fn may_know(&self, target: &Target) -> bool {
        self.secrets.iter().any(|secret| secret.rule.origin().host() == target.host())
    }
}

impl Secret {
    /// The rule's maker has checked both parts, so nothing is lost here.
    fn prepare(rule: &SecretRule) -> Option<Self> {
        let header = HeaderName::from_bytes(rule.header().as_bytes()).ok()?;
        let mut value = HeaderValue::from_str(rule.value().expose()).ok()?;
        value.set_sensitive(true);
        Some(Self { rule: rule.clone(), header, value })
    }
}

type Sent = Result<(Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

/// One call's requests.
pub(crate) struct Hooks {
    shared: Arc<Shared>,
}

impl Hooks {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Checks a request and makes it ready to leave.
    fn admit(&self, request: &mut Request<WasiBody>, options: RequestOptions) -> Result<Destination, Error> {
        let target = self.target(request)?;
        let http = &self.shared.grounds.http;
        let Some(reach) = http.reach(&target) else {
            let line = HttpRule::for_target(&target);
            let detail = format!("asked for {} {target}", target.method());
            self.shared.witness.denied(Capability::Http, detail, Some(&line));
            return Err(Error::HttpRequestDenied);
        };
        self.shared.begin_request().map_err(|_| Error::ConnectionLimitReached)?;
        let headers = request.headers_mut();
        let host = authority(&target);
        headers.insert(header::HOST, HeaderValue::from_str(&host).map_err(|_| Error::HttpRequestUriInvalid)?);
        http.inject(&target, headers);
        let secret = http.may_know(&target);
        if secret {
            // What is compressed or cut into ranges cannot be searched.
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            headers.remove(header::RANGE);
        }
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        *request.uri_mut() = path.parse().map_err(|_| Error::HttpRequestUriInvalid)?;
        Ok(Destination { reach, timeouts: Timeouts::of(options), leaks: http.leaks.clone(), secret, target })
    }

    fn target(&self, request: &Request<WasiBody>) -> Result<Target, Error> {
        let uri = request.uri();
        let (scheme, authority) = (uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |a| a.as_str()));
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Target::parse(request.method().as_str(), scheme, authority, path).map_err(|bad| {
            let detail = format!("made a request that no grant can open: {bad}");
            self.shared.witness.denied(Capability::Http, detail, None);
            match bad {
                BadTarget::Method(_) => Error::HttpRequestMethodInvalid,
                BadTarget::Authority | BadTarget::Path => Error::HttpRequestUriInvalid,
                _ => Error::HttpRequestDenied,
            }
        })
    }
}

/// Host and port as the `Host` header has them.
fn authority(target: &Target) -> String {
    if target.port() == target.scheme().default_port() {
        target.host().to_string()
    } else {
        format!("{}:{}", target.host(), target.port())
    }
}

const fn is_tls(target: &Target) -> bool {
    matches!(target.scheme(), Scheme::Https)
}

fn is_forbidden(name: &HeaderName) -> bool {
    !switched_off(Defence::Headers) && (DEFAULT_FORBIDDEN_HEADERS.contains(name) || FORBIDDEN.contains(name))
}

impl WasiHttpHooks for Hooks {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        is_forbidden(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(is_forbidden)
    }

    /// Ours is set from the target that was checked.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _response_processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let destination = match self.admit(&mut request, options.unwrap_or_default()) {
            Ok(destination) => destination,
            Err(error) => return Box::new(std::future::ready(Err(error))),
        };
        Box::new(send::send(Arc::clone(&self.shared), destination, request))
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK_BYTES
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_base::Redacted;

    use super::*;

    #[test]
    fn a_host_that_is_sent_a_secret_may_tell_it_in_any_answer() {
        let origin = "https://api.example.com".parse().unwrap();
        let paths = vec!["/v1/*".parse().unwrap()];
        let rule = SecretRule::new("KEY", Redacted::new("s3cr3t-t0ken".into()), origin, "x-key", paths).unwrap();
        let http = Http::prepare(&[], &[rule]);
        let table = [
            ("https", "api.example.com", "/v1/a", true, true),
            ("https", "api.example.com", "/log", false, true),
            ("http", "api.example.com:8080", "/log", false, true),
            ("https", "other.example.com", "/v1/a", false, false),
        ];
        for (scheme, authority, path, sent, knows) in table {
            let target = Target::parse("GET", scheme, authority, path).unwrap();
            let mut headers = HeaderMap::new();
            http.inject(&target, &mut headers);
            assert_eq!(headers.contains_key("x-key"), sent, "{target}");
            assert_eq!(http.may_know(&target), knows, "{target}");
        }
    }

    #[test]
    fn only_a_grant_of_the_very_address_opens_a_metadata_service() {
        let target = |authority| Target::parse("GET", "http", authority, "/").unwrap();
        let rule = |authority| HttpRule { allow_private: true, ..HttpRule::for_target(&target(authority)) };
        let http = Http::prepare(&[rule("169.254.169.254"), rule("inside.example")], &[]);
        let metadata = "169.254.169.254".parse().unwrap();
        let reach = |authority| http.reach(&target(authority)).unwrap();
        assert!(reach("169.254.169.254").admits(metadata));
        assert!(!reach("inside.example").admits(metadata));
        assert!(reach("inside.example").admits("10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_guest_cannot_have_another_path_or_method_served_than_was_checked() {
        for name in ["x-original-url", "x-rewrite-url", "x-http-method-override", "te", "connection", "host"] {
            assert!(is_forbidden(&HeaderName::from_static(name)), "{name}");
        }
        assert!(!is_forbidden(&header::AUTHORIZATION));
    }
}

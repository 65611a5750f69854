//! What whoever is not let in, or not that far, is told to bring: challenges
//! (RFC 6750 3) and the metadata of a protected resource (RFC 9728).

use bulkhead_policy::Scopes;
use bulkhead_protocol::{Fault, json::Compact};
use bytes::Bytes;
use url::{Position, Url};

use super::Terms;
use crate::{
    authn::Unknown,
    render::{FORBIDDEN, crowded},
    transport::service::TurnedAway,
};

/// Where metadata lies (RFC 9728 3.1); the resource's own path follows.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The path of the endpoint, whatever it is outside.
const ENDPOINT: &str = "/mcp";

/// This server, to whoever wants a token for it.
#[derive(Debug)]
pub struct Protected {
    /// Where the metadata is, as the outside world has it.
    metadata: Box<str>,
    /// The path of the endpoint outside.
    path: Box<str>,
    /// What an ordinary caller asks for, apart by spaces.
    scopes: Box<str>,
    document: Bytes,
}

impl Protected {
    /// The resource `public_url`, for which `issuer` gives tokens. Verbs of the
    /// operator's are nothing to ask for by the way.
    #[must_use]
    pub fn new(public_url: &Url, issuer: &str, scopes: &Scopes) -> Self {
        let path = public_url.path().trim_end_matches('/');
        let scopes: Vec<&str> =
            scopes.ordinary().map(|name| &**name).filter(|name| *name != "offline_access").collect();
        let document = Compact::write(|document| {
            document.str("resource", public_url.as_str());
            document.array("authorization_servers", |servers| servers.str(issuer));
            document.array("scopes_supported", |list| scopes.iter().for_each(|name| list.str(name)));
            document.array("bearer_methods_supported", |methods| methods.str("header"));
            document.str("resource_name", "Bulkhead");
        });
        Self {
            metadata: format!("{}{WELL_KNOWN}{path}", &public_url[..Position::BeforePath]).into(),
            path: path.into(),
            scopes: scopes.join(" ").into(),
            document: Bytes::from(document.into_string()),
        }
    }

    /// The metadata, if it lies at `path`.
    #[must_use]
    pub(super) fn at(&self, path: &str) -> Option<Bytes> {
        let of = path.strip_prefix(WELL_KNOWN)?;
        (of.is_empty() || of == ENDPOINT || of == &*self.path).then(|| self.document.clone())
    }
}

impl Terms {
    /// The answer to who is not let in.
    pub(super) fn turned_away(&self, unknown: Unknown) -> TurnedAway {
        let wanted = if self.protected.is_some() { "token" } else { "key" };
        let (status, error, message) = match unknown {
            Unknown::Missing => (401, None, format!("a {wanted} is needed")),
            Unknown::Invalid => (401, Some("invalid_token"), format!("the {wanted} is not valid")),
            Unknown::Expired => (401, Some("invalid_token"), "the token has expired".to_owned()),
            Unknown::Malformed => {
                (400, Some("invalid_request"), format!("expected Authorization: Bearer and one {wanted}"))
            }
            Unknown::Crowded => (503, None, "the server is busy, try again".to_owned()),
        };
        let scopes = self.protected.as_ref().map(|protected| &*protected.scopes);
        let challenge = (status != 503).then(|| self.challenge(error, &message, scopes));
        let fault = if status == 503 { crowded(message) } else { Fault::new(FORBIDDEN, message) };
        TurnedAway { status, challenge, body: Bytes::from(fault.encode()) }
    }

    /// What HTTP says beside an error, if more is to be brought: a scope, or a
    /// credential that is still good.
    pub(super) fn challenge_of(&self, fault: &Fault) -> Option<String> {
        match fault.status {
            401 => {
                let scopes = self.protected.as_ref().map(|protected| &*protected.scopes);
                Some(self.challenge(Some("invalid_token"), &fault.message, scopes))
            }
            403 if fault.code == FORBIDDEN => {
                // Without an issuer there is nobody to ask for a scope by its name.
                let scope = fault.opened_by.as_deref().filter(|_| self.protected.is_some());
                Some(self.challenge(Some("insufficient_scope"), &fault.message, scope))
            }
            _ => None,
        }
    }

    fn challenge(&self, error: Option<&str>, description: &str, scope: Option<&str>) -> String {
        let metadata = self.protected.as_ref().map(|protected| &*protected.metadata);
        let parts = [
            ("error", error),
            ("error_description", error.map(|_| description)),
            ("scope", scope.filter(|scope| !scope.is_empty())),
            ("resource_metadata", metadata),
        ];
        let mut challenge = "Bearer realm=\"bulkhead\"".to_owned();
        for (name, text) in parts {
            if let Some(text) = text {
                challenge.push_str(&format!(", {name}=\"{text}\""));
            }
        }
        challenge
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_lies_beside_the_host_and_before_the_path() {
        let scopes = Scopes::new(["b", "offline_access", "a"].map(|name| (name.into(), Vec::new())));
        let url = Url::parse("https://tools.example.com/team/mcp").unwrap();
        let protected = Protected::new(&url, "https://id.example.com", &scopes);
        assert_eq!(&*protected.metadata, "https://tools.example.com/.well-known/oauth-protected-resource/team/mcp");
        for there in ["", "/mcp", "/team/mcp"] {
            assert!(protected.at(&format!("{WELL_KNOWN}{there}")).is_some(), "{there}");
        }
        for nowhere in ["/", "/mcp/", "/team", "x"] {
            assert!(protected.at(&format!("{WELL_KNOWN}{nowhere}")).is_none(), "{nowhere}");
        }
        assert_eq!(
            protected.document,
            r#"{"resource":"https://tools.example.com/team/mcp","authorization_servers":["https://id.example.com"],"scopes_supported":["a","b"],"bearer_methods_supported":["header"],"resource_name":"Bulkhead"}"#
        );
    }
}

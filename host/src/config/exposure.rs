//! Who could reach a listener, and whether anything stands between.

use std::net::SocketAddr;

use super::Config;

/// Why HTTP is not served at an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exposed {
    #[error(
        "{listen} is reached from other machines, and no key is asked for: add `apiKey: ${{MCP_API_KEY}}` or `apiKeys`, or listen on 127.0.0.1"
    )]
    NoKeys { listen: SocketAddr },
    #[error(
        "{listen} is reached from other machines, and allowAnonymous lets everybody in: take it out, or listen on 127.0.0.1"
    )]
    Anonymous { listen: SocketAddr },
    #[error(
        "{listen} is reached from other machines, and keys would cross the network in the clear: add `tls: {{enabled: true, certFile: …, keyFile: …}}`, or listen on 127.0.0.1"
    )]
    NoTls { listen: SocketAddr },
    #[error(
        "no key is asked for, so every program and web page of this machine could call: add `apiKey: ${{MCP_API_KEY}}`, or write `allowAnonymous: true`"
    )]
    OpenLoopback,
}

pub(super) fn check(config: &Config, listen: SocketAddr) -> Result<(), Exposed> {
    let has_keys = !config.credentials.keys.is_empty() || config.credentials.oauth.is_some();
    if listen.ip().is_loopback() {
        return if has_keys || config.allow_anonymous { Ok(()) } else { Err(Exposed::OpenLoopback) };
    }
    match (config.allow_anonymous, has_keys, config.tls.is_some()) {
        (true, ..) => Err(Exposed::Anonymous { listen }),
        (_, false, _) => Err(Exposed::NoKeys { listen }),
        (.., false) => Err(Exposed::NoTls { listen }),
        (false, true, true) => Ok(()),
    }
}

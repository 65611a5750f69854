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
        "{listen} is reached from other machines, and keys would cross the network in the clear: add `tls: {{enabled: true, certFile: …, keyFile: …}}`, or `behindProxy: {{trusted: […]}}` if a proxy does TLS, or listen on 127.0.0.1"
    )]
    NoTls { listen: SocketAddr },
    #[error(
        "behindProxy lets other machines reach {listen}, and no key is asked for: add `apiKey: ${{MCP_API_KEY}}` or `apiKeys`"
    )]
    ProxiedNoKeys { listen: SocketAddr },
    #[error(
        "behindProxy lets other machines reach {listen}, and allowAnonymous lets everybody in: take one of them out"
    )]
    ProxiedAnonymous { listen: SocketAddr },
    #[error(
        "no key is asked for, so every program and web page of this machine could call: add `apiKey: ${{MCP_API_KEY}}`, or write `allowAnonymous: true`"
    )]
    OpenLoopback,
}

pub(super) fn check(config: &Config, listen: SocketAddr) -> Result<(), Exposed> {
    let has_keys = !config.credentials.keys.is_empty() || config.credentials.oauth.is_some();
    let (anonymous, proxied) = (config.allow_anonymous, config.behind_proxy.is_some());
    match (listen.ip().is_loopback(), proxied) {
        (true, true) if anonymous => Err(Exposed::ProxiedAnonymous { listen }),
        (true, true) if !has_keys => Err(Exposed::ProxiedNoKeys { listen }),
        (true, false) if !anonymous && !has_keys => Err(Exposed::OpenLoopback),
        (true, _) => Ok(()),
        (false, _) if anonymous => Err(Exposed::Anonymous { listen }),
        (false, _) if !has_keys => Err(Exposed::NoKeys { listen }),
        (false, false) if config.tls.is_none() => Err(Exposed::NoTls { listen }),
        (false, _) => Ok(()),
    }
}

use std::net::IpAddr;

use ipnet::IpNet;

use crate::config::{BehindProxy, de::At, error::Fault, raw::RawBehindProxy};

/// Most networks of proxies: every connection is compared with them.
const MOST_NETWORKS: usize = 64;

/// There is a proxy and no public address.
const NO_PUBLIC_URL: &str = "behindProxy without publicUrl: requests that the proxy passes on under another name than \
                             this server's own are refused; write the address that clients know";

/// Whoever comes is the proxy.
const IN_THE_CLEAR: &str = "behindProxy: true takes whoever reaches the port for the proxy, in the clear; name the \
                            proxies, behindProxy: {trusted: [10.0.0.0/8]}, and nobody else connects";

/// What is allowed and unwise.
pub(super) fn warnings(proxy: Option<&BehindProxy>, is_named: bool, has_tls: bool) -> Vec<String> {
    let somebody = proxy == Some(&BehindProxy::Somebody) && !has_tls;
    let told = [(proxy.is_some() && !is_named, NO_PUBLIC_URL), (somebody, IN_THE_CLEAR)];
    told.into_iter().filter(|(holds, _)| *holds).map(|(_, text)| text.to_owned()).collect()
}

pub(super) fn resolve(raw: Option<At<RawBehindProxy>>) -> Result<Option<BehindProxy>, Fault> {
    let written = match raw.map(|raw| raw.value) {
        None | Some(RawBehindProxy::Is(false)) => return Ok(None),
        Some(RawBehindProxy::Is(true)) => return Ok(Some(BehindProxy::Somebody)),
        Some(RawBehindProxy::Trusted(written)) => written,
    };
    let At { at, value } = written;
    if value.is_empty() || value.len() > MOST_NETWORKS {
        let text = format!("expected 1 to {MOST_NETWORKS} networks, or behindProxy: true");
        return Err(Fault::at(at, text).under("trusted").under("behindProxy"));
    }
    let networks = value.iter().enumerate().map(|(index, written)| {
        network(written).map_err(|fault| fault.under(&format!("[{index}]")).under("trusted").under("behindProxy"))
    });
    Ok(Some(BehindProxy::Trusted(networks.collect::<Result<_, _>>()?)))
}

/// A network, or one address.
fn network(written: &At<String>) -> Result<IpNet, Fault> {
    let At { at, value } = written;
    let parsed = value.parse().or_else(|_| value.parse::<IpAddr>().map(IpNet::from));
    let network =
        parsed.map_err(|_| Fault::at(*at, format!("expected a network such as 10.0.0.0/8, found {value:?}")))?;
    if network != network.trunc() {
        return Err(Fault::at(*at, format!("expected {}, for that is the network of {value:?}", network.trunc())));
    }
    if let IpNet::V6(v6) = network
        && v6.network().to_ipv4_mapped().is_some()
    {
        let text =
            format!("{value:?} is an IPv4 network as IPv6 spells it, which no proxy comes from: write it as IPv4");
        return Err(Fault::at(*at, text));
    }
    if network.prefix_len() == 0 {
        return Err(Fault::at(*at, format!("{value} is everybody: name the proxies' own networks")));
    }
    Ok(network)
}

//! Who stands before this listener: clients, or proxies that pass them on.
//!
//! **Invariant:** what a request says about where it came from is believed if a
//! proxy of a trusted network sent it, and decides about nothing: it stands in
//! the log. Names and schemes that proxies pass on are never believed; which are
//! ours is [`Facing`](super::Facing)'s, by configuration alone.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use http::HeaderMap;
use ipnet::IpNet;

use super::activity::clock;

/// Where proxies write whom they pass on. The standard `Forwarded` (RFC 7239)
/// is not read: a proxy that writes only one of the two passes on the other as
/// a client made it up.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Most proxies in a row that are looked behind. Answers "a field of thousands
/// of addresses".
const MOST_HOPS: usize = 16;

/// Milliseconds between two lines about connections that were closed. Answers
/// "a log that fills with whoever knocks".
const TELL_EVERY: u64 = 60_000;

/// Which proxies there are.
#[derive(Clone, Debug, Default)]
pub struct Front {
    /// Networks of proxies that are believed. `None`: there are none.
    trusted: Option<Arc<[IpNet]>>,
    /// Whoever connects may be a proxy.
    anybody: bool,
    /// Who is neither a trusted proxy nor on this machine may not connect.
    only_trusted: bool,
}

impl Front {
    /// Clients connect directly, or through a proxy that is like a client.
    #[must_use]
    pub const fn open() -> Self {
        Self { trusted: None, anybody: false, only_trusted: false }
    }

    /// Whoever connects may be a proxy, and is not believed.
    #[must_use]
    pub const fn somebody() -> Self {
        Self { trusted: None, anybody: true, only_trusted: false }
    }

    /// Proxies of these networks connect, and are believed. In the clear they
    /// are the only ones that may: others would send their keys over the network.
    #[must_use]
    pub const fn trusted(networks: Arc<[IpNet]>, in_the_clear: bool) -> Self {
        Self { trusted: Some(networks), anybody: false, only_trusted: in_the_clear }
    }

    fn is_trusted(&self, peer: IpAddr) -> bool {
        self.trusted.iter().flat_map(|networks| networks.iter()).any(|network| network.contains(&peer))
    }

    /// Whether `peer` may connect at all.
    pub(super) fn admits(&self, peer: IpAddr) -> bool {
        !self.only_trusted || peer.is_loopback() || self.is_trusted(peer)
    }

    /// Whether connections of `peer` may be those of many clients.
    pub(super) fn may_stand_for_many(&self, peer: IpAddr) -> bool {
        self.anybody || self.is_trusted(peer)
    }

    /// Where a request that `peer` sent came from: the last address that no
    /// trusted proxy vouches away.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let fields = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut hops = fields.flat_map(|field| field.to_str().unwrap_or_default().rsplit(',')).take(MOST_HOPS);
        while self.is_trusted(client) {
            let Some(before) = hops.next().and_then(|hop| hop.trim().parse::<IpAddr>().ok()) else { break };
            client = before.to_canonical();
        }
        client
    }
}

/// Whose connections are counted together: an address, or a network as one
/// subscriber has it (RFC 6177).
pub(super) fn neighbourhood(peer: IpAddr) -> Arc<str> {
    match peer {
        IpAddr::V4(_) => peer.to_string().into(),
        IpAddr::V6(_) => network(peer, 64),
    }
}

/// The site that `peer`'s neighbourhood is one of many of: whoever is given a
/// /48 has 65,536 networks to come from. An IPv4 address is its own.
pub(super) fn site(peer: IpAddr) -> Option<Arc<str>> {
    peer.is_ipv6().then(|| network(peer, 48))
}

fn network(peer: IpAddr, prefix: u8) -> Arc<str> {
    IpNet::new(peer, prefix).map_or_else(|_| peer.to_string(), |network| network.trunc().to_string()).into()
}

/// Says something now and then, however often it happens.
#[derive(Debug, Default)]
pub(super) struct Seldom(AtomicU64);

impl Seldom {
    /// Whether it is time to say it again.
    pub(super) fn is_due(&self) -> bool {
        let (now, last) = (clock().saturating_add(TELL_EVERY), self.0.load(Ordering::Relaxed));
        now.saturating_sub(last) >= TELL_EVERY
            && self.0.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn front() -> Front {
        Front::trusted(["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()).into(), true)
    }

    fn client(peer: &str, fields: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(field).unwrap());
        }
        front().client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_nobody_behind_it_is() {
        for (peer, fields, expected) in [
            ("10.0.0.1", &["203.0.113.9"][..], "203.0.113.9"),
            ("10.0.0.1", &["1.2.3.4, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["1.2.3.4", "203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9, ::ffff:10.0.0.3"], "203.0.113.9"),
            ("fd00::1", &["2001:db8::9"], "2001:db8::9"),
            // Not a proxy: it may say what it likes.
            ("203.0.113.9", &["1.2.3.4"], "203.0.113.9"),
            ("127.0.0.1", &["1.2.3.4"], "127.0.0.1"),
            // Nothing, or nothing that makes sense: the last that is known.
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4, 10.0.0.2:80"], "10.0.0.1"),
        ] {
            assert_eq!(client(peer, fields), expected, "{peer} {fields:?}");
        }
        let many = vec!["10.0.0.2"; 10_000].join(",");
        assert_eq!(client("10.0.0.1", &[&format!("1.2.3.4,{many}")]), "10.0.0.2", "not looked behind for ever");
    }

    #[test]
    fn in_the_clear_nobody_but_a_trusted_proxy_connects_from_elsewhere() {
        let in_the_clear = front();
        for (peer, may) in [("10.1.2.3", true), ("127.0.0.1", true), ("::1", true), ("203.0.113.9", false)] {
            let peer = peer.parse().unwrap();
            assert_eq!(in_the_clear.admits(peer), may, "{peer}");
            assert!(Front { only_trusted: false, ..front() }.admits(peer) && Front::somebody().admits(peer));
        }
        assert!(front().may_stand_for_many("10.1.2.3".parse().unwrap()));
        assert!(!front().may_stand_for_many("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_subscriber_is_counted_once_however_many_addresses_it_has() {
        let of = |address: &str| neighbourhood(address.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn a_site_is_counted_once_however_many_networks_it_has() {
        let of = |address: &str| site(address.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:2:2::1"));
        assert_eq!(of("192.0.2.1"), None);
    }

    #[test]
    fn what_happens_often_is_said_once() {
        let seldom = Seldom::default();
        assert!(seldom.is_due());
        assert!(!seldom.is_due());
    }
}

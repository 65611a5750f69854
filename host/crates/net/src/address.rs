//! What an address is, and who may dial it.
//!
//! **Invariant:** an address is public only if it is allocated as global
//! unicast and carries no other address inside. What is unknown is reserved.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Metadata services that cloud machines reach under fixed addresses: they hand
/// out the machine's own credentials. The Azure one lies in public space.
const METADATA_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
];
/// The same over IPv6.
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// What an IP address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressClass {
    /// Global unicast.
    Public,
    /// This machine: `127.0.0.0/8`, `::1`.
    Loopback,
    /// RFC 1918, IPv6 unique local and the old site-local range.
    Private,
    /// Carrier-grade NAT, `100.64.0.0/10`.
    SharedNat,
    /// `169.254.0.0/16`, `fe80::/10`.
    LinkLocal,
    /// A cloud machine's metadata service.
    Metadata,
    /// Benchmark networks, `198.18.0.0/15` and `2001:2::/48`.
    Benchmarking,
    /// A public IPv4 address inside an IPv6 one: mapped, compatible, 6to4,
    /// Teredo, NAT64 or ISATAP. If the one inside is not public, that one's
    /// class counts instead.
    Embedded,
    /// `0.0.0.0/8` and `::`; connecting to them reaches this machine.
    Unspecified,
    /// Multicast.
    Multicast,
    /// `255.255.255.255`.
    Broadcast,
    /// Written in documentation, routed nowhere.
    Documentation,
    /// Reserved, discarded or not allocated.
    Reserved,
}

impl AddressClass {
    /// Whether no grant at all opens addresses of this class: no service that
    /// answers a TCP connection has one.
    #[must_use]
    pub const fn is_never_dialled(self) -> bool {
        matches!(self, Self::Unspecified | Self::Multicast | Self::Broadcast | Self::Documentation | Self::Reserved)
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::SharedNat => "carrier-grade NAT",
            Self::LinkLocal => "link-local",
            Self::Metadata => "cloud metadata",
            Self::Benchmarking => "benchmarking",
            Self::Embedded => "IPv4 inside IPv6",
            Self::Unspecified => "unspecified",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Documentation => "documentation",
            Self::Reserved => "reserved",
        })
    }
}

/// Which addresses may be dialled. The default is public ones alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    private: bool,
    /// The address that was granted as such.
    literal: Option<IpAddr>,
}

impl Reach {
    /// Public addresses alone.
    pub const PUBLIC: Self = Self { private: false, literal: None };
    /// Also loopback, private, link-local, benchmarking and embedded addresses:
    /// `allowPrivate: true` of a grant. No metadata service: no name leads there.
    pub const PRIVATE: Self = Self { private: true, literal: None };

    /// [`Reach::PRIVATE`], and `address` also if it is a metadata service's:
    /// `allowPrivate: true` of a grant whose host is that address.
    #[must_use]
    pub const fn literal(address: IpAddr) -> Self {
        Self { private: true, literal: Some(address) }
    }

    /// Whether `address` may be dialled.
    #[must_use]
    pub fn admits(self, address: IpAddr) -> bool {
        match classify(address) {
            AddressClass::Public => true,
            AddressClass::Metadata => self.literal == Some(address),
            other => self.private && !other.is_never_dialled(),
        }
    }
}

/// The class of `address`, by the IANA special-purpose registries.
#[must_use]
pub fn classify(address: IpAddr) -> AddressClass {
    match address {
        IpAddr::V4(v4) => classify_v4(v4),
        IpAddr::V6(v6) => classify_v6(v6),
    }
}

fn classify_v4(address: Ipv4Addr) -> AddressClass {
    if METADATA_V4.contains(&address) {
        return AddressClass::Metadata;
    }
    match address.octets() {
        [0, ..] => AddressClass::Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressClass::Private,
        [100, 64..=127, ..] => AddressClass::SharedNat,
        [127, ..] => AddressClass::Loopback,
        [169, 254, ..] => AddressClass::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressClass::Documentation,
        // Protocol assignments, and the withdrawn 6to4 relays.
        [192, 0, 0, _] | [192, 88, 99, _] => AddressClass::Reserved,
        [198, 18..=19, ..] => AddressClass::Benchmarking,
        [224..=239, ..] => AddressClass::Multicast,
        [255, 255, 255, 255] => AddressClass::Broadcast,
        [240..=255, ..] => AddressClass::Reserved,
        _ => AddressClass::Public,
    }
}

fn classify_v6(address: Ipv6Addr) -> AddressClass {
    if METADATA_V6.contains(&address) {
        return AddressClass::Metadata;
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressClass::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressClass::Loopback,
        // Mapped, translated and compatible.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => embedded(&[v4(high, low)]),
        // NAT64, well-known prefix.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(&[v4(high, low)]),
        // NAT64, local prefix: where the address stands is the network's own choice.
        [0x64, 0xff9b, 1, ..] => AddressClass::Embedded,
        // 6to4.
        [0x2002, high, low, ..] => embedded(&[v4(high, low)]),
        // Teredo: the server, and the client inverted.
        [0x2001, 0, high, low, _, _, inverted_high, inverted_low] => {
            embedded(&[v4(high, low), v4(!inverted_high, !inverted_low)])
        }
        [0xfe80..=0xfebf, ..] => AddressClass::LinkLocal,
        [0xfec0..=0xfeff, ..] | [0xfc00..=0xfdff, ..] => AddressClass::Private,
        [0xff00..=0xffff, ..] => AddressClass::Multicast,
        [0x2001, 2, 0, ..] => AddressClass::Benchmarking,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => AddressClass::Documentation,
        // Protocol assignments: ORCHID and others that are no hosts.
        [0x2001, 0..=0x1ff, ..] => AddressClass::Reserved,
        // ISATAP.
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => embedded(&[v4(high, low)]),
        [0x2000..=0x3fff, ..] => AddressClass::Public,
        _ => AddressClass::Reserved,
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

/// The first class inside that is not public, or [`AddressClass::Embedded`].
fn embedded(inside: &[Ipv4Addr]) -> AddressClass {
    inside
        .iter()
        .map(|address| classify_v4(*address))
        .find(|class| *class != AddressClass::Public)
        .unwrap_or(AddressClass::Embedded)
}

#[cfg(test)]
mod tests {
    use super::AddressClass::*;
    use super::*;

    const TABLE: &[(&str, AddressClass)] = &[
        ("1.1.1.1", Public),
        ("8.8.8.8", Public),
        ("9.255.255.255", Public),
        ("11.0.0.0", Public),
        ("100.63.255.255", Public),
        ("100.128.0.0", Public),
        ("126.255.255.255", Public),
        ("128.0.0.1", Public),
        ("169.253.255.255", Public),
        ("169.255.0.0", Public),
        ("172.15.255.255", Public),
        ("172.32.0.0", Public),
        ("192.0.1.1", Public),
        ("192.167.255.255", Public),
        ("192.169.0.0", Public),
        ("198.17.255.255", Public),
        ("198.20.0.0", Public),
        ("223.255.255.255", Public),
        ("0.0.0.0", Unspecified),
        ("0.1.2.3", Unspecified),
        ("10.0.0.1", Private),
        ("10.255.255.255", Private),
        ("172.16.0.1", Private),
        ("172.31.255.255", Private),
        ("192.168.0.1", Private),
        ("100.64.0.1", SharedNat),
        ("100.127.255.255", SharedNat),
        ("100.100.100.200", Metadata),
        ("127.0.0.1", Loopback),
        ("127.255.255.254", Loopback),
        ("169.254.0.1", LinkLocal),
        ("169.254.169.254", Metadata),
        ("169.254.170.2", Metadata),
        ("168.63.129.16", Metadata),
        ("192.0.0.192", Reserved),
        ("192.88.99.1", Reserved),
        ("192.0.2.1", Documentation),
        ("198.51.100.7", Documentation),
        ("203.0.113.9", Documentation),
        ("198.18.0.1", Benchmarking),
        ("198.19.255.255", Benchmarking),
        ("224.0.0.1", Multicast),
        ("239.255.255.255", Multicast),
        ("240.0.0.1", Reserved),
        ("255.255.255.254", Reserved),
        ("255.255.255.255", Broadcast),
        ("2606:4700:4700::1111", Public),
        ("2a00:1450:4001:81b::200e", Public),
        ("2001:4860:4860::8888", Public),
        ("::", Unspecified),
        ("::1", Loopback),
        ("::2", Unspecified),
        ("::7f00:1", Loopback),
        ("::a9fe:a9fe", Metadata),
        ("::808:808", Embedded),
        ("::ffff:127.0.0.1", Loopback),
        ("::ffff:10.0.0.1", Private),
        ("::ffff:169.254.169.254", Metadata),
        ("::ffff:0.0.0.0", Unspecified),
        ("::ffff:8.8.8.8", Embedded),
        ("::ffff:0:127.0.0.1", Loopback),
        ("64:ff9b::127.0.0.1", Loopback),
        ("64:ff9b::8.8.8.8", Embedded),
        ("64:ff9b:1::a00:1", Embedded),
        ("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Embedded),
        ("64:ff9b:2::1", Reserved),
        ("2002:7f00:1::", Loopback),
        ("2002:a9fe:a9fe::1", Metadata),
        ("2002:808:808::1", Embedded),
        ("2001:0:808:808::f5ff:fffe", Private),
        ("2001:0:a00:1::f7f7:f7f7", Private),
        ("2001:0:808:808::f7f7:f7f7", Embedded),
        ("2001:db8::1", Documentation),
        ("3fff::1", Documentation),
        ("3fff:1000::1", Public),
        ("2001:2::1", Benchmarking),
        ("2001:10::1", Reserved),
        ("2001:20::1", Reserved),
        ("2001:200::1", Public),
        ("2600::200:5efe:7f00:1", Loopback),
        ("2600::5efe:808:808", Embedded),
        ("fe80::1", LinkLocal),
        ("febf::1", LinkLocal),
        ("fec0::1", Private),
        ("fc00::1", Private),
        ("fd12:3456::1", Private),
        ("fd00:ec2::254", Metadata),
        ("fd20:ce::254", Metadata),
        ("ff02::1", Multicast),
        ("100::1", Reserved),
        ("5f00::1", Reserved),
        ("4000::1", Reserved),
        ("1fff::1", Reserved),
    ];

    #[test]
    fn every_range_and_its_edges_have_their_class() {
        for (text, class) in TABLE {
            assert_eq!(classify(text.parse().unwrap()), *class, "{text}");
        }
    }

    #[test]
    fn only_public_addresses_are_open_without_a_grant() {
        for (text, class) in TABLE {
            assert_eq!(Reach::default().admits(text.parse().unwrap()), *class == Public, "{text}");
        }
    }

    #[test]
    fn no_grant_opens_what_nobody_answers_on() {
        for (text, class) in TABLE {
            let address = text.parse().unwrap();
            let private =
                matches!(class, Public | Loopback | Private | SharedNat | LinkLocal | Benchmarking | Embedded);
            assert_eq!(Reach::PRIVATE.admits(address), private, "{text}");
            assert_eq!(Reach::literal(address).admits(address), !class.is_never_dialled(), "{text}");
        }
    }

    #[test]
    fn a_metadata_service_is_opened_by_its_own_address_alone() {
        let [granted, other] = ["169.254.169.254", "168.63.129.16"].map(|text| text.parse().unwrap());
        assert!(Reach::literal(granted).admits(granted));
        assert!(!Reach::literal(granted).admits(other));
        assert!(!Reach::PRIVATE.admits(granted));
    }
}

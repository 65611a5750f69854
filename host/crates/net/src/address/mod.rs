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
mod tests;

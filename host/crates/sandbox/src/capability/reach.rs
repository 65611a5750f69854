//! Which addresses a network grant opens.

use std::net::IpAddr;

use bulkhead_net::Reach;
use bulkhead_policy::HostRule;

/// What may be dialled for `host`, an exact one, under a grant that admits it.
pub(crate) const fn reach(host: &HostRule, allow_private: bool) -> Reach {
    match (allow_private, host) {
        (false, _) => Reach::PUBLIC,
        (true, HostRule::Address(address)) => Reach::literal(*address),
        (true, HostRule::Exact(_) | HostRule::Below(_)) => Reach::PRIVATE,
    }
}

/// Whether any grant of `host` opens `address`: if not, no line is told that
/// would allow it.
pub(crate) fn opens(host: &HostRule, address: IpAddr) -> bool {
    reach(host, true).admits(address)
}

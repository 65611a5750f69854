//! How many connections each address, and each site of many networks, has.
//!
//! **Invariant:** whoever holds one address or one site leaves room for others.

use std::net::IpAddr;

use super::{
    MAX_CONNECTIONS,
    front::{neighbourhood, site},
};
use crate::shares::{Place, Shares};

/// Most connections of one address at once, if it is not a proxy's. Answers "one
/// machine that takes every connection".
const MOST_OF_ONE: usize = MAX_CONNECTIONS / 2;

/// Most connections of one site at once. Answers "one subscriber that comes from
/// another of its 65,536 networks each time".
const MOST_OF_SITE: usize = MAX_CONNECTIONS / 4 * 3;

/// Connections by where they come from.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    ones: Shares,
    sites: Shares,
}

/// One connection's places; given back when dropped.
#[derive(Debug)]
pub(super) struct Standing {
    _one: Place,
    _site: Option<Place>,
}

/// What has as many connections as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Full {
    #[error("its address")]
    One,
    #[error("its site, a network of /48,")]
    Site,
}

impl Full {
    pub(super) const fn most(self) -> usize {
        match self {
            Self::One => MOST_OF_ONE,
            Self::Site => MOST_OF_SITE,
        }
    }
}

impl Crowd {
    /// Places for a connection of `peer`.
    pub(super) fn enter(&self, peer: IpAddr) -> Result<Standing, Full> {
        let one = self.ones.enter(&neighbourhood(peer), MOST_OF_ONE).ok_or(Full::One)?;
        let at = site(peer).map(|site| self.sites.enter(&site, MOST_OF_SITE).ok_or(Full::Site)).transpose()?;
        Ok(Standing { _one: one, _site: at })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    /// An address of the network `number` of a site.
    fn of(site: u16, number: u16) -> IpAddr {
        Ipv6Addr::new(0x2001, 0xdb8, site, number, 0, 0, 0, 1).into()
    }

    #[test]
    fn one_site_leaves_room_to_others_however_many_networks_it_has() {
        let crowd = Crowd::default();
        let mut held: Vec<_> = (0_u16..).take(MOST_OF_SITE).map(|n| crowd.enter(of(1, n)).unwrap()).collect();
        assert_eq!(crowd.enter(of(1, 60_000)).unwrap_err(), Full::Site);
        assert!(crowd.enter(of(2, 1)).is_ok() && crowd.enter([192, 0, 2, 1].into()).is_ok());
        held.pop();
        assert!(crowd.enter(of(1, 60_000)).is_ok(), "in the place of one that left");
    }

    #[test]
    fn one_network_has_half_of_all_and_takes_nothing_of_its_site_beyond() {
        let crowd = Crowd::default();
        let held: Vec<_> = (0..MOST_OF_ONE).map(|_| crowd.enter(of(1, 1)).unwrap()).collect();
        assert_eq!(crowd.enter(of(1, 1)).unwrap_err(), Full::One);
        let rest: Vec<_> = (0..MOST_OF_SITE - MOST_OF_ONE).map(|_| crowd.enter(of(1, 2)).unwrap()).collect();
        assert_eq!(crowd.enter(of(1, 3)).unwrap_err(), Full::Site, "{} and {}", held.len(), rest.len());
    }
}

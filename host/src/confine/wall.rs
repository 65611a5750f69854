//! What was kept, for configurations that come later.
//!
//! Asked as the kernel will ask: a place is within reach if it, or a folder
//! above it, is the very one that a rule was made for. Paths do not decide; a
//! folder that was removed and made again is another folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::{
    needs::{Needs, Reach, Service},
    report::Files,
};
use crate::config::Config;

type Identity = (u64, u64);

/// What the process can still reach.
#[derive(Clone, Debug, Default)]
pub struct Wall {
    service: Service,
    /// None: every file.
    places: Option<BTreeMap<Identity, Reach>>,
    /// None: every port.
    ports: Option<BTreeSet<u16>>,
}

/// Something of a configuration that lies outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    Place { line: String, path: PathBuf, reach: Reach },
    Port { line: String, port: u16 },
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = match self {
            Self::Place { line, path, reach } => {
                let doing = if *reach == Reach::Read { "read" } else { "write" };
                write!(f, "{line}: {} cannot be used to {doing}", path.display())?;
                "hardening.roots"
            }
            Self::Port { line, port } => {
                write!(f, "{line}: port {port} cannot be dialled")?;
                "hardening.ports"
            }
        };
        write!(
            f,
            ", because the process gave that up when it started; restart the server, with it in {kept} if such grants are to come and go"
        )
    }
}

impl Wall {
    /// No wall: everything is within reach.
    #[must_use]
    pub fn none(service: Service) -> Self {
        Self { service, ..Self::default() }
    }

    /// What `files` leaves of `needs`. To be asked before anything is given up.
    pub(super) fn around(needs: &Needs, service: Service) -> Self {
        let mut places = BTreeMap::new();
        for place in needs.places() {
            if let Some(identity) = identity(&place.path) {
                let held = places.entry(identity).or_insert(place.reach);
                *held = place.reach.max(*held);
            }
        }
        let ports = needs.connects().iter().map(|(port, _)| *port).collect();
        Self { service, places: Some(places), ports: Some(ports) }
    }

    /// Only what `files` says holds.
    pub(super) fn where_it_holds(mut self, files: &Files) -> Self {
        self.places = self.places.filter(|_| files.hold());
        self.ports = self.ports.filter(|_| files.hold_ports());
        self
    }

    /// Everything of `config` that lies outside. Empty if it can be served.
    #[must_use]
    pub fn refuses(&self, config: &Config) -> Vec<Outside> {
        let needs = Needs::named(config, self.service);
        let places = needs.places().iter().filter(|place| !self.reaches(&place.path, place.reach));
        let ports =
            needs.connects().iter().filter(|(port, _)| self.ports.as_ref().is_some_and(|ports| !ports.contains(port)));
        let places = places.map(|place| Outside::Place {
            line: place.line.clone(),
            path: place.path.clone(),
            reach: place.reach,
        });
        places.chain(ports.map(|(port, line)| Outside::Port { line: line.clone(), port: *port })).collect()
    }

    fn reaches(&self, path: &Path, reach: Reach) -> bool {
        let Some(places) = &self.places else { return true };
        // What is not there yet comes to lie where its folder is.
        let there = path.ancestors().find_map(|ancestor| ancestor.canonicalize().ok());
        let above = there.iter().flat_map(|real| real.ancestors()).filter_map(identity);
        above.filter_map(|identity| places.get(&identity)).any(|held| *held >= reach)
    }
}

fn identity(path: &Path) -> Option<Identity> {
    std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bulkhead_base::{Digest, PluginName, Prefix};
use bulkhead_net::CertificateDer;
use bulkhead_package::KeyId;
use bulkhead_policy::Grants;
use bulkhead_registry::{Place, ToolFilter, Update};
use bulkhead_screen::Policy;
use url::Url;

/// One plugin that is to be served.
#[derive(Clone, Debug)]
pub struct PluginEntry {
    /// What the configuration calls it.
    pub name: PluginName,
    pub source: Source,
    /// Whose signature it must have. `None` lets any trusted key sign it that
    /// may sign its name.
    pub publisher: Option<NamedPublisher>,
    pub update: Update,
    pub prefix: Prefix,
    pub tools: ToolFilter,
    /// What becomes of what is found in what it says.
    pub screen: Policy,
    /// What it is given, limits and settings included.
    pub grants: Grants,
}

impl PluginEntry {
    /// The entry of a file that was dropped into the inbox: no grants, nobody
    /// named, updates by hand.
    #[must_use]
    pub fn dropped_in(name: PluginName) -> Self {
        Self { source: Source::Inbox, ..Self::bare(name, PathBuf::new()) }
    }

    /// The entry of the file at `path` without grants.
    #[must_use]
    pub fn bare(name: PluginName, path: PathBuf) -> Self {
        Self {
            prefix: Prefix::from(&name),
            name,
            source: Source::File(path),
            publisher: None,
            update: Update::Manual,
            tools: ToolFilter::default(),
            screen: Policy::Flag,
            grants: Grants::default(),
        }
    }

    /// What the entry says about the place that a file would take.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            names_publisher: self.publisher.is_some(),
            grants_anything: self.grants.give_anything(),
            update: self.update,
        }
    }
}

/// Where a plugin's file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file of this machine.
    File(PathBuf),
    /// An https address; what it answers must have this SHA-256. Authorities
    /// are believed besides those of the public web.
    Url { url: Url, digest: Digest, authorities: Arc<[CertificateDer<'static>]> },
    /// The drop-in folder.
    Inbox,
}

impl Source {
    /// Where it is on this machine, if the entry says so.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Url { .. } | Self::Inbox => None,
        }
    }
}

/// A trusted key that an entry names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPublisher {
    /// Its id in `trust.keys`.
    pub id: Arc<str>,
    pub key: KeyId,
}

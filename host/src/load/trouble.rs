use std::{io, path::PathBuf};

use bulkhead_base::{Digest, PluginName};
use bulkhead_net::fetch::FetchError;
use bulkhead_package::{PackageError, Refusal};
use bulkhead_registry::{Collision, LoadError, LockError, StoreError};
use bulkhead_sandbox::CompileError;

/// Why a plugin is not loaded. For the operator alone.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: the file is gone; put it back, or take the entry out of mcp.yaml", path.display())]
    SourceGone { path: PathBuf },
    #[error("it cannot be downloaded: {0}")]
    Fetch(#[from] FetchError),
    #[error("what {url} answers has digest {found}, and mcp.yaml expects {expected}")]
    UrlDigest { url: String, expected: Digest, found: Digest },
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("{signer} signed it, and plugins.{entry}.publisher in mcp.yaml names {expected}")]
    OtherPublisher { entry: PluginName, expected: String, signer: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the store holds {found} in place of {expected}; put the file back, or accept it again")]
    Stored { expected: Digest, found: Digest },
    #[error("it is accepted no longer")]
    NotAccepted,
    #[error("its entry was taken out of mcp.yaml meanwhile")]
    EntryGone,
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("nothing is loaded until this is mended: {0}")]
    Standstill(String),
    #[error(transparent)]
    Compile(#[from] CompileError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Collision(#[from] Collision),
    #[error("the entry plugins.{0} in mcp.yaml has that name; a dropped file never takes an entry's place")]
    EntryHasName(PluginName),
    #[error("{} has that name already, and what is served stays; remove one of them", .0.display())]
    NameTaken(PathBuf),
    #[error("what is trusted or granted changed again and again while it was loaded")]
    Restless,
    #[error("the thread that loads it broke: {0}")]
    Broken(String),
}

impl Trouble {
    /// Whether the file looks as if somebody were still writing it.
    pub(super) const fn looks_unfinished(&self) -> bool {
        matches!(self, Self::Package(PackageError::Layout(_) | PackageError::NotPacked))
    }

    /// Whether the file is not what somebody trusted signed.
    pub(super) const fn is_disbelief(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::OtherPublisher { .. } | Self::UrlDigest { .. } | Self::Stored { .. })
    }

    /// The whole story, causes included.
    #[must_use]
    pub fn told(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(inner) = cause {
            let inner_text = inner.to_string();
            if !text.contains(&inner_text) {
                text = format!("{text}: {inner_text}");
            }
            cause = inner.source();
        }
        text
    }
}

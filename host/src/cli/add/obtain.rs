//! The file that is added: read from this machine, or downloaded.

use std::path::{Path, PathBuf};

use bulkhead_base::{ByteSize, PluginName};
use bulkhead_net::{Dialler, Reach, Roots, fetch::Limits};
use bulkhead_package::{MAX_FILE_BYTES, Package, VerifiedPlugin};

use crate::{
    cli::{
        exit::{Exit, Failure},
        inspect::{detached, read_capped},
        runtime::block_on,
    },
    config::edit::EntryText,
};

/// A file, and how an entry calls where it came from.
pub(super) struct Obtained {
    pub(super) package: Package,
    pub(super) source: SourceText,
}

/// Where it came from.
pub(super) enum SourceText {
    File(String),
    Url(String),
}

impl SourceText {
    /// An entry of this source, pinned to what was looked at if it is remote.
    pub(super) fn entry(&self, name: PluginName, plugin: &VerifiedPlugin) -> EntryText {
        match self {
            Self::File(path) => EntryText::new(name, path.clone()),
            Self::Url(url) => EntryText::from_url(name, url, plugin.digest()),
        }
    }
}

/// Reads `source`. Paths are written relative to `folder` where they lie below.
pub(super) fn obtain(source: &str, folder: &Path) -> Result<Obtained, Failure> {
    let refused = |error| Failure::new(Exit::REFUSED, format!("{source}: {error}"));
    if source.starts_with("oci://") {
        return Err(Failure::new(Exit::NOT_BUILT, "oci:// is not built yet; download the file and add that"));
    }
    if source.contains("://") {
        let package = Package::parse(download(source)?, None).map_err(refused)?;
        return Ok(Obtained { package, source: SourceText::Url(source.to_owned()) });
    }
    let path = PathBuf::from(source);
    let package = Package::parse(read_capped(&path)?, detached(&path)?.as_deref()).map_err(refused)?;
    let absolute = std::path::absolute(&path)?;
    let written = absolute.strip_prefix(folder).unwrap_or(&absolute);
    let text =
        written.to_str().ok_or_else(|| Failure::new(Exit::FAILED, format!("{source}: a path that is no text")))?;
    Ok(Obtained { package, source: SourceText::File(text.to_owned()) })
}

fn download(url: &str) -> Result<Vec<u8>, Failure> {
    let unreachable = |error: &(dyn std::error::Error + 'static)| Failure::from_error(Exit::UNREACHABLE, error);
    let dialler = Dialler::new(Roots::public()).map_err(|error| unreachable(&error))?;
    let limits = Limits::of_size(ByteSize::bytes(MAX_FILE_BYTES as u64));
    let fetched = block_on(dialler.fetch(url, Reach::PUBLIC, limits, None))?;
    fetched.map(|fetched| fetched.bytes).map_err(|error| unreachable(&error))
}

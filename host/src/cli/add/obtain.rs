//! The file that is added: read from this machine, or downloaded.

use std::path::{Path, PathBuf};

use bulkhead_base::PluginName;
use bulkhead_net::{Dialler, Roots};
use bulkhead_package::{Package, VerifiedPlugin};

use crate::{
    cli::{
        exit::{Exit, Failure},
        inspect::{detached, read_capped},
        runtime::block_on,
    },
    config::{authorities, edit::EntryText},
    load::fetch,
};

/// A file, and how an entry calls where it came from.
pub(super) struct Obtained {
    pub(super) package: Package,
    pub(super) source: SourceText,
}

/// Where it came from.
pub(super) enum SourceText {
    File(String),
    /// With the file of its authority, if it has one of its own.
    Url(String, Option<String>),
}

impl SourceText {
    /// An entry of this source, pinned to what was looked at if it is remote.
    pub(super) fn entry(&self, name: PluginName, plugin: &VerifiedPlugin) -> EntryText {
        match self {
            Self::File(path) => EntryText::new(name, path.clone()),
            Self::Url(url, ca) => EntryText::from_url(name, url, plugin.digest(), ca.as_deref()),
        }
    }
}

/// Reads `source`, by the authority in `ca` if it is remote. Paths are written
/// relative to `folder` where they lie below.
pub(super) fn obtain(source: &str, ca: Option<&Path>, folder: &Path) -> Result<Obtained, Failure> {
    let refused = |error| Failure::new(Exit::REFUSED, format!("{source}: {error}"));
    if source.starts_with("oci://") {
        return Err(Failure::new(Exit::NOT_BUILT, "oci:// is not built yet; download the file and add that"));
    }
    if source.contains("://") {
        let package = Package::parse(download(source, ca)?, None).map_err(refused)?;
        let ca = ca.map(|path| written(path, folder)).transpose()?;
        return Ok(Obtained { package, source: SourceText::Url(source.to_owned(), ca) });
    }
    if ca.is_some() {
        return Err(Failure::new(Exit::USAGE, "--ca is for an https address"));
    }
    let path = PathBuf::from(source);
    let package = Package::parse(read_capped(&path)?, detached(&path)?.as_deref()).map_err(refused)?;
    Ok(Obtained { package, source: SourceText::File(written(&path, folder)?) })
}

fn written(path: &Path, folder: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path)?;
    let written = absolute.strip_prefix(folder).unwrap_or(&absolute).to_str().map(str::to_owned);
    written.ok_or_else(|| Failure::new(Exit::FAILED, format!("{}: a path that is no text", path.display())))
}

fn download(url: &str, ca: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let unreachable = |error: &(dyn std::error::Error + 'static)| Failure::from_error(Exit::UNREACHABLE, error);
    let extra =
        ca.map(authorities::read).transpose().map_err(|why| Failure::new(Exit::USAGE, format!("--ca: {why}")))?;
    let roots = Roots::with_extra(extra.unwrap_or_default());
    let dialler = Dialler::new(roots).map_err(|error| unreachable(&error))?;
    let fetched = block_on(fetch(&dialler, url))?;
    fetched.map(|fetched| fetched.bytes).map_err(|error| unreachable(&error))
}

//! Where a plugin's bytes come from. Read once, up to a cap.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bulkhead_base::{ByteSize, Digest};
use bulkhead_net::{
    CertificateDer, DialError, Dialler, Reach, Roots,
    fetch::{FetchError, Fetched, Limits},
};
use bulkhead_package::{MAX_FILE_BYTES, Package, PackedFile, limits::MAX_SIGNATURE_BYTES};
use bulkhead_registry::{Locked, Store, read_capped};
use bulkhead_sandbox::FileSource;
use tokio::task::spawn_blocking;
use url::Url;

use super::{Loader, Trouble};
use crate::config::PluginEntry;

/// Reads the file at `path` and the envelope beside it.
pub(super) fn file(path: &Path) -> Result<Package, Trouble> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => Trouble::SourceGone { path },
            _ => Trouble::Read { path, source },
        }
    };
    let bytes = read_capped(path).map_err(failed(path))?;
    let beside = beside(path);
    let detached = match fs::metadata(&beside) {
        Ok(found) if found.len() > MAX_SIGNATURE_BYTES as u64 => {
            let source =
                io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {MAX_SIGNATURE_BYTES} bytes"));
            return Err(Trouble::Read { path: beside, source });
        }
        Ok(_) => Some(read_capped(&beside).map_err(failed(&beside))?),
        Err(_) => None,
    };
    Ok(Package::parse(bytes, detached.as_deref())?)
}

/// The envelope's place: `NAME.wasm.dsse`.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".dsse");
    name.into()
}

/// The plugin files of an inbox, in order of their names.
pub(super) fn dropped_in(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_plugin =
        |path: &PathBuf| path.extension().is_some_and(|end| end == "wasm") && crate::reload::is_plugin_file(path);
    let mut files: Vec<PathBuf> = files.filter(is_plugin).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// The accepted file of the store. Whether it is the accepted one is for the
/// flow to see.
pub(super) fn kept(store: &Store, accepted: &Locked) -> Result<Package, Trouble> {
    Ok(Package::parse(store.read(&accepted.digest)?, None)?)
}

impl Loader {
    /// Where the file of `entry` is found again: in the store, else where it came from.
    pub(super) fn found_again(&self, entry: &PluginEntry) -> FileSource {
        let desk = self.desk();
        let dropped = || desk.dropped.iter().find(|(_, name)| **name == entry.name).map(|(path, _)| path.as_path());
        let path = entry.source.path().or_else(dropped).map(Path::to_owned);
        found_again(desk.store.clone(), path)
    }
}

/// The same for a file at `path`.
pub(super) fn found_again(store: Store, path: Option<PathBuf>) -> FileSource {
    Arc::new(move |digest| {
        let kept = || PackedFile::recognise(store.read(digest).ok()?, digest);
        let outside = || file(path.as_ref()?).ok()?.into_file(digest);
        kept().or_else(outside)
    })
}

/// What was downloaded before, if it is what `digest` asks for: a restart
/// needs no network.
pub(super) fn downloaded(store: &Store, accepted: Option<&Locked>, digest: Digest) -> Option<Package> {
    let bytes = store.read(&accepted?.digest).ok()?;
    has_digest(bytes, digest).ok()
}

/// Downloads what lies at `url`. The address that the operator wrote may be a
/// private one; what it redirects to may not.
///
/// # Errors
/// It cannot be had, or is larger than a plugin may be.
pub async fn fetch(dialler: &Dialler, url: &str) -> Result<Fetched, FetchError> {
    let limits = Limits::of_size(ByteSize::bytes(MAX_FILE_BYTES as u64));
    let written = Url::parse(url).ok();
    let is_written = |host: &str| written.as_ref().and_then(Url::host_str) == Some(host);
    match dialler.fetch(url, Reach::PUBLIC, limits, None).await {
        Err(FetchError::Dial(DialError::Refused { host, .. })) if is_written(&host) => {
            dialler.fetch(url, Reach::PRIVATE, Limits { redirects: 0, ..limits }, None).await
        }
        other => other,
    }
}

/// Downloads a plugin by the web's authorities and these.
pub(super) async fn download(
    dialler: &Dialler,
    authorities: &[CertificateDer<'static>],
    url: &Url,
    digest: Digest,
) -> Result<Package, Trouble> {
    let own = match authorities {
        [] => None,
        some => Some(Dialler::new(Roots::with_extra(some.to_vec())).map_err(|e| Trouble::Broken(e.to_string()))?),
    };
    let fetched = fetch(own.as_ref().unwrap_or(dialler), url.as_str()).await?;
    let found = fetched.digest;
    spawn_blocking(move || has_digest(fetched.bytes, digest))
        .await
        .map_err(|error| Trouble::Broken(error.to_string()))?
        .map_err(|trouble| trouble.unwrap_or(Trouble::UrlDigest { url: url.to_string(), expected: digest, found }))
}

/// The package, if `digest` is that of the whole file, or of the bytes before
/// its signatures, which is what every other place calls a plugin's digest.
fn has_digest(bytes: Vec<u8>, digest: Digest) -> Result<Package, Option<Trouble>> {
    let is_whole = Digest::of(&bytes) == digest;
    match Package::parse(bytes, None) {
        Ok(package) if is_whole || package.digest() == digest => Ok(package),
        Err(error) if is_whole => Err(Some(error.into())),
        Ok(_) | Err(_) => Err(None),
    }
}

//! Compiled code, kept between runs.
//!
//! A file is a [`Description`] with its MAC, and code with another. Both MACs
//! bind to the component's digest, to everything that code generation and
//! linking depend on, and to this host's key; that of the code is over the
//! description too. To load a plugin the description is read, to call it the code.
//!
//! **Invariant:** code is mapped only out of a buffer whose MAC held; the file
//! is not looked at again. A description decides what is listed as callable and
//! never what runs: code is linked and checked again when it is mapped. A file
//! that does not hold is a miss, never an error: the component is compiled anew.

mod file;

use std::{
    fs,
    hash::{Hash as _, Hasher},
    io,
    path::{Path, PathBuf},
};

use bulkhead_base::{Digest, Redacted};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

use crate::{
    Exports,
    engine::{CodeCache, EngineError},
    imports,
};

/// What the MACs are over begins with these, so that neither is ever the other's,
/// and no other file of ours is one.
const OF_DESCRIPTION: &[u8] = b"bulkhead code description 2";
const OF_CODE: &[u8] = b"bulkhead compiled code here 2";

/// Largest file that is read. Answers "a file that fills the host's memory
/// before its MAC is looked at"; the largest component compiles to half of it.
const MAX_BYTES: u64 = 512 << 20;

/// Files and bytes that are kept. Answers "a plugin under development that
/// leaves the code of every save".
const MOST_FILES: usize = 4_096;
const MOST_BYTES: u64 = 4 << 30;

const MAC_BYTES: usize = 32;
const DESCRIPTION_BYTES: usize = 16;
/// What stands before the code and its MAC.
const HEAD_BYTES: usize = MAC_BYTES + DESCRIPTION_BYTES;
const KEY_BYTES: usize = 32;
const BLOCK_BYTES: usize = 64;

/// The folder of compiled code.
pub(crate) struct Cache {
    dir: PathBuf,
    key: Redacted<[u8; 32]>,
    /// Digest of settings, target, processor features and versions.
    environment: [u8; 32],
}

impl Cache {
    pub(crate) fn open(options: CodeCache, engine: &wasmtime::Engine) -> Result<Self, EngineError> {
        let CodeCache { dir, key } = options;
        let refuse = |reason: String| EngineError::Cache { dir: dir.clone(), reason };
        make_private(&dir).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { dir, key, environment: environment(engine) })
    }

    /// What the kept code of the component with this digest is like. Reads so
    /// little of the file that a thousand plugins are soon looked at.
    pub(crate) fn describe(&self, digest: &Digest) -> Option<Description> {
        let head: [u8; HEAD_BYTES] = self.looked(digest, file::read_head(&self.path(digest)))?;
        let (mac, description) = head.split_at(MAC_BYTES);
        if self.mac(OF_DESCRIPTION, digest, &[description]).verify_slice(mac).is_err() {
            tracing::warn!(%digest, "the description of compiled code is not what this host wrote for this component");
            return None;
        }
        Description::read(description)
    }

    /// The code of the component with this digest, if there is any that holds.
    pub(crate) fn load(&self, engine: &wasmtime::Engine, digest: &Digest) -> Option<Component> {
        let file = self.looked(digest, file::read(&self.path(digest), MAX_BYTES))?;
        let (head, rest) = file.split_at_checked(HEAD_BYTES)?;
        let (mac, code) = rest.split_at_checked(MAC_BYTES)?;
        if self.mac(OF_CODE, digest, &[&head[MAC_BYTES..], code]).verify_slice(mac).is_err() {
            tracing::warn!(%digest, "compiled code in the cache is not what this host wrote for this component");
            return None;
        }
        deserialize(engine, code)
    }

    fn looked<T>(&self, digest: &Digest, read: io::Result<T>) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(%digest, %error, "compiled code cannot be read");
                None
            }
        }
    }

    /// Keeps the component's code. False, and said in the log, if it could not.
    pub(crate) fn keep(&self, component: &Component, digest: &Digest, description: &Description) -> bool {
        let description = description.write();
        let kept = component.serialize().map_err(io::Error::other).and_then(|code| {
            let head = self.mac(OF_DESCRIPTION, digest, &[&description]).finalize().into_bytes();
            let mac = self.mac(OF_CODE, digest, &[&description, &code]).finalize().into_bytes();
            prune(&self.dir, MOST_FILES, MOST_BYTES)?;
            file::write(&self.path(digest), &[&head, &description, &mac, &code])
        });
        kept.inspect_err(|error| tracing::warn!(%digest, %error, "compiled code is not kept")).is_ok()
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.dir.join(format!("{}.code", digest.hex()))
    }

    /// Every part but the last has one length, so no two lists of parts are one text.
    fn mac(&self, purpose: &[u8], digest: &Digest, parts: &[&[u8]]) -> Hmac<Sha256> {
        // A key shorter than a block is filled up with zeros (RFC 2104).
        let mut block = [0; BLOCK_BYTES];
        block[..KEY_BYTES].copy_from_slice(self.key.expose());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for part in [purpose, &self.environment, digest.as_bytes()].iter().chain(parts) {
            mac.update(part);
        }
        mac
    }
}

#[expect(
    unsafe_code,
    reason = "machine code is mapped: its MAC has just held over exactly this buffer, so this host's own compiler wrote it for these settings"
)]
fn deserialize(engine: &wasmtime::Engine, authentic: &[u8]) -> Option<Component> {
    // SAFETY: `authentic` is the output of `Component::serialize` under this key
    // and these settings; `Cache::load`, the only caller, has checked the MAC.
    let component = unsafe { Component::deserialize(engine, authentic) };
    component.inspect_err(|error| tracing::warn!(%error, "compiled code in the cache cannot be used")).ok()
}

/// What is known of a component that was compiled and linked: all that loading
/// it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) exports: Exports,
    /// The largest memory that it begins with, in pages, as far as that is known.
    pub(crate) pages: u64,
}

impl Description {
    fn write(self) -> [u8; DESCRIPTION_BYTES] {
        let mut out = [0; DESCRIPTION_BYTES];
        out[0] = self.exports.bits();
        out[8..].copy_from_slice(&self.pages.to_le_bytes());
        out
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (first, pages) = bytes.split_at_checked(8)?;
        let exports = Exports::from_bits(*first.first()?)?;
        Some(Self { exports, pages: u64::from_le_bytes(pages.try_into().ok()?) })
    }
}

/// What compiled code, and whether it can be linked, depends on besides its component.
fn environment(engine: &wasmtime::Engine) -> [u8; 32] {
    struct Bytes(Sha256);
    impl Hasher for Bytes {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut hasher = Bytes(Sha256::new());
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    std::env::consts::ARCH.hash(&mut hasher);
    imports::supported().hash(&mut hasher);
    // Settings, target triple, processor features in use, wasmtime's version.
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().into()
}

/// Makes the folder for its owner alone, or checks that it is one.
#[cfg(unix)]
fn make_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};

    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let found = fs::symlink_metadata(dir)?;
    if !found.is_dir() {
        return Err(io::Error::other("not a folder"));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    if found.mode() & 0o077 != 0 {
        return Err(io::Error::other("others may look into it: expected mode 0700"));
    }
    Ok(())
}

/// Where folders have no mode, the MAC alone stands guard.
#[cfg(not(unix))]
fn make_private(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

/// Takes the oldest files away until there is room for one more. Others write and
/// rename in there meanwhile: what is gone is gone.
fn prune(dir: &Path, most_files: usize, most_bytes: u64) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if let Some(found) = unless_gone(entry.metadata())? {
            files.push((found.modified()?, found.len(), entry.path()));
        }
    }
    files.sort();
    let mut bytes: u64 = files.iter().map(|(_, len, _)| len).sum();
    let mut left = files.len();
    for (_, len, path) in files {
        if left < most_files && bytes < most_bytes {
            break;
        }
        unless_gone(fs::remove_file(path))?;
        left -= 1;
        bytes -= len;
    }
    Ok(())
}

fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests;

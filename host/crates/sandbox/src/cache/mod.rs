//! Compiled code, kept between runs.
//!
//! A file is a MAC and the code that it is over. The MAC binds code to the
//! component's digest, to everything that code generation depends on, and to
//! this host's key.
//!
//! **Invariant:** code is mapped only out of a buffer whose MAC held; the file
//! is not looked at again. A file that does not hold is a miss, never an error:
//! the component is at hand and is compiled anew.

use std::{
    fs,
    hash::{Hash as _, Hasher},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use bulkhead_base::{Digest, Redacted};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

use crate::engine::{CodeCache, EngineError};

/// What the MAC is over begins with this, so that no other file of ours is one.
const PURPOSE: &[u8] = b"bulkhead compiled code 1";

/// Largest file that is read. Answers "a file that fills the host's memory
/// before its MAC is looked at"; the largest component compiles to half of it.
const MAX_BYTES: u64 = 512 << 20;

/// Files and bytes that are kept. Answers "a plugin under development that
/// leaves the code of every save".
const MOST_FILES: usize = 4_096;
const MOST_BYTES: u64 = 4 << 30;

const MAC_BYTES: usize = 32;
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

    /// The code of the component with this digest, if there is any that holds.
    pub(crate) fn load(&self, engine: &wasmtime::Engine, digest: &Digest) -> Option<Component> {
        let file = match read(&self.path(digest)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(%digest, %error, "compiled code cannot be read");
                return None;
            }
        };
        let (mac, code) = file.split_at_checked(MAC_BYTES)?;
        if self.mac(digest, code).verify_slice(mac).is_err() {
            tracing::warn!(%digest, "compiled code in the cache is not what this host wrote for this component");
            return None;
        }
        deserialize(engine, code)
    }

    /// Keeps the component's code. That it could not is said in the log only.
    pub(crate) fn keep(&self, component: &Component, digest: &Digest) {
        let kept = component.serialize().map_err(io::Error::other).and_then(|code| {
            let mac = self.mac(digest, &code).finalize().into_bytes();
            prune(&self.dir, MOST_FILES, MOST_BYTES)?;
            write(&self.path(digest), &[&mac, &code])
        });
        if let Err(error) = kept {
            tracing::warn!(%digest, %error, "compiled code is not kept");
        }
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.dir.join(format!("{}.code", digest.hex()))
    }

    fn mac(&self, digest: &Digest, code: &[u8]) -> Hmac<Sha256> {
        // A key shorter than a block is filled up with zeros (RFC 2104).
        let mut block = [0; BLOCK_BYTES];
        block[..KEY_BYTES].copy_from_slice(self.key.expose());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for part in [PURPOSE, &self.environment, digest.as_bytes(), code] {
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

/// What compiled code depends on besides its component.
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

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let no_tricks = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(i32::try_from(no_tricks.bits()).unwrap_or(0));
    }
    let file = options.open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || found.len() > MAX_BYTES {
        return Err(io::Error::other("not a file of compiled code"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0));
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes the oldest files away until there is room for one more.
fn prune(dir: &Path, most_files: usize, most_bytes: u64) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let found = entry.metadata()?;
        files.push((found.modified()?, found.len(), entry.path()));
    }
    files.sort();
    let mut bytes: u64 = files.iter().map(|(_, len, _)| len).sum();
    let mut left = files.len();
    for (_, len, path) in files {
        if left < most_files && bytes < most_bytes {
            break;
        }
        fs::remove_file(path)?;
        left -= 1;
        bytes -= len;
    }
    Ok(())
}

/// Writes beside, then renames: nobody ever reads half a file.
fn write(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut nonce = [0; 8];
    getrandom::fill(&mut nonce).map_err(io::Error::other)?;
    let beside = path.with_extension(format!("{:016x}.part", u64::from_ne_bytes(nonce)));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    let written = parts.iter().try_for_each(|part| file.write_all(part));
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

#[cfg(test)]
mod tests;

//! How much may still be written under a folder.
//!
//! What lies there is counted by walking it; from then on every byte that is
//! about to be written is added, whether it grows a file or not. The sum can
//! only be too high. When it reaches the quota, the folder is walked again.
//! Files that were removed while a call has them open are no longer found by
//! walking and still take room: they are counted by their handles.
//!
//! **Invariant:** nothing is written that was not taken from the ledger first.

mod open_files;

use std::{
    fs, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use cap_std::fs::Dir;

use open_files::OpenFiles;

/// Deepest folder that is walked. Answers "folders in folders that take every
/// descriptor the host has": one is open on each level. Where one lies deeper,
/// nothing more is written: what is below it would count for nothing.
const DEPTH: usize = 64;

/// A folder is walked again only when so much was written since, or something
/// was removed, or after this time. Answers "a guest at its quota that has the
/// host walk all day".
const WALK_AFTER_BYTES: u64 = 1 << 20;
const WALK_AFTER_INODES: u64 = 64;
const WALK_AFTER: Duration = Duration::from_secs(1);

/// No more can be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// One folder's quota, shared by all calls of its plugin.
pub(super) struct Ledger {
    folder: Arc<Dir>,
    bytes: u64,
    inodes: u64,
    tally: Mutex<Tally>,
    /// Taken for writes that may not have reached the folder yet.
    pending: AtomicU64,
    /// Files that calls have open, or had.
    open: Arc<OpenFiles>,
    walk: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Tally {
    used: Use,
    since: Use,
    shrunk: bool,
    walked: Option<Instant>,
}

/// Bytes and inodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Use {
    bytes: u64,
    inodes: u64,
}

/// Bytes that were taken and may still be on their way.
pub(super) struct Pending {
    ledger: Arc<Ledger>,
    bytes: u64,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.ledger.pending.fetch_sub(self.bytes, Relaxed);
    }
}

impl Ledger {
    pub(super) fn new(folder: Dir, bytes: u64, inodes: u64) -> Self {
        let (tally, pending, open, walk) = Default::default();
        Self { folder: Arc::new(folder), bytes, inodes, tally, pending, open, walk }
    }

    /// Remembers a file that was opened under the folder, for as long as it is open.
    pub(super) fn opened(&self, file: &Arc<fs::File>) {
        self.open.add(file);
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that can be taken without another walk; none before the first.
    pub(super) fn room(&self) -> u64 {
        let tally = self.tally();
        if tally.walked.is_none() { 0 } else { self.bytes.saturating_sub(tally.used.bytes) }
    }

    /// Takes bytes and inodes, as far as is known without a walk.
    pub(super) fn try_take(&self, bytes: u64, inodes: u64) -> Result<(), Full> {
        let mut tally = self.tally();
        let used = tally.used.plus(bytes, inodes);
        if tally.walked.is_none() || used.bytes > self.bytes || used.inodes > self.inodes {
            return Err(Full);
        }
        tally.used = used;
        tally.since = tally.since.plus(bytes, inodes);
        Ok(())
    }

    /// Takes bytes and inodes, after a walk if need be.
    pub(super) async fn take(&self, bytes: u64, inodes: u64) -> Result<(), Full> {
        if self.try_take(bytes, inodes).is_ok() {
            return Ok(());
        }
        self.walk_again().await;
        self.try_take(bytes, inodes)
    }

    /// Takes bytes for one write, after a walk if need be. Until what is
    /// returned is dropped, a walk that does not see the write counts it.
    pub(super) async fn reserve(self: &Arc<Self>, bytes: u64) -> Result<Pending, Full> {
        if let Ok(pending) = self.try_reserve(bytes) {
            return Ok(pending);
        }
        self.walk_again().await;
        self.try_reserve(bytes)
    }

    /// The same, as far as is known without a walk. Bytes are on their way
    /// before they are taken, so that no walk falls in between.
    pub(super) fn try_reserve(self: &Arc<Self>, bytes: u64) -> Result<Pending, Full> {
        self.pending.fetch_add(bytes, Relaxed);
        let pending = Pending { ledger: Arc::clone(self), bytes };
        self.try_take(bytes, 0).map(|()| pending)
    }

    /// Bytes that may still be on their way.
    #[cfg(test)]
    pub(super) fn on_their_way(&self) -> u64 {
        self.pending.load(Relaxed)
    }

    /// Something was removed or cut: a walk may find room.
    pub(super) fn shrunk(&self) {
        self.tally().shrunk = true;
    }

    /// Walks the folder, if that may tell anything new.
    pub(super) async fn walk_again(&self) {
        let _one_at_a_time = self.walk.lock().await;
        if !self.tally().is_worth_a_walk() {
            return;
        }
        let (folder, most) = (Arc::clone(&self.folder), self.inodes.saturating_add(1));
        let open = Arc::clone(&self.open);
        self.tally().since = Use::default();
        let count = move || Ok::<_, io::Error>(walk(&folder, most)?.and(open.removed()?));
        let found = match tokio::task::spawn_blocking(count).await.map_err(io::Error::other).flatten() {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "a plugin's folder cannot be counted; nothing more is written there");
                return;
            }
        };
        let mut tally = self.tally();
        // What was taken while walking may or may not have been seen.
        let meanwhile = tally.since;
        let on_their_way = self.pending.load(Relaxed);
        tally.used = found.plus(meanwhile.bytes.saturating_add(on_their_way), meanwhile.inodes);
        tally.walked = Some(Instant::now());
        tally.shrunk = false;
    }
}

impl Tally {
    fn is_worth_a_walk(&self) -> bool {
        let Some(walked) = self.walked else { return true };
        self.shrunk
            || self.since.bytes >= WALK_AFTER_BYTES
            || self.since.inodes >= WALK_AFTER_INODES
            || walked.elapsed() >= WALK_AFTER
    }
}

impl Use {
    const fn plus(self, bytes: u64, inodes: u64) -> Self {
        Self { bytes: self.bytes.saturating_add(bytes), inodes: self.inodes.saturating_add(inodes) }
    }

    const fn and(self, other: Self) -> Self {
        self.plus(other.bytes, other.inodes)
    }
}

/// Counts what lies under `folder`, up to `most` inodes. Links count as
/// themselves and are not followed.
fn walk(folder: &Dir, most: u64) -> io::Result<Use> {
    let mut found = Use::default();
    let mut open = vec![folder.entries()?];
    while let Some(entries) = open.last_mut() {
        let Some(entry) = entries.next() else {
            open.pop();
            continue;
        };
        let entry = entry?;
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        found = found.plus(metadata.len(), 1);
        if found.inodes >= most {
            break;
        }
        if metadata.is_dir() {
            if open.len() >= DEPTH {
                return Err(io::Error::other(format!("it is more than {DEPTH} folders deep")));
            }
            open.push(entry.open_dir()?.entries()?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;

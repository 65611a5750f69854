//! How much may still be written under a folder.
//!
//! What lies there is counted by walking it; from then on every byte that is
//! about to be written is added, whether it grows a file or not. The sum can
//! only be too high. When it reaches the quota, the folder is walked again.
//!
//! **Invariant:** nothing is written that was not taken from the ledger first.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use cap_std::fs::Dir;

/// Deepest folder that is walked. Answers "folders in folders that take every
/// descriptor the host has": one is open on each level.
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
        let (tally, pending, walk) = Default::default();
        Self { folder: Arc::new(folder), bytes, inodes, tally, pending, walk }
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

    /// Remembers bytes that were taken for a write that goes on by itself.
    pub(super) fn pending(self: &Arc<Self>, bytes: u64) -> Pending {
        self.pending.fetch_add(bytes, Relaxed);
        Pending { ledger: Arc::clone(self), bytes }
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
        self.tally().since = Use::default();
        let found = tokio::task::spawn_blocking(move || walk(&folder, most)).await;
        let Ok(Ok(found)) = found else {
            tracing::warn!("a plugin's folder cannot be counted; nothing more is written there");
            return;
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
        if metadata.is_dir() && open.len() < DEPTH {
            open.push(entry.open_dir()?.entries()?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn ledger(folder: &std::path::Path, bytes: u64, inodes: u64) -> Arc<Ledger> {
        let folder = Dir::open_ambient_dir(folder, cap_std::ambient_authority()).unwrap();
        Arc::new(Ledger::new(folder, bytes, inodes))
    }

    #[tokio::test]
    async fn what_lies_there_counts_also_in_folders_and_a_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("sub/file"), [0; 1000]).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/", dir.path().join("link")).unwrap();
        let folders = fs::metadata(dir.path().join("sub")).unwrap().len();
        let ledger = ledger(dir.path(), 3000 + folders, 10);
        assert_eq!(ledger.try_take(1, 0), Err(Full), "nothing is taken before the first walk");
        assert_eq!(ledger.take(1900, 1).await, Ok(()));
        assert_eq!(ledger.take(200, 0).await, Err(Full));
    }

    #[tokio::test]
    async fn a_file_that_is_gone_gives_its_room_back() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), [0; 1000]).unwrap();
        let ledger = ledger(dir.path(), 1000, 10);
        assert_eq!(ledger.take(1, 0).await, Err(Full));
        fs::remove_file(dir.path().join("file")).unwrap();
        assert_eq!(ledger.take(1000, 0).await, Err(Full), "nobody said that anything is gone");
        ledger.shrunk();
        assert_eq!(ledger.take(1000, 1).await, Ok(()));
    }

    #[tokio::test]
    async fn a_write_on_its_way_is_counted_by_a_walk_that_does_not_see_it() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = ledger(dir.path(), 1000, 10);
        assert_eq!(ledger.take(600, 0).await, Ok(()));
        let pending = ledger.pending(600);
        ledger.shrunk();
        assert_eq!(ledger.take(600, 0).await, Err(Full));
        drop(pending);
        ledger.shrunk();
        assert_eq!(ledger.take(600, 0).await, Ok(()));
    }

    #[tokio::test]
    async fn inodes_are_limited_too() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = ledger(dir.path(), 1000, 2);
        assert_eq!(ledger.take(0, 2).await, Ok(()));
        assert_eq!(ledger.take(0, 1).await, Err(Full));
    }
}

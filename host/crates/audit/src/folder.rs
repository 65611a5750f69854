//! The folder of a record: whose it is, who writes, which files are in it.

use std::{
    fmt,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use crate::{AuditError, ENTRY_BYTES};

/// Read and write for the owner alone.
pub(crate) const OWNER: u32 = 0o600;
const OWNER_FOLDER: u32 = 0o700;
const OTHERS_WRITE: u32 = 0o022;

/// The newest checkpoint, for a start to look at.
const NEWEST: &str = "checkpoint";
const LOCK: &str = "lock";
const ENDING: &str = ".jsonl";
/// Digits of a segment's name, so that names sort.
const DIGITS: usize = 20;

/// Digits of a process's number, and more.
const HOLDER_BYTES: u64 = 16;

/// Longest line that is looked at as one. Answers "a line without end"; no line
/// of the record is as long.
const LINE_BYTES: u64 = ENTRY_BYTES.get() + (64 << 10);

/// A segment, by the number of its first record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SegmentName(pub(crate) u64);

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$}{ENDING}", self.0)
    }
}

impl SegmentName {
    fn parse(name: &str) -> Option<Self> {
        let digits = name.strip_suffix(ENDING).filter(|digits| digits.len() == DIGITS)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok().map(Self))?
    }

    pub(crate) fn path(self, folder: &Path) -> PathBuf {
        folder.join(self.to_string())
    }

    /// Where what was cut off behind `length` bytes of this segment is kept.
    pub(crate) fn cut_path(self, folder: &Path, length: u64) -> PathBuf {
        folder.join(format!("{:0DIGITS$}.{length}.cut", self.0))
    }
}

/// The folder, and the right to write into it.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    lock: File,
}

impl Drop for Folder {
    /// A process that is being started may hold the file open for a moment
    /// longer, and with it a lock that is not given up.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

impl Folder {
    /// Takes the folder, for nobody else to write into.
    pub(crate) fn take(path: &Path) -> Result<Self, AuditError> {
        DirBuilder::new().recursive(true).mode(OWNER_FOLDER).create(path).map_err(AuditError::file(path))?;
        check_owner(path)?;
        let lock_path = path.join(LOCK);
        let opened = opening().read(true).write(true).create(true).truncate(false).open(&lock_path);
        let mut lock = opened.map_err(AuditError::file(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = lock.take(HOLDER_BYTES).read_to_string(&mut holder);
                return Err(AuditError::Locked { folder: path.into(), holder: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(AuditError::File { path: lock_path, source }),
        }
        let said = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
        said.map_err(AuditError::file(lock_path))?;
        Ok(Self { path: path.into(), lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes what was created and removed in the folder durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

/// Where the newest checkpoint of the record in `folder` is.
pub(crate) fn newest(folder: &Path) -> PathBuf {
    folder.join(NEWEST)
}

/// Whether somebody writes into the folder now.
pub(crate) fn is_written(folder: &Path) -> bool {
    let lock = opening().read(true).open(folder.join(LOCK));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// A record belongs to its server alone.
pub(crate) fn check_owner(folder: &Path) -> Result<(), AuditError> {
    let metadata = fs::symlink_metadata(folder).map_err(AuditError::file(folder))?;
    let exposed = |what| Err(AuditError::Exposed { folder: folder.into(), what });
    if !metadata.is_dir() {
        return exposed("it is no folder of its own");
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return exposed("it belongs to another user");
    }
    if metadata.mode() & OTHERS_WRITE != 0 {
        return exposed("others may write into it");
    }
    Ok(())
}

/// How every file of a record is opened: for its owner, through no link.
pub(crate) fn opening() -> OpenOptions {
    let mut options = OpenOptions::new();
    // The flag has one bit, which fits every integer.
    options.mode(OWNER).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    options
}

/// The segments in a folder, the oldest first.
pub(crate) fn segments(folder: &Path) -> Result<Vec<SegmentName>, AuditError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(AuditError::file(folder))? {
        let name = entry.map_err(AuditError::file(folder))?.file_name();
        found.extend(name.to_str().and_then(SegmentName::parse));
    }
    found.sort_unstable();
    Ok(found)
}

/// The lines of a file, one at a time in the same memory.
pub(crate) struct Lines<R> {
    from: R,
    line: Vec<u8>,
}

impl Lines<BufReader<File>> {
    pub(crate) fn open(path: &Path) -> Result<Self, AuditError> {
        let file = opening().read(true).open(path).map_err(AuditError::file(path))?;
        Ok(Self::new(BufReader::with_capacity(64 << 10, file)))
    }
}

/// A line without its line feed.
pub(crate) struct Line<'a> {
    pub(crate) bytes: &'a [u8],
    /// How many bytes it takes in the file.
    pub(crate) length: u64,
    /// Whether there is a line feed.
    pub(crate) complete: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) const fn new(from: R) -> Self {
        Self { from, line: Vec::new() }
    }

    /// The next line. Of one that is too long to be ours, only the beginning.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut length = (&mut self.from).take(LINE_BYTES).read_until(b'\n', &mut self.line)? as u64;
        if length == 0 {
            return Ok(None);
        }
        let mut complete = self.line.pop_if(|byte| *byte == b'\n').is_some();
        if !complete && length == LINE_BYTES {
            let rest = self.from.skip_until(b'\n')? as u64;
            length += rest;
            complete = rest > 0;
        }
        Ok(Some(Line { bytes: &self.line, length, complete }))
    }
}

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
};

use crate::folder::{Folder, SegmentName, opening};

/// The segment that is written.
///
/// **Invariant:** behind `length` bytes, which are whole writes on disk, there
/// is nothing, or what a failed write left; nothing is written behind that.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) name: SegmentName,
    path: PathBuf,
    file: File,
    length: u64,
    /// The day on which it was begun, since 1970.
    pub(crate) day: u64,
}

impl Segment {
    /// A new segment that holds `bytes`, on disk. If that fails, there is none.
    pub(crate) fn create(folder: &Folder, name: SegmentName, day: u64, bytes: &[u8]) -> io::Result<Self> {
        let path = name.path(folder.path());
        let file = opening().append(true).create_new(true).open(&path)?;
        let mut segment = Self { name, path, file, length: 0, day };
        let written = segment.file.write_all(bytes).and_then(|()| segment.file.sync_all()).and_then(|()| folder.sync());
        if let Err(error) = written {
            let _ = fs::remove_file(&segment.path);
            return Err(error);
        }
        segment.length = bytes.len() as u64;
        Ok(segment)
    }

    /// A segment that exists, of which the first `length` bytes count. What
    /// stands behind them is cut off.
    pub(crate) fn open(name: SegmentName, path: PathBuf, day: u64, length: u64) -> io::Result<Self> {
        let file = opening().append(true).open(&path)?;
        let segment = Self { name, path, file, length, day };
        segment.reset()?;
        Ok(segment)
    }

    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// Writes `bytes` in one piece and returns once they are on disk.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.found()? != self.length {
            return Err(io::Error::other("somebody else wrote into the record"));
        }
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // What it left is in nobody's way until the next try.
            let _ = self.reset();
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Cuts off what a failed write left.
    pub(crate) fn reset(&self) -> io::Result<()> {
        match self.found()? {
            found if found < self.length => Err(io::Error::other("the record was cut while it was written")),
            found if found > self.length => self.file.set_len(self.length).and_then(|()| self.file.sync_data()),
            _ => Ok(()),
        }
    }

    /// The length of the file as it is.
    fn found(&self) -> io::Result<u64> {
        let metadata = self.file.metadata()?;
        if metadata.nlink() == 0 {
            return Err(io::Error::other("the record was removed while it was written"));
        }
        Ok(metadata.len())
    }
}

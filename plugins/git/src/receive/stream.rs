//! The first pass: a pack as it comes, written down, checked and counted.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Read, Write as _};

use super::Received;
use crate::error::{GitError, Result};
use crate::inflate::Inflater;
use crate::limits::{MAX_OBJECT_BYTES, MAX_OBJECTS, MAX_PACK_BYTES, MAX_UNFOLDED_BYTES};
use crate::oid::{Hasher, OID_BYTES, Oid};
use crate::store::delta::{self, too_large};
use crate::store::entry::{Form, Head};
use crate::watch::Stretch;

const BUFFER_BYTES: usize = 64 * 1024;

/// A pack that has come whole.
pub(super) struct Pack {
    /// By offset.
    pub(super) objects: Vec<Received>,
    /// Deltas that name their base by its offset: the places of both in `objects`.
    pub(super) by_place: Vec<(u32, u32)>,
    /// Deltas that name their base by its id.
    pub(super) by_id: Vec<(Oid, u32)>,
    /// Bytes of all objects, unfolded, as they say themselves.
    unfolded: u64,
    pub(super) checksum: Oid,
}

/// Bytes that go to the file, the checksum and the reader at once.
pub(super) struct Stream<R> {
    source: R,
    file: BufWriter<File>,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    hasher: Hasher,
    crc: u32,
    offset: u64,
    broken: Option<io::Error>,
}

impl<R: Read> Stream<R> {
    pub(super) fn new(source: R, file: File) -> Self {
        Self {
            source,
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            buffer: vec![0; BUFFER_BYTES],
            at: 0,
            filled: 0,
            hasher: Hasher::new(),
            crc: 0,
            offset: 0,
            broken: None,
        }
    }

    /// Reads all objects, and the checksum behind them.
    pub(super) fn objects(mut self, stretch: Stretch<'_>) -> Result<Pack> {
        let count = self.count()?;
        let mut inflater = Inflater::new();
        let objects = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        let mut pack = Pack { objects, by_place: Vec::new(), by_id: Vec::new(), unfolded: 0, checksum: Oid::default() };
        for place in 0..count {
            stretch.step(place, count)?;
            self.object(place, &mut pack, &mut inflater)?;
        }
        pack.checksum = self.finish()?;
        Ok(pack)
    }

    /// Reads the head of the pack: how many objects follow.
    fn count(&mut self) -> Result<u32> {
        let mut head = [0; 12];
        self.read_exact(&mut head).map_err(|error| cut_off(&error))?;
        let number = |at: usize| head[at..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        if head[..4] != *b"PACK" || number(4) != 2 {
            return Err(GitError::failed("the server sent something else than a pack of version 2"));
        }
        match number(8) {
            count if count > MAX_OBJECTS => Err(GitError::failed(format!(
                "the pack has {count} objects; at most {MAX_OBJECTS} are taken. Try `depth`, or one branch"
            ))),
            count => Ok(count),
        }
    }

    fn object(&mut self, place: u32, pack: &mut Pack, inflater: &mut Inflater) -> Result<()> {
        let offset = self.offset;
        self.crc = 0;
        let head = Head::read(self, offset)?;
        let size = usize::try_from(head.size).unwrap_or(usize::MAX);
        if size > MAX_OBJECT_BYTES {
            return Err(too_large(size));
        }
        let (mut id, mut kind) = (None, None);
        match head.form {
            Form::Whole(whole) => {
                let mut hasher = Hasher::object(whole, size);
                inflater.parts(self, head.size, |part| hasher.update(part))?;
                (id, kind) = (Some(hasher.finish()?), Some(whole));
                pack.unfolded += head.size;
            }
            Form::DeltaAt(base) => pack.add_delta_at(base, place)?,
            Form::DeltaOf(base) => pack.by_id.push((base, place)),
        }
        if kind.is_none() {
            let mut sizes = Vec::with_capacity(delta::SIZES_BYTES);
            let missing = |sizes: &Vec<u8>| delta::SIZES_BYTES - sizes.len();
            inflater.parts(self, head.size, |part| sizes.extend(part.iter().take(missing(&sizes))))?;
            pack.unfolded += delta::result_size(&sizes)?;
        }
        pack.objects.push(Received { offset, checksum: self.crc, id, kind });
        check_unfolded(pack.unfolded)
    }

    /// Compares the checksum that ends a pack with the bytes before it.
    fn finish(mut self) -> Result<Oid> {
        let sum = std::mem::replace(&mut self.hasher, Hasher::new()).finish()?;
        let mut said = [0; OID_BYTES];
        self.read_exact(&mut said).map_err(|error| cut_off(&error))?;
        if said != *sum.bytes() {
            return Err(GitError::failed("the pack was damaged on its way: its checksum is another"));
        }
        if !self.fill_buf().map_err(|error| cut_off(&error))?.is_empty() {
            return Err(GitError::failed("the server sends more than its pack"));
        }
        self.file.flush().map_err(|error| GitError::io("the pack", &error))?;
        Ok(sum)
    }
}

impl Pack {
    /// The object at `place` is a delta of the one that begins at `offset`.
    fn add_delta_at(&mut self, offset: u64, place: u32) -> Result<()> {
        let base = self.objects.binary_search_by_key(&offset, |object| object.offset).ok();
        let base = base.and_then(|base| u32::try_from(base).ok());
        let base = base.ok_or_else(|| GitError::failed("a delta of the pack stands on nothing"))?;
        self.by_place.push((base, place));
        Ok(())
    }
}

/// Whether a pack unfolds to more than is taken.
fn check_unfolded(bytes: u64) -> Result<()> {
    if bytes <= MAX_UNFOLDED_BYTES {
        return Ok(());
    }
    Err(GitError::failed(format!(
        "the pack unfolds to more than {} MiB; try `depth`, or one branch",
        MAX_UNFOLDED_BYTES / (1024 * 1024)
    )))
}

fn cut_off(error: &io::Error) -> GitError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => GitError::failed("the pack was cut off"),
        io::ErrorKind::QuotaExceeded | io::ErrorKind::StorageFull => GitError::io("the pack", error),
        _ => GitError::failed(error.to_string()),
    }
}

impl<R: Read> BufRead for Stream<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        if self.at == self.filled {
            self.at = 0;
            self.filled = self.source.read(&mut self.buffer)?;
        }
        Ok(&self.buffer[self.at..self.filled])
    }

    fn consume(&mut self, amount: usize) {
        let taken = &self.buffer[self.at..self.at + amount];
        self.hasher.update(taken);
        self.crc = zlib_rs::crc32::crc32(self.crc, taken);
        let written = self.file.write_all(taken);
        self.at += amount;
        self.offset += u64::try_from(amount).unwrap_or(u64::MAX);
        if let Err(error) = written {
            self.broken = Some(error);
        } else if self.offset > MAX_PACK_BYTES {
            let most = MAX_PACK_BYTES / (1024 * 1024);
            self.broken =
                Some(io::Error::other(format!("the pack has more than {most} MiB; try `depth`, or one branch")));
        }
    }
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let amount = available.len().min(out.len());
        out[..amount].copy_from_slice(&available[..amount]);
        self.consume(amount);
        Ok(amount)
    }
}

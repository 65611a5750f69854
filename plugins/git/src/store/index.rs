//! Where in a pack an object stands: git's index of version 2, read in place.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use crate::error::{GitError, Result};
use crate::oid::{OID_BYTES, Oid};

/// The first eight bytes of an index.
pub(crate) const MAGIC: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];
/// Where the names begin: behind the magic and 256 counts.
const NAMES_AT: u64 = 8 + 256 * 4;
/// What an object takes: its name, a checksum and an offset.
const BYTES_PER_OBJECT: u64 = 20 + 4 + 4;
/// Most bytes of names that are kept at once.
const MAX_KEPT_BYTES: usize = 4 * 1024 * 1024;

/// The index of one pack.
pub(crate) struct Index {
    file: File,
    /// How many names begin with this byte or a lower one.
    counts: Vec<u32>,
    kept: HashMap<u8, Rc<Vec<u8>>>,
    kept_bytes: usize,
}

impl Index {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let wrong = || GitError::failed("the index of a pack is damaged, or of a version that is not read");
        let mut file = File::open(path).map_err(|_| wrong())?;
        let mut head = [0; 8 + 256 * 4];
        file.read_exact(&mut head).map_err(|_| wrong())?;
        let counts: Vec<u32> = head[8..].chunks_exact(4).map(be32).collect();
        let total = u64::from(counts[255]);
        let length = file.metadata().map_err(|_| wrong())?.len();
        if head[..8] != MAGIC || !counts.is_sorted() || length < NAMES_AT + total * BYTES_PER_OBJECT {
            return Err(wrong());
        }
        Ok(Self { file, counts, kept: HashMap::new(), kept_bytes: 0 })
    }

    /// The offset of `id` in the pack.
    pub(crate) fn find(&mut self, id: &Oid) -> Result<Option<u64>> {
        let first = id.bytes()[0];
        let names = self.names(first)?;
        let (names, _) = names.as_chunks::<OID_BYTES>();
        match names.binary_search(id.bytes()) {
            Ok(at) => self.offset(u64::from(self.start(first)) + u64::try_from(at).unwrap_or(u64::MAX)).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Every name that begins with the hex digits of `prefix`, two at least.
    pub(crate) fn beginning(&mut self, prefix: &str) -> Result<Vec<Oid>> {
        let Ok(first) = u8::from_str_radix(&prefix[..2], 16) else { return Ok(Vec::new()) };
        let names = self.names(first)?;
        let names = names.chunks_exact(OID_BYTES).filter_map(Oid::read);
        Ok(names.filter(|id| id.to_string().starts_with(prefix)).collect())
    }

    fn start(&self, first: u8) -> u32 {
        first.checked_sub(1).map_or(0, |before| self.counts[usize::from(before)])
    }

    /// All names that begin with the byte `first`, in order.
    fn names(&mut self, first: u8) -> Result<Rc<Vec<u8>>> {
        if let Some(names) = self.kept.get(&first) {
            return Ok(Rc::clone(names));
        }
        let start = self.start(first);
        let count = usize::try_from(self.counts[usize::from(first)] - start).map_err(|_| cut_off())?;
        let mut names = vec![0; count * OID_BYTES];
        self.read_at(NAMES_AT + u64::from(start) * 20, &mut names)?;
        if self.kept_bytes + names.len() > MAX_KEPT_BYTES {
            self.kept.clear();
            self.kept_bytes = 0;
        }
        self.kept_bytes += names.len();
        let names = Rc::new(names);
        self.kept.insert(first, Rc::clone(&names));
        Ok(names)
    }

    fn offset(&mut self, position: u64) -> Result<u64> {
        let total = u64::from(self.counts[255]);
        let short = self.number(NAMES_AT + total * 24 + position * 4)?;
        if short & 0x8000_0000 == 0 {
            return Ok(u64::from(short));
        }
        let mut long = [0; 8];
        self.read_at(NAMES_AT + total * BYTES_PER_OBJECT + u64::from(short & 0x7fff_ffff) * 8, &mut long)?;
        Ok(u64::from_be_bytes(long))
    }

    fn number(&mut self, at: u64) -> Result<u32> {
        let mut bytes = [0; 4];
        self.read_at(at, &mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn read_at(&mut self, at: u64, out: &mut [u8]) -> Result<()> {
        self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.read_exact(out)).map_err(|_| cut_off())
    }
}

fn be32(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

fn cut_off() -> GitError {
    GitError::failed("the index of a pack is cut off")
}

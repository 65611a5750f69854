//! The index of a pack that was taken: git's version 2.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::Received;
use super::stream::Pack;
use crate::error::{GitError, Result};
use crate::oid::Hasher;
use crate::store::index::MAGIC;

/// Writes the index at `path`.
pub(super) fn write(pack: &mut Pack, path: &Path) -> Result<()> {
    let told = |error: std::io::Error| GitError::io("the index of the pack", &error);
    // Nothing looks for an object by its offset any more.
    pack.objects.sort_unstable_by_key(|object| object.id);
    // Of two, one can be a delta of the other: whoever read it would go round.
    if pack.objects.windows(2).any(|pair| pair[0].id == pair[1].id) {
        return Err(GitError::failed("the pack holds one object twice"));
    }
    let mut file = Hashed { file: BufWriter::new(File::create_new(path).map_err(told)?), hasher: Hasher::new() };
    let written = body(&mut file, &pack.objects).and_then(|()| file.write(pack.checksum.bytes()));
    written.map_err(told)?;
    let Hashed { mut file, hasher } = file;
    file.write_all(hasher.finish()?.bytes()).and_then(|()| file.flush()).map_err(told)
}

/// All objects have their ids.
fn body(file: &mut Hashed, objects: &[Received]) -> std::io::Result<()> {
    let ids = || objects.iter().filter_map(|object| object.id);
    file.write(&MAGIC)?;
    let mut counts = [0_u32; 256];
    for id in ids() {
        counts[usize::from(id.bytes()[0])] += 1;
    }
    let mut below = 0;
    for count in counts {
        below += count;
        file.number(below)?;
    }
    for id in ids() {
        file.write(id.bytes())?;
    }
    for object in objects {
        file.number(object.checksum)?;
    }
    for object in objects {
        // A pack that is taken is smaller than where larger offsets begin.
        file.number(u32::try_from(object.offset).unwrap_or(u32::MAX))?;
    }
    Ok(())
}

struct Hashed {
    file: BufWriter<File>,
    hasher: Hasher,
}

impl Hashed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes)
    }

    fn number(&mut self, number: u32) -> std::io::Result<()> {
        self.write(&number.to_be_bytes())
    }
}

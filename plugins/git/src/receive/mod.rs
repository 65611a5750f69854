//! Taking a pack: every byte is bounded, every object is unfolded and named,
//! and an index is written, before anything reads it.

mod index;
mod stream;
mod unfold;

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;

use crate::error::{GitError, Result};
use crate::object::Kind;
use crate::oid::Oid;
use crate::watch::{Stretch, Watch};
use stream::Stream;

/// What is kept of each object until the index is written.
#[derive(Clone, Copy, Debug)]
struct Received {
    offset: u64,
    checksum: u32,
    /// Known once it is unfolded.
    id: Option<Oid>,
    /// None of a delta.
    kind: Option<Kind>,
}

/// The name of a pack that is not whole yet.
const UNFINISHED: &str = "unfinished.pack";

/// Takes a pack from `source` into the folder `packs`, and gives the number of
/// its objects.
///
/// # Errors
/// It breaks a limit, is damaged, is cut off, or holds deltas of what is not in it.
pub(crate) fn receive(source: impl Read, packs: &Path, watch: &dyn Watch) -> Result<usize> {
    let told = |error: std::io::Error| GitError::io("the pack", &error);
    let unfinished = packs.join(UNFINISHED);
    let file = File::create_new(&unfinished).map_err(told)?;
    let mut pack = Stream::new(source, file).objects(Stretch::new(watch, "receiving objects", 0.0, 0.5))?;
    let file = BufReader::new(File::open(&unfinished).map_err(told)?);
    unfold::all(&mut pack, file, Stretch::new(watch, "unfolding deltas", 0.5, 0.8))?;
    let name = format!("pack-{}", pack.checksum);
    index::write(&mut pack, &packs.join(&name).with_extension("idx"))?;
    fs::rename(&unfinished, packs.join(&name).with_extension("pack")).map_err(told)?;
    Ok(pack.objects.len())
}

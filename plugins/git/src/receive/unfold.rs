//! The second pass: every delta becomes an object, and gets its name.
//!
//! Each delta is applied once. Of the deltas of one base, the one that most
//! others stand on comes last, and takes the base with it: so at any time no
//! more bases wait than the logarithm of the number of deltas.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Seek as _, SeekFrom};
use std::rc::Rc;

use super::stream::Pack;
use crate::error::{GitError, Result};
use crate::inflate::Inflater;
use crate::limits::{MAX_CHAIN, MAX_HELD_BYTES};
use crate::object::Kind;
use crate::oid::Oid;
use crate::store::delta;
use crate::store::entry::Head;
use crate::watch::Stretch;

/// An object whose deltas are still to be unfolded.
struct Base {
    kind: Kind,
    data: Rc<Vec<u8>>,
    /// The heaviest first: it is taken last.
    deltas: Vec<u32>,
    depth: usize,
}

struct Unfolder<'p> {
    /// With its deltas sorted by what they stand on.
    pack: &'p mut Pack,
    /// How many objects stand on each, itself included.
    weights: Vec<u32>,
    /// Bases whose deltas by id are taken.
    asked: HashSet<Oid>,
    file: BufReader<File>,
    inflater: Inflater,
    done: u32,
}

/// Unfolds every delta of `pack`, which stands in `file`.
pub(super) fn all(pack: &mut Pack, file: BufReader<File>, stretch: Stretch<'_>) -> Result<()> {
    let weights = weights(pack);
    pack.by_place.sort_unstable();
    pack.by_id.sort_unstable();
    let total = u32::try_from(pack.by_place.len() + pack.by_id.len()).unwrap_or(u32::MAX);
    let count = u32::try_from(pack.objects.len()).unwrap_or(u32::MAX);
    let mut unfolder = Unfolder { pack, weights, asked: HashSet::new(), file, inflater: Inflater::new(), done: 0 };
    for place in 0..count {
        if let Some(kind) = unfolder.pack.objects[index(place)].kind {
            unfolder.descendants(place, kind, total, stretch)?;
        }
    }
    if unfolder.done < total {
        return Err(GitError::failed("the pack holds deltas of objects that are not in it"));
    }
    Ok(())
}

/// A base stands before its deltas, so from the end every weight is whole when
/// it is added.
fn weights(pack: &Pack) -> Vec<u32> {
    let mut weights = vec![1; pack.objects.len()];
    for (base, place) in pack.by_place.iter().rev() {
        let weight = weights[index(*place)];
        weights[index(*base)] += weight;
    }
    weights
}

impl Unfolder<'_> {
    /// Unfolds what stands on the whole object at `place`.
    fn descendants(&mut self, place: u32, kind: Kind, total: u32, stretch: Stretch<'_>) -> Result<()> {
        let deltas = self.deltas_of(place);
        if deltas.is_empty() {
            return Ok(());
        }
        let data = Rc::new(self.inflate(place)?);
        let mut waiting = vec![Base { kind, data, deltas, depth: 0 }];
        while let Some(base) = waiting.last_mut() {
            let Some(delta) = base.deltas.pop() else {
                waiting.pop();
                continue;
            };
            let (kind, data, depth) = (base.kind, Rc::clone(&base.data), base.depth + 1);
            if base.deltas.is_empty() {
                waiting.pop();
            }
            stretch.step(self.done, total)?;
            if depth > MAX_CHAIN {
                return Err(GitError::failed(format!("a chain of deltas is longer than {MAX_CHAIN}")));
            }
            let data = self.unfold(delta, kind, data)?;
            let deltas = self.deltas_of(delta);
            if !deltas.is_empty() {
                waiting.push(Base { kind, data: Rc::new(data), deltas, depth });
                check_held(&waiting)?;
            }
        }
        Ok(())
    }

    /// Makes an object of a delta and its base, and names it.
    fn unfold(&mut self, place: u32, kind: Kind, base: Rc<Vec<u8>>) -> Result<Vec<u8>> {
        let delta = self.inflate(place)?;
        let data = delta::apply(&base, &delta)?;
        self.pack.objects[index(place)].id = Some(Oid::of(kind, &data)?);
        self.done += 1;
        Ok(data)
    }

    /// The deltas that stand on the object at `place`, the heaviest first. Of
    /// objects that are the same, one is asked for those that name it by its id.
    fn deltas_of(&mut self, place: u32) -> Vec<u32> {
        let Some(id) = self.pack.objects[index(place)].id else { return Vec::new() };
        let Pack { by_place, by_id, .. } = &*self.pack;
        let start = by_place.partition_point(|(base, _)| *base < place);
        let here = by_place[start..].iter().take_while(|(base, _)| *base == place);
        let mut deltas: Vec<u32> = here.map(|(_, delta)| *delta).collect();
        let start = by_id.partition_point(|(base, _)| *base < id);
        if by_id.get(start).is_some_and(|(base, _)| *base == id) && self.asked.insert(id) {
            let named = by_id[start..].iter().take_while(|(base, _)| *base == id);
            deltas.extend(named.map(|(_, delta)| *delta));
        }
        deltas.sort_unstable_by_key(|delta| std::cmp::Reverse(self.weights[index(*delta)]));
        deltas
    }

    fn inflate(&mut self, place: u32) -> Result<Vec<u8>> {
        let offset = self.pack.objects[index(place)].offset;
        self.file.seek(SeekFrom::Start(offset)).map_err(|error| GitError::io("the pack", &error))?;
        let head = Head::read(&mut self.file, offset)?;
        self.inflater.whole(&mut self.file, usize::try_from(head.size).unwrap_or(usize::MAX))
    }
}

fn check_held(waiting: &[Base]) -> Result<()> {
    let held: usize = waiting.iter().map(|base| base.data.len()).sum();
    if held > MAX_HELD_BYTES {
        return Err(GitError::failed("the pack needs more large objects at once than are held; try `depth`"));
    }
    Ok(())
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

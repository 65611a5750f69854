//! The tree over the record's lines, hashed as RFC 9162 section 2.1 says (and
//! RFC 6962 before it). A line's sequence number is its place in the tree.

use sha2::{Digest as _, Sha256};

/// A node of the tree.
pub(crate) type Hash = [u8; 32];

/// Keeps a leaf from being taken for an inner node.
const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// The leaf that a line is, without its line feed.
pub(crate) fn leaf(line: &[u8]) -> Hash {
    Sha256::new_with_prefix(LEAF).chain_update(line).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix(NODE).chain_update(left).chain_update(right).finalize().into()
}

/// A tree that only grows: of `size` leaves, the roots of the largest full
/// subtrees from left to right. At most 64 hashes, whatever its size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A frontier that was written down. `None` if there is none of that form.
    pub(crate) fn from_parts(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    pub(crate) fn push(&mut self, leaf: Hash) {
        self.merge(leaf, |_, _, _| ());
    }

    /// [`push`](Self::push), with the way of one leaf to the root written down.
    pub(crate) fn push_for(&mut self, leaf: Hash, of: &mut Inclusion) {
        of.inside |= self.size == of.index;
        self.merge(leaf, |height, left, right| of.merged(height, left, right));
    }

    /// `merged` is told the height of each pair that becomes one node.
    fn merge(&mut self, leaf: Hash, mut merged: impl FnMut(u32, &Hash, &Hash)) {
        let mut top = leaf;
        for height in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                merged(height, &left, &top);
                top = node(&left, &top);
            }
        }
        self.peaks.push(top);
        self.size += 1;
    }

    pub(crate) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(*last, |root, left| node(left, &root))
    }
}

/// The way of one leaf to the root, collected while the tree grows.
pub(crate) struct Inclusion {
    index: u64,
    /// The leaf is part of the tree by now.
    inside: bool,
    path: Vec<Hash>,
}

impl Inclusion {
    pub(crate) const fn of(index: u64) -> Self {
        Self { index, inside: false, path: Vec::new() }
    }

    /// The subtree of the leaf has as many levels as the way has hashes. When
    /// two of them become one, it is the one or the other, or neither.
    fn merged(&mut self, height: u32, left: &Hash, right: &Hash) {
        let of_it = self.inside && self.path.len() == height as usize;
        if of_it {
            let is_right = self.index >> height & 1 == 1;
            self.path.push(if is_right { *left } else { *right });
        }
    }

    /// The way up to the root of `tree`, from the leaf's sibling on.
    pub(crate) fn finish(mut self, tree: &Frontier) -> Vec<Hash> {
        // The peaks stand for the bits of the size, the highest first.
        let higher = (tree.size >> self.path.len() >> 1).count_ones() as usize;
        let mut right = tree.peaks[higher + 1..].iter().rev();
        if let Some(last) = right.next() {
            self.path.push(right.fold(*last, |root, left| node(left, &root)));
        }
        self.path.extend(tree.peaks[..higher].iter().rev());
        self.path
    }
}

#[cfg(test)]
pub(crate) use tests::root_of;

#[cfg(test)]
mod tests;

//! That one record is part of a record, for somebody who has nothing of it but
//! its public key: the form is that of c2sp.org/tlog-proof.

use std::{fmt, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    AuditError, Checkpoint, PublicKey, Report,
    folder::{Lines, segments},
    line::Head,
    merkle::{Frontier, Hash, Inclusion, leaf},
    verify::verify,
};

/// What an inclusion proof begins with.
const FORM: &str = "c2sp.org/tlog-proof@v1";

/// A line, and what shows that it is the record of its number.
#[derive(Clone, Debug)]
pub struct Proof {
    index: u64,
    line: Vec<u8>,
    path: Vec<Hash>,
    checkpoint: Checkpoint,
}

impl Proof {
    /// The line itself, without which a proof says nothing.
    #[must_use]
    pub fn line(&self) -> &[u8] {
        &self.line
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORM}\nindex {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Proves that record `sequence` is part of the record in `folder`, which is
/// verified before. `None` if no checkpoint covers such a record, or it is not
/// kept any more.
///
/// # Errors
/// As for [`verify`], or the record does not hold.
pub fn prove(folder: &Path, key: &PublicKey, sequence: u64) -> Result<Option<Proof>, AuditError> {
    let Report { finding, checkpoint, first, .. } = verify(folder, key, &[])?;
    if let Some(finding) = finding {
        return Err(AuditError::Broken { folder: folder.into(), finding: Box::new(finding) });
    }
    let Some(checkpoint) = checkpoint.filter(|checkpoint| (first..checkpoint.size()).contains(&sequence)) else {
        return Ok(None);
    };
    let (mut tree, mut inclusion, mut line) = (None, Inclusion::of(sequence), Vec::new());
    for name in segments(folder)? {
        let path = name.path(folder);
        let mut lines = Lines::open(&path)?;
        while let Some(next) = lines.next().map_err(AuditError::file(&path))? {
            let tree = match &mut tree {
                Some(tree) => tree,
                None => match Head::read(next.bytes, key) {
                    Some(head) => tree.insert(head.tree),
                    None => return Ok(None),
                },
            };
            if tree.size() == checkpoint.size() {
                break;
            }
            if tree.size() == sequence {
                line = next.bytes.to_vec();
            }
            tree.push_for(leaf(next.bytes), &mut inclusion);
        }
    }
    // What was deleted or written anew meanwhile has another root.
    let whole = tree.filter(|tree: &Frontier| tree.root() == *checkpoint.root());
    Ok(whole.map(|tree| Proof { index: sequence, line, path: inclusion.finish(&tree), checkpoint }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{leaf, root_of};

    #[test]
    fn a_proof_leads_from_its_leaf_to_the_root_at_every_size() {
        let leaves: Vec<Hash> = (0..70_u8).map(|n| leaf(&[n])).collect();
        for begun in [0, 1, 5, 32] {
            for size in begun + 1..=leaves.len() {
                let mut before = Frontier::default();
                leaves[..begun].iter().for_each(|leaf| before.push(*leaf));
                for index in begun..size {
                    let (mut tree, mut inclusion) = (before.clone(), Inclusion::of(index as u64));
                    leaves[begun..size].iter().for_each(|leaf| tree.push_for(*leaf, &mut inclusion));
                    let path = inclusion.finish(&tree);
                    let root = root_of(leaves[index], index as u64, size as u64, &path);
                    assert_eq!(root, Some(tree.root()), "{index} of {size}, begun at {begun}");
                    let other = root_of(leaves[index], index as u64 ^ 1, size as u64, &path);
                    assert!(size == 1 || other != Some(tree.root()), "{index} of {size}");
                }
            }
        }
    }
}

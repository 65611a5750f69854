use crate::{Checkpoint, LogName, merkle::Frontier};

/// Checkpoints kept elsewhere, compared as the tree passes their sizes.
pub(super) struct Against<'a> {
    /// The smallest first.
    checkpoints: Vec<&'a Checkpoint>,
    /// How many are older than what is kept of the record.
    pub(super) too_old: usize,
}

/// How far they were compared.
#[derive(Clone, Copy, Default)]
pub(super) struct Progress {
    compared: usize,
    /// The first size at which one says something else.
    pub(super) contradicted: Option<u64>,
}

impl<'a> Against<'a> {
    pub(super) fn new(checkpoints: impl IntoIterator<Item = &'a Checkpoint>) -> Self {
        let mut checkpoints: Vec<_> = checkpoints.into_iter().collect();
        checkpoints.sort_by_key(|checkpoint| checkpoint.size());
        Self { checkpoints, too_old: 0 }
    }

    /// The record begins with `tree`.
    pub(super) fn begin(&mut self, tree: &Frontier, name: &LogName) -> Progress {
        self.too_old = self.checkpoints.iter().filter(|checkpoint| checkpoint.size() < tree.size()).count();
        let mut progress = Progress { compared: self.too_old, contradicted: None };
        self.pass(&mut progress, tree, name);
        progress
    }

    /// The tree grew by one leaf.
    pub(super) fn pass(&self, progress: &mut Progress, tree: &Frontier, name: &LogName) {
        while let Some(checkpoint) = self.checkpoints.get(progress.compared).filter(|one| one.size() == tree.size()) {
            progress.compared += 1;
            if *checkpoint.root() != tree.root() || checkpoint.name() != name {
                progress.contradicted.get_or_insert(tree.size());
            }
        }
    }

    /// The largest size that was not reached.
    pub(super) fn beyond(&self, progress: Progress) -> Option<u64> {
        self.checkpoints[progress.compared..].last().map(|checkpoint| checkpoint.size())
    }

    /// The largest size at which one said the same.
    pub(super) fn agreed(&self, progress: Progress) -> Option<u64> {
        self.checkpoints.get(self.too_old..progress.compared)?.last().map(|checkpoint| checkpoint.size())
    }
}

use serde::de::IgnoredAny;

use super::{
    Check, Finding, Flaw, Place, Report,
    against::{Against, Progress},
    compare::{self, Held},
};
use crate::{
    Checkpoint, LogName, PublicKey,
    line::{self, Head, Seal},
    merkle::{Frontier, Hash, leaf},
    queue::MOST_ENTRIES,
};

/// Lines that wait for a checkpoint: more than stand between two of them, so
/// that a damaged checkpoint can be told from damaged records by the next one.
const MOST_HELD: usize = 4 * MOST_ENTRIES;

/// A walk over the lines of a record, from the head of a segment on.
pub(crate) struct Walk<'a> {
    key: &'a PublicKey,
    name: Option<LogName>,
    first: u64,
    begun: bool,
    /// What a checkpoint or head vouched for.
    tree: Frontier,
    vouched: u64,
    checkpoint: Option<Checkpoint>,
    /// The lines since.
    held: Vec<Held>,
    /// The first of them that cannot be what was written: a checkpoint that is
    /// none, or no line of a record.
    damaged: Option<usize>,
    /// Before which record, as the record says, everything was deleted.
    retired: u64,
    against: Against<'a>,
    progress: Progress,
    check: Check,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(key: &'a PublicKey, against: impl IntoIterator<Item = &'a Checkpoint>, check: Check) -> Self {
        Self {
            key,
            name: None,
            first: 0,
            begun: false,
            tree: Frontier::default(),
            vouched: 0,
            checkpoint: None,
            held: Vec::new(),
            damaged: None,
            retired: 0,
            against: Against::new(against),
            progress: Progress::default(),
            check,
        }
    }

    pub(crate) const fn name(&self) -> Option<&LogName> {
        self.name.as_ref()
    }

    /// Whether something was read that cannot be what was written.
    pub(crate) const fn is_damaged(&self) -> bool {
        self.damaged.is_some()
    }

    /// Looks at the next line. Whether everything up to it is vouched for now.
    pub(crate) fn line(&mut self, line: &[u8], place: Place) -> Result<bool, Finding> {
        if place.line == 1 {
            return self.head(line, place).map(|()| false);
        }
        match line::claimed(line).filter(|_| is_whole(line)) {
            Some((_, line::CHECKPOINT)) => self.seal(line, place),
            Some((_, kind)) if line::is_kind(kind) => self.hold(line, place).map(|()| false),
            _ => self.damage(line, place),
        }
    }

    fn head(&mut self, line: &[u8], place: Place) -> Result<(), Finding> {
        let head = Head::read(line, self.key).filter(|head| head.tree.size() == place.segment.0);
        let Some(head) = head else {
            return Err(if self.begun || line::claimed(line).is_none() {
                self.altered_at(place)
            } else {
                // With another key's signature nothing of it can be told.
                self.foreign_or_altered(line, place)
            });
        };
        if !self.begun {
            self.begin(&head, place)?;
        } else if let Some(finding) = self.join(&head, place) {
            return Err(finding);
        }
        self.held.clear();
        self.damaged = None;
        self.hold(line, place)
    }

    fn begin(&mut self, head: &Head, place: Place) -> Result<(), Finding> {
        self.begun = true;
        self.tree = head.tree.clone();
        (self.first, self.vouched) = (self.tree.size(), self.tree.size());
        let name = self.name.insert(head.checkpoint.name().clone());
        let progress = self.against.begin(&self.tree, name);
        if let Some(size) = progress.contradicted {
            return Err(rewritten(size, place));
        }
        self.progress = progress;
        Ok(())
    }

    /// Goes on in the next segment, whose head vouches for the end of this one.
    fn join(&mut self, head: &Head, place: Place) -> Option<Finding> {
        let (tree, progress) = self.grown(self.held.iter().map(|held| held.leaf));
        if !self.is_ours(&head.checkpoint) {
            return Some(Finding { place: Some(place), sequence: tree.size(), flaw: Flaw::Foreign });
        }
        if tree != head.tree {
            return Some(self.gap(self.held.len(), head.tree.size(), place));
        }
        if let Some(size) = progress.contradicted {
            return Some(rewritten(size, place));
        }
        self.accept(tree, progress);
        self.vouched = head.tree.size();
        None
    }

    fn seal(&mut self, line: &[u8], place: Place) -> Result<bool, Finding> {
        let seal = Seal::read(line, self.key, self.check).filter(|seal| self.is_ours(&seal.checkpoint));
        let start = seal.as_ref().and_then(Seal::start);
        let (Some(seal), Some(start)) = (seal, start) else { return self.damage(line, place) };
        let size = seal.checkpoint.size();
        let Some(known) = start.checked_sub(self.tree.size()).and_then(|known| usize::try_from(known).ok()) else {
            return Err(self.gap(self.held.len(), size, place));
        };
        let Some(before) = self.held.get(..known) else { return Err(self.gap(self.held.len(), size, place)) };
        let leaves = before.iter().map(|held| held.leaf).chain(seal.leaves.iter().copied());
        let (tree, progress) = self.grown(leaves);
        if tree.root() != *seal.checkpoint.root() {
            // Either these leaves are not those that were signed, or what
            // stands before the last checkpoint that could be read is not.
            return if known == 0 { self.damage(line, place) } else { Err(self.gap(known, size, place)) };
        }
        if let Some((at, flaw, where_)) = compare::first_difference(&self.held[known..], &seal.leaves, place) {
            self.vouched = start + at as u64;
            return Err(Finding { place: Some(where_), sequence: self.vouched, flaw });
        }
        if let Some(size) = progress.contradicted {
            return Err(rewritten(size, place));
        }
        self.accept(tree, progress);
        // A checkpoint has one spelling, so that it vouches for itself.
        self.vouched = size + 1;
        self.checkpoint = Some(seal.checkpoint);
        self.hold(line, place).map(|()| true)
    }

    /// This is no line of a record, or a checkpoint that is none. The next one
    /// will tell whether anything else is wrong.
    fn damage(&mut self, line: &[u8], place: Place) -> Result<bool, Finding> {
        self.damaged.get_or_insert(self.held.len());
        self.hold(line, place).map(|()| false)
    }

    fn hold(&mut self, line: &[u8], place: Place) -> Result<(), Finding> {
        if self.held.len() == MOST_HELD {
            return Err(self.unsigned(None).unwrap_or_else(|| self.altered_at(place)));
        }
        let claimed = line::claimed(line);
        let retires = claimed.filter(|(_, kind)| *kind == line::RETIRED).map_or(0, |_| line::retired(line));
        self.held.push(Held { leaf: leaf(line), claimed: claimed.map(|(sequence, _)| sequence), place, retires });
        Ok(())
    }

    fn accept(&mut self, tree: Frontier, progress: Progress) {
        self.retired = self.held.iter().map(|held| held.retires).fold(self.retired, u64::max);
        self.held.clear();
        self.damaged = None;
        self.progress = progress;
        self.tree = tree;
    }

    /// The tree with more leaves, compared on the way.
    fn grown(&self, leaves: impl Iterator<Item = Hash>) -> (Frontier, Progress) {
        let (mut tree, mut progress) = (self.tree.clone(), self.progress);
        for leaf in leaves {
            tree.push(leaf);
            if let Some(name) = &self.name {
                self.against.pass(&mut progress, &tree, name);
            }
        }
        (tree, progress)
    }

    fn is_ours(&self, checkpoint: &Checkpoint) -> bool {
        self.name.as_ref() == Some(checkpoint.name())
    }

    /// What a checkpoint of `size` records at `place` shows not to fit what was
    /// read since the last one that could be vouched for. Its own leaves begin
    /// behind `known` lines of that.
    fn gap(&self, known: usize, size: u64, place: Place) -> Finding {
        let base = self.tree.size();
        let (at, flaw) = compare::gap(&self.held, base, self.damaged, known, size);
        let place = self.held.get(at).map_or(place, |held| held.place);
        Finding { place: Some(place), sequence: base + at as u64, flaw }
    }

    /// The line at `place` is not what it was, or something before it.
    pub(crate) fn altered_at(&self, place: Place) -> Finding {
        let here =
            Finding { place: Some(place), sequence: self.tree.size() + self.held.len() as u64, flaw: Flaw::Altered };
        let (Some(at), base) = (self.damaged, self.tree.size()) else { return here };
        let place = self.held.get(at).map(|held| held.place);
        Finding { place, sequence: base + at as u64, flaw: Flaw::Altered }
    }

    fn foreign_or_altered(&self, line: &[u8], place: Place) -> Finding {
        let flaw = if Head::is_foreign(line, self.key) { Flaw::Foreign } else { Flaw::Altered };
        Finding { place: Some(place), sequence: place.segment.0, flaw }
    }

    fn unsigned(&self, torn: Option<Place>) -> Option<Finding> {
        let sealed = usize::try_from(self.vouched.saturating_sub(self.tree.size())).unwrap_or(0);
        let place = self.held.get(sealed).map(|held| held.place).or(torn)?;
        Some(Finding { place: Some(place), sequence: self.vouched, flaw: Flaw::Unsigned })
    }

    /// What is wrong at the end, where there is nothing more to read but a line
    /// without line feed.
    pub(crate) fn finish(&mut self, torn: Option<Place>) -> Option<Finding> {
        if let Some(size) = self.against.beyond(self.progress).filter(|size| *size > self.tree.size()) {
            return Some(Finding { place: None, sequence: self.vouched, flaw: Flaw::Cut { size } });
        }
        if let Some(at) = self.damaged {
            let place = self.held.get(at).map(|held| held.place);
            return Some(Finding { place, sequence: self.tree.size() + at as u64, flaw: Flaw::Altered });
        }
        if self.check == Check::Last
            && self.checkpoint.as_ref().is_some_and(|checkpoint| !checkpoint.is_signed(self.key))
        {
            return Some(Finding { place: None, sequence: self.tree.size(), flaw: Flaw::Altered });
        }
        self.unsigned(torn).or_else(|| {
            let missing = self.first > self.retired;
            missing.then_some(Finding { place: None, sequence: self.first, flaw: Flaw::NotRetired })
        })
    }

    pub(crate) fn report(self, segments: usize, finding: Option<Finding>) -> Report {
        // Of a record that was written anew, its own checkpoints say nothing.
        let rewritten = finding.as_ref().is_some_and(|finding| matches!(finding.flaw, Flaw::Rewritten { .. }));
        let agreed = self.against.agreed(self.progress).unwrap_or(self.first);
        Report {
            name: self.name,
            first: self.first,
            vouched: if rewritten { agreed } else { self.vouched },
            segments,
            checkpoint: self.checkpoint,
            too_old: self.against.too_old,
            finding,
        }
    }

    /// The tree with the last checkpoint on it, and the leaf of that.
    pub(crate) fn into_tree(self) -> Option<(Frontier, Hash)> {
        let [Held { leaf, .. }] = self.held.first_chunk()?;
        let mut tree = self.tree;
        tree.push(*leaf);
        Some((tree, *leaf))
    }
}

/// Whether a line is one JSON value, as one whose line feed was altered is not.
fn is_whole(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

fn rewritten(size: u64, place: Place) -> Finding {
    Finding { place: Some(place), sequence: size.saturating_sub(1), flaw: Flaw::Rewritten { size } }
}

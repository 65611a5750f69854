//! The one thread that writes.
//!
//! **Invariant:** the tree, the files and what appenders are told change
//! together: a write that failed leaves no leaf in the tree, no line in a file
//! and nobody who believes in it.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use crate::{
    Checkpoint, Entry, Failure, Keypair, Kind, Settings,
    copies::Copies,
    folder::{Folder, SegmentName},
    line::{self, Head, RECOVERED, RETIRED, Seal},
    merkle::{self, Frontier, Hash},
    queue::{Batch, Queue, Work},
    retain::{self, day},
    segment::Segment,
};

/// How often a record that cannot be written is tried again.
const HEAL_EVERY: Duration = Duration::from_secs(1);
/// Seconds of a day.
pub(crate) const DAY: u64 = 24 * 60 * 60;
/// Memory that is kept from one write to the next.
const KEPT_BYTES: usize = 1 << 20;

/// The tree, and its leaves since the last checkpoint or head.
#[derive(Clone, Default)]
pub(crate) struct Tree {
    pub(crate) frontier: Frontier,
    pub(crate) since: Vec<Hash>,
}

impl Tree {
    pub(crate) fn push(&mut self, leaf: Hash) {
        self.frontier.push(leaf);
        self.since.push(leaf);
    }
}

/// What was done, for a host's metrics.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) entries: AtomicU64,
    pub(crate) writes: AtomicU64,
    pub(crate) bytes: AtomicU64,
}

pub(crate) struct Writer {
    pub(crate) folder: Folder,
    pub(crate) settings: Settings,
    pub(crate) signer: Keypair,
    pub(crate) queue: Arc<Queue>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) copies: Copies,
    /// `None` until the first segment is begun.
    pub(crate) segment: Option<Segment>,
    pub(crate) tree: Tree,
    /// One write, composed.
    pub(crate) lines: Vec<u8>,
    /// Entries that are on the record, and whose appenders were told that they
    /// waited for too long.
    pub(crate) late: usize,
}

impl Writer {
    pub(crate) fn run(mut self) {
        loop {
            let patience = self.queue.failure().map(|_| HEAL_EVERY);
            match self.queue.take(patience) {
                Work::Batch(batch) => self.settle(batch),
                Work::Nothing => self.heal(),
                Work::Close => break,
            }
        }
    }

    fn settle(&mut self, batch: Batch) {
        let segment = self.segment.as_ref().map(|segment| segment.name);
        let begun = Instant::now();
        match self.commit(batch.entries()) {
            Ok(first) => {
                // Before anybody goes on, so that the record is as large as it may be.
                if self.segment.as_ref().map(|segment| segment.name) != segment {
                    self.retire();
                }
                if !batch.written(first) {
                    self.late += batch.len();
                }
            }
            Err(error) => {
                let failure = Failure::from(error);
                self.queue.lose(batch.len());
                self.queue.fail(&failure);
                batch.failed(&failure);
            }
        }
        self.queue.give_back(batch, begun.elapsed());
    }

    /// Tries whether the record can be written again, and says on it that it
    /// could not.
    fn heal(&mut self) {
        let Some(failure) = self.queue.failure() else { return };
        let entry = Entry::of(RECOVERED, self.settings.clock.now());
        let entry = entry.text("failure", &failure.to_string()).number("lost", self.queue.lost() as u64);
        let entry = if self.late > 0 { entry.number("late", self.late as u64) } else { entry }.finish();
        let reset = self.segment.as_ref().map_or(Ok(()), Segment::reset);
        match reset.and_then(|()| self.commit([entry.as_slice()].into_iter())) {
            Ok(_) => {
                self.late = 0;
                self.queue.heal();
            }
            // The reason may be another one by now.
            Err(error) => self.queue.fail(&error.into()),
        }
    }

    /// Writes entries and a checkpoint that covers them, in one piece, and
    /// returns once they are on disk: the number of the first of them.
    pub(crate) fn commit<'a>(&mut self, entries: impl Iterator<Item = &'a [u8]>) -> io::Result<u64> {
        let now = self.settings.clock.now();
        let mut tree = self.tree.clone();
        self.lines.clear();
        self.lines.shrink_to(KEPT_BYTES);
        let begun = self.begins_segment(now).then(|| {
            let name = SegmentName(tree.frontier.size());
            self.write_head(&mut tree, now);
            name
        });
        let first = tree.frontier.size();
        for entry in entries {
            let begin = self.lines.len();
            line::begin(&mut self.lines, tree.frontier.size());
            self.lines.extend(entry);
            self.end_line(begin, &mut tree);
        }
        let count = tree.frontier.size() - first;
        let checkpoint = self.write_seal(&mut tree);
        self.write(begun, now)?;
        self.tree = tree;
        self.copies.offer(checkpoint);
        self.counters.entries.fetch_add(count, Ordering::Relaxed);
        self.counters.writes.fetch_add(1, Ordering::Relaxed);
        self.counters.bytes.fetch_add(self.lines.len() as u64, Ordering::Relaxed);
        Ok(first)
    }

    /// Whether the next line is the first one of a segment.
    fn begins_segment(&self, now: SystemTime) -> bool {
        self.segment
            .as_ref()
            .is_none_or(|segment| segment.length() >= self.settings.closing_bytes() || day(now) != segment.day)
    }

    fn write(&mut self, begun: Option<SegmentName>, now: SystemTime) -> io::Result<()> {
        #[cfg(test)]
        self.settings.gate.pass();
        match (begun, &mut self.segment) {
            (None, Some(segment)) => segment.append(&self.lines),
            (name, _) => {
                let name = name.unwrap_or(SegmentName(self.tree.frontier.size()));
                self.segment = Some(Segment::create(&self.folder, name, day(now), &self.lines)?);
                Ok(())
            }
        }
    }

    fn write_head(&mut self, tree: &mut Tree, now: SystemTime) {
        let checkpoint = self.checkpoint(tree);
        Head::write(&mut self.lines, now, &tree.frontier, &checkpoint);
        tree.since.clear();
        self.end_line(0, tree);
    }

    fn write_seal(&mut self, tree: &mut Tree) -> Checkpoint {
        let (begin, checkpoint) = (self.lines.len(), self.checkpoint(tree));
        Seal::write(&mut self.lines, &tree.since, &checkpoint);
        tree.since.clear();
        self.end_line(begin, tree);
        checkpoint
    }

    fn end_line(&mut self, begin: usize, tree: &mut Tree) {
        tree.push(merkle::leaf(&self.lines[begin..]));
        self.lines.push(b'\n');
    }

    fn checkpoint(&self, tree: &Tree) -> Checkpoint {
        Checkpoint::sign(&self.settings.name, &self.signer, tree.frontier.size(), tree.frontier.root())
    }

    /// Begins a segment if the time of the last one is over too, so that it is
    /// a closed one. A record that nobody writes to is forgotten like any other.
    pub(crate) fn turn(&mut self) -> io::Result<()> {
        let now = self.settings.clock.now();
        let over = |segment: &Segment| retain::is_day_over(segment.day, &self.settings, now);
        if self.segment.as_ref().is_some_and(over) { self.commit(std::iter::empty()).map(drop) } else { Ok(()) }
    }

    /// Says on the record which segments go, and why, and then deletes them.
    pub(crate) fn retire(&mut self) {
        let now = self.settings.clock.now();
        let Some(over) = retain::over(&self.settings, now) else { return };
        if let Some(altered) = over.altered(&self.settings, self.signer.public()) {
            return self.keep(altered, now);
        }
        let entry = Entry::of(RETIRED, now).number("before", over.before.0).text("why", over.why).finish();
        match self.commit([entry.as_slice()].into_iter()) {
            // A segment that cannot be deleted is kept for longer, which does no harm.
            Ok(_) => drop(retain::delete(self.path(), &over)),
            Err(error) => self.queue.fail(&error.into()),
        }
    }

    /// Says once that a segment is kept although its time is over.
    fn keep(&mut self, altered: SegmentName, now: SystemTime) {
        if self.queue.keeps(altered) {
            return;
        }
        let entry = Entry::new(Kind::Alert, now).text("what", "altered segment").text("segment", &altered.to_string());
        match self.commit([entry.finish().as_slice()].into_iter()) {
            Ok(_) => self.queue.keep(altered),
            Err(error) => self.queue.fail(&error.into()),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Writer {
    /// Whatever ends the writer, nobody waits for it, and the last checkpoint
    /// is copied.
    fn drop(&mut self) {
        self.queue.end();
        self.copies.close();
    }
}

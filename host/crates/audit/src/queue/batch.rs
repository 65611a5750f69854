use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use super::word::{Place, Word};
use crate::{AppendError, Failure};

/// Memory that a batch may keep for the next one.
const KEPT_BYTES: usize = 1 << 20;

/// What a batch leaves to the next one.
pub(super) type Memory = (Vec<u8>, Vec<usize>);

/// Entries that are written together.
#[derive(Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    /// Where each entry ends.
    ends: Vec<usize>,
    weight: u32,
    word: Arc<Word>,
}

impl Batch {
    pub(super) fn new((bytes, ends): Memory) -> Self {
        Self { bytes, ends, weight: 0, word: Arc::default() }
    }

    /// What is known of it while it is written.
    pub(super) fn under_way(&self) -> UnderWay {
        UnderWay { weight: self.weight as usize, entries: self.len(), word: self.word.clone() }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) const fn weight(&self) -> u32 {
        self.weight
    }

    pub(super) fn push(&mut self, entry: &[u8], weight: u32) -> Receipt {
        let receipt = Receipt { index: self.ends.len() as u64, word: self.word.clone(), place: Place::default() };
        self.bytes.extend(entry);
        self.ends.push(self.bytes.len());
        self.weight += weight;
        receipt
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| &self.bytes[begin..*end])
    }

    /// Tells who waits that it is on disk, behind record `first`, unless they
    /// were told otherwise before. Whether they were not.
    pub(crate) fn written(&self, first: u64) -> bool {
        self.word.written(first)
    }

    /// Tells who waits that it is not.
    pub(crate) fn failed(&self, failure: &Failure) {
        self.word.refused(AppendError::Failing(failure.clone()));
    }

    /// Those who wait for it, if not all of them are woken.
    pub(super) fn passing(&self) -> Option<Arc<Word>> {
        Some(self.word.clone()).filter(|word| word.is_passing())
    }

    pub(super) fn into_memory(mut self) -> Memory {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.ends.clear();
        (std::mem::take(&mut self.bytes), std::mem::take(&mut self.ends))
    }
}

/// A batch that nobody writes any more: who waits for it is told so.
impl Drop for Batch {
    fn drop(&mut self) {
        self.word.refused(AppendError::Closed);
    }
}

/// A batch that is being written.
pub(super) struct UnderWay {
    /// What it still holds of the room.
    weight: usize,
    entries: usize,
    word: Arc<Word>,
}

impl UnderWay {
    pub(super) const fn weight(&self) -> usize {
        self.weight
    }

    pub(super) const fn entries(&self) -> usize {
        self.entries
    }

    /// Tells who waits for it that they wait no longer, and gives back its room.
    pub(super) fn give_up(&mut self, failure: &Failure) -> usize {
        self.word.refused(AppendError::Failing(failure.clone()));
        std::mem::take(&mut self.weight)
    }
}

/// The place of an entry in a batch. Ready once it is on disk: its number.
pub(crate) struct Receipt {
    index: u64,
    word: Arc<Word>,
    place: Place,
}

impl Future for Receipt {
    type Output = Result<u64, AppendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { index, word, place } = &mut *self;
        let told = ready!(place.poll(word, context));
        Poll::Ready(told.clone().map(|first| first + *index))
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.place.leave(&self.word);
    }
}

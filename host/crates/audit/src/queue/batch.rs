use tokio::sync::watch;

use crate::{AppendError, Failure};

/// Memory that a batch may keep for the next one.
const KEPT_BYTES: usize = 1 << 20;

/// What became of a write: the number of its first entry.
type Told = Result<u64, Failure>;

/// What a batch leaves to the next one.
pub(super) type Memory = (Vec<u8>, Vec<usize>);

/// Entries that are written together.
pub(crate) struct Batch {
    bytes: Vec<u8>,
    /// Where each entry ends.
    ends: Vec<usize>,
    weight: u32,
    told: watch::Sender<Option<Told>>,
}

impl Batch {
    pub(super) fn new((bytes, ends): Memory) -> Self {
        Self { bytes, ends, weight: 0, told: watch::Sender::new(None) }
    }

    /// What is known of it while it is written.
    pub(super) fn under_way(&self) -> UnderWay {
        UnderWay { weight: self.weight as usize, entries: self.len(), told: self.told.clone() }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) const fn weight(&self) -> u32 {
        self.weight
    }

    pub(super) fn push(&mut self, entry: &[u8], weight: u32) -> Receipt {
        let receipt = Receipt { index: self.ends.len() as u64, told: self.told.subscribe() };
        self.bytes.extend(entry);
        self.ends.push(self.bytes.len());
        self.weight += weight;
        receipt
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| &self.bytes[begin..*end])
    }

    /// Tells who waits, unless they were told before. Whether they were not.
    pub(crate) fn tell(&self, told: Told) -> bool {
        tell(&self.told, told)
    }

    pub(super) fn into_memory(mut self) -> Memory {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.ends.clear();
        (self.bytes, self.ends)
    }
}

/// A batch that is being written.
pub(super) struct UnderWay {
    /// What it still holds of the room.
    weight: usize,
    entries: usize,
    told: watch::Sender<Option<Told>>,
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
        tell(&self.told, Err(failure.clone()));
        std::mem::take(&mut self.weight)
    }
}

/// Tells once: the first word counts.
fn tell(who: &watch::Sender<Option<Told>>, told: Told) -> bool {
    who.send_if_modified(|before| {
        let is_first = before.is_none();
        before.get_or_insert(told);
        is_first
    })
}

/// The place of an entry in a batch.
pub(crate) struct Receipt {
    index: u64,
    told: watch::Receiver<Option<Told>>,
}

impl Receipt {
    /// Waits until the entry is on disk; its number.
    pub(crate) async fn durable(mut self) -> Result<u64, AppendError> {
        let told = self.told.wait_for(Option::is_some).await.map_err(|_| AppendError::Closed)?;
        match &*told {
            Some(Ok(first)) => Ok(first + self.index),
            Some(Err(failure)) => Err(AppendError::Failing(failure.clone())),
            None => Err(AppendError::Closed),
        }
    }
}

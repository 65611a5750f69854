use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use super::{Room, room::Taken, stream::Stream};

/// Finished streams of one principal that are kept at once, whatever they weigh.
const MOST_FINISHED: usize = 4_096;

/// What one principal has of a room.
#[derive(Clone)]
pub struct Share {
    room: Room,
    part: Arc<Part>,
}

pub(super) struct Part {
    taken: Taken,
    /// The one that finished first stands in front.
    finished: Mutex<VecDeque<Weak<Stream>>>,
}

impl Default for Share {
    fn default() -> Self {
        Room::default().share(&Arc::default())
    }
}

impl Share {
    pub(super) const fn new(room: Room, part: Arc<Part>) -> Self {
        Self { room, part }
    }

    /// Takes `bytes` if they are free, in the share and in the room.
    pub(super) fn take(&self, bytes: usize) -> bool {
        if !self.part.taken.take(bytes) {
            return false;
        }
        let taken = self.room.taken().take(bytes);
        if !taken {
            self.part.taken.give_back(bytes);
        }
        taken
    }

    /// Takes `bytes` though they are not free.
    pub(super) fn overdraw(&self, bytes: usize) {
        self.part.taken.overdraw(bytes);
        self.room.taken().overdraw(bytes);
    }

    pub(super) fn give_back(&self, bytes: usize) {
        self.part.taken.give_back(bytes);
        self.room.taken().give_back(bytes);
    }

    /// Forgets one finished stream if `bytes` are not free: the principal's own
    /// if its share is used up, and one of whoever keeps most if the room is.
    /// False if there is none that nobody reads.
    pub(super) fn make_room(&self, bytes: usize) -> bool {
        if self.part.taken.lacks(bytes) { self.part.forget_oldest() } else { self.room.forget_oldest() }
    }

    /// Forgets a finished stream of the principal's own though somebody reads
    /// it, if its share is used up. Answers "answers that are read so slowly
    /// that they fill everybody's room".
    pub(super) fn cut_off(&self, bytes: usize) -> bool {
        self.part.taken.lacks(bytes) && self.part.cut_off_oldest()
    }

    /// Notes that `stream` finished, and forgets those whose time is over, and
    /// as many more as it takes to be within bounds again.
    pub(super) fn finished(&self, stream: &Arc<Stream>) {
        self.part.note(stream);
        while self.part.taken.lacks(0) && self.part.forget_oldest() {}
        while self.room.taken().lacks(0) && self.room.forget_oldest() {}
    }
}

impl Part {
    pub(super) fn of(most: usize) -> Self {
        Self { taken: Taken::of(most), finished: Mutex::default() }
    }

    pub(super) const fn taken(&self) -> &Taken {
        &self.taken
    }

    fn note(&self, stream: &Arc<Stream>) {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.push_back(Arc::downgrade(stream));
        while finished.len() > MOST_FINISHED || finished.front().is_some_and(is_over) {
            finished.pop_front().and_then(|stream| stream.upgrade()).inspect(|stream| stream.forget());
        }
    }

    /// Forgets the stream that finished first. False if there is none that
    /// nobody reads.
    pub(super) fn forget_oldest(&self) -> bool {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let unread = |stream: &Weak<Stream>| stream.upgrade().is_none_or(|stream| !stream.is_read());
        let Some(oldest) = finished.iter().position(unread) else { return false };
        finished.remove(oldest).and_then(|stream| stream.upgrade()).inspect(|stream| stream.forget());
        true
    }

    /// Forgets the stream that finished first, whoever reads it.
    fn cut_off_oldest(&self) -> bool {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(oldest) = finished.pop_front() else { return false };
        oldest.upgrade().inspect(|stream| stream.forget());
        true
    }
}

fn is_over(stream: &Weak<Stream>) -> bool {
    stream.upgrade().is_none_or(|stream| stream.is_over() && !stream.is_read())
}

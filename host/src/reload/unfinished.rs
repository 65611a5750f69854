//! Which files somebody has written to and not yet closed, as far as the system
//! tells. It only shortens the wait for a file to come to rest.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use notify::{
    Event, EventKind,
    event::{AccessKind, AccessMode, ModifyKind},
};

/// Files that are remembered; with more, all count as unfinished. Answers "a
/// folder in which thousands of files are written and never closed".
const MOST: usize = 256;

/// Files that are written at this moment.
#[derive(Debug, Default)]
pub(super) struct Unfinished(Mutex<BTreeSet<PathBuf>>);

impl Unfinished {
    /// Takes in what the system tells.
    pub(super) fn note(&self, event: &Event) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event.kind {
            EventKind::Modify(ModifyKind::Data(_)) if files.len() < MOST => files.extend(event.paths.iter().cloned()),
            EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Remove(_) => {
                for path in &event.paths {
                    files.remove(path);
                }
            }
            _ => {}
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Forgets those that have come to rest without being closed.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{DataChange, RenameMode};

    use super::*;

    fn event(kind: EventKind, path: &str) -> Event {
        Event::new(kind).add_path(path.into())
    }

    const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));

    #[test]
    fn a_file_is_finished_when_its_writer_closes_it() {
        let unfinished = Unfinished::default();
        unfinished.note(&event(WRITTEN, "/a"));
        unfinished.note(&event(WRITTEN, "/b"));
        unfinished.note(&event(CLOSED, "/a"));
        assert!(!unfinished.is_empty(), "the other one is not");
        unfinished.note(&event(CLOSED, "/b"));
        assert!(unfinished.is_empty());
    }

    #[test]
    fn a_file_that_is_renamed_into_place_was_finished_before() {
        let unfinished = Unfinished::default();
        unfinished.note(&event(EventKind::Modify(ModifyKind::Name(RenameMode::To)), "/a"));
        assert!(unfinished.is_empty());
    }

    #[test]
    fn what_is_never_closed_is_forgotten_and_takes_little_room() {
        let unfinished = Unfinished::default();
        for number in 0..=MOST {
            unfinished.note(&event(WRITTEN, &format!("/{number}")));
        }
        assert!(unfinished.0.lock().unwrap().len() <= MOST);
        unfinished.clear();
        assert!(unfinished.is_empty());
    }
}

//! When a change is over: a file that is still being written is left alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::{Duration, Instant},
};

use super::sight::{Print, Sight};

/// How long a file has to stay as it is before it is read. Answers "a file
/// that is copied in while we look".
pub const QUIET: Duration = Duration::from_millis(60);

/// The same where the system told that whoever wrote has closed what it wrote:
/// as long as it takes to rename a second file of the same change into place.
pub const CLOSED: Duration = Duration::from_millis(10);

/// How long changes that are over wait for others that are not: a save of
/// several files is one change, a file that never rests holds nobody up.
pub const PATIENCE: Duration = Duration::from_millis(1000);

/// What a look showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is different.
    Still,
    /// Something is, and may still be moving: look again after this.
    Again(Duration),
    /// These files are other files than before, or gone.
    Changed(BTreeSet<PathBuf>),
}

/// Compares looks.
#[derive(Debug, Default)]
pub struct Settle {
    known: BTreeMap<PathBuf, Print>,
    /// How a file looked last, and since when.
    moving: BTreeMap<PathBuf, (Option<Print>, Instant)>,
    since: Option<Instant>,
}

impl Settle {
    /// Begins with what is known already.
    #[must_use]
    pub fn knowing(sight: Sight) -> Self {
        Self { known: sight.files, ..Self::default() }
    }

    /// Forgets what is not watched any more. What is new counts as changed: it
    /// may have changed since somebody read it.
    pub fn forget_all_but(&mut self, sight: &Sight) {
        self.known.retain(|path, _| sight.files.contains_key(path));
        self.moving.clear();
        self.since = None;
    }

    /// Takes in one look. A file rests that has been as it is for `quiet`.
    pub fn look(&mut self, sight: &Sight, quiet: Duration, now: Instant) -> Step {
        let now_there = |path: &PathBuf| sight.files.get(path).copied();
        let paths: BTreeSet<&PathBuf> = self.known.keys().chain(sight.files.keys()).collect();
        let different = paths.into_iter().filter(|path| self.known.get(*path).copied() != now_there(path));
        let moving: BTreeMap<PathBuf, (Option<Print>, Instant)> = different
            .map(|path| {
                let print = now_there(path);
                let same = self.moving.get(path).filter(|(last, _)| *last == print);
                (path.clone(), (print, same.map_or(now, |(_, since)| *since)))
            })
            .collect();
        self.moving = moving;
        if self.moving.is_empty() {
            self.since = None;
            return Step::Still;
        }
        let begun = *self.since.get_or_insert(now);
        let rests = |since: &Instant| now.duration_since(*since) >= quiet;
        let all_rest = self.moving.values().all(|(_, since)| rests(since));
        let any_rests = self.moving.values().any(|(_, since)| rests(since));
        if all_rest || (any_rests && now.duration_since(begun) >= PATIENCE) {
            return Step::Changed(self.take(quiet, now));
        }
        Step::Again(quiet)
    }

    /// The changes that are over; they are known from now on.
    fn take(&mut self, quiet: Duration, now: Instant) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        self.moving.retain(|path, (print, since)| {
            let over = now.duration_since(*since) >= quiet;
            if over {
                match print {
                    Some(print) => self.known.insert(path.clone(), *print),
                    None => self.known.remove(path),
                };
                changed.insert(path.clone());
            }
            !over
        });
        self.since = (!self.moving.is_empty()).then_some(now);
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{super::sight::Root, *};

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.path(name), text).unwrap();
        }

        fn sight(&self) -> Sight {
            Sight::take([&Root::Inbox(self.0.path().to_owned())])
        }
    }

    fn changed(paths: &[&Path]) -> Step {
        Step::Changed(paths.iter().map(|path| path.to_path_buf()).collect())
    }

    #[test]
    fn a_file_is_taken_once_it_rests() {
        let folder = Folder::new();
        folder.write("a.wasm", "1");
        let mut settle = Settle::knowing(folder.sight());
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(settle.look(&folder.sight(), QUIET, at(0)), Step::Still);

        folder.write("b.wasm", "half");
        assert_eq!(settle.look(&folder.sight(), QUIET, at(10)), Step::Again(QUIET));
        folder.write("b.wasm", "half and half");
        assert_eq!(settle.look(&folder.sight(), QUIET, at(100)), Step::Again(QUIET), "it was still being written");
        assert_eq!(settle.look(&folder.sight(), QUIET, at(200)), changed(&[&folder.path("b.wasm")]));
        assert_eq!(settle.look(&folder.sight(), QUIET, at(300)), Step::Still);
    }

    #[test]
    fn removal_and_replacement_are_changes() {
        let folder = Folder::new();
        folder.write("a.wasm", "1");
        folder.write("b.wasm", "1");
        let mut settle = Settle::knowing(folder.sight());
        let start = Instant::now();
        fs::remove_file(folder.path("a.wasm")).unwrap();
        folder.write("new", "2");
        fs::rename(folder.path("new"), folder.path("b.wasm")).unwrap();
        assert_eq!(settle.look(&folder.sight(), QUIET, start), Step::Again(QUIET));
        assert_eq!(
            settle.look(&folder.sight(), QUIET, start + QUIET),
            changed(&[&folder.path("a.wasm"), &folder.path("b.wasm")])
        );
    }

    #[test]
    fn what_is_newly_watched_counts_as_changed() {
        let folder = Folder::new();
        let mut settle = Settle::knowing(Sight::default());
        folder.write("a.wasm", "1");
        settle.forget_all_but(&folder.sight());
        let start = Instant::now();
        assert_eq!(settle.look(&folder.sight(), QUIET, start), Step::Again(QUIET));
        assert_eq!(settle.look(&folder.sight(), QUIET, start + QUIET), changed(&[&folder.path("a.wasm")]));
        settle.forget_all_but(&Sight::default());
        assert_eq!(
            settle.look(&Sight::default(), QUIET, start),
            Step::Still,
            "what is watched no longer did not vanish"
        );
    }

    #[test]
    fn a_file_that_appears_and_goes_again_never_happened() {
        let folder = Folder::new();
        let mut settle = Settle::knowing(folder.sight());
        folder.write("a.wasm", "1");
        assert_eq!(settle.look(&folder.sight(), QUIET, Instant::now()), Step::Again(QUIET));
        fs::remove_file(folder.path("a.wasm")).unwrap();
        assert_eq!(settle.look(&folder.sight(), QUIET, Instant::now()), Step::Still);
    }

    #[test]
    fn a_file_that_never_rests_holds_nobody_up() {
        let folder = Folder::new();
        let mut settle = Settle::knowing(folder.sight());
        let start = Instant::now();
        folder.write("good.wasm", "1");
        let mut found = None;
        for round in 0..40_u64 {
            folder.write("restless.wasm", &"x".repeat(usize::try_from(round).unwrap() + 1));
            let now = start + Duration::from_millis(round * 50);
            if let Step::Changed(paths) = settle.look(&folder.sight(), QUIET, now) {
                found = Some((paths, now));
                break;
            }
        }
        let (paths, when) = found.unwrap();
        assert_eq!(paths.into_iter().collect::<Vec<_>>(), [folder.path("good.wasm")]);
        assert!(when - start >= PATIENCE);
    }
}

use std::time::{Duration, Instant};

/// How long something has to stay as it is before it is told. Answers "a file
/// that is told of while it is still being written".
pub(super) const QUIET: Duration = Duration::from_millis(60);

/// How long something that never rests is waited for, and least time between
/// two times that it is told of. Answers "a log file that grows all day".
const PATIENCE: Duration = Duration::from_millis(1000);
const GAP: Duration = Duration::from_millis(250);

/// Something that is looked at again and again.
pub(super) struct Resting<T> {
    /// As those who watch know it.
    told: T,
    /// As it was at the last look, and since when.
    last: T,
    since: Instant,
    /// Since when it is not what was told.
    moved: Option<Instant>,
    said: Option<Instant>,
}

/// What a look showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is as it was told.
    Still,
    /// It is not, and may not be done: look again.
    Moves,
    /// It is another, and done.
    Changed,
}

impl<T: Copy + PartialEq> Resting<T> {
    /// Begins with what is there now.
    pub(super) const fn new(found: T, now: Instant) -> Self {
        Self { told: found, last: found, since: now, moved: None, said: None }
    }

    /// Takes in one look.
    pub(super) fn look(&mut self, found: T, now: Instant) -> Step {
        if found != self.last {
            (self.last, self.since) = (found, now);
        }
        if found == self.told {
            self.moved = None;
            return Step::Still;
        }
        let moved = *self.moved.get_or_insert(now);
        let rests = now.duration_since(self.since) >= QUIET || now.duration_since(moved) >= PATIENCE;
        let may = self.said.is_none_or(|said| now.duration_since(said) >= GAP);
        if !rests || !may {
            return Step::Moves;
        }
        (self.told, self.moved, self.said) = (found, None, Some(now));
        Step::Changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_it_rests_and_not_if_it_is_undone() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut file = Resting::new(1, start);
        assert_eq!(file.look(1, at(10)), Step::Still);
        assert_eq!(file.look(2, at(20)), Step::Moves);
        assert_eq!(file.look(3, at(70)), Step::Moves, "it was still being written");
        assert_eq!(file.look(3, at(130)), Step::Changed);
        assert_eq!(file.look(3, at(190)), Step::Still);
        assert_eq!(file.look(4, at(200)), Step::Moves);
        assert_eq!(file.look(3, at(210)), Step::Still);
    }

    #[test]
    fn what_never_rests_is_told_now_and_then() {
        let start = Instant::now();
        let mut file = Resting::new(0, start);
        let mut told = 0;
        for round in 1..=500_u64 {
            told += i32::from(file.look(round, start + Duration::from_millis(round * 20)) == Step::Changed);
        }
        assert!((8..=10).contains(&told), "{told} in ten seconds");
    }

    #[test]
    fn what_rests_often_is_told_a_few_times_a_second() {
        let start = Instant::now();
        let mut file = Resting::new(0, start);
        let mut told = 0;
        for look in 0..100_u64 {
            told += i32::from(file.look(look / 4, start + Duration::from_millis(look * 30)) == Step::Changed);
        }
        assert!((8..=13).contains(&told), "{told} in three seconds");
    }
}

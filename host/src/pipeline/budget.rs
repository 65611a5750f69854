//! How often something is passed on that a plugin says.

use std::time::Instant;

/// So often at once, and so often a second after that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) burst: f64,
    pub(super) per_second: f64,
}

/// A budget that fills up again.
#[derive(Debug)]
pub(super) struct Budget {
    pace: Pace,
    left: f64,
    filled: Instant,
}

impl Budget {
    pub(super) fn full(pace: Pace) -> Self {
        Self { pace, left: pace.burst, filled: Instant::now() }
    }

    pub(super) fn take(&mut self, now: Instant) -> bool {
        let filled = now.saturating_duration_since(self.filled).as_secs_f64() * self.pace.per_second;
        self.left = (self.left + filled).min(self.pace.burst);
        self.filled = now;
        let has = self.left >= 1.0;
        self.left -= if has { 1.0 } else { 0.0 };
        has
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn something_is_passed_on_in_a_burst_and_then_slowly() {
        let mut budget = Budget::full(Pace { burst: 32.0, per_second: 16.0 });
        let begin = Instant::now();
        budget.filled = begin;
        let passed = (0..1000).filter(|_| budget.take(begin)).count();
        assert_eq!(passed, 32);
        assert!(budget.take(begin + Duration::from_millis(100)));
        assert!(!budget.take(begin + Duration::from_millis(101)));
    }
}

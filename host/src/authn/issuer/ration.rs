//! How often tokens may have keys looked up: some at once, then one by one.
//!
//! **Invariant:** whatever was drawn before, the next look begins within
//! [`EACH`]. Whoever makes names of keys up has keys fetched by that, and so
//! hastens what a true token waits for.

use std::time::Duration;

use tokio::time::Instant;

/// Looks that are made at once, after a quiet time.
pub(super) const AT_ONCE: u32 = 4;

/// How soon another one is allowed. Answers "a flood of tokens with names of
/// keys that there are none of": an issuer is asked twelve times a minute.
pub(super) const EACH: Duration = Duration::from_secs(5);

/// What is left, as the time when all is there again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ration {
    full: Option<Instant>,
}

impl Ration {
    /// Draws one look, and says how long to wait before it is made. Asked for
    /// again only once that one is over.
    pub(super) fn draw(&mut self, now: Instant) -> Duration {
        let full = self.full.filter(|full| *full > now).unwrap_or(now);
        self.full = Some(full + EACH);
        full.saturating_duration_since(now + EACH * (AT_ONCE - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_made_at_once_and_the_next_each_after_a_while() {
        let (mut ration, now) = (Ration::default(), Instant::now());
        assert!((0..AT_ONCE).all(|_| ration.draw(now) == Duration::ZERO));
        assert_eq!(ration.draw(now), EACH);
        assert_eq!(ration.draw(now + EACH), EACH, "one look later");
        let later = now + EACH * 20;
        assert!((0..AT_ONCE).all(|_| ration.draw(later) == Duration::ZERO), "after a quiet time");
    }

    #[test]
    fn a_flood_waits_no_longer_than_for_one() {
        let (mut ration, mut now) = (Ration::default(), Instant::now());
        for _ in 0..1_000 {
            let wait = ration.draw(now);
            assert!(wait <= EACH, "{wait:?}");
            now += wait;
        }
    }
}

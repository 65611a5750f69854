//! How one generation of a plugin is listened to: what becomes of what is found
//! in what it says, and what it usually says.
//!
//! **Invariant:** one short lock, held by nobody who waits, and a bounded
//! memory: what a plugin says cannot fill it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bulkhead_policy::Grants;
use bulkhead_screen::{Alert, Answer, Baseline, Policy, Reach, Screen};

/// How long what was told once is not told again. Answers "a plugin that is
/// flagged in every answer, until nobody reads alerts any more".
pub const TOLD_FOR: Duration = Duration::from_secs(10 * 60);

/// Most topics that are remembered as told, each with what it was about.
/// Answers "a plugin that is flagged for something else in every answer"; once
/// there are more, a topic is told once, whatever it is about, and never not at
/// all: what raises little cannot keep quiet what raises much.
const MOST_TOPICS: usize = 64;

/// How one generation of a plugin is listened to.
#[derive(Debug)]
pub struct Voice {
    policy: Policy,
    reach: Reach,
    /// Hosts that it was granted.
    hosts: Vec<String>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// Made when it first says something: until then nobody needs the rules.
    baseline: Option<Baseline>,
    told: Vec<Told>,
}

/// What was told: of what it was about, or of anything.
struct Told {
    topic: String,
    about: Option<String>,
    at: Instant,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("told", &self.told.len()).finish_non_exhaustive()
    }
}

impl Voice {
    pub(crate) fn of(policy: Policy, grants: &Grants) -> Self {
        let own = grants.fs.is_empty() && grants.http.is_empty() && grants.tcp.is_empty() && grants.kv.is_none();
        let http = grants.http.iter().map(|rule| rule.host.to_string());
        let hosts = http.chain(grants.tcp.iter().map(|rule| rule.host.to_string())).collect();
        let reach = if own { Reach::Own } else { Reach::Outside };
        Self { policy, reach, hosts, memory: Mutex::default() }
    }

    /// What becomes of what is found.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.policy
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns from an answer, and says what stands out in it.
    #[must_use]
    pub fn hear(&self, screen: &Screen, answer: &Answer<'_>) -> Vec<Alert> {
        let mut memory = self.memory();
        let baseline =
            memory.baseline.get_or_insert_with(|| Baseline::new(screen, self.reach, self.hosts.iter().cloned()));
        baseline.observe(answer)
    }

    /// Whether `topic`, one of the host's own, is to be told of `about` at `now`:
    /// it was not, for [`TOLD_FOR`].
    #[must_use]
    pub fn is_news(&self, topic: &str, about: &str, now: Instant) -> bool {
        let mut memory = self.memory();
        let told = &mut memory.told;
        told.retain(|told| now.saturating_duration_since(told.at) < TOLD_FOR);
        let is_full = told.len() >= MOST_TOPICS;
        let is_same =
            |told: &Told| told.topic == topic && told.about.as_deref().map_or(is_full, |known| known == about);
        if told.iter().any(is_same) {
            return false;
        }
        told.push(Told { topic: topic.to_owned(), about: (!is_full).then(|| about.to_owned()), at: now });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_told_again_after_a_while_and_not_without_end() {
        let (voice, now) = (Voice::of(Policy::Flag, &Grants::default()), Instant::now());
        assert!(voice.is_news("a", "x", now) && voice.is_news("a", "y", now) && voice.is_news("b", "x", now));
        assert!(!voice.is_news("a", "x", now + TOLD_FOR - Duration::from_secs(1)));
        assert!(voice.is_news("a", "x", now + TOLD_FOR));
        let told = (0..1000).filter(|tool| voice.is_news("a", &tool.to_string(), now + TOLD_FOR)).count();
        assert_eq!(told, MOST_TOPICS - 1 + 1, "as many as are remembered, and once of the rest");
    }

    #[test]
    fn many_small_findings_silence_nothing_else() {
        let (voice, now) = (Voice::of(Policy::Flag, &Grants::default()), Instant::now());
        let flood = (0..1000).filter(|tool| voice.is_news("secret.token", &tool.to_string(), now)).count();
        assert_eq!(flood, MOST_TOPICS + 1);
        assert!(voice.is_news("passage", "tool", now), "it was never told");
        assert!(!voice.is_news("passage", "other", now), "one word does for all");
        assert!(voice.is_news("injection.ignore-previous", "tool", now));
        assert!(voice.is_news("passage", "other", now + TOLD_FOR));
    }
}

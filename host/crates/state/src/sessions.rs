//! What a session has besides what its token says. It lives in memory: a
//! restart ends every session, and its client begins anew.
//!
//! **Invariant:** there are only so many. The one idle longest makes room, one
//! that is in use only if all are.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Most sessions at once. Answers "a client that opens sessions in a loop".
pub const MOST_SESSIONS: usize = 10_000;

/// How long an idle session lives.
pub const IDLE: Duration = Duration::from_secs(60 * 60);

/// Parts of the table, each with a lock of its own: no two sessions wait for
/// each other often.
const SHARDS: usize = 16;

/// A session's random number. Nobody outside has ever seen one.
pub type Serial = [u8; 16];

struct Entry<T> {
    held: Arc<T>,
    used: Instant,
}

impl<T> Entry<T> {
    /// A call or a stream that is under way holds it too.
    fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.held) > 1
    }

    fn is_over(&self) -> bool {
        !self.is_in_use() && self.used.elapsed() >= IDLE
    }
}

type Shard<T> = HashMap<Serial, Entry<T>>;

/// The sessions that there are.
pub struct Sessions<T> {
    shards: [Mutex<Shard<T>>; SHARDS],
}

impl<T> Default for Sessions<T> {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl<T> Sessions<T> {
    fn shard(&self, serial: &Serial) -> MutexGuard<'_, Shard<T>> {
        self.shards[usize::from(serial[0]) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a session. What made room for it is returned, for its end.
    pub fn open(&self, serial: Serial, held: Arc<T>) -> Option<Arc<T>> {
        let mut shard = self.shard(&serial);
        let gone = if shard.len() >= MOST_SESSIONS / SHARDS { make_room(&mut shard) } else { None };
        shard.insert(serial, Entry { held, used: Instant::now() });
        gone
    }

    /// The session of this serial, unless it ended or was idle for too long.
    pub fn find(&self, serial: &Serial) -> Option<Arc<T>> {
        let mut shard = self.shard(serial);
        let entry = shard.get_mut(serial)?;
        if entry.is_over() {
            shard.remove(serial);
            return None;
        }
        entry.used = Instant::now();
        Some(entry.held.clone())
    }

    /// Takes a session out.
    pub fn end(&self, serial: &Serial) -> Option<Arc<T>> {
        self.shard(serial).remove(serial).map(|entry| entry.held)
    }
}

fn make_room<T>(shard: &mut Shard<T>) -> Option<Arc<T>> {
    shard.retain(|_, entry| !entry.is_over());
    if shard.len() < MOST_SESSIONS / SHARDS {
        return None;
    }
    let oldest = shard.iter().min_by_key(|(_, entry)| (entry.is_in_use(), entry.used)).map(|(serial, _)| *serial)?;
    shard.remove(&oldest).map(|entry| entry.held)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial(number: usize) -> Serial {
        // All in one shard.
        let mut serial = [0; 16];
        serial[8..].copy_from_slice(&(number as u64).to_be_bytes());
        serial
    }

    #[test]
    fn a_session_is_found_until_it_ends() {
        let sessions = Sessions::default();
        assert!(sessions.open(serial(1), Arc::new("a")).is_none());
        assert_eq!(sessions.find(&serial(1)).as_deref(), Some(&"a"));
        assert_eq!(sessions.find(&serial(2)), None);
        assert_eq!(sessions.end(&serial(1)).as_deref(), Some(&"a"));
        assert_eq!(sessions.find(&serial(1)), None);
    }

    #[test]
    fn the_one_idle_longest_makes_room_and_none_in_use_does() {
        let sessions = Sessions::default();
        let most = MOST_SESSIONS / SHARDS;
        let in_use = Arc::new(0);
        assert_eq!(sessions.open(serial(0), in_use.clone()), None);
        for number in 1..most {
            assert_eq!(sessions.open(serial(number), Arc::new(number)), None);
        }
        assert_eq!(sessions.open(serial(most), Arc::new(most)).as_deref(), Some(&1));
        assert_eq!(sessions.find(&serial(0)), Some(in_use));
        assert_eq!(sessions.find(&serial(1)), None);
    }
}

//! What a session has besides what its token says. It lives in memory: a
//! restart ends every session, and its client begins anew.
//!
//! **Invariant:** there are only so many, and only so many of one owner. Who
//! has its share makes room with its own one idle longest; in a full house
//! anybody's does. One that is in use makes room only if all are.

mod turns;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use self::turns::Turns;

/// Most sessions at once. Answers "a client that opens sessions in a loop".
pub const MOST_SESSIONS: usize = 10_000;

/// Most of them that are one owner's. Answers "a client that opens sessions in
/// a loop, until everybody else's have ended".
pub const MOST_OF_ONE: usize = MOST_SESSIONS / 4;

/// How long an idle session lives.
pub const IDLE: Duration = Duration::from_secs(60 * 60);

/// Parts of the table, each with a lock of its own: no two sessions wait for
/// each other often.
const SHARDS: usize = 16;

/// A session's random number. Nobody outside has ever seen one.
pub type Serial = [u8; 16];

struct Entry<T> {
    held: Arc<T>,
    owner: Arc<str>,
    /// The use by which it stands among its owner's: the last one, or an
    /// earlier one.
    seen: Instant,
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
///
/// Finding one takes its shard alone. Opening and ending one take the turns
/// too, which are locked before a shard, never after.
pub struct Sessions<T> {
    shards: [Mutex<Shard<T>>; SHARDS],
    turns: Mutex<Turns>,
}

impl<T> Default for Sessions<T> {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), turns: Mutex::default() }
    }
}

impl<T> Sessions<T> {
    fn shard(&self, serial: &Serial) -> MutexGuard<'_, Shard<T>> {
        self.nth(usize::from(serial[0]))
    }

    fn nth(&self, number: usize) -> MutexGuard<'_, Shard<T>> {
        self.shards[number % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a session of `owner`. What made room for it is returned, for its
    /// end.
    pub fn open(&self, owner: &Arc<str>, serial: Serial, held: Arc<T>) -> Option<Arc<T>> {
        let mut turns = self.turns();
        let gone = if turns.of(owner) >= MOST_OF_ONE {
            self.retire(owner, &mut turns)
        } else if turns.all() >= MOST_SESSIONS {
            self.make_room(&serial, &mut turns)
        } else {
            None
        };
        let now = Instant::now();
        turns.add(owner, (now, serial));
        self.shard(&serial).insert(serial, Entry { held, owner: owner.clone(), seen: now, used: now });
        gone
    }

    /// The session of this serial, unless it ended or was idle for too long.
    pub fn find(&self, serial: &Serial) -> Option<Arc<T>> {
        let mut shard = self.shard(serial);
        let entry = shard.get_mut(serial)?;
        if entry.is_over() {
            drop(shard);
            self.end(serial);
            return None;
        }
        entry.used = Instant::now();
        Some(entry.held.clone())
    }

    /// Takes a session out.
    pub fn end(&self, serial: &Serial) -> Option<Arc<T>> {
        let Entry { held, owner, seen, .. } = self.shard(serial).remove(serial)?;
        self.turns().remove(&owner, &(seen, *serial));
        Some(held)
    }

    /// Takes out the one of `owner`'s that is idle longest. Each is looked at
    /// once at most, and those that were used since they were seen last, or
    /// are in use, stand behind the others from then on.
    fn retire(&self, owner: &Arc<str>, turns: &mut Turns) -> Option<Arc<T>> {
        let mut looks = turns.of(owner);
        loop {
            let (seen, serial) = turns.pop(owner)?;
            let mut shard = self.shard(&serial);
            // It may be ending right now: that is room, too.
            let entry = shard.get_mut(&serial)?;
            if entry.is_in_use() {
                entry.used = Instant::now();
            }
            if entry.used <= seen || looks == 0 {
                return shard.remove(&serial).map(|entry| entry.held);
            }
            looks -= 1;
            entry.seen = entry.used;
            turns.add(owner, (entry.seen, serial));
        }
    }

    /// Takes out what is over in the first shard, from that of `serial` on, that
    /// holds anything, or else the one that is idle longest there.
    fn make_room(&self, serial: &Serial, turns: &mut Turns) -> Option<Arc<T>> {
        let first = usize::from(serial[0]);
        (first..first + SHARDS).find_map(|number| clear(&mut self.nth(number), turns))?
    }
}

/// Clears a shard of what is over, or of the one that is idle longest, which is
/// returned. `None` if there was nothing.
fn clear<T>(shard: &mut Shard<T>, turns: &mut Turns) -> Option<Option<Arc<T>>> {
    let before = shard.len();
    shard.retain(|serial, entry| {
        let is_over = entry.is_over();
        if is_over {
            turns.remove(&entry.owner, &(entry.seen, *serial));
        }
        !is_over
    });
    if shard.len() < before {
        return Some(None);
    }
    let oldest = shard.iter().min_by_key(|(_, entry)| (entry.is_in_use(), entry.used)).map(|(serial, _)| *serial)?;
    let Entry { held, owner, seen, .. } = shard.remove(&oldest)?;
    turns.remove(&owner, &(seen, oldest));
    Some(Some(held))
}

#[cfg(test)]
mod tests;

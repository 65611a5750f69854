//! Conversations of the handshake era: what was agreed on, with whom, and
//! what of it is under way. Over stdio there is one; over HTTP, one a session.
//!
//! **Invariant:** a session is no credential. It belongs to the principal that
//! opened it, and presented by anybody else it does not exist.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bulkhead_protocol::{LogLevel, Speech};
use tokio::sync::watch;

use crate::{inflight::InFlight, questions::Questions};

/// Most sessions at once; the one idle longest makes room. Answers "a client
/// that opens sessions in a loop".
const MAX_SESSIONS: usize = 10_000;

/// How long an idle session lives.
const IDLE: Duration = Duration::from_secs(60 * 60);

/// Most resources that one conversation may watch. Answers "a client that
/// subscribes to everything it can spell".
const MAX_WATCHED: usize = 1_024;

/// Parts of the session table, each with a lock of its own: no two sessions
/// wait for each other often.
const SHARDS: usize = 16;

/// One conversation.
#[derive(Default)]
pub struct Dialogue {
    speech: Mutex<Option<Arc<Speech>>>,
    watched: Mutex<HashSet<Arc<str>>>,
    /// The calls that its client may give up by their ids.
    pub calls: InFlight,
    /// What its client was asked and has not answered yet.
    pub questions: Questions,
    begun: watch::Sender<bool>,
}

/// The conversation watches as many resources as it may.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany;

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Dialogue {
    /// What was agreed on; `None` before the handshake.
    #[must_use]
    pub fn speech(&self) -> Option<Arc<Speech>> {
        lock(&self.speech).clone()
    }

    /// The handshake: from here on, both speak like this.
    pub fn agree(&self, speech: Arc<Speech>) {
        *lock(&self.speech) = Some(speech);
        self.begun.send_replace(true);
    }

    /// Ends once the handshake is done.
    pub async fn agreed(&self) {
        let mut begun = self.begun.subscribe();
        let _ = begun.wait_for(|begun| *begun).await;
    }

    /// From now on this conversation hears lines of `level` and above.
    pub fn set_log_level(&self, level: LogLevel) {
        if let Some(speech) = lock(&self.speech).as_mut() {
            Arc::make_mut(speech).log_level = Some(level);
        }
    }

    /// From now on this conversation hears of changes of `uri`.
    ///
    /// # Errors
    /// It watches as many as it may.
    pub fn watch(&self, uri: &str) -> Result<(), TooMany> {
        let mut watched = lock(&self.watched);
        if watched.len() >= MAX_WATCHED && !watched.contains(uri) {
            return Err(TooMany);
        }
        watched.insert(uri.into());
        Ok(())
    }

    /// No more about `uri`.
    pub fn unwatch(&self, uri: &str) {
        lock(&self.watched).remove(uri);
    }

    /// Whether changes of `uri` are to be told.
    #[must_use]
    pub fn watches(&self, uri: &str) -> bool {
        lock(&self.watched).contains(uri)
    }
}

/// One session over HTTP.
#[derive(Clone)]
pub struct Session {
    pub id: Arc<str>,
    pub dialogue: Arc<Dialogue>,
}

struct Entry {
    principal: Arc<str>,
    dialogue: Arc<Dialogue>,
    used: Instant,
}

type Shard = HashMap<Arc<str>, Entry>;

/// The sessions that are open.
#[derive(Default)]
pub struct Sessions {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

impl Sessions {
    fn shard(&self, id: &str) -> MutexGuard<'_, Shard> {
        let number = usize::try_from(self.hasher.hash_one(id) % SHARDS as u64).unwrap_or_default();
        lock(&self.shards[number])
    }

    /// Opens a session for `principal`.
    ///
    /// # Errors
    /// The system has no random source.
    pub fn open(&self, principal: &Arc<str>, speech: Arc<Speech>) -> Result<Session, getrandom::Error> {
        let session = Session { id: fresh_id()?, dialogue: Arc::default() };
        session.dialogue.agree(speech);
        let entry = Entry { principal: principal.clone(), dialogue: session.dialogue.clone(), used: Instant::now() };
        let mut shard = self.shard(&session.id);
        if shard.len() >= MAX_SESSIONS / SHARDS {
            make_room(&mut shard);
        }
        shard.insert(session.id.clone(), entry);
        Ok(session)
    }

    /// The session `id` of `principal`; `None` if it ended, or is another's.
    #[must_use]
    pub fn find(&self, principal: &str, id: &str) -> Option<Session> {
        let mut shard = self.shard(id);
        let (key, entry) = shard.get_key_value(id)?;
        let (id, alive) = (key.clone(), entry.used.elapsed() < IDLE);
        if !alive {
            shard.remove(&id);
            return None;
        }
        let entry = shard.get_mut(&id).filter(|entry| &*entry.principal == principal)?;
        entry.used = Instant::now();
        Some(Session { id, dialogue: entry.dialogue.clone() })
    }

    /// Ends a session. False if `principal` has none of that id.
    pub fn end(&self, principal: &str, id: &str) -> bool {
        let mut shard = self.shard(id);
        let owned = shard.get(id).is_some_and(|entry| &*entry.principal == principal);
        owned && shard.remove(id).is_some()
    }
}

fn make_room(shard: &mut Shard) {
    shard.retain(|_, entry| entry.used.elapsed() < IDLE);
    if shard.len() < MAX_SESSIONS / SHARDS {
        return;
    }
    let oldest = shard.iter().min_by_key(|(_, entry)| entry.used).map(|(id, _)| id.clone());
    oldest.and_then(|id| shard.remove(&id));
}

/// 128 random bits in visible ASCII, as the transport's specification asks.
fn fresh_id() -> Result<Arc<str>, getrandom::Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    let mut id = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(id, "{byte:02x}");
    }
    Ok(id.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_watches_what_it_asked_for_and_not_without_end() {
        let dialogue = Dialogue::default();
        for n in 0..MAX_WATCHED {
            assert_eq!(dialogue.watch(&format!("test://{n}")), Ok(()));
        }
        assert_eq!(dialogue.watch("test://more"), Err(TooMany));
        assert_eq!(dialogue.watch("test://0"), Ok(()), "already watched");
        dialogue.unwatch("test://0");
        assert!(!dialogue.watches("test://0"));
        assert_eq!(dialogue.watch("test://more"), Ok(()));
    }
}

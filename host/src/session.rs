//! Sessions of the handshake era over HTTP: what was agreed on, and with whom.
//!
//! **Invariant:** a session is no credential. It belongs to the principal that
//! opened it, and presented by anybody else it does not exist.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bulkhead_protocol::{LogLevel, Speech};

/// Most sessions at once; the one idle longest makes room. Answers "a client
/// that opens sessions in a loop".
const MAX_SESSIONS: usize = 10_000;

/// How long an idle session lives.
const IDLE: Duration = Duration::from_secs(60 * 60);

/// One session.
#[derive(Clone)]
pub struct Session {
    pub id: Arc<str>,
    pub speech: Arc<Speech>,
}

struct Entry {
    principal: Arc<str>,
    speech: Arc<Speech>,
    used: Instant,
}

/// The sessions that are open.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<Arc<str>, Entry>>);

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a session for `principal`.
    ///
    /// # Errors
    /// The system has no random source.
    pub fn open(&self, principal: &Arc<str>, speech: Speech) -> Result<Session, getrandom::Error> {
        let session = Session { id: fresh_id()?, speech: Arc::new(speech) };
        let entry = Entry { principal: principal.clone(), speech: session.speech.clone(), used: Instant::now() };
        let mut sessions = self.lock();
        if sessions.len() >= MAX_SESSIONS {
            make_room(&mut sessions);
        }
        sessions.insert(session.id.clone(), entry);
        Ok(session)
    }

    /// The session `id` of `principal`; `None` if it ended, or is another's.
    #[must_use]
    pub fn find(&self, principal: &str, id: &str) -> Option<Session> {
        let mut sessions = self.lock();
        let (key, entry) = sessions.get_key_value(id)?;
        let (id, alive) = (key.clone(), entry.used.elapsed() < IDLE);
        if !alive {
            sessions.remove(&id);
            return None;
        }
        let entry = sessions.get_mut(&id).filter(|entry| &*entry.principal == principal)?;
        entry.used = Instant::now();
        Some(Session { id, speech: entry.speech.clone() })
    }

    /// From now on this session hears lines of `level` and above.
    pub fn set_log_level(&self, id: &str, level: LogLevel) {
        if let Some(entry) = self.lock().get_mut(id) {
            Arc::make_mut(&mut entry.speech).log_level = Some(level);
        }
    }

    /// Ends a session. False if `principal` has none of that id.
    pub fn end(&self, principal: &str, id: &str) -> bool {
        let mut sessions = self.lock();
        let owned = sessions.get(id).is_some_and(|entry| &*entry.principal == principal);
        owned && sessions.remove(id).is_some()
    }
}

fn make_room(sessions: &mut HashMap<Arc<str>, Entry>) {
    sessions.retain(|_, entry| entry.used.elapsed() < IDLE);
    if sessions.len() < MAX_SESSIONS {
        return;
    }
    let oldest = sessions.iter().min_by_key(|(_, entry)| entry.used).map(|(id, _)| id.clone());
    oldest.and_then(|id| sessions.remove(&id));
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

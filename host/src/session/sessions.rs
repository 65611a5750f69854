//! Session ids: sealed tokens.
//!
//! **Invariant:** whom a session belongs to is bound into its token, so that
//! one which does not open for a caller never reaches the table.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bulkhead_protocol::Speech;
use bulkhead_seal::{Bond, Keyring, SealError};
use bulkhead_state::{Serial, Sessions as Table, replay::Room};
use tokio_util::sync::CancellationToken;

use super::Dialogue;
use crate::clock::now;

/// How long a session lives, used or not.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A session's token, and what the session has besides.
pub struct Session {
    pub token: String,
    pub dialogue: Arc<Dialogue>,
}

/// The sessions that are open over HTTP.
pub struct Sessions {
    ring: Arc<ArcSwap<Keyring>>,
    table: Table<Dialogue>,
    room: Room,
}

impl Sessions {
    /// No session yet; tokens are sealed and opened with `ring`.
    #[must_use]
    pub fn new(ring: Arc<ArcSwap<Keyring>>) -> Self {
        Self { ring, table: Table::default(), room: Room::default() }
    }

    /// Opens a session for `principal`. It ends with what let its client in:
    /// when `gone` is fired.
    ///
    /// # Errors
    /// The system has no random source.
    pub fn open(
        &self,
        principal: &Arc<str>,
        gone: CancellationToken,
        speech: Arc<Speech>,
    ) -> Result<Session, SealError> {
        let mut serial = Serial::default();
        getrandom::fill(&mut serial).map_err(|_| SealError::NoRandom)?;
        let agreed = [serial.as_slice(), speech.revision.as_str().as_bytes()].concat();
        let token = self.ring.load().seal(&bond(principal), now() + LIFETIME.as_secs(), &agreed)?;
        let dialogue = Arc::new(Dialogue::over_http(self.room.share(principal), gone));
        dialogue.agree(speech);
        if let Some(gone) = self.table.open(principal, serial, dialogue.clone()) {
            gone.end();
        }
        Ok(Session { token, dialogue })
    }

    /// What there is of the session that `token` names to `principal`. `None`
    /// if it is another's, its time is over, or nothing of it is here: after a
    /// restart, on another server, when it ended or was idle for too long.
    #[must_use]
    pub fn find(&self, principal: &str, token: &str) -> Option<Arc<Dialogue>> {
        let agreed = self.read(principal, token)?;
        let (serial, revision) = agreed.split_first_chunk()?;
        if let Some(dialogue) = self.table.find(serial) {
            if dialogue.goes_on() {
                return Some(dialogue);
            }
            self.close(serial);
        }
        let revision = String::from_utf8_lossy(revision);
        tracing::debug!(principal, %revision, "nothing is left of this session: its client begins anew");
        None
    }

    /// Ends a session, its streams and calls. False if `principal` has none of
    /// that token.
    pub fn end(&self, principal: &str, token: &str) -> bool {
        let agreed = self.read(principal, token);
        let serial = agreed.as_deref().and_then(<[u8]>::first_chunk);
        serial.is_some_and(|serial| self.close(serial))
    }

    /// Takes a session out, with its streams and calls. False if there is none.
    fn close(&self, serial: &Serial) -> bool {
        self.table.end(serial).inspect(|dialogue| dialogue.end()).is_some()
    }

    /// What a token holds: a session's number, and the revision that was agreed on.
    fn read(&self, principal: &str, token: &str) -> Option<Vec<u8>> {
        match self.ring.load().open(&bond(principal), now(), token) {
            Ok(opened) => Some(opened.plain),
            Err(error) => {
                tracing::debug!(principal, %error, "a session token was refused");
                None
            }
        }
    }
}

fn bond(principal: &str) -> Bond {
    Bond::new("session", &[principal.as_bytes()])
}

#[cfg(test)]
mod tests {
    use bulkhead_base::Redacted;
    use bulkhead_protocol::Revision;

    use super::*;

    fn ring(key: u8) -> Arc<ArcSwap<Keyring>> {
        Arc::new(ArcSwap::from_pointee(Keyring::new(&Redacted::new([key; 32]), &[])))
    }

    fn open(sessions: &Sessions, principal: &str) -> Session {
        let gone = CancellationToken::new();
        sessions.open(&principal.into(), gone, Arc::new(Speech::of(Revision::V2025_11_25))).unwrap()
    }

    #[test]
    fn a_session_is_its_principals_alone() {
        let (sessions, elsewhere) = (Sessions::new(ring(1)), Sessions::new(ring(1)));
        let Session { token, dialogue } = open(&sessions, "alice");
        assert!(token.bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "{token}");
        assert!(Arc::ptr_eq(&sessions.find("alice", &token).unwrap(), &dialogue));
        assert!(sessions.find("bob", &token).is_none());
        assert!(!sessions.end("bob", &token));
        assert!(elsewhere.find("alice", &token).is_none(), "it opens there, and there is nothing");
        let touched = token.replace(token.chars().last().unwrap(), "~");
        assert!(sessions.find("alice", &touched).is_none());
        assert!(sessions.end("alice", &token));
        assert!(sessions.find("alice", &token).is_none());
    }

    #[test]
    fn a_session_ends_with_what_let_its_client_in() {
        let (sessions, gone) = (Sessions::new(ring(1)), CancellationToken::new());
        let opened = sessions.open(&"alice".into(), gone.clone(), Arc::new(Speech::of(Revision::V2025_11_25))).unwrap();
        assert!(sessions.find("alice", &opened.token).is_some());
        gone.cancel();
        assert!(sessions.find("alice", &opened.token).is_none());
        assert_eq!(Arc::strong_count(&opened.dialogue), 1, "and takes no place any more");
    }

    #[test]
    fn an_ended_session_gives_up_its_calls_and_streams() {
        let sessions = Sessions::new(ring(1));
        let Session { token, dialogue } = open(&sessions, "alice");
        let call = dialogue.calls.enter(bulkhead_protocol::RequestId::Int(1)).unwrap();
        let (_writer, reader) = dialogue.streams.begin().unwrap();
        let news = dialogue.renew_news();
        sessions.end("alice", &token);
        assert!(call.is_given_up() && news.is_cancelled());
        assert!(dialogue.streams.resume(reader.place()).is_none());
    }
}

//! Conversations of the handshake era: what was agreed on, with whom, and
//! what of it is under way. Over stdio there is one; over HTTP, one a session.
//!
//! **Invariant:** a session is no credential. It belongs to the principal that
//! opened it, and presented by anybody else it does not exist.

mod audience;
mod sessions;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bulkhead_protocol::{LogLevel, Revision, Speech};
use bulkhead_state::{
    Questions,
    replay::{Share, Streams},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use sessions::{Session, Sessions};

use self::audience::Audience;
use crate::{
    folders::{Interest, Interests, TooMany},
    inflight::InFlight,
};

/// Most resources that one conversation may watch. Answers "a client that
/// subscribes to everything it can spell".
const MAX_WATCHED: usize = 1_024;

/// One conversation.
#[derive(Default)]
pub struct Dialogue {
    speech: Mutex<Option<Arc<Speech>>>,
    watched: Mutex<HashMap<Arc<str>, Arc<Interest>>>,
    /// The calls that its client may give up by their ids.
    pub calls: InFlight,
    /// What its client was asked and has not answered yet.
    pub questions: Questions,
    /// What was said on its streams over HTTP, for a client that comes back.
    pub streams: Streams,
    /// Whom that is for.
    pub audience: Audience,
    /// Fired when what let its client in, or a right of it, is taken away.
    gone: CancellationToken,
    /// Fired when its stand-alone stream is another one, or none any more.
    news: Mutex<CancellationToken>,
    begun: watch::Sender<bool>,
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Dialogue {
    /// A conversation over HTTP, whose streams take their space from its
    /// principal's `share`, for as long as `gone` is not fired.
    fn over_http(share: Share, gone: CancellationToken) -> Self {
        Self { streams: Streams::new(share), gone, ..Self::default() }
    }

    /// Whether its client may go on with it: what was said to it before a right
    /// was taken away is not said again.
    fn goes_on(&self) -> bool {
        !self.gone.is_cancelled()
    }

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

    /// Whether its client understands an event without data, and comes back
    /// when a stream is closed under it (2025-11-25, "Sending Messages").
    #[must_use]
    pub fn resumes(&self) -> bool {
        self.speech().is_some_and(|speech| speech.revision >= Revision::V2025_11_25)
    }

    /// A new stand-alone stream takes the older one's place: news is told on
    /// one stream of a conversation, never on two.
    pub fn renew_news(&self) -> CancellationToken {
        let fresh = CancellationToken::new();
        std::mem::replace(&mut *lock(&self.news), fresh.clone()).cancel();
        fresh
    }

    /// Ends everything that is under way: calls are given up, streams close,
    /// and nothing that was said is kept.
    pub fn end(&self) {
        self.calls.cancel_all();
        lock(&self.news).cancel();
        lock(&self.watched).clear();
        self.streams.end();
    }

    /// From now on this conversation hears lines of `level` and above.
    pub fn set_log_level(&self, level: LogLevel) {
        if let Some(speech) = lock(&self.speech).as_mut() {
            Arc::make_mut(speech).log_level = Some(level);
        }
    }

    /// From now on this conversation, which is `who`'s, hears of changes of `uri`.
    ///
    /// # Errors
    /// It watches as many as it may.
    pub fn watch(&self, uri: &str, who: &Arc<str>, interests: &Interests) -> Result<Arc<Interest>, TooMany> {
        let mut watched = lock(&self.watched);
        if let Some(interest) = watched.get(uri) {
            return Ok(interest.clone());
        }
        if watched.len() >= MAX_WATCHED {
            return Err(TooMany);
        }
        let uri: Arc<str> = uri.into();
        let interest = Arc::new(interests.watch(uri.clone(), who.clone())?);
        watched.insert(uri, interest.clone());
        Ok(interest)
    }

    /// No more about `uri`.
    pub fn unwatch(&self, uri: &str) {
        lock(&self.watched).remove(uri);
    }

    /// Whether changes of `uri` are to be told.
    #[must_use]
    pub fn watches(&self, uri: &str) -> bool {
        lock(&self.watched).contains_key(uri)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_watches_what_it_asked_for_and_not_without_end() {
        let (dialogue, interests) = (Dialogue::default(), Interests::default());
        let watch = |uri: &str| dialogue.watch(uri, &"me".into(), &interests).map(drop);
        for n in 0..MAX_WATCHED {
            assert_eq!(watch(&format!("test://{n}")), Ok(()));
        }
        assert_eq!(watch("test://more"), Err(TooMany));
        assert_eq!(watch("test://0"), Ok(()), "already watched");
        dialogue.unwatch("test://0");
        assert!(!dialogue.watches("test://0"));
        assert_eq!(watch("test://more"), Ok(()));
    }

    #[test]
    fn a_new_stream_of_news_ends_the_older_one() {
        let dialogue = Dialogue::default();
        let (older, newer) = (dialogue.renew_news(), dialogue.renew_news());
        assert!(older.is_cancelled() && !newer.is_cancelled());
    }
}

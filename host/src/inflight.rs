//! Calls that are under way, so that a client can give one up by its id.
//!
//! **Invariant:** a caller reaches only calls of its own conversation: the
//! same stdio process, or the same session of the same principal.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bulkhead_protocol::RequestId;
use tokio_util::sync::CancellationToken;

/// One conversation: who talks, and in which session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conversation {
    pub principal: Arc<str>,
    pub session: Option<Arc<str>>,
}

type Key = (Conversation, RequestId);

/// The calls under way. Bounded by the transport's limit on calls in flight.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashMap<Key, CancellationToken>>>);

/// One call's entry; dropping it takes the call off the list.
pub struct Underway {
    list: InFlight,
    key: Key,
    token: CancellationToken,
}

impl InFlight {
    /// Enters a call. `None` if one with this id is under way already: ids
    /// are unique within a conversation (JSON-RPC 2.0, MCP "Requests").
    #[must_use]
    pub fn enter(&self, conversation: Conversation, id: RequestId) -> Option<Underway> {
        let key = (conversation, id);
        let token = CancellationToken::new();
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.contains_key(&key) {
            return None;
        }
        calls.insert(key.clone(), token.clone());
        drop(calls);
        Some(Underway { list: self.clone(), key, token })
    }

    /// Gives a call up. False if there is none: it may just have ended.
    pub fn cancel(&self, conversation: Conversation, id: RequestId) -> bool {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.get(&(conversation, id)).is_some_and(|token| {
            token.cancel();
            true
        })
    }
}

impl Underway {
    /// Ends once the client has given the call up.
    pub async fn given_up(&self) {
        self.token.cancelled().await;
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.list.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(principal: &str) -> Conversation {
        Conversation { principal: principal.into(), session: None }
    }

    #[test]
    fn nobody_cancels_somebody_elses_call() {
        let calls = InFlight::default();
        let mine = calls.enter(talk("me"), RequestId::Int(1)).unwrap();
        assert!(!calls.cancel(talk("you"), RequestId::Int(1)));
        assert!(!mine.token.is_cancelled());
        assert!(calls.cancel(talk("me"), RequestId::Int(1)));
        assert!(mine.token.is_cancelled());
        drop(mine);
        assert!(!calls.cancel(talk("me"), RequestId::Int(1)), "an ended call is off the list");
    }

    #[test]
    fn an_id_is_used_once_at_a_time() {
        let calls = InFlight::default();
        let first = calls.enter(talk("me"), RequestId::Int(1));
        assert!(calls.enter(talk("me"), RequestId::Int(1)).is_none());
        drop(first);
        assert!(calls.enter(talk("me"), RequestId::Int(1)).is_some());
    }
}

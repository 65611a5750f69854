//! Calls that are under way in one conversation, so that the client can give
//! one up by its id.
//!
//! **Invariant:** a caller reaches only calls of its own conversation: the
//! list belongs to one stdio process, or to one session of one principal.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bulkhead_protocol::RequestId;
use tokio_util::sync::CancellationToken;

/// The calls under way. Bounded by the limit on calls in flight.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashMap<RequestId, CancellationToken>>>);

/// One call's entry; dropping it takes the call off the list.
pub struct Underway {
    list: InFlight,
    id: RequestId,
    token: CancellationToken,
}

impl InFlight {
    /// Enters a call. `None` if one with this id is under way already: ids
    /// are unique within a conversation (JSON-RPC 2.0, MCP "Requests").
    #[must_use]
    pub fn enter(&self, id: RequestId) -> Option<Underway> {
        let token = CancellationToken::new();
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.contains_key(&id) {
            return None;
        }
        calls.insert(id.clone(), token.clone());
        drop(calls);
        Some(Underway { list: self.clone(), id, token })
    }

    /// Gives a call up. False if there is none: it may just have ended.
    pub fn cancel(&self, id: &RequestId) -> bool {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.get(id).is_some_and(|token| {
            token.cancel();
            true
        })
    }

    /// Gives all calls up: the conversation ends.
    pub fn cancel_all(&self) {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.values().for_each(CancellationToken::cancel);
    }
}

impl Underway {
    #[cfg(test)]
    pub(crate) fn is_given_up(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Ends once the client has given the call up.
    pub async fn given_up(&self) {
        self.token.cancelled().await;
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.list.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_cancels_a_call_of_another_conversation() {
        let (mine, yours) = (InFlight::default(), InFlight::default());
        let call = mine.enter(RequestId::Int(1)).unwrap();
        assert!(!yours.cancel(&RequestId::Int(1)));
        assert!(!call.token.is_cancelled());
        assert!(mine.cancel(&RequestId::Int(1)));
        assert!(call.token.is_cancelled());
        drop(call);
        assert!(!mine.cancel(&RequestId::Int(1)), "an ended call is off the list");
    }

    #[test]
    fn an_id_is_used_once_at_a_time() {
        let calls = InFlight::default();
        let first = calls.enter(RequestId::Int(1));
        assert!(calls.enter(RequestId::Int(1)).is_none());
        drop(first);
        assert!(calls.enter(RequestId::Int(1)).is_some());
    }
}

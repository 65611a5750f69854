//! Requests of ours that wait for a client's answer (handshake era).
//!
//! **Invariant:** an answer reaches only the conversation that was asked.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use tokio::sync::oneshot;

/// What a client answered, as JSON text: a result, or the error object.
pub type Outcome = Result<String, String>;

/// The questions of one conversation that are open. Each belongs to a call
/// under way, which bounds them.
#[derive(Clone, Default)]
pub struct Questions(Arc<Inner>);

#[derive(Default)]
struct Inner {
    last: AtomicI64,
    open: Mutex<HashMap<i64, oneshot::Sender<Outcome>>>,
}

/// One open question. Dropping it takes it off the list.
pub struct Question {
    list: Questions,
    number: i64,
    answer: oneshot::Receiver<Outcome>,
}

impl Questions {
    /// Opens a question.
    #[must_use]
    pub fn open(&self) -> Question {
        let number = self.0.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, answer) = oneshot::channel();
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner).insert(number, sender);
        Question { list: self.clone(), number, answer }
    }

    /// Takes an answer. False if nobody waits for it.
    pub fn answer(&self, number: i64, outcome: Outcome) -> bool {
        let waiting = self.0.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        waiting.is_some_and(|waiting| waiting.send(outcome).is_ok())
    }
}

impl Question {
    /// The number under which it is asked.
    #[must_use]
    pub const fn number(&self) -> i64 {
        self.number
    }

    /// The answer; `None` if there will be none.
    pub async fn answered(&mut self) -> Option<Outcome> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.list.0.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_reaches_its_question_once() {
        let questions = Questions::default();
        let (mut first, second) = (questions.open(), questions.open());
        assert_ne!(first.number(), second.number());
        assert!(questions.answer(first.number(), Ok("{}".to_owned())));
        assert!(!questions.answer(first.number(), Ok("[]".to_owned())), "answered already");
        assert_eq!(first.answered().await, Some(Ok("{}".to_owned())));
        let number = second.number();
        drop(second);
        assert!(!questions.answer(number, Ok(String::new())), "nobody waits any more");
    }
}

//! What one running task has besides its call: its row, its place, and the
//! last thing its plugin said of it.

use std::{convert::Infallible, future::pending, sync::Arc, time::Duration};

use bulkhead_protocol::json::Compact;
use bulkhead_state::{StateError, TaskEnd, TaskHold, TaskInput};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};

use super::{BEAT, LEASE, live::Seat, millis, now};
use crate::{
    hub::{Hub, News},
    pipeline::docket::Sheet,
    screening::Screened,
};

/// How soon after one status line the next is put down; the last one wins.
/// Answers "a plugin that reports its status in a loop".
const PACE: Duration = Duration::from_millis(500);

/// One running task.
pub(in crate::pipeline) struct Desk {
    hold: TaskHold,
    seat: Seat,
    hub: Hub,
    said: watch::Sender<Option<Arc<str>>>,
    sheet: Sheet,
}

impl Desk {
    pub(super) fn new(hold: TaskHold, seat: Seat, hub: Hub) -> Self {
        Self { hold, seat, hub, said: watch::Sender::new(None), sheet: Sheet::default() }
    }

    /// With the sheet that what it says is put on.
    pub(super) fn on(self, sheet: Sheet) -> Self {
        Self { sheet, ..self }
    }

    pub(super) fn id(&self) -> &Arc<str> {
        self.hold.id()
    }

    /// Ends once the task is to stop.
    pub(in crate::pipeline) async fn stopped(&self) {
        self.seat.stopped().await;
    }

    /// Ends once the client has answered, or may have.
    pub(super) async fn answered(&self) {
        self.seat.answered().await;
    }

    /// Takes the plugin's line for whoever watches the task.
    pub(in crate::pipeline) fn say(&self, line: Screened) {
        self.said.send_replace(Some(line.into_string().into()));
    }

    /// What the plugin says from now on.
    pub(super) fn heard(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.said.subscribe()
    }

    /// Answers for the task, and puts down what is `heard` of it.
    pub(super) async fn keep(&self, mut heard: watch::Receiver<Option<Arc<str>>>) -> Infallible {
        let mut beat = interval_at(Instant::now() + BEAT, BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next = Instant::now();
        loop {
            let line = tokio::select! {
                _ = beat.tick() => None,
                line = line(&mut heard, next) => Some(line),
            };
            let is_live = match line {
                None => self.written(self.hold.renew(now() + millis(LEASE), now()).await),
                Some(line) => {
                    next = Instant::now() + PACE;
                    self.put_down(&line).await
                }
            };
            if !is_live {
                // Cancelled elsewhere, or nobody believed any more that it runs.
                self.seat.stop();
                return pending().await;
            }
        }
    }

    /// Puts down a line of the plugin's, once it is on the record. False if
    /// there is no live task any more.
    async fn put_down(&self, line: &str) -> bool {
        let message = Compact::value(|slot| slot.str(line));
        if self.sheet.said("status", message.as_str()).await.is_err() {
            return true;
        }
        let said = self.hold.say(line.to_owned(), now()).await;
        self.told(said)
    }

    /// Puts questions. False if the task has ended.
    pub(super) async fn ask(&self, questions: Vec<TaskInput>) -> bool {
        let asked = self.hold.ask(questions, now()).await;
        self.told(asked)
    }

    /// The answers, once all are there.
    pub(super) async fn answers(&self) -> Option<Vec<TaskInput>> {
        self.hold.answers(now()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, task = %self.id(), "answers to a task cannot be read");
            None
        })
    }

    /// Puts down how the task ended, unless that is known already.
    pub(super) async fn finish(&self, end: TaskEnd) {
        let ended = self.hold.finish(end, now()).await;
        self.told(ended);
    }

    /// Tells the news of a change. False if there is no live task any more.
    fn told(&self, changed: Result<bool, StateError>) -> bool {
        let is_live = self.written(changed);
        if is_live {
            self.hub.tell(News::Task(self.id().clone()));
        }
        is_live
    }

    /// Whether the task was live. A row that cannot be written now may be later.
    fn written(&self, changed: Result<bool, StateError>) -> bool {
        changed.unwrap_or_else(|error| {
            tracing::warn!(%error, task = %self.id(), "a task's row cannot be written");
            true
        })
    }
}

/// The next line, not before `next`.
async fn line(heard: &mut watch::Receiver<Option<Arc<str>>>, next: Instant) -> Arc<str> {
    sleep_until(next).await;
    loop {
        if heard.changed().await.is_err() {
            return pending().await;
        }
        if let Some(line) = heard.borrow_and_update().clone() {
            return line;
        }
    }
}

//! Tasks that a subscription follows.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bulkhead_base::OperationKind;
use bulkhead_policy::may_list;
use bulkhead_protocol::{Fault, Filter};
use bulkhead_state::Stamp;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{lacks_tasks, methods::LONGEST_ID, methods::failing, now};
use crate::{
    pipeline::{ask::Asker, dispatch::Stop},
    render::ReadTask,
};

/// Most tasks that one `listen` may name. Answers "a filter of a thousand ids,
/// each looked up again and again".
const MOST_FOLLOWED: usize = 64;

/// How often they are looked at besides: another process may run them.
const LOOK: Duration = Duration::from_secs(2);

/// The live tasks of one subscription, and what was told of each last.
pub(in crate::pipeline) struct TaskWatch {
    told: HashMap<Arc<str>, Option<Stamp>>,
    look: Interval,
}

impl TaskWatch {
    fn of(ids: &[Arc<str>]) -> Self {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { told: ids.iter().map(|id| (id.clone(), None)).collect(), look }
    }

    /// Whether news of the task `id` is news here.
    pub(in crate::pipeline) fn follows(&self, id: &str) -> bool {
        self.told.contains_key(id)
    }

    /// Ends when it is time to look again; at once the first time.
    pub(in crate::pipeline) async fn due(&mut self) {
        if self.told.is_empty() {
            return std::future::pending().await;
        }
        self.look.tick().await;
    }
}

impl Asker<'_> {
    /// The tasks of a filter that are the caller's own: `None` if it names
    /// none, or none are served.
    pub(in crate::pipeline) async fn own_tasks(&self, filter: &Filter) -> Result<Option<Vec<Arc<str>>>, Fault> {
        let Some(ids) = &filter.task_ids else { return Ok(None) };
        if !self.call.speech.client.tasks {
            return Err(lacks_tasks());
        }
        if ids.len() > MOST_FOLLOWED {
            let most = format!("params.notifications.taskIds: expected at most {MOST_FOLLOWED}");
            return Err(Fault::invalid_params(most));
        }
        let Some(tasks) = self.tasks() else { return Ok(None) };
        let mut named = Vec::new();
        for id in ids.iter().filter(|id| id.len() <= LONGEST_ID) {
            if !named.contains(id) {
                named.push(id.clone());
            }
        }
        let principal = &self.caller.principal;
        let items = tasks.kept.items(principal.id(), named.clone(), now()).await.map_err(|error| failing(&error))?;
        let may = |item: &String| may_list(principal, OperationKind::CallTool, item);
        let own = named.into_iter().zip(items).filter(|(_, item)| item.as_ref().is_some_and(may));
        Ok(Some(own.map(|(id, _)| id).collect()))
    }

    /// Follows `ids`; where each stands is told first.
    pub(in crate::pipeline) fn follow(&self, ids: Option<&Vec<Arc<str>>>) -> TaskWatch {
        TaskWatch::of(ids.map_or(&[], Vec::as_slice))
    }

    /// Tells what has changed since it was told last. What has ended is told
    /// once more and then forgotten. Each is read once what was told before it
    /// has left: for a client that does not read, one of them waits.
    pub(in crate::pipeline) async fn tell_tasks(&self, watch: &mut TaskWatch) -> Result<(), Stop> {
        let Some(tasks) = self.tasks() else { return Ok(()) };
        let ids: Vec<Arc<str>> = watch.told.keys().cloned().collect();
        let stamps = tasks.kept.stamps(self.caller.principal.id(), ids.clone(), now()).await;
        let stamps = stamps.unwrap_or_else(|error| {
            tracing::warn!(%error, "tasks cannot be looked at");
            Vec::new()
        });
        for (id, stamp) in ids.into_iter().zip(stamps) {
            if watch.told.get(&id).is_some_and(|told| *told == stamp && stamp.is_some()) {
                continue;
            }
            let turn = tokio::select! {
                biased;
                () = self.host.closing.cancelled() => return Ok(()),
                turn = self.outbox.turn() => turn.map_err(|_| Stop::Abandoned)?,
            };
            if let Ok(task) = self.task(tasks, &id).await {
                let is_live = task.status.is_live();
                let told = Stamp { status: task.status, version: task.version };
                if let Ok(read) = ReadTask::read(self.as_of_now(task)) {
                    let news = read.changed(self.id());
                    turn.send(news.into()).await.map_err(|_| Stop::Abandoned)?;
                }
                if is_live {
                    watch.told.insert(id, Some(told));
                    continue;
                }
            }
            watch.told.remove(&id);
        }
        Ok(())
    }
}

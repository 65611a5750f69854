//! What is kept of a task, screened once more as it is read: policy and rules may
//! be stricter by now than when it was kept.
//!
//! Not so what waits for an answer: a question is put as it was screened when its
//! plugin asked, which is not long ago. Of a tool that is no longer served nobody
//! says what becomes of its words, and they are read as they were kept.

use std::sync::Arc;

use bulkhead_protocol::{Fault, code, json::Compact};
use bulkhead_registry::LoadedPlugin;
use bulkhead_screen::{Place, Policy};
use bulkhead_state::{Task, TaskStatus};

use crate::{
    pipeline::ask::Asker,
    render::{Failed, tool_error_result},
    screening::{About, Listener, Noted},
};

impl Asker<'_> {
    /// The task, as it may be read now.
    pub(super) fn as_of_now(&self, mut task: Task) -> Task {
        let snapshot = self.snapshot();
        let Some(tool) = snapshot.catalogue.tools.find(&task.item) else { return task };
        let Some(plugin) = snapshot.plugin(&tool.operation().plugin) else { return task };
        if plugin.voice().policy() == Policy::Off {
            return task;
        }
        let noted = Noted::default();
        match self.screened_again(plugin, tool.dotted(), &task, &noted) {
            Ok(()) => {
                if task.status == TaskStatus::Completed {
                    task.detail = task.detail.map(|result| noted.again(result));
                }
            }
            Err(failed) => self.withhold(&mut task, failed, &noted),
        }
        task
    }

    fn screened_again(
        &self,
        plugin: &Arc<LoadedPlugin>,
        tool: &Arc<str>,
        task: &Task,
        noted: &Noted,
    ) -> Result<(), Failed> {
        let listener = Listener::new(&self.host.screening, &self.host.alerts, plugin, Some(tool), noted)?;
        let bytes = task.detail.as_ref().map_or(0, String::len);
        listener.hear(&About::Notice { bytes }, |sieve| {
            sieve.maybe(Place::TaskStatus, task.message.clone())?;
            match (&task.detail, task.status) {
                (Some(result), TaskStatus::Completed) => sieve.kept(&Compact::object(result, usize::MAX)?)?,
                (Some(error), _) => drop(sieve.read(Place::Error, error)?),
                (None, _) => {}
            }
            Ok(())
        })
    }

    /// Puts in the place of what the plugin said that it is not passed on.
    fn withhold(&self, task: &mut Task, failed: Failed, noted: &Noted) {
        let told = failed.tell();
        if let Some(log) = &told.log {
            tracing::warn!(tool = %task.item, principal = %self.caller.principal.id(), "{log}");
        }
        let refused = told.client.tool_text().map_err(|fault| fault.message);
        let text = refused.unwrap_or_else(|text| text);
        task.message = task.message.as_ref().filter(|_| task.status == TaskStatus::Failed).map(|_| text.to_string());
        task.detail = task.detail.as_ref().map(|_| match task.status {
            TaskStatus::Completed => {
                let meta = Compact::write(|meta| noted.write(meta));
                tool_error_result(self.envelope(), &text, &meta).into_string()
            }
            _ => {
                let fault = noted.told(Fault::new(code::INTERNAL_ERROR, text.clone()));
                Compact::write(|error| fault.write(error)).into_string()
            }
        });
    }
}

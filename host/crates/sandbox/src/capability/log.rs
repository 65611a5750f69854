//! `bulkhead:plugin/host`: what a call tells its host. Open to every plugin,
//! within the limits of [`super::notes`].

use std::time::Instant;

use wasmtime::Result;

use crate::{
    ItemKind, LogLine, Progress, Report,
    answer::LogLevel,
    bindings::bulkhead::plugin::{host, types},
    state::CallState,
};

/// Longest message or name that a plugin passes to its host. Answers "one
/// status line of a megabyte".
const TEXT_BYTES: usize = 4 << 10;

impl types::Host for CallState {}

impl CallState {
    fn tell(&self, report: Report) {
        self.shared.witness.reports().tell(report);
    }

    fn event(&mut self, text: &str, report: impl FnOnce() -> Report) {
        if text.len() <= TEXT_BYTES && self.notes.admits_event() {
            self.tell(report());
        }
    }
}

impl host::Host for CallState {
    fn progress(&mut self, progress: f64, total: Option<f64>, message: Option<String>) -> Result<()> {
        let fits = message.as_ref().is_none_or(|text| text.len() <= TEXT_BYTES);
        if fits && self.notes.admits_progress(progress, Instant::now()) {
            let total = total.filter(|total| total.is_finite());
            self.tell(Report::Progress(Progress { progress, total, message }));
        }
        Ok(())
    }

    fn log(&mut self, level: LogLevel, logger: Option<String>, data: String) -> Result<()> {
        let bytes = data.len() + logger.as_ref().map_or(0, String::len);
        if self.notes.admits_level(level) && self.shared.words.take(bytes) {
            self.tell(Report::Log(LogLine { level, logger, data }));
        }
        Ok(())
    }

    fn cancelled(&mut self) -> Result<bool> {
        Ok(self.shared.witness.reports().is_closed())
    }

    fn resource_updated(&mut self, uri: String) -> Result<()> {
        self.event(&uri.clone(), || Report::ResourceUpdated(uri));
        Ok(())
    }

    fn resources_changed(&mut self) -> Result<()> {
        self.event("", || Report::ResourcesChanged);
        Ok(())
    }

    fn set_visible(&mut self, kind: host::ItemKind, name: String, visible: bool) -> Result<Result<(), String>> {
        if name.len() > TEXT_BYTES {
            return Ok(Err("the contract has no such item".to_owned()));
        }
        let kind = match kind {
            host::ItemKind::Tool => ItemKind::Tool,
            host::ItemKind::Prompt => ItemKind::Prompt,
            host::ItemKind::Resource => ItemKind::Resource,
        };
        let plugin = &self.shared;
        if !plugin.grounds.contracted.has(kind, &name) {
            return Ok(Err("the contract has no such item".to_owned()));
        }
        self.event("", || Report::Visibility { kind, name, visible });
        Ok(Ok(()))
    }

    fn task_status(&mut self, message: String) -> Result<()> {
        self.event(&message.clone(), || Report::TaskStatus(message));
        Ok(())
    }

    fn close_stream(&mut self, retry_ms: Option<u32>) -> Result<()> {
        self.event("", || Report::CloseStream { retry_ms });
        Ok(())
    }
}

//! What stands in for the host, and what it was told.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::types::{ItemKind, LogLevel};

/// One report of progress.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// How far.
    pub progress: f64,
    /// Of how much.
    pub total: Option<f64>,
    /// In words.
    pub message: Option<String>,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// How severe.
    pub level: LogLevel,
    /// Which part of the plugin.
    pub logger: Option<String>,
    /// What it says.
    pub data: Value,
}

/// What a plugin told its host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// Reports of progress.
    pub progress: Vec<Progress>,
    /// Lines of the log.
    pub log: Vec<Line>,
    /// Resources that have changed.
    pub updated: Vec<String>,
    /// How often the dynamic resources have changed.
    pub resources_changed: usize,
    /// What was hidden or shown.
    pub visible: Vec<(ItemKind, String, bool)>,
    /// What the task's watcher reads.
    pub task_status: Vec<String>,
    /// Every closing of the stream, with its `retry`.
    pub closed_streams: Vec<Option<u32>>,
}

/// What stands in for the host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stage(Rc<Props>);

#[derive(Debug, Default)]
struct Props {
    recorded: RefCell<Recorded>,
    cancelled: Cell<bool>,
    config: RefCell<BTreeMap<String, String>>,
    env: RefCell<BTreeMap<String, String>>,
    kv: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Stage {
    pub(super) fn recorded(&self) -> Recorded {
        self.0.recorded.borrow().clone()
    }

    pub(super) fn set_config(&self, key: &str, value: &str) {
        self.0.config.borrow_mut().insert(key.to_owned(), value.to_owned());
    }

    pub(super) fn set_env(&self, name: &str, value: &str) {
        self.0.env.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn cancel(&self) {
        self.0.cancelled.set(true);
    }

    pub(crate) fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        let message = message.map(str::to_owned);
        self.0.recorded.borrow_mut().progress.push(Progress { progress, total, message });
    }

    pub(crate) fn log(&self, level: LogLevel, logger: Option<&str>, data: &str) {
        let data = serde_json::from_str(data).unwrap_or_default();
        self.0.recorded.borrow_mut().log.push(Line { level, logger: logger.map(str::to_owned), data });
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.0.cancelled.get()
    }

    pub(crate) fn resource_updated(&self, uri: &str) {
        self.0.recorded.borrow_mut().updated.push(uri.to_owned());
    }

    pub(crate) fn resources_changed(&self) {
        self.0.recorded.borrow_mut().resources_changed += 1;
    }

    #[expect(clippy::unnecessary_wraps, reason = "it has the import's signature")]
    pub(crate) fn set_visible(&self, kind: ItemKind, name: &str, visible: bool) -> Result<(), String> {
        self.0.recorded.borrow_mut().visible.push((kind, name.to_owned(), visible));
        Ok(())
    }

    pub(crate) fn task_status(&self, message: &str) {
        self.0.recorded.borrow_mut().task_status.push(message.to_owned());
    }

    pub(crate) fn close_stream(&self, retry_ms: Option<u32>) {
        self.0.recorded.borrow_mut().closed_streams.push(retry_ms);
    }

    pub(crate) fn config(&self, key: &str) -> Option<String> {
        self.0.config.borrow().get(key).cloned()
    }

    pub(crate) fn all_config(&self) -> Vec<(String, String)> {
        self.0.config.borrow().clone().into_iter().collect()
    }

    pub(crate) fn env(&self, name: &str) -> Option<String> {
        self.0.env.borrow().get(name).cloned()
    }

    pub(crate) fn kv(&self) -> RefMut<'_, BTreeMap<String, Vec<u8>>> {
        self.0.kv.borrow_mut()
    }

    pub(crate) fn increment(&self, key: &str, delta: u64) -> Result<u64> {
        let mut kv = self.kv();
        let now = match kv.get(key) {
            None => 0,
            Some(value) => std::str::from_utf8(value)?.parse()?,
        };
        let next = delta.checked_add(now).ok_or_else(|| Error::failed("the number would not fit"))?;
        kv.insert(key.to_owned(), next.to_string().into_bytes());
        Ok(next)
    }
}

//! What a running call tells its caller.

use std::time::Duration;

use serde::Serialize;

use super::Context;
use crate::error::{Error, Result};
use crate::types::{ItemKind, LogLevel};

#[cfg(target_arch = "wasm32")]
use crate::bindings::bulkhead::plugin::host;

impl Context {
    /// Says how far the call is. Values must rise; the host drops one that
    /// does not, and passes on at most a few a second.
    pub fn progress<'a>(&self, progress: f64, total: impl Into<Option<f64>>, message: impl Into<Option<&'a str>>) {
        if self.call.progress {
            let (total, message) = (total.into(), message.into());
            #[cfg(target_arch = "wasm32")]
            host::progress(progress, total, message);
            #[cfg(not(target_arch = "wasm32"))]
            self.stage.progress(progress, total, message);
        }
    }

    /// A line for the caller: text or any JSON. It costs nothing below the
    /// call's level.
    pub fn log(&self, level: LogLevel, data: impl Serialize) {
        self.log_as(None, level, data);
    }

    /// A line for the caller, from the part of the plugin named `logger`.
    pub fn log_as<'a>(&self, logger: impl Into<Option<&'a str>>, level: LogLevel, data: impl Serialize) {
        if self.call.log_level.is_none_or(|least| level < least) {
            return;
        }
        // What cannot be written as JSON is a map with odd keys; its type is no line.
        let Ok(data) = serde_json::to_string(&data) else { return };
        let logger = logger.into();
        #[cfg(target_arch = "wasm32")]
        host::log(level, logger, &data);
        #[cfg(not(target_arch = "wasm32"))]
        self.stage.log(level, logger, &data);
    }

    /// Whether the caller has given up. The host stops the plugin shortly
    /// after in any case; this is for work that wants to end tidily.
    pub fn cancelled(&self) -> bool {
        #[cfg(target_arch = "wasm32")]
        return host::cancelled();
        #[cfg(not(target_arch = "wasm32"))]
        return self.stage.cancelled();
    }

    /// The resource at `uri`, one of this plugin's, has changed.
    pub fn resource_updated(&self, uri: &str) {
        #[cfg(target_arch = "wasm32")]
        host::resource_updated(uri);
        #[cfg(not(target_arch = "wasm32"))]
        self.stage.resource_updated(uri);
    }

    /// The dynamic resources that this plugin lists have changed.
    pub fn resources_changed(&self) {
        #[cfg(target_arch = "wasm32")]
        host::resources_changed();
        #[cfg(not(target_arch = "wasm32"))]
        self.stage.resources_changed();
    }

    /// Hides a contracted item from listings and calls, or shows it again.
    pub fn set_visible(&self, kind: ItemKind, name: &str, visible: bool) -> Result<()> {
        #[cfg(target_arch = "wasm32")]
        let done = host::set_visible(kind, name, visible);
        #[cfg(not(target_arch = "wasm32"))]
        let done = self.stage.set_visible(kind, name, visible);
        done.map_err(Error::Failed)
    }

    /// One line for whoever watches the task.
    pub fn task_status(&self, message: &str) {
        #[cfg(target_arch = "wasm32")]
        host::task_status(message);
        #[cfg(not(target_arch = "wasm32"))]
        self.stage.task_status(message);
    }

    /// Closes the connection that carries this call's events while the call
    /// goes on; the client comes back for the answer after `retry`. Does
    /// nothing where the client's revision cannot resume.
    pub fn close_stream(&self, retry: impl Into<Option<Duration>>) {
        let retry_ms = retry.into().map(|retry| u32::try_from(retry.as_millis()).unwrap_or(u32::MAX));
        #[cfg(target_arch = "wasm32")]
        host::close_stream(retry_ms);
        #[cfg(not(target_arch = "wasm32"))]
        self.stage.close_stream(retry_ms);
    }
}

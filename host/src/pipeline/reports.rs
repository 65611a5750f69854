//! What a running call tells besides its answer, passed on to whom it concerns.

use std::{
    future::pending,
    time::{Duration, Instant},
};

use bulkhead_package::display::safe;
use bulkhead_protocol::{Era, LogLevel, write};
use bulkhead_registry::{Changed, Item, Lease};
use bulkhead_sandbox::{Denial, ItemKind, LogLine, Progress, Report, answer};
use bulkhead_screen::Place;
use tokio::time::sleep_until;

use super::{
    ask::Asker,
    budget::{Budget, Pace},
    changes::Changes,
    invoke::Errand,
};
use crate::{
    admin::count,
    alerts::{about, about_name},
    hub::{Alert, AlertKind, Listings, News},
    render::Failed,
    screening::{About, Listener, Sieve, Unfit},
    transport::service::Said,
};

/// Progress that is passed on at once, and how many a second after that.
/// Answers "a plugin that reports progress in a loop".
const PROGRESS: Pace = Pace { burst: 32.0, per_second: 16.0 };

/// How long news of changes is waited for, so that one word does for many.
const TOGETHER: Duration = Duration::from_millis(50);

/// When a client comes back whose stream was closed, if the plugin does not
/// say; and what it may say. Answers "a plugin that has its clients come back
/// in a loop", and "one that keeps its answer until it is forgotten".
const RETRY: Duration = Duration::from_secs(1);
const RETRY_LEAST: Duration = Duration::from_millis(100);
const RETRY_MOST: Duration = Duration::from_secs(60);

/// Passes on the reports of one call.
pub(super) struct Teller<'a> {
    asker: &'a Asker<'a>,
    errand: &'a Errand,
    lease: &'a Lease,
    listener: &'a Listener<'a>,
    level: Option<LogLevel>,
    progress: Budget,
    changes: Changes,
}

impl<'a> Teller<'a> {
    pub(super) fn new(asker: &'a Asker<'a>, errand: &'a Errand, lease: &'a Lease, listener: &'a Listener<'a>) -> Self {
        let plugin = lease.permit().operation().plugin.clone();
        let changes = Changes::new(plugin, asker.caller.principal.id().clone());
        let progress = Budget::full(PROGRESS);
        Self { asker, errand, lease, listener, level: asker.log_level(), progress, changes }
    }

    /// Ends once there is something to [`Teller::pass_on`]; never, if nothing changed.
    pub(super) async fn due(&self) {
        match self.changes.since() {
            Some(since) => sleep_until((since + TOGETHER).into()).await,
            None => pending().await,
        }
    }

    /// Passes on what changed, as far as the budget goes.
    pub(super) fn pass_on(&mut self) {
        while let Some(news) = self.changes.next(Instant::now()) {
            self.hub(news);
        }
    }

    pub(super) async fn tell(&mut self, report: Report) -> Result<(), Failed> {
        match report {
            Report::Progress(progress) => return self.progress(progress).await,
            Report::Log(line) => return self.log(line).await,
            Report::Printed(printed) => {
                tracing::info!(source = ?printed.source, line = %safe(&printed.line), "the plugin printed")
            }
            Report::ResourceUpdated(uri) => self.updated(uri),
            Report::ResourcesChanged => self.changes.listings(Listings { resources: true, ..Listings::default() }),
            Report::Visibility { kind, name, visible } => self.show(kind, &name, visible),
            Report::Denied(denial) => {
                count(&self.asker.host.metrics.capability_denials);
                self.denied(&denial);
                let remedy = denial.allow_line.map(|line| format!(" {line}")).unwrap_or_default();
                tracing::warn!(
                    capability = denial.capability.as_str(),
                    "plugin {:?} {} and has no grant for it.{remedy}",
                    self.plugin().as_str(),
                    safe(&denial.detail)
                );
            }
            Report::CloseStream { retry_ms } => self.leave(retry_ms),
            Report::TaskStatus(line) => {
                if let Some(task) = self.asker.task
                    && let Some(line) = self.hear(line.len(), |sieve| Ok(sieve.text(Place::TaskStatus, line)?))
                {
                    task.say(line);
                }
            }
            Report::Spent(spent) => self.errand.sheet.spent(&spent),
        }
        Ok(())
    }

    /// Puts on the record what a plugin says, and then says it.
    async fn utter(&self, what: &str, message: String) -> Result<(), Failed> {
        self.errand.sheet.said(what, &message).await?;
        self.asker.say(message);
        Ok(())
    }

    /// What was denied is on the record, and many of it are an alert.
    fn denied(&self, denial: &Denial) {
        self.errand.sheet.denied(denial);
        let file = self.lease.compiled().digest();
        self.asker.host.alerts.denied(file, || {
            let (snapshot, kind) = (self.asker.snapshot(), AlertKind::Denied);
            let alert = snapshot.plugin(self.plugin()).map(|plugin| about(kind, plugin));
            Alert { was: Some(file), ..alert.unwrap_or_else(|| about_name(kind, self.plugin())) }
        });
    }

    /// What of a notice is passed on. One that is refused is left out: the answer is heard by itself.
    fn hear<T>(&self, bytes: usize, read: impl FnOnce(&mut Sieve<'_>) -> Result<T, Unfit>) -> Option<T> {
        let heard = self.listener.hear(&About::Notice { bytes }, read);
        heard.inspect_err(|failed| tracing::debug!(?failed, "a notice of the plugin is not passed on")).ok()
    }

    fn plugin(&self) -> &bulkhead_base::PluginName {
        &self.lease.permit().operation().plugin
    }

    fn hub(&self, news: News) {
        self.asker.host.hub.tell(news);
    }

    /// The call's client is to come back for the rest, if it can.
    fn leave(&self, retry_ms: Option<u32>) {
        let place = self.asker.place;
        let resumes = place.dialogue.as_ref().is_some_and(|dialogue| dialogue.resumes());
        // Once the house closes, who leaves finds nobody to come back to.
        let stays = self.asker.host.closing.is_cancelled();
        if self.asker.era() == Era::Legacy && place.headers.is_some() && resumes && !stays {
            // A hint: without it the client stays.
            let _ = self.asker.outbox.try_send(Said::Leave(retry(retry_ms)));
        }
    }

    async fn progress(&mut self, progress: Progress) -> Result<(), Failed> {
        let Some(token) = self.asker.call.meta.progress_token.as_ref().filter(|_| self.asker.task.is_none()) else {
            return Ok(());
        };
        if self.progress.take(Instant::now()) {
            let Progress { progress, total, message } = progress;
            let bytes = message.as_ref().map_or(0, String::len);
            let heard = self.hear(bytes, |sieve| Ok(sieve.maybe(Place::Progress, message)?));
            let Some(message) = heard else { return Ok(()) };
            let frame = write::progress(token, progress, total, message.as_deref());
            match message {
                Some(_) => self.utter("progress", frame).await?,
                // A number is no content.
                None => self.asker.say(frame),
            }
        }
        Ok(())
    }

    async fn log(&self, line: LogLine) -> Result<(), Failed> {
        let LogLine { level: severity, logger, data } = line;
        let severity = level(severity);
        if self.level.is_none_or(|least| severity < least) {
            return Ok(());
        }
        let read = |sieve: &mut Sieve<'_>| Ok((sieve.maybe(Place::Listing, logger)?, sieve.read(Place::Log, &data)?));
        if let Some((logger, data)) = self.hear(data.len(), read) {
            self.utter("log", write::log(severity, logger.as_deref(), &data)).await?;
        }
        Ok(())
    }

    /// A plugin speaks of its own resources only.
    fn updated(&mut self, uri: String) {
        if self.changes.awaits(&uri) {
            return;
        }
        let snapshot = self.asker.snapshot();
        let owner = snapshot.catalogue.plugin_of(&uri).map(|plugin| plugin.name());
        if owner != Some(self.plugin()) {
            tracing::debug!(%uri, "the plugin reported a change of a resource that is not its own");
        } else if let Some(uri) = self.hear(uri.len(), |sieve| Ok(sieve.text(Place::Uri, uri)?)) {
            self.changes.resource(uri.into_string());
        }
    }

    fn show(&mut self, kind: ItemKind, name: &str, visible: bool) {
        let item = match kind {
            ItemKind::Tool => Item::Tool(name.into()),
            ItemKind::Prompt => Item::Prompt(name.into()),
            ItemKind::Resource => Item::Resource(name.into()),
        };
        let changed = self.asker.host.registry.set_visible(self.plugin(), item, visible);
        self.changes.listings(Listings::from(changed));
    }
}

/// What changed is told, however the call ends.
impl Drop for Teller<'_> {
    fn drop(&mut self) {
        while let Some(news) = self.changes.pop() {
            self.hub(news);
        }
        let dropped = self.changes.dropped();
        if dropped > 0 {
            tracing::warn!(dropped, "the plugin reported more changed resources than are passed on");
        }
    }
}

impl From<Changed> for Listings {
    fn from(changed: Changed) -> Self {
        Self { tools: changed.tools, prompts: changed.prompts, resources: changed.resources }
    }
}

/// When a client comes back whose plugin says `ms`.
fn retry(ms: Option<u32>) -> Duration {
    ms.map_or(RETRY, |ms| Duration::from_millis(ms.into()).clamp(RETRY_LEAST, RETRY_MOST))
}

const fn level(level: answer::LogLevel) -> LogLevel {
    match level {
        answer::LogLevel::Debug => LogLevel::Debug,
        answer::LogLevel::Info => LogLevel::Info,
        answer::LogLevel::Notice => LogLevel::Notice,
        answer::LogLevel::Warning => LogLevel::Warning,
        answer::LogLevel::Error => LogLevel::Error,
        answer::LogLevel::Critical => LogLevel::Critical,
        answer::LogLevel::Alert => LogLevel::Alert,
        answer::LogLevel::Emergency => LogLevel::Emergency,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_comes_back_neither_at_once_nor_too_late() {
        assert_eq!(retry(None), RETRY);
        assert_eq!(retry(Some(0)), RETRY_LEAST);
        assert_eq!(retry(Some(2_500)), Duration::from_millis(2_500));
        assert_eq!(retry(Some(u32::MAX)), RETRY_MOST);
        assert!(RETRY_MOST < bulkhead_state::replay::KEPT, "an answer is kept until its client is back");
    }
}

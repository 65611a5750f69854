use std::{
    sync::{Arc, LazyLock},
    time::Instant,
};

use bulkhead_package::display::safe;
use bulkhead_protocol::Fault;
use bulkhead_registry::LoadedPlugin;
use bulkhead_screen::{Answer, Finding, Policy, Report, Screen};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{Noted, SCREEN, Screening, Sieve, Unfit};
use crate::{
    alerts::{Alerts, about},
    hub::{Alert, AlertKind},
    render::Failed,
};

/// Texts of more bytes than this are screened where nobody else's I/O waits for
/// it: the worst of this size take about a millisecond. Answers "an answer of
/// megabytes that is slow to screen".
const LARGE: usize = 16 << 10;

/// What is heard.
pub enum About<'a> {
    /// An answer, of which the plugin's baseline learns: to which arguments.
    Answer { item: &'a str, arguments: &'a str, bytes: usize },
    /// Something on the way to it.
    Notice { bytes: usize },
}

impl About<'_> {
    const fn is_large(&self) -> bool {
        match self {
            Self::Answer { arguments, bytes, .. } => *bytes > LARGE || arguments.len() > LARGE,
            Self::Notice { bytes } => *bytes > LARGE,
        }
    }
}

/// Hears one plugin in one call.
pub struct Listener<'a> {
    screening: &'a Screening,
    alerts: &'a Alerts,
    screen: &'a Screen,
    plugin: &'a Arc<LoadedPlugin>,
    /// The tool that was called, by its dotted name.
    tool: Option<&'a Arc<str>>,
    noted: &'a Noted,
}

impl<'a> Listener<'a> {
    /// Begins to listen.
    ///
    /// # Errors
    /// The rules are wrong: then nothing that a plugin says leaves.
    pub fn new(
        screening: &'a Screening,
        alerts: &'a Alerts,
        plugin: &'a Arc<LoadedPlugin>,
        tool: Option<&'a Arc<str>>,
        noted: &'a Noted,
    ) -> Result<Self, Failed> {
        let broken = |error| Failed::Host(Fault::internal(), format!("no plugin's answer can be screened: {error}"));
        let screen = LazyLock::force(&SCREEN).as_ref().map_err(broken)?;
        Ok(Self { screening, alerts, screen, plugin, tool, noted })
    }

    /// Reads what the plugin said; `read` hands every text to the sieve.
    ///
    /// # Errors
    /// It makes no sense, or is refused.
    pub fn hear<T>(
        &self,
        what: &About<'_>,
        read: impl FnOnce(&mut Sieve<'_>) -> Result<T, Unfit>,
    ) -> Result<T, Failed> {
        let voice = self.plugin.voice();
        let http = &self.plugin.compiled().granted().grants().http;
        let mut sieve = Sieve::new(self.screen.pass(voice.policy()), http);
        let (read, report, alerts) = aside(what.is_large(), || {
            let read = read(&mut sieve);
            let report = sieve.finish();
            let alerts = match what {
                About::Answer { item, arguments, .. } if voice.policy() != Policy::Off => {
                    voice.hear(self.screen, &Answer { item, arguments, report: &report })
                }
                _ => Vec::new(),
            };
            (read, report, alerts)
        });
        self.note(&report);
        alerts.iter().filter(|alert| alert.is_new).for_each(|alert| self.unusual(alert));
        read.map_err(|unfit| match unfit {
            Unfit::Json(error) => Failed::Unfit(error.to_string()),
            Unfit::Contract(what) => Failed::Unfit(what),
            Unfit::Screened(refusal) => {
                self.screening.metrics.screened.refused();
                self.noted.add(voice.policy(), std::slice::from_ref(&refusal.0), []);
                self.flagged(&refusal.0);
                Failed::Screened(refusal.to_string())
            }
        })
    }

    /// Counts what was found, keeps it for the answer, and tells of it.
    fn note(&self, report: &Report) {
        self.screening.metrics.screened.count(report);
        if !report.is_clean() {
            self.noted.add(self.plugin.voice().policy(), &report.findings, report.altered());
            report.findings.iter().for_each(|finding| self.flagged(finding));
        }
    }

    fn flagged(&self, finding: &Finding) {
        let (rule, place) = (finding.rule.id(), finding.place);
        if self.is_news(rule) {
            let reason = finding.rule.reason();
            tracing::warn!(rule, %place, tool = self.tool.map(|tool| &**tool), "what the plugin said is flagged: {reason}");
            self.raise(AlertKind::Flagged);
        } else {
            tracing::debug!(rule, %place, "what the plugin said is flagged");
        }
    }

    fn unusual(&self, alert: &bulkhead_screen::Alert) {
        self.screening.metrics.screened.unusual();
        let what = match alert.kind {
            bulkhead_screen::AlertKind::Passage => "passage",
            bulkhead_screen::AlertKind::Domain => "domain",
            bulkhead_screen::AlertKind::Size => "size",
        };
        if self.is_news(what) {
            let tool = self.tool.map(|tool| &**tool);
            tracing::warn!(what, tool, told = %safe(&alert.text), "the plugin says something else than it usually does");
            self.raise(AlertKind::Unusual);
        }
    }

    fn is_news(&self, topic: &str) -> bool {
        self.plugin.voice().is_news(topic, self.tool.map_or("", |tool| tool), Instant::now())
    }

    fn raise(&self, kind: AlertKind) {
        self.alerts.raise(Alert { tool: self.tool.cloned(), ..about(kind, self.plugin) });
    }
}

/// Does `work` here, or where nobody else waits for it if it is much.
fn aside<T>(is_much: bool, work: impl FnOnce() -> T) -> T {
    let has_others = Handle::try_current().is_ok_and(|it| it.runtime_flavor() == RuntimeFlavor::MultiThread);
    if is_much && has_others { tokio::task::block_in_place(work) } else { work() }
}

//! Tells the operator what was denied, and which line would allow it.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use bulkhead_base::PluginName;
use bulkhead_policy::allow_line;

use crate::{
    Capability, Denial, Report, ReportSender,
    undefended::{Defence, switched_off},
};

/// Different denials of one call that are told. Answers "a guest that scans a
/// network and fills the log with it".
const DENIALS_TOLD: usize = 16;

/// Longest detail of a denial: it repeats what the guest wrote.
const DETAIL_CHARS: usize = 256;

/// One call's denials.
pub(crate) struct Witness {
    entry: PluginName,
    reports: ReportSender,
    told: Mutex<Vec<Denial>>,
}

impl Witness {
    pub(crate) const fn new(entry: PluginName, reports: ReportSender) -> Self {
        Self { entry, reports, told: Mutex::new(Vec::new()) }
    }

    /// Where other reports of the call go.
    pub(crate) const fn reports(&self) -> &ReportSender {
        &self.reports
    }

    /// The plugin wanted something; `line` is what would allow it.
    pub(crate) fn denied(&self, capability: Capability, detail: impl fmt::Display, line: Option<&dyn fmt::Display>) {
        let allow_line = line.map(|line| allow_line(self.entry.as_str(), capability.as_str(), line));
        let detail = detail.to_string().chars().take(DETAIL_CHARS).collect();
        let denial = Denial { capability, detail, allow_line };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = told.len() < DENIALS_TOLD || switched_off(Defence::Denials);
        if has_room && !told.contains(&denial) {
            told.push(denial.clone());
            drop(told);
            self.reports.tell(Report::Denied(denial));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_denial_is_told_once_and_not_without_end() {
        let (reports, mut told) = ReportSender::channel();
        let witness = Witness::new("weather".parse().unwrap(), reports);
        let line = "{host: a.example}";
        for _ in 0..3 {
            witness.denied(Capability::Http, "asked for https://a.example/", Some(&line));
        }
        for n in 0..2 * DENIALS_TOLD {
            witness.denied(Capability::Tcp, n, None);
        }
        let Ok(Report::Denied(first)) = told.try_recv() else { panic!("nothing was told") };
        let allow = first.allow_line.unwrap();
        assert!(allow.ends_with("plugins.weather.grants.http in mcp.yaml: {host: a.example}"), "{allow}");
        assert_eq!(told.len(), DENIALS_TOLD - 1);
    }
}

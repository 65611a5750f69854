//! What was found in what plugins say.

use std::sync::atomic::{AtomicU64, Ordering};

use bulkhead_screen::{Category, Report};

use super::{Page, count};

/// In the order of their counters.
const CATEGORIES: [Category; 5] =
    [Category::Hidden, Category::Injection, Category::Exfiltration, Category::Secret, Category::Markup];

/// What was found in what plugins say.
#[derive(Debug, Default)]
pub struct Screened {
    findings: [AtomicU64; CATEGORIES.len()],
    characters: AtomicU64,
    refused: AtomicU64,
    unusual: AtomicU64,
}

impl Screened {
    /// One answer, or one notice, was heard.
    pub fn count(&self, report: &Report) {
        for finding in &report.findings {
            let at = CATEGORIES.iter().position(|category| *category == finding.rule.category());
            at.iter().for_each(|at| count(&self.findings[*at]));
        }
        let cleaned = &report.cleaned;
        if !cleaned.is_nothing() {
            let seen = [cleaned.controls, cleaned.directions];
            let unseen = [cleaned.tags, cleaned.selectors, cleaned.variants, cleaned.unseen];
            let counts = seen.into_iter().chain(unseen);
            self.characters.fetch_add(counts.map(u64::from).sum(), Ordering::Relaxed);
        }
    }

    /// One was refused.
    pub fn refused(&self) {
        count(&self.refused);
    }

    /// Something stood out.
    pub fn unusual(&self) {
        count(&self.unusual);
    }

    pub(super) fn write(&self, page: &mut Page) {
        let findings = "bulkhead_screen_findings_total";
        page.family(findings, "counter", "Rules that what plugins said met.");
        for (category, counter) in CATEGORIES.iter().zip(&self.findings) {
            page.value(findings, &[("category", category.name())], super::get(counter));
        }
        page.family(
            "bulkhead_screen_refused_total",
            "counter",
            "Answers and notices that were refused for what they said.",
        );
        page.plain("bulkhead_screen_refused_total", &self.refused);
        page.family("bulkhead_screen_characters_total", "counter", "Characters removed or made visible.");
        page.plain("bulkhead_screen_characters_total", &self.characters);
        page.family(
            "bulkhead_screen_unusual_total",
            "counter",
            "Answers that stood out from what their plugin usually says.",
        );
        page.plain("bulkhead_screen_unusual_total", &self.unusual);
    }
}

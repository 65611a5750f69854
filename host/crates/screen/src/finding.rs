use std::{fmt, ops::Range, sync::Arc};

use serde::Deserialize;

use crate::{Place, Rule, baseline::Said, clean::Cleaned};

/// Most findings of one answer that are kept; the rest is counted. Answers
/// "an answer that is all alarms fills the record".
pub const MOST_FINDINGS: usize = 64;

/// What becomes of what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Nothing is looked for. Characters that are not seen are still removed.
    Off,
    /// It is delivered, with its findings.
    Flag,
    /// It is refused.
    Block,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Characters that are not seen.
    Hidden,
    /// Instructions to a model.
    Injection,
    /// Ways for data to leave.
    Exfiltration,
    /// What looks like a credential.
    Secret,
    /// HTML and script where text belongs.
    Markup,
}

impl Category {
    /// As findings name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Injection => "injection",
            Self::Exfiltration => "exfiltration",
            Self::Secret => "secret",
            Self::Markup => "markup",
        }
    }
}

/// One rule met, in one text: at most one finding each.
#[derive(Clone)]
pub struct Finding {
    /// Which rule, with its reason.
    pub rule: Arc<Rule>,
    pub place: Place,
    /// Where, in bytes of the text as it leaves; of the text as it was said,
    /// if the rule is about what was removed.
    pub at: Range<usize>,
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} at {:?}", self.rule.id(), self.place, self.at)
    }
}

/// Why a text does not leave. It quotes nothing that the plugin said.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{} at byte {}: {}: {}", .0.place, .0.at.start, .0.rule.id(), .0.rule.reason())]
pub struct Refusal(pub Finding);

/// What was found in all texts of one answer.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The first of each rule in each place, at most [`MOST_FINDINGS`].
    pub findings: Vec<Finding>,
    /// How many more there were, of other rules or in other places.
    pub further: u32,
    /// What was removed or made visible.
    pub cleaned: Cleaned,
    /// The places in which a text leaves otherwise than it was said.
    pub(crate) altered: u16,
    pub(crate) said: Said,
}

impl Report {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.altered == 0 && self.cleaned.is_nothing()
    }

    /// The places in which a text leaves otherwise than it was said.
    pub fn altered(&self) -> impl Iterator<Item = Place> {
        Place::ALL.into_iter().filter(|place| self.altered & place.bit() != 0)
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let same = |known: &Finding| Arc::ptr_eq(&known.rule, &finding.rule) && known.place == finding.place;
        if self.findings.iter().any(same) {
            return;
        }
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        } else {
            self.further = self.further.saturating_add(1);
        }
    }
}

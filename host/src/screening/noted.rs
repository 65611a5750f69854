use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bulkhead_protocol::write::{Array, Object};
use bulkhead_screen::{Finding, Place, Policy, Rule};

/// The key in `_meta` under which an answer says what was found in its call.
const FINDINGS: &str = "dev.bulkhead/findings";

/// Most findings that one answer tells of, its notices' included: what is found
/// early hides nothing that is found later.
const MOST_NOTED: usize = 256;

/// What was found in what a plugin said in one call, its notices included.
#[derive(Default)]
pub struct Noted(Mutex<Flagged>);

/// The same, for the record.
#[derive(Clone, Default)]
pub struct Flagged {
    found: Vec<(Arc<Rule>, Place)>,
    policy: Option<Policy>,
}

impl Flagged {
    /// Each rule and where it was met.
    pub fn found(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.found.iter().map(|(rule, place)| (rule.id(), place.name()))
    }

    /// What its plugin's policy is, as the configuration has it.
    #[must_use]
    pub const fn policy(&self) -> &'static str {
        match self.policy {
            Some(Policy::Block) => "block",
            Some(Policy::Flag) => "flag",
            Some(Policy::Off) | None => "off",
        }
    }
}

impl Noted {
    fn lock(&self) -> MutexGuard<'_, Flagged> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, policy: Policy, findings: &[Finding]) {
        let mut noted = self.lock();
        noted.policy = Some(policy);
        let found = &mut noted.found;
        for Finding { rule, place, .. } in findings {
            let is_new = found.iter().all(|(known, at)| known.id() != rule.id() || at != place);
            if is_new && found.len() < MOST_NOTED {
                found.push((rule.clone(), *place));
            }
        }
    }

    /// What was found so far, if anything was.
    #[must_use]
    pub fn flagged(&self) -> Option<Flagged> {
        let noted = self.lock();
        (!noted.found.is_empty()).then(|| noted.clone())
    }

    /// Writes what was found into an answer's `_meta`, if anything was.
    pub fn write(&self, meta: &mut Object<'_>) {
        self.write_as(FINDINGS, meta);
    }

    /// The same under another key, where there is no `_meta`.
    pub fn write_as(&self, key: &str, out: &mut Object<'_>) {
        let found = &self.lock().found;
        if !found.is_empty() {
            out.array(key, |list| found.iter().for_each(|(rule, place)| write_one(list, rule, *place)));
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().found.is_empty()
    }
}

fn write_one(list: &mut Array<'_>, rule: &Rule, place: Place) {
    list.object(|finding| {
        finding.str("rule", rule.id());
        finding.str("place", place.name());
    });
}

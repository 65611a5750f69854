use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bulkhead_protocol::write::{Array, Object};
use bulkhead_screen::{Finding, Place, Rule};

/// The key in `_meta` under which an answer says what was found in its call.
const FINDINGS: &str = "dev.bulkhead/findings";

/// Most findings that one answer tells of, its notices' included: what is found
/// early hides nothing that is found later.
const MOST_NOTED: usize = 256;

/// What was found in what a plugin said in one call, its notices included.
#[derive(Default)]
pub struct Noted(Mutex<Vec<(Arc<Rule>, Place)>>);

impl Noted {
    fn lock(&self) -> MutexGuard<'_, Vec<(Arc<Rule>, Place)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, findings: &[Finding]) {
        let mut noted = self.lock();
        for Finding { rule, place, .. } in findings {
            let is_new = noted.iter().all(|(known, at)| known.id() != rule.id() || at != place);
            if is_new && noted.len() < MOST_NOTED {
                noted.push((rule.clone(), *place));
            }
        }
    }

    /// Writes what was found into an answer's `_meta`, if anything was.
    pub fn write(&self, meta: &mut Object<'_>) {
        self.write_as(FINDINGS, meta);
    }

    /// The same under another key, where there is no `_meta`.
    pub fn write_as(&self, key: &str, out: &mut Object<'_>) {
        let noted = self.lock();
        if !noted.is_empty() {
            out.array(key, |list| noted.iter().for_each(|(rule, place)| write_one(list, rule, *place)));
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

fn write_one(list: &mut Array<'_>, rule: &Rule, place: Place) {
    list.object(|finding| {
        finding.str("rule", rule.id());
        finding.str("place", place.name());
    });
}

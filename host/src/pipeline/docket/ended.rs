use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bulkhead_audit::{Cost, Decision, Detail, Entry, Found, Kind, Outcome};
use bulkhead_sandbox::Spent;

use super::{Case, Page, lock};
use crate::{admin::Ending, screening::Flagged};

/// A call that ended and is not written yet.
pub(super) struct Ended {
    pub(super) case: Arc<Case>,
    pub(super) ending: Ending,
    pub(super) reason: Option<String>,
    /// What was found in what its plugin said.
    pub(super) flagged: Option<Flagged>,
    pub(super) took: Duration,
}

impl Ended {
    pub(super) fn entry(
        &self,
        page: &Page,
        told: Option<Result<&str, &str>>,
        detail: &Detail,
        at: SystemTime,
    ) -> Entry {
        let case = &*self.case;
        let Some(operation) = case.operation.get() else { return page.entry(Kind::Outcome, at) };
        let reason = self.reason.as_deref();
        if self.ending == Ending::Denied && case.served.get().is_none() {
            let (id, principal) = (case.id, &*page.principal);
            let reason = reason.unwrap_or("no scope opens it");
            let decision = Decision { id, principal, operation, allowed: false, reason };
            return case.signed(page, decision.entry(at));
        }
        let spent = *lock(&case.spent);
        let ran = spent != Spent::default();
        let output = told.map_or(0, |told| told.unwrap_or_else(|error| error).len() as u64);
        let cost = Cost { time: self.took, cpu: ran.then_some(spent.cpu), memory: ran.then_some(spent.memory), output };
        let result = told.and_then(Result::ok);
        let found = |(rule, place)| Found { rule, place };
        let flagged: Vec<Found<'_>> = self.flagged.iter().flat_map(Flagged::found).map(found).collect();
        let screen = self.flagged.as_ref().map_or("", Flagged::policy);
        let (call, word) = (case.call(page, operation), self.word(told));
        let outcome = Outcome { call, outcome: &word, reason, result, flagged: &flagged, screen, cost };
        let entry = case.signed(page, outcome.entry(at, detail));
        match told {
            Some(Err(error)) => entry.document("error", error, detail),
            _ => entry,
        }
    }

    /// A call that ended well, or was dropped, and whose client reads an error
    /// all the same was refused after that.
    fn word(&self, told: Option<Result<&str, &str>>) -> Cow<'static, str> {
        match (told, self.ending) {
            (Some(Err(_)), Ending::Answered | Ending::Abandoned) => "refused".into(),
            (_, ending) => ending.as_str().into(),
        }
    }
}

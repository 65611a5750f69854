use std::{borrow::Cow, ops::Range};

use crate::{
    Finding, Place, Policy, Refusal, Report, Screen,
    address::check_address,
    clean::{Cleaned, clean},
    place::Treatment,
    search::Search,
};

/// Removed characters in a row, or selectors in one text, that hold a message
/// rather than stand there by accident.
const A_MESSAGE: u32 = 8;

/// One answer on its way: every text of it, in the order in which it leaves.
pub struct Pass<'s> {
    screen: &'s Screen,
    policy: Policy,
    search: Search,
    report: Report,
}

impl<'s> Pass<'s> {
    pub(crate) fn new(screen: &'s Screen, policy: Policy) -> Self {
        Self { screen, policy, search: Search::default(), report: Report::default() }
    }

    /// What of `text` may leave.
    ///
    /// # Errors
    /// It is used as it is and holds what may not leave, or the policy is to
    /// block and something was found: then the whole answer is refused.
    pub fn text<'t>(&mut self, place: Place, text: &'t str) -> Result<Cow<'t, str>, Refusal> {
        let (text, change) = clean(text, place.treatment());
        if let Some((at, cleaned)) = change {
            self.report.cleaned.add(&cleaned);
            self.report.altered |= place.bit();
            if place.treatment() == Treatment::Exact {
                return Err(self.refuse_exact(place, at..at + 1));
            }
            self.judge(place, at..at + 1, &cleaned)?;
        }
        if place == Place::ElicitationUrl && check_address(&text).is_err() {
            return Err(self.refuse_exact(place, 0..text.len()));
        }
        if self.policy != Policy::Off {
            let found = self.search.find(self.screen, place, &text);
            found.into_iter().try_for_each(|finding| self.add(finding))?;
            if place.is_answer() {
                self.report.said.hear(&text);
            }
        }
        Ok(text)
    }

    /// What was found.
    #[must_use]
    pub fn finish(self) -> Report {
        self.report
    }

    /// What was removed or made visible so far.
    #[must_use]
    pub fn cleaned(&self) -> &Cleaned {
        &self.report.cleaned
    }

    #[cfg(test)]
    pub(crate) fn report_so_far(&self) -> &Report {
        &self.report
    }

    fn refuse_exact(&self, place: Place, at: Range<usize>) -> Refusal {
        Refusal(Finding { rule: self.screen.hidden.exact.clone(), place, at })
    }

    /// Rules about what was removed.
    fn judge(&mut self, place: Place, at: Range<usize>, cleaned: &Cleaned) -> Result<(), Refusal> {
        if self.policy == Policy::Off {
            return Ok(());
        }
        let hidden = &self.screen.hidden;
        let met = [
            (cleaned.tags > 0, &hidden.tags),
            (cleaned.overrides > 0, &hidden.overrides),
            (cleaned.longest_run >= A_MESSAGE || cleaned.selectors >= A_MESSAGE || cleaned.variants > 0, &hidden.run),
            (cleaned.commands > 0, &hidden.commands),
        ];
        let mut met = met.into_iter().filter(|(met, rule)| *met && rule.applies(place));
        met.try_for_each(|(_, rule)| self.add(Finding { rule: rule.clone(), place, at: at.clone() }))
    }

    fn add(&mut self, finding: Finding) -> Result<(), Refusal> {
        if self.policy == Policy::Block {
            return Err(Refusal(finding));
        }
        self.report.add(finding);
        Ok(())
    }
}

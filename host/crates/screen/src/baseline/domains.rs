//! Hosts that a plugin names.

use std::collections::BTreeSet;

use super::{Reach, prefix};
use crate::links;

/// Answers from which on a plugin's hosts are known.
const LEARNING: u32 = 64;

/// Most hosts of a plugin that names few. One that names more says others'
/// words, and no further host tells anything. Also bounds what is kept.
const FEW: usize = 8;

/// Longest host that is kept: no name of DNS is longer.
const LONGEST_NAME: usize = 253;

#[derive(Default)]
pub(super) struct Domains {
    named: BTreeSet<String>,
    answers: u32,
    /// Answers with a link.
    linking: u32,
    /// It names more hosts than [`FEW`].
    names_many: bool,
}

impl Domains {
    /// Hosts that are new, and should not be.
    pub(super) fn observe<'t>(
        &mut self,
        reach: Reach,
        granted: &[String],
        hosts: &[String],
        asked: impl Fn() -> &'t str,
    ) -> Vec<String> {
        self.answers = self.answers.saturating_add(1);
        self.linking = self.linking.saturating_add(u32::from(!hosts.is_empty()));
        let mut new = Vec::new();
        for host in hosts {
            let is_known = granted.iter().chain(&self.named).any(|known| links::is_related(host, known));
            if self.names_many || is_known || asked().contains(host.as_str()) {
                continue;
            }
            if self.answers > LEARNING && self.is_settled(reach) {
                new.push(host.clone());
            }
            self.named.insert(prefix(host, LONGEST_NAME).to_owned());
            self.names_many = self.named.len() > FEW;
        }
        new
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.named.iter().map(|name| name.len() + 32).sum()
    }

    /// Whether a host that is new tells anything: its links are its own, or
    /// nine answers in ten have named the same few.
    fn is_settled(&self, reach: Reach) -> bool {
        reach == Reach::Own || u64::from(self.linking) * 10 >= u64::from(self.answers) * 9
    }
}

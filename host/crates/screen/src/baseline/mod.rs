//! What one plugin usually says, and what stands out from it.
//!
//! One answer does not tell that a text was put there: the next one does. A
//! guest that appends the same words to whatever was asked (as MCPHammer does)
//! says the same passage in answers to different arguments. So do honest
//! plugins: labels, units, keys, closing lines. What separates them:
//!
//! - **Length.** Six words in a row and [`passage::SHORTEST`] bytes; a label is shorter.
//! - **Content.** A passage raises an alert only if it tells somebody to do
//!   something (an act, and two of: whom, that one must, with what), or holds a
//!   link or an address of mail to where its plugin has no grant to go. "Tool
//!   with progress executed successfully" is said every time and asks nothing.
//! - **Origin.** What stands in the arguments is an echo. The headers of usual
//!   licences are commonplace: whoever reads source files says them again.
//!
//! Numbers and the paths of links do not count as differences, so a passage
//! that carries a counter or an id is still the same. Windows of words rather
//! than sentences are compared: it does not matter what it is glued to. Looked
//! at are the beginning and the end of each text, where something appended or
//! prepended has to stand; the middle of a long text is not.
//!
//! **New domains.** Only where a domain tells something: a plugin that reaches
//! nothing outside has all its links in its own code, and one that reaches
//! something but has named the same few hosts in nearly every answer so far is
//! alike. Whoever reads files or fetches pages names hosts all the time.
//!
//! **Size.** One large answer is an answer to a large question. Several in a
//! row, all several times as large as any before, are a change.
//!
//! Everything is counted in answers, not in time, and bounded: a plugin takes
//! at most some 170 KiB here.

mod domains;
mod lexicon;
mod passage;
mod said;
mod sizes;

use std::{
    cell::OnceCell,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

pub(crate) use lexicon::Lexicon;
pub(crate) use said::Said;

use crate::{Report, Screen};
use domains::Domains;
use passage::Passages;
use sizes::Sizes;

/// Longest text of an alert.
const LONGEST_TEXT: usize = 200;

/// Whose words a plugin says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its own: no grant lets it read or reach anything.
    Own,
    /// Also those of files, upstreams or databases.
    Outside,
}

/// What stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// The same passage in answers to different arguments.
    Passage,
    /// A link to a host that it never named before.
    Domain,
    /// Answers suddenly several times as large as any before.
    Size,
}

/// Something for the operator to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub kind: AlertKind,
    /// What it is about: the folded passage, the host, the size. The plugin's
    /// words: not for a client, and for a terminal only made safe.
    pub text: String,
    /// Whether it is new; otherwise it has been told before.
    pub is_new: bool,
}

/// One answer of a plugin's.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The tool or resource.
    pub item: &'a str,
    /// What was asked, as text.
    pub arguments: &'a str,
    /// What its pass found.
    pub report: &'a Report,
}

/// What one plugin usually says. Each generation of a plugin begins anew.
pub struct Baseline {
    lexicon: Arc<Lexicon>,
    reach: Reach,
    /// Hosts that it was granted.
    granted: Vec<String>,
    passages: Passages,
    domains: Domains,
    sizes: Sizes,
}

impl Baseline {
    /// Of a plugin that said nothing yet and was granted `hosts`.
    #[must_use]
    pub fn new(screen: &Screen, reach: Reach, hosts: impl IntoIterator<Item = String>) -> Self {
        let plain = |host: String| host.trim_start_matches("*.").to_lowercase();
        Self {
            lexicon: screen.lexicon.clone(),
            reach,
            granted: hosts.into_iter().map(plain).collect(),
            passages: Passages::default(),
            domains: Domains::default(),
            sizes: Sizes::default(),
        }
    }

    /// Learns from an answer, and says what stands out in it. An answer whose
    /// pass had the policy off says nothing and is not learnt from.
    pub fn observe(&mut self, answer: &Answer<'_>) -> Vec<Alert> {
        let said = &answer.report.said;
        if said.bytes == 0 {
            return Vec::new();
        }
        let asked = OnceCell::new();
        let folded = || self.lexicon.folds().fold(prefix(answer.arguments, passage::MOST_ASKED));
        let asked = || asked.get_or_init(folded).as_str();
        let mut alerts = Vec::new();
        if let Some((text, is_new)) =
            self.passages.observe(&self.lexicon, &self.granted, said, digest(answer.arguments), asked)
        {
            alerts.push(Alert { kind: AlertKind::Passage, text: prefix(&text, LONGEST_TEXT).to_owned(), is_new });
        }
        for host in self.domains.observe(self.reach, &self.granted, &said.hosts, asked) {
            let text = prefix(&host, LONGEST_TEXT).to_owned();
            alerts.push(Alert { kind: AlertKind::Domain, text, is_new: true });
        }
        if let Some(usual) = self.sizes.observe(answer.item, said.bytes) {
            let text = format!("{} bytes, at most {usual} before", said.bytes);
            alerts.push(Alert { kind: AlertKind::Size, text, is_new: true });
        }
        alerts
    }

    /// About how much memory it takes.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.passages.bytes() + self.domains.bytes() + self.sizes.bytes()
    }
}

fn prefix(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The same in every process: nothing here is secret, or chosen by a stranger
/// to anybody's harm but its own.
fn digest(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

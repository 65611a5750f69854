use crate::script::{is_override, is_selector, is_tag};

/// What was removed from texts, or made visible in them. Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Control characters made visible, and line ends of other kinds made `\n`.
    pub controls: u32,
    /// Escape sequences for terminals, made visible.
    pub escapes: u32,
    /// Of these, those that give a terminal commands: titles, links, clipboard.
    pub commands: u32,
    /// Direction marks, embeddings, isolates and overrides, removed.
    pub directions: u32,
    /// Of these, overrides.
    pub overrides: u32,
    /// Tag characters, removed.
    pub tags: u32,
    /// Variation selectors that select nothing, removed.
    pub selectors: u32,
    /// Variants of Han letters, removed: more than a text has of names and old forms.
    pub variants: u32,
    /// Zero-width and other characters that are not seen, removed.
    pub unseen: u32,
    /// The longest run of removed ones.
    pub longest_run: u32,
}

impl Cleaned {
    /// Whether every text was left as it is.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let sums = [
            (&mut self.controls, other.controls),
            (&mut self.escapes, other.escapes),
            (&mut self.commands, other.commands),
            (&mut self.directions, other.directions),
            (&mut self.overrides, other.overrides),
            (&mut self.tags, other.tags),
            (&mut self.selectors, other.selectors),
            (&mut self.variants, other.variants),
            (&mut self.unseen, other.unseen),
        ];
        sums.into_iter().for_each(|(sum, more)| *sum = sum.saturating_add(more));
        self.longest_run = self.longest_run.max(other.longest_run);
    }

    pub(super) fn remove(&mut self, c: char, run: u32) {
        let count = match c {
            c if is_tag(c) => &mut self.tags,
            c if is_selector(c) => &mut self.selectors,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                self.overrides += u32::from(is_override(c));
                &mut self.directions
            }
            _ => &mut self.unseen,
        };
        *count += 1;
        self.longest_run = self.longest_run.max(run);
    }

    /// A variant of a Han letter.
    pub(super) fn remove_variant(&mut self, run: u32) {
        self.variants += 1;
        self.longest_run = self.longest_run.max(run);
    }
}

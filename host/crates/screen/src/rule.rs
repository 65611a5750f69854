//! Rules as their files have them, and compiled.

use std::{fmt, ops::Range, sync::OnceLock};

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::{Category, Place, fold::Folds};

/// The files of rules. Their order is the order of findings.
pub(crate) const FILES: [(&str, &str); 6] = [
    ("hidden.toml", include_str!("../rules/hidden.toml")),
    ("injection.toml", include_str!("../rules/injection.toml")),
    ("languages.toml", include_str!("../rules/languages.toml")),
    ("exfiltration.toml", include_str!("../rules/exfiltration.toml")),
    ("secrets.toml", include_str!("../rules/secrets.toml")),
    ("markup.toml", include_str!("../rules/markup.toml")),
];

/// Largest compiled expression. Answers "a rule that fills the memory".
const LARGEST: usize = 4 << 20;

/// Shortest anchor, in bytes: a shorter one stands everywhere.
const SHORTEST_ANCHOR: usize = 3;

/// A file of rules that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {text}")]
pub struct RuleError {
    pub(crate) file: String,
    pub(crate) text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFile {
    pub(crate) rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRule {
    pub(crate) id: String,
    pub(crate) category: Category,
    /// Why it is suspicious: for the operator.
    pub(crate) reason: String,
    /// Where it applies. By default wherever text stands.
    #[serde(default)]
    pub(crate) places: Vec<Place>,
    #[serde(default)]
    pub(crate) form: Form,
    /// One of these stands in everything that the patterns find, or so near that
    /// both are looked at together.
    #[serde(default)]
    pub(crate) anchors: Vec<String>,
    #[serde(default)]
    pub(crate) patterns: Vec<String>,
    /// What makes a find innocent.
    #[serde(default)]
    pub(crate) unless: Option<String>,
    /// Words that a text spells letter by letter.
    #[serde(default)]
    pub(crate) spelt: Vec<String>,
    /// Texts that must raise it. The tests read them.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests"))]
    pub(crate) alarms: Vec<String>,
    /// Texts that look alike and must raise nothing at all.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests"))]
    pub(crate) passes: Vec<String>,
}

/// What the patterns are compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Form {
    /// The text as [`Folds`] folds it.
    #[default]
    Folded,
    /// The text as it leaves.
    Raw,
}

/// One thing that is looked for.
pub struct Rule {
    id: String,
    category: Category,
    reason: String,
    places: u16,
    pub(crate) form: Form,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) unless: Option<Pattern>,
}

impl Rule {
    /// Its name, such as `injection.ignore-previous`. Names stay.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is about.
    #[must_use]
    pub fn category(&self) -> Category {
        self.category
    }

    /// Why it is suspicious.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub(crate) fn applies(&self, place: Place) -> bool {
        self.places & place.bit() != 0
    }

    pub(crate) fn compile(raw: &RawRule, folds: &Folds) -> Result<Self, String> {
        let wrong = |what: &dyn fmt::Display| format!("{}: {what}", raw.id);
        let pattern = |pattern: &String| Pattern::new(pattern, raw.form, folds);
        if raw.anchors.is_empty() != raw.patterns.is_empty() {
            return Err(wrong(&"patterns need anchors, and anchors patterns"));
        }
        if let Some(anchor) = raw.anchors.iter().find(|anchor| anchor.len() < SHORTEST_ANCHOR) {
            return Err(wrong(&format!("{anchor:?} is too short for an anchor")));
        }
        // An address says nothing to a model, and may still be where data is sent.
        let is_read = |place: &Place| match place {
            Place::Key => false,
            Place::Uri => raw.category == Category::Exfiltration,
            _ => true,
        };
        let everywhere = || Place::ALL.into_iter().filter(is_read);
        let places: Vec<Place> = if raw.places.is_empty() { everywhere().collect() } else { raw.places.clone() };
        Ok(Self {
            id: raw.id.clone(),
            category: raw.category,
            reason: raw.reason.clone(),
            places: places.into_iter().fold(0, |bits, place| bits | place.bit()),
            form: raw.form,
            patterns: raw.patterns.iter().map(pattern).collect(),
            unless: raw.unless.as_ref().map(pattern),
        })
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

/// The rules of one file.
pub(crate) fn parse(file: &str, text: &str) -> Result<Vec<RawRule>, RuleError> {
    let parsed: Result<RawFile, _> = toml::from_str(text);
    parsed.map(|parsed| parsed.rule).map_err(|error| RuleError { file: file.to_owned(), text: error.to_string() })
}

/// An expression, compiled when an anchor of its rule is met first: most never are.
pub(crate) struct Pattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Word boundaries are those of ASCII: letters of folded text that are none
    /// stand in scripts whose words have no such boundaries, and a matcher that
    /// knows all of Unicode's is many times slower.
    fn new(pattern: &str, form: Form, folds: &Folds) -> Self {
        let source = pattern.replace(r"\b", r"(?-u:\b)");
        let folded = |c: char| if c.is_ascii() { c.to_string() } else { folds.fold(&c.to_string()) };
        let source = if form == Form::Folded { source.chars().map(folded).collect() } else { source };
        Self { source, compiled: OnceLock::new() }
    }

    /// `None` if it makes no sense, which a test of this crate excludes.
    pub(crate) fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| RegexBuilder::new(&self.source).size_limit(LARGEST).build().ok()).as_ref()
    }

    /// The first find from `from` on. An expression that makes no sense finds everything.
    pub(crate) fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        match self.compiled() {
            Some(expression) => expression.find_at(text, from).map(|found| found.range()),
            None => Some(from..text.len()),
        }
    }
}

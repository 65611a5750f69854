use std::{ops::Range, sync::Arc};

use crate::{
    Finding, Pass, Place, Policy, Rule, RuleError,
    baseline::Lexicon,
    fold::Folds,
    hits::Anchors,
    rule::{self, FILES, Form, Pattern, RawRule},
    spaced,
};

/// Longest text that rules read to its end. Answers "a text so long that
/// reading it keeps everybody waiting"; a longer one is itself a finding.
pub const LONGEST: usize = 8 << 20;

/// The rules, ready to be used by everyone at once.
pub struct Screen {
    rules: Vec<Arc<Rule>>,
    /// Of all rules, folded: where one of a rule about text as it is stands, it
    /// stands in folded text too, so that most texts are read once.
    folded: Anchors,
    /// Of rules about text as it is.
    raw: Anchors,
    /// What is spelt letter by letter.
    spelt: Anchors,
    folds: Arc<Folds>,
    pub(crate) lexicon: Arc<Lexicon>,
    pub(crate) hidden: Hidden,
}

/// Rules about what is not seen: about counts, not about patterns.
pub(crate) struct Hidden {
    pub(crate) tags: Arc<Rule>,
    pub(crate) overrides: Arc<Rule>,
    pub(crate) run: Arc<Rule>,
    pub(crate) commands: Arc<Rule>,
    pub(crate) exact: Arc<Rule>,
    pub(crate) too_long: Arc<Rule>,
}

impl Screen {
    /// With the rules that are built in.
    ///
    /// # Errors
    /// A file of rules is wrong, which a test of this crate excludes.
    pub fn standard() -> Result<Self, RuleError> {
        let folds = Arc::new(Folds::new());
        let (mut raw, mut rules) = (Vec::new(), Vec::new());
        for (file, text) in FILES {
            for rule in rule::parse(file, text)? {
                let compiled = Rule::compile(&rule, &folds);
                let compiled = compiled.map_err(|text| RuleError { file: file.to_owned(), text })?;
                rules.push(Arc::new(compiled));
                raw.push(rule);
            }
        }
        let lexicon = Arc::new(Lexicon::standard(folds.clone())?);
        let anchors = |form, wanted: &dyn Fn(&RawRule) -> &[String]| anchors(&raw, form, wanted, &folds);
        Ok(Self {
            hidden: Hidden::among(&rules)?,
            folded: anchors(Form::Folded, &|rule| &rule.anchors)?,
            raw: anchors(Form::Raw, &|rule| if rule.form == Form::Raw { &rule.anchors } else { &[] })?,
            spelt: anchors(Form::Folded, &|rule| &rule.spelt)?,
            rules,
            folds,
            lexicon,
        })
    }

    /// Begins an answer.
    #[must_use]
    pub fn pass(&self, policy: Policy) -> Pass<'_> {
        Pass::new(self, policy)
    }

    /// Every rule, in the order of findings.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter()
    }

    /// What the rules find in `text`.
    pub(crate) fn find(&self, place: Place, text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let read = &text[..text.floor_char_boundary(LONGEST)];
        if read.len() < text.len() {
            findings.push(Finding { rule: self.hidden.too_long.clone(), place, at: read.len()..text.len() });
        }
        let folded = self.folds.fold(read);
        if let Some(near) = self.folded.near(&folded, self.rules.len()) {
            let may_be_raw =
                self.rules.iter().zip(&near).any(|(rule, parts)| rule.form == Form::Raw && !parts.is_empty());
            let found = self.match_rules(place, Form::Folded, &folded, near);
            findings.extend(found.map(|finding| Finding { at: self.folds.unfolded(read, &finding.at), ..finding }));
            let near = if may_be_raw { self.raw.near(read, self.rules.len()) } else { None };
            findings.extend(near.into_iter().flat_map(|near| self.match_rules(place, Form::Raw, read, near)));
        }
        if spaced::may_be(folded.as_bytes()) {
            self.match_spelt(place, read, &folded, &mut findings);
        }
        findings
    }

    fn match_rules<'t>(
        &self,
        place: Place,
        form: Form,
        text: &'t str,
        near: Vec<Vec<Range<usize>>>,
    ) -> impl Iterator<Item = Finding> + use<'_, 't> {
        let rules = self.rules.iter().zip(near).filter(move |(rule, _)| rule.form == form && rule.applies(place));
        rules.filter_map(move |(rule, parts)| {
            let at = parts.into_iter().find_map(|part| rule.first_in(text, &part))?;
            Some(Finding { rule: rule.clone(), place, at })
        })
    }

    fn match_spelt(&self, place: Place, text: &str, folded: &str, findings: &mut Vec<Finding>) {
        let found = spaced::runs(folded).into_iter().find_map(|(at, letters)| Some((at, self.spelt.first(&letters)?)));
        let Some((at, rule)) = found else { return };
        let rule = self.rules[rule].clone();
        if rule.applies(place) {
            findings.push(Finding { rule, place, at: self.folds.unfolded(text, &at) });
        }
    }
}

impl Rule {
    /// Where in this part of `text` it is met first.
    fn first_in(&self, text: &str, part: &Range<usize>) -> Option<Range<usize>> {
        let text = &text[..part.end];
        self.patterns.iter().find_map(|pattern| {
            let mut from = part.start;
            while let Some(found) = pattern.find(text, from) {
                let is_innocent = |unless: &Pattern| unless.find(&text[found.clone()], 0).is_some();
                if !self.unless.as_ref().is_some_and(is_innocent) {
                    return Some(found);
                }
                // What is found is never empty: an anchor stands in it.
                from = found.end;
            }
            None
        })
    }
}

impl Hidden {
    fn among(rules: &[Arc<Rule>]) -> Result<Self, RuleError> {
        let named = |id: &str| {
            let missing = || RuleError { file: "hidden.toml".to_owned(), text: format!("{id} is missing") };
            rules.iter().find(|rule| rule.id() == id).cloned().ok_or_else(missing)
        };
        Ok(Self {
            tags: named("hidden.tags")?,
            overrides: named("hidden.override")?,
            run: named("hidden.run")?,
            commands: named("hidden.terminal-command")?,
            exact: named("hidden.exact")?,
            too_long: named("hidden.too-long")?,
        })
    }
}

fn anchors(
    raw: &[RawRule],
    form: Form,
    wanted: &dyn Fn(&RawRule) -> &[String],
    folds: &Folds,
) -> Result<Anchors, RuleError> {
    let word = |word: &String| if form == Form::Folded { folds.fold(word) } else { word.clone() };
    let of_rule = |(number, rule)| wanted(rule).iter().map(move |anchor| (word(anchor), number));
    let words: Vec<(String, usize)> = raw.iter().enumerate().flat_map(of_rule).collect();
    Anchors::new(words.iter().map(|(word, number)| (word.as_str(), *number)))
        .map_err(|error| RuleError { file: "anchors".to_owned(), text: error.to_string() })
}
